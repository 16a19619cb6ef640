// what: writes its best model to a file in the loop and reads it back after it
// standard: c++17
// loop: epoch
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: whole: '(files)'
#include <cmath>
#include <cstdio>
#include <fstream>
#include <vector>

using Weights = std::vector<double>;

void save(const Weights& w, const char* path) {
  std::ofstream out(path, std::ios::binary);
  out.write(reinterpret_cast<const char*>(w.data()), static_cast<std::streamsize>(w.size() * sizeof(double)));
}

Weights load(size_t count, const char* path) {
  Weights w(count);
  std::ifstream(path, std::ios::binary).read(reinterpret_cast<char*>(w.data()), static_cast<std::streamsize>(count * sizeof(double)));
  return w;
}

double evaluate(const Weights& w) {
  double loss = 0;
  for (size_t i = 0; i < w.size(); ++i) loss += std::pow(w[i] - std::sin(i), 2) + 0.4 * std::cos(6 * w[i]);
  return loss;
}

int main() {
  Weights w(5, 1.0);
  double best = 1e9;
  int saves = 0;
  for (int epoch = 0; epoch < 10; ++epoch) {
    for (size_t i = 0; i < w.size(); ++i) w[i] -= 0.12 * (2 * (w[i] - std::sin(i)) - 2.4 * std::sin(6 * w[i]));
    const double loss = evaluate(w);
    if (loss < best) {
      best = loss;
      save(w, "best.bin");
      ++saves;
    }
    std::printf("loss %a\n", loss);
  }
  const Weights loaded = load(w.size(), "best.bin");
  std::printf("saves %d loaded %a\n", saves, evaluate(loaded));
}
