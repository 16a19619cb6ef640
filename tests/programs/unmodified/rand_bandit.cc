// what: rand() of the C library, an epsilon-greedy bandit
// standard: c++11
// loop: block
// probe: reward after 'std::printf("reward %d\n", reward);'
// expect: exact
#include <cstdio>
#include <cstdlib>

#define ARMS 4

static double uniform() { return rand() / (RAND_MAX + 1.0); }

int main() {
  const double payout[ARMS] = {0.2, 0.5, 0.7, 0.4};
  double value[ARMS] = {0};
  int pulls[ARMS] = {0}, reward = 0;
  srand(20);
  for (int block = 0; block < 10; block++) {
    for (int pull = 0; pull < 25; pull++) {
      int arm = 0;
      if (uniform() < 0.15)
        arm = rand() % ARMS;
      else
        for (int a = 1; a < ARMS; a++)
          if (value[a] > value[arm]) arm = a;
      const int won = uniform() < payout[arm];
      reward += won;
      value[arm] += (won - value[arm]) / ++pulls[arm];
    }
    std::printf("reward %d\n", reward);
  }
  for (int a = 0; a < ARMS; a++) std::printf("arm %d: %d pulls, value %a\n", a, pulls[a], value[a]);
}
