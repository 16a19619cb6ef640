// what: malloc and realloc, a buffer of support vectors that grows and moves
// standard: c++11
// loop: pass
// probe: errors after 'printf("errors %d\n", errors);'
// expect: exact
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct Support {
  double x, y, alpha;
};

struct Kernel {
  struct Support *items;
  size_t size, capacity;
};

static void append(struct Kernel *k, double x, double y, double alpha) {
  if (k->size == k->capacity) {
    k->capacity = k->capacity ? 2 * k->capacity : 4;
    k->items = (struct Support *)realloc(k->items, k->capacity * sizeof *k->items);
    if (!k->items) abort();
  }
  struct Support *s = &k->items[k->size++];
  s->x = x;
  s->y = y;
  s->alpha = alpha;
}

static double decide(const struct Kernel *k, double x, double y) {
  double sum = 0;
  for (size_t i = 0; i < k->size; i++) {
    const double dx = x - k->items[i].x, dy = y - k->items[i].y;
    sum += k->items[i].alpha * exp(-3 * (dx * dx + dy * dy));
  }
  return sum;
}

int main(void) {
  struct Kernel kernel = {NULL, 0, 0};
  for (int pass = 0; pass < 8; pass++) {
    int errors = 0;
    for (int i = 0; i < 90; i++) {
      const double x = (i * 37 % 61) / 30.0 - 1, y = (i * 23 % 59) / 29.0 - 1, label = sin(7 * x) + cos(5 * y) > 0.3 ? 1 : -1;
      if (decide(&kernel, x, y) * label > 0) continue;
      append(&kernel, x, y, label);
      errors++;
    }
    printf("errors %d\n", errors);
  }
  printf("supports %d decision %a\n", (int)kernel.size, decide(&kernel, 0.1, 0.2));
  free(kernel.items);
  return 0;
}
