// Reads data.txt.
#include <hindsight/hindsight.h>

#include <fstream>

int main() {
  std::ifstream data("data.txt");
  double scale = 0;
  if (!(data >> scale)) return 4;
  double weight = 1;
  for (const int epoch : hindsight::loop("epoch", 4, hindsight::named("weight", weight))) {
    weight = weight * scale + epoch;
    hindsight::log("weight", weight);
  }
  return 0;
}
