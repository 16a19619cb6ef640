#include <malloc.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "tools/command.h"

namespace {

// The store is read through a map of its file: where that is cut off in the middle of it, or its disk fails, this signal says so.
void on_bus_error(int) {
  constexpr std::string_view kSentence =
      "hindsight: the store's data.mdb was cut off, or its disk failed, while it was read\n"
      "hint: 'hindsight fsck' says what is left of it\n";
  static_cast<void>(!::write(STDERR_FILENO, kSentence.data(), kSentence.size()));
  ::_exit(static_cast<int>(hindsight::tools::ExitCode::kBadAnswer));
}

}  // namespace

int main(int argc, char** argv) {
  using hindsight::tools::ExitCode;
  ::signal(SIGBUS, on_bus_error);
  // LMDB keeps a transaction's pages in malloc'ed memory. At glibc's own thresholds that is given back and faulted in anew for
  // every checkpoint, which costs more than writing it.
  mallopt(M_MMAP_THRESHOLD, 32 << 20);  // the most that glibc takes
  mallopt(M_ARENA_MAX, 1);               // the heaps of other arenas are given back whatever the thresholds are
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
