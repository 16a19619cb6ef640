// A training as it is written in C, with the pointers left in: what the instrumenter makes of it.
#include <hindsight/hindsight.h>
#include <hindsight/inserted.h>
#include <hindsight/pointer.h>
#include <stdlib.h>

#include <cmath>
#include <cstring>
#include <vector>

namespace {

struct Layer {
  double scale = 1;
  virtual ~Layer() = default;
  virtual double forward(double x) = 0;
  template <class A>
  void serialize(A& ar) {
    ar(scale);
  }
};
struct Sine : Layer {
  int calls = 0;
  double forward(double x) override { return std::sin(scale * x) + ++calls; }
  template <class A>
  void serialize(A& ar) {
    ar(calls);
    ar(static_cast<Layer&>(*this));
  }
};
struct Square : Layer {
  double forward(double x) override { return scale * x * x / (1 + std::abs(x)); }
  template <class A>
  void serialize(A& ar) {
    ar(static_cast<Layer&>(*this));
  }
};

struct Sample {
  double loss;
  Sample* before;
  template <class A>
  void serialize(A& ar) {
    ar(hindsight::named("loss", loss), hindsight::named("before", before));
  }
};

double rise(double x) { return x * 1.5; }
double fall(double x) { return x * 0.5; }

// All parameters in one block, as pointers into it; the optimiser's buffers are made in the first step.
struct Model {
  int size = 0;
  float* memory = nullptr;
  float* weights = nullptr;
  float* bias = nullptr;
  float* momentum = nullptr;
  float* next = nullptr;  // changes places with `momentum`
  double** rows = nullptr;
  Layer* layers[2] = {};
  Sample* history = nullptr;
  double (*schedule)(double) = nullptr;
  const char* phase = "cold";
  template <class A>
  void serialize(A& ar) {
    ar(size, hindsight::named("memory", memory), hindsight::named("weights", weights), hindsight::named("bias", bias),
       hindsight::named("momentum", momentum), hindsight::named("next", next), hindsight::named("rows", rows), hindsight::named("layers", layers),
       hindsight::named("history", history), hindsight::named("schedule", schedule), hindsight::named("phase", phase));
  }

  double step(int epoch) {
    if (momentum == nullptr) {
      momentum = static_cast<float*>(calloc(static_cast<std::size_t>(size), sizeof(float)));
      next = new float[static_cast<std::size_t>(size)]();
      phase = "warm";
    }
    double loss = 0;
    for (int i = 0; i < size; ++i) {
      const double gradient = layers[i % 2]->forward(weights[i] + bias[i % 3] + rows[i % 4][i % 5]);
      next[i] = static_cast<float>(0.9 * momentum[i] + gradient);
      weights[i] -= 0.01f * next[i];
      rows[i % 4][i % 5] += 1e-3 * gradient;
      loss += schedule(gradient * gradient);
    }
    std::swap(momentum, next);
    layers[epoch % 2]->scale *= 0.99;
    schedule = epoch % 2 == 0 ? rise : fall;
    history = new Sample{loss, history};
    return loss;
  }
};

// The loop in a member function, what it works on in main() and at namespace scope.
struct Net {
  std::vector<double> weights;
  double recent[3] = {};
  double* last = recent;  // into itself
  template <class A>
  void serialize(A& ar) {
    ar(hindsight::named("weights", weights), hindsight::named("recent", recent), hindsight::named("last", last));
  }
  double step(double rate) {
    double loss = 0;
    for (double& w : weights) loss += w * w, w -= rate * std::sin(w);
    last = last == recent + 2 ? recent : last + 1;
    return *last = loss;
  }
};
double global_rate = 0.1;
const hindsight::Live<double> hindsight_live_1("global_rate", global_rate);

struct Schedule {
  double* rate;
  double decay;
  template <class A>
  void serialize(A& ar) {
    ar(hindsight::named("rate", rate), hindsight::named("decay", decay));
  }
};
struct Trainer {
  Net* net = nullptr;
  Net* best = nullptr;    // null before the first epoch
  double* worst = nullptr;
  Schedule* schedule = nullptr;
  Net* candidates = nullptr;
  double* losses = nullptr;
  template <class A>
  void serialize(A& ar) {
    ar(hindsight::named("net", net), hindsight::named("best", best), hindsight::named("worst", worst), hindsight::named("schedule", schedule),
       hindsight::named("candidates", candidates), hindsight::named("losses", losses));
  }
  void fit(int epochs) {
    hindsight::LoopWith<2> l("epoch");
    for (int epoch = 0; l.more(hindsight::var("epoch", epoch), hindsight::stored("this", *this)) && epoch < epochs; ++epoch) {
      best = &candidates[epoch % 2];
      hindsight::log("loss", losses[epoch] = net->step(*schedule->rate));
      best->weights.push_back(losses[epoch]);
      hindsight::log("best", best->step(*schedule->rate));
      *schedule->rate *= schedule->decay;
      if (worst == nullptr || losses[epoch] > *worst) worst = &losses[epoch];
      hindsight::log("worst", *worst + static_cast<double>(worst - losses));
      hindsight::log("rate", global_rate);
    }
    l.finish();
  }
};
int scopes() {
  Net net;
  const hindsight::Live<Net> hindsight_live_2("scopes::net", net);
  Net candidates[2];
  const hindsight::Live<Net[2]> hindsight_live_3("scopes::candidates", candidates);
  double losses[6] = {};
  const hindsight::Live<double[6]> hindsight_live_4("scopes::losses", losses);
  net.weights = {1, 2, 3};
  Trainer trainer;
  trainer.net = &net;
  trainer.schedule = new Schedule{&global_rate, 0.9};
  trainer.candidates = candidates;
  trainer.losses = losses;
  trainer.fit(6);
  double sum = 0;
  for (const Net& each : candidates) sum += *each.last;
  hindsight::log("sum", sum + losses[0] + net.weights[2]);
  return 0;
}

}  // namespace

template <>
struct hindsight::Kinds<Layer> {
  using types = TypeList<Sine, Square>;
};

int main(int argc, char**) {
  if (argc > 1) return scopes();
  Model model;
  model.size = 30;
  model.memory = static_cast<float*>(malloc(33 * sizeof(float)));
  for (int i = 0; i < 33; ++i) model.memory[i] = 0.1f * static_cast<float>(i);
  model.weights = model.memory;
  model.bias = model.memory + 30;
  model.rows = static_cast<double**>(malloc(4 * sizeof(double*)));
  for (int i = 0; i < 4; ++i) model.rows[i] = static_cast<double*>(calloc(5, sizeof(double)));
  model.layers[0] = new Sine;
  model.layers[1] = new Square;
  model.schedule = rise;
  for (int epoch : hindsight::loop("epoch", 6, hindsight::named("model", model))) {
    hindsight::log("loss", model.step(epoch));
    if (epoch == 3) {  // from here on of another size
      model.next = static_cast<float*>(realloc(calloc(40, sizeof(float)), 50 * sizeof(float)));
      std::memset(model.next, 0, 50 * sizeof(float));
    }
    double sum = 0;
    for (Sample* at = model.history; at != nullptr; at = at->before) sum += at->loss;
    hindsight::log("sum", sum);
    hindsight::log("phase", model.phase);
  }
}
