// What every header of the face shares: the inline namespace, the site of a call, and whether a host listens.
#pragma once
// The face is written in C++17. Programs that are compiled as C++11 or C++14 get it too: in a system header GCC and Clang take `if constexpr`,
// fold expressions, variable templates and inline variables in these standards without a word. What they do not take there is avoided: the
// library's newer names, `auto` as a return type, deduction guides, and constexpr functions of more than one expression.
#pragma GCC system_header

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "hindsight/abi.h"

// The face is compiled into units of different standards and flags, and the linker keeps one of several inline functions of one
// name. So its names carry what it was compiled with: format of the face, standard, exceptions, string ABI, fast math.
#define HINDSIGHT_JOIN_2(a, b) a##b
#define HINDSIGHT_JOIN(a, b) HINDSIGHT_JOIN_2(a, b)
#if defined(__cpp_exceptions)
#define HINDSIGHT_EXCEPTIONS 1
#define HINDSIGHT_FACE_EXCEPTIONS e_
#else
#define HINDSIGHT_EXCEPTIONS 0
#define HINDSIGHT_FACE_EXCEPTIONS n_
#endif
#if defined(_LIBCPP_VERSION)
#define HINDSIGHT_FACE_LIBRARY llvm_
#elif defined(_GLIBCXX_USE_CXX11_ABI) && _GLIBCXX_USE_CXX11_ABI == 0
#define HINDSIGHT_FACE_LIBRARY gnu98_
#else
#define HINDSIGHT_FACE_LIBRARY gnu_
#endif
#if defined(__FAST_MATH__)
#define HINDSIGHT_FACE_MATH fast_
#else
#define HINDSIGHT_FACE_MATH exact_
#endif
#define HINDSIGHT_FACE                                                                              \
  HINDSIGHT_JOIN(v1_, HINDSIGHT_JOIN(HINDSIGHT_FACE_EXCEPTIONS,                                     \
                                     HINDSIGHT_JOIN(HINDSIGHT_FACE_LIBRARY, HINDSIGHT_JOIN(HINDSIGHT_FACE_MATH, __cplusplus))))

#define HINDSIGHT_NAMESPACE_BEGIN \
  namespace hindsight {           \
  inline namespace HINDSIGHT_FACE {
#define HINDSIGHT_NAMESPACE_END \
  }                             \
  }

HINDSIGHT_NAMESPACE_BEGIN

// A name and the place of the call it stands in. Made from any text, so that `log("loss", loss)` knows its file and line.
struct At {
  const char* name;
  const char* file;
  std::uint32_t line;

  constexpr At(const char* n, const char* f = __builtin_FILE(),                               // NOLINT(google-explicit-constructor)
               std::uint32_t l = static_cast<std::uint32_t>(__builtin_LINE())) noexcept
      : name(n), file(f), line(l) {}
  // std::string and the like; borrowed until the call returns.
  template <class Text, class = decltype(static_cast<const char*>(std::declval<const Text&>().c_str()))>
  At(const Text& text, const char* f = __builtin_FILE(),                                      // NOLINT(google-explicit-constructor)
     std::uint32_t l = static_cast<std::uint32_t>(__builtin_LINE())) noexcept
      : name(text.c_str()), file(f), line(l) {}
};

// True while a host listens to this process. One load.
inline bool active() noexcept { return __builtin_expect(__atomic_load_n(&hindsight_active, __ATOMIC_RELAXED), 0) != 0; }

namespace detail {

// The standard library's, which C++11 does not have.
template <bool condition, class T = void>
using EnableIf = typename std::enable_if<condition, T>::type;
template <class T>
using Decay = typename std::decay<T>::type;
template <class T>
using RemoveCv = typename std::remove_cv<T>::type;
template <class T>
using RemoveReference = typename std::remove_reference<T>::type;
template <class T>
using RemovePointer = typename std::remove_pointer<T>::type;
template <class T>
using RemoveExtent = typename std::remove_extent<T>::type;
template <class...>
using Void = void;

enum SiteKind : std::uint32_t { kLogSite = 1, kArgumentSite = 2, kLoopSite = 3, kProbeSite = 4 };

inline hindsight_site site(const At& at, SiteKind kind, const char* probe = nullptr) noexcept {
  return {at.name, at.file, probe, at.line, kind};
}

// Element types: the numbers of wire::DType.
enum DType : std::uint8_t {
  kBool = 1, kI8 = 2, kI16 = 3, kI32 = 4, kI64 = 5, kU8 = 6, kU16 = 7, kU32 = 8, kU64 = 9,
  kF16 = 10, kBF16 = 11, kF32 = 12, kF64 = 13, kC64 = 14, kC128 = 15, kText = 16, kBytes = 17, kError = 18
};

// Arithmetic types and enums, but for long double.
template <class T>
constexpr bool is_number = (std::is_arithmetic<T>::value || std::is_enum<T>::value) && !std::is_same<T, long double>::value;

template <class T, bool = std::is_enum<T>::value>
struct Underlying {
  using type = T;
};
template <class T>
struct Underlying<T, true> {
  using type = typename std::underlying_type<T>::type;
};

template <class Number>
constexpr std::uint8_t dtype_of() noexcept {
  using T = typename Underlying<Number>::type;
  static_assert(is_number<T>, "hindsight: not a number");
  static_assert(sizeof(T) <= 8, "hindsight: numbers of more than 64 bits are not supported");
  return std::is_same<T, bool>::value     ? kBool
         : std::is_same<T, float>::value  ? kF32
         : std::is_same<T, double>::value ? kF64
         : sizeof(T) == 1                 ? (std::is_signed<T>::value ? kI8 : kU8)
         : sizeof(T) == 2                 ? (std::is_signed<T>::value ? kI16 : kU16)
         : sizeof(T) == 4                 ? (std::is_signed<T>::value ? kI32 : kU32)
                                          : (std::is_signed<T>::value ? kI64 : kU64);
}

// Text: `char` elements.
template <class T>
constexpr bool is_char = std::is_same<typename std::remove_cv<T>::type, char>::value;

// Has data() and size() over elements that are numbers (or char).
template <class T, class = void>
struct Contiguous {
  static constexpr bool value = false;
};
template <class T>
struct Contiguous<T, EnableIf<std::is_pointer<decltype(std::declval<const T&>().data())>::value &&
                                      std::is_convertible<decltype(std::declval<const T&>().size()), std::size_t>::value>> {
  using element = RemoveCv<RemovePointer<decltype(std::declval<const T&>().data())>>;
  static constexpr bool value = is_number<element>;
};

}  // namespace detail
HINDSIGHT_NAMESPACE_END
