// Program text as tokens, and text with insertions. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hindsight::instrument {

// The C++ tokens of `text` as spelled, without white space and comments. Text that is no token (a stray quote) is kept
// as single characters, so that different texts stay different.
std::vector<std::string> tokens_of(std::string_view text);

struct PlacedToken {
  std::string text;
  std::size_t offset = 0;
};
// The same with where each begins.
std::vector<PlacedToken> placed_tokens_of(std::string_view text);

// Tokens joined by one blank where needed to keep them apart; the same tokens give the same text.
std::string join(const std::vector<std::string>& tokens);

// The tokens without one `;` at the end.
std::vector<std::string> without_semicolon(std::vector<std::string> tokens);

// `text` on one line: comments dropped, white space collapsed.
std::string one_line(std::string_view text);

// A C++ string literal for `text`.
std::string quoted(std::string_view text);

struct Insertion {
  std::size_t offset = 0;
  std::string text;
  friend bool operator==(const Insertion&, const Insertion&) = default;
};
// `text` with the insertions in it; those at the same offset keep their order.
std::string insert_into(std::string_view text, std::vector<Insertion> insertions);

// What rewriting puts in front of the code of a file that has no line to spare for it, followed by the number of the line behind it and a newline:
// two lines that are not the user's.
inline constexpr std::string_view kLinesOfOurs = "#include <hindsight/inserted.h>\n#line ";

// Line and column, both from 1, of an offset: of the user's text, where ours are in it.
struct LineColumn {
  unsigned line = 1;
  unsigned column = 1;
};
LineColumn line_column(std::string_view text, std::size_t offset);
// What a #line directive has to say in front of `offset`, so that the code behind it is numbered as it is without: `7`, or `7 "gen.y"` where the last
// directive of the text names a file. `file`: what is said to be there if none does; may be empty.
std::string line_directive_at(std::string_view text, std::size_t offset, const std::string& file);

}  // namespace hindsight::instrument
