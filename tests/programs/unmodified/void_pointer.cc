// what: a plug-in interface in C with void* user data
// standard: c++11
// loop: step
// probe: loss after 'printf("loss %a\n", loss);'
// expect: whole: misses 'optimizer'
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct {
  const char *name;
  void *user;
  void (*update)(void *user, double *w, double gradient);
} Optimizer;

typedef struct {
  double velocity;
  int steps;
} Momentum;

static void momentum_update(void *user, double *w, double gradient) {
  Momentum *m = (Momentum *)user;
  m->velocity = 0.8 * m->velocity - 0.05 * gradient;
  m->steps++;
  *w += m->velocity;
}

int main(void) {
  Momentum *state = (Momentum *)calloc(1, sizeof *state);
  if (!state) return 1;
  Optimizer optimizer = {"momentum", state, momentum_update};
  double w = 2;
  for (int step = 0; step < 12; step++) {
    const double loss = w * w * w * w / 4 - cos(3 * w);
    optimizer.update(optimizer.user, &w, w * w * w + 3 * sin(3 * w));
    printf("loss %a\n", loss);
  }
  printf("%s took %d steps, velocity %a\n", optimizer.name, state->steps, state->velocity);
  free(state);
  return 0;
}
