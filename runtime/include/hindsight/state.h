// What a loop needs to be entered at an iteration: how a variable becomes leaves, and comes back.
//
//   hindsight::state(table, hindsight::named("seen", seen));      // registers state for the life of the process
//   for (int e : hindsight::loop("epoch", n, hindsight::named("net", net), optimiser)) ...
//
//   struct Adam { ... template <class A> void serialize(A& ar) { ar(m, v, steps); } };   // `ar & m & v` and a version work too
//
// Here: numbers, enums, C arrays, and types with serialize() as cereal and Boost spell it (member or free, public). The standard library is
// in hindsight/std.h, tensors in hindsight/torch.h, matrices in hindsight/eigen.h. One visit serves saving, checking and restoring; restoring
// is in place. What cannot be captured does not compile; nothing is captured in part.
#pragma once
#pragma GCC system_header

#include "hindsight/face.h"
#if HINDSIGHT_EXCEPTIONS && defined(__GLIBCXX__)
#include <cxxabi.h>
#endif
#if defined(__cpp_rtti)
#include <typeinfo>
#endif

// There only in a program that calls it: one whose state has pointers or objects that are owned through one. Only then does the client note which
// blocks of the heap and which places there are. Never inlined, so that it is there.
extern "C" __attribute__((noinline)) inline void hindsight_has_pointers() noexcept { __asm__ volatile(""); }

HINDSIGHT_NAMESPACE_BEGIN

class Archive;

// How a type is visited: `static void visit(Archive& archive, T& value)`. Specialised by the adapters.
template <class T, class Enable = void>
struct Adapter;

// A variable with a name for its leaves. Borrows; does not own.
template <class T>
struct Named {
  const char* name;
  T& value;
};
template <class T>
inline Named<T> named(const char* name, T& value) noexcept {
  return {name, value};
}
template <class T>
void named(const char* name, const T&& value) = delete;  // a temporary is gone before the loop begins

// A variable that a loop only reads: not part of its state, but looked at now and then.
template <class T>
struct Watched {
  const char* name;
  T& value;
};

// The loop's variable: part of its state, and its value is the label of the iteration.
template <class T>
struct Var {
  static_assert(std::is_integral<T>::value, "hindsight::var: the loop variable must be an integer; declare others as plain state");
  const char* name;
  T& value;
};
template <class T>
inline Var<T> var(T& value) noexcept {
  return {nullptr, value};
}
template <class T>
inline Var<T> var(const char* name, T& value) noexcept {
  return {name, value};
}

// What visits a state. An adapter or a serialize() is given one.
class Archive {
 public:
  explicit Archive(hindsight_archive* to) noexcept : to_(to), mode_(hindsight_ar_mode(to)) {}

  // No is_loading type, as cereal and Boost have it: one archive does both, so what branches at compile time does not compile here.
  bool loading() const noexcept { return mode_ == HINDSIGHT_LOAD; }
  bool checking() const noexcept { return mode_ == HINDSIGHT_CHECK; }
  bool saving() const noexcept { return mode_ == HINDSIGHT_SAVE; }
  bool digesting() const noexcept { return mode_ == HINDSIGHT_SMALL; }
  bool failed() const noexcept { return hindsight_ar_failed(to_) != 0; }
  // Gives up on this capture or restore; `reason` follows the path in the message.
  void fail(const char* reason) noexcept { hindsight_ar_fail(to_, reason); }

  // The next members, in order: named ones by their name, others by their index.
  template <class... T>
  Archive& operator()(T&&... members) {
    (member(members), ...);
    return *this;
  }
  template <class T>
  Archive& operator&(T&& value) {
    member(value);
    return *this;
  }

  // For adapters.
  template <class T>
  void child(const char* name, T& value) {
    hindsight_ar_push(to_, name, __builtin_strlen(name));
    visit(value);
    hindsight_ar_pop(to_);
  }
  template <class T>
  void child(std::uint64_t index, T& value) {
    hindsight_ar_push_index(to_, index);
    visit(value);
    hindsight_ar_pop(to_);
  }
  // At the current path.
  template <class T>
  void visit(T& value) {
    static_assert(!std::is_const<T>::value, "hindsight: something constant cannot be part of the state; leave it out");
    Archive inner(to_);
    hindsight_scope outer;
    hindsight_ar_enter(to_, const_cast<const void*>(static_cast<const volatile void*>(__builtin_addressof(value))), sizeof value,
                       std::is_array<T>::value, &outer);
    Adapter<T>::visit(inner, value);
    hindsight_ar_leave(to_, &outer);
  }
  // What the inserted hindsight_members() name besides plain members: a base class, a constant (restored as if it were none, since
  // the object may be another's copy), and what a reference refers to.
  template <class T>
  void base(const char* name, T& value) {
    child(name, value);
  }
  template <class T>
  void constant(const char* name, const T& value) {
    child(name, const_cast<T&>(value));
  }
  template <class T>
  void reference(const char* name, T& value) {
    if (digesting()) return;
    hindsight_has_pointers();
    // Pointers are resolved at the end of the pass, so this one has to last until then; the client compares it then, since a reference cannot
    // be bound anew.
    struct Referred {
      T* now;
      T* bound;
    };
    auto* const referred = static_cast<Referred*>(hindsight_take(sizeof(Referred)));
    if (referred == nullptr) return fail("could not be visited: no memory");
    referred->now = referred->bound = const_cast<T*>(__builtin_addressof(value));
    hindsight_ar_add_object(to_, referred, HINDSIGHT_REFERENCE, referred, [](void* holder) { hindsight_give(holder); });
    child(name, referred->now);
  }
  // What depends on a reading of a clock: restored, and never compared (replay knows it by its name).
  template <class T>
  void time(const char* name, T& value) {
    if (hindsight_ar_enter_many(to_) == 0) return;  // no part of the small digest
    hindsight_ar_push(to_, name, __builtin_strlen(name));
    child("(clock)", value);
    hindsight_ar_pop(to_);
    hindsight_ar_leave_many(to_);
  }
  // A number that the adapter needs itself (a size, an index), as a leaf `name`. Returns the stored one when loading or checking.
  std::int64_t number(const char* name, std::int64_t now) noexcept {
    hindsight_ar_push(to_, name, __builtin_strlen(name));
    if (mode_ == HINDSIGHT_LOAD || mode_ == HINDSIGHT_CHECK) {
      std::uint64_t bytes = 0;
      const void* const stored = hindsight_ar_peek(to_, detail::kI64, 0, nullptr, &bytes);
      if (stored != nullptr && bytes == sizeof now) __builtin_memcpy(&now, stored, sizeof now);
      hindsight_ar_consume(to_);
    } else {
      hindsight_ar_leaf(to_, detail::kI64, 0, nullptr, &now, sizeof now, 1);
    }
    hindsight_ar_pop(to_);
    return now;
  }
  hindsight_archive* raw() const noexcept { return to_; }

 private:
  template <class T>
  void member(T& value) {
    child(next_++, value);
  }
  template <class T>
  void member(Named<T>& value) {
    child(value.name, value.value);
  }
  template <class T>
  void member(const Named<T>& value) {
    child(value.name, value.value);
  }

  hindsight_archive* to_;
  int mode_;
  std::uint64_t next_ = 0;
};

namespace detail {

template <class T>
constexpr bool never_state = false;

template <class T, class = void>
struct HasSerialize : std::false_type {};
template <class T>
struct HasSerialize<T, decltype(void(std::declval<T&>().serialize(std::declval<Archive&>())))> : std::true_type {};
template <class T, class = void>
struct HasVersionedSerialize : std::false_type {};
template <class T>
struct HasVersionedSerialize<T, decltype(void(std::declval<T&>().serialize(std::declval<Archive&>(), 0u)))> : std::true_type {};

// What the tool inserts into the user's classes. A base class's does not know the members of what derives from it.
template <class T, class = void>
struct HasMembers : std::false_type {};
template <class T>
struct HasMembers<T, decltype(void(std::declval<T&>().hindsight_members(std::declval<Archive&>())))> : std::true_type {};
template <class T, class = void>
struct MembersOf {
  using type = T;  // a class without a name
};
template <class T>
struct MembersOf<T, decltype(void(sizeof(typename T::hindsight_class)))> {
  using type = typename T::hindsight_class;
};
// Has members that hindsight_members() leaves out: an object of it is restored in place or not at all.
template <class T, class = void>
struct IsPartial : std::false_type {};
template <class T>
struct IsPartial<T, decltype(void(T::hindsight_partial))> : std::true_type {};

// Found where T lives.
template <class T, class = void>
struct HasFreeSerialize : std::false_type {};
template <class T>
struct HasFreeSerialize<T, decltype(void(serialize(std::declval<Archive&>(), std::declval<T&>())))> : std::true_type {};
template <class T, class = void>
struct HasFreeVersionedSerialize : std::false_type {};
template <class T>
struct HasFreeVersionedSerialize<T, decltype(void(serialize(std::declval<Archive&>(), std::declval<T&>(), 0u)))> : std::true_type {};

template <class T>
constexpr bool is_serializable = HasSerialize<T>::value || HasVersionedSerialize<T>::value || HasFreeSerialize<T>::value ||
                                 HasFreeVersionedSerialize<T>::value;

// The members of what derives from T are not known here, so the object must be a T and nothing else, or T a base class of one that is
// visited as what it is.
template <class T>
inline bool is_exactly(Archive& archive, const T& value) {
  if constexpr (std::is_polymorphic<T>::value && __is_final(T)) {
    hindsight_ar_whole(archive.raw(), static_cast<const void*>(__builtin_addressof(value)));  // for its bases
  } else if constexpr (std::is_polymorphic<T>::value) {
#if defined(__cpp_rtti)
    const void* const start = dynamic_cast<const void*>(&value);
    if (typeid(value) == typeid(T)) {
      hindsight_ar_whole(archive.raw(), start);
    } else if (hindsight_ar_is_whole(archive.raw(), start) == 0) {
      archive.fail("is of a class that derives from the declared one: declare it with its own type");
      return false;
    }
#else
    static_assert(never_state<T>, "hindsight: without RTTI a class with virtual functions must be final to be part of the state");
#endif
  }
  (void)archive;
  (void)value;
  return true;
}

template <class T>
inline void visit_serializable(Archive& archive, T& value) {
  if (!is_exactly(archive, value)) return;
  if constexpr (HasSerialize<T>::value) {
    value.serialize(archive);
  } else if constexpr (HasVersionedSerialize<T>::value) {
    value.serialize(archive, 0u);
  } else if constexpr (HasFreeSerialize<T>::value) {
    serialize(archive, value);
  } else {
    serialize(archive, value, 0u);
  }
}

// Visits an object that is known by a base class as what it is, if that is one of Kinds<T> (kinds.h). False: it is a T.
template <class T>
bool visit_as_its_kind(Archive& archive, T& value);

template <class T>
inline void visit_members(Archive& archive, T& value) {
  if constexpr (!std::is_same<typename MembersOf<T>::type, T>::value) {
    archive.fail("is of a class without a serializer of its own");
  } else {
    if (visit_as_its_kind(archive, value)) return;
    if (is_exactly(archive, value)) value.hindsight_members(archive);
  }
}

template <class T>
inline void visit_number(Archive& archive, T& value) noexcept {
  hindsight_ar_leaf(archive.raw(), dtype_of<T>(), 0, nullptr, &value, sizeof value, 1);
}

// Ten of its sixteen bytes mean something on x86.
inline void visit_long_double(Archive& archive, long double& value) noexcept {
#if defined(__x86_64__)
  constexpr std::uint64_t bytes = 10;
#else
  constexpr std::uint64_t bytes = sizeof(long double);
#endif
  hindsight_ar_leaf(archive.raw(), kBytes, 1, &bytes, &value, bytes, 1);
}

// Numbers that lie side by side, of a size that cannot change.
template <class Number>
inline void visit_fixed(Archive& archive, Number* data, std::uint64_t count) noexcept {
  hindsight_ar_leaf(archive.raw(), dtype_of<Number>(), 1, &count, data, count * sizeof(Number), count * sizeof(Number) <= 64);
}

// FNV-1a. By halves: the depth of a recursion in a constant is limited.
constexpr std::uint64_t hash_text(const char* text, std::size_t size, std::uint64_t hash) noexcept {
  return size == 0   ? hash
         : size == 1 ? (hash ^ static_cast<unsigned char>(*text)) * 0x100000001b3ull
                     : hash_text(text + size / 2, size - size / 2, hash_text(text, size / 2, hash));
}
template <class T>
constexpr std::uint64_t type_key() noexcept {
  return hash_text(__PRETTY_FUNCTION__, __builtin_strlen(__PRETTY_FUNCTION__), 0xcbf29ce484222325ull);
}

// run(), or caught() after an exception: what user code throws ends this pass, not the program. A thread that is cancelled goes on unwinding.
template <class Run, class Caught>
inline auto guarded(Run run, Caught caught) -> decltype(run()) {
#if HINDSIGHT_EXCEPTIONS
  try {
    return run();
#if defined(__GLIBCXX__)
  } catch (const ::abi::__forced_unwind&) {
    throw;
#endif
  } catch (...) {
    return caught();
  }
#else
  (void)caught;
  return run();
#endif
}

inline void fail_thrown(hindsight_archive* to) { hindsight_ar_fail(to, "could not be visited: its code threw an exception"); }

// The function that the client calls for a root.
template <class T>
void visit_object(hindsight_archive* to, void* object) {
  guarded(
      [&] {
        Archive archive(to);
        archive.visit(*static_cast<T*>(object));
      },
      [&] { fail_thrown(to); });
}

template <class T>
inline hindsight_root root_of(const char* name, T& value) noexcept {
  static_assert(!std::is_const<T>::value, "hindsight: something constant cannot be part of the state; leave it out");
  constexpr std::uint64_t type = type_key<T>();
  return {name, const_cast<void*>(static_cast<const volatile void*>(__builtin_addressof(value))), type, &visit_object<T>};
}
template <class T>
inline hindsight_root make_root(T& value) noexcept {
  return root_of<T>(nullptr, value);
}
template <class T>
inline hindsight_root make_root(Named<T> value) noexcept {
  return root_of<T>(value.name, value.value);
}
template <class T>
inline hindsight_root make_root(Var<T> value) noexcept {
  return root_of<T>(value.name == nullptr ? "var" : value.name, value.value);
}
template <class T>
hindsight_root make_root(const T&& value) = delete;  // a temporary is gone before the loop begins

}  // namespace detail

// Numbers, enums, arrays, and types with serialize().
template <class T, class Enable>
struct Adapter {
  static void visit(Archive& archive, T& value) {
    if constexpr (detail::is_number<T>) {
      detail::visit_number(archive, value);
    } else if constexpr (std::is_same<T, long double>::value) {
      detail::visit_long_double(archive, value);
    } else if constexpr (std::is_array<T>::value) {
      using Element = detail::RemoveExtent<T>;
      constexpr std::uint64_t count = std::extent<T>::value;
      if constexpr (detail::is_number<Element>) {
        detail::visit_fixed(archive, value, count);
      } else {
        if (hindsight_ar_enter_many(archive.raw()) == 0) return;
        for (std::uint64_t i = 0; i < count; ++i) archive.child(i, value[i]);
        hindsight_ar_leave_many(archive.raw());
      }
    } else if constexpr (detail::HasMembers<T>::value) {
      detail::visit_members(archive, value);  // serialize() may be some other library's, and of a file's interest only
    } else if constexpr (detail::is_serializable<T>) {
      detail::visit_serializable(archive, value);
    } else if constexpr (std::is_pointer<T>::value) {
      static_assert(detail::never_state<T>,
                    "hindsight: a raw pointer (see T above) cannot be part of the state: what it points to has no known owner or size. "
                    "Declare what it points to, e.g. hindsight::named(\"net\", *net).");
    } else {
      static_assert(detail::never_state<T>,
                    "hindsight: this type (see T above) cannot be part of the state yet. Include hindsight/std.h (or torch.h, eigen.h) if it "
                    "is one of theirs; else give it a public `template <class A> void serialize(A& ar) { ar(first, second); }` that names "
                    "every member, or write that as a free function beside it.");
    }
  }
};

// Registers state for the life of the process: globals and statics, and whatever is used inside loops that do not declare it.
template <class... T>
inline void state(T&&... values) noexcept {
  if (!active()) return;
  const hindsight_root roots[] = {detail::make_root(static_cast<T&&>(values))...};
  for (const hindsight_root& root : roots) hindsight_state(&root);
}

HINDSIGHT_NAMESPACE_END
