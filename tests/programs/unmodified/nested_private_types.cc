// what: private nested types inside the model, a regression tree grown leaf by leaf
// standard: c++17
// loop: split
// probe: error after 'std::printf("error %a\n", error);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <vector>

class Tree {
 public:
  explicit Tree(const std::vector<double>& y) : y_(y), leaf_of_(y.size(), 0) { nodes_.push_back({{0, y.size()}, {}, -1}); }

  void grow(int splits) {
    for (int split = 0; split < splits; ++split) {
      size_t chosen = 0;
      double most = -1;
      for (size_t n = 0; n < nodes_.size(); ++n)
        if (nodes_[n].child < 0 && spread(nodes_[n].range) > most) most = spread(nodes_[n].range), chosen = n;
      const Range whole = nodes_[chosen].range;
      const size_t middle = (whole.begin + whole.end) / 2;
      nodes_[chosen].child = static_cast<int>(nodes_.size());
      nodes_.push_back({{whole.begin, middle}, summary({whole.begin, middle}), -1});
      nodes_.push_back({{middle, whole.end}, summary({middle, whole.end}), -1});
      for (size_t i = whole.begin; i < whole.end; ++i) leaf_of_[i] = static_cast<int>(nodes_.size()) - (i < middle ? 2 : 1);
      double error = 0;
      for (size_t i = 0; i < y_.size(); ++i) error += std::fabs(y_[i] - nodes_[leaf_of_[i]].summary.mean);
      std::printf("error %a\n", error);
    }
  }
  int size() const { return static_cast<int>(nodes_.size()); }

 private:
  struct Range {
    size_t begin, end;
  };
  struct Node {
    struct Summary {
      double mean = 0, square = 0;
    };
    Range range;
    Summary summary;
    int child;
  };
  Node::Summary summary(Range r) const {
    Node::Summary s;
    for (size_t i = r.begin; i < r.end; ++i) s.mean += y_[i] / (r.end - r.begin), s.square += y_[i] * y_[i];
    return s;
  }
  double spread(Range r) const {
    const Node::Summary s = summary(r);
    return s.square - s.mean * s.mean * (r.end - r.begin);
  }
  std::vector<double> y_;
  std::vector<int> leaf_of_;
  std::vector<Node> nodes_;
};

int main() {
  std::vector<double> y;
  for (int i = 0; i < 64; ++i) y.push_back(std::sin(0.002 * i * i));
  Tree tree(y);
  tree.grow(9);
  std::printf("nodes %d\n", tree.size());
}
