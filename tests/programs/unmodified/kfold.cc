// what: k-fold cross-validation, a fresh model per fold, epochs inside
// standard: c++17
// loop: fold
// probe: error after 'std::printf("error %a\n", error);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <vector>

class Ridge {
 public:
  explicit Ridge(double lambda) : lambda_(lambda), w_(3) {}
  double predict(double x) const { return w_[0] + w_[1] * x + w_[2] * x * x; }
  void update(double x, double y) {
    const double e = predict(x) - y;
    w_[0] -= 0.1 * e;
    w_[1] -= 0.1 * (e * x + lambda_ * w_[1]);
    w_[2] -= 0.1 * (e * x * x + lambda_ * w_[2]);
  }

 private:
  double lambda_;
  std::vector<double> w_;
};

int main() {
  const int n = 60, folds = 6;
  std::vector<double> xs, ys, errors;
  for (int i = 0; i < n; ++i) {
    xs.push_back(std::cos(i * 1.7));
    ys.push_back(0.3 + xs.back() - 0.6 * xs.back() * xs.back() + 0.05 * std::sin(i * 11));
  }
  for (int fold = 0; fold < folds; ++fold) {
    Ridge model(0.001 * (fold + 1));
    for (int epoch = 0; epoch < 9; ++epoch)
      for (int i = 0; i < n; ++i)
        if (i % folds != fold) model.update(xs[i], ys[i]);
    double error = 0;
    for (int i = fold; i < n; i += folds) error += std::fabs(model.predict(xs[i]) - ys[i]);
    errors.push_back(error);
    std::printf("error %a\n", error);
  }
  double mean = 0;
  for (double e : errors) mean += e / folds;
  std::printf("mean %a\n", mean);
}
