#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

typedef std::vector<double> Vec;
typedef std::vector<Vec> Mat;

static double dot(const Vec& a, const Vec& b)
{
	double s = 0; //@-
	for (size_t i = 0; i < a.size(); i++) //@-
		s += a[i] * b[i]; //@?
	return s; //@?
}

static double objective(const Mat& X, const Vec& y, const Vec& w, double lambda)
{
	double f = 0; //@?
	for (size_t i = 0; i < X.size(); i++) { //@6
		double r = dot(X[i], w) - y[i]; //@7
		f += 0.5 * r * r; //@8
	}
	f += 0.5 * lambda * dot(w, w); //@?
	return f; //@10
}

static Vec gradient(const Mat& X, const Vec& y, const Vec& w, double lambda)
{
	Vec g(w.size()); //@11
	for (size_t i = 0; i < X.size(); i++) { //@12
		double r = dot(X[i], w) - y[i]; //@13
		for (size_t j = 0; j < w.size(); j++) //@14
			g[j] += r * X[i][j]; //@15
	}
	for (size_t j = 0; j < w.size(); j++) //@16
		g[j] += lambda * w[j]; //@17
	return g; //@18
}

int main(int argc, char** argv)
{
	int n = 200; //@-
	int d = 8; //@-
	double lambda = 0.5; //@-
	double tol = 1e-6; //@-
	int max_iter = 100; //@-
	if (argc > 1) //@19
		lambda = atof(argv[1]); //@20
	if (lambda < 0) { //@21
		fprintf(stderr, "lambda must not be negative\n"); //@-
		return 1; //@-
	}
	srand(17); //@22
	Mat X(n, Vec(d)); //@23
	Vec y(n); //@24
	Vec truth(d); //@25
	for (int j = 0; j < d; j++) //@?
		truth[j] = 2.0 * rand() / RAND_MAX - 1.0; //@?
	for (int i = 0; i < n; i++) { //@28
		for (int j = 0; j < d; j++) //@29
			X[i][j] = 2.0 * rand() / RAND_MAX - 1.0; //@30
		y[i] = dot(X[i], truth) + 0.1 * (2.0 * rand() / RAND_MAX - 1.0); //@31
	}
	Vec w(d); //@32
	double f = objective(X, y, w, lambda); //@33
	for (int iter = 0; iter < max_iter; iter++) { //@34
		Vec g = gradient(X, y, w, lambda); //@35
		double gnorm = sqrt(dot(g, g)); //@36
		if (gnorm < tol) { //@37
			printf("converged\n"); //@38
			break; //@39
		}
		double t = 1.0; //@40
		Vec trial(d); //@41
		double ftrial = 0; //@42
		while (true) { //@43
			for (int j = 0; j < d; j++) //@44
				trial[j] = w[j] - t * g[j]; //@45
			ftrial = objective(X, y, trial, lambda); //@46
			if (ftrial <= f - 0.5 * t * gnorm * gnorm) //@47
				break; //@48
			t *= 0.5; //@49
			if (t < 1e-12) { //@50
				fprintf(stderr, "line search failed\n"); //@-
				return 1; //@-
			}
		}
		w = trial; //@53
		f = ftrial; //@54
		printf("iter %3d f %.6f |g| %.2e t %.2e\n", iter, f, gnorm, t); //@55
	}
	double diff = 0; //@56
	for (int j = 0; j < d; j++) //@57
		diff += (w[j] - truth[j]) * (w[j] - truth[j]); //@58
	printf("distance to truth %.4f\n", sqrt(diff)); //@59
	return 0; //@60
}
