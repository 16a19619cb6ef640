#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <random>
#include <vector>

namespace attn {

constexpr int kLen = 6, kDim = 4;

template <int C>
using Mat = std::array<std::array<float, C>, kLen>;
using Weights = std::array<float, kDim * kDim>;

struct Example {
  Mat<kDim> tokens;
  float target;
};

template <class Row>
void softmax(Row& row) {
  const float top = *std::max_element(row.begin(), row.end()); //@?
  float z = 0; //@28
  for (float& r : row) { //@29
    r = std::exp(r - top); //@30
    z += r; //@31
  }
  for (float& r : row) //@32
    r /= z; //@33
}

class Block {
 public:
  template <class Gen>
  explicit Block(Gen& gen) {
    std::uniform_real_distribution<float> w(-0.5f, 0.5f); //@72
    for (float& r : readout_) //@77
      r = w(gen); //@78
    for (int a = 0; a < kDim * kDim; ++a) { //@73
      wq_[a] = w(gen); //@74
      wk_[a] = w(gen); //@75
      wv_[a] = w(gen); //@76
    }
  }

  float forward(const Example& ex) {
    for (int ij = 0; ij < kLen * kDim; ++ij) { //@11
      const int i = ij / kDim; //@-
      const int j = ij % kDim; //@-
      float sq = 0; //@13
      float sk = 0; //@14
      float sv = 0; //@15
      for (int c = 0; c < kDim; ++c) { //@16
        sq += ex.tokens[i][c] * wq_[c * kDim + j]; //@17
        sk += ex.tokens[i][c] * wk_[c * kDim + j]; //@18
        sv += ex.tokens[i][c] * wv_[c * kDim + j]; //@19
      }
      query_[i][j] = sq; //@-
      key_[i][j] = sk; //@-
      value_[i][j] = sv; //@-
    }
    for (int i = 0; i < kLen; ++i) { //@20
      for (int t = 0; t < kLen; ++t) { //@22
        float dot = 0; //@23
        for (int c = 0; c < kDim; ++c) //@24
          dot += query_[i][c] * key_[t][c]; //@25
        prob_[i][t] = dot / std::sqrt(float(kDim)); //@26
      }
      softmax(prob_[i]); //@-
      for (int j = 0; j < kDim; ++j) { //@34
        ctx_[i][j] = ex.tokens[i][j]; //@35
        for (int t = 0; t < kLen; ++t) //@36
          ctx_[i][j] += prob_[i][t] * value_[t][j]; //@37
      }
    }
    float out = 0; //@38
    for (const auto& row : ctx_) //@39
      for (int j = 0; j < kDim; ++j) //@40
        out += row[j] * readout_[j] / kLen; //@41
    return out; //@42
  }

  void backward(const Example& ex, float err, float rate) {
    err = std::max(-1.0f, std::min(1.0f, err)); //@-
    Mat<kDim> dquery{}, dkey{}, dvalue{}; //@43
    for (int i = 0; i < kLen; ++i) { //@44
      std::array<float, kLen> dprob{}; //@45
      float mean = 0; //@-
      for (int t = 0; t < kLen; ++t) { //@46
        for (int j = 0; j < kDim; ++j) { //@47
          const float g = err * readout_[j] / kLen; //@48
          dprob[t] += g * value_[t][j]; //@49
          dvalue[t][j] += g * prob_[i][t]; //@50
        }
        mean += dprob[t] * prob_[i][t]; //@51
      }
      for (int t = 0; t < kLen; ++t) { //@52
        const float ds = prob_[i][t] * (dprob[t] - mean) / std::sqrt(float(kDim)); //@53
        for (int c = 0; c < kDim; ++c) { //@54
          dkey[t][c] += ds * query_[i][c]; //@56
          dquery[i][c] += ds * key_[t][c]; //@55
        }
      }
    }
    for (int cj = 0; cj < kDim * kDim; ++cj) { //@62
      wq_[cj] *= 1 - 1e-4f * rate; //@-
      wk_[cj] *= 1 - 1e-4f * rate; //@-
      wv_[cj] *= 1 - 1e-4f * rate; //@-
      for (int i = 0; i < kLen; ++i) { //@63
        const float x = ex.tokens[i][cj / kDim]; //@-
        wq_[cj] -= rate * x * dquery[i][cj % kDim]; //@64
        wk_[cj] -= rate * x * dkey[i][cj % kDim]; //@65
        wv_[cj] -= rate * x * dvalue[i][cj % kDim]; //@66
      }
    }
    for (int j = 0; j < kDim; ++j) { //@57
      float g = 0; //@58
      for (const auto& row : ctx_) //@59
        g += err * row[j] / kLen; //@60
      readout_[j] -= rate * g; //@61
    }
  }

 private:
  Weights wq_, wk_, wv_;
  std::array<float, kDim> readout_;
  Mat<kDim> query_, key_, value_, ctx_;
  Mat<kLen> prob_;
};

}  // namespace attn

int main() {
  std::mt19937 gen(11); //@-
  auto make = [&gen] { //@-
    std::normal_distribution<float> n01; //@1
    attn::Example ex; //@2
    int best = 0; //@3
    for (int i = 0; i < attn::kLen; ++i) { //@4
      for (float& x : ex.tokens[i]) //@5
        x = n01(gen); //@6
      if (ex.tokens[i][0] > ex.tokens[best][0]) //@7
        best = i; //@8
    }
    ex.target = ex.tokens[best][1]; //@9
    return ex; //@10
  };
  std::vector<attn::Example> train(200), val(50); //@67
  for (auto& ex : val) //@70
    ex = make(); //@71
  for (auto& ex : train) //@68
    ex = make(); //@69
  attn::Block block(gen); //@-
  float rate = 0.05f; //@79
  for (int ep = 0; ep < 40; ++ep) { //@80
    double loss = 0; //@87
    for (const auto& ex : val) { //@88
      const float err = block.forward(ex) - ex.target; //@89
      loss += 0.5 * err * err; //@90
    }
    const double val_loss = loss / val.size(); //@91
    loss = 0; //@81
    for (const auto& ex : train) { //@82
      const float err = block.forward(ex) - ex.target; //@83
      loss += 0.5 * err * err; //@84
      block.backward(ex, err, rate); //@85
    }
    const double train_loss = loss / train.size(); //@86
    std::printf("epoch %d val %.4f train %.4f\n", ep, val_loss, train_loss); //@92
    rate *= 0.94f; //@94
  }
  return 0; //@95
}
