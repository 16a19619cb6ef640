// State adapter for std::function. What it calls is stored by its symbol; a lambda that captured nothing, or plain values, is restored, as is a function
// pointer. One that captured by reference, or a pointer, is refused when it is captured: nobody follows that.
#pragma once
#pragma GCC system_header

#include <functional>

#include "hindsight/state.h"

HINDSIGHT_NAMESPACE_BEGIN
namespace detail {

#if defined(__GLIBCXX__)
// How libstdc++ lays a std::function out.
struct __attribute__((may_alias)) FunctionParts {
  std::_Any_data room;
  bool (*manager)(std::_Any_data& to, const std::_Any_data& from, std::_Manager_operation);
  void (*code)();
};

inline void take_apart(const FunctionParts& parts, bool is_function, hindsight_callable& out) {
  if (parts.manager == nullptr) return;
  __builtin_memcpy(&out.code, &parts.code, sizeof out.code);
  __builtin_memcpy(&out.manager, &parts.manager, sizeof out.manager);
  out.is_function = is_function;
  std::_Any_data held;
  parts.manager(held, parts.room, std::__get_functor_ptr);
  const char* const begin = static_cast<const char*>(static_cast<const void*>(&parts.room));
  const auto* const at = held._M_access<const char*>();
  if (at < begin || at >= begin + sizeof parts.room) {
    hindsight_has_pointers();  // the extent of what is held is the allocator's
    out.held = at;
    return;
  }
  // What is held in the object itself is copied as bytes; those that a copy does not write are nobody's.
  std::_Any_data copies[2];
  __builtin_memset(&copies[0], 0, sizeof copies[0]);
  __builtin_memset(&copies[1], 0xff, sizeof copies[1]);
  for (std::_Any_data& copy : copies) parts.manager(copy, parts.room, std::__clone_functor);
  const auto* const first = static_cast<const unsigned char*>(static_cast<const void*>(&copies[0]));
  const auto* const second = static_cast<const unsigned char*>(static_cast<const void*>(&copies[1]));
  for (std::uint64_t i = 0; i < sizeof out.inside; ++i) {
    if (first[i] != second[i]) continue;
    out.inside[i] = first[i];
    out.bytes = i + 1;
  }
}

inline void put_together(const hindsight_callable& from, FunctionParts& parts) {
  __builtin_memcpy(&parts.room, from.inside, sizeof from.inside);
  __builtin_memcpy(&parts.manager, &from.manager, sizeof from.manager);
  __builtin_memcpy(&parts.code, &from.code, sizeof from.code);
}
#endif

}  // namespace detail

template <class R, class... A>
struct Adapter<std::function<R(A...)>> {
  static void visit(Archive& archive, std::function<R(A...)>& value) {
#if defined(__GLIBCXX__)
    static_assert(sizeof value == sizeof(detail::FunctionParts) && sizeof(std::_Any_data) == HINDSIGHT_CALLABLE_BYTES, "hindsight: a std::function of an unknown layout");
    if (archive.digesting()) return;
    auto& parts = *static_cast<detail::FunctionParts*>(static_cast<void*>(__builtin_addressof(value)));
    bool is_function = value.template target<R (*)(A...)>() != nullptr;
#if defined(__cpp_noexcept_function_type)
    is_function = is_function || value.template target<R (*)(A...) noexcept>() != nullptr;
#endif
    hindsight_callable callable = {};
    detail::take_apart(parts, is_function, callable);
    if (hindsight_ar_callable(archive.raw(), &callable) != 0) detail::put_together(callable, parts);
#else
    (void)value;
    archive.fail("is a std::function of a library whose layout is not known");
#endif
  }
};

HINDSIGHT_NAMESPACE_END
