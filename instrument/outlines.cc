#include "instrument/outlines.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "instrument/statements.h"
#include "instrument/text.h"

namespace hindsight::instrument {

using namespace clang;

namespace {

using At = std::pair<std::string, std::size_t>;  // file, offset

// Which declaration is named where.
class Names {
 public:
  Names(ASTContext& context, const UserCode& user, Outline& out) : context_(context), sources_(context.getSourceManager()), user_(user), out_(out) {}

  void function(const FunctionDecl* f) {
    for (const ParmVarDecl* p : f->parameters()) declare(p);
    if (const auto* constructor = dyn_cast<CXXConstructorDecl>(f)) {
      for (const CXXCtorInitializer* init : constructor->inits()) walk(init->getInit());
    }
    walk(f->getBody());
  }
  std::optional<std::size_t> symbol(const NamedDecl* d) {
    d = cast<NamedDecl>(d->getCanonicalDecl());
    const auto known = known_.find(d);
    if (known != known_.end()) return known->second;
    const std::optional<Symbol> made = describe(d);
    if (!made) return std::nullopt;
    std::size_t number = out_.symbols.size();
    // Two declarations of one description are one to whoever looks from outside, unless they are locals.
    if (made->kind != Symbol::Kind::kLocal && made->kind != Symbol::Kind::kParameter) number = described_.try_emplace(*made, number).first->second;
    if (number == out_.symbols.size()) out_.symbols.push_back(*made);
    return known_[d] = number;
  }
  std::optional<std::size_t> at(const At& place) const {
    const auto found = named_.find(place);
    return found == named_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  static std::string type_of(QualType type) { return type.getNonReferenceType().getCanonicalType().getUnqualifiedType().getAsString(); }

  std::optional<Symbol> describe(const NamedDecl* d) const {
    if (!d->getIdentifier() || !user_.is_user(d)) return std::nullopt;
    Symbol out;
    out.name = d->getNameAsString();
    if (const auto* v = dyn_cast<VarDecl>(d)) {
      out.kind = isa<ParmVarDecl>(v) ? Symbol::Kind::kParameter : v->isLocalVarDecl() ? Symbol::Kind::kLocal : v->isStaticDataMember() ? Symbol::Kind::kMember : Symbol::Kind::kGlobal;
      out.type = type_of(v->getType());
    } else if (const auto* binding = dyn_cast<BindingDecl>(d)) {
      out.type = type_of(binding->getType());
    } else if (const auto* field = dyn_cast<FieldDecl>(d)) {
      out.kind = Symbol::Kind::kMember;
      out.type = type_of(field->getType());
    } else if (isa<FunctionDecl, FunctionTemplateDecl>(d)) {
      out.kind = Symbol::Kind::kFunction;
      out.type = type_of(d->getAsFunction()->getReturnType());
    } else {
      return std::nullopt;
    }
    if (const auto* f = dyn_cast<FunctionDecl>(d->getDeclContext())) out.owner = plain_name(f);
    else if (const auto* r = dyn_cast<CXXRecordDecl>(d->getDeclContext())) out.owner = r->getQualifiedNameAsString();
    return out;
  }

  void note(const NamedDecl* d, SourceLocation location) {
    if (d->isImplicit()) return;
    if (location.isMacroID()) {
      if (!sources_.isMacroArgExpansion(location)) return;
      location = sources_.getSpellingLoc(location);
    }
    if (location.isInvalid() || !user_.is_user(location)) return;
    if (const std::optional<std::size_t> is = symbol(d)) named_[{user_.file_of(location), sources_.getFileOffset(location)}] = *is;
  }
  void declare(const ValueDecl* d) {
    if (d->isImplicit()) return;  // of a range-for: it would stand where the range is named
    note(d, d->getLocation());
    if (const auto* decomposition = dyn_cast<DecompositionDecl>(d)) {
      for (const BindingDecl* each : decomposition->bindings()) note(each, each->getLocation());
    }
  }

  void walk(const Stmt* s) {
    if (!s) return;
    if (const auto* ref = dyn_cast<DeclRefExpr>(s)) note(ref->getDecl(), ref->getLocation());
    if (const auto* member = dyn_cast<MemberExpr>(s)) note(member->getMemberDecl(), member->getMemberLoc());
    if (const auto* unresolved = dyn_cast<OverloadExpr>(s); unresolved && unresolved->getNumDecls() > 0) note((*unresolved->decls_begin())->getUnderlyingDecl(), unresolved->getNameLoc());
    if (const auto* declared = dyn_cast<DeclStmt>(s)) {
      for (const Decl* d : declared->decls()) {
        if (const auto* v = dyn_cast<VarDecl>(d)) declare(v);
      }
    }
    if (const auto* caught = dyn_cast<CXXCatchStmt>(s); caught && caught->getExceptionDecl()) declare(caught->getExceptionDecl());
    if (const auto* lambda = dyn_cast<LambdaExpr>(s)) {
      for (const LambdaCapture& capture : lambda->captures()) {
        if (capture.capturesVariable() && capture.isExplicit()) note(capture.getCapturedVar(), capture.getLocation());
      }
      for (const Expr* init : lambda->capture_inits()) walk(init);
      const FunctionDecl* f = lambda->getDependentCallOperator() ? lambda->getDependentCallOperator()->getTemplatedDecl() : lambda->getCallOperator();
      for (const ParmVarDecl* p : f->parameters()) declare(p);
      return walk(f->getBody());
    }
    for (const Stmt* child : children_of(s)) walk(child);
  }

  ASTContext& context_;
  const SourceManager& sources_;
  const UserCode& user_;
  Outline& out_;
  std::map<const NamedDecl*, std::size_t> known_;
  std::map<Symbol, std::size_t> described_;  // no locals
  std::map<At, std::size_t> named_;
};

std::map<std::string, llvm::StringRef> texts_of_files(const SourceManager& sources, const UserCode& user) {
  std::map<std::string, llvm::StringRef> out;
  for (unsigned i = 0; i < sources.local_sloc_entry_size(); ++i) {
    const SrcMgr::SLocEntry& entry = sources.getLocalSLocEntry(i);
    if (!entry.isFile()) continue;
    const SourceLocation at = SourceLocation::getFromRawEncoding(entry.getOffset());
    if (user.is_user(at)) out.emplace(user.file_of(at), sources.getBufferData(sources.getFileID(at)));
  }
  return out;
}

// What only joins statements is none of their own.
bool is_own(const std::string& token) { return token != "{" && token != "}" && token != ";" && token != "else"; }

bool is_counted(const std::string& token, std::string_view name) {
  return token.size() > name.size() && token.starts_with(name) && std::all_of(token.begin() + static_cast<std::ptrdiff_t>(name.size()), token.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// What rewriting has put into the text is none of the user's: whole statements of ours, and calls of ours in the heads of loops.
std::vector<OutlineToken> without_ours(std::vector<OutlineToken> tokens) {
  const auto is = [&](std::size_t at, std::string_view text) { return at < tokens.size() && tokens[at].text == text; };
  if (is(0, "::") && is(1, "hindsight") && is(2, "::") && (is(3, "LoopWith") || is(3, "Live") || is(3, "Registered"))) return {};
  std::vector<OutlineToken> out;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (!(is_counted(tokens[i].text, "hindsight_") && is(i + 1, ".") && is(i + 3, "("))) {
      out.push_back(std::move(tokens[i]));
      continue;
    }
    int depth = 0;
    for (i += 3; i < tokens.size(); ++i) {
      if (is(i, "(")) ++depth;
      if (is(i, ")") && --depth == 0) break;
    }
    if (is(i + 1, "&&")) ++i;
  }
  return out;
}

}  // namespace

Outline outline_of(ASTContext& context, const UserCode& user, const std::vector<const FunctionDecl*>& functions) {
  Outline out;
  Names names(context, user, out);
  std::map<std::string, std::size_t> numbers;
  for (const FunctionDecl* f : functions) {
    if (f->getTemplateInstantiationPattern() || is_lambda(f)) continue;
    names.function(f);
    OutlineFunction made{plain_name(f), user.file_of(f->getLocation()), {}};
    for (const ParmVarDecl* p : f->parameters()) {
      if (const std::optional<std::size_t> symbol = names.symbol(p)) made.parameters.push_back(*symbol);
    }
    numbers[report_name(f)] = out.functions.size();
    out.functions.push_back(std::move(made));
  }

  const std::vector<Statement> statements = statements_of(context, user, functions).all;
  // Parts of a statement that are statements of their own; those in its head are none.
  std::vector<std::optional<std::size_t>> number(statements.size());
  std::vector<std::vector<std::size_t>> parts(statements.size());
  const auto listed_around = [&](std::size_t i) {
    std::optional<std::size_t> around = statements[i].around;
    while (around && statements[*around].place == Statement::Place::kHead) around = statements[*around].around;
    return around;
  };
  std::size_t count = 0;
  for (std::size_t i = 0; i < statements.size(); ++i) {
    if (statements[i].place == Statement::Place::kHead) continue;
    number[i] = count++;
    if (const std::optional<std::size_t> around = listed_around(i)) parts[*around].push_back(i);
  }
  const std::map<std::string, llvm::StringRef> texts = texts_of_files(context.getSourceManager(), user);
  std::size_t function = 0;
  for (std::size_t i = 0; i < statements.size(); ++i) {
    const Statement& s = statements[i];
    const std::optional<std::size_t> around = listed_around(i);
    // A lambda's belong to the function that it stands in.
    if (const auto known = numbers.find(s.function); known != numbers.end()) function = known->second;
    if (!number[i]) continue;
    OutlineStatement made{s.kind, s.file, s.begin, s.end, s.line, function, {}, {}};
    if (around) made.around = number[*around];
    const auto text = texts.find(s.file);
    if (text != texts.end()) {
      for (PlacedToken& token : placed_tokens_of(text->second.substr(s.begin, s.end - s.begin))) {
        const std::size_t offset = s.begin + token.offset;
        const bool is_parts = std::any_of(parts[i].begin(), parts[i].end(), [&](std::size_t part) {
          return statements[part].file == s.file && offset >= statements[part].begin && offset < statements[part].end && statements[part].end <= s.end;
        });
        if (!is_parts && is_own(token.text)) made.tokens.push_back({std::move(token.text), names.at({s.file, offset})});
      }
    }
    made.tokens = without_ours(std::move(made.tokens));
    out.statements.push_back(std::move(made));
  }
  return out;
}

}  // namespace hindsight::instrument
