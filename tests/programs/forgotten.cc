// `total` is summed up over the epochs, and the state of the loops leaves it out.
#include <hindsight/hindsight.h>

#include <random>

int main() {
  std::mt19937 random(7);
  double weight = 1;
  double total = 0;
  for (const int epoch : hindsight::loop("epoch", 6, hindsight::named("weight", weight), hindsight::named("random", random))) {
    for (const int step : hindsight::loop("step", 5, hindsight::named("weight", weight), hindsight::named("random", random))) {
      const double loss = weight * static_cast<double>(random() % 1000) / (1000.0 + step);
      weight += 0.1 - 0.3 * loss / (1.0 + epoch);
      total += loss;
    }
    hindsight::log("weight", weight);
  }
  hindsight::log("last_weight", weight);
  return total > 1e9 ? 1 : 0;
}
