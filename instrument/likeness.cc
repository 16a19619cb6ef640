#include "instrument/likeness.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace hindsight::instrument {

namespace {

double weight_of(const Bag& bag) {
  double out = 0;
  for (const auto& [piece, weight] : bag) out += weight;
  return out;
}

// Says how a thing is declared and not what is done.
bool is_plumbing(std::string_view token) {
  static constexpr std::array<std::string_view, 34> kWords = {"std", "const", "auto", "this", "static", "inline", "constexpr", "int", "unsigned", "long", "short", "char", "float", "double", "bool", "void", "size_t", "uint32_t", "uint64_t",
                                                   "int32_t", "int64_t", "vector", "array", "static_cast", "typename", "template", "struct", "class", "string", "for", "while", "do", "if", "switch"};
  return std::find(kWords.begin(), kWords.end(), token) != kWords.end();
}

// `valLoss2` and `val_loss_2`: val, loss, 2.
std::vector<std::string> words_of(const std::string& name) {
  std::vector<std::string> out;
  char last = '_';
  for (const char c : name.starts_with("m_") ? name.substr(2) : name) {
    const auto is = [](int (*what)(int), char of) { return what(static_cast<unsigned char>(of)) != 0; };
    const bool begins = c != '_' && (last == '_' || is(std::isdigit, c) != is(std::isdigit, last) || (is(std::isupper, c) && !is(std::isupper, last)));
    if (begins) out.emplace_back();
    if (c != '_') out.back() += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    last = c;
  }
  return out;
}
bool is_subsequence(const std::string& part, const std::string& whole) {
  std::size_t at = 0;
  for (const char c : whole) at += at < part.size() && part[at] == c;
  return at == part.size();
}

Bag merged(std::vector<std::pair<int, double>> pieces) {
  std::sort(pieces.begin(), pieces.end());
  Bag out;
  for (const auto& piece : pieces) {
    if (!out.empty() && out.back().first == piece.first) out.back().second += piece.second;
    else out.push_back(piece);
  }
  return out;
}

}  // namespace

double likeness_of(const Bag& a, const Bag& b) {
  const double all = weight_of(a) + weight_of(b);
  if (all == 0) return 1;
  double common = 0;
  for (auto x = a.begin(), y = b.begin(); x != a.end() && y != b.end();) {
    if (x->first == y->first) common += std::min(x->second, y->second);
    if (x->first <= y->first) {
      const bool both = x->first == y->first;
      ++x;
      if (both) ++y;
    } else {
      ++y;
    }
  }
  return 2 * common / all;
}

bool is_word(std::string_view token) { return !token.empty() && (std::isalpha(static_cast<unsigned char>(token[0])) || token[0] == '_'); }
bool is_number(std::string_view token) { return !token.empty() && (std::isdigit(static_cast<unsigned char>(token[0])) || (token[0] == '.' && token.size() > 1 && token != "...")); }

double weight_of(const OutlineToken& token) {
  const std::string_view text = token.text;
  if (text.empty()) return 0;
  if (token.symbol) return 1.5;
  if (is_plumbing(text)) return 0.25;
  if (is_word(text)) return 1.2;
  if (is_number(text)) return 0.5;
  if (text[0] == '"' || text[0] == '\'') return 1;
  static constexpr std::array<std::string_view, 14> kPunctuation = {"(", ")", "[", "]", ",", ".", "->", "::", "&", ":", "?", "<", ">", "\\"};
  return std::find(kPunctuation.begin(), kPunctuation.end(), text) != kPunctuation.end() ? 0.1 : 0.6;
}

std::string stem_of(const std::string& name) {
  std::string out;
  for (const char c : name.starts_with("m_") ? name.substr(2) : name) {
    if (c != '_') out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return out;
}

double kinship(const std::string& one, const std::string& other) {
  const std::string a = stem_of(one), b = stem_of(other);
  if (a == b) return 1;
  const std::string &shorter = a.size() < b.size() ? a : b, &longer = a.size() < b.size() ? b : a;
  if (shorter.empty()) return 0;
  double out = 0;
  if (shorter[0] == longer[0] && is_subsequence(shorter, longer)) out = shorter.size() == 1 ? 0.3 : longer.starts_with(shorter) ? 0.7 : 0.5;
  const std::vector<std::string> x = words_of(one), y = words_of(other);
  std::size_t common = 0;
  for (const std::string& word : x) common += std::find(y.begin(), y.end(), word) != y.end();
  return std::max(out, 1.6 * static_cast<double>(common) / static_cast<double>(x.size() + y.size()));
}

Side::Side(const Outline& from)
    : outline(from), children(from.statements.size()), before(from.statements.size()), behind(from.statements.size()), in(from.functions.size()) {
  std::map<std::pair<std::size_t, std::size_t>, std::size_t> last;  // by function and what is around, from 1
  for (std::size_t i = 0; i < from.statements.size(); ++i) {
    const OutlineStatement& s = from.statements[i];
    in[s.function].push_back(i);
    if (s.around) children[*s.around].push_back(i);
    const auto [at, is_first] = last.try_emplace({s.function, s.around ? *s.around + 1 : 0}, i);
    if (!is_first) {
      before[i] = at->second;
      behind[at->second] = i;
      at->second = i;
    }
  }
}

bool is_access(std::string_view token) { return token == "." || token == "->"; }

Written written_by(const OutlineStatement& s) {
  std::optional<std::size_t> first;
  int depth = 0;
  for (std::size_t i = 0; i < s.tokens.size(); ++i) {
    const OutlineToken& token = s.tokens[i];
    const bool is_of_first = first && i >= 2 && s.tokens[i - 2].symbol == first && is_access(s.tokens[i - 1].text);
    if (token.symbol && (!first || is_of_first)) first = token.symbol;  // of `a.b`, b
    if (s.kind == Statement::Kind::kDeclaration && first) return {first};
    if (token.text == "(" || token.text == "[") ++depth;
    if (token.text == ")" || token.text == "]") --depth;
    const bool assigns = token.text.ends_with("=") && token.text != "==" && token.text != "!=" && token.text != "<=" && token.text != ">=";
    if (depth == 0 && s.kind == Statement::Kind::kExpression && (assigns || token.text == "++" || token.text == "--")) return {first, token.text == "="};
  }
  return {};
}

Said read_words(const Side& side, Words& words, const std::function<std::string(std::size_t)>& name) {
  Said out;
  for (const OutlineStatement& s : side.outline.statements) {
    std::vector<std::pair<int, double>> with_names, with_types;
    for (std::size_t i = 0; i < s.tokens.size(); ++i) {
      const OutlineToken& token = s.tokens[i];
      // Whose member something is changes more easily than what it is.
      const bool is_owner = i + 2 < s.tokens.size() && is_access(s.tokens[i + 1].text) && s.tokens[i + 2].symbol && side.outline.symbols[*s.tokens[i + 2].symbol].kind == Symbol::Kind::kMember;
      const double weight = is_owner ? std::min(0.5, weight_of(token)) : weight_of(token);
      const Symbol* symbol = token.symbol ? &side.outline.symbols[*token.symbol] : nullptr;
      with_names.emplace_back(words.number(symbol ? name(*token.symbol) : token.text), weight);
      const std::string anonymous = symbol && symbol->kind == Symbol::Kind::kFunction ? "f " + symbol->type : symbol ? "v " + symbol->type : is_number(token.text) ? "0" : token.text;
      with_types.emplace_back(words.number("~" + anonymous), weight);
    }
    out.words.push_back(merged(std::move(with_names)));
    out.shape.push_back(merged(std::move(with_types)));
    out.weight.push_back(weight_of(out.words.back()));
    const Written target = written_by(s);
    out.written.push_back(target.symbol ? words.number(name(*target.symbol)) : -1);
    out.anew.push_back(target.anew);
  }
  out.all = out.words;
  for (std::size_t i = side.size(); i-- > 0;) {  // parts come behind what they are parts of
    std::vector<std::pair<int, double>> pieces = out.all[i];
    for (const std::size_t part : side.children[i]) pieces.insert(pieces.end(), out.all[part].begin(), out.all[part].end());
    out.all[i] = merged(std::move(pieces));
  }
  return out;
}

double likeness_of_kinds(Statement::Kind a, Statement::Kind b) {
  using Kind = Statement::Kind;
  if (a == b) return 1;
  const auto is = [&](Kind one, Kind other) { return (a == one && b == other) || (a == other && b == one); };
  if (is(Kind::kExpression, Kind::kDeclaration)) return 0.95;
  if (is(Kind::kExpression, Kind::kReturn) || is(Kind::kDeclaration, Kind::kReturn)) return 0.8;
  if (is(Kind::kExpression, Kind::kChoice) || is(Kind::kExpression, Kind::kOther) || is(Kind::kChoice, Kind::kOther)) return 0.6;
  return 0;
}

}  // namespace hindsight::instrument
