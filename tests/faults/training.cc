// A training whose output and exit status show that nothing has disturbed it. Its journal needs room three times.
#include <hindsight/hindsight.h>

#include <cstdio>
#include <random>
#include <vector>

int main() {
  std::mt19937 random(7);
  std::vector<double> weights(20'000);
  for (int i = 0; i < 3; ++i) hindsight::log("outside", i);
  for (const int epoch : hindsight::loop("epoch", 4, hindsight::named("weights", weights), hindsight::named("random", random))) {
    double loss = 0;
    for (const int step : hindsight::loop("step", 3, hindsight::named("weights", weights), hindsight::named("random", random), hindsight::named("loss", loss))) {
      for (double& weight : weights) weight += 1e-3 * std::generate_canonical<double, 53>(random);
      // The same name several times at one place: were one of them lost, the next must not pass for it.
      for (int i = 0; i < 3; ++i) {
        loss += weights[random() % weights.size()] * (step + i);
        hindsight::log("loss", loss);
        if (i == 1) hindsight::log("weights", weights);
      }
    }
    std::printf("epoch %d: %a\n", epoch, loss);
    std::fflush(stdout);
  }
  return 7;
}
