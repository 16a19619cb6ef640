// what: objects made by placement new in a pool with a free list
// standard: c++17
// loop: generation
// probe: fitness after 'std::printf("fitness %a\n", fitness);'
// expect: whole: misses 'pool'
#include <cmath>
#include <cstdio>
#include <new>
#include <vector>

struct Creature {
  double gene, energy;
  int age;
  Creature(double g, double e) : gene(g), energy(e), age(0) {}
};

class Pool {
 public:
  Creature* make(double gene, double energy) {
    if (free_.empty()) return used_ < kSize ? new (bytes_ + sizeof(Creature) * used_++) Creature(gene, energy) : nullptr;
    void* place = free_.back();
    free_.pop_back();
    return new (place) Creature(gene, energy);
  }
  void release(Creature* c) {
    c->~Creature();
    free_.push_back(c);
  }

 private:
  static constexpr size_t kSize = 64;
  alignas(Creature) unsigned char bytes_[kSize * sizeof(Creature)] = {};
  size_t used_ = 0;
  std::vector<void*> free_;
};

int main() {
  Pool pool;
  std::vector<Creature*> alive;
  for (int i = 0; i < 10; ++i) alive.push_back(pool.make(0.2 * i, 1));
  for (int generation = 0; generation < 11; ++generation) {
    std::vector<Creature*> next;
    double fitness = 0;
    for (Creature* c : alive) {
      c->energy += 0.6 * std::exp(-std::pow(c->gene - 1.1 - 0.02 * generation, 2) * 3) - 0.25;
      fitness += c->energy + 0.01 * ++c->age;
      if (c->energy < 0.3 || c->age > 6) {
        pool.release(c);
        continue;
      }
      next.push_back(c);
      if (c->energy < 1.3) continue;
      if (Creature* child = pool.make(c->gene + 0.05 * std::sin(7.0 * generation + c->gene * 40), c->energy / 2)) next.push_back(child);
      c->energy /= 2;
    }
    alive.swap(next);
    std::printf("fitness %a\n", fitness);
  }
  std::printf("alive %d\n", static_cast<int>(alive.size()));
}
