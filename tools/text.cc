#include "tools/text.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "tools/json.h"

namespace hindsight::tools {
namespace {

using store::DType;

std::uint64_t load(const char* bytes, std::size_t size) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, bytes, size);  // little-endian on both sides
  return bits;
}

// Bytes of one element; 0 for text, bytes and errors.
std::size_t width_of(DType dtype) {
  switch (dtype) {
    case DType::kBool: case DType::kI8: case DType::kU8: return 1;
    case DType::kI16: case DType::kU16: case DType::kF16: case DType::kBF16: return 2;
    case DType::kI32: case DType::kU32: case DType::kF32: return 4;
    case DType::kI64: case DType::kU64: case DType::kF64: case DType::kC64: return 8;
    case DType::kC128: return 16;
    case DType::kText: case DType::kBytes: case DType::kError: return 0;
  }
  return 0;
}

double from_f16(std::uint16_t bits) {
  const int exponent = (bits >> 10) & 0x1f;
  const int mantissa = bits & 0x3ff;
  double magnitude = 0;
  if (exponent == 0x1f) {
    magnitude = mantissa == 0 ? INFINITY : NAN;
  } else if (exponent == 0) {
    magnitude = std::ldexp(mantissa, -24);
  } else {
    magnitude = std::ldexp(mantissa + 1024, exponent - 25);
  }
  return (bits & 0x8000) != 0 ? -magnitude : magnitude;
}

double from_bf16(std::uint16_t bits) { return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16); }

// The shortest decimal that lies nearer to this number than to its neighbours in the 16-bit format, as a double.
double shortest_16(std::uint16_t bits, double (*decode)(std::uint16_t)) {
  const double value = decode(bits);
  if (!std::isfinite(value) || value == 0) return value;
  const std::uint16_t positive = bits & 0x7fff;
  const double magnitude = decode(positive);
  const double below = decode(static_cast<std::uint16_t>(positive - 1));
  const double above = decode(static_cast<std::uint16_t>(positive + 1));
  const double low = (below + magnitude) / 2;
  const double high = std::isfinite(above) ? (magnitude + above) / 2 : magnitude + (magnitude - below) / 2;
  for (int digits = 1; digits < 17; ++digits) {
    const double candidate = std::strtod(fmt::format("{:.{}e}", magnitude, digits - 1).c_str(), nullptr);
    if (low < candidate && candidate < high) return std::copysign(candidate, value);
  }
  return value;
}

std::string float_text(double value) {
  if (std::isnan(value)) return "nan";
  return fmt::format("{}", value);
}
std::string float_text(float value) {
  if (std::isnan(value)) return "nan";
  return fmt::format("{}", value);
}

// One printer for people, one for JSON; both see numbers in their own type.
struct TextPrinter {
  std::string boolean(bool value) const { return value ? "true" : "false"; }
  std::string integer(std::int64_t value) const { return std::to_string(value); }
  std::string integer(std::uint64_t value) const { return std::to_string(value); }
  template <class Real>
  std::string real(Real value) const { return float_text(value); }
  template <class Real>
  std::string complex(Real re, Real im) const {
    return float_text(re) + (std::signbit(im) ? "-" : "+") + float_text(std::abs(im)) + "i";
  }
};
struct JsonPrinter {
  std::string boolean(bool value) const { return value ? "true" : "false"; }
  std::string integer(std::int64_t value) const { return json::integer(value); }
  std::string integer(std::uint64_t value) const { return json::integer(value); }
  template <class Real>
  std::string real(Real value) const { return json::real(value); }
  template <class Real>
  std::string complex(Real re, Real im) const { return json::array({json::real(re), json::real(im)}); }
};

template <class Printer>
std::string element(DType dtype, const char* at, const Printer& print) {
  switch (dtype) {
    case DType::kBool: return print.boolean(load(at, 1) != 0);
    case DType::kI8: return print.integer(std::int64_t{static_cast<std::int8_t>(load(at, 1))});
    case DType::kI16: return print.integer(std::int64_t{static_cast<std::int16_t>(load(at, 2))});
    case DType::kI32: return print.integer(std::int64_t{static_cast<std::int32_t>(load(at, 4))});
    case DType::kI64: return print.integer(static_cast<std::int64_t>(load(at, 8)));
    case DType::kU8: return print.integer(load(at, 1));
    case DType::kU16: return print.integer(load(at, 2));
    case DType::kU32: return print.integer(load(at, 4));
    case DType::kU64: return print.integer(load(at, 8));
    case DType::kF16: return print.real(shortest_16(static_cast<std::uint16_t>(load(at, 2)), from_f16));
    case DType::kBF16: return print.real(shortest_16(static_cast<std::uint16_t>(load(at, 2)), from_bf16));
    case DType::kF32: return print.real(std::bit_cast<float>(static_cast<std::uint32_t>(load(at, 4))));
    case DType::kF64: return print.real(std::bit_cast<double>(load(at, 8)));
    case DType::kC64:
      return print.complex(std::bit_cast<float>(static_cast<std::uint32_t>(load(at, 4))),
                           std::bit_cast<float>(static_cast<std::uint32_t>(load(at + 4, 4))));
    case DType::kC128:
      return print.complex(std::bit_cast<double>(load(at, 8)), std::bit_cast<double>(load(at + 8, 8)));
    case DType::kText: case DType::kBytes: case DType::kError: break;
  }
  return {};
}

std::string bytes_hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return text;
}

// Cuts at a character boundary of UTF-8.
std::string cut(std::string text, std::size_t limit) {
  if (limit == 0 || text.size() <= limit) return text;
  std::size_t end = limit > 3 ? limit - 3 : 0;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

struct tm utc(std::int64_t ns) {
  const std::time_t seconds = static_cast<std::time_t>(ns / 1'000'000'000);
  struct tm parts {};
  gmtime_r(&seconds, &parts);
  return parts;
}

}  // namespace

std::string_view name_of(DType dtype) {
  switch (dtype) {
    case DType::kBool: return "bool";
    case DType::kI8: return "i8";
    case DType::kI16: return "i16";
    case DType::kI32: return "i32";
    case DType::kI64: return "i64";
    case DType::kU8: return "u8";
    case DType::kU16: return "u16";
    case DType::kU32: return "u32";
    case DType::kU64: return "u64";
    case DType::kF16: return "f16";
    case DType::kBF16: return "bf16";
    case DType::kF32: return "f32";
    case DType::kF64: return "f64";
    case DType::kC64: return "c64";
    case DType::kC128: return "c128";
    case DType::kText: return "text";
    case DType::kBytes: return "bytes";
    case DType::kError: return "error";
  }
  return "unknown";
}

std::string_view name_of(store::Status status) {
  switch (status) {
    case store::Status::kRecorded: return "recorded";
    case store::Status::kExact: return "exact";
    case store::Status::kClose: return "close";
    case store::Status::kUnverified: return "unverified";
    case store::Status::kDiverged: return "diverged";
    case store::Status::kError: return "error";
  }
  return "unverified";  // a status of a newer format is not trusted
}

std::string_view name_of(store::RunState state) {
  switch (state) {
    case store::RunState::kRecording: return "recording";
    case store::RunState::kFinished: return "finished";
    case store::RunState::kCrashed: return "crashed";
  }
  return "crashed";
}

char mark_of(store::Status status) {
  switch (status) {
    case store::Status::kRecorded: return ' ';
    case store::Status::kExact: return '=';
    case store::Status::kClose: return '~';
    case store::Status::kUnverified: return '?';
    case store::Status::kDiverged: return '!';
    case store::Status::kError: return 'E';
  }
  return '?';
}

std::string to_text(const store::Value& value, std::size_t limit) {
  const std::size_t width = width_of(value.dtype);
  if (width == 0) {
    return cut(value.dtype == DType::kBytes ? bytes_hex(value.bytes) : escaped(value.bytes), limit);
  }
  const std::size_t count = value.bytes.size() / width;
  if (!value.is_vector) return count == 0 ? "" : element(value.dtype, value.bytes.data(), TextPrinter{});
  std::string text = "[";
  for (std::size_t i = 0; i < count; ++i) {
    std::string next = element(value.dtype, value.bytes.data() + i * width, TextPrinter{});
    if (limit != 0 && text.size() + next.size() > limit) return text + fmt::format("... {} elements]", count);
    text += next;
    if (i + 1 < count) text += ", ";
  }
  return text + "]";
}

std::string to_json(const store::Value& value) {
  const std::size_t width = width_of(value.dtype);
  if (width == 0) return json::quote(value.dtype == DType::kBytes ? bytes_hex(value.bytes) : value.bytes);
  const std::size_t count = value.bytes.size() / width;
  if (!value.is_vector) return count == 0 ? "null" : element(value.dtype, value.bytes.data(), JsonPrinter{});
  std::vector<std::string> elements;
  elements.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    elements.push_back(element(value.dtype, value.bytes.data() + i * width, JsonPrinter{}));
  }
  return json::array(elements);
}

std::string to_text(store::RunId run) { return "r" + std::to_string(run.number); }
std::string to_text(store::ReplayId replay) { return "p" + std::to_string(replay.number); }
std::string version_text(std::uint64_t number) { return "v" + std::to_string(number); }
std::string hex(const store::Hash& hash) { return fmt::format("{:016x}{:016x}", hash.high, hash.low); }
std::string to_text(store::ProbeId probe) { return hex(probe.hash).substr(0, 8); }

std::string to_text(const store::Site& site) {
  return site.file.empty() ? std::string() : fmt::format("{}:{}", site.file, site.line);
}

std::string when_text(std::int64_t ns) {
  if (ns == 0) return "-";
  const struct tm t = utc(ns);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", t.tm_year + 1900, t.tm_mon + 1, t.tm_mday, t.tm_hour,
                     t.tm_min, t.tm_sec);
}

std::string when_json(std::int64_t ns) {
  if (ns == 0) return "null";
  const struct tm t = utc(ns);
  return fmt::format("\"{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z\"", t.tm_year + 1900, t.tm_mon + 1, t.tm_mday,
                     t.tm_hour, t.tm_min, t.tm_sec, ns % 1'000'000'000);
}

std::string duration_text(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0) return "?";
  if (seconds > 0 && seconds < 0.0009995) return fmt::format("{:.0f} us", seconds * 1e6);
  if (seconds > 0 && seconds < 0.00995) return fmt::format("{:.1f} ms", seconds * 1000);
  if (seconds < 0.9995) return fmt::format("{:.0f} ms", seconds * 1000);
  if (seconds < 59.95) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<std::int64_t>(std::llround(seconds));
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  const std::int64_t minutes = (whole + 30) / 60;
  return fmt::format("{} h {:02} min", minutes / 60, minutes % 60);
}

std::string bytes_text(std::uint64_t bytes) {
  if (bytes < 1000) return fmt::format("{} B", bytes);
  double amount = static_cast<double>(bytes);
  for (const char* unit : {"kB", "MB", "GB"}) {
    amount /= 1000;
    if (amount < 999.95) return fmt::format("{:.1f} {}", amount, unit);
  }
  return fmt::format("{:.1f} TB", amount / 1000);
}

std::string count_text(std::uint64_t n, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", n, n == 1 ? one : many);
}

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '\n': result += "\\n"; break;
      case '\r': result += "\\r"; break;
      case '\t': result += "\\t"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
          result += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
        } else {
          result += c;
        }
    }
  }
  return result;
}

std::string shell_text(const std::vector<std::string>& words) {
  std::vector<std::string> quoted;
  for (const std::string& word : words) {
    constexpr std::string_view kPlain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,+@%";
    if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) {
      quoted.push_back(word);
      continue;
    }
    std::string inside;
    for (const char c : word) inside += c == '\'' ? std::string("'\\''") : std::string(1, c);
    quoted.push_back("'" + escaped(inside) + "'");
  }
  return joined(quoted, " ");
}

std::string joined(const std::vector<std::string>& parts, std::string_view separator) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) text += separator;
    text += parts[i];
  }
  return text;
}

std::string status_text(const store::Run& run) {
  switch (run.state) {
    case store::RunState::kRecording: return "recording";
    case store::RunState::kCrashed: return "crashed";
    case store::RunState::kFinished: break;
  }
  if (run.signal != 0) {
    const char* name = sigabbrev_np(run.signal);
    return name != nullptr ? fmt::format("SIG{}", name) : fmt::format("signal {}", run.signal);
  }
  return run.exit_code == 0 ? "finished" : fmt::format("exit {}", run.exit_code);
}

std::string place_text(const store::Probe& probe) {
  std::string text;
  switch (probe.form) {
    case store::Probe::Form::kAfter: text = fmt::format("after `{}`", probe.statement); break;
    case store::Probe::Form::kBefore: text = fmt::format("before `{}`", probe.statement); break;
    case store::Probe::Form::kAt: return fmt::format("at {}:{}", probe.file, probe.line);
    case store::Probe::Form::kOnCall: text = fmt::format("after every call of `{}`", probe.statement); break;
    case store::Probe::Form::kOnAssign: text = fmt::format("after every assignment to `{}`", probe.statement); break;
    case store::Probe::Form::kEachLoop: text = fmt::format("at the end of every iteration of {}", probe.statement); break;
    case store::Probe::Form::kEdit:
      return fmt::format("as written in {}{}", probe.file,
                         probe.function.empty() ? "" : fmt::format(", {}", probe.function));
  }
  if (!probe.function.empty()) text += fmt::format(" in {}", probe.function);
  return text;
}

}  // namespace hindsight::tools
