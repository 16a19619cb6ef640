#pragma once
#include <cmath>
#include <utility>
#include <vector>

template <typename Real>
using Vec = std::vector<Real>;
template <typename Real>
using Mat = std::vector<Vec<Real>>;

template <typename Real>
Real dot(const Vec<Real> &a, const Vec<Real> &b)
{
    Real s = 0; //@-
    for (size_t i = 0; i < a.size(); i++) //@-
        s += a[i] * b[i]; //@-
    return s; //@-
}

template <typename Real>
Real spectral_radius(const Mat<Real> &W)
{
    const int n = W.size(); //@9
    Vec<Real> y(n, Real(1)), x(n); //@10
    Real radius = 0; //@11
    for (int it = 0; it < 200; it++) //@12
    {
        for (int i = 0; i < n; i++) //@14
            x[i] = dot(W[i], y); //@?
        radius = std::sqrt(dot(x, x)); //@19
        for (int i = 0; i < n; i++) //@20
            y[i] = x[i] / radius; //@21
    }
    return radius; //@22
}

// Solves A w = b by Gauss elimination with partial pivoting.
template <typename Real>
Vec<Real> solve(Mat<Real> A, Vec<Real> b)
{
    const int n = b.size(); //@23
    for (int k = 0; k < n; k++) //@24
    {
        int p = k; //@-
        for (int i = k + 1; i < n; i++) //@-
            if (std::abs(A[i][k]) > std::abs(A[p][k])) //@-
                p = i; //@-
        std::swap(A[k], A[p]); //@-
        std::swap(b[k], b[p]); //@-
        for (int i = k + 1; i < n; i++) //@25
        {
            const Real s = A[i][k] / A[k][k]; //@26
            for (int j = k; j < n; j++) //@27
                A[i][j] -= s * A[k][j]; //@28
            b[i] -= s * b[k]; //@29
        }
    }
    for (int i = n - 1; i >= 0; i--) //@31
    {
        for (int j = i + 1; j < n; j++) //@33
            b[i] -= A[i][j] * b[j]; //@34
        b[i] /= A[i][i]; //@35
    }
    return b; //@36
}
