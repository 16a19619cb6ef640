// Is killed by a signal half way.
#include <hindsight/hindsight.h>

#include <csignal>

int main() {
  double weight = 1;
  for (const int epoch : hindsight::loop("epoch", 6, hindsight::named("weight", weight))) {
    weight = weight * 0.5 + epoch;
    hindsight::log("weight", weight);
    if (epoch == 3) std::raise(SIGKILL);
  }
  return 0;
}
