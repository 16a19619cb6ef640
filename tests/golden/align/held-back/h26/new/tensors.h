#pragma once

constexpr int T = 12;
constexpr int V = 7;
constexpr int C = 16;
constexpr int H = 32;

struct Param {
  int rows, cols;
  float *data, *grad, *m, *v;
};

void param_init(Param *p, int rows, int cols, float scale);
void adamw(Param *p, float lr, int step);

void matmul_forward(float *out, const float *in, const Param &w);
void matmul_backward(float *din, const float *dout, const float *in, Param *w);
void softmax_row(float *row, int n);

struct Attention {
  Param wq, wk, wv;
  float q[T][C], k[T][C], v[T][C], att[T][T];
};

void attention_forward(Attention *a, float *out, const float *in);
void attention_backward(Attention *a, float *din, const float *dout, const float *in);

struct Mlp {
  Param w1, w2;
  float h[T][H];
};

void mlp_forward(Mlp *m, float *out, const float *in);
void mlp_backward(Mlp *m, float *din, const float *dout, const float *in);
