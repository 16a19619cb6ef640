// what: operator new of the program's own counts what is allocated, and the counts are printed
// standard: c++17
// loop: epoch
// probe: made after 'std::printf("made %d\n", made);'
// changes: made
// expect: refused: operator new
#include <cstdio>
#include <cstdlib>
#include <map>
#include <new>
#include <string>
#include <vector>

static int made = 0;
void* operator new(std::size_t bytes) {
  ++made;
  if (void* p = std::malloc(bytes)) return p;
  throw std::bad_alloc();
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }

int main() {
  std::vector<double> w(5, 1.0);
  std::map<std::string, double> log;
  for (int epoch = 0; epoch < 9; ++epoch) {
    for (double& x : w) x *= 0.9;
    log["a rather long name for a metric " + std::to_string(epoch % 4)] += w[0];
    std::printf("made %d\n", made);
  }
}
