// what: a tree of unique_ptr nodes with raw pointers to their parents, Monte Carlo tree search
// standard: c++17
// loop: playout
// probe: value after 'std::printf("value %a\n", value);'
// expect: whole: its class has no default constructor
#include <cmath>
#include <cstdio>
#include <memory>
#include <random>
#include <vector>

struct Node {
  Node* parent;
  int move, visits = 0;
  double total = 0;
  std::vector<std::unique_ptr<Node>> children;
  Node(Node* p, int m) : parent(p), move(m) {}
};

Node* select(Node* node) {
  while (!node->children.empty()) {
    Node* best = nullptr;
    double highest = -1;
    for (const auto& child : node->children) {
      const double bound = child->visits == 0 ? 1e6 - child->move
                                              : child->total / child->visits + std::sqrt(std::log(node->visits + 1.0) / child->visits);
      if (bound > highest) highest = bound, best = child.get();
    }
    node = best;
  }
  return node;
}

int main() {
  std::mt19937 gen(15);
  Node root(nullptr, 0);
  int nodes = 1;
  for (int playout = 0; playout < 12; ++playout) {
    for (int k = 0; k < 6; ++k) {
      Node* leaf = select(&root);
      if (leaf->visits > 0)
        for (int move = 1; move <= 3; ++move, ++nodes) leaf->children.push_back(std::make_unique<Node>(leaf, move));
      int sum = static_cast<int>(gen() % 4);
      for (const Node* n = leaf; n; n = n->parent) sum += n->move;
      const double reward = 1 / (1 + std::fabs(7.0 - sum));
      for (Node* n = leaf; n; n = n->parent) n->total += reward, ++n->visits;
    }
    const double value = root.total / root.visits;
    std::printf("value %a\n", value);
  }
  std::printf("nodes %d\n", nodes);
}
