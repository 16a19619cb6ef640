#include "instrument/preamble.h"

#include <algorithm>
#include <set>
#include <utility>

#include <clang/Basic/LangOptions.h>
#include <clang/Lex/Lexer.h>
#include <llvm/Support/FileSystem.h>
#include <llvm/Support/Path.h>

#include "instrument/parse.h"

namespace hindsight::instrument {

using namespace clang;

namespace {

constexpr unsigned kDepth = 64;  // of headers that include each other

std::string folder_of(llvm::StringRef path) { return llvm::sys::path::parent_path(path).str(); }

std::string absolute(llvm::StringRef path, const std::string& folder) {
  llvm::SmallString<256> out(path);
  llvm::sys::fs::make_absolute(folder, out);
  llvm::sys::path::remove_dots(out, true);
  return std::string(out);
}

class PreambleReader {
 public:
  explicit PreambleReader(const PreambleInput& input) : input_(input) {
    options_.CPlusPlus = options_.CPlusPlus11 = true;
    read_flags();
  }

  PreambleText run() {
    const bool is_whole = is_usable_ && file(input_.file, 0, 0);
    text_.resize(last_include_.text);
    for (std::size_t i = 0; i < last_include_.pushed; ++i) text_ += "#pragma pop_macro(\"" + pushed_[i] + "\")\n";
    return {text_, is_whole && !leaves_out_ ? ours_ : std::string()};
  }

 private:
  // Where headers are searched for, in that order.
  enum class Kind { kQuotes, kPlain, kSystem, kAfter };
  struct Folder {
    std::string path;
    Kind kind = Kind::kPlain;
  };

  void read_flags() {
    static constexpr std::pair<llvm::StringRef, Kind> kFolders[] = {
        {"-iquote", Kind::kQuotes}, {"-I", Kind::kPlain}, {"-isystem", Kind::kSystem}, {"-idirafter", Kind::kAfter}};
    for (std::size_t i = 0; i < input_.flags.size(); ++i) {
      const llvm::StringRef flag = input_.flags[i];
      for (const llvm::StringRef forced : {"-include", "-imacros", "-iprefix", "-iwithprefix"}) is_usable_ = is_usable_ && !flag.starts_with(forced);
      const auto* const named = std::find_if(std::begin(kFolders), std::end(kFolders), [&](const auto& each) { return flag.starts_with(each.first); });
      if (named == std::end(kFolders)) continue;
      if (flag == named->first && ++i == input_.flags.size()) break;
      const llvm::StringRef path = flag == named->first ? llvm::StringRef(input_.flags[i]) : flag.substr(named->first.size());
      folders_.push_back({absolute(path, input_.cwd), named->second});
    }
    std::stable_sort(folders_.begin(), folders_.end(), [](const Folder& a, const Folder& b) { return a.kind < b.kind; });
  }

  // ---- which file an #include means ----

  struct Found {
    std::string path;
    bool is_user = false;
    bool is_beside = false;  // found in the includer's own folder
  };

  // Nothing: in none of the folders that the call names.
  std::optional<Found> find(const std::string& name, bool quoted, const std::string& includer) const {
    if (name[0] == '/') return judge(name, false, false);
    if (quoted) {
      const std::string path = absolute(name, folder_of(includer));
      if (input_.read(path)) return judge(path, false, true);
    }
    for (const Folder& folder : folders_) {
      if (folder.kind == Kind::kQuotes && !quoted) continue;
      const std::string path = absolute(name, folder.path);
      if (input_.read(path)) return judge(path, folder.kind >= Kind::kSystem, false);
    }
    return std::nullopt;
  }
  Found judge(const std::string& path, bool is_system, bool is_beside) const {
    llvm::SmallString<256> real;
    if (llvm::sys::fs::real_path(path, real)) real = path;
    return {path, is_below(input_.project, std::string(real)) || (!is_system && !is_of_library(std::string(real))), is_beside};
  }

  // ---- a file of the user's ----

  struct Directive {
    std::string name;
    std::string text;       // from the # on, as written
    std::string argument;   // the first token behind the name
    bool has_more = false;  // there are tokens behind the argument
  };

  // `conditionals` are those around the place where it is included. False: the preamble ends in this file, or in one that it includes.
  bool file(const std::string& path, unsigned depth, unsigned conditionals) {
    const std::optional<std::string> text = depth > kDepth ? std::nullopt : input_.read(path);
    if (!text) return false;
    if (!seen_.insert(path).second) return true;
    const unsigned around = conditionals;
    const Mark before = mark();
    unsigned braces = 0;
    std::string guard;
    bool is_guarded = false;
    enum { kFirst, kSecond, kBody } at = kFirst;  // a header's guard is its first two directives, and its last
    Lexer lexer(SourceLocation(), options_, text->data(), text->data(), text->data() + text->size());
    Token token;
    lexer.LexFromRawLexer(token);
    while (token.isNot(tok::eof)) {
      if (token.is(tok::hash) && token.isAtStartOfLine()) {
        const Directive directive = read_directive(*text, lexer, token);
        if (at == kFirst && directive.name == "pragma" && directive.argument == "once") continue;
        if (at == kSecond && directive.name == "define" && directive.argument == guard && !directive.has_more) {
          at = kBody;
          is_guarded = true;
          --conditionals;
          continue;
        }
        if (is_guarded && directive.name == "endif" && conditionals == around && token.isNot(tok::eof)) {
          // Something follows, so that this was a macro's default: `#ifndef NDEBUG`, `#define NDEBUG`, `#endif`.
          go_back(before);
          return false;
        }
        at = at == kFirst && directive.name == "ifndef" ? kSecond : kBody;
        guard = directive.argument;
        if (directive.name.starts_with("if")) ++conditionals;
        else if (directive.name == "endif") conditionals -= conditionals > around ? 1 : 0;
        else if (!follow(directive, path, depth, braces, conditionals)) return false;
        continue;
      }
      if (token.is(tok::l_brace)) ++braces;
      if (token.is(tok::r_brace) && braces > 0) --braces;
      lexer.LexFromRawLexer(token);
    }
    return true;
  }

  // Leaves `token` at the first one behind the directive.
  static Directive read_directive(const std::string& text, Lexer& lexer, Token& token) {
    const auto begin_of = [&] { return static_cast<std::size_t>(lexer.getBufferLocation() - text.data()) - token.getLength(); };
    const std::size_t begin = begin_of();
    std::size_t end = begin + 1;
    Directive out;
    lexer.LexFromRawLexer(token);
    for (unsigned number = 0; token.isNot(tok::eof) && !token.isAtStartOfLine(); ++number, lexer.LexFromRawLexer(token)) {
      const std::string word = text.substr(begin_of(), token.getLength());
      end = begin_of() + token.getLength();
      if (number == 0) out.name = word;
      else if (number == 1) out.argument = word;
      else out.has_more = true;
    }
    out.text = text.substr(begin, end - begin);
    return out;
  }

  // What opens or closes no conditional. False: the preamble ends before it.
  bool follow(const Directive& directive, const std::string& path, unsigned depth, unsigned braces, unsigned conditionals) {
    const std::string& name = directive.name;
    if (name == "include") return braces == 0 && include(directive, path, depth, conditionals);
    if (name == "define") return conditionals == 0 && define(directive);
    if (name == "pragma") return directive.argument == "once" || directive.argument == "GCC" || directive.argument == "clang" || directive.argument == "omp";
    return name == "warning" || name == "line" || (conditionals > 0 && (name == "else" || name.starts_with("elif") || name == "error"));
  }

  bool define(const Directive& directive) {
    if (std::find(pushed_.begin(), pushed_.end(), directive.argument) == pushed_.end()) {
      text_ += "#pragma push_macro(\"" + directive.argument + "\")\n";
      pushed_.push_back(directive.argument);
    }
    text_ += directive.text + "\n";
    return true;
  }

  bool include(const Directive& directive, const std::string& includer, unsigned depth, unsigned conditionals) {
    const std::size_t open = directive.text.find_first_of("<\"");
    if (open == std::string::npos) return false;  // a macro's
    const bool quoted = directive.text[open] == '"';
    const std::size_t close = directive.text.find(quoted ? '"' : '>', open + 1);
    if (close == std::string::npos || close == open + 1) return false;
    const std::string name = directive.text.substr(open + 1, close - open - 1);
    if (name == "hindsight/inserted.h" || name == "hindsight/probe.h") {
      ours_ += "#include <" + name + ">\n";
      return true;
    }
    // Which of our adapters there are follows from what is included before them.
    leaves_out_ = leaves_out_ || conditionals > 0 || !ours_.empty();
    const std::optional<Found> found = find(name, quoted, includer);
    if (found && found->is_user) return file(found->path, depth + 1, conditionals);
    if (conditionals > 0) return true;
    text_ += "#include " + (found && found->is_beside ? "\"" + found->path + "\"" : directive.text.substr(open, close - open + 1)) + "\n";
    last_include_ = mark();
    return true;
  }

  // How far the text has come.
  struct Mark {
    std::size_t text = 0, pushed = 0;
  };
  Mark mark() const { return {text_.size(), pushed_.size()}; }
  void go_back(const Mark& to) {
    text_.resize(to.text);
    pushed_.resize(to.pushed);
    if (last_include_.text > to.text) last_include_ = to;
  }

  const PreambleInput& input_;
  LangOptions options_;
  bool is_usable_ = true;
  std::vector<Folder> folders_;
  std::set<std::string> seen_;
  std::string text_;
  std::string ours_;
  bool leaves_out_ = false;          // something is included behind ours, or perhaps not at all
  std::vector<std::string> pushed_;  // macros that are the user's within the text
  Mark last_include_;  // behind it
};

}  // namespace

PreambleText preamble_of(const PreambleInput& input) { return PreambleReader(input).run(); }

}  // namespace hindsight::instrument
