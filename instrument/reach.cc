// What expressions stand for: objects, and what is reached through values.
#include "instrument/reader.h"

#include <clang/AST/DeclOpenMP.h>

namespace hindsight::instrument {

using namespace clang;

Places Reader::lvalue(const Expr* e) {
  if (!e) return {};
  e = e->IgnoreParens();
  if (const auto* x = dyn_cast<DeclRefExpr>(e)) return named(x->getDecl());
  if (const auto* x = dyn_cast<MemberExpr>(e)) return member(x);
  if (const auto* x = dyn_cast<ArraySubscriptExpr>(e)) return x->getBase()->getType()->isVectorType() ? lvalue(x->getBase()) : targets(x->getBase()).places;
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
  if (const auto* x = dyn_cast<InitListExpr>(e); x && x->isGLValue() && x->getNumInits() == 1) return lvalue(x->getInit(0));  // a reference: `net_{net}`
  if (isa<CompoundLiteralExpr, InitListExpr>(e) || e->isPRValue()) return temporary_of(e);
  return {Place{unknown("an expression"), {}}};
}

Places Reader::temporary_of(const Expr* e) {
  const Root root = temporary(e);
  if (holds(e->getType())) alias(root, targets(e));
  return {Place{root, {}}};
}

Places Reader::named(const ValueDecl* d) {
  if (const auto* captured = dyn_cast<OMPCapturedExprDecl>(d)) return lvalue(captured->getInit());
  if (const auto* v = dyn_cast<VarDecl>(d)) return {Place{root_of(v), {}}};
  if (const auto* b = dyn_cast<BindingDecl>(d)) {
    if (const VarDecl* held = b->getHoldingVar()) return {Place{root_of(held), {}}};
    if (b->getBinding()) return lvalue(b->getBinding());
    return {Place{unknown(b->getNameAsString()), {}}};
  }
  return {};
}

Places Reader::member(const MemberExpr* e) {
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

Reach Reader::targets(const Expr* e) {
  Reach out;
  if (!e) return out;
  e = e->IgnoreParens();
  if (!holds(e->getType()) && !e->getType()->isArrayType()) return out;
  if (e->getType()->isArrayType() && e->isGLValue()) return {lvalue(e), false};
  if (const auto* x = dyn_cast<CastExpr>(e)) {
    if (x->getCastKind() == CK_ArrayToPointerDecay) return {lvalue(x->getSubExpr()), false};
    if (x->getCastKind() == CK_NullToPointer) return out;
    if (isa<ExplicitCastExpr>(x) && x->getSubExpr()->getType()->isPointerType() && !holds(x->getSubExpr()->getType())) {
      return {{Place{unknown("what a cast takes const from"), {}}}, false};
    }
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

bool Reader::is_writable_reference(QualType t) { return t->isReferenceType() && !t->getPointeeType().isConstQualified(); }

Reach Reader::captured(const LambdaExpr* e) {
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

Reach Reader::constructed(const CXXConstructExpr* e) {
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

// Each call is asked for what it gives by what is called on it, as an object and as a value: without a memory a chain of n calls takes 2^n steps.
const Reach& Reader::result(const CallExpr* e) {
  if (const auto known = results_.find(e); known != results_.end()) return known->second;
  Reach found = find_result(e);
  return results_.emplace(e, std::move(found)).first->second;
}

Reach Reader::find_result(const CallExpr* e) {
  Reach out;
  const QualType type = e->getType();
  const bool reference = e->isGLValue();
  if (!reference && !holds(type)) return out;
  const FunctionDecl* f = e->getDirectCallee();
  const Arguments call = arguments_of(e);
  if (f && f->getIdentifier() && f->getName() == "__errno_location") return {{}, true};
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
  if (f && is_hindsight(f, "loop") && call.arguments.size() >= 2) {
    // Gives the elements of its range; the state is only looked at.
    const Expr* range = call.arguments[1];
    out.add(targets(range));
    if (range->isGLValue() && !range->getType()->isArithmeticType()) merge(out.places, lvalue(range));
    out.own = true;
    return out;
  }
  if (f && allocates(f)) {
    for (const Expr* a : call.arguments) out.add(targets(a));
    out.own = true;
    return out;
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

bool Reader::is_arithmetic(OverloadedOperatorKind op) {
  return op == OO_Plus || op == OO_Minus || op == OO_Star || op == OO_Slash || op == OO_Percent || op == OO_EqualEqual || op == OO_ExclaimEqual ||
         op == OO_Less || op == OO_Greater || op == OO_LessEqual || op == OO_GreaterEqual || op == OO_Tilde || op == OO_Exclaim ||
         op == OO_Amp || op == OO_Pipe || op == OO_Caret;
}

}  // namespace hindsight::instrument
