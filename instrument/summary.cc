#include "instrument/summary.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include <clang/AST/Attr.h>

#include "instrument/effects.h"
#include "instrument/kept.h"
#include "instrument/liveness.h"
#include "instrument/unit_uses.h"

namespace hindsight::instrument {

using namespace clang;

namespace {

// A place that a state covers, and whether what it reaches through pointers belongs to it.
struct Cover {
  Place place;
  Places resolved;
  QualType type;  // as the state knows it
  bool follows = false;  // raw pointers, too
};

// Does the pointer that the state dereferences point to one number, and not to the first of several?
bool points_to_one(const Expr* pointer, const FunctionDecl* in) {
  const auto* ref = dyn_cast<DeclRefExpr>(bare(pointer));
  const auto* v = ref ? dyn_cast<VarDecl>(ref->getDecl()) : nullptr;
  const Expr* init = v ? v->getInit() : nullptr;
  if (!init) return false;
  const auto* made = dyn_cast<CXXNewExpr>(bare(init));
  const auto* address = dyn_cast<UnaryOperator>(bare(init));
  const bool of_one = (made && !made->isArray()) || (address && address->getOpcode() == UO_AddrOf && isa<DeclRefExpr, MemberExpr>(bare(address->getSubExpr())));
  bool counted = false;
  const auto walk = [&](const Stmt* s, const auto& self) -> void {
    if (!s) return;
    const auto is_it = [&](const Expr* e) {
      const auto* named = dyn_cast<DeclRefExpr>(bare(e));
      return named && named->getDecl()->getCanonicalDecl() == v->getCanonicalDecl();
    };
    if (const auto* x = dyn_cast<ArraySubscriptExpr>(s)) counted = counted || is_it(x->getBase());
    if (const auto* x = dyn_cast<BinaryOperator>(s); x && (x->isAdditiveOp() || x->isAssignmentOp())) counted = counted || is_it(x->getLHS());
    if (const auto* x = dyn_cast<UnaryOperator>(s); x && x->isIncrementDecrementOp()) counted = counted || is_it(x->getSubExpr());
    for (const Stmt* child : children_of(s)) self(child, self);
  };
  walk(in->getBody(), walk);
  return of_one && !counted;
}

// `hindsight::stored(...)`: what the tool inserts, by which raw pointers are followed.
bool is_stored(const Expr* e) {
  const auto* call = dyn_cast<CallExpr>(bare(e));
  return call && call->getDirectCallee() && is_hindsight(call->getDirectCallee(), "stored");
}

class Reporter {
 public:
  Reporter(ASTContext& context, const UserCode& user, const std::vector<const FunctionDecl*>& functions, const Preprocessed& preprocessed, UnitReport& report, const NamedLoops& named = {})
      : context_(context), user_(user), functions_(functions), preprocessed_(preprocessed), report_(report), effects_(context, user, functions, named), kept_(context, user), uses_(uses_of(context, user, functions)) {}

  void run() {
    for (const FunctionDecl* f : effects_.functions()) memory_streams_ = memory_streams_ || effects_.facts(f).memory_streams;
    for (const FunctionDecl* f : effects_.functions()) loops(f);
    for (const FunctionDecl* f : functions_) {
      if (f->isDependentContext()) pattern_loops(f);
    }
    merge_loops();
    functions();
    registered();
  }

  UnitNeeds needs() {
    UnitNeeds out;
    for (const FunctionDecl* f : effects_.functions()) {
      if (!effects_.facts(f).loops.empty()) loops(f);
      if (is_harmless(f)) out.harmless.insert(f->getCanonicalDecl());
      for (const Event& event : effects_.facts(f).events) {
        for (const Place& p : effects_.resolve(effects_.facts(f), event.place)) {
          const VarDecl* v = p.root.variable();
          if (!is_global(v) || v->isStaticLocal() || !user_.is_user(v) || is_stateless(v->getType()) || is_output_stream(v)) continue;
          if (v->getType().isConstQualified() && !p.passes_pointer()) continue;
          if (std::find(out.written_globals.begin(), out.written_globals.end(), v) == out.written_globals.end()) out.written_globals.push_back(v);
        }
      }
    }
    out.loops = std::move(wanted_);
    std::sort(out.written_globals.begin(), out.written_globals.end(), AsWritten());
    return out;
  }

 private:
  bool is_harmless(const FunctionDecl* f) const {
    const Summary* summary = effects_.summary(f);
    if (!summary || summary->unknown_calls || summary->draws || summary->writes_files) return false;
    const FunctionFacts& facts = effects_.facts(f);
    if (!facts.files.empty() || std::any_of(facts.calls.begin(), facts.calls.end(), [&](const Called& each) { return !effects_.summary(each.function); })) return false;
    return std::all_of(summary->modifies.begin(), summary->modifies.end(), [](const auto& each) { return each.first.root.kind == Root::Kind::kThis && !each.first.passes_pointer(); });
  }

  // ---- loops ----

  std::vector<Cover> covers(const FunctionFacts& facts, const HindsightLoop& loop, const std::vector<std::size_t>& around) {
    std::vector<Cover> out;
    auto add = [&](const FunctionFacts& in, const Expr* e) {
      const std::optional<Place> place = Effects::state_place(e);
      const Expr* object = Effects::state_object(e);
      const auto* deref = dyn_cast<UnaryOperator>(bare(object));
      const bool may_be_first = deref && deref->getOpcode() == UO_Deref && !object->getType()->isRecordType() && !points_to_one(deref->getSubExpr(), in.function);
      const bool follows = is_stored(e);
      if (place && (follows || !may_be_first)) out.push_back({*place, effects_.resolve(in, *place), object->getType(), follows});
    };
    for (const VarDecl* v : uses_.registered_statics) {
      const Place place{{Root::Kind::kVariable, v, {}}, {}};
      out.push_back({place, {place}, v->getType(), true});
    }
    for (const VarDecl* v : uses_.registered_at_end) {
      const Place place{{Root::Kind::kVariable, v, {}}, {}};
      out.push_back({place, {place}, v->getType(), true});
    }
    for (const Expr* e : loop.state) add(facts, e);
    for (const std::size_t i : around) {
      for (const Expr* e : facts.loops[i].state) add(facts, e);
    }
    const SourceManager& sources = context_.getSourceManager();
    for (const FunctionDecl* f : effects_.functions()) {
      const FunctionFacts& other = effects_.facts(f);
      for (const StateCall& call : other.state_calls) {
        const auto* block = dyn_cast_or_null<CompoundStmt>(call.scope);
        if (!block) continue;  // who knows whether it has run
        if (f == facts.function) {
          const bool around_loop = contains(block, loop.driver->getBeginLoc());
          if (!around_loop || !sources.isBeforeInTranslationUnit(call.at, loop.driver->getBeginLoc())) continue;
          for (const Expr* e : call.arguments) add(facts, e);
        } else if (comes_first(other, call)) {
          // Only globals can be meant.
          for (const Expr* e : call.arguments) {
            const std::optional<Place> place = Effects::state_place(e);
            if (place && is_global(place->root.variable())) out.push_back({*place, {*place}, Effects::state_object(e)->getType()});
          }
        }
      }
    }
    return out;
  }

  // Does main register this before a loop can have run?
  bool comes_first(const FunctionFacts& facts, const StateCall& call) const {
    if (!facts.function->isMain() || call.scope != facts.function->getBody() || call.step.loop != 0) return false;
    return std::none_of(facts.loop_steps.begin(), facts.loop_steps.end(), [&](const Step& step) { return step.number != 0 && step.number <= call.step.number; }) &&
           std::none_of(facts.calls.begin(), facts.calls.end(), [&](const Called& each) {
             DeclSet<FunctionDecl> seen;
             return each.step.number <= call.step.number && may_run_loops(each.function, seen);
           });
  }

  bool may_run_loops(const FunctionDecl* f, DeclSet<FunctionDecl>& seen) const {
    if (!seen.insert(f->getCanonicalDecl()).second) return false;
    const FunctionDecl* definition = effects_.definition(f);
    if (!definition || !effects_.summary(definition)) return true;
    const FunctionFacts& facts = effects_.facts(definition);
    return !facts.loops.empty() || !facts.unknown_calls.empty() ||
           std::any_of(facts.calls.begin(), facts.calls.end(), [&](const Called& each) { return may_run_loops(each.function, seen); });
  }

  bool contains(const Stmt* s, SourceLocation at) const {
    const SourceManager& sources = context_.getSourceManager();
    at = sources.getExpansionLoc(at);
    const SourceLocation begin = sources.getExpansionLoc(s->getBeginLoc());
    const SourceLocation end = sources.getExpansionRange(s->getEndLoc()).getEnd();
    return !sources.isBeforeInTranslationUnit(at, begin) && !sources.isBeforeInTranslationUnit(end, at);
  }

  // Does the root own what lies behind its pointers, so that capturing it captures that?
  static bool owns_what_it_reaches(const Place& covered) {
    const VarDecl* v = covered.root.variable();
    QualType type = v ? v->getType() : QualType();
    for (const FieldDecl* field : covered.path) {
      if (field) type = field->getType();
    }
    return !type.isNull() && is_owning_handle(type);
  }

  // Is a place in the state? As a whole, or all but some of its members.
  struct Covered {
    bool is = false;
    std::set<std::string> left_out;
    bool forgotten = false;  // the object is in the state, the place in it is not
  };
  Covered covered_directly(const Place& place, const std::vector<Cover>& covers, bool only_owners) {
    Covered best;
    const auto consider = [&](QualType type, const Place& of) {
      const std::vector<const FieldDecl*> rest(place.path.begin() + static_cast<std::ptrdiff_t>(of.path.size()), place.path.end());
      KeptParts::Answer answer = kept_.find(type, rest);
      if (answer.kept) best = {true, {}, false};
      else if (answer.left_out.empty()) best.forgotten = true;
      else if (!best.is) best = {true, std::move(answer.left_out), false};
    };
    for (const Cover& cover : covers) {
      if (best.is && best.left_out.empty()) break;
      if (cover.place.holds(place)) {
        // Steps through pointers behind what is covered lead to others' objects, unless it is a handle that owns them.
        bool passes = false;
        for (std::size_t i = cover.place.path.size(); i < place.path.size(); ++i) passes = passes || !place.path[i];
        if (!only_owners || !passes || cover.follows || owns_what_it_reaches(cover.place)) consider(cover.type, cover.place);
      }
      // A reference or pointer that can only stand for one thing covers that thing, as far as its type knows it.
      if (cover.resolved.size() == 1 && cover.resolved.begin()->holds(place) && (!only_owners || cover.resolved.begin()->root != cover.place.root)) {
        const Place& of = *cover.resolved.begin();
        if (of.path.size() == place.path.size() && is_base_of(cover.type, of)) best.forgotten = true;
        else consider(cover.type, of);
      }
    }
    return best;
  }

  // Is the object that a place names of a class that derives from `type`?
  static bool is_base_of(QualType type, const Place& place) {
    const VarDecl* v = place.root.variable();
    QualType own = v ? v->getType() : QualType();
    for (const FieldDecl* field : place.path) own = field ? field->getType() : QualType();
    const CXXRecordDecl* base = type.getNonReferenceType()->getAsCXXRecordDecl();
    const CXXRecordDecl* r = own.isNull() ? nullptr : own.getNonReferenceType()->getAsCXXRecordDecl();
    return base && r && r->hasDefinition() && base->getCanonicalDecl() != r->getCanonicalDecl() && base->hasDefinition() && r->isDerivedFrom(base);
  }

  struct Verdict {
    bool missing = false;
    Place place;
    std::set<std::string> left_out = {};  // only if one of these members is modified
    bool forgotten = false;
  };

  Verdict judge(const FunctionFacts& facts, const HindsightLoop& loop, const Place& place, const std::vector<Cover>& covers) {
    if (exempt(loop, place)) {
      // A variable of the loop's own may still stand for an outside one.
    } else if (const Covered covered = covered_directly(place, covers, true); covered.is && covered.left_out.empty()) {
      return {};
    }
    Verdict partly;
    for (const Place& p : as_declared(effects_.resolve(facts, place))) {
      if (exempt(loop, p)) continue;
      Covered covered = covered_directly(p, covers, false);
      if (!covered.is) return {true, p, {}, covered.forgotten};
      if (!covered.left_out.empty()) partly = {true, p, std::move(covered.left_out), true};
    }
    return partly;
  }

  // Nothing that the loop's state could have to hold. The loop is the one that is looked at, wanted_.back().
  bool exempt(const HindsightLoop& loop, const Place& place) const {
    if (place.root.kind == Root::Kind::kTemporary) return true;
    const VarDecl* v = place.root.variable();
    if (!v) return false;
    if (is_output_stream(v) || in_hindsight(v) || v->getName() == "errno") return true;
    const QualType type = v->getType();
    const CXXRecordDecl* r = type.getNonReferenceType()->getAsCXXRecordDecl();
    if (r && in_hindsight(r)) return true;
    if (is_stateless(type)) return true;
    // A const object cannot be assigned, but for its mutable members; what a handle leads to can.
    if (!place.passes_pointer() && (type.isConstQualified() || v->isConstexpr()) && !may_be_mutable(place, type)) return true;
    // Const and nothing in it to reach others by.
    if (type.getNonReferenceType().isConstQualified() && !may_be_mutable(place, type) && !effects_.types().holds_references(type.getNonReferenceType())) return true;
    if (is_global(v)) return false;
    return declared_in(loop, v) || wanted_.back().dead.count(v->getCanonicalDecl()) != 0;
  }

  static bool may_be_mutable(const Place& place, QualType type) {
    for (const FieldDecl* step : place.path) {
      if (step && step->isMutable()) return true;
      if (step) type = step->getType();
    }
    const CXXRecordDecl* r = type.getNonReferenceType()->getAsCXXRecordDecl();
    return r && r->hasDefinition() && r->hasMutableFields() && !in_std(r);
  }

  // Made anew in every iteration: declared in the body, or the variable of a range-for.
  bool declared_in(const HindsightLoop& loop, const VarDecl* v) const {
    const Stmt* s = loop.driver;
    if (const auto* range = dyn_cast<CXXForRangeStmt>(s)) {
      if (v->getCanonicalDecl() == range->getLoopVariable()->getCanonicalDecl()) return true;
      for (const DeclStmt* d : {range->getRangeStmt(), range->getBeginStmt(), range->getEndStmt()}) {
        if (d && d->isSingleDecl() && d->getSingleDecl() == v) return true;  // hindsight's own
      }
      return contains(range->getBody(), v->getLocation());
    }
    if (const auto* f = dyn_cast<ForStmt>(s)) {
      if (contains(f->getBody(), v->getLocation())) return true;
      return f->getConditionVariable() == v || (f->getInc() && contains(f->getInc(), v->getLocation())) || (f->getCond() && contains(f->getCond(), v->getLocation()));
    }
    return contains(s, v->getLocation());
  }

  static bool is_of_modules(const Place& place) {
    const VarDecl* v = place.root.variable();
    QualType type = v ? v->getType() : QualType();
    for (const FieldDecl* field : place.path) {
      if (field) type = field->getType();
    }
    return holds_modules_only(type);
  }

  static std::string list_of(const std::set<std::string>& names) {
    std::string out;
    for (const std::string& name : names) out += (out.empty() ? "'" : ", '") + name + "'";
    return out;
  }

  static std::string name_of(const Place& place) {
    if (const VarDecl* v = place.root.variable()) return is_global(v) && !v->isStaticLocal() ? v->getQualifiedNameAsString() : v->getNameAsString();
    if (place.root.kind == Root::Kind::kThis) {
      for (const FieldDecl* field : place.path) {
        if (field) return "this->" + field->getNameAsString();
      }
      return "*this";
    }
    return place.root.what;
  }

  // `s.sum` for a part of s.
  static std::string part_of(const Place& place) {
    std::string out;
    for (const FieldDecl* field : place.path) {
      if (field) out += "." + field->getNameAsString();
    }
    return out;
  }

  void loops(const FunctionDecl* f) {
    const FunctionFacts& facts = effects_.facts(f);
    for (std::size_t i = 0; i < facts.loops.size(); ++i) {
      const HindsightLoop& loop = facts.loops[i];
      LoopReport out = describe(f, loop);
      std::vector<std::size_t> around;
      for (std::size_t j = 0; j < facts.loops.size(); ++j) {
        if (j != i && contains(facts.loops[j].driver, loop.driver->getBeginLoc()) && facts.loops[j].driver != loop.driver) around.push_back(j);
      }
      for (const std::size_t j : around) out.nest.push_back(facts.loops[j].name);
      const std::vector<Cover> covered = covers(facts, loop, around);

      DeclSet<VarDecl> dead = dead_at_head(context_, facts, loop);
      out.dead = names_of(dead);
      wanted_.push_back({.function = f, .loop = loop.driver, .places = {}, .dead = std::move(dead), .has_thread = false, .by_thread = {}});
      std::map<std::string, Missing> missing;
      auto add = [&](const std::string& variable, unsigned line, const std::string& why, const Conditions& conditions = {}) {
        const auto [at, fresh] = missing.try_emplace(variable, Missing{variable, line, why, conditions});
        if (fresh) return;
        Missing& known = at->second;
        // What is certain is the better reason, then what comes first.
        const bool better = conditions.always == known.conditions.always ? line < known.line : conditions.always;
        if (better) known.line = line, known.why = why;
        known.conditions.add(conditions);
      };
      wanted_.back().has_thread = beside_threads().count(f->getCanonicalDecl()) != 0;
      if (wanted_.back().has_thread) add(kThread, out.line, "was started before this function was called, and goes on beside it");
      auto inside = [i](const std::vector<std::size_t>& loops) { return std::find(loops.begin(), loops.end(), i) != loops.end(); };
      auto blame = [&](const Place& place, unsigned line, const std::string& why, const Conditions& conditions = {}) {
        const Verdict verdict = judge(facts, loop, place, covered);
        if (!verdict.missing) return;
        for (const Place& p : effects_.resolve(facts, place)) {
          if (!exempt(loop, p)) wanted_.back().places.insert(p);
        }
        const std::string part = verdict.place.root.variable() ? part_of(verdict.place) : "";
        std::string reason = part.empty() ? why : why + " (" + name_of(verdict.place) + part + ")";
        Conditions narrowed = conditions;
        if (!verdict.left_out.empty()) {
          // Libraries touch what is registered with a module and nothing else.
          if (conditions.always && is_of_modules(verdict.place)) return;
          narrowed.any.clear();
          for (Condition each : conditions.any) {
            each.members.assign(verdict.left_out.begin(), verdict.left_out.end());
            narrowed.any.insert(std::move(each));
          }
          reason += "; no serialize() that is seen here names " + list_of(verdict.left_out);
        } else if (verdict.forgotten) {
          reason += ", which no serialize() that is seen here names";
        }
        add(name_of(verdict.place), line, reason, narrowed);
      };

      for (const Missing& m : loop.misuse) add(m.variable, m.line, m.why);
      if (!preprocessed_.compiler_dependent.empty()) {
        add("(this unit)", out.line, "its code depends on which compiler reads it: " + preprocessed_.compiler_dependent);
      }
      DeclSet<VarDecl> optimizers;
      for (const Event& event : facts.events) {
        if (!inside(event.loops)) continue;
        blame(event.place, event.line, event.why, event.conditions);
        if (const VarDecl* v = event.place.root.variable(); v && is_optimizer(v->getType()) && !declared_in(loop, v)) optimizers.insert(v);
      }
      rebound(facts, i, covered, add);
      const bool backward = std::any_of(facts.backward.begin(), facts.backward.end(), inside);
      if (backward) gradients(facts, i, blame);
      for (const VarDecl* v : optimizers) optimizer(facts, v, out.line, covered, add);
      if (std::any_of(facts.unknown_calls.begin(), facts.unknown_calls.end(), inside)) {
        for (const FunctionDecl* g : effects_.functions()) {
          if (!is_by_pointer(g)) continue;
          for (const auto& [place, cause] : effects_.summary(g)->modifies) {
            const bool shown = is_global(place.root.variable()) || place.root.kind == Root::Kind::kUnknown;
            if (shown) blame(place, out.line, cause.why + " in " + report_name(g) + ", which a call through a pointer may run", cause.conditions);
          }
        }
      }
      if (is_coroutine(f) || !effects_.is_settled()) {
        for (const VarDecl* v : uses_.globals) blame_global(v, blame, out.line, "may be changed by who resumes the coroutine, or by what could not be followed to its end");
      }
      if (std::any_of(facts.library_calls.begin(), facts.library_calls.end(), inside)) {
        for (const FunctionDecl* m : effects_.library_derived()) {
          for (const auto& [place, cause] : effects_.summary(m)->modifies) {
            if (is_global(place.root.variable())) blame(place, out.line, "may be changed by " + report_name(m) + ", which a library may call");
          }
        }
      }
      if (missing.count(kThread)) find_written_by_threads(facts, wanted_.back());
      for (auto& [variable, m] : missing) out.missing.push_back(std::move(m));

      std::set<std::string> calls;
      for (const Called& c : facts.calls) {
        if (inside(c.loops)) calls.insert(report_name(c.function));
      }
      out.calls.assign(calls.begin(), calls.end());
      if (memory_streams_ && std::any_of(facts.files.begin(), facts.files.end(), [&](const FileEvent& each) { return each.use.writes && inside(each.loops); })) {
        out.missing.push_back({"(streams)", out.line, "the body writes text, and this unit makes streams whose text lands in memory, or sets their buffers"});
      }
      out.calls_unknown = std::any_of(facts.unknown_calls.begin(), facts.unknown_calls.end(), inside);
      for (const FileEvent& event : facts.files) {
        if (!inside(event.loops)) continue;
        out.reads_files = out.reads_files || event.use.reads;
        out.writes_files = out.writes_files || event.use.writes;
      }
      out.step = facts.loop_steps[i];
      report_.loops.push_back(std::move(out));
    }
  }

  template <class Blame>
  void blame_global(const VarDecl* v, Blame& blame, unsigned line, const std::string& why) const {
    const Place place{{Root::Kind::kVariable, v->getCanonicalDecl(), {}}, {}};
    if (v->getType()->isReferenceType()) return;
    if (!v->getType().isConstQualified() && !v->isConstexpr()) blame(place, line, why);
    else if (effects_.types().holds_references(v->getType())) blame(place.then(nullptr), line, why);
  }

  // A handle of the state that is assigned anew leaves what it referred to to those that share it. A restore finds them
  // sharing still, and writes to it.
  template <class Add>
  void rebound(const FunctionFacts& facts, std::size_t loop, const std::vector<Cover>& covers, Add& add) {
    const auto targets_of = [&](const Root& root) {
      Places out = {Place{root, {nullptr}}};
      if (const auto known = facts.aliases.find(root); known != facts.aliases.end()) out.insert(known->second.places.begin(), known->second.places.end());
      return out;
    };
    for (const Event& event : facts.events) {
      const VarDecl* v = event.place.root.variable();
      if (!v || !event.place.path.empty() || !is_shared_handle(v->getType()) || v->getType()->isReferenceType() || llvm::StringRef(event.why).starts_with("changed in place")) continue;
      if (std::find(event.loops.begin(), event.loops.end(), loop) == event.loops.end() || exempt(facts.loops[loop], event.place)) continue;
      const Places before = targets_of(event.place.root);
      for (const auto& [root, reach] : facts.aliases) {
        const VarDecl* other = root.variable();
        if (!other || other == v || other->getType()->isReferenceType() || !is_shared_handle(other->getType()) || exempt(facts.loops[loop], Place{root, {}})) continue;
        share(other, before, targets_of(root), covers, event, v, add);
      }
      for (const Place& p : before) {
        const VarDecl* other = p.root.variable();
        if (other && other != v && is_shared_handle(other->getType()) && !exempt(facts.loops[loop], Place{p.root, {}})) share(other, before, {p}, covers, event, v, add);
      }
    }
  }
  template <class Add>
  void share(const VarDecl* other, const Places& before, const Places& targets, const std::vector<Cover>& covers, const Event& event, const VarDecl* v, Add& add) {
    const bool common = std::any_of(targets.begin(), targets.end(), [&](const Place& p) { return before.count(p) != 0; });
    const Place place{{Root::Kind::kVariable, other->getCanonicalDecl(), {}}, {}};
    if (!common || covered_directly(place, covers, false).is) return;
    wanted_.back().places.insert(place);
    add(other->getNameAsString(), event.line, "shares what '" + v->getNameAsString() + "' referred to before it is assigned anew", {});
  }

  // backward() adds to the gradients of every module, and of every tensor that wants one, that the body can have used.
  template <class Blame>
  void gradients(const FunctionFacts& facts, std::size_t loop, Blame& blame) {
    for (const auto& [place, loops] : facts.reads) {
      if (std::find(loops.begin(), loops.end(), loop) == loops.end()) continue;
      QualType type = place.root.variable() ? place.root.variable()->getType() : QualType();
      for (const FieldDecl* field : place.path) {
        if (field) type = field->getType();
      }
      if (type.isNull() || is_optimizer(type) || is_data_loader(type)) continue;
      if (!contains_module(type) && !uses_.wants_gradients && !made_elsewhere(place.root.variable())) continue;
      blame(place.then(nullptr), user_.line_of(facts.loops[loop].at), "backward() may add to its gradients");
    }
  }

  // A tensor that comes from a function of the user's whose body is not here.
  bool made_elsewhere(const VarDecl* v) const {
    const auto* call = v && v->getInit() ? dyn_cast_or_null<CallExpr>(bare(v->getInit())) : nullptr;
    const FunctionDecl* f = call ? call->getDirectCallee() : nullptr;
    return f && user_.is_user(f) && !effects_.summary(f);
  }

  // An optimiser whose parameters are not known here: at least something that can have parameters must be covered.
  template <class Add>
  void optimizer(const FunctionFacts& facts, const VarDecl* v, unsigned line, const std::vector<Cover>& covers, Add& add) const {
    const auto known = facts.aliases.find({Root::Kind::kVariable, v->getCanonicalDecl(), {}});
    if (known != facts.aliases.end() && !known->second.places.empty()) return;
    for (const Cover& cover : covers) {
      const VarDecl* c = cover.place.root.variable();
      QualType type = c ? c->getType() : QualType();
      for (const FieldDecl* field : cover.place.path) {
        if (field) type = field->getType();
      }
      if (c != v && !type.isNull() && !is_optimizer(type) && (contains_module(type) || contains_tensor(type))) return;
    }
    add(v->getNameAsString(), line, "the parameters it changes are not known here, and no module is in the state");
  }

  LoopReport describe(const FunctionDecl* f, const HindsightLoop& loop) const {
    const SourceManager& sources = context_.getSourceManager();
    LoopReport out;
    out.name = loop.name;
    out.file = user_.file_of(loop.at);
    out.line = user_.line_of(loop.at);
    out.end_line = line_at(sources, sources.getExpansionRange(loop.driver->getEndLoc()).getEnd());
    out.function = report_name(f);
    for (const Expr* e : loop.state) out.state.push_back(text_of(context_, e->getSourceRange()));
    return out;
  }

  // A template that nothing instantiates never runs from this unit; what is said of it must only not be "complete".
  void pattern_loops(const FunctionDecl* f) {
    for (const HindsightLoop& loop : loops_of(context_, f)) {
      LoopReport out = describe(f, loop);
      const bool instantiated = std::any_of(report_.loops.begin(), report_.loops.end(), [&](const LoopReport& r) { return r.file == out.file && r.line == out.line && r.name == out.name; });
      if (instantiated) continue;
      out.missing.push_back({"(the template)", out.line, "not instantiated in this unit, so not analysed"});
      out.calls_unknown = true;
      report_.loops.push_back(std::move(out));
    }
  }

  // Instantiations of one template are one loop of the source.
  void merge_loops() {
    std::vector<LoopReport> merged;
    for (LoopReport& loop : report_.loops) {
      const auto same = std::find_if(merged.begin(), merged.end(), [&](const LoopReport& r) {
        return r.name == loop.name && r.file == loop.file && r.line == loop.line && r.function == loop.function;
      });
      if (same == merged.end()) {
        merged.push_back(std::move(loop));
        continue;
      }
      for (Missing& m : loop.missing) {
        const auto known = std::find_if(same->missing.begin(), same->missing.end(), [&](const Missing& k) { return k.variable == m.variable; });
        if (known == same->missing.end()) same->missing.push_back(std::move(m));
        else known->conditions.add(m.conditions);
      }
      std::vector<std::string> dead;
      std::set_union(loop.dead.begin(), loop.dead.end(), same->dead.begin(), same->dead.end(), std::back_inserter(dead));
      same->dead = std::move(dead);
      same->reads_files = same->reads_files || loop.reads_files;
      same->writes_files = same->writes_files || loop.writes_files;
      std::set<std::string> calls(same->calls.begin(), same->calls.end());
      calls.insert(loop.calls.begin(), loop.calls.end());
      same->calls.assign(calls.begin(), calls.end());
      same->calls_unknown = same->calls_unknown || loop.calls_unknown;
    }
    std::stable_sort(merged.begin(), merged.end(), [](const LoopReport& a, const LoopReport& b) { return std::tie(a.file, a.line) < std::tie(b.file, b.line); });
    report_.loops = std::move(merged);
  }

  // ---- functions ----

  bool is_tracked(const FunctionDecl* f) const {
    if (f->getTemplateInstantiationPattern() || f->isDependentContext() || f->isOverloadedOperator()) {
      if (!is_lambda(f)) return false;
    }
    if (f->isTemplated() || f->hasAttr<ConstructorAttr>() || f->hasAttr<DestructorAttr>()) return false;
    if (is_lambda(f)) {
      const CXXRecordDecl* r = cast<CXXMethodDecl>(f)->getParent();
      return !r->isGenericLambda() && !uses_.lambda_escapes.count(r->getCanonicalDecl());
    }
    return !isa<CXXMethodDecl>(f) && !uses_.address_taken.count(f->getCanonicalDecl());
  }

  // May a call through a pointer or a function object run it? Operators and what makes, copies and destroys objects run with the function objects.
  bool is_by_pointer(const FunctionDecl* f) const {
    if (f->isMain()) return false;
    if (!effects_.is_settled() || is_coroutine(f)) return true;
    if (f->isExternC() && f->isExternallyVisible()) return true;  // dlsym() finds it
    if (is_lambda(f)) return !is_tracked(f);
    if (f->isOverloadedOperator() || isa<CXXConstructorDecl, CXXDestructorDecl, CXXConversionDecl>(f)) return true;
    const auto* m = dyn_cast<CXXMethodDecl>(f);
    const FunctionDecl* pattern = f->getTemplateInstantiationPattern();
    return (m && m->isVirtual()) || uses_.address_taken.count(f->getCanonicalDecl()) || (pattern && uses_.address_taken.count(pattern->getCanonicalDecl()));
  }
  static bool is_coroutine(const FunctionDecl* f) { return isa_and_nonnull<CoroutineBodyStmt>(f->getBody()); }

  static std::vector<std::string> overridden_by(const FunctionDecl* f) {
    std::set<std::string> names;
    const auto add = [&](const CXXMethodDecl* m, const auto& self) -> void {
      for (const CXXMethodDecl* base : m->overridden_methods()) {
        names.insert(report_name(base));
        self(base, self);
      }
    };
    if (const auto* m = dyn_cast<CXXMethodDecl>(f)) add(m, add);
    return {names.begin(), names.end()};
  }

  void registered() {
    std::set<std::string> names;
    for (const FunctionDecl* f : effects_.functions()) {
      for (const StateCall& call : effects_.facts(f).state_calls) {
        if (!comes_first(effects_.facts(f), call)) continue;
        for (const Expr* e : call.arguments) {
          const std::optional<Place> place = Effects::state_place(e);
          const VarDecl* v = place && place->path.empty() ? place->root.variable() : nullptr;
          if (is_global(v) && !v->isStaticLocal()) names.insert(v->getQualifiedNameAsString());
        }
      }
    }
    for (const VarDecl* v : uses_.registered_at_end) names.insert(v->getQualifiedNameAsString());
    report_.registered.assign(names.begin(), names.end());
    for (const auto& [what, why] : uses_.unfollowed) report_.unfollowed.push_back({what, why});
  }

  void find_written_by_threads(const FunctionFacts& facts, Wanted& wanted) const {
    const bool is_known = !wanted.has_thread && facts.unknown_calls.empty();
    wanted.has_thread = true;
    if (!is_known) return;
    for (const Event& event : facts.events) {
      if (!event.by_thread) continue;
      const Places places = effects_.resolve(facts, event.place);
      wanted.by_thread.insert(places.begin(), places.end());
    }
  }

  // The functions that may run while a thread goes on that one of their callers has started.
  const DeclSet<FunctionDecl>& beside_threads() const {
    if (beside_threads_) return *beside_threads_;
    beside_threads_.emplace();
    const auto add = [&](const FunctionDecl* f, const auto& self) -> void {
      if (!beside_threads_->insert(f->getCanonicalDecl()).second) return;
      const FunctionDecl* definition = effects_.definition(f);
      if (!definition || !effects_.summary(definition)) return;
      for (const Called& call : effects_.facts(definition).calls) self(call.function, self);
    };
    for (const FunctionDecl* f : effects_.functions()) {
      const FunctionFacts& facts = effects_.facts(f);
      for (const Called& call : facts.calls) {
        const auto goes_on = [&](const auto& thread) { return thread.first < call.step.number && call.step.number < thread.second; };
        if (std::any_of(facts.threads.begin(), facts.threads.end(), goes_on)) add(call.function, add);
      }
    }
    return *beside_threads_;
  }

  // Which of its parameters, and whether its object, a function modifies.
  static void modified(const Summary& summary, const FunctionDecl* f, std::vector<Modified>& out) {
    auto add = [&](int parameter, const Place& place, const Conditions& conditions) {
      auto step = place.path.begin();
      if (step != place.path.end() && !*step) ++step;
      const std::string member = step != place.path.end() && *step ? (*step)->getNameAsString() : "";
      const auto known = std::find_if(out.begin(), out.end(), [&](const Modified& m) { return m.parameter == parameter && m.member == member; });
      if (known == out.end()) out.push_back({parameter, member, conditions});
      else known->conditions.add(conditions);
    };
    for (const auto& [place, cause] : summary.modifies) {
      if (place.root.kind == Root::Kind::kThis) add(Condition::kThis, place, cause.conditions);
      const auto* p = dyn_cast_or_null<ParmVarDecl>(place.root.variable());
      const auto* owner = p ? dyn_cast<FunctionDecl>(p->getDeclContext()) : nullptr;
      if (owner && owner->getCanonicalDecl() == f->getCanonicalDecl()) add(static_cast<int>(p->getFunctionScopeIndex()), place, cause.conditions);
    }
    std::sort(out.begin(), out.end(), [](const Modified& a, const Modified& b) { return std::tie(a.parameter, a.member) < std::tie(b.parameter, b.member); });
  }

  void functions() {
    std::map<std::string, FunctionReport> out;
    for (const FunctionDecl* f : functions_) {
      if (f->isDependentContext() && !out.count(report_name(f))) {
        out[report_name(f)] = {.name = report_name(f), .file = user_.file_of(f->getLocation()), .line = user_.line_of(f->getLocation()), .tracked = false, .defined = false, .calls = {}, .calls_unknown = false, .writes_globals = {}, .modifies = {}, .actions = {}};
      }
    }
    for (const FunctionDecl* f : effects_.functions()) {
      const FunctionFacts& facts = effects_.facts(f);
      FunctionReport& r = out[report_name(f)];
      const bool fresh = r.name.empty();
      r.name = report_name(f);
      r.file = user_.file_of(f->getLocation());
      r.line = user_.line_of(f->getLocation());
      r.tracked = is_tracked(f) && (fresh || r.tracked);
      r.by_pointer = r.by_pointer || is_by_pointer(f);
      r.overrides = overridden_by(f);
      r.defined = true;
      r.calls_unknown = r.calls_unknown || !facts.unknown_calls.empty();
      r.draws = r.draws || !facts.draws.empty();
      std::set<std::string> calls(r.calls.begin(), r.calls.end());
      for (const Called& c : facts.calls) calls.insert(report_name(c.function));
      r.calls.assign(calls.begin(), calls.end());
      modified(*effects_.summary(f), f, r.modifies);
      std::set<Action> actions(r.actions.begin(), r.actions.end());
      for (const Called& c : facts.calls) actions.insert({.call = report_name(c.function), .step = c.step});
      for (const FileEvent& e : facts.files) actions.insert({.call = {}, .reads_files = e.use.reads, .writes_files = e.use.writes, .step = e.step});
      r.actions.assign(actions.begin(), actions.end());
      for (const Event& event : facts.events) {
        for (const Place& p : effects_.resolve(facts, event.place)) {
          const VarDecl* v = p.root.variable();
          const bool hidden = p.root.kind == Root::Kind::kUnknown;
          if (!hidden && (!is_global(v) || is_output_stream(v) || in_std(v) || in_hindsight(v) || is_stateless(v->getType()))) continue;
          if (!hidden && !p.passes_pointer() && v->getType().isConstQualified() && !may_be_mutable(p, v->getType())) continue;
          if (v && uses_.registered_statics.count(v->getCanonicalDecl())) continue;
          const std::string name = name_of(p);
          const auto known = std::find_if(r.writes_globals.begin(), r.writes_globals.end(), [&](const GlobalWrite& w) { return w.variable == name && w.hidden == hidden; });
          if (known == r.writes_globals.end()) r.writes_globals.push_back({name, event.line, hidden, event.conditions});
          else known->conditions.add(event.conditions);
        }
      }
    }
    // What the units of these functions cannot know: their address is taken here, or they are called beside a thread.
    const auto mention = [&](const FunctionDecl* f, bool tracked) -> FunctionReport& {
      FunctionReport& r = out[report_name(f)];
      if (r.name.empty()) {
        r = {.name = report_name(f), .file = user_.file_of(f->getLocation()), .line = user_.line_of(f->getLocation()), .tracked = tracked, .defined = false, .calls = {}, .calls_unknown = false, .writes_globals = {}, .modifies = {}, .actions = {}};
      }
      return r;
    };
    for (const FunctionDecl* f : uses_.address_taken) {
      if (!user_.is_user(f)) continue;
      FunctionReport& r = mention(f, false);
      r.tracked = false;
      r.by_pointer = true;
    }
    for (const FunctionDecl* f : beside_threads()) {
      if (user_.is_user(f)) mention(f, true).beside_thread = true;
    }
    for (auto& [name, r] : out) report_.functions.push_back(std::move(r));
  }

  ASTContext& context_;
  const UserCode& user_;
  const std::vector<const FunctionDecl*>& functions_;
  const Preprocessed& preprocessed_;
  UnitReport& report_;
  Effects effects_;
  KeptParts kept_;
  const UnitUses uses_;
  mutable std::optional<DeclSet<FunctionDecl>> beside_threads_;
  bool memory_streams_ = false;
  std::vector<Wanted> wanted_;
};

}  // namespace

UnitNeeds needs_of(ASTContext& context, const UserCode& user, const std::vector<const FunctionDecl*>& functions, const Preprocessed& preprocessed, const NamedLoops& loops) {
  UnitReport ignored;
  return Reporter(context, user, functions, preprocessed, ignored, loops).needs();
}

void summarise(ASTContext& context, const UserCode& user, const std::vector<const FunctionDecl*>& functions, const Preprocessed& preprocessed, UnitReport& report) {
  Reporter(context, user, functions, preprocessed, report).run();
}

}  // namespace hindsight::instrument
