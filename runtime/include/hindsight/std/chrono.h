// State adapter for std::chrono::duration and time_point, without <chrono>: whoever has one has included it.
#pragma once

#include "hindsight/loop.h"

HINDSIGHT_NAMESPACE_BEGIN
namespace detail {

constexpr bool starts_after(const char* text, const char* mark, const char* word) noexcept {
  for (; *text != 0; ++text) {
    const char *a = text, *b = mark;
    while (*b != 0 && *a == *b) ++a, ++b;
    if (*b != 0) continue;
    while (*word != 0 && *a == *word) ++a, ++word;
    return *word == 0;
  }
  return false;
}

// The standard's own class, by its name: a class of the user's cannot have it.
template <class T>
constexpr bool is_std_class(const char* word_gnu, const char* word_llvm) noexcept {
  constexpr const char* text = type_text<T>();
  return starts_after(text, "T = ", word_gnu) || starts_after(text, "T = ", word_llvm);
}

template <class T>
constexpr bool is_duration = is_std_class<T>("std::chrono::duration<", "std::__1::chrono::duration<");
template <class T>
constexpr bool is_time_point = is_std_class<T>("std::chrono::time_point<", "std::__1::chrono::time_point<");

}  // namespace detail

template <class T>
struct Adapter<T, std::enable_if_t<std::is_class<T>::value && detail::is_duration<T>>> {
  static void visit(Archive& archive, T& value) {
    auto count = value.count();
    archive.visit(count);
    if (archive.loading() && !archive.failed()) value = T(count);
  }
};

template <class T>
struct Adapter<T, std::enable_if_t<std::is_class<T>::value && detail::is_time_point<T>>> {
  static void visit(Archive& archive, T& value) {
    auto since = value.time_since_epoch();
    archive.visit(since);
    if (archive.loading() && !archive.failed()) value = T(since);
  }
};

HINDSIGHT_NAMESPACE_END
