#include "instrument/pattern.h"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <initializer_list>
#include <set>
#include <string_view>

namespace hindsight::instrument {
namespace {

using Tokens = std::vector<PlacedToken>;

bool is_any(const std::string& token, std::initializer_list<std::string_view> texts) { return std::find(texts.begin(), texts.end(), token) != texts.end(); }
bool leads_to_member(const std::string& token) { return is_any(token, {".", "->", "::"}); }
bool assigns(const std::string& token) { return is_any(token, {"=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>="}); }
bool steps(const std::string& token) { return is_any(token, {"++", "--"}); }

// Behind the bracket that closes the one at `open`.
std::size_t behind_bracket(const Tokens& tokens, std::size_t open) {
  std::size_t depth = 0;
  for (std::size_t i = open; i < tokens.size(); ++i) {
    if (is_any(tokens[i].text, {"(", "[", "{"})) ++depth;
    if (is_any(tokens[i].text, {")", "]", "}"}) && --depth == 0) return i + 1;
  }
  return tokens.size();
}

// The tokens at which `wanted` begins, whole: not as a member of something else.
std::vector<std::size_t> occurrences(const Tokens& tokens, const std::vector<std::string>& wanted) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; !wanted.empty() && i + wanted.size() <= tokens.size(); ++i) {
    const bool is_whole = i == 0 || !leads_to_member(tokens[i - 1].text);
    const auto is_equal = [&](std::size_t j) { return tokens[i + j].text == wanted[j]; };
    std::size_t equal = 0;
    while (is_whole && equal < wanted.size() && is_equal(equal)) ++equal;
    if (equal == wanted.size()) out.push_back(i);
  }
  return out;
}

// `f(a, b)`: a call with these arguments; `f` and `f()`: with any.
std::vector<std::size_t> calls(const Tokens& tokens, std::vector<std::string> wanted) {
  const std::size_t size = wanted.size();
  if (size > 2 && wanted[size - 2] == "(" && wanted[size - 1] == ")") wanted.resize(size - 2);
  std::vector<std::size_t> out = occurrences(tokens, wanted);
  if (!wanted.empty() && wanted.back() == ")") return out;
  std::erase_if(out, [&](std::size_t at) { return at + wanted.size() >= tokens.size() || tokens[at + wanted.size()].text != "("; });
  return out;
}

// `x = `, `x[i] += `, `++x`, and declarations that give `x` a value.
std::vector<std::size_t> assignments(const Tokens& tokens, const std::vector<std::string>& wanted) {
  std::vector<std::size_t> out = occurrences(tokens, wanted);
  std::erase_if(out, [&](std::size_t at) {
    std::size_t behind = at + wanted.size();
    while (behind < tokens.size() && tokens[behind].text == "[") behind = behind_bracket(tokens, behind);
    if (behind < tokens.size() && (assigns(tokens[behind].text) || steps(tokens[behind].text))) return false;
    if (at > 0 && steps(tokens[at - 1].text)) return false;
    // `double x{0};`, `Tensor x(y);`: what stands in front is a type.
    const bool is_given = behind < tokens.size() && is_any(tokens[behind].text, {"{", "("}) && behind == at + wanted.size();
    const std::string front = at > 0 ? tokens[at - 1].text : "";
    const bool behind_type = !front.empty() && (std::isalpha(static_cast<unsigned char>(front[0])) || front[0] == '_' || is_any(front, {">", "&", "*"}));
    return !(is_given && behind_type && !is_any(front, {"return", "throw", "case", "else", "do", "co_return", "co_yield"}));
  });
  return out;
}

const Statement* innermost(const PlacingUnit& unit, const std::string& file, std::size_t offset) {
  const Statement* best = nullptr;
  for (const Statement& s : unit.statements) {
    if (s.file != file || offset < s.begin || offset >= s.end) continue;
    if (!best || s.end - s.begin < best->end - best->begin) best = &s;
  }
  return best;
}

void add_by_text(const Probe& probe, const PlacingUnit& unit, const std::string& file, std::string_view text, std::vector<PatternPlace>& out) {
  const Tokens tokens = placed_tokens_of(text);
  const std::vector<std::string> wanted = without_semicolon(tokens_of(probe.statement));
  std::set<const Statement*> seen;
  for (const std::size_t at : probe.form == "on_call" ? calls(tokens, wanted) : assignments(tokens, wanted)) {
    const Statement* s = innermost(unit, file, tokens[at].offset);
    if (!s || !seen.insert(s).second) continue;  // a declaration outside of functions, or one that has it twice
    const bool is_simple = s->kind == Statement::Kind::kExpression || s->kind == Statement::Kind::kDeclaration || s->leaves;
    out.push_back({s, is_simple ? "" : "it is in a head or condition, or in code that is not compiled: put a probe before or after a statement"});
  }
}

// What a loop's head declares: `int epoch = 0;`, `const auto& batch :`.
bool counts(const Statement& loop, const std::string& name) {
  const auto& tokens = loop.tokens;
  if (tokens.size() < 3 || tokens[0] != "for") return false;
  int depth = 0;
  for (std::size_t i = 1; i + 1 < tokens.size(); ++i) {
    if (tokens[i] == "(") ++depth;
    if (tokens[i] == ")" && --depth == 0) return false;
    if (depth == 1 && tokens[i] == ";") return false;
    if (tokens[i] == name && is_any(tokens[i + 1], {"=", ":", "{"})) return true;
  }
  return false;
}

void add_loops(const Probe& probe, const PlacingUnit& unit, std::vector<PatternPlace>& out) {
  const std::string name = join(tokens_of(probe.statement));
  for (std::size_t i = 0; i < unit.statements.size(); ++i) {
    const Statement& loop = unit.statements[i];
    if (loop.kind != Statement::Kind::kLoop) continue;
    const Statement* last = nullptr;
    bool is_named = counts(loop, name), skips = false;
    for (const Statement& s : unit.statements) {
      if (s.file != loop.file || s.begin < loop.begin || s.end > loop.end || &s == &loop) continue;
      const bool is_direct = s.around == i && (s.place == Statement::Place::kBlock || s.place == Statement::Place::kUnbraced);
      if (is_direct && (!last || s.end > last->end)) last = &s;
      if (is_direct && s.nest.size() > loop.nest.size() && s.nest[loop.nest.size()] == name) is_named = true;
      // Of a loop within it, or of this one?
      const Statement* inner = &s;
      while (inner->around && *inner->around != i && unit.statements[*inner->around].kind != Statement::Kind::kLoop) inner = &unit.statements[*inner->around];
      if (s.tokens.size() == 1 && s.tokens[0] == "continue" && inner->around == i) skips = true;
    }
    if (!is_named) continue;
    if (!last) out.push_back({&loop, "the loop has no statement at its end"});
    else out.push_back({last, skips ? "the loop has a 'continue', which passes its end by: put a probe before or after a statement" : ""});
  }
}

}  // namespace

bool is_pattern(const Probe& probe) { return probe.form == "on_call" || probe.form == "on_assign" || probe.form == "each_loop"; }

std::vector<PatternPlace> places_of_pattern(const Probe& probe, const PlacingUnit& unit) {
  std::vector<PatternPlace> out;
  if (probe.form == "each_loop") {
    add_loops(probe, unit, out);
  } else {
    add_by_text(probe, unit, unit.file, unit.text, out);
    for (const auto& [file, text] : unit.headers) add_by_text(probe, unit, file, text, out);
  }
  // In the order in which their texts stand in the edited file.
  std::stable_sort(out.begin(), out.end(), [](const PatternPlace& a, const PatternPlace& b) { return a.statement->end < b.statement->end; });
  return out;
}

}  // namespace hindsight::instrument
