#include "instrument/launcher/call.h"

#include <algorithm>
#include <array>

namespace hindsight::instrument {
namespace {

constexpr int kMostResponseFiles = 64;  // they may name each other

// Options whose value is the next argument.
constexpr std::array kSeparate = {
    "-o", "-x", "-I", "-L", "-l", "-D", "-U", "-include", "-imacros", "-isystem", "-iquote", "-idirafter", "-iprefix",
    "-iwithprefix", "-iwithprefixbefore", "-isysroot", "-imultilib", "-MF", "-MT", "-MQ", "-T", "-u", "-Xlinker",
    "-Xassembler", "-Xpreprocessor", "-Xclang", "-mllvm", "-arch", "-target", "--param", "-aux-info", "-A", "-e", "-z",
    "-B", "-G", "-F", "-framework", "-wrapper", "-dumpbase", "-dumpdir", "-dumpbase-ext", "--sysroot", "-include-pch",
    "-cxx-isystem", "-stdlib++-isystem", "-iframework", "-gcc-toolchain", "--include", "--output", "--define-macro",
    "--undefine-macro", "--include-directory", "--library-directory", "--assert", "-rpath", "-install_name"};

bool takes_next(const std::string& a) { return std::find(kSeparate.begin(), kSeparate.end(), a) != kSeparate.end(); }

bool ends_with_any(const std::string& s, std::initializer_list<const char*> ends) {
  return std::any_of(ends.begin(), ends.end(), [&](const char* e) { return s.ends_with(e); });
}

std::optional<Language> language_of_file(const std::string& path, bool is_cxx_driver) {
  if (ends_with_any(path, {".cc", ".cp", ".cxx", ".cpp", ".CPP", ".c++", ".C"})) return Language::kCxx;
  if (path.ends_with(".c")) return is_cxx_driver ? Language::kCxx : Language::kC;
  return std::nullopt;
}

bool is_header(const std::string& path) { return ends_with_any(path, {".h", ".hh", ".hp", ".hxx", ".hpp", ".HPP", ".h++", ".H", ".tcc", ".pch"}); }

// A response file's words: white space separates, quotes and backslashes protect (libiberty's buildargv).
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> out;
  std::string word;
  bool in_word = false;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\' && i + 1 < text.size() && quote != '\'') {
      word += text[++i];
      in_word = true;
    } else if (quote) {
      if (c == quote) quote = 0;
      else word += c;
    } else if (c == '"' || c == '\'') {
      quote = c;
      in_word = true;
    } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v') {
      if (in_word) out.push_back(std::move(word));
      word.clear();
      in_word = false;
    } else {
      word += c;
      in_word = true;
    }
  }
  if (in_word) out.push_back(std::move(word));
  return out;
}

std::vector<std::string> expand(const std::vector<std::string>& arguments, const ReadFile& read, int& left) {
  std::vector<std::string> out;
  for (const std::string& a : arguments) {
    std::optional<std::string> text;
    if (a.size() > 1 && a[0] == '@' && left > 0) text = read(a.substr(1));
    if (!text) {
      out.push_back(a);  // as the compilers do: an unreadable one is taken as it is
      continue;
    }
    --left;
    for (std::string& word : expand(words_of(*text), read, left)) out.push_back(std::move(word));
  }
  return out;
}

std::string base_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }
std::string without_suffix(const std::string& path) {
  const std::size_t dot = path.rfind('.');
  return dot == std::string::npos || path.find('/', dot) != std::string::npos ? path : path.substr(0, dot);
}

}  // namespace

Call read_call(const std::string& compiler, const std::vector<std::string>& given, const ReadFile& read) {
  const bool is_cxx_driver = base_name(compiler).find("++") != std::string::npos;
  Call call;
  int left = kMostResponseFiles;
  call.arguments = expand(given, read, left);
  bool compile_only = false, whole = false, library = false, has_input = false;
  std::string forced;  // -x
  auto pass_on = [&](const char* why) {
    if (call.passed_on.empty()) call.passed_on = why;
  };
  for (std::size_t i = 0; i < call.arguments.size(); ++i) {
    const std::string& a = call.arguments[i];
    const bool last = i + 1 == call.arguments.size();
    if (a == "-") {
      pass_on("the source comes from standard input");
    } else if (a[0] != '-' || a.empty()) {
      has_input = true;
      std::optional<Language> language;
      if (forced.empty() || forced == "none") language = language_of_file(a, is_cxx_driver);
      else if (forced == "c") language = Language::kC;
      else if (forced == "c++") language = Language::kCxx;
      else if (forced.ends_with("-header")) pass_on("a header is precompiled");
      if (forced.empty() && is_header(a)) pass_on("a header is precompiled");
      if (language) call.sources.push_back({i, a, *language});
    } else if (a == "-c" || a == "-S") {
      compile_only = true;
    } else if (a == "-shared" || a == "-r" || a == "-Wl,-r" || a == "-Wl,-shared") {
      library = true;
    } else if (a == "-E" || a == "-M" || a == "-MM") {
      pass_on("only preprocessed");
    } else if (a == "-fsyntax-only") {
      pass_on("only checked");
    } else if (a == "--version" || a == "-v" || a == "-###" || a == "--help" || a.starts_with("-dump") || a.starts_with("-print-") || a.starts_with("--print-")) {
      if (a != "-dumpbase" && a != "-dumpdir" && a != "-dumpbase-ext") whole = true;
      else ++i;
    } else if (a == "-emit-ast" || a == "--precompile" || a == "-fmodules-ts" || a == "--analyze") {
      pass_on("not an ordinary compilation");
    } else if (a == "-x") {
      if (!last) forced = call.arguments[++i];
    } else if (a.starts_with("-x") && a.size() > 2) {
      forced = a.substr(2);
    } else if (a == "-o" || a == "--output") {
      if (!last) call.output = call.arguments[++i];
    } else if (a.starts_with("--output=")) {
      call.output = a.substr(9);
    } else if (a.starts_with("-o") && a.size() > 2 && !a.starts_with("-object")) {
      call.output = a.substr(2);
    } else if (a == "-MD" || a == "-MMD" || a == "--write-dependencies" || a == "--write-user-dependencies") {
      call.writes_dependencies = true;
    } else if (a == "-MF") {
      if (!last) call.dependency_file = call.arguments[++i];
    } else if (a.starts_with("-MF") && a.size() > 3) {
      call.dependency_file = a.substr(3);
    } else if (a.starts_with("-Wp,-MD,") || a.starts_with("-Wp,-MMD,")) {
      call.writes_dependencies = true;
      call.dependency_file = a.substr(a.find(',', 4) + 1);
    } else if (takes_next(a)) {
      ++i;
    }
  }
  call.links = !compile_only;
  call.makes_program = call.links && call.passed_on.empty() && has_input && !whole && !library;
  if (whole && call.sources.empty()) pass_on("only asks the compiler");
  if (call.sources.empty()) pass_on("compiles no C or C++ unit");
  if (!call.passed_on.empty()) call.sources.clear();
  return call;
}

std::vector<std::string> dependency_files(const Call& call, const Source& source) {
  if (!call.writes_dependencies) return {};
  if (!call.dependency_file.empty()) return {call.dependency_file};
  const std::string base = without_suffix(base_name(source.path));
  if (call.output.empty()) return {base + ".d", "a-" + base + ".d"};
  const std::string stem = without_suffix(call.output);
  if (!call.links) return {stem + ".d", call.output + ".d"};
  // GCC 11 and later: the program's name is put in front; before, and Clang: the program's name alone.
  return {call.output + "-" + base + ".d", stem + "-" + base + ".d", stem + ".d", call.output + ".d"};
}

std::string output_of(const Call& call, const Source& source) {
  if (!call.output.empty()) return call.output;
  if (call.links) return "a.out";
  return without_suffix(base_name(source.path)) + ".o";
}

std::string rewrite_dependencies(std::string_view text, const std::string& scratch, const std::string& original) {
  std::string quoted;
  for (const char c : original) {
    if (c == ' ' || c == '\t' || c == '#') quoted += '\\';
    if (c == '$') quoted += '$';
    quoted += c;
  }
  std::string out;
  std::size_t at = 0;
  while (true) {
    const std::size_t hit = text.find(scratch, at);
    if (hit == std::string_view::npos) break;
    const std::size_t end = hit + scratch.size();
    const bool starts = hit == 0 || text[hit - 1] == ' ' || text[hit - 1] == '\n' || text[hit - 1] == '\t' || text[hit - 1] == ':';
    const bool ends = end == text.size() || std::string_view(" \n\t\r:\\").find(text[end]) != std::string_view::npos;
    out += text.substr(at, hit - at);
    out += starts && ends ? quoted : scratch;
    at = end;
  }
  return out += text.substr(at);
}

}  // namespace hindsight::instrument
