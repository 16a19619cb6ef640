#ifndef HMM_H
#define HMM_H

#include <cmath>
#include <cstddef>
#include <random>
#include <vector>

using Table = std::vector<std::vector<double>>;

template <class Rng>
double uniform01(Rng& rng) {
  return std::uniform_real_distribution<double>(0.0, 1.0)(rng); //@1
}

template <int N, int K>
struct Hmm {
  Table trans, emit;
  std::vector<double> init;
  Table fwd, bwd, post;
  std::vector<double> norm;

  Hmm() : trans(N, std::vector<double>(N)), emit(N, std::vector<double>(K)), init(N) {}

  template <class Rng>
  void randomise(Rng& rng) {
    for (int i = 0; i < N; ++i) { //@10
      init[i] = 1.0 / N; //@23
      double sum = 0; //@17
      for (double& e : emit[i]) { //@18
        e = 1 + 0.2 * uniform01(rng); //@19
        sum += e; //@20
      }
      for (double& e : emit[i]) //@21
        e /= sum; //@22
      double total = 0; //@11
      for (int j = 0; j < N; ++j) { //@12
        trans[i][j] = (i == j ? 3 : 1) + uniform01(rng); //@13
        total += trans[i][j]; //@14
      }
      for (double& a : trans[i]) //@15
        a /= total; //@16
    }
  }

  double forward(const std::vector<int>& seq) {
    norm.assign(seq.size(), 0.0); //@26
    fwd.assign(seq.size(), std::vector<double>(N)); //@-
    double loglik = 0; //@24
    for (std::size_t t = 0; t < seq.size(); ++t) { //@25
      for (int i = 0; i < N; ++i) { //@27
        double in = t == 0 ? init[i] : 0.0; //@28
        for (int j = 0; t > 0 && j < N; ++j) //@29
          in += fwd[t - 1][j] * trans[j][i]; //@30
        fwd[t][i] = in * emit[i][seq[t]]; //@31
        norm[t] += fwd[t][i]; //@32
      }
      for (double& f : fwd[t]) //@33
        f /= norm[t]; //@34
      loglik += std::log(norm[t]); //@35
    }
    return loglik; //@36
  }

  void backward(const std::vector<int>& seq) {
    std::size_t t = seq.size() - 1; //@-
    bwd.resize(seq.size()); //@-
    bwd[t].assign(N, 1.0); //@37
    while (t-- > 0) { //@38
      bwd[t].assign(N, 0.0); //@-
      for (int i = 0; i < N; ++i) { //@39
        double out = 0; //@40
        for (int j = 0; j < N; ++j) //@41
          out += trans[i][j] * emit[j][seq[t + 1]] * bwd[t + 1][j]; //@42
        bwd[t][i] = out / norm[t + 1]; //@43
      }
    }
  }

  void posterior() {
    post = fwd; //@-
    for (std::size_t t = 0; t < post.size(); ++t) { //@45
      double z = 0; //@46
      for (int i = 0; i < N; ++i) { //@47
        post[t][i] *= bwd[t][i]; //@48
        z += post[t][i]; //@49
      }
      for (double& g : post[t]) //@50
        g /= z; //@51
    }
  }

  void reestimate(const std::vector<int>& seq, double pseudo) {
    const std::size_t last = seq.size() - 1; //@-
    Table new_trans = trans; //@44
    Table new_emit(N, std::vector<double>(K, pseudo)); //@?
    for (int i = 0; i < N; ++i) { //@52
      init[i] = post[0][i]; //@66
      double den = 0; //@53
      for (std::size_t t = 0; t < last; ++t) //@54
        den += post[t][i]; //@55
      for (int j = 0; j < N; ++j) { //@56
        double num = pseudo; //@57
        for (std::size_t t = 0; t < last; ++t) //@58
          num += fwd[t][i] * trans[i][j] * emit[j][seq[t + 1]] * bwd[t + 1][j] / norm[t + 1]; //@59
        new_trans[i][j] = num / (den + N * pseudo); //@60
      }
      den += post[last][i]; //@61
      for (std::size_t t = 0; t <= last; ++t) //@63
        new_emit[i][seq[t]] += post[t][i]; //@64
      for (double& e : new_emit[i]) //@62
        e /= den + K * pseudo; //@65
    }
    trans.swap(new_trans); //@67
    emit.swap(new_emit); //@68
  }
};

#endif
