#include "instrument/follow.h"

#include <algorithm>
#include <map>
#include <set>

#include "instrument/likeness.h"
#include "instrument/text.h"

namespace hindsight::instrument {
namespace {

using Index = std::optional<std::size_t>;

bool is_local(const Symbol& symbol) { return symbol.kind == Symbol::Kind::kLocal || symbol.kind == Symbol::Kind::kParameter; }

std::string shown(const OutlineStatement& s) {
  std::vector<std::string> tokens;
  for (const OutlineToken& token : s.tokens) tokens.push_back(token.text);
  std::string text = join(tokens);
  if (text.size() > 120) text = text.substr(0, 117) + "...";
  return s.file + ":" + std::to_string(s.line) + ": " + text;
}

Index statement_at(const Outline& outline, const StatementAt& at) {
  for (std::size_t i = 0; i < outline.statements.size(); ++i) {
    const OutlineStatement& s = outline.statements[i];
    if (s.file == at.file && s.begin == at.offset) return i;
  }
  return std::nullopt;
}

// What a name means beside a statement: what the nearest statement in front of it that says the name means by it, or one behind it.
Index meaning(const Outline& outline, std::size_t statement, const std::string& name, bool is_member) {
  const std::size_t function = outline.statements[statement].function;
  Index before, behind, elsewhere;
  for (std::size_t i = 0; i < outline.statements.size(); ++i) {
    const OutlineStatement& s = outline.statements[i];
    for (const OutlineToken& token : s.tokens) {
      if (!token.symbol || token.text != name) continue;
      const Symbol& symbol = outline.symbols[*token.symbol];
      if (is_member && symbol.kind != Symbol::Kind::kMember && symbol.kind != Symbol::Kind::kFunction) continue;
      if (s.function != function) {
        if (!is_local(symbol) && !elsewhere) elsewhere = token.symbol;
      } else if (i <= statement) {
        before = token.symbol;
      } else if (!behind) {
        behind = token.symbol;
      }
    }
  }
  if (before) return before;
  for (const std::size_t parameter : outline.functions[function].parameters) {
    if (!is_member && outline.symbols[parameter].name == name) return parameter;
  }
  return behind ? behind : elsewhere;
}

// How the statements of a function write a symbol: `w_`, `config.lr`. Empty: they do not; more than one: of several objects.
std::set<std::vector<std::string>> spellings(const Outline& outline, std::size_t function, std::size_t symbol) {
  std::set<std::vector<std::string>> spelled;
  for (const OutlineStatement& s : outline.statements) {
    if (s.function != function) continue;
    for (std::size_t i = 0; i < s.tokens.size(); ++i) {
      if (s.tokens[i].symbol != symbol) continue;
      std::size_t first = i;
      while (first >= 2 && is_access(s.tokens[first - 1].text) && is_word(s.tokens[first - 2].text)) first -= 2;
      if (first >= 1 && is_access(s.tokens[first - 1].text)) continue;  // of something that is no plain name
      std::vector<std::string> out;
      if (s.tokens[first].text == "this") first += 2;
      for (std::size_t at = first; at <= i; ++at) out.push_back(s.tokens[at].text);
      spelled.insert(std::move(out));
    }
  }
  return spelled;
}

// A name that no statement with a counterpart says: what is declared alike in the other version, if that is not another one's counterpart.
Index by_declaration(const Outline& from, std::size_t symbol, const Outline& to, const Alignment& alignment, std::size_t function) {
  const Symbol& wanted = from.symbols[symbol];
  std::set<std::size_t> taken;
  for (const Index& each : alignment.symbols) {
    if (each) taken.insert(*each);
  }
  std::set<std::size_t> named;
  for (const OutlineStatement& s : to.statements) {
    for (const OutlineToken& token : s.tokens) {
      if (s.function == function && token.symbol) named.insert(*token.symbol);
    }
  }
  named.insert(to.functions[function].parameters.begin(), to.functions[function].parameters.end());
  Index out;
  for (std::size_t i = 0; i < to.symbols.size(); ++i) {
    const Symbol& other = to.symbols[i];
    if (other.name != wanted.name || other.kind != wanted.kind || other.type != wanted.type || taken.count(i)) continue;
    if (is_local(other) && !named.count(i)) continue;
    if (out) return std::nullopt;
    out = i;
  }
  return out;
}

class Translator {
 public:
  Translator(const Outline& from, std::size_t statement, const Outline& to, std::size_t there, const Alignment& alignment)
      : from_(from), to_(to), statement_(statement), there_statement_(there), function_(to.statements[there].function), alignment_(alignment) {}

  // Sets the expression, and whether every name of it is sure, or why there is none.
  void run(const std::string& expression, Followed& out) {
    const std::vector<std::string> tokens = tokens_of(expression);
    std::vector<std::string> written;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      // `a.b.c` is one thing, known by its last member that is the user's.
      std::size_t last = i;
      if (is_word(tokens[i])) {
        while (last + 2 < tokens.size() && is_access(tokens[last + 1]) && is_word(tokens[last + 2])) last += 2;
      }
      const bool is_qualified = i > 0 && (tokens[i - 1] == "::" || is_access(tokens[i - 1]));
      if (!is_word(tokens[i]) || is_qualified) {
        written.push_back(tokens[i]);
        continue;
      }
      const std::vector<std::string> path(tokens.begin() + static_cast<std::ptrdiff_t>(i), tokens.begin() + static_cast<std::ptrdiff_t>(last) + 1);
      const std::vector<std::string> there = translate(path, out);
      if (!out.refused.empty()) return;
      written.insert(written.end(), there.begin(), there.end());
      i = last;
    }
    out.expression = out.renamed.empty() ? expression : join(written);
    out.is_sure = is_sure_;
  }

 private:
  std::vector<std::string> translate(const std::vector<std::string>& path, Followed& out) {
    // From the longest part that is known.
    for (std::size_t size = path.size(); size > 0; size -= std::min<std::size_t>(size, 2)) {
      const std::string& name = path[size - 1];
      const Index symbol = meaning(from_, statement_, name, size > 1);
      if (!symbol) {
        if (size == 1) return path;  // of a library, or nobody's
        continue;
      }
      Index there = alignment_.symbols[*symbol];
      is_sure_ = is_sure_ && there && alignment_.sure_symbols.count(*symbol) != 0;
      if (!there) there = by_declaration(from_, *symbol, to_, alignment_, function_);
      if (!there) {
        out.refused = "'" + name + "' has no counterpart there";
        return {};
      }
      std::vector<std::string> is = write(*symbol, *there, {path.begin(), path.begin() + static_cast<std::ptrdiff_t>(size)}, out);
      if (!out.refused.empty()) return {};
      // What is written has to mean that there, and not something that hides it.
      const Index means = is.size() == 1 ? meaning(to_, there_statement_, is[0], false) : there;
      if (means && means != there) {
        out.refused = "'" + is[0] + "' means something else there than its counterpart";
        return {};
      }
      is_sure_ = is_sure_ && means;
      const std::string was = join({path.begin(), path.begin() + static_cast<std::ptrdiff_t>(size)}), now = join(is);
      if (was != now && std::find(out.renamed.begin(), out.renamed.end(), std::pair(was, now)) == out.renamed.end()) out.renamed.emplace_back(was, now);
      is.insert(is.end(), path.begin() + static_cast<std::ptrdiff_t>(size), path.end());
      return is;
    }
    return path;
  }

  std::vector<std::string> write(std::size_t symbol, std::size_t there, std::vector<std::string> path, Followed& out) {
    const Symbol &is = from_.symbols[symbol], &becomes = to_.symbols[there];
    if (becomes.kind != Symbol::Kind::kMember) {
      if (path.size() > 1 && is.kind == Symbol::Kind::kFunction) {  // a method of what stands before it
        std::vector<std::string> base(path.begin(), path.end() - 2), whole = translate(base, out);
        whole.insert(whole.end(), {path[path.size() - 2], becomes.name});
        return whole;
      }
      return {becomes.name};
    }
    if (path.size() > 1 && is.kind == Symbol::Kind::kMember && path[0] != "this") {
      // The member of another object than statements there may name: its own object, followed.
      std::vector<std::string> base(path.begin(), path.end() - 2), whole = translate(base, out);
      whole.insert(whole.end(), {path[path.size() - 2], becomes.name});
      return whole;
    }
    const std::set<std::vector<std::string>> spelled = spellings(to_, function_, there);
    if (spelled.size() == 1) return *spelled.begin();
    if (spelled.size() > 1 && is.kind != Symbol::Kind::kMember) {
      out.refused = "'" + is.name + "' is the member '" + becomes.name + "' of " + becomes.owner + " there, and of which object is not clear";
      return {};
    }
    if (is.kind == Symbol::Kind::kMember) {
      path.back() = becomes.name;
      return path;
    }
    out.refused = "'" + is.name + "' is the member '" + becomes.name + "' of " + becomes.owner + " there, and of which object is not known";
    return {};
  }

  const Outline &from_, &to_;
  const std::size_t statement_, there_statement_, function_;  // of `from`; the others of `to`
  const Alignment& alignment_;
  bool is_sure_ = true;
};

}  // namespace

Followed follow(const PlacedProbe& probe, const Outline& from, const Outline& to, const Alignment& alignment) {
  Followed out;
  out.id = probe.id;
  const Index statement = statement_at(from, probe.at);
  if (!statement) {
    out.refused = "the statement at " + probe.at.file + " is not known, so it cannot be followed";
    return out;
  }
  const Counterpart& counterpart = alignment.statements[*statement];
  out.likeness = counterpart.likeness;
  out.margin = counterpart.margin;
  if (!counterpart.statement) {
    out.refused = "`" + shown(from.statements[*statement]) + "`: " + counterpart.refused;
    for (const std::size_t each : counterpart.candidates) out.candidates.push_back(shown(to.statements[each]));
    return out;
  }
  const OutlineStatement& there = to.statements[*counterpart.statement];
  out.at = {there.file, there.begin};
  out.line = there.line;
  out.function = to.functions[there.function].name;
  Translator(from, *statement, to, *counterpart.statement, alignment).run(probe.expression, out);
  out.is_sure = out.is_sure && counterpart.is_sure && out.refused.empty();
  if (!out.refused.empty()) out.candidates = {shown(there)};
  return out;
}

}  // namespace hindsight::instrument
