// The loop is left by an exception, and entered a second time.
#include <hindsight/hindsight.h>

#include <stdexcept>

namespace {

void train(double& weight, int give_up) {
  for (const int epoch : hindsight::loop("epoch", 6, hindsight::named("weight", weight))) {
    weight = weight * 0.5 + epoch;
    hindsight::log("weight", weight);
    if (epoch == give_up) throw std::runtime_error("diverged");
  }
}

}  // namespace

int main() {
  double weight = 1;
  try {
    train(weight, 3);
  } catch (const std::runtime_error&) {
    hindsight::log("gave_up", weight);
  }
  train(weight, -1);
  hindsight::log("last", weight);
  return 0;
}
