#include <cmath>
#include <iostream>
#include <random>
#include <vector>

using std::size_t;
using std::vector;

int main() {
  const int n_in = 16, n_code = 3, n_rows = 300, n_epochs = 50; //@-
  std::mt19937 gen(5u); //@-
  double lr = 0.05; //@-

  // ---- data ----
  vector<vector<double>> rows; //@-
  std::normal_distribution<double> noise(0.0, 0.05); //@12
  std::uniform_real_distribution<double> phase(0.0, 6.2831853); //@13
  while (rows.size() < size_t(n_rows)) { //@14
    vector<double> r(n_in); //@15
    const double shift = phase(gen); //@16
    for (int i = 0; i < n_in; ++i) { //@17
      r[i] = 0.5 * std::sin(shift + 0.5 * i) + noise(gen); //@18
    }
    rows.push_back(r); //@19
  }
  std::cout << "training on " << rows.size() << " rows\n"; //@56

  // ---- parameters ----
  std::uniform_real_distribution<double> u(-0.3, 0.3); //@1
  vector<double> w_in(n_code * n_in); //@2
  for (double& w : w_in) { //@4
    w = u(gen); //@5
  }
  vector<double> w_out(n_in * n_code); //@3
  for (double& w : w_out) { //@6
    w = u(gen); //@7
  }
  vector<double> b_in(n_code, 0.0); //@8
  vector<double> b_out(n_in, 0.0); //@9
  vector<double> z(n_code); //@10
  vector<double> out(n_in); //@11

  for (int e = 0; e < n_epochs; ++e) { //@45
    double total = 0.0; //@46
    for (const vector<double>& x : rows) { //@47
      // encode
      for (int j = 0; j < n_code; ++j) { //@20
        double a = b_in[j]; //@21
        for (int i = 0; i < n_in; ++i) { //@22
          a += w_in[j * n_in + i] * x[i]; //@23
        }
        z[j] = std::tanh(a); //@24
      }
      // decode
      double err = 0.0; //@25
      for (int i = 0; i < n_in; ++i) { //@26
        out[i] = b_out[i]; //@27
        for (int j = 0; j < n_code; ++j) { //@28
          out[i] += w_out[i * n_code + j] * z[j]; //@29
        }
        err += 0.5 * (out[i] - x[i]) * (out[i] - x[i]); //@31
      }
      total += err; //@48
      // backward
      vector<double> dz(n_code, 0.0); //@33
      for (int i = 0; i < n_in; ++i) { //@34
        const double d = out[i] - x[i]; //@35
        for (int j = 0; j < n_code; ++j) { //@36
          dz[j] += d * w_out[i * n_code + j]; //@37
          w_out[i * n_code + j] -= lr * d * z[j]; //@38
        }
        b_out[i] -= lr * d; //@39
      }
      for (int j = 0; j < n_code; ++j) { //@40
        const double d = dz[j] * (1.0 - z[j] * z[j]); //@41
        for (int i = 0; i < n_in; ++i) { //@42
          w_in[j * n_in + i] -= lr * (d * x[i] + 1e-4 * w_in[j * n_in + i]); //@43
        }
        b_in[j] -= lr * d; //@44
      }
    }
    lr *= 0.98; //@50
    if (e % 5 == 0) { //@51
      std::cout << "epoch " << e << ": " << total / rows.size() << "\n"; //@52
    }
  }
  return 0; //@58
}
