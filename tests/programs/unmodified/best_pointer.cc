// what: a pointer to the best of several models
// standard: c++17
// loop: round
// probe: error after 'std::printf("error %a\n", error);'
// expect: exact
#include <cmath>
#include <cstdio>

struct Candidate {
  const char* name;
  double rate, w, error;
  int wins;
};

int main() {
  Candidate candidates[] = {{"slow", 0.02, 4, 0, 0}, {"medium", 0.2, 4, 0, 0}, {"fast", 0.45, 4, 0, 0}, {"wild", 0.9, 4, 0, 0}};
  Candidate* best = nullptr;
  Candidate* const end = candidates + sizeof candidates / sizeof *candidates;
  for (int round = 0; round < 9; ++round) {
    for (Candidate* c = candidates; c != end; ++c) {
      const double target = 1 + 0.8 * std::sin(2.0 * round);
      const double gradient = 2 * (c->w - target);
      c->w -= c->rate * gradient;
      c->error = 0.7 * c->error + std::fabs(c->w - 1);
    }
    if (best) best->error += 0.05;  // the champion has to be clearly better
    best = candidates;
    for (Candidate* c = candidates; c != end; ++c)
      if (c->error < best->error) best = c;
    ++best->wins;
    const double error = best->error;
    std::printf("error %a\n", error);
  }
  std::printf("best %s wins %d\n", best->name, best->wins);
}
