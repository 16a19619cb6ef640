#pragma once
#include <cmath>
#include <vector>

namespace mixture {

template <typename T>
struct Component {
    T weight, mean, var;
};

template <typename T>
using Table = std::vector<std::vector<T>>;

template <typename T>
T logDensity(T x, const Component<T>& c) {
    const T d = x - c.mean; //@1
    return T(-0.5) * (d * d / c.var + std::log(T(2 * M_PI) * c.var)); //@2
}

template <typename T>
void mStep(const std::vector<T>& data, const Table<T>& gamma, std::vector<Component<T>>& comps) {
    for (size_t k = 0; k < comps.size(); ++k) { //@17
        T mass = 0; //@18
        T mu = 0; //@19
        for (size_t n = 0; n < data.size(); ++n) { //@20
            mass += gamma[n][k]; //@21
            mu += gamma[n][k] * data[n]; //@22
        }
        mu /= mass; //@23
        T spread = 0; //@24
        for (size_t n = 0; n < data.size(); ++n) //@25
            spread += gamma[n][k] * (data[n] - mu) * (data[n] - mu); //@26
        spread /= mass; //@27
        comps[k].weight = mass / data.size(); //@28
        comps[k].mean = mu; //@29
        comps[k].var = spread + T(1e-6); //@30
    }
}

template <typename T>
void eStep(const std::vector<T>& data, const std::vector<Component<T>>& comps, Table<T>& gamma) {
    for (size_t n = 0; n < data.size(); ++n) { //@10
        T norm = 0; //@11
        for (size_t k = 0; k < comps.size(); ++k) { //@12
            gamma[n][k] = comps[k].weight * std::exp(logDensity(data[n], comps[k])); //@13
            norm += gamma[n][k]; //@14
        }
        for (size_t k = 0; k < comps.size(); ++k) //@15
            gamma[n][k] /= norm; //@16
    }
}

template <typename T>
T logLikelihood(const std::vector<T>& data, const std::vector<Component<T>>& comps) {
    T ll = 0; //@3
    for (T x : data) { //@4
        T norm = 0; //@5
        for (const auto& c : comps) //@6
            norm += c.weight * std::exp(logDensity(x, c)); //@7
        ll += std::log(norm); //@8
    }
    return ll / data.size(); //@9
}

}  // namespace mixture
