// State adapter for raw pointers, with what they point to. For code that the instrumenter inserts: the program has to be linked as
// runtime/client/heap.h says, so that the extents of its blocks are known.
//
// A pointer may be null, or point into a variable that is part of the state, to a block of the heap with its true extent (alone, shared, into its
// middle, or to its end), to constant text, or by its name to constant data or a function. Anything else fails the capture. Blocks of the same extent are restored
// in place; others are allocated, in the way they were, and the old block is left alone. With Kinds<T> (kinds.h) the object may be of a derived class.
// A FILE* is a stream (std/file.h).
#pragma once
#pragma GCC system_header

#include <cstdlib>
#include <new>

#include "hindsight/kinds.h"
#include "hindsight/std/file.h"

#define HINDSIGHT_POINTERS 1

HINDSIGHT_NAMESPACE_BEGIN
namespace detail {

template <class T, class = void>
struct KnownSize : std::integral_constant<std::uint64_t, 0> {};
template <class T>
struct KnownSize<T, typename std::enable_if<!std::is_void<T>::value && !std::is_function<T>::value && (sizeof(T) > 0)>::type>
    : std::integral_constant<std::uint64_t, sizeof(T)> {};

// Is `like` one that a plain new-expression makes?
template <class T>
inline bool plainly_aligned(const hindsight_block& like) {
  return like.alignment == 0 || like.alignment == alignof(T);
}

template <class T>
struct Pointee {
  using Innermost = typename std::remove_all_extents<T>::type;

  static void visit_elements(Archive& archive, void* first, std::uint64_t count, std::int64_t index) {
    (void)index;
    if constexpr (is_number<Innermost>) {
      visit_fixed(archive, static_cast<Innermost*>(first), count * (sizeof(T) / sizeof(Innermost)));
#if defined(__cpp_rtti)
    } else if constexpr (HasKinds<T>::value) {
      const Kind<T>& kind = KindTable<T>::at(index);
      for (std::uint64_t i = 0; i < count && !archive.failed(); ++i) {
        if (count > 1) hindsight_ar_push_index(archive.raw(), i);
        kind.visit(archive, static_cast<char*>(first) + i * kind.bytes);
        if (count > 1) hindsight_ar_pop(archive.raw());
      }
#endif
    } else {
      T* const elements = static_cast<T*>(first);
      if (count == 1) return archive.visit(elements[0]);
      for (std::uint64_t i = 0; i < count && !archive.failed(); ++i) archive.child(i, elements[i]);
    }
  }

  static void* make_block(const hindsight_block& like, std::uint64_t count, std::int64_t index, bool only_ask) {
    void* const could = const_cast<hindsight_block*>(&like);
    (void)count;
    (void)index;
    (void)could;
    if constexpr (HasKinds<T>::value) {
#if defined(__cpp_rtti)
      const Kind<T>& kind = KindTable<T>::at(index);
      if (kind.make == nullptr || like.kind != HINDSIGHT_NEW || like.alignment != 0) return nullptr;
      return only_ask ? could : dynamic_cast<void*>(kind.make());
#endif
    } else if constexpr (CanBeMade<T>::value) {
      if (like.kind == HINDSIGHT_MALLOC) {
        if (only_ask) return could;
        void* memory = nullptr;
        if (like.alignment == 0) {
          memory = std::calloc(1, like.bytes);
        } else if (posix_memalign(&memory, like.alignment < sizeof(void*) ? sizeof(void*) : like.alignment, like.bytes) != 0) {
          return nullptr;
        }
        if constexpr (!std::is_array<T>::value && !std::is_trivially_default_constructible<T>::value) {
          for (std::uint64_t i = 0; i < count && memory != nullptr; ++i) ::new (static_cast<void*>(static_cast<T*>(memory) + i)) T();
        }
        return memory;
      }
      if (!plainly_aligned<T>(like)) return nullptr;
      if (like.kind == HINDSIGHT_NEW_ARRAY) return only_ask ? could : static_cast<char*>(static_cast<void*>(new T[count]())) - cookie();
      if constexpr (!std::is_array<T>::value) {
        if (like.kind == HINDSIGHT_NEW) return only_ask ? could : static_cast<void*>(new T());
      }
    }
    return nullptr;
  }

  static constexpr std::uint64_t cookie() {
    if constexpr (std::is_trivially_destructible<T>::value) {
      return 0;
    } else {
      return sizeof(std::size_t) > alignof(T) ? sizeof(std::size_t) : alignof(T);
    }
  }

  static void visit(hindsight_archive* to, void* first, std::uint64_t count, std::int64_t index) {
    guarded(
        [&] {
          Archive archive(to);
          visit_elements(archive, first, count, index);
        },
        [&] { fail_thrown(to); });
  }
  static void* make(const hindsight_block* like, std::uint64_t count, std::int64_t index, int only_ask) {
    return guarded([&]() -> void* { return make_block(*like, count, index, only_ask != 0); }, []() -> void* { return nullptr; });
  }

#if defined(__cpp_rtti)
  static std::int64_t dynamic(const void* pointer, const void** start, std::uint64_t* bytes) {
    const T& object = *static_cast<const T*>(pointer);
    const std::int64_t index = KindTable<T>::of(object);
    *start = dynamic_cast<const void*>(&object);
    if (index >= 0) *bytes = KindTable<T>::at(index).bytes;
    return index;
  }
  static const char* name(const void* object, std::int64_t index) {
    return index < 0 && object != nullptr ? KindTable<T>::unknown(*static_cast<const T*>(object)) : KindTable<T>::name(index);
  }
#endif

  static const hindsight_pointee* table() {
    hindsight_has_pointers();
    static const hindsight_pointee pointee = make_table();
    return &pointee;
  }
  static hindsight_pointee make_table() {
    hindsight_pointee pointee = {};
    pointee.bytes = KnownSize<T>::value;
    pointee.is_function = std::is_function<T>::value;
    if constexpr (KnownSize<T>::value != 0) {
      pointee.cookie = cookie();
      pointee.is_text = is_char<T>;
      pointee.is_number = is_number<Innermost>;
      pointee.visit = &visit;
      pointee.make = &make;
#if defined(__cpp_rtti)
      if constexpr (HasKinds<T>::value) {
        pointee.dynamic = &dynamic;
        pointee.name = &name;
      }
#endif
    }
    return pointee;
  }
};

// What a pointer leads to that never owns it: what is state otherwise, or constant.
inline const hindsight_pointee* elsewhere() {
  hindsight_has_pointers();
  static const hindsight_pointee pointee = {};
  return &pointee;
}

}  // namespace detail

template <class T>
struct Adapter<T*> {
  static void visit(Archive& archive, T*& value) {
    hindsight_ar_pointer(archive.raw(), static_cast<void*>(__builtin_addressof(value)), detail::Pointee<typename std::remove_cv<T>::type>::table());
  }
};

// A pointer to a data member says how far into an object it lies, which every build of the same class has alike.
template <class T, class C>
struct Adapter<T C::*, detail::EnableIf<!std::is_function<T>::value>> {
  static void visit(Archive& archive, T C::*&value) {
    static_assert(sizeof value == sizeof(std::int64_t), "hindsight: a pointer to a member of an unknown layout");
    std::int64_t offset = 0;
    __builtin_memcpy(&offset, &value, sizeof offset);
    archive.visit(offset);
    if (archive.loading() && !archive.failed()) __builtin_memcpy(&value, &offset, sizeof offset);
  }
};

HINDSIGHT_NAMESPACE_END
