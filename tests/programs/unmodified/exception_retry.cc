// what: exceptions thrown and caught within an iteration
// standard: c++17
// loop: step
// probe: value after 'std::printf("value %a\n", value);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

struct NotPositive : std::runtime_error {
  explicit NotPositive(double x) : std::runtime_error("not positive"), at(x) {}
  double at;
};

double gradient(double x) {
  if (x <= 0) throw NotPositive(x);
  return std::log(x) + 1 - 2 / (x * x);
}

int main() {
  double x = 6, rate = 2.5, value = 0;
  int failures = 0;
  std::vector<std::string> messages;
  for (int step = 0; step < 10; ++step) {
    try {
      const double next = x - rate * gradient(x);
      gradient(next);
      x = next;
    } catch (const NotPositive& e) {
      ++failures;
      rate *= 0.5;
      x += 0.01 * e.at;
      messages.push_back(e.what());
    }
    value = x * std::log(x) + 2 / x;
    std::printf("value %a\n", value);
  }
  std::printf("failures %d messages %d\n", failures, static_cast<int>(messages.size()));
}
