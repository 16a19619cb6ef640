// what: globals that are declared below the loop which changes them, nodes that can give shared pointers to themselves
// standard: c++17
// loop: round
// probe: score after 'std::printf("score %a\n", score);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <memory>
#include <vector>

struct Node : std::enable_shared_from_this<Node> {
  double value = 0;
  std::shared_ptr<Node> self() { return shared_from_this(); }
};

double pull(int arm);

double play(std::vector<std::shared_ptr<Node>>& arms, int rounds) {
  double score = 0;
  for (int round = 0; round < rounds; ++round) {
    std::size_t best = 0;
    for (std::size_t i = 0; i < arms.size(); ++i) {
      if (arms[i]->value > arms[best]->value) best = i;
    }
    const double reward = pull(static_cast<int>(best));
    arms[best]->self()->value += 0.3 * (reward - arms[best]->value);
    score += reward;
    std::printf("score %a\n", score);
  }
  return score;
}

static double fatigue[4];
static int pulls = 0;

double pull(int arm) {
  ++pulls;
  fatigue[arm] += 0.1;
  return std::sin(1.7 * arm + 0.1 * pulls) - fatigue[arm];
}

int main() {
  std::vector<std::shared_ptr<Node>> arms;
  for (int i = 0; i < 4; ++i) arms.push_back(std::make_shared<Node>());
  std::printf("end %a\n", play(arms, 14));
}
