// 1-D convolution + global max pooling + linear read-out, for spotting a motif.
#include <math.h>
#include <stdio.h>

#include <random>
#include <vector>

static const int LEN = 20, WIDTH = 5, FILTERS = 4;

struct Sample { float sig[LEN]; float target; };

static std::mt19937 prng(77);

static std::vector<Sample> build(int n) {
  std::uniform_real_distribution<float> u(-0.3f, 0.3f); //@1
  std::uniform_int_distribution<int> pos(0, LEN - WIDTH); //@2
  std::vector<Sample> v(n); //@3
  for (int i = 0; i < n; i++) { //@4
    for (int t = 0; t < LEN; t++) //@5
      v[i].sig[t] = u(prng); //@6
    v[i].target = (float)(i & 1); //@7
    if (i & 1) { //@8
      int at = pos(prng); //@9
      for (int t = 0; t < WIDTH; t++) //@10
        v[i].sig[at + t] += t % 2 ? -0.7f : 0.7f; //@11
    }
  }
  return v; //@12
}

int main() {
  std::vector<Sample> train = build(300), valid = build(100); //@13
  float kern[FILTERS][WIDTH], read[FILTERS], off = 0; //@14
  std::normal_distribution<float> n01(0.f, 0.3f); //@15
  for (int f = 0; f < FILTERS; f++) { //@16
    for (int t = 0; t < WIDTH; t++) //@17
      kern[f][t] = n01(prng); //@18
    read[f] = n01(prng); //@19
  }
  const float eta = 0.05f; //@20
  const float l2 = 1e-4f; //@-

  for (int epoch = 0; epoch < 25; epoch++) { //@21
    double vloss = 0; //@48
    int vok = 0; //@49
    for (const Sample &s : valid) { //@50
      float out = off; //@52
      for (int f = 0; f < FILTERS; f++) { //@53
        float best = -1e9f; //@54
        for (int p = 0; p + WIDTH <= LEN; p++) { //@55
          float r = 0; //@56
          for (int t = 0; t < WIDTH; t++) //@57
            r += kern[f][t] * s.sig[p + t]; //@58
          if (r > best) //@59
            best = r; //@60
        }
        out += read[f] * best; //@61
      }
      float prob = 1 / (1 + expf(-out)); //@62
      vloss -= s.target > 0 ? logf(prob) : logf(1 - prob); //@63
      vok += (prob > 0.5f) == (s.target > 0.5f); //@64
    }
    printf("%d valid loss %.4f acc %.3f\n", epoch, vloss / valid.size(), vok / (double)valid.size()); //@65

    double loss = 0; //@22
    int ok = 0; //@23
    for (const Sample &s : train) { //@24
      float peak[FILTERS]; //@25
      int where[FILTERS]; //@26
      float out = off; //@27
      for (int f = 0; f < FILTERS; f++) { //@28
        peak[f] = -1e9f; //@29
        for (int p = 0; p + WIDTH <= LEN; p++) { //@30
          float r = 0; //@31
          for (int t = 0; t < WIDTH; t++) //@32
            r += kern[f][t] * s.sig[p + t]; //@33
          if (r > peak[f]) { //@34
            peak[f] = r; //@35
            where[f] = p; //@36
          }
        }
        out += read[f] * peak[f]; //@37
      }
      float prob = 1 / (1 + expf(-out)); //@38
      loss -= s.target > 0 ? logf(prob) : logf(1 - prob); //@39
      ok += (prob > 0.5f) == (s.target > 0.5f); //@40
      float d = prob - s.target; //@41
      for (int f = 0; f < FILTERS; f++) { //@42
        for (int t = 0; t < WIDTH; t++) //@43
          kern[f][t] -= eta * (d * read[f] * s.sig[where[f] + t] + l2 * kern[f][t]); //@44
        read[f] -= eta * (d * peak[f] + l2 * read[f]); //@45
      }
      off -= eta * d; //@46
    }
    printf("%d train loss %.4f acc %.3f\n", epoch, loss / train.size(), ok / (double)train.size()); //@47
  }
}
