#include <algorithm>
#include <cmath>
#include <cstdio>
#include <random>
#include <vector>

// Primal SVM on two blobs (Pegasos).
int main()
{
    const int N = 400, D = 5; //@1
    const double lambda = 0.01; //@-
    std::mt19937 eng(11); //@2
    std::normal_distribution<double> gauss(0.0, 1.0); //@3

    std::vector<std::vector<double>> X(N, std::vector<double>(D)); //@4
    std::vector<int> y(N); //@-
    for (int i = 0; i < N; ++i) //@6
    {
        y[i] = i % 2 ? 1 : -1; //@7
        for (int d = 0; d < D; ++d) //@8
            X[i][d] = gauss(eng) + 0.6 * y[i]; //@9
    }

    const int ntrain = N * 3 / 4; //@10
    std::vector<int> order(ntrain); //@11
    for (int i = 0; i < ntrain; ++i) //@?
        order[i] = i; //@?

    std::vector<double> w(D, 0.0); //@14
    double bias = 0.0; //@15
    long t = 0; //@16

    for (int epoch = 1; epoch <= 20; ++epoch) //@17
    {
        std::shuffle(order.begin(), order.end(), eng); //@18
        double hinge = 0.0; //@19
        for (int k = 0; k < ntrain; ++k) //@20
        {
            const int i = order[k]; //@-
            ++t; //@22
            const double eta = 1.0 / (lambda * t); //@23
            double score = bias; //@?
            for (int d = 0; d < D; ++d) //@?
                score += w[d] * X[i][d]; //@?
            const double margin = y[i] * score; //@27
            for (int d = 0; d < D; ++d) //@28
                w[d] *= 1.0 - eta * lambda; //@29
            if (margin < 1.0) //@30
            {
                for (int d = 0; d < D; ++d) //@31
                    w[d] += eta * y[i] * X[i][d]; //@32
                bias += 0.01 * y[i]; //@33
                hinge += 1.0 - margin; //@?
            }
            double norm = 0.0; //@35
            for (int d = 0; d < D; ++d) //@36
                norm += w[d] * w[d]; //@37
            const double cap = 1.0 / std::sqrt(lambda); //@38
            if (std::sqrt(norm) > cap) //@39
            {
                for (int d = 0; d < D; ++d) //@40
                    w[d] *= cap / std::sqrt(norm); //@41
            }
        }

        int correct = 0; //@?
        for (int i = ntrain; i < N; ++i) //@?
        {
            double score = bias; //@?
            for (int d = 0; d < D; ++d) //@?
                score += w[d] * X[i][d]; //@?
            if (score * y[i] > 0) //@47
                ++correct; //@-
        }
        std::printf("epoch %2d  hinge %.4f  held-out %.3f\n", epoch, hinge / ntrain, //@49
                    correct / double(N - ntrain));
    }

    std::printf("w ="); //@50
    for (int d = 0; d < D; ++d) //@51
        std::printf(" %.3f", w[d]); //@52
    std::printf("  b = %.3f\n", bias); //@53
    return 0; //@54
}
