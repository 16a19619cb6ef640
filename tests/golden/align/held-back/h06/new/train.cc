#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <vector>

typedef std::vector<double> Vec;
typedef std::vector<Vec> Mat;

#define ARMIJO 1e-4
#define SHRINK 0.5
#define CHECK(cond, msg)                                        \
	do {                                                    \
		if (!(cond)) {                                  \
			fprintf(stderr, "check failed: %s\n", msg); \
			exit(1);                                \
		}                                               \
	} while (0)
#define LOG(...) printf(__VA_ARGS__)

struct Options
{
	int rows = 200;
	int cols = 8;
	double l2 = 0.5;
	double grad_tol = 1e-6;
	int max_iter = 100;
};

static double dot(const Vec& a, const Vec& b)
{
	CHECK(a.size() == b.size(), "dot: sizes"); //@-
	return std::inner_product(a.begin(), a.end(), b.begin(), 0.0); //@?
}

static double objective(const Mat& X, const Vec& y, const Vec& w, const Options& opt)
{
	double f = 0.5 * opt.l2 * dot(w, w); //@?
	for (size_t i = 0; i < X.size(); i++) { //@6
		double r = dot(X[i], w) - y[i]; //@7
		f += 0.5 * r * r; //@8
	}
	return f; //@10
}

static Vec gradient(const Mat& X, const Vec& y, const Vec& w, const Options& opt)
{
	Vec g(w.size()); //@11
	for (size_t j = 0; j < w.size(); j++) //@16
		g[j] = opt.l2 * w[j]; //@17
	for (size_t i = 0; i < X.size(); i++) { //@12
		double r = dot(X[i], w) - y[i]; //@13
		for (size_t j = 0; j < w.size(); j++) //@14
			g[j] += r * X[i][j]; //@15
	}
	return g; //@18
}

int main(int argc, char** argv)
{
	Options opt; //@-
	if (argc > 1) //@19
		opt.l2 = atof(argv[1]); //@20
	CHECK(opt.l2 >= 0, "lambda must not be negative"); //@21
	srand(17); //@22
	auto rnd = [] { //@-
		return 2.0 * rand() / RAND_MAX - 1.0; //@-
	};
	Vec truth(opt.cols); //@25
	std::generate(truth.begin(), truth.end(), rnd); //@?
	Mat X(opt.rows, Vec(opt.cols)); //@23
	Vec y(opt.rows); //@24
	for (int i = 0; i < opt.rows; i++) { //@28
		for (double& v : X[i]) //@29
			v = rnd(); //@30
		y[i] = dot(X[i], truth) + 0.1 * rnd(); //@31
	}
	Vec w(opt.cols); //@32
	double f = objective(X, y, w, opt); //@33
	double t = 1.0; //@40
	int iter = 0; //@-
	while (iter < opt.max_iter) { //@34
		Vec g = gradient(X, y, w, opt); //@35
		double gg = dot(g, g); //@36
		if (std::sqrt(gg) < opt.grad_tol) { //@37
			LOG("converged\n"); //@38
			break; //@39
		}
		Vec next(opt.cols); //@41
		double fnext = 0; //@42
		t = std::min(1.0, 2 * t); //@-
		for (;;) { //@43
			for (int j = 0; j < opt.cols; j++) //@44
				next[j] = w[j] - t * g[j]; //@45
			fnext = objective(X, y, next, opt); //@46
			if (fnext <= f - ARMIJO * t * gg) //@47
				break; //@48
			t *= SHRINK; //@49
			CHECK(t >= 1e-12, "line search failed"); //@50
		}
		w = next; //@53
		f = fnext; //@54
		LOG("iter %3d f %.6f |g| %.2e t %.2e\n", iter, f, std::sqrt(gg), t); //@55
		iter++; //@-
	}
	double diff = 0; //@56
	for (int j = 0; j < opt.cols; j++) //@57
		diff += (w[j] - truth[j]) * (w[j] - truth[j]); //@58
	LOG("distance to truth %.4f\n", std::sqrt(diff)); //@59
	return 0; //@60
}
