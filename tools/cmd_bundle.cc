#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "store/bundle.h"
#include "tools/command.h"
#include "tools/ids.h"
#include "tools/selection.h"
#include "tools/text.h"
#include "tools/workplace.h"

namespace hindsight::tools {
namespace {

struct Options {
  bool reads = false, trusts = false;
  std::vector<std::string> words;
};

// Beside the store, so that it is on the same file system and goes with it.
std::filesystem::path scratch_of(const store::Store& store) { return store.folder() / ("bundle." + std::to_string(::getpid())); }

json::Object summary_of(const store::Carried& carried) {
  std::vector<std::string> runs, known;
  for (const store::RunId id : carried.runs) runs.push_back(to_text(id));
  for (const store::RunId id : carried.known) known.push_back(to_text(id));
  json::Object summary("summary");
  summary.raw("runs", json::strings(runs))
      .raw("known", json::strings(known))
      .number("versions", carried.versions)
      .number("probes", carried.probes)
      .number("replays", carried.replays)
      .raw("left_out", json::strings(carried.left_out));
  return summary;
}

int write(Output& out, const std::string& file, const std::vector<std::string>& names) {
  Result<Workplace> place = open_to_read(out);
  if (!place) return out.fail(place.error());
  const Result<Selection> selection = select_runs(place->store, names);
  if (!selection) return out.fail(selection.error());
  if (selection->runs.empty()) return out.fail(Error(ErrorKind::kNotFound, "there are no runs to put into a bundle", "'hindsight record -- PROGRAM' makes one"));
  std::vector<store::RunId> runs;
  for (const store::Run& run : selection->runs) runs.push_back(run.id);
  const Result<store::Carried> carried = store::write_bundle(place->store, runs, file, scratch_of(place->store));
  if (!carried) return out.fail(carried.error());
  std::error_code problem;
  const std::uintmax_t size = std::filesystem::file_size(file, problem);
  out.answer(fmt::format("{}: {} of {}, {}, {}; {}\n", file, count_text(runs.size(), "run", "runs"), count_text(carried->versions, "version", "versions"),
                         count_text(carried->probes, "probe", "probes"), count_text(carried->replays, "replay", "replays"), bytes_text(problem ? 0 : size)));
  for (const std::string& left_out : carried->left_out) out.warn("too large to be kept, so a replay elsewhere needs its own: " + left_out);
  json::Object summary = summary_of(*carried);
  summary.text("file", file).number("bytes", problem ? 0 : size);
  return out.done(summary);
}

Result<void> trust(store::Store& store, const std::vector<store::VersionId>& versions) {
  Result<store::WriteBatch> batch = store.write();
  if (!batch) return std::move(batch).error();
  for (const store::VersionId version : versions) {
    if (Result<void> done = batch->trust_version(version); !done) return done;
  }
  return batch->commit();
}

int read(Output& out, const std::string& file, bool trusts) {
  std::error_code problem;
  if (!std::filesystem::exists(file, problem)) return out.fail(Error(ErrorKind::kNotFound, fmt::format("no file '{}'", file)));
  Result<Workplace> place = open_to_write(out, IfMissing::kCreate);
  if (!place) return out.fail(place.error());
  const Result<store::Carried> carried = store::read_bundle(file, place->store, scratch_of(place->store));
  if (!carried) return out.fail(carried.error());
  std::vector<std::string> runs;
  std::vector<store::VersionId> versions;
  for (const store::RunId id : carried->runs) {
    const Result<store::Run> run = place->store.read_run(id);
    if (!run) return out.fail(run.error());
    runs.push_back(to_text(id));
    if (!run->version.hash.is_zero()) versions.push_back(run->version);
  }
  if (trusts) {
    if (const Result<void> done = trust(place->store, versions); !done) return out.fail(done.error());
  }
  if (runs.empty()) {
    out.answer("all of its runs are in this store already\n");
  } else {
    out.answer(fmt::format("took in {}{}\n", joined(runs, ", "), carried->known.empty() ? "" : fmt::format("; {} were here already", carried->known.size())));
    if (!trusts) out.talk("their programs are not built or run before 'hindsight bundle --trust' says that they may be");
    if (carried->probes > 0) out.talk(fmt::format("{} came with values; 'hindsight log' asks what they asked in other runs", count_text(carried->probes, "probe", "probes")));
  }
  for (const std::string& left_out : carried->left_out) out.warn("was not kept where it was recorded, so a replay needs it here: " + left_out);
  return out.done(summary_of(*carried));
}

int trust_named(Output& out, const std::vector<std::string>& names) {
  Result<Workplace> place = open_to_write(out);
  if (!place) return out.fail(place.error());
  const Result<std::vector<store::Version>> all = place->store.versions();
  if (!all) return out.fail(all.error());
  std::vector<store::VersionId> versions;
  std::vector<std::string> shown;
  for (const std::string& name : names) {
    const Result<store::Version> version = find_version(name, *all);
    if (!version) return out.fail(version.error());
    versions.push_back(version->id);
    shown.push_back(version_text(version->number));
  }
  if (const Result<void> done = trust(place->store, versions); !done) return out.fail(done.error());
  out.answer(fmt::format("the programs of {} may be built and run here\n", joined(shown, ", ")));
  json::Object summary("summary");
  summary.raw("trusted", json::strings(shown));
  return out.done(summary);
}

int bundle(Output& out, const Options& options) {
  const auto usage = [&](const char* what, const char* hint) { return out.fail(Error(ErrorKind::kInvalid, what, hint)); };
  if (options.reads) {
    if (options.words.size() != 1) return usage("--read takes one file", "write: hindsight bundle --read FILE");
    return read(out, options.words[0], options.trusts);
  }
  if (options.trusts) {
    if (options.words.empty()) return usage("--trust names no version", "write: hindsight bundle --trust v3");
    return trust_named(out, options.words);
  }
  if (options.words.empty()) return usage("it is not said which file to write", "write: hindsight bundle FILE, or hindsight bundle FILE r3 r4");
  return write(out, options.words[0], {options.words.begin() + 1, options.words.end()});
}

}  // namespace

Verb make_bundle() {
  Verb verb;
  verb.name = "bundle";
  verb.summary = "Writes runs, with all that a replay of them needs, into one file, or takes in such a file. What came in a bundle is data: it is\n"
                 "checked as a whole first, and its programs are built and run only once --trust has said that they may be.";
  verb.usage = "FILE [RUN]... | --read FILE [--trust] | --trust VERSION...";
  verb.examples = {{"hindsight bundle spiral.bundle r3 v2", "run r3 and all runs of v2; without names, all runs"},
                   {"hindsight bundle --read spiral.bundle", "their values and states can be looked at; replaying needs --trust"}};
  verb.codes = {{ExitCode::kDone, ""},
                {ExitCode::kFailed, "the file or the store cannot be read or written"},
                {ExitCode::kUsage, "also: not a bundle, or a run that is being recorded"},
                {ExitCode::kBadAnswer, "the bundle is damaged or contradicts this store; nothing was taken in"},
                {ExitCode::kNotFound, "no project or no store here, no such file, run or version"},
                {ExitCode::kBusy, "the store or the bundle is of a newer format"}};
  verb.declare = [](CLI::App& app) -> Verb::Action {
    auto options = std::make_shared<Options>();
    app.add_flag("--read", options->reads, "take in what FILE holds");
    app.add_flag("--trust", options->trusts, "the programs of what is read, or of these versions, may be built and run here");
    app.add_option("words", options->words, "the file, and what goes into it")->type_name("FILE|RUN|VERSION");
    return [options](Output& out, const std::vector<std::string>&) { return bundle(out, *options); };
  };
  return verb;
}

}  // namespace hindsight::tools
