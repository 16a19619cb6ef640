// Echo state network: prediction of the Mackey-Glass series, ridge regression readout.
#include "linalg.h"

#include <cstdio>
#include <random>

using Real = double;

static Vec<Real> mackey_glass(int count)
{
    const int tau = 17; //@2
    Vec<Real> s(count + tau, 1.2); //@3
    for (size_t t = tau; t + 1 < s.size(); t++) //@4
    {
        const Real x = s[t - tau]; //@5
        s[t + 1] = s[t] + 0.2 * x / (1.0 + std::pow(x, 10)) - 0.1 * s[t]; //@6
    }
    return Vec<Real>(s.begin() + tau, s.end()); //@8
}

// u: input, x: reservoir state
static void update(const Mat<Real> &W, const Vec<Real> &win, Real leak, Real u, Vec<Real> &x)
{
    Vec<Real> next(x.size()); //@38
    for (size_t i = 0; i < x.size(); i++) //@39
    {
        const Real a = win[i] * u + dot(W[i], x); //@40
        next[i] = (1 - leak) * x[i] + leak * std::tanh(a); //@43
    }
    x.swap(next); //@44
}

int main()
{
    std::mt19937 gen(3); //@45
    std::uniform_real_distribution<Real> uniform(-1, 1); //@-
    std::bernoulli_distribution connected(0.05); //@-
    const int n = 200, washout = 100, train = 2000, test = 300; //@46
    const Real leak = 0.6, ridge = 1e-8, rho = 0.95; //@-
    const Vec<Real> series = mackey_glass(washout + train + test + 1); //@47
    Vec<Real> win(n); //@48
    for (Real &w : win) //@-
        w = 0.5 * uniform(gen); //@51
    Mat<Real> W(n, Vec<Real>(n, 0)); //@49
    for (auto &row : W) //@50
        for (Real &w : row) //@52
            if (connected(gen)) //@53
                w = uniform(gen); //@54
    const Real scale = rho / spectral_radius(W); //@55
    for (auto &row : W) //@56
        for (Real &w : row) //@57
            w *= scale; //@58

    Vec<Real> x(n, 0); //@61
    Mat<Real> states; //@-
    Vec<Real> targets; //@-
    for (int t = 0; t < washout + train; t++) //@62
    {
        const Real u = series[t]; //@63
        update(W, win, leak, u, x); //@65
        if (t < washout) //@66
            continue; //@67
        states.push_back(x); //@-
        targets.push_back(series[t + 1]); //@?
    }

    Mat<Real> R(n, Vec<Real>(n, 0)); //@59
    for (int i = 0; i < n; i++) //@72
        R[i][i] = ridge; //@73
    Vec<Real> p(n, 0); //@60
    for (size_t k = 0; k < states.size(); k++) //@-
        for (int i = 0; i < n; i++) //@68
        {
            p[i] += states[k][i] * targets[k]; //@71
            for (int j = 0; j < n; j++) //@69
                R[i][j] += states[k][i] * states[k][j]; //@70
        }
    const Vec<Real> wout = solve(R, p); //@74

    Real train_err = 0; //@-
    for (size_t k = 0; k < states.size(); k++) //@-
    {
        const Real y = dot(wout, states[k]); //@-
        train_err += (y - targets[k]) * (y - targets[k]); //@-
    }
    Real test_err = 0; //@75
    for (int t = washout + train; t < washout + train + test; t++) //@76
    {
        const Real u = series[t]; //@77
        update(W, win, leak, u, x); //@79
        const Real d = series[t + 1]; //@78
        const Real y = dot(wout, x); //@?
        test_err += (y - d) * (y - d); //@83
    }
    std::printf("rmse train %g test %g\n", std::sqrt(train_err / train), std::sqrt(test_err / test)); //@84

    Vec<Real> free_x = x; //@-
    Real u = series[washout + train + test]; //@-
    for (int t = 0; t < 50; t++) //@-
    {
        update(W, win, leak, u, free_x); //@-
        u = dot(wout, free_x); //@-
        std::printf("%d %g\n", t, u); //@-
    }
    return 0; //@85
}
