// what: layers hold pointers to activation functions that are lambdas, whose names count those before them; the probe has one more
// standard: c++17
// loop: epoch
// probe: [](double x) { return x; }(loss) after 'std::printf("loss %a\n", loss);'
// expect: whole: leads to a lambda
#include <cmath>
#include <cstdio>

struct Unit {
  double w = 0.4;
  double (*activation)(double);
};

int main() {
  Unit unit;
  unit.activation = [](double x) { return std::tanh(x); };
  for (int epoch = 0; epoch < 10; ++epoch) {
    double loss = 0;
    for (int i = 0; i < 20; ++i) {
      const double y = unit.activation(unit.w * i * 0.1), miss = y - 0.5;
      loss += miss * miss;
      unit.w -= 0.02 * miss * i * 0.1;
    }
    if (epoch == 4) unit.activation = [](double x) { return x / (1 + std::fabs(x)); };
    std::printf("loss %a\n", loss);
  }
}
