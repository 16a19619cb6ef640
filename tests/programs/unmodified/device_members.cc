// what: std::random_device as a local, a member and a global, used in every iteration; no line between the includes and the code
// standard: c++17
// loop: epoch
// draws: std::random_device
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: exact
#include <cstdio>
#include <random>
#include <vector>
struct Net {
  std::random_device device;
  std::vector<double> w = std::vector<double>(4, 0.0);
  double step() {
    std::mt19937 rng(device());
    std::uniform_real_distribution<double> change(-1, 1);
    double loss = 0;
    for (double& each : w) {
      each += 0.1 * change(rng);
      loss += each * each;
    }
    return loss;
  }
};
std::random_device global_device;
int pick(std::random_device& device, int n) { return std::uniform_int_distribution<int>(0, n - 1)(device); }
int main() {
  Net net;
  std::random_device local;
  for (int epoch = 0; epoch < 8; ++epoch) {
    double loss = net.step();
    loss += pick(local, 100) * 0.01 + static_cast<double>(global_device() % 10);
    std::printf("loss %a\n", loss);
  }
}
