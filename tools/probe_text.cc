#include "tools/probe_text.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace hindsight::tools {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_value_name(std::string_view name) {
  if (name.empty() || !is_letter(name[0])) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return is_letter(c) || is_digit(c) || c == '.' || c == '-' || c == '/' || c == ':';
  });
}

Error invalid(std::string message, std::string hint) {
  return Error(ErrorKind::kInvalid, std::move(message), std::move(hint));
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return number;
}

// What closes an opening bracket, 0 for any other character.
char closing(char open) {
  switch (open) {
    case '(': return ')';
    case '[': return ']';
    case '{': return '}';
    default: return 0;
  }
}

// Why `expression` cannot be one C++ expression, judged by its brackets, quotes and semicolons alone; empty: it may be.
// Types and names are checked later, by the compiler, in every version.
std::string shape_problem(std::string_view expression) {
  std::string open;
  for (std::size_t i = 0; i < expression.size(); ++i) {
    const char c = expression[i];
    // In C++14 a quote between digits separates them.
    if (c == '"' || (c == '\'' && !(i > 0 && (is_digit(expression[i - 1]) || is_letter(expression[i - 1]))))) {
      std::size_t j = i + 1;
      while (j < expression.size() && expression[j] != c) j += expression[j] == '\\' ? 2 : 1;
      if (j >= expression.size()) return "a quotation mark is not closed";
      i = j;
    } else if (closing(c) != 0) {
      open += closing(c);
    } else if (c == ')' || c == ']' || c == '}') {
      if (open.empty() || open.back() != c) return std::string("'") + c + "' closes nothing";
      open.pop_back();
    } else if (c == ';' && open.find('}') == std::string::npos) {
      return "it holds a ';': only one expression can be logged";
    }
  }
  return open.empty() ? std::string() : std::string("a '") + open.back() + "' is missing";
}

}  // namespace

std::string tidy_statement(std::string_view text) {
  text = trim(text);
  while (!text.empty() && text.back() == ';') text = trim(text.substr(0, text.size() - 1));
  return std::string(text);
}

Result<NamedText> parse_probe(std::string_view text) {
  constexpr char kForm[] = "write NAME=EXPR, e.g. 'grad_norm = hindsight::norm(w.grad())'";
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return invalid("no '=' in '" + std::string(text) + "'", kForm);
  const std::string_view name = trim(text.substr(0, equals));
  if (name.empty()) return invalid("no name before '=' in '" + std::string(text) + "'", kForm);
  if (!is_value_name(name) || text.substr(equals).starts_with("==")) {
    return invalid("'" + std::string(name) + "' is not a name for a value", kForm);
  }
  const std::string expression = tidy_statement(text.substr(equals + 1));
  if (expression.empty()) return invalid("no expression after '" + std::string(name) + " ='", kForm);
  if (const std::string problem = shape_problem(expression); !problem.empty()) {
    return invalid("the expression '" + expression + "' is not complete: " + problem, kForm);
  }
  return NamedText{std::string(name), expression};
}

Result<NamedText> parse_setting(std::string_view text, std::string_view what) {
  const std::size_t equals = text.find('=');
  const std::string_view name = trim(text.substr(0, equals));
  if (equals == std::string_view::npos || name.empty()) {
    return invalid("'" + std::string(text) + "' is not NAME=VALUE", "write " + std::string(what));
  }
  if (text.find('\n') != std::string_view::npos) {
    return invalid("the value of '" + std::string(name) + "' holds a line break", "write " + std::string(what));
  }
  return NamedText{std::string(name), std::string(text.substr(equals + 1))};
}

Result<NamedCount> parse_every(std::string_view text) {
  const std::size_t equals = text.rfind('=');
  const std::string_view name = trim(text.substr(0, equals));
  const std::uint64_t count =
      equals == std::string_view::npos ? 0 : parse_number(trim(text.substr(equals + 1))).value_or(0);
  if (name.empty() || count == 0) {
    return invalid("'" + std::string(text) + "' is not LOOP=N with N of at least 1", "write --every epoch=2");
  }
  return NamedCount{std::string(name), count};
}

Result<FileLine> parse_file_line(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  const std::uint64_t line =
      colon == std::string_view::npos ? 0 : parse_number(text.substr(colon + 1)).value_or(0);
  if (colon == 0 || line == 0 || line > 0xffffffffu) {
    return invalid("'" + std::string(text) + "' is not FILE:LINE", "write --at src/train.cc:41");
  }
  return FileLine{std::string(text.substr(0, colon)), static_cast<std::uint32_t>(line)};
}

}  // namespace hindsight::tools
