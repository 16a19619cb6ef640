// Uses the whole face, in the ways that are meant to compile; tests/runtime/check_headers compiles it for every compiler, standard and flag, and
// runs it without a host.
#include <hindsight/hindsight.h>

#include <chrono>
#include <cstdio>

namespace {

struct Layer {
  float scale = 1;
  std::vector<int> counts{1, 2, 3};
  template <class A>
  void serialize(A& ar) {
    ar(scale, hindsight::named("counts", counts));
  }
};
struct Versioned {
  int x = 0;
  template <class A>
  void serialize(A& ar, unsigned) {
    ar & x;
  }
};
struct Elsewhere {
  double y = 0;
};
template <class A>
void serialize(A& ar, Elsewhere& value) {
  ar & value.y;
}
enum class Phase : short { kWarm, kHot };

void unbraced(bool condition, int value) {
  if (condition)
    HINDSIGHT_LOG("a", value);
  else
    HINDSIGHT_LOG("b", (std::pair<int, int>{1, value}.second));
}

int all(int argc) {
  Layer layer;
  Versioned versioned;
  Elsewhere elsewhere;
  Phase phase = Phase::kWarm;
  std::mt19937 rng(1);
  std::normal_distribution<double> noise;
  std::unordered_map<std::string, std::vector<double>> by_name;
  std::map<int, float> sorted;
#if __cplusplus >= 201703L
  std::optional<std::string> maybe;
  std::variant<int, std::string> either;
#else
  std::pair<int, std::string> maybe, either;
#endif
  std::shared_ptr<Layer> shared;
  std::unique_ptr<Layer> owned;
  std::atomic<int> counter{0};
  std::complex<float> wave;
  std::chrono::milliseconds elapsed{1};
  std::vector<bool> flags;
  std::list<std::string> names;
  std::tuple<int, std::string> both;
  std::set<std::string> seen;
  std::unordered_set<int> ids;
  std::vector<std::shared_ptr<Layer>> layers(2);
  long double precise = 1;
  int array[3] = {};
  Layer grid[2][2];

  static Layer registered;  // lives as long as the process, as it must
  static Versioned counted;
  hindsight::state(hindsight::named("registered", registered), counted);
  const int epochs = hindsight::arg("epochs", argc);
  const std::string text = hindsight::arg("text", std::string("none"));
  const char* const literal = hindsight::arg("literal", "none");
  const float rate = hindsight::arg("rate", 1e-3f);
  const bool on = hindsight::arg("on", false);
  const Phase first = hindsight::arg("phase", Phase::kHot);
  hindsight::log("text", text);
  hindsight::log(text + "2", literal);
  hindsight::log("flags", flags);
  hindsight::log("array", array);
  hindsight::log("phase", first);
  hindsight::log("rate", on ? rate : 0.f);
  unbraced(on, argc);

  for (int epoch : hindsight::loop("epoch", epochs, layer, versioned, elsewhere, rng, noise, by_name, sorted, maybe, either, shared, owned,
                                   counter, wave, elapsed, flags, names, both, seen, ids, layers, precise, array, grid,
                                   hindsight::named("phase", phase))) {
    for (int& count : hindsight::loop("count", layer.counts)) count += epoch;
    for (const auto& word : hindsight::loop("word", std::vector<std::string>{"a", "b"}, hindsight::named("versioned", versioned))) {
      versioned.x += static_cast<int>(word.size());
    }
    for (auto& entry : hindsight::loop("entry", by_name)) entry.second.push_back(static_cast<double>(entry.first.size()));
    HINDSIGHT_PROBE("0123456789abcdef0123456789abcdef", "norm", hindsight::norm(layer.counts))
    { HINDSIGHT_PROBE("0123456789abcdef0123456789abcdef", "mean", hindsight::mean(array, 3)); }
    int k = 0;
#if __cplusplus >= 201703L
    hindsight::Loop steps("step", hindsight::var(k), hindsight::named("layer", layer));
    hindsight::Loop rounds("round", k);
#else
    hindsight::Loop<hindsight::Var<int>, hindsight::Named<Layer>> steps("step", hindsight::var(k), hindsight::named("layer", layer));
    hindsight::Loop<int&> rounds("round", k);
#endif
    for (; steps.more() && k < 3; ++k) {
      if (k == 2) break;
    }
    steps.finish();
    if (rounds.more()) do {
      } while (--k > 0 && rounds.more());
    rounds.finish();
  }
  const hindsight::Stats stats = hindsight::stats(array);
  return stats.numel == 3 && versioned.x >= 0 ? 0 : 1;
}

}  // namespace

#if defined(HINDSIGHT_FACE_FUNCTION)
int HINDSIGHT_FACE_FUNCTION(int argc) { return all(argc); }
#else
int main(int argc, char**) { return all(argc); }
#endif
