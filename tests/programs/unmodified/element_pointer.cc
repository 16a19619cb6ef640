// what: pointers and iterators into a vector, a cursor that walks on from iteration to iteration
// standard: c++14
// loop: step
// probe: memory after 'std::printf("memory %a\n", memory);'
// expect: whole: its type does not say what that holds
#include <cmath>
#include <cstdio>
#include <vector>

struct Cell {
  double charge;
  int visits;
};

int main() {
  std::vector<Cell> ring(9, Cell{0, 0});
  std::vector<double> inputs;
  for (int i = 0; i < 31; ++i) inputs.push_back(std::sin(0.9 * i));
  Cell* cursor = ring.data();
  auto input = inputs.cbegin();
  const Cell* strongest = nullptr;
  for (int step = 0; step < 12; ++step) {
    double memory = 0;
    for (int k = 0; k < 5; ++k) {
      cursor->charge = 0.6 * cursor->charge + *input;
      ++cursor->visits;
      if (!strongest || cursor->charge > strongest->charge) strongest = cursor;
      cursor += *input > 0 ? 2 : 1;
      if (cursor >= ring.data() + ring.size()) cursor -= ring.size();
      if (++input == inputs.cend()) input = inputs.cbegin();
    }
    for (const Cell& cell : ring) memory += cell.charge * (1 + cell.visits);
    memory += strongest->charge;
    std::printf("memory %a\n", memory);
  }
  std::printf("cursor %d input %d strongest %d\n", static_cast<int>(cursor - ring.data()), static_cast<int>(input - inputs.cbegin()),
              static_cast<int>(strongest - ring.data()));
}
