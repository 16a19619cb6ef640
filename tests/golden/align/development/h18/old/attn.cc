#include <cmath>
#include <cstdio>
#include <random>
#include <vector>

#define AT(m, i, j) m[(i) * D + (j)]

const int L = 6, D = 4;
const int NTR = 200, NVA = 50;

struct Sample {
  float x[L][D];
  float y;
};

std::mt19937 gen(11);
float Wq[D * D], Wk[D * D], Wv[D * D], u[D];
float q[L][D], k[L][D], v[L][D], p[L][L], o[L][D];

Sample make() {
  std::normal_distribution<float> n01; //@1
  Sample s; //@2
  int best = 0; //@3
  for (int i = 0; i < L; i++) { //@4
    for (int j = 0; j < D; j++) //@5
      s.x[i][j] = n01(gen); //@6
    if (s.x[i][0] > s.x[best][0]) //@7
      best = i; //@8
  }
  s.y = s.x[best][1]; //@9
  return s; //@10
}

float forward(const Sample& s) {
  for (int i = 0; i < L; i++) //@11
    for (int j = 0; j < D; j++) { //@-
      q[i][j] = 0; //@13
      k[i][j] = 0; //@14
      v[i][j] = 0; //@15
      for (int c = 0; c < D; c++) { //@16
        q[i][j] += s.x[i][c] * AT(Wq, c, j); //@17
        k[i][j] += s.x[i][c] * AT(Wk, c, j); //@18
        v[i][j] += s.x[i][c] * AT(Wv, c, j); //@19
      }
    }
  for (int i = 0; i < L; i++) { //@20
    float mx = -1e30f; //@?
    for (int t = 0; t < L; t++) { //@22
      p[i][t] = 0; //@23
      for (int c = 0; c < D; c++) //@24
        p[i][t] += q[i][c] * k[t][c]; //@25
      p[i][t] /= std::sqrt((float)D); //@26
      if (p[i][t] > mx) //@-
        mx = p[i][t]; //@?
    }
    float z = 0; //@28
    for (int t = 0; t < L; t++) { //@29
      p[i][t] = std::exp(p[i][t] - mx); //@30
      z += p[i][t]; //@31
    }
    for (int t = 0; t < L; t++) //@32
      p[i][t] /= z; //@33
    for (int j = 0; j < D; j++) { //@34
      o[i][j] = 0; //@35
      for (int t = 0; t < L; t++) //@36
        o[i][j] += p[i][t] * v[t][j]; //@37
    }
  }
  float out = 0; //@38
  for (int i = 0; i < L; i++) //@39
    for (int j = 0; j < D; j++) //@40
      out += o[i][j] * u[j] / L; //@41
  return out; //@42
}

void backward(const Sample& s, float e, float lr) {
  float dq[L][D] = {}, dk[L][D] = {}, dv[L][D] = {}; //@43
  for (int i = 0; i < L; i++) { //@44
    float dp[L], dot = 0; //@45
    for (int t = 0; t < L; t++) { //@46
      dp[t] = 0; //@-
      for (int j = 0; j < D; j++) { //@47
        float g = e * u[j] / L; //@48
        dp[t] += g * v[t][j]; //@49
        dv[t][j] += g * p[i][t]; //@50
      }
      dot += dp[t] * p[i][t]; //@51
    }
    for (int t = 0; t < L; t++) { //@52
      float ds = p[i][t] * (dp[t] - dot) / std::sqrt((float)D); //@53
      for (int c = 0; c < D; c++) { //@54
        dq[i][c] += ds * k[t][c]; //@55
        dk[t][c] += ds * q[i][c]; //@56
      }
    }
  }
  for (int j = 0; j < D; j++) { //@57
    float g = 0; //@58
    for (int i = 0; i < L; i++) //@59
      g += e * o[i][j] / L; //@60
    u[j] -= lr * g; //@61
  }
  for (int c = 0; c < D; c++) //@62
    for (int j = 0; j < D; j++) //@-
      for (int i = 0; i < L; i++) { //@63
        AT(Wq, c, j) -= lr * s.x[i][c] * dq[i][j]; //@64
        AT(Wk, c, j) -= lr * s.x[i][c] * dk[i][j]; //@65
        AT(Wv, c, j) -= lr * s.x[i][c] * dv[i][j]; //@66
      }
}

int main() {
  std::vector<Sample> tr, va; //@67
  for (int n = 0; n < NTR; n++) //@68
    tr.push_back(make()); //@69
  for (int n = 0; n < NVA; n++) //@70
    va.push_back(make()); //@71
  std::uniform_real_distribution<float> w(-0.5f, 0.5f); //@72
  for (int a = 0; a < D * D; a++) { //@73
    Wq[a] = w(gen); //@74
    Wk[a] = w(gen); //@75
    Wv[a] = w(gen); //@76
  }
  for (int a = 0; a < D; a++) //@77
    u[a] = w(gen); //@78
  float lr = 0.05f; //@79
  for (int ep = 0; ep < 40; ep++) { //@80
    double sum = 0; //@81
    for (size_t n = 0; n < tr.size(); n++) { //@82
      float e = forward(tr[n]) - tr[n].y; //@83
      sum += 0.5 * e * e; //@84
      backward(tr[n], e, lr); //@85
    }
    double train_loss = sum / tr.size(); //@86
    sum = 0; //@87
    for (size_t n = 0; n < va.size(); n++) { //@88
      float e = forward(va[n]) - va[n].y; //@89
      sum += 0.5 * e * e; //@90
    }
    double val_loss = sum / va.size(); //@91
    printf("epoch %d train %.4f val %.4f\n", ep, train_loss, val_loss); //@92
    if (ep % 10 == 9) //@-
      lr *= 0.5f; //@94
  }
  return 0; //@95
}
