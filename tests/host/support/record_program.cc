// Records a program into a store, as `hindsight record` does: record_program STORE PROGRAM ARGS... For tests that kill
// it.
#include <unistd.h>

#include <cstdio>

#include "runtime/host/recorder.h"

int main(int argc, char** argv) {
  using namespace hindsight;
  if (argc < 3) return 2;
  auto store = store::Store::open(argv[1], store::Store::Access::kWrite);
  if (!store) {
    std::fprintf(stderr, "%s\n", store.error().message().c_str());
    return 1;
  }
  store::Run run;
  run.group = static_cast<std::uint64_t>(::getpid());
  host::Launch launch;
  launch.program = argv[2];
  launch.argv.assign(argv + 2, argv + argc);
  host::HostOptions options;
  options.journal_folder = store->journal_folder();
  options.pool_limit = 64 << 20;
  const auto exit =
      host::serve(launch, options, [&](const host::Attached& who) { return host::begin_run(*store, run, who); });
  if (!exit) {
    std::fprintf(stderr, "%s\n", exit.error().message().c_str());
    return 1;
  }
  for (const std::string& problem : exit->problems) std::fprintf(stderr, "%s\n", problem.c_str());
  const auto ended = host::end_runs(*store, run.group, *exit);
  return ended ? 0 : 1;
}
