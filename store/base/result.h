// The outcome of an operation that can fail: a value, or an Error that says what went wrong.
//
//   Result<Run> run = store.read_run(id);
//   if (!run) return std::move(run).error().context("show run");
//   use(*run);
//
// Member names are those of C++23's std::expected, so that it can take this type's place.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace hindsight {

enum class ErrorKind { kNotFound, kCorrupt, kUnsupported, kInvalid, kIo, kBusy };

// What went wrong, innermost cause last: "open store /x: run 12: checksum differs".
class Error {
 public:
  Error(ErrorKind kind, std::string message, std::string hint = {})
      : kind_(kind), message_(std::move(message)), hint_(std::move(hint)) {}

  ErrorKind kind() const { return kind_; }
  const std::string& message() const { return message_; }
  // What the user can do about it; empty if there is nothing to say.
  const std::string& hint() const { return hint_; }

  // The same error, with what the caller was doing put in front.
  Error context(std::string_view doing) && {
    message_ = std::string(doing) + ": " + message_;
    return std::move(*this);
  }
  Error with_hint(std::string hint) && {
    hint_ = std::move(hint);
    return std::move(*this);
  }

 private:
  ErrorKind kind_;
  std::string message_;
  std::string hint_;
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : content_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : content_(std::in_place_index<1>, std::move(error)) {}

  bool has_value() const { return content_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  // REQUIRES: has_value().
  T& operator*() & { return std::get<0>(content_); }
  const T& operator*() const& { return std::get<0>(content_); }
  T&& operator*() && { return std::get<0>(std::move(content_)); }
  T* operator->() { return &std::get<0>(content_); }
  const T* operator->() const { return &std::get<0>(content_); }

  // REQUIRES: !has_value().
  const Error& error() const& { return std::get<1>(content_); }
  Error&& error() && { return std::get<1>(std::move(content_)); }

 private:
  std::variant<T, Error> content_;
};

// Success without a value.
struct Done {};
template <>
class [[nodiscard]] Result<void> : public Result<Done> {
 public:
  using Result<Done>::Result;
  Result() : Result<Done>(Done{}) {}
};

}  // namespace hindsight
