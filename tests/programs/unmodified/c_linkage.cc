// what: the structs of a library in C, compiled as C++, within extern "C"
// standard: c++11
// loop: epoch
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <cstdlib>

extern "C" {
struct layer;
typedef double (*act)(double);
typedef struct {
  unsigned trained : 1;
  unsigned steps : 15;
} flags;
typedef struct net {
  int inputs, hidden;
  act activation;
  double *weight, *output;  // one block
  flags state;
  struct {
    double rate, momentum[2];
  } options;
} net;

static double sigmoid(double x) { return 1 / (1 + exp(-x)); }

net* net_new(int inputs, int hidden) {
  const int weights = (inputs + 1) * hidden + hidden + 1, outputs = hidden + 1;
  net* n = static_cast<net*>(malloc(sizeof(net)));
  n->inputs = inputs;
  n->hidden = hidden;
  n->activation = sigmoid;
  n->weight = static_cast<double*>(malloc(sizeof(double) * static_cast<size_t>(weights + outputs)));
  n->output = n->weight + weights;
  n->state.trained = 0;
  n->state.steps = 0;
  n->options.rate = 0.7;
  n->options.momentum[0] = n->options.momentum[1] = 0;
  for (int i = 0; i < weights; ++i) n->weight[i] = 0.3 * sin(7.0 * i + 1);
  for (int i = 0; i < outputs; ++i) n->output[i] = 0;
  return n;
}
double net_run(net* n, const double* in) {
  const double* w = n->weight;
  for (int h = 0; h < n->hidden; ++h) {
    double sum = *w++;
    for (int i = 0; i < n->inputs; ++i) sum += *w++ * in[i];
    n->output[h] = n->activation(sum);
  }
  double sum = *w++;
  for (int h = 0; h < n->hidden; ++h) sum += *w++ * n->output[h];
  return n->output[n->hidden] = n->activation(sum);
}
void net_train(net* n, const double* in, double target) {
  const double y = net_run(n, in), d = (target - y) * y * (1 - y);
  double* out = n->weight + (n->inputs + 1) * n->hidden;
  for (int h = 0; h < n->hidden; ++h) {
    const double o = n->output[h], dh = o * (1 - o) * d * out[h + 1];
    double* w = n->weight + h * (n->inputs + 1);
    w[0] += n->options.rate * dh;
    for (int i = 0; i < n->inputs; ++i) w[i + 1] += n->options.rate * dh * in[i];
    out[h + 1] += n->options.rate * d * o + 0.1 * n->options.momentum[h % 2];
    n->options.momentum[h % 2] = 0.01 * d * o;
  }
  out[0] += n->options.rate * d;
  ++n->state.steps;
  n->state.trained = 1;
}
}

int main() {
  const double in[4][2] = {{0, 0}, {0, 1}, {1, 0}, {1, 1}}, out[4] = {0, 1, 1, 0};
  net* n = net_new(2, 3);
  for (int epoch = 0; epoch < 12; ++epoch) {
    double loss = 0;
    for (int i = 0; i < 4; ++i) {
      net_train(n, in[i], out[i]);
      const double off = net_run(n, in[i]) - out[i];
      loss += off * off;
    }
    std::printf("loss %a\n", loss);
  }
  std::printf("steps %d\n", static_cast<int>(n->state.steps));
  free(n->weight);
  free(n);
}
