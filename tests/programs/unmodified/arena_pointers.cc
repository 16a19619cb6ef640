// what: one malloc'd block and a struct of pointers into it, a small language model in the style of C transformer code
// standard: c++11
// loop: step
// probe: loss after 'printf("loss %a\n", loss);'
// expect: exact
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct {
  float *embedding;  // vocabulary x width
  float *mix;        // width x width
  float *out;        // width x vocabulary
} Tensors;

typedef struct {
  int vocabulary, width;
  size_t count;
  float *parameter_memory, *gradient_memory;
  Tensors parameters, gradients;
} Model;

static void point(Tensors *t, float *memory, int v, int d) {
  t->embedding = memory;
  t->mix = t->embedding + v * d;
  t->out = t->mix + d * d;
}

static float backward(Model *m, int token, int next) {
  const int v = m->vocabulary, d = m->width;
  Tensors *p = &m->parameters, *g = &m->gradients;
  const float *x = p->embedding + token * d;
  float h[8], dh[8] = {0}, logits[16], sum = 0;
  for (int j = 0; j < d; j++) {
    h[j] = 0;
    for (int k = 0; k < d; k++) h[j] += x[k] * p->mix[k * d + j];
    h[j] = tanhf(h[j]);
  }
  for (int t = 0; t < v; t++) {
    float z = 0;
    for (int j = 0; j < d; j++) z += h[j] * p->out[j * v + t];
    sum += logits[t] = expf(z);
  }
  for (int t = 0; t < v; t++) {
    const float delta = logits[t] / sum - (t == next);
    for (int j = 0; j < d; j++) g->out[j * v + t] += delta * h[j], dh[j] += delta * p->out[j * v + t];
  }
  for (int j = 0; j < d; j++)
    for (int k = 0; k < d; k++) {
      const float delta = dh[j] * (1 - h[j] * h[j]);
      g->mix[k * d + j] += delta * x[k], g->embedding[token * d + k] += delta * p->mix[k * d + j];
    }
  return -logf(logits[next] / sum);
}

int main(void) {
  const char *text = "abcabdabcabeabcabd";
  Model m = {16, 8, 16 * 8 * 2 + 8 * 8, NULL, NULL, {NULL, NULL, NULL}, {NULL, NULL, NULL}};
  m.parameter_memory = (float *)malloc(m.count * sizeof(float));
  point(&m.parameters, m.parameter_memory, m.vocabulary, m.width);
  unsigned seed = 1;
  for (size_t i = 0; i < m.count; i++) m.parameter_memory[i] = ((seed = seed * 1664525u + 1013904223u) >> 8) / 16777216.0f - 0.5f;
  for (int step = 0; step < 10; step++) {
    if (!m.gradient_memory) {
      m.gradient_memory = (float *)malloc(m.count * sizeof(float));
      point(&m.gradients, m.gradient_memory, m.vocabulary, m.width);
    }
    for (size_t i = 0; i < m.count; i++) m.gradient_memory[i] = 0;
    float loss = 0;
    for (int i = 0; text[i + 1]; i++) loss += backward(&m, text[i] - 'a', text[i + 1] - 'a');
    for (size_t i = 0; i < m.count; i++) m.parameter_memory[i] -= 0.05f * m.gradient_memory[i];
    printf("loss %a\n", loss);
  }
  printf("out %a\n", m.parameters.out[3]);
  free(m.parameter_memory);
  free(m.gradient_memory);
}
