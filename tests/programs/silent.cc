// Logs nothing, and its loop has no state: nothing that happens in it can be compared with anything.
#include <hindsight/hindsight.h>

int main() {
  double weight = 1;
  for (const int epoch : hindsight::loop("epoch", 4)) {
    weight = weight * 0.5 + epoch;
  }
  return weight > 100 ? 1 : 0;
}
