#pragma once
#include <cmath>
#include <vector>

struct Component {
    double weight, mean, var;
};

inline double gaussPdf(double x, const Component& c) {
    double d = x - c.mean; //@1
    return std::exp(-0.5 * d * d / c.var) / std::sqrt(2 * M_PI * c.var); //@2
}

inline double logLikelihood(const std::vector<double>& xs, const std::vector<Component>& mix) {
    double ll = 0; //@3
    for (double x : xs) { //@4
        double total = 0; //@5
        for (const Component& c : mix) //@6
            total += c.weight * gaussPdf(x, c); //@7
        ll += std::log(total); //@8
    }
    return ll; //@9
}
