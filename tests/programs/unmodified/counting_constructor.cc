// what: constructors draw from rand(), count and give numbers, destructors add up, all of which starts anew at the end of each iteration
// standard: c++17
// loop: epoch
// probe: out after 'std::printf("out %a\n", out);'
// expect: exact
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

namespace {

int made = 0;
double gone = 0;

struct Neuron {
  double weight = std::rand() / (RAND_MAX + 1.0);
  int number = ++made;
  Neuron() = default;
  Neuron(const Neuron&) = delete;
  ~Neuron() { gone += weight; }
};

}  // namespace

int main() {
  std::srand(3);
  std::vector<std::unique_ptr<Neuron>> hidden;
  std::vector<std::shared_ptr<Neuron>> output(2);
  double rate = 1;
  for (int epoch = 0; epoch < 12; ++epoch) {
    const double out = rate + made + 10 * gone + std::rand() / (RAND_MAX + 1.0);
    if (epoch % 2 == 0) hidden.push_back(std::make_unique<Neuron>());
    if (epoch % 5 == 3) hidden.erase(hidden.begin());
    output[epoch % 2] = std::make_shared<Neuron>();
    for (auto& each : hidden) each->weight *= 0.9;
    rate = 0.9 * rate + 0.01 * hidden.back()->weight + 0.001 * output[epoch % 2]->number;
    std::printf("out %a\n", out);
    made = 0;
    gone = 0;
    std::srand(static_cast<unsigned>(epoch) + 2);
  }
}
