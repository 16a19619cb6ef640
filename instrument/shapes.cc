#include "instrument/shapes.h"

#include <algorithm>
#include <cctype>
#include <functional>
#include <map>
#include <set>

#include <clang/Lex/Lexer.h>

#include "instrument/functions.h"
#include "instrument/known.h"

namespace hindsight::instrument {

using namespace clang;

namespace {

bool is_loop(const Stmt* s) { return isa<ForStmt, WhileStmt, DoStmt, CXXForRangeStmt>(s); }

const Stmt* body_of(const Stmt* loop) {
  if (const auto* x = dyn_cast<ForStmt>(loop)) return x->getBody();
  if (const auto* x = dyn_cast<WhileStmt>(loop)) return x->getBody();
  if (const auto* x = dyn_cast<DoStmt>(loop)) return x->getBody();
  return cast<CXXForRangeStmt>(loop)->getBody();
}

const VarDecl* variable_of(const Expr* e) {
  const auto* ref = e ? dyn_cast<DeclRefExpr>(e->IgnoreParenImpCasts()) : nullptr;
  return ref ? dyn_cast<VarDecl>(ref->getDecl()) : nullptr;
}

// ---- names ----

// `num_epochs` -> `epoch`, `kMaxIterations` -> `iteration`, `n` -> nothing.
std::string singular(std::string name) {
  std::string words;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const bool upper = std::isupper(static_cast<unsigned char>(name[i])) != 0;
    const bool starts = upper && i > 0 && std::islower(static_cast<unsigned char>(name[i - 1])) != 0;
    if (starts) words += '_';
    words += static_cast<char>(std::tolower(static_cast<unsigned char>(name[i])));
  }
  while (!words.empty() && words.back() == '_') words.pop_back();
  static const std::set<std::string> kCounts = {"n", "num", "nr", "number", "of", "max", "total", "count", "k", "m", "the", "how", "many", "cfg", "config", "opt", "args", "training", "train"};
  std::string out;
  for (std::size_t at = 0; at <= words.size();) {
    const std::size_t end = std::min(words.find('_', at), words.size());
    const std::string word = words.substr(at, end - at);
    if (!word.empty() && !kCounts.count(word)) out += (out.empty() ? "" : "_") + word;
    at = end + 1;
  }
  if (out.size() > 3 && out.ends_with("ches")) out.resize(out.size() - 2);
  else if (out.size() > 2 && out.back() == 's' && !out.ends_with("ss")) out.pop_back();
  return out.size() > 2 ? out : std::string();
}

// What the bound of a condition is called: `i < epochs`, `i != config.epochs`.
std::string bound_name(const Expr* condition) {
  const auto* compared = condition ? dyn_cast<BinaryOperator>(condition->IgnoreParenImpCasts()) : nullptr;
  if (!compared || !compared->isComparisonOp()) return {};
  for (const Expr* side : {compared->getRHS(), compared->getLHS()}) {
    const Expr* e = side->IgnoreParenImpCasts();
    if (const auto* ref = dyn_cast<DeclRefExpr>(e)) {
      if (const std::string name = singular(ref->getDecl()->getNameAsString()); !name.empty()) return name;
    }
    if (const auto* member = dyn_cast<MemberExpr>(e); member && isa<FieldDecl>(member->getMemberDecl())) {
      if (const std::string name = singular(member->getMemberDecl()->getNameAsString()); !name.empty()) return name;
    }
  }
  return {};
}

std::string label_of(const Stmt* s) {
  const VarDecl* v = counter_of(s);
  if (const auto* range = dyn_cast<CXXForRangeStmt>(s)) v = range->getLoopVariable();
  const std::string name = v ? v->getNameAsString() : "";
  if (name.size() > 2) return name;
  const Expr* condition = nullptr;
  if (const auto* x = dyn_cast<ForStmt>(s)) condition = x->getCond();
  if (const auto* x = dyn_cast<WhileStmt>(s)) condition = x->getCond();
  if (const auto* x = dyn_cast<DoStmt>(s)) condition = x->getCond();
  const std::string bound = bound_name(condition);
  if (!bound.empty()) return bound;
  if (name == "ep") return "epoch";
  if (name == "it") return "iteration";
  return name;
}

// `// hindsight: loop NAME` on the loop's line or the one before.
std::string given_name(const SourceManager& sources, SourceLocation at) {
  const FileID file = sources.getFileID(at);
  const llvm::StringRef text = sources.getBufferData(file);
  const std::size_t offset = sources.getFileOffset(at);
  std::size_t begin = text.rfind('\n', offset);
  if (begin != llvm::StringRef::npos && begin > 0) begin = text.rfind('\n', begin - 1);
  begin = begin == llvm::StringRef::npos ? 0 : begin + 1;
  const std::size_t end = std::min(text.find('\n', offset), text.size());
  const llvm::StringRef lines = text.slice(begin, end);
  constexpr llvm::StringRef mark = "// hindsight: loop ";
  const std::size_t found = lines.rfind(mark);
  if (found == llvm::StringRef::npos) return {};
  return lines.substr(found + mark.size()).take_until([](char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }).str();
}

// ---- what cannot be rewritten ----

class Obstacles {
 public:
  Obstacles(const ASTContext& context, const FunctionDecl* f) : context_(context), function_(f) {}

  std::string find(const Stmt* loop, bool in_openmp, bool has_attribute) const {
    if (in_openmp) return "it stands under an OpenMP directive";
    if (has_attribute) return "an attribute or pragma belongs to it";
    // A lambda is constexpr where it can be, said or not.
    if (function_->isConstexpr() && !is_lambda(function_)) return "it stands in a constexpr function";
    if (isa_and_nonnull<CoroutineBodyStmt>(function_->getBody())) return "it stands in a coroutine";
    if (loop->getBeginLoc().isMacroID()) return "a macro makes it";
    if (!file_range(context_, head_of(loop))) return "a macro makes part of it";
    if (const auto* range = dyn_cast<CXXForRangeStmt>(loop)) {
      const Expr* init = range->getRangeInit();
      if (init && isa<InitListExpr, CXXStdInitializerListExpr>(bare(init))) return "it goes over a list in braces";
      if (range->getCoawaitLoc().isValid()) return "it waits in a coroutine";
    }
    if (const auto* x = dyn_cast<ForStmt>(loop); x && x->getConditionVariable()) return "its condition declares a variable";
    if (jumps_in(loop)) return "a goto or case label leads into it";
    return {};
  }

 private:
  // From the loop's keyword up to its body.
  static SourceRange head_of(const Stmt* loop) {
    const Stmt* body = body_of(loop);
    if (isa<DoStmt>(loop)) return loop->getSourceRange();
    return {loop->getBeginLoc(), isa<CompoundStmt>(body) ? body->getBeginLoc() : body->getEndLoc()};
  }

  bool jumps_in(const Stmt* loop) const {
    DeclSet<LabelDecl> inside;
    std::set<const Stmt*> gotos_inside;
    bool cases = false;
    const auto walk = [&](const Stmt* s, bool in_switch, const auto& self) -> void {
      if (!s) return;
      if (const auto* label = dyn_cast<LabelStmt>(s)) inside.insert(label->getDecl());
      if (isa<GotoStmt, IndirectGotoStmt>(s)) gotos_inside.insert(s);
      if (isa<SwitchCase>(s) && !in_switch) cases = true;
      for (const Stmt* child : children_of(s)) self(child, in_switch || isa<SwitchStmt>(s), self);
    };
    walk(loop, false, walk);
    if (cases) return true;
    if (inside.empty()) return false;
    bool from_outside = false;
    const auto look = [&](const Stmt* s, const auto& self) -> void {
      if (!s) return;
      if (const auto* jump = dyn_cast<GotoStmt>(s); jump && inside.count(jump->getLabel()) && !gotos_inside.count(s)) from_outside = true;
      if (isa<IndirectGotoStmt>(s)) from_outside = true;
      for (const Stmt* child : children_of(s)) self(child, self);
    };
    look(function_->getBody(), look);
    return from_outside;
  }

  const ASTContext& context_;
  const FunctionDecl* function_;
};

// ---- one function ----

bool is_tensor_work(const FunctionDecl* f, const CallExpr* call) {
  if (in_torch(f)) return is_tensor(call->getType()) || f->getNameAsString() == "forward";
  const llvm::StringRef space = top_namespace(f);
  return space == "Eigen" || space == "xt" || space == "arma" || space == "dlib" || space == "cv" || f->getNameAsString().find("gemm") != std::string::npos;
}

bool reads_files(const FunctionDecl* f, const CallExpr* call) {
  std::vector<const Expr*> arguments(call->arg_begin(), call->arg_end());
  if (file_use(f, arguments).reads) return true;
  if (!in_std(f) && f->getDeclContext()->getRedeclContext()->isTranslationUnit()) {
    static const std::set<std::string> kReads = {"fread", "fgets", "fscanf", "getline", "fgetc", "getc", "mmap"};
    return f->getIdentifier() && kReads.count(f->getName().str()) != 0;
  }
  const bool extracts = f->getOverloadedOperator() == OO_GreaterGreater || (f->getIdentifier() && (f->getName() == "getline" || f->getName() == "read"));
  if (!extracts) return false;
  const auto is_stream = [](QualType t) { return t.getNonReferenceType().getCanonicalType().getAsString().find("stream<") != std::string::npos; };
  if (const auto* method = dyn_cast<CXXMemberCallExpr>(call)) return is_stream(method->getImplicitObjectArgument()->getType());
  return call->getNumArgs() > 0 && is_stream(call->getArg(0)->getType());
}

bool prints_something(const FunctionDecl* f, const CallExpr* call) {
  if (f->getIdentifier() && (f->getName() == "printf" || f->getName() == "puts" || f->getName() == "vprintf" || f->getName() == "fprintf")) return true;
  const auto streams = [](const Expr* e) {
    const VarDecl* v = variable_of(bare(e));
    return v && is_output_stream(v);
  };
  return prints(f) || (f->getOverloadedOperator() == OO_LessLess && call->getNumArgs() > 0 && streams(call->getArg(0)));
}

class Walker {
 public:
  Walker(ASTContext& context, const UserCode& user, const std::vector<const FunctionDecl*>& all, const FunctionDecl* f)
      : context_(context), user_(user), all_(all), function_(f) {}

  FunctionShape run() {
    out_.name = report_name(function_);
    out_.is_main = function_->isMain();
    for (const LoopStatement& each : loop_statements(user_, function_)) statements_[each.statement] = each;
    if (const auto* constructor = dyn_cast<CXXConstructorDecl>(function_)) {
      for (const CXXCtorInitializer* init : constructor->inits()) walk(init->getInit(), -1, false, false);
    }
    walk(function_->getBody(), -1, false, false);
    return std::move(out_);
  }

 private:
  void walk(const Stmt* s, int around, bool in_openmp, bool has_attribute) {
    if (!s) return;
    if (isa<OMPExecutableDirective>(s)) in_openmp = true;
    if (isa<AttributedStmt>(s)) {
      for (const Stmt* child : children_of(s)) walk(child, around, in_openmp, true);
      return;
    }
    if (is_loop(s)) return loop(s, around, in_openmp, has_attribute);
    if (const auto* call = dyn_cast<CallExpr>(s)) called(call, around);
    if (const auto* made = dyn_cast<CXXConstructExpr>(s)) add(made->getConstructor(), around);
    if (const auto* lambda = dyn_cast<LambdaExpr>(s)) {
      for (const Expr* init : lambda->capture_inits()) walk(init, around, in_openmp, false);
      add(lambda->getCallOperator(), around);  // nobody knows when it runs
      return;
    }
    for (const Stmt* child : children_of(s)) walk(child, around, in_openmp, false);
  }

  void loop(const Stmt* s, int around, bool in_openmp, bool has_attribute) {
    const LoopStatement& found = statements_.at(s);
    LoopShape shape;
    shape.file = found.file;
    shape.line = found.line;
    shape.nth = found.nth;
    shape.parent = around;
    shape.label = label_of(s);
    shape.given = given_name(context_.getSourceManager(), context_.getSourceManager().getExpansionLoc(s->getBeginLoc()));
    shape.refused = Obstacles(context_, function_).find(s, in_openmp, has_attribute);
    if (shape.refused.empty() && found.file.starts_with("/")) shape.refused = "it stands outside of the project's folder";
    const int index = static_cast<int>(out_.loops.size());
    out_.loops.push_back(std::move(shape));
    for (const Stmt* child : children_of(s)) walk(child, index, in_openmp, false);
  }

  void called(const CallExpr* call, int around) {
    const FunctionDecl* f = call->getDirectCallee();
    if (!f) return;
    if (around >= 0 && in_hindsight(f)) out_.loops[static_cast<std::size_t>(around)].is_known |= f->getIdentifier() && (f->getName() == "more" || f->getName() == "loop");
    if (user_.is_user(f)) {
      add(f, around);
      if (const auto* m = dyn_cast<CXXMethodDecl>(f); m && m->isVirtual()) overriders(m, around);
      return;
    }
    if (around < 0) return;
    LoopShape& shape = out_.loops[static_cast<std::size_t>(around)];
    const std::string name = f->getIdentifier() ? f->getName().str() : "";
    if (is_tensor_work(f, call)) shape.works = true;
    if (in_torch(f) && (name == "backward" || (name == "step" && isa<CXXMethodDecl>(f)))) shape.trains = true;
    if (reads_files(f, call)) shape.reads_files = true;
    if (prints_something(f, call)) shape.prints = true;
  }
  void overriders(const CXXMethodDecl* m, int around) {
    for (const FunctionDecl* f : all_) {
      const auto* other = dyn_cast<CXXMethodDecl>(f);
      if (!other || !other->isVirtual()) continue;
      for (const CXXMethodDecl* base : other->overridden_methods()) {
        if (base->getCanonicalDecl() == m->getCanonicalDecl()) add(other, around);
      }
    }
  }

  void add(const FunctionDecl* f, int around) {
    if (!f || !user_.is_user(f)) return;
    std::vector<std::string>& to = around < 0 ? out_.calls : out_.loops[static_cast<std::size_t>(around)].calls;
    const std::string name = report_name(f);
    if (std::find(to.begin(), to.end(), name) == to.end()) to.push_back(name);
  }

  ASTContext& context_;
  const UserCode& user_;
  const std::vector<const FunctionDecl*>& all_;
  const FunctionDecl* function_;
  FunctionShape out_;
  std::map<const Stmt*, LoopStatement> statements_;
};

}  // namespace

const VarDecl* counter_of(const Stmt* loop) {
  const auto* x = dyn_cast<ForStmt>(loop);
  if (!x) return nullptr;
  const Expr* inc = x->getInc() ? x->getInc()->IgnoreParenImpCasts() : nullptr;
  const VarDecl* v = nullptr;
  if (const auto* unary = dyn_cast_or_null<UnaryOperator>(inc)) v = variable_of(unary->getSubExpr());
  else if (const auto* binary = dyn_cast_or_null<BinaryOperator>(inc); binary && binary->isAssignmentOp()) v = variable_of(binary->getLHS());
  else if (const auto* declared = dyn_cast_or_null<DeclStmt>(x->getInit()); declared && declared->isSingleDecl()) v = dyn_cast<VarDecl>(declared->getSingleDecl());
  return v && v->getType()->isIntegralOrUnscopedEnumerationType() && !v->getType()->isEnumeralType() ? v : nullptr;
}

namespace {

// How many keywords of loops stand before it on its line: functions may share a line, and lambdas share it with what is around them.
unsigned number_on_line(const SourceManager& sources, SourceLocation at) {
  const auto [file, offset] = sources.getDecomposedExpansionLoc(at);
  const llvm::StringRef text = sources.getBufferData(file);
  const std::size_t last = text.take_front(offset).rfind('\n');
  const std::string line = text.slice(last == llvm::StringRef::npos ? 0 : last + 1, offset).str();
  LangOptions options;
  Lexer lexer(SourceLocation(), options, line.data(), line.data(), line.data() + line.size());
  unsigned number = 0;
  Token token;
  for (lexer.LexFromRawLexer(token); token.isNot(tok::eof); lexer.LexFromRawLexer(token)) {
    const llvm::StringRef word = token.is(tok::raw_identifier) ? token.getRawIdentifier() : llvm::StringRef();
    number += word == "for" || word == "while" || word == "do" ? 1 : 0;
  }
  return number;
}

}  // namespace

std::vector<LoopStatement> loop_statements(const UserCode& user, const FunctionDecl* f) {
  std::vector<LoopStatement> out;
  const auto walk = [&](const Stmt* s, int parent, const auto& self) -> void {
    if (!s || isa<LambdaExpr>(s)) return;
    if (is_loop(s)) {
      LoopStatement each{s, user.file_of(s->getBeginLoc()), user.line_of(s->getBeginLoc()), number_on_line(user.sources(), s->getBeginLoc()), parent};
      parent = static_cast<int>(out.size());
      out.push_back(std::move(each));
    }
    for (const Stmt* child : children_of(s)) self(child, parent, self);
  };
  walk(f->getBody(), -1, walk);
  return out;
}

std::vector<FunctionShape> shapes_of(ASTContext& context, const UserCode& user, const std::vector<const FunctionDecl*>& functions) {
  std::vector<FunctionShape> out;
  for (const FunctionDecl* f : functions) {
    if (!f->isDependentContext()) out.push_back(Walker(context, user, functions, f).run());
  }
  return out;
}

}  // namespace hindsight::instrument
