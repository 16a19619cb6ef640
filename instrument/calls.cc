// Calls: of what is known, through pointers, virtual, and of functions whose bodies are elsewhere.
#include "instrument/reader.h"

namespace hindsight::instrument {

using namespace clang;

Reader::Arguments Reader::arguments_of(const CallExpr* e) {
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

QualType Reader::object_type(const Expr* object) {
  const QualType t = object->IgnoreParenBaseCasts()->getType();
  return t->isPointerType() ? t->getPointeeType() : t.getNonReferenceType();
}

Places Reader::places_of_object(const Arguments& call) {
  return call.object->getType()->isPointerType() ? targets(call.object).places : lvalue(call.object);
}

bool Reader::has_pointer_semantics(QualType t) const {
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

bool Reader::may_be_overridden(const CallExpr* e) {
  const auto* member_call = dyn_cast<CXXMemberCallExpr>(e);
  const auto* m = dyn_cast_or_null<CXXMethodDecl>(e->getDirectCallee());
  if (!m || !m->isVirtual()) return false;
  if (const auto* callee = member_call ? dyn_cast<MemberExpr>(member_call->getCallee()->IgnoreParens()) : nullptr) {
    if (!callee->performsVirtualDispatch(effects_.context().getLangOpts())) return false;
    if (const auto* base = callee->getBase(); base && m->getDevirtualizedMethod(base, false)) return false;
  }
  return true;
}

Places Reader::substitute(const Place& p, const FunctionDecl* f, const Arguments& call) {
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

bool Reader::belongs_to(const ParmVarDecl* p, const FunctionDecl* f) {
  const auto* owner = dyn_cast<FunctionDecl>(p->getDeclContext());
  return owner && owner->getCanonicalDecl() == f->getCanonicalDecl();
}

void Reader::apply(const FunctionDecl* f, const Summary& summary, const Arguments& call, SourceLocation at) {
  const std::string name = is_lambda(f) ? "a lambda" : f->getNameAsString() + "()";
  for (const auto& [place, cause] : summary.modifies) {
    const std::size_t before = out_.events.size();
    modify(substitute(place, f, call), at, "modified by " + name + ": " + cause.why, cause.conditions, cause.is_certain);
    if (cause.background) in_background(before);
  }
  if (summary.unknown_calls) unknown_call(at);
  if (summary.library_calls) out_.library_calls.push_back(active_);
  if (summary.backward) out_.backward.push_back(active_);
  if (summary.backward) out_.backward_at.push_back(offset(at));
  if (summary.draws) out_.draws.push_back(offset(at));
  if (summary.writes_files) out_.writes_files_at.push_back(offset(at));
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

void Reader::called(const FunctionDecl* f, SourceLocation at) {
  if (!effects_.user().is_user(f)) return;
  ++step_;
  out_.calls.push_back({f, active_, step(), offset(at)});
}

void Reader::callbacks(const Arguments& call, const FunctionDecl* callee, SourceLocation at) {
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
      called(f, at);
      for (const ParmVarDecl* p : f->parameters()) {
        if (holds(p->getType())) alias(root_of(p), others);
      }
      if (const Summary* summary = effects_.summary(f)) {
        const std::string name = is_lambda(f) ? "a lambda" : f->getNameAsString() + "()";
        for (const auto& [place, cause] : summary->modifies) {
          const auto* parameter = dyn_cast_or_null<ParmVarDecl>(place.root.variable());
          if (parameter && belongs_to(parameter, f)) modify(others.places, at, "may be modified by " + name, cause.conditions);
          else if (place.root.kind == Root::Kind::kThis && function_like && !r) modify(others.places, at, "modified by " + name, cause.conditions);  // a pointer to a method
          else if (place.root.kind == Root::Kind::kThis && !is_lambda(f)) modify(parts(lvalue_or_temporary(a), place), at, "modified by " + name, cause.conditions);
          else modify({place}, at, "modified by " + name + ": " + cause.why, cause.conditions, cause.is_certain);
        }
        if (summary->unknown_calls) unknown_call(at);
        if (summary->library_calls) out_.library_calls.push_back(active_);
        if (summary->backward) out_.backward.push_back(active_);
        for (const Place& p : summary->reads) out_.reads.emplace_back(p, active_);
      } else if (effects_.user().is_user(f)) {
        unknown_call(at);
      } else if (!(callee && callee->getOverloadedOperator() == OO_LessLess)) {
        // A library's function; of a stream's manipulators the stream is all they touch.
        for (const ParmVarDecl* p : f->parameters()) {
          const QualType t = p->getType();
          const bool writes = is_writable_reference(t) || (t->isPointerType() && !is_read_only_view(t)) || (!t->isReferenceType() && holds(t));
          if (writes) modify(others.places, at, "may be modified by " + f->getNameAsString() + "()");
        }
      }
    }
  }
}

Places Reader::parts(const Places& objects, const Place& place) {
  Places out;
  for (const Place& object : objects) out.insert(object.then(place.path.begin() + (place.path.empty() ? 0 : 1), place.path.end()));
  return out;
}

Places Reader::lvalue_or_temporary(const Expr* e) { return e->isGLValue() ? lvalue(e) : temporary_of(e); }

std::vector<const FunctionDecl*> Reader::call_operators(const CXXRecordDecl* r) {
  std::vector<const FunctionDecl*> out;
  if (!r->hasDefinition()) return out;
  for (const Decl* d : r->getDefinition()->decls()) {
    if (const auto* m = dyn_cast<CXXMethodDecl>(d); m && m->getOverloadedOperator() == OO_Call) out.push_back(m);
    if (const auto* t = dyn_cast<FunctionTemplateDecl>(d); t && t->getTemplatedDecl()->getOverloadedOperator() == OO_Call) {
      for (const FunctionDecl* f : t->specializations()) out.push_back(f);
    }
  }
  for (const CXXBaseSpecifier& base : r->getDefinition()->bases()) {
    const CXXRecordDecl* b = base.getType()->getAsCXXRecordDecl();
    if (!b) continue;
    const std::vector<const FunctionDecl*> inherited = call_operators(b);
    out.insert(out.end(), inherited.begin(), inherited.end());
  }
  return out;
}

Callables Reader::callables_of(const Expr* e) {
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

void Reader::set_callables(const VarDecl* v, const Expr* from) {
  if (!is_function_like(v->getType()) && !is_std_function(v->getType())) return;
  auto [at, fresh] = variables_.try_emplace(v->getCanonicalDecl());
  at->second.add(callables_of(from));
}

void Reader::call(const CallExpr* e) {
  const FunctionDecl* f = e->getDirectCallee();
  const Arguments arguments = arguments_of(e);
  const SourceLocation at = e->getExprLoc();
  if (isa<CXXPseudoDestructorExpr>(e->getCallee()->IgnoreParens())) return;
  if (f && in_hindsight(f)) {
    if (is_hindsight(f, "state")) out_.state_calls.push_back({arguments.arguments, at, scope_, step()});
    return;
  }
  if (f && arguments.object && is_call_wrapper(f)) return wrapped(arguments, at);
  if (!f || (arguments.object && f->getOverloadedOperator() == OO_Call && is_std_function(arguments.object->getType()))) {
    through_pointer(arguments.object && f ? arguments.object : e->getCallee(), arguments, at);
    return;
  }
  if (arguments.object && forwards_to_module(f, arguments, at)) return;
  if (may_be_overridden(e)) virtual_call(f, arguments, at);
  else direct(f, arguments, at);
}

void Reader::direct(const FunctionDecl* f, const Arguments& arguments, SourceLocation at) {
  called(f, at);
  if (const Summary* summary = effects_.summary(f)) {
    apply(f, *summary, arguments, at);
    if (const auto* m = dyn_cast<CXXMethodDecl>(f); m && m->isDefaulted()) remember(f, arguments);
  } else if (effects_.user().is_user(f)) {
    by_signature(f, arguments, at, true);
  } else {
    library(f, arguments, at);
  }
}

void Reader::through_pointer(const Expr* callee, const Arguments& arguments, SourceLocation at) {
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

void Reader::wrapped(const Arguments& arguments, SourceLocation at) {
  const QualType type = arguments.object->getType().getNonReferenceType();
  if (!wraps_library_function(type)) unknown_call(at);
  const std::string why = "reached by a call of a " + type->getAsCXXRecordDecl()->getNameAsString();
  if (!type.isConstQualified()) modify(lvalue_or_temporary(arguments.object), at, why);
  modify(targets(arguments.object).places, at, why);
  for (const Expr* a : arguments.arguments) {
    if (a->isGLValue() && !a->getType().isConstQualified()) modify(lvalue(a), at, why);
    if (!is_read_only_view(a->getType())) modify(targets(a).places, at, why);
  }
}

void Reader::virtual_call(const FunctionDecl* f, const Arguments& arguments, SourceLocation at) {
  const auto* m = cast<CXXMethodDecl>(f);
  const DeclSet<FunctionDecl>& others = effects_.overriders(m);
  const bool user = effects_.user().is_user(f);
  // What overrides it in other units is found by joining the reports.
  if (!user) out_.calls.push_back({f, active_, step(), offset(at)});
  direct(f, arguments, at);
  if (user) by_signature(f, arguments, at, false);
  for (const FunctionDecl* other : others) {
    called(other, at);
    const Summary* summary = effects_.summary(other);
    if (summary) apply(other, *summary, arguments, at);
  }
}

bool Reader::forwards_to_module(const FunctionDecl* f, const Arguments& arguments, SourceLocation at) {
  if (f->getOverloadedOperator() != OO_Call || !is_module(arguments.object->getType()) || !in_torch(f)) return false;
  const auto* holder = dyn_cast<ClassTemplateSpecializationDecl>(cast<CXXMethodDecl>(f)->getParent());
  if (!holder || holder->getTemplateArgs().size() == 0 || holder->getTemplateArgs()[0].getKind() != TemplateArgument::Type) return false;
  const CXXRecordDecl* module = holder->getTemplateArgs()[0].getAsType()->getAsCXXRecordDecl();
  if (!module || !effects_.user().is_user(module) || !module->hasDefinition()) return false;
  modify(through(places_of_object(arguments)), at, "called as a module");
  for (const CXXMethodDecl* m : module->getDefinition()->methods()) {
    if (!m->getIdentifier() || m->getName() != "forward") continue;
    called(m, at);
    if (const Summary* summary = effects_.summary(m)) {
      // The receiver is behind the holder and modified as a whole already; the arguments matter.
      Arguments plain = arguments;
      plain.object = nullptr;
      apply(m, *summary, plain, at);
    } else {
      Arguments plain = arguments;
      plain.object = nullptr;
      by_signature(m, plain, at, true);
    }
  }
  return true;
}

void Reader::remember(const FunctionDecl* f, const Arguments& call) {
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

Reach Reader::with_own(Reach r) {
  r.own = true;
  return r;
}

void Reader::forget_callables(const Expr* e) {
  const auto* ref = dyn_cast<DeclRefExpr>(e->IgnoreParenImpCasts());
  const auto* v = ref ? dyn_cast<VarDecl>(ref->getDecl()) : nullptr;
  if (v && (is_function_like(v->getType()) || is_std_function(v->getType()))) variables_[v->getCanonicalDecl()].complete = false;
}

void Reader::by_signature(const FunctionDecl* f, const Arguments& call, SourceLocation at, bool final) {
  const std::string by = f->getNameAsString() + "(), whose body is not in this unit";
  // Where an override may run that no report is about, what the signature allows is what happens.
  auto given = [&](int parameter, bool by_signature) { return final ? Conditions{false, {{report_name(f), parameter, by_signature}}} : Conditions{by_signature, {}}; };
  auto reached = [&](const Places& places, const std::string& why, const Conditions& conditions) {
    if (conditions.always || !conditions.any.empty()) modify(places, at, why, conditions);
  };
  const auto* m = dyn_cast<CXXMethodDecl>(f);
  if (call.object && m && !m->isStatic()) {
    const Places object = places_of_object(call);
    const bool refers = holds(object_type(call.object));
    const CXXRecordDecl* r = m->getParent();
    const bool by_signature = !m->isConst() || refers || (r->hasDefinition() && r->hasMutableFields());
    reached(object, (m->isConst() ? "method " : "non-const method ") + by, given(Condition::kThis, by_signature));
    if (refers) reached(through(object), "method " + by, given(Condition::kThis, by_signature));
  }
  for (std::size_t i = 0; i < call.arguments.size(); ++i) {
    const Expr* a = call.arguments[i];
    if (i >= f->getNumParams()) {
      if (a->getType()->isPointerType() && !is_read_only_view(a->getType())) modify(targets(a).places, at, "argument of " + by);
      continue;
    }
    const int parameter = static_cast<int>(i);
    const QualType t = f->getParamDecl(static_cast<unsigned>(i))->getType();
    if (t->isLValueReferenceType()) {
      const QualType to = t->getPointeeType();
      const bool writes = !to.isConstQualified();
      reached(lvalue(a), "argument of " + by, given(parameter, writes));
      if (holds(to)) {
        // A const tensor is input where nothing is known; so is what a const container has.
        const CXXRecordDecl* r = to->getAsCXXRecordDecl();
        const bool container = r && in_std(r) && r->getIdentifier() && r->getName() != "shared_ptr" && r->getName() != "unique_ptr";
        const bool handle = is_owning_handle(to) && !is_tensor(to) && !is_read_only_view(to) && !container;
        const bool view = !is_owning_handle(to) && !is_read_only_view(to);
        reached(through(lvalue(a)), "argument of " + by, given(parameter, writes || handle || view));
      }
    } else if (t->isRValueReferenceType()) {
      if (a->isXValue() && !isa<MaterializeTemporaryExpr>(a->IgnoreParenImpCasts())) modify(lvalue(a), at, "moved into " + by);
      else modify(targets(a).places, at, "argument of " + by);
    } else if (holds(t)) {
      reached(targets(a).places, "argument of " + by, given(parameter, !is_read_only_view(t)));
    }
  }
  callbacks(call, f, at);
  remember(f, call);
}

void Reader::construct(const CXXConstructExpr* e) {
  const CXXConstructorDecl* c = e->getConstructor();
  if (in_hindsight(c)) return;
  Arguments call;
  call.arguments.assign(e->getArgs(), e->getArgs() + e->getNumArgs());
  const SourceLocation at = e->getExprLoc();
  called(c, at);
  if (const Summary* summary = effects_.summary(c)) {
    apply(c, *summary, call, at);
    return;
  }
  const bool given = !c->isImplicit() && !c->isDefaulted();
  if (effects_.user().is_user(c)) {
    if (given) by_signature(c, call, at, true);
    return;
  }
  uses_files(file_use(c, call.arguments), at);
  if (!effects_.library_derived().empty()) out_.library_calls.push_back(active_);
  run_by_library(c, call, at);
  if (c->isCopyConstructor()) return;
  const bool standard = in_std(c);
  for (unsigned i = 0; i < e->getNumArgs(); ++i) {
    const Expr* a = e->getArg(i);
    if (i >= c->getNumParams()) continue;
    const QualType t = c->getParamDecl(i)->getType();
    if (t->isRValueReferenceType()) {
      if (a->isXValue() && !isa<MaterializeTemporaryExpr>(a->IgnoreParenImpCasts())) modify(lvalue(a), at, "moved from");
    } else if (t->isLValueReferenceType() && !t->getPointeeType().isConstQualified()) {
      if (!standard && !in_torch(c) && !holds(e->getType())) modify(lvalue(a), at, "argument of a constructor");
    } else if (!t->isReferenceType() && holds(t) && !is_read_only_view(t)) {
      if (standard && reads_stream(t)) modify(targets(a).places, at, "argument of a constructor");
    }
  }
  // A function object that is only stored is called where it is used; a thread starts at once.
  const CXXRecordDecl* r = c->getParent();
  const bool starts = standard && r->getIdentifier() && (r->getName() == "thread" || r->getName() == "jthread");
  if (!starts) return;
  const std::size_t before = out_.events.size();
  callbacks(call, c, at);
  in_background(before);
}

void Reader::initialisers(const CXXConstructorDecl* c) {
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

}  // namespace hindsight::instrument
