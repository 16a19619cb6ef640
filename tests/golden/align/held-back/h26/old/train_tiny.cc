// A one block, one head decoder-only transformer learning x[t] = (x[t-1] + x[t-2]) mod V.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define T 12
#define V 7
#define C 16
#define H 32

#define AT(m, i, j, n) ((m)[(i) * (n) + (j)])
#define ZERO(x) memset(x, 0, sizeof(x))

float wte[V * C], wpe[T * C], wq[C * C], wk[C * C], wv[C * C], w1[C * H], w2[H * C], wout[C * V];
float dwte[V * C], dwpe[T * C], dwq[C * C], dwk[C * C], dwv[C * C], dw1[C * H], dw2[H * C], dwout[C * V];

float x0[T * C], q[T * C], k[T * C], v[T * C], att[T * T], x1[T * C], h[T * H], x2[T * C], probs[T * V];
float dx0[T * C], dq[T * C], dk[T * C], dv[T * C], dx1[T * C], dh[T * H], dx2[T * C];

void init(float *w, int n, float scale) {
  for (int i = 0; i < n; i++) //@1
    w[i] = scale * (2.0f * rand() / RAND_MAX - 1.0f); //@2
}

// out[t] = in[t] * w
void matmul(float *out, const float *in, const float *w, int n, int m) {
  for (int t = 0; t < T; t++) //@3
    for (int o = 0; o < m; o++) { //@4
      float s = 0; //@?
      for (int i = 0; i < n; i++) //@6
        s += AT(in, t, i, n) * AT(w, i, o, m); //@7
      AT(out, t, o, m) = s; //@?
    }
}

void matmul_back(float *din, float *dw, const float *dout, const float *in, const float *w, int n, int m) {
  for (int t = 0; t < T; t++) //@9
    for (int i = 0; i < n; i++) //@10
      for (int o = 0; o < m; o++) //@11
        AT(din, t, i, n) += AT(dout, t, o, m) * AT(w, i, o, m); //@12
  for (int i = 0; i < n; i++) //@-
    for (int o = 0; o < m; o++) //@-
      for (int t = 0; t < T; t++) //@-
        AT(dw, i, o, m) += AT(in, t, i, n) * AT(dout, t, o, m); //@16
}

void block_forward() {
  matmul(q, x0, wq, C, C); //@17
  matmul(k, x0, wk, C, C); //@18
  matmul(v, x0, wv, C, C); //@19
  for (int t = 0; t < T; t++) { //@20
    float total = 0; //@?
    for (int s = 0; s <= t; s++) { //@22
      float dot = 0; //@23
      for (int c = 0; c < C; c++) //@24
        dot += AT(q, t, c, C) * AT(k, s, c, C); //@25
      AT(att, t, s, T) = expf(dot / sqrtf(C)); //@26
      total += AT(att, t, s, T); //@?
    }
    for (int s = 0; s <= t; s++) //@?
      AT(att, t, s, T) /= total; //@?
    for (int c = 0; c < C; c++) { //@30
      float sum = AT(x0, t, c, C); //@?
      for (int s = 0; s <= t; s++) //@32
        sum += AT(att, t, s, T) * AT(v, s, c, C); //@33
      AT(x1, t, c, C) = sum; //@-
    }
  }
  matmul(h, x1, w1, C, H); //@35
  for (int i = 0; i < T * H; i++) //@36
    if (h[i] < 0) //@-
      h[i] = 0; //@38
  matmul(x2, h, w2, H, C); //@39
  for (int i = 0; i < T * C; i++) //@40
    x2[i] += x1[i]; //@41
}

void block_backward() {
  ZERO(dh); //@42
  matmul_back(dh, dw2, dx2, h, w2, H, C); //@43
  for (int i = 0; i < T * H; i++) //@44
    if (h[i] == 0) //@-
      dh[i] = 0; //@46
  for (int i = 0; i < T * C; i++) //@47
    dx1[i] = dx2[i]; //@-
  matmul_back(dx1, dw1, dh, x1, w1, C, H); //@49
  ZERO(dq); //@?
  ZERO(dk); //@?
  ZERO(dv); //@?
  for (int t = 0; t < T; t++) { //@53
    float da[T], mean = 0; //@54
    for (int s = 0; s <= t; s++) { //@55
      da[s] = 0; //@-
      for (int c = 0; c < C; c++) { //@57
        da[s] += AT(dx1, t, c, C) * AT(v, s, c, C); //@58
        AT(dv, s, c, C) += AT(dx1, t, c, C) * AT(att, t, s, T); //@59
      }
      mean += da[s] * AT(att, t, s, T); //@60
    }
    for (int s = 0; s <= t; s++) { //@61
      float ds = AT(att, t, s, T) * (da[s] - mean) / sqrtf(C); //@62
      for (int c = 0; c < C; c++) { //@63
        AT(dq, t, c, C) += ds * AT(k, s, c, C); //@64
        AT(dk, s, c, C) += ds * AT(q, t, c, C); //@65
      }
    }
  }
  for (int i = 0; i < T * C; i++) //@66
    dx0[i] = dx1[i]; //@-
  matmul_back(dx0, dwq, dq, x0, wq, C, C); //@68
  matmul_back(dx0, dwk, dk, x0, wk, C, C); //@69
  matmul_back(dx0, dwv, dv, x0, wv, C, C); //@70
}

void sgd(float *w, float *dw, int n, float lr) {
  for (int i = 0; i < n; i++) { //@71
    w[i] -= lr * dw[i]; //@72
    dw[i] = 0; //@73
  }
}

int main() {
  srand(1); //@74
  init(wte, V * C, 0.3f); //@75
  init(wpe, T * C, 0.3f); //@76
  init(wq, C * C, 0.3f); //@77
  init(wk, C * C, 0.3f); //@78
  init(wv, C * C, 0.3f); //@79
  init(w1, C * H, 0.3f); //@80
  init(w2, H * C, 0.3f); //@81
  init(wout, C * V, 0.3f); //@82
  float running = 0; //@83
  for (int step = 1; step <= 20000; step++) { //@84
    int tok[T + 1]; //@85
    tok[0] = rand() % V; //@86
    tok[1] = rand() % V; //@87
    for (int t = 2; t <= T; t++) //@88
      tok[t] = (tok[t - 1] + tok[t - 2]) % V; //@89

    for (int t = 0; t < T; t++) //@90
      for (int c = 0; c < C; c++) //@91
        AT(x0, t, c, C) = AT(wte, tok[t], c, C) + AT(wpe, t, c, C); //@92
    block_forward(); //@?
    matmul(probs, x2, wout, C, V); //@94
    float loss = 0; //@95
    float dlogits[T * V]; //@96
    for (int t = 0; t < T; t++) { //@97
      float total = 0; //@?
      for (int o = 0; o < V; o++) { //@?
        AT(probs, t, o, V) = expf(AT(probs, t, o, V)); //@?
        total += AT(probs, t, o, V); //@?
      }
      for (int o = 0; o < V; o++) { //@102
        AT(probs, t, o, V) /= total; //@?
        AT(dlogits, t, o, V) = (AT(probs, t, o, V) - (o == tok[t + 1])) / T; //@104
      }
      loss -= logf(AT(probs, t, tok[t + 1], V)) / T; //@105
    }
    running += loss; //@106

    ZERO(dx2); //@107
    matmul_back(dx2, dwout, dlogits, x2, wout, C, V); //@108
    block_backward(); //@?
    for (int t = 0; t < T; t++) //@110
      for (int c = 0; c < C; c++) { //@111
        AT(dwte, tok[t], c, C) += AT(dx0, t, c, C); //@112
        AT(dwpe, t, c, C) += AT(dx0, t, c, C); //@113
      }
    sgd(wte, dwte, V * C, 0.05f); //@?
    sgd(wpe, dwpe, T * C, 0.05f); //@?
    sgd(wq, dwq, C * C, 0.05f); //@?
    sgd(wk, dwk, C * C, 0.05f); //@?
    sgd(wv, dwv, C * C, 0.05f); //@?
    sgd(w1, dw1, C * H, 0.05f); //@?
    sgd(w2, dw2, H * C, 0.05f); //@?
    sgd(wout, dwout, C * V, 0.05f); //@?
    if (step % 1000 == 0) { //@122
      printf("step %d loss %f\n", step, running / 1000); //@123
      running = 0; //@124
    }
  }
  return 0; //@125
}
