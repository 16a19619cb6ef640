// The texts that name things on the command line, taken apart: NAME=EXPR, NAME=VALUE, LOOP=N, FILE:LINE. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "store/base/result.h"

namespace hindsight::tools {

struct NamedText {
  std::string name;
  std::string text;
};

// `grad_norm = hindsight::norm(w.grad())`: the name of a value (letters, digits, `_ . - / :`, starting with a letter or
// `_`) and a C++ expression without a final `;`. kInvalid says what is wrong and shows the form.
Result<NamedText> parse_probe(std::string_view text);

// `lr=0.1`, for `what` ("--set NAME=VALUE"). The value may be empty and hold '='.
Result<NamedText> parse_setting(std::string_view text, std::string_view what);

struct NamedCount {
  std::string name;
  std::uint64_t count = 0;
};
// `epoch=2`: a loop's name and a number of at least 1.
Result<NamedCount> parse_every(std::string_view text);

struct FileLine {
  std::string file;
  std::uint32_t line = 0;
};
// `src/train.cc:41`.
Result<FileLine> parse_file_line(std::string_view text);

// A statement as it is matched and hashed: without space around it and without a final ';'.
std::string tidy_statement(std::string_view text);

}  // namespace hindsight::tools
