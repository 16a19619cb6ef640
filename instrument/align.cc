#include "instrument/align.h"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <utility>

#include "instrument/likeness.h"
#include "instrument/statement_match.h"
#include "instrument/tree_match.h"

namespace hindsight::instrument {
namespace {

using Index = std::optional<std::size_t>;
using Pair = std::pair<std::size_t, std::size_t>;

constexpr double kSure = 0.8;          // as alike as what the trees find, too, has to be for no doubt to be left
constexpr double kSureIfClear = 0.6;   // the same where nothing else comes near,
constexpr double kClearMargin = 0.4;   // by this margin

// ---- what did not change ----

// All that a function says. Two of one name that say the same are the same, if there is no third.
std::map<std::string, std::vector<std::size_t>> by_text(const Outline& outline) {
  std::vector<std::string> texts;
  for (const OutlineFunction& f : outline.functions) texts.push_back(f.name);
  for (const OutlineStatement& s : outline.statements) {
    texts[s.function] += '\n' + std::to_string(static_cast<int>(s.kind));
    for (const OutlineToken& token : s.tokens) texts[s.function] += ' ' + token.text;
  }
  std::map<std::string, std::vector<std::size_t>> out;
  for (std::size_t i = 0; i < texts.size(); ++i) out[texts[i]].push_back(i);
  return out;
}

// The statements of some functions of an outline.
struct Part {
  Outline outline;
  std::vector<std::size_t> number;  // of a statement in the whole
};
Part without(const Outline& whole, const std::set<std::size_t>& functions) {
  Part out{{whole.symbols, whole.functions, {}}, {}};
  std::vector<std::size_t> part_number(whole.statements.size(), 0);
  for (std::size_t i = 0; i < whole.statements.size(); ++i) {
    if (functions.count(whole.statements[i].function)) continue;
    part_number[i] = out.number.size();
    out.number.push_back(i);
    OutlineStatement s = whole.statements[i];
    if (s.around) s.around = part_number[*s.around];  // of the same function
    out.outline.statements.push_back(std::move(s));
  }
  return out;
}

// Of two texts that are the same, everything is.
class Unchanged {
 public:
  Unchanged(const Outline& from, const Outline& to) {
    const auto there = by_text(to);
    std::map<std::size_t, std::vector<std::size_t>> in_from = statements_of(from), in_to = statements_of(to);
    for (const auto& [text, functions] : by_text(from)) {
      const auto found = there.find(text);
      if (found == there.end() || functions.size() != 1 || found->second.size() != 1) continue;
      const std::size_t f = functions[0], g = found->second[0];
      from_functions.insert(f);
      to_functions.insert(g);
      for (std::size_t i = 0; i < in_from[f].size(); ++i) add(from, in_from[f][i], to, in_to[g][i]);
    }
  }

  std::set<std::size_t> from_functions, to_functions;
  std::vector<Pair> statements, symbols;

 private:
  static std::map<std::size_t, std::vector<std::size_t>> statements_of(const Outline& outline) {
    std::map<std::size_t, std::vector<std::size_t>> out;
    for (std::size_t i = 0; i < outline.statements.size(); ++i) out[outline.statements[i].function].push_back(i);
    return out;
  }
  void add(const Outline& from, std::size_t a, const Outline& to, std::size_t b) {
    statements.emplace_back(a, b);
    const std::vector<OutlineToken> &x = from.statements[a].tokens, &y = to.statements[b].tokens;
    for (std::size_t i = 0; i < x.size(); ++i) {
      if (x[i].symbol && y[i].symbol) symbols.emplace_back(*x[i].symbol, *y[i].symbol);
    }
  }
};

// Comparing takes time and memory with the product of their numbers.
constexpr std::size_t kMostPairs = 1500 * 1500;

Index loop_around(const Outline& outline, std::size_t s) {
  Index at = outline.statements[s].around;
  while (at && outline.statements[*at].kind != Statement::Kind::kLoop) at = outline.statements[*at].around;
  return at;
}

// By all means that there are.
Alignment align_changed(const Outline& from, const Outline& to, const std::vector<Pair>& same) {
  // Without any name first: where that is sure of something else, names mislead.
  const Alignment nameless = match_statements(from, to, Names::kIgnored, same, {});
  Alignment out = match_statements(from, to, Names::kFollowed, same, nameless.symbols);
  const std::vector<Index> trees = match_trees(from, to);
  for (std::size_t a = 0; a < out.statements.size(); ++a) {
    Counterpart& found = out.statements[a];
    if (!found.statement) continue;
    const Index other = nameless.statements[a].statement;
    if (other && other != found.statement) {
      found.candidates = {*found.statement, *other};
      found.refused = "by its names it is another one than by all else";
      found.statement.reset();
    } else if (trees[a] && trees[a] != found.statement) {
      found.candidates = {*found.statement, *trees[a]};
      found.refused = "by what it is made of it is another one than by what is around it";
      found.statement.reset();
    } else {
      const bool has_head = is_head(from.statements[a].kind);
      found.is_sure = trees[a].has_value() && (found.likeness >= kSure || (!has_head && found.likeness >= kSureIfClear && found.margin >= kClearMargin));
    }
  }
  return out;
}

bool is_number(const Symbol& symbol) {
  static constexpr std::array<std::string_view, 9> kNumbers = {"bool", "char", "short", "int", "unsigned int", "long", "unsigned long", "float", "double"};
  return std::find(kNumbers.begin(), kNumbers.end(), symbol.type) != kNumbers.end();
}

// Its type is a template's argument.
bool is_of_template(const Symbol& symbol) { return symbol.type.find("type-parameter-") != std::string::npos || symbol.type == "<dependent type>"; }

// The symbols that a statement names, in order; without those that only say whose member another one is.
std::vector<std::size_t> named_by(const OutlineStatement& s, bool with_owners) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < s.tokens.size(); ++i) {
    const bool is_owner = i + 2 < s.tokens.size() && is_access(s.tokens[i + 1].text) && s.tokens[i + 2].symbol;
    if (s.tokens[i].symbol && (with_owners || !is_owner)) out.push_back(*s.tokens[i].symbol);
  }
  return out;
}

// Nothing is sure whose loop is not its counterpart's loop.
void doubt_other_loops(const Outline& from, const Outline& to, Alignment& alignment) {
  for (std::size_t a = 0; a < from.statements.size(); ++a) {
    Counterpart& found = alignment.statements[a];
    if (!found.is_sure) continue;
    const Index x = loop_around(from, a), y = loop_around(to, *found.statement);
    if (x && y && alignment.statements[*x].statement != y) found.is_sure = false;
  }
}

// What a name becomes has to be said by the counterpart of a statement that says it, at the same place among its names, or be called the same; where the
// counterpart of a sure statement says something else there, nobody knows. A number stays one.
void judge_symbols(const Outline& from, const Outline& to, Alignment& alignment) {
  struct Support {
    bool by_any = false, is_doubted = false, is_contradicted = false;
    std::set<std::size_t> by_sure = {};  // statements
  };
  std::vector<Support> support(from.symbols.size());
  for (std::size_t a = 0; a < from.statements.size(); ++a) {
    const Counterpart& found = alignment.statements[a];
    if (!found.statement) continue;
    for (const bool with_owners : {true, false}) {
      const std::vector<std::size_t> here = named_by(from.statements[a], with_owners), there = named_by(to.statements[*found.statement], with_owners);
      if (here.size() != there.size()) continue;
      for (std::size_t i = 0; i < here.size(); ++i) {
        if (!alignment.symbols[here[i]]) continue;
        Support& own = support[here[i]];
        const bool agrees = alignment.symbols[here[i]] == there[i];
        own.by_any = own.by_any || agrees;
        own.is_doubted = own.is_doubted || !agrees;
        own.is_contradicted = own.is_contradicted || (!agrees && found.is_sure);
        if (agrees && found.is_sure) own.by_sure.insert(a);
      }
      break;
    }
  }
  for (std::size_t x = 0; x < support.size(); ++x) {
    Index& y = alignment.symbols[x];
    if (!y) continue;
    const Symbol &one = from.symbols[x], &other = to.symbols[*y];
    const bool is_namesake = stem_of(one.name) == stem_of(other.name);
    const bool is_kept_kind = is_number(one) == is_number(other) || is_of_template(one) || is_of_template(other);
    if (!is_kept_kind || support[x].is_contradicted || (!support[x].by_any && !is_namesake)) y.reset();
    else if (support[x].by_sure.size() >= (is_namesake ? 1U : 2U) && !support[x].is_doubted) alignment.sure_symbols.insert(x);
  }
}

}  // namespace

Alignment align(const Outline& from, const Outline& to) {
  const Unchanged unchanged(from, to);
  const Part a = without(from, unchanged.from_functions), b = without(to, unchanged.to_functions);
  Alignment out;
  out.statements.resize(from.statements.size());
  if (a.number.size() * b.number.size() <= kMostPairs) {
    Alignment changed = align_changed(a.outline, b.outline, unchanged.symbols);
    for (std::size_t i = 0; i < a.number.size(); ++i) {
      Counterpart& found = changed.statements[i];
      if (found.statement) found.statement = b.number[*found.statement];
      for (std::size_t& each : found.candidates) each = b.number[each];
      out.statements[a.number[i]] = std::move(found);
    }
    out.symbols = std::move(changed.symbols);
  } else {
    for (const std::size_t i : a.number) out.statements[i].refused = "too much has changed to compare it: " + std::to_string(a.number.size()) + " statements with " + std::to_string(b.number.size());
    out.symbols.resize(from.symbols.size());
    for (const auto& [x, y] : unchanged.symbols) out.symbols[x] = y;
  }
  for (const auto& [i, j] : unchanged.statements) out.statements[i] = {.statement = j, .likeness = 1, .margin = 1, .is_sure = true};
  doubt_other_loops(from, to, out);
  judge_symbols(from, to, out);
  return out;
}

}  // namespace hindsight::instrument
