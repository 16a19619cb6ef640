// Deep-ish Q learning with a ring buffer, gridworld 5x5
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

constexpr int GRID = 5, NACT = 4, NSTATE = GRID * GRID;

struct Item { int s, a, s2; float r; bool end; };

class Replay {
 public:
  explicit Replay(size_t cap) : cap_(cap) {
    ring_.reserve(cap_); //@-
  }
  void push(const Item& it) {
    if (ring_.size() < cap_) { //@5
      ring_.push_back(it); //@-
    } else {
      ring_[next_] = it; //@1
    }
    next_ = (next_ + 1) % cap_; //@2
  }
  const Item& sample() const {
    return ring_[rand() % ring_.size()]; //@?
  }
  bool ready(size_t least) const {
    return ring_.size() >= least; //@-
  }

 private:
  size_t cap_, next_ = 0;
  std::vector<Item> ring_;
};

struct Schedule {
  float from = 1.0f, to = 0.05f;
  int span = 110;
  float at(int ep) const {
    const float frac = std::min(1.0f, ep / float(span)); //@-
    return from + frac * (to - from); //@?
  }
};

float q[NSTATE][NACT];
float q_target[NSTATE][NACT];

int move(int s, int a) {
  int row = s / GRID; //@7
  int col = s % GRID; //@8
  switch (a) { //@-
    case 0:
      --row; //@10
      break; //@-
    case 1:
      ++row; //@12
      break; //@-
    case 2:
      --col; //@14
      break; //@-
    case 3:
      ++col; //@16
      break; //@-
  }
  const bool inside = row >= 0 && row < GRID && col >= 0 && col < GRID; //@17
  return inside ? row * GRID + col : s; //@19
}

int greedy(const float (&row)[NACT]) {
  return std::max_element(row, row + NACT) - row; //@?
}

void sync() {
  std::copy(&q[0][0], &q[0][0] + NSTATE * NACT, &q_target[0][0]); //@?
}

int main() {
  srand(8); //@28
  Replay memory(500); //@-
  Schedule explore; //@-
  const float gamma = 0.95f, lr = 0.2f; //@?
  int steps = 0; //@32
  sync(); //@33
  for (int ep = 0; ep < 300; ep++) { //@34
    const float epsilon = explore.at(ep); //@?
    float ret = 0, td = 0; //@36
    bool end = false; //@39
    int len = 0; //@38
    auto s = 0; //@35
    while (!end && len < 100) { //@40
      const bool random = rand() / (float)RAND_MAX < epsilon; //@42
      const int a = random ? rand() % NACT : greedy(q[s]); //@41
      const int s2 = move(s, a); //@44
      auto r = -0.05f; //@45
      if (s2 == NSTATE - 1) { //@46
        r = 1.0f; //@47
        end = true; //@48
      } else if (s2 == 12 || s2 == 17) {
        r = -1.0f; //@49
        end = true; //@50
      }
      memory.push({s, a, s2, r, end}); //@57
      len++; //@60
      steps++; //@61
      ret += r; //@59
      s = s2; //@58
      if (!memory.ready(32)) continue; //@62
      for (int k = 0; k < 16; k++) { //@64
        const Item& b = memory.sample(); //@?
        const auto best = q_target[b.s2][greedy(q[b.s2])]; //@66
        const auto target = b.end ? b.r : b.r + gamma * best; //@70
        const auto err = target - q[b.s][b.a]; //@71
        td += std::fabs(err); //@73
        q[b.s][b.a] += lr * err; //@72
      }
      if (steps % 100 == 0) sync(); //@74
    }
    if (ep % 25 == 0) printf("episode %d return %.2f td %.3f eps %.2f\n", ep, ret, td / (len * 16), epsilon); //@79
  }
  sync(); //@-
  return 0; //@81
}
