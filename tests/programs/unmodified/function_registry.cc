// what: a constant table of functions, a map from names to std::function, and function pointers to lambdas that change
// standard: c++17
// loop: epoch
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <functional>
#include <map>
#include <string>

struct Activation {
  const char* name;
  double (*f)(double);
  double (*d)(double);
};
static double relu(double x) { return x > 0 ? x : 0; }
static double step(double x) { return x > 0; }
static double line(double x) { return x; }
static double one(double) { return 1; }
static const Activation kTable[] = {{"relu", relu, step}, {"line", line, one}};
static std::map<std::string, std::function<double(double)>> penalties = {{"none", [](double) { return 0.0; }}, {"square", [](double w) { return w * w; }}};

struct Net {
  const Activation* activation;
  double (*squash)(double);
  double* w;
  int n;
};

int main() {
  Net net = {&kTable[0], [](double x) { return x / (1 + std::fabs(x)); }, new double[3]{0.3, 0.5, -0.2}, 3};
  std::string penalty = "none";
  for (int epoch = 0; epoch < 12; ++epoch) {
    double loss = 0;
    for (int i = 0; i < 20; ++i) {
      double s = 0;
      for (int k = 0; k < net.n; ++k) s += net.w[k] * std::pow(i * 0.1, k);
      const double off = net.squash(net.activation->f(s)) - 0.4 * i * 0.1;
      loss += off * off + 1e-3 * penalties[penalty](net.w[0]);
      for (int k = 0; k < net.n; ++k) net.w[k] -= 0.01 * off * net.activation->d(s) * std::pow(i * 0.1, k);
    }
    if (epoch == 3) net.activation = &kTable[1];
    if (epoch == 5) net.squash = [](double x) { return std::tanh(x); };
    if (epoch == 7) penalty = "square";
    if (epoch == 8) penalties["both"] = [](double w) { return w * w + std::fabs(w); };
    if (epoch == 9) penalty = "both";
    std::printf("loss %a\n", loss);
  }
  delete[] net.w;
}
