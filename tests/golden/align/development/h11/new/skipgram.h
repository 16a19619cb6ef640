#pragma once
#include <cmath>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace sg {

struct Vocabulary {
  std::map<std::string, int> ids;
  std::vector<std::string> names;
  std::vector<int> freq;

  int lookup(const std::string& name);
};

struct Model {
  std::vector<std::vector<double>> in, out;
};

// everything a worker needs besides the shared model
struct State {
  std::mt19937 rng{2024};
  std::vector<int> negatives;
  double rate = 0.05;
  double lossSum = 0;
  long examples = 0;

  double meanLoss() const {
    return lossSum / examples; //@-
  }
};

inline double logistic(double x) {
  if (x > 8) return 1; //@17
  if (x < -8) return 0; //@18
  return 1 / (1 + std::exp(-x)); //@19
}

void reset(Model& model, int words, int dim, State& st);
void fillNegatives(const Vocabulary& vocab, State& st);
void update(Model& model, int center, int context, State& st);

}  // namespace sg
