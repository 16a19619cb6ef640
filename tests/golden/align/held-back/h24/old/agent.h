#ifndef AGENT_H
#define AGENT_H

#include <cmath>
#include <random>
#include <vector>

#include "gridworld.h"

class Agent {
 public:
  Agent(int states, double lr, double gamma, unsigned seed)
      : theta_(4 * states, 0.0), lr_(lr), gamma_(gamma), rng_(seed) {}

  std::vector<double> Policy(int state) const {
    std::vector<double> probs(4); //@16
    double total = 0.0; //@17
    for (int a = 0; a < 4; a++) { //@18
      probs[a] = std::exp(theta_[4 * state + a]); //@19
      total += probs[a]; //@20
    }
    for (int a = 0; a < 4; a++) { //@21
      probs[a] /= total; //@22
    }
    return probs; //@23
  }

  Action Sample(int state) {
    const std::vector<double> probs = Policy(state); //@24
    double u = uniform_(rng_); //@25
    for (int a = 0; a < 3; a++) { //@26
      u -= probs[a]; //@-
      if (u < 0.0) { //@-
        return static_cast<Action>(a); //@-
      }
    }
    return RIGHT; //@-
  }

  void Remember(int state, Action action, double reward) {
    states_.push_back(state); //@?
    actions_.push_back(action); //@?
    rewards_.push_back(reward); //@?
  }

  double Learn() {
    double ret = 0.0; //@34
    for (int t = static_cast<int>(states_.size()) - 1; t >= 0; t--) { //@35
      ret = rewards_[t] + gamma_ * ret; //@36
      const std::vector<double> probs = Policy(states_[t]); //@37
      for (int a = 0; a < 4; a++) { //@38
        const double indicator = a == actions_[t] ? 1.0 : 0.0; //@39
        theta_[4 * states_[t] + a] += lr_ * ret * (indicator - probs[a]); //@40
      }
    }
    states_.clear(); //@-
    actions_.clear(); //@-
    rewards_.clear(); //@-
    return ret; //@-
  }

 private:
  std::vector<double> theta_;
  double lr_;
  double gamma_;
  std::mt19937 rng_;
  std::uniform_real_distribution<double> uniform_{0.0, 1.0};
  std::vector<int> states_;
  std::vector<Action> actions_;
  std::vector<double> rewards_;
};

#endif
