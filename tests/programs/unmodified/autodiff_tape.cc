// what: a graph of shared_ptr nodes with std::function inside, built and dropped in every iteration; its leaves stay
// standard: c++17
// loop: epoch
// probe: loss->value after 'std::printf("loss %a\n", loss->value);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <functional>
#include <memory>
#include <set>
#include <vector>

struct Node {
  double value, gradient = 0;
  std::vector<std::shared_ptr<Node>> inputs;
  std::function<void(Node&)> backward;
  explicit Node(double v) : value(v) {}
};
using Value = std::shared_ptr<Node>;

Value make(double value, std::vector<Value> inputs, std::function<void(Node&)> backward) {
  auto node = std::make_shared<Node>(value);
  node->inputs = std::move(inputs);
  node->backward = std::move(backward);
  return node;
}
Value constant(double v) { return std::make_shared<Node>(v); }
Value operator+(const Value& a, const Value& b) {
  return make(a->value + b->value, {a, b}, [](Node& n) { n.inputs[0]->gradient += n.gradient, n.inputs[1]->gradient += n.gradient; });
}
Value operator*(const Value& a, const Value& b) {
  return make(a->value * b->value, {a, b}, [](Node& n) {
    n.inputs[0]->gradient += n.inputs[1]->value * n.gradient;
    n.inputs[1]->gradient += n.inputs[0]->value * n.gradient;
  });
}
Value tanh(const Value& a) {
  return make(std::tanh(a->value), {a}, [](Node& n) { n.inputs[0]->gradient += (1 - n.value * n.value) * n.gradient; });
}

void sort(const Value& v, std::set<Node*>& seen, std::vector<Node*>& order) {
  if (!seen.insert(v.get()).second) return;
  for (const Value& input : v->inputs) sort(input, seen, order);
  order.push_back(v.get());
}

int main() {
  std::vector<Value> parameters;
  for (double v : {0.5, -0.3, 0.8, 0.1}) parameters.push_back(constant(v));
  for (int epoch = 0; epoch < 10; ++epoch) {
    Value loss = constant(0);
    for (double x = -1; x <= 1; x += 0.25) {
      const Value y = parameters[2] * tanh(parameters[0] * constant(x) + parameters[1]) + parameters[3];
      const Value error = y + constant(-std::sin(x));
      loss = loss + error * error;
    }
    std::set<Node*> seen;
    std::vector<Node*> order;
    sort(loss, seen, order);
    loss->gradient = 1;
    for (auto node = order.rbegin(); node != order.rend(); ++node)
      if ((*node)->backward) (*node)->backward(**node);
    for (const Value& p : parameters) p->value -= 0.05 * p->gradient, p->gradient = 0;
    std::printf("loss %a\n", loss->value);
  }
}
