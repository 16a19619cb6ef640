// tiny convnet on 8x8 bars
#include <algorithm>
#include <cmath>
#include <iomanip>
#include <iostream>
#include <random>
#include <vector>

constexpr int kSide = 8;
constexpr int kKernel = 3;
constexpr int kOut = kSide - kKernel + 1;
constexpr int kFilters = 4;
constexpr int kClasses = 2;
constexpr int kTrain = 240;
constexpr int kTest = 60;

using Plane = std::vector<std::vector<double>>;

static std::mt19937 rng;
static std::vector<Plane> images;
static std::vector<int> labels;
static std::vector<Plane> kern;
static std::vector<double> kb;
static Plane fc;
static std::vector<double> fb;

static double unif() {
  static std::uniform_real_distribution<double> dist(0.0, 1.0); //@-
  return dist(rng); //@1
}

static void make_images() {
  images.assign(kTrain + kTest, Plane(kSide, std::vector<double>(kSide))); //@-
  labels.resize(kTrain + kTest); //@-
  std::uniform_int_distribution<int> which(0, kClasses - 1); //@-
  std::uniform_int_distribution<int> where(0, kSide - 1); //@-
  for (std::size_t n = 0; n < images.size(); ++n) { //@2
    labels[n] = which(rng); //@3
    const int pos = where(rng); //@4
    for (int i = 0; i < kSide; ++i) { //@5
      for (int j = 0; j < kSide; ++j) { //@6
        images[n][i][j] = 0.2 * unif(); //@7
      }
      double& px = labels[n] == 0 ? images[n][i][pos] : images[n][pos][i]; //@8
      px += 1.0; //@9
    }
  }
}

static void init() {
  kern.assign(kFilters, Plane(kKernel, std::vector<double>(kKernel))); //@-
  for (Plane& k : kern) { //@10
    for (auto& row : k) { //@11
      for (double& v : row) { //@12
        v = unif() - 0.5; //@13
      }
    }
  }
  kb.assign(kFilters, 0.0); //@14
  fc.assign(kClasses, std::vector<double>(kFilters)); //@-
  for (auto& row : fc) { //@15
    for (double& v : row) { //@16
      v = unif() - 0.5; //@17
    }
  }
  fb.assign(kClasses, 0.0); //@18
}

static void forward(const Plane& img, std::vector<Plane>& act, std::vector<double>& pool,
                    std::vector<double>& p) {
  for (int f = 0; f < kFilters; ++f) { //@19
    pool[f] = 0; //@20
    for (int r = 0; r < kOut; ++r) { //@21
      for (int q = 0; q < kOut; ++q) { //@22
        double s = kb[f]; //@23
        for (int i = 0; i < kKernel; ++i) { //@24
          for (int j = 0; j < kKernel; ++j) { //@25
            s += kern[f][i][j] * img[r + i][q + j]; //@26
          }
        }
        act[f][r][q] = std::max(s, 0.0); //@27
        pool[f] += act[f][r][q] / (kOut * kOut); //@28
      }
    }
  }
  double z = 0; //@29
  for (int c = 0; c < kClasses; ++c) { //@30
    double s = fb[c]; //@31
    for (int f = 0; f < kFilters; ++f) { //@32
      s += fc[c][f] * pool[f]; //@33
    }
    p[c] = std::exp(s); //@34
    z += p[c]; //@35
  }
  for (double& v : p) { //@36
    v /= z; //@37
  }
}

int main() {
  std::vector<Plane> act(kFilters, Plane(kOut, std::vector<double>(kOut))); //@-
  std::vector<double> pool(kFilters), p(kClasses), dpool(kFilters); //@-
  double lr = 0.3; //@38
  rng.seed(7); //@39
  make_images(); //@40
  init(); //@41
  std::cout << std::fixed << std::setprecision(4); //@-
  for (int ep = 0; ep < 25; ++ep) { //@42
    double loss = 0; //@43
    for (int n = 0; n < kTrain; ++n) { //@44
      const Plane& img = images[n]; //@-
      forward(img, act, pool, p); //@45
      loss -= std::log(p[labels[n]] + 1e-12); //@46
      std::fill(dpool.begin(), dpool.end(), 0.0); //@47
      for (int c = 0; c < kClasses; ++c) { //@48
        const double d = p[c] - (c == labels[n]); //@49
        for (int f = 0; f < kFilters; ++f) { //@50
          dpool[f] += d * fc[c][f]; //@51
          fc[c][f] -= lr * d * pool[f]; //@52
        }
        fb[c] -= lr * d; //@53
      }
      for (int f = 0; f < kFilters; ++f) { //@54
        const double g = dpool[f] / (kOut * kOut); //@59
        for (int r = 0; r < kOut; ++r) { //@55
          for (int q = 0; q < kOut; ++q) { //@56
            if (act[f][r][q] <= 0) { //@57
              continue; //@58
            }
            for (int i = 0; i < kKernel; ++i) { //@60
              for (int j = 0; j < kKernel; ++j) { //@61
                kern[f][i][j] -= lr * g * img[r + i][q + j]; //@62
              }
            }
            kb[f] -= lr * g; //@63
          }
        }
      }
    }
    int ok = 0; //@64
    for (int n = kTrain; n < kTrain + kTest; ++n) { //@65
      forward(images[n], act, pool, p); //@66
      ok += (p[1] > p[0]) == (labels[n] == 1); //@67
    }
    std::cout << "epoch " << ep << " loss " << loss / kTrain << " test " //@68
              << ok / static_cast<double>(kTest) << '\n';
    lr *= 0.97; //@69
  }
  return 0; //@70
}
