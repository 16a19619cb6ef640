// Variables that pointers of a state may lead to: locals of the functions that are under way, globals, statics.
//
//   Net net; ::hindsight::Live<Net> hindsight_live_12("main::net", net);     // right behind the declaration, in the same scope
//
// Where a pointer that is state leads into such a variable (to its begin, a member, an element) and nothing else of the state covers that, the
// variable is captured with it, as what it is declared to be, and restored in place. What no pointer leads to costs nothing and is not captured.
#pragma once
#pragma GCC system_header

#include "hindsight/state.h"

HINDSIGHT_NAMESPACE_BEGIN
namespace detail {

template <class T>
inline const hindsight_live_type* live_type() noexcept {
  using Object = typename std::remove_cv<T>::type;
  constexpr std::uint64_t key = type_key<Object>();
  using One = typename std::remove_extent<Object>::type;
  static const hindsight_live_type type = {key, sizeof(T), std::is_array<T>::value ? sizeof(One) : 0,
                                           is_number<typename std::remove_all_extents<Object>::type>, &visit_object<Object>};
  return &type;
}

}  // namespace detail

// T is the declared type, an array's with its extent. Only the variable's address is taken. A static variable's Live is static too. The name is what a
// variable is known by in another process, with its type; of several of one name the innermost is number 0. `name` has to last as long as the
// program. Without a host: a load, a store and two branches per scope. Not copied, not moved; used by the thread that made it.
template <class T>
class Live {
 public:
  // In the caller's frame, also where nothing is optimised: the client tells by it whether the scope is still there.
  __attribute__((always_inline)) Live(const char* name, T& variable) noexcept {
    entry_.mark = 0;
    if (active()) {
      hindsight_live_enter(&entry_, name, const_cast<const void*>(static_cast<const volatile void*>(__builtin_addressof(variable))),
                           detail::live_type<T>());
    }
  }
  __attribute__((always_inline)) explicit Live(T& variable) noexcept : Live("", variable) {}
  ~Live() {
    if (__builtin_expect(entry_.mark != 0, false)) hindsight_live_leave(&entry_);
  }
  Live(const Live&) = delete;
  Live& operator=(const Live&) = delete;

 private:
  hindsight_live entry_;
};

HINDSIGHT_NAMESPACE_END
