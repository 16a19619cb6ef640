#ifndef RATINGS_H
#define RATINGS_H
#include <random>
#include <vector>

struct Rating {
    int user, item;
    float value;
};

inline std::vector<Rating> synthetic_ratings(int users, int items, int count, unsigned seed) {
    std::mt19937 rng(seed); //@1
    std::uniform_int_distribution<int> pick_user(0, users - 1); //@2
    std::uniform_int_distribution<int> pick_item(0, items - 1); //@3
    std::normal_distribution<float> jitter(0.f, 0.3f); //@4
    std::vector<Rating> out; //@5
    for (int k = 0; k < count; ++k) { //@6
        int u = pick_user(rng); //@7
        int i = pick_item(rng); //@8
        float v = 3.f + ((u * 7 + i * 3) % 5 - 2) * 0.6f + jitter(rng); //@9
        out.push_back({u, i, v}); //@10
    }
    return out; //@11
}
#endif
