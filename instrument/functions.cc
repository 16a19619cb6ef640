#include "instrument/functions.h"

#include <algorithm>
#include <functional>
#include <set>

#include <clang/AST/DeclFriend.h>
#include <clang/AST/DeclTemplate.h>
#include <llvm/ADT/DenseSet.h>

namespace hindsight::instrument {

using namespace clang;

std::vector<const Stmt*> children_of(const Stmt* s) {
  if (const auto* captured = dyn_cast<CapturedStmt>(s)) return {captured->getCapturedStmt()};
  std::vector<const Stmt*> out;
  if (const auto* directive = dyn_cast<OMPExecutableDirective>(s)) {
    for (const OMPClause* clause : directive->clauses()) {
      for (const Stmt* child : clause->used_children()) out.push_back(child);
    }
  }
  for (const Stmt* child : s->children()) out.push_back(child);
  return out;
}

namespace {

// Calls `use` for every statement below `s`, `s` included; lambdas' bodies only if `into_lambdas`. The default
// arguments and initialisers that a call makes use of are included.
void for_each_statement(const Stmt* s, bool into_lambdas, const std::function<void(const Stmt*)>& use) {
  if (!s) return;
  use(s);
  if (const auto* lambda = dyn_cast<LambdaExpr>(s)) {
    for (const Expr* init : lambda->capture_inits()) for_each_statement(init, into_lambdas, use);
    if (into_lambdas) for_each_statement(lambda->getBody(), into_lambdas, use);
    return;
  }
  for (const Stmt* child : children_of(s)) for_each_statement(child, into_lambdas, use);
}

class Finder {
 public:
  Finder(const UserCode& user, std::vector<const FunctionDecl*>& out) : user_(user), out_(out) {}

  void context(const DeclContext* c) {
    for (const Decl* d : declarations_in(c)) decl(d);
  }

 private:
  void decl(const Decl* d) {
    if (const auto* f = dyn_cast<FunctionDecl>(d)) return function(f);
    if (const auto* t = dyn_cast<FunctionTemplateDecl>(d)) {
      function(t->getTemplatedDecl());
      for (const FunctionDecl* f : t->specializations()) function(f);
      return;
    }
    if (const auto* t = dyn_cast<ClassTemplateDecl>(d)) {
      record(t->getTemplatedDecl());
      for (const ClassTemplateSpecializationDecl* specialization : t->specializations()) record(specialization);
      return;
    }
    if (const auto* r = dyn_cast<CXXRecordDecl>(d)) return record(r);
    if (const auto* f = dyn_cast<FriendDecl>(d)) {
      if (f->getFriendDecl()) decl(f->getFriendDecl());
      return;
    }
    if (const auto* v = dyn_cast<VarDecl>(d)) {
      if (user_.is_user(v) && v->getInit()) body(v->getInit());
      return;
    }
    if (const auto* f = dyn_cast<FieldDecl>(d)) {
      if (user_.is_user(f) && f->getInClassInitializer()) body(f->getInClassInitializer());
      return;
    }
    if (isa<NamespaceDecl, LinkageSpecDecl, ExportDecl>(d)) context(cast<DeclContext>(d));
  }

  void record(const CXXRecordDecl* r) {
    if (r->isThisDeclarationADefinition() && user_.is_user(r) && seen_records_.insert(r).second) context(r);
  }

  void function(const FunctionDecl* f) {
    if (!f->doesThisDeclarationHaveABody() || !user_.is_user(f) || !seen_.insert(f).second) return;
    if (f->hasSkippedBody()) return;
    if (f->getIdentifier() && f->getName() == "hindsight_members") return;  // of a state, not of the program
    out_.push_back(f);
    if (const auto* constructor = dyn_cast<CXXConstructorDecl>(f)) {
      for (const CXXCtorInitializer* init : constructor->inits()) body(init->getInit());
    }
    body(f->getBody());
    // Those that stand in a type, as a template's argument, too.
    for (const Decl* d : f->decls()) {
      if (const auto* r = dyn_cast<CXXRecordDecl>(d); r && r->isLambda()) record(r);
    }
  }

  // Lambdas and local classes.
  void body(const Stmt* s) {
    for_each_statement(s, false, [&](const Stmt* at) {
      if (const auto* lambda = dyn_cast<LambdaExpr>(at)) {
        if (FunctionTemplateDecl* generic = lambda->getDependentCallOperator()) {
          function(generic->getTemplatedDecl());
          for (const FunctionDecl* f : generic->specializations()) function(f);
        } else {
          function(lambda->getCallOperator());
        }
      } else if (const auto* declared = dyn_cast<DeclStmt>(at)) {
        for (const Decl* d : declared->decls()) {
          if (isa<CXXRecordDecl>(d)) decl(d);
        }
      }
    });
  }

  const UserCode& user_;
  std::vector<const FunctionDecl*>& out_;
  llvm::DenseSet<const FunctionDecl*> seen_;
  llvm::DenseSet<const CXXRecordDecl*> seen_records_;
};

}  // namespace

std::vector<const FunctionDecl*> functions_of(ASTContext& context, const UserCode& user) {
  std::vector<const FunctionDecl*> out;
  Finder finder(user, out);
  finder.context(context.getTranslationUnitDecl());
  return out;
}

std::vector<const LambdaExpr*> lambdas_in(const Stmt* body) {
  std::vector<const LambdaExpr*> out;
  for_each_statement(body, false, [&](const Stmt* s) {
    if (const auto* lambda = dyn_cast<LambdaExpr>(s)) out.push_back(lambda);
  });
  return out;
}

bool in_hindsight(const Decl* d) {
  if (!d) return false;
  for (const DeclContext* c = d->getDeclContext(); c; c = c->getParent()) {
    const auto* space = dyn_cast<NamespaceDecl>(c);
    if (space && space->getName() == "hindsight" && space->getDeclContext()->getRedeclContext()->isTranslationUnit()) return true;
  }
  return false;
}

bool is_hindsight(const NamedDecl* d, llvm::StringRef name) {
  if (!d || !d->getIdentifier() || d->getName() != name) return false;
  const DeclContext* c = d->getDeclContext();
  while (c && (c->isInlineNamespace() || isa<LinkageSpecDecl>(c))) c = c->getParent();
  const auto* space = dyn_cast_or_null<NamespaceDecl>(c);
  return space && space->getName() == "hindsight" && space->getDeclContext()->getRedeclContext()->isTranslationUnit();
}

const NamedDecl* named_callee(const CallExpr* call) {
  if (const FunctionDecl* f = call->getDirectCallee()) return f;
  const Expr* callee = call->getCallee()->IgnoreParenImpCasts();
  if (const auto* lookup = dyn_cast<UnresolvedLookupExpr>(callee)) {
    if (lookup->decls_begin() != lookup->decls_end()) {
      const NamedDecl* d = (*lookup->decls_begin())->getUnderlyingDecl();
      if (const auto* t = dyn_cast<FunctionTemplateDecl>(d)) return t->getTemplatedDecl();
      return d;
    }
  }
  return nullptr;
}

namespace {

const Expr* inside(const Expr* e) {
  if (const auto* x = dyn_cast<ExprWithCleanups>(e)) return x->getSubExpr();
  if (const auto* x = dyn_cast<MaterializeTemporaryExpr>(e)) return x->getSubExpr();
  if (const auto* x = dyn_cast<CXXBindTemporaryExpr>(e)) return x->getSubExpr();
  if (const auto* x = dyn_cast<ConstantExpr>(e)) return x->getSubExpr();
  if (const auto* x = dyn_cast<CXXFunctionalCastExpr>(e)) return x->getSubExpr();
  const auto* x = dyn_cast<CXXConstructExpr>(e);
  return x && x->getNumArgs() == 1 && x->getConstructor()->isCopyOrMoveConstructor() ? x->getArg(0) : e;
}

}  // namespace

const Expr* bare(const Expr* e) {
  while (e) {
    const Expr* next = inside(e->IgnoreParenImpCasts());
    if (next == e) return e;
    e = next;
  }
  return e;
}

namespace {

// The text of a name argument: a literal, also where a type of ours that is made from the name stands in between.
std::string literal(const Expr* e, ASTContext& context) {
  if (!e) return {};
  e = bare(e);
  if (const auto* s = dyn_cast<clang::StringLiteral>(e)) return s->getCharByteWidth() == 1 ? s->getString().str() : "";
  if (const auto* made = dyn_cast<CXXConstructExpr>(e)) {
    return made->getNumArgs() > 0 && in_hindsight(made->getConstructor()) ? literal(made->getArg(0), context) : "";
  }
  if (e->isTypeDependent() || e->isValueDependent() || !e->getType()->isPointerType()) return {};
  return e->tryEvaluateString(context).value_or(std::string());
}

class LoopFinder {
 public:
  LoopFinder(ASTContext& context, std::vector<HindsightLoop>& out) : context_(context), out_(out) {}

  void run(const Stmt* body) {
    find_variables(body);
    find_drivers(body);
    finish();
  }

 private:
  struct Uses {
    std::set<const Stmt*> drivers;
    const Stmt* around = nullptr;  // the loop around the driver
    int more = 0;
    std::vector<const Expr*> state;
    int finish = 0;
    bool finish_follows = false;
    bool other = false;
    SourceLocation other_at;
  };

  unsigned line(SourceLocation at) const { return line_at(context_.getSourceManager(), at); }

  bool stands_in(SourceLocation at, const Stmt* s) const {
    const SourceManager& sources = context_.getSourceManager();
    at = sources.getExpansionLoc(at);
    const SourceLocation begin = sources.getExpansionLoc(s->getBeginLoc());
    const SourceLocation end = sources.getExpansionRange(s->getEndLoc()).getEnd();
    return !sources.isBeforeInTranslationUnit(at, begin) && !sources.isBeforeInTranslationUnit(end, at);
  }

  void find_variables(const Stmt* body) {
    for_each_statement(body, false, [&](const Stmt* s) {
      const auto* declared = dyn_cast<DeclStmt>(s);
      if (!declared) return;
      for (const Decl* d : declared->decls()) {
        const auto* v = dyn_cast<VarDecl>(d);
        if (!v || !v->getInit()) continue;
        const CXXRecordDecl* type = v->getType()->getAsCXXRecordDecl();
        if (!type || (!is_hindsight(type, "Loop") && !is_hindsight(type, "LoopWith"))) continue;
        const Expr* init = v->getInit();
        if (const auto* x = dyn_cast<ExprWithCleanups>(init)) init = x->getSubExpr();
        const auto* construct = dyn_cast<CXXConstructExpr>(init->IgnoreImplicit());
        if (!construct || construct->getNumArgs() == 0) continue;
        HindsightLoop loop;
        loop.name = literal(construct->getArg(0), context_);
        loop.variable = v;
        loop.at = v->getLocation();
        for (unsigned i = 1; i < construct->getNumArgs(); ++i) add_state(loop, construct->getArg(i));
        if (!loop.name.empty()) {
          uses_[v];
          pending_.push_back(std::move(loop));
        }
      }
    });
  }

  static void add_state(HindsightLoop& loop, const Expr* e) {
    const auto* call = dyn_cast<CallExpr>(bare(e));
    const bool is_only_read = call && call->getDirectCallee() && is_hindsight(call->getDirectCallee(), "watched");
    if (!isa<CXXDefaultArgExpr>(e) && !is_only_read) loop.state.push_back(e);
  }

  const VarDecl* loop_variable(const Expr* e) const {
    const auto* ref = dyn_cast_or_null<DeclRefExpr>(e ? e->IgnoreParenImpCasts() : nullptr);
    const auto* v = ref ? dyn_cast<VarDecl>(ref->getDecl()) : nullptr;
    return v && uses_.count(v) ? v : nullptr;
  }

  void find_drivers(const Stmt* s) {
    if (!s) return;
    if (const auto* range = dyn_cast<CXXForRangeStmt>(s)) range_loop(range);
    const bool is_loop = isa<ForStmt, WhileStmt, DoStmt, CXXForRangeStmt>(s);
    if (const DoStmt* again = guarded(s)) return find_drivers(again);
    if (const auto* call = dyn_cast<CXXMemberCallExpr>(s)) {
      if (const VarDecl* v = loop_variable(call->getImplicitObjectArgument())) {
        method(v, call);
        for (const Expr* argument : call->arguments()) find_drivers(argument);
        return;
      }
    }
    if (const auto* ref = dyn_cast<DeclRefExpr>(s)) {
      if (const auto* v = dyn_cast<VarDecl>(ref->getDecl()); v && uses_.count(v)) {
        uses_[v].other = true;
        uses_[v].other_at = ref->getLocation();
      }
    }
    if (const auto* lambda = dyn_cast<LambdaExpr>(s)) {
      // A loop variable in a lambda is driven from who knows where.
      for_each_statement(lambda->getBody(), true, [&](const Stmt* inner) {
        if (const auto* ref = dyn_cast<DeclRefExpr>(inner)) {
          if (const auto* v = dyn_cast<VarDecl>(ref->getDecl()); v && uses_.count(v)) {
            uses_[v].other = true;
            uses_[v].other_at = ref->getLocation();
          }
        }
      });
      return;
    }
    if (const auto* block = dyn_cast<CompoundStmt>(s)) {
      const Stmt* before = nullptr;
      for (const Stmt* child : block->body()) {
        if (const auto* e = dyn_cast<Expr>(child)) {
          const auto* call = dyn_cast<CXXMemberCallExpr>(e->IgnoreImplicit());
          const VarDecl* v = call ? loop_variable(call->getImplicitObjectArgument()) : nullptr;
          if (v && call->getMethodDecl() && call->getMethodDecl()->getName() == "finish") {
            finishes_after_[v] = before;
          }
        }
        const DoStmt* again = guarded(child);
        if (!isa<NullStmt>(child)) before = again ? again : child;
      }
    }
    if (is_loop) stack_.push_back(s);
    for (const Stmt* child : children_of(s)) find_drivers(child);
    if (is_loop) stack_.pop_back();
  }

  // `if (l.more(...)) do ... while (... && l.more(...));`, the way to write a do loop that can be skipped: the loop in it.
  const DoStmt* guarded(const Stmt* s) const {
    const auto* guard = dyn_cast<IfStmt>(s);
    const auto* again = guard && !guard->getElse() ? dyn_cast<DoStmt>(guard->getThen()) : nullptr;
    const auto* call = again && guard->getCond() ? dyn_cast<CXXMemberCallExpr>(guard->getCond()->IgnoreImplicit()) : nullptr;
    return call && loop_variable(call->getImplicitObjectArgument()) ? again : nullptr;
  }

  void method(const VarDecl* v, const CXXMemberCallExpr* call) {
    const CXXMethodDecl* m = call->getMethodDecl();
    const llvm::StringRef name = m && m->getIdentifier() ? m->getName() : "";
    Uses& uses = uses_[v];
    if (name == "more") {
      // The state of a LoopWith; behind a do loop it is written a second time.
      if (uses.more++ == 0) uses.state.assign(call->arg_begin(), call->arg_end());
      uses.drivers.insert(stack_.empty() ? nullptr : stack_.back());
      if (stack_.size() > 1) uses.around = stack_[stack_.size() - 2];
    } else if (name == "finish") {
      ++uses.finish;
    }
  }

  void range_loop(const CXXForRangeStmt* s) {
    const auto* call = dyn_cast_or_null<CallExpr>(bare(s->getRangeInit()));
    if (!call || !is_hindsight(named_callee(call), "loop") || call->getNumArgs() < 2) return;
    HindsightLoop loop;
    loop.name = literal(call->getArg(0), context_);
    loop.driver = s;
    loop.at = call->getBeginLoc();
    for (unsigned i = 2; i < call->getNumArgs(); ++i) add_state(loop, call->getArg(i));
    if (!loop.name.empty()) out_.push_back(std::move(loop));
  }

  void finish() {
    for (HindsightLoop& loop : pending_) {
      const Uses& uses = uses_[loop.variable];
      const std::string variable = loop.variable->getNameAsString();
      auto complain = [&](SourceLocation at, std::string why) { loop.misuse.push_back({variable, line(at), std::move(why)}); };
      if (uses.drivers.size() == 1) loop.driver = *uses.drivers.begin();
      for (const Expr* e : uses.state) add_state(loop, e);
      if (uses.more == 0) complain(loop.at, "more() is never called");
      else if (!loop.driver) complain(loop.at, "more() is not called in one loop of this function");
      else if (uses.more > 1) complain(loop.at, "more() is called at more than one place");
      if (uses.around && !stands_in(loop.at, uses.around)) complain(loop.at, "the loop object outlives one entry of its loop");
      if (uses.other) complain(uses.other_at, "the loop object is used by more than more() and finish()");
      if (uses.finish > 1) complain(loop.at, "finish() is called at more than one place");
      if (uses.finish == 1 && loop.driver) {
        const auto after = finishes_after_.find(loop.variable);
        if (after == finishes_after_.end() || after->second != loop.driver) {
          complain(loop.at, "finish() does not stand directly behind the loop");
        }
      }
      if (!loop.driver) continue;
      out_.push_back(std::move(loop));
    }
    std::stable_sort(out_.begin(), out_.end(), [&](const HindsightLoop& a, const HindsightLoop& b) {
      return context_.getSourceManager().isBeforeInTranslationUnit(a.at, b.at);
    });
  }

  ASTContext& context_;
  std::vector<HindsightLoop>& out_;
  std::vector<HindsightLoop> pending_;
  std::map<const VarDecl*, Uses> uses_;
  std::map<const VarDecl*, const Stmt*> finishes_after_;
  std::vector<const Stmt*> stack_;
};

}  // namespace

std::string name_literal(const Expr* e, ASTContext& context) { return literal(e, context); }

std::vector<HindsightLoop> loops_of(ASTContext& context, const FunctionDecl* f, const NamedLoops& named) {
  std::vector<HindsightLoop> out;
  LoopFinder(context, out).run(f->getBody());
  if (named.empty()) return out;
  for_each_statement(f->getBody(), false, [&](const Stmt* s) {
    const auto found = named.find(s);
    if (found == named.end()) return;
    HindsightLoop loop;
    loop.name = found->second;
    loop.driver = s;
    loop.at = s->getBeginLoc();
    out.push_back(std::move(loop));
  });
  return out;
}

std::vector<const CXXRecordDecl*> classes_of(ASTContext& context, const UserCode& user) {
  std::vector<const CXXRecordDecl*> out;
  const auto find = [&](const DeclContext* c, const auto& self) -> void {
    for (const Decl* d : declarations_in(c)) {
      if (const auto* t = dyn_cast<ClassTemplateDecl>(d); t && user.is_user(t)) {
        for (const ClassTemplateSpecializationDecl* s : t->specializations()) {
          if (s->hasDefinition()) out.push_back(s->getDefinition());
        }
      }
      if (const auto* r = dyn_cast<CXXRecordDecl>(d); r && user.is_user(r) && r->isThisDeclarationADefinition()) {
        if (!r->isDependentType()) out.push_back(r);
        self(r, self);
      } else if (isa<NamespaceDecl, LinkageSpecDecl>(d)) {
        self(cast<DeclContext>(d), self);
      }
    }
  };
  find(context.getTranslationUnitDecl(), find);
  return out;
}

}  // namespace hindsight::instrument
