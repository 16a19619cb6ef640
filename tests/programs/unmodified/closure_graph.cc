// what: automatic differentiation by closures that capture their operands, in a graph that is built and dropped in every iteration
// standard: c++11
// loop: epoch
// probe: loss->data after 'std::printf("loss %a\n", loss->data);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <functional>
#include <memory>
#include <set>
#include <vector>

struct Value {
  double data, grad = 0;
  std::vector<std::shared_ptr<Value>> inputs;
  std::function<void()> backward = [] {};
  explicit Value(double d) : data(d) {}
};
typedef std::shared_ptr<Value> Ptr;

Ptr make(double data) { return std::make_shared<Value>(data); }
Ptr multiply(const Ptr& a, const Ptr& b) {
  Ptr out = make(a->data * b->data);
  out->inputs = {a, b};
  Value* const o = out.get();
  out->backward = [a, b, o] {
    a->grad += b->data * o->grad;
    b->grad += a->data * o->grad;
  };
  return out;
}
Ptr subtract(const Ptr& a, const Ptr& b) {
  Ptr out = make(a->data - b->data);
  out->inputs = {a, b};
  Value* const o = out.get();
  out->backward = [a, b, o] {
    a->grad += o->grad;
    b->grad -= o->grad;
  };
  return out;
}
void visit(const Ptr& v, std::set<Value*>& seen, std::vector<Ptr>& order) {
  if (!seen.insert(v.get()).second) return;
  for (const Ptr& input : v->inputs) visit(input, seen, order);
  order.push_back(v);
}
void backward(const Ptr& root) {
  std::set<Value*> seen;
  std::vector<Ptr> order;
  visit(root, seen, order);
  root->grad = 1;
  for (auto v = order.rbegin(); v != order.rend(); ++v) (*v)->backward();
}

int main() {
  std::vector<Ptr> parameters = {make(0.3), make(-0.4)};
  for (int epoch = 0; epoch < 12; ++epoch) {
    const Ptr x = make(1.5);
    const Ptr off = subtract(multiply(multiply(parameters[0], x), parameters[1]), make(0.7));
    const Ptr loss = multiply(off, off);
    for (const Ptr& p : parameters) p->grad = 0;
    backward(loss);
    for (const Ptr& p : parameters) p->data -= 0.05 * p->grad;
    std::printf("loss %a\n", loss->data);
  }
}
