// Building versions: the recorded recipe on the recorded sources, through hindsight-cc, in a view at the project's path.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "replay/reports.h"
#include "replay/workspace.h"
#include "store/types.h"

namespace hindsight::replay {

// Where a probe goes in a version that it was not written for, and how its expression reads there.
struct Counterpart {
  std::string file;
  std::uint64_t offset = 0;  // of the statement that it stands beside
  bool after = false;        // behind that, not before
  std::string expression;
};
using Counterparts = std::map<store::ProbeId, Counterpart>;

// A probe in a header. Units that include it have to agree, so that what builds puts it there, and not hindsight-cc.
struct HeaderProbe {
  store::ProbeId probe;
  std::string file;
  std::vector<Reports::Insertion> insertions;  // into the recorded build's text
  std::vector<std::string> units;              // that include it
};
using HeaderProbes = std::vector<HeaderProbe>;

struct Build;

struct BuildRequest {
  const store::Version* version = nullptr;
  std::vector<store::Probe> probes;  // to be inserted; empty: as recorded
  Counterparts counterparts = {};    // of those that do not go where their own text says
  HeaderProbes in_headers = {};      // where those are that go into headers
  // The units that they go into, the output that is going to run, and the build without them: where these are known only those units are compiled anew,
  // if the build allows it.
  std::vector<std::string> probed_units = {};
  std::string program = {};
  const Build* recorded = nullptr;
  Environment environment;           // what the build sees; build_environment() of the recorded one
  // Find loops and state, and put them into the sources, where the version has no plan for that yet.
  bool insert = false;
  Wishes wishes = {};  // which loops that finds; the whole of what the user says
};

// A finished build. Its folder stays until it is removed by hand; an equal request finds it again.
struct Build {
  store::Hash key;                 // of the request
  std::filesystem::path folder;    // that of another request's build where that makes the same
  std::filesystem::path made;      // what the build made: the view's upper layer, or the copy it was built in
  std::filesystem::path sources;   // the layer below
  bool sandboxed = true;
  store::Hash id;                  // over the outputs
  std::vector<std::string> outputs;
  std::string unit_reports;        // JSON array
  std::string plan;                // what was put into the sources: store::Version::plan
  std::string outlines;            // of builds without probes: store::Version::outlines
  std::string choice;              // where loops were looked for, what hindsight-instrument chose of which: a JSON object
  std::vector<store::Toolchain> toolchains;
  double cpu_seconds = 0;          // 0: it was there already
  bool reused = false;

  // An output's file on disk, outside every view.
  std::filesystem::path output_file(const std::string& output) const { return made / output; }
};

// The names that are kept of the environment, and those of them that builds depend on.
bool is_kept_variable(std::string_view name);
bool is_build_variable(std::string_view name);
// Ours, with the build variables as `recorded` has them.
Environment build_environment(const Environment& recorded);

// The name of a shared library that the build made; empty: it made none.
std::string shared_library_in(const Build& build);

// Can loops and state be put into programs by this installation?
bool can_insert(const Places& places);

// kInvalid: the build failed; the message has the compiler's first error, the hint names the whole log. kNotFound: a wish names no
// loop of the program; the hint names those that are like it.
Result<Build> build(const Workspace& workspace, const store::Store& store, const BuildRequest& request, Progress& progress);

// Where further commands of this build's compile calls can run: reports go to `reports`, writes to `scratch`.
Result<Area> area_on(const Workspace& workspace, const Build& build, const std::filesystem::path& scratch);

// The environment of compile calls that go through hindsight-cc in `area`; `probes`: a file, or empty.
// `inserted`: the sources call hindsight because we made them.
Environment compile_environment(const Workspace& workspace, Area& area, Environment environment,
                                const std::filesystem::path& reports, const std::filesystem::path& probes, bool inserted = false);

// Puts the probes of `in_headers` into those headers, which are read from the first of `from` that has them, and written below `into`.
Result<void> insert_into_headers(const HeaderProbes& in_headers, const std::vector<std::filesystem::path>& from, const std::filesystem::path& into);

// The text of hindsight-cc's probes file. Those of `in_headers` are there already.
std::string probes_file(const std::vector<store::Probe>& probes, const Counterparts& counterparts = {}, const HeaderProbes& in_headers = {});
// The environment of the newest run of a version.
Environment newest_environment(const store::Store& store, store::VersionId version);

}  // namespace hindsight::replay
