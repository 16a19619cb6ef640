#include "agent.h"

#include <algorithm>
#include <cstdint>

static double q[7][2];
static std::uint64_t noise = 88172645463325252ull;
static double epsilon = 0.9;

namespace {
double uniform() {
  noise ^= noise << 13;
  noise ^= noise >> 7;
  noise ^= noise << 17;
  return static_cast<double>(noise >> 11) / 9007199254740992.0;
}
}  // namespace

double agent_value(int position) { return std::max(q[position][0], q[position][1]); }

int agent_move(int position) {
  if (uniform() < epsilon) return uniform() < 0.5 ? -1 : 1;
  return q[position][1] >= q[position][0] ? 1 : -1;
}

void agent_learn(int position, int move, double reward, int next) {
  double& estimate = q[position][move > 0];
  estimate += 0.4 * (reward + 0.9 * (next > 0 && next < 6 ? agent_value(next) : 0) - estimate);
  epsilon *= 0.995;
}
