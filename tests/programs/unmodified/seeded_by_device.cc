// what: a generator that is seeded by std::random_device before the loop, with a seed sequence
// standard: c++17
// loop: epoch
// draws: std::random_device
// probe: error after 'std::printf("error %a\n", error);'
// expect: exact
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <functional>
#include <random>
#include <vector>

int main() {
  std::array<std::random_device::result_type, 8> entropy;
  std::random_device device;
  std::generate(entropy.begin(), entropy.end(), std::ref(device));
  std::seed_seq seeds(entropy.begin(), entropy.end());
  std::mt19937 rng(seeds);
  std::normal_distribution<double> noise(0, 0.3);

  std::vector<double> w(5);
  for (double& each : w) each = noise(rng);
  for (int epoch = 0; epoch < 8; ++epoch) {
    double error = 0;
    for (int i = 0; i < 40; ++i) {
      const double x = i * 0.05 - 1 + noise(rng) * 0.01;
      double out = 0, power = 1;
      for (double each : w) out += each * power, power *= x;
      const double miss = out - std::sin(3 * x);
      power = 1;
      for (double& each : w) each -= 0.05 * miss * power, power *= x;
      error += miss * miss;
    }
    std::printf("error %a\n", error);
  }
}
