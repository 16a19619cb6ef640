#include "instrument/source.h"

#include <map>

#include <clang/AST/DeclCXX.h>
#include <clang/Lex/Lexer.h>
#include <llvm/Support/FileSystem.h>
#include <llvm/Support/Path.h>

#include "instrument/parse.h"
#include "instrument/text.h"

namespace hindsight::instrument {

using namespace clang;

bool is_of_library(const std::string& file) {
  const llvm::StringRef path(file);
  for (const char* root : {"/usr/", "/opt/", "/lib/", "/nix/", "/snap/"}) {
    if (path.starts_with(root)) return true;
  }
  for (const char* folder : {"/torch/", "/ATen/", "/c10/", "/caffe2/", "/Eigen/", "/unsupported/Eigen/", "/boost/", "/opencv2/", "/nlohmann/", "/fmt/", "/spdlog/", "/google/protobuf/", "/absl/",
                             "/gtest/", "/gmock/", "/hindsight/"}) {
    if (path.contains(("/include" + llvm::StringRef(folder)).str())) return true;
  }
  return false;
}

namespace {

// Where our lines begin in a text; npos: nowhere. It is asked for at every place of a large header.
std::size_t lines_of_ours_in(llvm::StringRef text) {
  static std::map<std::pair<const char*, std::size_t>, std::size_t> known;
  const auto [at, fresh] = known.try_emplace({text.data(), text.size()});
  const bool is_stale = !fresh && at->second != llvm::StringRef::npos && !text.substr(at->second).starts_with(kLinesOfOurs);
  if (fresh || is_stale) at->second = text.find(kLinesOfOurs);
  return at->second;
}

}  // namespace

unsigned line_at(const SourceManager& sources, SourceLocation at) {
  const unsigned line = sources.getExpansionLineNumber(at);
  if (!sources.hasLineTable()) return line;  // no #line anywhere
  const auto [file, offset] = sources.getDecomposedLoc(sources.getExpansionLoc(at));
  const std::size_t ours = lines_of_ours_in(sources.getBufferData(file));
  return ours != llvm::StringRef::npos && ours < offset ? line - 2 : line;
}

const UserCode::File& UserCode::file(SourceLocation at) const {
  const FileID id = sources_.getFileID(sources_.getExpansionLoc(at));
  const auto known = files_.find(id);
  if (known != files_.end()) return known->second;
  File out;
  if (const OptionalFileEntryRef entry = sources_.getFileEntryRefForID(id)) {
    llvm::SmallString<256> path(entry->getName());
    if (!llvm::sys::path::is_absolute(path)) {
      llvm::SmallString<256> absolute(cwd_);
      llvm::sys::path::append(absolute, path);
      path = absolute;
    }
    llvm::SmallString<256> real;
    if (!llvm::sys::fs::real_path(path, real)) path = real;
    llvm::sys::path::remove_dots(path, true);
    const bool system = SrcMgr::isSystem(sources_.getFileCharacteristic(sources_.getLocForStartOfFile(id))) || is_of_library(std::string(path));
    out.user = is_below(project_, std::string(path)) || !system;
    out.name = relative_to(project_, std::string(path));
  }
  return files_.emplace(id, std::move(out)).first->second;
}

bool UserCode::is_user(SourceLocation at) const { return at.isValid() && file(at).user; }
std::string UserCode::file_of(SourceLocation at) const { return at.isValid() ? file(at).name : std::string(); }

bool is_lambda(const FunctionDecl* f) {
  const auto* method = dyn_cast_or_null<CXXMethodDecl>(f);
  return method && method->getParent()->isLambda();
}

const FunctionDecl* named_function(const FunctionDecl* f) {
  while (f && is_lambda(f)) {
    const DeclContext* context = cast<CXXMethodDecl>(f)->getParent()->getDeclContext();
    while (context && !isa<FunctionDecl>(context)) context = context->getParent();
    if (!context) break;
    f = cast<FunctionDecl>(context);
  }
  return f;
}

std::string plain_name(const FunctionDecl* f) {
  const FunctionDecl* named = named_function(f);
  return named ? named->getQualifiedNameAsString() : std::string();
}

namespace {

std::string type_name(QualType type, const ASTContext& context) {
  PrintingPolicy policy(context.getLangOpts());
  policy.SuppressTagKeyword = true;
  policy.Bool = true;
  policy.PrintCanonicalTypes = true;
  std::string out = type.getCanonicalType().getAsString(policy);
  for (const char* sign : {" &", " *"}) {
    for (std::size_t at = out.find(sign); at != std::string::npos; at = out.find(sign, at)) out.erase(at, 1);
  }
  return out;
}

}  // namespace

std::string report_name(const FunctionDecl* f) {
  if (!f) return {};
  const ASTContext& context = f->getASTContext();
  if (is_lambda(f)) {
    const FunctionDecl* named = named_function(f);
    const SourceManager& sources = context.getSourceManager();
    const SourceLocation at = sources.getExpansionLoc(cast<CXXMethodDecl>(f)->getParent()->getBeginLoc());
    // Named alike in the user's text and in one with lines of ours and #line in it.
    return (named && !is_lambda(named) ? report_name(named) + "::" : std::string()) + "lambda@" +
           std::to_string(sources.getPresumedLineNumber(at)) + ":" + std::to_string(sources.getExpansionColumnNumber(at));
  }
  std::string out = f->getQualifiedNameAsString();
  // Instantiations of one template are one function in the source.
  if (const FunctionDecl* pattern = f->getTemplateInstantiationPattern()) f = pattern;
  out += '(';
  for (unsigned i = 0; i < f->getNumParams(); ++i) {
    if (i > 0) out += ", ";
    out += type_name(f->getParamDecl(i)->getType(), context);
  }
  if (f->isVariadic()) out += f->getNumParams() ? ", ..." : "...";
  out += ')';
  if (const auto* method = dyn_cast<CXXMethodDecl>(f); method && method->isConst()) out += " const";
  return out;
}

std::optional<FileRange> file_range(const ASTContext& context, SourceRange range) {
  const SourceManager& sources = context.getSourceManager();
  const LangOptions& options = context.getLangOpts();
  SourceLocation begin = range.getBegin(), end = range.getEnd();
  if (begin.isInvalid() || end.isInvalid()) return std::nullopt;
  if (sources.isMacroArgExpansion(begin) || sources.isMacroArgExpansion(end)) {
    // An argument's own text is no whole piece of the program, unless the range only ends in one.
    if (begin.isMacroID() && sources.isMacroArgExpansion(begin)) return std::nullopt;
  }
  if (begin.isMacroID() && !Lexer::isAtStartOfMacroExpansion(begin, sources, options, &begin)) return std::nullopt;
  if (end.isMacroID()) {
    if (!Lexer::isAtEndOfMacroExpansion(end, sources, options, &end)) return std::nullopt;
  }
  if (!begin.isFileID() || !end.isFileID() || sources.getFileID(begin) != sources.getFileID(end)) return std::nullopt;
  FileRange out;
  out.file = sources.getFileID(begin);
  out.begin = sources.getFileOffset(begin);
  out.end = sources.getFileOffset(end) + Lexer::MeasureTokenLength(end, sources, options);
  if (out.end < out.begin) return std::nullopt;
  return out;
}

std::string text_of(const ASTContext& context, SourceRange range) {
  const SourceManager& sources = context.getSourceManager();
  std::optional<FileRange> found = file_range(context, range);
  if (!found) {
    const SourceRange spelled(sources.getExpansionLoc(range.getBegin()), sources.getExpansionRange(range.getEnd()).getEnd());
    found = file_range(context, spelled);
    if (!found) return {};
  }
  return one_line(sources.getBufferData(found->file).slice(found->begin, found->end));
}

}  // namespace hindsight::instrument
