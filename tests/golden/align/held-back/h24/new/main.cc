// REINFORCE on a small grid with a wall.
// standard: c++20
#include <algorithm>
#include <array>
#include <cmath>
#include <iostream>
#include <random>
#include <vector>

namespace {

constexpr int kSize = 6;
constexpr int kActions = 4;
constexpr std::array<std::array<int, 2>, kActions> kMoves{{{-1, 0}, {1, 0}, {0, -1}, {0, 1}}};

struct Cell {
  int row = kSize - 1;
  int col = 0;
  bool operator==(const Cell&) const = default;
  [[nodiscard]] int index() const {
    return row * kSize + col; //@6
  }
};

constexpr Cell kGoal{0, kSize - 1};

struct Transition {
  int state;
  int action;
  double reward;
};

using Probabilities = std::array<double, kActions>;

Probabilities softmax(const Probabilities& logits) {
  const double top = *std::ranges::max_element(logits); //@-
  Probabilities probs{}; //@16
  double total = 0.0; //@17
  for (int a = 0; a < kActions; ++a) { //@18
    probs[a] = std::exp(logits[a] - top); //@19
    total += probs[a]; //@20
  }
  for (double& p : probs) { //@21
    p /= total; //@22
  }
  return probs; //@23
}

bool blocked(const Cell& cell) {
  const bool inside = std::min(cell.row, cell.col) >= 0 && std::max(cell.row, cell.col) < kSize; //@9
  const bool wall = cell.row == kSize / 2 && cell.col > 0 && cell.col < kSize - 1; //@10
  return !inside || wall; //@?
}

}  // namespace

int main() {
  constexpr int kBatches = 400; //@?
  constexpr int kBatchSize = 16; //@-
  constexpr int kMaxSteps = 100; //@46
  constexpr double kRate = 0.1, kDiscount = 0.97, kEntropy = 0.005; //@-
  std::mt19937 rng(11); //@-
  std::uniform_real_distribution<double> uniform(0.0, 1.0); //@-
  std::vector<Probabilities> theta(kSize * kSize, Probabilities{}); //@?
  std::vector<double> baseline(kSize * kSize, 0.0); //@-
  double average = 0.0; //@49

  for (int batch = 1; batch <= kBatches; ++batch) { //@-
    std::vector<Probabilities> gradient(theta.size(), Probabilities{}); //@-
    int goals = 0; //@-
    for (int episode = 0; episode < kBatchSize; ++episode) { //@50
      std::vector<Transition> path; //@-
      Cell here; //@51
      bool done = false; //@52
      while (!done && path.size() < kMaxSteps) { //@54
        const Probabilities probs = softmax(theta[here.index()]); //@24
        double u = uniform(rng); //@25
        int action = 0; //@?
        while (action + 1 < kActions && (u -= probs[action]) >= 0.0) { //@26
          ++action; //@-
        }
        Cell next = here; //@?
        next.row += kMoves[action][0]; //@?
        next.col += kMoves[action][1]; //@?
        if (blocked(next)) { //@11
          next = here; //@-
        }
        done = next == kGoal; //@14
        const double reward = done ? 10.0 : -0.1; //@15
        path.push_back({here.index(), action, reward}); //@57
        here = next; //@?
      }
      goals += done; //@-

      double ret = 0.0; //@34
      for (auto step = path.rbegin(); step != path.rend(); ++step) { //@35
        ret = step->reward + kDiscount * ret; //@36
        const double advantage = ret - baseline[step->state]; //@-
        baseline[step->state] += 0.05 * advantage; //@-
        const Probabilities probs = softmax(theta[step->state]); //@37
        double entropy = 0.0; //@-
        for (double p : probs) { //@-
          entropy -= p * std::log(p); //@-
        }
        for (int a = 0; a < kActions; ++a) { //@38
          const double indicator = a == step->action ? 1.0 : 0.0; //@39
          gradient[step->state][a] += advantage * (indicator - probs[a]); //@40
          gradient[step->state][a] -= kEntropy * probs[a] * (std::log(probs[a]) + entropy); //@-
        }
      }
      average = 0.99 * average + 0.01 * ret; //@61
    }

    for (std::size_t s = 0; s < theta.size(); ++s) { //@-
      for (int a = 0; a < kActions; ++a) { //@-
        theta[s][a] += kRate * std::clamp(gradient[s][a] / kBatchSize, -1.0, 1.0); //@?
      }
    }
    if (batch % 20 == 0) { //@62
      std::cout << "batch " << batch << " return " << average << " goals " << goals << "/" << kBatchSize << '\n'; //@63
    }
  }
  return 0; //@64
}
