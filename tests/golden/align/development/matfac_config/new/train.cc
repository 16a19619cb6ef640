#include "model.h"

#include <algorithm>
#include <cstdio>

using std::vector;

int main() {
    Config config; //@-
    Model m; //@-
    vector<Rating> train = synthetic_ratings(config.users, config.items, 900, 1); //@22
    vector<Rating> held = synthetic_ratings(config.users, config.items, 150, 2); //@23
    std::mt19937 rng(99); //@24
    std::normal_distribution<float> init(0.f, 0.1f); //@25

    m.user_factors.assign(config.users, vector<float>(config.rank)); //@26
    m.item_factors.assign(config.items, vector<float>(config.rank)); //@27
    for (auto& row : m.user_factors) //@28
        for (auto& v : row) //@29
            v = init(rng); //@30
    for (auto& row : m.item_factors) //@31
        for (auto& v : row) //@32
            v = init(rng); //@33
    m.user_bias.assign(config.users, 0.f); //@34
    m.item_bias.assign(config.items, 0.f); //@?
    for (const auto& r : train) //@36
        m.mean += r.value; //@37
    m.mean /= train.size(); //@38

    double best = 1e9; //@-
    int bad_epochs = 0; //@-
    for (int epoch = 0; epoch < config.epochs; ++epoch) { //@39
        std::shuffle(train.begin(), train.end(), rng); //@40
        double sq = 0.0; //@41
        for (const auto& r : train) { //@42
            float e = r.value - predict(m, r.user, r.item); //@43
            sq += e * e; //@44
            vector<float>& pu = m.user_factors[r.user]; //@-
            vector<float>& qi = m.item_factors[r.item]; //@-
            m.user_bias[r.user] += config.lr * (e - config.bias_reg * m.user_bias[r.user]); //@45
            m.item_bias[r.item] += config.lr * (e - config.bias_reg * m.item_bias[r.item]); //@46
            for (int f = 0; f < config.rank; ++f) { //@47
                float p = pu[f]; //@48
                float q = qi[f]; //@49
                pu[f] += config.lr * (e * q - config.reg * p); //@50
                qi[f] += config.lr * (e * p - config.reg * q); //@51
            }
        }
        double train_rmse = std::sqrt(sq / train.size()); //@53
        double held_rmse = rmse(m, held); //@?
        std::printf("epoch %2d train %.4f held %.4f\n", epoch, train_rmse, held_rmse); //@59
        if (held_rmse < best - 1e-5) { //@-
            best = held_rmse; //@-
            bad_epochs = 0; //@-
        } else {
            ++bad_epochs; //@-
            if (bad_epochs >= config.patience) //@-
                break; //@-
        }
        config.lr *= config.decay; //@52
    }
    std::printf("best held-out rmse %.4f\n", best); //@-
    return 0; //@60
}
