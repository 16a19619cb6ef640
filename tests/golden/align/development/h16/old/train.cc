// Logistic regression for synthetic churn records; SGD with momentum.
#include <cmath>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <random>
#include <string>
#include <vector>

namespace {

struct Record {
  std::vector<double> features;
  bool churned;
};

double Schedule(const std::string& kind, double base, int epoch) {
  if (kind == "constant") { //@-
    return base; //@-
  } else if (kind == "step") {
    return base * std::pow(0.5, epoch / 10); //@-
  } else if (kind == "cosine") {
    return 0.5 * base * (1 + std::cos(3.14159265 * epoch / 40)); //@-
  }
  std::cerr << "unknown schedule " << kind << std::endl; //@5
  return base; //@6
}

std::vector<Record> Generate(int count, std::mt19937& engine) {
  std::normal_distribution<double> normal; //@7
  std::vector<double> hidden = {1.2, -0.7, 0.0, 0.4, -1.5, 0.3}; //@8
  std::vector<Record> records; //@9
  for (int i = 0; i < count; ++i) { //@10
    Record record; //@-
    double logit = 0.2; //@12
    for (double h : hidden) { //@13
      double x = normal(engine); //@14
      record.features.push_back(x); //@-
      logit += h * x; //@16
    }
    record.churned = logit + 0.5 * normal(engine) > 0; //@17
    records.push_back(record); //@-
  }
  return records; //@19
}

}  // namespace

int main(int argc, char** argv) {
  std::string kind = "cosine"; //@-
  if (argc > 1) { //@21
    kind = argv[1]; //@22
  }
  std::mt19937 engine(31); //@23
  std::vector<Record> records = Generate(600, engine); //@24
  std::size_t split = 480; //@-
  std::size_t dims = records[0].features.size(); //@26

  std::vector<double> weights(dims, 0.0); //@27
  std::vector<double> velocity(dims, 0.0); //@28
  double intercept = 0; //@29
  double best = 1e9; //@30
  int since_best = 0; //@31
  std::cout << std::fixed << std::setprecision(4); //@32

  for (int epoch = 0; epoch < 40; ++epoch) { //@33
    double rate = Schedule(kind, 0.05, epoch); //@34
    double loss = 0; //@35
    int hits = 0; //@-
    for (std::size_t i = 0; i < split; ++i) { //@37
      double logit = intercept; //@?
      for (std::size_t d = 0; d < dims; ++d) { //@?
        logit += weights[d] * records[i].features[d]; //@?
      }
      double prob = 1 / (1 + std::exp(-logit)); //@41
      double truth = records[i].churned ? 1 : 0; //@-
      loss -= truth * std::log(prob + 1e-12) + (1 - truth) * std::log(1 - prob + 1e-12); //@43
      hits += (prob > 0.5) == records[i].churned; //@-
      double error = prob - truth; //@45
      for (std::size_t d = 0; d < dims; ++d) { //@46
        velocity[d] = 0.9 * velocity[d] - rate * error * records[i].features[d]; //@47
        weights[d] += velocity[d]; //@48
      }
      intercept -= rate * error; //@49
    }
    std::cout << "epoch " << epoch << " train " << loss / split << " acc " << hits / double(split); //@50

    loss = 0; //@51
    hits = 0; //@52
    for (std::size_t i = split; i < records.size(); ++i) { //@53
      double logit = intercept; //@?
      for (std::size_t d = 0; d < dims; ++d) { //@?
        logit += weights[d] * records[i].features[d]; //@?
      }
      double prob = 1 / (1 + std::exp(-logit)); //@57
      double truth = records[i].churned ? 1 : 0; //@-
      loss -= truth * std::log(prob + 1e-12) + (1 - truth) * std::log(1 - prob + 1e-12); //@59
      hits += (prob > 0.5) == records[i].churned; //@60
    }
    loss /= records.size() - split; //@61
    std::cout << " valid " << loss << " acc " << hits / double(records.size() - split) << "\n"; //@62

    if (loss < best) { //@63
      best = loss; //@64
      since_best = 0; //@65
      std::ofstream out("churn.weights"); //@-
      for (double w : weights) { //@-
        out << w << "\n"; //@-
      }
      out << intercept << "\n"; //@-
    } else {
      since_best++; //@-
    }
    if (since_best >= 5) { //@71
      std::cout << "stopping\n"; //@72
      break; //@73
    }
  }
  std::cout << "best valid " << best << "\n"; //@74
  return 0; //@75
}
