#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>

#include "store/retention.h"
#include "tools/command.h"
#include "tools/ids.h"
#include "tools/text.h"
#include "tools/workplace.h"

namespace hindsight::tools {
namespace {

struct Options {
  bool only_look = false, purge = false;
  std::optional<std::uint64_t> keep_last, most_bytes;
  std::vector<std::string> deleted, restored;
};

std::string names_of(const std::vector<store::Run>& runs) {
  std::vector<std::string> names;
  for (const store::Run& run : runs) names.push_back(to_text(run.id));
  return joined(names, ", ");
}

// Takes runs out of the lists, or back into them.
Result<void> mark(store::Store& store, const std::vector<store::Run>& runs, std::int64_t deleted_ns) {
  if (runs.empty()) return {};
  Result<store::WriteBatch> batch = store.write();
  if (!batch) return std::move(batch).error();
  for (const store::Run& listed : runs) {
    Result<store::Run> run = store.read_run(listed.id);
    if (!run) return std::move(run).error();
    run->deleted_ns = deleted_ns;
    if (Result<store::RunId> put = batch->put_run(*std::move(run)); !put) return std::move(put).error();
  }
  return batch->commit();
}

// The runs that `texts` name, which must be deleted or not.
Result<std::vector<store::Run>> find_marked(const std::vector<std::string>& texts, const std::vector<store::Run>& all,
                                            const std::vector<store::Version>& versions, bool are_deleted) {
  if (texts.empty()) return std::vector<store::Run>();
  std::vector<store::Run> candidates = all;
  std::erase_if(candidates, [&](const store::Run& run) { return (run.deleted_ns != 0) != are_deleted; });
  Result<std::vector<store::Run>> found = find_all_runs(texts, candidates, versions);
  if (!found) return std::move(found).error().context(are_deleted ? "of the deleted runs" : "of the runs");
  for (const store::Run& run : *found) {
    if (run.state == store::RunState::kRecording) return Error(ErrorKind::kInvalid, to_text(run.id) + " is being recorded", "wait until it has ended");
    if (run.purged) return Error(ErrorKind::kInvalid, to_text(run.id) + " was purged: its values and states are gone");
  }
  return found;
}

// One step of thinning after another, the least harmful first: old runs before new ones, some states before most.
class Thinner {
 public:
  explicit Thinner(store::Store& store) : store_(store) {}

  // What giving up these runs' states amounts to is added to the steps.
  Result<void> add(const std::vector<store::Run>& runs, store::Thinning how) {
    for (const store::Run& run : runs) {
      if (run.state == store::RunState::kRecording || run.purged || run.checkpoints == 0) continue;
      const Result<std::vector<store::Checkpoint>> checkpoints = store_.checkpoints(run.id);
      if (!checkpoints) return checkpoints.error();
      const Result<std::vector<store::LoopInstance>> loops = store_.loops(run.id);
      if (!loops) return loops.error();
      const std::vector<std::uint64_t> thinned = store::find_thinned(*checkpoints, *loops, how);
      if (thinned.empty()) continue;
      steps_.push_back({run.id, thinned});
    }
    return {};
  }
  std::size_t steps() const { return steps_.size(); }
  // The first `count` steps together with `unwanted`.
  store::Unwanted up_to(std::size_t count, store::Unwanted unwanted) const {
    for (std::size_t i = 0; i < count; ++i) {
      for (const std::uint64_t number : steps_[i].checkpoints) unwanted.checkpoints.emplace_back(steps_[i].run, number);
    }
    return unwanted;
  }

 private:
  struct Step {
    store::RunId run;
    std::vector<std::uint64_t> checkpoints;
  };
  store::Store& store_;
  std::vector<Step> steps_;
};

// The fewest steps after which all that is stored takes no more than `most`, or all.
Result<std::size_t> fewest_steps(store::Store& store, const Thinner& thinner, const store::Unwanted& unwanted, std::size_t least, std::uint64_t used, std::uint64_t most) {
  std::size_t low = least, high = thinner.steps();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    const Result<store::Collected> freed = store.collect(thinner.up_to(middle, unwanted), true);
    if (!freed) return freed.error();
    if (used + freed->bytes_added <= most + freed->bytes_freed) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

std::uint64_t size_of(const std::filesystem::path& file) {
  std::error_code problem;
  const std::uintmax_t size = std::filesystem::file_size(file, problem);
  return problem ? 0 : size;
}

// What the file still has to give is given back to the file system. `store` is closed.
void compact(Output& out, store::Store store, std::uint64_t used) {
  constexpr std::uint64_t kNotWorthIt = 1 << 20;
  const std::filesystem::path folder = store.folder(), file = folder / "data.mdb";
  if (size_of(file) < used + used / 8 + kNotWorthIt) return;
  { const store::Store closed = std::move(store); }
  const Result<void> done = store::Store::compact(folder);
  if (!done && done.error().kind() == ErrorKind::kBusy) {
    out.talk("the file keeps its size for now, since other processes have the store open; its free room is used again");
  } else if (!done) {
    out.warn("the file keeps its size: " + done.error().message());
  }
}

int gc(Output& out, const Options& options) {
  Result<Workplace> place = open_to_write(out);
  if (!place) return out.fail(place.error());
  store::Store& store = place->store;
  const Result<std::vector<store::Version>> versions = store.versions();
  if (!versions) return out.fail(versions.error());
  Result<std::vector<store::Run>> all = read_runs(store, Deleted::kInclude);
  if (!all) return out.fail(all.error());
  const Result<std::vector<store::Run>> to_delete = find_marked(options.deleted, *all, *versions, false);
  if (!to_delete) return out.fail(to_delete.error());
  const Result<std::vector<store::Run>> to_restore = find_marked(options.restored, *all, *versions, true);
  if (!to_restore) return out.fail(to_restore.error());
  const std::int64_t now = std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  for (const auto& [runs, deleted_ns] : {std::pair{&*to_delete, now}, {&*to_restore, std::int64_t{0}}}) {
    if (!options.only_look) {
      if (const Result<void> done = mark(store, *runs, deleted_ns); !done) return out.fail(done.error());
    }
    for (store::Run& run : *all) {
      if (std::any_of(runs->begin(), runs->end(), [&](const store::Run& one) { return one.id == run.id; })) run.deleted_ns = deleted_ns;
    }
  }

  store::Unwanted unwanted;
  std::vector<store::Run> listed, deleted;
  for (const store::Run& run : *all) {
    if (!run.purged) (run.deleted_ns == 0 ? listed : deleted).push_back(run);
  }
  if (options.purge) {
    for (const store::Run& run : deleted) unwanted.runs.push_back(run.id);
  }
  Thinner thinner(store);
  std::size_t steps = 0;
  if (options.keep_last) {
    const std::size_t old = listed.size() - std::min<std::size_t>(listed.size(), *options.keep_last);
    if (const Result<void> added = thinner.add({listed.begin(), listed.begin() + static_cast<std::ptrdiff_t>(old)}, store::Thinning::kSpaced); !added) {
      return out.fail(added.error());
    }
    steps = thinner.steps();
  }
  const Result<std::uint64_t> used = store.used_bytes();
  if (!used) return out.fail(used.error());
  if (options.most_bytes) {
    for (const store::Thinning how : {store::Thinning::kSpaced, store::Thinning::kEnds}) {
      if (const Result<void> added = thinner.add(listed, how); !added) return out.fail(added.error());
    }
    const Result<std::size_t> fewest = fewest_steps(store, thinner, unwanted, steps, *used, *options.most_bytes);
    if (!fewest) return out.fail(fewest.error());
    steps = *fewest;
  }
  const Result<store::Collected> freed = store.collect(thinner.up_to(steps, unwanted), options.only_look);
  if (!freed) return out.fail(freed.error());
  std::uint64_t left = *used + freed->bytes_added - std::min(*used + freed->bytes_added, freed->bytes_freed);
  if (!options.only_look) {
    const Result<std::uint64_t> measured = store.used_bytes();
    if (!measured) return out.fail(measured.error());
    left = *measured;
  }

  const bool look = options.only_look;
  if (!to_delete->empty()) out.answer(fmt::format("{} {} deleted; '--restore' undoes that, until '--purge' frees the room\n", names_of(*to_delete), look ? "would be" : to_delete->size() == 1 ? "is" : "are"));
  if (!to_restore->empty()) out.answer(fmt::format("{} {} back\n", names_of(*to_restore), look ? "would be" : to_restore->size() == 1 ? "is" : "are"));
  if (freed->runs > 0) out.answer(fmt::format("{} {} purged\n", count_text(freed->runs, "run", "runs"), look ? "would be" : freed->runs == 1 ? "was" : "were"));
  if (freed->checkpoints > 0) {
    out.answer(fmt::format("{} {} given up; every run can still be replayed, and is compared with as before, only from fewer places\n",
                           count_text(freed->checkpoints, "state", "states"), look ? "would be" : "were"));
  }
  out.answer(fmt::format("{}{} of {} {}; {} in use\n", look ? "about " : "", bytes_text(*used - std::min(*used, left)), bytes_text(*used), look ? "would be freed" : "freed", bytes_text(left)));
  const bool is_short = options.most_bytes && left > *options.most_bytes;
  if (is_short) {
    out.warn(fmt::format("that is more than {}: the first states of all runs, and their values and sources, take the rest", bytes_text(*options.most_bytes)));
    if (!options.purge && !deleted.empty()) out.warn(fmt::format("{} still {} what was in them; '--purge' frees it", names_of(deleted), deleted.size() == 1 ? "holds" : "hold"));
  }
  if (!look) compact(out, std::move(place->store), left);
  json::Object summary("summary");
  summary.flag("dry_run", look)
      .number("deleted", to_delete->size())
      .number("restored", to_restore->size())
      .number("purged", freed->runs)
      .number("states", freed->checkpoints)
      .number("chunks", freed->chunks)
      .number("bytes_before", *used)
      .number("bytes", left);
  return out.done(summary, is_short ? ExitCode::kBadAnswer : ExitCode::kDone);
}

}  // namespace

Verb make_gc() {
  Verb verb;
  verb.name = "gc";
  verb.summary = "Frees room in the store: takes runs out of the lists, thins the states of old runs, and removes what nothing refers to.\n"
                 "A thinned run can still be replayed, and is still compared with at every state it had; it only takes longer.";
  verb.usage = "[--dry-run] [--keep-last N] [--max-bytes SIZE] [--delete RUN]... [--restore RUN]... [--purge]";
  verb.examples = {{"hindsight gc --dry-run --keep-last 10", "what thinning all but the ten newest runs would free"},
                   {"hindsight gc --max-bytes 2GB", "thins the oldest runs until all fits into two gigabytes"}};
  verb.codes = {{ExitCode::kDone, ""},
                {ExitCode::kFailed, "the store cannot be written"},
                {ExitCode::kUsage, "also: a run that is being recorded, or was purged"},
                {ExitCode::kBadAnswer, "what must stay takes more than --max-bytes; or the store is damaged"},
                {ExitCode::kNotFound, "no project or no store here, or no such run"},
                {ExitCode::kBusy, "the store is of a newer format"}};
  verb.declare = [](CLI::App& app) -> Verb::Action {
    auto options = std::make_shared<Options>();
    app.add_flag("--dry-run", options->only_look, "change nothing, and say what would be freed");
    app.add_option("--keep-last", options->keep_last, "thin the states of all runs but the last N")->type_name("N");
    app.add_option("--max-bytes", options->most_bytes, "thin the oldest runs until the store takes no more than that (500MB, 2GB)")
        ->type_name("SIZE")
        ->transform(CLI::AsSizeValue(false));
    app.add_option("--delete", options->deleted, "take this run (r3, or all of v2) out of all lists; nothing of it is lost yet")->type_name("RUN")->allow_extra_args(false);
    app.add_option("--restore", options->restored, "bring a deleted run back")->type_name("RUN")->allow_extra_args(false);
    app.add_flag("--purge", options->purge, "free what deleted runs hold: their values and states are gone then");
    return [options](Output& out, const std::vector<std::string>&) { return gc(out, *options); };
  };
  return verb;
}

}  // namespace hindsight::tools
