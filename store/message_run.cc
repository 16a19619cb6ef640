// Messages of schema/run.capnp.
#include "store/message_fields.h"

namespace hindsight::store::fields {

void put(schema::Run::Builder to, const Run& from) {
  to.setNumber(from.id.number);
  put(to.initUid(), from.uid);
  put(to.initVersion(), from.version.hash);
  to.setGroup(from.group);
  put_texts(to.initArgv(count_of(from.argv.size())), from.argv);
  to.setProgram(text(from.program));
  to.setCwd(text(from.cwd));
  put_all(to.initEnvironment(count_of(from.environment.size())), from.environment);
  put_all(to.initHost(count_of(from.host.size())), from.host);
  put_all(to.initArguments(count_of(from.arguments.size())), from.arguments);
  put_all(to.initEvery(count_of(from.every.size())), from.every);
  put_all(to.initInputs(count_of(from.inputs.size())), from.inputs);
  to.setStartedNs(from.started_ns);
  to.setEndedNs(from.ended_ns);
  to.setState(static_cast<std::uint8_t>(from.state));
  to.setExitCode(from.exit_code);
  to.setSignal(from.signal);
  to.setRecords(from.records);
  to.setDropped(from.dropped);
  to.setCheckpoints(from.checkpoints);
  to.setSkipped(from.skipped);
  put_texts(to.initNotes(count_of(from.notes.size())), from.notes);
  to.setJournalOffset(from.journal_offset);
  put_texts(to.initEnvironmentAbsent(count_of(from.environment_absent.size())), from.environment_absent);
  auto hashes = to.initEnvironmentHashes(count_of(from.environment_hashes.size()));
  unsigned at = 0;
  for (const auto& [name, hash] : from.environment_hashes) {
    hashes[at].setName(text(name));
    put(hashes[at++].initHash(), hash);
  }
  put(to.initEnvironmentSalt(), from.environment_salt);
  to.setEnvironmentWhole(from.environment_whole);
  to.setStandardInput(static_cast<std::uint8_t>(from.standard_input));
  to.setDeletedNs(from.deleted_ns);
  to.setPurged(from.purged);
  to.setThinned(from.thinned);
  to.setDrawsKept(from.draws_kept);
}
Run get(schema::Run::Reader from) {
  Run run{.id = {from.getNumber()},
          .uid = get(from.getUid()),
          .version = {get(from.getVersion())},
          .group = from.getGroup(),
          .argv = get_texts(from.getArgv()),
          .program = text(from.getProgram()),
          .cwd = text(from.getCwd()),
          .environment = get(from.getEnvironment()),
          .host = get(from.getHost()),
          .arguments = get(from.getArguments()),
          .every = {},
          .inputs = get(from.getInputs()),
          .started_ns = from.getStartedNs(),
          .ended_ns = from.getEndedNs(),
          .state = known<RunState>(from.getState(), 0, 2, "state of a run"),
          .exit_code = from.getExitCode(),
          .signal = from.getSignal(),
          .records = from.getRecords(),
          .dropped = from.getDropped(),
          .checkpoints = from.getCheckpoints(),
          .skipped = from.getSkipped(),
          .notes = get_texts(from.getNotes()),
          .journal_offset = from.getJournalOffset(),
          .environment_absent = {},
          .environment_hashes = {},
          .environment_salt = get(from.getEnvironmentSalt()),
          .environment_whole = from.getEnvironmentWhole(),
          .standard_input = known<StandardInput>(from.getStandardInput(), 0, 5, "kind of standard input"),
          .deleted_ns = from.getDeletedNs(),
          .thinned = from.getThinned(),
          .purged = from.getPurged(),
          .draws_kept = from.getDrawsKept()};
  for (const auto name : from.getEnvironmentAbsent()) run.environment_absent.insert(text(name));
  for (const auto each : from.getEnvironmentHashes()) run.environment_hashes[text(each.getName())] = get(each.getHash());
  for (const auto every : from.getEvery()) run.every[text(every.getName())] = every.getValue();
  return run;
}

void put(schema::RunCounts::Builder to, const RunCounts& from) {
  to.setSeries(from.series);
  to.setLoops(from.loops);
  to.setCheckpoints(from.checkpoints);
  to.setDigestBlocks(from.digest_blocks);
}
RunCounts get(schema::RunCounts::Reader from) {
  return {.series = from.getSeries(),
          .loops = from.getLoops(),
          .checkpoints = from.getCheckpoints(),
          .digest_blocks = from.getDigestBlocks()};
}

void put(schema::SeriesHead::Builder to, const SeriesHead& from) {
  to.setName(text(from.key.name));
  put_texts(to.initNest(count_of(from.key.nest.size())), from.key.nest);
  to.setThread(from.key.thread);
  to.setDtype(static_cast<std::uint8_t>(from.key.dtype));
  to.setIsVector(from.key.is_vector);
  put(to.initSite(), from.key.site);
  to.setIsArgument(from.key.is_argument);
  to.setIsDraw(from.key.is_draw);
  to.setReplay(from.key.replay.number);
  put(to.initProbe(), from.key.probe.hash);
  to.setRows(from.rows);
  to.setBlocks(from.blocks);
}
SeriesHead get(schema::SeriesHead::Reader from) {
  return {.key = {.name = text(from.getName()),
                  .nest = get_texts(from.getNest()),
                  .thread = from.getThread(),
                  .dtype = dtype_of(from.getDtype()),
                  .is_vector = from.getIsVector(),
                  .site = get(from.getSite()),
                  .is_argument = from.getIsArgument(),
                  .is_draw = from.getIsDraw(),
                  .replay = {from.getReplay()},
                  .probe = {get(from.getProbe())}},
          .rows = from.getRows(),
          .blocks = from.getBlocks()};
}

void put(schema::LoopInstance::Builder to, const LoopInstance& from) {
  to.setNumber(from.number);
  put_all(to.initEnclosing(count_of(from.enclosing.size())), from.enclosing);
  to.setLoop(text(from.loop));
  to.setEntry(from.entry);
  to.setThread(from.thread);
  put(to.initSite(), from.site);
  const unsigned labels = count_of(from.labels.size());
  auto label = to.initLabels(labels);
  auto has_label = to.initHasLabels(labels);
  for (unsigned i = 0; i < labels; ++i) {
    label.set(i, from.labels[i].value_or(0));
    has_label.set(i, from.labels[i].has_value());
  }
  auto started = to.initStartedNs(count_of(from.started_ns.size()));
  for (unsigned i = 0; i < started.size(); ++i) started.set(i, from.started_ns[i]);
  to.setEndedNs(from.ended_ns);
  to.setEnd(static_cast<std::uint8_t>(from.end));
}
LoopInstance get(schema::LoopInstance::Reader from) {
  LoopInstance loop{.number = from.getNumber(),
                    .enclosing = get(from.getEnclosing()),
                    .loop = text(from.getLoop()),
                    .entry = from.getEntry(),
                    .thread = from.getThread(),
                    .site = get(from.getSite()),
                    .labels = {},
                    .started_ns = {},
                    .ended_ns = from.getEndedNs(),
                    .end = known<LoopInstance::End>(from.getEnd(), 0, 2, "end of a loop")};
  const auto labels = from.getLabels();
  const auto has_labels = from.getHasLabels();
  if (labels.size() != has_labels.size()) throw Unknown("a loop has labels of two counts");
  loop.labels.resize(labels.size());
  for (unsigned i = 0; i < labels.size(); ++i) {
    if (has_labels[i]) loop.labels[i] = labels[i];
  }
  for (const std::int64_t started : from.getStartedNs()) loop.started_ns.push_back(started);
  return loop;
}

}  // namespace hindsight::store::fields
