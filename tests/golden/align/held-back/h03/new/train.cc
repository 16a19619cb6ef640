// Bernoulli RBM, CD-1 (with momentum); the helpers that were called once are gone
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <numeric>
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

void hidden_from(const RBM& rbm, const vector<double>& vis, vector<double>& q, vector<double>& hid) {
  for (int j = 0; j < NH; j++) { //@3
    double s = rbm.b[j]; //@4
    for (int i = 0; i < NV; i++) s += vis[i] * rbm.W[i][j]; //@5
    q[j] = sigm(s); //@6
    hid[j] = uniform01() < q[j] ? 1 : 0; //@7
  }
}

int main() {
  srand(3); //@24
  vector<vector<double>> data(NDATA, vector<double>(NV)); //@25
  for (auto& row : data) { //@26
    int start = rand() % (NV - 4); //@27
    fill(row.begin() + start, row.begin() + start + 4, 1.0); //@28
  }
  RBM rbm; //@29
  rbm.b.assign(NH, 0.0); //@32
  rbm.a.assign(NV, 0.0); //@31
  rbm.W.assign(NV, vector<double>(NH)); //@30
  for (auto& row : rbm.W) { //@33
    generate(row.begin(), row.end(), [] { //@34
      return 0.1 * (uniform01() - 0.5); //@35
    });
  }
  vector<vector<double>> vel(NV, vector<double>(NH)); //@-
  vector<double> v(NV), vp(NV), hp(NH), h(NH), hp2(NH), h2(NH); //@36
  int updates = 0; //@37
  for (int epoch = 0; epoch < 40; epoch++) { //@38
    double err = 0; //@40
    double rate = epoch < 20 ? 0.2 : 0.05; //@39
    for (int s = 0; s < NDATA; s += BATCH) { //@41
      vector<double> da(NV), db(NH); //@43
      vector<vector<double>> dW(NV, vector<double>(NH)); //@42
      for (int n = s; n < s + BATCH; n++) { //@44
        hidden_from(rbm, data[n], hp, h); //@45
        for (int i = 0; i < NV; i++) { //@8
          double act = rbm.a[i]; //@9
          for (int j = 0; j < NH; j++) act += h[j] * rbm.W[i][j]; //@10
          vp[i] = sigm(act); //@11
          v[i] = uniform01() < vp[i] ? 1 : 0; //@12
        }
        hidden_from(rbm, v, hp2, h2); //@46
        for (int j = 0; j < NH; j++) { //@51
          db[j] += hp[j] - hp2[j]; //@52
        }
        for (int i = 0; i < NV; i++) { //@47
          for (int j = 0; j < NH; j++) { //@48
            dW[i][j] += data[n][i] * hp[j] - v[i] * hp2[j]; //@49
          }
          da[i] += data[n][i] - v[i]; //@50
        }
        err += inner_product(v.begin(), v.end(), data[n].begin(), 0.0, plus<double>(), //@?
                             [](double x, double y) { return fabs(x - y); });
      }
      for (int i = 0; i < NV; i++) { //@18
        for (int j = 0; j < NH; j++) { //@19
          vel[i][j] = 0.5 * vel[i][j] + rate * dW[i][j] / BATCH; //@-
          rbm.W[i][j] += vel[i][j]; //@20
        }
        rbm.a[i] += rate * da[i] / BATCH; //@21
      }
      for (int j = 0; j < NH; j++) { //@22
        rbm.b[j] += rate * db[j] / BATCH; //@23
      }
      updates++; //@54
    }
    cout << "epoch " << epoch << " err " << err / NDATA << endl; //@55
    if (epoch % 10 == 9) { //@-
      cout << "  " << updates << " updates" << endl; //@?
    }
  }
  return 0; //@61
}
