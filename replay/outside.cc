#include "replay/outside.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "replay/builder.h"
#include "replay/linked.h"
#include "store/store.h"

namespace hindsight::replay {

namespace {

// Variables that a view or a worker has values of its own for.
constexpr std::array kOurs = {"PWD", "LD_LIBRARY_PATH", "MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_"};

store::Hash salted(const store::Run& run, const std::string& name, const std::string& value) {
  std::string bytes;
  for (const std::uint64_t part : {run.environment_salt.low, run.environment_salt.high}) {
    for (int shift = 0; shift < 64; shift += 8) bytes.push_back(static_cast<char>(part >> shift));
  }
  return store::hash_bytes(bytes + name + "=" + value);
}

std::string place_of(const std::string& file, std::uint32_t line) { return file + ":" + std::to_string(line); }

// Why what is taken here is not given back; empty: it is, or nothing is taken.
std::string why_not(const Reports::Outside& use, const Reports::Unit& unit, const Linked& linked, const Draws& draws) {
  if (use.condition.empty()) return draws.why_not(use.what);
  for (const std::string& clock : linked.times_of(unit, use.condition)) {
    if (std::string why = draws.why_not(clock); !why.empty()) return why;
  }
  return {};
}

// The first of the units' uses of this kind that is not given back, as a phrase; empty: there is none.
std::string find_use(const Reports& reports, const Draws& draws, std::string_view kind) {
  const Linked linked(reports);
  for (const Reports::Unit& unit : reports.units) {
    for (const Reports::Outside& use : unit.outside) {
      if (use.kind != kind) continue;
      const std::string why = why_not(use, unit, linked, draws);
      if (why.empty()) continue;
      const bool is_call = use.kind == "clock" && use.what.find(' ') == std::string::npos;
      std::string phrase = use.what + (is_call ? "() at " : " at ") + place_of(use.file, use.line) + ", which is not fed back";
      if (use.used_line != 0 && (use.used_line != use.line || use.used_file != use.file)) {
        phrase += " and is used for more than showing it at " + place_of(use.used_file, use.used_line);
      }
      return why == Draws::kNotRecorded ? phrase : phrase + " (" + why + ")";
    }
  }
  return {};
}

// The first of the units' uses of standard input.
const Reports::Outside* find_input(const Reports& reports) {
  for (const Reports::Unit& unit : reports.units) {
    for (const Reports::Outside& use : unit.outside) {
      if (use.kind == "input") return &use;
    }
  }
  return nullptr;
}

const char* name_of(store::StandardInput input) {
  switch (input) {
    case store::StandardInput::kTerminal: return "a terminal";
    case store::StandardInput::kPipe: return "a pipe";
    case store::StandardInput::kFile: return "a file";
    case store::StandardInput::kUnknown:
    case store::StandardInput::kNothing:
    case store::StandardInput::kOther: break;
  }
  return "something else than /dev/null";
}

// A variable whose value is another one than recorded; empty: none.
std::string changed_variable(const store::Run& run, const Environment& now) {
  for (const auto& [name, hash] : run.environment_hashes) {
    const auto found = now.find(name);
    if (found == now.end() || salted(run, name, found->second) != hash) return name;
  }
  return {};
}

}  // namespace

EnvironmentUse environment_use(const Reports& reports) {
  EnvironmentUse use;
  for (const Reports::Unit& unit : reports.units) {
    for (const Reports::Outside& each : unit.outside) {
      if (each.kind != "environment") continue;
      if (each.what.empty()) use.whole = true;
      else use.names.insert(each.what);
    }
  }
  return use;
}

bool is_secret(std::string_view name) {
  std::string upper;
  for (const char c : name) upper += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  constexpr std::array kWords = {"KEY", "TOKEN", "SECRET", "PASS", "CREDENTIAL", "PRIVATE", "AUTH", "COOKIE"};
  return std::any_of(kWords.begin(), kWords.end(), [&](const char* word) { return upper.find(word) != std::string::npos; });
}

void keep_environment(store::Run& run, const EnvironmentUse& use, const Environment& now) {
  run.environment_whole = use.whole;
  for (const auto& [name, value] : now) {
    const bool used = use.names.contains(name);
    if (is_build_variable(name) || ((is_kept_variable(name) || used) && !is_secret(name))) {
      run.environment[name] = value;
    } else if (used || use.whole || is_kept_variable(name)) {
      run.environment_hashes[name] = salted(run, name, value);
    }
  }
  for (const std::string& name : use.names) {
    if (!now.contains(name)) run.environment_absent.insert(name);
  }
}

Environment worker_environment(const store::Run& run, const Environment& now) {
  Environment environment = now;
  // Folders below /tmp, and sockets, are not in the view.
  for (const char* name : {"TMPDIR", "TMP", "TEMP", "TEMPDIR", "SSH_AUTH_SOCK", "DOCKER_HOST"}) {
    if (!run.environment_hashes.contains(name)) environment.erase(name);
  }
  std::erase_if(environment, [&](const auto& entry) {
    const std::string& name = entry.first;
    return !run.environment_hashes.contains(name) &&
           (run.environment_whole || is_kept_variable(name) || run.environment_absent.contains(name));
  });
  for (const auto& [name, value] : run.environment) environment[name] = value;
  if (run.environment_whole) return environment;
  // Returning memory to the system after every step costs a replay half its time, and changes no result.
  for (const char* name : {"MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_"}) environment.emplace(name, "1073741824");
  return environment;
}

std::string outside_of(const Reports& reports, const store::Run& run, const Draws& draws, const Environment& now) {
  for (const char* kind : {"entropy", "clock"}) {
    if (std::string use = find_use(reports, draws, kind); !use.empty()) return use;
  }
  if (const Reports::Outside* use = find_input(reports); use != nullptr && run.standard_input != store::StandardInput::kNothing &&
                                                         run.standard_input != store::StandardInput::kUnknown) {
    return "standard input (" + std::string(name_of(run.standard_input)) + ", read by " + use->what + " at " + place_of(use->file, use->line) +
           "), which was not recorded";
  }
  for (const Reports::Unit& unit : reports.units) {
    if (!unit.parsed) return "what " + unit.name + " takes from outside, which could not be analysed" + (unit.problem.empty() ? "" : ": " + unit.problem);
  }
  const EnvironmentUse use = environment_use(reports);
  for (const char* name : kOurs) {
    if (use.names.contains(name)) return "the environment variable " + std::string(name) + ", which a replay sets itself";
  }
  if (const std::string name = changed_variable(run, now); !name.empty()) {
    return "the environment variable " + name + ", of which only a hash was kept and which is not what it was";
  }
  return {};
}

std::vector<std::string> volatile_names(const Reports& reports) {
  std::set<std::string> names;
  const Linked linked(reports);
  for (const Reports::Unit& unit : reports.units) {
    for (const Reports::VolatileName& each : unit.volatile_names) {
      if (each.condition.empty() || !linked.times_of(unit, each.condition).empty()) names.insert(each.name);
    }
  }
  return {names.begin(), names.end()};
}

}  // namespace hindsight::replay
