// Around a probe's expression: what it draws is its own, and where it may change the ambient state (rand(), libtorch's generator, the floating-point
// environment), that is put back behind it, so that the training goes on as it was recorded.
#include "runtime/client/ambient.h"
#include "runtime/client/engine.h"
#include "runtime/client/memory.h"

namespace hindsight::client {
namespace {

// Of the main thread, whose expressions do not nest: one that calls a function with a probe in it is put back as a whole.
char* saved;
uint64_t room, held;

void save() {
  static hindsight_archive archive;
  for (int attempt = 0; attempt < 2; ++attempt) {
    begin(archive, HINDSIGHT_SAVE);
    archive.out = saved;
    archive.capacity = room;
    visit_ambient(archive);
    held = archive.failed ? 0 : archive.size;
    finish(archive);
    if (held <= room) return;
    memory::give(saved);
    saved = static_cast<char*>(memory::take(held));
    room = saved != nullptr ? held : 0;
  }
  held = 0;
}

void put_back() {
  if (held == 0) return;
  static hindsight_archive archive;
  begin(archive, HINDSIGHT_LOAD);
  archive.in = saved;
  archive.in_size = held;
  visit_ambient(archive);
  finish(archive);
}

}  // namespace
}  // namespace hindsight::client

extern "C" int hindsight_probing(int begins) {
  using namespace hindsight::client;
  ThreadState& thread = this_thread();
  thread.probes += begins != 0 ? 1u : ~0u;
  const bool is_outermost = thread.number == 0 && thread.probes == (begins != 0 ? 1u : 0u);
  if (engine.guard_probes && is_outermost) begins != 0 ? save() : put_back();
  return engine.guard_probes ? 1 : 0;
}
