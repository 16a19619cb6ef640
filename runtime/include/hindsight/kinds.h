// The concrete classes behind a base class, so that an object that is held through a pointer to its base can be part of the state:
//
//   template <> struct hindsight::Kinds<Layer> { using types = hindsight::TypeList<Dense, Relu>; };
//
// Each of them must be visitable itself. An object of a class that is not in the list is refused by name when it is captured; one that is not
// there when restoring is made anew if its class is default constructible and all of its members are restored.
#pragma once
#pragma GCC system_header

#include "hindsight/std/made.h"
#if defined(__GLIBCXX__)
#include <cxxabi.h>
#include <cstdlib>
#endif

HINDSIGHT_NAMESPACE_BEGIN

template <class... T>
struct TypeList {};
// Specialised by (generated) code, before the first use of a pointer to Base.
template <class Base>
struct Kinds {
  using types = TypeList<>;
};

namespace detail {

template <class T>
struct IsEmptyList : std::false_type {};
template <>
struct IsEmptyList<TypeList<>> : std::true_type {};

#if defined(__cpp_rtti)
template <class Base, bool = std::is_polymorphic<Base>::value>
struct HasKinds : std::integral_constant<bool, !IsEmptyList<typename Kinds<Base>::types>::value> {};
template <class Base>
struct HasKinds<Base, false> : std::false_type {};

// One class that an object may be of. `start` is where the whole object begins.
template <class Base>
struct Kind {
  const std::type_info* type;
  std::uint64_t bytes;
  void (*visit)(Archive& archive, void* start);
  Base* (*make)();  // null: it cannot be made without arguments
};

template <class Base, class T>
struct KindFunctions {
  static void visit(Archive& archive, void* start) {
    if constexpr (!std::is_abstract<T>::value) archive.visit(*static_cast<T*>(start));
  }
  static Base* make() {
    if constexpr (CanBeMade<T>::value) {
      return new T();
    } else {
      return nullptr;
    }
  }
  static constexpr Kind<Base> kind() {
    return {&typeid(T), sizeof(T), &visit, CanBeMade<T>::value ? &make : nullptr};
  }
};

template <class Base, class List = typename Kinds<Base>::types>
struct KindTable;
template <class Base, class... T>
struct KindTable<Base, TypeList<T...>> {
  static constexpr std::int64_t count = sizeof...(T) + 1;
  // Those of the list, and Base itself.
  static const Kind<Base>& at(std::int64_t index) {
    static const Kind<Base> kinds[] = {KindFunctions<Base, T>::kind()..., KindFunctions<Base, Base>::kind()};
    return kinds[index];
  }
  // -1: of none of them.
  static std::int64_t of(const Base& object) {
    std::int64_t index = 0;
    while (index < count && *at(index).type != typeid(object)) ++index;
    return index < count ? index : -1;
  }
  // Null: there is no such class.
  static const char* name(std::int64_t index) { return index >= 0 && index < count ? at(index).type->name() : nullptr; }
  // A sentence, valid until this thread's next call.
  static const char* unknown(const Base& object) {
    static thread_local char text[320];
    const char* name = typeid(object).name();
#if defined(__GLIBCXX__)
    int status = 0;
    char* const readable = ::abi::__cxa_demangle(name, nullptr, nullptr, &status);
    if (readable != nullptr) name = readable;
#endif
    const char* const parts[] = {"points to an object of class ", name, ", which is not among the classes known for its base"};
    std::size_t size = 0;
    for (const char* part : parts) {
      while (*part != 0 && size + 1 < sizeof text) text[size++] = *part++;
    }
    text[size] = 0;
#if defined(__GLIBCXX__)
    std::free(readable);
#endif
    return text;
  }
  // The class of an object as the leaves "kind" and "class". Returns the stored index when loading or checking; -1 after a failure.
  static std::int64_t visit_kind(Archive& archive, const Base* object) {
    if (archive.digesting()) return object == nullptr ? -1 : of(*object);
    std::int64_t index = object == nullptr ? -1 : of(*object);
    const bool saving = archive.saving();
    if (saving && index < 0) return archive.fail(unknown(*object)), -1;
    index = archive.number("kind", index);
    const char* const known = name(index);
    hindsight_ar_push(archive.raw(), "class", 5);
    if (saving) {
      const std::uint64_t size = __builtin_strlen(known);
      void* const room = hindsight_ar_reserve(archive.raw(), kText, 1, &size, size, 0);
      if (room != nullptr) __builtin_memcpy(room, known, size);
    } else {
      std::uint64_t size = 0, bytes = 0;
      const void* const stored = hindsight_ar_peek(archive.raw(), kText, 1, &size, &bytes);
      if (stored != nullptr && (known == nullptr || bytes != __builtin_strlen(known) || __builtin_memcmp(stored, known, bytes) != 0)) {
        archive.fail("is not a class that is known here any more");
      }
      hindsight_ar_consume(archive.raw());
    }
    hindsight_ar_pop(archive.raw());
    return archive.failed() ? -1 : index;
  }
};
#else
template <class Base>
struct HasKinds : std::false_type {};
#endif

template <class T>
bool visit_as_its_kind(Archive& archive, T& value) {
#if defined(__cpp_rtti)
  if constexpr (HasKinds<T>::value && !__is_final(T)) {
    void* const start = dynamic_cast<void*>(&value);
    if (typeid(value) == typeid(T) || hindsight_ar_is_whole(archive.raw(), start) != 0) return false;
    using Table = KindTable<T>;
    const std::int64_t now = Table::of(value);
    const std::int64_t stored = Table::visit_kind(archive, &value);
    if (archive.failed()) return true;
    if (now < 0) return archive.fail(Table::unknown(value)), true;
    if (stored != now) return archive.fail("is of another class than when it was stored"), true;
    hindsight_ar_push(archive.raw(), "value", 5);
    Table::at(now).visit(archive, start);
    hindsight_ar_pop(archive.raw());
    return true;
  }
#endif
  (void)archive;
  (void)value;
  return false;
}

}  // namespace detail
HINDSIGHT_NAMESPACE_END
