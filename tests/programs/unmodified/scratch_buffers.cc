// what: a batch, an iterator of a list and a pointer that outlive the loop's body but are set anew in each iteration
// standard: c++17
// loop: epoch
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <list>
#include <string>
#include <vector>

struct Sample {
  double x;
  double y;
  int used;
};

int main() {
  std::list<Sample> samples;
  for (int i = 0; i < 17; ++i) samples.push_back({std::sin(0.7 * i), std::cos(1.3 * i), 0});
  double w = 0.2, b = 0;
  std::list<Sample>::iterator at;
  std::vector<const Sample*> batch;
  const Sample* hardest;
  std::string line;
  for (int epoch = 0; epoch < 9; ++epoch) {
    batch.clear();
    hardest = nullptr;
    double worst = -1;
    for (at = samples.begin(); at != samples.end(); ++at) {
      const double error = std::fabs(w * at->x + b - at->y);
      if (error > worst) worst = error, hardest = &*at;
      if (error > 0.3) {
        batch.push_back(&*at);
        ++at->used;
      }
    }
    double loss = worst;
    for (const Sample* each : batch) {
      const double error = w * each->x + b - each->y;
      w -= 0.05 * error * each->x / (1 + each->used);
      b -= 0.05 * error / (1 + each->used);
      loss += error * error;
    }
    line = "hardest " + std::to_string(hardest->x);
    std::printf("loss %a\n", loss);
    std::printf("%s of %d\n", line.c_str(), static_cast<int>(batch.size()));
  }
}
