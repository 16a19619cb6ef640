// contrastive embedding of noisy views, two-layer net, plain functions
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <random>
#include <vector>

typedef std::vector<double> vec;

const int IN = 10, HID = 12, EMB = 4;

static void encode(const vec& W1, const vec& b1, const vec& W2, const vec& x, vec& h, vec& e) {
  for (int i = 0; i < HID; ++i) { //@1
    double a = b1[i]; //@2
    for (int j = 0; j < IN; ++j) //@3
      a += W1[i * IN + j] * x[j]; //@4
    h[i] = a > 0 ? a : 0; //@5
  }
  for (int i = 0; i < EMB; ++i) { //@6
    e[i] = 0; //@7
    for (int j = 0; j < HID; ++j) //@8
      e[i] += W2[i * HID + j] * h[j]; //@9
  }
}

static double dist2(const vec& a, const vec& b) {
  double d = 0; //@10
  for (int i = 0; i < EMB; ++i) //@11
    d += (a[i] - b[i]) * (a[i] - b[i]); //@12
  return d; //@13
}

static void step(vec& w, vec& vel, const vec& g, double lr) {
  for (size_t i = 0; i < w.size(); ++i) { //@14
    vel[i] = 0.9 * vel[i] + g[i]; //@15
    w[i] -= lr * vel[i]; //@16
  }
}

int main() {
  std::mt19937 rng(99); //@-
  std::normal_distribution<double> gauss(0, 1); //@18
  const int n = 160, classes = 4, batch = 16; //@-
  const double margin = 1.0; //@-
  double lr = 0.01; //@-

  std::vector<vec> centers(classes, vec(IN)); //@22
  for (auto& c : centers) //@23
    for (auto& v : c) //@24
      v = gauss(rng); //@25
  std::vector<vec> xs; //@-
  std::vector<int> cls; //@-
  for (int i = 0; i < n; ++i) { //@28
    vec x = centers[i % classes]; //@-
    for (auto& v : x) //@30
      v += 0.4 * gauss(rng); //@31
    xs.push_back(x); //@32
    cls.push_back(i % classes); //@33
  }

  vec W1(HID * IN), b1(HID), W2(EMB * HID); //@-
  for (auto& w : W1) //@?
    w = gauss(rng) / std::sqrt(IN); //@?
  for (auto& w : W2) //@?
    w = gauss(rng) / std::sqrt(HID); //@?
  vec vW1(W1.size()), vb1(b1.size()), vW2(W2.size()); //@-
  vec gW1(W1.size()), gb1(b1.size()), gW2(W2.size()); //@-
  vec ha(HID), hb(HID), ea(EMB), eb(EMB); //@41
  std::uniform_int_distribution<int> pick(0, n - 1); //@42

  for (int it = 0; it < 400; ++it) { //@43
    std::fill(gW1.begin(), gW1.end(), 0.0); //@44
    std::fill(gb1.begin(), gb1.end(), 0.0); //@45
    std::fill(gW2.begin(), gW2.end(), 0.0); //@46
    double loss = 0; //@47
    for (int k = 0; k < batch; ++k) { //@48
      int a = pick(rng), b = pick(rng); //@49
      encode(W1, b1, W2, xs[a], ha, ea); //@50
      encode(W1, b1, W2, xs[b], hb, eb); //@51
      double d = std::sqrt(dist2(ea, eb) + 1e-9); //@52
      double coef = 0; //@53
      if (cls[a] == cls[b]) { //@54
        loss += 0.5 * d * d; //@55
        coef = 1; //@56
      } else if (d < margin) {
        loss += 0.5 * (margin - d) * (margin - d); //@57
        coef = -(margin - d) / d; //@58
      }
      for (int i = 0; i < EMB; ++i) { //@59
        double g = coef * (ea[i] - eb[i]) / batch; //@60
        for (int j = 0; j < HID; ++j) { //@61
          gW2[i * HID + j] += g * ha[j]; //@62
          gW2[i * HID + j] -= g * hb[j]; //@-
          double da = ha[j] > 0 ? g * W2[i * HID + j] : 0; //@64
          double db = hb[j] > 0 ? -g * W2[i * HID + j] : 0; //@-
          gb1[j] += da; //@66
          gb1[j] += db; //@-
          for (int m = 0; m < IN; ++m) { //@68
            gW1[j * IN + m] += da * xs[a][m]; //@69
            gW1[j * IN + m] += db * xs[b][m]; //@-
          }
        }
      }
    }
    step(W1, vW1, gW1, lr); //@71
    step(b1, vb1, gb1, lr); //@72
    step(W2, vW2, gW2, lr); //@73
    if (it % 50 == 0) { //@74
      int hit = 0; //@75
      for (int i = 0; i < n; ++i) { //@76
        encode(W1, b1, W2, xs[i], ha, ea); //@77
        double best = 1e30; //@78
        int arg = -1; //@79
        for (int j = 0; j < n; ++j) { //@80
          if (j == i) //@-
            continue; //@-
          encode(W1, b1, W2, xs[j], hb, eb); //@83
          double d = dist2(ea, eb); //@84
          if (d < best) { //@85
            best = d; //@86
            arg = j; //@87
          }
        }
        hit += cls[arg] == cls[i]; //@88
      }
      printf("iter %d loss %.5f nn-acc %.3f\n", it, loss / batch, hit / (double)n); //@89
    }
    lr *= 0.997; //@90
  }
  return 0; //@91
}
