// State adapter for std::chrono::duration and time_point, without <chrono>: whoever has one has included it.
#pragma once
#pragma GCC system_header

#include "hindsight/loop.h"

HINDSIGHT_NAMESPACE_BEGIN
namespace detail {

constexpr bool follows(const char* mark, std::size_t size, const char* word) noexcept {
  return mark != nullptr && begins_with(mark + size, word);
}

// The standard's own class, by its name: a class of the user's cannot have it.
template <class T>
constexpr bool is_std_class(const char* word_gnu, const char* word_llvm) noexcept {
  return follows(find_text(type_text<T>(), "T = "), 4, word_gnu) || follows(find_text(type_text<T>(), "T = "), 4, word_llvm);
}

template <class T>
constexpr bool is_duration = is_std_class<T>("std::chrono::duration<", "std::__1::chrono::duration<");
template <class T>
constexpr bool is_time_point = is_std_class<T>("std::chrono::time_point<", "std::__1::chrono::time_point<");

}  // namespace detail

template <class T>
struct Adapter<T, detail::EnableIf<std::is_class<T>::value && detail::is_duration<T>>> {
  static void visit(Archive& archive, T& value) {
    auto count = value.count();
    archive.visit(count);
    if (archive.loading() && !archive.failed()) value = T(count);
  }
};

template <class T>
struct Adapter<T, detail::EnableIf<std::is_class<T>::value && detail::is_time_point<T>>> {
  static void visit(Archive& archive, T& value) {
    auto since = value.time_since_epoch().count();
    // Not part of the small digest, and known to replay by its name.
    hindsight_ar_push(archive.raw(), "(clock)", 7);
    hindsight_ar_leaf(archive.raw(), detail::dtype_of<decltype(since)>(), 0, nullptr, &since, sizeof since, 0);
    hindsight_ar_pop(archive.raw());
    if (archive.loading() && !archive.failed()) value = T(typename T::duration(since));
  }
};

HINDSIGHT_NAMESPACE_END
