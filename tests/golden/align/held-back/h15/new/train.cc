// Adding-like task: predict the mean of the marked half of a sequence.
#include <cmath>
#include <cstdio>
#include "lstm.h"

static const int LEN = 10, HID = 8, BATCHES = 100, EPOCHS = 25, BATCH = 4;

static float make_sequence(std::mt19937& gen, rnn::vecf& xs) {
  std::uniform_real_distribution<float> u(-1, 1); //@29
  xs.resize(LEN); //@30
  float sum = 0; //@31
  for (int t = 0; t < LEN; t++) { //@32
    xs[t] = u(gen); //@33
    if (t >= LEN / 2) sum += xs[t]; //@34
  }
  return sum / (LEN - LEN / 2); //@-
}

int main() {
  rnn::Lstm net(HID, 6); //@38
  std::mt19937 gen(60); //@39
  rnn::Tape tape; //@40
  rnn::vecf xs; //@41
  float lr = 0.05f, best = 1e9f; //@43
  int strikes = 0; //@44
  for (int epoch = 0; epoch < EPOCHS && strikes < 4; epoch++) { //@?
    float running = 0; //@?
    for (int b = 0; b < BATCHES; b++) { //@?
      rnn::Lstm d = rnn::Lstm::zeros_like(net); //@51
      for (int s = 0; s < BATCH; s++) { //@-
        const float y = make_sequence(gen, xs); //@47
        const float err = rnn::run(net, xs, tape) - y; //@49
        running += 0.5f * err * err / BATCH; //@50
        rnn::backprop(net, tape, err / BATCH, d); //@-
      }
      const float norm = std::sqrt(rnn::sum_squares(d)); //@-
      rnn::descend(net, d, norm > 1 ? lr / norm : lr); //@-
    }
    running /= BATCHES; //@84
    printf("epoch %d loss %.5f\n", epoch, running); //@85
    if (running < best) { //@86
      best = running; //@87
      strikes = 0; //@88
      continue; //@-
    }
    strikes++; //@89
    lr *= 0.7f; //@90
  }
  if (strikes == 4) printf("early stop\n"); //@91
  return 0; //@95
}
