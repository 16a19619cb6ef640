#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "tools/command.h"

int main(int argc, char** argv) {
  using hindsight::tools::ExitCode;
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
