#include "instrument/launcher/cc.h"

#include <algorithm>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "instrument/analyse.h"
#include "instrument/choose.h"
#include "instrument/launcher/call.h"
#include "instrument/launcher/in_place.h"
#include "instrument/launcher/process.h"
#include "instrument/launcher/scratch.h"
#include "instrument/report.h"

namespace hindsight::instrument {
namespace {

constexpr char kInside[] = "HINDSIGHT_CC_INSIDE";  // set for the compiler, so that a wrapper script that calls us again passes on

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::string real_path(const std::string& path) {
  char buffer[PATH_MAX];
  return realpath(path.c_str(), buffer) ? buffer : path;
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}
std::string base_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

void warn(const std::string& file, const std::string& text) {
  std::fprintf(stderr, "hindsight-cc: warning: %s: %s\n", file.c_str(), text.c_str());
}

// What is run for the user: launchers, then the compiler.
struct Command {
  std::vector<std::string> before;  // ccache and the like, as the user called them
  std::string compiler;
  std::vector<std::string> arguments;
  std::string problem;

  std::vector<std::string> with(const std::vector<std::string>& given) const {
    std::vector<std::string> out = before;
    out.push_back(compiler);
    out.insert(out.end(), given.begin(), given.end());
    return out;
  }
};

Command read_command(const std::vector<std::string>& words) {
  Command out;
  std::size_t at = 0;
  std::string name = base_name(words.empty() ? "" : words[0]);
  const bool launcher = name.starts_with("hindsight-cc");
  if (launcher) ++at;
  if (at >= words.size()) {
    out.problem = "no compiler is given: hindsight-cc COMPILER ARGUMENTS...";
    return out;
  }
  // `hindsight-cc ccache g++ ...`
  while (launcher && at + 1 < words.size()) {
    const std::string base = base_name(words[at]);
    if (base != "ccache" && base != "sccache" && base != "distcc" && base != "icecc") break;
    out.before.push_back(words[at++]);
  }
  name = launcher ? words[at] : name;
  out.compiler = find_compiler(name);
  if (out.compiler.empty()) out.problem = "no compiler '" + name + "' on PATH besides hindsight-cc itself";
  out.arguments.assign(words.begin() + static_cast<std::ptrdiff_t>(at) + 1, words.end());
  return out;
}

struct Settings {
  std::string project;
  std::string reports;
  std::string include_dir;
  std::vector<Probe> probes;
  std::string problem;  // of the probes file, the choice file, or the wishes file
  bool dry = false;
  std::string plan;     // the folder that notes what is put into the sources; empty: nothing is
  std::vector<ChosenLoop> choice;
  bool decide = true;   // there is no choice yet
  std::optional<Wishes> wishes;   // of the user, on which loops are chosen
  bool inserted = false;         // the sources call hindsight because we made them
  std::vector<std::string> link;  // what a program is then linked with
};

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (end > at) out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

Settings read_settings() {
  Settings out;
  const std::string project = variable("HINDSIGHT_CC_PROJECT");
  if (project.empty()) return out;
  out.project = real_path(project);
  out.reports = variable("HINDSIGHT_CC_REPORTS");
  out.include_dir = variable("HINDSIGHT_CC_INCLUDE");
  out.dry = variable("HINDSIGHT_CC_DRY") == "1";
  out.plan = variable("HINDSIGHT_CC_PLAN");
  out.inserted = !out.plan.empty() || variable("HINDSIGHT_CC_INSERTED") == "1";
  out.link = words_of(variable("HINDSIGHT_CC_LINK"));
  if (const std::string choice = variable("HINDSIGHT_CC_CHOICE"); !choice.empty()) {
    const std::optional<std::string> text = read_file(choice);
    const auto read = text ? parse_choice(*text) : std::nullopt;
    if (!read) {
      out.problem = "cannot read the choice file " + choice;
      return out;
    }
    out.choice = *read;
    out.decide = false;
  }
  if (const std::string wishes = variable("HINDSIGHT_CC_WISHES"); !wishes.empty()) {
    const std::optional<std::string> text = read_file(wishes);
    out.wishes = text ? parse_wishes(*text) : std::nullopt;
    if (!out.wishes) {
      out.problem = "cannot read the wishes file " + wishes;
      return out;
    }
  }
  const std::string probes = variable("HINDSIGHT_CC_PROBES");
  if (probes.empty()) return out;
  const std::optional<std::string> text = read_file(probes);
  if (!text) {
    out.problem = "cannot read the probes file " + probes;
    return out;
  }
  if (text->empty()) return out;
  ProbesFile file = parse_probes(*text);
  out.probes = std::move(file.probes);
  out.problem = std::move(file.problem);
  return out;
}

// No unit may hold a build up for long: what takes more is compiled as it is.
constexpr rlim_t kRewriteSeconds = 120, kAnalysisSeconds = 300;
void limit_time(rlim_t seconds) {
  const rlimit limit = {seconds, seconds + 5};
  setrlimit(RLIMIT_CPU, &limit);
}
std::string how_it_ended(int status) {
  if (status == 128 + SIGXCPU) return "took too long";
  return status > 128 ? "ended by signal " + std::to_string(status - 128) : "ended with status " + std::to_string(status);
}

// A build system's own trial compilations are no units of the project.
bool is_trial(const std::string& path) {
  return path.find("/CMakeFiles/CMakeScratch/") != std::string::npos || path.find("/CMakeFiles/CMakeTmp/") != std::string::npos ||
         path.find("/CompilerIdC") != std::string::npos || path.find("/CMakeFiles/_CMakeLTOTest") != std::string::npos;
}

struct Unit {
  Source source;
  std::string absolute;
  std::string work;       // folder of its own in the scratch folder
  UnitReport report;
  std::string scratch;    // path of the text to compile in its place; empty: itself
  pid_t analysing = -1;
  Rewritten rewritten;    // what was put into its files, where that was done
  std::string not_searched;  // why no loops were looked for; empty: they were
};

class Compilation {
 public:
  Compilation(const Command& command, const Settings& settings, Call call)
      : command_(command), settings_(settings), call_(std::move(call)), cwd_(current_folder()), scratch_(key()) {
    for (const Source& source : call_.sources) {
      const std::string absolute = real_path(source.path[0] == '/' ? source.path : cwd_ + "/" + source.path);
      if (!is_below(settings_.project, absolute) || is_trial(absolute) || access(absolute.c_str(), R_OK) != 0) continue;
      Unit unit;
      unit.source = source;
      unit.absolute = absolute;
      units_.push_back(std::move(unit));
    }
  }

  bool has_units() const { return !units_.empty() && !scratch_.path().empty(); }

  int run() {
    const bool insert = !settings_.probes.empty();
    pid_t compiler = -1;
    if (!settings_.plan.empty()) {
      for (std::size_t i = 0; i < units_.size(); ++i) insert_loops(units_[i], i);
    }
    const bool edited = std::any_of(units_.begin(), units_.end(), [](const Unit& unit) { return !unit.rewritten.edits.empty(); });
    if (edited && !settings_.dry) {
      const Ran ran = run_captured(command_.with(with_ours(command_.arguments)));
      std::fputs(ran.errors.c_str(), stderr);
      if (ran.status != 0) {
        take_back("the compiler rejects the loops: " + first_error(ran.errors));
        return run_as_it_was();
      }
    } else if (!insert && !settings_.dry) {
      // With nothing to insert the user's compiler need not wait for the analysis.
      compiler = start(command_.with(with_ours(command_.arguments)));
    }
    for (std::size_t i = 0; i < units_.size(); ++i) {
      begin(units_[i], i);
      end(units_[i]);  // one after another: a parse takes hundreds of megabytes
    }
    int status = 0;
    if (compiler >= 0) status = wait_for(compiler);
    else if (!edited && !settings_.dry) status = compile_edited();
    if (status == 0) {
      for (const Unit& unit : units_) {
        if (!unit.report.problem.empty()) warn(unit.report.unit, "compiled without instrumentation: " + unit.report.problem);
        write_report(unit);
      }
    }
    return status;
  }

 private:
  static std::string current_folder() {
    char buffer[PATH_MAX];
    return getcwd(buffer, sizeof buffer) ? buffer : ".";
  }
  std::string key() const {
    std::string out = cwd_;
    for (const std::string& a : call_.arguments) out += '\n' + a;
    return out;
  }

  // And what text that we wrote needs.
  std::vector<std::string> with_ours(std::vector<std::string> out) const {
    if (!settings_.inserted) return out;
    if (!settings_.include_dir.empty()) out.insert(out.end(), {"-idirafter", settings_.include_dir});
    if (call_.makes_program) out.insert(out.end(), settings_.link.begin(), settings_.link.end());
    return out;
  }

  // ---- loops and state, in the files themselves ----

  void insert_loops(Unit& unit, std::size_t number) {
    if (unit.source.language != Language::kCxx) return;
    const std::string work = scratch_.path() + "/loops" + std::to_string(number);
    if (mkdir(work.c_str(), 0700) != 0) return;
    // Another unit may have edited a header meanwhile; what it put there is then part of the text.
    for (int attempt = 0; attempt < 4; ++attempt) {
      std::fflush(nullptr);
      const pid_t child = fork();
      if (child == 0) {
        limit_time(kRewriteSeconds);
        rewrite_in_child(unit, work);
        _exit(0);
      }
      const int status = child < 0 ? 127 : wait_for(child);
      if (status != 0) {
        unit.not_searched = "no loops were looked for: the search " + how_it_ended(status);
        return warn(unit.source.path, unit.not_searched);
      }
      const std::optional<std::string> text = read_file(work + "/rewritten.json");
      std::optional<Rewritten> read = text ? parse_rewritten(*text) : std::nullopt;
      if (!read) return;
      unit.rewritten = *std::move(read);
      if (unit.rewritten.edits.empty()) return;
      for (std::size_t i = 0; i < unit.rewritten.edits.size(); ++i) unit.rewritten.edits[i].read = read_file(work + "/text" + std::to_string(i)).value_or("");
      if (edit_in_place(unit.rewritten.edits, settings_.project, settings_.plan)) return;
      unit.rewritten.edits.clear();
    }
    for (ChosenLoop& chosen : unit.rewritten.chosen) {
      if (chosen.refused.empty()) chosen.refused = "its files kept changing while it was compiled";
    }
  }

  void rewrite_in_child(const Unit& unit, const std::string& work) {
    RewriteRequest request;
    request.input = input_of(unit);
    request.loops = settings_.choice;
    request.decide = settings_.decide;
    if (settings_.wishes && settings_.decide) choose_as_wished(unit, request);
    const Rewritten rewritten = rewrite(request);
    for (std::size_t i = 0; i < rewritten.edits.size(); ++i) {
      write_file(work + "/text" + std::to_string(i), rewritten.edits[i].read);
    }
    write_file(work + "/rewritten.json", to_json(rewritten));
  }

  // The choice that `rewrite` would make, with the user's word on it.
  void choose_as_wished(const Unit& unit, RewriteRequest& request) const {
    if (read_file(unit.absolute).value_or("").find("main") == std::string::npos) return;  // decides nothing
    RewriteRequest survey = request;
    survey.decide = false;
    const std::vector<FunctionShape> shapes = rewrite(survey).shapes;
    if (std::none_of(shapes.begin(), shapes.end(), [](const FunctionShape& f) { return f.is_main; })) return;
    request.loops = choose_loops(shapes, *settings_.wishes);
    request.decide = !request.loops.empty();
  }

  void take_back(const std::string& why) {
    for (Unit& unit : units_) {
      undo_in_place(unit.rewritten.edits, settings_.project, settings_.plan);
      if (!unit.rewritten.edits.empty()) unit.report.problem = why;
      for (ChosenLoop& chosen : unit.rewritten.chosen) {
        if (chosen.refused.empty()) chosen.refused = why;
      }
      unit.rewritten.edits.clear();
    }
  }
  int run_as_it_was() {
    const int status = wait_for(start(command_.with(with_ours(command_.arguments))));
    if (status != 0) return status;
    for (std::size_t i = 0; i < units_.size(); ++i) {
      const std::string problem = units_[i].report.problem;
      begin(units_[i], i);
      end(units_[i]);
      if (!problem.empty()) warn(units_[i].report.unit, "compiled without loops of hindsight's: " + problem);
      write_report(units_[i]);
    }
    return 0;
  }

  // The analysis runs in a process of its own: a crash in Clang must not fail the user's build.
  void begin(Unit& unit, std::size_t number) {
    unit.work = scratch_.path() + "/" + std::to_string(number);
    if (mkdir(unit.work.c_str(), 0700) != 0) return;
    std::fflush(nullptr);
    unit.analysing = fork();
    if (unit.analysing == 0) {
      limit_time(kAnalysisSeconds);
      analyse_in_child(unit);
      _exit(0);
    }
  }

  ParseInput input_of(const Unit& unit) const {
    ParseInput input;
    input.flags = parse_flags(call_);
    if (settings_.inserted && !settings_.include_dir.empty()) input.flags.insert(input.flags.end(), {"-idirafter", settings_.include_dir});
    input.file = unit.source.path;
    input.cwd = cwd_;
    input.project = settings_.project;
    input.language = unit.source.language;
    input.compiler = command_.compiler;
    return input;
  }

  void analyse_in_child(const Unit& unit) {
    UnitRequest request;
    request.input = input_of(unit);
    request.include_dir = settings_.include_dir;
    request.probes = settings_.probes;
    request.text = read_file(unit.absolute).value_or("");
    const UnitAnalysis analysis = analyse(request);
    if (!analysis.edited.empty()) write_file(unit.work + "/" + base_name(unit.source.path), analysis.edited);
    if (!analysis.outline.empty()) write_file(unit.work + "/outline", analysis.outline);
    write_file(unit.work + "/report.json", to_json(analysis.report));
  }

  void end(Unit& unit) {
    const int status = unit.analysing < 0 ? 127 : wait_for(unit.analysing);
    ReadReport read;
    if (const std::optional<std::string> text = read_file(unit.work + "/report.json")) read = parse_report(*text);
    if (read.ok && status == 0) {
      unit.report = std::move(read.report);
      const std::string scratch = unit.work + "/" + base_name(unit.source.path);
      if (access(scratch.c_str(), R_OK) == 0) unit.scratch = scratch;
    } else {
      unit.report.unit = relative_to(settings_.project, unit.absolute);
      unit.report.problem = "the analysis " + how_it_ended(status);
      for (const Probe& probe : settings_.probes) unit.report.probes.push_back({probe.id, {}, unit.report.problem, {}});
    }
    if (unit.report.problem.empty()) unit.report.problem = unit.not_searched;
    unit.report.shapes = unit.rewritten.shapes;
    unit.report.chosen = unit.rewritten.chosen;
    unit.report.cwd = cwd_;
    unit.report.arguments = command_.with(call_.arguments);
    unit.report.output = output_of(call_, unit.source);
    unit.report.compiler = command_.compiler;
  }

  // ---- compiling the scratch files ----

  int compile_edited() {
    std::vector<Unit*> edited;
    for (Unit& unit : units_) {
      if (!unit.scratch.empty()) edited.push_back(&unit);
    }
    if (edited.empty()) return wait_for(start(command_.with(with_ours(command_.arguments))));
    if (are_apart()) return compile_apart(edited);

    // A probe must not fail a build that takes warnings for errors.
    std::vector<std::string> given = {"-iquote", folder_of(edited[0]->source.path)};
    std::vector<std::string> rest = call_.arguments;
    for (const Unit* unit : edited) {
      rest[unit->source.index] = unit->scratch;
      given.push_back("-fdebug-prefix-map=" + unit->scratch + "=" + unit->source.path);
    }
    given.insert(given.end(), rest.begin(), rest.end());
    given.push_back("-Wno-error");
    if (!settings_.include_dir.empty()) {
      given.push_back("-idirafter");
      given.push_back(settings_.include_dir);
    }
    if (settings_.inserted && call_.makes_program) given.insert(given.end(), settings_.link.begin(), settings_.link.end());
    const Ran ran = run_captured(command_.with(given));
    if (ran.status == 0) {
      std::fputs(ran.errors.c_str(), stderr);
      for (const Unit* unit : edited) fix_dependencies(*unit);
      return 0;
    }
    return compile_untouched("the compiler rejects it: " + first_error(ran.errors));
  }

  // Quoted includes are searched in the source's own folder first; with sources of several folders in one call that cannot be said to
  // the compiler.
  bool are_apart() const {
    return std::any_of(call_.sources.begin(), call_.sources.end(), [&](const Source& each) { return folder_of(each.path) != folder_of(call_.sources[0].path); });
  }

  // Each edited source in a call of its own, into an object file that takes its place.
  int compile_apart(const std::vector<Unit*>& edited) {
    if (call_.writes_dependencies || std::find(call_.arguments.begin(), call_.arguments.end(), "-x") != call_.arguments.end()) {
      return compile_untouched("one call compiles sources of several folders, with -x, -MD or -MMD");
    }
    std::vector<std::string> rest = call_.arguments;
    std::string errors;
    for (const Unit* unit : edited) {
      const std::string object = call_.links ? unit->scratch + ".o" : output_of(call_, unit->source);
      std::vector<std::string> given = {"-iquote", folder_of(unit->source.path), "-fdebug-prefix-map=" + unit->scratch + "=" + unit->source.path};
      for (std::size_t i = 0; i < call_.arguments.size(); ++i) {
        const std::string& each = call_.arguments[i];
        const bool is_source = std::any_of(call_.sources.begin(), call_.sources.end(), [&](const Source& source) { return source.index == i; });
        const std::string_view text = each;
        const bool is_linked = text.ends_with(".o") || text.ends_with(".a") || text.ends_with(".so") || text.starts_with("-l") || text.starts_with("-L") || text.starts_with("-Wl,");
        if (each == "-o") ++i;
        else if (!is_source && !is_linked && each != "-c") given.push_back(each);
      }
      given.insert(given.end(), {"-Wno-error", "-c", unit->scratch, "-o", object});
      if (!settings_.include_dir.empty()) given.insert(given.end(), {"-idirafter", settings_.include_dir});
      const Ran ran = run_captured(command_.with(given));
      if (ran.status != 0) return compile_untouched("the compiler rejects it: " + first_error(ran.errors));
      errors += ran.errors;
      rest[unit->source.index] = object;
    }
    if (!call_.links) {
      // What is left to compile, if anything.
      std::vector<std::string> others;
      for (std::size_t i = 0; i < rest.size(); ++i) {
        if (std::none_of(edited.begin(), edited.end(), [&](const Unit* unit) { return unit->source.index == i; })) others.push_back(rest[i]);
      }
      rest = std::move(others);
      if (edited.size() == call_.sources.size()) {
        std::fputs(errors.c_str(), stderr);
        return 0;
      }
    }
    const Ran ran = run_captured(command_.with(with_ours(std::move(rest))));
    if (ran.status != 0) return compile_untouched("the compiler rejects it: " + first_error(ran.errors));
    std::fputs((errors + ran.errors).c_str(), stderr);
    return 0;
  }

  int compile_untouched(const std::string& why) {
    for (Unit& unit : units_) {
      if (unit.scratch.empty()) continue;
      unit.report.problem = why;
      for (ProbeOutcome& outcome : unit.report.probes) {
        if (outcome.placed.empty()) continue;
        outcome.placed.clear();
        outcome.refused = why;
      }
    }
    return wait_for(start(command_.with(with_ours(command_.arguments))));
  }

  static std::string first_error(const std::string& errors) {
    const std::size_t at = errors.find("error: ");
    if (at == std::string::npos) return errors.substr(0, errors.find('\n'));
    return errors.substr(at + 7, errors.find('\n', at) - at - 7);
  }

  void fix_dependencies(const Unit& unit) const {
    for (const std::string& path : dependency_files(call_, unit.source)) {
      const std::optional<std::string> text = read_file(path);
      if (!text || text->find(unit.scratch) == std::string::npos) continue;
      write_file(path, rewrite_dependencies(*text, unit.scratch, unit.source.path));
    }
  }

  void write_report(const Unit& unit) const {
    if (settings_.reports.empty()) return;
    const std::string name = hash_of(cwd_ + "\n" + unit.report.output + "\n" + unit.source.path);
    if (const std::optional<std::string> outline = read_file(unit.work + "/outline")) write_file(settings_.reports + "/" + name + kOutlineExtension, *outline);
    write_file(settings_.reports + "/" + name + ".json", to_json(unit.report));
  }

  const Command& command_;
  const Settings& settings_;
  Call call_;
  std::string cwd_;
  Scratch scratch_;
  std::vector<Unit> units_;
};

}  // namespace

int hindsight_cc(const std::vector<std::string>& arguments) {
  Command command = read_command(arguments);
  if (!command.problem.empty()) {
    std::fprintf(stderr, "hindsight-cc: %s\n", command.problem.c_str());
    return 2;
  }
  if (const std::string launcher = variable("HINDSIGHT_CC_LAUNCHER"); !launcher.empty()) command.before.insert(command.before.begin(), launcher);
  const Settings settings = read_settings();
  const bool active = !settings.project.empty() && variable(kInside).empty();
  if (!active) return become(command.with(command.arguments));
  Call call = read_call(command.compiler, command.arguments, read_file);
  if (!call.passed_on.empty()) {
    std::vector<std::string> given = command.arguments;
    if (settings.inserted && call.makes_program) given.insert(given.end(), settings.link.begin(), settings.link.end());
    return become(command.with(given));
  }
  if (!settings.problem.empty()) {
    // Compiling without the probes would look as if they had been placed.
    std::fprintf(stderr, "hindsight-cc: %s\n", settings.problem.c_str());
    return 2;
  }
  setenv(kInside, "1", 1);
  {
    Compilation compilation(command, settings, std::move(call));
    if (compilation.has_units()) return compilation.run();
  }
  return become(command.with(command.arguments));
}

}  // namespace hindsight::instrument
