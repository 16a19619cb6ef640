// What `hindsight init` writes: a recipe guessed from the build files that are there.
#include <algorithm>
#include <cctype>
#include <regex>
#include <set>
#include <system_error>

#include "replay/files.h"
#include "replay/project.h"
#include "replay/text.h"

namespace hindsight::replay {

namespace fs = std::filesystem;

namespace {

struct Guess {
  std::string what;       // "a CMake project"
  std::string configure = {};
  std::string command = {};
  std::vector<std::string> outputs = {};
  std::vector<std::string> exclude = {};
  std::vector<std::string> doubts = {};  // comments for the user to look at
};

std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string list_of(const std::vector<std::string>& texts) {
  std::vector<std::string> all;
  for (const std::string& text : texts) all.push_back(in_quotes(text));
  return "[" + join(all, ", ") + "]";
}

std::string written(const Guess& guess) {
  std::string text = "# How Hindsight builds and runs this project; found: " + guess.what + ".\n";
  text += "# Commands are run by /bin/sh in this folder, in a private copy of the sources.\n";
  for (const std::string& doubt : guess.doubts) text += "# Please check: " + doubt + "\n";
  text += "\n[build]\n";
  if (!guess.configure.empty()) text += "configure = " + in_quotes(guess.configure) + "\n";
  text += "command = " + in_quotes(guess.command) + "\n";
  text += "# Programs (and shared libraries) that the build makes. 'hindsight record -- PROGRAM' runs its own build of these.\n";
  text += "outputs = " + list_of(guess.outputs) + "\n";
  text += "# Not part of a version: what builds leave behind, and folders that are large or often change.\n";
  text += "exclude = " + list_of(guess.exclude) + "\n";
  text += "\n[run]\n# What 'hindsight record' without arguments runs, and where.\n";
  const std::string program = guess.outputs.empty() ? "" : "./" + guess.outputs.front();
  text += program.empty() ? "# command = [\"./train\"]\n" : "command = " + list_of({program}) + "\n";
  text += "cwd = \"\"\n";
  text += "\n[store]\n# Larger files (in bytes) are known by hash only.\nmax_file = 16777216\n";
  text += "\n# [instrument]                       # for a program that does not call hindsight itself: 'hindsight instrument' shows what is chosen\n";
  text += "# loops = [\"train\", \"main.cc:41\"]    # only these loops: functions, what they count, FILE:LINE\n";
  text += "# never = [\"evaluate\"]\n";
  text += "\n# [check]\n# volatile = [\"seconds\"]             # logged names that are never compared (clocks, memory)\n";
  text += "# tolerance = { loss = 1e-6 }        # names whose values may differ this much and are then 'close'\n";
  return text;
}

// CMake text without comments.
std::string without_comments(const std::string& text) {
  static const std::regex comment("#[^\n]*");
  return std::regex_replace(text, comment, "");
}


// Programs named by add_executable in `folder` and the folders that add_subdirectory names, as paths in the build folder.
void find_executables(const fs::path& root, const fs::path& folder, int depth, Guess& guess) {
  const Result<std::string> text = read_file(root / folder / "CMakeLists.txt");
  if (!text || depth > 8) return;
  const std::string content = without_comments(*text);
  std::string project;
  static const std::regex named("\\bproject\\s*\\(\\s*([A-Za-z0-9_.+-]+)", std::regex::icase);
  if (std::smatch found; std::regex_search(content, found, named)) project = found[1];
  static const std::regex call("\\b(add_executable|add_subdirectory)\\s*\\(\\s*([^\\s\\)]+)([^\\)]*)\\)",
                               std::regex::icase);
  for (std::sregex_iterator at(content.begin(), content.end(), call), end; at != end; ++at) {
    std::string function = (*at)[1];
    std::transform(function.begin(), function.end(), function.begin(), [](unsigned char c) { return std::tolower(c); });
    std::string name = (*at)[2];
    if (function == "add_subdirectory") {
      if (name.find('$') == std::string::npos) find_executables(root, folder / name, depth + 1, guess);
      continue;
    }
    if (function != "add_executable") continue;
    const std::string rest = (*at)[3];
    if (rest.find("IMPORTED") != std::string::npos || rest.find(" ALIAS ") != std::string::npos) continue;
    if (name == "${PROJECT_NAME}" && !project.empty()) name = project;
    if (name.find('$') != std::string::npos) {
      guess.doubts.push_back("the program named " + name + " in " + (folder / "CMakeLists.txt").generic_string() +
                             " is not among the outputs");
      continue;
    }
    if (content.find("RUNTIME_OUTPUT_DIRECTORY") != std::string::npos) {
      guess.doubts.push_back("RUNTIME_OUTPUT_DIRECTORY is set, so '" + name + "' may be built elsewhere");
    }
    guess.outputs.push_back((fs::path("build") / folder / name).lexically_normal().generic_string());
  }
}

std::optional<Guess> cmake_project(const fs::path& root) {
  std::error_code error;
  if (!fs::is_regular_file(root / "CMakeLists.txt", error)) return std::nullopt;
  Guess guess{.what = "a CMake project",
              .configure = "cmake -S . -B build -DCMAKE_BUILD_TYPE=Release",
              .command = "cmake --build build --parallel",
              .exclude = {"build", "build-*", "cmake-build-*"}};
  find_executables(root, "", 0, guess);
  if (guess.outputs.empty()) guess.doubts.push_back("no add_executable was found: name the built programs in outputs");
  return guess;
}

// Assignments of a Makefile, with $(X) and ${X} replaced where X is assigned too.
class MakeVariables {
 public:
  explicit MakeVariables(const std::string& text) {
    static const std::regex assignment("^([A-Za-z_][A-Za-z0-9_]*)[ \t]*[:?]?=[ \t]*([^#\n]*)");
    for (const std::string& line : split(text, '\n')) {
      if (std::smatch found; std::regex_search(line, found, assignment)) values_[found[1]] = trim(found.str(2));
    }
  }
  std::string expand(std::string text) const {
    static const std::regex use("\\$[({]([A-Za-z_][A-Za-z0-9_]*)[)}]");
    for (int round = 0; round < 8; ++round) {
      std::smatch found;
      if (!std::regex_search(text, found, use)) break;
      const auto value = values_.find(found[1]);
      text = found.prefix().str() + (value == values_.end() ? "" : value->second) + found.suffix().str();
    }
    return text;
  }

 private:
  std::map<std::string, std::string> values_;
};

bool looks_like_program(const std::string& target) {
  static const std::set<std::string> not_programs = {"all", "clean", "install", "test", "check", "run", "distclean", "depend",
                                                     "format", "lint", "help", "debug", "release", "uninstall"};
  const std::string extension = fs::path(target).extension();
  return !target.empty() && target.front() != '.' && target.find('%') == std::string::npos &&
         target.find('$') == std::string::npos && !not_programs.contains(target) && extension != ".o" && extension != ".d" &&
         extension != ".a" && extension != ".txt" && extension != ".png" && extension != ".csv" && extension != ".pt";
}

// Which targets a Makefile's rules need, to tell what `make` alone makes.
class MakeRules {
 public:
  void add(const std::vector<std::string>& targets, const std::vector<std::string>& needed) {
    for (const std::string& target : targets) {
      if (goal_.empty() && target.front() != '.' && target.find('%') == std::string::npos) goal_ = target;
      needed_[target].insert(needed.begin(), needed.end());
    }
  }
  // Does the first target need it, or is it that?
  bool is_made(const std::string& target) const {
    std::set<std::string> seen;
    std::vector<std::string> open = {goal_};
    while (!open.empty()) {
      const std::string at = open.back();
      open.pop_back();
      if (at == target) return true;
      const auto known = needed_.find(at);
      if (known == needed_.end() || !seen.insert(at).second) continue;
      open.insert(open.end(), known->second.begin(), known->second.end());
    }
    return false;
  }

 private:
  std::string goal_;
  std::map<std::string, std::set<std::string>> needed_;
};

std::optional<Guess> make_project(const fs::path& root) {
  std::error_code error;
  fs::path file;
  for (const char* name : {"GNUmakefile", "makefile", "Makefile"}) {
    if (file.empty() && fs::is_regular_file(root / name, error)) file = root / name;
  }
  if (file.empty()) return std::nullopt;
  const Result<std::string> text = read_file(file);
  if (!text) return std::nullopt;
  Guess guess{.what = "a Makefile", .command = "make",
              .exclude = {"*.o", "*.d", "*.a", "build"}};
  const MakeVariables variables(*text);
  std::string folded = *text;
  for (std::size_t at = folded.find("\\\n"); at != std::string::npos; at = folded.find("\\\n")) folded.replace(at, 2, " ");
  // A rule is a program if its own recipe links: a compiler with -o and without -c.
  MakeRules rules;
  std::vector<std::string> targets;
  std::map<std::string, std::vector<std::string>> made_by;  // the targets of the rule that makes an output
  const auto words = [&](const std::string& given) {
    std::vector<std::string> out;
    for (const std::string& word : split(variables.expand(given), ' ')) {
      if (!trim(word).empty()) out.push_back(fs::path(trim(word)).lexically_normal().generic_string());
    }
    return out;
  };
  const auto add = [&](const std::string& target) {
    made_by[target] = targets;
    if (looks_like_program(target) && std::find(guess.outputs.begin(), guess.outputs.end(), target) == guess.outputs.end()) {
      guess.outputs.push_back(target);
    }
  };
  static const std::regex rule("^([^\t#:=][^#:=]*):([^=].*)?$");
  static const std::regex output("-o[ \t]*([^ \t;]+)");
  for (const std::string& line : split(folded, '\n')) {
    std::smatch found;
    if (!line.empty() && line.front() == '\t') {
      const std::string command = variables.expand(line);
      const bool links = !std::regex_search(line, std::regex("(^|[ \t])-c([ \t]|$)"));
      if (links && std::regex_search(command, found, output)) {
        const std::string name = found[1];
        if (name == "$@") {
          for (const std::string& target : targets) add(target);
        } else {
          add(fs::path(name).lexically_normal().generic_string());
        }
      }
    } else if (std::regex_match(line, found, rule)) {
      targets = words(found[1]);
      rules.add(targets, words(found[2]));
    } else if (!trim(line).empty()) {
      targets.clear();
    }
  }
  const auto is_left_out = [&](const std::string& made) {
    const std::vector<std::string>& by = made_by[made];
    return std::none_of(by.begin(), by.end(), [&](const std::string& target) { return rules.is_made(target); });
  };
  const bool names_its_goal = folded.find(".DEFAULT_GOAL") != std::string::npos;
  if (!names_its_goal && !std::all_of(guess.outputs.begin(), guess.outputs.end(), is_left_out)) std::erase_if(guess.outputs, is_left_out);
  // The first one is run.
  static const std::regex shared_library("\\.so(\\.[0-9.]+)?$");
  std::stable_partition(guess.outputs.begin(), guess.outputs.end(), [](const std::string& made) { return !std::regex_search(made, shared_library); });
  for (const char* name : {"TARGET", "PROG", "PROGRAM", "BIN", "EXE"}) {
    if (!guess.outputs.empty()) break;
    for (const std::string& target : split(variables.expand(std::string("$(") + name + ")"), ' ')) {
      if (!target.empty()) add(target);
    }
  }
  if (guess.outputs.empty()) guess.doubts.push_back("no linked program was found: name the built programs in outputs");
  guess.doubts.push_back("object files and static libraries (*.o, *.a) are taken for build products; "
                         "take them out of exclude if the project brings its own");
  return guess;
}

bool has_main(const std::string& text) {
  static const std::regex main_function("\\b(int|auto)\\s+main\\s*\\(");
  return std::regex_search(text, main_function);
}

// What a program's files include: the file with main, its own headers, and the source beside a header that has its name.
struct Included {
  std::set<std::string> names;
  std::set<fs::path> files;  // of the project, relative to its root
};

void collect(const fs::path& root, const fs::path& file, Included& all) {
  const Result<std::string> text = read_file(root / file);
  if (!text || !all.files.insert(file).second) return;
  static const std::regex include("(^|\n)[ \t]*#[ \t]*include[ \t]*([<\"])([^>\"\n]+)[>\"]");
  for (std::sregex_iterator at(text->begin(), text->end(), include), end; at != end; ++at) {
    all.names.insert((*at)[3]);
    if ((*at)[2] != "\"") continue;
    const fs::path header = (file.parent_path() / (*at)[3].str()).lexically_normal();
    collect(root, header, all);
    for (const char* extension : {".cc", ".cpp", ".cxx"}) collect(root, fs::path(header).replace_extension(extension), all);
  }
}

bool is_cxx_source(const fs::path& file) {
  const std::string extension = file.extension();
  return extension == ".cc" || extension == ".cpp" || extension == ".cxx";
}

// How one file is compiled and linked, by what it includes.
struct Flags {
  std::string compile;                 // with a space in front of each
  std::string sources;                 // the file and, of C++, those that its headers are of
  std::vector<std::string> packages;   // of pkg-config
  std::string libraries;
};

Flags flags_for(const fs::path& root, const fs::path& file, Guess& guess) {
  Included included;
  collect(root, file, included);
  const auto any = [&](std::initializer_list<std::string_view> beginnings) {
    return std::any_of(included.names.begin(), included.names.end(), [&](const std::string& name) {
      return std::any_of(beginnings.begin(), beginnings.end(), [&](std::string_view beginning) {
        return beginning.ends_with('/') ? name.starts_with(beginning) : name == beginning;
      });
    });
  };
  Flags flags;
  flags.sources = file.string();
  if (file.extension() != ".c") {
    for (const fs::path& other : included.files) {
      if (other != file && is_cxx_source(other)) flags.sources += " " + other.string();
    }
    const bool is_20 = any({"barrier", "bit", "compare", "concepts", "coroutine", "latch", "numbers", "ranges", "semaphore", "source_location",
                            "span", "stop_token"});
    flags.compile += is_20 ? " -std=c++20" : " -std=c++17";
  }
  if (any({"thread", "future", "pthread.h"})) flags.compile += " -pthread";
  if (any({"omp.h"})) flags.compile += " -fopenmp";
  if (any({"hindsight/"})) flags.packages.push_back("hindsight");
  if (any({"Eigen/", "unsupported/Eigen/", "hindsight/eigen.h"})) flags.packages.push_back("eigen3");
  if (any({"torch/", "ATen/", "c10/", "hindsight/torch.h"})) {
    // libtorch has no pkg-config file. In a system folder its headers still expect their own to be named.
    constexpr char kHeaders[] = "/usr/include/torch/csrc/api/include";
    std::error_code error;
    if (fs::is_directory(kHeaders, error)) {
      flags.compile += std::string(" -I") + kHeaders;
    } else {
      guess.doubts.push_back(file.string() + " includes libtorch, which is not in /usr/include: add -I and -L for its folders");
    }
    flags.libraries += " -ltorch -ltorch_cpu -lc10";
  }
  return flags;
}

std::optional<Guess> single_file(const fs::path& root) {
  std::error_code error;
  std::vector<fs::path> mains;
  for (fs::directory_iterator at(root, error), end; !error && at != end; at.increment(error)) {
    if (!is_cxx_source(at->path()) && at->path().extension() != ".c") continue;
    const Result<std::string> text = read_file(at->path());
    if (text && has_main(*text)) mains.push_back(at->path().filename());
  }
  if (mains.empty()) return std::nullopt;
  std::sort(mains.begin(), mains.end());
  Guess guess{.what = mains.size() == 1 ? "a single-file program" : "single-file programs", .exclude = {"*.o", "build"}};
  std::vector<std::string> commands;
  for (const fs::path& file : mains) {
    const std::string program = file.stem();
    const Flags flags = flags_for(root, file, guess);
    const std::string packages = join(flags.packages, " ");
    const std::string package = (packages.empty() ? "" : " $(pkg-config --cflags --libs " + packages + ")") + flags.libraries;
    const std::string includes = packages.empty() ? "" : " $(pkg-config --cflags " + packages + ")";
    // A C program must be linked by g++, since the client is C++ inside.
    commands.push_back(file.extension() == ".c" ? "gcc -O2" + flags.compile + " -c " + file.string() + " -o " + program +
                                                      ".o" + includes + " && g++" + flags.compile + " -o " + program + " " + program + ".o" + package
                                                : "g++ -O2" + flags.compile + " -o " + program + " " + flags.sources + package);
    guess.outputs.push_back(program);
  }
  guess.command = join(commands, " && ");
  return guess;
}

}  // namespace

Result<std::string> detect_recipe(const fs::path& root) {
  std::optional<Guess> guess = cmake_project(root);
  if (!guess) guess = make_project(root);
  if (!guess) guess = single_file(root);
  if (!guess) {
    return Error(ErrorKind::kNotFound, "no build was recognised in " + root.string(),
                 "looked for CMakeLists.txt, for a Makefile, and for a .cc, .cpp, .cxx or .c file with a main function");
  }
  return written(*guess);
}

}  // namespace hindsight::replay
