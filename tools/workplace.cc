#include "tools/workplace.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>
#include <thread>

#include "runtime/host/host.h"
#include "runtime/host/recorder.h"
#include "tools/text.h"

namespace hindsight::tools {
namespace fs = std::filesystem;
namespace {

std::vector<fs::path> journals(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code problem;
  for (fs::directory_iterator it(folder, problem), end; !problem && it != end; it.increment(problem)) {
    if (it->is_regular_file(problem)) found.push_back(it->path());
  }
  return found;
}

// A host holds its journals' locks as long as it lives.
bool is_held(const fs::path& journal) {
  const int file = ::open(journal.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  const bool held = ::flock(file, LOCK_SH | LOCK_NB) != 0;
  ::close(file);
  return held;
}

Error without_store(const replay::Project& project, Error error) {
  if (error.kind() != ErrorKind::kNotFound) return error;
  return Error(ErrorKind::kNotFound, fmt::format("no store in {}", project.store_folder().string()),
               "'hindsight init' makes one, and so does 'hindsight record -- PROGRAM'");
}

Result<std::size_t> take_in_journals(store::Store& store, Output& out) {
  Result<std::size_t> taken = host::recover_journals(store);
  if (taken && *taken > 0) {
    out.talk(fmt::format("took in {} that a killed recording left behind",
                         count_text(*taken, "journal", "journals")));
  }
  return taken;
}

}  // namespace

Result<replay::Project> open_project() {
  std::error_code problem;
  const fs::path here = fs::current_path(problem);
  if (problem) return Error(ErrorKind::kIo, "the current folder cannot be read: " + problem.message());
  Result<replay::Project> project = replay::find_project(here);
  if (!project && project.error().kind() == ErrorKind::kNotFound) {
    return Error(ErrorKind::kNotFound, fmt::format("not in a project: no hindsight.toml in {} or above", here.string()),
                 "'hindsight init' in the project's folder makes one");
  }
  return project;
}

Result<Workplace> open_to_write(Output& out, IfMissing if_missing) {
  Result<replay::Project> project = open_project();
  if (!project) return std::move(project).error();
  Result<store::Store> store = store::Store::open(project->store_folder(), store::Store::Access::kWrite);
  // Without its format there is no store, or one that another command is just making; create() waits for that one.
  std::error_code problem;
  if (!store && if_missing == IfMissing::kCreate && !fs::exists(project->store_folder() / "format", problem)) {
    store = store::Store::create(project->store_folder());
    if (store) {
      out.talk(fmt::format("made a store in {}", project->store_folder().string()));
    } else if (store.error().kind() == ErrorKind::kInvalid) {  // there is one now
      store = store::Store::open(project->store_folder(), store::Store::Access::kWrite);
    }
  } else if (!store && if_missing == IfMissing::kCreate) {  // it may have been finished between the two looks
    store = store::Store::open(project->store_folder(), store::Store::Access::kWrite);
  }
  if (!store) return without_store(*project, std::move(store).error());
  if (const Result<std::size_t> taken = take_in_journals(*store, out); !taken) {
    // The journals stay for the next time; nothing is lost, but something is not seen.
    out.warn("journals left behind cannot be taken in: " + taken.error().message());
  }
  return Workplace{*std::move(project), *std::move(store)};
}

Result<Workplace> open_to_read(Output& out) {
  Result<replay::Project> project = open_project();
  if (!project) return std::move(project).error();
  {
    Result<store::Store> reading = store::Store::open(project->store_folder(), store::Store::Access::kRead);
    if (!reading) return without_store(*project, std::move(reading).error());
    if (journals(reading->journal_folder()).empty()) return Workplace{*std::move(project), *std::move(reading)};
  }  // closed: an environment must not be open twice in one process
  {
    Result<store::Store> writing = store::Store::open(project->store_folder(), store::Store::Access::kWrite);
    const Result<std::size_t> taken =
        writing ? take_in_journals(*writing, out) : Result<std::size_t>(writing.error());
    if (!taken) {
      out.warn("values that a recording left in its journal are not shown, since the store cannot be written: " +
               taken.error().message());
    }
  }
  Result<store::Store> store = store::Store::open(project->store_folder(), store::Store::Access::kRead);
  if (!store) return without_store(*project, std::move(store).error());
  return Workplace{*std::move(project), *std::move(store)};
}

Result<std::vector<store::Run>> read_runs(const store::Store& store, Deleted deleted) {
  Result<std::vector<store::Run>> runs = store.runs();
  if (!runs) return std::move(runs).error().context("read the runs");
  if (deleted == Deleted::kLeaveOut) std::erase_if(*runs, [](const store::Run& run) { return run.deleted_ns != 0; });
  std::optional<std::set<std::uint64_t>> alive;
  for (store::Run& run : *runs) {
    if (run.state != store::RunState::kRecording) continue;
    if (!alive) {
      alive.emplace();
      for (const fs::path& journal : journals(store.journal_folder())) {
        const Result<std::uint64_t> number = host::journal_run(journal);
        if (number && is_held(journal)) alive->insert(*number);
      }
    }
    if (alive->contains(run.id.number)) continue;
    // It may have ended in order since the runs were read.
    Result<store::Run> now = store.read_run(run.id);
    if (!now) return std::move(now).error().context("read the runs");
    run = *std::move(now);
    if (run.state == store::RunState::kRecording) run.state = store::RunState::kCrashed;
  }
  return runs;
}

unsigned default_workers() { return std::max(1u, std::thread::hardware_concurrency() / 2); }

std::map<store::VersionId, std::uint64_t> version_numbers(const std::vector<store::Version>& versions) {
  std::map<store::VersionId, std::uint64_t> numbers;
  for (const store::Version& version : versions) numbers[version.id] = version.number;
  return numbers;
}

}  // namespace hindsight::tools
