// Tells the arms of a spiral apart: a small network, trained by hand-written code.
//
//   spiral [--epochs N] [--hidden N] [--batch N] [--points N] [--seed N] [--save FILE]
//
// Every number can also be set by `hindsight record --set epochs=10`.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include <hindsight/hindsight.h>

#include "network.h"

namespace {

using spiral::Adam;
using spiral::Gradient;
using spiral::Network;
using spiral::Point;

// The value after `flag` on the command line, or `otherwise`.
int flag(int argc, char** argv, const char* name, int otherwise) {
  for (int i = 1; i + 1 < argc; ++i) {
    if (std::strcmp(argv[i], name) == 0) return std::atoi(argv[i + 1]);
  }
  return otherwise;
}
std::string text_flag(int argc, char** argv, const char* name) {
  for (int i = 1; i + 1 < argc; ++i) {
    if (std::strcmp(argv[i], name) == 0) return argv[i + 1];
  }
  return "";
}

// `count` points, arm after arm, each from the middle outwards.
std::vector<Point> make_spiral(int count, int arms, float noise, std::mt19937& random) {
  std::normal_distribution<float> jitter(0.0F, noise);
  std::vector<Point> points;
  const int per_arm = count / arms;
  for (int i = 0; i < count; ++i) {
    const int arm = i / per_arm < arms ? i / per_arm : arms - 1;
    const float along = static_cast<float>(i - arm * per_arm) / static_cast<float>(per_arm);
    const float angle = 6.0F * along + 6.2831853F * static_cast<float>(arm) / static_cast<float>(arms) + jitter(random);
    points.push_back({along * std::cos(angle), along * std::sin(angle), arm});
  }
  return points;
}

// The points that `order` names at [begin, begin + size), fewer at its end.
std::vector<Point> take(const std::vector<Point>& points, const std::vector<int>& order, int begin, int size) {
  std::vector<Point> batch;
  for (int i = begin; i < begin + size && i < static_cast<int>(order.size()); ++i) {
    batch.push_back(points[static_cast<std::size_t>(order[static_cast<std::size_t>(i)])]);
  }
  return batch;
}

double accuracy(const Network& net, const std::vector<Point>& points) {
  int right = 0;
  for (const Point& point : points) right += net.predict(point) == point.arm ? 1 : 0;
  return static_cast<double>(right) / static_cast<double>(points.size());
}

void save(const Network& net, const std::string& path) {
  std::ofstream out(path, std::ios::binary);
  for (const spiral::Layer& layer : net.layers) {
    out.write(reinterpret_cast<const char*>(layer.weight.data()),
              static_cast<std::streamsize>(layer.weight.size() * sizeof(float)));
  }
}

}  // namespace

int main(int argc, char** argv) {
  const int epochs = hindsight::arg("epochs", flag(argc, argv, "--epochs", 30));
  const int hidden = hindsight::arg("hidden", flag(argc, argv, "--hidden", 96));
  const int batch_size = hindsight::arg("batch", flag(argc, argv, "--batch", 120));
  const int examples = hindsight::arg("points", flag(argc, argv, "--points", 5000));
  const int seed = hindsight::arg("seed", flag(argc, argv, "--seed", 1234));
  const int arms = 3;

  std::mt19937 random(static_cast<unsigned>(seed));
  const std::vector<Point> train = make_spiral(examples, arms, 0.15F, random);
  const std::vector<Point> test = make_spiral(600, arms, 0.15F, random);
  Network net(static_cast<std::size_t>(hidden), static_cast<std::size_t>(arms), random);
  Adam adam(net, 0.003);
  std::vector<int> order(train.size());
  std::iota(order.begin(), order.end(), 0);

  const int steps = (examples + batch_size - 1) / batch_size;
  hindsight::log("steps", steps);
  for (const int epoch : hindsight::loop("epoch", epochs, hindsight::named("net", net), hindsight::named("adam", adam),
                                         hindsight::named("order", order), hindsight::named("random", random))) {
    std::shuffle(order.begin(), order.end(), random);
    double epoch_loss = 0;
    for (const int step : hindsight::loop("step", steps, hindsight::named("net", net), hindsight::named("adam", adam),
                                          hindsight::named("epoch_loss", epoch_loss))) {
      const std::vector<Point> batch = take(train, order, step * batch_size, batch_size);
      const Gradient gradient = net.gradient(batch);
      adam.step(net, gradient);
      epoch_loss += gradient.loss;
      hindsight::log("loss", gradient.loss);
    }
    hindsight::log("train_loss", epoch_loss / steps);
    const double right = accuracy(net, test);
    hindsight::log("accuracy", right);
    std::printf("epoch %d: loss %.4f, accuracy %.3f\n", epoch, epoch_loss / steps, right);
  }
  const double final_accuracy = accuracy(net, train);
  hindsight::log("final_accuracy", final_accuracy);

  const std::string path = text_flag(argc, argv, "--save");
  if (!path.empty()) save(net, path);
  return 0;
}
