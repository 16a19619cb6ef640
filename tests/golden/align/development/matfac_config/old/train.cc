#include "ratings.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

using std::vector;

float dot(const vector<float>& a, const vector<float>& b) {
    float s = 0.f; //@12
    for (size_t f = 0; f < a.size(); ++f) //@13
        s += a[f] * b[f]; //@14
    return s; //@15
}

int main() {
    const int users = 50, items = 40, rank = 6; //@-
    const int epochs = 60; //@-
    float lr = 0.02f; //@-
    float decay = 0.97f; //@-
    float reg = 0.05f; //@-
    float bias_reg = 0.01f; //@-

    vector<Rating> train = synthetic_ratings(users, items, 900, 1); //@22
    vector<Rating> held = synthetic_ratings(users, items, 150, 2); //@23
    std::mt19937 rng(99); //@24
    std::normal_distribution<float> init(0.f, 0.1f); //@25

    vector<vector<float>> P(users, vector<float>(rank)); //@26
    vector<vector<float>> Q(items, vector<float>(rank)); //@27
    for (auto& row : P) //@28
        for (auto& v : row) //@29
            v = init(rng); //@30
    for (auto& row : Q) //@31
        for (auto& v : row) //@32
            v = init(rng); //@33
    vector<float> bu(users, 0.f), bi(items, 0.f); //@34
    float mu = 0.f; //@-
    for (const auto& r : train) //@36
        mu += r.value; //@37
    mu /= train.size(); //@38

    for (int epoch = 0; epoch < epochs; ++epoch) { //@39
        std::shuffle(train.begin(), train.end(), rng); //@40
        double sq = 0.0; //@41
        for (const auto& r : train) { //@42
            float e = r.value - (mu + bu[r.user] + bi[r.item] + dot(P[r.user], Q[r.item])); //@43
            sq += e * e; //@44
            bu[r.user] += lr * (e - bias_reg * bu[r.user]); //@45
            bi[r.item] += lr * (e - bias_reg * bi[r.item]); //@46
            for (int f = 0; f < rank; ++f) { //@47
                float p = P[r.user][f]; //@48
                float q = Q[r.item][f]; //@49
                P[r.user][f] += lr * (e * q - reg * p); //@50
                Q[r.item][f] += lr * (e * p - reg * q); //@51
            }
        }
        lr *= decay; //@52
        double train_rmse = std::sqrt(sq / train.size()); //@53

        double sum = 0.0; //@54
        for (const auto& r : held) { //@55
            float e = r.value - (mu + bu[r.user] + bi[r.item] + dot(P[r.user], Q[r.item])); //@56
            sum += e * e; //@57
        }
        double held_rmse = std::sqrt(sum / held.size()); //@58
        std::printf("epoch %2d train %.4f held %.4f\n", epoch, train_rmse, held_rmse); //@59
    }
    return 0; //@60
}
