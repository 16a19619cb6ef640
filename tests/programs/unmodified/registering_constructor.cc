// what: constructors put objects on a list of all that there are, destructors take them off
// standard: c++17
// loop: epoch
// probe: norm after 'std::printf("norm %a\n", norm);'
// expect: whole: changes 'alive.size'
#include <algorithm>
#include <cstdio>
#include <memory>
#include <vector>

namespace {

struct Neuron;
std::vector<Neuron*> alive;

struct Neuron {
  double weight = 0.5;
  Neuron() { alive.push_back(this); }
  ~Neuron() { alive.erase(std::find(alive.begin(), alive.end(), this)); }
};

}  // namespace

int main() {
  std::vector<std::unique_ptr<Neuron>> net;
  for (int epoch = 0; epoch < 12; ++epoch) {
    if (epoch % 2 == 0) net.push_back(std::make_unique<Neuron>());
    if (epoch % 5 == 4) net.erase(net.begin());
    double norm = 0;
    for (Neuron* each : alive) {
      each->weight *= 0.9;
      norm += each->weight * each->weight;
    }
    std::printf("norm %a\n", norm);
  }
}
