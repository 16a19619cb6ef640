// what: struct with a union and a tag, parameters that are an integer or a real
// standard: c++17
// loop: trial
// probe: score after 'std::printf("score %a\n", score);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <random>

struct Parameter {
  enum Kind { kInteger, kReal } kind;
  union {
    long integer;
    double real;
  };
};

double evaluate(const Parameter (&p)[3]) {
  double sum = 0;
  for (const Parameter& q : p) {
    const double v = q.kind == Parameter::kInteger ? 0.1 * q.integer : q.real;
    sum -= (v - 0.42) * (v - 0.42);
  }
  return sum;
}

int main() {
  std::mt19937 gen(8);
  Parameter best[3];
  for (Parameter& p : best) {
    p.kind = Parameter::kReal;
    p.real = 2;
  }
  double score = evaluate(best);
  for (int trial = 0; trial < 12; ++trial) {
    for (int attempt = 0; attempt < 5; ++attempt) {
      Parameter candidate[3] = {best[0], best[1], best[2]};
      Parameter& p = candidate[gen() % 3];
      if (gen() % 2) {
        p.kind = Parameter::kInteger;
        p.integer = gen() % 11;
      } else {
        p.kind = Parameter::kReal;
        p.real = gen() / 4294967296.0;
      }
      const double s = evaluate(candidate);
      if (s <= score) continue;
      score = s;
      for (int i = 0; i < 3; ++i) best[i] = candidate[i];
    }
    std::printf("score %a\n", score);
  }
  for (const Parameter& p : best) p.kind == Parameter::kInteger ? std::printf("%ld\n", p.integer) : std::printf("%a\n", p.real);
}
