// what: the gradient is summed in the order of a std::set of pointers
// standard: c++17
// loop: epoch
// probe: sum after 'std::printf("sum %a\n", sum);'
// expect: refused: an order of addresses
#include <cstdio>
#include <memory>
#include <set>
#include <vector>

struct Node {
  double value;
};

int main() {
  std::vector<std::unique_ptr<Node>> nodes;
  std::set<Node*> graph;
  for (int i = 0; i < 12; ++i) {
    nodes.push_back(std::make_unique<Node>(Node{1.0 / (i + 1)}));
    graph.insert(nodes.back().get());
  }
  for (int epoch = 0; epoch < 8; ++epoch) {
    double sum = 0;
    for (Node* node : graph) sum = 0.7 * sum + node->value;
    for (auto& node : nodes) node->value -= 0.1 * sum * node->value;
    std::printf("sum %a\n", sum);
  }
}
