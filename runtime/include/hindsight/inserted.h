// What the tool inserts into programs that do not call Hindsight themselves includes this, behind the program's own includes. May be
// included again: adapters of libraries, and of parts of the standard library, that were included in between are added.
#include "hindsight/macros_aside.h"
#ifndef HINDSIGHT_INSERTED_H
#define HINDSIGHT_INSERTED_H
#pragma GCC system_header

#include "hindsight/live.h"
#include "hindsight/loop.h"
#include "hindsight/pointer.h"
#include "hindsight/state.h"

HINDSIGHT_NAMESPACE_BEGIN

// A variable that is state, constant or not: constants are state for what they lead to.
template <class T>
inline Named<typename std::remove_cv<T>::type> stored(const char* name, T& value) noexcept {
  return {name, const_cast<typename std::remove_cv<T>::type&>(value)};
}

// The same of what depends on a reading of a clock.
namespace detail {
template <class T>
struct Time {
  T value;
};
}  // namespace detail
template <class T>
struct Adapter<detail::Time<T>> {
  static void visit(Archive& archive, detail::Time<T>& time) {
    if (hindsight_ar_enter_many(archive.raw()) == 0) return;
    archive.child("(clock)", time.value);
    hindsight_ar_leave_many(archive.raw());
  }
};
template <class T>
inline Named<detail::Time<typename std::remove_cv<T>::type>> timed(const char* name, T& value) noexcept {
  using Plain = typename std::remove_cv<T>::type;
  return {name, reinterpret_cast<detail::Time<Plain>&>(const_cast<Plain&>(value))};
}

template <class T>
inline Watched<typename std::remove_cv<T>::type> watched(const char* name, T& value) noexcept {
  return {name, const_cast<typename std::remove_cv<T>::type&>(value)};
}

// The same of a pointer to what has no adapter, as gmtime() gives: what a library fills anew at each call is seen to change.
namespace detail {
template <class T>
struct Opaque {
  T* pointer;
  static const hindsight_pointee* table() {
    hindsight_has_pointers();
    static const hindsight_pointee pointee = [] {
      hindsight_pointee made = {};
      made.looked_at = sizeof(T);
      return made;
    }();
    return &pointee;
  }
};
}  // namespace detail
template <class T>
struct Adapter<detail::Opaque<T>> {
  static void visit(Archive& archive, detail::Opaque<T>& value) {
    hindsight_ar_pointer(archive.raw(), const_cast<void*>(static_cast<const void*>(&value.pointer)), detail::Opaque<T>::table());
  }
};
template <class T>
inline Watched<detail::Opaque<T>> watched_bytes(const char* name, T* const& pointer) noexcept {
  return {name, reinterpret_cast<detail::Opaque<T>&>(const_cast<T*&>(pointer))};
}

// Any loop that is not a range-for, whose state is given where its variables are in scope:
//
//   { hindsight::LoopWith<2, 1> l("epoch"); for (int e = 0; l.more(hindsight::var("e", e), hindsight::stored("net", net)) && (e < n); ++e) { ... } l.finish(); }
//
// A Loop otherwise; N is the number of variables that more() is given, the first `own` of which the loop itself declares: they are gone when it is
// left. In a do loop more() stands in front of it and behind its condition.
template <std::size_t N, std::size_t own = 0>
class LoopWith : public detail::SteppedLoop<N> {
  using Base = detail::SteppedLoop<N>;

 public:
  explicit LoopWith(const At& at) noexcept : at_(at), active_(active()) {}

  template <class... S>
  __attribute__((always_inline)) bool more(S&&... state) noexcept {
    static_assert(sizeof...(S) == N, "hindsight: more() is given what the loop was declared for");
    if (__builtin_expect(!active_, true)) return true;
    hindsight_live_settle();  // from the loop's own function
    return more_recorded(static_cast<S&&>(state)...);
  }

 private:
  template <class... S>
  __attribute__((noinline)) bool more_recorded(S&&... state) noexcept {
    if (!entered_) {
      entered_ = true;
      int unused[] = {0, (detail::find_label(this->label_, state), 0)...};
      (void)unused;
      Base::enter(at_, 0, static_cast<S&&>(state)...);
      if (own != 0 && this->live_) hindsight_loop_own(&this->frame_, static_cast<std::uint32_t>(own));
    }
    return this->live_ ? this->step() : true;
  }

  At at_;
  bool active_;
  bool entered_ = false;
};

// Globals and statics, registered before main() runs.
struct Registered {
  template <class... S>
  explicit Registered(S&&... values) noexcept {
    state(static_cast<S&&>(values)...);
  }
};

// Statics of functions, registered before main() runs. S names one: name(), object(), and for one whose value is not there before
// control first passes made().
template <class S>
struct StaticNow {
  static const bool registered;
};
template <class S>
const bool StaticNow<S>::registered = (state(stored(S::name(), S::object())), true);

namespace detail {
template <class S>
struct Later {};
}  // namespace detail
template <class S>
struct Adapter<detail::Later<S>> {
  static void visit(Archive& archive, detail::Later<S>&) {
    const bool was_made = archive.number("made", S::made()) != 0;
    if (archive.failed()) return;
    if (!was_made && S::made()) return archive.fail("has been made, but had not been when it was stored");
    if (!was_made) return;
    using Object = typename std::remove_reference<decltype(S::object())>::type;
    if constexpr (!std::is_const<Object>::value) {
      archive.child("value", S::object());
    } else {
      S::object();
    }
  }
};
template <class S>
struct StaticLater {
  static detail::Later<S> later;
  static const bool registered;
};
template <class S>
detail::Later<S> StaticLater<S>::later;
template <class S>
const bool StaticLater<S>::registered = (state(named(S::name(), StaticLater<S>::later)), true);

HINDSIGHT_NAMESPACE_END
#endif
#include "hindsight/std/if_included.h"
#if defined(TORCH_API)
#include "hindsight/torch.h"
#endif
#if defined(EIGEN_WORLD_VERSION)
#include "hindsight/eigen.h"
#endif
#include "hindsight/macros_back.h"
