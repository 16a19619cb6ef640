// libtorch: tensors, modules, optimisers and the default generator as state; tensors as logged values and in statistics.
//
//   #include <hindsight/torch.h>
//   for (int e : hindsight::loop("epoch", n, hindsight::named("net", net), hindsight::named("opt", opt))) ...
//   hindsight::log("grad_norm", hindsight::norm(net->fc->weight.grad()));
//
// A module brings its parameters, buffers, gradients (whether defined, and their values), requires_grad and the training flag of every
// submodule. An optimiser (SGD, Adam, AdamW) brings its groups' options and its state; declare the module that it optimises as well.
// Other optimisers, tensors with a live graph and tensors outside the CPU refuse that capture by name: the loop is then neither entered
// nor skipped. Bytes are copied without autograd; restoring writes into the tensors that are there, so that aliases stay aliases.
// Including this header makes the default CPU generator part of every state.
#pragma once

#include <torch/torch.h>

#include <memory>
#include <mutex>
#include <string>
#include <typeinfo>
#include <utility>
#include <vector>

#include "hindsight/log.h"
#include "hindsight/state.h"
#include "hindsight/stats.h"

HINDSIGHT_NAMESPACE_BEGIN

namespace detail {

// The element type as a leaf's; 0: it has none.
inline std::uint8_t dtype_of_scalar(at::ScalarType type) noexcept {
  switch (type) {
    case at::kBool: return kBool;
    case at::kChar: return kI8;
    case at::kShort: return kI16;
    case at::kInt: return kI32;
    case at::kLong: return kI64;
    case at::kByte: return kU8;
    case at::kHalf: return kF16;
    case at::kBFloat16: return kBF16;
    case at::kFloat: return kF32;
    case at::kDouble: return kF64;
    case at::kComplexFloat: return kC64;
    case at::kComplexDouble: return kC128;
    default: return 0;
  }
}

inline at::ScalarType scalar_of_dtype(std::int64_t dtype) noexcept {
  for (const at::ScalarType type : {at::kBool, at::kChar, at::kShort, at::kInt, at::kLong, at::kByte, at::kHalf, at::kBFloat16, at::kFloat,
                                    at::kDouble, at::kComplexFloat, at::kComplexDouble}) {
    if (dtype_of_scalar(type) == dtype) return type;
  }
  return at::ScalarType::Undefined;
}

constexpr std::int64_t kMaxTensorDims = 16;

// Why a tensor's elements cannot be taken; null: they can.
inline const char* tensor_refusal(const at::Tensor& tensor) {
  if (!tensor.device().is_cpu()) return "is a tensor on a device without an adapter (only the CPU has one)";
  if (tensor.layout() != at::kStrided) return "is a sparse tensor, which has no adapter";
  if (tensor.is_quantized()) return "is a quantised tensor, which has no adapter";
  if (tensor.is_conj() || tensor.is_neg()) return "is a lazy view: call resolve_conj() or resolve_neg()";
  if (dtype_of_scalar(tensor.scalar_type()) == 0) return "is a tensor of an element type without an adapter";
  if (tensor.dim() > kMaxTensorDims) return "is a tensor of more than 16 dimensions";
  if (!tensor.is_leaf()) return "is a tensor with a live graph: detach() it, or declare it inside the loop";
  return nullptr;
}

// The elements in the order of their indices, as a leaf at the current path. Not when reading.
inline void save_elements(Archive& archive, const at::Tensor& tensor) {
  std::uint64_t shape[kMaxTensorDims];
  const auto ndim = static_cast<std::uint8_t>(tensor.dim());
  for (std::uint8_t i = 0; i < ndim; ++i) shape[i] = static_cast<std::uint64_t>(tensor.size(i));
  const std::uint8_t dtype = dtype_of_scalar(tensor.scalar_type());
  const auto bytes = static_cast<std::uint64_t>(tensor.numel()) * tensor.element_size();
  if (tensor.is_contiguous()) {
    hindsight_ar_leaf(archive.raw(), dtype, ndim, shape, tensor.data_ptr(), bytes, 0);
    return;
  }
  void* const room = hindsight_ar_reserve(archive.raw(), dtype, ndim, shape, bytes, 0);
  if (room == nullptr) return;
  const at::NoGradGuard no_grad;
  at::from_blob(room, tensor.sizes(), tensor.options().requires_grad(false)).copy_(tensor.detach());
}

// Consumes a leaf of elements. Loading: writes them into `tensor`, or into a new one that takes its place where it does not fit.
inline void load_elements(Archive& archive, at::Tensor& tensor, at::ScalarType type, std::int64_t dims, bool replaceable) {
  std::uint64_t shape[kMaxTensorDims];
  std::uint64_t bytes = 0;
  const void* const stored =
      hindsight_ar_peek(archive.raw(), dtype_of_scalar(type), static_cast<std::uint8_t>(dims), shape, &bytes);
  if (stored == nullptr) return;
  std::int64_t sizes[kMaxTensorDims];
  for (std::int64_t i = 0; i < dims; ++i) sizes[i] = static_cast<std::int64_t>(shape[i]);
  const at::IntArrayRef size(sizes, static_cast<std::size_t>(dims));
  const bool fits = tensor.defined() && tensor.scalar_type() == type && tensor.sizes() == size && tensor_refusal(tensor) == nullptr;
  if (!fits && !replaceable) return archive.fail("is a tensor of another shape or type in the program that is to be restored");
  if (archive.loading()) {
    const at::NoGradGuard no_grad;
    if (!fits) tensor = at::empty(size, at::TensorOptions().dtype(type));
    if (tensor.is_contiguous()) {
      if (bytes != 0) __builtin_memcpy(tensor.data_ptr(), stored, bytes);
    } else {
      tensor.detach().copy_(at::from_blob(const_cast<void*>(stored), size, at::TensorOptions().dtype(type)));
    }
  }
  hindsight_ar_consume(archive.raw());
}

// A tensor that may be undefined on either side. `replaceable`: `tensor` is the handle that the program uses, so a new tensor may be put
// into it; else (a copy of a handle, as named_parameters() gives) only what fits can be restored.
inline void visit_tensor(Archive& archive, at::Tensor& tensor, bool replaceable) {
  if (archive.digesting()) return;  // never small
  const bool reading = archive.loading() || archive.checking();
  if (!reading && tensor.defined()) {
    if (const char* const refusal = tensor_refusal(tensor)) return archive.fail(refusal);
  }
  const std::int64_t dtype = archive.number("dtype", tensor.defined() ? dtype_of_scalar(tensor.scalar_type()) : 0);
  if (archive.failed()) return;
  if (dtype == 0) {
    if (reading && tensor.defined() && !replaceable) return archive.fail("is a defined tensor, and was undefined in the recording");
    if (archive.loading()) tensor = at::Tensor();
    return;
  }
  const at::ScalarType type = scalar_of_dtype(dtype);
  if (type == at::ScalarType::Undefined) return archive.fail("has a stored element type that is not known here");
  const std::int64_t dims = archive.number("dims", tensor.defined() ? tensor.dim() : 0);
  if (dims < 0 || dims > kMaxTensorDims) return archive.fail("has a stored number of dimensions that cannot be");
  // Tensors that share memory must do so on both sides: restoring one writes into the other.
  const void* const memory = tensor.defined() ? tensor.storage().unsafeGetStorageImpl() : nullptr;
  std::int64_t shared = memory == nullptr ? -1 : hindsight_ar_find_object(archive.raw(), memory, type_key<at::Storage>());
  if (memory != nullptr && shared < 0) hindsight_ar_add_object(archive.raw(), memory, type_key<at::Storage>(), nullptr, nullptr);
  const bool stored_shared = archive.number("shared", shared >= 0 ? 1 : 0) != 0;
  if (archive.failed()) return;
  if (reading && stored_shared != (shared >= 0)) {
    return archive.fail(stored_shared ? "shared its memory with another tensor in the recording, and does not here"
                                      : "shares its memory with another tensor, and did not in the recording");
  }
  const std::int64_t requires_grad = archive.number("requires_grad", tensor.defined() && tensor.requires_grad() ? 1 : 0);
  hindsight_ar_push(archive.raw(), "data", 4);
  if (reading) {
    load_elements(archive, tensor, type, dims, replaceable);
  } else {
    save_elements(archive, tensor);
  }
  hindsight_ar_pop(archive.raw());
  if (archive.failed()) return;
  if (archive.loading() && tensor.requires_grad() != (requires_grad != 0)) tensor.set_requires_grad(requires_grad != 0);

  if (archive.number("has_grad", tensor.defined() && tensor.grad().defined() ? 1 : 0) == 0) {
    if (archive.loading()) tensor.mutable_grad() = at::Tensor();
    return;
  }
  hindsight_ar_push(archive.raw(), "grad", 4);
  at::Tensor no_gradient;
  visit_tensor(archive, tensor.defined() ? tensor.mutable_grad() : no_gradient, true);
  hindsight_ar_pop(archive.raw());
}

inline void visit_named_tensors(Archive& archive, torch::OrderedDict<std::string, at::Tensor> tensors) {
  for (auto& item : tensors) {
    hindsight_ar_push(archive.raw(), item.key().c_str(), item.key().size());
    visit_tensor(archive, item.value(), false);
    hindsight_ar_pop(archive.raw());
    if (archive.failed()) return;
  }
}

inline void visit_module(Archive& archive, torch::nn::Module& module) {
  if (archive.digesting()) return;
  visit_named_tensors(archive, module.named_parameters());
  visit_named_tensors(archive, module.named_buffers());
  // Outermost first: train() sets those below too.
  std::uint64_t index = 0;
  for (auto& item : module.named_modules(std::string(), /*include_self=*/true)) {
    torch::nn::Module& part = *item.value();
    hindsight_ar_push(archive.raw(), "training", 8);
    hindsight_ar_push_index(archive.raw(), index++);
    const bool training = archive.number("on", part.is_training() ? 1 : 0) != 0;
    hindsight_ar_pop(archive.raw());
    hindsight_ar_pop(archive.raw());
    if (archive.failed()) return;
    if (archive.loading() && part.is_training() != training) part.train(training);
  }
}

inline void visit_options(Archive& archive, torch::optim::SGDOptions& o) {
  archive.child("lr", o.lr());
  archive.child("momentum", o.momentum());
  archive.child("dampening", o.dampening());
  archive.child("weight_decay", o.weight_decay());
  archive.child("nesterov", o.nesterov());
}
template <class AdamLike>
inline void visit_adam_options(Archive& archive, AdamLike& o) {
  archive.child("lr", o.lr());
  double first = std::get<0>(o.betas());
  double second = std::get<1>(o.betas());
  archive.child("beta1", first);
  archive.child("beta2", second);
  if (archive.loading()) o.betas(std::make_tuple(first, second));
  archive.child("eps", o.eps());
  archive.child("weight_decay", o.weight_decay());
  archive.child("amsgrad", o.amsgrad());
}
inline void visit_options(Archive& archive, torch::optim::AdamOptions& o) { visit_adam_options(archive, o); }
inline void visit_options(Archive& archive, torch::optim::AdamWOptions& o) { visit_adam_options(archive, o); }

inline void visit_param_state(Archive& archive, torch::optim::SGDParamState& s) {
  hindsight_ar_push(archive.raw(), "momentum_buffer", 15);
  visit_tensor(archive, s.momentum_buffer(), true);
  hindsight_ar_pop(archive.raw());
}
template <class AdamLike>
inline void visit_adam_state(Archive& archive, AdamLike& s) {
  s.step(archive.number("step", s.step()));
  const std::pair<const char*, at::Tensor*> tensors[] = {
      {"exp_avg", &s.exp_avg()}, {"exp_avg_sq", &s.exp_avg_sq()}, {"max_exp_avg_sq", &s.max_exp_avg_sq()}};
  for (const auto& [name, tensor] : tensors) {
    hindsight_ar_push(archive.raw(), name, __builtin_strlen(name));
    visit_tensor(archive, *tensor, true);
    hindsight_ar_pop(archive.raw());
  }
}
inline void visit_param_state(Archive& archive, torch::optim::AdamParamState& s) { visit_adam_state(archive, s); }
inline void visit_param_state(Archive& archive, torch::optim::AdamWParamState& s) { visit_adam_state(archive, s); }

// libtorch keys an optimiser's state by the decimal address of the parameter's TensorImpl. Entries that the program does not have yet are
// made, those that the checkpoint does not have are erased.
template <class Options, class ParamState>
void visit_optimizer_as(Archive& archive, torch::optim::Optimizer& optimizer) {
  auto& groups = optimizer.param_groups();
  auto& states = optimizer.state();
  const std::int64_t count = archive.number("groups", static_cast<std::int64_t>(groups.size()));
  if (archive.failed()) return;
  if (count != static_cast<std::int64_t>(groups.size())) return archive.fail("has another number of parameter groups than in the recording");
  for (std::size_t g = 0; g < groups.size(); ++g) {
    hindsight_ar_push(archive.raw(), "group", 5);
    hindsight_ar_push_index(archive.raw(), g);
    visit_options(archive, static_cast<Options&>(groups[g].options()));
    auto& params = groups[g].params();
    const std::int64_t size = archive.number("params", static_cast<std::int64_t>(params.size()));
    if (!archive.failed() && size != static_cast<std::int64_t>(params.size())) {
      archive.fail("has another number of parameters than in the recording");
    }
    for (std::size_t p = 0; p < params.size() && !archive.failed() && !archive.digesting(); ++p) {
      const std::string key = c10::guts::to_string(params[p].unsafeGetTensorImpl());
      auto found = states.find(key);
      hindsight_ar_push(archive.raw(), "state", 5);
      hindsight_ar_push_index(archive.raw(), p);
      if (archive.number("present", found != states.end() ? 1 : 0) == 0) {
        if (archive.loading() && found != states.end()) states.erase(found);
      } else if (!archive.failed()) {
        if (archive.loading() && found == states.end()) found = states.insert({key, std::make_unique<ParamState>()}).first;
        ParamState absent;  // what a check goes over where the program has nothing yet
        visit_param_state(archive, found == states.end() ? absent : static_cast<ParamState&>(*found->second));
      }
      hindsight_ar_pop(archive.raw());
      hindsight_ar_pop(archive.raw());
    }
    hindsight_ar_pop(archive.raw());
    hindsight_ar_pop(archive.raw());
    if (archive.failed()) return;
  }
}

inline void visit_optimizer(Archive& archive, torch::optim::Optimizer& optimizer) {
  const std::type_info& type = typeid(optimizer);  // exactly: what derives from one of them may hold more
  if (type == typeid(torch::optim::Adam)) {
    visit_optimizer_as<torch::optim::AdamOptions, torch::optim::AdamParamState>(archive, optimizer);
  } else if (type == typeid(torch::optim::AdamW)) {
    visit_optimizer_as<torch::optim::AdamWOptions, torch::optim::AdamWParamState>(archive, optimizer);
  } else if (type == typeid(torch::optim::SGD)) {
    visit_optimizer_as<torch::optim::SGDOptions, torch::optim::SGDParamState>(archive, optimizer);
  } else {
    const std::string reason = "is an optimiser without an adapter (" + c10::demangle(type.name()) + "); SGD, Adam and AdamW have one";
    archive.fail(reason.c_str());
  }
}

// 5056 bytes in libtorch 1.13.
inline void visit_default_generator(hindsight_archive* to, void*) {
  at::Generator generator = at::detail::getDefaultCPUGenerator();
  const std::lock_guard<std::mutex> lock(generator.mutex());
  at::Tensor state = generator.get_state().contiguous();
  const auto bytes = static_cast<std::uint64_t>(state.numel()) * state.element_size();
  if (hindsight_ar_leaf(to, kU8, 1, &bytes, state.data_ptr(), bytes, 1) != 0 && hindsight_ar_mode(to) == HINDSIGHT_LOAD) {
    generator.set_state(state);
  }
}
inline const bool default_generator_registered = (hindsight_ambient("torch.generator", &visit_default_generator), true);

}  // namespace detail

template <>
struct Adapter<at::Tensor> {
  static void visit(Archive& archive, at::Tensor& tensor) { detail::visit_tensor(archive, tensor, true); }
};
template <class T>
struct Adapter<T, std::enable_if_t<std::is_base_of<torch::nn::Module, T>::value>> {
  static void visit(Archive& archive, T& module) { detail::visit_module(archive, module); }
};
template <class T>
struct Adapter<T, std::enable_if_t<std::is_base_of<torch::detail::ModuleHolderIndicator, T>::value && !std::is_base_of<torch::nn::Module, T>::value>> {
  static void visit(Archive& archive, T& holder) {
    if (holder.is_empty()) return archive.fail("is an empty module holder");
    detail::visit_module(archive, *holder);
  }
};
template <class T>
struct Adapter<T, std::enable_if_t<std::is_base_of<torch::optim::Optimizer, T>::value>> {
  static void visit(Archive& archive, T& optimizer) { detail::visit_optimizer(archive, optimizer); }
};

// In f64, over the elements in the order of their indices. An undefined tensor has no elements.
inline Stats stats(const at::Tensor& tensor) {
  const at::NoGradGuard no_grad;
  if (!tensor.defined()) return stats(static_cast<const double*>(nullptr), 0);
  const at::Tensor dense = tensor.detach().to(at::kCPU, at::kDouble).contiguous();
  return stats(dense.data_ptr<double>(), static_cast<std::size_t>(dense.numel()));
}

inline double norm(const at::Tensor& tensor) { return stats(tensor).norm; }
inline double mean(const at::Tensor& tensor) { return stats(tensor).mean; }
inline double min(const at::Tensor& tensor) { return stats(tensor).min; }
inline double max(const at::Tensor& tensor) { return stats(tensor).max; }
inline double sum(const at::Tensor& tensor) { return stats(tensor).sum; }

// One element is a number of its own type; several become name.numel, name.nan, name.inf, name.min, name.max, name.mean, name.std and
// name.norm, in f64.
template <>
struct LogAdapter<at::Tensor> {
  static void put(const hindsight_site& site, const at::Tensor& tensor) noexcept {
    try {
      const at::NoGradGuard no_grad;
      if (tensor.defined() && tensor.numel() == 1 && detail::dtype_of_scalar(tensor.scalar_type()) != 0 && !tensor.is_complex()) {
        const at::Tensor one = tensor.detach().to(at::kCPU).contiguous();
        std::uint64_t bits = 0;
        __builtin_memcpy(&bits, one.data_ptr(), one.element_size());
        return hindsight_put_scalar(&site, detail::dtype_of_scalar(one.scalar_type()), bits);
      }
      const Stats s = stats(tensor);
      const std::pair<const char*, double> parts[] = {{".numel", s.numel}, {".nan", s.nan}, {".inf", s.inf}, {".min", s.min},
                                                      {".max", s.max}, {".mean", s.mean}, {".std", s.std}, {".norm", s.norm}};
      for (const auto& [suffix, value] : parts) {
        const std::string name = std::string(site.name) + suffix;
        hindsight_site part = site;
        part.name = name.c_str();
        detail::put(part, value);
      }
    } catch (...) {
      hindsight_note("a tensor could not be logged");
    }
  }
};

HINDSIGHT_NAMESPACE_END
