// State adapters for the engines and distributions of <random>, and the engine adaptors over them.
//
// A type without padding is copied bit by bit (the common engines: a microsecond); the rest through the standard's own << and >>, which
// restore exactly. std::random_device has no state that could be restored: leave it out.
#pragma once
#pragma GCC system_header

#include <istream>
#include <ostream>
#include <random>
#include <streambuf>

#include "hindsight/std/uniform.h"

HINDSIGHT_NAMESPACE_BEGIN
namespace detail {

// A fixed buffer that a stream writes to or reads from.
class TextBuffer : public std::streambuf {
 public:
  TextBuffer(char* begin, std::size_t size) { setp(begin, begin + size); }
  explicit TextBuffer(const char* begin, const char* end) { setg(const_cast<char*>(begin), const_cast<char*>(begin), const_cast<char*>(end)); }
  std::size_t written() const { return static_cast<std::size_t>(pptr() - pbase()); }
};

// The longest: 1,300 words of 20 digits (ranlux48 over blocks is far below, mt19937_64 has 312 words).
constexpr std::size_t kMostText = 32 * 1024;

// What << writes, in this thread's scratch room; null if there is none. `size` is how long it is.
template <class T>
inline const char* as_text(Archive& archive, const T& value, std::uint64_t& size) {
  auto* const text = static_cast<char*>(hindsight_scratch(kMostText));
  if (text == nullptr) {
    archive.fail("could not be written: no memory");
    return nullptr;
  }
  TextBuffer buffer(text, kMostText);
  std::ostream out(&buffer);
  out.imbue(std::locale::classic());
  out << value;
  size = buffer.written();
  if (out) return text;
  archive.fail("is too large to be written as text");
  return nullptr;
}

template <class T>
inline void visit_streamed(Archive& archive, T& value) {
  std::uint64_t size = 0;
  if (archive.saving() || archive.digesting()) {
    const char* const text = as_text(archive, value, size);
    if (text != nullptr) hindsight_ar_leaf(archive.raw(), kText, 1, &size, const_cast<char*>(text), size, 1);
    return;
  }
  std::uint64_t bytes = 0;
  const auto* const stored = static_cast<const char*>(hindsight_ar_peek(archive.raw(), kText, 1, &size, &bytes));
  if (stored == nullptr) return;
  const auto holds_it = [&] {
    std::uint64_t now = 0;
    const char* const text = as_text(archive, value, now);
    return text != nullptr && now == bytes && __builtin_memcmp(text, stored, bytes) == 0;
  };
  if (archive.loading() && !holds_it()) {
    TextBuffer buffer(stored, stored + bytes);
    std::istream in(&buffer);
    in.imbue(std::locale::classic());
    in >> value;
    // Some compute anew from what they read (discrete_distribution): it must have come out the same.
    if (in.fail() || !holds_it()) archive.fail("could not be read back exactly from what is stored");
  }
  hindsight_ar_consume(archive.raw());
}

template <class T>
inline void visit_random(Archive& archive, T& value) {
  if constexpr (std::is_trivially_copyable<T>::value && __has_unique_object_representations(T)) {
    constexpr std::uint64_t size = sizeof(T);
    hindsight_ar_leaf(archive.raw(), kBytes, 1, &size, &value, size, 1);
  } else {
    visit_streamed(archive, value);
  }
}

}  // namespace detail

#define HINDSIGHT_RANDOM(parameters, ...)                                                               \
  template <HINDSIGHT_UNPACK parameters>                                                                \
  struct Adapter<__VA_ARGS__> {                                                                         \
    static void visit(Archive& archive, __VA_ARGS__& value) { detail::visit_random(archive, value); }   \
  };
#define HINDSIGHT_UNPACK(...) __VA_ARGS__

HINDSIGHT_RANDOM((class U, U a, U c, U m), std::linear_congruential_engine<U, a, c, m>)
HINDSIGHT_RANDOM((class U, std::size_t w, std::size_t n, std::size_t m, std::size_t r, U a, std::size_t u, U d, std::size_t s, U b,
                  std::size_t t, U c, std::size_t l, U f),
                 std::mersenne_twister_engine<U, w, n, m, r, a, u, d, s, b, t, c, l, f>)
HINDSIGHT_RANDOM((class U, std::size_t w, std::size_t s, std::size_t r), std::subtract_with_carry_engine<U, w, s, r>)
HINDSIGHT_RANDOM((class E, std::size_t p, std::size_t r), std::discard_block_engine<E, p, r>)
HINDSIGHT_RANDOM((class E, std::size_t w, class U), std::independent_bits_engine<E, w, U>)
HINDSIGHT_RANDOM((class E, std::size_t k), std::shuffle_order_engine<E, k>)
HINDSIGHT_RANDOM((class R), std::uniform_real_distribution<R>)
HINDSIGHT_RANDOM((class I), std::binomial_distribution<I>)
HINDSIGHT_RANDOM((class I), std::geometric_distribution<I>)
HINDSIGHT_RANDOM((class I), std::negative_binomial_distribution<I>)
HINDSIGHT_RANDOM((class I), std::poisson_distribution<I>)
HINDSIGHT_RANDOM((class R), std::exponential_distribution<R>)
HINDSIGHT_RANDOM((class R), std::gamma_distribution<R>)
HINDSIGHT_RANDOM((class R), std::weibull_distribution<R>)
HINDSIGHT_RANDOM((class R), std::extreme_value_distribution<R>)
HINDSIGHT_RANDOM((class R), std::normal_distribution<R>)
HINDSIGHT_RANDOM((class R), std::lognormal_distribution<R>)
HINDSIGHT_RANDOM((class R), std::chi_squared_distribution<R>)
HINDSIGHT_RANDOM((class R), std::cauchy_distribution<R>)
HINDSIGHT_RANDOM((class R), std::fisher_f_distribution<R>)
HINDSIGHT_RANDOM((class R), std::student_t_distribution<R>)
HINDSIGHT_RANDOM((class I), std::discrete_distribution<I>)
HINDSIGHT_RANDOM((class R), std::piecewise_constant_distribution<R>)
HINDSIGHT_RANDOM((class R), std::piecewise_linear_distribution<R>)
#undef HINDSIGHT_RANDOM
#undef HINDSIGHT_UNPACK

template <>
struct Adapter<std::bernoulli_distribution> {
  static void visit(Archive& archive, std::bernoulli_distribution& value) { detail::visit_random(archive, value); }
};

HINDSIGHT_NAMESPACE_END
