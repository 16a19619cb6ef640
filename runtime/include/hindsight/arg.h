// A parameter of the training that `hindsight record --set NAME=VALUE` can change, and that a replay pins.
//
//   const double lr = hindsight::arg("lr", 1e-3);
//   const std::string data = hindsight::arg("data", std::string("train.bin"));
//
// Returns a value of the default's type: the one that was set, else the default. A value that is not of that type is reported (stderr and
// the run's notes) and the default stands. What is returned is logged under the name. Without a host: the default.
#pragma once
#pragma GCC system_header

#include "hindsight/log.h"

HINDSIGHT_NAMESPACE_BEGIN
namespace detail {

// Made of a pointer and a size: std::string and the like.
template <class T, class = void>
struct IsString : std::false_type {};
template <class T>
struct IsString<T, EnableIf<is_char<RemovePointer<decltype(std::declval<const T&>().data())>> &&
                                    std::is_constructible<T, const char*, std::size_t>::value>> : std::true_type {};

template <class T>
inline T set_argument(const char* name, T value) {
  if constexpr (std::is_same<T, bool>::value) {
    int set = 0;
    if (hindsight_arg_bool(name, &set) == 1) value = set != 0;
  } else if constexpr (std::is_enum<T>::value) {
    using Number = typename Underlying<T>::type;
    value = static_cast<T>(set_argument(name, static_cast<Number>(value)));
  } else if constexpr (std::is_integral<T>::value && std::is_signed<T>::value) {
    constexpr std::int64_t most = static_cast<std::int64_t>(~std::uint64_t{0} >> (65 - 8 * sizeof(T)));
    std::int64_t set = 0;
    if (hindsight_arg_int(name, -most - 1, most, &set) == 1) value = static_cast<T>(set);
  } else if constexpr (std::is_integral<T>::value) {
    std::uint64_t set = 0;
    if (hindsight_arg_uint(name, ~std::uint64_t{0} >> (64 - 8 * sizeof(T)), &set) == 1) value = static_cast<T>(set);
  } else if constexpr (std::is_same<T, float>::value) {
    float set = 0;
    if (hindsight_arg_f32(name, &set) == 1) value = set;
  } else if constexpr (std::is_same<T, double>::value) {
    double set = 0;
    if (hindsight_arg_f64(name, &set) == 1) value = set;
  } else if constexpr (std::is_same<T, const char*>::value) {
    std::size_t size = 0;
    const char* text = nullptr;
    if (hindsight_arg_text(name, &text, &size) == 1) value = text;
  } else if constexpr (IsString<T>::value) {
    std::size_t size = 0;
    const char* text = nullptr;
    if (hindsight_arg_text(name, &text, &size) == 1) value = T(text, size);
  } else {
    static_assert(never<T>, "hindsight::arg: the default must be a number, a bool, an enum, or text");
  }
  return value;
}

}  // namespace detail

template <class T, class Value = detail::Decay<T>>
inline Value arg(const At& at, T&& standard) {
  if (!active()) return static_cast<T&&>(standard);
  Value value = detail::set_argument<Value>(at.name, static_cast<T&&>(standard));
  detail::put(detail::site(at, detail::kArgumentSite), value);
  return value;
}

// A text default stays text (a char array would decay to a pointer to non-const otherwise).
inline const char* arg(const At& at, const char* standard) {
  if (!active()) return standard;
  const char* const value = detail::set_argument<const char*>(at.name, standard);
  detail::put(detail::site(at, detail::kArgumentSite), value);
  return value;
}

HINDSIGHT_NAMESPACE_END
