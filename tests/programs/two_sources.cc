// Its step is in another source of the same compiler call.
#include <hindsight/hindsight.h>

double step(double weight, int epoch);

int main() {
  double weight = 1;
  for (const int epoch : hindsight::loop("epoch", 6, hindsight::named("weight", weight))) {
    weight = step(weight, epoch);
    hindsight::log("weight", weight);
  }
  return 0;
}
