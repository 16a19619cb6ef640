// A one block, one head decoder-only transformer learning x[t] = (x[t-1] + x[t-2]) mod V.
#include "tensors.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static Param wte, wpe, wout;
static Attention attention;
static Mlp mlp;

static void sample(int *tok) {
  tok[0] = rand() % V; //@86
  tok[1] = rand() % V; //@87
  for (int t = 2; t <= T; t++) //@88
    tok[t] = (tok[t - 1] + tok[t - 2]) % V; //@89
}

int main() {
  srand(1); //@74
  param_init(&wte, V, C, 0.3f); //@75
  param_init(&wpe, T, C, 0.3f); //@76
  param_init(&attention.wq, C, C, 0.3f); //@77
  param_init(&attention.wk, C, C, 0.3f); //@78
  param_init(&attention.wv, C, C, 0.3f); //@79
  param_init(&mlp.w1, C, H, 0.3f); //@80
  param_init(&mlp.w2, H, C, 0.3f); //@81
  param_init(&wout, C, V, 0.3f); //@82
  Param *params[] = {&wte, &wpe, &attention.wq, &attention.wk, &attention.wv, &mlp.w1, &mlp.w2, &wout}; //@-

  const int steps = 5000, batch = 8; //@-
  float x0[T * C], x1[T * C], x2[T * C], probs[T * V]; //@-
  float dx0[T * C], dx1[T * C], dx2[T * C]; //@-
  float running = 0; //@83
  for (int step = 1; step <= steps; step++) { //@84
    const float lr = 0.003f * (step < 200 ? step / 200.0f : 1.0f); //@-
    float loss = 0; //@95
    for (int b = 0; b < batch; b++) { //@-
      int tok[T + 1]; //@85
      sample(tok); //@-
      for (int t = 0; t < T; t++) //@90
        for (int c = 0; c < C; c++) //@91
          x0[t * C + c] = wte.data[tok[t] * C + c] + wpe.data[t * C + c]; //@92
      attention_forward(&attention, x1, x0); //@?
      mlp_forward(&mlp, x2, x1); //@?
      matmul_forward(probs, x2, wout); //@94

      float dlogits[T * V]; //@96
      for (int t = 0; t < T; t++) { //@97
        softmax_row(probs + t * V, V); //@-
        loss -= logf(probs[t * V + tok[t + 1]]) / (T * batch); //@105
        for (int o = 0; o < V; o++) //@102
          dlogits[t * V + o] = (probs[t * V + o] - (o == tok[t + 1])) / (T * batch); //@104
      }
      memset(dx2, 0, sizeof(dx2)); //@107
      matmul_backward(dx2, dlogits, x2, &wout); //@108
      mlp_backward(&mlp, dx1, dx2, x1); //@?
      attention_backward(&attention, dx0, dx1, x0); //@?
      for (int t = 0; t < T; t++) //@110
        for (int c = 0; c < C; c++) { //@111
          wpe.grad[t * C + c] += dx0[t * C + c]; //@113
          wte.grad[tok[t] * C + c] += dx0[t * C + c]; //@112
        }
    }
    running += loss; //@106

    float norm = 0; //@-
    for (Param *p : params) //@-
      for (int i = 0; i < p->rows * p->cols; i++) //@-
        norm += p->grad[i] * p->grad[i]; //@-
    norm = sqrtf(norm); //@-
    for (Param *p : params) { //@?
      if (norm > 1.0f) //@-
        for (int i = 0; i < p->rows * p->cols; i++) //@-
          p->grad[i] /= norm; //@-
      adamw(p, lr, step); //@?
    }
    if (step % 100 == 0) { //@122
      printf("step %d loss %f norm %f\n", step, running / 100, norm); //@123
      running = 0; //@124
    }
  }
  return 0; //@125
}
