#include "instrument/effects.h"

#include <algorithm>

namespace hindsight::instrument {

using namespace clang;

namespace {

constexpr int kMostRounds = 50;

}  // namespace

Effects::~Effects() = default;

Effects::Effects(ASTContext& context, const UserCode& user, const std::vector<const FunctionDecl*>& functions, const NamedLoops& named)
    : context_(context), user_(user), named_(named) {
  for (const FunctionDecl* f : functions) {
    if (f->isDependentContext()) continue;
    functions_.push_back(f);
    summaries_[f->getCanonicalDecl()];
    index_for_libraries(f);
    const auto* m = dyn_cast<CXXMethodDecl>(f);
    if (!m) continue;
    std::vector<const CXXMethodDecl*> open(m->begin_overridden_methods(), m->end_overridden_methods());
    bool library = false;
    while (!open.empty()) {
      const CXXMethodDecl* base = open.back();
      open.pop_back();
      overriders_[base->getCanonicalDecl()].insert(f);
      library = library || !user.is_user(base);
      open.insert(open.end(), base->begin_overridden_methods(), base->end_overridden_methods());
    }
    for (const CXXBaseSpecifier& base : m->getParent()->bases()) {
      const CXXRecordDecl* r = base.getType()->getAsCXXRecordDecl();
      library = library || (r && !user.is_user(r) && !m->getParent()->isLambda());
    }
    if (library) library_derived_.push_back(f);
  }
  // Whose summaries were asked for when a function was read: it is read again once one of them has changed.
  std::map<const FunctionDecl*, DeclSet<FunctionDecl>> asked;
  DeclSet<FunctionDecl> changed;
  for (int round = 0; round < kMostRounds; ++round) {
    DeclSet<FunctionDecl> changing;
    for (const FunctionDecl* f : round == 0 ? functions_ : callees_first(asked)) {
      DeclSet<FunctionDecl>& used = asked[f];
      const auto is_stale = [&](const FunctionDecl* g) { return changed.count(g) != 0 || changing.count(g) != 0; };
      if (round != 0 && std::none_of(used.begin(), used.end(), is_stale)) continue;
      used.clear();
      asked_ = &used;
      FunctionFacts facts = read_facts(*this, f);
      Summary summary = summarise(facts);
      asked_ = nullptr;
      facts_[f] = std::move(facts);
      Summary& known = summaries_[f->getCanonicalDecl()];
      if (!(summary == known)) {
        known = std::move(summary);
        changing.insert(f->getCanonicalDecl());
      }
    }
    if (changing.empty()) return;
    changed = std::move(changing);
  }
  settled_ = false;
  for (auto& [f, summary] : summaries_) summary.unknown_calls = true;
  for (const FunctionDecl* f : functions_) facts_[f] = read_facts(*this, f);
}

namespace {

const CXXRecordDecl* record_in(QualType t) {
  const CXXRecordDecl* r = t.getNonReferenceType()->getAsCXXRecordDecl();
  return r ? r->getCanonicalDecl() : nullptr;
}

}  // namespace

// The functions in an order in which, recursion left out, one comes behind those that it asked for: what changes in them is known by then.
std::vector<const FunctionDecl*> Effects::callees_first(const std::map<const FunctionDecl*, DeclSet<FunctionDecl>>& asked) const {
  std::map<const FunctionDecl*, const FunctionDecl*> left;  // by canonical declaration
  for (const FunctionDecl* f : functions_) left[f->getCanonicalDecl()] = f;
  std::vector<const FunctionDecl*> out;
  const auto add = [&](const FunctionDecl* f, const auto& self) -> void {
    const auto next = left.find(f->getCanonicalDecl());
    if (next == left.end()) return;
    const FunctionDecl* body = next->second;
    left.erase(next);
    for (const FunctionDecl* callee : asked.at(body)) self(callee, self);
    out.push_back(body);
  };
  for (const FunctionDecl* f : functions_) add(f, add);
  return out;
}

void Effects::index_for_libraries(const FunctionDecl* f) {
  DeclSet<CXXRecordDecl> classes;
  const bool operation = f->isOverloadedOperator();
  if (const auto* m = dyn_cast<CXXMethodDecl>(f)) {
    if (m->getParent()->isLambda()) return;
    if (operation || isa<CXXConstructorDecl, CXXDestructorDecl, CXXConversionDecl>(m)) classes.insert(m->getParent()->getCanonicalDecl());
    // std::hash<Key> and std::less<Key>, written for a class of the user's.
    if (const auto* s = dyn_cast<ClassTemplateSpecializationDecl>(m->getParent()); s && operation) {
      for (const TemplateArgument& a : s->getTemplateArgs().asArray()) {
        if (a.getKind() == TemplateArgument::Type) classes.insert(record_in(a.getAsType()));
      }
    }
  } else if (operation || (f->getIdentifier() && (f->getName() == "swap" || f->getName() == "begin" || f->getName() == "end"))) {
    for (const ParmVarDecl* p : f->parameters()) classes.insert(record_in(p->getType()));
  }
  for (const CXXRecordDecl* r : classes) {
    if (r) run_by_libraries_[r].push_back(f);
  }
}

const std::vector<const FunctionDecl*>& Effects::run_by_libraries(const CXXRecordDecl* r) const {
  static const std::vector<const FunctionDecl*> kNone;
  const auto known = run_by_libraries_.find(r->getCanonicalDecl());
  return known == run_by_libraries_.end() ? kNone : known->second;
}

const FunctionDecl* Effects::definition(const FunctionDecl* f) const {
  const FunctionDecl* body = nullptr;
  return f && f->hasBody(body) ? body : nullptr;
}

const Summary* Effects::summary(const FunctionDecl* f) const {
  if (asked_) asked_->insert(f->getCanonicalDecl());
  const auto known = summaries_.find(f->getCanonicalDecl());
  return known == summaries_.end() ? nullptr : &known->second;
}

const DeclSet<FunctionDecl>& Effects::overriders(const CXXMethodDecl* m) const {
  static const DeclSet<FunctionDecl> kNone;
  const auto known = overriders_.find(m->getCanonicalDecl());
  return known == overriders_.end() ? kNone : known->second;
}

namespace {

class Resolver {
 public:
  explicit Resolver(const FunctionFacts& facts) : facts_(facts) {}

  Places run(const Place& place) {
    follow(place);
    if (seen_.size() <= kMost) return without_exceptions(std::move(out_));
    // Names that stand for one another in too many ways: all that can be reached, whole.
    std::set<Root> reached;
    std::vector<Root> open = {place.root};
    while (!open.empty()) {
      const Root root = open.back();
      open.pop_back();
      if (!reached.insert(root).second) continue;
      const auto known = facts_.aliases.find(root);
      if (known == facts_.aliases.end()) continue;
      for (const Place& target : known->second.places) open.push_back(target.root);
    }
    Places out;
    for (const Root& root : reached) {
      out.insert(Place{root, {}});
      out.insert(Place{root, {nullptr}});
    }
    return without_exceptions(std::move(out));
  }

 private:
  static constexpr std::size_t kMost = 300;

  // Who threw it, and what that put into it, is not followed.
  static Places without_exceptions(Places places) {
    Places out;
    for (const Place& place : places) {
      const VarDecl* v = place.root.variable();
      const bool leads_elsewhere = v && v->isExceptionVariable() && place.passes_pointer();
      out.insert(leads_elsewhere ? Place{{Root::Kind::kUnknown, nullptr, "what an exception leads to"}, {}} : place);
    }
    return out;
  }

  void follow(const Place& place) {
    if (seen_.size() > kMost || !seen_.insert(place).second) return;
    const auto known = facts_.aliases.find(place.root);
    const VarDecl* v = place.root.variable();
    const bool reference = v && v->getType()->isReferenceType();
    if (known == facts_.aliases.end()) {
      out_.insert(place);
      return;
    }
    const Reach& reach = known->second;
    // What a temporary owned belongs to the name that was given to it or to its copy.
    for (const Place& target : reach.places) {
      if (target.root.kind == Root::Kind::kTemporary) out_.insert(place);
    }
    if (reference) {
      for (const Place& target : reach.places) follow(target.then(place.path.begin(), place.path.end()));
      // One that another function bound is what it was bound to, whatever was stored into that here.
      if (reach.places.empty() || !is_bound_here(v)) out_.insert(place);
      return;
    }
    const auto pointer = std::find(place.path.begin(), place.path.end(), nullptr);
    if (pointer == place.path.end()) {
      out_.insert(place);
      return;
    }
    // `this` and parameters stand for what the caller has, besides what was stored into them here.
    const bool from_outside = place.root.kind == Root::Kind::kThis || isa_and_nonnull<ParmVarDecl>(v) || (v && v->hasGlobalStorage());
    if (reach.own || reach.places.empty() || from_outside) out_.insert(place);
    for (const Place& target : reach.places) {
      if (!leads_into_itself(place, target, pointer + 1)) follow(target.then(pointer + 1, place.path.end()));
    }
  }

  bool is_bound_here(const VarDecl* reference) const {
    const auto* owner = dyn_cast_or_null<FunctionDecl>(reference->getParentFunctionOrMethod());
    return owner && owner->getCanonicalDecl() == facts_.function->getCanonicalDecl() && !isa<ParmVarDecl>(reference) && !reference->hasGlobalStorage();
  }

  // `k->items = realloc(k->items, n)` says that what `k` holds leads to the items: not that `k`, which points to a class of another
  // kind, does.
  static bool leads_into_itself(const Place& place, const Place& target, Place::Path::const_iterator next) {
    if (!(target.root == place.root) || target.path.empty() || target.path.back() || next == place.path.end() || !*next) return false;
    const FieldDecl* last = nullptr;
    for (const FieldDecl* step : target.path) {
      if (step) last = step;
    }
    if (!last || !last->getType()->isPointerType()) return false;
    const CXXRecordDecl* there = last->getType()->getPointeeType()->getAsCXXRecordDecl();
    const auto* owner = dyn_cast<CXXRecordDecl>((*next)->getParent());
    if (!there || !owner || !there->hasDefinition() || !owner->hasDefinition() || owner->isAnonymousStructOrUnion()) return false;
    return there->getCanonicalDecl() != owner->getCanonicalDecl() && !there->getDefinition()->isDerivedFrom(owner) && !owner->getDefinition()->isDerivedFrom(there) &&
           !contains(there->getDefinition(), owner, 0) && !contains(owner->getDefinition(), there, 0);
  }
  static bool contains(const CXXRecordDecl* whole, const CXXRecordDecl* part, int depth) {
    if (depth > 6) return true;
    for (const FieldDecl* field : whole->fields()) {
      const CXXRecordDecl* r = field->getType()->getAsCXXRecordDecl();
      if (r && r->hasDefinition() && (r->getCanonicalDecl() == part->getCanonicalDecl() || contains(r->getDefinition(), part, depth + 1))) return true;
    }
    return false;
  }

  const FunctionFacts& facts_;
  Places out_;
  Places seen_;
};

}  // namespace

const Places& Effects::resolve(const FunctionFacts& facts, const Place& place) const {
  const auto known = facts.resolved.find(place);
  return known != facts.resolved.end() ? known->second : facts.resolved.emplace(place, Resolver(facts).run(place)).first->second;
}

Summary Effects::summarise(const FunctionFacts& facts) const {
  constexpr std::size_t kMostPlaces = 100;
  Summary out;
  // What the caller can see: not this function's own variables, and not what was passed by value.
  auto visible = [&](const Place& p) {
    if (p.root.kind == Root::Kind::kTemporary) return false;
    const VarDecl* v = p.root.variable();
    if (!v || v->hasGlobalStorage()) return true;
    const DeclContext* owner = v->getParentFunctionOrMethod();
    const auto* own = dyn_cast_or_null<FunctionDecl>(owner);
    const bool mine = own && own->getCanonicalDecl() == facts.function->getCanonicalDecl();
    if (!mine) {
      // A variable of a function around this lambda; one of a lambda inside this function is nobody else's.
      for (const DeclContext* c = owner; c; c = c->getParent()) {
        if (const auto* f = dyn_cast<FunctionDecl>(c); f && f->getCanonicalDecl() == facts.function->getCanonicalDecl()) return false;
      }
      return true;
    }
    return isa<ParmVarDecl>(v) && (v->getType()->isReferenceType() || p.passes_pointer());
  };
  for (const Event& event : facts.events) {
    for (const Place& p : resolve(facts, event.place)) {
      if (!visible(p)) continue;
      const auto [at, fresh] = out.modifies.try_emplace(p, Summary::Cause{event.why.substr(0, event.why.find(": ")), event.conditions, event.is_certain, event.background});
      if (fresh) continue;
      at->second.conditions.add(event.conditions);
      at->second.is_certain = at->second.is_certain || event.is_certain;
      at->second.background = at->second.background || event.background;
    }
  }
  for (const Place& p : facts.returns.places) {
    // A returned reference is the place itself; a returned handle leads to it.
    for (const Place& q : resolve(facts, p)) {
      if (visible(q) || (q.root.variable() && isa<ParmVarDecl>(q.root.variable()))) out.returns.places.insert(q);
      else out.returns.own = true;
    }
  }
  out.returns.own = out.returns.own || facts.returns.own;
  for (const auto& [root, reach] : facts.aliases) {
    const VarDecl* v = root.variable();
    const bool outlives = root.kind == Root::Kind::kThis || (v && v->hasGlobalStorage()) ||
                          (isa_and_nonnull<ParmVarDecl>(v) && visible(Place{root, {nullptr}}));
    if (!outlives) continue;
    Reach kept;
    for (const Place& p : reach.places) {
      for (const Place& q : resolve(facts, p)) {
        if (visible(q) && q.root != root) kept.places.insert(q);
      }
    }
    coarsen(kept.places, kMostPlaces);
    if (!kept.places.empty()) out.kept[root] = std::move(kept);
  }
  coarsen(out.returns.places, kMostPlaces);
  if (out.modifies.size() > kMostPlaces) {
    std::map<Place, Summary::Cause> whole;
    for (auto& [place, cause] : out.modifies) {
      Places one = {place};
      coarsen(one, 0);
      const auto [at, fresh] = whole.try_emplace(*one.begin(), cause);
      if (fresh) continue;
      at->second.conditions.add(cause.conditions);
      at->second.is_certain = at->second.is_certain || cause.is_certain;
      at->second.background = at->second.background || cause.background;
    }
    out.modifies = std::move(whole);
  }
  out.unknown_calls = !facts.unknown_calls.empty();
  out.library_calls = !facts.library_calls.empty();
  out.backward = !facts.backward.empty();
  out.draws = !facts.draws.empty();
  out.writes_files = !facts.writes_files_at.empty();
  for (const auto& [place, loops] : facts.reads) {
    for (const Place& p : resolve(facts, place)) {
      const VarDecl* v = p.root.variable();
      if (visible(p) && !isa_and_nonnull<ParmVarDecl>(v)) out.reads.insert(p);
    }
  }
  return out;
}

const Expr* Effects::state_object(const Expr* e) {
  while (true) {
    const Expr* inner = bare(e);
    if (const auto* x = dyn_cast<UnaryOperator>(inner); x && x->getOpcode() == UO_AddrOf) {
      e = x->getSubExpr();
      continue;
    }
    const auto* call = dyn_cast<CallExpr>(inner);
    const FunctionDecl* f = call ? call->getDirectCallee() : nullptr;
    if (!f || call->getNumArgs() == 0) return e;
    if (is_hindsight(f, "named") || is_hindsight(f, "stored") || is_hindsight(f, "timed") || is_hindsight(f, "var")) e = call->getArg(call->getNumArgs() - 1);
    else if (in_std(f) && f->getIdentifier() && (f->getName() == "ref" || f->getName() == "move")) e = call->getArg(0);
    else return e;
  }
}

std::optional<Place> Effects::state_place(const Expr* e) {
  e = state_object(e);
  // Only what is named: a call's result is whatever it is at that moment.
  Place::Path path;
  while (true) {
    e = bare(e);
    if (const auto* x = dyn_cast<DeclRefExpr>(e)) {
      const auto* v = dyn_cast<VarDecl>(x->getDecl());
      if (!v) return std::nullopt;
      std::reverse(path.begin(), path.end());
      return Place{{Root::Kind::kVariable, v->getCanonicalDecl(), {}}, path};
    }
    if (const auto* x = dyn_cast<MemberExpr>(e)) {
      if (const auto* v = dyn_cast<VarDecl>(x->getMemberDecl())) {
        std::reverse(path.begin(), path.end());
        return Place{{Root::Kind::kVariable, v->getCanonicalDecl(), {}}, path};
      }
      const auto* field = dyn_cast<FieldDecl>(x->getMemberDecl());
      if (!field) return std::nullopt;
      if (field->getType()->isReferenceType()) path.push_back(nullptr);
      path.push_back(field->getCanonicalDecl());
      const bool overloaded = isa<CXXOperatorCallExpr>(bare(x->getBase()));
      if (x->isArrow() && !overloaded) path.push_back(nullptr);
      e = x->getBase();
      continue;
    }
    if (const auto* x = dyn_cast<UnaryOperator>(e); x && x->getOpcode() == UO_Deref) {
      path.push_back(nullptr);
      e = x->getSubExpr();
      continue;
    }
    if (const auto* x = dyn_cast<CXXOperatorCallExpr>(e); x && (x->getOperator() == OO_Star || x->getOperator() == OO_Arrow) && x->getNumArgs() == 1) {
      path.push_back(nullptr);
      e = x->getArg(0);
      continue;
    }
    if (isa<CXXThisExpr>(e)) {
      std::reverse(path.begin(), path.end());
      return Place{{Root::Kind::kThis, nullptr, {}}, path};
    }
    return std::nullopt;
  }
}

}  // namespace hindsight::instrument
