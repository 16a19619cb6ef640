// The texts with probes in them: what stands in front of the code for these, and the insertions. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "instrument/probe.h"

namespace hindsight::instrument {

inline constexpr char kProbeInclude[] = "#include <hindsight/probe.h>\n";

// The probe of a placing that is one of `probes`.
const Probe& probe_of(const Placing& placing, const std::vector<Probe>& probes);

// A probe's helper as it is put in front of the code, at most once in a unit; empty: it has none.
std::string helper_text(const Probe& probe);
// Those of the probes that are placed in `file`, each once.
std::string helpers_of(const std::vector<Placing>& placings, const std::vector<Probe>& probes, const std::string& file);

// `text` with `insertions`, `#include <hindsight/probe.h>` and `helpers` at `include_offset`, and #line directives that keep every line's
// number and name the file `path`.
std::string scratch_text(std::string_view text, const std::vector<Insertion>& insertions, std::size_t include_offset, const std::string& path, const std::string& helpers = {});

}  // namespace hindsight::instrument
