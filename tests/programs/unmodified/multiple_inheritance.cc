// what: multiple and virtual inheritance, the shared base holds state
// standard: c++17
// loop: epoch
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: whole: misses 'student'
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

struct Counted {
  int calls = 0;
  virtual ~Counted() = default;
};

struct Regressor : virtual Counted {
  std::vector<double> w = std::vector<double>(3);
  double predict(double x) {
    ++calls;
    return w[0] + w[1] * x + w[2] * x * x;
  }
};

struct Logged : virtual Counted {
  std::string trace;
  void note(double v) {
    ++calls;
    trace += v < 1 ? '.' : v < 10 ? 'o' : '#';
  }
};

class Student : public Regressor, public Logged {
 public:
  double study(double rate) {
    double loss = 0;
    for (double x = -1; x <= 1; x += 0.1) {
      const double e = predict(x) - (1 - 2 * x * x + x) * (1 + 0.001 * calls);
      w[0] -= rate * e;
      w[1] -= rate * e * x;
      w[2] -= rate * e * x * x;
      loss += e * e;
    }
    note(loss);
    return loss;
  }
};

int main() {
  Student student;
  for (int epoch = 0; epoch < 9; ++epoch) {
    const double loss = student.study(0.1);
    std::printf("loss %a\n", loss);
  }
  std::printf("%s %d\n", student.trace.c_str(), student.calls);
}
