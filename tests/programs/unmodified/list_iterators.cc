// what: a map of list iterators, an LRU cache of embeddings
// standard: c++17
// loop: request
// probe: drift after 'std::printf("drift %a\n", drift);'
// expect: whole: misses 'cache'
#include <cmath>
#include <cstdio>
#include <list>
#include <unordered_map>
#include <utility>
#include <vector>

class Cache {
 public:
  explicit Cache(size_t capacity) : capacity_(capacity) {}
  std::vector<double>& get(int key) {
    const auto found = index_.find(key);
    if (found != index_.end()) {
      entries_.splice(entries_.begin(), entries_, found->second);
      return entries_.front().second;
    }
    if (entries_.size() == capacity_) {
      index_.erase(entries_.back().first);
      entries_.pop_back();
      ++evictions_;
    }
    entries_.emplace_front(key, std::vector<double>{std::sin(key), std::cos(key)});
    index_[key] = entries_.begin();
    return entries_.front().second;
  }
  int evictions() const { return evictions_; }

 private:
  size_t capacity_;
  int evictions_ = 0;
  std::list<std::pair<int, std::vector<double>>> entries_;
  std::unordered_map<int, std::list<std::pair<int, std::vector<double>>>::iterator> index_;
};

int main() {
  Cache cache(5);
  for (int request = 0; request < 12; ++request) {
    double drift = 0;
    for (int k = 0; k < 4; ++k) {
      std::vector<double>& embedding = cache.get(request * k * 3 % 8);
      for (double& v : embedding) {
        v += 0.1 * (1 - v);
        drift += v;
      }
    }
    std::printf("drift %a\n", drift);
  }
  std::printf("evictions %d\n", cache.evictions());
}
