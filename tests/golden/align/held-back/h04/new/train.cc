#include <algorithm>
#include <cstdio>
#include <numeric>
#include <random>
#include <vector>

#include "pegasos.h"

static std::vector<Sample> make_blobs(int count, int dim, std::mt19937& eng)
{
    std::normal_distribution<double> gauss(0.0, 1.0); //@3
    std::vector<Sample> all(count); //@4
    for (int i = 0; i < count; ++i) //@6
    {
        Sample& s = all[i]; //@-
        s.label = i % 2 ? 1 : -1; //@7
        s.x.resize(dim); //@-
        for (double& v : s.x) //@8
            v = gauss(eng) + 0.6 * s.label; //@9
    }
    return all; //@-
}

// Primal SVM on two blobs (Pegasos).
int main()
{
    const int N = 400, D = 5; //@1
    std::mt19937 eng(11); //@2
    const std::vector<Sample> all = make_blobs(N, D, eng); //@-

    const int ntrain = N * 3 / 4; //@10
    std::vector<int> order(ntrain); //@11
    std::iota(order.begin(), order.end(), 0); //@?

    Pegasos svm(D, 0.01); //@-
    for (int epoch = 1; epoch <= 20; ++epoch) //@17
    {
        std::shuffle(order.begin(), order.end(), eng); //@18
        double total = 0.0; //@19
        for (int i : order) //@20
            total += svm.step(all[i]); //@?

        const auto right = std::count_if(all.begin() + ntrain, all.end(), [&](const Sample& s) { //@?
            return svm.decision(s) * s.label > 0; //@47
        });
        std::printf("epoch %2d  hinge %.4f  held-out %.3f\n", epoch, total / ntrain, //@49
                    right / double(N - ntrain));
    }

    svm.dump(); //@-
    return 0; //@54
}
