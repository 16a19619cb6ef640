// Bag-of-embeddings text classifier, two embedding tables (word and bigram bucket).
#include <cmath>
#include <cstdint>
#include <iostream>
#include <random>
#include <sstream>
#include <string>
#include <unordered_map>
#include <vector>

constexpr std::size_t kBuckets = 64;
constexpr std::size_t kDim = 8;

std::unordered_map<std::string, std::size_t> vocab;
std::vector<std::vector<float>> wordTable;
std::vector<std::vector<float>> pairTable(kBuckets, std::vector<float>(kDim));

std::vector<std::size_t> tokenize(const std::string& line) {
    std::istringstream in(line); //@1
    std::string word; //@2
    std::vector<std::size_t> ids; //@3
    while (in >> word) { //@4
        auto [it, fresh] = vocab.try_emplace(word, vocab.size()); //@5
        ids.push_back(it->second); //@6
    }
    return ids; //@7
}

std::size_t bucket(std::size_t a, std::size_t b) {
    std::uint64_t h = 1469598103934665603ull; //@8
    h ^= a; //@9
    h *= 1099511628211ull; //@10
    h ^= b; //@11
    h *= 1099511628211ull; //@12
    return h % kBuckets; //@13
}

std::vector<float> embed(const std::vector<std::size_t>& ids) {
    std::vector<float> mean(kDim, 0.0f); //@14
    for (std::size_t id : ids) { //@15
        for (std::size_t d = 0; d < kDim; ++d) { //@16
            mean[d] += wordTable[id][d]; //@17
        }
    }
    for (std::size_t n = 1; n < ids.size(); ++n) { //@18
        for (std::size_t d = 0; d < kDim; ++d) { //@19
            mean[d] += pairTable[bucket(ids[n - 1], ids[n])][d]; //@20
        }
    }
    for (float& m : mean) { //@21
        m /= ids.size(); //@22
    }
    return mean; //@23
}

int main() {
    const std::vector<std::pair<std::string, int>> corpus = { //@24
        {"the film was great fun", 1}, {"a truly great cast", 1}, {"not bad at all", 1},
        {"the film was not great", 0}, {"a truly bad script", 0}, {"dull and not fun", 0},
        {"what a joy to watch", 1}, {"what a waste of time", 0},
    };
    std::vector<std::vector<std::size_t>> docs; //@25
    for (const auto& [text, label] : corpus) { //@26
        docs.push_back(tokenize(text)); //@27
    }
    std::mt19937 gen(4); //@28
    std::normal_distribution<float> normal(0.0f, 0.1f); //@29
    wordTable.assign(vocab.size(), std::vector<float>(kDim)); //@-
    for (auto& row : wordTable) { //@-
        for (float& v : row) { //@-
            v = normal(gen); //@-
        }
    }
    for (auto& row : pairTable) { //@-
        for (float& v : row) { //@-
            v = normal(gen); //@-
        }
    }
    std::vector<float> w(kDim, 0.0f); //@-
    float b = 0.0f; //@-
    const float lr = 0.3f; //@39
    for (int epoch = 0; epoch < 80; ++epoch) { //@40
        float loss = 0.0f; //@41
        for (std::size_t n = 0; n < docs.size(); ++n) { //@42
            const auto x = embed(docs[n]); //@43
            float z = b; //@44
            for (std::size_t d = 0; d < kDim; ++d) { //@45
                z += w[d] * x[d]; //@46
            }
            const float p = 1.0f / (1.0f + std::exp(-z)); //@47
            const int label = corpus[n].second; //@48
            loss -= std::log(label ? p : 1.0f - p); //@49
            const float g = lr * (p - label); //@50
            const float share = g / docs[n].size(); //@51
            for (std::size_t id : docs[n]) { //@52
                for (std::size_t d = 0; d < kDim; ++d) { //@53
                    wordTable[id][d] -= share * w[d]; //@54
                }
            }
            for (std::size_t k = 1; k < docs[n].size(); ++k) { //@55
                for (std::size_t d = 0; d < kDim; ++d) { //@56
                    pairTable[bucket(docs[n][k - 1], docs[n][k])][d] -= share * w[d]; //@57
                }
            }
            for (std::size_t d = 0; d < kDim; ++d) { //@58
                w[d] -= g * x[d]; //@59
            }
            b -= g; //@60
        }
        if (epoch % 10 == 0) { //@61
            std::cout << epoch << '\t' << loss / docs.size() << '\n'; //@62
        }
    }
}
