#include <algorithm>
#include <array>
#include <cmath>
#include <iostream>
#include <numeric>
#include <random>
#include <vector>

// REINFORCE on a one dimensional corridor: reach the right end.
constexpr int STATES = 9;
constexpr int ACTIONS = 2;
constexpr int MAX_STEPS = 40;

struct Step {
  int s, a;
  double r;
};

std::array<double, ACTIONS> softmax(const std::array<double, ACTIONS>& z) {
  std::array<double, ACTIONS> p; //@1
  double m = *std::max_element(z.begin(), z.end()); //@2
  double sum = 0; //@3
  for (int k = 0; k < ACTIONS; ++k) { //@4
    p[k] = std::exp(z[k] - m); //@5
    sum += p[k]; //@6
  }
  for (int k = 0; k < ACTIONS; ++k) p[k] /= sum; //@7
  return p; //@8
}

int main() {
  std::mt19937 rng(1); //@9
  std::uniform_real_distribution<double> uni(0, 1); //@10
  std::vector<std::array<double, ACTIONS>> theta(STATES); //@11
  for (auto& t : theta) t.fill(0.0); //@12
  double baseline = 0; //@13
  const double gamma = 0.97; //@14
  const double alpha = 0.1; //@15
  const double beta = 0.05; //@16
  std::vector<double> returns; //@17
  for (int episode = 0; episode < 500; ++episode) { //@18
    // roll out
    std::vector<Step> traj; //@19
    int s = STATES / 2; //@20
    for (int t = 0; t < MAX_STEPS; ++t) { //@21
      auto p = softmax(theta[s]); //@22
      int a = uni(rng) < p[0] ? 0 : 1; //@23
      int s2 = a == 0 ? s - 1 : s + 1; //@24
      double r = -0.01; //@25
      if (s2 == STATES - 1) r = 1; //@26
      if (s2 == 0) r = -1; //@27
      traj.push_back({s, a, r}); //@28
      if (s2 == 0 || s2 == STATES - 1) break; //@29
      s = s2; //@30
    }
    // returns to go
    std::vector<double> G(traj.size()); //@31
    double acc = 0; //@32
    for (int t = (int)traj.size() - 1; t >= 0; --t) { //@33
      acc = traj[t].r + gamma * acc; //@34
      G[t] = acc; //@35
    }
    // update
    for (size_t t = 0; t < traj.size(); ++t) { //@36
      double adv = G[t] - baseline; //@37
      auto p = softmax(theta[traj[t].s]); //@38
      for (int k = 0; k < ACTIONS; ++k) { //@39
        double grad = (k == traj[t].a) - p[k]; //@40
        theta[traj[t].s][k] += alpha * adv * grad; //@41
      }
    }
    baseline += beta * (G[0] - baseline); //@42
    returns.push_back(G[0]); //@43
    if (episode % 50 == 49) { //@-
      double mean = std::accumulate(returns.end() - 50, returns.end(), 0.0) / 50; //@45
      std::cout << "episode " << episode + 1 << " return " << mean << "\n"; //@46
    }
  }
  std::cout << "policy:"; //@47
  for (int s = 1; s < STATES - 1; ++s) { //@48
    std::cout << " " << softmax(theta[s])[1]; //@49
  }
  std::cout << "\n"; //@50
  return 0; //@51
}
