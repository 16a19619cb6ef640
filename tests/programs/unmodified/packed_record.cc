// what: a packed struct, to whose members no reference can be bound
// standard: c++17
// loop: epoch
// probe: r.weight after 'std::printf("weight %a\n", r.weight);'
// expect: exact
#include <cstdint>
#include <cstdio>

struct __attribute__((packed)) Record {
  std::uint8_t seen;
  double weight;
  std::uint16_t steps;
};

int main() {
  Record r = {0, 4.0, 0};
  for (int epoch = 0; epoch < 9; ++epoch) {
    r.seen = std::uint8_t(r.seen + 3);
    r.steps = std::uint16_t(r.steps + r.seen);
    r.weight -= 0.1 * (r.weight - 0.01 * r.steps);
    std::printf("weight %a\n", r.weight);
  }
}
