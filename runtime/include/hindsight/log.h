// Records a named value from the running program.
//
//   hindsight::log("loss", loss);            // the argument is evaluated always
//   HINDSIGHT_LOG("loss", loss.item());      // evaluated only when recorded: no side effects in it
//
// Numbers, bool, enums, text (const char* or data()/size() of char), arrays, spans and vectors of numbers; tensors with hindsight/torch.h.
// Without a host: one load and a branch. With one: a copy into the journal, about 60 ns. Never throws, never waits for a disk, never
// ends the program; what is lost is counted and reported. Any thread; not from a signal handler.
#pragma once
#pragma GCC system_header

#include "hindsight/face.h"

HINDSIGHT_NAMESPACE_BEGIN

// How a type of yours is logged: specialise with `static void put(const hindsight_site& site, const T& value) noexcept`.
template <class T, class Enable = void>
struct LogAdapter;

namespace detail {

template <class T, class = void>
struct HasLogAdapter : std::false_type {};
template <class T>
struct HasLogAdapter<T, decltype(LogAdapter<T>::put(std::declval<const hindsight_site&>(), std::declval<const T&>()))>
    : std::true_type {};

// Something to go over whose elements are numbers, but do not lie side by side: std::vector<bool>, std::deque.
template <class T, class = void>
struct Elements {
  static constexpr bool value = false;
};
template <class T>
struct Elements<T, EnableIf<is_number<typename T::value_type> &&
                                    std::is_convertible<decltype(std::declval<const T&>().size()), std::size_t>::value &&
                                    sizeof(std::declval<const T&>().begin()) != 0>> {
  static constexpr bool value = true;
};

// Forever false, but only once T is known.
template <class T>
constexpr bool never = false;

template <class Number>
inline std::uint64_t bits_of(const Number& value) noexcept {
  std::uint64_t bits = 0;
  __builtin_memcpy(&bits, &value, sizeof value);
  return bits;
}

inline std::size_t text_size(const char* text) noexcept { return text == nullptr ? 0 : __builtin_strlen(text); }

template <class T>
inline void put(const hindsight_site& site, const T& value) noexcept {
  if constexpr (HasLogAdapter<T>::value) {
    LogAdapter<T>::put(site, value);
  } else if constexpr (is_number<T>) {
    hindsight_put_scalar(&site, dtype_of<T>(), bits_of(value));
  } else if constexpr (std::is_same<T, long double>::value) {
    hindsight_put_scalar(&site, kF64, bits_of(static_cast<double>(value)));
  } else if constexpr (std::is_convertible<const T&, const char*>::value) {
    const char* const text = value;
    hindsight_put_array(&site, kText, text, text_size(text));
  } else if constexpr (std::is_array<T>::value && is_number<RemoveExtent<T>>) {
    hindsight_put_array(&site, dtype_of<RemoveExtent<T>>(), value, std::extent<T>::value);
  } else if constexpr (Contiguous<T>::value) {
    using Element = typename Contiguous<T>::element;
    if constexpr (is_char<Element>) {
      hindsight_put_array(&site, kText, value.data(), static_cast<std::uint64_t>(value.size()));
    } else {
      hindsight_put_array(&site, dtype_of<Element>(), value.data(), static_cast<std::uint64_t>(value.size()));
    }
  } else if constexpr (Elements<T>::value) {
    using Element = typename T::value_type;
    const std::size_t count = value.size();
    auto* const copy = static_cast<Element*>(hindsight_scratch(count * sizeof(Element) + 1));
    if (copy == nullptr) return hindsight_note("a value could not be logged: no memory");
    std::size_t at = 0;
    for (auto element = value.begin(); at < count; ++element) copy[at++] = static_cast<Element>(*element);
    hindsight_put_array(&site, dtype_of<Element>(), copy, count);
  } else {
    static_assert(never<T>,
                  "hindsight::log: this type (see T above) cannot be logged. Log numbers, text or a container of numbers that you make "
                  "of it, include hindsight/torch.h for tensors, or specialise hindsight::LogAdapter<T>.");
  }
}

}  // namespace detail

template <class T>
inline void log(const At& at, const T& value) noexcept {
  if (active()) detail::put(detail::site(at, detail::kLogSite), value);
}

HINDSIGHT_NAMESPACE_END

// The value is evaluated only when it is recorded. A statement.
#define HINDSIGHT_LOG(name, ...)                                              \
  do {                                                                        \
    if (::hindsight::active()) ::hindsight::log((name), (__VA_ARGS__));       \
  } while (0)
