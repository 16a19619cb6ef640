// REINFORCE on a small grid with a wall.
#include <cstdio>

#include "agent.h"
#include "gridworld.h"

int main() {
  const int kEpisodes = 3000; //@?
  const int kMaxSteps = 100; //@46
  GridWorld world(6); //@-
  Agent agent(world.NumStates(), 0.01, 0.97, 11); //@?
  double average = 0.0; //@49

  for (int episode = 1; episode <= kEpisodes; episode++) { //@50
    int state = world.Reset(); //@51
    bool done = false; //@52
    int steps = 0; //@-
    while (!done && steps < kMaxSteps) { //@54
      Action action = agent.Sample(state); //@?
      double reward = world.Step(action, &done); //@?
      agent.Remember(state, action, reward); //@57
      state = world.State(); //@?
      steps++; //@-
    }
    double ret = agent.Learn(); //@-
    average = 0.99 * average + 0.01 * ret; //@61
    if (episode % 200 == 0) { //@62
      std::printf("%5d return %.3f steps %d\n", episode, average, steps); //@63
    }
  }
  return 0; //@64
}
