// Reads one function's body: what it modifies, calls and hands on. See effects.h for the rules.
#include <algorithm>
#include <functional>

#include <clang/AST/ExprConcepts.h>
#include <clang/AST/StmtOpenMP.h>

#include "instrument/effects.h"

namespace hindsight::instrument {

using namespace clang;

namespace {

Root root_of(const VarDecl* v) { return {Root::Kind::kVariable, v->getCanonicalDecl(), {}}; }
Root this_root() { return {Root::Kind::kThis, nullptr, {}}; }
Root temporary(const Expr* e) { return {Root::Kind::kTemporary, e, {}}; }
Root unknown(std::string what) { return {Root::Kind::kUnknown, nullptr, std::move(what)}; }

Places through(const Places& places) {
  Places out;
  for (const Place& p : places) out.insert(p.then(nullptr));
  return out;
}
void merge(Places& into, const Places& from) { into.insert(from.begin(), from.end()); }

bool is_function_like(QualType t) {
  t = t.getNonReferenceType();
  return t->isFunctionPointerType() || t->isFunctionType() || t->isMemberFunctionPointerType();
}
bool is_std_function(QualType t) {
  const CXXRecordDecl* r = t.getNonReferenceType()->getAsCXXRecordDecl();
  return r && r->getIdentifier() && (r->getName() == "function" || r->getName() == "move_only_function") && in_std(r);
}

struct Callables {
  std::set<const FunctionDecl*> functions;
  bool complete = true;
  void add(const Callables& other) {
    functions.insert(other.functions.begin(), other.functions.end());
    complete = complete && other.complete;
  }
};

class Reader {
 public:
  Reader(const Effects& effects, FunctionFacts& out) : effects_(effects), out_(out) {}

  void run() {
    // The first round finds what names may stand for and which functions variables hold, the second makes use of it.
    for (int round = 0; round < 2; ++round) {
      out_.events.clear();
      out_.calls.clear();
      out_.state_calls.clear();
      out_.unknown_calls.clear();
      out_.library_calls.clear();
      out_.backward.clear();
      out_.reads.clear();
      out_.draws.clear();
      out_.unknown_at.clear();
      if (const auto* constructor = dyn_cast<CXXConstructorDecl>(out_.function)) initialisers(constructor);
      scope_ = nullptr;
      if (is_lambda(out_.function)) {
        for (const LambdaCapture& capture : cast<CXXMethodDecl>(out_.function)->getParent()->captures()) {
          const auto* v = capture.capturesVariable() ? dyn_cast<VarDecl>(capture.getCapturedVar()) : nullptr;
          if (v && v->isInitCapture() && v->getInit()) bind(v, v->getInit());
        }
      }
      walk(out_.function->getBody());
      if (const auto* m = dyn_cast<CXXMethodDecl>(out_.function); m && m->getParent()->isLambda() && !m->isConst()) disown_copies(m->getParent(), 0);
    }
  }

 private:
  // ---- bookkeeping ----

  unsigned line(SourceLocation at) const { return effects_.user().line_of(at); }

  void modify(const Places& places, SourceLocation at, const std::string& why) {
    for (const Place& p : places) out_.events.push_back({p, line(at), why, active_, offset(at)});
  }
  std::size_t offset(SourceLocation at) const {
    const SourceManager& sources = effects_.user().sources();
    at = sources.getExpansionLoc(at);
    return at.isValid() && sources.getFileID(at) == sources.getMainFileID() ? sources.getFileOffset(at) : Event::kElsewhere;
  }
  void unknown_call(SourceLocation at) {
    out_.unknown_calls.push_back(active_);
    out_.unknown_at.push_back(offset(at));
  }
  void alias(const Root& root, const Reach& reach) {
    if (root.kind == Root::Kind::kUnknown) return;
    out_.aliases[root].add(reach);
  }
  // Whatever holds `places` now may also refer to `reach`.
  void hand_over(const Places& places, const Reach& reach) {
    if (reach.places.empty()) return;
    for (const Place& p : places) {
      Reach both = reach;
      both.own = true;
      alias(p.root, both);
    }
  }
  bool holds(QualType t) const { return effects_.types().holds_references(t); }

  // ---- what expressions stand for ----

  // The object that a glvalue names.
  Places lvalue(const Expr* e) {
    if (!e) return {};
    e = e->IgnoreParens();
    if (const auto* x = dyn_cast<DeclRefExpr>(e)) return named(x->getDecl());
    if (const auto* x = dyn_cast<MemberExpr>(e)) return member(x);
    if (const auto* x = dyn_cast<ArraySubscriptExpr>(e)) return targets(x->getBase()).places;
    if (const auto* x = dyn_cast<UnaryOperator>(e)) {
      if (x->getOpcode() == UO_Deref) return targets(x->getSubExpr()).places;
      return lvalue(x->getSubExpr());
    }
    if (const auto* x = dyn_cast<BinaryOperator>(e)) {
      if (x->getOpcode() == BO_PtrMemI) return targets(x->getLHS()).places;
      if (x->getOpcode() == BO_Comma) return lvalue(x->getRHS());
      return lvalue(x->getLHS());
    }
    if (const auto* x = dyn_cast<AbstractConditionalOperator>(e)) {
      Places out = lvalue(x->getTrueExpr());
      merge(out, lvalue(x->getFalseExpr()));
      return out;
    }
    if (const auto* x = dyn_cast<MaterializeTemporaryExpr>(e)) return temporary_of(x->getSubExpr());
    if (const auto* x = dyn_cast<OpaqueValueExpr>(e)) return lvalue(x->getSourceExpr());
    if (const auto* x = dyn_cast<CXXDefaultArgExpr>(e)) return lvalue(x->getExpr());
    if (const auto* x = dyn_cast<CXXDefaultInitExpr>(e)) return lvalue(x->getExpr());
    if (const auto* x = dyn_cast<SubstNonTypeTemplateParmExpr>(e)) return lvalue(x->getReplacement());
    if (const auto* x = dyn_cast<FullExpr>(e)) return lvalue(x->getSubExpr());
    if (const auto* x = dyn_cast<CallExpr>(e); x && x->isGLValue()) return result(x).places;
    if (const auto* x = dyn_cast<CastExpr>(e)) {
      if (x->getSubExpr()->isGLValue()) return lvalue(x->getSubExpr());
      if (e->isGLValue()) return targets(x->getSubExpr()).places;
    }
    if (isa<clang::StringLiteral, PredefinedExpr>(e)) return {};
    if (const auto* x = dyn_cast<CXXUuidofExpr>(e); x) return {};
    if (isa<CXXTypeidExpr>(e)) return {};
    if (isa<CompoundLiteralExpr, InitListExpr>(e) || e->isPRValue()) return temporary_of(e);
    return {Place{unknown("an expression"), {}}};
  }

  Places temporary_of(const Expr* e) {
    const Root root = temporary(e);
    if (holds(e->getType())) alias(root, targets(e));
    return {Place{root, {}}};
  }

  Places named(const ValueDecl* d) {
    if (const auto* v = dyn_cast<VarDecl>(d)) return {Place{root_of(v), {}}};
    if (const auto* b = dyn_cast<BindingDecl>(d)) {
      if (const VarDecl* held = b->getHoldingVar()) return {Place{root_of(held), {}}};
      if (b->getBinding()) return lvalue(b->getBinding());
      return {Place{unknown(b->getNameAsString()), {}}};
    }
    return {};
  }

  Places member(const MemberExpr* e) {
    const ValueDecl* d = e->getMemberDecl();
    if (const auto* v = dyn_cast<VarDecl>(d)) return {Place{root_of(v), {}}};
    const auto* field = dyn_cast<FieldDecl>(d);
    if (!field) return {};
    const Places base = e->isArrow() ? targets(e->getBase()).places : lvalue(e->getBase());
    Places out;
    for (const Place& p : base) {
      Place q = field->isAnonymousStructOrUnion() ? p : p.then(field->getCanonicalDecl());
      out.insert(field->getType()->isReferenceType() ? q.then(nullptr) : q);
    }
    return out;
  }

  // What can be reached through the value of `e`: what a pointer points to, what a handle or an object of a class holds.
  Reach targets(const Expr* e) {
    Reach out;
    if (!e) return out;
    e = e->IgnoreParens();
    if (!holds(e->getType()) && !e->getType()->isArrayType()) return out;
    if (e->getType()->isArrayType() && e->isGLValue()) return {lvalue(e), false};
    if (const auto* x = dyn_cast<CastExpr>(e)) {
      if (x->getCastKind() == CK_ArrayToPointerDecay) return {lvalue(x->getSubExpr()), false};
      if (x->getCastKind() == CK_NullToPointer) return out;
      if (x->getCastKind() == CK_IntegralToPointer) return {{Place{unknown("a number used as an address"), {}}}, false};
      if (x->getCastKind() == CK_LValueToRValue || x->getCastKind() == CK_NoOp || x->getSubExpr()->isGLValue()) {
        if (x->getSubExpr()->isGLValue()) return {through(lvalue(x->getSubExpr())), false};
      }
      return targets(x->getSubExpr());
    }
    if (e->isGLValue()) return {through(lvalue(e)), false};
    if (isa<CXXThisExpr>(e)) return {{Place{this_root(), {}}.then(nullptr)}, false};
    if (const auto* x = dyn_cast<UnaryOperator>(e)) {
      if (x->getOpcode() == UO_AddrOf) return {lvalue(x->getSubExpr()), false};
      return x->getSubExpr()->isGLValue() ? Reach{through(lvalue(x->getSubExpr())), false} : targets(x->getSubExpr());
    }
    if (const auto* x = dyn_cast<BinaryOperator>(e)) {
      if (x->getOpcode() == BO_Comma) return targets(x->getRHS());
      out.add(targets(x->getLHS()));
      if (x->isAdditiveOp()) out.add(targets(x->getRHS()));
      return out;
    }
    if (const auto* x = dyn_cast<AbstractConditionalOperator>(e)) {
      out = targets(x->getTrueExpr());
      out.add(targets(x->getFalseExpr()));
      return out;
    }
    if (const auto* x = dyn_cast<LambdaExpr>(e)) return captured(x);
    if (const auto* x = dyn_cast<CXXNewExpr>(e)) {
      out.own = true;
      for (const Stmt* child : x->children()) {
        if (const auto* inner = dyn_cast_or_null<Expr>(child)) out.add(targets(inner));
      }
      return out;
    }
    if (const auto* x = dyn_cast<CXXConstructExpr>(e)) return constructed(x);
    if (const auto* x = dyn_cast<CallExpr>(e)) return result(x);
    if (const auto* x = dyn_cast<InitListExpr>(e)) {
      out.own = true;
      for (const Expr* init : x->inits()) {
        if (!init) continue;
        out.add(targets(init));
        if (init->isGLValue()) out.add({lvalue(init), false});
      }
      return out;
    }
    if (const auto* x = dyn_cast<FullExpr>(e)) return targets(x->getSubExpr());
    if (const auto* x = dyn_cast<CXXBindTemporaryExpr>(e)) return targets(x->getSubExpr());
    if (const auto* x = dyn_cast<CXXStdInitializerListExpr>(e)) return targets(x->getSubExpr());
    if (const auto* x = dyn_cast<MaterializeTemporaryExpr>(e)) return targets(x->getSubExpr());
    if (const auto* x = dyn_cast<CXXDefaultArgExpr>(e)) return targets(x->getExpr());
    if (const auto* x = dyn_cast<CXXDefaultInitExpr>(e)) return targets(x->getExpr());
    if (const auto* x = dyn_cast<SubstNonTypeTemplateParmExpr>(e)) return targets(x->getReplacement());
    if (const auto* x = dyn_cast<OpaqueValueExpr>(e)) return targets(x->getSourceExpr());
    out.own = true;
    return out;
  }

  static bool is_writable_reference(QualType t) { return t->isReferenceType() && !t->getPointeeType().isConstQualified(); }

  Reach captured(const LambdaExpr* e) {
    Reach out;
    out.own = true;
    auto init = e->capture_init_begin();
    for (const LambdaCapture& capture : e->captures()) {
      if (capture.capturesThis()) {
        out.places.insert(Place{this_root(), {}}.then(nullptr));
      } else if (capture.capturesVariable()) {
        if (capture.getCaptureKind() == LCK_ByRef) merge(out.places, named(capture.getCapturedVar()));
        else if (*init) out.add(targets(*init));
      }
      ++init;
    }
    return out;
  }

  Reach constructed(const CXXConstructExpr* e) {
    Reach out;
    if (e->getConstructor()->isCopyOrMoveConstructor() && e->getNumArgs() >= 1) {
      const Expr* from = e->getArg(0);
      return from->isGLValue() ? Reach{through(lvalue(from)), false} : targets(from);
    }
    out.own = true;
    for (unsigned i = 0; i < e->getNumArgs(); ++i) {
      out.add(targets(e->getArg(i)));
      const bool by_reference = i < e->getConstructor()->getNumParams() && is_writable_reference(e->getConstructor()->getParamDecl(i)->getType());
      const bool copies = is_std_function(e->getType());
      if (by_reference && !copies && e->getArg(i)->isGLValue()) merge(out.places, lvalue(e->getArg(i)));
    }
    return out;
  }

  // What a call's result refers to: for a reference the object itself, else what it leads to.
  Reach result(const CallExpr* e) {
    Reach out;
    const QualType type = e->getType();
    const bool reference = e->isGLValue();
    if (!reference && !holds(type)) return out;
    const FunctionDecl* f = e->getDirectCallee();
    const Arguments call = arguments_of(e);
    if (f) {
      if (const Summary* summary = effects_.summary(f); summary && !may_be_overridden(e)) {
        for (const Place& p : summary->returns.places) merge(out.places, substitute(p, f, call));
        out.own = summary->returns.own;
        if (out.places.empty()) out.own = true;
        if (reference && out.places.empty()) out.places.insert(Place{unknown("what " + f->getNameAsString() + "() returns"), {}});
        return out;
      }
      if (in_torch(f) && !reference && (f->getIdentifier() ? makes_new_tensor(f->getName()) : is_arithmetic(f->getOverloadedOperator()))) {
        out.own = true;
        return out;
      }
    }
    if (call.object) {
      const Places object = places_of_object(call);
      const QualType t = object_type(call.object);
      if (has_pointer_semantics(t)) {
        merge(out.places, through(object));
      } else {
        merge(out.places, object);
        if (!reference && holds(t.getNonReferenceType())) merge(out.places, through(object));
      }
    }
    const bool hands_on = f && reference && in_std(f) && f->getIdentifier() && takes_arguments_over(f->getName());
    for (std::size_t i = 0; i < call.arguments.size(); ++i) {
      const Expr* a = call.arguments[i];
      if (!hands_on) out.add(targets(a));
      const bool by_reference = !f || i >= f->getNumParams() || is_writable_reference(f->getParamDecl(static_cast<unsigned>(i))->getType());
      if (by_reference && a->isGLValue()) merge(out.places, lvalue(a));
    }
    if (!reference) out.own = true;
    if (out.places.empty() && (reference || type->isPointerType())) {
      out.places.insert(Place{unknown(f ? "what " + f->getNameAsString() + "() returns" : "what a call returns"), {}});
    }
    if (out.places.empty() && f && effects_.user().is_user(f)) out.places.insert(Place{unknown("what " + f->getNameAsString() + "() returns"), {}});
    return out;
  }

  static bool is_arithmetic(OverloadedOperatorKind op) {
    return op == OO_Plus || op == OO_Minus || op == OO_Star || op == OO_Slash || op == OO_Percent || op == OO_EqualEqual || op == OO_ExclaimEqual ||
           op == OO_Less || op == OO_Greater || op == OO_LessEqual || op == OO_GreaterEqual || op == OO_Tilde || op == OO_Exclaim ||
           op == OO_Amp || op == OO_Pipe || op == OO_Caret;
  }

  // ---- calls ----

  struct Arguments {
    const Expr* object = nullptr;  // what the method is called on
    std::vector<const Expr*> arguments;
  };

  static Arguments arguments_of(const CallExpr* e) {
    Arguments out;
    out.arguments.assign(e->arg_begin(), e->arg_end());
    if (const auto* x = dyn_cast<CXXMemberCallExpr>(e)) {
      out.object = x->getImplicitObjectArgument();
      return out;
    }
    if (isa<CXXOperatorCallExpr>(e)) {
      const auto* m = dyn_cast_or_null<CXXMethodDecl>(e->getDirectCallee());
      if (m && m->isInstance() && !out.arguments.empty()) {
        out.object = out.arguments[0];
        out.arguments.erase(out.arguments.begin());
      }
    }
    return out;
  }

  // The type of the object itself, not of the base class whose method is called.
  static QualType object_type(const Expr* object) {
    const QualType t = object->IgnoreParenBaseCasts()->getType();
    return t->isPointerType() ? t->getPointeeType() : t.getNonReferenceType();
  }

  Places places_of_object(const Arguments& call) {
    return call.object->getType()->isPointerType() ? targets(call.object).places : lvalue(call.object);
  }

  // A class through which others' objects are reached: the place behind the object matters, not the object.
  bool has_pointer_semantics(QualType t) const {
    const CXXRecordDecl* r = t.getNonReferenceType()->getAsCXXRecordDecl();
    if (!r) return t->isPointerType();
    if (is_tensor(t) || is_module(t)) return true;
    static const char* const kContainers[] = {"vector", "array", "deque", "list", "map", "unordered_map", "set", "optional", "pair", "tuple", "variant", "basic_string"};
    if (in_std(r) && r->getIdentifier()) {
      for (const char* name : kContainers) {
        if (r->getName() == name) return false;
      }
    }
    return holds(t) && (in_std(r) || !effects_.user().is_user(r));
  }

  bool may_be_overridden(const CallExpr* e) {
    const auto* member_call = dyn_cast<CXXMemberCallExpr>(e);
    const auto* m = dyn_cast_or_null<CXXMethodDecl>(e->getDirectCallee());
    if (!m || !m->isVirtual()) return false;
    if (const auto* callee = member_call ? dyn_cast<MemberExpr>(member_call->getCallee()->IgnoreParens()) : nullptr) {
      if (!callee->performsVirtualDispatch(effects_.context().getLangOpts())) return false;
      if (const auto* base = callee->getBase(); base && m->getDevirtualizedMethod(base, false)) return false;
    }
    return true;
  }

  // The place `p` of `f`'s summary, seen from a call of it.
  Places substitute(const Place& p, const FunctionDecl* f, const Arguments& call) {
    Places out;
    auto rest_of = [&](std::size_t from, const Places& bases) {
      for (const Place& base : bases) out.insert(base.then(p.path.begin() + static_cast<std::ptrdiff_t>(from), p.path.end()));
    };
    if (p.root.kind == Root::Kind::kThis) {
      if (!call.object) {
        if (is_lambda(f)) out.insert(p);  // `this` of the function around it
        return out;
      }
      if (is_lambda(f)) out.insert(p);
      else rest_of(p.path.empty() ? 0 : 1, places_of_object(call));
      return out;
    }
    const VarDecl* v = p.root.variable();
    const auto* parameter = dyn_cast_or_null<ParmVarDecl>(v);
    if (!parameter || !belongs_to(parameter, f)) {
      out.insert(p);
      return out;
    }
    const unsigned index = parameter->getFunctionScopeIndex();
    std::vector<const Expr*> given;
    const bool pack = index + 1 >= f->getNumParams() && f->isVariadic();
    if (index < call.arguments.size()) given.push_back(call.arguments[index]);
    if (pack) {
      for (std::size_t i = index + 1; i < call.arguments.size(); ++i) given.push_back(call.arguments[i]);
    }
    for (const Expr* a : given) {
      if (parameter->getType()->isReferenceType()) {
        rest_of(0, lvalue(a));
        continue;
      }
      std::size_t pointer = 0;
      while (pointer < p.path.size() && p.path[pointer]) ++pointer;
      if (pointer < p.path.size()) rest_of(pointer + 1, targets(a).places);
    }
    return out;
  }

  static bool belongs_to(const ParmVarDecl* p, const FunctionDecl* f) {
    const auto* owner = dyn_cast<FunctionDecl>(p->getDeclContext());
    return owner && owner->getCanonicalDecl() == f->getCanonicalDecl();
  }

  // Takes over what a function whose body is known does.
  void apply(const FunctionDecl* f, const Summary& summary, const Arguments& call, SourceLocation at) {
    const std::string name = is_lambda(f) ? "a lambda" : f->getNameAsString() + "()";
    for (const auto& [place, why] : summary.modifies) modify(substitute(place, f, call), at, "modified by " + name + ": " + why);
    if (summary.unknown_calls) unknown_call(at);
    if (summary.library_calls) out_.library_calls.push_back(active_);
    if (summary.backward) out_.backward.push_back(active_);
    if (summary.draws) out_.draws.push_back(offset(at));
    for (const Place& place : summary.reads) {
      for (const Place& p : substitute(place, f, call)) out_.reads.emplace_back(p, active_);
    }
    for (const auto& [holder, reach] : summary.kept) {
      Reach given = with_own({});
      for (const Place& p : reach.places) merge(given.places, substitute(p, f, call));
      for (const Place& p : substitute(Place{holder, {}}.then(nullptr), f, call)) alias(p.root, given);
      if (const VarDecl* v = holder.variable(); v && v->getType()->isReferenceType()) {
        for (const Place& p : substitute(Place{holder, {}}, f, call)) alias(p.root, given);
      }
    }
  }

  void called(const FunctionDecl* f) {
    if (effects_.user().is_user(f)) out_.calls.push_back({f, active_});
  }

  // What the functions that are handed to a call may be, called with any of the call's other arguments.
  void callbacks(const Arguments& call, const FunctionDecl* callee, SourceLocation at) {
    for (std::size_t i = 0; i < call.arguments.size(); ++i) {
      const Expr* a = call.arguments[i];
      const bool function_like = is_function_like(a->getType()) || is_std_function(a->getType());
      const CXXRecordDecl* r = a->getType().getNonReferenceType()->getAsCXXRecordDecl();
      std::vector<const FunctionDecl*> operators;
      if (r && !is_std_function(a->getType())) {
        for (const FunctionDecl* f : call_operators(r)) {
          if (effects_.user().is_user(f)) operators.push_back(f);
        }
      }
      if (!function_like && operators.empty()) continue;
      if (callee && in_std(callee) && callee->getIdentifier() && (callee->getName() == "move" || callee->getName() == "forward" || callee->getName() == "ref")) continue;
      Callables callables;
      if (function_like) callables = callables_of(a);
      for (const FunctionDecl* f : operators) callables.functions.insert(f);
      if (!callables.complete) {
        unknown_call(at);
        modify(targets(a).places, at, "reached by a call through a function object");
      }
      Reach others;
      for (std::size_t j = 0; j < call.arguments.size(); ++j) {
        if (j == i) continue;
        others.add(targets(call.arguments[j]));
        if (call.arguments[j]->isGLValue()) merge(others.places, lvalue(call.arguments[j]));
      }
      if (call.object) merge(others.places, places_of_object(call));
      for (const FunctionDecl* f : callables.functions) {
        called(f);
        for (const ParmVarDecl* p : f->parameters()) {
          if (holds(p->getType())) alias(root_of(p), others);
        }
        if (const Summary* summary = effects_.summary(f)) {
          const std::string name = is_lambda(f) ? "a lambda" : f->getNameAsString() + "()";
          for (const auto& [place, why] : summary->modifies) {
            const auto* parameter = dyn_cast_or_null<ParmVarDecl>(place.root.variable());
            if (parameter && belongs_to(parameter, f)) modify(others.places, at, "may be modified by " + name);
            else if (place.root.kind == Root::Kind::kThis && !is_lambda(f)) modify(parts(lvalue_or_temporary(a), place), at, "modified by " + name);
            else modify({place}, at, "modified by " + name + ": " + why);
          }
          if (summary->unknown_calls) unknown_call(at);
          if (summary->library_calls) out_.library_calls.push_back(active_);
          if (summary->backward) out_.backward.push_back(active_);
          for (const Place& p : summary->reads) out_.reads.emplace_back(p, active_);
        } else {
          unknown_call(at);
        }
      }
    }
  }

  // `place` of a method's `this`, for each object that it may be called on.
  static Places parts(const Places& objects, const Place& place) {
    Places out;
    for (const Place& object : objects) out.insert(object.then(place.path.begin() + (place.path.empty() ? 0 : 1), place.path.end()));
    return out;
  }

  Places lvalue_or_temporary(const Expr* e) { return e->isGLValue() ? lvalue(e) : temporary_of(e); }

  static std::vector<const FunctionDecl*> call_operators(const CXXRecordDecl* r) {
    std::vector<const FunctionDecl*> out;
    if (!r->hasDefinition()) return out;
    for (const Decl* d : r->getDefinition()->decls()) {
      if (const auto* m = dyn_cast<CXXMethodDecl>(d); m && m->getOverloadedOperator() == OO_Call) out.push_back(m);
      if (const auto* t = dyn_cast<FunctionTemplateDecl>(d); t && t->getTemplatedDecl()->getOverloadedOperator() == OO_Call) {
        for (const FunctionDecl* f : t->specializations()) out.push_back(f);
      }
    }
    return out;
  }

  // Which functions an expression may stand for.
  Callables callables_of(const Expr* e) {
    Callables out;
    e = bare(e);
    if (const auto* x = dyn_cast<CXXDefaultArgExpr>(e)) return callables_of(x->getExpr());
    if (const auto* x = dyn_cast<CXXDefaultInitExpr>(e)) return callables_of(x->getExpr());
    if (const auto* x = dyn_cast<LambdaExpr>(e)) {
      for (const FunctionDecl* f : call_operators(x->getLambdaClass())) out.functions.insert(f);
      return out;
    }
    if (const auto* x = dyn_cast<UnaryOperator>(e); x && (x->getOpcode() == UO_AddrOf || x->getOpcode() == UO_Deref)) return callables_of(x->getSubExpr());
    if (const auto* x = dyn_cast<CXXConstructExpr>(e)) {
      if (x->getNumArgs() == 0) return out;  // an empty std::function: calling it throws
      return callables_of(x->getArg(0));
    }
    if (isa<CXXNullPtrLiteralExpr, GNUNullExpr>(e)) return out;
    if (const auto* x = dyn_cast<AbstractConditionalOperator>(e)) {
      out = callables_of(x->getTrueExpr());
      out.add(callables_of(x->getFalseExpr()));
      return out;
    }
    if (const auto* x = dyn_cast<CXXMemberCallExpr>(e); x && isa_and_nonnull<CXXConversionDecl>(x->getMethodDecl())) {
      return callables_of(x->getImplicitObjectArgument());  // a lambda turned into a pointer
    }
    if (const auto* x = dyn_cast<CallExpr>(e)) {
      const FunctionDecl* f = x->getDirectCallee();
      if (f && f->getIdentifier() && in_std(f) && (f->getName() == "move" || f->getName() == "forward") && x->getNumArgs() == 1) return callables_of(x->getArg(0));
    }
    if (const auto* x = dyn_cast<DeclRefExpr>(e)) {
      if (const auto* f = dyn_cast<FunctionDecl>(x->getDecl())) {
        out.functions.insert(f);
        return out;
      }
      if (const auto* v = dyn_cast<VarDecl>(x->getDecl())) {
        const CXXRecordDecl* r = v->getType().getNonReferenceType()->getAsCXXRecordDecl();
        if (r && !is_std_function(v->getType())) {
          for (const FunctionDecl* f : call_operators(r)) out.functions.insert(f);
          out.complete = !out.functions.empty() && r->isLambda();
          return out;
        }
        const auto known = variables_.find(v->getCanonicalDecl());
        if (known != variables_.end() && v->isLocalVarDecl() && !v->isStaticLocal()) return known->second;
      }
    }
    out.complete = false;
    return out;
  }

  void set_callables(const VarDecl* v, const Expr* from) {
    if (!is_function_like(v->getType()) && !is_std_function(v->getType())) return;
    auto [at, fresh] = variables_.try_emplace(v->getCanonicalDecl());
    at->second.add(callables_of(from));
  }

  void call(const CallExpr* e) {
    const FunctionDecl* f = e->getDirectCallee();
    const Arguments arguments = arguments_of(e);
    const SourceLocation at = e->getExprLoc();
    if (isa<CXXPseudoDestructorExpr>(e->getCallee()->IgnoreParens())) return;
    if (f && in_hindsight(f)) {
      if (is_hindsight(f, "state")) out_.state_calls.push_back({arguments.arguments, at, scope_});
      return;
    }
    if (!f || (arguments.object && f->getOverloadedOperator() == OO_Call && is_std_function(arguments.object->getType()))) {
      through_pointer(arguments.object && f ? arguments.object : e->getCallee(), arguments, at);
      return;
    }
    if (arguments.object && forwards_to_module(f, arguments, at)) return;
    if (may_be_overridden(e)) virtual_call(f, arguments, at);
    else direct(f, arguments, at);
  }

  void direct(const FunctionDecl* f, const Arguments& arguments, SourceLocation at) {
    called(f);
    if (const Summary* summary = effects_.summary(f)) {
      apply(f, *summary, arguments, at);
      if (const auto* m = dyn_cast<CXXMethodDecl>(f); m && m->isDefaulted()) remember(f, arguments);
    } else if (effects_.user().is_user(f)) {
      by_signature(f, arguments, at);
    } else {
      library(f, arguments, at);
    }
  }

  // A function pointer or std::function.
  void through_pointer(const Expr* callee, const Arguments& arguments, SourceLocation at) {
    const Callables callables = callables_of(callee);
    for (const FunctionDecl* f : callables.functions) {
      Arguments plain = arguments;
      plain.object = nullptr;
      direct(f, plain, at);
    }
    if (callables.complete && !callables.functions.empty()) return;
    unknown_call(at);
    if (arguments.object) modify(places_of_object(arguments), at, "called through a pointer");
    const bool object = !is_function_like(callee->getType());
    if (object) modify(targets(callee).places, at, "reached by a call through a pointer or std::function");
    if (object && callee->isGLValue()) modify(through(lvalue(callee)), at, "reached by a call through a pointer or std::function");
    for (const Expr* a : arguments.arguments) {
      if (a->isGLValue() && !a->getType().isConstQualified()) modify(lvalue(a), at, "argument of a call through a pointer or std::function");
      if (!is_read_only_view(a->getType())) modify(targets(a).places, at, "argument of a call through a pointer or std::function");
    }
  }

  void virtual_call(const FunctionDecl* f, const Arguments& arguments, SourceLocation at) {
    const auto* m = cast<CXXMethodDecl>(f);
    const std::set<const FunctionDecl*>& others = effects_.overriders(m);
    const bool user = effects_.user().is_user(f);
    if (user || !others.empty()) unknown_call(at);
    direct(f, arguments, at);
    if (user) by_signature(f, arguments, at);  // it may be overridden where nobody looks
    for (const FunctionDecl* other : others) {
      called(other);
      const Summary* summary = effects_.summary(other);
      if (summary) apply(other, *summary, arguments, at);
    }
  }

  // `net(x)` of a torch module holder runs the module's forward().
  bool forwards_to_module(const FunctionDecl* f, const Arguments& arguments, SourceLocation at) {
    if (f->getOverloadedOperator() != OO_Call || !is_module(arguments.object->getType()) || !in_torch(f)) return false;
    const auto* holder = dyn_cast<ClassTemplateSpecializationDecl>(cast<CXXMethodDecl>(f)->getParent());
    if (!holder || holder->getTemplateArgs().size() == 0 || holder->getTemplateArgs()[0].getKind() != TemplateArgument::Type) return false;
    const CXXRecordDecl* module = holder->getTemplateArgs()[0].getAsType()->getAsCXXRecordDecl();
    if (!module || !effects_.user().is_user(module) || !module->hasDefinition()) return false;
    modify(through(places_of_object(arguments)), at, "called as a module");
    for (const CXXMethodDecl* m : module->getDefinition()->methods()) {
      if (!m->getIdentifier() || m->getName() != "forward") continue;
      called(m);
      if (const Summary* summary = effects_.summary(m)) {
        // The receiver is behind the holder and modified as a whole already; the arguments matter.
        Arguments plain = arguments;
        plain.object = nullptr;
        apply(m, *summary, plain, at);
      } else {
        Arguments plain = arguments;
        plain.object = nullptr;
        by_signature(m, plain, at);
      }
    }
    return true;
  }

  // References that a call may keep: a method's object, or an object taken by non-const reference, may refer to the
  // other arguments afterwards.
  void remember(const FunctionDecl* f, const Arguments& call) {
    if (in_torch(f) && f->getOverloadedOperator() != OO_Equal && !(f->getIdentifier() && keeps_arguments(f->getName()))) return;
    Reach all;
    for (std::size_t i = 0; i < call.arguments.size(); ++i) {
      // A tensor by const reference is input, as all of torch has it.
      if (i < f->getNumParams() && contains_tensor(f->getParamDecl(static_cast<unsigned>(i))->getType()) && !in_std(f) &&
          f->getParamDecl(static_cast<unsigned>(i))->getType()->isReferenceType() && !is_writable_reference(f->getParamDecl(static_cast<unsigned>(i))->getType()) &&
          !f->isOverloadedOperator() && !in_torch(f)) {
        continue;
      }
      all.add(targets(call.arguments[i]));
      if (i < f->getNumParams() && call.arguments[i]->isGLValue()) {
        const QualType t = f->getParamDecl(static_cast<unsigned>(i))->getType();
        if (t->isLValueReferenceType() && !t->getPointeeType().isConstQualified()) merge(all.places, lvalue(call.arguments[i]));
      }
    }
    const auto* m = dyn_cast<CXXMethodDecl>(f);
    if (call.object && m && !m->isConst() && holds(object_type(call.object))) {
      if (m->getOverloadedOperator() == OO_Equal && !call.arguments.empty()) {
        Reach assigned = targets(call.arguments[0]);
        for (const Place& p : places_of_object(call)) alias(p.root, p.path.empty() ? assigned : with_own(assigned));
        if (const auto* ref = dyn_cast<DeclRefExpr>(call.object->IgnoreParenImpCasts())) {
          if (const auto* v = dyn_cast<VarDecl>(ref->getDecl())) set_callables(v, call.arguments[0]);
        }
      } else {
        hand_over(places_of_object(call), all);
      }
    }
    for (std::size_t i = 0; i < call.arguments.size() && i < f->getNumParams(); ++i) {
      const QualType t = f->getParamDecl(static_cast<unsigned>(i))->getType();
      const Expr* a = call.arguments[i];
      if (t->isLValueReferenceType() && !t->getPointeeType().isConstQualified() && a->isGLValue() && holds(t->getPointeeType())) {
        Reach others;
        for (std::size_t j = 0; j < call.arguments.size(); ++j) {
          if (j != i) others.add(targets(call.arguments[j]));
        }
        hand_over(lvalue(a), others);
        forget_callables(a);
      } else if (t->isPointerType() && !t->getPointeeType().isConstQualified()) {
        const Expr* pointed = bare(a);
        if (const auto* address = dyn_cast<UnaryOperator>(pointed); address && address->getOpcode() == UO_AddrOf) forget_callables(address->getSubExpr());
      }
    }
  }
  static Reach with_own(Reach r) {
    r.own = true;
    return r;
  }
  void forget_callables(const Expr* e) {
    const auto* ref = dyn_cast<DeclRefExpr>(e->IgnoreParenImpCasts());
    const auto* v = ref ? dyn_cast<VarDecl>(ref->getDecl()) : nullptr;
    if (v && (is_function_like(v->getType()) || is_std_function(v->getType()))) variables_[v->getCanonicalDecl()].complete = false;
  }

  // A function of the user's whose body is not here.
  void by_signature(const FunctionDecl* f, const Arguments& call, SourceLocation at) {
    const std::string by = f->getNameAsString() + "(), whose body is not in this unit";
    const auto* m = dyn_cast<CXXMethodDecl>(f);
    if (call.object && m && !m->isConst() && !m->isStatic()) {
      const Places object = places_of_object(call);
      modify(object, at, "non-const method " + by);
      if (holds(object_type(call.object))) modify(through(object), at, "non-const method " + by);
    }
    for (std::size_t i = 0; i < call.arguments.size(); ++i) {
      const Expr* a = call.arguments[i];
      if (i >= f->getNumParams()) {
        if (a->getType()->isPointerType() && !is_read_only_view(a->getType())) modify(targets(a).places, at, "argument of " + by);
        continue;
      }
      const QualType t = f->getParamDecl(static_cast<unsigned>(i))->getType();
      if (t->isLValueReferenceType()) {
        const QualType to = t->getPointeeType();
        if (!to.isConstQualified()) {
          modify(lvalue(a), at, "argument of " + by);
          if (holds(to)) modify(through(lvalue(a)), at, "argument of " + by);
        } else if (is_owning_handle(to) && !is_tensor(to) && !is_read_only_view(to)) {
          const CXXRecordDecl* r = to->getAsCXXRecordDecl();
          const bool container = r && in_std(r) && r->getIdentifier() && r->getName() != "shared_ptr" && r->getName() != "unique_ptr";
          if (!container) modify(through(lvalue(a)), at, "argument of " + by);
        }
      } else if (t->isRValueReferenceType()) {
        if (a->isXValue() && !isa<MaterializeTemporaryExpr>(a->IgnoreParenImpCasts())) modify(lvalue(a), at, "moved into " + by);
        else modify(targets(a).places, at, "argument of " + by);
      } else if (holds(t) && !is_read_only_view(t)) {
        modify(targets(a).places, at, "argument of " + by);
      }
    }
    callbacks(call, f, at);
    remember(f, call);
  }

  // A function of a library, judged by its signature and by what is known of its name.
  void library(const FunctionDecl* f, const Arguments& call, SourceLocation at) {
    const llvm::StringRef name = f->getIdentifier() ? f->getName() : llvm::StringRef();
    const bool standard = in_std(f), torch = in_torch(f);
    if (!standard && !f->getBuiltinID() && !writes_text(name)) out_.library_calls.push_back(active_);
    if (draws_random_numbers(name) && (torch || standard || top_namespace(f).empty())) out_.draws.push_back(offset(at));
    if (name == "backward" && torch) {
      out_.backward.push_back(active_);
      if (!call.object) return;
    }
    const auto* m = dyn_cast<CXXMethodDecl>(f);
    if (call.object && m && !m->isStatic()) library_object(m, name, call, at);
    const bool forwards = standard && takes_arguments_over(name);
    const bool in_place = torch && !call.object && changes_in_place(name);
    const std::string by = "argument of " + f->getNameAsString() + "()";
    for (std::size_t i = 0; i < call.arguments.size(); ++i) {
      const Expr* a = call.arguments[i];
      if (i >= f->getNumParams()) {
        if (a->getType()->isPointerType() && !is_read_only_view(a->getType()) && !writes_text(name)) modify(targets(a).places, at, by);
        continue;
      }
      const QualType t = f->getParamDecl(static_cast<unsigned>(i))->getType();
      if (t->isLValueReferenceType() && !t->getPointeeType().isConstQualified()) {
        if (forwards || (torch && is_forwarding(f, static_cast<unsigned>(i)) && !in_place)) continue;
        modify(lvalue(a), at, by);
        if (torch && holds(t->getPointeeType())) modify(through(lvalue(a)), at, by);
      } else if (t->isRValueReferenceType()) {
        // Only std::move() and the like: a temporary is nobody's.
        const bool cast = standard && (name == "move" || name == "forward" || name == "move_if_noexcept");
        if (!cast && a->isXValue() && !isa<MaterializeTemporaryExpr>(a->IgnoreParenImpCasts())) modify(lvalue(a), at, "moved into " + f->getNameAsString() + "()");
      } else if (t->isPointerType()) {
        if (is_read_only_view(t) || is_function_like(t) || t->getPointeeType().isConstQualified() || writes_text(name)) continue;
        if (standard && (forwards || reads_only(name, static_cast<unsigned>(i), f->getNumParams()))) continue;
        modify(targets(a).places, at, by);
      } else if (in_place && holds(t)) {
        modify(targets(a).places, at, by);
      } else if (in_place && t->isReferenceType() && holds(t->getPointeeType())) {
        modify(through(lvalue(a)), at, by);
      } else if (!t->isReferenceType() && holds(t) && !torch) {
        if (standard && is_library_callable(t)) {
          // std::ref(generator) and the like: called through, not iterated over.
        } else if (standard) {
          if (call.object || forwards || !is_iterator(t) || is_read_only_view(t) || reads_only(name, static_cast<unsigned>(i), f->getNumParams())) {
            if (!reads_stream(t)) continue;
          }
        } else if (is_read_only_view(t) || is_lambda_type(t)) {
          continue;
        }
        modify(targets(a).places, at, by);
      }
      if (in_place && t->isLValueReferenceType() && t->getPointeeType().isConstQualified() && holds(t->getPointeeType())) modify(through(lvalue(a)), at, by);
    }
    callbacks(call, f, at);
    remember(f, call);
  }

  void library_object(const CXXMethodDecl* m, llvm::StringRef name, const Arguments& call, SourceLocation at) {
    const QualType type = object_type(call.object);
    const bool standard = in_std(m);
    const std::string what = m->getIdentifier() ? m->getNameAsString() + "()" : m->getNameAsString();
    if (is_tensor(type)) {
      const OverloadedOperatorKind op = m->getOverloadedOperator();
      if (op == OO_Equal) {
        if (m->getRefQualifier() == RQ_RValue || !is_assignable_name(call.object)) modify(through(places_of_object(call)), at, "assigned through a view");
        modify(places_of_object(call), at, "assigned");
      } else if (op == OO_PlusEqual || op == OO_MinusEqual || op == OO_StarEqual || op == OO_SlashEqual || op == OO_PercentEqual || op == OO_AmpEqual || op == OO_PipeEqual || op == OO_CaretEqual) {
        modify(places_of_object(call), at, "changed in place by " + what);
        modify(through(places_of_object(call)), at, "changed in place by " + what);
      } else if (changes_in_place(name)) {
        modify(through(places_of_object(call)), at, "changed in place by " + what);
      } else if (!m->isConst() && !is_accessor(m) && name != "backward") {
        modify(places_of_object(call), at, "non-const method " + what);
      }
      return;
    }
    if (m->isConst() || is_accessor(m) || is_synchronisation(type)) {
      if (m->isConst() && in_torch(m) && changes_in_place(name)) modify(through(places_of_object(call)), at, "changed in place by " + what);
      return;
    }
    const Places object = places_of_object(call);
    modify(object, at, m->getOverloadedOperator() == OO_Equal ? "assigned" : "non-const method " + what);
    if (standard) {
      // An element that is assigned through an iterator or a smart pointer is reached by operator*, not by these.
      const CXXRecordDecl* r = m->getParent();
      const bool wrapper = r->getIdentifier() && (r->getName() == "reference_wrapper" || r->getName() == "thread" || r->getName() == "packaged_task");
      const bool tie = m->getOverloadedOperator() == OO_Equal && has_reference_argument(type);  // std::tie(a, b) = ...
      if (wrapper || tie) modify(through(object), at, "non-const method " + what);
      return;
    }
    if (holds(type) && m->getOverloadedOperator() != OO_Equal) modify(through(object), at, "non-const method " + what);
  }

  static bool has_reference_argument(QualType t) {
    const auto* r = dyn_cast_or_null<ClassTemplateSpecializationDecl>(t->getAsCXXRecordDecl());
    if (!r) return false;
    for (const TemplateArgument& a : r->getTemplateArgs().asArray()) {
      if (a.getKind() == TemplateArgument::Type && a.getAsType()->isReferenceType()) return true;
      if (a.getKind() != TemplateArgument::Pack) continue;
      for (const TemplateArgument& b : a.pack_elements()) {
        if (b.getKind() == TemplateArgument::Type && b.getAsType()->isReferenceType()) return true;
      }
    }
    return false;
  }

  // A plain variable or member: assigning rebinds the handle. Anything else (`w[0] = x`) writes into what it refers to.
  static bool is_assignable_name(const Expr* e) {
    e = e->IgnoreParenImpCasts();
    return isa<DeclRefExpr, MemberExpr>(e) || (isa<CallExpr>(e) && e->isLValue());
  }

  static bool is_forwarding(const FunctionDecl* f, unsigned index) {
    const FunctionDecl* pattern = f->getTemplateInstantiationPattern();
    if (!pattern || pattern->getNumParams() == 0) return false;
    const ParmVarDecl* p = pattern->getParamDecl(std::min(index, pattern->getNumParams() - 1));
    QualType t = p->getType();
    if (const auto* pack = t->getAs<PackExpansionType>()) t = pack->getPattern();
    return t->isRValueReferenceType() && t->getPointeeType()->isTemplateTypeParmType();
  }

  bool is_library_callable(QualType t) const {
    const CXXRecordDecl* r = t->getAsCXXRecordDecl();
    if (!r || !r->hasDefinition() || effects_.user().is_user(r) || is_std_function(t)) return false;
    return std::any_of(r->getDefinition()->decls_begin(), r->getDefinition()->decls_end(), [](const Decl* d) {
      const FunctionDecl* f = d->getAsFunction();
      return f && f->getOverloadedOperator() == OO_Call;
    });
  }
  static bool is_lambda_type(QualType t) {
    const CXXRecordDecl* r = t->getAsCXXRecordDecl();
    return r && r->isLambda();
  }
  static bool reads_stream(QualType t) {
    const CXXRecordDecl* r = t->getAsCXXRecordDecl();
    return r && r->getIdentifier() && (r->getName() == "istreambuf_iterator" || r->getName() == "istream_iterator" || r->getName() == "ostream_iterator");
  }
  static bool is_iterator(QualType t) {
    const CXXRecordDecl* r = t->getAsCXXRecordDecl();
    if (!r || !r->hasDefinition()) return false;
    for (const CXXMethodDecl* m : r->methods()) {
      if (m->getOverloadedOperator() == OO_Star && m->getNumParams() == 0) return true;
      if (m->getOverloadedOperator() == OO_Subscript) return true;  // span
    }
    return false;
  }

  void construct(const CXXConstructExpr* e) {
    const CXXConstructorDecl* c = e->getConstructor();
    if (in_hindsight(c)) return;
    Arguments call;
    call.arguments.assign(e->getArgs(), e->getArgs() + e->getNumArgs());
    const SourceLocation at = e->getExprLoc();
    called(c);
    if (const Summary* summary = effects_.summary(c)) {
      apply(c, *summary, call, at);
      return;
    }
    if (c->isCopyConstructor()) return;
    const bool user = effects_.user().is_user(c) && !c->isImplicit() && !c->isDefaulted();
    const bool standard = in_std(c);
    for (unsigned i = 0; i < e->getNumArgs(); ++i) {
      const Expr* a = e->getArg(i);
      if (i >= c->getNumParams()) continue;
      const QualType t = c->getParamDecl(i)->getType();
      if (t->isRValueReferenceType()) {
        if (a->isXValue() && !isa<MaterializeTemporaryExpr>(a->IgnoreParenImpCasts())) modify(lvalue(a), at, "moved from");
      } else if (t->isLValueReferenceType() && !t->getPointeeType().isConstQualified()) {
        if (user || (!standard && !in_torch(c) && !holds(e->getType()))) modify(lvalue(a), at, "argument of a constructor");
      } else if (!t->isReferenceType() && holds(t) && !is_read_only_view(t)) {
        if (user || (standard && reads_stream(t))) modify(targets(a).places, at, "argument of a constructor");
      }
    }
    // A function object that is only stored is called where it is used; a thread starts at once.
    const CXXRecordDecl* r = c->getParent();
    const bool starts = standard && r->getIdentifier() && (r->getName() == "thread" || r->getName() == "jthread");
    if (starts || user) callbacks(call, c, at);
  }

  void initialisers(const CXXConstructorDecl* c) {
    for (const CXXCtorInitializer* init : c->inits()) {
      walk(init->getInit());
      if (!init->isAnyMemberInitializer() || !init->getInit()) continue;
      const FieldDecl* field = init->getAnyMember();
      Reach reach;
      if (field->getType()->isReferenceType()) reach.places = lvalue(init->getInit());
      else if (holds(field->getType())) reach = targets(init->getInit());
      if (!reach.places.empty()) alias(this_root(), with_own(reach));
    }
  }

  // ---- declarations ----

  void declare(const VarDecl* v) {
    if (v->getInit()) {
      walk(v->getInit());
      bind(v, v->getInit());
    }
    if (const auto* d = dyn_cast<DecompositionDecl>(v)) {
      for (const BindingDecl* b : d->bindings()) {
        if (const VarDecl* held = b->getHoldingVar(); held && held->getInit()) {
          walk(held->getInit());
          bind(held, held->getInit());
        }
      }
    }
    destroy(v->getType(), {Place{root_of(v), {}}}, v->getLocation(), 0);
  }

  void bind(const VarDecl* v, const Expr* init) {
    if (v->getType()->isReferenceType()) alias(root_of(v), {lvalue(init), false});
    else if (holds(v->getType())) alias(root_of(v), targets(init));
    set_callables(v, init);
  }

  // The destructors that run for an object of the type.
  void destroy(QualType t, const Places& places, SourceLocation at, int depth) {
    if (t->isReferenceType() || t->isPointerType() || depth > 4) return;
    if (const auto* array = t->getAsArrayTypeUnsafe()) return destroy(array->getElementType(), places, at, depth + 1);
    const CXXRecordDecl* r = t->getAsCXXRecordDecl();
    if (!r || !r->hasDefinition() || !effects_.user().is_user(r)) return;
    r = r->getDefinition();
    if (const CXXDestructorDecl* d = r->getDestructor(); d && d->isUserProvided()) {
      called(d);
      if (const Summary* summary = effects_.summary(d)) {
        for (const auto& [place, why] : summary->modifies) {
          modify(place.root.kind == Root::Kind::kThis ? parts(places, place) : Places{place}, at, "modified by ~" + r->getNameAsString() + "(): " + why);
        }
        if (summary->unknown_calls) unknown_call(at);
      }
    }
    for (const FieldDecl* field : r->fields()) {
      Places inner;
      for (const Place& p : places) inner.insert(p.then(field->getCanonicalDecl()));
      destroy(field->getType(), inner, at, depth + 1);
    }
    for (const CXXBaseSpecifier& base : r->bases()) destroy(base.getType(), places, at, depth + 1);
  }

  // ---- statements ----

  void walk(const Stmt* s) {
    if (!s) return;
    if (loop(s)) return;
    const Stmt* const saved = scope_;
    if (isa<CompoundStmt, IfStmt, ForStmt, WhileStmt, DoStmt, CXXForRangeStmt, SwitchStmt, CXXTryStmt, AbstractConditionalOperator>(s)) scope_ = s;
    visit(s);
    scope_ = saved;
  }

  // A hindsight loop: what runs once is outside of it.
  bool loop(const Stmt* s) {
    for (std::size_t i = 0; i < out_.loops.size(); ++i) {
      if (out_.loops[i].driver != s || std::find(active_.begin(), active_.end(), i) != active_.end()) continue;
      const Stmt* const saved = scope_;
      scope_ = s;
      if (const auto* x = dyn_cast<CXXForRangeStmt>(s)) {
        walk(x->getInit());
        for (const DeclStmt* d : {x->getRangeStmt(), x->getBeginStmt(), x->getEndStmt()}) {
          if (d) visit(d);
        }
        active_.push_back(i);
        declare(x->getLoopVariable());
        walk(x->getBody());
      } else if (const auto* y = dyn_cast<ForStmt>(s)) {
        walk(y->getInit());
        active_.push_back(i);
        walk(y->getConditionVariableDeclStmt());
        walk(y->getCond());
        walk(y->getInc());
        walk(y->getBody());
      } else {
        active_.push_back(i);
        visit(s);
      }
      active_.pop_back();
      scope_ = saved;
      return true;
    }
    return false;
  }

  void children(const Stmt* s) {
    for (const Stmt* child : s->children()) walk(child);
  }

  void visit(const Stmt* s) {
    if (const auto* x = dyn_cast<DeclStmt>(s)) {
      for (const Decl* d : x->decls()) {
        if (const auto* v = dyn_cast<VarDecl>(d)) declare(v);
      }
      return;
    }
    if (isa<UnaryExprOrTypeTraitExpr, CXXNoexceptExpr, TypeTraitExpr, RequiresExpr, ConceptSpecializationExpr>(s)) return;
    if (const auto* x = dyn_cast<CXXTypeidExpr>(s)) {
      if (!x->isTypeOperand() && x->isPotentiallyEvaluated()) walk(x->getExprOperand());
      return;
    }
    if (const auto* x = dyn_cast<LambdaExpr>(s)) return lambda(x);
    if (const auto* x = dyn_cast<CXXDefaultArgExpr>(s)) return walk(x->getExpr());
    if (const auto* x = dyn_cast<CXXDefaultInitExpr>(s)) return walk(x->getExpr());
    if (const auto* x = dyn_cast<DeclRefExpr>(s)) return read(x);
    if (const auto* x = dyn_cast<AsmStmt>(s)) return assembly(x);
    if (isa<CoroutineSuspendExpr, CoroutineBodyStmt>(s)) unknown_call(s->getBeginLoc());
    children(s);
    if (const auto* x = dyn_cast<MemberExpr>(s)) return read(x);
    if (const auto* x = dyn_cast<CallExpr>(s)) return call(x);
    if (const auto* x = dyn_cast<CXXConstructExpr>(s)) return construct(x);
    if (const auto* x = dyn_cast<BinaryOperator>(s)) return assign(x);
    if (const auto* x = dyn_cast<UnaryOperator>(s)) {
      if (x->isIncrementDecrementOp()) modify(lvalue(x->getSubExpr()), x->getOperatorLoc(), x->isIncrementOp() ? "incremented" : "decremented");
      return;
    }
    if (const auto* x = dyn_cast<CXXDeleteExpr>(s)) {
      modify(targets(x->getArgument()).places, x->getBeginLoc(), "deleted");
      return destroy(x->getDestroyedType(), targets(x->getArgument()).places, x->getBeginLoc(), 0);
    }
    if (const auto* x = dyn_cast<CXXNewExpr>(s)) {
      for (unsigned i = 0; i < x->getNumPlacementArgs(); ++i) modify(targets(x->getPlacementArg(i)).places, x->getBeginLoc(), "built anew in place");
      return;
    }
    if (const auto* x = dyn_cast<CXXBindTemporaryExpr>(s)) return destroy(x->getType(), temporary_of(x->getSubExpr()), x->getBeginLoc(), 0);
    if (const auto* x = dyn_cast<ReturnStmt>(s); x && x->getRetValue() && !inside_lambda_) {
      if (out_.function->getReturnType()->isReferenceType()) merge(out_.returns.places, lvalue(x->getRetValue()));
      else out_.returns.add(targets(x->getRetValue()));
    }
  }

  void assign(const BinaryOperator* x) {
    if (!x->isAssignmentOp()) return;
    const Places places = lvalue(x->getLHS());
    modify(places, x->getOperatorLoc(), x->isCompoundAssignmentOp() ? "changed by " + x->getOpcodeStr().str() : "assigned");
    if (!holds(x->getLHS()->getType()) || x->isCompoundAssignmentOp()) return;
    const Reach reach = targets(x->getRHS());
    for (const Place& p : places) alias(p.root, p.path.empty() ? reach : with_own(reach));
    if (const auto* ref = dyn_cast<DeclRefExpr>(x->getLHS()->IgnoreParenImpCasts())) {
      if (const auto* v = dyn_cast<VarDecl>(ref->getDecl())) set_callables(v, x->getRHS());
    }
  }

  void read(const DeclRefExpr* e) {
    const auto* v = dyn_cast<VarDecl>(e->getDecl());
    if (v && (contains_tensor(v->getType()) || contains_module(v->getType()))) out_.reads.emplace_back(Place{root_of(v), {}}, active_);
  }
  void read(const MemberExpr* e) {
    const bool of_this = isa<CXXThisExpr>(e->getBase()->IgnoreParenImpCasts());
    if (!of_this || !(contains_tensor(e->getType()) || contains_module(e->getType()))) return;
    for (const Place& p : lvalue(e)) out_.reads.emplace_back(p, active_);
  }

  void assembly(const AsmStmt* s) {
    for (unsigned i = 0; i < s->getNumOutputs(); ++i) {
      if (const auto* gcc = dyn_cast<GCCAsmStmt>(s)) modify(lvalue(gcc->getOutputExpr(i)), s->getAsmLoc(), "written by assembler code");
    }
    for (unsigned i = 0; i < s->getNumClobbers(); ++i) {
      if (s->getClobber(i) == "memory" && s->getNumInputs() + s->getNumOutputs() > 0) modify({Place{unknown("memory"), {}}}, s->getAsmLoc(), "written by assembler code");
    }
    children(s);
  }

  // A lambda counts as called where it is written: nobody knows when the one it is handed to calls it.
  void lambda(const LambdaExpr* x) {
    auto init = x->capture_init_begin();
    for (const LambdaCapture& capture : x->captures()) {
      if (*init) walk(*init);
      // `[row = w[0]]`: a variable of its own.
      if (capture.capturesVariable() && *init && x->isInitCapture(&capture)) {
        if (const auto* v = dyn_cast<VarDecl>(capture.getCapturedVar())) bind(v, *init);
      }
      ++init;
    }
    std::vector<const FunctionDecl*> bodies;
    if (FunctionTemplateDecl* generic = x->getDependentCallOperator()) {
      for (const FunctionDecl* f : generic->specializations()) bodies.push_back(f);
    } else {
      bodies.push_back(x->getCallOperator());
    }
    const bool saved = inside_lambda_;
    const Stmt* const scope = scope_;
    inside_lambda_ = true;
    for (const FunctionDecl* f : bodies) {
      scope_ = nullptr;
      if (f->getBody()) walk_lambda_body(x, f);
    }
    inside_lambda_ = saved;
    scope_ = scope;
  }

  void walk_lambda_body(const LambdaExpr* x, const FunctionDecl* f) {
    const std::size_t before = out_.events.size();
    visit(f->getBody());
    if (x->isMutable()) disown_copies(x->getLambdaClass(), before);
  }

  // What a mutable lambda keeps by value is no variable that a state could name.
  void disown_copies(const CXXRecordDecl* lambda, std::size_t from) {
    for (std::size_t i = from; i < out_.events.size(); ++i) {
      Event& event = out_.events[i];
      const VarDecl* v = event.place.root.variable();
      for (const LambdaCapture& capture : lambda->captures()) {
        if (v && capture.capturesVariable() && capture.getCaptureKind() == LCK_ByCopy && capture.getCapturedVar()->getCanonicalDecl() == v && !event.place.passes_pointer()) {
          event.place = Place{unknown("the copy of '" + v->getNameAsString() + "' in a mutable lambda"), {}};
          break;
        }
      }
    }
  }

  const Effects& effects_;
  FunctionFacts& out_;
  std::vector<std::size_t> active_;
  const Stmt* scope_ = nullptr;
  bool inside_lambda_ = false;
  std::map<const VarDecl*, Callables> variables_;
};

}  // namespace

FunctionFacts read_facts(const Effects& effects, const FunctionDecl* f) {
  FunctionFacts out;
  out.function = f;
  out.loops = loops_of(effects.context(), f);
  Reader(effects, out).run();
  return out;
}

}  // namespace hindsight::instrument
