#include "instrument/probe.h"

#include <algorithm>

#include "instrument/pattern.h"

namespace hindsight::instrument {
namespace {

constexpr std::size_t kMostCandidates = 20;

bool opens(const std::string& t) { return t == "(" || t == "[" || t == "{"; }
bool closes(const std::string& t) { return t == ")" || t == "]" || t == "}"; }

std::string show(const Statement& s) {
  std::string text = s.text;
  if (text.size() > 120) text = text.substr(0, 117) + "...";
  return s.file + ":" + std::to_string(s.line) + ": " + text;
}

// `f`, `A::f` and `ns::A::f` all name ns::A::f; a name with parameters must match the report's name.
bool names_function(const std::string& asked, const Statement& s) {
  if (asked.empty() || asked == s.function || asked == s.named_function) return true;
  const std::string name = asked.substr(0, asked.find('('));
  if (asked.find('(') != std::string::npos) return join(tokens_of(asked)) == join(tokens_of(s.function));
  const std::string& full = s.named_function;
  return full.size() > name.size() + 2 && full.ends_with(name) && full.compare(full.size() - name.size() - 2, 2, "::") == 0;
}

std::string_view text_of(const PlacingUnit& unit, const std::string& file) {
  const auto header = unit.headers.find(file);
  return header == unit.headers.end() ? unit.text : std::string_view(header->second);
}

struct Choice {
  const Statement* statement = nullptr;
  bool after = false;
  std::string refusal;
  std::vector<std::string> candidates;
};

Choice refuse(std::string why, std::vector<std::string> candidates = {}) {
  Choice out;
  out.refusal = std::move(why);
  out.candidates = std::move(candidates);
  return out;
}

std::vector<std::string> show_all(const std::vector<const Statement*>& hits) {
  std::vector<std::string> out;
  for (const Statement* s : hits) {
    if (out.size() == kMostCandidates) {
      out.push_back("and " + std::to_string(hits.size() - kMostCandidates) + " more");
      break;
    }
    out.push_back(show(*s));
  }
  return out;
}

Choice choose_by_statement(const Probe& probe, const PlacingUnit& unit) {
  const std::vector<std::string> wanted = without_semicolon(tokens_of(probe.statement));
  if (wanted.empty()) return refuse("no statement is given");
  std::vector<const Statement*> hits;
  bool function_seen = false;
  for (const Statement& s : unit.statements) {
    if (!names_function(probe.function, s)) continue;
    function_seen = true;
    if (s.tokens == wanted) hits.push_back(&s);
  }
  if (!function_seen || hits.empty()) return refuse(kNotInThisUnit);
  if (hits.size() > 1) {
    return refuse("the statement occurs " + std::to_string(hits.size()) + " times: say which with --in FUNCTION or --at FILE:LINE",
                  show_all(hits));
  }
  Choice out;
  out.statement = hits[0];
  out.after = probe.form == "after";
  return out;
}

// The user's lines of `text`, each as tokens without its closing ';'.
std::vector<std::vector<std::string>> lines_of(std::string_view text) {
  std::vector<std::vector<std::string>> out;
  while (!text.empty()) {
    if (text.starts_with(kLinesOfOurs)) text.remove_prefix(std::min(text.find('\n', kLinesOfOurs.size()) + 1, text.size()));
    const std::size_t end = std::min(text.find('\n'), text.size());
    out.push_back(without_semicolon(tokens_of(text.substr(0, end))));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

// The line in this version that is the one the probe was written at: that with its text, and with its neighbours where the
// text occurs more than once. The number alone means nothing in another version.
struct Line {
  unsigned number = 0;  // 0: refused
  std::string refusal;
  std::vector<std::string> candidates;
};
Line find_line(const Probe& probe, const PlacingUnit& unit) {
  const std::vector<std::string> wanted = without_semicolon(tokens_of(probe.statement));
  if (wanted.empty()) return {probe.line, {}, {}};
  const std::vector<std::vector<std::string>> lines = lines_of(text_of(unit, probe.file));
  const auto neighbour = [&](std::size_t at, int step) {
    const std::size_t none = lines.size();
    for (std::size_t i = at; (i += static_cast<std::size_t>(step)) < none;) {
      if (!lines[i].empty()) return lines[i];
    }
    return std::vector<std::string>();
  };
  const std::vector<std::string> previous = without_semicolon(tokens_of(probe.previous));
  const std::vector<std::string> next = without_semicolon(tokens_of(probe.next));
  std::vector<std::vector<std::string>> above;
  for (const std::string& line : probe.nest) above.push_back(without_semicolon(tokens_of(line)));
  std::erase_if(above, [](const std::vector<std::string>& line) { return line.empty(); });  // a comment
  const auto stands_below = [&](std::size_t at) {
    for (auto line = above.rbegin(); line != above.rend(); ++line) {
      do {
        if (at-- == 0) return false;
      } while (lines[at].empty());
      if (lines[at] != *line) return false;
    }
    return true;
  };
  std::vector<unsigned> equal, beside, below;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i] != wanted) continue;
    equal.push_back(static_cast<unsigned>(i + 1));
    if (neighbour(i, -1) != previous || neighbour(i, 1) != next) continue;
    beside.push_back(static_cast<unsigned>(i + 1));
    if (!above.empty() && stands_below(i)) below.push_back(static_cast<unsigned>(i + 1));
  }
  const std::vector<unsigned>& hits = equal.size() <= 1 ? equal : beside.size() > 1 && below.size() == 1 ? below : beside;
  if (hits.size() == 1) return {hits[0], {}, {}};
  Line out;
  if (equal.empty()) {
    out.refusal = "this version of " + probe.file + " has no line '" + one_line(probe.statement) + "'";
  } else {
    out.refusal = "the line '" + one_line(probe.statement) + "' occurs " + std::to_string(equal.size()) +
                  " times in this version, and " + (hits.empty() ? "none" : "more than one") + " stands between the same lines";
    for (const unsigned number : equal) out.candidates.push_back(probe.file + ":" + std::to_string(number) + ": " + probe.statement);
  }
  return out;
}

Choice choose_by_line(const Probe& probe, const PlacingUnit& unit) {
  if (probe.file != unit.file && !unit.headers.contains(probe.file)) return refuse(kNotInThisUnit);
  Line line = find_line(probe, unit);
  if (line.number == 0) return refuse(std::move(line.refusal), std::move(line.candidates));
  const Statement* best = nullptr;
  const Statement* following = nullptr;
  for (const Statement& s : unit.statements) {
    if (s.file != probe.file) continue;
    if (s.line == line.number && (!best || s.begin < best->begin)) best = &s;
    if (s.line > line.number && (!following || s.begin < following->begin)) following = &s;
  }
  if (!best) {
    return refuse("no statement begins on line " + std::to_string(line.number) + " of " + probe.file,
                  following ? std::vector<std::string>{show(*following)} : std::vector<std::string>{});
  }
  Choice out;
  out.statement = best;
  return out;
}

Choice choose_by_offset(const Probe& probe, const PlacingUnit& unit) {
  if (probe.file != unit.file && !unit.headers.contains(probe.file)) return refuse(kNotInThisUnit);
  for (const Statement& s : unit.statements) {
    if (s.file != probe.file || s.begin != *probe.offset) continue;
    Choice out;
    out.statement = &s;
    out.after = probe.form == "after";
    return out;
  }
  return refuse("no statement begins where the probe's was found");
}

bool adjacent(const PlacingUnit& unit, const Statement& s, bool following, const std::vector<std::string>& tokens) {
  for (const Statement& other : unit.statements) {
    if (other.block == s.block && other.place == Statement::Place::kBlock && other.file == s.file &&
        (following ? other.index == s.index + 1 : other.index + 1 == s.index)) {
      return other.tokens == tokens;
    }
  }
  return tokens.empty();
}

Choice choose_by_neighbours(const Probe& probe, const PlacingUnit& unit) {
  const std::vector<std::string> previous = without_semicolon(tokens_of(probe.previous));
  const std::vector<std::string> next = without_semicolon(tokens_of(probe.next));
  std::vector<std::string> heads;
  for (const std::string& head : probe.nest) heads.push_back(join(tokens_of(head)));
  if (previous.empty() && next.empty()) return refuse("the new statement has no neighbour in its block to place it by");
  bool function_seen = false;
  std::vector<const Statement*> after, before;
  for (const Statement& s : unit.statements) {
    if (!names_function(probe.function, s)) continue;
    function_seen = true;
    if (s.heads != heads || s.place == Statement::Place::kHead) continue;
    if (!previous.empty() && s.tokens == previous) after.push_back(&s);
    if (!next.empty() && s.tokens == next) before.push_back(&s);
  }
  if (!function_seen) return refuse(kNotInThisUnit);
  const bool use_previous = !after.empty();
  std::vector<const Statement*> hits = use_previous ? after : before;
  if (hits.empty()) {
    return refuse("in " + probe.function + " no statement '" + one_line(probe.previous.empty() ? probe.next : probe.previous) +
                  "' stands in the same loops as the new one's neighbour");
  }
  if (hits.size() > 1) {  // both neighbours together may still name one place
    const std::vector<std::string>& other = use_previous ? next : previous;
    std::vector<const Statement*> both;
    for (const Statement* s : hits) {
      if (adjacent(unit, *s, use_previous, other)) both.push_back(s);
    }
    if (both.size() == 1) hits = both;
  }
  if (hits.size() > 1) {
    return refuse("the statement beside it occurs " + std::to_string(hits.size()) + " times in those loops", show_all(hits));
  }
  Choice out;
  out.statement = hits[0];
  out.after = use_previous;
  return out;
}

std::string why_not_beside(const Statement& s, bool after) {
  if (!s.refusal.empty()) return s.refusal;
  if (s.file.starts_with("/")) return s.file + " is not in the project";
  if (s.place == Statement::Place::kHead) return "the statement is part of a loop's or condition's head";
  if (s.place == Statement::Place::kLabelled) return "would need braces that are not there, behind a label";
  if (after && s.leaves) return "never reached: the statement before it leaves";
  return {};
}

}  // namespace

bool has_neighbours(const Probe& probe, const PlacingUnit& unit) { return choose_by_neighbours(probe, unit).statement != nullptr; }

ProbeText probe_text(const Probe& probe) {
  const std::vector<std::string> tokens = tokens_of(probe.expression);
  if (tokens.empty()) return {{}, "the expression is empty"};
  std::vector<std::string> open;
  bool bare_comma = false;
  for (const std::string& t : tokens) {
    if (t.find('\n') != std::string::npos) return {{}, "the expression holds a text of several lines"};
    if (t == "#") return {{}, "the expression holds a preprocessor directive"};
    if (t == "\"" || t == "'" || t == "\\" || t == "`") return {{}, "the expression is not complete: stray " + t};
    if (opens(t)) open.push_back(t);
    if (closes(t)) {
      const std::string wanted = t == ")" ? "(" : t == "]" ? "[" : "{";
      if (open.empty() || open.back() != wanted) return {{}, "the expression's parentheses do not match"};
      open.pop_back();
    }
    if (t == ";" && open.empty()) return {{}, "not one expression: it holds a ';'"};
    // Only round parentheses protect a comma from being taken for the macro's.
    if (t == "," && std::find(open.begin(), open.end(), "(") == open.end()) bare_comma = true;
  }
  if (!open.empty()) return {{}, "the expression's parentheses do not match"};
  std::string expression = one_line(probe.expression);
  if (bare_comma) expression = "(" + expression + ")";
  return {"{ HINDSIGHT_PROBE(" + quoted(probe.id) + ", " + quoted(probe.name) + ", " + expression + "); }", {}};
}

namespace {

Placing place(const Probe& probe, const PlacingUnit& unit, Choice choice) {
  Placing out;
  out.outcome.id = probe.id;
  out.outcome.candidates = std::move(choice.candidates);
  out.outcome.refused = std::move(choice.refusal);
  if (!choice.statement) return out;
  const Statement& s = *choice.statement;
  const ProbeText text = probe_text(probe);
  if (!text.refusal.empty()) out.outcome.refused = text.refusal;
  else if (out.outcome.refused.empty()) out.outcome.refused = why_not_beside(s, choice.after);
  for (const RecordedName& known : unit.recorded) {
    if (known.name == probe.name && out.outcome.refused.empty()) {
      out.outcome.refused = "this version already records '" + probe.name + "' (" + known.file + ":" + std::to_string(known.line) + ")";
    }
  }
  if (!out.outcome.refused.empty()) {
    out.outcome.candidates = {show(s)};
    return out;
  }

  const bool wrap = s.place == Statement::Place::kUnbraced;
  if (choice.after) {
    if (wrap) out.insertions.push_back({s.begin, "{ "});
    out.insertions.push_back({s.end, " " + text.text + (wrap ? " }" : "")});
  } else {
    out.insertions.push_back({s.begin, (wrap ? "{ " : "") + text.text + " "});
    if (wrap) out.insertions.push_back({s.end, " }"});
  }
  const std::size_t at = choice.after ? s.end : s.begin;
  const std::string_view file_text = text_of(unit, s.file);
  const LineColumn where = line_column(file_text, at);
  const std::string edited = insert_into(file_text, out.insertions);
  const std::size_t found = edited.find(text.text, at);
  const std::size_t start = edited.rfind('\n', found == 0 ? 0 : found - 1);
  const std::size_t stop = edited.find('\n', found);
  out.outcome.placed.push_back(
      Placement{.file = s.file,
                .line = where.line,
                .column = where.column,
                .function = s.function,
                .nest = s.nest,
                .text = text.text,
                .excerpt = edited.substr(start == std::string::npos ? 0 : start + 1,
                                         stop == std::string::npos ? std::string::npos : stop - (start == std::string::npos ? 0 : start + 1)),
                .beside = s.begin,
                .after = choice.after,
                .changes = {}});
  return out;
}

}  // namespace

std::vector<Placing> place_probe(const Probe& probe, const PlacingUnit& unit) {
  std::vector<Placing> out;
  if (is_pattern(probe)) {
    for (const PatternPlace& each : places_of_pattern(probe, unit)) {
      if (names_function(probe.function, *each.statement)) out.push_back(place(probe, unit, {each.statement, true, each.refusal, {}}));
    }
    if (out.empty()) out.push_back(place(probe, unit, refuse(kNotInThisUnit)));
  } else {
    out.push_back(place(probe, unit, probe.offset           ? choose_by_offset(probe, unit)
                                     : probe.form == "at"   ? choose_by_line(probe, unit)
                                     : probe.form == "edit" ? choose_by_neighbours(probe, unit)
                                                            : choose_by_statement(probe, unit)));
  }
  const auto is_left_out = [&](const Placing& each) {
    return !each.insertions.empty() && std::find(probe.left_out.begin(), probe.left_out.end(), each.outcome.placed[0].file) != probe.left_out.end();
  };
  std::erase_if(out, is_left_out);
  if (out.empty()) out.push_back(place(probe, unit, refuse(kNotInThisUnit)));
  return out;
}

}  // namespace hindsight::instrument
