#include "instrument/outline.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include <llvm/Support/JSON.h>
#include <llvm/Support/raw_ostream.h>

namespace hindsight::instrument {
namespace {

// Functions of one file that begin at one place are the same function, read in several units.
using Place = std::tuple<std::string, std::string, std::size_t>;

std::vector<Place> places_of(const Outline& unit) {
  std::vector<Place> out;
  for (const OutlineFunction& f : unit.functions) out.emplace_back(f.file, f.name, ~std::size_t{0});
  for (const OutlineStatement& s : unit.statements) {
    std::size_t& first = std::get<2>(out[s.function]);
    first = std::min(first, s.begin);
  }
  return out;
}

using llvm::json::Array;
using llvm::json::Object;

std::int64_t number_of(std::size_t value) { return static_cast<std::int64_t>(value); }
std::int64_t number_of(const std::optional<std::size_t>& value) { return value ? number_of(*value) : -1; }
std::string text_of(const std::string& text) { return llvm::json::fixUTF8(text); }

// The elements of an array that are read from the front; past its end, or where something else stands, all is wrong.
class Reading {
 public:
  explicit Reading(const llvm::json::Value& value) : array_(value.getAsArray()), fails_(!array_) {}
  explicit Reading(const Array* array) : array_(array), fails_(!array_) {}

  bool more() const { return !fails_ && at_ < array_->size(); }
  const llvm::json::Value& next() {
    static const llvm::json::Value nothing = nullptr;
    if (!more()) fails_ = true;
    return fails_ ? nothing : (*array_)[at_++];
  }
  std::string text() {
    const auto value = next().getAsString();
    fails_ = fails_ || !value;
    return value ? value->str() : std::string();
  }
  // Below `end`; with `or_none` -1 stands for none.
  std::optional<std::size_t> number(std::size_t end, bool or_none = false) {
    const auto value = next().getAsInteger();
    if (!value || *value < (or_none ? -1 : 0) || *value >= number_of(end)) fails_ = true;
    return fails_ || *value < 0 ? std::nullopt : std::optional(static_cast<std::size_t>(*value));
  }
  void fail() { fails_ = true; }
  bool fails() const { return fails_; }

 private:
  const Array* array_;
  std::size_t at_ = 0;
  bool fails_ = false;
};

constexpr std::size_t kAny = std::size_t{1} << 40;

}  // namespace

std::string to_json(const Outline& outline) {
  Array symbols, functions, statements;
  for (const Symbol& s : outline.symbols) symbols.push_back(Array{static_cast<int>(s.kind), text_of(s.name), text_of(s.type), text_of(s.owner)});
  for (const OutlineFunction& f : outline.functions) {
    Array parameters;
    for (const std::size_t each : f.parameters) parameters.push_back(number_of(each));
    functions.push_back(Array{text_of(f.name), text_of(f.file), std::move(parameters)});
  }
  for (const OutlineStatement& s : outline.statements) {
    Array tokens;
    for (const OutlineToken& token : s.tokens) {
      tokens.push_back(text_of(token.text));
      tokens.push_back(number_of(token.symbol));
    }
    statements.push_back(Array{static_cast<int>(s.kind), text_of(s.file), number_of(s.begin), number_of(s.end), s.line, number_of(s.function), number_of(s.around), std::move(tokens)});
  }
  std::string out;
  llvm::raw_string_ostream(out) << llvm::json::Value(Object{{"symbols", std::move(symbols)}, {"functions", std::move(functions)}, {"statements", std::move(statements)}});
  return out;
}

namespace {

std::optional<Outline> read(const llvm::json::Value& json) {
  const Object* all = json.getAsObject();
  if (!all) return std::nullopt;
  Outline out;
  bool fails = false;
  Reading symbols(all->getArray("symbols")), functions(all->getArray("functions")), statements(all->getArray("statements"));
  while (symbols.more()) {
    Reading each(symbols.next());
    Symbol symbol;
    symbol.kind = static_cast<Symbol::Kind>(each.number(static_cast<std::size_t>(Symbol::Kind::kFunction) + 1).value_or(0));
    symbol.name = each.text();
    symbol.type = each.text();
    symbol.owner = each.text();
    out.symbols.push_back(std::move(symbol));
    fails = fails || each.fails();
  }
  while (functions.more()) {
    Reading each(functions.next());
    OutlineFunction function;
    function.name = each.text();
    function.file = each.text();
    Reading parameters(each.next());
    while (parameters.more()) function.parameters.push_back(parameters.number(out.symbols.size()).value_or(0));
    out.functions.push_back(std::move(function));
    fails = fails || each.fails() || parameters.fails();
  }
  while (statements.more()) {
    Reading each(statements.next());
    OutlineStatement s;
    s.kind = static_cast<Statement::Kind>(each.number(static_cast<std::size_t>(Statement::Kind::kOther) + 1).value_or(0));
    s.file = each.text();
    s.begin = each.number(kAny).value_or(0);
    s.end = each.number(kAny).value_or(0);
    s.line = static_cast<unsigned>(each.number(std::size_t{1} << 32).value_or(0));
    s.function = each.number(out.functions.size()).value_or(0);
    s.around = each.number(out.statements.size(), true);  // it stands before its parts
    Reading tokens(each.next());
    while (tokens.more()) {
      std::string text = tokens.text();
      s.tokens.push_back({std::move(text), tokens.number(out.symbols.size(), true)});
    }
    out.statements.push_back(std::move(s));
    fails = fails || each.fails() || tokens.fails();
  }
  if (fails || symbols.fails() || functions.fails() || statements.fails()) return std::nullopt;
  return out;
}

}  // namespace

std::optional<Outline> parse_outline(std::string_view json) {
  llvm::Expected<llvm::json::Value> parsed = llvm::json::parse(json);
  if (parsed) return read(*parsed);
  llvm::consumeError(parsed.takeError());
  return std::nullopt;
}

std::optional<std::vector<Outline>> parse_outlines(std::string_view json) {
  llvm::Expected<llvm::json::Value> parsed = llvm::json::parse(json);
  if (!parsed) {
    llvm::consumeError(parsed.takeError());
    return std::nullopt;
  }
  const Array* all = parsed->getAsArray();
  if (!all) return std::nullopt;
  std::vector<Outline> out;
  for (const llvm::json::Value& each : *all) {
    std::optional<Outline> unit = read(each);
    if (!unit) return std::nullopt;
    out.push_back(std::move(*unit));
  }
  return out;
}

Outline joined(const std::vector<Outline>& units) {
  Outline out;
  std::set<Place> seen;
  std::map<Symbol, std::size_t> shared;  // what units name in common
  for (const Outline& unit : units) {
    std::vector<std::size_t> symbols;
    for (const Symbol& symbol : unit.symbols) {
      const bool is_local = symbol.kind == Symbol::Kind::kLocal || symbol.kind == Symbol::Kind::kParameter;
      const auto [known, is_new] = is_local ? std::pair(shared.end(), true) : shared.try_emplace(symbol, out.symbols.size());
      symbols.push_back(is_new ? out.symbols.size() : known->second);
      if (is_new) out.symbols.push_back(symbol);
    }
    const std::vector<Place> places = places_of(unit);
    std::vector<std::optional<std::size_t>> functions;
    for (std::size_t i = 0; i < unit.functions.size(); ++i) {
      if (!seen.insert(places[i]).second) {
        functions.emplace_back();
        continue;
      }
      functions.emplace_back(out.functions.size());
      OutlineFunction f = unit.functions[i];
      for (std::size_t& parameter : f.parameters) parameter = symbols[parameter];
      out.functions.push_back(std::move(f));
    }
    std::vector<std::size_t> numbers;
    for (const OutlineStatement& s : unit.statements) {
      numbers.push_back(out.statements.size());
      if (!functions[s.function]) continue;
      OutlineStatement made = s;
      made.function = *functions[s.function];
      if (made.around) made.around = numbers[*made.around];
      for (OutlineToken& token : made.tokens) {
        if (token.symbol) token.symbol = symbols[*token.symbol];
      }
      out.statements.push_back(std::move(made));
    }
  }
  return out;
}

}  // namespace hindsight::instrument
