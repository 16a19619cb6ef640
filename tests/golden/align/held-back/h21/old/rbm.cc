/* Restricted Boltzmann machine, CD-1, on 4x4 bars and stripes. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NV 16
#define NH 12
#define BATCH 10

static double W[NV][NH], vb[NV], hb[NH];
static double dW[NV][NH], dvb[NV], dhb[NH];

static double uniform() {
  return rand() / (RAND_MAX + 1.0); //@1
}

static double sigm(double x) {
  return 1.0 / (1.0 + exp(-x)); //@2
}

static void bars(double *v) {
  int horiz = uniform() < 0.5; //@3
  for (int k = 0; k < 4; k++) { //@4
    double on = uniform() < 0.5 ? 1.0 : 0.0; //@5
    for (int l = 0; l < 4; l++) //@6
      v[horiz ? 4 * k + l : 4 * l + k] = on; //@7
  }
}

static void up(const double *v, double *p) {
  for (int j = 0; j < NH; j++) { //@8
    double a = hb[j]; //@9
    for (int i = 0; i < NV; i++) //@10
      a += v[i] * W[i][j]; //@11
    p[j] = sigm(a); //@12
  }
}

static void down(const double *h, double *p) {
  for (int i = 0; i < NV; i++) { //@13
    double a = vb[i]; //@14
    for (int j = 0; j < NH; j++) //@15
      a += h[j] * W[i][j]; //@16
    p[i] = sigm(a); //@17
  }
}

static double free_energy(const double *v) {
  double e = 0; //@18
  for (int i = 0; i < NV; i++) //@19
    e -= v[i] * vb[i]; //@20
  for (int j = 0; j < NH; j++) { //@21
    double a = hb[j]; //@22
    for (int i = 0; i < NV; i++) //@23
      a += v[i] * W[i][j]; //@24
    e -= log(1 + exp(a)); //@25
  }
  return e; //@26
}

int main(int argc, char **argv) {
  int epochs = argc > 1 ? atoi(argv[1]) : 2000; //@27
  double lr = 0.1; //@28
  double v0[NV], h0[NH], v1[NV], h1[NH], s[NH]; //@29
  srand(1); //@30
  for (int i = 0; i < NV; i++) //@31
    for (int j = 0; j < NH; j++) //@32
      W[i][j] = 0.1 * (uniform() - 0.5); //@33

  for (int e = 1; e <= epochs; e++) { //@34
    double err = 0; //@35
    memset(dW, 0, sizeof dW); //@36
    memset(dvb, 0, sizeof dvb); //@37
    memset(dhb, 0, sizeof dhb); //@38
    for (int b = 0; b < BATCH; b++) { //@39
      bars(v0); //@40
      up(v0, h0); //@41
      for (int j = 0; j < NH; j++) //@42
        s[j] = uniform() < h0[j]; //@43
      down(s, v1); //@44
      up(v1, h1); //@45
      for (int i = 0; i < NV; i++) { //@46
        for (int j = 0; j < NH; j++) //@47
          dW[i][j] += v0[i] * h0[j] - v1[i] * h1[j]; //@48
        dvb[i] += v0[i] - v1[i]; //@49
        err += fabs(v0[i] - v1[i]); //@50
      }
      for (int j = 0; j < NH; j++) //@51
        dhb[j] += h0[j] - h1[j]; //@52
    }
    for (int i = 0; i < NV; i++) { //@53
      for (int j = 0; j < NH; j++) //@54
        W[i][j] += lr * dW[i][j] / BATCH; //@55
      vb[i] += lr * dvb[i] / BATCH; //@56
    }
    for (int j = 0; j < NH; j++) //@57
      hb[j] += lr * dhb[j] / BATCH; //@58
    if (e % 100 == 0) //@59
      printf("%d err %f F %f\n", e, err / BATCH, free_energy(v0)); //@60
  }
  return 0; //@61
}
