#include "support.h"

#include <algorithm>
#include <cstdlib>

#include <gtest/gtest.h>

#include "instrument/report.h"

namespace hindsight::instrument {
namespace {

constexpr char kHindsight[] = R"(#pragma once
#include <cstddef>
#include <utility>
namespace hindsight { inline namespace v1 {
struct At { const char* name; const char* file; unsigned line;
  At(const char* n, const char* f = __builtin_FILE(), unsigned l = __builtin_LINE()) : name(n), file(f), line(l) {} };
template <class T> void log(const At&, const T&) noexcept {}
template <class T> T arg(const At&, T otherwise) { return otherwise; }
template <class T> struct Named { const char* name; T& value; };
template <class T> Named<T> named(const char* n, T& v) { return {n, v}; }
template <class T> struct Var { T& value; };
template <class T> Var<T> var(T& v) { return {v}; }
template <class... S> void state(S&&...) noexcept {}
class Loop { public: template <class... S> explicit Loop(const At&, S&&...) {} bool more(); void finish(); };
struct Counted { int n; int i = 0; struct End {}; struct It { Counted& c; int operator*() const { return c.i; } It& operator++() { ++c.i; return *this; } bool operator!=(End) const { return c.i < c.n; } };
  It begin() { return {*this}; } End end() { return {}; } };
template <class R> struct Ranged { R& r; auto begin() { return r.begin(); } auto end() { return r.end(); } };
template <class... S> Counted loop(const At&, int n, S&&...) { return {n}; }
template <class R, class... S> auto loop(const At&, R& r, S&&...) -> decltype(r.begin(), Ranged<R>{r}) { return {r}; }
} }
#define HINDSIGHT_LOG(name, value) do { ::hindsight::log(name, value); } while (0)
)";

constexpr char kProbe[] = R"(#pragma once
#include <hindsight/hindsight.h>
#define HINDSIGHT_TRY try
#define HINDSIGHT_PROBE(id, name, ...) { HINDSIGHT_TRY { ::hindsight::log(name, (__VA_ARGS__)); } catch (...) {} }
)";

constexpr char kTorch[] = R"(#pragma once
#include <memory>
#include <string>
#include <vector>
namespace at {
struct TensorImpl;
class Tensor { public:
  Tensor(); Tensor(const Tensor&); Tensor(Tensor&&);
  Tensor& operator=(const Tensor&) &; Tensor& operator=(Tensor&&) &; Tensor& operator=(const Tensor&) &&; Tensor& operator=(double) &&;
  Tensor operator[](long) const; Tensor slice(long, long, long) const; Tensor view(long) const; Tensor sum() const; Tensor clone() const; Tensor detach() const;
  const Tensor& grad() const; bool defined() const; long size(long) const;
  Tensor& add_(const Tensor&) const; Tensor& mul_(double) const; Tensor& zero_() const; Tensor& operator+=(const Tensor&); Tensor& operator-=(const Tensor&);
  void backward() const; const Tensor& requires_grad_(bool = true) const; void set_data(const Tensor&) const;
  template <class T> T item() const;
 private: std::shared_ptr<TensorImpl> impl_; };
Tensor operator+(const Tensor&, const Tensor&); Tensor operator*(const Tensor&, const Tensor&); Tensor operator*(const Tensor&, double); Tensor operator-(const Tensor&, const Tensor&);
Tensor relu(const Tensor&); Tensor randn(long); Tensor zeros(long);
}
namespace torch {
using at::Tensor; using at::relu; using at::randn; using at::zeros;
struct NoGradGuard { NoGradGuard(); ~NoGradGuard(); };
namespace nn {
class Module : public std::enable_shared_from_this<Module> { public: virtual ~Module(); std::vector<Tensor> parameters(bool recurse = true) const; virtual void train(bool on = true); void eval(); virtual void zero_grad();
 protected: Tensor& register_parameter(std::string, Tensor); template <class M> M register_module(std::string, M m) { return m; }
 private: std::vector<Tensor> parameters_; };
template <class C> class ModuleHolder { public: ModuleHolder(); ModuleHolder(std::nullptr_t); template <class... A> explicit ModuleHolder(A&&...); 
  C* operator->(); const C* operator->() const; C& operator*(); template <class... A> auto operator()(A&&... a) -> decltype(std::declval<C&>().forward(a...)) { return impl_->forward(a...); }
 private: std::shared_ptr<C> impl_; };
class LinearImpl : public Module { public: LinearImpl(long, long); Tensor forward(const Tensor&); Tensor weight, bias; };
class Linear : public ModuleHolder<LinearImpl> { public: using ModuleHolder<LinearImpl>::ModuleHolder; };
class SequentialImpl : public Module { public: template <class R = Tensor, class... A> R forward(A&&...); template <class M> void push_back(M); };
class Sequential : public ModuleHolder<SequentialImpl> { public: using ModuleHolder<SequentialImpl>::ModuleHolder; };
namespace functional { Tensor cross_entropy(const Tensor&, const Tensor&); }
namespace utils { double clip_grad_norm_(std::vector<Tensor>, double); }
}
namespace optim {
class Optimizer { public: virtual ~Optimizer(); virtual void step(); void zero_grad(); std::vector<Tensor>& parameters(); private: std::vector<Tensor> p_; };
class SGD : public Optimizer { public: SGD(std::vector<Tensor>, double); void step() override; };
class Adam : public Optimizer { public: Adam(std::vector<Tensor>, double); void step() override; };
}
}
namespace torch::data {
template <class D = Tensor, class T = Tensor> struct Example { D data; T target; };
template <class B> class Iterator { public: Iterator& operator++(); B& operator*(); bool operator!=(const Iterator&) const; private: std::shared_ptr<B> impl_; };
template <class D, class B> class DataLoaderBase { public: virtual ~DataLoaderBase(); Iterator<B> begin(); Iterator<B> end(); private: std::unique_ptr<D> main_thread_dataset_; std::vector<Tensor> queue_; };
template <class D, class S> class StatelessDataLoader : public DataLoaderBase<D, Example<>> { S sampler_; };
namespace transforms { template <class E = int> struct Stack {}; }
namespace samplers { class RandomSampler { public: explicit RandomSampler(long); private: Tensor indices_; }; }
namespace datasets {
template <class D, class T> struct MapDataset { D dataset; T transform; };
template <class Self> class Dataset { public: virtual ~Dataset(); virtual Example<> get(std::size_t) = 0; template <class T> MapDataset<Self, T> map(T); };
class MNIST : public Dataset<MNIST> { public: explicit MNIST(std::string); Example<> get(std::size_t) override; private: Tensor images_; };
}
template <class S, class D> std::unique_ptr<StatelessDataLoader<D, S>> make_data_loader(D dataset, std::size_t batch);
}
#define TORCH_MODULE(Name) class Name : public torch::nn::ModuleHolder<Name##Impl> { public: using torch::nn::ModuleHolder<Name##Impl>::ModuleHolder; }
)";

}  // namespace

UnitRequest request_for(const UnitFixture& unit, std::vector<Probe> probes) {
  UnitRequest out;
  out.text = unit.text;
  out.probes = std::move(probes);
  out.input.project = "/project";
  out.input.cwd = "/";
  out.input.file = "/project/src/main.cc";
  out.input.language = unit.language;
  out.input.flags = unit.flags;
  if (unit.language == Language::kCxx) out.input.flags.push_back("-std=c++20");
  out.input.flags.push_back("-isystem");
  out.input.flags.push_back("/libraries");
  out.input.overlay = {{"/project/src/main.cc", unit.text},
                       {"/libraries/hindsight/hindsight.h", kHindsight},
                       {"/libraries/hindsight/probe.h", kProbe},
                       {"/libraries/torch/torch.h", kTorch}};
  for (const auto& [name, text] : unit.headers) out.input.overlay["/project/" + name] = text;
  return out;
}

UnitAnalysis analyse_unit(const UnitFixture& unit, std::vector<Probe> probes) {
  const UnitRequest request = request_for(unit, std::move(probes));
  UnitAnalysis out = analyse(request);
  // A run of all tests with a folder here: with a precompiled preamble every unit is the same.
  if (const char* folder = std::getenv("HINDSIGHT_TEST_CACHE")) {
    setenv("HINDSIGHT_CC_CACHE", folder, 1);
    EXPECT_EQ(to_json(analyse(request).report), to_json(out.report)) << unit.text;
    unsetenv("HINDSIGHT_CC_CACHE");
  }
  return out;
}

UnitReport report_on(const std::string& text, const std::vector<std::string>& flags) {
  UnitReport out = analyse_unit({.text = text, .headers = {}, .flags = flags}).report;
  EXPECT_TRUE(out.parsed) << out.problem << "\n" << text;
  return out;
}

std::set<std::string> missing_in(const std::string& text, const std::vector<std::string>& flags, const std::string& loop) {
  const UnitReport report = report_on("#include <hindsight/hindsight.h>\n" + text, flags);
  std::set<std::string> out;
  bool seen = false;
  for (const LoopReport& l : report.loops) {
    if (l.name != loop) continue;
    seen = true;
    for (const Missing& m : l.missing) {
      // Nothing but this unit is known, so what depends on functions of other units is as their signatures have it.
      const bool holds = m.conditions.always || std::any_of(m.conditions.any.begin(), m.conditions.any.end(), [](const Condition& c) { return c.by_signature; });
      if (holds) out.insert(m.variable);
      EXPECT_FALSE(m.why.empty());
    }
  }
  if (!seen) out.insert("no report of the loop");
  return out;
}

Probe make_probe(std::string form, std::string statement, std::string expression) {
  Probe out;
  out.id = kId;
  out.name = "probe";
  out.form = std::move(form);
  out.statement = std::move(statement);
  out.expression = std::move(expression);
  return out;
}

}  // namespace hindsight::instrument
