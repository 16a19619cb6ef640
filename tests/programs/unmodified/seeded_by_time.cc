// what: srand(time(NULL)) in main, as most programs in C do it, and getpid() mixed in
// standard: c++11
// loop: iter
// draws: time, getpid
// probe: loss after 'printf("loss %a\n", loss);'
// expect: exact
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static double weights[6];

static double uniform() { return rand() / (double)RAND_MAX * 2 - 1; }

static double train_once(double rate) {
  double loss = 0;
  for (int k = 0; k < 30; k++) {
    double in[6], out = 0, want = 0;
    for (int j = 0; j < 6; j++) {
      in[j] = uniform();
      out += weights[j] * in[j];
      want += (j - 2.5) * in[j];
    }
    for (int j = 0; j < 6; j++) weights[j] -= rate * (out - want) * in[j];
    loss += (out - want) * (out - want);
  }
  return loss;
}

int main(int argc, char** argv) {
  unsigned seed = argc > 1 ? (unsigned)atoi(argv[1]) : (unsigned)time(NULL) ^ ((unsigned)getpid() << 16);
  srand(seed);
  for (int j = 0; j < 6; j++) weights[j] = uniform();
  for (int iter = 0; iter < 9; iter++) {
    double loss = train_once(0.1);
    printf("loss %a\n", loss);
  }
  return 0;
}
