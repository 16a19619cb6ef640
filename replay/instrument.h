// What is put into the sources of a program that does not call hindsight itself, and why. What `hindsight instrument` does.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "replay/insertions.h"
#include "replay/plan.h"
#include "replay/progress.h"
#include "replay/taken.h"
#include "store/store.h"

namespace hindsight::replay {

// A loop that was chosen.
struct InstrumentedLoop {
  std::string file;
  std::uint32_t line = 0;
  std::string name;
  std::uint32_t level = 0;              // 0: a main loop
  std::string why;
  std::string refused;                  // why it was left as it is; empty: it was not
  std::vector<std::string> state;
  std::vector<std::string> left_out;    // of the state, each with why
  std::vector<Gate::Missing> missing;   // why the loop is neither entered nor skipped
};
struct OtherLoop {
  std::string file;
  std::uint32_t line = 0;
  std::string name;
  std::string function;
};
struct UnitAsItIs {
  std::string unit;
  std::string why;
};

struct Instrumented {
  std::uint64_t version = 0;
  std::string hindsight_user;              // not empty: this source calls hindsight itself, and nothing was put in
  bool switched_off = false;               // by [instrument] auto = false
  bool other_loops = false;                // the version is recorded already, with other loops
  std::vector<InstrumentedLoop> loops;     // by file and line
  std::vector<OtherLoop> others;           // outermost loops of their functions that were not chosen
  std::vector<UnitAsItIs> units;           // that are compiled as they are
  std::vector<std::string> gate_notes;
  std::vector<EditedFile> files;
  double build_cpu_seconds = 0;            // 0: it was built already
};

// Makes the build that record() with the same wishes makes, and keeps it for that; no version is stored. Errors as of build().
Result<Instrumented> instrument(store::Store& store, const Project& project, const LoopRequest& asked, Progress& progress);

// Writes the edited files into the user's sources. kInvalid: one is not what it was when it was read; then none is written. kIo:
// those that were written already are what they were again.
Result<void> apply_to_sources(const Project& project, const std::vector<EditedFile>& files);

}  // namespace hindsight::replay
