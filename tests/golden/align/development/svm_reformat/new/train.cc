#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

// Pegasos: linear SVM by stochastic sub-gradient steps
struct Ex { std::vector<double> f; int t; };
using Set = std::vector<Ex>;

static void generate(Set &v, int n) {
    for (int i = 0; i < n; ++i) { //@5
        Ex e; //@6
        e.t = rand() % 2 ? -1 : 1; //@7
        for (int j = 0; j < 5; ++j) { //@9
            auto r = double(rand()) / RAND_MAX; //@10
            e.f.push_back(r - 0.5 + 0.2 * e.t); //@11
        }
        e.f.push_back(1.0); //@12
        v.push_back(e); //@13
    }
}

static double inner(const std::vector<double> &a, const std::vector<double> &b) {
    auto r = 0.0; //@1
    for (auto i = 0u; i < a.size(); ++i) { //@2
        r += a[i] * b[i]; //@3
    }
    return r; //@4
}

static double errorRate(const Set &v, const std::vector<double> &w) {
    int bad = 0; //@14
    for (const auto &e : v) { //@15
        bad += inner(w, e.f) * e.t <= 0.0; //@17
    }
    return double(bad) / v.size(); //@18
}

int main() {
    constexpr double lambda = 0.01; //@22
    std::vector<double> w(6, 0.0); //@21
    Set train, test; //@19
    generate(train, 500); //@25
    generate(test, 200); //@26

    const double limit = 1.0 / std::sqrt(lambda); //@37
    std::vector<double> mean(6, 0.0); //@-
    for (int t = 1; t <= 5000; ++t) { //@27
        const auto &e = train[rand() % train.size()]; //@28
        const auto margin = e.t * inner(w, e.f); //@30
        const auto eta = 1.0 / (lambda * t); //@29
        for (auto &x : w) { //@31
            x *= 1.0 - eta * lambda; //@32
        }
        if (margin < 1.0) { //@33
            for (auto j = 0u; j < w.size(); ++j) { //@34
                w[j] += eta * e.t * e.f[j]; //@35
            }
        }
        const auto norm = std::sqrt(inner(w, w)); //@36
        if (norm > limit) { //@38
            for (auto &x : w) { //@39
                x *= limit / norm; //@40
            }
        }
        for (auto j = 0u; j < w.size(); ++j) { //@-
            mean[j] += (w[j] - mean[j]) / t; //@-
        }
        if (t % 500) continue; //@41
        const auto tr = errorRate(train, w); //@42
        const auto te = errorRate(test, w); //@43
        printf("t=%d train=%.3f test=%.3f\n", t, tr, te); //@47
    }
    printf("averaged test error %.3f\n", errorRate(test, mean)); //@?
    return 0; //@49
}
