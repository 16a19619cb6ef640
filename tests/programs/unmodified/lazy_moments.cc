// what: the optimizer's moments are allocated in its first step and null before
// standard: c++17
// loop: epoch
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <vector>

struct Parameter {
  double value, gradient;
};

class Adam {
 public:
  explicit Adam(double rate) : rate_(rate) {}
  ~Adam() {
    delete[] m_;
    delete[] v_;
  }
  Adam(const Adam&) = delete;
  Adam& operator=(const Adam&) = delete;

  void step(std::vector<Parameter>& parameters) {
    if (m_ == nullptr) {
      m_ = new double[parameters.size()]();
      v_ = new double[parameters.size()]();
    }
    ++t_;
    for (size_t i = 0; i < parameters.size(); ++i) {
      const double g = parameters[i].gradient;
      m_[i] = 0.9 * m_[i] + 0.1 * g;
      v_[i] = 0.99 * v_[i] + 0.01 * g * g;
      parameters[i].value -= rate_ * (m_[i] / (1 - std::pow(0.9, t_))) / (std::sqrt(v_[i] / (1 - std::pow(0.99, t_))) + 1e-8);
      parameters[i].gradient = 0;
    }
  }

 private:
  double rate_;
  double *m_ = nullptr, *v_ = nullptr;
  int t_ = 0;
};

int main() {
  std::vector<Parameter> p(5);
  Adam adam(0.1);
  for (int epoch = 0; epoch < 12; ++epoch) {
    double loss = 0;
    for (int i = 0; i < 20; ++i) {
      double y = 0;
      for (size_t j = 0; j < p.size(); ++j) y += p[j].value * std::cos(j * i * 0.4);
      const double error = y - (i % 3);
      loss += error * error;
      for (size_t j = 0; j < p.size(); ++j) p[j].gradient += error * std::cos(j * i * 0.4) / 20;
    }
    if (epoch > 1) adam.step(p);  // the first two epochs only accumulate
    std::printf("loss %a\n", loss);
  }
}
