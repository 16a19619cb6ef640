#include "tensors.h"

#include <math.h>
#include <stdlib.h>

void param_init(Param *p, int rows, int cols, float scale) {
  p->rows = rows; //@-
  p->cols = cols; //@-
  p->data = (float *)calloc(rows * cols, sizeof(float)); //@-
  p->grad = (float *)calloc(rows * cols, sizeof(float)); //@-
  p->m = (float *)calloc(rows * cols, sizeof(float)); //@-
  p->v = (float *)calloc(rows * cols, sizeof(float)); //@-
  for (int i = 0; i < rows * cols; i++) //@1
    p->data[i] = scale * (2.0f * rand() / RAND_MAX - 1.0f); //@2
}

void adamw(Param *p, float lr, int step) {
  const float beta1 = 0.9f, beta2 = 0.999f; //@-
  const float fix1 = 1.0f - powf(beta1, step); //@-
  const float fix2 = 1.0f - powf(beta2, step); //@-
  for (int i = 0; i < p->rows * p->cols; i++) { //@71
    const float g = p->grad[i]; //@-
    p->m[i] = beta1 * p->m[i] + (1.0f - beta1) * g; //@-
    p->v[i] = beta2 * p->v[i] + (1.0f - beta2) * g * g; //@-
    p->data[i] -= lr * (p->m[i] / fix1 / (sqrtf(p->v[i] / fix2) + 1e-8f) + 0.001f * p->data[i]); //@72
    p->grad[i] = 0; //@73
  }
}

// out[t] = in[t] * w
void matmul_forward(float *out, const float *in, const Param &w) {
  for (int t = 0; t < T; t++) { //@3
    float *y = out + t * w.cols; //@-
    for (int o = 0; o < w.cols; o++) { //@?
      y[o] = 0; //@?
    }
    for (int i = 0; i < w.rows; i++) { //@6
      const float x = in[t * w.rows + i]; //@-
      for (int o = 0; o < w.cols; o++) { //@4
        y[o] += x * w.data[i * w.cols + o]; //@7
      }
    }
  }
}

void matmul_backward(float *din, const float *dout, const float *in, Param *w) {
  for (int t = 0; t < T; t++) { //@9
    for (int i = 0; i < w->rows; i++) { //@10
      float s = 0; //@-
      const float x = in[t * w->rows + i]; //@-
      for (int o = 0; o < w->cols; o++) { //@11
        const float dy = dout[t * w->cols + o]; //@-
        s += dy * w->data[i * w->cols + o]; //@12
        w->grad[i * w->cols + o] += x * dy; //@16
      }
      din[t * w->rows + i] += s; //@?
    }
  }
}

void softmax_row(float *row, int n) {
  float top = row[0]; //@-
  for (int i = 1; i < n; i++) { //@-
    if (row[i] > top) //@-
      top = row[i]; //@-
  }
  float total = 0; //@?
  for (int i = 0; i < n; i++) { //@?
    row[i] = expf(row[i] - top); //@?
    total += row[i]; //@?
  }
  for (int i = 0; i < n; i++) { //@?
    row[i] /= total; //@?
  }
}
