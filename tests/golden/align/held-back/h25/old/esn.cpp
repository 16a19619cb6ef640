// Echo state network: one step ahead prediction of the Mackey-Glass series, ridge regression readout.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

typedef std::vector<double> Vec;
typedef std::vector<Vec> Mat;

double rnd()
{
    return 2.0 * rand() / RAND_MAX - 1.0; //@-
}

Vec mackey_glass(int count)
{
    const int tau = 17; //@2
    Vec x(count + tau, 1.2); //@3
    for (size_t t = tau; t + 1 < x.size(); t++) //@4
    {
        double delayed = x[t - tau]; //@5
        x[t + 1] = x[t] + 0.2 * delayed / (1.0 + pow(delayed, 10)) - 0.1 * x[t]; //@6
    }
    x.erase(x.begin(), x.begin() + tau); //@-
    return x; //@8
}

double spectral_radius(const Mat &W)
{
    const int n = W.size(); //@9
    Vec x(n, 1.0), y(n); //@10
    double radius = 0; //@11
    for (int it = 0; it < 100; it++) //@12
    {
        double norm = 0; //@-
        for (int i = 0; i < n; i++) //@14
        {
            y[i] = 0; //@?
            for (int j = 0; j < n; j++) //@?
                y[i] += W[i][j] * x[j]; //@?
            norm += y[i] * y[i]; //@-
        }
        radius = sqrt(norm); //@19
        for (int i = 0; i < n; i++) //@20
            x[i] = y[i] / radius; //@21
    }
    return radius; //@22
}

// Solves A w = b by Gauss elimination.
Vec solve(Mat A, Vec b)
{
    const int n = b.size(); //@23
    for (int k = 0; k < n; k++) //@24
        for (int i = k + 1; i < n; i++) //@25
        {
            double f = A[i][k] / A[k][k]; //@26
            for (int j = k; j < n; j++) //@27
                A[i][j] -= f * A[k][j]; //@28
            b[i] -= f * b[k]; //@29
        }
    Vec w(n); //@-
    for (int i = n - 1; i >= 0; i--) //@31
    {
        double s = b[i]; //@-
        for (int j = i + 1; j < n; j++) //@33
            s -= A[i][j] * w[j]; //@34
        w[i] = s / A[i][i]; //@35
    }
    return w; //@36
}

// x: input, u: reservoir units
void update(const Mat &W, const Vec &win, Vec &u, double x)
{
    const int n = u.size(); //@-
    Vec v(n); //@38
    for (int i = 0; i < n; i++) //@39
    {
        double s = win[i] * x; //@40
        for (int j = 0; j < n; j++) //@?
            s += W[i][j] * u[j]; //@?
        v[i] = tanh(s); //@43
    }
    u = v; //@44
}

int main()
{
    srand(3); //@45
    const int n = 100, washout = 100, train = 1000, test = 300; //@46
    Vec series = mackey_glass(washout + train + test + 1); //@47
    Vec win(n); //@48
    Mat W(n, Vec(n, 0.0)); //@49
    for (int i = 0; i < n; i++) //@50
    {
        win[i] = 0.5 * rnd(); //@51
        for (int j = 0; j < n; j++) //@52
            if (rand() % 10 == 0) //@53
                W[i][j] = rnd(); //@54
    }
    double radius = spectral_radius(W); //@55
    for (int i = 0; i < n; i++) //@56
        for (int j = 0; j < n; j++) //@57
            W[i][j] *= 0.9 / radius; //@58

    Mat R(n, Vec(n, 0.0)); //@59
    Vec p(n, 0.0); //@60
    Vec u(n, 0.0); //@61
    for (int t = 0; t < washout + train; t++) //@62
    {
        double x = series[t]; //@63
        double y = series[t + 1]; //@?
        update(W, win, u, x); //@65
        if (t < washout) //@66
            continue; //@67
        for (int i = 0; i < n; i++) //@68
        {
            for (int j = 0; j < n; j++) //@69
                R[i][j] += u[i] * u[j]; //@70
            p[i] += u[i] * y; //@71
        }
    }
    for (int i = 0; i < n; i++) //@72
        R[i][i] += 1e-6; //@73
    Vec wout = solve(R, p); //@74

    double err = 0; //@75
    for (int t = washout + train; t < washout + train + test; t++) //@76
    {
        double x = series[t]; //@77
        double y = series[t + 1]; //@78
        update(W, win, u, x); //@79
        double out = 0; //@?
        for (int i = 0; i < n; i++) //@?
            out += wout[i] * u[i]; //@?
        err += (out - y) * (out - y); //@83
    }
    printf("rmse %g\n", sqrt(err / test)); //@84
    return 0; //@85
}
