// Recommender: biased matrix factorisation with plain SGD.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <random>
#include <vector>

struct Rating {
  int user;
  int item;
  float value;
};

static const int kUsers = 60;
static const int kItems = 40;
static const int kRank = 6;

static std::vector<float> P(kUsers *kRank), Q(kItems *kRank);
static std::vector<float> bu(kUsers), bi(kItems);
static float mu;

static float predict(int u, int i) {
  float r = mu + bu[u] + bi[i]; //@1
  for (int f = 0; f < kRank; f++) { //@2
    r += P[u * kRank + f] * Q[i * kRank + f]; //@3
  }
  return r; //@4
}

static float clip(float r) {
  return std::min(6.f, std::max(0.f, r)); //@-
}

static std::vector<Rating> simulate(int count, std::mt19937 &gen) {
  std::normal_distribution<float> gauss(0.f, 1.f); //@5
  std::vector<float> tu(kUsers), ti(kItems); //@6
  for (auto &x : tu) x = gauss(gen); //@7
  for (auto &x : ti) x = gauss(gen); //@8
  std::vector<Rating> out; //@9
  for (int n = 0; n < count; n++) { //@10
    Rating r; //@11
    r.user = gen() % kUsers; //@12
    r.item = gen() % kItems; //@13
    r.value = clip(3.f + tu[r.user] * ti[r.item] + 0.2f * gauss(gen)); //@14
    out.push_back(r); //@15
  }
  return out; //@16
}

int main() {
  std::mt19937 gen(77); //@17
  std::vector<Rating> all = simulate(2600, gen); //@18
  std::vector<Rating> train(all.begin(), all.begin() + 1500); //@19
  std::vector<Rating> valid(all.begin() + 1500, all.begin() + 2000); //@20
  std::vector<Rating> test(all.begin() + 2000, all.end()); //@-

  std::uniform_real_distribution<float> small(-0.1f, 0.1f); //@21
  for (auto &x : P) x = small(gen); //@22
  for (auto &x : Q) x = small(gen); //@23
  for (const Rating &r : train) mu += r.value / train.size(); //@24

  float lr = 0.02f; //@25
  float reg = 0.02f; //@26
  double best = 1e9; //@-
  for (int epoch = 0; epoch < 30; epoch++) { //@27
    std::shuffle(train.begin(), train.end(), gen); //@-
    // train
    double loss = 0; //@28
    int n = 0; //@29
    for (size_t k = 0; k < train.size(); k++) { //@30
      const Rating &r = train[k]; //@31
      float e = r.value - predict(r.user, r.item); //@32
      loss += e * e; //@33
      n++; //@34
      bu[r.user] += lr * (e - reg * bu[r.user]); //@35
      bi[r.item] += lr * (e - reg * bi[r.item]); //@36
      for (int f = 0; f < kRank; f++) { //@37
        float pu = P[r.user * kRank + f]; //@38
        float qi = Q[r.item * kRank + f]; //@39
        P[r.user * kRank + f] += lr * (e * qi - reg * pu); //@40
        Q[r.item * kRank + f] += lr * (e * pu - reg * qi); //@41
      }
    }
    printf("epoch %d train rmse %.4f\n", epoch, std::sqrt(loss / n)); //@42

    // fit of the model on the training data after the epoch
    loss = 0; //@-
    n = 0; //@-
    for (size_t k = 0; k < train.size(); k++) { //@-
      const Rating &r = train[k]; //@-
      float e = r.value - predict(r.user, r.item); //@-
      loss += e * e; //@-
      n++; //@-
    }
    printf("epoch %d refit rmse %.4f\n", epoch, std::sqrt(loss / n)); //@-

    // validation
    loss = 0; //@43
    n = 0; //@44
    for (size_t k = 0; k < valid.size(); k++) { //@45
      const Rating &r = valid[k]; //@46
      float e = r.value - clip(predict(r.user, r.item)); //@47
      loss += std::fabs(e); //@48
      n++; //@49
    }
    printf("epoch %d valid mae %.4f\n", epoch, loss / n); //@50
    lr *= 0.95f; //@51
    if (loss / n > best) { //@-
      break; //@-
    }
    best = loss / n; //@-
  }

  // test
  double loss = 0; //@-
  int n = 0; //@-
  for (size_t k = 0; k < test.size(); k++) { //@-
    const Rating &r = test[k]; //@-
    float e = r.value - clip(predict(r.user, r.item)); //@-
    loss += std::fabs(e); //@-
    n++; //@-
  }
  printf("test mae %.4f\n", loss / n); //@-
  return 0; //@52
}
