// what: namespace-scope static arrays, a Hopfield network that recalls a pattern
// standard: c++11
// loop: sweep
// probe: energy after 'std::printf("energy %a\n", energy);'
// expect: exact
#include <cstdio>

namespace {
const int kUnits = 48;
static float weights[kUnits][kUnits];
static signed char state[kUnits];
static const char* const kPatterns[3] = {"##..##..##..##..##..##..##..##..##..##..##..##..",
                                         "########........########........########........",
                                         "#.#.#.#.#.#.#.#.#.#.#.#..#.#.#.#.#.#.#.#.#.#.#.#"};
}  // namespace

int main() {
  for (int p = 0; p < 3; p++)
    for (int i = 0; i < kUnits; i++)
      for (int j = 0; j < kUnits; j++)
        if (i != j) weights[i][j] += (kPatterns[p][i] == kPatterns[p][j] ? 1.0f : -1.0f) / kUnits;
  for (int i = 0; i < kUnits; i++) state[i] = (kPatterns[1][i] == '#') == (i * 7 % 5 > 1) ? 1 : -1;

  for (int sweep = 0; sweep < 8; sweep++) {
    for (int k = 0; k < 6; k++) {
      const int i = (sweep * 6 + k) * 11 % kUnits;
      float field = 0;
      for (int j = 0; j < kUnits; j++) field += weights[i][j] * state[j];
      state[i] = field >= 0 ? 1 : -1;
    }
    double energy = 0;
    for (int i = 0; i < kUnits; i++)
      for (int j = 0; j < kUnits; j++) energy -= 0.5 * weights[i][j] * state[i] * state[j];
    std::printf("energy %a\n", energy);
  }
  for (int i = 0; i < kUnits; i++) std::putchar(state[i] > 0 ? '#' : '.');
  std::putchar('\n');
}
