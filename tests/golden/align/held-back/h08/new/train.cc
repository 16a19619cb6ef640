#include <algorithm>
#include <array>
#include <cmath>
#include <iostream>
#include <numeric>
#include <random>
#include <vector>

// REINFORCE on a one dimensional corridor: reach the right end.
// Every setting is now repeated with several seeds.
constexpr int kCells = 9;
constexpr int kMoves = 2;
constexpr int kHorizon = 40;
constexpr int kSeeds = 5;

struct Transition {
  int cell, move;
  double reward;
};

using Logits = std::array<double, kMoves>;

Logits softmax(const Logits& z) {
  Logits p; //@1
  double top = *std::max_element(z.begin(), z.end()); //@2
  double sum = 0; //@3
  for (int k = 0; k < kMoves; ++k) { //@4
    p[k] = std::exp(z[k] - top); //@5
    sum += p[k]; //@6
  }
  for (int k = 0; k < kMoves; ++k) p[k] /= sum; //@7
  return p; //@8
}

int main() {
  const double gamma = 0.97; //@14
  const double beta = 0.1; //@15
  const double alpha = 0.05; //@16
  std::vector<double> finals; //@-
  for (int seed = 1; seed <= kSeeds; ++seed) { //@-
    std::mt19937 rng(seed); //@9
    std::uniform_real_distribution<double> uni(0, 1); //@10
    std::vector<Logits> policy(kCells); //@11
    for (auto& row : policy) row.fill(0.0); //@12
    double critic = 0; //@13
    std::vector<double> history; //@17

    auto rollout = [&]() { //@-
      std::vector<Transition> path; //@19
      int here = kCells / 2; //@20
      for (int t = 0; t < kHorizon; ++t) { //@21
        auto p = softmax(policy[here]); //@22
        int move = uni(rng) < p[0] ? 0 : 1; //@23
        int there = move == 0 ? here - 1 : here + 1; //@24
        bool done = there == 0 || there == kCells - 1; //@-
        double reward = -0.01; //@25
        if (there == 0) reward = -1; //@27
        if (there == kCells - 1) reward = 1; //@26
        path.push_back({here, move, reward}); //@28
        if (done) break; //@29
        here = there; //@30
      }
      return path; //@-
    };

    auto discounted = [gamma](const std::vector<Transition>& path) { //@-
      std::vector<double> togo(path.size()); //@31
      double acc = 0; //@32
      for (int t = (int)path.size() - 1; t >= 0; --t) { //@33
        acc = path[t].reward + gamma * acc; //@34
        togo[t] = acc; //@35
      }
      return togo; //@-
    };

    for (int episode = 0; episode < 500; ++episode) { //@18
      const auto path = rollout(); //@-
      const auto togo = discounted(path); //@-
      for (size_t t = 0; t < path.size(); ++t) { //@36
        const Transition& tr = path[t]; //@-
        double adv = togo[t] - critic; //@37
        auto p = softmax(policy[tr.cell]); //@38
        for (int k = 0; k < kMoves; ++k) { //@39
          double score = (k == tr.move) - p[k]; //@40
          policy[tr.cell][k] += beta * adv * score; //@41
        }
      }
      critic += alpha * (togo[0] - critic); //@42
      history.push_back(togo[0]); //@43
    }
    double tail = std::accumulate(history.end() - 50, history.end(), 0.0) / 50; //@45
    std::cout << "seed " << seed << " return " << tail << "\n"; //@46
    finals.push_back(tail); //@-
    std::cout << "policy:"; //@47
    for (int c = 1; c < kCells - 1; ++c) { //@48
      std::cout << " " << softmax(policy[c])[1]; //@49
    }
    std::cout << "\n"; //@50
  }
  double mean = std::accumulate(finals.begin(), finals.end(), 0.0) / kSeeds; //@-
  std::cout << "mean over seeds " << mean << "\n"; //@-
  return 0; //@51
}
