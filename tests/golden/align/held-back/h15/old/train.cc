// Adding-like task: predict the mean of the marked half of a sequence.
#include <algorithm>
#include <cstdio>
#include "lstm.h"

static const int LEN = 10, HID = 8, STEPS_PER_EPOCH = 100, EPOCHS = 25;

static void make_sequence(std::mt19937& gen, vecf& xs, float& y) {
  std::uniform_real_distribution<float> u(-1, 1); //@29
  xs.resize(LEN); //@30
  y = 0; //@31
  for (int t = 0; t < LEN; t++) { //@32
    xs[t] = u(gen); //@33
    if (t >= LEN / 2) { //@34
      y += xs[t] / (LEN / 2); //@-
    }
  }
}

static void clip(vecf& g, float limit) {
  for (float& v : g) { //@-
    v = std::max(-limit, std::min(limit, v)); //@-
  }
}

int main() {
  Lstm net(HID, 6); //@38
  std::mt19937 gen(60); //@39
  Tape tape; //@40
  vecf xs; //@41
  float y = 0; //@-
  float lr = 0.05f, running = 0, best = 1e9f; //@43
  int bad = 0; //@44
  const int H = HID; //@45
  for (int step = 0; step < EPOCHS * STEPS_PER_EPOCH; step++) { //@?
    make_sequence(gen, xs, y); //@47
    float pred = run(net, xs, tape); //@-
    float err = pred - y; //@49
    running += 0.5f * err * err; //@50
    vecf dW(4 * H), dU(4 * H * H), dB(4 * H), dV(H); //@51
    vecf dh(H), dc(H); //@52
    for (int k = 0; k < H; k++) { //@53
      dV[k] = err * tape.hid.back()[k]; //@54
      dh[k] = err * net.V[k]; //@55
    }
    for (int t = LEN - 1; t >= 0; t--) { //@56
      const vecf& z = tape.gate[t]; //@57
      vecf dz(4 * H); //@58
      for (int k = 0; k < H; k++) { //@59
        float th = std::tanh(tape.cell[t + 1][k]); //@60
        dc[k] += dh[k] * z[2 * H + k] * (1 - th * th); //@61
        dz[k] = dc[k] * z[3 * H + k] * z[k] * (1 - z[k]); //@62
        dz[H + k] = dc[k] * tape.cell[t][k] * z[H + k] * (1 - z[H + k]); //@63
        dz[2 * H + k] = dh[k] * th * z[2 * H + k] * (1 - z[2 * H + k]); //@64
        dz[3 * H + k] = dc[k] * z[k] * (1 - z[3 * H + k] * z[3 * H + k]); //@65
        dc[k] *= z[H + k]; //@66
      }
      dh.assign(H, 0); //@67
      for (int k = 0; k < 4 * H; k++) { //@68
        dW[k] += dz[k] * xs[t]; //@69
        dB[k] += dz[k]; //@70
        for (int j = 0; j < H; j++) { //@71
          dU[k * H + j] += dz[k] * tape.hid[t][j]; //@72
          dh[j] += dz[k] * net.U[k * H + j]; //@73
        }
      }
    }
    clip(dW, 1); //@-
    clip(dU, 1); //@-
    clip(dB, 1); //@-
    clip(dV, 1); //@-
    for (size_t k = 0; k < net.W.size(); k++) net.W[k] -= lr * dW[k]; //@78
    for (size_t k = 0; k < net.U.size(); k++) net.U[k] -= lr * dU[k]; //@79
    for (size_t k = 0; k < net.B.size(); k++) net.B[k] -= lr * dB[k]; //@80
    for (size_t k = 0; k < net.V.size(); k++) net.V[k] -= lr * dV[k]; //@81
    net.c0 -= lr * err; //@82
    if ((step + 1) % STEPS_PER_EPOCH == 0) { //@-
      running /= STEPS_PER_EPOCH; //@84
      printf("step %d loss %.5f\n", step + 1, running); //@85
      if (running < best) { //@86
        best = running; //@87
        bad = 0; //@88
      } else {
        bad++; //@89
        lr *= 0.7f; //@90
      }
      if (bad == 4) { //@91
        printf("early stop\n"); //@-
        break; //@-
      }
      running = 0; //@?
    }
  }
  return 0; //@95
}
