// Gaussian process regression, hyperparameters by numeric gradient ascent.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <random>

template <typename T>
struct Regressor {
    int count = 0;
    std::unique_ptr<T[]> xs, ys;
    std::unique_ptr<T[]> gram, chol;
    std::unique_ptr<T[]> dual;
    T scale, amplitude, jitter;
};

template <typename T>
T rbf(const Regressor<T>& r, T a, T b) {
    const T d = a - b; //@1
    return r.amplitude * r.amplitude * std::exp(-d * d / (2 * r.scale * r.scale)); //@2
}

template <typename T>
std::unique_ptr<Regressor<T>> make_regressor(int count) {
    auto r = std::make_unique<Regressor<T>>(); //@3
    r->count = count; //@4
    r->xs = std::make_unique<T[]>(count); //@5
    r->ys = std::make_unique<T[]>(count); //@6
    r->gram = std::make_unique<T[]>(count * count); //@7
    r->chol = std::make_unique<T[]>(count * count); //@8
    r->dual = std::make_unique<T[]>(count); //@9
    r->amplitude = T(1); //@11
    r->scale = T(1); //@10
    r->jitter = T(0.1); //@12
    return r; //@13
}

template <typename T>
bool factorise(const T* A, T* L, int n) {
    std::fill(L, L + n * n, T(0)); //@20
    for (int i = 0; i < n; i++) { //@21
        for (int j = 0; j < i; j++) { //@22
            T s = A[i * n + j]; //@23
            for (int k = 0; k < j; k++) s -= L[i * n + k] * L[j * n + k]; //@24
            L[i * n + j] = s / L[j * n + j]; //@27
        }
        T diag = A[i * n + i]; //@-
        for (int k = 0; k < i; k++) diag -= L[i * n + k] * L[i * n + k]; //@-
        if (diag <= T(0)) { //@-
            return false; //@-
        }
        L[i * n + i] = std::sqrt(diag); //@26
    }
    return true; //@-
}

template <typename T>
void solve_lower(const T* L, const T* rhs, T* z, int n) {
    for (int i = 0; i < n; i++) { //@34
        T s = rhs[i]; //@35
        for (int k = 0; k < i; k++) s -= L[i * n + k] * z[k]; //@36
        z[i] = s / L[i * n + i]; //@37
    }
}

template <typename T>
void solve_lower_transposed(const T* L, T* z, int n) {
    for (int i = n - 1; i >= 0; i--) { //@38
        T s = z[i]; //@39
        for (int k = i + 1; k < n; k++) s -= L[k * n + i] * z[k]; //@40
        z[i] = s / L[i * n + i]; //@41
    }
}

template <typename T>
T evidence(Regressor<T>& r) {
    const int n = r.count; //@28
    for (int i = 0; i < n; i++) { //@29
        for (int j = 0; j < n; j++) { //@30
            r.gram[i * n + j] = rbf(r, r.xs[i], r.xs[j]); //@31
        }
        r.gram[i * n + i] += r.jitter * r.jitter; //@32
    }
    if (!factorise(r.gram.get(), r.chol.get(), n)) { //@33
        return T(-1e30); //@-
    }
    solve_lower(r.chol.get(), r.ys.get(), r.dual.get(), n); //@-
    solve_lower_transposed(r.chol.get(), r.dual.get(), n); //@-
    T out = T(-0.5) * n * std::log(2 * T(3.14159265358979)); //@42
    for (int i = 0; i < n; i++) { //@43
        out -= std::log(r.chol[i * n + i]); //@45
        out -= T(0.5) * r.ys[i] * r.dual[i]; //@44
    }
    return out; //@46
}

template <typename T>
T posterior_mean(const Regressor<T>& r, T at) {
    T m = 0; //@47
    for (int i = 0; i < r.count; i++) { //@48
        m += rbf(r, at, r.xs[i]) * r.dual[i]; //@49
    }
    return m; //@50
}

int main() {
    auto r = make_regressor<double>(25); //@51
    std::mt19937 gen(4); //@52
    std::uniform_real_distribution<double> wobble(-0.05, 0.05); //@-
    for (int i = 0; i < r->count; i++) { //@53
        r->xs[i] = 0.25 * i; //@54
        r->ys[i] = std::sin(r->xs[i]) + wobble(gen); //@55
    }
    const double delta = 1e-4; //@56
    double step = 0.01; //@57
    for (int it = 0; it < 60; it++) { //@58
        double* knobs[3] = {&r->scale, &r->amplitude, &r->jitter}; //@60
        double slope[3]; //@61
        for (int p = 0; p < 3; p++) { //@62
            const double saved = *knobs[p]; //@63
            *knobs[p] = saved * std::exp(-delta); //@-
            const double lo = evidence(*r); //@?
            *knobs[p] = saved * std::exp(delta); //@64
            slope[p] = (evidence(*r) - lo) / (2 * delta); //@65
            *knobs[p] = saved; //@66
        }
        if (it % 10 == 0) { //@69
            printf("it %d loglik %f scale %f amp %f jitter %f\n", it, evidence(*r), r->scale, //@70
                   r->amplitude, r->jitter);
        }
        for (int p = 0; p < 3; p++) { //@67
            *knobs[p] *= std::exp(step * std::tanh(slope[p])); //@68
        }
    }
    printf("final loglik %f\n", evidence(*r)); //@71
    double mse = 0; //@72
    for (int i = 0; i < 20; i++) { //@73
        const double at = 0.1 + 0.3 * i; //@74
        const double e = posterior_mean(*r, at) - std::sin(at); //@75
        mse += e * e / 20; //@76
    }
    printf("mse %f\n", mse); //@77
    return 0; //@79
}
