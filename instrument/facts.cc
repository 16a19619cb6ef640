// Statements and declarations of one function.
#include "instrument/reader.h"

#include <clang/AST/Attr.h>
#include <clang/AST/OpenMPClause.h>

namespace hindsight::instrument {

using namespace clang;

void Reader::run() {
  // The first round finds what names may stand for and which functions variables hold, the second makes use of it.
  for (int round = 0; round < 2; ++round) {
    out_.events.clear();
    out_.calls.clear();
    out_.state_calls.clear();
    out_.unknown_calls.clear();
    out_.library_calls.clear();
    out_.backward.clear();
    out_.backward_at.clear();
    out_.reads.clear();
    out_.draws.clear();
    out_.unknown_at.clear();
    out_.writes_files_at.clear();
    out_.files.clear();
    out_.threads.clear();
    out_.loop_steps.assign(out_.loops.size(), {});
    joins_.clear();
    step_ = outermost_ = 0;
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
    spread_background();
  }
}

unsigned Reader::line(SourceLocation at) const { return effects_.user().line_of(at); }

void Reader::modify(const Places& places, SourceLocation at, const std::string& why, const Conditions& conditions, bool is_certain) {
  for (const Place& p : places) out_.events.push_back({p, line(at), why, active_, offset(at), conditions, is_certain, false, step_});
}

void Reader::in_background(std::size_t from) {
  for (std::size_t i = from; i < out_.events.size(); ++i) out_.events[i].background = out_.events[i].by_thread = true;
}

void Reader::spread_background() {
  // Where a thread that goes on beside a loop stands is in no variable.
  std::vector<Event> threads;
  for (Event& event : out_.events) {
    if (!event.background) continue;
    unsigned end = ~0u;  // the first step that waits for it
    for (const Join& join : joins_) {
      if (join.step > event.step) end = std::min(end, join.step);
    }
    for (std::size_t i = 0; i < out_.loops.size(); ++i) {
      const auto is_inside = [i](const std::vector<std::size_t>& loops) { return std::find(loops.begin(), loops.end(), i) != loops.end(); };
      bool goes_on;
      if (is_inside(event.loops)) {
        // Started by an iteration: does the same one wait for it?
        goes_on = std::none_of(joins_.begin(), joins_.end(), [&](const Join& join) { return join.step > event.step && is_inside(join.loops); });
      } else {
        goes_on = event.step <= out_.loop_steps[i].number && out_.loop_steps[i].number < end;
        if (goes_on) event.loops.push_back(i);
      }
      if (goes_on) threads.push_back({Place{unknown(kThread), {}}, event.line, "goes on beside the loop, and where it stands cannot be restored", {i}, event.offset, {}, false, false, event.step});
    }
    out_.threads.emplace_back(event.step, end);
    event.background = end == ~0u;
  }
  out_.events.insert(out_.events.end(), threads.begin(), threads.end());
}

std::size_t Reader::offset(SourceLocation at) const {
  const SourceManager& sources = effects_.user().sources();
  at = sources.getExpansionLoc(at);
  return at.isValid() ? at.getRawEncoding() : Event::kElsewhere;
}

void Reader::unknown_call(SourceLocation at) {
  out_.unknown_calls.push_back(active_);
  out_.unknown_at.push_back(offset(at));
}

void Reader::uses_files(FileUse use, SourceLocation at) {
  if (!use.reads && !use.writes) return;
  out_.files.push_back({use, active_, step()});
  if (use.writes) out_.writes_files_at.push_back(offset(at));
}

void Reader::alias(const Root& root, const Reach& reach) {
  if (root.kind == Root::Kind::kUnknown) return;
  constexpr std::size_t kMost = 100;
  Reach& known = out_.aliases[root];
  known.add(reach);
  coarsen(known.places, kMost);
}

void Reader::hand_over(const Places& places, const Reach& reach) {
  if (reach.places.empty()) return;
  for (const Place& p : places) {
    Reach both = reach;
    both.own = true;
    alias(p.root, both);
  }
}

bool Reader::holds(QualType t) const { return effects_.types().holds_references(t); }

namespace {

// Does a static get its value when control first passes, from what may be different then?
bool depends_on_first_use(const VarDecl* v) {
  if (!v->isStaticLocal() && v->getTLSKind() == VarDecl::TLS_None) return false;
  // The tool's: a restore makes it if it was made by then.
  const auto* m = dyn_cast<CXXMethodDecl>(v->getDeclContext());
  if (m && m->getParent()->getIdentifier() && m->getParent()->getName().starts_with("hindsight_static_")) return false;
  return v->getInit() && !v->getInit()->isValueDependent() && !v->hasConstantInitialization();
}

}  // namespace

void Reader::declare(const VarDecl* v) {
  // A restored value would be overwritten by the initialisation, and that of a later iteration may not be that of the first.
  if (depends_on_first_use(v)) modify({Place{unknown(v->getNameAsString()), {}}}, v->getLocation(), "static, initialised when it is first used");
  if (v->getInit()) {
    walk(v->getInit());
    bind(v, v->getInit());
    if (const auto* made = dyn_cast<CXXConstructExpr>(v->getInit()->IgnoreImplicit())) leave_threads(v, made);
  }
  if (const auto* d = dyn_cast<DecompositionDecl>(v)) {
    for (const BindingDecl* b : d->bindings()) {
      if (const VarDecl* held = b->getHoldingVar(); held && held->getInit()) {
        walk(held->getInit());
        bind(held, held->getInit());
      }
    }
  }
  if (!v->isStaticLocal()) destroy(v->getType(), {Place{root_of(v), {}}}, v->getLocation(), 0);
  if (const auto* cleanup = v->getAttr<CleanupAttr>()) {
    const FunctionDecl* f = cleanup->getFunctionDecl();
    run_free(f, v->getLocation());
    if (!effects_.user().is_user(f) || !effects_.summary(f)) modify({Place{root_of(v), {}}, Place{unknown("what " + f->getNameAsString() + "() cleans up"), {}}}, v->getLocation(), "handed to a cleanup function");
  }
}

void Reader::leave_threads(const VarDecl* v, const CXXConstructExpr* made) {
  const Summary* summary = effects_.summary(made->getConstructor());
  if (!summary) return;
  const std::size_t before = out_.events.size();
  for (const auto& [place, cause] : summary->modifies) {
    if (cause.background && place.root.kind == Root::Kind::kThis) modify(parts({Place{root_of(v), {}}}, place), v->getLocation(), "modified by a thread of its own: " + cause.why, cause.conditions);
  }
  in_background(before);
}

void Reader::bind(const VarDecl* v, const Expr* init) {
  if (v->getType()->isReferenceType()) alias(root_of(v), {lvalue(init), false});
  else if (holds(v->getType())) alias(root_of(v), targets(init));
  set_callables(v, init);
}

void Reader::destroy(QualType t, const Places& places, SourceLocation at, int depth) {
  if (t->isReferenceType() || t->isPointerType() || depth > 4) return;
  if (const auto* array = t->getAsArrayTypeUnsafe()) return destroy(array->getElementType(), places, at, depth + 1);
  const CXXRecordDecl* r = t->getAsCXXRecordDecl();
  if (!r || !r->hasDefinition()) return;
  r = r->getDefinition();
  if (!effects_.user().is_user(r)) {
    if (calls_what_nobody_sees(r)) unknown_call(at);
    if (!effects_.library_derived().empty()) out_.library_calls.push_back(active_);
    // What a container or smart pointer owns goes with it.
    DeclSet<CXXRecordDecl> owned;
    user_classes(t, owned, 0);
    Places all = places;
    merge(all, through(places));
    for (const CXXRecordDecl* each : owned) {
      if (each->isLambda()) run_members(each, false, all, at);  // a deleter
      else destroy(effects_.context().getRecordType(each), all, at, depth + 1);
    }
    return;
  }
  run_destructor(r, places, at);
  for (const FieldDecl* field : r->fields()) {
    Places inner;
    for (const Place& p : places) inner.insert(p.then(field->getCanonicalDecl()));
    destroy(field->getType(), inner, at, depth + 1);
  }
  for (const CXXBaseSpecifier& base : r->bases()) destroy(base.getType(), places, at, depth + 1);
}

void Reader::run_destructor(const CXXRecordDecl* r, const Places& places, SourceLocation at) {
  const CXXDestructorDecl* d = r->getDestructor();
  if (!d) return;
  DeclSet<FunctionDecl> all = d->isVirtual() ? effects_.overriders(d) : DeclSet<FunctionDecl>{};
  all.insert(d);
  for (const FunctionDecl* each : all) {
    if (const auto* m = cast<CXXMethodDecl>(each); m->isDefaulted() || m->isImplicit()) continue;
    called(each, at);
    const std::string name = each->getNameAsString() + "()";
    const Summary* summary = effects_.summary(each);
    if (!summary) {
      // Its body is in another unit.
      modify(through(places), at, "reached by " + name, {false, {{report_name(each), Condition::kThis, true}}});
      continue;
    }
    for (const auto& [place, cause] : summary->modifies) {
      modify(place.root.kind == Root::Kind::kThis ? parts(places, place) : Places{place}, at, "modified by " + name + ": " + cause.why, cause.conditions, cause.is_certain);
    }
    if (summary->unknown_calls) unknown_call(at);
  }
}

void Reader::walk(const Stmt* s) {
  if (!s) return;
  const bool iterates = isa<ForStmt, WhileStmt, DoStmt, CXXForRangeStmt>(s);
  const unsigned around = outermost_;
  if (iterates && outermost_ == 0) outermost_ = ++step_;
  if (!loop(s)) statement(s);
  if (iterates) outermost_ = around;
}

void Reader::statement(const Stmt* s) {
  const Stmt* const saved = scope_;
  if (isa<CompoundStmt, IfStmt, ForStmt, WhileStmt, DoStmt, CXXForRangeStmt, SwitchStmt, CXXTryStmt, AbstractConditionalOperator>(s)) scope_ = s;
  visit(s);
  scope_ = saved;
}

bool Reader::loop(const Stmt* s) {
  for (std::size_t i = 0; i < out_.loops.size(); ++i) {
    if (out_.loops[i].driver != s || std::find(active_.begin(), active_.end(), i) != active_.end()) continue;
    const Stmt* const saved = scope_;
    scope_ = s;
    out_.loop_steps[i] = step();
    if (const auto* x = dyn_cast<CXXForRangeStmt>(s)) {
      walk(x->getInit());
      for (const DeclStmt* d : {x->getRangeStmt(), x->getBeginStmt(), x->getEndStmt()}) {
        if (d) visit(d);
      }
      active_.push_back(i);
      if (const Expr* range = iterated(x)) iterate(range, x->getBeginLoc());
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

namespace {

const CXXMethodDecl* find_method(const CXXRecordDecl* r, llvm::StringRef name) {
  if (!r || !r->hasDefinition()) return nullptr;
  for (const CXXMethodDecl* m : r->getDefinition()->methods()) {
    if (m->getIdentifier() && m->getName() == name && m->getNumParams() == 0) return m;
  }
  for (const CXXBaseSpecifier& base : r->getDefinition()->bases()) {
    if (const CXXMethodDecl* m = find_method(base.getType()->getAsCXXRecordDecl(), name)) return m;
  }
  return nullptr;
}

}  // namespace

const Expr* Reader::iterated(const CXXForRangeStmt* s) {
  const auto* call = s->getRangeInit() ? dyn_cast<CallExpr>(bare(s->getRangeInit())) : nullptr;
  const FunctionDecl* f = call ? call->getDirectCallee() : nullptr;
  const bool is_ours = f && is_hindsight(f, "loop") && call->getNumArgs() >= 2;
  const Expr* range = is_ours ? call->getArg(1) : s->getRangeInit();
  return range && range->getType().getNonReferenceType()->isRecordType() ? range : nullptr;
}

void Reader::iterate(const Expr* range, SourceLocation at) {
  Arguments whole;
  whole.object = range;
  const CXXMethodDecl* begin = find_method(range->getType()->getAsCXXRecordDecl(), "begin");
  const CXXMethodDecl* end = find_method(range->getType()->getAsCXXRecordDecl(), "end");
  for (const CXXMethodDecl* m : {begin, end}) {
    if (m) direct(m, whole, at);
  }
  if (!begin || is_data_loader(range->getType())) return;  // a function of its name finds it, or it is hindsight's own
  const CXXRecordDecl* iterator = begin->getReturnType()->getAsCXXRecordDecl();
  if (!iterator || !iterator->hasDefinition() || in_std(iterator)) {
    if (iterator) run_by_library(begin, whole, at);
    return;
  }
  Places reached = lvalue_or_temporary(range);
  merge(reached, through(reached));
  if (!effects_.user().is_user(iterator)) return modify(through(lvalue_or_temporary(range)), at, "iterated over");
  run_members(iterator, false, reached, at);
  for (const CXXMethodDecl* m : iterator->getDefinition()->methods()) {
    const Summary* summary = effects_.summary(m);
    if (!m->isOverloadedOperator() || m->isImplicit() || summary) continue;
    modify(reached, at, "iterated over", {false, {{report_name(m), Condition::kThis, !m->isConst()}}});
  }
}

void Reader::children(const Stmt* s) {
  for (const Stmt* child : children_of(s)) walk(child);
}

void Reader::visit(const Stmt* s) {
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
  if (const auto* x = dyn_cast<OMPExecutableDirective>(s)) return parallel(x);
  if (isa<LabelStmt>(s) && outermost_ == 0) outermost_ = ++step_;  // what is behind it may run again
  children(s);
  if (const auto* x = dyn_cast<MemberExpr>(s)) return read(x);
  if (const auto* x = dyn_cast<CallExpr>(s)) return call(x);
  if (const auto* x = dyn_cast<CXXConstructExpr>(s)) return construct(x);
  if (const auto* x = dyn_cast<BinaryOperator>(s)) return assign(x);
  if (const auto* x = dyn_cast<UnaryOperator>(s)) {
    if (x->isIncrementDecrementOp()) modify_surely(lvalue(x->getSubExpr()), x->getOperatorLoc(), x->isIncrementOp() ? "incremented" : "decremented");
    return;
  }
  if (const auto* x = dyn_cast<CXXDeleteExpr>(s)) {
    modify_surely(targets(x->getArgument()).places, x->getBeginLoc(), "deleted");
    run_free(x->getOperatorDelete(), x->getBeginLoc());
    return destroy(x->getDestroyedType(), targets(x->getArgument()).places, x->getBeginLoc(), 0);
  }
  if (const auto* x = dyn_cast<AtomicExpr>(s)) return atomic(x);
  if (const auto* x = dyn_cast<CXXNewExpr>(s)) {
    for (const FunctionDecl* f : {x->getOperatorNew(), x->getOperatorDelete()}) run_free(f, x->getBeginLoc());
    for (unsigned i = 0; i < x->getNumPlacementArgs(); ++i) modify(targets(x->getPlacementArg(i)).places, x->getBeginLoc(), "built anew in place");
    return;
  }
  if (const auto* x = dyn_cast<CXXBindTemporaryExpr>(s)) return destroy(x->getType(), temporary_of(x->getSubExpr()), x->getBeginLoc(), 0);
  if (const auto* x = dyn_cast<ReturnStmt>(s); x && x->getRetValue() && !inside_lambda_) {
    if (out_.function->getReturnType()->isReferenceType()) merge(out_.returns.places, lvalue(x->getRetValue()));
    else out_.returns.add(targets(x->getRetValue()));
  }
}

void Reader::parallel(const OMPExecutableDirective* x) {
  const std::size_t before = out_.events.size();
  children(x);
  // Every thread has a copy of its own of these.
  DeclSet<VarDecl> own;
  const auto add = [&](const auto* clause) {
    for (const Expr* e : clause->varlists()) {
      const auto* ref = dyn_cast<DeclRefExpr>(e->IgnoreParenImpCasts());
      if (const auto* v = ref ? dyn_cast<VarDecl>(ref->getDecl()) : nullptr) own.insert(v->getCanonicalDecl());
    }
  };
  for (const OMPClause* clause : x->clauses()) {
    if (const auto* c = dyn_cast<OMPPrivateClause>(clause)) add(c);
    if (const auto* c = dyn_cast<OMPFirstprivateClause>(clause)) add(c);
  }
  const auto of_thread = [&](const Event& event) { return event.place.root.variable() && own.count(event.place.root.variable()) && !event.place.passes_pointer(); };
  out_.events.erase(std::remove_if(out_.events.begin() + static_cast<std::ptrdiff_t>(before), out_.events.end(), of_thread), out_.events.end());
}

void Reader::atomic(const AtomicExpr* x) {
  for (const Stmt* child : x->children()) {
    const auto* e = dyn_cast_or_null<Expr>(child);
    if (e && e->getType()->isPointerType() && !(e == x->getPtr() && x->getOp() == AtomicExpr::AO__atomic_load_n)) modify(targets(e).places, x->getBeginLoc(), "an atomic operation");
  }
}

// A function that code calls without naming it, and without arguments that could be modified: `operator new` and the like.
void Reader::run_free(const FunctionDecl* f, SourceLocation at) {
  if (!f || !effects_.user().is_user(f)) return;
  called(f, at);
  if (const Summary* summary = effects_.summary(f)) apply(f, *summary, {}, at);
}

void Reader::assign(const BinaryOperator* x) {
  if (!x->isAssignmentOp()) return;
  const Places places = lvalue(x->getLHS());
  modify_surely(places, x->getOperatorLoc(), x->isCompoundAssignmentOp() ? "changed by " + x->getOpcodeStr().str() : "assigned");
  if (!holds(x->getLHS()->getType()) || x->isCompoundAssignmentOp()) return;
  const Reach reach = targets(x->getRHS());
  for (const Place& p : places) alias(p.root, p.path.empty() ? reach : with_own(reach));
  if (const auto* ref = dyn_cast<DeclRefExpr>(x->getLHS()->IgnoreParenImpCasts())) {
    if (const auto* v = dyn_cast<VarDecl>(ref->getDecl())) set_callables(v, x->getRHS());
  }
}

void Reader::read(const DeclRefExpr* e) {
  const auto* v = dyn_cast<VarDecl>(e->getDecl());
  // lgamma() sets it; nothing else that the C library keeps is read by a name.
  if (v && v->getIdentifier() && v->getName() == "signgam" && v->isExternC() && !effects_.user().is_user(v)) modify({Place{unknown("(hidden state of the C library)"), {}}}, e->getLocation(), "signgam is read");
  if (v && (contains_tensor(v->getType()) || contains_module(v->getType()))) out_.reads.emplace_back(Place{root_of(v), {}}, active_);
}

void Reader::read(const MemberExpr* e) {
  const bool of_this = isa<CXXThisExpr>(e->getBase()->IgnoreParenImpCasts());
  if (!of_this || !(contains_tensor(e->getType()) || contains_module(e->getType()))) return;
  for (const Place& p : lvalue(e)) out_.reads.emplace_back(p, active_);
}

void Reader::assembly(const AsmStmt* s) {
  for (unsigned i = 0; i < s->getNumOutputs(); ++i) {
    if (const auto* gcc = dyn_cast<GCCAsmStmt>(s)) modify(lvalue(gcc->getOutputExpr(i)), s->getAsmLoc(), "written by assembler code");
  }
  for (unsigned i = 0; i < s->getNumClobbers(); ++i) {
    // An empty one is only a barrier for the compiler.
    const auto* gcc = dyn_cast<GCCAsmStmt>(s);
    const bool barrier = gcc && gcc->getAsmString()->getString().trim().empty() && s->getNumInputs() + s->getNumOutputs() == 0;
    if (s->getClobber(i) == "memory" && !barrier) modify({Place{unknown("memory"), {}}}, s->getAsmLoc(), "written by assembler code");
  }
  children(s);
}

void Reader::lambda(const LambdaExpr* x) {
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

void Reader::walk_lambda_body(const LambdaExpr* x, const FunctionDecl* f) {
  const std::size_t before = out_.events.size();
  visit(f->getBody());
  if (x->isMutable()) disown_copies(x->getLambdaClass(), before);
}

void Reader::disown_copies(const CXXRecordDecl* lambda, std::size_t from) {
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

FunctionFacts read_facts(const Effects& effects, const FunctionDecl* f) {
  FunctionFacts out;
  out.function = f;
  out.loops = loops_of(effects.context(), f, effects.named());
  Reader(effects, out).run();
  return out;
}

}  // namespace hindsight::instrument
