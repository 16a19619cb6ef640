// what: std::deque as a replay buffer of bounded length, Q-learning
// standard: c++17
// loop: episode
// probe: error after 'std::printf("error %a\n", error);'
// expect: exact
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <deque>
#include <random>

struct Transition {
  int state, action, next;
  float reward;
};

int main() {
  constexpr int kStates = 8;
  std::minstd_rand gen(3);
  std::deque<Transition> replay;
  float q[kStates][2] = {};
  for (int episode = 0; episode < 12; ++episode) {
    int state = 3;
    double error = 0;
    for (int step = 0; step < 10; ++step) {
      const int action = gen() % 100 < 40 ? gen() % 2 : q[state][1] > q[state][0];
      const int next = std::clamp(state + (action ? 1 : -1), 0, kStates - 1);
      replay.push_back({state, action, next, next == kStates - 1 ? 1.f : -0.01f});
      if (replay.size() > 40) replay.pop_front();
      for (int k = 0; k < 4; ++k) {
        const Transition& t = replay[gen() % replay.size()];
        const float target = t.reward + 0.9f * std::max(q[t.next][0], q[t.next][1]);
        error += std::fabs(target - q[t.state][t.action]);
        q[t.state][t.action] += 0.3f * (target - q[t.state][t.action]);
      }
      state = next == kStates - 1 ? 0 : next;
    }
    std::printf("error %a\n", error);
  }
  std::printf("oldest state %d, value %a\n", replay.front().state, q[3][1]);
}
