// Optimisers as state: SGD, Adam and AdamW, with the options of every group and the state of every parameter; StepLR. Included by hindsight/torch.h.
//
// Any other optimiser, and a class that derives from one of these, is refused by name when it is captured.
#pragma once
#pragma GCC system_header

#include <torch/optim.h>

#include <memory>
#include <string>
#include <typeinfo>

#include "hindsight/torch/tensor.h"

HINDSIGHT_NAMESPACE_BEGIN
namespace detail {

// The key of a parameter in an optimiser's state: text up to libtorch 1.13, the pointer itself from 2.0 on.
template <class Key>
inline Key parameter_key(const at::Tensor& parameter) {
  if constexpr (std::is_same<Key, std::string>::value) {
    return c10::guts::to_string(parameter.unsafeGetTensorImpl());
  } else {
    return parameter.unsafeGetTensorImpl();
  }
}

inline void visit_options(Archive& archive, torch::optim::AdamOptions& o) {
  double all[] = {o.lr(), std::get<0>(o.betas()), std::get<1>(o.betas()), o.eps(), o.weight_decay(), o.amsgrad() ? 1.0 : 0.0};
  archive.visit(all);
  if (!archive.loading() || archive.failed()) return;
  o.lr(all[0]);
  o.betas(std::make_tuple(all[1], all[2]));
  o.eps(all[3]);
  o.weight_decay(all[4]);
  o.amsgrad(all[5] != 0);
}
inline void visit_options(Archive& archive, torch::optim::AdamWOptions& o) {
  double all[] = {o.lr(), std::get<0>(o.betas()), std::get<1>(o.betas()), o.eps(), o.weight_decay(), o.amsgrad() ? 1.0 : 0.0};
  archive.visit(all);
  if (!archive.loading() || archive.failed()) return;
  o.lr(all[0]);
  o.betas(std::make_tuple(all[1], all[2]));
  o.eps(all[3]);
  o.weight_decay(all[4]);
  o.amsgrad(all[5] != 0);
}
inline void visit_options(Archive& archive, torch::optim::SGDOptions& o) {
  double all[] = {o.lr(), o.momentum(), o.dampening(), o.weight_decay(), o.nesterov() ? 1.0 : 0.0};
  archive.visit(all);
  if (!archive.loading() || archive.failed()) return;
  o.lr(all[0]);
  o.momentum(all[1]);
  o.dampening(all[2]);
  o.weight_decay(all[3]);
  o.nesterov(all[4] != 0);
}

inline void visit_named_tensor(Archive& archive, const char* name, at::Tensor& tensor) {
  hindsight_ar_push(archive.raw(), name, __builtin_strlen(name));
  visit_tensor(archive, tensor, TensorOwner::kLibrary);
  hindsight_ar_pop(archive.raw());
}

template <class AdamState>
inline void visit_parameter_state(Archive& archive, AdamState& state) {
  std::int64_t step = archive.number("step", state.step());
  if (archive.loading() && !archive.failed()) state.step(step);
  at::Tensor first = state.exp_avg(), second = state.exp_avg_sq(), most = state.max_exp_avg_sq();
  visit_named_tensor(archive, "exp_avg", first);
  visit_named_tensor(archive, "exp_avg_sq", second);
  visit_named_tensor(archive, "max_exp_avg_sq", most);
  if (!archive.loading() || archive.failed()) return;
  state.exp_avg(first);
  state.exp_avg_sq(second);
  state.max_exp_avg_sq(most);
}
inline void visit_parameter_state(Archive& archive, torch::optim::SGDParamState& state) {
  at::Tensor momentum = state.momentum_buffer();
  visit_named_tensor(archive, "momentum_buffer", momentum);
  if (archive.loading() && !archive.failed()) state.momentum_buffer(momentum);
}

// A constant of the state's shape: the number of groups or parameters. False, and a failure, if it is another one now.
inline bool expect_number(Archive& archive, const char* name, std::size_t now) {
  if (archive.number(name, static_cast<std::int64_t>(now)) == static_cast<std::int64_t>(now)) return !archive.failed();
  archive.fail("has groups or parameters now that it did not have, or the other way round");
  return false;
}

template <class Options, class State>
inline void visit_optimizer(Archive& archive, torch::optim::Optimizer& optimizer) {
  auto& states = optimizer.state();
  using Key = typename Decay<decltype(states)>::key_type;
  hindsight_ar_push(archive.raw(), "defaults", 8);
  visit_options(archive, static_cast<Options&>(optimizer.defaults()));
  hindsight_ar_pop(archive.raw());
  auto& groups = optimizer.param_groups();
  if (!expect_number(archive, "groups", groups.size())) return;
  for (std::size_t g = 0; g < groups.size() && !archive.failed(); ++g) {
    hindsight_ar_push_index(archive.raw(), g);
    hindsight_ar_push(archive.raw(), "options", 7);
    visit_options(archive, static_cast<Options&>(groups[g].options()));
    hindsight_ar_pop(archive.raw());
    if (hindsight_ar_enter_many(archive.raw()) != 0) {
      auto& parameters = groups[g].params();
      if (expect_number(archive, "parameters", parameters.size())) {
        for (std::size_t p = 0; p < parameters.size() && !archive.failed(); ++p) {
          hindsight_ar_push_index(archive.raw(), p);
          const Key key = parameter_key<Key>(parameters[p]);
          auto found = states.find(key);
          const bool there = found != states.end();
          const bool wanted = archive.number("set", there) != 0;
          if (archive.loading() && !archive.failed() && there != wanted) {
            if (wanted) {
              found = states.insert({key, std::make_unique<State>()}).first;
            } else {
              states.erase(key);
            }
          }
          if (wanted && (there || archive.loading())) {
            visit_parameter_state(archive, static_cast<State&>(*found->second));
          } else if (wanted && archive.checking()) {
            for (const char* name : {"step", "exp_avg", "exp_avg_sq", "max_exp_avg_sq", "momentum_buffer"}) {
              hindsight_ar_push(archive.raw(), name, __builtin_strlen(name));
              hindsight_ar_skip(archive.raw());
              hindsight_ar_pop(archive.raw());
            }
          }
          hindsight_ar_pop(archive.raw());
        }
      }
      hindsight_ar_leave_many(archive.raw());
    }
    hindsight_ar_pop(archive.raw());
  }
}

inline std::string class_name(const std::type_info& type) {
#if defined(__GLIBCXX__)
  int status = 0;
  char* const text = abi::__cxa_demangle(type.name(), nullptr, nullptr, &status);
  const std::string name = status == 0 ? text : type.name();
  std::free(text);
  return name;
#else
  return type.name();
#endif
}

// StepLR's counter is protected.
struct SchedulerAccess : torch::optim::LRScheduler {
  static unsigned& step_count(torch::optim::LRScheduler& scheduler) { return scheduler.*(&SchedulerAccess::step_count_); }
};

}  // namespace detail

template <class T>
struct Adapter<T, detail::EnableIf<std::is_base_of<torch::optim::Optimizer, T>::value>> {
  static void visit(Archive& archive, torch::optim::Optimizer& value) {
    const std::type_info& type = typeid(value);
    if (type == typeid(torch::optim::Adam)) {
      detail::visit_optimizer<torch::optim::AdamOptions, torch::optim::AdamParamState>(archive, value);
    } else if (type == typeid(torch::optim::AdamW)) {
      detail::visit_optimizer<torch::optim::AdamWOptions, torch::optim::AdamWParamState>(archive, value);
    } else if (type == typeid(torch::optim::SGD)) {
      detail::visit_optimizer<torch::optim::SGDOptions, torch::optim::SGDParamState>(archive, value);
    } else {
      archive.fail(("is a " + detail::class_name(type) + ": of optimisers, SGD, Adam and AdamW are supported").c_str());
    }
  }
};

template <class T>
struct Adapter<T, detail::EnableIf<std::is_base_of<torch::optim::LRScheduler, T>::value>> {
  static void visit(Archive& archive, torch::optim::LRScheduler& value) {
    if (typeid(value) != typeid(torch::optim::StepLR)) {
      return archive.fail(("is a " + detail::class_name(typeid(value)) + ": of schedulers, StepLR is supported").c_str());
    }
    archive.child("step_count", detail::SchedulerAccess::step_count(value));
  }
};

HINDSIGHT_NAMESPACE_END
