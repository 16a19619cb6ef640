// State adapters for std::unique_ptr, std::shared_ptr and std::weak_ptr. An object that several shared pointers own is stored once, and is shared again
// after restoring; an object that is there already is restored in place. With Kinds<T> (kinds.h) it may be of a class that derives from T. The
// extent of a std::unique_ptr<T[]> is the allocator's, known to programs that are linked as hindsight/pointer.h says.
#pragma once
#pragma GCC system_header

#include <memory>

#include "hindsight/kinds.h"

HINDSIGHT_NAMESPACE_BEGIN
namespace detail {

template <class T>
inline void check_pointee() {
  static_assert(!std::is_array<T>::value, "hindsight: a smart pointer to an array has no known size; use a std::vector");
  static_assert(!std::is_void<T>::value, "hindsight: a smart pointer to void cannot be part of the state");
}

// Asks whether make_pointee() would work.
template <class T>
inline bool can_make(std::int64_t kind) {
  (void)kind;
#if defined(__cpp_rtti)
  if constexpr (HasKinds<T>::value) return KindTable<T>::at(kind).make != nullptr;
#endif
  return CanBeMade<T>::value;
}
// Null if it fails.
template <class T>
inline T* make_pointee(Archive& archive, std::int64_t kind) {
  if (!can_make<T>(kind)) {
    archive.fail(kNoValue);
    return nullptr;
  }
#if defined(__cpp_rtti)
  if constexpr (HasKinds<T>::value) return KindTable<T>::at(kind).make();
#endif
  if constexpr (!HasKinds<T>::value && CanBeMade<T>::value) return new T();
  return nullptr;
}

// The class of the object, -1 if there is none: as leaves where T has Kinds, else 0.
template <class T>
inline std::int64_t exchange_kind(Archive& archive, const T* object) {
#if defined(__cpp_rtti)
  if constexpr (HasKinds<T>::value) return KindTable<T>::visit_kind(archive, object);
#endif
  (void)archive;
  (void)object;
  return 0;
}
template <class T>
inline bool is_kind(const T* object, std::int64_t kind) {
  (void)kind;
#if defined(__cpp_rtti)
  if constexpr (HasKinds<T>::value) return object != nullptr && KindTable<T>::of(*object) == kind;
#endif
  return object != nullptr;
}
// As the class that it is, at "value".
template <class T>
inline void visit_pointee(Archive& archive, T& object, std::int64_t kind) {
  hindsight_has_pointers();
  (void)kind;
  if constexpr (HasKinds<T>::value) {
#if defined(__cpp_rtti)
    if (kind < 0) return archive.fail(KindTable<T>::unknown(object));
    hindsight_ar_push(archive.raw(), "value", 5);
    KindTable<T>::at(kind).visit(archive, dynamic_cast<void*>(&object));
    hindsight_ar_pop(archive.raw());
#endif
  } else {
    archive.child("value", object);
  }
}

inline void skip_child(Archive& archive, const char* name) {
  hindsight_ar_push(archive.raw(), name, __builtin_strlen(name));
  hindsight_ar_skip(archive.raw());
  hindsight_ar_pop(archive.raw());
}

}  // namespace detail

template <class T, class Deleter>
struct Adapter<std::unique_ptr<T, Deleter>> {
  static void visit(Archive& archive, std::unique_ptr<T, Deleter>& value) {
    detail::check_pointee<T>();
    const bool set = archive.number("set", value != nullptr) != 0;
    if (archive.failed()) return;
    const std::int64_t kind = set ? detail::exchange_kind<T>(archive, value.get()) : -1;
    if (archive.failed()) return;
    const bool reading = archive.loading() || archive.checking();
    const bool stays = set && (!reading || detail::is_kind<T>(value.get(), kind));
    if (reading && set && !stays) {
      if constexpr (!std::is_same<Deleter, std::default_delete<T>>::value) {
        return archive.fail("holds nothing (or another object) now but did when it was stored, and has a deleter of its own");
      } else if (archive.loading()) {
        value.reset(detail::make_pointee<T>(archive, kind));
      } else if (!detail::can_make<T>(kind)) {
        detail::make_pointee<T>(archive, kind);  // says why not
      }
    }
    if (archive.loading() && !set) value.reset();
    if (set && (stays || archive.loading()) && value != nullptr) {
      detail::visit_pointee<T>(archive, *value, kind);
    } else if (set && archive.checking()) {
      detail::skip_child(archive, "value");
    }
  }
};

// Owns alone what it points to, so that it is visited where it stands, not when all else has been.
template <class T, class Deleter>
struct Adapter<std::unique_ptr<T[], Deleter>> {
  static void visit(Archive& archive, std::unique_ptr<T[], Deleter>& value) {
    if (archive.digesting()) return;
    constexpr std::uint64_t cookie = std::is_trivially_destructible<T>::value       ? 0
                                     : sizeof(std::size_t) > alignof(T) ? sizeof(std::size_t)
                                                                        : alignof(T);
    std::int64_t now = -1;  // elements; -1: null
    hindsight_block block;
    hindsight_has_pointers();
    if (value != nullptr) {
      if (hindsight_heap_block(value.get(), &block) == 0 || block.kind != HINDSIGHT_NEW_ARRAY || block.bytes < cookie ||
          static_cast<const char*>(block.base) + cookie != static_cast<const void*>(value.get()) || (block.bytes - cookie) % sizeof(T) != 0) {
        return archive.fail("points to an array of unknown extent: it was not made by a new[] of the program's own code; use a std::vector");
      }
      now = static_cast<std::int64_t>((block.bytes - cookie) / sizeof(T));
    }
    const std::int64_t size = archive.number("size", now);
    if (archive.failed()) return;
    if (size != now && size >= 0) {
      if constexpr (std::is_same<Deleter, std::default_delete<T[]>>::value && detail::CanBeMade<T>::value) {
        if (archive.loading()) value.reset(new T[static_cast<std::size_t>(size)]());
      } else {
        return archive.fail("had another extent when it was stored, and has a deleter of its own or elements that cannot be made");
      }
    } else if (size != now && archive.loading()) {
      value.reset();
    }
    if (size < 0) return;
    if (archive.checking() && size != now) return detail::skip_child(archive, "value");
    hindsight_ar_push(archive.raw(), "value", 5);
    if constexpr (detail::is_number<T>) {
      detail::visit_fixed(archive, value.get(), static_cast<std::uint64_t>(size));
    } else {
      hindsight_ar_enter_many(archive.raw());
      for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(size) && !archive.failed(); ++i) archive.child(i, value[i]);
      hindsight_ar_leave_many(archive.raw());
    }
    hindsight_ar_pop(archive.raw());
  }
};

template <class T>
struct Adapter<std::shared_ptr<T>> {
  using Object = typename std::remove_const<T>::type;

  static void visit(Archive& archive, std::shared_ptr<T>& value) {
    detail::check_pointee<T>();
    static_assert(!std::is_const<T>::value, "hindsight: a pointer to something constant cannot be part of the state; leave it out");
    constexpr std::uint64_t type = detail::type_key<T>();
    // -1: null. Else the number of the object, which follows where it comes first.
    if (!archive.loading() && !archive.checking()) {
      std::int64_t number = value == nullptr ? -1 : hindsight_ar_find_object(archive.raw(), value.get(), type);
      const bool is_new = value != nullptr && number < 0;
      if (is_new) number = hindsight_ar_add_object(archive.raw(), value.get(), type, nullptr, nullptr);
      archive.number("object", number);
      archive.number("here", is_new);
      const std::int64_t kind = is_new ? detail::exchange_kind<T>(archive, value.get()) : -1;
      if (is_new && !archive.failed()) detail::visit_pointee<T>(archive, *value, kind);
      return;
    }
    const std::int64_t number = archive.number("object", -1);
    const bool here = archive.number("here", 0) != 0;
    if (archive.failed()) return;
    const std::int64_t kind = here ? detail::exchange_kind<T>(archive, value.get()) : -1;
    if (archive.failed()) return;
    if (archive.checking()) {
      if (here && detail::is_kind<T>(value.get(), kind) && hindsight_ar_find_object(archive.raw(), value.get(), type) < 0) {
        hindsight_ar_add_object(archive.raw(), value.get(), type, nullptr, nullptr);
        detail::visit_pointee<T>(archive, *value, kind);
      } else if (here && !detail::can_make<Object>(kind)) {
        detail::make_pointee<Object>(archive, kind);  // says why not
      } else if (here) {
        detail::skip_child(archive, "value");
      }
      return;
    }
    if (number < 0) {
      value.reset();
    } else if (here) {
      // The object that is there is kept unless it stands for another one already.
      if (!detail::is_kind<T>(value.get(), kind) || hindsight_ar_find_object(archive.raw(), value.get(), type) >= 0) {
        value.reset(detail::make_pointee<Object>(archive, kind));
      }
      if (archive.failed()) return;
      const std::int64_t given = hindsight_ar_add_object(archive.raw(), value.get(), type, new std::shared_ptr<T>(value),
                                                         [](void* holder) { delete static_cast<std::shared_ptr<T>*>(holder); });
      if (given != number) return archive.fail("is not the object that was stored in its place");
      detail::visit_pointee<T>(archive, *value, kind);
    } else {
      void* const holder = hindsight_ar_object(archive.raw(), number, type);
      if (holder == nullptr) return archive.fail("shares an object that comes later, or is of another type");
      if (value != *static_cast<std::shared_ptr<T>*>(holder)) value = *static_cast<std::shared_ptr<T>*>(holder);
    }
  }
};

// The number of an object that a shared pointer before it in the state owns; one without an object is restored as an empty one.
template <class T>
struct Adapter<std::weak_ptr<T>> {
  static void visit(Archive& archive, std::weak_ptr<T>& value) {
    detail::check_pointee<T>();
    static_assert(!std::is_const<T>::value, "hindsight: a pointer to something constant cannot be part of the state; leave it out");
    if (archive.digesting()) return;
    constexpr std::uint64_t type = detail::type_key<T>();
    std::int64_t number = -1;
    if (archive.saving()) {
      const std::shared_ptr<T> object = value.lock();
      if (object != nullptr) number = hindsight_ar_find_object(archive.raw(), object.get(), type);
      if (object != nullptr && number < 0) return archive.fail("refers to an object that no shared pointer before it in the state owns (as this type)");
    }
    number = archive.number("object", number);
    if (!archive.loading() || archive.failed()) return;  // while checking, objects that will be made are not known
    if (number < 0) return value.reset();
    void* const holder = hindsight_ar_object(archive.raw(), number, type);
    if (holder == nullptr) return archive.fail("refers to an object that comes later, or is of another type");
    value = *static_cast<std::shared_ptr<T>*>(holder);
  }
};

HINDSIGHT_NAMESPACE_END
