// what: the update of a weight is written in inline assembly with a memory clobber
// standard: c++17
// loop: epoch
// probe: w after 'std::printf("w %a\n", w);'
// changes: momentum
// expect: whole: misses 'memory'
#include <cstdio>

static double momentum = 0;

static inline void add(double* to, double value) {
#if defined(__x86_64__)
  __asm__ volatile("addsd (%1), %0\n\tmovsd %0, (%1)" : "+x"(value) : "r"(to) : "memory");
#else
  __asm__ volatile("" : : : "memory");
  *to += value;
#endif
}

int main() {
  double w = 3;
  for (int epoch = 0; epoch < 8; ++epoch) {
    double gradient = 0;
    for (int i = 1; i <= 10; ++i) gradient += (w * i - 2.0 * i) * i / 385;
    add(&momentum, 0.3 * gradient - 0.2 * momentum);
    add(&w, -momentum);
    std::printf("w %a\n", w);
  }
  std::printf("momentum %a\n", momentum);
}
