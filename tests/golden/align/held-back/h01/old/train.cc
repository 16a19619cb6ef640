/* tiny convnet on 8x8 bars, plain C arrays */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIDE 8
#define KS 3
#define OUTS (SIDE - KS + 1)
#define NF 4
#define NC 2
#define NTRAIN 240
#define NTEST 60

static double X[NTRAIN + NTEST][SIDE][SIDE];
static int Y[NTRAIN + NTEST];
static double kern[NF][KS][KS], kb[NF];
static double fc[NC][NF], fb[NC];

static double unif(void) {
  return rand() / (double)RAND_MAX; //@1
}

static void make_images(void) {
  for (int n = 0; n < NTRAIN + NTEST; n++) { //@2
    Y[n] = rand() % NC; //@3
    int pos = rand() % SIDE; //@4
    for (int i = 0; i < SIDE; i++) { //@5
      for (int j = 0; j < SIDE; j++) //@6
        X[n][i][j] = 0.2 * unif(); //@7
      double *px = Y[n] == 0 ? &X[n][i][pos] : &X[n][pos][i]; //@8
      *px += 1.0; //@9
    }
  }
}

static void init(void) {
  for (int f = 0; f < NF; f++) { //@10
    for (int i = 0; i < KS; i++) //@11
      for (int j = 0; j < KS; j++) //@12
        kern[f][i][j] = unif() - 0.5; //@13
    kb[f] = 0; //@14
  }
  for (int c = 0; c < NC; c++) { //@15
    for (int f = 0; f < NF; f++) //@16
      fc[c][f] = unif() - 0.5; //@17
    fb[c] = 0; //@18
  }
}

static void forward(double img[SIDE][SIDE], double act[NF][OUTS][OUTS], double *pool, double *p) {
  for (int f = 0; f < NF; f++) { //@19
    pool[f] = 0; //@20
    for (int r = 0; r < OUTS; r++) //@21
      for (int q = 0; q < OUTS; q++) { //@22
        double s = kb[f]; //@23
        for (int i = 0; i < KS; i++) //@24
          for (int j = 0; j < KS; j++) //@25
            s += kern[f][i][j] * img[r + i][q + j]; //@26
        act[f][r][q] = s > 0 ? s : 0; //@27
        pool[f] += act[f][r][q] / (OUTS * OUTS); //@28
      }
  }
  double z = 0; //@29
  for (int c = 0; c < NC; c++) { //@30
    double s = fb[c]; //@31
    for (int f = 0; f < NF; f++) //@32
      s += fc[c][f] * pool[f]; //@33
    p[c] = exp(s); //@34
    z += p[c]; //@35
  }
  for (int c = 0; c < NC; c++) //@36
    p[c] /= z; //@37
}

int main(void) {
  double act[NF][OUTS][OUTS], pool[NF], p[NC], dpool[NF]; //@-
  double lr = 0.3; //@38
  srand(7); //@39
  make_images(); //@40
  init(); //@41
  for (int ep = 0; ep < 25; ep++) { //@42
    double loss = 0; //@43
    for (int n = 0; n < NTRAIN; n++) { //@44
      forward(X[n], act, pool, p); //@45
      loss -= log(p[Y[n]] + 1e-12); //@46
      memset(dpool, 0, sizeof dpool); //@47
      for (int c = 0; c < NC; c++) { //@48
        double d = p[c] - (c == Y[n]); //@49
        for (int f = 0; f < NF; f++) { //@50
          dpool[f] += d * fc[c][f]; //@51
          fc[c][f] -= lr * d * pool[f]; //@52
        }
        fb[c] -= lr * d; //@53
      }
      for (int f = 0; f < NF; f++) //@54
        for (int r = 0; r < OUTS; r++) //@55
          for (int q = 0; q < OUTS; q++) { //@56
            if (act[f][r][q] <= 0) //@57
              continue; //@58
            double g = dpool[f] / (OUTS * OUTS); //@59
            for (int i = 0; i < KS; i++) //@60
              for (int j = 0; j < KS; j++) //@61
                kern[f][i][j] -= lr * g * X[n][r + i][q + j]; //@62
            kb[f] -= lr * g; //@63
          }
    }
    int ok = 0; //@64
    for (int n = NTRAIN; n < NTRAIN + NTEST; n++) { //@65
      forward(X[n], act, pool, p); //@66
      ok += (p[1] > p[0]) == Y[n]; //@67
    }
    printf("epoch %d loss %.4f test %.3f\n", ep, loss / NTRAIN, ok / (double)NTEST); //@68
    lr *= 0.97; //@69
  }
  return 0; //@70
}
