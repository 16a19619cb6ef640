// what: the training is an enum state machine
// standard: c++17
// loop: run
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: exact
#include <cmath>
#include <cstdio>

enum class Phase : unsigned char { kWarmup, kTrain, kCooldown, kDone };
enum Verdict { BETTER, WORSE };

struct Training {
  Phase phase = Phase::kWarmup;
  Verdict verdict = BETTER;
  int ticks = 0, worse = 0;
  double w = 4, rate = 0.01, last = 1e9;
};

double step(Training& t) {
  const double gradient = 2 * (t.w - 1) + 0.8 * std::cos(5 * t.w), loss = (t.w - 1) * (t.w - 1) + 0.16 * std::sin(5 * t.w);
  t.w -= t.rate * gradient;
  t.verdict = loss < t.last ? BETTER : WORSE;
  t.last = loss;
  return loss;
}

void run(Training& t) {
  while (t.phase != Phase::kDone) {
    const double loss = step(t);
    ++t.ticks;
    switch (t.phase) {
      case Phase::kWarmup:
        t.rate *= 2;
        if (t.rate > 0.25) t.phase = Phase::kTrain;
        break;
      case Phase::kTrain:
        if (t.verdict == WORSE && ++t.worse == 2) t.phase = Phase::kCooldown;
        if (t.ticks == 8) t.phase = Phase::kCooldown;
        break;
      case Phase::kCooldown:
        t.rate *= 0.25;
        if (t.rate < 0.002) t.phase = Phase::kDone;
        break;
      case Phase::kDone:
        break;
    }
    std::printf("loss %a\n", loss);
  }
}

int main() {
  Training training;
  run(training);
  std::printf("ticks %d w %a\n", training.ticks, training.w);
}
