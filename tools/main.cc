#include <malloc.h>

#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "tools/command.h"

int main(int argc, char** argv) {
  using hindsight::tools::ExitCode;
  // LMDB keeps a transaction's pages in malloc'ed memory. At glibc's own thresholds that is given back and faulted in anew for
  // every checkpoint, which costs more than writing it.
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  mallopt(M_TOP_PAD, 64 << 20);
  try {
    return hindsight::tools::run(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc), stdout, stderr);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "hindsight: something failed inside hindsight itself (%s)\nhint: please report it\n",
                 problem.what());
  } catch (...) {
    std::fputs("hindsight: something failed inside hindsight itself\nhint: please report it\n", stderr);
  }
  return static_cast<int>(ExitCode::kFailed);
}
