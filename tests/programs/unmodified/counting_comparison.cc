// what: a comparison, a hash and an allocator of the program's own count how often they are called: how often a comparison is depends on how a tree has grown
// standard: c++17
// loop: epoch
// probe: out after 'std::printf("out %a\n", out);'
// expect: whole: misses 'ordered'
#include <cstddef>
#include <cstdio>
#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

namespace {

int compared = 0, hashed = 0;
std::size_t allocated = 0;

struct Less {
  bool operator()(int a, int b) const {
    ++compared;
    return a < b;
  }
};
struct Hash {
  std::size_t operator()(int key) const {
    ++hashed;
    return static_cast<std::size_t>(key) * 7;
  }
};
template <class T>
struct Counting {
  using value_type = T;
  Counting() = default;
  template <class U>
  Counting(const Counting<U>&) {}
  T* allocate(std::size_t n) {
    allocated += n;
    return std::allocator<T>().allocate(n);
  }
  void deallocate(T* p, std::size_t n) { std::allocator<T>().deallocate(p, n); }
  friend bool operator==(const Counting&, const Counting&) { return true; }
  friend bool operator!=(const Counting&, const Counting&) { return false; }
};

}  // namespace

int main() {
  std::map<int, double, Less> ordered;
  std::unordered_map<int, double, Hash> hashes;
  std::vector<double, Counting<double>> all;
  double w = 1;
  for (int epoch = 0; epoch < 12; ++epoch) {
    ordered[epoch * 5 % 7] += w;
    hashes[epoch * 3 % 11] += w;
    if (epoch % 3 == 0) all = std::vector<double, Counting<double>>(static_cast<std::size_t>(epoch) + 1, w);
    w = 0.9 * w + 0.01 * ordered.begin()->second + 0.001 * all.front();
    const double out = w + compared + 100 * hashed + 1000.0 * static_cast<double>(allocated);
    std::printf("out %a\n", out);
    compared = hashed = 0;
    allocated = 0;
  }
}
