// Probes in versions that they were not written for. A probe comes from the newest version in which its own text places it; in another one it goes
// beside the counterpart of the statement that it stands beside there, with the names that its expression has in that version. It is followed at once and
// through all versions in between; where the two do not agree it is refused.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "replay/builder.h"
#include "replay/placer.h"

namespace hindsight::replay {

// What is known of the probes that follow from another version.
struct Following {
  Counterparts counterparts;
  struct From {
    std::uint64_t version = 0;         // its number
    bool is_sure = false;              // two ways lead there, and nothing speaks against it; not where only the probe's own words stand there
    std::vector<std::string> renamed;  // `lr = rate`
    std::string refused;               // why it has no place here; empty: it has
    std::vector<std::string> candidates;
  };
  std::map<store::ProbeId, From> probes;
  double cpu_seconds = 0;              // of what had to be built and parsed for it
};

// `written`: where the probes' own text places them in `version`, of which `recorded` is the build. A version that comes before another one in
// the store's order is older. Versions that cannot be built are passed over, with a warning.
Result<Following> follow_probes(const Workspace& workspace, const store::Store& store, const store::Version& version, const Build& recorded,
                                const std::vector<ProbePlacement>& written, const std::vector<store::Probe>& probes, unsigned workers, Progress& progress);

}  // namespace hindsight::replay
