#include "instrument/statement_match.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "instrument/likeness.h"

namespace hindsight::instrument {
namespace {

using Index = std::optional<std::size_t>;

constexpr int kRounds = 4;
constexpr double kAlike = 0.4;      // below, two statements have nothing to do with each other
constexpr double kLeftAlike = 0.5;  // the same of those that are left when like functions were aligned
constexpr double kInGap = 0.25;     // the same of those that stand alone between counterparts
constexpr double kCrossed = 0.35;  // by how much two names have to fit better the other way round to be doubted
constexpr double kNamesake = 0.8;  // what a vote for two of one name weighs more
constexpr double kTwinsSure = 0.8;  // what is around has to agree so far where the same is said more often in one version than in the other

using Kind = Statement::Kind;
using Pair = std::pair<std::size_t, std::size_t>;

class Matcher {
 public:
  Matcher(const Outline& from, const Outline& to, Names names, const std::vector<Pair>& same, const std::vector<Index>& nameless)
      : names_(names), same_(same), other_symbols_(nameless), from_(from), to_(to), match_(from_.size()), back_(to_.size()), symbols_(from.symbols.size()), symbols_back_(to.symbols.size()) {}

  Alignment run() {
    if (names_ == Names::kFollowed) set_same();
    for (int round = 0; round < kRounds; ++round) {
      compare();
      assign_blocks();
      in_gap_.clear();
      const std::vector<Index> known = match_, known_back = back_;
      match_.assign(from_.size(), {});
      back_.assign(to_.size(), {});
      for (const auto& [a, b] : like_functions()) align_sequences(from_.in[a], to_.in[b], known, known_back, kAlike, round == 0 ? 0 : 0.15);
      align_what_is_left(known, known_back);
      fill_gaps();
      if (names_ == Names::kFollowed) vote();
    }
    compare();
    Alignment out;
    doubt_crossed_names();
    for (std::size_t a = 0; a < from_.size(); ++a) out.statements.push_back(judge(a));
    // What could be another is as clear as what is around and beside it.
    for (bool changed = true; changed;) {
      changed = false;
      for (std::size_t a = 0; a < from_.size(); ++a) {
        Counterpart& found = out.statements[a];
        if (!found.statement || !could_be_another(a, *found.statement)) continue;
        Index around = from_.statement(a).around;
        while (around && !(match_[*around] && is_block(from_, *around))) around = from_.statement(*around).around;
        const auto is_unclear = [&](Index s) { return s && match_[*s] && !out.statements[*s].statement; };
        if (!are_in_other_blocks(a, *found.statement) && !is_unclear(around) && !is_unclear(from_.before[a]) && !is_unclear(from_.behind[a])) continue;
        refuse(found, "what is around it has no clear counterpart");
        changed = true;
      }
    }
    // What is said without names says something about names, too.
    if (names_ == Names::kIgnored) {
      for (std::size_t a = 0; a < from_.size(); ++a) {
        if (!out.statements[a].statement) match_[a].reset();
      }
      vote();
    }
    out.symbols = symbols_;
    for (const std::size_t each : doubtful_) out.symbols[each].reset();
    return out;
  }

 private:
  // ---- likeness ----

  void compare() {
    Words words;
    const auto own = [&](const Symbol& symbol) { return names_ == Names::kIgnored ? "~" + symbol.type : "@" + stem_of(symbol.name); };
    if (plain_.empty()) {
      said_from_ = read_words(from_, words, [&](std::size_t s) { return own(from_.outline.symbols[s]); });
      said_to_ = read_words(to_, words, [&](std::size_t s) { return own(to_.outline.symbols[s]); });
      plain_ = all_likenesses();
      if (names_ == Names::kFollowed) {
        said_from_ = read_words(from_, words, [&](std::size_t s) { return "~" + from_.outline.symbols[s].type; });
        said_to_ = read_words(to_, words, [&](std::size_t s) { return "~" + to_.outline.symbols[s].type; });
        nameless_ = all_likenesses();
      } else {
        nameless_ = plain_;
      }
    }
    said_from_ = read_words(from_, words, [&](std::size_t s) { return symbols_[s] ? "#" + std::to_string(*symbols_[s]) : own(from_.outline.symbols[s]); });
    said_to_ = read_words(to_, words, [&](std::size_t s) { return symbols_back_[s] ? "#" + std::to_string(s) : own(to_.outline.symbols[s]); });
    likeness_.assign(from_.size() * to_.size(), -1);
  }
  double likeness(std::size_t a, std::size_t b) {
    float& known = likeness_[a * to_.size() + b];
    if (known < 0) known = static_cast<float>(find_likeness(a, b));
    return known;
  }
  std::vector<float> all_likenesses() const {
    std::vector<float> out;
    for (std::size_t a = 0; a < from_.size(); ++a) {
      for (std::size_t b = 0; b < to_.size(); ++b) out.push_back(static_cast<float>(find_likeness(a, b)));
    }
    return out;
  }
  double nameless(std::size_t a, std::size_t b) const { return nameless_[a * to_.size() + b]; }
  double plainly(std::size_t a, std::size_t b) const { return plain_[a * to_.size() + b]; }
  double find_likeness(std::size_t a, std::size_t b) const {
    const double kinds = likeness_of_kinds(from_.statement(a).kind, to_.statement(b).kind);
    if (kinds == 0) return 0;
    double own = 0.6 * likeness_of(said_from_.words[a], said_to_.words[b]) + 0.4 * likeness_of(said_from_.shape[a], said_to_.shape[b]);
    const int x = said_from_.written[a], y = said_to_.written[b];
    if (x >= 0 && y >= 0) own = x != y ? 0.92 * own : said_from_.anew[a] == said_to_.anew[b] ? own + 0.2 * (1 - own) : 0.9 * own;
    if (from_.children[a].empty() && to_.children[b].empty()) return kinds * own;
    const double all = likeness_of(said_from_.all[a], said_to_.all[b]);
    return kinds * (0.5 * own + 0.5 * all);
  }

  // ---- functions ----

  std::vector<Pair> like_functions() {
    struct Candidate {
      double score;
      std::size_t a, b;
    };
    std::vector<Candidate> candidates;
    for (std::size_t a = 0; a < from_.in.size(); ++a) {
      for (std::size_t b = 0; b < to_.in.size(); ++b) {
        if (from_.in[a].empty() || to_.in[b].empty()) continue;
        const double score = likeness_of_functions(a, b);
        if (score > 0.55) candidates.push_back({score, a, b});
      }
    }
    std::stable_sort(candidates.begin(), candidates.end(), [](const Candidate& x, const Candidate& y) { return x.score > y.score; });
    std::vector<Pair> out;
    function_match_.assign(from_.in.size(), {});
    function_back_.assign(to_.in.size(), {});
    for (const Candidate& each : candidates) {
      if (function_match_[each.a] || function_back_[each.b]) continue;
      function_match_[each.a] = each.b;
      function_back_[each.b] = each.a;
      out.emplace_back(each.a, each.b);
    }
    return out;
  }
  double likeness_of_functions(std::size_t a, std::size_t b) {
    const auto covered = [&](const std::vector<std::size_t>& of, const std::vector<std::size_t>& by, bool forwards) {
      double sum = 0, all = 0;
      for (const std::size_t x : of) {
        double best = 0;
        for (const std::size_t y : by) best = std::max(best, forwards ? likeness(x, y) : likeness(y, x));
        const double weight = std::min(6.0, forwards ? said_from_.weight[x] : said_to_.weight[x]);
        sum += best * weight;
        all += weight;
      }
      return all == 0 ? 0 : sum / all;
    };
    const double bodies = 0.5 * covered(from_.in[a], to_.in[b], true) + 0.5 * covered(to_.in[b], from_.in[a], false);
    const std::string &name = from_.outline.functions[a].name, &other = to_.outline.functions[b].name;
    const auto last = [](const std::string& full) { return full.substr(full.rfind(':') + 1); };
    return bodies * 0.8 + (name == other ? 0.4 : last(name) == last(other) ? 0.25 : 0);
  }

  // ---- blocks ----

  // Loops and branches that are clearly the same thing, wherever they stand: what is in one of them has its counterpart in the other.
  void assign_blocks() {
    struct Candidate {
      double score;
      std::size_t a, b;
    };
    std::vector<Candidate> candidates;
    for (std::size_t a = 0; a < from_.size(); ++a) {
      for (std::size_t b = 0; is_block(from_, a) && b < to_.size(); ++b) {
        if (!is_block(to_, b) || likeness(a, b) < kAlike) continue;
        candidates.push_back({likeness(a, b), a, b});
      }
    }
    block_.assign(from_.size(), {});
    block_back_.assign(to_.size(), {});
    std::stable_sort(candidates.begin(), candidates.end(), [](const Candidate& x, const Candidate& y) { return x.score > y.score; });
    for (const Candidate& each : candidates) {
      constexpr double kClear = 0.04;
      const bool is_clear = each.score >= 0.6 && std::none_of(candidates.begin(), candidates.end(), [&](const Candidate& other) {
        return (other.a == each.a) != (other.b == each.b) && other.score > each.score - kClear;
      });
      if (is_clear) block_[each.a] = each.b, block_back_[each.b] = each.a;
    }
  }
  static bool is_block(const Side& side, std::size_t s) { return side.children[s].size() >= 2 && is_head(side.statement(s).kind); }
  // Does a block around one of them belong to another than that around the other?
  bool are_apart(std::size_t a, std::size_t b) const {
    const auto nearest = [](std::size_t s, const Side& side, const std::vector<Index>& block) {
      Index at = s;
      while (at && !block[*at]) at = side.statement(*at).around;
      return at;
    };
    const Index x = nearest(a, from_, block_), y = nearest(b, to_, block_back_);
    return x && y && block_[*x] != y && !lies_in(*block_[*x], *y, to_) && !lies_in(*y, *block_[*x], to_);
  }
  // Is what is around them neither the same nor only in one version?
  bool are_in_other_blocks(std::size_t a, std::size_t b) const {
    const auto block = [](Index at, const Side& side) {
      while (at && !is_block(side, *at)) at = side.statement(*at).around;
      return at;
    };
    const Index x = block(from_.statement(a).around, from_), y = block(to_.statement(b).around, to_);
    if (!x || !y) return false;
    for (Index outer = x; outer; outer = block(from_.statement(*outer).around, from_)) {
      if (match_[*outer] == y) return false;
    }
    for (Index outer = y; outer; outer = block(to_.statement(*outer).around, to_)) {
      if (back_[*outer] == x) return false;
    }
    return true;
  }
  static bool lies_in(std::size_t inner, std::size_t outer, const Side& side) {
    for (Index at = inner; at; at = side.statement(*at).around) {
      if (*at == outer) return true;
    }
    return false;
  }

  // ---- sequences ----

  // Of the statements in both lists that have no counterpart yet, those that are alike, in order. What it found, and how good it is.
  std::vector<Pair> best_sequence(const std::vector<std::size_t>& a, const std::vector<std::size_t>& b, const std::vector<Index>& known, const std::vector<Index>& known_back, double least, double context, double cost, double& total) {
    std::vector<std::size_t> x, y;
    for (const std::size_t i : a) {
      if (!match_[i] && !from_.statement(i).tokens.empty()) x.push_back(i);
    }
    for (const std::size_t j : b) {
      if (!back_[j] && !to_.statement(j).tokens.empty()) y.push_back(j);
    }
    const std::size_t n = x.size(), m = y.size(), width = m + 1;
    std::vector<double> best((n + 1) * width, 0), gain(n * m, -1), best_of_x(n, 0), best_of_y(m, 0);
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < m; ++j) {
        const double alike = std::max(likeness(x[i], y[j]), plainly(x[i], y[j]));
        best_of_x[i] = std::max(best_of_x[i], alike);
        best_of_y[j] = std::max(best_of_y[j], alike);
      }
    }
    for (std::size_t i = 1; i <= n; ++i) {
      for (std::size_t j = 1; j <= m; ++j) {
        const double alike = likeness(x[i - 1], y[j - 1]);
        double& own = gain[(i - 1) * m + j - 1];
        if (alike >= least && !are_apart(x[i - 1], y[j - 1])) own = alike - (best_of_x[i - 1] - alike) - (best_of_y[j - 1] - alike) - cost + context * (surroundings(x[i - 1], y[j - 1], known, known_back) - 0.5);
        best[i * width + j] = std::max({best[(i - 1) * width + j], best[i * width + j - 1], best[(i - 1) * width + j - 1] + std::max(own, -1.0)});
      }
    }
    total = best[n * width + m];
    std::vector<Pair> out;
    for (std::size_t i = n, j = m; i > 0 && j > 0;) {
      const double own = gain[(i - 1) * m + j - 1];
      if (own > 0 && best[i * width + j] == best[(i - 1) * width + j - 1] + own) out.emplace_back(x[--i], y[--j]);
      else if (best[i * width + j] == best[(i - 1) * width + j]) --i;
      else --j;
    }
    return out;
  }
  void take(const std::vector<Pair>& pairs) {
    for (const auto& [a, b] : pairs) {
      match_[a] = b;
      back_[b] = a;
    }
  }
  void align_sequences(const std::vector<std::size_t>& a, const std::vector<std::size_t>& b, const std::vector<Index>& known, const std::vector<Index>& known_back, double least, double context) {
    double total = 0;
    take(best_sequence(a, b, known, known_back, least, context, 0, total));
  }

  // What was moved: the best run of statements in any two functions, as long as there is one.
  void align_what_is_left(const std::vector<Index>& known, const std::vector<Index>& known_back) {
    constexpr int kMost = 40;
    for (int i = 0; i < kMost; ++i) {
      double best = 0;
      std::vector<Pair> pairs;
      for (const std::vector<std::size_t>& a : from_.in) {
        for (const std::vector<std::size_t>& b : to_.in) {
          double total = 0;
          std::vector<Pair> found = best_sequence(a, b, known, known_back, kLeftAlike, 0.15, 0.25, total);
          if (total > best) best = total, pairs = std::move(found);
        }
      }
      if (pairs.empty()) return;
      take(pairs);
    }
  }

  // Between neighbours that have theirs: as many statements here as there, one for one, if they have something in common.
  void fill_gaps() {
    std::vector<Pair> found;
    for (std::size_t a = 0; a < from_.size(); ++a) {
      const Index before = from_.before[a];
      if (match_[a] || !before || !match_[*before]) continue;
      std::vector<std::size_t> x, y;
      Index at = a;
      for (; at && !match_[*at]; at = from_.behind[*at]) x.push_back(*at);
      Index there = to_.behind[*match_[*before]];
      for (; there && !back_[*there]; there = to_.behind[*there]) y.push_back(*there);
      const bool is_closed = at && there ? match_[*at] == there : !at && !there;
      if (!is_closed || x.size() != y.size()) continue;
      const bool in_common = std::equal(x.begin(), x.end(), y.begin(), [&](std::size_t i, std::size_t j) {
        return (likeness(i, j) >= kInGap || (said_from_.written[i] >= 0 && said_from_.written[i] == said_to_.written[j])) && likeness_of_kinds(from_.statement(i).kind, to_.statement(j).kind) > 0.9;
      });
      for (std::size_t i = 0; in_common && i < x.size(); ++i) found.emplace_back(x[i], y[i]);
    }
    for (const auto& [a, b] : found) in_gap_.insert({a, b});
    take(found);
  }

  // ---- what is around a statement ----

  // The nearest around or beside it that has a counterpart.
  Index nearest(std::size_t s, const std::vector<Index>& step, const std::vector<Index>& matches) const {
    Index at = step[s];
    for (int i = 0; at && !matches[*at] && i < 4; ++i) at = step[*at];
    return at && matches[*at] ? at : Index();
  }
  Index nearest_around(std::size_t s, const Side& side, const std::vector<Index>& matches) const {
    Index at = side.statement(s).around;
    while (at && !matches[*at]) at = side.statement(*at).around;
    return at;
  }
  // From 0 to 1: do those around and beside `a` have theirs around and beside `b`? Half: nothing is known.
  double surroundings(std::size_t a, std::size_t b, const std::vector<Index>& matches, const std::vector<Index>& back) const {
    const auto agree = [&](Index x, Index y, double neither) { return x && y ? (matches[*x] == y ? 1.0 : 0.0) : !x && !y ? neither : 0.35; };
    const bool same_function = !function_match_.empty() && function_match_[from_.statement(a).function] == to_.statement(b).function;
    const double around = agree(nearest_around(a, from_, matches), nearest_around(b, to_, back), same_function ? 1 : 0.5);
    const double before = agree(nearest(a, from_.before, matches), nearest(b, to_.before, back), 0.6);
    const double behind = agree(nearest(a, from_.behind, matches), nearest(b, to_.behind, back), 0.6);
    return 0.4 * around + 0.25 * before + 0.25 * behind + (same_function ? 0.1 : 0);
  }

  // ---- names ----

  void vote() {
    std::map<Pair, double> votes;
    const auto symbols_in = [](const OutlineStatement& s) {
      std::vector<std::size_t> out;
      for (const OutlineToken& token : s.tokens) {
        if (token.symbol) out.push_back(*token.symbol);
      }
      return out;
    };
    const auto elect = [&](std::size_t x, std::size_t y, double weight) {
      const Symbol &a = from_.outline.symbols[x], &b = to_.outline.symbols[y];
      const bool is_function = a.kind == Symbol::Kind::kFunction;
      if (is_function != (b.kind == Symbol::Kind::kFunction)) return;
      votes[{x, y}] += weight * (1 + kNamesake * kinship(a.name, b.name) + (a.type == b.type ? 0.5 : 0));
    };
    for (std::size_t a = 0; a < from_.size(); ++a) {
      if (!match_[a]) continue;
      const std::vector<std::size_t> x = symbols_in(from_.statement(a)), y = symbols_in(to_.statement(*match_[a]));
      const double sure = likeness(a, *match_[a]);
      vote_in_order(x, y, sure, elect);
    }
    for (std::size_t a = 0; a < function_match_.size(); ++a) {
      if (!function_match_[a]) continue;
      const OutlineFunction &f = from_.outline.functions[a], &g = to_.outline.functions[*function_match_[a]];
      if (f.parameters.size() != g.parameters.size()) continue;
      for (std::size_t i = 0; i < f.parameters.size(); ++i) elect(f.parameters[i], g.parameters[i], 0.8);
    }
    std::vector<std::pair<double, Pair>> ranked;
    for (const auto& [pair, weight] : votes) ranked.emplace_back(weight, pair);
    std::stable_sort(ranked.begin(), ranked.end(), [](const auto& x, const auto& y) { return x.first > y.first; });
    set_same();
    for (const auto& [weight, pair] : ranked) {
      const auto [x, y] = pair;
      if (symbols_[x] || symbols_back_[y]) continue;
      symbols_[x] = y;
      symbols_back_[y] = x;
    }
  }
  // Two names that would fit far better the other way round: order has misled, or they were exchanged.
  void doubt_crossed_names() {
    if (names_ == Names::kIgnored) return;
    const auto kin = [&](std::size_t x, std::size_t y) { return kinship(from_.outline.symbols[x].name, to_.outline.symbols[y].name); };
    const auto is_together = [](const Symbol& a, const Symbol& b) { return a.kind == b.kind && a.owner == b.owner; };
    for (std::size_t x = 0; x < symbols_.size(); ++x) {
      if (symbols_[x] && other_symbols_[x] && symbols_[x] != other_symbols_[x]) doubtful_.insert(x);
      for (std::size_t other = 0; symbols_[x] && other < x; ++other) {
        if (!symbols_[other]) continue;
        const std::size_t y = *symbols_[x], z = *symbols_[other];
        if (!is_together(from_.outline.symbols[x], from_.outline.symbols[other]) || !is_together(to_.outline.symbols[y], to_.outline.symbols[z])) continue;
        if (kin(x, z) + kin(other, y) >= kin(x, y) + kin(other, z) + kCrossed) doubtful_.insert({x, other});
      }
    }
  }
  void set_same() {
    symbols_.assign(symbols_.size(), {});
    symbols_back_.assign(symbols_back_.size(), {});
    for (const auto& [x, y] : same_) {
      if (symbols_[x] || symbols_back_[y]) continue;
      symbols_[x] = y;
      symbols_back_[y] = x;
    }
  }
  // The names of two statements, those of one kind of type in the order in which they stand.
  template <class Elect>
  void vote_in_order(const std::vector<std::size_t>& x, const std::vector<std::size_t>& y, double sure, const Elect& elect) const {
    const std::size_t n = x.size(), m = y.size(), width = m + 1;
    const auto gain = [&](std::size_t i, std::size_t j) {
      const Symbol &a = from_.outline.symbols[x[i]], &b = to_.outline.symbols[y[j]];
      if ((a.kind == Symbol::Kind::kFunction) != (b.kind == Symbol::Kind::kFunction)) return 0.0;
      return (a.type == b.type ? 1.0 : 0.5) + (symbols_[x[i]] == y[j] ? 1 : 0) + (stem_of(a.name) == stem_of(b.name) ? 0.8 : 0);
    };
    std::vector<double> best((n + 1) * width, 0);
    for (std::size_t i = 1; i <= n; ++i) {
      for (std::size_t j = 1; j <= m; ++j) {
        best[i * width + j] = std::max({best[(i - 1) * width + j], best[i * width + j - 1], best[(i - 1) * width + j - 1] + gain(i - 1, j - 1)});
      }
    }
    for (std::size_t i = n, j = m; i > 0 && j > 0;) {
      const double own = gain(i - 1, j - 1);
      if (own > 0 && best[i * width + j] == best[(i - 1) * width + j - 1] + own) {
        --i, --j;
        elect(x[i], y[j], sure * (n == m ? 1 : 0.6));
      } else if (best[i * width + j] == best[(i - 1) * width + j]) {
        --i;
      } else {
        --j;
      }
    }
  }

  // ---- which are clear ----

  double strength(std::size_t a, std::size_t b, bool is_other) {
    const double alike = is_other ? std::max(likeness(a, b), plainly(a, b)) : likeness(a, b);
    return alike + 0.5 * surroundings(a, b, match_, back_);
  }

  Counterpart judge(std::size_t a) {
    Counterpart out;
    if (!match_[a]) {
      out.refused = "it has no counterpart";
      return out;
    }
    const std::size_t b = *match_[a];
    out.likeness = likeness(a, b);
    const double own = strength(a, b, false);
    double other = 0;
    const auto consider = [&](std::size_t x, std::size_t y, bool is_taken) { other = std::max(other, strength(x, y, true) - (is_taken ? 0.25 : 0)); };
    for (std::size_t y = 0; y < to_.size(); ++y) {
      if (y != b && likeness(a, y) >= kAlike) consider(a, y, back_[y] && likeness(*back_[y], y) >= likeness(a, y) - 0.02);
    }
    for (std::size_t x = 0; x < from_.size(); ++x) {
      if (x != a && likeness(x, b) >= kAlike) consider(x, b, match_[x] && likeness(x, *match_[x]) >= likeness(x, b) - 0.02);
    }
    out.margin = own - other;
    const double around = surroundings(a, b, match_, back_);
    const bool says_little = std::min(said_from_.weight[a], said_to_.weight[b]) < 2.6;
    const bool has_head = is_head(from_.statement(a).kind);
    const bool is_in_gap = in_gap_.count({a, b}) != 0;
    const bool is_alike = out.likeness >= 0.7 || (out.likeness >= (from_.statement(a).kind == Kind::kChoice ? 0.65 : 0.55) && out.margin >= 0.2) || (!has_head && out.likeness >= 0.5 && out.margin >= 0.3) || (!has_head && out.likeness >= 0.4 && out.margin >= 0.6) || (is_in_gap && out.likeness >= 0.35 && around >= 0.8 && out.margin >= 0.3);
    const bool is_alone = function_match_[from_.statement(a).function] != to_.statement(b).function && around < 0.5;
    if (!is_alike || (says_little && around < 0.7 && out.margin < 0.6) || (is_alone && out.likeness < 0.8 && out.margin < 0.5)) out.refused = "its likely counterpart is too different";
    else if (out.margin < 0.15 || (around < kTwinsSure && have_twins(a, b)) || (out.margin < 0.35 && is_block(from_, a) && could_be_another(a, b)) || computes_otherwise(a, b)) out.refused = "more than one may be its counterpart";
    else if (writes_another(a, b) || (says_doubtful(a) && could_be_another(a, b))) out.refused = "its names belong to another one";
    else if (out.likeness < 0.85 && !is_name_known(a, b)) out.refused = "what it is called in its likely counterpart is said nowhere else";
    if (out.refused.empty()) out.statement = b;
    else out.candidates = {b};
    return out;
  }

  // Does one version say the same more often than the other, so that some of it was added or taken away?
  bool have_twins(std::size_t a, std::size_t b) {
    constexpr double kSame = 0.93;
    int here = 0, there = 0;
    for (std::size_t x = 0; x < from_.size(); ++x) here += x == a || std::max(likeness(x, b), plainly(x, b)) >= kSame;
    for (std::size_t y = 0; y < to_.size(); ++y) there += y == b || std::max(likeness(a, y), plainly(a, y)) >= kSame;
    return here != there;
  }

  static void refuse(Counterpart& found, const char* why) {
    if (found.statement) found.candidates = {*found.statement};
    found.statement.reset();
    found.refused = why;
  }
  // Does another one compute just as `a` (or `b`) does, as far as operators and numbers say, and `b` not?
  bool computes_otherwise(std::size_t a, std::size_t b) {
    const std::string here = computation(from_.statement(a)), there = computation(to_.statement(b));
    if (here == there) return false;
    const double least = 0.8 * likeness(a, b);
    for (std::size_t y = 0; y < to_.size() && !here.empty(); ++y) {
      if (y != b && computation(to_.statement(y)) == here && std::max(likeness(a, y), plainly(a, y)) >= least) return true;
    }
    for (std::size_t x = 0; x < from_.size() && !there.empty(); ++x) {
      if (x != a && computation(from_.statement(x)) == there && std::max(likeness(x, b), plainly(x, b)) >= least) return true;
    }
    return false;
  }
  // Operators, numbers and texts, in order; empty where these say little.
  static std::string computation(const OutlineStatement& s) {
    std::string out;
    int pieces = 0;
    for (const OutlineToken& token : s.tokens) {
      const double weight = weight_of(token);
      if (token.symbol || is_word(token.text) || weight < 0.5 || token.text == "=") continue;
      out += token.text + " ";
      pieces += is_number(token.text) || weight >= 1 ? 2 : 1;
    }
    return pieces >= 2 ? out : std::string();
  }
  // Are there others that say much the same?
  bool could_be_another(std::size_t a, std::size_t b) {
    const double least = 0.85 * likeness(a, b), same = std::max(least, nameless(a, b) - 0.02);
    const auto is_like = [&](std::size_t x, std::size_t y) { return likeness(x, y) >= least || plainly(x, y) >= least || nameless(x, y) >= same; };
    for (std::size_t x = 0; x < from_.size(); ++x) {
      if (x != a && is_like(x, b)) return true;
    }
    for (std::size_t y = 0; y < to_.size(); ++y) {
      if (y != b && is_like(a, y)) return true;
    }
    return false;
  }

  // Is what each of them writes something else in the other version?
  bool writes_another(std::size_t a, std::size_t b) const {
    const Index x = written_by(from_.statement(a)).symbol, y = written_by(to_.statement(b)).symbol;
    return x && y && symbols_[*x] && symbols_back_[*y] && symbols_[*x] != y;
  }
  bool says_doubtful(std::size_t a) const {
    const std::vector<OutlineToken>& tokens = from_.statement(a).tokens;
    return std::any_of(tokens.begin(), tokens.end(), [&](const OutlineToken& t) { return t.symbol && doubtful_.count(*t.symbol); });
  }

  // Is what it writes taken for the same thing elsewhere, too? Where it is not called alike, and mentioned elsewhere on both sides.
  bool is_name_known(std::size_t a, std::size_t b) const {
    const Index x = written_by(from_.statement(a)).symbol, y = written_by(to_.statement(b)).symbol;
    if (!x || !y || stem_of(from_.outline.symbols[*x].name) == stem_of(to_.outline.symbols[*y].name)) return true;
    const auto says = [](const OutlineStatement& s, std::size_t symbol) { return std::any_of(s.tokens.begin(), s.tokens.end(), [&](const OutlineToken& t) { return t.symbol == symbol; }); };
    bool is_said_here = false, is_said_there = false;
    for (std::size_t i = 0; i < from_.size(); ++i) {
      if (i == a || !says(from_.statement(i), *x)) continue;
      is_said_here = true;
      if (match_[i] && says(to_.statement(*match_[i]), *y)) return true;
    }
    for (std::size_t j = 0; j < to_.size(); ++j) is_said_there = is_said_there || (j != b && says(to_.statement(j), *y));
    return !is_said_here || !is_said_there;
  }

  const Names names_;
  const std::vector<Pair>& same_;
  const std::vector<Index> other_symbols_;
  const Side from_, to_;
  Said said_from_, said_to_;
  std::vector<float> likeness_;
  std::vector<float> plain_;               // the same before any name is taken for another
  std::vector<float> nameless_;            // the same with types in the place of names
  std::vector<Index> match_, back_;        // of statements
  std::vector<Index> function_match_, function_back_;
  std::vector<Index> block_, block_back_;
  std::set<Pair> in_gap_;  // counterparts by where they stand
  std::vector<Index> symbols_, symbols_back_;
  std::set<std::size_t> doubtful_;  // of `from`
};

}  // namespace

Alignment match_statements(const Outline& from, const Outline& to, Names names, const std::vector<std::pair<std::size_t, std::size_t>>& same, const std::vector<std::optional<std::size_t>>& nameless) {
  return Matcher(from, to, names, same, nameless).run();
}

}  // namespace hindsight::instrument
