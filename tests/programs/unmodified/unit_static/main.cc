// what: the state is static in another unit than the loop, behind free functions
// standard: c++17
// loop: episode
// probe: value after 'std::printf("value %a\n", value);'
// expect: exact
#include <cstdio>

#include "agent.h"

int main() {
  int total = 0;
  for (int episode = 0; episode < 10; ++episode) {
    int position = 2, steps = 0;
    while (position > 0 && position < 6 && steps < 60) {
      const int move = agent_move(position);
      const int next = position + move;
      agent_learn(position, move, next == 6 ? 1.0 : 0.0, next);
      position = next;
      ++steps;
    }
    total += steps;
    const double value = agent_value(3);
    std::printf("value %a\n", value);
  }
  std::printf("steps %d start %a\n", total, agent_value(2));
}
