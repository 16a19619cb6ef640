#include "instrument/clocks.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <clang/AST/Expr.h>
#include <clang/AST/ExprCXX.h>
#include <clang/AST/StmtCXX.h>
#include <clang/AST/StmtOpenMP.h>
#include <llvm/ADT/StringSet.h>

#include "instrument/functions.h"
#include "instrument/known.h"
#include "instrument/outside.h"

namespace hindsight::instrument {

using namespace clang;

namespace {

llvm::StringRef name_of(const NamedDecl* d) { return d && d->getIdentifier() ? d->getName() : llvm::StringRef(); }

const CXXRecordDecl* record_of(QualType t) {
  t = t.getNonReferenceType();
  if (t->isPointerType()) t = t->getPointeeType();
  return t->getAsCXXRecordDecl();
}

bool is_stream_of_text(QualType t) {  // what is written there can be read back in the program
  const llvm::StringRef name = name_of(record_of(t));
  return name == "basic_ostringstream" || name == "basic_stringstream";
}
bool is_stream(QualType t) {
  const CXXRecordDecl* r = record_of(t);
  return r && in_std(r) && (name_of(r) == "basic_ostream" || name_of(r) == "basic_iostream" || name_of(r) == "basic_ofstream" ||
                            name_of(r) == "basic_fstream" || is_stream_of_text(t));
}

bool is_input_file(QualType t) { return record_of(t) && in_std(record_of(t)) && name_of(record_of(t)) == "basic_ifstream"; }

// Classes of the library that hold values and do nothing else with what they are given.
bool holds_values(const CXXRecordDecl* r) {
  static const llvm::StringSet<> names = {
      "duration", "time_point", "basic_string", "basic_string_view", "pair", "tuple", "optional", "array", "vector", "deque", "list", "map", "multimap",
      "unordered_map", "set", "multiset", "unordered_set", "initializer_list", "basic_ostringstream", "basic_stringstream", "path", "span", "allocator",
      "_Bit_reference", "hh_mm_ss", "year_month_day", "complex", "_Setprecision", "_Setw", "_Put_time", "chars_format"};
  return r && in_std(r) && (names.contains(name_of(r)) || name_of(r).contains("iterator"));
}

// Library functions whose result depends on their arguments, and that write to nothing but what they are handed.
bool only_computes(const FunctionDecl* f) {
  static const llvm::StringSet<> names = {
      "abs", "fabs", "floor", "ceil", "round", "lround", "llround", "rint", "lrint", "nearbyint", "trunc", "fmod", "modf", "sqrt", "exp", "log", "log2", "log10",
      "pow", "hypot", "isnan", "isinf", "isfinite", "min", "max", "minmax", "clamp", "to_string", "to_wstring", "stoi", "stod", "stol", "strlen", "strcmp",
      "snprintf", "sprintf", "strcpy", "strncpy", "strcat", "memcpy", "memmove", "memset", "localtime", "localtime_r", "gmtime", "gmtime_r", "mktime", "timegm",
      "difftime", "ctime", "ctime_r", "asctime", "asctime_r", "strftime", "put_time", "setw", "setprecision", "setfill", "format", "duration_cast",
      "time_point_cast", "accumulate", "reduce", "inner_product", "max_element", "min_element", "minmax_element", "sort", "stable_sort", "nth_element",
      "partial_sort", "partial_sum", "fill", "fill_n", "copy", "transform", "reverse", "swap", "iota", "count", "count_if", "begin", "end", "cbegin", "cend",
      "size", "ssize", "data", "empty", "distance", "next", "prev", "advance", "move", "forward", "addressof", "get", "tie", "make_pair", "make_tuple", "exchange",
      "as_const", "midpoint", "lerp", "quoted", "div", "ldiv", "atoi", "atof", "endl", "flush"};
  if (f->isOverloadedOperator()) return true;
  if (f->getBuiltinID() != 0 && name_of(f).starts_with("__builtin_")) return true;
  for (const DeclContext* c = f->getDeclContext(); c; c = c->getParent()) {
    const auto* space = dyn_cast<NamespaceDecl>(c);
    if (space && space->getName() == "chrono") return true;
  }
  return names.contains(name_of(f));
}

// Functions that put out or wait, and are done.
bool shows_or_waits(const FunctionDecl* f) {
  static const llvm::StringSet<> waits = {"sleep_for", "sleep_until", "sleep", "usleep", "nanosleep", "wait_for", "wait_until", "vprintf", "vfprintf", "syslog",
                                          "print", "println", "write", "fsync", "fileno", "create_directory", "create_directories", "save"};
  return writes_text(name_of(f)) || waits.contains(name_of(f)) || top_namespace(f) == "spdlog" ||
         (top_namespace(f) == "fmt" && name_of(f).starts_with("print"));
}

// May the callee write through this argument?
bool is_writable(QualType parameter) {
  if (parameter->isReferenceType()) return !parameter->getPointeeType().isConstQualified();
  if (parameter->isPointerType()) return !parameter->getPointeeType().isConstQualified();
  return name_of(record_of(parameter)).contains("iterator");
}

// Results that are followed into other units: values, with nothing behind them.
bool is_plain_result(QualType t) {
  if (t->isArithmeticType() || t->isEnumeralType() || (t->isPointerType() && t->getPointeeType()->isAnyCharacterType())) return true;
  const CXXRecordDecl* r = t->getAsCXXRecordDecl();
  const llvm::StringRef name = name_of(r);
  return r && !t->isReferenceType() && ((in_std(r) && (name == "duration" || name == "time_point" || name == "basic_string")) || name == "timespec" || name == "timeval");
}

bool is_virtual(const FunctionDecl* f) {
  const auto* method = dyn_cast<CXXMethodDecl>(f);
  return method && method->isVirtual();
}

class Flow {
 public:
  // With `foreign` what that function gives is followed, in place of clocks.
  Flow(ASTContext& context, const UserCode& user, const std::vector<Code>& code, const FunctionDecl* foreign = nullptr)
      : context_(context), user_(user), code_(code), foreign_(foreign) {}

  ClockFlow run() {
    // What escapes and what is logged is only added to, as everything else: the last round has it all.
    for (changed_ = true; changed_;) {
      changed_ = false;
      for (const Code& code : code_) read(code);
    }
    ClockFlow out;
    for (const auto& [reading, at] : escapes_) out.escapes.push_back({*reading, at});
    for (const auto& [call, log] : logs_) out.logs.push_back(log);
    for (const auto& [v, origin] : tainted_) out.held_in.insert(cast<ValueDecl>(v->getCanonicalDecl()));
    for (const auto& [f, origin] : given_) out.returns.push_back({f, *origin});
    return out;
  }

 private:
  using Origin = const Reading*;  // null: repeatable

  // ---- what has been found out ----

  template <class Map, class Key>
  void mark(Map& map, const Key& key, Origin origin) {
    if (origin && map.emplace(key, origin).second) changed_ = true;
  }
  void escape(Origin origin, SourceLocation at) {
    if (origin && escapes_.emplace(origin, at).second) changed_ = true;
  }
  Origin reading(const Stmt* s, std::string what) {
    return &readings_.try_emplace(s, Reading{std::move(what), s->getBeginLoc()}).first->second;
  }
  template <class Map, class Key>
  static Origin look_up(const Map& map, const Key& key) {
    const auto found = map.find(key);
    return found == map.end() ? nullptr : found->second;
  }

  // ---- storing ----

  void taint(const ValueDecl* d, Origin origin, SourceLocation at) {
    if (!origin) return;
    d = cast<ValueDecl>(d->getCanonicalDecl());
    const auto* v = dyn_cast<VarDecl>(d);
    const QualType type = d->getType().getNonReferenceType();
    if (is_stream(type) && !is_stream_of_text(type) && !isa_and_nonnull<ParmVarDecl>(v)) return;  // what is written is not read back
    if (v && v->hasGlobalStorage() && is_output_stream(v)) return;
    const bool here = v ? v->isLocalVarDeclOrParm() || stands_here(v) : is_followed(d);
    if (!here) return escape(origin, at);
    mark(tainted_, d, origin);
  }
  // Is it declared in this file alone, so that no other unit can use it?
  bool stands_here(const Decl* d) const {
    for (const Decl* each : d->redecls()) {
      const auto* v = dyn_cast<VarDecl>(each);
      if (!user_.in_main_file(each->getLocation()) || (v && v->getStorageClass() == SC_Extern)) return false;
    }
    return true;
  }
  // Who reads a member of a class in a header must see what is stored there.
  bool is_followed(const ValueDecl* field) const {
    if (!user_.is_user(field)) return false;
    return user_.in_main_file(field->getLocation()) || field->getAccess() == AS_private || (function_ && !user_.in_main_file(function_->getLocation()));
  }

  // Stores into what `e` stands for.
  void store(const Expr* e, Origin origin, bool through = false, int depth = 0) {
    if (!origin || !e) return;
    const SourceLocation at = e->getBeginLoc();
    if (depth > 16) return escape(origin, at);
    e = bare(e);
    const auto inner = [&](const Expr* of, bool by = false) { store(of, origin, through || by, depth + 1); };
    if (const auto* cast = dyn_cast<CastExpr>(e)) return inner(cast->getSubExpr());
    if (const auto* ref = dyn_cast<DeclRefExpr>(e)) {
      const ValueDecl* d = ref->getDecl();
      if (const auto* binding = dyn_cast<BindingDecl>(d)) d = cast<ValueDecl>(binding->getDecomposedDecl());
      if (isa<FunctionDecl>(d)) return;
      taint(d, origin, at);
      const auto* v = dyn_cast<VarDecl>(d);
      const bool stands_for_other = v && (v->getType()->isReferenceType() || (through && v->getType()->isPointerType()));
      if (!stands_for_other) return;
      if (isa<ParmVarDecl>(v)) {  // the callers see to it, if they are in this unit
        if (function_ && may_be_called_elsewhere(function_) && !stands_here(function_)) escape(origin, at);
        return;
      }
      const auto bound = bindings_.find(v);
      if (bound == bindings_.end()) return;
      for (const Expr* each : std::vector<const Expr*>(bound->second.begin(), bound->second.end())) store(each, origin, true, depth + 1);
      return;
    }
    if (const auto* member = dyn_cast<MemberExpr>(e)) {
      const auto* field = dyn_cast<FieldDecl>(member->getMemberDecl());
      if (field && user_.is_user(field)) {
        if (through && (field->getType()->isPointerType() || field->getType()->isReferenceType())) escape(origin, at);
        return taint(field, origin, at);
      }
      if (const auto* v = dyn_cast<VarDecl>(member->getMemberDecl())) return taint(v, origin, at);
      return inner(member->getBase(), member->isArrow());
    }
    if (const auto* item = dyn_cast<ArraySubscriptExpr>(e)) return inner(item->getBase(), true);
    if (const auto* unary = dyn_cast<UnaryOperator>(e)) return inner(unary->getSubExpr(), unary->getOpcode() == UO_Deref);
    if (const auto* choice = dyn_cast<ConditionalOperator>(e)) {
      inner(choice->getTrueExpr());
      return inner(choice->getFalseExpr());
    }
    if (const auto* binary = dyn_cast<BinaryOperator>(e)) {  // p + 1, a = b
      inner(binary->getLHS());
      return binary->isAdditiveOp() ? inner(binary->getRHS()) : void();
    }
    if (const auto* call = dyn_cast<CXXMemberCallExpr>(e)) {
      return is_library(call->getMethodDecl()) ? inner(call->getImplicitObjectArgument(), true) : escape(origin, at);
    }
    if (const auto* call = dyn_cast<CXXOperatorCallExpr>(e)) {
      return is_library(call->getDirectCallee()) ? inner(call->getArg(0), true) : escape(origin, at);
    }
    if (const auto* call = dyn_cast<CallExpr>(e)) {
      const FunctionDecl* f = call->getDirectCallee();
      if (!is_library(f) || !only_computes(f)) return escape(origin, at);
      for (const Expr* argument : call->arguments()) inner(argument, true);
      return;
    }
    if (const auto* made = dyn_cast<CXXConstructExpr>(e)) {  // an iterator, a view
      for (const Expr* argument : made->arguments()) inner(argument, true);
      return;
    }
    if (isa<CXXThisExpr>(e)) return escape(origin, at);
    // A temporary, a literal: nobody else sees it.
  }

  bool is_library(const FunctionDecl* f) const { return f && !user_.is_user(f); }

  // ---- reading ----

  void read(const Code& code) {
    function_ = code.function;
    control_ = function_ ? look_up(controlled_, function_->getCanonicalDecl()) : nullptr;
    inner_loops_ = 0;
    const Stmt* body = code.body;
    has_lock_ = !foreign_ && takes_lock(body);
    if (code.variable) {
      const Origin origin = visit(body);
      bindings_[code.variable].insert(cast<Expr>(body));
      return taint(code.variable, origin, body->getBeginLoc());
    }
    if (const auto* constructor = dyn_cast<CXXConstructorDecl>(function_); constructor && body != constructor->getBody()) {
      for (const CXXCtorInitializer* init : constructor->inits()) {
        if (init->getInit() != body) continue;
        const Origin origin = visit(body);
        if (init->isAnyMemberInitializer()) taint(init->getAnyMember(), origin, body->getBeginLoc());
        else escape(origin, body->getBeginLoc());
      }
      return;
    }
    visit(body);
  }

  // Runs `body` where `decider` decides whether, or how often.
  template <class F>
  void decided_by(Origin decider, const F& body) {
    if (!decider || control_) return body();
    control_ = decider;
    const int loops = std::exchange(inner_loops_, 0);
    body();
    inner_loops_ = loops;
    control_ = nullptr;
  }
  template <class F>
  void loop_body(const F& body) {
    ++inner_loops_;
    body();
    --inner_loops_;
  }

  Origin visit_all(const Stmt* s) {
    Origin any = nullptr;
    for (const Stmt* child : children_of(s)) any = first(any, visit(child));
    return any;
  }
  static Origin first(Origin a, Origin b) { return a ? a : b; }

  // What the value of `s` depends on.
  Origin visit(const Stmt* s) {
    if (!s) return nullptr;
    if (const auto* e = dyn_cast<Expr>(s)) return visit_expression(e);
    visit_statement(s);
    return nullptr;
  }

  void visit_statement(const Stmt* s) {
    if (const auto* declared = dyn_cast<DeclStmt>(s)) {
      for (const Decl* d : declared->decls()) {
        const auto* v = dyn_cast<VarDecl>(d);
        if (!v || !v->getInit()) continue;
        bindings_[v].insert(v->getInit());
        taint(v, visit(v->getInit()), v->getLocation());
      }
      return;
    }
    if (const auto* choice = dyn_cast<IfStmt>(s)) {
      visit(choice->getInit());
      if (const DeclStmt* variable = choice->getConditionVariableDeclStmt()) visit(variable);
      return decided_by(visit(choice->getCond()), [&] {
        visit(choice->getThen());
        visit(choice->getElse());
      });
    }
    if (const auto* choice = dyn_cast<SwitchStmt>(s)) {
      visit(choice->getInit());
      return decided_by(visit(choice->getCond()), [&] { loop_body([&] { visit(choice->getBody()); }); });
    }
    if (const auto* loop = dyn_cast<ForStmt>(s)) {
      visit(loop->getInit());
      if (const DeclStmt* variable = loop->getConditionVariableDeclStmt()) visit(variable);
      return repeated(loop->getCond(), [&] {
        visit(loop->getBody());
        visit(loop->getInc());
      });
    }
    if (const auto* loop = dyn_cast<WhileStmt>(s)) {
      if (const DeclStmt* variable = loop->getConditionVariableDeclStmt()) visit(variable);
      return repeated(loop->getCond(), [&] { visit(loop->getBody()); });
    }
    if (const auto* loop = dyn_cast<DoStmt>(s)) {
      return repeated(loop->getCond(), [&] { visit(loop->getBody()); });
    }
    if (const auto* loop = dyn_cast<CXXForRangeStmt>(s)) {
      visit(loop->getInit());
      visit(loop->getRangeStmt());
      visit(loop->getBeginStmt());
      visit(loop->getEndStmt());
      const auto body = [&] {
        visit(loop->getLoopVarStmt());
        visit(loop->getBody());
      };
      const Expr* range = loop->getRangeInit();
      const bool ordered = !foreign_ && range && is_ordered_by_address(range->getType());
      return decided_by(ordered ? reading(s, "an order of addresses") : nullptr, [&] { repeated(loop->getCond(), body); });
    }
    if (const auto* back = dyn_cast<ReturnStmt>(s)) return returned(back);
    if (isa<BreakStmt, ContinueStmt>(s)) return inner_loops_ > 0 ? void() : escape(control_, s->getBeginLoc());
    if (isa<GotoStmt, IndirectGotoStmt, CoreturnStmt>(s)) escape(control_, s->getBeginLoc());
    const Origin any = visit_all(s);
    if (isa<AsmStmt, CoreturnStmt>(s)) escape(any, s->getBeginLoc());
    if (const auto* directive = dyn_cast<OMPExecutableDirective>(s); directive && !foreign_) visit_parallel(directive);
    escape_if_clock(s);
  }

  // Sums of floating-point numbers that threads add to in the order in which they happen to come.
  void visit_parallel(const OMPExecutableDirective* directive) {
    for (const auto* clause : directive->getClausesOfKind<OMPReductionClause>()) {
      for (const Expr* e : clause->varlists()) {
        if (holds_floating(e->getType())) store(e, reading(directive, "the order of an OpenMP reduction"));
      }
    }
    if (isa<OMPCriticalDirective, OMPAtomicDirective>(directive)) visit_additions(directive->getAssociatedStmt(), directive);
  }
  void visit_additions(const Stmt* s, const OMPExecutableDirective* directive) {
    if (!s) return;
    if (const auto* binary = dyn_cast<BinaryOperator>(s); binary && adds_floating(binary)) store(binary->getLHS(), reading(directive, "the order of OpenMP threads"));
    for (const Stmt* child : children_of(s)) visit_additions(child, directive);
  }
  static bool adds_floating(const BinaryOperator* e) { return e->isCompoundAssignmentOp() && e->getLHS()->getType()->isFloatingType(); }

  // Does the code hold a lock while it runs?
  bool takes_lock(const Stmt* s) const {
    if (!s || isa<LambdaExpr>(s)) return false;
    if (const auto* declared = dyn_cast<DeclStmt>(s)) {
      for (const Decl* d : declared->decls()) {
        const auto* v = dyn_cast<VarDecl>(d);
        const CXXRecordDecl* r = v ? v->getType()->getAsCXXRecordDecl() : nullptr;
        if (r && in_std(r) && is_synchronisation(v->getType()) && name_of(r).contains("lock")) return true;
      }
    }
    const auto* call = dyn_cast<CallExpr>(s);
    if (const llvm::StringRef name = call ? name_of(call->getDirectCallee()) : llvm::StringRef(); name == "pthread_mutex_lock" || name == "pthread_spin_lock") return true;
    if (const auto* member = dyn_cast<CXXMemberCallExpr>(s); member && name_of(member->getMethodDecl()) == "lock" && is_synchronisation(member->getObjectType())) return true;
    const std::vector<const Stmt*> below = children_of(s);
    return std::any_of(below.begin(), below.end(), [&](const Stmt* child) { return takes_lock(child); });
  }
  static bool holds_floating(QualType type) {
    type = type.getNonReferenceType();
    while (type->isPointerType() || type->isArrayType()) type = type->isPointerType() ? type->getPointeeType() : type->getAsArrayTypeUnsafe()->getElementType();
    const CXXRecordDecl* r = type->getAsCXXRecordDecl();
    return type->isFloatingType() || type->isDependentType() || (r && r->getIdentifier() && r->getName() == "complex");
  }

  // A clock that is read in a way that is not followed: by instruction, or by whom a pointer to its function is handed to.
  void escape_if_clock(const Stmt* s) {
    const auto* ref = dyn_cast<DeclRefExpr>(s);
    const auto* f = ref ? dyn_cast<FunctionDecl>(ref->getDecl()) : nullptr;
    if (foreign_ && f && f->getCanonicalDecl() == foreign_) escape(reading(s, f->getQualifiedNameAsString()), s->getBeginLoc());
    if (foreign_) return;
    const OutsideUse use = outside_use(s, context_);
    if (use.kind == Outside::kClock) escape(reading(s, use.what), s->getBeginLoc());
  }

  template <class F>
  void repeated(const Expr* condition, const F& body) {
    decided_by(visit(condition), [&] { loop_body(body); });
  }

  void returned(const ReturnStmt* back) {
    const Origin origin = first(visit(back->getRetValue()), control_);
    if (!origin || !function_) return;
    if (function_->isMain()) return escape(origin, back->getBeginLoc());
    const FunctionDecl* f = function_->getCanonicalDecl();
    if (control_) mark(controlled_, f, control_);
    if (!back->getRetValue()) return;
    if (may_be_called_elsewhere(f)) {
      // A unit that calls it by name is told what it gets.
      if (!is_virtual(f) && is_plain_result(f->getReturnType())) mark(given_, f, origin);
      else if (!stands_here(f)) return escape(origin, back->getBeginLoc());
    }
    mark(returns_, f, origin);
  }

  // By another unit that does not have its body.
  bool may_be_called_elsewhere(const FunctionDecl* f) const {
    return f->isExternallyVisible() && f->getAccess() != AS_private && user_.in_main_file(f->getDefinition() ? f->getDefinition()->getLocation() : f->getLocation());
  }

  Origin visit_expression(const Expr* e) {
    if (isa<UnaryExprOrTypeTraitExpr>(e)) return nullptr;
    if (const auto* call = dyn_cast<CallExpr>(e)) return visit_call(call);
    if (const auto* made = dyn_cast<CXXConstructExpr>(e)) return visit_construction(made);
    if (const auto* ref = dyn_cast<DeclRefExpr>(e)) {
      const ValueDecl* d = ref->getDecl();
      if (const auto* binding = dyn_cast<BindingDecl>(d)) d = cast<ValueDecl>(binding->getDecomposedDecl());
      if (isa<FunctionDecl>(d)) escape_if_clock(e);
      return look_up(tainted_, cast<ValueDecl>(d->getCanonicalDecl()));
    }
    if (const auto* member = dyn_cast<MemberExpr>(e)) {
      return first(look_up(tainted_, cast<ValueDecl>(member->getMemberDecl()->getCanonicalDecl())), visit(member->getBase()));
    }
    if (const auto* otherwise = dyn_cast<CXXDefaultArgExpr>(e)) return visit(otherwise->getExpr());
    if (const auto* otherwise = dyn_cast<CXXDefaultInitExpr>(e)) return visit(otherwise->getExpr());
    if (const auto* lambda = dyn_cast<LambdaExpr>(e)) {
      auto init = lambda->capture_init_begin();
      for (const LambdaCapture& capture : lambda->captures()) {
        const Origin origin = visit(*init++);
        if (origin && capture.capturesVariable()) taint(capture.getCapturedVar(), origin, e->getBeginLoc());
      }
      return nullptr;
    }
    if (const auto* binary = dyn_cast<BinaryOperator>(e)) return visit_binary(binary);
    if (const auto* unary = dyn_cast<UnaryOperator>(e)) {
      const Origin origin = visit(unary->getSubExpr());
      if (unary->isIncrementDecrementOp()) store(unary->getSubExpr(), control_);
      return origin;
    }
    if (const auto* choice = dyn_cast<AbstractConditionalOperator>(e)) {
      Origin origin = visit(choice->getCond());
      Origin values = nullptr;
      decided_by(origin, [&] { values = first(visit(choice->getTrueExpr()), visit(choice->getFalseExpr())); });
      return first(origin, values);
    }
    if (const auto* list = dyn_cast<InitListExpr>(e)) return visit_list(list);
    const Origin any = first(visit_all(e), read_here(e));
    if (isa<AtomicExpr, CXXNewExpr, CXXThrowExpr, CoroutineSuspendExpr>(e)) {
      escape(isa<CXXThrowExpr>(e) ? first(any, control_) : any, e->getBeginLoc());
      return nullptr;
    }
    return any;
  }

  // An address that becomes a number, and files that tell of the process itself.
  Origin read_here(const Expr* e) {
    if (foreign_ || !isa<CastExpr, clang::StringLiteral>(e)) return nullptr;
    const OutsideUse use = outside_use(e, context_);
    return use.kind == Outside::kAddress || use.kind == Outside::kClock ? reading(e, use.what) : nullptr;
  }

  Origin visit_binary(const BinaryOperator* e) {
    const Origin left = visit(e->getLHS());
    if (e->isAssignmentOp()) {
      Origin right = visit(e->getRHS());
      if (has_lock_ && adds_floating(e)) right = first(right, reading(e, "the order in which threads come to a lock"));
      const auto* ref = dyn_cast<DeclRefExpr>(bare(e->getLHS()));
      if (const auto* v = ref ? dyn_cast<VarDecl>(ref->getDecl()) : nullptr; v && v->getType()->isPointerType()) bindings_[v].insert(e->getRHS());
      store(e->getLHS(), first(first(right, e->isCompoundAssignmentOp() || !ref ? left : nullptr), control_));
      return e->isCompoundAssignmentOp() ? first(left, right) : right;
    }
    if (!e->isLogicalOp()) return first(left, visit(e->getRHS()));
    Origin right = nullptr;
    decided_by(left, [&] { right = visit(e->getRHS()); });
    return first(left, right);
  }

  Origin visit_list(const InitListExpr* list) {
    if (const InitListExpr* semantic = list->getSemanticForm()) list = semantic;
    const auto* record = list->getType()->getAsCXXRecordDecl();
    if (!record || !user_.is_user(record) || record->isUnion()) return visit_all(list);
    // A class of the user's is followed member by member.
    const unsigned bases = record->getNumBases();
    unsigned at = 0;
    auto field = record->field_begin();
    for (const Expr* init : list->inits()) {
      const Origin origin = visit(init);
      if (at++ < bases || field == record->field_end()) escape(origin, init->getBeginLoc());
      else taint(*field++, origin, init->getBeginLoc());
    }
    return nullptr;
  }

  // ---- calls ----

  struct Arguments {
    std::vector<const Expr*> list;  // without the object
    std::vector<Origin> origins;
    const Expr* object = nullptr;
    Origin of_object = nullptr;
    Origin any() const {
      for (const Origin each : origins) {
        if (each) return each;
      }
      return nullptr;
    }
  };

  Arguments arguments_of(const CallExpr* call) {
    Arguments out;
    const auto* method = dyn_cast_or_null<CXXMethodDecl>(call->getDirectCallee());
    if (const auto* member = dyn_cast<CXXMemberCallExpr>(call)) out.object = member->getImplicitObjectArgument();
    unsigned begin = 0;
    if (isa<CXXOperatorCallExpr>(call) && method && method->isInstance()) {
      out.object = call->getArg(0);
      begin = 1;
    }
    if (out.object) out.of_object = visit(out.object);
    for (unsigned i = begin; i < call->getNumArgs(); ++i) {
      out.list.push_back(call->getArg(i));
      out.origins.push_back(visit(call->getArg(i)));
    }
    return out;
  }

  Origin visit_call(const CallExpr* call) {
    const FunctionDecl* f = call->getDirectCallee();
    const SourceLocation at = call->getBeginLoc();
    const OutsideUse use = outside_use(call, context_);
    if (use.kind == Outside::kClock && !foreign_) return read_clock(call, use.what);
    if (use.kind == Outside::kAddress && !foreign_ && use.what != kAddressAsText) {
      visit_all(call);
      return reading(call, use.what);
    }
    if (const auto* member = dyn_cast<CXXMemberCallExpr>(call); member && !foreign_ && name_of(member->getMethodDecl()).ends_with("begin") && is_ordered_by_address(member->getObjectType())) {
      return reading(call, "an order of addresses");
    }
    const Arguments arguments = arguments_of(call);
    if (!f) {
      escape(first(first(arguments.any(), visit(call->getCallee())), control_), at);
      return nullptr;
    }
    if (in_hindsight(f)) return visit_hindsight(call, f, arguments);
    if (const FunctionDecl* body = definition(f)) return visit_user(call, body, arguments);
    if (!is_library(f)) {
      escape(first(first(arguments.any(), arguments.of_object), control_), at);
      return f->getCanonicalDecl() == foreign_ ? reading(call, f->getQualifiedNameAsString()) : nullptr;
    }
    return visit_library(call, f, arguments);
  }

  // With the time as the result, or put where an argument points.
  Origin read_clock(const CallExpr* call, const std::string& what) {
    const Origin origin = reading(call, what);
    bool stored = false;
    for (const Expr* argument : call->arguments()) {
      const Expr* e = bare(argument);
      if (!is_writable(argument->getType()) || e->isNullPointerConstant(context_, Expr::NPC_ValueDependentIsNotNull)) continue;
      store(e, origin, true);
      stored = true;
    }
    const llvm::StringRef name = name_of(call->getDirectCallee());
    return stored && name != "time" && name != "times" ? nullptr : origin;  // whether it could be read
  }

  Origin visit_hindsight(const CallExpr* call, const FunctionDecl* f, const Arguments& arguments) {
    const llvm::StringRef name = name_of(f);
    if (name == "log" || name == "put_probe") {
      const Origin origin = first(arguments.any(), control_);
      if (origin && logs_.try_emplace(call, ClockFlow::Log{*origin, call->getBeginLoc(), arguments.list.empty() ? "" : name_literal(arguments.list[0], context_)}).second) {
        changed_ = true;
      }
      return nullptr;
    }
    if (name == "loop") return arguments.origins.size() > 1 ? arguments.origins[1] : nullptr;
    if (name == "state" || name == "named" || name == "stored" || name == "timed" || name == "watched" || name == "var" || name == "at" || name == "more") return nullptr;  // what is kept of it is compared
    return first(arguments.any(), arguments.of_object);
  }

  // The body, where this unit has it.
  const FunctionDecl* definition(const FunctionDecl* f) const {
    const FunctionDecl* body = nullptr;
    return f->hasBody(body) && user_.is_user(body) && !body->hasSkippedBody() && !body->isDefaulted() ? body : nullptr;
  }

  Origin visit_user(const CallExpr* call, const FunctionDecl* f, const Arguments& arguments) {
    if (is_virtual(f)) escape(first(arguments.any(), control_), call->getBeginLoc());
    hand_over(f, arguments.list, arguments.origins, call->getBeginLoc());
    return first(look_up(returns_, f->getCanonicalDecl()), arguments.of_object);
  }

  void hand_over(const FunctionDecl* f, const std::vector<const Expr*>& list, const std::vector<Origin>& origins, SourceLocation at) {
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (i >= f->getNumParams()) {
        escape(origins[i], at);
        continue;
      }
      const ParmVarDecl* parameter = f->getParamDecl(static_cast<unsigned>(i));
      taint(cast<ValueDecl>(parameter->getCanonicalDecl()), origins[i], at);
      if (is_writable(parameter->getType())) store(list[i], look_up(tainted_, cast<ValueDecl>(parameter->getCanonicalDecl())), true);
    }
    mark(controlled_, f->getCanonicalDecl(), control_);
  }

  Origin visit_library(const CallExpr* call, const FunctionDecl* f, const Arguments& arguments) {
    const SourceLocation at = call->getBeginLoc();
    const Origin any = arguments.any();
    const Origin cause = first(first(any, arguments.of_object), control_);
    if (!cause) return nullptr;
    // Text: kept in the program by string streams alone.
    const bool is_member_of_stream = arguments.object && is_stream(arguments.object->getType());
    if (is_member_of_stream || (f->getOverloadedOperator() == OO_LessLess && call->getNumArgs() > 0 && is_stream(call->getArg(0)->getType()))) {
      store(arguments.object ? arguments.object : call->getArg(0), first(any, control_));
      return arguments.of_object ? arguments.of_object : nullptr;
    }
    if (shows_or_waits(f)) return nullptr;
    // What is read from a file that is a reading itself: `in >> x`, `getline(in, line)`.
    const Expr* from = arguments.object ? arguments.object : arguments.list.empty() ? nullptr : arguments.list[0];
    const Origin of_file = arguments.object ? arguments.of_object : arguments.origins.empty() ? nullptr : arguments.origins[0];
    if (of_file && from && is_input_file(from->IgnoreParenImpCasts()->getType())) {
      for (const Expr* argument : arguments.list) {
        if (argument != from && argument->isLValue()) store(argument, of_file, true);
      }
      return of_file;
    }
    hand_to_lambdas(arguments, at);
    if (const auto* method = dyn_cast<CXXMethodDecl>(f); method && method->isInstance()) {
      const bool known = holds_values(method->getParent());
      if (known && !method->isConst() && !is_accessor(method)) store(arguments.object, first(any, control_), true);
      if (known) return first(arguments.of_object, any);
      if (any || arguments.of_object || !method->isConst() || changes_in_place(name_of(f))) escape(cause, at);
      return nullptr;
    }
    if (!only_computes(f) || !(in_std(f) || f->isExternC() || f->getBuiltinID() != 0 || top_namespace(f) == "fmt")) {
      escape(cause, at);
      return nullptr;
    }
    for (std::size_t i = 0; i < arguments.list.size(); ++i) {
      const QualType type = i < f->getNumParams() ? f->getParamDecl(static_cast<unsigned>(i))->getType() : arguments.list[i]->getType();
      if (is_writable(type) && !takes_arguments_over(name_of(f))) store(arguments.list[i], first(any, control_), true);
    }
    return any;
  }

  // A library calls what it is handed, with what else it is handed.
  void hand_to_lambdas(const Arguments& arguments, SourceLocation at) {
    const Origin origin = first(arguments.any(), first(arguments.of_object, control_));
    for (const Expr* argument : arguments.list) {
      const QualType type = argument->getType().getNonReferenceType();
      const CXXRecordDecl* r = type->getAsCXXRecordDecl();
      if (r && r->isLambda() && !r->isGenericLambda()) {
        const CXXMethodDecl* f = r->getLambdaCallOperator();
        for (const ParmVarDecl* parameter : f->parameters()) taint(cast<ValueDecl>(parameter->getCanonicalDecl()), origin, at);
        mark(controlled_, cast<FunctionDecl>(f->getCanonicalDecl()), control_);
      } else if ((r && (r->isLambda() || user_.is_user(r)) && std::any_of(r->method_begin(), r->method_end(), [](const CXXMethodDecl* m) { return m->getOverloadedOperator() == OO_Call; })) ||
                 type->isFunctionPointerType() || type->isFunctionType()) {
        escape(origin, at);
      }
    }
  }

  Origin visit_construction(const CXXConstructExpr* made) {
    std::vector<const Expr*> list(made->arguments().begin(), made->arguments().end());
    std::vector<Origin> origins;
    Origin any = nullptr;
    for (const Expr* argument : list) {
      origins.push_back(visit(argument));
      any = first(any, origins.back());
    }
    const CXXConstructorDecl* f = made->getConstructor();
    if (const FunctionDecl* body = definition(f)) {
      hand_over(body, list, origins, made->getBeginLoc());
      return nullptr;  // its members are followed
    }
    if (!any || f->isCopyOrMoveConstructor() || holds_values(f->getParent()) || is_input_file(made->getType())) return any;
    const bool is_output = is_stream(made->getType());
    if (!is_output) escape(any, made->getBeginLoc());
    return nullptr;
  }

  ASTContext& context_;
  const UserCode& user_;
  const std::vector<Code>& code_;
  const FunctionDecl* foreign_;

  std::map<const Stmt*, Reading> readings_;
  std::map<const ValueDecl*, Origin> tainted_;          // variables and members that may hold what depends on a reading
  std::map<const FunctionDecl*, Origin> returns_;       // functions whose result does
  std::map<const FunctionDecl*, Origin> given_;         // of those, what other units may call
  std::map<const FunctionDecl*, Origin> controlled_;    // functions that are called, or left, because of one
  std::map<const VarDecl*, std::set<const Expr*>> bindings_;  // what references and pointers are made from
  std::map<Origin, SourceLocation> escapes_;
  std::map<const CallExpr*, ClockFlow::Log> logs_;
  bool changed_ = false;

  const FunctionDecl* function_ = nullptr;
  Origin control_ = nullptr;  // decides whether what is read now is run
  int inner_loops_ = 0;       // that are decided by it with all they hold
  bool has_lock_ = false;
};

}  // namespace

ClockFlow follow_clocks(ASTContext& context, const UserCode& user, const std::vector<Code>& code) {
  bool reads_any = false;
  for (const Code& each : code) {
    for_each_evaluated(each.body, [&](const Stmt* s) {
      if (reads_any) return;
      const Outside kind = outside_use(s, context).kind;
      const auto* e = dyn_cast<Expr>(s);
      const auto* v = isa<DeclStmt>(s) && cast<DeclStmt>(s)->isSingleDecl() ? dyn_cast<VarDecl>(cast<DeclStmt>(s)->getSingleDecl()) : nullptr;
      reads_any = kind == Outside::kClock || kind == Outside::kAddress || isa<OMPExecutableDirective>(s) || (v && is_synchronisation(v->getType())) ||
                  (e && !e->getType().isNull() && (is_ordered_by_address(e->getType()) || is_synchronisation(e->getType())));
    });
  }
  return reads_any ? Flow(context, user, code).run() : ClockFlow{};
}

std::vector<ForeignFlow> follow_foreign_results(ASTContext& context, const UserCode& user, const std::vector<Code>& code) {
  std::vector<const FunctionDecl*> foreign;
  DeclSet<FunctionDecl> seen;
  const auto add = [&](const Decl* d) {
    const auto* f = dyn_cast_or_null<FunctionDecl>(d);
    if (!f || f->isDefined() || !user.is_user(f) || in_hindsight(f) || is_virtual(f) || !is_plain_result(f->getReturnType())) return;
    if (seen.insert(f->getCanonicalDecl()).second) foreign.push_back(f->getCanonicalDecl());
  };
  for (const Code& each : code) {
    for_each_evaluated(each.body, [&](const Stmt* s) {
      if (const auto* call = dyn_cast<CallExpr>(s)) add(call->getDirectCallee());
      if (const auto* ref = dyn_cast<DeclRefExpr>(s)) add(ref->getDecl());
    });
  }
  std::vector<ForeignFlow> out;
  for (const FunctionDecl* f : foreign) out.push_back({f, Flow(context, user, code, f).run()});
  return out;
}

}  // namespace hindsight::instrument
