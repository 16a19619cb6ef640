#include "replay/builder.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <regex>
#include <set>
#include <system_error>
#include <tuple>

#include "replay/collect.h"
#include "replay/continued_build.h"
#include "replay/files.h"
#include "replay/insertions.h"
#include "replay/json_text.h"
#include "replay/probe_id.h"
#include "replay/text.h"
#include "runtime/client/draws.h"
#include "runtime/client/heap.h"

namespace hindsight::replay {

namespace fs = std::filesystem;
using Json = nlohmann::json;

namespace {

constexpr std::array kBuildVariables = {"PATH", "CC", "CXX", "CPP", "LD", "AR", "CFLAGS", "CXXFLAGS", "CPPFLAGS", "LDFLAGS",
                                        "LD_LIBRARY_PATH", "LIBRARY_PATH", "CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH",
                                        "PKG_CONFIG_PATH", "PKG_CONFIG_LIBDIR", "MAKEFLAGS", "SOURCE_DATE_EPOCH"};
constexpr std::array kBuildPrefixes = {"CMAKE_", "Torch_", "hindsight_"};
constexpr std::array kRunPrefixes = {"OMP_", "MKL_", "OPENBLAS_", "GOTO_", "BLIS_", "KMP_", "MALLOC_", "GLIBC_", "LC_", "CUDA_",
                                     "NVIDIA_", "HIP_", "TORCH_", "PYTORCH_", "ATEN_", "HINDSIGHT_", "LD_"};
constexpr std::array kRunVariables = {"LANG", "LANGUAGE", "TZ"};

template <class Array>
bool starts_with_any(std::string_view name, const Array& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(), [&](const char* prefix) { return name.starts_with(prefix); });
}
template <class Array>
bool is_any(std::string_view name, const Array& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Our own settings, which are no part of what a program sees.
bool is_ours(std::string_view name) {
  return name.starts_with("HINDSIGHT_CC_") || name == "HINDSIGHT_HOST" || name == "HINDSIGHT_LIBEXEC" || name == "HINDSIGHT_INCLUDE" ||
         name.starts_with("HINDSIGHT_TEST_");
}

Json to_json(const store::Probe& probe) {
  return {{"id", to_hex(probe.id.hash)}, {"name", probe.name},         {"expression", probe.expression},
          {"form", name_of(probe.form)}, {"statement", probe.statement},
          {"function", probe.function},  {"file", probe.file},         {"line", probe.line},
          {"nest", probe.nest},          {"previous", probe.previous}, {"next", probe.next},
          {"helper", probe.helper},      {"helper_name", probe.helper_name}};
}

// The compilers that a build would find, by path and content.
std::string compilers(const Environment& environment) {
  std::string all;
  for (const char* name : {"g++", "gcc", "c++", "cc", "clang++", "clang", "ld", "cmake", "make"}) {
    const std::optional<fs::path> file = find_on_path(name, environment);
    if (!file) continue;
    std::error_code error;
    const fs::path real = fs::canonical(*file, error);
    const Result<store::Hash> hash = hash_file(real);
    all += std::string(name) + " " + file->string() + " " + real.string() + " " + (hash ? to_hex(*hash) : "") + "\n";
  }
  return all;
}

// The text of the wishes file.
std::string wishes_file(const Wishes& wishes) {
  Json names = Json::object();
  for (const auto& [place, name] : wishes.names) names[place] = name;
  return dump_json({{"only", wishes.only}, {"never", wishes.never}, {"names", names}});
}

store::Hash build_key(const Workspace& workspace, const BuildRequest& request) {
  std::string all = "build 3\n" + to_hex(request.version->id.hash) + "\n" + to_hex(workspace.places().tools) + "\n" +
                    workspace.root().string() + "\n" + (workspace.is_sandboxed() ? "view" : "copy") + "\n" +
                    compilers(request.environment);
  for (const auto& [name, value] : request.environment) {
    if (is_build_variable(name)) all += name + "=" + value + "\n";
  }
  if (request.insert && request.version->plan.empty()) all += "insert\n" + (request.wishes.empty() ? "" : wishes_file(request.wishes) + "\n");
  all += request.version->plan + "\n";
  for (const HeaderProbe& probe : request.in_headers) {
    all += probe.file + "\n";
    for (const Reports::Insertion& each : probe.insertions) all += std::to_string(each.offset) + " " + each.text + "\n";
  }
  return store::hash_bytes(all + probes_file(request.probes, request.counterparts, request.in_headers));
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

std::vector<store::Toolchain> toolchains_of(const std::string& unit_reports, const Environment& environment, const fs::path& scratch) {
  std::set<std::string> paths;
  const Json reports = parse_json(unit_reports);
  if (reports.is_array()) {
    for (const Json& report : reports) {
      if (const std::string path = text_of(report, "compiler"); !path.empty()) paths.insert(path);
    }
  }
  std::vector<store::Toolchain> toolchains;
  for (const std::string& path : paths) {
    store::Toolchain toolchain{.compiler = path, .version = {}, .hash = {}};
    const fs::path answer = scratch / "version";
    const Result<CallExit> exit =
        run_call({.argv = {path, "--version"}, .cwd = "/", .environment = environment, .output = {}, .answer = answer});
    const Result<std::string> text = read_file(answer);
    if (exit && exit->exit_code == 0 && text) toolchain.version = first_line(*text);
    if (const Result<store::Hash> hash = hash_file(path)) toolchain.hash = *hash;
    toolchains.push_back(std::move(toolchain));
  }
  return toolchains;
}

Json done_file(const Build& build, double cpu_seconds) {
  Json toolchains = Json::array();
  for (const store::Toolchain& toolchain : build.toolchains) {
    toolchains.push_back({{"compiler", toolchain.compiler}, {"version", toolchain.version}, {"hash", to_hex(toolchain.hash)}});
  }
  return {{"id", to_hex(build.id)}, {"cpu_seconds", cpu_seconds}, {"toolchains", toolchains}};
}

// Hash over the outputs' contents; names those that are not there.
Result<store::Hash> hash_outputs(const fs::path& made, const std::vector<std::string>& outputs) {
  std::string all;
  for (const std::string& output : outputs) {
    std::error_code error;
    if (!fs::exists(made / output, error)) {
      return Error(ErrorKind::kInvalid, "the build ended without making '" + output + "'",
                   "name what it makes in hindsight.toml: [build] outputs");
    }
    Result<store::Hash> hash = hash_file(made / output);
    if (!hash) return hash;
    all += output + " " + to_hex(*hash) + "\n";
  }
  return store::hash_bytes(all);
}

// An earlier build with this key, if it was finished and its outputs are what they were.
std::optional<Build> finished(Build build) {
  const Result<std::string> text = read_file(build.folder / "done.json");
  Result<std::string> reports = read_file(build.folder / "reports.json");
  Result<std::string> plan = read_file(build.folder / "plan.json");
  if (!text || !reports || !plan) return std::nullopt;
  const Json done = parse_json(*text);
  const Result<store::Hash> id = hash_outputs(build.made, build.outputs);
  if (!id || to_hex(*id) != text_of(done, "id")) return std::nullopt;
  for (const Json& toolchain : member_of(done, "toolchains")) {
    const std::optional<store::Hash> hash = store::hash_from_hex(text_of(toolchain, "hash"));
    build.toolchains.push_back({.compiler = text_of(toolchain, "compiler"),
                                .version = text_of(toolchain, "version"),
                                .hash = hash.value_or(store::Hash{})});
  }
  build.id = *id;
  build.unit_reports = std::move(*reports);
  build.plan = std::move(*plan);
  if (Result<std::string> outlines = read_file(build.folder / "outlines.json")) build.outlines = std::move(*outlines);
  if (Result<std::string> choice = read_file(build.folder / "choice.json")) build.choice = std::move(*choice);
  build.reused = true;
  return build;
}

// What a build makes that finds loops, its plan makes, too: this file says so beside the folder that such a build would have.
fs::path made_already(const Workspace& workspace, const store::Hash& key) { return workspace.base() / "builds" / (to_hex(key) + ".same"); }

void name_by_plan(const Workspace& workspace, const BuildRequest& request, const Build& build) {
  store::Version version = *request.version;
  version.plan = build.plan;
  const store::Hash key = build_key(workspace, {.version = &version, .probes = {}, .environment = request.environment});
  static_cast<void>(write_file(made_already(workspace, key), to_hex(build.key)));  // only time is lost without it
}

void use_folder(const Workspace& workspace, const store::Hash& key, Build& build) {
  build.folder = workspace.base() / "builds" / to_hex(key);
  build.made = build.folder / "upper";
}

std::optional<Build> finished_for_plan(const Workspace& workspace, Build build) {
  const Result<std::string> text = read_file(made_already(workspace, build.key));
  const std::optional<store::Hash> key = text ? store::hash_from_hex(*text) : std::nullopt;
  if (!key) return std::nullopt;
  use_folder(workspace, *key, build);
  const Result<FileLock> lock = FileLock::take(build.folder.string() + ".lock");
  if (!lock) return std::nullopt;
  return finished(std::move(build));
}

// One command of the recipe.
Result<void> run_step(const Workspace& workspace, const Area& area, const std::string& command, const Environment& environment,
                      const fs::path& log, const std::string& what, double& cpu_seconds) {
  if (command.empty()) return {};
  const AreaCall call = call_in(workspace.places(), area, {.program = "/bin/sh", .argv = {"sh", "-c", command}, .cwd = area.root});
  std::vector<std::string> argv = call.argv;
  if (!area.sandboxed) argv.front() = "/bin/sh";
  Result<CallExit> exit = run_call({.argv = argv, .cwd = call.cwd, .environment = environment, .output = log, .answer = {}});
  if (!exit) return std::move(exit).error().context(what);
  cpu_seconds += exit->cpu_seconds;
  if (exit->exit_code == 0) return {};
  const Result<std::string> text = read_file(log);
  return Error(ErrorKind::kInvalid, what + " failed: " + (text ? first_build_error(*text) : "exit status " + std::to_string(exit->exit_code)),
               "the whole log is in " + log.string());
}

// The file that a build's commands write to, empty.
Result<fs::path> empty_log(const Workspace& workspace, const store::Hash& key) {
  const fs::path log = workspace.base() / "logs" / (to_hex(key) + ".log");
  if (Result<void> made = make_folders(log.parent_path()); !made) return std::move(made).error();
  if (Result<void> emptied = write_file(log, ""); !emptied) return std::move(emptied).error();
  return log;
}

Environment without_ours(Environment environment) {
  std::erase_if(environment, [](const auto& entry) { return is_ours(entry.first); });
  // Private in a view, where /tmp is empty and writable.
  for (const char* name : {"TMPDIR", "TMP", "TEMP", "TEMPDIR"}) environment.erase(name);
  return environment;
}

Result<void> prepare(const Workspace& workspace, const Build& build, Area& area) {
  for (const char* name : {"upper", "work", "reports", "plan"}) {
    if (Result<void> made = make_folders(build.folder / name); !made) return made;
  }
  area.sandboxed = workspace.is_sandboxed();
  area.root = workspace.root();
  if (area.sandboxed) {
    area.view.overlays.push_back({.at = area.root, .lower = {build.sources}, .upper = build.folder / "upper", .work = build.folder / "work"});
    return {};
  }
  area.copy = build.folder / "upper";
  std::error_code error;
  fs::copy(build.sources, area.copy, fs::copy_options::recursive | fs::copy_options::copy_symlinks | fs::copy_options::overwrite_existing, error);
  if (error) return system_error("copy the sources to " + area.copy.string(), error.value());
  return {};
}

// ---- builds that loops and state are put into ----

enum class Inserting { kNot, kLinkOnly, kFirst, kChosen };  // kChosen: the loops of the choice file

// Runs the recipe from nothing.
Result<void> make(const Workspace& workspace, Build& build, const BuildRequest& request, const Recipe& recipe, Inserting inserting, const fs::path& choice) {
  const std::string shown = "v" + std::to_string(request.version->number);
  if (Result<void> removed = remove_tree(build.folder); !removed) return removed;
  Area area;
  if (Result<void> prepared = prepare(workspace, build, area); !prepared) return prepared;
  if (Result<void> applied = apply_plan(request.version->plan, build.sources, area.sandboxed ? build.made : area.copy); !applied) return applied;
  const fs::path into = area.sandboxed ? build.made : area.copy;
  if (Result<void> inserted = insert_into_headers(request.in_headers, {into, build.sources}, into); !inserted) return inserted;
  if (Result<void> written = write_file(build.folder / "probes.json", probes_file(request.probes, request.counterparts, request.in_headers)); !written) return written;
  area.reveal({recipe.configure, recipe.command});
  const bool inserted = inserting != Inserting::kNot || !request.version->plan.empty();
  Environment environment = compile_environment(workspace, area, request.environment, build.folder / "reports",
                                                request.probes.empty() ? fs::path() : build.folder / "probes.json", inserted);
  if (!request.in_headers.empty()) environment["HINDSIGHT_CC_INSERTED"] = "1";
  if (inserting >= Inserting::kFirst) environment["HINDSIGHT_CC_PLAN"] = area.show(build.folder / "plan", "plan", true);
  if (inserting == Inserting::kFirst && !request.wishes.empty()) {
    const fs::path wishes = build.folder / "wishes.json";
    if (Result<void> written = write_file(wishes, wishes_file(request.wishes)); !written) return written;
    environment["HINDSIGHT_CC_WISHES"] = area.show(wishes, "wishes.json", false);
  }
  if (inserting == Inserting::kChosen) environment["HINDSIGHT_CC_CHOICE"] = area.show(choice, "choice.json", false);
  const Result<fs::path> log = empty_log(workspace, build.key);
  if (!log) return log.error();
  for (const auto& [what, command] : {std::pair{"configure " + shown, recipe.configure}, std::pair{"build of " + shown, recipe.command}}) {
    Result<void> done = run_step(workspace, area, command, environment, *log, what, build.cpu_seconds);
    if (!done) return done;
  }
  return {};
}

using LoopKey = std::tuple<std::string, std::uint64_t, std::uint64_t, std::string, bool>;
LoopKey key_of(const Json& loop) {
  return {text_of(loop, "file"), loop.value("line", std::uint64_t{0}), loop.value("nth", std::uint64_t{0}), text_of(loop, "name"), loop.value("beside_thread", false)};
}

// Every wish that names no loop, with what may have been meant.
Result<void> check_answered(const Json& choosing) {
  const std::vector<std::string> unanswered = texts_of(choosing, "unanswered");
  if (unanswered.empty()) return {};
  std::vector<std::string> names, shown;
  for (const Json& loop : member_of(choosing, "loops")) {
    const std::string place = text_of(loop, "file") + ":" + std::to_string(number_of(loop, "line"));
    for (std::string name : {text_of(loop, "name"), text_of(loop, "function"), place}) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
    }
    shown.push_back(text_of(loop, "name") + " (" + place + " in " + text_of(loop, "function") + ")");
  }
  constexpr std::size_t kShown = 12;
  std::string hint;
  if (const std::optional<std::string> like = did_you_mean(unanswered.front(), names)) hint = "did you mean '" + *like + "'? ";
  if (shown.empty()) {
    hint += "no loop was seen in any source";
  } else {
    const std::size_t left_out = shown.size() - std::min(shown.size(), kShown);
    hint += "the loops are: " + join(std::span(shown).first(shown.size() - left_out), ", ") + (left_out > 0 ? ", and " + std::to_string(left_out) + " more" : "");
  }
  return Error(ErrorKind::kNotFound, "no loop is named '" + join(unanswered, "', '") + "'", hint);
}

// Looks at all units together, and writes the loops that they should have into `choice`. True: that is what they have.
Result<bool> choose(const Workspace& workspace, const Build& build, const Wishes& wishes, const fs::path& choice) {
  std::vector<std::string> argv = {workspace.places().instrument.string(), "choose", "--reports", (build.folder / "reports").string()};
  if (!wishes.empty()) argv.insert(argv.end(), {"--wishes", (build.folder / "wishes.json").string()});
  Result<CallExit> exit = run_call({.argv = argv, .cwd = "/", .environment = current_environment(), .output = {}, .answer = choice});
  if (!exit) return std::move(exit).error();
  if (exit->exit_code != 0) return Error(ErrorKind::kIo, "hindsight-instrument could not choose loops");
  Result<std::string> text = read_file(choice);
  if (!text) return std::move(text).error();
  const Json choosing = parse_json(*text);
  if (Result<void> answered = check_answered(choosing); !answered) return std::move(answered).error();
  std::set<LoopKey> wanted, had;
  for (const Json& loop : member_of(choosing, "chosen")) wanted.insert(key_of(loop));
  Result<std::string> reports = collect_reports(build.folder / "reports");
  if (!reports) return std::move(reports).error();
  for (const Json& unit : parse_json(*reports)) {
    for (const Json& loop : member_of(unit, "chosen")) had.insert(key_of(loop));
  }
  return had == wanted;
}

}  // namespace

bool can_insert(const Places& places) {
  return !places.compiler_launcher.empty() && !places.instrument.empty() && !places.include.empty() && !places.library.empty();
}

bool is_build_variable(std::string_view name) {
  return !is_ours(name) && (is_any(name, kBuildVariables) || starts_with_any(name, kBuildPrefixes));
}

bool is_kept_variable(std::string_view name) {
  return !is_ours(name) && (is_build_variable(name) || starts_with_any(name, kRunPrefixes) || is_any(name, kRunVariables));
}

Environment build_environment(const Environment& recorded) {
  Environment environment = current_environment();
  std::erase_if(environment, [](const auto& entry) { return is_kept_variable(entry.first); });
  for (const auto& [name, value] : recorded) environment[name] = value;
  return environment;
}

std::string probes_file(const std::vector<store::Probe>& probes, const Counterparts& counterparts, const HeaderProbes& in_headers) {
  Json list = Json::array();
  for (const store::Probe& probe : probes) {
    Json each = to_json(probe);
    if (const auto counterpart = counterparts.find(probe.id); counterpart != counterparts.end()) {
      each["form"] = counterpart->second.after ? "after" : "before";
      each["file"] = counterpart->second.file;
      each["offset"] = counterpart->second.offset;
      each["expression"] = counterpart->second.expression;
    }
    for (const HeaderProbe& header : in_headers) {
      if (header.probe == probe.id) each["left_out"].push_back(header.file);
    }
    list.push_back(std::move(each));
  }
  return dump_json({{"probes", list}});
}

Result<void> insert_into_headers(const HeaderProbes& in_headers, const std::vector<fs::path>& from, const fs::path& into) {
  std::map<std::string, std::vector<Reports::Insertion>> files;
  for (const HeaderProbe& probe : in_headers) {
    std::vector<Reports::Insertion>& all = files[probe.file];
    for (const Reports::Insertion& each : probe.insertions) {
      const bool is_there = each.text.starts_with("#") && std::find(all.begin(), all.end(), each) != all.end();
      if (!is_there) all.push_back(each);
    }
  }
  for (auto& [file, insertions] : files) {
    std::error_code error;
    const auto layer = std::find_if(from.begin(), from.end(), [&](const fs::path& each) { return fs::is_regular_file(each / file, error); });
    if (layer == from.end()) return Error(ErrorKind::kInvalid, "the header '" + file + "' with a probe in it is not there any more");
    Result<std::string> text = read_file(*layer / file);
    if (!text) return std::move(text).error();
    std::stable_sort(insertions.begin(), insertions.end(), [](const Reports::Insertion& a, const Reports::Insertion& b) { return a.offset > b.offset; });
    // From behind, so that offsets stay; those at one place come out in the order in which they were.
    for (std::size_t i = 0; i < insertions.size();) {
      std::string there;
      const std::uint64_t offset = insertions[i].offset;
      for (; i < insertions.size() && insertions[i].offset == offset; ++i) there += insertions[i].text;
      if (offset > text->size()) return Error(ErrorKind::kCorrupt, "a probe lies behind the end of '" + file + "'");
      text->insert(offset, there);
    }
    if (Result<void> made = make_folders((into / file).parent_path()); !made) return made;
    if (Result<void> written = write_file(into / file, *text); !written) return written;
  }
  return {};
}

Environment newest_environment(const store::Store& store, store::VersionId version) {
  Environment environment;
  if (const Result<std::vector<store::Run>> runs = store.runs()) {
    for (const store::Run& run : *runs) {
      if (run.version == version) environment = run.environment;
    }
  }
  return environment;
}

std::string shared_library_in(const Build& build) {
  std::error_code error;
  for (fs::recursive_directory_iterator at(build.made, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    const bool is_one = name.ends_with(".so") || name.find(".so.") != std::string::npos;
    if (is_one && at->is_regular_file(error)) return name;
  }
  return {};
}

Environment compile_environment(const Workspace& workspace, Area& area, Environment environment, const fs::path& reports,
                                const fs::path& probes, bool inserted) {
  environment = without_ours(std::move(environment));
  const Places& places = workspace.places();
  const auto ccache = find_on_path("ccache", environment);
  if (ccache) {
    const fs::path cache = workspace.base() / "ccache";
    static_cast<void>(make_folders(cache));
    environment["CCACHE_DIR"] = area.show(cache, "ccache", true);
  }
  for (const auto& [name, value] : environment) {
    if (is_build_variable(name)) area.reveal({value});
  }
  if (places.compiler_launcher.empty()) return environment;
  const auto set = [&](const char* name, const fs::path& path) { environment[name] = path.string(); };
  set("HINDSIGHT_CC_PROJECT", area.seen(area.root));
  set("HINDSIGHT_CC_REPORTS", area.show(reports, "reports", true));
  if (!probes.empty()) set("HINDSIGHT_CC_PROBES", area.show(probes, "probes.json", false));
  if (const fs::path parsed = workspace.base() / "parsed"; make_folders(parsed)) set("HINDSIGHT_CC_CACHE", area.show(parsed, "parsed", true));
  if (!places.include.empty()) set("HINDSIGHT_CC_INCLUDE", places.include);
  if (ccache) set("HINDSIGHT_CC_LAUNCHER", *ccache);
  if (inserted) {
    environment["HINDSIGHT_CC_INSERTED"] = "1";
    environment["HINDSIGHT_CC_LINK"] = std::string(client::kHeapLinkFlags) + "\n" + client::draws::kDrawLinkFlags + "\n-Wl,-u,hindsight_active,-u,__wrap_malloc\n" + places.library.string() + "\n-pthread\n";
    area.reveal({places.library.string()});
  }
  if (!places.package.empty()) {
    // A project finds the installation that records it without having been told where it is.
    const auto append = [&](const char* name, const fs::path& path) {
      std::string& value = environment[name];
      value += (value.empty() ? "" : ":") + path.string();
    };
    append("PKG_CONFIG_PATH", places.package);
    append("CMAKE_PREFIX_PATH", places.include.parent_path());
    area.reveal({places.include.parent_path().string()});
  }
  if (const Result<fs::path> links = workspace.launchers(environment["PATH"])) {
    environment["PATH"] = area.show(*links, "bin", false).string() + ":" + environment["PATH"];
  }
  // For build systems that call a compiler by its full path.
  set("CMAKE_C_COMPILER_LAUNCHER", places.compiler_launcher);
  set("CMAKE_CXX_COMPILER_LAUNCHER", places.compiler_launcher);
  area.reveal({places.compiler_launcher.string(), places.include.string()});
  return environment;
}

Result<Build> build(const Workspace& workspace, const store::Store& store, const BuildRequest& request, Progress& progress) {
  const std::string shown = "v" + std::to_string(request.version->number);
  if (request.version->foreign) {
    return Error(ErrorKind::kInvalid, shown + " came in a bundle: its programs are not built or run before somebody says that they may be",
                 "look at its sources, then: hindsight bundle --trust " + shown);
  }
  Result<Recipe> recipe = parse_recipe(request.version->recipe);
  if (!recipe) return std::move(recipe).error().context("recipe of " + shown);
  if (recipe->command.empty()) {
    return Error(ErrorKind::kInvalid, "the recipe has no build command", "set [build] command in hindsight.toml");
  }
  Result<fs::path> sources = workspace.sources(store, *request.version);
  if (!sources) return std::move(sources).error();
  Build build;
  build.key = build_key(workspace, request);
  use_folder(workspace, build.key, build);
  build.sources = *sources;
  build.sandboxed = workspace.is_sandboxed();
  build.outputs = recipe->outputs;
  Result<FileLock> lock = FileLock::take(build.folder.string() + ".lock");
  if (!lock) return std::move(lock).error();
  if (std::optional<Build> earlier = finished(build)) return std::move(*earlier);
  if (std::optional<Build> earlier = finished_for_plan(workspace, build)) return std::move(*earlier);

  progress.stage(request.probes.empty() ? "build " + shown : "build " + shown + " with probes", 0);
  const bool insert = request.insert && request.version->plan.empty() && can_insert(workspace.places());
  ScratchFolder unfinished(build.folder);
  const fs::path choice = build.folder.string() + ".choice";
  const ScratchFolder choice_goes(choice);
  const Result<bool> is_continued = continue_build(workspace, build, request, *recipe, [&](const Area& area, const Environment& environment) -> Result<void> {
    const Result<fs::path> log = empty_log(workspace, build.key);
    if (!log) return log.error();
    return run_step(workspace, area, recipe->command, environment, *log, "build of " + shown, build.cpu_seconds);
  });
  if (!is_continued) return is_continued.error();
  Result<void> made = *is_continued ? Result<void>() : make(workspace, build, request, *recipe, insert ? Inserting::kFirst : Inserting::kNot, choice);
  if (made && insert) {
    Result<bool> agreed = choose(workspace, build, request.wishes, choice);
    if (!agreed) return std::move(agreed).error();
    if (!*agreed) made = make(workspace, build, request, *recipe, Inserting::kChosen, choice);
  }
  if (!made && insert) {
    // No build may fail because of us.
    const std::string why = made.error().message();
    made = make(workspace, build, request, *recipe, Inserting::kLinkOnly, choice);
    if (made) progress.warn("the build fails with the loops that hindsight puts into it, so it is recorded without: " + why);
  }
  if (!made) return std::move(made).error();
  Result<store::Hash> id = hash_outputs(build.made, build.outputs);
  if (!id) return std::move(id).error();
  build.id = *id;
  if (!*is_continued) {
    Result<std::string> reports = collect_reports(build.folder / "reports");
    if (!reports) return std::move(reports).error();
    build.unit_reports = std::move(*reports);
  }
  build.toolchains = toolchains_of(build.unit_reports, request.environment, build.folder);
  if (Result<void> written = write_file(build.folder / "reports.json", build.unit_reports); !written) return std::move(written).error();
  if (request.probes.empty()) {
    Result<std::string> outlines = collect_outlines(build.folder / "reports");
    if (!outlines) return std::move(outlines).error();
    build.outlines = std::move(*outlines);
    if (Result<void> written = write_file(build.folder / "outlines.json", build.outlines); !written) return std::move(written).error();
  }
  build.plan = request.version->plan;
  if (insert) {
    Result<std::string> plan = collect_plan(build.folder / "plan");
    if (!plan) return std::move(plan).error();
    build.plan = std::move(*plan);
    if (Result<std::string> text = read_file(choice)) build.choice = std::move(*text);  // none where the build failed before
    if (Result<void> written = write_file(build.folder / "choice.json", build.choice); !written) return std::move(written).error();
  }
  if (Result<void> written = write_file(build.folder / "plan.json", build.plan); !written) return std::move(written).error();
  if (Result<void> written = write_file(build.folder / "done.json", dump_json(done_file(build, build.cpu_seconds))); !written) {
    return std::move(written).error();
  }
  unfinished.keep();
  if (insert) name_by_plan(workspace, request, build);
  return build;
}

Result<Area> area_on(const Workspace& workspace, const Build& build, const fs::path& scratch) {
  Area area;
  area.sandboxed = build.sandboxed;
  area.root = workspace.root();
  if (!area.sandboxed) {
    area.copy = build.made;
    return area;
  }
  for (const char* name : {"upper", "work"}) {
    if (Result<void> made = make_folders(scratch / name); !made) return std::move(made).error();
  }
  area.view.overlays.push_back({.at = area.root, .lower = {build.made, build.sources}, .upper = scratch / "upper", .work = scratch / "work"});
  return area;
}

}  // namespace hindsight::replay
