#ifndef LSTM_H_
#define LSTM_H_

#include <random>
#include <vector>

namespace rnn {

typedef std::vector<float> vecf;

// One-layer LSTM with a linear head on the last hidden state. Gates: i f o g.
struct Lstm {
  int H;
  vecf W, U, B, V;
  float c0;

  Lstm(int hidden, unsigned seed);
  static Lstm zeros_like(const Lstm& other);
};

struct Tape {
  vecf xs;
  std::vector<vecf> gate, cell, hid;
};

float run(const Lstm& net, const vecf& input, Tape& tape);
void backprop(const Lstm& net, const Tape& tape, float err, Lstm& d);
float sum_squares(const Lstm& d);
void descend(Lstm& net, const Lstm& d, float rate);

}  // namespace rnn

#endif
