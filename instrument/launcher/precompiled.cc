#include "instrument/launcher/precompiled.h"

#include <algorithm>
#include <array>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <sstream>
#include <string_view>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "instrument/launcher/process.h"
#include "instrument/launcher/scratch.h"
#include "instrument/parse_cache.h"
#include "instrument/preamble.h"

namespace hindsight::instrument {
namespace {

constexpr char kInserted[] = "#include <hindsight/inserted.h>";
constexpr off_t kCallsBefore = 2;  // that it would have served, before it is made

bool is_gcc(const std::string& compiler) {
  char path[PATH_MAX];
  const std::string real = realpath(compiler.c_str(), path) ? path : compiler;
  return real.find("g++") != std::string::npos && real.find("clang") == std::string::npos;
}

// The call's arguments without its sources and outputs, and without what is for the linker. Nothing: no object file is known to be the same.
std::optional<std::vector<std::string>> compile_arguments(const Call& call) {
  static constexpr std::array kWithValue = {"-o", "-MF", "-MT", "-MQ", "-L", "-l", "-T", "-u", "-Xlinker", "-z", "-e"};
  static constexpr std::array kWithout = {"-c", "-MD", "-MMD", "-MP", "-MG", "-shared", "-static", "-rdynamic", "-s"};
  static constexpr std::array kWithoutPrefix = {"-l", "-L", "-Wl,", "-MF", "-MT", "-MQ", "-o", "-fuse-ld", "-static-"};
  static constexpr std::array kUnknown = {"-g", "-flto", "-fwhole-program", "-x", "-save-temps", "-fprofile", "--coverage", "-ftest-coverage", "-fplugin", "-fmodules", "-fdump", "-frandom-seed", "-S", "-E", "-M", "-pg"};
  const auto is_one = [](const auto& list, const std::string& word) { return std::find(list.begin(), list.end(), word) != list.end(); };
  const auto begins = [](const auto& list, const std::string& word) { return std::any_of(list.begin(), list.end(), [&](const char* each) { return word.starts_with(each); }); };
  std::vector<std::string> out;
  for (std::size_t i = 0; i < call.arguments.size(); ++i) {
    const std::string& word = call.arguments[i];
    if (is_one(kWithValue, word)) {
      ++i;
    } else if (is_one(kWithout, word) || begins(kWithoutPrefix, word)) {
      continue;
    } else if (begins(kUnknown, word) && word != "-g0") {
      return std::nullopt;
    } else if (i != call.sources.front().index && (word[0] == '-' || (i > 0 && call.arguments[i - 1][0] == '-'))) {
      out.push_back(word);  // an option, or the value of one
    }
  }
  return out;
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

std::string stamp_of(const std::string& path) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0) return {};
  return std::to_string(info.st_mtim.tv_sec) + "." + std::to_string(info.st_mtim.tv_nsec) + " " + std::to_string(info.st_size);
}

// The files that a dependency file's first rule names, but for its target and its first one.
std::vector<std::string> dependencies_in(const std::string& text) {
  std::vector<std::string> out;
  std::string word;
  bool is_target = true;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : ' ';
    if (c == '\\' && i + 1 < text.size() && (text[i + 1] == ' ' || text[i + 1] == '#')) {
      word += text[++i];
    } else if (c == ' ' || c == '\n' || c == '\\') {
      if (!word.empty() && !is_target) out.push_back(word);
      if (word.ends_with(':')) is_target = false;
      word.clear();
    } else {
      word += c;
    }
  }
  if (!out.empty()) out.erase(out.begin());
  return out;
}

// A line for each header: when it was written, how large it is, its path.
std::string list_of(const std::vector<std::string>& headers) {
  std::string out;
  for (const std::string& header : headers) out += stamp_of(header) + " " + header + "\n";
  return out;
}

// The headers of such a list; nothing: one of them has changed.
std::optional<std::vector<std::string>> unchanged(const std::string& list) {
  std::vector<std::string> out;
  std::istringstream lines(list);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t time = line.find(' ');
    const std::size_t size = time == std::string::npos ? time : line.find(' ', time + 1);
    if (size == std::string::npos || stamp_of(line.substr(size + 1)) != line.substr(0, size)) return std::nullopt;
    out.push_back(line.substr(size + 1));
  }
  return out;
}

// Counts a call that it would serve; how many there were before.
off_t count_call(const std::string& path) {
  const int file = open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return 0;
  struct stat info = {};
  const off_t before = fstat(file, &info) == 0 ? info.st_size : 0;
  if (before < kCallsBefore) static_cast<void>(!write(file, "x", 1));
  close(file);
  return before;
}

}  // namespace

Precompiled precompiled_for(const PrecompiledRequest& request) {
  const char* const folder = std::getenv("HINDSIGHT_CC_CACHE");
  if (!folder || !*folder || request.call->sources.size() != 1 || request.call->sources[0].language != Language::kCxx || !is_gcc(request.compiler)) return {};
  const std::optional<std::vector<std::string>> arguments = compile_arguments(*request.call);
  if (!arguments) return {};
  std::vector<std::string> flags = parse_flags(*request.call);
  if (request.file != request.call->sources[0].path) flags.insert(flags.end(), {"-iquote", folder_of(request.call->sources[0].path)});
  flags.insert(flags.end(), request.added.begin(), request.added.end());
  const std::string file = request.file[0] == '/' ? request.file : request.cwd + "/" + request.file;
  std::string text = preamble_of({file, request.cwd, request.project, flags, read_file});
  // Both, so that units with and without probes share it.
  if (read_file(file).value_or("").find(kInserted) != std::string::npos) text += std::string(kInserted) + "\n#include <hindsight/probe.h>\n";
  if (text.empty()) return {};

  std::string all = "precompiled 1\n" + request.compiler + " " + stamp_of(request.compiler) + "\n" + request.cwd + "\n" + text;
  std::vector<std::string> command = {request.compiler};
  command.insert(command.end(), arguments->begin(), arguments->end());
  command.insert(command.end(), request.added.begin(), request.added.end());
  for (const std::string& word : command) all += "\n" + word;
  for (const char* name : {"CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH"}) {
    const char* const folders = std::getenv(name);
    all += std::string("\n") + (folders ? folders : "");
  }
  const std::string key = hash_of(all);
  const std::string header = std::string(folder) + "/" + key + ".h", list = header + ".list";
  if (count_call(header + ".calls") < kCallsBefore) return {};

  const ParseCache cache(folder, ".h.gch");
  const auto make = [&](const std::string& path) {
    std::vector<std::string> making = command;
    making.insert(making.end(), {"-w", "-MD", "-MF", path + ".d", "-x", "c++-header", header, "-o", path});
    const bool made = write_file(header, text) && run_captured(making).status == 0;
    const std::vector<std::string> headers = made ? dependencies_in(read_file(path + ".d").value_or("")) : std::vector<std::string>();
    std::remove((path + ".d").c_str());
    // What cannot be made is not tried again.
    return write_file(list, list_of(headers)) && (!headers.empty() || write_file(path, ""));
  };
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (cache.file(key, make).empty()) return {};
    std::optional<std::vector<std::string>> headers = unchanged(read_file(list).value_or(""));
    if (headers) return headers->empty() ? Precompiled() : Precompiled{{"-include", header}, *std::move(headers)};
    cache.remove(key);
  }
  return {};
}

std::string add_dependencies(std::string_view text, const std::vector<std::string>& headers) {
  std::size_t end = 0;  // of the first rule
  do {
    end = std::min(text.find('\n', end == 0 ? 0 : end + 1), text.size());
  } while (end < text.size() && end > 0 && text[end - 1] == '\\');
  std::string out(text.substr(0, end));
  for (const std::string& header : headers) {
    out += " \\\n ";
    for (const char c : header) {
      if (c == ' ' || c == '#') out += '\\';
      if (c == '$') out += '$';
      out += c;
    }
  }
  return out += text.substr(end);
}

}  // namespace hindsight::instrument
