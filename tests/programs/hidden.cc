// Trainings whose loops' state leaves out something that is easily overlooked. Each logs a weight that does not depend on it,
// so that no comparison can see a wrong value of it; only `complete` may be entered in the middle.
#include <hindsight/hindsight.h>

#include <algorithm>
#include <atomic>
#include <bitset>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <thread>
#include <valarray>
#include <vector>

struct Training {
  std::mt19937 random{7};
  double weight = 1;
  double step() { return weight += 0.1 - 0.3 * static_cast<double>(random() % 1000) / 1000.0; }
  template <class Archive>
  void serialize(Archive& archive) {
    archive(random, weight);
  }
};

void complete() {
  Training t;
  for (const int epoch : hindsight::loop("complete", 4, hindsight::named("t", t))) {
    for (const int step : hindsight::loop("step", 5, hindsight::named("t", t))) t.weight += t.step() / (2.0 + step + epoch);
    hindsight::log("complete_weight", t.weight);
  }
}

void bits_of_a_vector() {
  Training t;
  std::vector<bool> seen(400);
  for (const int epoch : hindsight::loop("bits", 4, hindsight::named("t", t))) {
    for (const int step : hindsight::loop("step", 5, hindsight::named("t", t))) {
      t.step();
      seen[static_cast<std::size_t>(epoch * 5 + step)] = true;
    }
    hindsight::log("bits_weight", t.weight);
  }
}

void bits_of_a_bitset() {
  Training t;
  std::bitset<64> seen;
  for (const int epoch : hindsight::loop("bitset", 4, hindsight::named("t", t))) {
    t.step();
    seen[static_cast<std::size_t>(epoch)].flip();
    hindsight::log("bitset_weight", t.weight);
  }
}

void slices() {
  Training t;
  std::valarray<double> sums(6);
  for (const int epoch : hindsight::loop("slices", 4, hindsight::named("t", t))) {
    sums[std::slice(0, 3, 2)] += std::valarray<double>(t.step() + epoch, 3);
    hindsight::log("slices_weight", t.weight);
  }
}

void atomic_ref() {
  Training t;
  double sum = 0;
  for (const int epoch : hindsight::loop("atomic", 4, hindsight::named("t", t))) {
    std::atomic_ref<double>(sum).fetch_add(t.step() + epoch);
    hindsight::log("atomic_weight", t.weight);
  }
}

void ranges() {
  Training t;
  std::vector<double> last(3);
  for (const int epoch : hindsight::loop("ranges", 4, hindsight::named("t", t))) {
    t.step();
    if (epoch == 1) std::ranges::fill(std::span(last), t.weight);
    hindsight::log("ranges_weight", t.weight);
  }
}

int made = 0;
struct Batch {
  Batch() { ++made; }
};

void constructors() {
  Training t;
  for (const int epoch : hindsight::loop("constructors", 4, hindsight::named("t", t))) {
    t.step();
    std::vector<Batch> batches(static_cast<std::size_t>(epoch + 1));
    auto one = std::make_unique<Batch>();
    hindsight::log("constructors_weight", t.weight);
  }
}

double first_weight(double weight) {
  static const double first = weight;
  return first;
}

void first_use() {
  Training t;
  for (const int epoch : hindsight::loop("first_use", 4, hindsight::named("t", t))) {
    t.weight += 0 * first_weight(t.step() + epoch);
    hindsight::log("first_use_weight", t.weight);
  }
}

void environment() {
  Training t;
  for (const int epoch : hindsight::loop("environment", 4, hindsight::named("t", t))) {
    t.step();
    if (epoch == 1) setenv("HIDDEN_EPOCH", "one", 1);
    hindsight::log("environment_weight", t.weight);
  }
}

std::size_t length_of(const std::string& path) {
  std::ifstream in(path, std::ios::ate);
  return in ? static_cast<std::size_t>(in.tellg()) : 0;
}

void files() {
  Training t;
  for (const int epoch : hindsight::loop("files", 4, hindsight::named("t", t))) {
    std::ofstream("hidden.log", std::ios::app) << "epoch " << epoch << " " << t.step() << "\n";
    hindsight::log("files_weight", t.weight);
    const std::size_t bytes = length_of("hidden.log");
    t.weight += 0 * static_cast<double>(bytes);
  }
}

// Its serialize() forgets `steps`.
struct Forgetful {
  double mean = 0;
  int steps = 0;
  void add(double x) { mean += (x - mean) / ++steps; }
  template <class A>
  void serialize(A& archive) {
    archive(mean);
  }
};

void forgotten_member() {
  Training t;
  Forgetful forgetful;
  for (const int epoch : hindsight::loop("forgotten_member", 4, hindsight::named("t", t), hindsight::named("forgetful", forgetful))) {
    forgetful.add(t.step() + epoch);
    hindsight::log("forgotten_member_weight", t.weight);
  }
}

// Shuffles itself whenever it is gone through.
struct Loader {
  std::vector<int> order = {0, 1, 2, 3, 4, 5};
  std::mt19937 random{3};
  std::vector<int>::iterator begin() {
    std::shuffle(order.begin(), order.end(), random);
    return order.begin();
  }
  std::vector<int>::iterator end() { return order.end(); }
};

void loader() {
  Training t;
  Loader loader;
  int last = 0;
  for (const int epoch : hindsight::loop("loader", 4, hindsight::named("t", t), hindsight::named("last", last))) {
    for (const int item : hindsight::loop("item", loader, hindsight::named("last", last))) last = 10 * epoch + item;
    t.step();
    hindsight::log("loader_weight", t.weight);
  }
}

void thread() {
  Training t;
  Forgetful forgetful;
  for (const int epoch : hindsight::loop("thread", 4, hindsight::named("t", t))) {
    std::thread(&Forgetful::add, &forgetful, t.step() + epoch).join();
    hindsight::log("thread_weight", t.weight);
  }
}

int main() {
  complete();
  bits_of_a_vector();
  bits_of_a_bitset();
  slices();
  atomic_ref();
  ranges();
  constructors();
  first_use();
  environment();
  files();
  forgotten_member();
  loader();
  thread();
  hindsight::log("made", made);
  return 0;
}
