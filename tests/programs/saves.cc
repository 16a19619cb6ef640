// Writes best.txt as it goes and model.txt at its end.
#include <hindsight/hindsight.h>

#include <fstream>

int main() {
  double weight = 1;
  for (const int epoch : hindsight::loop("epoch", 4, hindsight::named("weight", weight))) {
    weight = weight * 0.5 + epoch;
    hindsight::log("weight", weight);
    std::ofstream best("best.txt");
    best << "best of epoch " << epoch << ": " << weight << "\n";
  }
  std::ofstream model("model.txt");
  model << "the trained model: " << weight << "\n";
  hindsight::log("saved", model.good());
  return 0;
}
