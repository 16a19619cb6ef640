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
  // What has such a name and changes no number, or only what every build does alike. An option that is not known is not trusted.
  static constexpr std::array<std::string_view, 9> kStrict = {"-fno-math-errno", "-fmath-errno", "-fno-trapping-math", "-ftrapping-math", "-frounding-math", "-fno-rounding-math", "-fsignaling-nans",
                                                              "-ffp-model=precise", "-ffp-model=strict"};
  static constexpr std::array<std::string_view, 9> kOfArithmetic = {"math", "fp-", "approx", "associative", "reciprocal", "signed-zeros", "cx-", "recip", "excess-precision"};
  std::string is;
  for (const std::string& each : arguments) {
    const std::string_view word = each;
    if (word.starts_with("@")) is = word;  // what it says is not known
    if (word.starts_with("-O")) {
      // -Ofast is no longer in force behind another level.
      if (word == "-Ofast") is = word;
      else if (is == "-Ofast") is.clear();
    }
    if (word.starts_with("-m")) {
      if (word == "-m32" || word.starts_with("-mrecip") || (word.starts_with("-mfpmath=") && word != "-mfpmath=sse")) is = word;  // 80 bits in registers, 64 in memory
      if (word == "-mfpmath=sse" && (is == "-m32" || is.starts_with("-mfpmath="))) is.clear();
    }
    if (!word.starts_with("-f") || word.starts_with("-ffp-contract=") || std::find(kStrict.begin(), kStrict.end(), word) != kStrict.end()) continue;
    const bool is_one = std::any_of(kOfArithmetic.begin(), kOfArithmetic.end(), [&](std::string_view name) { return word.find(name) != std::string_view::npos; });
    if (!is_one) continue;
    if (word == "-fno-fast-math") {
      if (is.starts_with("-f")) is.clear();
    } else if (word.starts_with("-fno-") && word != "-fno-signed-zeros") {
      if (is == "-f" + std::string(word.substr(5))) is.clear();
    } else if (word != "-fsigned-zeros") {
      is = word;
    }
  }
  return is;
}

std::string loosening_text(const std::string& text) {
  if (text.find("optimize") != std::string::npos) {
    for (const std::string_view each : {"fast-math", "Ofast", "unsafe-math-optimizations", "associative-math", "reciprocal-math"}) {
      if (text.find(each) != std::string::npos) return std::string(each);
    }
  }
  for (const std::string_view each : {"clang fp", "float_control", "fpmath="}) {
    if (text.find(each) != std::string::npos) return std::string(each);
  }
  return {};
}

bool may_fuse(const std::string& expression) {
  const bool multiplies = expression.find('*') != std::string::npos, adds = expression.find_first_of("+-") != std::string::npos;
  if (multiplies && adds) return true;
  // Templates of the standard library that multiply and add, in the unit's own code.
  for (const char* each : {"inner_product", "transform_reduce", "norm", "abs", "lerp", "fma", "hypot", "valarray"}) {
    const std::size_t at = expression.find(each);
    if (at != std::string::npos && !expression.substr(0, at).ends_with("hindsight::")) return true;
  }
  return expression.find('[') != std::string::npos && expression.find('{') != std::string::npos;  // a lambda
}

std::string changed_arithmetic(const ArithmeticCounts& recorded, const ArithmeticCounts& probed, bool may_fuse) {
  const auto is_fused = [](const auto& each) { return each.first.starts_with("fma"); };
  if (std::none_of(recorded.begin(), recorded.end(), is_fused) && std::none_of(probed.begin(), probed.end(), is_fused)) return {};
  if (may_fuse) return "an expression that may be fused itself, so that what it changes around it cannot be seen";
  ArithmeticCounts all = recorded;
  all.insert(probed.begin(), probed.end());
  for (const auto& [kind, count] : all) {
    const auto before = recorded.find(kind), now = probed.find(kind);
    const std::uint64_t was = before == recorded.end() ? 0 : before->second, is = now == probed.end() ? 0 : now->second;
    if (is < was || (is > was && kind.starts_with("fma"))) return kind + ": " + std::to_string(is) + " instructions, and " + std::to_string(was) + " without them";
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
