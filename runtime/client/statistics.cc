// Sums over arrays, in f64. Eight running sums, element i going to sum i mod 8, joined in a fixed order: the result depends on the
// numbers and their order alone, not on the flags that the caller's unit or this one was compiled with.
#include <math.h>
#include <string.h>

#include "runtime/client/engine.h"

namespace hindsight::client {
namespace {

constexpr uint64_t kLanes = 8;

// The program may have turned on traps, flush-to-zero or another rounding; none of that is to change or be changed.
class DefaultArithmetic {
 public:
#if defined(__x86_64__)
  DefaultArithmetic() : saved_(__builtin_ia32_stmxcsr()) { __builtin_ia32_ldmxcsr(0x1f80); }
  ~DefaultArithmetic() { __builtin_ia32_ldmxcsr(saved_); }

 private:
  uint32_t saved_;
#elif defined(__aarch64__)
  DefaultArithmetic() {
    __asm__ volatile("mrs %0, fpcr" : "=r"(control_));
    __asm__ volatile("mrs %0, fpsr" : "=r"(status_));
    __asm__ volatile("msr fpcr, %0" : : "r"(uint64_t{0}));
  }
  ~DefaultArithmetic() {
    __asm__ volatile("msr fpcr, %0" : : "r"(control_));
    __asm__ volatile("msr fpsr, %0" : : "r"(status_));
  }

 private:
  uint64_t control_, status_;
#endif
};

struct Half {
  uint16_t bits;
};
struct BFloat {
  uint16_t bits;
};

double number(double x) { return x; }
double number(BFloat x) {
  const uint32_t wide = static_cast<uint32_t>(x.bits) << 16;
  float f;
  memcpy(&f, &wide, sizeof f);
  return static_cast<double>(f);
}
double number(Half x) {
  const int exponent = x.bits >> 10 & 31;
  const double fraction = static_cast<double>(x.bits & 1023);
  double magnitude;
  if (exponent == 31) {
    magnitude = fraction == 0 ? static_cast<double>(INFINITY) : static_cast<double>(NAN);
  } else if (exponent == 0) {
    magnitude = ldexp(fraction, -24);
  } else {
    magnitude = ldexp(1024 + fraction, exponent - 25);
  }
  return (x.bits & 0x8000) != 0 ? -magnitude : magnitude;
}
template <class T>
double number(T x) {
  return static_cast<double>(x);
}

template <class T, class Term>
double lanes(const char* data, uint64_t count, Term term) {
  double lane[kLanes] = {};
  for (uint64_t i = 0; i < count; ++i) {
    T element;
    memcpy(&element, data + i * sizeof(T), sizeof(T));
    lane[i % kLanes] += term(number(element));
  }
  return ((lane[0] + lane[1]) + (lane[2] + lane[3])) + ((lane[4] + lane[5]) + (lane[6] + lane[7]));
}

// Not inlined: no arithmetic may be moved out of the scope of DefaultArithmetic.
template <class T>
__attribute__((noinline)) void statistics(const char* data, uint64_t count, hindsight_statistics& result) {
  uint64_t nan = 0, inf = 0;
  double least = static_cast<double>(INFINITY), most = -static_cast<double>(INFINITY);
  for (uint64_t i = 0; i < count; ++i) {
    T element;
    memcpy(&element, data + i * sizeof(T), sizeof(T));
    const double x = number(element);
    if (x != x) {
      ++nan;
      continue;
    }
    if (x - x != 0) ++inf;
    if (x < least) least = x;
    if (x > most) most = x;
  }
  const double n = static_cast<double>(count);
  const bool none = nan == count;  // or no elements at all
  result.numel = n;
  result.nan = static_cast<double>(nan);
  result.inf = static_cast<double>(inf);
  result.min = none ? static_cast<double>(NAN) : least;
  result.max = none ? static_cast<double>(NAN) : most;
  result.sum = lanes<T>(data, count, [](double x) { return x; });
  result.mean = count == 0 ? static_cast<double>(NAN) : result.sum / n;
  const double mean = result.mean;
  const double squares = lanes<T>(data, count, [mean](double x) { return (x - mean) * (x - mean); });
  result.std = count == 0 ? static_cast<double>(NAN) : __builtin_sqrt(squares / n);
  result.norm = __builtin_sqrt(lanes<T>(data, count, [](double x) { return x * x; }));
}

}  // namespace
}  // namespace hindsight::client

extern "C" void hindsight_statistics_of(uint8_t dtype, const void* data, uint64_t count, hindsight_statistics* result) {
  using namespace hindsight::client;
  using hindsight::wire::DType;
  const Undisturbed undisturbed;
  const DefaultArithmetic arithmetic;
  const char* const bytes = static_cast<const char*>(data);
  switch (static_cast<DType>(dtype)) {
    case DType::kBool: case DType::kU8: return statistics<uint8_t>(bytes, count, *result);
    case DType::kI8: return statistics<int8_t>(bytes, count, *result);
    case DType::kI16: return statistics<int16_t>(bytes, count, *result);
    case DType::kI32: return statistics<int32_t>(bytes, count, *result);
    case DType::kI64: return statistics<int64_t>(bytes, count, *result);
    case DType::kU16: return statistics<uint16_t>(bytes, count, *result);
    case DType::kU32: return statistics<uint32_t>(bytes, count, *result);
    case DType::kU64: return statistics<uint64_t>(bytes, count, *result);
    case DType::kF16: return statistics<Half>(bytes, count, *result);
    case DType::kBF16: return statistics<BFloat>(bytes, count, *result);
    case DType::kF32: return statistics<float>(bytes, count, *result);
    case DType::kF64: return statistics<double>(bytes, count, *result);
    default: {
      const double nan = static_cast<double>(NAN);
      *result = {static_cast<double>(count), nan, nan, nan, nan, nan, nan, nan, nan};
    }
  }
}
