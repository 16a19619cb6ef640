#include "instrument/text.h"

#include <algorithm>

#include <clang/Basic/LangOptions.h>
#include <clang/Lex/Lexer.h>

namespace hindsight::instrument {
namespace {

struct Piece {
  std::string text;
  bool after_gap = false;  // white space or a comment stood before it
  std::size_t offset = 0;
};

std::vector<Piece> pieces_of(std::string_view view) {
  const std::string text(view);  // the lexer wants a terminating zero
  clang::LangOptions options;
  options.CPlusPlus = options.CPlusPlus11 = options.CPlusPlus14 = options.CPlusPlus17 = options.CPlusPlus20 = true;
  options.Bool = options.LineComment = options.RawStringLiterals = options.WChar = true;
  clang::Lexer lexer(clang::SourceLocation(), options, text.data(), text.data(), text.data() + text.size());
  std::vector<Piece> out;
  clang::Token token;
  while (true) {
    lexer.LexFromRawLexer(token);
    if (token.is(clang::tok::eof)) break;
    const char* end = lexer.getBufferLocation();
    const char* begin = end - token.getLength();
    out.push_back({std::string(begin, end), token.hasLeadingSpace() || token.isAtStartOfLine(), static_cast<std::size_t>(begin - text.data())});
  }
  return out;
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

std::vector<std::string> tokens_of(std::string_view text) {
  std::vector<std::string> out;
  for (Piece& piece : pieces_of(text)) out.push_back(std::move(piece.text));
  return out;
}

std::vector<PlacedToken> placed_tokens_of(std::string_view text) {
  std::vector<PlacedToken> out;
  for (Piece& piece : pieces_of(text)) out.push_back({std::move(piece.text), piece.offset});
  return out;
}

std::string join(const std::vector<std::string>& tokens) {
  std::string out;
  for (const std::string& token : tokens) {
    if (!out.empty() && !token.empty()) {
      // Words must not run together, and `a - -b` must not become `a--b`.
      const char last = out.back();
      const bool both_words = (is_word(last) || last == '"' || last == '\'') && (is_word(token[0]) || token[0] == '"' || token[0] == '\'');
      const bool both_signs = !is_word(last) && !is_word(token[0]) && std::string_view("()[]{};,").find(last) == std::string_view::npos &&
                              std::string_view("()[]{};,").find(token[0]) == std::string_view::npos;
      if (both_words || both_signs) out += ' ';
    }
    out += token;
  }
  return out;
}

std::vector<std::string> without_semicolon(std::vector<std::string> tokens) {
  if (!tokens.empty() && tokens.back() == ";") tokens.pop_back();
  return tokens;
}

std::string one_line(std::string_view text) {
  std::string out;
  for (const Piece& piece : pieces_of(text)) {
    if (piece.after_gap && !out.empty()) out += ' ';
    out += piece.text;
  }
  return out;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f || c == '?') {  // '?': trigraphs
      const char digits[] = {'\\', static_cast<char>('0' + (byte >> 6)), static_cast<char>('0' + ((byte >> 3) & 7)),
                             static_cast<char>('0' + (byte & 7))};
      out.append(digits, sizeof digits);
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string insert_into(std::string_view text, std::vector<Insertion> insertions) {
  std::stable_sort(insertions.begin(), insertions.end(),
                   [](const Insertion& a, const Insertion& b) { return a.offset < b.offset; });
  std::string out;
  std::size_t at = 0;
  for (const Insertion& insertion : insertions) {
    const std::size_t offset = std::min(insertion.offset, text.size());
    out += text.substr(at, offset - at);
    out += insertion.text;
    at = offset;
  }
  out += text.substr(at);
  return out;
}

LineColumn line_column(std::string_view text, std::size_t offset) {
  LineColumn out;
  offset = std::min(offset, text.size());
  out.line = static_cast<unsigned>(1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
  if (text.substr(0, offset).find(kLinesOfOurs) != std::string_view::npos) out.line -= 2;
  const std::size_t start = text.rfind('\n', offset == 0 ? std::string_view::npos : offset - 1);
  out.column = static_cast<unsigned>(offset == 0 ? 1 : offset - (start == std::string_view::npos ? 0 : start + 1) + 1);
  return out;
}

std::string line_directive_at(std::string_view text, std::size_t offset, const std::string& file) {
  unsigned line = 1;  // of the next line
  std::string named = file;
  for (std::size_t at = 0; at < std::min(offset, text.size()); ++line) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view rest = text.substr(at, end - at);
    at = end + 1;
    const auto skip = [&](std::string_view what) {
      rest.remove_prefix(std::min(rest.find_first_not_of(what), rest.size()));
    };
    skip(" \t");
    if (!rest.starts_with("#")) continue;
    rest.remove_prefix(1);
    skip(" \t");
    if (rest.starts_with("line")) rest.remove_prefix(4);
    skip(" \t");
    const std::size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
    if (digits == 0 || digits > 9) continue;
    line = static_cast<unsigned>(std::stoul(std::string(rest.substr(0, digits)))) - 1;
    rest.remove_prefix(digits);
    skip(" \t");
    const std::size_t quote = rest.starts_with("\"") ? rest.find('"', 1) : std::string_view::npos;
    if (quote != std::string_view::npos) named = rest.substr(0, quote + 1);
  }
  return std::to_string(line) + (named.empty() ? "" : " " + named);
}

}  // namespace hindsight::instrument
