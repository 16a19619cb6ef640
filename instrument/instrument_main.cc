// hindsight-instrument: questions about units that need no compilation (README.md).
#include <algorithm>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <unistd.h>

#include "instrument/analyse.h"
#include "instrument/arithmetic.h"
#include "instrument/choose.h"
#include "instrument/edits.h"
#include "instrument/launcher/call.h"
#include "instrument/launcher/process.h"
#include "instrument/launcher/scratch.h"
#include "instrument/report.h"

namespace hindsight::instrument {
namespace {

constexpr char kUsage[] =
    "usage: hindsight-instrument edits --old OLD --new NEW [--new-tree DIR] --file REL -- COMPILER ARGUMENTS...\n"
    "       hindsight-instrument place --probes FILE [--text FILE] [--include DIR] -- COMPILER ARGUMENTS...\n"
    "       hindsight-instrument choose --reports DIR [--wishes FILE]\n"
    "       hindsight-instrument follow --from OUTLINES --to OUTLINES --probes FILE\n"
    "       hindsight-instrument arithmetic --file PROGRAM\n"
    "HINDSIGHT_CC_PROJECT names the project; without it, the working folder is the project.\n";

struct Request {
  std::string verb, old_text, new_text, new_tree, file, probes, text, include_dir, reports, wishes, from, to;
  std::vector<std::string> command;
};

std::string real_path(const std::string& path) {
  char buffer[PATH_MAX];
  return realpath(path.c_str(), buffer) ? buffer : path;
}

int fail(int code, const std::string& text) {
  std::fprintf(stderr, "hindsight-instrument: %s\n", text.c_str());
  return code;
}

bool read_request(const std::vector<std::string>& words, Request& out) {
  if (words.size() < 2) return false;
  out.verb = words[1];
  for (std::size_t i = 2; i < words.size(); ++i) {
    const std::string& w = words[i];
    if (w == "--") {
      out.command.assign(words.begin() + static_cast<std::ptrdiff_t>(i) + 1, words.end());
      return !out.command.empty();
    }
    std::string* target = w == "--old" ? &out.old_text : w == "--new" ? &out.new_text : w == "--new-tree" ? &out.new_tree : w == "--file" ? &out.file
                          : w == "--probes" ? &out.probes : w == "--text" ? &out.text : w == "--include" ? &out.include_dir : w == "--reports" ? &out.reports
                          : w == "--wishes" ? &out.wishes : w == "--from" ? &out.from : w == "--to" ? &out.to : nullptr;
    if (!target || ++i == words.size()) return false;
    *target = words[i];
  }
  return out.verb == "choose" || out.verb == "follow" || out.verb == "arithmetic";
}

ParseInput input_of(const Request& request, const Call& call, const Source& source, const std::string& cwd) {
  ParseInput out;
  out.flags = parse_flags(call);
  out.file = source.path;
  out.cwd = cwd;
  const char* project = std::getenv("HINDSIGHT_CC_PROJECT");
  out.project = real_path(project && *project ? project : cwd);
  out.language = source.language;
  out.compiler = find_compiler(request.command[0]);
  const char* inserted = std::getenv("HINDSIGHT_CC_INSERTED");
  const char* include_dir = std::getenv("HINDSIGHT_CC_INCLUDE");
  if (inserted && include_dir) out.flags.insert(out.flags.end(), {"-idirafter", include_dir});
  return out;
}

std::string absolute(const std::string& path, const std::string& cwd) { return path[0] == '/' ? path : cwd + "/" + path; }

// The files below `tree` stand for those of the project.
void lay_over(const std::string& tree, ParseInput& input) {
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator at(tree, error), end; !error && at != end; at.increment(error)) {
    if (!at->is_regular_file(error)) continue;
    if (auto text = read_file(at->path())) input.overlay[input.project + "/" + at->path().lexically_relative(tree).string()] = std::move(*text);
  }
}

int edits(const Request& request, const Call& call, const std::string& cwd) {
  const auto old_text = read_file(request.old_text), new_text = read_file(request.new_text);
  if (!old_text) return fail(4, "cannot read " + request.old_text);
  if (!new_text) return fail(4, "cannot read " + request.new_text);
  for (const Source& source : call.sources) {
    ParseInput input = input_of(request, call, source, cwd);
    const std::string path = absolute(source.path, cwd);
    const std::string real = real_path(path);
    if (!request.file.empty() && call.sources.size() > 1 && relative_to(input.project, real) != request.file) continue;
    input.overlay[path] = *old_text;
    const UnitStatements before = read_statements(input);
    if (!request.new_tree.empty()) lay_over(request.new_tree, input);
    input.overlay[path] = *new_text;
    const UnitStatements after = read_statements(input);
    EditAnswer answer;
    if (!after.problem.empty()) answer.refused.push_back({request.file, 0, "", "today's text: " + after.problem});
    else if (!before.problem.empty()) answer.refused.push_back({request.file, 0, "", "the recorded text: " + before.problem});
    else answer = find_edits({before.unit, before.outline}, {after.unit, after.outline});
    std::fputs(to_json(answer).c_str(), stdout);
    return 0;
  }
  return fail(4, "the command compiles no " + request.file);
}

int place(const Request& request, const Call& call, const std::string& cwd) {
  const auto text = read_file(request.probes);
  if (!text) return fail(4, "cannot read " + request.probes);
  ProbesFile probes = parse_probes(*text);
  if (!probes.problem.empty()) return fail(2, probes.problem);
  for (const Source& source : call.sources) {
    UnitRequest unit;
    unit.input = input_of(request, call, source, cwd);
    const char* include_dir = std::getenv("HINDSIGHT_CC_INCLUDE");
    unit.include_dir = request.include_dir.empty() && include_dir ? include_dir : request.include_dir;
    unit.probes = probes.probes;
    const std::string path = absolute(source.path, cwd);
    const auto source_text = read_file(request.text.empty() ? path : request.text);
    if (!source_text) return fail(4, "cannot read " + (request.text.empty() ? path : request.text));
    unit.text = *source_text;
    unit.input.overlay[path] = unit.text;
    UnitReport report = analyse(unit).report;
    report.cwd = cwd;
    report.arguments = request.command;
    report.output = output_of(call, source);
    report.compiler = unit.input.compiler;
    std::fputs(to_json(report).c_str(), stdout);
  }
  return 0;
}

// The loops that the program is to have which the reports in a folder describe.
int choose(const Request& request) {
  std::vector<UnitReport> units;
  std::vector<FunctionShape> functions;
  std::error_code error;
  for (std::filesystem::directory_iterator at(request.reports, error), end; !error && at != end; at.increment(error)) {
    const auto text = at->path().extension() == ".json" ? read_file(at->path()) : std::nullopt;
    const ReadReport read = text ? parse_report(*text) : ReadReport{};
    functions.insert(functions.end(), read.report.shapes.begin(), read.report.shapes.end());
    units.push_back(read.report);
  }
  if (error) return fail(4, "cannot list " + request.reports + ": " + error.message());
  Wishes wishes;
  if (!request.wishes.empty()) {
    const auto text = read_file(request.wishes);
    const auto read = text ? parse_wishes(*text) : std::nullopt;
    if (!read) return fail(2, "cannot read the wishes file " + request.wishes);
    wishes = *read;
  }
  std::vector<ChosenLoop> chosen = choose_loops(functions, wishes);
  mark_beside_threads(chosen, units);
  std::fputs(to_json(Choosing{std::move(chosen), known_loops(functions, wishes), unanswered(functions, wishes)}).c_str(), stdout);
  return 0;
}

// One outline of all units in a file.
std::optional<Outline> read_outlines(const std::string& file) {
  const auto text = read_file(file);
  const auto units = text ? parse_outlines(*text) : std::nullopt;
  return units ? std::optional(joined(*units)) : std::nullopt;
}

int follow_probes(const Request& request) {
  const auto text = read_file(request.probes);
  const PlacedProbes asked = text ? parse_placed(*text) : PlacedProbes{};
  if (!asked.ok) return fail(2, "cannot read the probes file " + request.probes);
  const std::optional<Outline> from = read_outlines(request.from), to = read_outlines(request.to);
  if (!from || !to) return fail(4, "cannot read the outlines in " + (from ? request.to : request.from));
  const Alignment alignment = align(*from, *to);
  std::vector<Followed> out;
  for (const PlacedProbe& probe : asked.probes) out.push_back(follow(probe, *from, *to, alignment));
  std::fputs(to_json(out).c_str(), stdout);
  return 0;
}

int arithmetic(const Request& request) {
  const Arithmetic found = arithmetic_of(request.file);
  if (!found.problem.empty()) return fail(4, "cannot read " + request.file + ": " + found.problem);
  std::fputs(to_json(found).c_str(), stdout);
  return 0;
}

int run(const std::vector<std::string>& words) {
  Request request;
  if (!read_request(words, request)) {
    std::fputs(kUsage, stderr);
    return 2;
  }
  if (request.verb == "choose" && !request.reports.empty()) return choose(request);
  if (request.verb == "follow" && !request.from.empty() && !request.to.empty() && !request.probes.empty()) return follow_probes(request);
  if (request.verb == "arithmetic" && !request.file.empty()) return arithmetic(request);
  if (request.command.empty()) {
    std::fputs(kUsage, stderr);
    return 2;
  }
  char buffer[PATH_MAX];
  const std::string cwd = getcwd(buffer, sizeof buffer) ? buffer : ".";
  const Call call = read_call(request.command.front(), {request.command.begin() + 1, request.command.end()}, read_file);
  if (!call.passed_on.empty()) return fail(2, "the command compiles nothing: " + call.passed_on);
  if (request.verb == "edits" && !request.old_text.empty() && !request.new_text.empty()) return edits(request, call, cwd);
  if (request.verb == "place" && !request.probes.empty()) return place(request, call, cwd);
  std::fputs(kUsage, stderr);
  return 2;
}

}  // namespace
}  // namespace hindsight::instrument

int main(int argc, char** argv) { return hindsight::instrument::run({argv, argv + argc}); }
