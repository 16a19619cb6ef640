#include "lstm.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace rnn {

Lstm::Lstm(int hidden, unsigned seed)
    : H(hidden), W(4 * hidden), U(4 * hidden * hidden), B(4 * hidden), V(hidden), c0(0) {
  std::mt19937 gen(seed); //@1
  const float bound = 1 / std::sqrt(float(hidden)); //@-
  std::uniform_real_distribution<float> u(-bound, bound); //@2
  for (auto* block : {&W, &U, &V}) { //@-
    for (auto& w : *block) w = u(gen); //@?
  }
  std::fill(B.begin() + H, B.begin() + 2 * H, 1.0f); //@6
}

Lstm Lstm::zeros_like(const Lstm& other) {
  Lstm d(other.H, 0); //@-
  for (auto* block : {&d.W, &d.U, &d.B, &d.V}) { //@-
    std::fill(block->begin(), block->end(), 0.0f); //@-
  }
  return d; //@-
}

static float sig(float x) {
  return 1 / (1 + std::exp(-x)); //@7
}

float run(const Lstm& net, const vecf& input, Tape& tape) {
  const int H = net.H; //@8
  tape.xs = input; //@-
  tape.gate.clear(); //@9
  tape.cell.assign(1, vecf(H)); //@10
  tape.hid.assign(1, vecf(H)); //@11
  for (float x : input) { //@12
    const vecf& h_prev = tape.hid.back(); //@-
    const vecf& c_prev = tape.cell.back(); //@-
    vecf z(4 * H), c(H), h(H); //@13
    for (int k = 0; k < 4 * H; k++) { //@14
      const float a = net.W[k] * x + net.B[k]; //@15
      z[k] = std::inner_product(h_prev.begin(), h_prev.end(), net.U.begin() + k * H, a); //@?
      z[k] = k < 3 * H ? sig(z[k]) : std::tanh(z[k]); //@18
    }
    for (int k = 0; k < H; k++) { //@19
      c[k] = z[H + k] * c_prev[k] + z[k] * z[3 * H + k]; //@20
      h[k] = z[2 * H + k] * std::tanh(c[k]); //@21
    }
    tape.hid.push_back(h); //@24
    tape.cell.push_back(c); //@23
    tape.gate.push_back(z); //@22
  }
  const vecf& last = tape.hid.back(); //@-
  return std::inner_product(last.begin(), last.end(), net.V.begin(), net.c0); //@?
}

void backprop(const Lstm& net, const Tape& tape, float err, Lstm& d) {
  const int H = net.H; //@45
  vecf dh(H), dc(H); //@52
  for (int k = 0; k < H; k++) { //@53
    d.V[k] += err * tape.hid.back()[k]; //@54
    dh[k] = err * net.V[k]; //@55
  }
  d.c0 += err; //@-
  for (int t = (int)tape.xs.size() - 1; t >= 0; t--) { //@56
    const vecf& z = tape.gate[t]; //@57
    vecf dz(4 * H); //@58
    for (int k = 0; k < H; k++) { //@59
      const float i = z[k], f = z[H + k], o = z[2 * H + k], g = z[3 * H + k]; //@-
      const float th = std::tanh(tape.cell[t + 1][k]); //@60
      dc[k] += dh[k] * o * (1 - th * th); //@61
      dz[2 * H + k] = dh[k] * th * o * (1 - o); //@64
      dz[k] = dc[k] * g * i * (1 - i); //@62
      dz[3 * H + k] = dc[k] * i * (1 - g * g); //@65
      dz[H + k] = dc[k] * tape.cell[t][k] * f * (1 - f); //@63
      dc[k] *= f; //@66
    }
    dh.assign(H, 0); //@67
    for (int k = 0; k < 4 * H; k++) { //@68
      d.W[k] += dz[k] * tape.xs[t]; //@69
      d.B[k] += dz[k]; //@70
      for (int j = 0; j < H; j++) { //@71
        d.U[k * H + j] += dz[k] * tape.hid[t][j]; //@72
        dh[j] += dz[k] * net.U[k * H + j]; //@73
      }
    }
  }
}

float sum_squares(const Lstm& d) {
  float s = d.c0 * d.c0; //@-
  for (float v : d.W) s += v * v; //@-
  for (float v : d.U) s += v * v; //@-
  for (float v : d.B) s += v * v; //@-
  for (float v : d.V) s += v * v; //@-
  return s; //@-
}

void descend(Lstm& net, const Lstm& d, float rate) {
  for (size_t k = 0; k < net.W.size(); k++) net.W[k] -= rate * d.W[k]; //@78
  for (size_t k = 0; k < net.U.size(); k++) net.U[k] -= rate * d.U[k]; //@79
  for (size_t k = 0; k < net.B.size(); k++) net.B[k] -= rate * d.B[k]; //@80
  for (size_t k = 0; k < net.V.size(); k++) net.V[k] -= rate * d.V[k]; //@81
  net.c0 -= rate * d.c0; //@82
}

}  // namespace rnn
