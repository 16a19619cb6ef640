// what: for(;;) left by break, perceptron until it makes no mistake
// standard: c++11
// loop: main
// probe: mistakes after 'std::printf("mistakes %d\n", mistakes);'
// expect: exact
#include <cstdio>
#include <vector>

int main() {
  std::vector<std::vector<double>> inputs;
  std::vector<int> labels;
  for (int i = 0; inputs.size() < 120; ++i) {
    const double a = (i * 29 % 101) / 50.0 - 1, b = (i * 53 % 97) / 48.0 - 1;
    const double side = 0.8 * a - 0.6 * b + 0.12;
    if (side > -0.03 && side < 0.03) continue;
    inputs.push_back({a, b, 1});
    labels.push_back(side > 0 ? 1 : -1);
  }
  std::vector<double> w(3);
  int rounds = 0;
  for (;;) {
    int mistakes = 0;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      double sum = 0;
      for (std::size_t j = 0; j < w.size(); ++j) sum += w[j] * inputs[i][j];
      if (sum * labels[i] > 0) continue;
      ++mistakes;
      for (std::size_t j = 0; j < w.size(); ++j) w[j] += labels[i] * inputs[i][j];
    }
    ++rounds;
    std::printf("mistakes %d\n", mistakes);
    if (mistakes == 0 || rounds == 12) break;
  }
  std::printf("rounds %d weights %a %a %a\n", rounds, w[0], w[1], w[2]);
}
