#ifndef LSTM_H_
#define LSTM_H_

#include <cmath>
#include <random>
#include <vector>

typedef std::vector<float> vecf;

// One-layer LSTM with a linear head on the last hidden state. Gates: i f o g.
struct Lstm {
  int H;
  vecf W, U, B, V;
  float c0;

  explicit Lstm(int hidden, unsigned seed) : H(hidden), W(4 * hidden), U(4 * hidden * hidden),
                                             B(4 * hidden), V(hidden), c0(0) {
    std::mt19937 gen(seed); //@1
    std::uniform_real_distribution<float> u(-0.2f, 0.2f); //@2
    for (auto& w : W) w = u(gen); //@-
    for (auto& w : U) w = u(gen); //@-
    for (auto& w : V) w = u(gen); //@-
    for (int k = H; k < 2 * H; k++) B[k] = 1; //@6
  }
};

struct Tape {
  std::vector<vecf> gate, cell, hid;
};

inline float sig(float x) {
  return 1 / (1 + std::exp(-x)); //@7
}

inline float run(const Lstm& net, const vecf& xs, Tape& tape) {
  const int H = net.H; //@8
  tape.gate.clear(); //@9
  tape.cell.assign(1, vecf(H)); //@10
  tape.hid.assign(1, vecf(H)); //@11
  for (size_t t = 0; t < xs.size(); t++) { //@12
    vecf z(4 * H), c(H), h(H); //@13
    for (int k = 0; k < 4 * H; k++) { //@14
      z[k] = net.W[k] * xs[t] + net.B[k]; //@15
      for (int j = 0; j < H; j++) { //@?
        z[k] += net.U[k * H + j] * tape.hid.back()[j]; //@?
      }
      z[k] = k < 3 * H ? sig(z[k]) : std::tanh(z[k]); //@18
    }
    for (int k = 0; k < H; k++) { //@19
      c[k] = z[H + k] * tape.cell.back()[k] + z[k] * z[3 * H + k]; //@20
      h[k] = z[2 * H + k] * std::tanh(c[k]); //@21
    }
    tape.gate.push_back(z); //@22
    tape.cell.push_back(c); //@23
    tape.hid.push_back(h); //@24
  }
  float out = net.c0; //@?
  for (int k = 0; k < H; k++) { //@?
    out += net.V[k] * tape.hid.back()[k]; //@?
  }
  return out; //@?
}

#endif
