#include "instrument/pattern.h"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <initializer_list>
#include <map>
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
    const bool is_wrapped = at > 0 && tokens[at - 1].text == "(" && behind + 1 < tokens.size() && tokens[behind].text == ")" && assigns(tokens[behind + 1].text);
    if (is_wrapped && (at < 2 || is_any(tokens[at - 2].text, {";", "{", "}", "(", ","}))) return false;
    // `double x{0};`, `Tensor x(y);`: what stands in front is a type.
    const bool is_given = behind < tokens.size() && is_any(tokens[behind].text, {"{", "("}) && behind == at + wanted.size();
    const std::string front = at > 0 ? tokens[at - 1].text : "";
    const bool behind_type = !front.empty() && (std::isalpha(static_cast<unsigned char>(front[0])) || front[0] == '_' || is_any(front, {">", "&", "*"}));
    return !(is_given && behind_type && !is_any(front, {"return", "throw", "case", "else", "do", "co_return", "co_yield"}));
  });
  return out;
}

// The statements of a file from the innermost outwards.
class Places {
 public:
  Places(const PlacingUnit& unit, const std::string& file) {
    for (const Statement& s : unit.statements) {
      if (s.file == file) by_size_.push_back(&s);
    }
    std::stable_sort(by_size_.begin(), by_size_.end(), [](const Statement* a, const Statement* b) { return a->end - a->begin < b->end - b->begin; });
  }
  const std::vector<const Statement*>& all() const { return by_size_; }
  const Statement* at(std::size_t offset) const {
    const auto found = std::find_if(by_size_.begin(), by_size_.end(), [&](const Statement* s) { return s->begin <= offset && offset < s->end; });
    return found == by_size_.end() ? nullptr : *found;
  }

 private:
  std::vector<const Statement*> by_size_;
};

bool is_simple(const Statement& s) { return s.kind == Statement::Kind::kExpression || s.kind == Statement::Kind::kDeclaration || s.leaves; }

std::string why_not_behind(const Statement& s) { return s.leaves ? "nothing can stand behind a statement that leaves: put a probe before it" : std::string(); }

// Is an offset in a loop's or a condition's statement in front of what it runs, and not in text that is not compiled?
bool is_in_head(const PlacingUnit& unit, const Statement& s, std::size_t offset) {
  if (s.kind != Statement::Kind::kLoop && s.kind != Statement::Kind::kChoice) return false;
  if (s.tokens.front() == "do") return true;
  std::size_t body = s.end;
  for (const Statement& each : unit.statements) {
    if (each.file == s.file && each.place != Statement::Place::kHead && each.begin > s.begin && each.end <= s.end) body = std::min(body, each.begin);
  }
  return offset < body;
}

std::vector<std::size_t> matches(const Probe& probe, const Tokens& tokens) {
  const std::vector<std::string> wanted = without_semicolon(tokens_of(probe.statement));
  return probe.form == "on_call" ? calls(tokens, wanted) : assignments(tokens, wanted);
}

void add_by_text(const Probe& probe, const PlacingUnit& unit, const std::string& file, std::string_view text, std::vector<PatternPlace>& out) {
  const Tokens tokens = placed_tokens_of(text);
  const Places places(unit, file);
  std::set<const Statement*> seen;
  for (const std::size_t at : matches(probe, tokens)) {
    const Statement* s = places.at(tokens[at].offset);
    if (!s || seen.contains(s)) continue;  // a declaration outside of functions, or a statement that has it twice
    if (!is_simple(*s) && !is_in_head(unit, *s, tokens[at].offset)) continue;  // in text that is not compiled
    seen.insert(s);
    out.push_back({s, is_simple(*s) ? why_not_behind(*s) : "it is in the head of a loop or in a condition: put a probe before or after a statement"});
  }
  // What only a macro makes.
  for (const Statement* s : places.all()) {
    if (s->expanded.empty() || seen.contains(s)) continue;
    Tokens expanded;
    for (const std::string& each : s->expanded) expanded.push_back({each, 0});
    if (matches(probe, expanded).empty()) continue;
    seen.insert(s);
    out.push_back({s, why_not_behind(*s)});
  }
}

void add_loops(const Probe& probe, const PlacingUnit& unit, std::vector<PatternPlace>& out) {
  const std::string name = join(tokens_of(probe.statement));
  std::map<std::size_t, std::vector<const Statement*>> directly_in;
  for (const Statement& s : unit.statements) {
    if (s.around && (s.place == Statement::Place::kBlock || s.place == Statement::Place::kUnbraced || s.place == Statement::Place::kLabelled)) directly_in[*s.around].push_back(&s);
  }
  for (std::size_t i = 0; i < unit.statements.size(); ++i) {
    const Statement& loop = unit.statements[i];
    if (loop.kind != Statement::Kind::kLoop) continue;
    bool is_named = std::find(loop.counts.begin(), loop.counts.end(), name) != loop.counts.end();
    const Statement* last = nullptr;
    for (const Statement* s : directly_in[i]) {
      if (!last || s->end > last->end) last = s;
      is_named = is_named || (s->nest.size() > loop.nest.size() && s->nest[loop.nest.size()] == name);
    }
    if (!is_named) continue;
    if (!last) out.push_back({&loop, "the loop has no statement at its end"});
    else out.push_back({last, loop.passes_end ? "the loop has a 'continue' or a 'goto', which may pass its end by: put a probe before or after a statement" : ""});
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
