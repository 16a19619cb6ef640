// State adapters, values and statistics for libtorch. Include it after torch/torch.h, or alone.
//
//   for (int e : hindsight::loop("epoch", n, hindsight::named("net", net), hindsight::named("opt", optimiser))) ...
//   hindsight::log("loss", loss);                          // one element: a number
//   hindsight::log("grad", w.grad());                      // more: grad.numel grad.nan grad.inf grad.min grad.max grad.mean grad.std grad.norm
//   hindsight::log("norm", hindsight::norm(w.grad()));     // of an undefined tensor: NaN
//
// Tensors, modules and module holders, SGD, Adam, AdamW, StepLR, generators. The default CPU generator is part of every state
// as soon as one unit includes this header.
#pragma once
#pragma GCC system_header

#include <ATen/CPUGeneratorImpl.h>
#include <torch/torch.h>

#include <mutex>
#include <string>

#include "hindsight/log.h"
#include "hindsight/stats.h"
#include "hindsight/torch/module.h"
#include "hindsight/torch/optim.h"
#include "hindsight/torch/tensor.h"

HINDSIGHT_NAMESPACE_BEGIN
namespace detail {

template <class T>
inline void visit_cached_normal(Archive& archive, const char* name, c10::optional<T>& cached) {
  T numbers[2] = {cached.has_value() ? T(1) : T(0), cached.value_or(T(0))};
  archive.child(name, numbers);
  if (archive.loading()) cached = numbers[0] != T(0) ? c10::optional<T>(numbers[1]) : c10::nullopt;
}

inline void visit_cpu_generator(Archive& archive, at::CPUGeneratorImpl& generator) {
  const std::lock_guard<std::mutex> lock(generator.mutex_);
  at::mt19937_data_pod engine = generator.engine().data();
  std::uint64_t numbers[4] = {engine.seed_, static_cast<std::uint64_t>(engine.left_), engine.seeded_, engine.next_};
  archive.child("engine", numbers);
  hindsight_ar_push(archive.raw(), "words", 5);
  const std::uint64_t words = engine.state_.size();
  hindsight_ar_leaf(archive.raw(), kU32, 1, &words, engine.state_.data(), words * sizeof(std::uint32_t), 1);
  hindsight_ar_pop(archive.raw());
  auto next_float = generator.next_float_normal_sample();
  auto next_double = generator.next_double_normal_sample();
  visit_cached_normal(archive, "next_float", next_float);
  visit_cached_normal(archive, "next_double", next_double);
  if (!archive.loading() || archive.failed()) return;
  engine.seed_ = numbers[0];
  engine.left_ = static_cast<int>(numbers[1]);
  engine.seeded_ = numbers[2] != 0;
  engine.next_ = static_cast<std::uint32_t>(numbers[3]);
  at::mt19937 restored;
  restored.set_data(engine);
  generator.set_engine(restored);
  generator.set_next_float_normal_sample(next_float);
  generator.set_next_double_normal_sample(next_double);
}

inline void visit_generator(Archive& archive, at::Generator generator) {
  if (!generator.defined()) return archive.fail("is an undefined generator");
  if (generator.device().type() != at::kCPU) return archive.fail("is a generator of a device that has no adapter");
  visit_cpu_generator(archive, *at::check_generator<at::CPUGeneratorImpl>(generator));
}

inline void visit_default_generator(hindsight_archive* to, void*) {
#if HINDSIGHT_EXCEPTIONS
  try {
#endif
    Archive archive(to);
    visit_generator(archive, at::detail::getDefaultCPUGenerator());
#if HINDSIGHT_EXCEPTIONS
  } catch (...) {
    hindsight_ar_fail(to, "could not be read: its code threw an exception");
  }
#endif
}

// Before main libtorch gives its default generator a seed from /dev/urandom. Where that cannot be reached nothing is given back, and a replay's
// generator is another one, which the comparison of states finds.
inline void draw_default_seed() noexcept {
#if HINDSIGHT_EXCEPTIONS
  try {
#endif
    at::Generator generator = at::detail::getDefaultCPUGenerator();
    const std::lock_guard<std::mutex> lock(generator.mutex());
    const std::uint64_t seed = generator.current_seed();
    std::uint64_t recorded = seed;
    hindsight_draw(HINDSIGHT_DRAW_TORCH_SEED, &recorded);
    if (recorded != seed) generator.set_current_seed(recorded);
#if HINDSIGHT_EXCEPTIONS
  } catch (...) {
  }
#endif
}

struct RegisterGenerator {
  RegisterGenerator() noexcept {
    hindsight_ambient("torch.cpu", &visit_default_generator);
    if (active()) draw_default_seed();
  }
};
inline const RegisterGenerator register_generator;

// Its elements side by side on the CPU.
inline at::Tensor readable(const at::Tensor& tensor) {
  const torch::NoGradGuard no_grad;
  return tensor.detach().to(at::kCPU).contiguous().resolve_conj().resolve_neg();
}

}  // namespace detail

template <>
struct Adapter<at::Generator> {
  static void visit(Archive& archive, at::Generator& value) { detail::visit_generator(archive, value); }
};

// Of complex tensors and undefined ones everything but numel is NaN.
inline Stats stats(const at::Tensor& tensor) {
  constexpr double nan = __builtin_nan("");
  if (!tensor.defined()) return {0, nan, nan, nan, nan, nan, nan, nan, nan};
  const at::Tensor dense = detail::readable(tensor);
  hindsight_statistics s;
  hindsight_statistics_of(detail::dtype_of(dense.scalar_type()), dense.data_ptr(), static_cast<std::uint64_t>(dense.numel()), &s);
  return {s.numel, s.nan, s.inf, s.min, s.max, s.sum, s.mean, s.std, s.norm};
}
inline double norm(const at::Tensor& tensor) { return stats(tensor).norm; }
inline double mean(const at::Tensor& tensor) { return stats(tensor).mean; }
inline double min(const at::Tensor& tensor) { return stats(tensor).min; }
inline double max(const at::Tensor& tensor) { return stats(tensor).max; }
inline double sum(const at::Tensor& tensor) { return stats(tensor).sum; }

template <>
struct LogAdapter<at::Tensor> {
  static void put(const hindsight_site& site, const at::Tensor& value) {
#if HINDSIGHT_EXCEPTIONS
    try {
#endif
      if (!value.defined()) return hindsight_put_array(&site, detail::kError, "the tensor is undefined", 23);
      const at::Tensor dense = detail::readable(value);
      const std::uint8_t dtype = detail::dtype_of(dense.scalar_type());
      if (dtype == 0) return hindsight_put_array(&site, detail::kError, "the tensor has an element type that is not supported", 52);
      if (dense.numel() == 1) {
        std::uint64_t bits = 0;
        if (dense.element_size() > static_cast<std::int64_t>(sizeof bits)) return hindsight_put_array(&site, dtype, dense.data_ptr(), 1);
        std::memcpy(&bits, dense.data_ptr(), static_cast<std::size_t>(dense.element_size()));
        return hindsight_put_scalar(&site, dtype, bits);
      }
      hindsight_statistics s;
      hindsight_statistics_of(dtype, dense.data_ptr(), static_cast<std::uint64_t>(dense.numel()), &s);
      const std::pair<const char*, double> all[] = {{".numel", s.numel}, {".nan", s.nan},   {".inf", s.inf}, {".min", s.min},
                                                    {".max", s.max},     {".mean", s.mean}, {".std", s.std}, {".norm", s.norm}};
      for (const auto& [suffix, number] : all) {
        const std::string name = std::string(site.name) + suffix;
        const hindsight_site named_site = {name.c_str(), site.file, site.probe, site.line, site.kind};
        hindsight_put_scalar(&named_site, detail::kF64, detail::bits_of(number));
      }
#if HINDSIGHT_EXCEPTIONS
    } catch (...) {
      constexpr char text[] = "the tensor could not be read";
      hindsight_put_array(&site, detail::kError, text, sizeof text - 1);
    }
#endif
  }
};

HINDSIGHT_NAMESPACE_END
