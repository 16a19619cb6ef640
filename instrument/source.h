// Where things stand in the source: files, the user's own code, text of ranges. For the files that know Clang.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>

#include <clang/AST/ASTContext.h>
#include <clang/AST/Decl.h>
#include <clang/Basic/SourceManager.h>

namespace hindsight::instrument {

// The line that `at` is expanded in, in the user's own text: lines that rewriting has put in are not counted.
unsigned line_at(const clang::SourceManager& sources, clang::SourceLocation at);

// Which files are the user's own: those below the project, and headers elsewhere that are no system's and no known library's.
class UserCode {
 public:
  UserCode(const clang::SourceManager& sources, std::string project, std::string cwd)
      : sources_(sources), project_(std::move(project)), cwd_(std::move(cwd)) {}

  bool is_user(clang::SourceLocation at) const;
  bool is_user(const clang::Decl* d) const { return d && is_user(d->getLocation()); }
  // The file that `at` is expanded in, relative to the project where inside it.
  std::string file_of(clang::SourceLocation at) const;
  unsigned line_of(clang::SourceLocation at) const { return line_at(sources_, at); }
  bool in_main_file(clang::SourceLocation at) const {
    return sources_.getFileID(sources_.getExpansionLoc(at)) == sources_.getMainFileID();
  }
  const clang::SourceManager& sources() const { return sources_; }

 private:
  struct File {
    bool user = false;
    std::string name;
  };
  const File& file(clang::SourceLocation at) const;

  const clang::SourceManager& sources_;
  std::string project_;
  std::string cwd_;
  mutable std::map<clang::FileID, File> files_;
};

// What `c` declares in the text of this unit. What a precompiled preamble declares is not loaded for it.
inline clang::DeclContext::decl_range declarations_in(const clang::DeclContext* c) {
  return c->isTranslationUnit() ? c->noload_decls() : c->decls();
}

// In the order in which they are written, so that every parse of a text goes through them alike, whatever is precompiled.
struct AsWritten {
  bool operator()(const clang::Decl* a, const clang::Decl* b) const {
    if (a == b || !a || !b) return !a && b;
    const auto first = a->getLocation().getRawEncoding(), second = b->getLocation().getRawEncoding();
    return first != second ? first < second : a->getID() < b->getID();  // instances of one template, in the order in which they were made
  }
};
template <class T>
using DeclSet = std::set<const T*, AsWritten>;

// Qualified name with parameter types, the same in every unit: `ns::train_step(Net&)`; lambdas by place: `main()::lambda@41:18`.
std::string report_name(const clang::FunctionDecl* f);
// Without parameters; of a lambda, the function that it stands in.
std::string plain_name(const clang::FunctionDecl* f);
// The function with a name that `f` stands in: `f` itself unless it is a lambda.
const clang::FunctionDecl* named_function(const clang::FunctionDecl* f);
bool is_lambda(const clang::FunctionDecl* f);

// The text of a range on one line, as written.
std::string text_of(const clang::ASTContext& context, clang::SourceRange range);

// The characters [begin, end) of a range in its file, macros that it covers whole included; nothing if it begins or
// ends inside a macro.
struct FileRange {
  clang::FileID file;
  std::size_t begin = 0;
  std::size_t end = 0;
};
std::optional<FileRange> file_range(const clang::ASTContext& context, clang::SourceRange range);

}  // namespace hindsight::instrument
