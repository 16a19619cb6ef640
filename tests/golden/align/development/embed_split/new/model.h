#pragma once
#include <cmath>
#include <random>
#include <vector>

#include "text.h"

namespace model {

constexpr std::size_t kDim = 8;
using Row = std::vector<float>;

struct Parameters {
    std::vector<Row> words, pairs;
    Row w = Row(kDim, 0.0f);
    float b = 0.0f;
};

inline void randomize(std::vector<Row>& table, std::size_t size, std::mt19937& gen) {
    std::normal_distribution<float> normal(0.0f, 0.1f); //@29
    table.assign(size, Row(kDim)); //@?
    for (auto& row : table) { //@?
        for (float& v : row) { //@?
            v = normal(gen); //@?
        }
    }
}

inline Row embed(const Parameters& p, const text::Ids& ids) {
    Row mean(kDim, 0.0f); //@14
    for (std::size_t id : ids) { //@15
        for (std::size_t d = 0; d < kDim; ++d) { //@16
            mean[d] += p.words[id][d]; //@17
        }
    }
    for (std::size_t n = 1; n < ids.size(); ++n) { //@18
        const Row& row = p.pairs[text::hashPair(ids[n - 1], ids[n])]; //@-
        for (std::size_t d = 0; d < kDim; ++d) { //@19
            mean[d] += row[d]; //@20
        }
    }
    for (float& m : mean) { //@21
        m /= 2 * ids.size() - 1; //@22
    }
    return mean; //@23
}

inline float probability(const Parameters& p, const Row& x) {
    float z = p.b; //@44
    for (std::size_t d = 0; d < kDim; ++d) { //@45
        z += p.w[d] * x[d]; //@46
    }
    return 1.0f / (1.0f + std::exp(-z)); //@47
}

inline void step(Parameters& p, const text::Ids& ids, const Row& x, float g) {
    const float share = g / (2 * ids.size() - 1); //@51
    for (std::size_t k = 1; k < ids.size(); ++k) { //@55
        Row& row = p.pairs[text::hashPair(ids[k - 1], ids[k])]; //@-
        for (std::size_t d = 0; d < kDim; ++d) { //@56
            row[d] -= share * p.w[d]; //@57
        }
    }
    for (std::size_t id : ids) { //@52
        for (std::size_t d = 0; d < kDim; ++d) { //@53
            p.words[id][d] -= share * p.w[d]; //@54
        }
    }
    for (std::size_t d = 0; d < kDim; ++d) { //@58
        p.w[d] -= g * x[d]; //@59
    }
    p.b -= g; //@60
}

}  // namespace model
