#pragma once
#include <cstdint>
#include <sstream>
#include <string>
#include <unordered_map>
#include <vector>

namespace text {

constexpr std::size_t kBuckets = 64;
constexpr std::uint64_t kSalt = 0x5bd1e995;

using Ids = std::vector<std::size_t>;

struct Vocabulary {
    std::unordered_map<std::string, std::size_t> index;

    Ids lookup(const std::string& sentence) {
        std::istringstream stream(sentence); //@1
        Ids ids; //@3
        std::string token; //@2
        while (stream >> token) { //@4
            auto [it, fresh] = index.try_emplace(token, index.size()); //@5
            ids.push_back(it->second); //@6
        }
        return ids; //@7
    }
};

inline std::size_t hashPair(std::size_t first, std::size_t second) {
    std::uint64_t h = 1469598103934665603ull; //@8
    h ^= kSalt; //@-
    h *= 1099511628211ull; //@-
    h ^= first; //@9
    h *= 1099511628211ull; //@10
    h ^= second; //@11
    h *= 1099511628211ull; //@12
    return h % kBuckets; //@13
}

}  // namespace text
