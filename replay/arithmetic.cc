#include "replay/arithmetic.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "replay/files.h"
#include "replay/json_text.h"
#include "replay/runner.h"

namespace hindsight::replay {

namespace fs = std::filesystem;
using Json = nlohmann::json;

std::string loosening_option(const std::vector<std::string>& arguments) {
  static constexpr std::array<std::string_view, 4> kLoose = {"fast-math", "unsafe-math-optimizations", "associative-math", "reciprocal-math"};
  std::string is;
  for (const std::string& each : arguments) {
    const std::string_view word = each;
    // -Ofast is no longer in force behind another level.
    if (word.starts_with("-O")) {
      if (word == "-Ofast") is = word;
      else if (is == "-Ofast") is.clear();
    }
    for (const std::string_view loose : kLoose) {
      if (word == "-f" + std::string(loose)) is = word;
      if (word == "-fno-" + std::string(loose) && is == "-f" + std::string(loose)) is.clear();
    }
    if (word == "-fno-fast-math" && is.starts_with("-f")) is.clear();
    if (word == "-mfpmath=387" || word == "-m32") is = word;  // 80 bits in registers, 64 in memory
    if (word == "-mfpmath=sse" && (is == "-mfpmath=387" || is == "-m32")) is.clear();
  }
  return is;
}

std::string loosening_text(const std::string& text) {
  if (text.find("optimize") == std::string::npos) return {};
  for (const std::string_view each : {"fast-math", "Ofast", "unsafe-math-optimizations", "associative-math", "reciprocal-math"}) {
    if (text.find(each) != std::string::npos) return std::string(each);
  }
  return {};
}

std::string changed_arithmetic(const ArithmeticCounts& recorded, const ArithmeticCounts& probed, bool multiplies) {
  const auto is_fused = [](const auto& each) { return each.first.starts_with("fma"); };
  if (std::none_of(recorded.begin(), recorded.end(), is_fused) && std::none_of(probed.begin(), probed.end(), is_fused)) return {};
  ArithmeticCounts all = recorded;
  all.insert(probed.begin(), probed.end());
  for (const auto& [kind, count] : all) {
    const auto before = recorded.find(kind), now = probed.find(kind);
    const std::uint64_t was = before == recorded.end() ? 0 : before->second, is = now == probed.end() ? 0 : now->second;
    const bool is_new = is > was && kind.starts_with("fma") && !multiplies;
    if (is < was || is_new) return kind + ": " + std::to_string(is) + " instructions, and " + std::to_string(was) + " without them";
  }
  return {};
}

Result<ArithmeticCounts> arithmetic_of(const Workspace& workspace, const Build& build, const std::string& program) {
  const fs::path kept = build.folder / "arithmetic.json";
  Json all;
  if (const Result<std::string> known = read_file(kept)) all = parse_json(*known);
  if (!all.is_object()) {
    all = Json::object();
    std::vector<fs::path> files = {build.made / program};
    std::error_code error;
    for (fs::recursive_directory_iterator at(build.made, error), end; !error && at != end; at.increment(error)) {
      const std::string name = at->path().filename().string();
      if (at->is_regular_file(error) && (name.ends_with(".so") || name.find(".so.") != std::string::npos)) files.push_back(at->path());
    }
    Result<ScratchFolder> scratch = workspace.scratch("arithmetic");
    if (!scratch) return std::move(scratch).error();
    for (const fs::path& file : files) {
      const fs::path answer = scratch->path() / "answer", log = scratch->path() / "log";
      const Result<CallExit> exit = run_call({.argv = {workspace.places().instrument.string(), "arithmetic", "--file", file.string()}, .cwd = "/", .environment = current_environment(), .output = log, .answer = answer});
      if (!exit) return exit.error();
      const Result<std::string> text = read_file(answer);
      const Json found = parse_json(text ? *text : "");
      if (exit->exit_code != 0 || !found.is_object()) return Error(ErrorKind::kIo, "the arithmetic in " + file.filename().string() + " cannot be read: " + last_lines(log, 3));
      for (const auto& [kind, count] : member_of(found, "counts").items()) all[kind] = number_of(all, kind.c_str()) + count.get<std::uint64_t>();
    }
    static_cast<void>(write_file(kept, dump_json(all)));  // only time is lost without it
  }
  ArithmeticCounts counts;
  for (const auto& [kind, count] : all.items()) counts[kind] = count.is_number_unsigned() ? count.get<std::uint64_t>() : 0;
  return counts;
}

}  // namespace hindsight::replay
