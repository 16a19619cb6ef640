// what: std::unordered_map of weights whose iteration order shows in a sum
// standard: c++17
// loop: pass
// probe: norm after 'std::printf("norm %a\n", norm);'
// expect: exact
#include <cstdio>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

// A linear chain of characters, every pair seen is a feature.
int main() {
  const std::vector<std::pair<std::string, int>> words = {{"gradient", 1}, {"descent", 1},  {"banana", -1}, {"cherry", -1},
                                                          {"momentum", 1}, {"tomato", -1}, {"learning", 1}, {"orange", -1}};
  std::unordered_map<std::string, float> weights;
  std::unordered_set<std::string> misjudged;
  for (int pass = 0; pass < 7; ++pass) {
    for (const auto& [word, label] : words) {
      float score = 0;
      for (size_t i = 0; i + 1 < word.size(); ++i) {
        const auto found = weights.find(word.substr(i, 2));
        if (found != weights.end()) score += found->second;
      }
      if (score * label > 0.3f) continue;
      misjudged.insert(word);
      for (size_t i = 0; i + 1 < word.size() && i < size_t(pass) + 2; ++i) weights[word.substr(i, 2)] += 0.1f * label / (i + 1);
    }
    for (auto& [pair, weight] : weights) weight *= 0.97f;
    float norm = 0;
    for (const auto& [pair, weight] : weights) norm = 0.9f * norm + weight * weight;
    std::printf("norm %a\n", norm);
  }
  for (const auto& word : misjudged) std::printf("%s ", word.c_str());
  std::printf("features %d\n", static_cast<int>(weights.size()));
}
