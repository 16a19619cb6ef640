// Messages of schema/version.capnp, and the bare number.
#include "store/message_fields.h"

namespace hindsight::store::fields {

void put(schema::Counts::Builder to, const Counts& from) {
  to.setVersions(from.versions);
  to.setRuns(from.runs);
  to.setReplays(from.replays);
  to.setProbes(from.probes);
}
Counts get(schema::Counts::Reader from) {
  return {.versions = from.getVersions(), .runs = from.getRuns(), .replays = from.getReplays(), .probes = from.getProbes()};
}

void put(schema::Number::Builder to, const Number& from) { to.setNumber(from.number); }
Number get(schema::Number::Reader from) { return {.number = from.getNumber()}; }

void put(schema::Toolchain::Builder to, const Toolchain& from) {
  to.setCompiler(text(from.compiler));
  to.setVersion(text(from.version));
  put(to.initHash(), from.hash);
}

void put(schema::Version::Builder to, const Version& from) {
  put(to.initId(), from.id.hash);
  to.setNumber(from.number);
  put_all(to.initSources(count_of(from.sources.size())), from.sources);
  to.setRecipe(text(from.recipe));
  to.setProjectRoot(text(from.project_root));
  put_all(to.initToolchains(count_of(from.toolchains.size())), from.toolchains);
  to.setUnitReports(text(from.unit_reports));
  put(to.initBuild(), from.build);
  to.setAsBuilt(from.as_built);
  to.setCreatedNs(from.created_ns);
  to.setPlan(text(from.plan));
  to.setForeign(from.foreign);
  to.setOutlines(text(from.outlines));
}
Version get(schema::Version::Reader from) {
  Version version{.id = {get(from.getId())},
                  .number = from.getNumber(),
                  .sources = get(from.getSources()),
                  .recipe = text(from.getRecipe()),
                  .project_root = text(from.getProjectRoot()),
                  .toolchains = {},
                  .unit_reports = text(from.getUnitReports()),
                  .build = get(from.getBuild()),
                  .as_built = from.getAsBuilt(),
                  .created_ns = from.getCreatedNs(),
                  .plan = text(from.getPlan()),
                  .foreign = from.getForeign(),
                  .outlines = text(from.getOutlines())};
  for (const auto one : from.getToolchains()) {
    version.toolchains.push_back(
        {.compiler = text(one.getCompiler()), .version = text(one.getVersion()), .hash = get(one.getHash())});
  }
  return version;
}

void put(schema::Blob::Builder to, const Blob& from) {
  to.setBytes(from.bytes);
  put_all(to.initChunks(count_of(from.chunks.size())), from.chunks);
}
Blob get(schema::Blob::Reader from) { return {.bytes = from.getBytes(), .chunks = get(from.getChunks())}; }

}  // namespace hindsight::store::fields
