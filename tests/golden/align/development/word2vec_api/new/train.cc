// skip-gram with negative sampling over a generated token stream
#include <algorithm>
#include <cmath>
#include <iomanip>
#include <iostream>
#include <memory>
#include <random>
#include <vector>

constexpr int kVocab = 60;
constexpr int kDim = 12;
constexpr int kTokens = 3000;
constexpr int kWindow = 2;
constexpr int kNegatives = 4;

std::vector<int> make_corpus(std::vector<int>& counts, std::mt19937& rng) {
    std::vector<int> corpus; //@-
    corpus.reserve(kTokens); //@-
    std::bernoulli_distribution follow(0.7); //@-
    std::uniform_int_distribution<int> any(0, kVocab - 1); //@-
    int cur = 0; //@1
    counts.assign(kVocab, 0); //@2
    for (int i = 0; i < kTokens; i++) { //@3
        if (follow(rng)) { //@4
            cur = (cur + 1) % kVocab; //@5
        } else {
            cur = any(rng); //@6
        }
        corpus.push_back(cur); //@7
        counts[cur]++; //@8
    }
    return corpus; //@-
}

std::discrete_distribution<int> make_sampler(const std::vector<int>& counts) {
    std::vector<double> weights; //@-
    for (int c : counts) { //@10
        weights.push_back(std::pow(c, 0.75)); //@11
    }
    return std::discrete_distribution<int>(weights.begin(), weights.end()); //@-
}

int main() {
    std::mt19937 rng(1); //@19
    std::vector<int> counts; //@-
    const std::vector<int> corpus = make_corpus(counts, rng); //@20
    auto sampler = make_sampler(counts); //@21
    std::unique_ptr<float[]> in(new float[kVocab * kDim]); //@22
    std::unique_ptr<float[]> out(new float[kVocab * kDim]); //@23
    std::vector<float> grad(kDim); //@24
    std::uniform_real_distribution<float> init(-0.5f / kDim, 0.5f / kDim); //@-
    for (int i = 0; i < kVocab * kDim; i++) { //@28
        in[i] = init(rng); //@29
        out[i] = 0.0f; //@30
    }
    float lr = 0.05f; //@31
    for (int epoch = 0; epoch < 10; epoch++) { //@32
        double loss = 0; //@33
        long pairs = 0; //@34
        for (int i = 0; i < kTokens; i++) { //@35
            const int lo = std::max(0, i - kWindow); //@-
            const int hi = std::min(kTokens - 1, i + kWindow); //@-
            for (int j = lo; j <= hi; j++) { //@36
                if (j == i) continue; //@37
                float* u = in.get() + corpus[i] * kDim; //@38
                std::fill(grad.begin(), grad.end(), 0.0f); //@39
                for (int k = 0; k <= kNegatives; k++) { //@40
                    const int word = k == 0 ? corpus[j] : sampler(rng); //@41
                    const float label = k == 0 ? 1.0f : 0.0f; //@42
                    float* v = out.get() + word * kDim; //@43
                    float s = 0; //@44
                    for (int d = 0; d < kDim; d++) s += u[d] * v[d]; //@45
                    const float p = 1.0f / (1.0f + std::exp(-s)); //@46
                    loss -= std::log(label > 0 ? p + 1e-7f : 1 - p + 1e-7f); //@47
                    const float g = lr * (label - p); //@48
                    for (int d = 0; d < kDim; d++) { //@49
                        grad[d] += g * v[d]; //@50
                        v[d] += g * u[d]; //@51
                    }
                }
                for (int d = 0; d < kDim; d++) u[d] += grad[d]; //@52
                pairs++; //@53
            }
        }
        std::cout << "epoch " << epoch << " loss " << std::fixed << std::setprecision(4) << loss / pairs << '\n'; //@55
        lr = std::max(lr * 0.9f, 0.001f); //@54
    }
    return 0; //@59
}
