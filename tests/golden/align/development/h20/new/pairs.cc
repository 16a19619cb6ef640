// contrastive embedding of noisy views, two-layer net
#include <cmath>
#include <cstdio>
#include <limits>
#include <random>
#include <vector>

using Vec = std::vector<double>;

#define ZERO(buf) (buf).assign((buf).size(), 0.0)
#define LEAKY(a) ((a) > 0 ? (a) : 0.1 * (a))

struct Param {
  Vec value, grad, mean, var;

  template <class Rng>
  Param(int count, double stddev, Rng& rng) : value(count), grad(count), mean(count), var(count) {
    std::normal_distribution<double> gauss(0, 1); //@-
    for (double& w : value) //@?
      w = stddev * gauss(rng); //@?
  }

  void step(double rate) {
    for (std::size_t i = 0; i < value.size(); ++i) { //@14
      mean[i] = 0.9 * mean[i] + 0.1 * grad[i]; //@15
      var[i] = 0.99 * var[i] + 0.01 * grad[i] * grad[i]; //@-
      value[i] -= rate * mean[i] / (std::sqrt(var[i]) + 1e-8); //@16
    }
  }
};

struct Side {
  const Vec* input = nullptr;
  Vec hidden, embed;
};

class Trainer {
 public:
  Trainer(int inputs, int hiddens, int embeds)
      : inputs_(inputs),
        hiddens_(hiddens),
        embeds_(embeds),
        rng_(99),
        w1_(hiddens * inputs, 1 / std::sqrt(inputs), rng_),
        b1_(hiddens, 0, rng_),
        w2_(embeds * hiddens, 1 / std::sqrt(hiddens), rng_) {
    left_.hidden.resize(hiddens_); //@41
    left_.embed.resize(embeds_); //@-
    right_.hidden.resize(hiddens_); //@-
    right_.embed.resize(embeds_); //@-
  }

  void make_data(int n, int classes) {
    std::normal_distribution<double> gauss(0, 1); //@18
    std::vector<Vec> protos(classes, Vec(inputs_)); //@22
    for (Vec& proto : protos) //@23
      for (double& v : proto) //@24
        v = gauss(rng_); //@25
    while (static_cast<int>(views_.size()) < n) { //@28
      const int c = views_.size() % classes; //@-
      ids_.push_back(c); //@33
      views_.push_back(protos[c]); //@32
      for (double& v : views_.back()) //@30
        v += 0.4 * gauss(rng_); //@31
    }
  }

  double train_batch(int batch) {
    std::uniform_int_distribution<int> pick(0, views_.size() - 1); //@42
    double loss = 0; //@47
    ZERO(w2_.grad); //@46
    ZERO(b1_.grad); //@45
    ZERO(w1_.grad); //@44
    for (int k = 0; k < batch; ++k) { //@48
      const int a = pick(rng_), b = pick(rng_); //@49
      encode(views_[a], left_); //@50
      encode(views_[b], right_); //@51
      const double dist = std::sqrt(gap() + 1e-9); //@52
      double pull = 0; //@53
      if (ids_[a] == ids_[b]) { //@54
        pull = 1; //@56
        loss += 0.5 * dist * dist; //@55
      } else if (dist < margin_) {
        pull = 1 - margin_ / dist; //@58
        loss += 0.5 * (margin_ - dist) * (margin_ - dist); //@57
      }
      if (pull == 0) //@-
        continue; //@-
      for (int i = 0; i < embeds_; ++i) { //@59
        const double g = pull * (left_.embed[i] - right_.embed[i]) / batch; //@60
        accumulate(left_, i, g); //@-
        accumulate(right_, i, -g); //@-
      }
    }
    w1_.step(rate_); //@71
    b1_.step(rate_); //@72
    w2_.step(rate_); //@73
    rate_ *= 0.997; //@90
    return loss / batch; //@-
  }

  double accuracy() {
    const int n = views_.size(); //@-
    int hits = 0; //@75
    for (int i = 0; i < n; ++i) { //@76
      encode(views_[i], left_); //@77
      int nearest = -1; //@79
      double best = std::numeric_limits<double>::max(); //@78
      for (int j = 0; j < n; ++j) { //@80
        encode(views_[j], right_); //@83
        const double dist = gap(); //@84
        if (j != i && dist < best) { //@85
          best = dist; //@86
          nearest = j; //@87
        }
      }
      hits += ids_[nearest] == ids_[i]; //@88
    }
    return hits / static_cast<double>(n); //@-
  }

 private:
  void encode(const Vec& x, Side& side) {
    side.input = &x; //@-
    for (int i = 0; i < hiddens_; ++i) { //@1
      double a = b1_.value[i]; //@2
      for (int j = 0; j < inputs_; ++j) //@3
        a += w1_.value[i * inputs_ + j] * x[j]; //@4
      side.hidden[i] = LEAKY(a); //@5
    }
    for (int i = 0; i < embeds_; ++i) { //@6
      double a = 0; //@7
      for (int j = 0; j < hiddens_; ++j) //@8
        a += w2_.value[i * hiddens_ + j] * side.hidden[j]; //@9
      side.embed[i] = a; //@-
    }
  }

  double gap() const {
    double sum = 0; //@10
    for (int i = 0; i < embeds_; ++i) { //@11
      const double diff = left_.embed[i] - right_.embed[i]; //@-
      sum += diff * diff; //@12
    }
    return sum; //@13
  }

  void accumulate(const Side& side, int i, double g) {
    for (int j = 0; j < hiddens_; ++j) { //@61
      w2_.grad[i * hiddens_ + j] += g * side.hidden[j]; //@62
      const double slope = side.hidden[j] > 0 ? 1 : 0.1; //@-
      const double dh = slope * g * w2_.value[i * hiddens_ + j]; //@64
      b1_.grad[j] += dh; //@66
      for (int m = 0; m < inputs_; ++m) //@68
        w1_.grad[j * inputs_ + m] += dh * (*side.input)[m]; //@69
    }
  }

  int inputs_, hiddens_, embeds_;
  std::mt19937 rng_;
  Param w1_, b1_, w2_;
  Side left_, right_;
  std::vector<Vec> views_;
  std::vector<int> ids_;
  double margin_ = 1.0, rate_ = 0.01;
};

int main() {
  Trainer trainer(10, 12, 4); //@-
  trainer.make_data(160, 4); //@-
  for (int it = 0; it < 400; ++it) { //@43
    const double loss = trainer.train_batch(16); //@-
    if (it % 50 == 0) { //@74
      const double acc = trainer.accuracy(); //@-
      std::printf("iter %d loss %.5f nn-acc %.3f\n", it, loss, acc); //@89
    }
  }
  return 0; //@91
}
