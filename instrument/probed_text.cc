#include "instrument/probed_text.h"

#include <algorithm>

#include "instrument/launcher/scratch.h"

namespace hindsight::instrument {

const Probe& probe_of(const Placing& placing, const std::vector<Probe>& probes) {
  return *std::find_if(probes.begin(), probes.end(), [&](const Probe& each) { return each.id == placing.outcome.id; });
}

std::string helper_text(const Probe& probe) {
  if (probe.helper.empty()) return {};
  const std::string guard = "HINDSIGHT_HELPER_" + hash_of(probe.helper);
  return "#ifndef " + guard + "\n#define " + guard + "\n#line 1 " + quoted(probe.helper_name) + "\n" + probe.helper + (probe.helper.ends_with("\n") ? "" : "\n") + "#endif\n";
}

std::string helpers_of(const std::vector<Placing>& placings, const std::vector<Probe>& probes, const std::string& file) {
  std::vector<std::string> helpers;
  for (const Placing& placing : placings) {
    if (placing.insertions.empty() || placing.outcome.placed[0].file != file) continue;
    const std::string helper = helper_text(probe_of(placing, probes));
    if (std::find(helpers.begin(), helpers.end(), helper) == helpers.end()) helpers.push_back(helper);
  }
  std::string all;
  for (const std::string& each : helpers) all += each;
  return all;
}

std::string scratch_text(std::string_view text, const std::vector<Insertion>& insertions, std::size_t include_offset, const std::string& path, const std::string& helpers) {
  std::string name;
  for (const char c : path) {
    if (c == '"' || c == '\\') name += '\\';
    name += c;
  }
  name = "\"" + name + "\"";
  // A byte order mark stays in front of everything.
  const std::size_t begin = text.starts_with("\xef\xbb\xbf") ? 3 : 0;
  include_offset = std::max(include_offset, begin);
  std::vector<Insertion> all = {{begin, "#line 1 " + name + "\n"}};
  all.push_back({include_offset, kProbeInclude + helpers + "#line " + line_directive_at(text, include_offset, name) + "\n"});
  all.insert(all.end(), insertions.begin(), insertions.end());
  return insert_into(text, std::move(all));
}

}  // namespace hindsight::instrument
