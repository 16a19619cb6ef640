// Calls of libraries, judged by signature and by what known.h has of their names.
#include "instrument/reader.h"

namespace hindsight::instrument {

using namespace clang;

namespace {

// A FILE* that is neither stdout nor stderr.
bool is_other_stream(const Expr* e) {
  if (!e->getType()->isPointerType() || !is_file_stream(e->getType())) return false;
  const auto* ref = dyn_cast<DeclRefExpr>(e->IgnoreParenImpCasts());
  return !ref || !is_output_stream(dyn_cast<VarDecl>(ref->getDecl()));
}

// `%n` of printf stores through its argument.
bool has_percent_n(const Expr* e) {
  const auto* text = dyn_cast<clang::StringLiteral>(e->IgnoreParenImpCasts());
  if (!text || text->getCharByteWidth() != 1) return false;
  const llvm::StringRef format = text->getString();
  for (std::size_t at = format.find('%'); at != llvm::StringRef::npos; at = format.find('%', at + 2)) {
    const llvm::StringRef rest = format.drop_front(at + 1).ltrim("0123456789$hljztL");
    if (rest.starts_with("n")) return true;
  }
  return false;
}

bool reads_format(llvm::StringRef method) { return method == "precision" || method == "width" || method == "flags" || method == "fill"; }

}  // namespace

// How the standard output is formatted is no part of a state: what is printed may differ where a loop is entered, and nothing else, unless the program asks.
void Reader::note_format(const Expr* stream, llvm::StringRef method, SourceLocation at) {
  const Places places = lvalue(stream);
  const bool is_standard = std::any_of(places.begin(), places.end(), [](const Place& p) { return is_output_stream(p.root.variable()); });
  if (is_standard) modify({Place{unknown("(the format of the standard output)"), {}}}, at, "read by " + method.str() + "()");
}

void Reader::library(const FunctionDecl* f, const Arguments& call, SourceLocation at) {
  ++step_;
  uses_files(file_use(f, call.arguments), at);
  if (const llvm::StringRef what = surroundings(f); !what.empty()) modify({Place{unknown(llvm::Twine("(").concat(what).concat(")").str()), {}}}, at, "used or changed by " + f->getNameAsString() + "()");
  run_by_library(f, call, at);
  if (const llvm::StringRef algorithm = niebloid_name(f, call); !algorithm.empty()) {
    niebloid(f, algorithm, call, at);
    callbacks(call, f, at);
    return remember(f, call);
  }
  const llvm::StringRef name = f->getIdentifier() ? f->getName() : llvm::StringRef();
  const bool standard = in_std(f), torch = in_torch(f);
  if (runs_signal_handlers(f)) unknown_call(at);
  if (call.object && call.arguments.empty() && reads_format(name)) note_format(call.object, name, at);
  if (makes_memory_stream(f)) out_.memory_streams = true;
  if (prints(f)) return;
  if (writes_text(name) && std::any_of(call.arguments.begin(), call.arguments.end(), is_other_stream)) uses_files({false, true}, at);
  if ((!standard || !effects_.library_derived().empty()) && !f->getBuiltinID() && !writes_text(name)) out_.library_calls.push_back(active_);
  if (draws_random_numbers(name) && (torch || standard || top_namespace(f).empty())) out_.draws.push_back(offset(at));
  if (name == "backward" && torch) {
    out_.backward.push_back(active_);
    out_.backward_at.push_back(offset(at));
    if (!call.object) return;
  }
  if (name == "grad" && torch && !call.object) out_.backward_at.push_back(offset(at));  // it frees what a later backward() needs
  const auto* m = dyn_cast<CXXMethodDecl>(f);
  if (call.object && m && !m->isStatic()) library_object(m, name, call, at);
  const bool forwards = standard && takes_arguments_over(name);
  const bool in_place = torch && !call.object && changes_in_place(name);
  const std::string by = "argument of " + f->getNameAsString() + "()";
  const bool writes_back = std::any_of(call.arguments.begin(), call.arguments.end(), has_percent_n);
  const bool certain = changes_arguments(name) && (standard || top_namespace(f).empty());
  for (std::size_t i = 0; i < call.arguments.size(); ++i) {
    const Expr* a = call.arguments[i];
    if (i >= f->getNumParams()) {
      if (a->getType()->isPointerType() && !is_read_only_view(a->getType()) && (!writes_text(name) || writes_back)) modify(targets(a).places, at, by);
      continue;
    }
    const QualType t = f->getParamDecl(static_cast<unsigned>(i))->getType();
    if (t->isLValueReferenceType() && !t->getPointeeType().isConstQualified()) {
      if (forwards || (torch && is_forwarding(f, static_cast<unsigned>(i)) && !in_place)) continue;
      modify(standard ? without_output_files(f, lvalue(a), at) : lvalue(a), at, by, {}, certain);
      if (!standard && holds(t->getPointeeType())) modify(through(lvalue(a)), at, by);
    } else if (t->isRValueReferenceType()) {
      // Only std::move() and the like: a temporary is nobody's.
      const bool cast = standard && (name == "move" || name == "forward" || name == "move_if_noexcept");
      if (!cast && a->isXValue() && !isa<MaterializeTemporaryExpr>(a->IgnoreParenImpCasts())) modify(lvalue(a), at, "moved into " + f->getNameAsString() + "()");
    } else if (t->isPointerType()) {
      if (is_read_only_view(t) || is_function_like(t) || t->getPointeeType().isConstQualified() || writes_text(name)) continue;
      if (standard && (forwards || reads_only(name, static_cast<unsigned>(i), f->getNumParams()))) continue;
      modify(targets(a).places, at, by, {}, certain);
    } else if (in_place && holds(t)) {
      modify(targets(a).places, at, by, {}, certain);
    } else if (in_place && t->isReferenceType() && holds(t->getPointeeType())) {
      modify(through(lvalue(a)), at, by);
    } else if (!t->isReferenceType() && holds(t) && !torch) {
      if (standard && is_library_callable(t)) {
        // std::ref(generator) and the like: called through, not iterated over.
      } else if (standard) {
        if (!is_proxy(t) && (call.object || forwards || !is_iterator(t) || is_read_only_view(t) || reads_only(name, static_cast<unsigned>(i), f->getNumParams()))) {
          if (!reads_stream(t)) continue;
        }
      } else if (is_read_only_view(t) || is_lambda_type(t)) {
        continue;
      }
      modify(targets(a).places, at, by, {}, certain);
    }
    // What gives nothing back acts on something, maybe on what a const view leads to.
    const bool acts = in_place || (!standard && !torch && f->getReturnType()->isVoidType() && !is_read_only_view(t));
    if (acts && t->isLValueReferenceType() && t->getPointeeType().isConstQualified() && holds(t->getPointeeType())) modify(through(lvalue(a)), at, by);
  }
  if (waits_for_threads(f)) joins_.push_back({step_, active_});
  const std::size_t before = out_.events.size();
  callbacks(call, f, at);
  if (starts_thread(f)) in_background(before);
  remember(f, call);
}

void Reader::library_object(const CXXMethodDecl* m, llvm::StringRef name, const Arguments& call, SourceLocation at) {
  const QualType type = object_type(call.object);
  const bool standard = in_std(m);
  const OverloadedOperatorKind op = m->getOverloadedOperator();
  const bool changes = op == OO_Equal || op == OO_PlusEqual || op == OO_MinusEqual || op == OO_StarEqual || op == OO_SlashEqual || op == OO_PercentEqual ||
                       op == OO_AmpEqual || op == OO_PipeEqual || op == OO_CaretEqual || op == OO_LessLessEqual || op == OO_GreaterGreaterEqual;
  const std::string what = m->getIdentifier() ? m->getNameAsString() + "()" : m->getNameAsString();
  if (is_tensor(type)) {
    if (op == OO_Equal) {
      if (m->getRefQualifier() == RQ_RValue || !is_assignable_name(call.object)) modify_surely(through(places_of_object(call)), at, "assigned through a view");
      modify_surely(places_of_object(call), at, "assigned");
    } else if (changes) {
      modify_surely(places_of_object(call), at, "changed in place by " + what);
      modify_surely(through(places_of_object(call)), at, "changed in place by " + what);
    } else if (changes_in_place(name)) {
      modify_surely(through(places_of_object(call)), at, "changed in place by " + what);
    } else if (!m->isConst() && !is_accessor(m) && name != "backward") {
      modify(places_of_object(call), at, "non-const method " + what);
    }
    return;
  }
  if (is_synchronisation(type)) {
    if (name.starts_with("try_lock")) modify({Place{unknown("whether a lock is held"), {}}}, at, "asked for by " + what);
    return;
  }
  if (is_stateless(type)) return;
  if (in_torch(m) && m->getParent()->getIdentifier() && m->getParent()->getName() == "Iterator") return;  // its loader's begin() has it all
  if (is_data_loader(type) && (name == "begin" || name == "end")) return load_data(call, at);
  if (is_proxy(type)) {
    const bool looks = isa<CXXConversionDecl>(m) || op == OO_Tilde || op == OO_Star || op == OO_EqualEqual || name == "load" || name == "is_lock_free";
    if (!looks) modify(through(places_of_object(call)), at, "written through a " + m->getParent()->getNameAsString());
    return;
  }
  if (is_accessor(m)) return;
  if (standard && m->getParent()->getIdentifier() && m->getParent()->getName() == "coroutine_handle" && (name == "resume" || name == "destroy" || op == OO_Call)) {
    unknown_call(at);
    modify({Place{unknown("(a coroutine's frame)"), {}}}, at, "changed by " + what);
  }
  if (m->isConst()) {
    // A const method that gives nothing back acts on something; on what it refers to, if it is no output.
    const bool acts = in_torch(m) ? changes_in_place(name) : !standard && holds(type) && (changes || m->getReturnType()->isVoidType());
    if (acts) modify(through(places_of_object(call)), at, "changed by " + what);
    return;
  }
  Places object = places_of_object(call);
  if (standard) object = without_output_files(m, object, at);
  // Methods that only give access are left out above; those of a library that is not known may do nothing.
  modify(object, at, op == OO_Equal ? "assigned" : "non-const method " + what, {}, changes || (standard && op != OO_Subscript) || (in_torch(m) && acts_on_its_object(name)));
  if (!holds(type) || (in_torch(m) && op == OO_Equal)) return;
  if (standard) {
    const bool step = op == OO_PlusPlus || op == OO_MinusMinus || op == OO_PlusEqual || op == OO_MinusEqual || op == OO_Equal;
    const bool moves = step && is_iterator(type) && !reads_stream(type);
    const bool rebinds = op == OO_Equal && m->getParent()->getIdentifier() && m->getParent()->getName() == "reference_wrapper";
    if (changes_only_itself(type) || moves || rebinds) return;
  }
  modify(through(object), at, "non-const method " + what);
}

void Reader::load_data(const Arguments& call, SourceLocation at) {
  // begin() begins anew: it resets the sampler, and torch's draw from generators that every state has. The user's data sets may remember.
  DeclSet<CXXRecordDecl> classes;
  const CXXRecordDecl* loader = object_type(call.object)->getAsCXXRecordDecl();
  if (!loader) return;
  user_classes_of(loader, classes, 0);
  for (const CXXRecordDecl* r : classes) {
    if (!r->hasDefinition()) continue;
    for (const CXXMethodDecl* m : r->getDefinition()->methods()) {
      static const llvm::StringSet<> names = {"get", "get_batch", "size", "next", "reset", "apply", "apply_batch"};
      if (m->isImplicit() || !(m->getOverloadedOperator() == OO_Call || (m->getIdentifier() && names.contains(m->getName())))) continue;
      called(m, at);
      const Summary* summary = effects_.summary(m);
      if (!summary) {
        modify(places_of_object(call), at, "method " + m->getNameAsString() + "() of its data set", {false, {{report_name(m), Condition::kThis, !m->isConst()}}});
        continue;
      }
      for (const auto& [place, cause] : summary->modifies) {
        modify(place.root.kind == Root::Kind::kThis ? places_of_object(call) : Places{place}, at, "modified by " + m->getNameAsString() + "() of its data set: " + cause.why, cause.conditions);
      }
      if (summary->unknown_calls) unknown_call(at);
    }
  }
}

Places Reader::without_output_files(const FunctionDecl* f, const Places& streams, SourceLocation at) {
  const bool puts = f->getOverloadedOperator() == OO_LessLess || (f->getIdentifier() && (f->getName() == "write" || f->getName() == "put" || f->getName() == "flush" || f->getName() == "endl"));
  if (!puts) return streams;
  Places out;
  for (const Place& p : streams) {
    const VarDecl* v = p.root.variable();
    const bool itself = std::all_of(p.path.begin(), p.path.end(), [](const FieldDecl* step) { return !step; });
    const CXXRecordDecl* r = v && itself ? v->getType().getNonReferenceType()->getAsCXXRecordDecl() : nullptr;
    if (r && in_std(r) && r->getIdentifier() && r->getName() == "basic_ofstream") uses_files({false, true}, at);
    else out.insert(p);
  }
  return out;
}

llvm::StringRef Reader::niebloid_name(const FunctionDecl* f, const Arguments& call) {
  if (!call.object || f->getOverloadedOperator() != OO_Call || !in_std(f)) return {};
  const auto* ref = dyn_cast<DeclRefExpr>(call.object->IgnoreParenImpCasts());
  const auto* v = ref ? dyn_cast<VarDecl>(ref->getDecl()) : nullptr;
  return v && in_std(v) && v->isConstexpr() ? v->getName() : llvm::StringRef();
}

void Reader::niebloid(const FunctionDecl* f, llvm::StringRef name, const Arguments& call, SourceLocation at) {
  const std::string by = "argument of " + name.str() + "()";
  const bool ranges = !call.arguments.empty() && !is_dereferenced(call.arguments[0]->getType());
  for (unsigned i = 0; i < call.arguments.size() && i < f->getNumParams(); ++i) {
    const Expr* a = call.arguments[i];
    const QualType t = f->getParamDecl(i)->getType();
    const QualType own = a->getType().getNonReferenceType();
    if (is_lambda_type(own) || is_function_like(own) || takes_arguments_over(name) || reads_only_range(name, i, ranges)) continue;
    if (t->isReferenceType() && a->isGLValue() && !isa<MaterializeTemporaryExpr>(a->IgnoreParenImpCasts()) && !own.isConstQualified() && !t->getPointeeType().isConstQualified()) modify(lvalue(a), at, by);
    if (holds(own) && !is_read_only_view(own)) modify(targets(a).places, at, by);
  }
}

namespace {

// Only looks, or hands its argument on as it is.
bool runs_nothing(const FunctionDecl* f) {
  const auto* m = dyn_cast<CXXMethodDecl>(f);
  if (m && (is_accessor(m) || isa<CXXDestructorDecl>(m))) return true;
  if (!f->getIdentifier()) return false;
  static const llvm::StringSet<> names = {"move", "forward", "ref", "cref", "as_const", "addressof", "get", "begin", "end", "cbegin", "cend", "size", "data", "empty", "distance", "max_size", "capacity"};
  return in_std(f) && names.contains(f->getName());
}

}  // namespace

void Reader::user_classes(const TemplateArgumentList& arguments, DeclSet<CXXRecordDecl>& out, int depth) const {
  for (const TemplateArgument& a : arguments.asArray()) {
    if (a.getKind() == TemplateArgument::Type) user_classes(a.getAsType(), out, depth);
    if (a.getKind() != TemplateArgument::Pack) continue;
    for (const TemplateArgument& inner : a.pack_elements()) {
      if (inner.getKind() == TemplateArgument::Type) user_classes(inner.getAsType(), out, depth);
    }
  }
}

void Reader::user_classes(QualType t, DeclSet<CXXRecordDecl>& out, int depth) const {
  t = t.getNonReferenceType();
  if (t->isPointerType() || depth > 6) return;
  if (const auto* array = t->getAsArrayTypeUnsafe()) return user_classes(array->getElementType(), out, depth + 1);
  const CXXRecordDecl* r = t->getAsCXXRecordDecl();
  if (!r) return;
  if (effects_.user().is_user(r)) out.insert(r->getCanonicalDecl());
  else user_classes_of(r, out, depth);
}

void Reader::user_classes_of(const CXXRecordDecl* r, DeclSet<CXXRecordDecl>& out, int depth) const {
  for (const DeclContext* c = r; c; c = c->getParent()) {  // of the iterator of a view, the view's too
    if (const auto* s = dyn_cast<ClassTemplateSpecializationDecl>(c)) user_classes(s->getTemplateArgs(), out, depth + 1);
  }
}

namespace {

bool is_erased_function(QualType t) { return t->isFunctionPointerType() || t->isMemberFunctionPointerType() || t->isFunctionType() || is_std_function(t); }

// Of a container's template arguments, how many are what it holds: it does not call these.
unsigned held_arguments(const CXXRecordDecl* r) {
  static const llvm::StringMap<unsigned> held = {{"vector", 1}, {"deque", 1}, {"list", 1}, {"forward_list", 1}, {"array", 1}, {"optional", 1}, {"pair", 2}, {"tuple", ~0U}, {"variant", ~0U},
                                                 {"map", 2}, {"multimap", 2}, {"unordered_map", 2}, {"unordered_multimap", 2}, {"set", 1}, {"unique_ptr", 1}, {"shared_ptr", 1}, {"weak_ptr", 1},
                                                 {"initializer_list", 1}, {"allocator", 1}, {"function", ~0U}};
  const auto known = in_std(r) && r->getIdentifier() ? held.find(r->getName()) : held.end();
  return known == held.end() ? 0 : known->second;
}

bool calls_unseen(const CXXRecordDecl* r, int depth);
bool calls_unseen(llvm::ArrayRef<TemplateArgument> arguments, unsigned& held, int depth) {
  return std::any_of(arguments.begin(), arguments.end(), [&](const TemplateArgument& a) {
    if (a.getKind() == TemplateArgument::Pack) return calls_unseen(a.pack_elements(), held, depth);
    const bool is_held = held != 0;
    if (held != 0 && held != ~0U) --held;
    if (a.getKind() != TemplateArgument::Type) return false;
    const CXXRecordDecl* r = a.getAsType()->getAsCXXRecordDecl();
    return (!is_held && is_erased_function(a.getAsType())) || (r && calls_unseen(r, depth + 1));
  });
}
bool calls_unseen(const CXXRecordDecl* r, int depth) {
  if (depth > 6 || !in_std(r)) return false;
  if (r->getIdentifier() && r->getName() == "any") return true;
  for (const DeclContext* c = r; c; c = c->getParent()) {
    const auto* s = dyn_cast<ClassTemplateSpecializationDecl>(c);
    unsigned held = s ? held_arguments(s) : 0;
    if (s && calls_unseen(s->getTemplateArgs().asArray(), held, depth)) return true;
  }
  return false;
}

}  // namespace

bool Reader::calls_what_nobody_sees(const CXXRecordDecl* r) { return calls_unseen(r, 0); }

void Reader::run_by_library(const FunctionDecl* f, const Arguments& call, SourceLocation at) {
  if (const auto* m = dyn_cast<CXXMethodDecl>(f); m && calls_what_nobody_sees(m->getParent())) unknown_call(at);
  DeclSet<CXXRecordDecl> classes;
  if (const TemplateArgumentList* arguments = f->getTemplateSpecializationArgs(); arguments && !runs_nothing(f)) user_classes(*arguments, classes, 0);
  if (const auto* m = dyn_cast<CXXMethodDecl>(f)) user_classes_of(m->getParent(), classes, 0);
  // What looks at a container runs nothing of its elements, but a view calls its functions then.
  if (runs_nothing(f)) std::erase_if(classes, [](const CXXRecordDecl* r) { return !r->isLambda(); });
  if (classes.empty()) return;
  Places reached;
  for (const Expr* a : call.arguments) {
    merge(reached, targets(a).places);
    if (a->isGLValue()) merge(reached, lvalue(a));
  }
  if (call.object) {
    merge(reached, places_of_object(call));
    merge(reached, through(places_of_object(call)));
  }
  for (const CXXRecordDecl* r : classes) {
    const bool is_argument = std::any_of(call.arguments.begin(), call.arguments.end(), [&](const Expr* a) {
      const CXXRecordDecl* own = a->getType().getNonReferenceType()->getAsCXXRecordDecl();
      return own && own->getCanonicalDecl() == r;
    });
    run_members(r, is_argument, reached, at);
  }
}

namespace {

// Members that a library calls by name: of allocators, locks, generators, character traits, ranges.
bool is_called_by_name(const CXXMethodDecl* m) {
  static const llvm::StringSet<> names = {"allocate", "deallocate", "construct", "destroy", "max_size", "lock", "unlock", "try_lock", "try_lock_for", "try_lock_until", "lock_shared",
                                          "unlock_shared", "min", "max", "begin", "end", "size", "data", "empty", "swap", "eq", "lt", "compare", "length", "find", "assign", "move", "copy",
                                          "generate", "param", "select_on_container_copy_construction", "push_back", "push_front", "push", "pop_back", "pop_front", "pop", "insert", "erase",
                                          "emplace", "emplace_back", "front", "back", "top", "clear", "resize", "reserve"};
  return m->getIdentifier() && names.contains(m->getName());
}

}  // namespace

void Reader::members_of(const CXXRecordDecl* r, bool only_special, DeclSet<CXXRecordDecl>& seen, DeclSet<FunctionDecl>& out) const {
  const CXXRecordDecl* definition = r->getDefinition();
  if (!definition || !seen.insert(definition->getCanonicalDecl()).second) return;
  if (!only_special) out.insert(effects_.run_by_libraries(r).begin(), effects_.run_by_libraries(r).end());
  for (const CXXMethodDecl* m : definition->methods()) {
    const bool special = isa<CXXConstructorDecl, CXXDestructorDecl>(m) || m->isCopyAssignmentOperator() || m->isMoveAssignmentOperator();
    if (special || (!only_special && (m->isOverloadedOperator() || isa<CXXConversionDecl>(m) || is_called_by_name(m)))) out.insert(m);
    if (isa<CXXDestructorDecl>(m)) out.insert(effects_.overriders(m).begin(), effects_.overriders(m).end());
  }
  // What is inherited may be called by the same names; what makes and copies an object makes and copies its members.
  for (const CXXBaseSpecifier& base : definition->bases()) {
    const CXXRecordDecl* b = base.getType()->getAsCXXRecordDecl();
    if (b && effects_.user().is_user(b)) members_of(b, only_special, seen, out);
  }
  for (const FieldDecl* field : definition->fields()) {
    DeclSet<CXXRecordDecl> classes;
    user_classes(field->getType(), classes, 0);
    for (const CXXRecordDecl* each : classes) {
      if (!each->isLambda()) members_of(each, true, seen, out);
    }
  }
}

void Reader::run_members(const CXXRecordDecl* r, bool is_argument, const Places& reached, SourceLocation at) {
  DeclSet<FunctionDecl> members;
  if (r->isLambda()) {
    members.insert(effects_.run_by_libraries(r).begin(), effects_.run_by_libraries(r).end());
    for (const FunctionDecl* f : call_operators(r)) members.insert(f);
  } else {
    DeclSet<CXXRecordDecl> seen;
    members_of(r, false, seen, members);
  }
  for (const FunctionDecl* f : members) {
    const auto* m = dyn_cast<CXXMethodDecl>(f);
    if (m && m->isImplicit() && !effects_.summary(f)) continue;
    if (f->getOverloadedOperator() == OO_Call && is_argument) continue;  // seen as a function that is handed over
    called(f, at);
    const Summary* summary = effects_.summary(f);
    if (!summary) continue;  // what it does to globals is found by joining the reports
    const std::string why = "modified by " + (is_lambda(f) ? "a lambda" : f->getNameAsString() + "()") + ", which a library runs";
    for (const auto& [place, cause] : summary->modifies) {
      const VarDecl* v = place.root.variable();
      const bool outside = place.root.kind == Root::Kind::kUnknown || (v && (v->hasGlobalStorage() || is_lambda(f)) && !(isa<ParmVarDecl>(v) && belongs_to(cast<ParmVarDecl>(v), f)));
      if (outside) modify({place}, at, why, cause.conditions);
      else if (place.passes_pointer() || (m && is_called_by_name(m))) modify(through(reached), at, why, cause.conditions);
      if (!outside && m && is_called_by_name(m)) modify(reached, at, why, cause.conditions);
    }
    if (summary->unknown_calls) unknown_call(at);
  }
}

bool Reader::is_assignable_name(const Expr* e) {
  e = e->IgnoreParenImpCasts();
  return isa<DeclRefExpr, MemberExpr>(e) || (isa<CallExpr>(e) && e->isLValue());
}

bool Reader::is_forwarding(const FunctionDecl* f, unsigned index) {
  const FunctionDecl* pattern = f->getTemplateInstantiationPattern();
  if (!pattern || pattern->getNumParams() == 0) return false;
  const ParmVarDecl* p = pattern->getParamDecl(std::min(index, pattern->getNumParams() - 1));
  QualType t = p->getType();
  if (const auto* pack = t->getAs<PackExpansionType>()) t = pack->getPattern();
  return t->isRValueReferenceType() && t->getPointeeType()->isTemplateTypeParmType();
}

bool Reader::is_library_callable(QualType t) const {
  const CXXRecordDecl* r = t->getAsCXXRecordDecl();
  if (!r || !r->hasDefinition() || effects_.user().is_user(r) || is_std_function(t)) return false;
  return std::any_of(r->getDefinition()->decls_begin(), r->getDefinition()->decls_end(), [](const Decl* d) {
    const FunctionDecl* f = d->getAsFunction();
    return f && f->getOverloadedOperator() == OO_Call;
  });
}

bool Reader::is_lambda_type(QualType t) {
  const CXXRecordDecl* r = t->getAsCXXRecordDecl();
  return r && r->isLambda();
}

bool Reader::reads_stream(QualType t) {
  const CXXRecordDecl* r = t->getAsCXXRecordDecl();
  return r && r->getIdentifier() && (r->getName() == "istreambuf_iterator" || r->getName() == "istream_iterator" || r->getName() == "ostream_iterator");
}

}  // namespace hindsight::instrument
