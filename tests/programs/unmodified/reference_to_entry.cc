// what: a reference to an entry of a map, whose key is constant, is read in the loop that changes the map's values
// standard: c++17
// loop: epoch
// probe: out after 'std::printf("out %a\n", out);'
// expect: exact
#include <cstdio>
#include <map>
#include <string>
#include <vector>

int main() {
  std::map<std::string, std::vector<double>> parameters = {{"weight", {1, 2}}, {"bias", {0.5}}};
  auto& weight = parameters["weight"];
  auto&& entry = *parameters.begin();
  for (int epoch = 0; epoch < 12; ++epoch) {
    weight[0] *= 0.9;
    weight[1] -= 0.1 * weight[0] * entry.second[0];
    const double out = weight[0] + weight[1] * static_cast<double>(entry.first.size());
    std::printf("out %a\n", out);
  }
}
