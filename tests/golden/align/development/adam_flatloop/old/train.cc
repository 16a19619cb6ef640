// Polynomial regression by mini-batch Adam.
#include <algorithm>
#include <array>
#include <cmath>
#include <iomanip>
#include <iostream>
#include <numeric>
#include <random>
#include <vector>

constexpr size_t degree = 6;
using Params = std::array<double, degree>;

static Params powers(double x) {
    Params out{}; //@1
    double v = 1.0; //@2
    for (auto& o : out) { //@3
        o = v; //@4
        v *= x; //@5
    }
    return out; //@6
}

int main() {
    std::mt19937_64 engine{2024}; //@7
    std::uniform_real_distribution<double> where{-1.0, 1.0}; //@8
    std::normal_distribution<double> noise{0.0, 0.05}; //@9
    std::vector<double> x(512), y(512); //@10
    for (size_t i = 0; i < x.size(); ++i) { //@11
        x[i] = where(engine); //@12
        y[i] = std::sin(3.0 * x[i]) + noise(engine); //@13
    }

    Params theta{}, m{}, v{}; //@14
    const double alpha = 0.02, beta1 = 0.9, beta2 = 0.999; //@15
    const size_t batch = 32; //@16
    const int epochs = 40; //@-
    std::vector<size_t> order(x.size()); //@18
    std::iota(order.begin(), order.end(), size_t{0}); //@19
    long t = 0; //@20
    const long total = epochs * static_cast<long>(x.size() / batch); //@21

    for (int epoch = 0; epoch < epochs; ++epoch) { //@?
        std::shuffle(order.begin(), order.end(), engine); //@22
        double running = 0.0; //@23
        for (size_t start = 0; start < order.size(); start += batch) { //@?
            Params grad{}; //@24
            for (size_t k = start; k < start + batch; ++k) { //@25
                const auto phi = powers(x[order[k]]); //@26
                const double pred = std::inner_product(phi.begin(), phi.end(), theta.begin(), 0.0); //@27
                const double err = pred - y[order[k]]; //@28
                running += err * err; //@29
                for (size_t j = 0; j < degree; ++j) { //@30
                    grad[j] += 2.0 * err * phi[j]; //@31
                }
            }
            ++t; //@32
            const double lr = alpha * (1.0 - double(t) / total); //@33
            for (size_t j = 0; j < degree; ++j) { //@34
                const double g = grad[j] / batch; //@35
                m[j] = beta1 * m[j] + (1.0 - beta1) * g; //@36
                v[j] = beta2 * v[j] + (1.0 - beta2) * g * g; //@37
                const double mhat = m[j] / (1.0 - std::pow(beta1, t)); //@38
                const double vhat = v[j] / (1.0 - std::pow(beta2, t)); //@39
                theta[j] -= lr * mhat / (std::sqrt(vhat) + 1e-8); //@40
            }
        }
        std::cout << "epoch " << std::setw(2) << epoch << " mse " << running / x.size() << '\n'; //@41
    }
    for (double c : theta) { //@42
        std::cout << c << ' '; //@43
    }
    std::cout << '\n'; //@44
}
