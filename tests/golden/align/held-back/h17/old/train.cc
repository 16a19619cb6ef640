/* Baum-Welch for the occasionally loaded die, plain arrays */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define S 2
#define M 6
#define T 400
#define ITERS 30

double A[S][S], B[S][M], pi0[S];
double alpha[T][S], beta[T][S], scale[T], gam[T][S];
int obs[T];

double frand() {
  return rand() / (RAND_MAX + 1.0); //@1
}

void sample() {
  int s = 0; //@2
  for (int t = 0; t < T; t++) { //@3
    double stay = s == 0 ? 0.95 : 0.9; //@4
    if (frand() > stay) //@5
      s = 1 - s; //@6
    if (s == 1 && frand() < 0.5) //@7
      obs[t] = M - 1; //@8
    else
      obs[t] = (int)(frand() * M); //@9
  }
}

void start() {
  for (int i = 0; i < S; i++) { //@10
    double sum = 0; //@11
    for (int j = 0; j < S; j++) { //@12
      A[i][j] = (i == j ? 3 : 1) + frand(); //@13
      sum += A[i][j]; //@14
    }
    for (int j = 0; j < S; j++) //@15
      A[i][j] /= sum; //@16
    sum = 0; //@17
    for (int k = 0; k < M; k++) { //@18
      B[i][k] = 1 + 0.2 * frand(); //@19
      sum += B[i][k]; //@20
    }
    for (int k = 0; k < M; k++) //@21
      B[i][k] /= sum; //@22
    pi0[i] = 1.0 / S; //@23
  }
}

double forward() {
  double ll = 0; //@24
  scale[0] = 0; //@-
  for (int i = 0; i < S; i++) { //@-
    alpha[0][i] = pi0[i] * B[i][obs[0]]; //@-
    scale[0] += alpha[0][i]; //@-
  }
  for (int i = 0; i < S; i++) //@-
    alpha[0][i] /= scale[0]; //@-
  ll += log(scale[0]); //@-
  for (int t = 1; t < T; t++) { //@25
    scale[t] = 0; //@26
    for (int i = 0; i < S; i++) { //@27
      double s = 0; //@28
      for (int j = 0; j < S; j++) //@29
        s += alpha[t - 1][j] * A[j][i]; //@30
      alpha[t][i] = s * B[i][obs[t]]; //@31
      scale[t] += alpha[t][i]; //@32
    }
    for (int i = 0; i < S; i++) //@33
      alpha[t][i] /= scale[t]; //@34
    ll += log(scale[t]); //@35
  }
  return ll; //@36
}

void backward() {
  for (int i = 0; i < S; i++) //@-
    beta[T - 1][i] = 1; //@37
  for (int t = T - 2; t >= 0; t--) //@38
    for (int i = 0; i < S; i++) { //@39
      double s = 0; //@40
      for (int j = 0; j < S; j++) //@41
        s += A[i][j] * B[j][obs[t + 1]] * beta[t + 1][j]; //@42
      beta[t][i] = s / scale[t + 1]; //@43
    }
}

void update() {
  double A2[S][S], B2[S][M]; //@44
  for (int t = 0; t < T; t++) { //@45
    double s = 0; //@46
    for (int i = 0; i < S; i++) { //@47
      gam[t][i] = alpha[t][i] * beta[t][i]; //@48
      s += gam[t][i]; //@49
    }
    for (int i = 0; i < S; i++) //@50
      gam[t][i] /= s; //@51
  }
  for (int i = 0; i < S; i++) { //@52
    double den = 0; //@53
    for (int t = 0; t < T - 1; t++) //@54
      den += gam[t][i]; //@55
    for (int j = 0; j < S; j++) { //@56
      double num = 0; //@57
      for (int t = 0; t < T - 1; t++) //@58
        num += alpha[t][i] * A[i][j] * B[j][obs[t + 1]] * beta[t + 1][j] / scale[t + 1]; //@59
      A2[i][j] = num / den; //@60
    }
    den += gam[T - 1][i]; //@61
    for (int k = 0; k < M; k++) { //@62
      double num = 0; //@?
      for (int t = 0; t < T; t++) //@63
        if (obs[t] == k) //@-
          num += gam[t][i]; //@64
      B2[i][k] = num / den; //@65
    }
    pi0[i] = gam[0][i]; //@66
  }
  memcpy(A, A2, sizeof A); //@67
  memcpy(B, B2, sizeof B); //@68
}

int main() {
  srand(3); //@69
  sample(); //@70
  start(); //@71
  for (int it = 0; it < ITERS; it++) { //@72
    double ll = forward(); //@73
    backward(); //@74
    update(); //@75
    printf("iter %d loglik %.5f\n", it, ll / T); //@76
  }
  double ll = forward(); //@77
  printf("final %.5f\n", ll / T); //@78
  for (int i = 0; i < S; i++) { //@79
    printf("state %d:", i); //@80
    for (int k = 0; k < M; k++) //@81
      printf(" %.3f", B[i][k]); //@82
    printf("\n"); //@83
  }
  return 0; //@84
}
