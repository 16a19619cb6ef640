// what: classes with a serialize() for some other library, which knows name-value pairs and leaves out what the optimiser keeps
// standard: c++14
// loop: epoch
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

namespace archive {

template <class T>
struct NameValuePair {
  std::string name;
  T& value;
};
template <class T>
NameValuePair<T> make_nvp(const char* name, T& value) {
  return {name, value};
}

struct Text {
  std::string text;
  template <class T>
  Text& operator()(NameValuePair<T>&& pair) {
    text += pair.name + " " + std::to_string(pair.value.size()) + "\n";
    return *this;
  }
};

}  // namespace archive

class Layer {
 public:
  explicit Layer(int n) : weights_(static_cast<std::size_t>(n), 0.5), velocity_(weights_.size()) {}
  double step(double x) {
    double loss = 0;
    for (std::size_t i = 0; i < weights_.size(); ++i) {
      const double error = weights_[i] * x - std::sin(x + static_cast<double>(i));
      velocity_[i] = 0.9 * velocity_[i] - 0.02 * error * x;
      weights_[i] += velocity_[i];
      loss += error * error;
    }
    return loss;
  }
  template <class Archive>
  void serialize(Archive& ar) {
    ar(archive::make_nvp("weights", weights_));
  }

 private:
  std::vector<double> weights_, velocity_;
};

int main() {
  Layer layer(5);
  for (int epoch = 0; epoch < 12; ++epoch) {
    double loss = 0;
    for (int i = 1; i <= 8; ++i) loss += layer.step(0.2 * i);
    std::printf("loss %a\n", loss);
  }
  archive::Text out;
  layer.serialize(out);
  std::printf("%s", out.text.c_str());
}
