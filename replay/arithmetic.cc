#include "replay/arithmetic.h"

#include <algorithm>
#include <array>
#include <cctype>
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
  std::vector<std::string> in_force;
  const auto take_back = [&](const auto& is_it) { std::erase_if(in_force, is_it); };
  for (const std::string& word : arguments) {
    if (word.starts_with("@") || word.starts_with("--config") || word.starts_with("-specs") || word.find("unsafe-fp") != std::string::npos) in_force.push_back(word);  // what it says is not known, or just that
    if (word.starts_with("-O")) {
      take_back([](const std::string& each) { return each == "-Ofast"; });  // it is no longer in force behind another level
      if (word == "-Ofast") in_force.push_back(word);
    }
    if (word == "-mfpmath=sse") take_back([](const std::string& each) { return each == "-m32" || each.starts_with("-mfpmath="); });
    else if (word == "-m32" || word.starts_with("-mrecip") || word.starts_with("-mfpmath=")) in_force.push_back(word);  // 80 bits in registers, 64 in memory
    const std::string_view name = std::string_view(word).substr(0, word.find('='));  // behind it may be a path
    if (!word.starts_with("-f") || name == "-ffp-contract" || std::find(kStrict.begin(), kStrict.end(), word) != kStrict.end()) continue;
    if (std::none_of(kOfArithmetic.begin(), kOfArithmetic.end(), [&](std::string_view each) { return name.find(each) != std::string_view::npos; })) continue;
    if (word == "-fsigned-zeros") take_back([](const std::string& each) { return each == "-fno-signed-zeros"; });
    else if (word.starts_with("-fno-") && word != "-fno-signed-zeros") take_back([&](const std::string& each) { return each == "-f" + word.substr(5); });
    else in_force.push_back(word);
  }
  return in_force.empty() ? std::string() : in_force.back();
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
  if (expression.find('*') != std::string::npos && expression.find_first_of("+-") != std::string::npos) return true;
  // A call may multiply and add in the unit's own code: std::inner_product, the products of Eigen. These do not.
  static constexpr std::array<std::string_view, 29> kPlain = {"size", "length", "empty", "count", "numel", "data", "front", "back", "begin", "end", "at", "get", "item", "grad", "defined", "sqrt",
                                                              "exp", "log", "fabs", "floor", "ceil", "isnan", "isinf", "isfinite", "static_cast", "double", "float", "int", "long"};
  const auto is_part = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == ':'; };
  for (std::size_t open = expression.find('('); open != std::string::npos; open = expression.find('(', open + 1)) {
    std::size_t end = open;
    while (end > 0 && expression[end - 1] == ' ') --end;
    if (end > 0 && expression[end - 1] == '>') end = expression.rfind('<', end);  // of template arguments
    if (end == std::string::npos) return true;
    std::size_t begin = end;
    while (begin > 0 && is_part(expression[begin - 1])) --begin;
    const std::string_view name = std::string_view(expression).substr(begin, end - begin);
    const std::string_view last = name.substr(name.rfind(':') + 1);
    const bool is_plain = name.empty() || name.starts_with("hindsight::") || name.starts_with("::hindsight::") || std::find(kPlain.begin(), kPlain.end(), last) != kPlain.end();
    if (!is_plain) return true;
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

namespace {

// A .so may also be a text that tells the linker where one is.
bool is_program(const fs::path& file) {
  const Result<std::string> text = read_file(file);
  return !text || text->starts_with("\x7f" "ELF");
}

// Of what the build made, as hindsight-instrument reads it: the program and shared libraries. Kept with the build. kUnsupported: it cannot be read.
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
      const bool is_library = name.ends_with(".so") || name.find(".so.") != std::string::npos;
      if (is_library && at->is_regular_file(error) && is_program(at->path())) files.push_back(at->path());
    }
    Result<ScratchFolder> scratch = workspace.scratch("arithmetic");
    if (!scratch) return std::move(scratch).error();
    for (const fs::path& file : files) {
      const fs::path answer = scratch->path() / "answer", log = scratch->path() / "log";
      const Result<CallExit> exit = run_call({.argv = {workspace.places().instrument.string(), "arithmetic", "--file", file.string()}, .cwd = "/", .environment = current_environment(), .output = log, .answer = answer});
      if (!exit) return exit.error();
      const Result<std::string> text = read_file(answer);
      const Json found = parse_json(text ? *text : "");
      if (exit->exit_code != 0 || !found.is_object()) return Error(ErrorKind::kUnsupported, "that of " + file.filename().string() + " cannot be read: " + last_lines(log, 3));
      for (const auto& [kind, count] : member_of(found, "counts").items()) all[kind] = number_of(all, kind.c_str()) + (count.is_number_unsigned() ? count.get<std::uint64_t>() : 0);
    }
    static_cast<void>(write_file(kept, dump_json(all)));  // only time is lost without it
  }
  ArithmeticCounts counts;
  for (const auto& [kind, count] : all.items()) counts[kind] = count.is_number_unsigned() ? count.get<std::uint64_t>() : 0;
  return counts;
}

}  // namespace

Result<std::string> changed_arithmetic(const Workspace& workspace, const Build& recorded, const Build& probed, const std::string& program, bool may_fuse) {
  if (workspace.places().instrument.empty()) return std::string("this installation has no hindsight-instrument to look at it");
  const Result<ArithmeticCounts> before = arithmetic_of(workspace, recorded, program), now = arithmetic_of(workspace, probed, program);
  for (const Result<ArithmeticCounts>* each : {&before, &now}) {
    if (*each) continue;
    // Nobody's fault, and nothing is known then.
    if (each->error().kind() == ErrorKind::kUnsupported) return each->error().message();
    return each->error();
  }
  return changed_arithmetic(*before, *now, may_fuse);
}

}  // namespace hindsight::replay
