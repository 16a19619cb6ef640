// what: struct with bit-fields, a branch predictor with saturating counters
// standard: c++11
// loop: pass
// probe: misses after 'std::printf("misses %d\n", misses);'
// expect: exact
#include <cstdio>

struct Entry {
  unsigned counter : 2;
  unsigned valid : 1;
  signed bias : 4;
  unsigned tag : 9;
};

static bool taken(unsigned branch, unsigned time) { return (time / (branch % 4 + 1) + branch) % 3 != 0; }

int main() {
  Entry table[16] = {};
  unsigned history = 0, time = 0;
  int misses = 0;
  for (int pass = 0; pass < 10; ++pass) {
    misses = 0;
    for (unsigned branch = 0; branch < 40; ++branch, ++time) {
      Entry& e = table[(branch ^ history) % 16];
      if (!e.valid || e.tag != branch * 5 % 512) {
        e.valid = 1;
        e.tag = branch * 5 % 512;
        e.counter = e.bias > 0 ? 2 : 1;
      }
      const bool actual = taken(branch, time), predicted = e.counter >= 2;
      misses += actual != predicted;
      if (actual && e.counter < 3) ++e.counter;
      if (!actual && e.counter > 0) --e.counter;
      if (actual && e.bias < 7) ++e.bias;
      if (!actual && e.bias > -8) --e.bias;
      history = (history << 1 | actual) & 7;
    }
    std::printf("misses %d\n", misses);
  }
  for (const Entry& e : table) std::printf("%d%c", e.bias, &e == &table[15] ? '\n' : ' ');
}
