// Restores values of many types over others, as a unit of one standard: the adapters are not the same code in all of them.
// As the instrumenter includes them: for those parts of the library that were included before.
#include <hindsight/inserted.h>

#include "tests/runtime/standards.h"

#include <algorithm>
#include <atomic>
#include <bitset>
#include <chrono>
#include <complex>
#include <deque>
#include <forward_list>
#include <fstream>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <queue>
#include <random>
#include <set>
#include <stack>
#include <unordered_map>
#include <unordered_set>
#include <valarray>
#include <vector>

#include <hindsight/inserted.h>

namespace {

constexpr bool kCanMoveElements = __cplusplus >= 201703L;

struct Plain {
  float weight;
  std::vector<double> history;
  template <class A>
  void serialize(A& ar) {
    ar(weight, hindsight::named("history", history));
  }
  bool operator==(const Plain& other) const { return weight == other.weight && history == other.history; }
};

template <class T>
std::string restore(T& from, T& to) {
  return round_trip(&hindsight::detail::visit_object<T>, &from, &to);
}

// Equal, and in one order.
template <class T>
bool same(const T& a, const T& b) {
  return a == b;
}
template <class K, class V>
bool same(const std::unordered_map<K, V>& a, const std::unordered_map<K, V>& b) {
  return a.size() == b.size() && a.bucket_count() == b.bucket_count() && std::equal(a.begin(), a.end(), b.begin());
}
template <class K>
bool same(const std::unordered_multiset<K>& a, const std::unordered_multiset<K>& b) {
  return a.size() == b.size() && a.bucket_count() == b.bucket_count() && std::equal(a.begin(), a.end(), b.begin());
}
template <class T>
bool same(const std::unique_ptr<T>& a, const std::unique_ptr<T>& b) {
  return a == nullptr || b == nullptr ? a == b : *a == *b;
}

class Standard {
 public:
  std::string wrong;

  void expect(bool holds, const std::string& what) {
    if (!holds) wrong += what + "\n";
  }

  // Each of `samples` over each.
  template <class T>
  void comes_back(const char* type, const std::vector<T>& samples) {
    for (const T& sample : samples) {
      for (const T& place : samples) {
        T from = sample, to = place;
        const std::string reason = restore(from, to);
        expect(reason.empty(), type + (": " + reason));
        expect(same(from, to), std::string(type) + " is not what it was");
      }
    }
  }

  void all() {
    comes_back<int>("int", {1, -7});
    comes_back<long double>("long double", {1.5L, -7});
    comes_back<Plain>("class", {{1, {1, 2}}, {2, {}}});
    comes_back<std::string>("string", {"", "a", "a longer one that takes memory of its own"});
    comes_back<std::vector<float>>("vector", {{}, {1, 2}, {3}});
    comes_back<std::vector<bool>>("vector<bool>", {{}, {true, false, true}});
    comes_back<std::list<std::string>>("list", {{}, {"a", "b"}});
    comes_back<std::deque<int>>("deque", {{}, {1, 2, 3}});
    comes_back<std::array<std::complex<float>, 2>>("array", {{{{1, 2}, {3, 4}}}, {{{5, 6}, {7, 8}}}});
    comes_back<std::tuple<int, std::string, std::vector<int>>>("tuple", {std::make_tuple(1, "a", std::vector<int>{1}),
                                                                         std::make_tuple(2, "", std::vector<int>{})});
    comes_back<std::tuple<>>("empty tuple", {{}});
    comes_back<std::pair<short, double>>("pair", {{1, 2}, {3, 4}});
    comes_back<std::chrono::milliseconds>("duration", {std::chrono::milliseconds(5), std::chrono::milliseconds(-1)});
    comes_back<std::chrono::system_clock::time_point>("time_point", {{}, std::chrono::system_clock::now()});
    comes_back<std::mt19937>("mt19937", {std::mt19937(1), std::mt19937(2)});
    comes_back<std::ranlux48>("ranlux48", {std::ranlux48(1), std::ranlux48(2)});
    std::mt19937 engine;
    std::normal_distribution<double> fresh, drawn(1, 2);
    drawn(engine);
    comes_back<std::normal_distribution<double>>("normal_distribution", {fresh, drawn});
    comes_back<std::map<std::string, std::vector<int>>>("map", {{}, {{"a", {1}}, {"c", {2}}}, {{"b", {}}, {"c", {3}}, {"d", {4}}}});
    comes_back<std::multimap<int, float>>("multimap", {{}, {{1, 1.f}, {1, 2.f}, {2, 3.f}}, {{1, 4.f}, {2, 5.f}, {2, 6.f}, {3, 7.f}}});
    comes_back<std::set<int>>("set", {{}, {1, 3, 5}, {2, 3, 4}});
    // Nothing in common: nothing would have to move.
    std::unordered_map<int, std::string> few{{1, "a"}, {14, "b"}, {27, "c"}}, many;
    for (int i = 100; i < 300; ++i) many[i * 7] = "x";
    comes_back<std::unordered_map<int, std::string>>("unordered_map", {{}, few, many});
    comes_back<std::unordered_multiset<int>>("unordered_multiset", {{}, {1, 1, 14}, {2, 2, 3}});
    comes_back<std::bitset<70>>("bitset", {{}, std::bitset<70>(5) << 66});
    comes_back<std::queue<std::string>>("queue", {{}, std::queue<std::string>({"a", "b"})});
    comes_back<std::stack<int>>("stack", {{}, std::stack<int>({1, 2, 3})});
    comes_back<std::uniform_int_distribution<short>>("uniform_int_distribution", {std::uniform_int_distribution<short>(1, 6), {}});
    adaptors();
    pointers();
    references();
    elements_that_stay();
  }

  void adaptors() {
    std::priority_queue<int> from, to;
    for (int i : {3, 9, 1}) from.push(i);
    to.push(100);
    expect(restore(from, to).empty() && to.size() == 3 && to.top() == 9, "priority_queue");
    std::valarray<float> three(3.f, 3), none;
    expect(restore(three, none).empty() && none.size() == 3 && none.sum() == 9.f, "valarray");
    std::ifstream closed, open("/proc/self/exe"), other("/proc/self/exe");
    open.seekg(100);
    expect(restore(closed, closed).empty() && !restore(closed, open).empty() && !restore(open, closed).empty(), "ifstream: open or not");
    expect(restore(open, other).empty() && other.tellg() == std::streampos(100), "ifstream");
    std::FILE *file = std::fopen("/proc/self/exe", "r"), *at_begin = std::fopen("/proc/self/exe", "r");
    std::fseek(file, 50, SEEK_SET);
    expect(restore(file, at_begin).empty() && std::ftell(at_begin) == 50, "FILE");
    std::fclose(file);
    std::fclose(at_begin);
  }

  struct References {
    std::vector<int> numbers;
    std::vector<int>::iterator at;
    std::reference_wrapper<std::vector<int>> all;
    std::shared_ptr<int> owner;
    std::weak_ptr<int> watcher;
    explicit References(std::size_t n) : numbers(n), at(numbers.begin()), all(numbers), owner(new int(static_cast<int>(n))), watcher(owner) {}
    template <class A>
    void serialize(A& ar) {
      ar(numbers, at, all, owner, watcher);
    }
  };
  void references() {
    References from(5), to(2);
    from.at += 3;
    to.watcher.reset();
    const std::string reason = restore(from, to);
    expect(reason.empty(), "references: " + reason);
    expect(to.at == to.numbers.begin() + 3 && &to.all.get() == &to.numbers && to.watcher.lock() == to.owner && *to.owner == 5, "references");
  }

  void pointers() {
    std::unique_ptr<Plain> from(new Plain{3, {4}}), none, other(new Plain{5, {6}});
    const Plain* const object = other.get();
    expect(restore(from, other).empty() && same(from, other) && other.get() == object, "unique_ptr: an object that is there is kept");
    expect(restore(from, none).empty() && none != nullptr && same(from, none), "unique_ptr: an object is made");
    std::vector<std::shared_ptr<std::string>> shared(2, std::make_shared<std::string>("a")), apart;
    expect(restore(shared, apart).empty() && apart.size() == 2 && apart[0] == apart[1] && *apart[0] == "a", "shared_ptr: is shared again");
  }

  void elements_that_stay() {
    std::map<int, float> now{{1, 1.f}, {5, 2.f}, {9, 3.f}}, then{{0, 4.f}, {5, 5.f}, {7, 6.f}};
    const float* const five = &now[5];
    expect(restore(then, now).empty() && now == then && &now[5] == five, "map: an element that stays keeps its address");

    std::multiset<int> twice{1, 1, 2}, thrice{1, 1, 1, 3};
    const int* const one = &*twice.begin();
    expect(restore(thrice, twice).empty() && twice == thrice && &*twice.begin() == one, "multiset: an element that stays keeps its address");

    // What came later comes first, so the rest can be put around what stays.
    std::unordered_map<int, int> before, grown;
    before.reserve(50);
    grown.reserve(50);
    for (int i = 0; i < 20; ++i) before[i] = grown[i] = i;
    for (int i = 20; i < 40; ++i) grown[i] = -i;
    before[1000] = 1;  // goes
    const int* const three = &before[3];
    const std::string reason = restore(grown, before);
    expect(reason.empty(), "unordered_map that has grown: " + reason);
    expect(same(grown, before) && &before[3] == three, "unordered_map: an element that stays keeps its address");

    // Turned round: that needs elements to move, which they can or which is said.
    std::unordered_map<int, int> forwards, backwards;
    forwards.reserve(50);
    backwards.reserve(50);
    for (int i = 0; i < 20; ++i) {
      forwards[i] = i;
      backwards[19 - i] = i;
    }
    const std::string turned = restore(forwards, backwards);
    if (kCanMoveElements) {
      expect(turned.empty() && same(forwards, backwards), "unordered_map in another order: " + turned);
    } else {
      expect(turned.find("C++17") != std::string::npos, "unordered_map in another order is not refused: " + turned);
    }
  }
};

}  // namespace

std::string HINDSIGHT_STANDARD() {
  Standard standard;
  standard.all();
  return standard.wrong;
}
