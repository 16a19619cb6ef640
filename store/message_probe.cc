// Messages of schema/probe.capnp.
#include "store/message_fields.h"

namespace hindsight::store::fields {

void put(schema::Probe::Builder to, const StoredProbe& from) {
  const Probe& probe = from.probe;
  put(to.initId(), probe.id.hash);
  to.setName(text(probe.name));
  to.setExpression(text(probe.expression));
  to.setForm(static_cast<std::uint8_t>(probe.form));
  to.setStatement(text(probe.statement));
  to.setFunction(text(probe.function));
  to.setFile(text(probe.file));
  to.setLine(probe.line);
  put_texts(to.initNest(count_of(probe.nest.size())), probe.nest);
  to.setPrevious(text(probe.previous));
  to.setNext(text(probe.next));
  to.setCreatedNs(probe.created_ns);
  to.setNumber(from.number);
  to.setRemoved(from.removed);
  to.setHelper(text(probe.helper));
  to.setHelperName(text(probe.helper_name));
  to.setForeign(probe.foreign);
}
StoredProbe get(schema::Probe::Reader from) {
  return {.probe = {.id = {get(from.getId())},
                    .name = text(from.getName()),
                    .expression = text(from.getExpression()),
                    .form = known<Probe::Form>(from.getForm(), 0, 6, "form of a probe"),
                    .statement = text(from.getStatement()),
                    .function = text(from.getFunction()),
                    .file = text(from.getFile()),
                    .line = from.getLine(),
                    .nest = get_texts(from.getNest()),
                    .previous = text(from.getPrevious()),
                    .next = text(from.getNext()),
                    .helper = text(from.getHelper()),
                    .helper_name = text(from.getHelperName()),
                    .foreign = from.getForeign(),
                    .created_ns = from.getCreatedNs()},
          .number = from.getNumber(),
          .removed = from.getRemoved()};
}

void put(schema::SegmentOutcome::Builder to, const SegmentOutcome& from) {
  to.setNumber(from.number);
  to.setComparedValues(from.compared_values);
  to.setComparedBytes(from.compared_bytes);
  to.setComparedLeaves(from.compared_leaves);
  to.setLastCompared(text(from.last_compared));
  to.setFirstDifference(text(from.first_difference));
  to.setProblem(text(from.problem));
  to.setValues(from.values);
  to.setCpuSeconds(from.cpu_seconds);
}
void put(schema::Replay::Builder to, const Replay& from) {
  to.setNumber(from.id.number);
  to.setRun(from.run.number);
  auto probes = to.initProbes(count_of(from.probes.size()));
  for (unsigned i = 0; i < probes.size(); ++i) put(probes[i], from.probes[i].hash);
  to.setStartedNs(from.started_ns);
  to.setEndedNs(from.ended_ns);
  put(to.initBuild(), from.build);
  to.setToolVersion(text(from.tool_version));
  to.setBuildCpuSeconds(from.build_cpu_seconds);
  to.setCpuSeconds(from.cpu_seconds);
  put_all(to.initSegments(count_of(from.segments.size())), from.segments);
  put_texts(to.initNotes(count_of(from.notes.size())), from.notes);
}
Replay get(schema::Replay::Reader from) {
  Replay replay{.id = {from.getNumber()},
                .run = {from.getRun()},
                .probes = {},
                .started_ns = from.getStartedNs(),
                .ended_ns = from.getEndedNs(),
                .build = get(from.getBuild()),
                .tool_version = text(from.getToolVersion()),
                .build_cpu_seconds = from.getBuildCpuSeconds(),
                .cpu_seconds = from.getCpuSeconds(),
                .segments = {},
                .notes = get_texts(from.getNotes())};
  for (const auto probe : from.getProbes()) replay.probes.push_back({get(probe)});
  for (const auto segment : from.getSegments()) {
    replay.segments.push_back({.number = segment.getNumber(),
                               .compared_values = segment.getComparedValues(),
                               .compared_bytes = segment.getComparedBytes(),
                               .compared_leaves = segment.getComparedLeaves(),
                               .last_compared = text(segment.getLastCompared()),
                               .first_difference = text(segment.getFirstDifference()),
                               .problem = text(segment.getProblem()),
                               .values = segment.getValues(),
                               .cpu_seconds = segment.getCpuSeconds()});
  }
  return replay;
}

void put(schema::Coverage::Builder to, const Coverage& from) {
  to.setLoopInstance(from.loop_instance);
  to.setFirst(from.first);
  to.setLast(from.last);
  to.setReplay(from.replay.number);
  to.setExact(from.exact);
}
void put(schema::CoverageList::Builder to, const CoverageList& from) {
  to.setRun(from.run.number);
  put(to.initProbe(), from.probe.hash);
  put_all(to.initStretches(count_of(from.stretches.size())), from.stretches);
}
CoverageList get(schema::CoverageList::Reader from) {
  CoverageList list{.run = {from.getRun()}, .probe = {get(from.getProbe())}, .stretches = {}};
  for (const auto one : from.getStretches()) {
    list.stretches.push_back({.run = list.run,
                              .probe = list.probe,
                              .loop_instance = one.getLoopInstance(),
                              .first = one.getFirst(),
                              .last = one.getLast(),
                              .replay = {one.getReplay()},
                              .exact = one.getExact()});
  }
  return list;
}

}  // namespace hindsight::store::fields
