#include "instrument/statements.h"

#include <set>
#include <utility>

#include <clang/AST/DeclCXX.h>
#include <clang/AST/StmtOpenMP.h>
#include <clang/Lex/Lexer.h>
#include <llvm/Support/raw_ostream.h>

#include "instrument/text.h"

namespace hindsight::instrument {

using namespace clang;

namespace {

// `hindsight::log("name", expression)`, read from its tokens.
struct LogCall {
  bool is_log = false;
  std::string name;        // empty: not a literal
  std::string expression;  // joined tokens
};

std::string unquoted(const std::string& token) {
  if (token.size() < 2 || token.front() != '"' || token.back() != '"') return {};
  const std::string inner = token.substr(1, token.size() - 2);
  return inner.find('\\') == std::string::npos ? inner : std::string();
}

LogCall read_log(const std::vector<std::string>& t, bool plain_log_is_ours) {
  LogCall out;
  std::size_t at = 0;
  if (at < t.size() && t[at] == "::") ++at;
  if (t.size() > at + 3 && t[at] == "hindsight" && t[at + 1] == "::" && t[at + 2] == "log") at += 3;
  else if (at < t.size() && t[at] == "HINDSIGHT_LOG") at += 1;
  else if (at < t.size() && t[at] == "log" && plain_log_is_ours) at += 1;
  else return out;
  if (at >= t.size() || t[at] != "(" || t.back() != ")") return out;
  int depth = 0;
  std::vector<std::string> first, rest;
  bool behind_comma = false;
  for (std::size_t i = at; i < t.size(); ++i) {
    const bool opens = t[i] == "(" || t[i] == "{" || t[i] == "[";
    const bool closes = t[i] == ")" || t[i] == "}" || t[i] == "]";
    if (closes && --depth == 0 && i + 1 != t.size()) return out;  // the call is only a part of the statement
    if (depth == 1 && t[i] == "," && !behind_comma) behind_comma = true;
    else if (depth > 0) (behind_comma ? rest : first).push_back(t[i]);
    if (opens) ++depth;
  }
  out.is_log = behind_comma;
  if (first.size() == 1) out.name = unquoted(first[0]);
  out.expression = join(rest);
  return out;
}

class Collector {
 public:
  Collector(ASTContext& context, const UserCode& user, Statements& out)
      : context_(context), sources_(context.getSourceManager()), user_(user), out_(out) {}

  void function(const FunctionDecl* f, bool outermost) {
    const Frame saved = frame_;
    frame_.function = report_name(f);
    frame_.named_function = plain_name(f);
    frame_.nest.clear();
    if (outermost) {
      frame_.heads.clear();
      frame_.around.reset();
    }
    frame_.refusal.clear();
    if (f->isConstexpr() && !is_lambda(f)) frame_.refusal = "the function is constexpr";
    drivers_.clear();
    for (HindsightLoop& loop : loops_of(context_, f)) drivers_[loop.driver] = loop.name;
    if (const auto* constructor = dyn_cast<CXXConstructorDecl>(f)) {
      for (const CXXCtorInitializer* init : constructor->inits()) expression(init->getInit());
    }
    statement(f->getBody(), Statement::Place::kBlock, false);
    frame_ = saved;
  }

 private:
  struct Frame {
    std::string function;
    std::string named_function;
    std::vector<std::string> nest;
    std::vector<std::string> heads;
    std::string refusal;
    std::size_t block = 0;
    std::size_t index = 0;
    std::optional<std::size_t> around;
  };

  // A statement in a statement's position: add it, then what it holds.
  void statement(const Stmt* s, Statement::Place place, bool listed = true) {
    const std::optional<std::size_t> around = frame_.around;
    add_with_parts(s, place, listed);
    frame_.around = around;
  }

  void add_with_parts(const Stmt* s, Statement::Place place, bool listed) {
    if (!s) return;
    if (isa<CaseStmt, DefaultStmt, LabelStmt, AttributedStmt>(s)) {
      labelled(s, place);
      return;
    }
    if (listed && !(isa<CompoundStmt>(s) && place == Statement::Place::kUnbraced) && !isa<NullStmt>(s)) add(s, place);
    if (listed && made_by_one_macro(s)) return;  // nothing inside of it has a text of its own
    if (const auto* block = dyn_cast<CompoundStmt>(s)) {
      const Frame saved = frame_;
      frame_.block = ++blocks_;
      frame_.index = 0;
      if (block->getLBracLoc().isMacroID() || block->getRBracLoc().isMacroID()) frame_.refusal = "inside a macro";
      for (const Stmt* child : block->body()) {
        statement(child, Statement::Place::kBlock);
        if (!isa<NullStmt>(child)) ++frame_.index;
      }
      frame_ = saved;
      return;
    }
    if (const auto* x = dyn_cast<IfStmt>(s)) {
      head(x->getInit());
      expression(x->getConditionVariableDeclStmt());
      expression(x->getCond());
      statement(x->getThen(), Statement::Place::kUnbraced);
      statement(x->getElse(), Statement::Place::kUnbraced);
      return;
    }
    if (const auto* x = dyn_cast<ForStmt>(s)) {
      head(x->getInit());
      loop(s, x->getBody(), [&] {
        expression(x->getCond());
        expression(x->getInc());
      });
      return;
    }
    if (const auto* x = dyn_cast<CXXForRangeStmt>(s)) {
      head(x->getInit());
      expression(x->getRangeInit());
      loop(s, x->getBody(), [] {});
      return;
    }
    if (const auto* x = dyn_cast<WhileStmt>(s)) {
      loop(s, x->getBody(), [&] { expression(x->getCond()); });
      return;
    }
    if (const auto* x = dyn_cast<DoStmt>(s)) {
      loop(s, x->getBody(), [&] { expression(x->getCond()); });
      return;
    }
    if (const auto* x = dyn_cast<SwitchStmt>(s)) {
      head(x->getInit());
      expression(x->getCond());
      statement(x->getBody(), Statement::Place::kUnbraced);
      return;
    }
    if (const auto* x = dyn_cast<CXXTryStmt>(s)) {
      statement(x->getTryBlock(), Statement::Place::kBlock, false);
      for (unsigned i = 0; i < x->getNumHandlers(); ++i) {
        statement(x->getHandler(i)->getHandlerBlock(), Statement::Place::kBlock, false);
      }
      return;
    }
    if (const auto* x = dyn_cast<OMPExecutableDirective>(s)) {
      const Frame saved = frame_;
      frame_.refusal = "inside an OpenMP region";
      if (x->hasAssociatedStmt()) statement(x->getRawStmt(), Statement::Place::kUnbraced);
      frame_ = saved;
      return;
    }
    expression(s);
  }

  void labelled(const Stmt* s, Statement::Place place) {
    const Stmt* sub = isa<LabelStmt>(s)        ? cast<LabelStmt>(s)->getSubStmt()
                      : isa<AttributedStmt>(s) ? cast<AttributedStmt>(s)->getSubStmt()
                                               : cast<SwitchCase>(s)->getSubStmt();
    if (isa<AttributedStmt>(s)) {
      // The attribute is part of the statement's text.
      if (!isa<NullStmt>(sub)) add(s, place);
      statement(sub, place, false);
      return;
    }
    statement(sub, place == Statement::Place::kUnbraced ? Statement::Place::kLabelled : place);
  }

  void head(const Stmt* init) {
    if (!init) return;
    const std::optional<std::size_t> around = frame_.around;
    add(init, Statement::Place::kHead);
    expression(init);
    frame_.around = around;
  }

  template <class F>
  void loop(const Stmt* s, const Stmt* body, F&& rest) {
    const Frame saved = frame_;
    frame_.heads.push_back(head_text(s, body));
    const auto driven = drivers_.find(s);
    if (driven != drivers_.end()) frame_.nest.push_back(driven->second);
    rest();
    statement(body, Statement::Place::kUnbraced);
    frame_ = saved;
  }

  std::string head_text(const Stmt* s, const Stmt* body) {
    if (isa<DoStmt>(s)) return "do";
    const SourceLocation begin = sources_.getExpansionLoc(s->getBeginLoc());
    const SourceLocation end = sources_.getExpansionLoc(body->getBeginLoc());
    if (sources_.getFileID(begin) != sources_.getFileID(end)) return {};
    const unsigned from = sources_.getFileOffset(begin), to = sources_.getFileOffset(end);
    if (to < from) return {};
    return join(tokens_of(std::string_view(sources_.getBufferData(sources_.getFileID(begin)).substr(from, to - from))));
  }

  // Lambdas and statement expressions inside an expression or declaration.
  void expression(const Stmt* s) {
    if (!s) return;
    if (const auto* lambda = dyn_cast<LambdaExpr>(s)) {
      for (const Expr* init : lambda->capture_inits()) expression(init);
      const auto drivers = drivers_;
      const FunctionDecl* f = lambda->getDependentCallOperator() ? lambda->getDependentCallOperator()->getTemplatedDecl()
                                                                 : lambda->getCallOperator();
      function(f, false);
      drivers_ = drivers;
      return;
    }
    if (const auto* x = dyn_cast<StmtExpr>(s)) {
      const Frame saved = frame_;
      frame_.refusal = "inside a statement expression";
      statement(x->getSubStmt(), Statement::Place::kBlock, false);
      frame_ = saved;
      return;
    }
    for (const Stmt* child : children_of(s)) expression(child);
    if (const auto* e = dyn_cast<CallExpr>(s)) recorded(e);
  }

  void recorded(const CallExpr* call) {
    if (!is_hindsight(named_callee(call), "log") || call->getNumArgs() < 2) return;
    const std::string name = name_literal(call->getArg(0), context_);
    if (!name.empty()) out_.recorded.push_back({name, user_.file_of(call->getBeginLoc()), user_.line_of(call->getBeginLoc())});
  }

  // ---- one statement ----

  static bool ends_with_semicolon(const Stmt* s) {
    if (const auto* x = dyn_cast<AttributedStmt>(s)) return ends_with_semicolon(x->getSubStmt());
    if (const auto* x = dyn_cast<LabelStmt>(s)) return ends_with_semicolon(x->getSubStmt());
    if (const auto* x = dyn_cast<SwitchCase>(s)) return ends_with_semicolon(x->getSubStmt());
    if (const auto* x = dyn_cast<IfStmt>(s)) return ends_with_semicolon(x->getElse() ? x->getElse() : x->getThen());
    if (const auto* x = dyn_cast<ForStmt>(s)) return ends_with_semicolon(x->getBody());
    if (const auto* x = dyn_cast<CXXForRangeStmt>(s)) return ends_with_semicolon(x->getBody());
    if (const auto* x = dyn_cast<WhileStmt>(s)) return ends_with_semicolon(x->getBody());
    if (const auto* x = dyn_cast<SwitchStmt>(s)) return ends_with_semicolon(x->getBody());
    if (const auto* x = dyn_cast<OMPExecutableDirective>(s)) {
      return x->hasAssociatedStmt() && ends_with_semicolon(x->getRawStmt());
    }
    return !isa<CompoundStmt, CXXTryStmt, NullStmt>(s);
  }

  static bool leaves(const Stmt* s) {
    if (isa<ReturnStmt, BreakStmt, ContinueStmt, GotoStmt, IndirectGotoStmt, CoreturnStmt>(s)) return true;
    const auto* e = dyn_cast<Expr>(s);
    if (!e) return false;
    e = e->IgnoreParenImpCasts();
    if (const auto* x = dyn_cast<ExprWithCleanups>(e)) e = x->getSubExpr()->IgnoreParenImpCasts();
    if (isa<CXXThrowExpr>(e)) return true;
    const auto* call = dyn_cast<CallExpr>(e);
    const FunctionDecl* f = call ? call->getDirectCallee() : nullptr;
    return f && f->isNoReturn();
  }

  static Statement::Kind kind_of(const Stmt* s) {
    if (isa<ForStmt, CXXForRangeStmt, WhileStmt, DoStmt>(s)) return Statement::Kind::kLoop;
    if (isa<IfStmt, SwitchStmt>(s)) return Statement::Kind::kChoice;
    if (isa<ReturnStmt, CoreturnStmt>(s)) return Statement::Kind::kReturn;
    if (isa<DeclStmt>(s)) return Statement::Kind::kDeclaration;
    if (leaves(s)) return Statement::Kind::kLeave;
    return isa<Expr>(s) ? Statement::Kind::kExpression : Statement::Kind::kOther;
  }

  void add(const Stmt* s, Statement::Place place) {
    Statement out;
    out.kind = kind_of(s);
    out.around = frame_.around;
    out.file = user_.file_of(s->getBeginLoc());
    out.function = frame_.function;
    out.named_function = frame_.named_function;
    out.nest = frame_.nest;
    out.heads = frame_.heads;
    out.place = place;
    out.block = frame_.block;
    out.index = frame_.index;
    out.refusal = frame_.refusal;
    out.leaves = leaves(s);

    const SourceLocation begin = sources_.getExpansionLoc(s->getBeginLoc());
    SourceLocation end = sources_.getExpansionRange(s->getEndLoc()).getEnd();
    std::optional<FileRange> range = file_range(context_, s->getSourceRange());
    if (!range) {
      // Only to be shown and refused.
      if (out.refusal.empty()) {
        out.refusal = sources_.isMacroArgExpansion(s->getBeginLoc()) ? "inside a macro's argument" : "inside a macro";
      }
      const bool argument = sources_.isMacroArgExpansion(s->getBeginLoc()) && sources_.isMacroArgExpansion(s->getEndLoc());
      if (argument) range = file_range(context_, SourceRange(sources_.getSpellingLoc(s->getBeginLoc()), sources_.getSpellingLoc(s->getEndLoc())));
      if (!range) range = file_range(context_, SourceRange(begin, end));
      if (!range) return;
      if (!out_.all.empty() && out_.all.back().begin == range->begin && out_.all.back().file == out.file && out_.all.back().block == out.block) {
        // The same text again: the macro makes several statements, or its argument's text several times.
        if (!argument) out_.all.back().refusal = "inside a macro that makes several statements";
        return;
      }
    }
    const llvm::StringRef buffer = sources_.getBufferData(range->file);
    std::size_t stop = range->end;
    if (ends_with_semicolon(s) && (stop == 0 || buffer[stop - 1] != ';')) {
      const SourceLocation last = Lexer::GetBeginningOfToken(
          sources_.getLocForStartOfFile(range->file).getLocWithOffset(static_cast<int>(stop) - 1), sources_, context_.getLangOpts());
      const std::optional<Token> next = Lexer::findNextToken(last, sources_, context_.getLangOpts());
      if (next && next->is(tok::semi)) stop = sources_.getFileOffset(next->getLocation()) + 1;
      else if (place != Statement::Place::kHead && out.refusal.empty()) out.refusal = "inside a macro";
    }
    out.begin = range->begin;
    out.end = stop;
    out.line = line_at(sources_, begin);
    const std::string_view text = std::string_view(buffer).substr(out.begin, out.end - out.begin);
    out.text = one_line(text);
    out.tokens = without_semicolon(tokens_of(text));
    const bool is_simple = out.kind == Statement::Kind::kExpression || out.kind == Statement::Kind::kDeclaration || out.leaves;
    if (is_simple && has_macro(s)) out.expanded = without_semicolon(tokens_of(printed(s)));
    if (out.kind == Statement::Kind::kLoop) {
      out.counts = counted_by(s);
      out.passes_end = passes_end(s, true);
    }
    const LogCall log = read_log(out.tokens, calls_log(s));
    out.is_log = log.is_log;
    out.log_name = log.name;
    out.log_expression = log.expression;
    if (log.is_log && !log.name.empty()) out_.recorded.push_back({log.name, out.file, out.line});
    frame_.around = out_.all.size();
    out_.all.push_back(std::move(out));
  }

  static bool has_macro(const Stmt* s) {
    if (!s || isa<LambdaExpr>(s)) return false;
    if (s->getBeginLoc().isMacroID() || s->getEndLoc().isMacroID()) return true;
    for (const Stmt* child : children_of(s)) {
      if (has_macro(child)) return true;
    }
    return false;
  }
  std::string printed(const Stmt* s) const {
    std::string text;
    llvm::raw_string_ostream out(text);
    s->printPretty(out, nullptr, PrintingPolicy(context_.getLangOpts()));
    return text;
  }

  static std::vector<std::string> counted_by(const Stmt* s) {
    std::vector<std::string> out;
    const auto add = [&](const Decl* d) {
      const auto* v = dyn_cast_or_null<VarDecl>(d);
      if (!v) return;
      if (v->getIdentifier()) out.push_back(v->getNameAsString());
      if (const auto* all = dyn_cast<DecompositionDecl>(v)) {
        for (const BindingDecl* each : all->bindings()) out.push_back(each->getNameAsString());
      }
    };
    if (const auto* x = dyn_cast<CXXForRangeStmt>(s)) add(x->getLoopVariable());
    const auto* x = dyn_cast<ForStmt>(s);
    if (const auto* init = x ? dyn_cast_or_null<DeclStmt>(x->getInit()) : nullptr) {
      for (const Decl* d : init->decls()) add(d);
    }
    // `for (epoch = 0, ...`
    std::vector<const Expr*> open;
    if (x) open.push_back(dyn_cast_or_null<Expr>(x->getInit()));
    while (!open.empty()) {
      const auto* e = open.back() ? dyn_cast<BinaryOperator>(open.back()->IgnoreParenImpCasts()) : nullptr;
      open.pop_back();
      if (!e) continue;
      if (e->getOpcode() == BO_Comma) open.insert(open.end(), {e->getRHS(), e->getLHS()});
      const auto* ref = e->isAssignmentOp() ? dyn_cast<DeclRefExpr>(e->getLHS()->IgnoreParenImpCasts()) : nullptr;
      if (ref) add(ref->getDecl());
    }
    return out;
  }
  // Of the outermost statement's own: a `continue` of a loop within it is not.
  static bool passes_end(const Stmt* s, bool outermost) {
    if (!s || isa<LambdaExpr>(s)) return false;
    if (isa<GotoStmt, IndirectGotoStmt, LabelStmt>(s) || (outermost && isa<ContinueStmt>(s))) return true;
    for (const Stmt* child : children_of(s)) {
      // Within another loop only what leads out of it counts.
      const bool own = outermost && !(child && isa<ForStmt, CXXForRangeStmt, WhileStmt, DoStmt>(child));
      if (passes_end(child, own)) return true;
    }
    return false;
  }

  bool made_by_one_macro(const Stmt* s) const {
    const SourceLocation begin = s->getBeginLoc(), end = s->getEndLoc();
    if (!begin.isMacroID() || !end.isMacroID() || sources_.isMacroArgExpansion(begin)) return false;
    return sources_.getExpansionRange(begin).getBegin() == sources_.getExpansionRange(end).getBegin();
  }

  static bool calls_log(const Stmt* s) {
    const auto* e = dyn_cast<Expr>(s);
    const auto* call = e ? dyn_cast_or_null<CallExpr>(bare(e)) : nullptr;
    return call && is_hindsight(named_callee(call), "log");
  }

  ASTContext& context_;
  const SourceManager& sources_;
  const UserCode& user_;
  Statements& out_;
  Frame frame_;
  std::size_t blocks_ = 0;
  std::map<const Stmt*, std::string> drivers_;
};

}  // namespace

Statements statements_of(ASTContext& context, const UserCode& user, const std::vector<const FunctionDecl*>& functions) {
  Statements out;
  Collector collector(context, user, out);
  for (const FunctionDecl* f : functions) {
    const bool instantiated = f->getTemplateInstantiationPattern() != nullptr;
    if (!instantiated && !is_lambda(f)) collector.function(f, true);
  }
  return out;
}

}  // namespace hindsight::instrument
