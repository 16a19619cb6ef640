// Modules as state. Included by hindsight/torch.h.
//
// Of a module: parameters, buffers, gradients (defined or not), requires_grad, and the training flag of every submodule. Members that are
// registered with none of these are not seen; where a module has such, give it a serialize(Archive&), which is called as well.
#pragma once
#pragma GCC system_header

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include "hindsight/torch/tensor.h"

HINDSIGHT_NAMESPACE_BEGIN
namespace detail {

inline void visit_gradient(Archive& archive, at::Tensor& parameter) {
  at::Tensor gradient = parameter.grad();
  const at::Tensor before = gradient;
  hindsight_ar_push(archive.raw(), "grad", 4);
  visit_tensor(archive, gradient, TensorOwner::kLibrary);
  hindsight_ar_pop(archive.raw());
  if (archive.loading() && !archive.failed() && !gradient.is_same(before)) parameter.mutable_grad() = gradient;
}

inline void visit_module(Archive& archive, torch::nn::Module& module) {
  if (hindsight_ar_enter_many(archive.raw()) == 0) return;
  auto parameters = module.named_parameters();
  for (auto& item : parameters) {
    hindsight_ar_push(archive.raw(), item.key().c_str(), item.key().size());
    const bool known =
        archive.saving() && hindsight_ar_find_object(archive.raw(), item.value().unsafeGetTensorImpl(), kTensorKey) >= 0;
    visit_tensor(archive, item.value(), TensorOwner::kModule);
    // A parameter that is registered twice has one gradient.
    if (archive.number("has_grad_slot", !known) != 0) visit_gradient(archive, item.value());
    hindsight_ar_pop(archive.raw());
  }
  auto buffers = module.named_buffers();
  for (auto& item : buffers) {
    hindsight_ar_push(archive.raw(), item.key().c_str(), item.key().size());
    visit_tensor(archive, item.value(), TensorOwner::kModule);
    hindsight_ar_pop(archive.raw());
  }
  auto submodules = module.named_modules(std::string(), /*include_self=*/false);
  std::vector<unsigned char> training{static_cast<unsigned char>(module.is_training())};
  for (const auto& item : submodules) training.push_back(item.value()->is_training());
  const std::vector<unsigned char> before = training;
  const std::uint64_t count = training.size();
  hindsight_ar_push(archive.raw(), "training", 8);
  hindsight_ar_leaf(archive.raw(), kBool, 1, &count, training.data(), count, 0);
  hindsight_ar_pop(archive.raw());
  if (archive.loading() && !archive.failed() && training != before) {
    // Outermost first: train() goes down to what is inside, which then gets its own.
    module.train(training[0] != 0);
    std::size_t i = 1;
    for (const auto& item : submodules) item.value()->train(training[i++] != 0);
  }
  hindsight_ar_leave_many(archive.raw());
}

}  // namespace detail

template <class T>
struct Adapter<T, detail::EnableIf<std::is_base_of<torch::nn::Module, T>::value>> {
  static void visit(Archive& archive, T& value) {
    detail::visit_module(archive, value);
    if constexpr (detail::is_serializable<T>) {
      hindsight_ar_push(archive.raw(), "own", 3);
      detail::visit_serializable(archive, value);
      hindsight_ar_pop(archive.raw());
    }
  }
};

// What TORCH_MODULE makes: a shared pointer to the module.
template <class T>
struct Adapter<T, detail::EnableIf<std::is_base_of<torch::detail::ModuleHolderIndicator, T>::value>> {
  static void visit(Archive& archive, T& value) {
    if (value.is_empty()) return archive.fail("is an empty module holder");
    archive.visit(*value);
  }
};

HINDSIGHT_NAMESPACE_END
