#include "instrument/parse.h"

#include <cstdio>
#include <cstdlib>
#include <memory>

#include <clang/AST/ASTConsumer.h>
#include <clang/AST/ASTContext.h>
#include <clang/Basic/AllDiagnostics.h>
#include <clang/Basic/DiagnosticOptions.h>
#include <clang/Basic/Version.h>
#include <clang/Frontend/CompilerInstance.h>
#include <clang/Frontend/FrontendAction.h>
#include <clang/Frontend/FrontendActions.h>
#include <clang/Frontend/MultiplexConsumer.h>
#include <clang/Lex/PPCallbacks.h>
#include <clang/Lex/Preprocessor.h>
#include <clang/Tooling/Tooling.h>
#include <llvm/Support/FileSystem.h>
#include <llvm/Support/Path.h>
#include <llvm/Support/VirtualFileSystem.h>

#include "instrument/launcher/scratch.h"
#include "instrument/parse_cache.h"
#include "instrument/preamble.h"
#include "instrument/source.h"

namespace hindsight::instrument {
namespace {

using namespace clang;

// ---- diagnostics ----

class Collector : public DiagnosticConsumer {
 public:
  explicit Collector(std::vector<Problem>& errors) : errors_(errors) {}

  void HandleDiagnostic(DiagnosticsEngine::Level level, const Diagnostic& info) override {
    DiagnosticConsumer::HandleDiagnostic(level, info);
    if (level == DiagnosticsEngine::Note) {
      if (last_was_error_) add_place(info, false);
      return;
    }
    last_was_error_ = level >= DiagnosticsEngine::Error;
    if (!last_was_error_) return;
    if (info.getID() >= diag::DIAG_START_SERIALIZATION && info.getID() < diag::DIAG_START_LEX) is_stale_ = true;
    llvm::SmallString<200> text;
    info.FormatDiagnostic(text);
    errors_.push_back({});
    errors_.back().message = std::string(text);
    add_place(info, true);
  }

  // A precompiled header was refused.
  bool is_stale() const { return is_stale_; }

 private:
  void add_place(const Diagnostic& info, bool first) {
    if (!info.hasSourceManager() || info.getLocation().isInvalid()) return;
    const SourceManager& sources = info.getSourceManager();
    Problem& problem = errors_.back();
    const SourceLocation at = sources.getExpansionLoc(info.getLocation());
    if (first) {
      const PresumedLoc shown = sources.getPresumedLoc(at);
      if (shown.isValid()) {
        problem.file = shown.getFilename();
        problem.line = shown.getLine();
      }
    }
    const OptionalFileEntryRef file = sources.getFileEntryRefForID(sources.getFileID(at));
    const bool is_main = sources.getFileID(at) == sources.getMainFileID();
    if (is_main || file) problem.places.push_back({is_main ? std::string() : file->getName().str(), sources.getFileOffset(at)});
  }

  std::vector<Problem>& errors_;
  bool last_was_error_ = false;
  bool is_stale_ = false;
};

// ---- preprocessor ----

class Watcher : public PPCallbacks {
 public:
  Watcher(const SourceManager& sources, const UserCode& user, Preprocessed& out) : sources_(sources), user_(user), out_(out) {}

  void InclusionDirective(SourceLocation at, const Token&, StringRef, bool, CharSourceRange range, OptionalFileEntryRef,
                          StringRef, StringRef, const clang::Module*, bool, SrcMgr::CharacteristicKind) override {
    if (sources_.getFileID(at) != sources_.getMainFileID() || depth_ > 0) return;
    const std::size_t end = sources_.getFileOffset(sources_.getExpansionLoc(range.getEnd()));
    const llvm::StringRef text = sources_.getBufferData(sources_.getMainFileID());
    const std::size_t line_end = text.find('\n', end);
    if (line_end != llvm::StringRef::npos) includes_.push_back(line_end + 1);
  }
  void If(SourceLocation at, SourceRange, ConditionValueKind) override { enter(at); }
  void Ifdef(SourceLocation at, const Token& name, const MacroDefinition&) override {
    judge_whether(name, at);
    enter(at);
  }
  void Ifndef(SourceLocation at, const Token& name, const MacroDefinition&) override {
    judge_whether(name, at);
    enter(at);
  }
  void Endif(SourceLocation at, SourceLocation) override {
    if (sources_.getFileID(at) == sources_.getMainFileID() && depth_ > 0) --depth_;
  }
  void Defined(const Token& name, const MacroDefinition&, SourceRange range) override { judge_whether(name, range.getBegin()); }
  void MacroExpands(const Token& name, const MacroDefinition&, SourceRange range, const MacroArgs*) override {
    judge(name, range.getBegin());
  }

  // The place after the last include that stands before `first`, the offset of the first declaration.
  std::size_t include_offset(std::size_t first) const {
    std::size_t out = 0;
    for (const std::size_t offset : includes_) {
      if (offset <= first) out = offset;
    }
    return out;
  }

 private:
  void enter(SourceLocation at) {
    if (sources_.getFileID(at) == sources_.getMainFileID()) ++depth_;
  }
  // Whether they are defined both GCC and Clang answer alike; with which value they do not.
  void judge_whether(const Token& name, SourceLocation at) {
    const StringRef text = name.getIdentifierInfo() ? name.getIdentifierInfo()->getName() : StringRef();
    if (text != "__GNUC__" && text != "__GNUC_MINOR__" && text != "__GNUC_PATCHLEVEL__" && text != "__INTEL_COMPILER") judge(name, at);
  }
  void judge(const Token& name, SourceLocation at) {
    if (!out_.compiler_dependent.empty() || !name.getIdentifierInfo()) return;
    const StringRef text = name.getIdentifierInfo()->getName();
    const bool asks = text.starts_with("__clang") || text.starts_with("__GNUC") || text == "__VERSION__" ||
                      text == "__llvm__" || text == "__INTEL_COMPILER";
    if (!asks || !user_.is_user(at)) return;
    out_.compiler_dependent =
        user_.file_of(at) + ":" + std::to_string(user_.line_of(at)) + ": " + text.str();
  }

  const SourceManager& sources_;
  const UserCode& user_;
  Preprocessed& out_;
  int depth_ = 0;
  std::vector<std::size_t> includes_;
};

// ---- the parse ----

struct Shared {
  const UseTree& use;
  std::string project;
  std::string cwd;
  bool ran = false;
};

// Bodies of the user's code are read, and of the standard library's templates, since what those instantiate of the user's (a generic lambda, a
// class template's methods) has no body otherwise.
bool is_of_interest(const Decl* d, const SourceManager& sources) {
  const FunctionDecl* f = d->getAsFunction();
  return f && f->isDependentContext() && sources.getFilename(sources.getExpansionLoc(d->getLocation())).contains("/include/c++/");
}

class Consumer : public ASTConsumer {
 public:
  Consumer(CompilerInstance& compiler, Shared& shared)
      : compiler_(compiler), shared_(shared), user_(compiler.getSourceManager(), shared.project, shared.cwd) {
    auto watcher = std::make_unique<Watcher>(compiler.getSourceManager(), user_, preprocessed_);
    watcher_ = watcher.get();
    compiler.getPreprocessor().addPPCallbacks(std::move(watcher));
  }

  bool shouldSkipFunctionBody(Decl* d) override { return !user_.is_user(d->getLocation()) && !is_of_interest(d, compiler_.getSourceManager()); }

  bool HandleTopLevelDecl(DeclGroupRef group) override {
    const SourceManager& sources = compiler_.getSourceManager();
    for (Decl* d : group) {
      const SourceLocation at = sources.getExpansionLoc(d->getBeginLoc());
      if (at.isValid() && sources.getFileID(at) == sources.getMainFileID()) {
        first_ = std::min<std::size_t>(first_, sources.getFileOffset(at));
      }
    }
    return true;
  }

  void HandleTranslationUnit(ASTContext& context) override {
    if (compiler_.getDiagnostics().hasErrorOccurred()) return;
    preprocessed_.include_offset = watcher_->include_offset(first_);
    shared_.ran = true;
    shared_.use(context, preprocessed_);
  }

 private:
  CompilerInstance& compiler_;
  Shared& shared_;
  UserCode user_;
  Preprocessed preprocessed_;
  Watcher* watcher_ = nullptr;
  std::size_t first_ = ~std::size_t{0};
};

class Action : public ASTFrontendAction {
 public:
  explicit Action(Shared& shared) : shared_(shared) {}
  bool BeginInvocation(CompilerInstance& compiler) override {
    compiler.getFrontendOpts().SkipFunctionBodies = true;  // the consumer says which
    return true;
  }
  std::unique_ptr<ASTConsumer> CreateASTConsumer(CompilerInstance& compiler, StringRef) override {
    return std::make_unique<Consumer>(compiler, shared_);
  }

 private:
  Shared& shared_;
};

bool names_standard(const std::vector<std::string>& flags) {
  for (const std::string& flag : flags) {
    if (flag.starts_with("-std=") || flag.starts_with("--std=") || flag == "-ansi") return true;
  }
  return false;
}

// The standard that the user's compiler takes by itself, as a flag; empty if it does not say.
std::string default_standard(const std::string& compiler, Language language) {
  if (compiler.empty() || compiler.find_first_of("'\\") != std::string::npos) return {};
  const std::string command = "'" + compiler + "' -dM -E -x " + (language == Language::kC ? "c" : "c++") + " /dev/null 2>/dev/null";
  FILE* pipe = popen(command.c_str(), "r");
  if (!pipe) return {};
  std::string text;
  char buffer[4096];
  while (const std::size_t n = fread(buffer, 1, sizeof buffer, pipe)) text.append(buffer, n);
  pclose(pipe);
  const std::string name = language == Language::kC ? "#define __STDC_VERSION__ " : "#define __cplusplus ";
  const std::size_t at = text.find(name);
  if (at == std::string::npos) return {};
  const long value = std::atol(text.c_str() + at + name.size());
  if (language == Language::kC) return value >= 201710 ? "-std=gnu17" : value >= 201112 ? "-std=gnu11" : "-std=gnu99";
  return value > 202002 ? "-std=gnu++23" : value >= 202002 ? "-std=gnu++20" : value >= 201703 ? "-std=gnu++17"
         : value >= 201402 ? "-std=gnu++14" : "-std=gnu++11";
}

// Clang has no <omp.h> of its own; the functions that training programs call are enough to parse.
constexpr char kOwnHeaders[] = "/hindsight-virtual/include";
constexpr char kOmpHeader[] = R"(#pragma once
#ifdef __cplusplus
extern "C" {
#endif
typedef struct { void* p; } omp_lock_t;
typedef struct { void* p; } omp_nest_lock_t;
int omp_get_thread_num(void); int omp_get_num_threads(void); int omp_get_max_threads(void); int omp_get_num_procs(void);
int omp_in_parallel(void); int omp_get_level(void); int omp_get_nested(void); int omp_get_dynamic(void);
void omp_set_num_threads(int); void omp_set_nested(int); void omp_set_dynamic(int);
void omp_init_lock(omp_lock_t*); void omp_destroy_lock(omp_lock_t*); void omp_set_lock(omp_lock_t*);
void omp_unset_lock(omp_lock_t*); int omp_test_lock(omp_lock_t*);
double omp_get_wtime(void); double omp_get_wtick(void);
#ifdef __cplusplus
}
#endif
)";

// Where no hindsight/probe.h is found: enough to judge whether an expression compiles at a place.
constexpr char kProbeHeader[] = "#pragma once\n#define HINDSIGHT_PROBE(id, name, ...) { const auto& hindsight_value = (__VA_ARGS__); (void)hindsight_value; }\n";

}  // namespace

bool is_below(const std::string& folder, const std::string& path) {
  return !folder.empty() && path.size() > folder.size() && path.starts_with(folder) &&
         (folder.back() == '/' || path[folder.size()] == '/');
}

std::string relative_to(const std::string& project, const std::string& absolute) {
  if (!is_below(project, absolute)) return absolute;
  return absolute.substr(project.size() + (project.back() == '/' ? 0 : 1));
}

std::string resource_dir() {
  const char* given = std::getenv("HINDSIGHT_CC_RESOURCE_DIR");
  return given && *given ? given : HINDSIGHT_CLANG_RESOURCE_DIR;
}

namespace {

// ---- the precompiled preamble ----

constexpr char kPreambleFolder[] = "/hindsight-virtual/preamble/";

// Says which bodies are left out, as in every parse.
class PreambleBodies : public ASTConsumer {
 public:
  explicit PreambleBodies(const SourceManager& sources) : sources_(sources) {}
  bool shouldSkipFunctionBody(Decl* d) override { return !is_of_interest(d, sources_); }

 private:
  const SourceManager& sources_;
};

// It may hold nothing of the user's: what is in it is not analysed.
class PreambleAction : public GeneratePCHAction {
 public:
  PreambleAction(const ParseInput& input, bool& holds_user_code) : input_(input), holds_user_code_(holds_user_code) {}

 private:
  bool BeginInvocation(CompilerInstance& compiler) override {
    compiler.getFrontendOpts().SkipFunctionBodies = true;
    return GeneratePCHAction::BeginInvocation(compiler);
  }
  std::unique_ptr<ASTConsumer> CreateASTConsumer(CompilerInstance& compiler, StringRef file) override {
    std::vector<std::unique_ptr<ASTConsumer>> both;
    if (std::unique_ptr<ASTConsumer> generator = GeneratePCHAction::CreateASTConsumer(compiler, file)) both.push_back(std::move(generator));
    if (both.empty()) return nullptr;
    both.push_back(std::make_unique<PreambleBodies>(compiler.getSourceManager()));
    return std::make_unique<MultiplexConsumer>(std::move(both));
  }
  void EndSourceFileAction() override {
    const SourceManager& sources = getCompilerInstance().getSourceManager();
    const UserCode user(sources, input_.project, input_.cwd);
    for (unsigned i = 0; i < sources.local_sloc_entry_size(); ++i) {
      const SrcMgr::SLocEntry& entry = sources.getLocalSLocEntry(i);
      const SourceLocation at = SourceLocation::getFromRawEncoding(entry.getOffset());
      if (entry.isFile() && !sources.isInMainFile(at) && user.is_user(at)) holds_user_code_ = true;
    }
    GeneratePCHAction::EndSourceFileAction();
  }

  const ParseInput& input_;
  bool& holds_user_code_;
};

class Parser {
 public:
  explicit Parser(const ParseInput& input) : input_(input), texts_(input.overlay) {
    texts_[std::string(kOwnHeaders) + "/omp.h"] = kOmpHeader;
    texts_[std::string(kOwnHeaders) + "/hindsight/probe.h"] = kProbeHeader;
    command_ = {input.language == Language::kC ? "clang" : "clang++"};
    if (!names_standard(input.flags)) {
      const std::string standard = default_standard(input.compiler, input.language);
      if (!standard.empty()) command_.push_back(standard);
    }
    command_.insert(command_.end(), input.flags.begin(), input.flags.end());
    command_.insert(command_.end(), {"-w", "-Wno-missing-template-arg-list-after-template-kw", "-ferror-limit=50", "-fno-caret-diagnostics",
                                     "-idirafter", kOwnHeaders, "-resource-dir", resource_dir()});
  }

  ParseOutcome run(const UseTree& use) {
    if (const std::string preamble = cache_ ? make_preamble() : ""; !preamble.empty()) {
      ParseOutcome outcome = parse({"-include-pch", preamble}, use);
      if (outcome.parsed) return outcome;
      if (is_stale_) cache_.remove(key_);
    }
    return parse({}, use);
  }

 private:
  ParseOutcome parse(std::vector<std::string> flags, const UseTree& use) {
    ParseOutcome out;
    Shared shared{use, input_.project, input_.cwd, false};
    flags.push_back("-fsyntax-only");
    const bool ok = invoke(flags, input_.file, "", std::make_unique<Action>(shared), out.errors);
    out.parsed = ok && shared.ran && out.errors.empty();
    if (!out.parsed && out.errors.empty()) out.errors.push_back({"Clang could not read the unit", input_.file, 0, {}});
    return out;
  }

  // The path of what the unit includes first, precompiled; empty if there is none. Ours are on top of the libraries', which more units have in common.
  std::string make_preamble() {
    const auto read = [&](const std::string& path) -> std::optional<std::string> {
      const auto known = texts_.find(path);
      return known != texts_.end() ? known->second : read_file(path);
    };
    llvm::SmallString<256> unit(input_.file);
    llvm::sys::fs::make_absolute(input_.cwd, unit);
    const PreambleText text = preamble_of({std::string(unit), input_.cwd, input_.project, input_.flags, read});
    const std::string libraries = text.libraries.empty() ? std::string() : precompiled(text.libraries, "");
    if (text.ours.empty() || (libraries.empty() && !text.libraries.empty())) return libraries;
    const std::string key = key_, ours = precompiled(text.ours, libraries);
    if (ours.empty()) key_ = key;
    return ours.empty() ? libraries : ours;
  }

  // `text`, precompiled, with the precompiled file `below` in front of it. Sets `key_`. Empty: it could not be made.
  std::string precompiled(const std::string& text, const std::string& below) {
    std::string all = getClangFullVersion() + "\n" + input_.cwd + "\n" + input_.project + "\n" + below + "\n" + text;
    for (const std::string& word : command_) all += "\n" + word;
    for (const char* name : {"CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH"}) {
      const char* folders = std::getenv(name);
      all += std::string("\n") + (folders ? folders : "");
    }
    key_ = hash_of(all);
    const std::string file = kPreambleFolder + key_ + ".h";
    texts_[file] = text;
    return cache_.file(key_, [&](const std::string& path) {
      std::vector<Problem> errors;
      bool holds_user_code = false;
      std::vector<std::string> flags = {"-fpch-instantiate-templates", "-o", path};
      if (!below.empty()) flags.insert(flags.end(), {"-include-pch", below});
      const bool made = invoke(flags, file, "-header", std::make_unique<PreambleAction>(input_, holds_user_code), errors);
      return made && errors.empty() && !holds_user_code;
    });
  }

  bool invoke(const std::vector<std::string>& flags, const std::string& file, const char* kind, std::unique_ptr<FrontendAction> action, std::vector<Problem>& errors) {
    auto memory = llvm::makeIntrusiveRefCnt<llvm::vfs::InMemoryFileSystem>();
    for (const auto& [path, text] : texts_) memory->addFile(path, 0, llvm::MemoryBuffer::getMemBufferCopy(text, path));
    auto layers = llvm::makeIntrusiveRefCnt<llvm::vfs::OverlayFileSystem>(llvm::vfs::getRealFileSystem());
    layers->pushOverlay(memory);
    if (!input_.cwd.empty()) layers->setCurrentWorkingDirectory(input_.cwd);
    FileSystemOptions options;
    options.WorkingDir = input_.cwd;
    auto files = llvm::makeIntrusiveRefCnt<FileManager>(options, layers);
    std::vector<std::string> command = command_;
    command.insert(command.end(), flags.begin(), flags.end());
    command.insert(command.end(), {"-x", std::string(input_.language == Language::kC ? "c" : "c++") + kind, file});
    Collector collector(errors);
    tooling::ToolInvocation invocation(command, std::move(action), files.get());
    invocation.setDiagnosticConsumer(&collector);
    const bool ok = invocation.run();
    is_stale_ = collector.is_stale();
    return ok;
  }

  const ParseInput& input_;
  const ParseCache cache_;
  std::map<std::string, std::string> texts_;  // that stand for files, by absolute path
  std::vector<std::string> command_;
  std::string key_;         // of the preamble
  bool is_stale_ = false;   // it was made from headers that have changed since, or by another Clang
};

}  // namespace

ParseOutcome parse(const ParseInput& input, const UseTree& use) { return Parser(input).run(use); }

}  // namespace hindsight::instrument
