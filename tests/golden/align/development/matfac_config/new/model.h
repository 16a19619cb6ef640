#ifndef MODEL_H
#define MODEL_H
#include "ratings.h"

#include <cmath>
#include <vector>

struct Config {
    int users = 50, items = 40, rank = 6;
    int epochs = 60;
    float lr = 0.02f, decay = 0.97f;
    float reg = 0.05f, bias_reg = 0.01f;
    int patience = 4;
};

struct Model {
    std::vector<std::vector<float>> user_factors, item_factors;
    std::vector<float> user_bias, item_bias;
    float mean = 0.f;
};

inline float dot(const std::vector<float>& a, const std::vector<float>& b) {
    float s = 0.f; //@12
    for (size_t f = 0; f < a.size(); ++f) //@13
        s += a[f] * b[f]; //@14
    return s; //@15
}

inline float predict(const Model& m, int u, int i) {
    return m.mean + m.user_bias[u] + m.item_bias[i] + dot(m.user_factors[u], m.item_factors[i]); //@?
}

inline double rmse(const Model& m, const std::vector<Rating>& set) {
    double sum = 0.0; //@54
    for (const auto& r : set) { //@55
        float e = r.value - predict(m, r.user, r.item); //@56
        sum += e * e; //@57
    }
    return std::sqrt(sum / set.size()); //@58
}
#endif
