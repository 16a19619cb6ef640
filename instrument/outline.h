// What a version of a program says, as values: its statements as tokens, and which declaration each name means. What two versions are compared by.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "instrument/statement.h"

namespace hindsight::instrument {

// A declaration that statements name.
struct Symbol {
  enum class Kind { kLocal, kParameter, kMember, kGlobal, kFunction };
  Kind kind = Kind::kLocal;
  std::string name;
  std::string type;   // without references and qualifiers, as written out in full
  std::string owner;  // the function or class that it is declared in, empty for a global
  friend auto operator<=>(const Symbol&, const Symbol&) = default;
};

struct OutlineToken {
  std::string text;
  std::optional<std::size_t> symbol;  // into Outline::symbols
  friend bool operator==(const OutlineToken&, const OutlineToken&) = default;
};

struct OutlineStatement {
  Statement::Kind kind = Statement::Kind::kOther;
  std::string file;
  std::size_t begin = 0;  // byte offsets in that file
  std::size_t end = 0;
  unsigned line = 0;
  std::size_t function = 0;           // into Outline::functions
  std::optional<std::size_t> around;  // the statement that it is a part of
  std::vector<OutlineToken> tokens;   // its own: of a loop the head, of a call with a lambda what is around the lambda's statements
  friend bool operator==(const OutlineStatement&, const OutlineStatement&) = default;
};

struct OutlineFunction {
  std::string name;  // qualified, without parameters
  std::string file;
  std::vector<std::size_t> parameters;  // into Outline::symbols
  friend bool operator==(const OutlineFunction&, const OutlineFunction&) = default;
};

struct Outline {
  std::vector<Symbol> symbols;
  std::vector<OutlineFunction> functions;    // lambdas belong to the function that they stand in
  std::vector<OutlineStatement> statements;  // of each function in the order of the source
  friend bool operator==(const Outline&, const Outline&) = default;
};

// Of the files beside unit reports that hold one.
inline constexpr char kOutlineExtension[] = ".outline";

// As JSON in one line, and read from it; nothing unless it is one.
std::string to_json(const Outline& outline);
std::optional<Outline> parse_outline(std::string_view json);
// The same of an array of them: what the units of a program say.
std::optional<std::vector<Outline>> parse_outlines(std::string_view json);

// One outline of several units: what stands in a header that more than one of them includes is there once.
Outline joined(const std::vector<Outline>& units);

}  // namespace hindsight::instrument
