// The programs that the client's tests run under a host; the first argument says which.
#include <fenv.h>
#include <hindsight/hindsight.h>
#include <hindsight/inserted.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <memory>
#include <span>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace {

// A training in small: nested loops, shuffling, C random numbers, a state that grows.
struct Model {
  std::vector<double> weights = std::vector<double>(40, 0.5);
  std::vector<double> moments;  // made in the first step
  long steps = 0;
  template <class A>
  void serialize(A& ar) {
    ar(hindsight::named("weights", weights), hindsight::named("moments", moments), hindsight::named("steps", steps));
  }
  double step(double x) {
    if (moments.empty()) moments.assign(weights.size(), 0);
    double loss = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      const double gradient = weights[i] * x - static_cast<double>(i) * 0.01;
      moments[i] = 0.9 * moments[i] + gradient;
      weights[i] -= 0.01 * moments[i];
      loss += gradient * gradient;
    }
    ++steps;
    return loss;
  }
};

int train(int epochs, int steps) {
  Model model;
  std::mt19937 rng(7);
  std::normal_distribution<double> noise;
  std::unordered_map<int, std::vector<int>> seen;
  double total = 0;
  for (int epoch : hindsight::loop("epoch", epochs, hindsight::named("model", model), hindsight::named("rng", rng),
                                   hindsight::named("noise", noise), hindsight::named("seen", seen), hindsight::named("total", total))) {
    std::vector<int> order;
    for (int i = 0; i < steps; ++i) order.push_back(i);
    std::shuffle(order.begin(), order.end(), rng);
    hindsight::log("first", order.front());
    double loss = 0;
    for (int step : hindsight::loop("step", steps, hindsight::named("model", model), hindsight::named("rng", rng),
                                    hindsight::named("noise", noise), hindsight::named("seen", seen), hindsight::named("loss", loss))) {
      loss = model.step(noise(rng) + order[static_cast<std::size_t>(step)] + rand() % 3 + drand48());
      seen[order[static_cast<std::size_t>(step)]].push_back(epoch);
      hindsight::log("loss", loss);
      HINDSIGHT_PROBE("0123456789abcdef0123456789abcdef", "weight_norm", hindsight::norm(model.weights))
    }
    total += loss;
    hindsight::log("total", total);
    hindsight::log("seen", seen.size());
  }
  hindsight::log("final", hindsight::sum(model.weights));
  return 0;
}

int values() {
  enum class Phase : unsigned char { kHot = 9 };
  int errors = 0;
  errno = 77;
  feclearexcept(FE_ALL_EXCEPT);
  hindsight::log("int", -5);
  hindsight::log("u8", static_cast<unsigned char>(200));
  hindsight::log("i64", static_cast<long>(1) << 62);
  hindsight::log("bool", true);
  hindsight::log("f32", 0.1f);
  hindsight::log("f64", 0.1);
  hindsight::log("nan", __builtin_nan("0x123"));
  hindsight::log("inf", -__builtin_inf());
  hindsight::log("enum", Phase::kHot);
  hindsight::log("literal", "text\xff");
  hindsight::log("string", std::string("with\0zero", 9));
  hindsight::log("view", std::string_view("view"));
  hindsight::log("null", static_cast<const char*>(nullptr));
  hindsight::log("empty", std::vector<float>());
  const float array[] = {1, 2, 3};
  hindsight::log("array", array);
  hindsight::log("vector", std::vector<double>{1, -0.0});
  hindsight::log("span", std::span<const float>(array, 2));
  hindsight::log("bools", std::vector<bool>{true, false, true});
  hindsight::log("list", std::list<short>{4, 5});
  hindsight::log(std::string("dynamic") + std::to_string(1), 1);
  hindsight::log(std::string("dynamic") + std::to_string(2), 2);
  HINDSIGHT_LOG("macro", 1 + 1);
  if (errno != 77 || fetestexcept(FE_ALL_EXCEPT) != 0) ++errors;
  const float numbers[] = {3, -4, 0};
  hindsight::log("norm", hindsight::norm(numbers));
  hindsight::log("mean", hindsight::mean(std::vector<int>{1, 2}));
  hindsight::log("max", hindsight::max(&numbers[0], 2));
  if (fetestexcept(FE_ALL_EXCEPT) != 0) ++errors;
  return errors;
}

int evaluated = 0;
double count_evaluation() { return ++evaluated; }
int inert() {
  HINDSIGHT_LOG("x", count_evaluation());
  HINDSIGHT_PROBE("0123456789abcdef0123456789abcdef", "x", count_evaluation())
  if (hindsight::arg("n", 3) != 3 || hindsight::arg("s", std::string("d")) != "d" || evaluated != 0) return 1;
  int rounds = 0;
  for (int i : hindsight::loop("a", 5, hindsight::named("rounds", rounds))) rounds += i;
  hindsight::Loop l("b", hindsight::var(rounds));
  for (; l.more() && rounds < 20; ++rounds) continue;
  l.finish();
  return rounds == 20 && train(2, 3) == 0 ? 0 : 1;
}

int arguments() {
  hindsight::arg("i", 1);
  hindsight::arg("u", 2u);
  hindsight::arg("d", 0.5);
  hindsight::arg("f", 0.5f);
  hindsight::arg("b", false);
  hindsight::arg("s", std::string("default"));
  hindsight::arg("c", "default");
  hindsight::arg("small", static_cast<signed char>(3));
  std::puts(hindsight::arg("spaces", std::string("no")).c_str());
  return 0;
}

int positions() {
  int x = 0;
  std::vector<int> labels{10, 20, 20};
  for (int i : hindsight::loop("outer", 2)) {
    for (int v : hindsight::loop("inner", labels)) hindsight::log("v", v + i);
    for (int v : hindsight::loop("inner", 1)) hindsight::log("again", v);
    hindsight::log("after", i);
  }
  for (int i : hindsight::loop("outer", 3)) {
    if (i == 1) break;
    hindsight::log("second", i);
  }
  hindsight::Loop l("while", hindsight::named("x", x), hindsight::var("k", labels[0]));
  while (l.more() && x < 3) {
    ++x;
    if (labels[0]++ == 11) continue;
    hindsight::log("in_while", x);
  }
  l.finish();
  hindsight::log("outside", 1);
  hindsight::Loop twice("break", hindsight::named("x", x));
  for (; twice.more(); ++x) {
    if (x == 5) break;
  }
  twice.finish();
  hindsight::log("after_break", x);
  return 0;
}

void leave_by_return(int& x) {
  for (int i : hindsight::loop("returned", 3, hindsight::named("x", x))) {
    x = i;
    if (i == 1) return;
  }
}
int leaving() {
  int x = 0;
  leave_by_return(x);
  try {
    hindsight::Loop l("thrown", hindsight::named("x", x));
    while (l.more()) {
      if (++x == 3) throw 1;
    }
    l.finish();
  } catch (int) {
  }
  hindsight::log("x", x);
  return 0;
}

// begin() draws a random number, as a data loader's does; single pass.
struct Loader {
  std::mt19937& rng;
  int size;
  struct Iterator {
    using iterator_category = std::input_iterator_tag;
    unsigned offset;
    int left;
    unsigned operator*() const { return offset + static_cast<unsigned>(left); }
    Iterator& operator++() {
      --left;
      return *this;
    }
    bool operator!=(const Iterator& other) const { return left != other.left; }
  };
  Iterator begin() { return {static_cast<unsigned>(rng() % 1000), size}; }
  Iterator end() { return {0, 0}; }
};
int loader() {
  std::mt19937 rng(3);
  unsigned sum = 0;
  for (int e : hindsight::loop("epoch", 3, hindsight::named("rng", rng), hindsight::named("sum", sum))) {
    Loader data{rng, 4};
    for (unsigned x : hindsight::loop("batch", data, hindsight::named("rng", rng), hindsight::named("sum", sum))) {
      sum += x;
      hindsight::log("sum", sum);
    }
    hindsight::log("epoch_sum", sum + static_cast<unsigned>(e));
  }
  return 0;
}

// A range that is part of the state, and grows.
int growing() {
  std::vector<int> work{1, 2, 3};
  std::list<int> seen;
  for (int round : hindsight::loop("round", 4, hindsight::named("work", work), hindsight::named("seen", seen))) {
    for (int w : hindsight::loop("work", seen, hindsight::named("work", work))) work.push_back(w + round);
    seen.push_back(round);
    hindsight::log("work", work);
  }
  return 0;
}

int threads() {
  int x = 0;
  std::vector<std::thread> all;
  hindsight::log("main", 1);
  for (int t = 0; t < 4; ++t) {
    all.emplace_back([t] {
      for (int i : hindsight::loop("work", 500)) hindsight::log("worker", t * 1000 + i);
    });
  }
  for (std::thread& one : all) one.join();
  hindsight::log("main", x);
  return 0;
}

int two_training_threads() {
  // Both are inside their loop at the same time, by hand signals.
  std::atomic<int> inside{0};
  const auto work = [&inside](const char* name) {
    int x = 0;
    for (int i : hindsight::loop(name, 1, hindsight::named(name, x))) {
      ++inside;
      while (inside < 2) std::this_thread::yield();
      int y = 0;
      for (int k : hindsight::loop("inner", 1, hindsight::named("y", y))) y = k + i;
      ++inside;
      while (inside < 4) std::this_thread::yield();
    }
  };
  std::thread other(work, "b");
  work("a");
  other.join();
  return 0;
}

int forks() {
  hindsight::log("before", 1);
  int x = 0;
  for (int i : hindsight::loop("loop", 2, hindsight::named("x", x))) {
    const pid_t child = fork();
    if (child == 0) {
      hindsight::log("in_child", i);
      for (int k : hindsight::loop("child", 3, hindsight::named("x", x))) x += k;
      if (i == 0) exit(0);
      return 0;
    }
    waitpid(child, nullptr, 0);
    hindsight::log("parent", i);
  }
  return 0;
}

struct Refuses {
  template <class A>
  void serialize(A& ar) {
    ar.fail("has a live graph");
  }
};
int refused() {
  Refuses bad;
  int x = 0;
  for (int i : hindsight::loop("epoch", 2, hindsight::named("bad", bad), hindsight::named("x", x))) {
    x += i;
    hindsight::log("x", x);
  }
  return 0;
}

int throwing_probe() {
  const auto thrower = [](int kind) -> double {
    if (kind == 0) throw std::runtime_error("bad probe");
    if (kind == 1) throw 5;
    return 1.5;
  };
  for (int i : hindsight::loop("i", 3)) { HINDSIGHT_PROBE("ffffffffffffffffffffffffffffffff", "p", thrower(i)) }
  return 0;
}

int big() {
  std::vector<char> state(3 << 20);
  for (int i : hindsight::loop("epoch", 6, hindsight::named("state", state))) {
    state[0] = static_cast<char>(i);
    for (auto& c : state) c = static_cast<char>(c + 1);
  }
  return 0;
}

int many_values(int count) {
  for (int i : hindsight::loop("i", count)) hindsight::log("x", i);
  hindsight::log("blob", std::vector<double>(700000, 0.25));  // more than one step of the journal
  hindsight::log("last", 1);
  return 0;
}

int registered_global = 0;
int registered() {
  hindsight::state(hindsight::named("global", registered_global), registered_global);
  int x = 0;
  for (int i : hindsight::loop("epoch", 3, x)) {
    registered_global += i + 1;
    x += registered_global;
    hindsight::log("x", x);
  }
  return 0;
}

int environment() {
  int x = 0;
  for (int i : hindsight::loop("epoch", 3, hindsight::named("x", x))) {
    if (i == 1) __builtin_ia32_ldmxcsr(__builtin_ia32_stmxcsr() | 0x8040);
    hindsight::log("mxcsr", __builtin_ia32_stmxcsr() & 0xffc0u);
  }
  return 0;
}

// Exits with how often lrand48 was not what the program's own multiplier and addend make of its place.
int own_multiplier() {
  unsigned short all[7] = {1, 2, 3, 0xdeed, 0x1eec, 5, 7};
  std::uint64_t place = 0x000300020001;
  lcong48(all);
  int wrong = 0;
  for (int i : hindsight::loop("i", 5, hindsight::named("place", place), hindsight::named("wrong", wrong))) {
    place = (place * 0x00051eecdeed + 7) & 0xffffffffffff;
    if (static_cast<std::uint64_t>(lrand48()) != place >> 17) ++wrong;
    hindsight::log("i", i);
  }
  return wrong;
}

struct LogsAtEnd {
  ~LogsAtEnd() { hindsight::log("static_destructor", 1); }
} logs_at_end;

}  // namespace

// The analysis took all but `w` for constants of the loops. `same` is state by another name, and so is what `view` leads to.
int watched(bool changes) {
  double w = 1, rate = 0.1, scale = 2;
  double& same = w;
  const double* view = &w;
  const std::vector<double> rates = {0.1, 0.05, 0.025};
  auto& late = const_cast<double&>(rates[1]);
  for (int fold = 0; fold < 2; ++fold) {
    hindsight::LoopWith<7> l("epoch");
    for (int epoch = 0; l.more(hindsight::var("epoch", epoch), hindsight::stored("w", w), hindsight::watched("scale", scale), hindsight::watched("rate", rate), hindsight::watched("same", same),
                               hindsight::watched("view", view), hindsight::watched("rates", rates)) && epoch < 6; ++epoch) {
      double step_rate = rate;
      hindsight::LoopWith<3> inner("step");
      for (int step = 0; inner.more(hindsight::var("step", step), hindsight::stored("w", w), hindsight::watched("step_rate", step_rate)) && step < 3; ++step) {
        w -= step_rate * w * scale;
        if (changes && epoch == 4 && step == 2) step_rate *= 0.5;  // seen at the exit alone
      }
      inner.finish();
      if (changes && fold == 0 && epoch == 2) rate *= 0.5;
      if (changes && fold == 0 && epoch == 5) late = 0;  // likewise
    }
    l.finish();
  }
  return 0;
}

// Of the pairs only the number of the first changes. What they point to is not known, until in the second's case something else is there.
int watched_beside_pointers() {
  double w = 1, unknown = 0;
  std::pair<const double*, double> changes(&unknown, 0), stays(new double(2), 0);
  delete stays.first;
  for (int fold = 0; fold < 2; ++fold) {
    hindsight::LoopWith<4> l("epoch");
    std::unique_ptr<double> now_there;
    for (int epoch = 0; l.more(hindsight::var("epoch", epoch), hindsight::stored("w", w), hindsight::watched("changes", changes), hindsight::watched("stays", stays)) && epoch < 6; ++epoch) {
      w *= 0.9;
      if (epoch == 2) changes.second += 1;
      if (epoch == 2) now_there = std::make_unique<double>(w);
    }
    l.finish();
  }
  return 0;
}

// A function with a loop and a log of the program's own, which a probe calls, too.
double measured(int n) {
  double sum = 0;
  for (int i : hindsight::loop("inner", n, hindsight::named("sum", sum))) sum += i;
  hindsight::log("measured", sum);
  return sum;
}
int probe_calls_loops() {
  for (int i : hindsight::loop("i", 3)) {
    HINDSIGHT_PROBE("0123456789abcdef0123456789abcdef", "probed", measured(4))
    hindsight::log("own", measured(i));
  }
  return 0;
}

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  if (what == "train") return train(4, 5);
  if (what == "values") return values();
  if (what == "inert") return inert();
  if (what == "arguments") return arguments();
  if (what == "positions") return positions();
  if (what == "leaving") return leaving();
  if (what == "loader") return loader();
  if (what == "growing") return growing();
  if (what == "threads") return threads();
  if (what == "two_training_threads") return two_training_threads();
  if (what == "forks") return forks();
  if (what == "refused") return refused();
  if (what == "probe_calls_loops") return probe_calls_loops();
  if (what == "throwing_probe") return throwing_probe();
  if (what == "big") return big();
  if (what == "many_values") return many_values(std::atoi(argv[2]));
  if (what == "registered") return registered();
  if (what == "watched_changes") return watched(true);
  if (what == "watched_stays") return watched(false);
  if (what == "watched_beside_pointers") return watched_beside_pointers();
  if (what == "environment") return environment();
  if (what == "own_multiplier") return own_multiplier();
  if (what == "exit3") {
    hindsight::log("x", 1);
    exit(3);
  }
  if (what == "killed") {
    for (int i : hindsight::loop("i", 1000)) hindsight::log("x", i);
    kill(getpid(), SIGKILL);
  }
  std::fprintf(stderr, "no program '%s'\n", what.c_str());
  return 2;
}
