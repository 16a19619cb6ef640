// Leaves with exit status 3 half way.
#include <hindsight/hindsight.h>

#include <cstdlib>

int main() {
  double weight = 1;
  for (const int epoch : hindsight::loop("epoch", 6, hindsight::named("weight", weight))) {
    weight = weight * 0.5 + epoch;
    hindsight::log("weight", weight);
    if (epoch == 3) std::exit(3);
  }
  return 0;
}
