// what: a vector of main's is handed on by pointer, to a class and to a function
// standard: c++17
// loop: epoch
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <vector>

class Velocity {
 public:
  explicit Velocity(std::vector<double>* moments) : moments_(moments) {}
  double push(std::size_t i, double g) { return (*moments_)[i] = 0.9 * (*moments_)[i] + g; }

 private:
  std::vector<double>* moments_;
};

void train(std::vector<double>* w, Velocity& velocity) {
  for (int epoch = 0; epoch < 9; ++epoch) {
    double loss = 0;
    for (std::size_t i = 0; i < w->size(); ++i) {
      const double error = (*w)[i] - std::sin(double(i));
      loss += error * error;
      (*w)[i] -= 0.05 * velocity.push(i, error);
    }
    std::printf("loss %a\n", loss);
  }
}

int main() {
  std::vector<double> weights(5, 1.0), moments(5);
  Velocity velocity(&moments);
  train(&weights, velocity);
}
