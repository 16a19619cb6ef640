// Baum-Welch re-estimation of a discrete hidden Markov model (occasionally dishonest casino).
#include <cmath>
#include <cstdio>
#include <cstdlib>

#define N 3
#define M 6
#define T 800

double a[N][N], b[N][M], pi[N];
double alpha[T][N], beta[T][N], scale[T];
double gam[T][N], xi[T][N][N];
int obs[T];

double frand()
{
	return (double)rand() / RAND_MAX; //@-
}

void normalize(double *p, int n)
{
	double sum = 0; //@?
	for (int i = 0; i < n; i++) //@?
		sum += p[i]; //@-
	for (int i = 0; i < n; i++) //@1
		p[i] /= sum; //@2
}

void generate()
{
	int state = 0; //@3
	for (int t = 0; t < T; t++) { //@4
		if (frand() < 0.05) //@5
			state = rand() % N; //@6
		if (state > 0 && frand() < 0.6) //@7
			obs[t] = state == 1 ? M - 1 : 0; //@8
		else
			obs[t] = rand() % M; //@9
	}
}

void randomModel()
{
	for (int i = 0; i < N; i++) { //@10
		pi[i] = 0.5 + frand(); //@11
		for (int j = 0; j < N; j++) //@12
			a[i][j] = (i == j ? 5.0 : 0.0) + frand(); //@13
		for (int k = 0; k < M; k++) //@14
			b[i][k] = 0.5 + frand(); //@15
		normalize(a[i], N); //@16
		normalize(b[i], M); //@17
	}
	normalize(pi, N); //@18
}

double forward()
{
	double ll; //@65
	scale[0] = 0; //@?
	for (int i = 0; i < N; i++) { //@-
		alpha[0][i] = pi[i] * b[i][obs[0]]; //@21
		scale[0] += alpha[0][i]; //@-
	}
	for (int i = 0; i < N; i++) //@-
		alpha[0][i] /= scale[0]; //@-
	ll = log(scale[0]); //@-
	for (int t = 1; t < T; t++) { //@22
		scale[t] = 0; //@-
		for (int j = 0; j < N; j++) { //@23
			double s = 0; //@24
			for (int i = 0; i < N; i++) //@25
				s += alpha[t - 1][i] * a[i][j]; //@26
			alpha[t][j] = s * b[j][obs[t]]; //@27
			scale[t] += alpha[t][j]; //@28
		}
		for (int j = 0; j < N; j++) //@29
			alpha[t][j] /= scale[t]; //@30
		ll += log(scale[t]); //@31
	}
	return ll; //@32
}

void backward()
{
	for (int i = 0; i < N; i++) //@?
		beta[T - 1][i] = 1; //@?
	for (int t = T - 2; t >= 0; t--) //@35
		for (int i = 0; i < N; i++) { //@36
			double s = 0; //@37
			for (int j = 0; j < N; j++) //@38
				s += a[i][j] * b[j][obs[t + 1]] * beta[t + 1][j]; //@39
			beta[t][i] = s / scale[t + 1]; //@40
		}
}

void posteriors()
{
	for (int t = 0; t < T; t++) //@41
		for (int i = 0; i < N; i++) //@42
			gam[t][i] = alpha[t][i] * beta[t][i]; //@43
	for (int t = 0; t < T - 1; t++) //@-
		for (int i = 0; i < N; i++) //@-
			for (int j = 0; j < N; j++) //@44
				xi[t][i][j] = alpha[t][i] * a[i][j] * b[j][obs[t + 1]] * beta[t + 1][j] / scale[t + 1]; //@45
}

void reestimate()
{
	for (int i = 0; i < N; i++) { //@46
		pi[i] = gam[0][i]; //@?
		double den = 0; //@-
		for (int t = 0; t < T - 1; t++) //@-
			den += gam[t][i]; //@-
		for (int j = 0; j < N; j++) { //@?
			double num = 0; //@-
			for (int t = 0; t < T - 1; t++) //@-
				num += xi[t][i][j]; //@?
			a[i][j] = num / den; //@?
		}
		den += gam[T - 1][i]; //@-
		for (int k = 0; k < M; k++) { //@?
			double num = 0; //@-
			for (int t = 0; t < T; t++) //@-
				if (obs[t] == k) //@-
					num += gam[t][i]; //@47
			b[i][k] = num / den; //@?
		}
	}
}

int main()
{
	srand(7); //@48
	generate(); //@49
	randomModel(); //@50
	double last = -1e300; //@51
	for (int it = 0; it < 200; it++) { //@52
		double ll = forward(); //@53
		backward(); //@54
		posteriors(); //@66
		reestimate(); //@55
		printf("%d %f\n", it, ll); //@56
		if (ll - last < 1e-4) //@57
			break; //@58
		last = ll; //@59
	}
	for (int i = 0; i < N; i++) { //@60
		for (int k = 0; k < M; k++) //@61
			printf("%.3f ", b[i][k]); //@62
		printf("\n"); //@63
	}
	return 0; //@64
}
