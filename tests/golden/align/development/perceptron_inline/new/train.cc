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

int main(void) {
  srand(3); //@30
  fill(train_set, TRAIN); //@31
  fill(test_set, TEST); //@32
  memset(A, 0, sizeof A); //@34
  memset(W, 0, sizeof W); //@33
  for (int pass = 0; pass < 10; pass++) { //@35
    int wrong = 0; //@36
    for (int k = TRAIN - 1; k > 0; k--) { //@21
      int r = rand() % (k + 1); //@22
      example_t tmp = train_set[k]; //@18
      train_set[k] = train_set[r]; //@19
      train_set[r] = tmp; //@20
    }
    for (int i = 0; i < TRAIN; i++) { //@38
      const example_t *ex = &train_set[i]; //@-
      int guess = argmax_class(W, ex->x); //@39
      if (guess != ex->y) { //@40
        for (int d = 0; d < DIM; d++) { //@24
          W[ex->y][d] += ex->x[d]; //@25
          W[guess][d] -= ex->x[d]; //@26
        }
        wrong++; //@42
      }
      for (int c = 0; c < CLASSES; c++) { //@27
        for (int d = 0; d < DIM; d++) { //@28
          A[c][d] += W[c][d]; //@29
        }
      }
    }
    printf("pass %d: %d mistakes\n", pass, wrong); //@44
    if (wrong == 0) { //@-
      break; //@-
    }
  }
  int wrong_last = 0; //@-
  for (int i = 0; i < TEST; i++) { //@-
    int guess = argmax_class(W, test_set[i].x); //@-
    if (guess != test_set[i].y) { //@-
      wrong_last++; //@-
    }
  }
  int wrong = 0; //@45
  for (int i = 0; i < TEST; i++) { //@46
    int guess = argmax_class(A, test_set[i].x); //@47
    if (guess != test_set[i].y) { //@48
      wrong++; //@49
    }
  }
  printf("test error last %.3f\n", wrong_last / (double)TEST); //@-
  printf("test error %.3f\n", wrong / (double)TEST); //@50
  return 0; //@51
}
