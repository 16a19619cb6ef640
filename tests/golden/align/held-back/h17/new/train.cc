// Baum-Welch for the occasionally loaded die
#include <cstdio>
#include <random>
#include <vector>

#include "hmm.h"

constexpr int kFaces = 6;
constexpr int kIters = 30;

std::vector<int> roll(std::mt19937& rng, int len) {
  std::vector<int> seq; //@-
  bool loaded = false; //@2
  while (static_cast<int>(seq.size()) < len) { //@3
    const double stay = loaded ? 0.9 : 0.95; //@4
    if (uniform01(rng) > stay) //@5
      loaded = !loaded; //@6
    if (loaded && uniform01(rng) < 0.5) //@7
      seq.push_back(kFaces - 1); //@8
    else
      seq.push_back(static_cast<int>(uniform01(rng) * kFaces)); //@9
  }
  return seq; //@-
}

int main() {
  std::mt19937 rng(3); //@69
  const std::vector<int> seq = roll(rng, 400); //@70
  const std::vector<int> held = roll(rng, 150); //@-
  Hmm<2, kFaces> model; //@-
  model.randomise(rng); //@71
  double prev = -1e300; //@-
  for (int it = 0; it < kIters; ++it) { //@72
    const double held_ll = model.forward(held); //@-
    const double ll = model.forward(seq); //@73
    model.backward(seq); //@74
    model.posterior(); //@-
    model.reestimate(seq, 1e-3); //@75
    std::printf("iter %d loglik %.5f held %.5f\n", it, ll / seq.size(), held_ll / held.size()); //@76
    if (ll - prev < 1e-4) //@-
      break; //@-
    prev = ll; //@-
  }
  for (int i = 0; i < 2; ++i) { //@79
    std::printf("state %d:", i); //@80
    for (double e : model.emit[i]) //@81
      std::printf(" %.3f", e); //@82
    std::printf("\n"); //@83
  }
  const double held_ll = model.forward(held); //@-
  const double ll = model.forward(seq); //@77
  std::printf("final %.5f held %.5f\n", ll / seq.size(), held_ll / held.size()); //@78
  return 0; //@84
}
