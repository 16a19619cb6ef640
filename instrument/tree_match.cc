#include "instrument/tree_match.h"

#include <algorithm>
#include <cctype>
#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <utility>

namespace hindsight::instrument {
namespace {

using Index = std::optional<std::size_t>;

struct Node {
  int kind = 0;      // a token's is 0
  std::string text;  // of a token
  Index parent = {};
  std::vector<std::size_t> children = {};
  int height = 1;
  std::size_t size = 1;   // with all that is below
  std::size_t same = 0;   // equal if everything below is
  std::size_t built = 0;  // equal if everything below is, but for names and numbers
};

constexpr int kToken = 0, kRoot = 1, kFunction = 2, kBrackets = 3, kStatement = 4;  // and the statement's kind

// Parents come before their children.
class Tree {
 public:
  explicit Tree(const Outline& outline) : statements(outline.statements.size()) {
    const std::size_t root = add(kRoot, {}, {});
    std::vector<std::size_t> functions;
    for (const OutlineFunction& f : outline.functions) {
      functions.push_back(add(kFunction, {}, root));
      add(kToken, f.name, functions.back());
    }
    for (std::size_t i = 0; i < outline.statements.size(); ++i) {
      const OutlineStatement& s = outline.statements[i];
      statements[i] = add(kStatement + static_cast<int>(s.kind), {}, s.around ? statements[*s.around] : functions[s.function]);
      of_node[statements[i]] = i;
      std::vector<std::size_t> open = {statements[i]};
      for (const OutlineToken& token : s.tokens) {
        const std::string& text = token.text;
        if (text == "(" || text == "[") {
          open.push_back(add(kBrackets, {}, open.back()));
        } else if ((text == ")" || text == "]") && open.size() > 1) {
          open.pop_back();
        } else {
          add(kToken, text, open.back(), token.symbol.has_value());
        }
      }
    }
    for (std::size_t i = nodes.size(); i-- > 0;) close(nodes[i]);
  }

  std::vector<Node> nodes;
  std::vector<std::size_t> statements;         // the node of each
  std::map<std::size_t, std::size_t> of_node;  // and back

 private:
  std::size_t add(int kind, const std::string& text, Index parent, bool is_name = false) {
    Node node{.kind = kind, .text = text, .parent = parent};
    const bool is_value = is_name || (!text.empty() && (std::isalnum(static_cast<unsigned char>(text[0])) || text[0] == '"'));
    node.same = mixed(static_cast<std::size_t>(kind), std::hash<std::string>()(text));
    node.built = is_value ? mixed(static_cast<std::size_t>(kind), is_name ? 1 : 2) : node.same;
    nodes.push_back(std::move(node));
    if (parent) nodes[*parent].children.push_back(nodes.size() - 1);
    return nodes.size() - 1;
  }
  void close(Node& node) {
    for (const std::size_t child : node.children) {
      const Node& below = nodes[child];
      node.height = std::max(node.height, below.height + 1);
      node.size += below.size;
      node.same = mixed(node.same, below.same);
      node.built = mixed(node.built, below.built);
    }
  }
  static std::size_t mixed(std::size_t a, std::size_t b) { return (a ^ (b + 0x9e3779b97f4a7c15U + (a << 6) + (a >> 2))) * 0xff51afd7ed558ccdU; }
};

class Matcher {
 public:
  Matcher(const Tree& from, const Tree& to) : from_(from), to_(to), match_(from.nodes.size()), back_(to.nodes.size()) {}

  std::vector<Index> run() {
    pair_functions();
    top_down();
    bottom_up();
    pair_alone();
    return match_;
  }

 private:
  static constexpr int kLeastHeight = 2;
  static constexpr double kLeastDice = 0.3;
  static constexpr std::size_t kLeastSize = 6;  // of a statement that is known by how it is built

  void pair(std::size_t a, std::size_t b) {
    if (match_[a] || back_[b]) return;
    match_[a] = b;
    back_[b] = a;
  }
  void pair_all(std::size_t a, std::size_t b) {
    pair(a, b);
    for (std::size_t i = 0; i < from_.nodes[a].children.size(); ++i) pair_all(from_.nodes[a].children[i], to_.nodes[b].children[i]);
  }

  // Functions that are the only ones of their name.
  void pair_functions() {
    std::map<std::string, std::vector<std::size_t>> here, there;
    const auto read = [](const Tree& tree, auto& out) {
      for (const Node& node : tree.nodes) {
        if (node.kind == kFunction) out[tree.nodes[node.children[0]].text].push_back(static_cast<std::size_t>(&node - tree.nodes.data()));
      }
    };
    read(from_, here), read(to_, there);
    for (const auto& [name, nodes] : here) {
      const auto other = there.find(name);
      if (nodes.size() == 1 && other != there.end() && other->second.size() == 1) pair(nodes[0], other->second[0]);
    }
  }

  void top_down() {
    std::map<std::pair<int, std::size_t>, std::pair<std::vector<std::size_t>, std::vector<std::size_t>>, std::greater<>> same;
    for (std::size_t a = 0; a < from_.nodes.size(); ++a) {
      if (from_.nodes[a].height >= kLeastHeight) same[{from_.nodes[a].height, from_.nodes[a].same}].first.push_back(a);
    }
    for (std::size_t b = 0; b < to_.nodes.size(); ++b) {
      if (to_.nodes[b].height >= kLeastHeight) same[{to_.nodes[b].height, to_.nodes[b].same}].second.push_back(b);
    }
    struct Candidate {
      int height;
      double parents, ancestors;
      std::size_t a, b;
    };
    std::vector<Candidate> unclear;
    for (const auto& [key, group] : same) {
      for (const std::size_t a : group.first) {
        for (const std::size_t b : group.second) {
          if (match_[a] || back_[b]) continue;
          if (group.first.size() == 1 && group.second.size() == 1) pair_all(a, b);
          else unclear.push_back({key.first, 0, 0, a, b});
        }
      }
    }
    for (Candidate& each : unclear) {
      const Index x = from_.nodes[each.a].parent, y = to_.nodes[each.b].parent;
      if (!x || !y) continue;
      each.parents = dice(*x, *y);
      const Index p = from_.nodes[*x].parent, q = to_.nodes[*y].parent;
      each.ancestors = p && q ? dice(*p, *q) : 0;
    }
    std::stable_sort(unclear.begin(), unclear.end(), [](const Candidate& x, const Candidate& y) {
      return std::tuple(y.height, y.parents, y.ancestors) < std::tuple(x.height, x.parents, x.ancestors);
    });
    for (const Candidate& each : unclear) {
      if (!match_[each.a] && !back_[each.b]) pair_all(each.a, each.b);
    }
  }

  // What is below both and has its counterpart below the other.
  double dice(std::size_t a, std::size_t b) const {
    std::size_t common = 0;
    for (std::size_t i = a + 1; i < end_of(from_, a); ++i) common += match_[i] && *match_[i] > b && *match_[i] < end_of(to_, b);
    return 2.0 * static_cast<double>(common) / static_cast<double>(std::max<std::size_t>(1, from_.nodes[a].size + to_.nodes[b].size - 2));
  }
  static std::size_t end_of(const Tree& tree, std::size_t node) { return node + tree.nodes[node].size; }

  void bottom_up() {
    for (std::size_t a = from_.nodes.size(); a-- > 0;) {
      const Node& node = from_.nodes[a];
      if (node.children.empty()) continue;
      if (match_[a]) {
        recover(a, *match_[a]);
        continue;
      }
      std::map<std::size_t, double> candidates;
      for (std::size_t i = a + 1; i < end_of(from_, a); ++i) {
        if (!match_[i]) continue;
        for (Index at = to_.nodes[*match_[i]].parent; at && !candidates.count(*at); at = to_.nodes[*at].parent) {
          if (!back_[*at] && to_.nodes[*at].kind == node.kind) candidates[*at] = dice(a, *at);
        }
      }
      Index best;
      for (const auto& [b, score] : candidates) {
        if (score >= kLeastDice && (!best || score > candidates[*best])) best = b;
      }
      if (!best) continue;
      recover(a, *best);
      pair(a, *best);
    }
    if (!match_[0] && !back_[0]) recover(0, 0), pair(0, 0);
  }

  // Statements that are left, and that are built like no other one on either side.
  void pair_alone() {
    std::map<std::size_t, std::pair<std::vector<std::size_t>, std::vector<std::size_t>>> built;
    const auto is_statement = [](const Node& node) { return node.kind >= kStatement && node.size >= kLeastSize; };
    for (std::size_t a = 0; a < from_.nodes.size(); ++a) {
      if (is_statement(from_.nodes[a])) built[from_.nodes[a].built].first.push_back(a);
    }
    for (std::size_t b = 0; b < to_.nodes.size(); ++b) {
      if (is_statement(to_.nodes[b])) built[to_.nodes[b].built].second.push_back(b);
    }
    for (const auto& [key, both] : built) {
      if (both.first.size() == 1 && both.second.size() == 1 && !match_[both.first[0]] && !back_[both.second[0]]) pair_all(both.first[0], both.second[0]);
    }
  }

  // The children of two that belong together.
  void recover(std::size_t a, std::size_t b) {
    in_order(a, b, [&](std::size_t x, std::size_t y) { return from_.nodes[x].same == to_.nodes[y].same; }, [&](std::size_t x, std::size_t y) { pair_all(x, y); });
    in_order(a, b, [&](std::size_t x, std::size_t y) { return from_.nodes[x].built == to_.nodes[y].built; }, [&](std::size_t x, std::size_t y) { pair_all(x, y); });
    std::map<int, std::pair<std::vector<std::size_t>, std::vector<std::size_t>>> left;
    for (const std::size_t x : from_.nodes[a].children) {
      if (!match_[x]) left[from_.nodes[x].kind].first.push_back(x);
    }
    for (const std::size_t y : to_.nodes[b].children) {
      if (!back_[y]) left[to_.nodes[y].kind].second.push_back(y);
    }
    for (const auto& [kind, both] : left) {
      if (both.first.size() != 1 || both.second.size() != 1) continue;
      pair(both.first[0], both.second[0]);
      recover(both.first[0], both.second[0]);
    }
  }
  // The longest common subsequence of the children that have no counterpart.
  template <class Equal, class Take>
  void in_order(std::size_t a, std::size_t b, const Equal& equal, const Take& take) {
    std::vector<std::size_t> x, y;
    for (const std::size_t each : from_.nodes[a].children) {
      if (!match_[each]) x.push_back(each);
    }
    for (const std::size_t each : to_.nodes[b].children) {
      if (!back_[each]) y.push_back(each);
    }
    const std::size_t width = y.size() + 1;
    std::vector<int> longest((x.size() + 1) * width, 0);
    for (std::size_t i = x.size(); i-- > 0;) {
      for (std::size_t j = y.size(); j-- > 0;) {
        longest[i * width + j] = equal(x[i], y[j]) ? 1 + longest[(i + 1) * width + j + 1] : std::max(longest[(i + 1) * width + j], longest[i * width + j + 1]);
      }
    }
    for (std::size_t i = 0, j = 0; i < x.size() && j < y.size();) {
      if (equal(x[i], y[j])) take(x[i++], y[j++]);
      else if (longest[(i + 1) * width + j] >= longest[i * width + j + 1]) ++i;
      else ++j;
    }
  }

  const Tree &from_, &to_;
  std::vector<Index> match_, back_;
};

}  // namespace

std::vector<std::optional<std::size_t>> match_trees(const Outline& from, const Outline& to) {
  const Tree a(from), b(to);
  const std::vector<Index> nodes = Matcher(a, b).run();
  std::vector<Index> out(from.statements.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    const Index there = nodes[a.statements[i]];
    if (there && b.of_node.count(*there)) out[i] = b.of_node.at(*there);
  }
  return out;
}

}  // namespace hindsight::instrument
