/* Multi-class averaged perceptron. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CLASSES = 3, DIM = 8, TRAIN = 240, TEST = 60 };

typedef struct { float x[DIM]; int y; } example_t;

static example_t train_set[TRAIN], test_set[TEST];
static float W[CLASSES][DIM], A[CLASSES][DIM];

static float frand(void) {
  return (float)rand() / RAND_MAX; //@1
}

static void fill(example_t *e, int n) {
  for (int i = 0; i < n; i++) { //@2
    e[i].y = rand() % CLASSES; //@3
    for (int d = 0; d < DIM; d++) { //@4
      e[i].x[d] = frand() - 0.5f; //@5
    }
    e[i].x[e[i].y] += 0.8f; //@6
    e[i].x[DIM - 1] = 1.0f; //@7
  }
}

static int argmax_class(float w[CLASSES][DIM], const float *x) {
  int best = 0; //@8
  float top = -1e30f; //@9
  for (int c = 0; c < CLASSES; c++) { //@10
    float s = 0; //@11
    for (int d = 0; d < DIM; d++) { //@12
      s += w[c][d] * x[d]; //@13
    }
    if (s > top) { //@14
      top = s; //@15
      best = c; //@16
    }
  }
  return best; //@17
}

static void swap_examples(example_t *a, example_t *b) {
  example_t tmp = *a; //@18
  *a = *b; //@19
  *b = tmp; //@20
}

static void shuffle(example_t *e, int n) {
  for (int i = n - 1; i > 0; i--) { //@21
    int j = rand() % (i + 1); //@22
    swap_examples(&e[i], &e[j]); //@-
  }
}

static void update(int good, int bad, const float *x) {
  for (int d = 0; d < DIM; d++) { //@24
    W[good][d] += x[d]; //@25
    W[bad][d] -= x[d]; //@26
  }
}

static void accumulate(void) {
  for (int c = 0; c < CLASSES; c++) { //@27
    for (int d = 0; d < DIM; d++) { //@28
      A[c][d] += W[c][d]; //@29
    }
  }
}

int main(void) {
  srand(3); //@30
  fill(train_set, TRAIN); //@31
  fill(test_set, TEST); //@32
  memset(W, 0, sizeof W); //@33
  memset(A, 0, sizeof A); //@34
  for (int pass = 0; pass < 10; pass++) { //@35
    int wrong = 0; //@36
    shuffle(train_set, TRAIN); //@-
    for (int i = 0; i < TRAIN; i++) { //@38
      int guess = argmax_class(W, train_set[i].x); //@39
      if (guess != train_set[i].y) { //@40
        update(train_set[i].y, guess, train_set[i].x); //@-
        wrong++; //@42
      }
      accumulate(); //@-
    }
    printf("pass %d: %d mistakes\n", pass, wrong); //@44
  }
  int wrong = 0; //@45
  for (int i = 0; i < TEST; i++) { //@46
    int guess = argmax_class(A, test_set[i].x); //@47
    if (guess != test_set[i].y) { //@48
      wrong++; //@49
    }
  }
  printf("test error %.3f\n", wrong / (double)TEST); //@50
  return 0; //@51
}
