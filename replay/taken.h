// Today's sources as a version of the store, and the build of them that is recorded.
//
//   Result<Taken> taken = take(store, project, false);
//   Result<Workspace> workspace = open_workspace(store, project, progress);
//   Result<RecordedBuild> built = build_taken(*workspace, store, project, *taken, {}, progress);
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "replay/builder.h"
#include "replay/progress.h"
#include "replay/project.h"
#include "replay/workspace.h"
#include "store/store.h"

namespace hindsight::replay {

// What a command line says of loops, on top of [instrument] in hindsight.toml.
struct LoopRequest {
  std::vector<std::string> only;   // in place of [instrument] loops
  std::vector<std::string> never;  // besides those of [instrument] never
  bool no_insert = false;          // put nothing in
  bool empty() const { return only.empty() && never.empty() && !no_insert; }
};
Wishes joined(const Wishes& recipe, const LoopRequest& asked);

struct Taken {
  store::Version version;          // with the number, plan and reports that it has in the store, or the number that it will have
  store::Tree inputs;
  std::vector<std::string> notes;
  bool is_recorded = false;        // runs of it are in the store: what was put into it stays as it is
  std::string hindsight_user;      // a source that includes hindsight; empty: none does
};

// Puts the project's files into the store. The version itself is stored once it is known to build. The same files with other loops are another
// version: `loops` is part of it.
Result<Taken> take(store::Store& store, const Project& project, bool as_built, const LoopRequest& loops = {});

// Where no sandbox is to be had, builds run in a copy of the project, and `progress` hears of it.
Result<Workspace> open_workspace(const store::Store& store, const Project& project, Progress& progress);

struct RecordedBuild {
  Build build;
  bool inserting = false;          // loops were looked for, or put in as its plan says
  bool other_loops = false;        // it is recorded already with other loops than this build has
};
// kAsRecorded: a version that is recorded is built as it was, unless `asked` says something; `other_loops` then says whether that
// differs. kAfresh: loops are looked for in any case, and kIo says if this installation cannot do that. Other errors as of build().
enum class BuildWay { kAsRecorded, kAfresh };
Result<RecordedBuild> build_taken(const Workspace& workspace, const store::Store& store, const Project& project, const Taken& taken,
                                  const LoopRequest& asked, BuildWay way, Progress& progress);

}  // namespace hindsight::replay
