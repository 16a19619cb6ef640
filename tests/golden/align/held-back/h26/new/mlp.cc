#include "tensors.h"

#include <string.h>

void mlp_forward(Mlp *m, float *out, const float *in) {
  float *h = m->h[0]; //@-
  matmul_forward(h, in, m->w1); //@35
  for (int i = 0; i < T * H; i++) { //@36
    h[i] = h[i] > 0 ? h[i] : 0.01f * h[i]; //@38
  }
  matmul_forward(out, h, m->w2); //@39
  for (int i = 0; i < T * C; i++) { //@40
    out[i] += in[i]; //@41
  }
}

void mlp_backward(Mlp *m, float *din, const float *dout, const float *in) {
  const float *h = m->h[0]; //@-
  float dh[T * H]; //@-
  memset(dh, 0, sizeof(dh)); //@42
  matmul_backward(dh, dout, h, &m->w2); //@43
  for (int i = 0; i < T * H; i++) { //@44
    dh[i] *= h[i] > 0 ? 1.0f : 0.01f; //@46
  }
  memcpy(din, dout, sizeof(float) * T * C); //@47
  matmul_backward(din, dh, in, &m->w1); //@49
}
