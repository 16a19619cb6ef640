// what: the data set is opened and read again in every epoch
// standard: c++17
// loop: epoch
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>

static void write_data(const std::string& path) {
  std::ofstream out(path);
  out << "x,y\n";
  for (int i = 0; i < 40; ++i) out << i * 0.05 << ',' << 2 * std::exp(-i * 0.05) << '\n';
}

int main() {
  const std::string path = "samples.csv";
  write_data(path);
  double a = 1, b = 0;
  long lines = 0;
  for (int epoch = 0; epoch < 9; ++epoch) {
    std::ifstream in(path);
    std::string line;
    std::getline(in, line);  // the header
    double loss = 0;
    while (std::getline(in, line)) {
      std::istringstream fields(line);
      double x, y;
      char comma;
      if (!(fields >> x >> comma >> y)) continue;
      ++lines;
      const double model = a * std::exp(b * x), error = model - y;
      loss += error * error;
      a -= 0.02 * error * model / a;
      b -= 0.02 * error * model * x;
    }
    std::printf("loss %a\n", loss);
  }
  std::printf("a %a b %a lines %ld\n", a, b, lines);
}
