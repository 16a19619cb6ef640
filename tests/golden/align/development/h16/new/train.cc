// standard: c++20
// Logistic regression for synthetic churn records; SGD with momentum, k folds.
#include <cmath>
#include <functional>
#include <iomanip>
#include <iostream>
#include <map>
#include <numbers>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace churn {

struct Record {
  std::vector<double> features;
  bool churned;
};

struct Config {
  std::string kind = "cosine";
  double base_rate = 0.05;
  double momentum = 0.9;
  int epochs = 40;
  int folds = 5;
  int patience = 5;
};

double Schedule(const Config& config, int epoch) {
  using Rule = std::function<double(int)>;
  static const std::map<std::string, Rule> rules = { //@-
      {"constant", [](int) { return 1.0; }},
      {"step", [](int e) { return std::pow(0.5, e / 10); }},
      {"cosine", [](int e) { return 0.5 * (1 + std::cos(std::numbers::pi * e / 40)); }},
  };
  const auto rule = rules.find(config.kind); //@-
  if (rule == rules.end()) { //@-
    std::cerr << "unknown schedule " << config.kind << std::endl; //@5
    return config.base_rate; //@6
  }
  return config.base_rate * rule->second(epoch); //@-
}

std::vector<Record> Generate(int count, std::mt19937& engine) {
  std::normal_distribution<double> normal; //@7
  const std::vector<double> hidden = {1.2, -0.7, 0.0, 0.4, -1.5, 0.3}; //@8
  std::vector<Record> records(count); //@9
  for (Record& record : records) { //@10
    double logit = 0.2; //@12
    for (double h : hidden) { //@13
      const double x = record.features.emplace_back(normal(engine)); //@14
      logit += h * x; //@16
    }
    record.churned = logit + 0.5 * normal(engine) > 0; //@17
  }
  return records; //@19
}

template <typename Scalar>
Scalar Probability(std::span<const Scalar> weights, Scalar intercept, const Record& record) {
  Scalar logit = intercept; //@?
  for (std::size_t d = 0; d < weights.size(); ++d) { //@?
    logit += weights[d] * record.features[d]; //@?
  }
  return 1 / (1 + std::exp(-logit)); //@?
}

double CrossEntropy(double prob, bool churned) {
  return -std::log((churned ? prob : 1 - prob) + 1e-12); //@-
}

}  // namespace churn

int main(int argc, char** argv) {
  using namespace churn;
  Config config; //@-
  if (argc > 1) { //@21
    config.kind = argv[1]; //@22
  }
  std::mt19937 engine(31); //@23
  const std::vector<Record> records = Generate(600, engine); //@24
  const std::size_t dims = records[0].features.size(); //@26
  double score = 0; //@-
  std::cout << std::fixed << std::setprecision(4); //@32

  for (int fold = 0; fold < config.folds; ++fold) { //@-
    std::vector<double> weights(dims, 0.0); //@27
    std::vector<double> velocity(dims, 0.0); //@28
    double intercept = 0; //@29
    double best = 1e9; //@30
    int since_best = 0; //@31

    for (int epoch = 0; epoch < config.epochs; ++epoch) { //@33
      const double rate = Schedule(config, epoch); //@34
      double loss = 0; //@35
      std::size_t seen = 0; //@-
      for (std::size_t i = 0; i < records.size(); ++i) { //@37
        if (i % config.folds == std::size_t(fold)) { //@-
          continue; //@-
        }
        const Record& record = records[i]; //@-
        const double prob = Probability<double>(weights, intercept, record); //@41
        loss += CrossEntropy(prob, record.churned); //@43
        ++seen; //@-
        const double error = prob - (record.churned ? 1 : 0); //@45
        for (std::size_t d = 0; d < dims; ++d) { //@46
          velocity[d] = config.momentum * velocity[d] - rate * error * record.features[d]; //@47
          weights[d] += velocity[d]; //@48
        }
        intercept -= rate * error; //@49
      }
      std::cout << "fold " << fold << " epoch " << epoch << " train " << loss / seen; //@50

      loss = 0; //@51
      seen = 0; //@-
      int hits = 0; //@52
      for (std::size_t i = fold; i < records.size(); i += config.folds) { //@53
        const Record& record = records[i]; //@-
        const double prob = Probability<double>(weights, intercept, record); //@57
        loss += CrossEntropy(prob, record.churned); //@59
        hits += (prob > 0.5) == record.churned; //@60
        ++seen; //@-
      }
      loss /= seen; //@61
      std::cout << " valid " << loss << " acc " << hits / double(seen) << "\n"; //@62

      if (loss < best) { //@63
        best = loss; //@64
        since_best = 0; //@65
        continue; //@-
      }
      if (++since_best >= config.patience) { //@71
        std::cout << "stopping\n"; //@72
        break; //@73
      }
    }
    std::cout << "best valid " << best << "\n"; //@74
    score += best / config.folds; //@-
  }
  std::cout << "mean of folds " << score << "\n"; //@-
  return 0; //@75
}
