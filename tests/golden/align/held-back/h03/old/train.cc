// Bernoulli RBM, CD-1
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <vector>
using namespace std;

const int NV = 16, NH = 6, NDATA = 120, BATCH = 10;

struct RBM {
  vector<vector<double>> W;
  vector<double> a, b;
};

double sigm(double x) {
  return 1.0 / (1.0 + exp(-x)); //@1
}

double uniform01() {
  return rand() / (RAND_MAX + 1.0); //@2
}

void sample_hidden(const RBM& m, const vector<double>& v, vector<double>& prob, vector<double>& h) {
  for (int j = 0; j < NH; j++) { //@3
    double s = m.b[j]; //@4
    for (int i = 0; i < NV; i++) s += v[i] * m.W[i][j]; //@5
    prob[j] = sigm(s); //@6
    h[j] = uniform01() < prob[j] ? 1 : 0; //@7
  }
}

void sample_visible(const RBM& m, const vector<double>& h, vector<double>& prob, vector<double>& v) {
  for (int i = 0; i < NV; i++) { //@8
    double s = m.a[i]; //@9
    for (int j = 0; j < NH; j++) s += h[j] * m.W[i][j]; //@10
    prob[i] = sigm(s); //@11
    v[i] = uniform01() < prob[i] ? 1 : 0; //@12
  }
}

double recon_error(const vector<double>& x, const vector<double>& prob) {
  double e = 0; //@-
  for (int i = 0; i < NV; i++) { //@-
    double diff = x[i] - prob[i]; //@-
    e += diff * diff; //@-
  }
  return e / NV; //@-
}

void apply_gradient(RBM& m, const vector<vector<double>>& dW, const vector<double>& da,
                    const vector<double>& db, double rate) {
  for (int i = 0; i < NV; i++) { //@18
    for (int j = 0; j < NH; j++) { //@19
      m.W[i][j] += rate * dW[i][j] / BATCH; //@20
    }
    m.a[i] += rate * da[i] / BATCH; //@21
  }
  for (int j = 0; j < NH; j++) { //@22
    m.b[j] += rate * db[j] / BATCH; //@23
  }
}

int main() {
  srand(3); //@24
  vector<vector<double>> data(NDATA, vector<double>(NV)); //@25
  for (int n = 0; n < NDATA; n++) { //@26
    int start = rand() % (NV - 4); //@27
    for (int i = start; i < start + 4; i++) data[n][i] = 1; //@28
  }
  RBM m; //@29
  m.W.assign(NV, vector<double>(NH)); //@30
  m.a.assign(NV, 0.0); //@31
  m.b.assign(NH, 0.0); //@32
  for (int i = 0; i < NV; i++) { //@33
    for (int j = 0; j < NH; j++) { //@34
      m.W[i][j] = 0.1 * (uniform01() - 0.5); //@35
    }
  }
  vector<double> v(NV), vp(NV), hp(NH), h(NH), hp2(NH), h2(NH); //@36
  int updates = 0; //@37
  for (int epoch = 0; epoch < 40; epoch++) { //@38
    double rate = epoch < 20 ? 0.2 : 0.05; //@39
    double err = 0; //@40
    for (int s = 0; s < NDATA; s += BATCH) { //@41
      vector<vector<double>> dW(NV, vector<double>(NH)); //@42
      vector<double> da(NV), db(NH); //@43
      for (int n = s; n < s + BATCH; n++) { //@44
        sample_hidden(m, data[n], hp, h); //@45
        sample_visible(m, h, vp, v); //@-
        sample_hidden(m, v, hp2, h2); //@46
        for (int i = 0; i < NV; i++) { //@47
          for (int j = 0; j < NH; j++) { //@48
            dW[i][j] += data[n][i] * hp[j] - v[i] * hp2[j]; //@49
          }
          da[i] += data[n][i] - v[i]; //@50
        }
        for (int j = 0; j < NH; j++) { //@51
          db[j] += hp[j] - hp2[j]; //@52
        }
        err += recon_error(data[n], vp); //@?
      }
      apply_gradient(m, dW, da, db, rate); //@-
      updates++; //@54
    }
    cout << "epoch " << epoch << " err " << err / NDATA << endl; //@55
  }
  double final_err = 0; //@-
  for (int n = 0; n < NDATA; n++) { //@-
    sample_hidden(m, data[n], hp, h); //@-
    sample_visible(m, hp, vp, v); //@-
    final_err += recon_error(data[n], vp); //@-
  }
  cout << updates << " updates, final " << final_err / NDATA << endl; //@?
  return 0; //@61
}
