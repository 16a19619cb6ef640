// what: a callback that captures the model by reference and changes it, behind a const std::function&
// standard: c++17
// loop: epoch
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: whole: holds a pointer or a reference
#include <cmath>
#include <cstdio>
#include <functional>

struct Net {
  double w = 0.1, b = 0.2, rate = 0.1;
};

double train(Net& net, const std::function<void(int, double)>& report) {
  double loss = 0;
  for (int epoch = 0; epoch < 12; ++epoch) {
    loss = 0;
    for (int i = 0; i < 20; ++i) {
      const double y = net.w * i * 0.1 + net.b - std::sin(i * 0.1);
      loss += y * y;
      net.w -= net.rate * y * i * 0.1;
      net.b -= net.rate * y;
    }
    std::printf("loss %a\n", loss);
    report(epoch, loss);
  }
  return loss;
}

int main() {
  Net net;
  int called = 0;
  train(net, [&](int epoch, double loss) {
    ++called;
    if (epoch > 3) net.rate *= loss > 0.5 ? 0.9 : 0.7;
  });
  std::printf("w %a rate %a called %d\n", net.w, net.rate, called);
}
