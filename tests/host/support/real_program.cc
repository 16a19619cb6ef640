// A training in miniature, linked with the real client: real_program [EPOCHS] [abort]
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <vector>

#include <hindsight/hindsight.h>

int main(int argc, char** argv) {
  const int epochs = argc > 1 ? std::atoi(argv[1]) : 6;
  const bool aborts = argc > 2 && std::strcmp(argv[2], "abort") == 0;
  std::mt19937 random(7);
  std::vector<double> weights(20'000);
  for (double& weight : weights) weight = std::generate_canonical<double, 53>(random);
  hindsight::log("begin", weights[0]);
  for (const int epoch :
       hindsight::loop("epoch", epochs, hindsight::named("weights", weights), hindsight::named("random", random))) {
    double loss = 0;
    for (const int step : hindsight::loop("step", 5, hindsight::named("weights", weights),
                                          hindsight::named("random", random), hindsight::named("loss", loss))) {
      weights[random() % weights.size()] += 0.25 * step;
      loss += weights[random() % weights.size()];
      hindsight::log("loss", loss);
    }
    hindsight::log("epoch_loss", loss);
    hindsight::log("draws", std::vector<unsigned>{static_cast<unsigned>(random()), static_cast<unsigned>(epoch)});
    if (aborts && epoch == epochs - 2) std::abort();
  }
  hindsight::log("text", "done");
  return 3;
}
