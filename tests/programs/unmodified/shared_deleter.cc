// what: the deleter of a shared_ptr, given before the loop, counts what is dropped in it
// standard: c++17
// loop: epoch
// probe: x after 'std::printf("x %a\n", x);'
// changes: dropped
// expect: whole: misses '(a deleter)'
#include <cstdio>
#include <memory>
#include <vector>

namespace {

int dropped = 0;

struct Batch {
  double mean;
};

std::shared_ptr<Batch> make_batch(double mean) {
  return std::shared_ptr<Batch>(new Batch{mean}, [](Batch* batch) {
    ++dropped;
    delete batch;
  });
}

}  // namespace

int main() {
  std::vector<std::shared_ptr<Batch>> batches;
  for (int i = 0; i < 12; ++i) batches.push_back(make_batch(0.1 * i));
  double x = 2;
  for (int epoch = 0; epoch < 12; ++epoch) {
    x -= 0.1 * (x - batches.back()->mean) / (1 + dropped);
    batches.pop_back();
    std::printf("x %a\n", x);
  }
}
