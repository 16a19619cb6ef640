#include "gmm.h"

#include <iostream>
#include <random>

void expectation(const std::vector<double>& xs, const std::vector<Component>& mix,
                 std::vector<std::vector<double>>& resp) {
    for (size_t i = 0; i < xs.size(); ++i) { //@10
        double total = 0; //@11
        for (size_t k = 0; k < mix.size(); ++k) { //@12
            resp[i][k] = mix[k].weight * gaussPdf(xs[i], mix[k]); //@13
            total += resp[i][k]; //@14
        }
        for (size_t k = 0; k < mix.size(); ++k) //@15
            resp[i][k] /= total; //@16
    }
}

void maximization(const std::vector<double>& xs, const std::vector<std::vector<double>>& resp,
                  std::vector<Component>& mix) {
    for (size_t k = 0; k < mix.size(); ++k) { //@17
        double nk = 0; //@18
        double mean = 0; //@19
        for (size_t i = 0; i < xs.size(); ++i) { //@20
            nk += resp[i][k]; //@21
            mean += resp[i][k] * xs[i]; //@22
        }
        mean /= nk; //@23
        double var = 0; //@24
        for (size_t i = 0; i < xs.size(); ++i) //@25
            var += resp[i][k] * (xs[i] - mean) * (xs[i] - mean); //@26
        var /= nk; //@27
        mix[k].weight = nk / xs.size(); //@28
        mix[k].mean = mean; //@29
        mix[k].var = var + 1e-6; //@30
    }
}

int main() {
    std::mt19937 rng(8); //@31
    std::normal_distribution<double> a(-2.0, 0.6), b(1.0, 0.9), c(4.0, 0.4); //@32
    std::vector<double> xs; //@33
    for (int i = 0; i < 300; ++i) xs.push_back(a(rng)); //@34
    for (int i = 0; i < 500; ++i) xs.push_back(b(rng)); //@35
    for (int i = 0; i < 200; ++i) xs.push_back(c(rng)); //@36

    std::vector<Component> mix; //@37
    for (int k = 0; k < 3; ++k) { //@38
        Component init; //@39
        init.weight = 1.0 / 3; //@40
        init.mean = xs[rng() % xs.size()]; //@41
        init.var = 1.0; //@42
        mix.push_back(init); //@43
    }
    std::vector<std::vector<double>> resp(xs.size(), std::vector<double>(mix.size())); //@44
    double previous = logLikelihood(xs, mix); //@45
    for (int iter = 1; iter <= 200; ++iter) { //@46
        expectation(xs, mix, resp); //@47
        maximization(xs, resp, mix); //@48
        double current = logLikelihood(xs, mix); //@49
        std::cout << iter << " " << current << "\n"; //@50
        if (current - previous < 1e-4) //@51
            break; //@52
        previous = current; //@53
    }
    for (const Component& comp : mix) //@54
        std::cout << comp.weight << " " << comp.mean << " " << comp.var << "\n"; //@55
    return 0; //@56
}
