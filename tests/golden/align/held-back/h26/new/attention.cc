#include "tensors.h"

#include <math.h>
#include <string.h>

static const float kScale = 1.0f / sqrtf(C);

void attention_forward(Attention *a, float *out, const float *in) {
  matmul_forward(a->q[0], in, a->wq); //@17
  matmul_forward(a->k[0], in, a->wk); //@18
  matmul_forward(a->v[0], in, a->wv); //@19
  memcpy(out, in, sizeof(float) * T * C); //@?
  for (int t = 0; t < T; t++) { //@20
    for (int s = 0; s <= t; s++) { //@22
      float dot = 0; //@23
      for (int c = 0; c < C; c++) //@24
        dot += a->q[t][c] * a->k[s][c]; //@25
      a->att[t][s] = dot * kScale; //@26
    }
    softmax_row(a->att[t], t + 1); //@-
    for (int s = 0; s <= t; s++) { //@32
      for (int c = 0; c < C; c++) //@30
        out[t * C + c] += a->att[t][s] * a->v[s][c]; //@33
    }
  }
}

void attention_backward(Attention *a, float *din, const float *dout, const float *in) {
  float dq[T][C] = {}, dk[T][C] = {}, dv[T][C] = {}; //@?
  for (int t = 0; t < T; t++) { //@53
    const float *dy = dout + t * C; //@-
    float da[T] = {}, mean = 0; //@54
    for (int s = 0; s <= t; s++) { //@55
      for (int c = 0; c < C; c++) { //@57
        dv[s][c] += dy[c] * a->att[t][s]; //@59
        da[s] += dy[c] * a->v[s][c]; //@58
      }
      mean += da[s] * a->att[t][s]; //@60
    }
    for (int s = 0; s <= t; s++) { //@61
      const float ds = a->att[t][s] * (da[s] - mean) * kScale; //@62
      for (int c = 0; c < C; c++) { //@63
        dq[t][c] += ds * a->k[s][c]; //@64
        dk[s][c] += ds * a->q[t][c]; //@65
      }
    }
  }
  memcpy(din, dout, sizeof(float) * T * C); //@66
  matmul_backward(din, dq[0], in, &a->wq); //@68
  matmul_backward(din, dk[0], in, &a->wk); //@69
  matmul_backward(din, dv[0], in, &a->wv); //@70
}
