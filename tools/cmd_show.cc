#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <tuple>

#include "tools/command.h"
#include "tools/describe.h"
#include "tools/ids.h"
#include "tools/layout.h"
#include "tools/records.h"
#include "tools/suggest.h"
#include "tools/text.h"
#include "tools/workplace.h"

namespace hindsight::tools {
namespace {

using Lines = std::vector<std::vector<std::string>>;

struct Options {
  std::string what;
  std::vector<std::string> names;
  bool values = false;
};

// Everything that `show RUN` reads.
struct Story {
  store::Run run;
  store::Version version;
  std::vector<store::LoopInstance> loops;
  std::vector<store::Checkpoint> checkpoints;
  std::vector<store::SmallDigest> digests;
  std::vector<std::pair<store::SeriesKey, std::uint64_t>> series;  // and how many values
  std::vector<store::Replay> replays;
};

Result<Story> read_story(const store::Store& store, const store::Run& run) {
  Story story;
  story.run = run;
  Result<store::Version> version = store.read_version(run.version);
  if (!version) return std::move(version).error();
  Result<std::vector<store::LoopInstance>> loops = store.loops(run.id);
  if (!loops) return std::move(loops).error();
  Result<std::vector<store::Checkpoint>> checkpoints = store.checkpoints(run.id);
  if (!checkpoints) return std::move(checkpoints).error();
  Result<std::vector<store::SmallDigest>> digests = store.digests(run.id);
  if (!digests) return std::move(digests).error();
  Result<std::vector<store::Series>> series = store.read_series(run.id, [](const store::SeriesKey&) { return true; });
  if (!series) return std::move(series).error();
  Result<std::vector<store::Replay>> replays = store.replays();
  if (!replays) return std::move(replays).error();
  story.version = *std::move(version);
  story.loops = *std::move(loops);
  story.checkpoints = *std::move(checkpoints);
  story.digests = *std::move(digests);
  for (const store::Series& one : *series) story.series.emplace_back(one.key, one.columns.size());
  for (const store::Replay& replay : *replays) {
    if (replay.run == run.id) story.replays.push_back(replay);
  }
  return story;
}

std::string head(const std::string& title) { return "\n" + title + "\n"; }

std::string facts_text(const Story& story) {
  const store::Run& run = story.run;
  Lines lines;
  const auto fact = [&](std::string name, std::string value) {
    if (!value.empty()) lines.push_back({std::move(name), std::move(value)});
  };
  fact("run", fmt::format("{}  {}", to_text(run.id), hex(run.uid)));
  fact("version", fmt::format("{}  {}{}", version_text(story.version.number), hex(story.version.id.hash),
                              story.version.as_built ? "  (as built: its sources are not known to be the program's)" : ""));
  fact("status", status_text(run));
  fact("started", run.started_ns == 0 ? "" : when_text(run.started_ns) + " UTC");
  fact("took", run.ended_ns == 0 ? "" : duration_text(static_cast<double>(run.ended_ns - run.started_ns) / 1e9));
  fact("command", shell_text(run.argv));
  fact("program", run.program);
  fact("folder", run.cwd);
  std::vector<std::string> settings;
  for (const auto& [name, value] : run.arguments) settings.push_back(name + "=" + escaped(value));
  fact("set", joined(settings, "  "));
  std::vector<std::string> every;
  for (const auto& [loop, count] : run.every) every.push_back(fmt::format("{}={}", loop, count));
  fact("every", joined(every, "  "));
  fact("values", run.dropped == 0 ? std::to_string(run.records)
                                  : fmt::format("{}, and {} lost", run.records, run.dropped));
  std::uint64_t bytes = 0, kept = 0;
  for (const store::Checkpoint& checkpoint : story.checkpoints) {
    if (!checkpoint.kept) continue;
    ++kept;
    for (const store::Leaf& leaf : checkpoint.leaves) bytes += leaf.bytes;
  }
  fact("checkpoints", fmt::format("{} kept ({} of state), {} only hashed, {}", kept, bytes_text(bytes),
                                  story.checkpoints.size() - kept, count_text(story.digests.size(), "digest", "digests")));
  fact("skipped", run.skipped == 0 ? "" : fmt::format("{} that should have been taken (see notes)", run.skipped));
  fact("thinned", run.thinned == 0 ? "" : fmt::format("{} given up by gc; their hashes are still compared with", count_text(run.thinned, "state", "states")));
  for (const auto& [name, value] : run.host) fact("host " + name, escaped(value));
  fact("inputs", run.inputs.empty() ? "" : count_text(run.inputs.size(), "file", "files"));
  return lay_out(lines, {Align::kLeft, Align::kLeft});
}

// One line per loop name and nest: how often it was entered, how many iterations.
std::string loops_text(const std::vector<store::LoopInstance>& loops) {
  struct Sum {
    std::uint64_t entries = 0, iterations = 0, unfinished = 0;
    std::string site;
  };
  std::map<std::vector<std::string>, Sum> sums;
  for (const store::LoopInstance& loop : loops) {
    std::vector<std::string> nest;
    for (const store::Level& level : loop.enclosing) nest.push_back(level.loop);
    nest.push_back(loop.loop);
    Sum& sum = sums[nest];
    ++sum.entries;
    sum.iterations += loop.labels.size();
    if (loop.end != store::LoopInstance::End::kFinished) ++sum.unfinished;
    sum.site = to_text(loop.site);
  }
  Lines lines = {{"  loop", "entered", "iterations", "not finished", "site"}};
  for (const auto& [nest, sum] : sums) {
    lines.push_back({"  " + joined(nest, "/"), std::to_string(sum.entries), std::to_string(sum.iterations),
                     sum.unfinished == 0 ? "" : std::to_string(sum.unfinished), sum.site});
  }
  return lay_out(lines, {Align::kLeft, Align::kRight, Align::kRight, Align::kRight, Align::kLeft});
}

std::string series_text(const Story& story) {
  Lines lines = {{"  name", "loops", "type", "values", "from", "site"}};
  for (const auto& [key, values] : story.series) {
    lines.push_back({"  " + key.name, joined(key.nest, "/"),
                     std::string(name_of(key.dtype)) + (key.is_vector ? "[]" : ""), std::to_string(values),
                     key.replay.number == 0 ? (key.is_argument ? "argument" : key.is_draw ? "from outside" : "recorded")
                                            : fmt::format("replay {}", to_text(key.replay)),
                     to_text(key.site)});
  }
  return lay_out(lines, {Align::kLeft, Align::kLeft, Align::kLeft, Align::kRight, Align::kLeft, Align::kLeft});
}

std::string checkpoints_text(const std::vector<store::Checkpoint>& checkpoints) {
  Lines lines = {{"  point", "state", "leaves", "cost"}};
  for (const store::Checkpoint& checkpoint : checkpoints) {
    std::uint64_t bytes = 0;
    for (const store::Leaf& leaf : checkpoint.leaves) bytes += leaf.bytes;
    lines.push_back({"  " + to_string(checkpoint.point), checkpoint.kept ? bytes_text(bytes) : "hashes only",
                     std::to_string(checkpoint.leaves.size()),
                     duration_text(static_cast<double>(checkpoint.capture_cost_ns) / 1e9)});
  }
  return lay_out(lines, {Align::kLeft, Align::kRight, Align::kRight, Align::kRight});
}

std::string replays_text(const std::vector<store::Replay>& replays) {
  Lines lines = {{"  replay", "started (UTC)", "CPU", "values", "compared", "first difference"}};
  for (const store::Replay& replay : replays) {
    std::uint64_t values = 0, compared = 0;
    std::string difference;
    for (const store::SegmentOutcome& segment : replay.segments) {
      values += segment.values;
      compared += segment.compared_values;
      if (difference.empty()) difference = !segment.problem.empty() ? segment.problem : segment.first_difference;
    }
    lines.push_back({"  " + to_text(replay.id), when_text(replay.started_ns), duration_text(replay.cpu_seconds),
                     std::to_string(values), count_text(compared, "value", "values"), escaped(difference)});
  }
  return lay_out(lines,
                 {Align::kLeft, Align::kLeft, Align::kRight, Align::kRight, Align::kRight, Align::kLeft});
}

int show_run(Output& out, const Workplace& place, const store::Run& run) {
  Result<Story> story = read_story(place.store, run);
  if (!story) return out.fail(std::move(story).error().context("show " + to_text(run.id)));
  out.answer(facts_text(*story));
  if (!story->series.empty()) out.answer(head("values") + series_text(*story));
  if (!story->loops.empty()) out.answer(head("loops with state") + loops_text(story->loops));
  if (!story->checkpoints.empty()) {
    const bool many = story->checkpoints.size() > 40 && !out.verbose();
    out.answer(head("checkpoints") +
               (many ? fmt::format("  {} of them; -v lists all\n", story->checkpoints.size())
                     : checkpoints_text(story->checkpoints)));
  }
  if (!story->replays.empty()) out.answer(head("replays") + replays_text(story->replays));
  if (out.verbose()) {
    Lines inputs;
    for (const store::FileEntry& file : run.inputs) {
      inputs.push_back({"  " + escaped(file.path), bytes_text(file.size), hex(file.hash), file.kept ? "" : "hash only"});
    }
    if (!inputs.empty()) out.answer(head("inputs") + lay_out(inputs, {Align::kLeft, Align::kRight, Align::kLeft, Align::kLeft}));
    Lines environment;
    for (const auto& [name, value] : run.environment) environment.push_back({"  " + name, escaped(value)});
    if (!environment.empty()) out.answer(head("environment") + lay_out(environment, {Align::kLeft, Align::kLeft}));
  }
  if (!run.notes.empty()) {
    out.answer(head("notes"));
    for (const std::string& note : run.notes) out.answer("  " + escaped(note) + "\n");
  }

  out.object(full_run_json(run, story->version.number));
  for (const auto& [key, values] : story->series) out.object(series_json(run.id, key, values));
  for (const store::LoopInstance& loop : story->loops) out.object(loop_json(run.id, loop));
  for (const store::Checkpoint& checkpoint : story->checkpoints) out.object(checkpoint_json(run.id, checkpoint));
  for (const store::Replay& replay : story->replays) out.object(replay_json(replay));
  json::Object summary("summary");
  summary.number("series", story->series.size())
      .number("loops", story->loops.size())
      .number("checkpoints", story->checkpoints.size())
      .number("digests", story->digests.size())
      .number("replays", story->replays.size());
  return out.done(summary);
}

int show_values(Output& out, const Workplace& place, const store::Run& run, std::uint64_t version,
                const std::vector<std::string>& names) {
  Result<std::vector<store::SeriesKey>> keys = place.store.series_keys(run.id);
  if (!keys) return out.fail(keys.error());
  std::vector<std::string> known;
  for (const store::SeriesKey& key : *keys) known.push_back(key.name);
  for (const std::string& name : names) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return out.fail(Error(ErrorKind::kNotFound, fmt::format("{} has no value '{}'", to_text(run.id), name),
                            did_you_mean(name, known, fmt::format("'hindsight show {}' lists what it has", to_text(run.id)))));
    }
  }
  const std::set<std::string> wanted(names.begin(), names.end());
  Result<std::vector<Record>> records =
      read_records(place.store, run.id, version,
                   [&](const store::SeriesKey& key) { return wanted.empty() || wanted.contains(key.name); });
  if (!records) return out.fail(records.error());
  Result<std::vector<store::Replay>> replays = place.store.replays();
  if (!replays) return out.fail(replays.error());
  std::map<std::pair<store::ReplayId, std::uint32_t>, const store::SegmentOutcome*> outcomes;
  for (const store::Replay& replay : *replays) {
    for (const store::SegmentOutcome& segment : replay.segments) outcomes[{replay.id, segment.number}] = &segment;
  }

  Lines lines = {{"position", "name", "seq", "value", "status"}};
  for (const Record& record : *records) {
    const auto outcome = outcomes.find({record.replay, record.segment});
    if (out.json()) {
      out.object(record_json(record, outcome == outcomes.end() ? nullptr : outcome->second));
    } else {
      lines.push_back({to_string(record.position), record.name, std::to_string(record.seq),
                       to_text(record.value, out.verbose() ? 0 : 60), std::string(name_of(record.status))});
    }
  }
  out.answer(lay_out(lines, {Align::kLeft, Align::kLeft, Align::kRight, Align::kLeft, Align::kLeft}));
  json::Object summary("summary");
  summary.number("records", records->size());
  return out.done(summary);
}

int show_version(Output& out, const Workplace& place, const store::Version& version) {
  Lines lines = {{"version", fmt::format("{}  {}", version_text(version.number), hex(version.id.hash))},
                 {"stored", when_text(version.created_ns) + " UTC"},
                 {"project", version.project_root}};
  if (version.as_built) lines.push_back({"as built", "its sources are not known to be the program's"});
  for (const store::Toolchain& toolchain : version.toolchains) {
    lines.push_back({"compiler", fmt::format("{}  {}", toolchain.compiler, toolchain.version)});
  }
  out.answer(lay_out(lines, {Align::kLeft, Align::kLeft}));
  Lines files;
  for (const store::FileEntry& file : version.sources) {
    files.push_back({"  " + escaped(file.path), bytes_text(file.size), hex(file.hash).substr(0, 8), file.kept ? "" : "hash only"});
  }
  out.answer(head("sources") + lay_out(files, {Align::kLeft, Align::kRight, Align::kLeft, Align::kLeft}));
  Result<std::vector<store::Run>> runs = read_runs(place.store);
  if (!runs) return out.fail(runs.error());
  std::vector<std::string> own;
  for (const store::Run& run : *runs) {
    if (run.version == version.id) own.push_back(to_text(run.id));
  }
  out.answer(head("runs") + "  " + joined(own, "  ") + "\n");
  out.object(version_json(version));
  return out.done(json::Object("summary").raw("runs", json::strings(own)));
}

int show_replay(Output& out, const store::Replay& replay) {
  out.answer(fmt::format("replay {} of {}, {} UTC, {} CPU for workers, {} for builds\n", to_text(replay.id),
                         to_text(replay.run), when_text(replay.started_ns), duration_text(replay.cpu_seconds),
                         duration_text(replay.build_cpu_seconds)));
  Lines lines = {{"  segment", "values", "compared", "leaves", "bytes", "last compared", "outcome"}};
  for (const store::SegmentOutcome& segment : replay.segments) {
    std::string outcome = !segment.problem.empty() ? segment.problem : segment.first_difference;
    lines.push_back({"  " + std::to_string(segment.number), std::to_string(segment.values),
                     std::to_string(segment.compared_values), std::to_string(segment.compared_leaves),
                     bytes_text(segment.compared_bytes), segment.last_compared,
                     outcome.empty() ? "no difference" : escaped(outcome)});
  }
  out.answer(lay_out(lines, {Align::kRight, Align::kRight, Align::kRight, Align::kRight, Align::kRight, Align::kLeft,
                             Align::kLeft}));
  for (const std::string& note : replay.notes) out.answer("  " + escaped(note) + "\n");
  out.object(replay_json(replay));
  return out.done(json::Object("summary").number("segments", replay.segments.size()));
}

bool is_numbered(std::string_view text, char prefix) {
  return text.size() > 1 && text[0] == prefix && text.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

int show(Output& out, const Options& options) {
  Result<Workplace> place = open_to_read(out);
  if (!place) return out.fail(place.error());
  Result<std::vector<store::Version>> versions = place->store.versions();
  if (!versions) return out.fail(versions.error());
  if (is_numbered(options.what, 'v') && options.names.empty() && !options.values) {
    Result<store::Version> version = find_version(options.what, *versions);
    return version ? show_version(out, *place, *version) : out.fail(version.error());
  }
  if (is_numbered(options.what, 'p') && options.names.empty() && !options.values) {
    Result<std::vector<store::Replay>> replays = place->store.replays();
    if (!replays) return out.fail(replays.error());
    for (const store::Replay& replay : *replays) {
      if (to_text(replay.id) == options.what) return show_replay(out, replay);
    }
    return out.fail(Error(ErrorKind::kNotFound, fmt::format("no replay '{}'", options.what),
                          replays->empty() ? "nothing has been replayed yet"
                                           : fmt::format("the last one is {}", to_text(replays->back().id))));
  }
  Result<std::vector<store::Run>> runs = read_runs(place->store);
  if (!runs) return out.fail(runs.error());
  Result<std::vector<store::Run>> found = find_runs(options.what, *runs, *versions);
  if (!found) return out.fail(found.error());
  if (found->size() > 1) {
    std::vector<std::string> own;
    for (const store::Run& run : *found) own.push_back(to_text(run.id));
    return out.fail(Error(ErrorKind::kInvalid, fmt::format("'{}' has {} runs", options.what, found->size()),
                          "show one of them: " + joined(own, ", ")));
  }
  const store::Run& run = found->front();
  if (!options.values && options.names.empty()) return show_run(out, *place, run);
  return show_values(out, *place, run, version_numbers(*versions)[run.version], options.names);
}

}  // namespace

Verb make_show() {
  Verb verb;
  verb.name = "show";
  verb.summary = "Shows a run: how it was started and ended, its values, loops, checkpoints and replays, and what could not\n"
                 "be kept and why. With --values, the values themselves. 'v2' shows a version, 'p1' a replay.";
  verb.usage = "RUN [--values] [NAME...]";
  verb.examples = {{"hindsight show r3", "everything that is known of run r3"},
                   {"hindsight show r3 --values loss", "every value of 'loss' with its position and status"}};
  verb.codes = {{ExitCode::kDone, ""},
                {ExitCode::kFailed, "the store cannot be read"},
                {ExitCode::kUsage, ""},
                {ExitCode::kBadAnswer, "the store is damaged"},
                {ExitCode::kNotFound, "no such run or name, no project or no store here"},
                {ExitCode::kBusy, "the store is of a newer format"}};
  verb.declare = [](CLI::App& app) -> Verb::Action {
    auto options = std::make_shared<Options>();
    app.add_option("RUN", options->what, "r3, or the beginning of its uid; v2 for a version, p1 for a replay")->required();
    app.add_option("NAME", options->names, "values to show; none: all");
    app.add_flag("--values", options->values, "show values, in the order they were logged");
    return [options](Output& out, const std::vector<std::string>&) { return show(out, *options); };
  };
  return verb;
}

}  // namespace hindsight::tools
