// The folders that builds and workers use, and the views they run in.
//
// Below `base`, usually the store's own folder:
//   sources/<version>/   a version's files as they were
//   builds/<key>/        upper/ (what the build made), reports/, probes.json, done.json
//   placements/<key>/    reports of a dry placement
//   scratch/             what workers write; removed after each, or at the next open if we were killed
//   ccache/, parsed/     caches of the compiler and of hindsight-cc
//   launchers/, logs/
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "replay/files.h"
#include "replay/places.h"
#include "replay/progress.h"
#include "replay/project.h"
#include "replay/runner.h"
#include "replay/sandbox.h"
#include "replay/snapshot.h"
#include "store/store.h"

namespace hindsight::replay {

class Workspace {
 public:
  enum class Isolation { kSandbox, kPlainCopy };

  // Finds a folder whose file system can hold a view's writable layer: the store's, the user's cache, /var/tmp.
  // kUnsupported: no sandbox is to be had at all; the hint names --unsafe-no-sandbox.
  static Result<Workspace> open(const store::Store& store, const Project& project, Isolation isolation);

  const Places& places() const { return places_; }
  const std::filesystem::path& root() const { return root_; }  // the project's
  const std::filesystem::path& base() const { return base_; }
  bool is_sandboxed() const { return isolation_ == Isolation::kSandbox; }

  // The version's files in a folder of their own, written at the first call. Not to be changed.
  Result<std::filesystem::path> sources(const store::Store& store, const store::Version& version) const;
  Result<ScratchFolder> scratch(std::string_view prefix) const;
  // A folder of links, named like the compilers on PATH, to hindsight-cc. REQUIRES: hindsight-cc is there.
  Result<std::filesystem::path> launchers(const std::string& path_variable) const;

 private:
  Workspace(Places places, std::filesystem::path root, std::filesystem::path base, Isolation isolation)
      : places_(std::move(places)), root_(std::move(root)), base_(std::move(base)), isolation_(isolation) {}

  Places places_;
  std::filesystem::path root_;
  std::filesystem::path base_;
  Isolation isolation_;
};

// One place to run commands on the project: a view at its own path, or, without a sandbox, a copy of it elsewhere.
struct Area {
  bool sandboxed = true;
  View view;
  std::filesystem::path root;  // the project's
  std::filesystem::path copy;  // not sandboxed: where the project is instead

  // A path of the project as commands in this area see it.
  std::filesystem::path seen(const std::filesystem::path& path) const;
  // Makes the folder or file `real` visible to commands, and returns the path that they see.
  std::filesystem::path show(const std::filesystem::path& real, const std::string& name, bool writable);
  // Binds back what would be hidden of the paths that these texts mention.
  void reveal(const std::vector<std::string>& texts);
};
// What runs `command` (whose paths are the project's own) in `area`: program and arguments.
struct AreaCall {
  std::filesystem::path program;
  std::vector<std::string> argv;
  std::filesystem::path cwd;
};
AreaCall call_in(const Places& places, const Area& area, const Command& command);

}  // namespace hindsight::replay
