#include "gmm.h"

#include <iostream>
#include <random>

using Scalar = float;

int main() {
    std::mt19937 rng(8); //@31
    std::normal_distribution<Scalar> a(-2.0, 0.6), b(1.0, 0.9), c(4.0, 0.4); //@32
    std::vector<Scalar> xs; //@33
    for (int i = 0; i < 300; ++i) xs.push_back(a(rng)); //@34
    for (int i = 0; i < 500; ++i) xs.push_back(b(rng)); //@35
    for (int i = 0; i < 200; ++i) xs.push_back(c(rng)); //@36

    std::vector<mixture::Component<Scalar>> mix; //@37
    for (int k = 0; k < 3; ++k) { //@38
        mixture::Component<Scalar> init; //@39
        init.weight = Scalar(1) / 3; //@40
        init.mean = xs[rng() % xs.size()]; //@41
        init.var = 1; //@42
        mix.push_back(init); //@43
    }
    mixture::Table<Scalar> resp(xs.size(), std::vector<Scalar>(mix.size())); //@44
    Scalar previous = mixture::logLikelihood(xs, mix); //@45
    for (int iter = 1; iter <= 200; ++iter) { //@46
        mixture::eStep(xs, mix, resp); //@47
        mixture::mStep(xs, resp, mix); //@48
        Scalar current = mixture::logLikelihood(xs, mix); //@49
        if (iter % 10 == 0) //@-
            std::cout << iter << " " << current << "\n"; //@50
        if (current - previous < Scalar(1e-6)) //@51
            break; //@52
        previous = current; //@53
    }
    for (const auto& comp : mix) //@54
        std::cout << comp.weight << " " << comp.mean << " " << comp.var << "\n"; //@55
    return 0; //@56
}
