#include "instrument/kept.h"

#include <algorithm>

#include <clang/AST/DeclFriend.h>
#include <clang/AST/DeclTemplate.h>

#include "instrument/functions.h"
#include "instrument/known.h"

namespace hindsight::instrument {

using namespace clang;

namespace {

// The class of the user's that a value of the type is, or has as its elements or behind its handle; the one that has `field`, if there are several.
const CXXRecordDecl* user_class(QualType t, const UserCode& user, const FieldDecl* field, int depth = 0) {
  if (t.isNull() || depth > 6) return nullptr;
  t = t.getNonReferenceType();
  if (t->isPointerType()) return user_class(t->getPointeeType(), user, field, depth + 1);
  if (const auto* array = t->getAsArrayTypeUnsafe()) return user_class(array->getElementType(), user, field, depth + 1);
  const CXXRecordDecl* r = t->getAsCXXRecordDecl();
  if (!r || (!r->hasDefinition() && !in_std(r))) return nullptr;
  if (r->hasDefinition()) r = r->getDefinition();
  if (r->hasDefinition() && user.is_user(r) && !r->isLambda()) {
    const auto* owner = field ? dyn_cast<CXXRecordDecl>(field->getParent()) : nullptr;
    while (owner && owner->isAnonymousStructOrUnion()) owner = dyn_cast<CXXRecordDecl>(owner->getParent());
    if (!is_module_holder(t)) return !owner || r->getCanonicalDecl() == owner->getCanonicalDecl() || r->isDerivedFrom(owner) ? r : nullptr;
    // TORCH_MODULE(Net): the class behind it.
    for (const CXXBaseSpecifier& base : r->bases()) {
      if (const CXXRecordDecl* found = user_class(base.getType(), user, field, depth + 1)) return found;
    }
    return nullptr;
  }
  const auto* s = dyn_cast<ClassTemplateSpecializationDecl>(r);
  if (!s) return nullptr;
  for (const TemplateArgument& a : s->getTemplateArgs().asArray()) {
    if (a.getKind() == TemplateArgument::Type) {
      if (const CXXRecordDecl* found = user_class(a.getAsType(), user, field, depth + 1)) return found;
    } else if (a.getKind() == TemplateArgument::Pack) {
      for (const TemplateArgument& inner : a.pack_elements()) {
        if (inner.getKind() != TemplateArgument::Type) continue;
        if (const CXXRecordDecl* found = user_class(inner.getAsType(), user, field, depth + 1)) return found;
      }
    }
  }
  return nullptr;
}

// Names that code mentions, and whether it hands on the object as a whole.
struct Mentions {
  std::set<std::string> names;
  bool whole = false;
};
void read_mentions(const Stmt* s, Mentions& out) {
  if (!s) return;
  if (const auto* e = dyn_cast<MemberExpr>(s)) {
    out.names.insert(e->getMemberDecl()->getNameAsString());
    if (isa<CXXThisExpr>(e->getBase()->IgnoreParenImpCasts()) && !isa<CXXMethodDecl>(e->getMemberDecl())) return;
  }
  if (const auto* e = dyn_cast<CXXDependentScopeMemberExpr>(s)) out.names.insert(e->getMember().getAsString());
  if (const auto* e = dyn_cast<UnresolvedMemberExpr>(s)) out.names.insert(e->getMemberName().getAsString());
  if (isa<CXXThisExpr>(s)) out.whole = true;
  for (const Stmt* child : children_of(s)) read_mentions(child, out);
}

// Where the tool has inserted one, what the class says for some other library is of no interest.
std::vector<const FunctionDecl*> serializers_in(const DeclContext* c) {
  std::vector<const FunctionDecl*> own, inserted;
  const auto add = [&](const Decl* d) {
    const FunctionDecl* f = d ? d->getAsFunction() : nullptr;
    if (!f || !f->getIdentifier()) return;
    if (f->getName() == "serialize") own.push_back(f);
    if (f->getName() == "hindsight_members") inserted.push_back(f);
  };
  for (const Decl* d : c->decls()) {
    if (const auto* f = dyn_cast<FriendDecl>(d)) add(f->getFriendDecl());
    else add(d);
  }
  return inserted.empty() ? own : inserted;
}

const Stmt* body_of(const FunctionDecl* f) {
  const FunctionDecl* with_body = nullptr;
  return f->hasBody(with_body) ? with_body->getBody() : nullptr;
}

bool takes(const FunctionDecl* f, const CXXRecordDecl* r) {
  if (f->getNumParams() < 2) return false;
  const CXXRecordDecl* given = f->getParamDecl(1)->getType().getNonReferenceType()->getAsCXXRecordDecl();
  if (given && given->getCanonicalDecl() == r->getCanonicalDecl()) return true;
  const auto* s = dyn_cast<ClassTemplateSpecializationDecl>(r);
  const auto* t = f->getParamDecl(1)->getType().getNonReferenceType()->getAs<TemplateSpecializationType>();
  return s && t && t->getTemplateName().getAsTemplateDecl() == s->getSpecializedTemplate();
}

bool registers(const Expr* e) {
  const auto* call = dyn_cast<CallExpr>(bare(e));
  const NamedDecl* f = call ? named_callee(call) : nullptr;
  return f && f->getIdentifier() && (f->getName().starts_with("register_") || f->getName() == "replace_module");
}

bool contains_registration(const Stmt* s) {
  if (!s) return false;
  const auto* e = dyn_cast<Expr>(s);
  const std::vector<const Stmt*> below = children_of(s);
  return (e && registers(e)) || std::any_of(below.begin(), below.end(), contains_registration);
}

// The members of a module that are registered: given to register_module() and the like, or made by it.
void read_registered(const Stmt* s, std::set<std::string>& out, bool inside = false) {
  if (!s) return;
  if (const auto* call = dyn_cast<CallExpr>(s)) inside = inside || registers(call) || std::any_of(call->arg_begin(), call->arg_end(), registers);
  if (const auto* assigned = dyn_cast<BinaryOperator>(s)) inside = inside || (assigned->isAssignmentOp() && registers(assigned->getRHS()));
  if (const auto* e = dyn_cast<MemberExpr>(s); e && inside && isa<FieldDecl>(e->getMemberDecl())) out.insert(e->getMemberDecl()->getNameAsString());
  for (const Stmt* child : children_of(s)) read_registered(child, out, inside);
}

}  // namespace

void KeptParts::read_serialize(const CXXRecordDecl* r, Class& out, int depth) {
  if (depth > 6 || !r->hasDefinition()) return;
  r = r->getDefinition();
  if (!user_.is_user(r)) return;
  Mentions mentions;
  bool found = false;
  // A specialisation's own members may not be instantiated; its pattern has the same names.
  const CXXRecordDecl* pattern = r->getTemplateInstantiationPattern();
  for (const CXXRecordDecl* each : {r, pattern}) {
    if (!each) continue;
    for (const FunctionDecl* f : serializers_in(each)) {
      found = true;  // if its body is in another unit, nobody knows here what it names
      read_mentions(body_of(f), mentions);
    }
  }
  for (const DeclContext* c = r->getDeclContext(); c && !found; c = c->getParent()) {
    for (const FunctionDecl* f : serializers_in(c)) {
      if (!takes(f, r)) continue;
      found = true;
      read_mentions(body_of(f), mentions);
    }
  }
  if (is_module(QualType(r->getTypeForDecl(), 0))) {
    out.is_known = true;
    for (const CXXConstructorDecl* c : r->ctors()) {
      for (const CXXCtorInitializer* init : c->inits()) {
        if (init->isMemberInitializer() && contains_registration(init->getInit())) out.names.insert(init->getMember()->getNameAsString());
      }
    }
    for (const CXXMethodDecl* m : r->methods()) read_registered(body_of(m), out.names);
    for (const FieldDecl* field : r->fields()) {
      if (contains_registration(field->getInClassInitializer())) out.names.insert(field->getNameAsString());
    }
  }
  if (mentions.names.count("serialize")) mentions.whole = true;  // the base's
  if (found) {
    out.is_known = true;
    out.names.insert(mentions.names.begin(), mentions.names.end());
  }
  // An inherited serialize() knows the base's members only; one that hands on the whole object hands on its bases.
  if (found && !mentions.whole) return;
  for (const CXXBaseSpecifier& base : r->bases()) {
    const CXXRecordDecl* b = base.getType()->getAsCXXRecordDecl();
    if (!b) continue;
    Class of_base;
    read_serialize(b, of_base, depth + 1);
    out.is_known = out.is_known || of_base.is_known;
    out.names.insert(of_base.names.begin(), of_base.names.end());
  }
}

const KeptParts::Class& KeptParts::look_up(const CXXRecordDecl* r) {
  const auto [at, fresh] = classes_.try_emplace(r->getCanonicalDecl());
  if (fresh) read_serialize(r, at->second, 0);
  return at->second;
}

const std::set<std::string>& KeptParts::left_out(QualType type, int depth) {
  static const std::set<std::string> nothing;
  const CXXRecordDecl* r = user_class(type, user_, nullptr);
  if (!r || depth > 4) return nothing;
  const auto [at, fresh] = left_out_.try_emplace({r->getCanonicalDecl(), depth});
  if (fresh) at->second = find_left_out(r, depth);
  return at->second;
}

std::set<std::string> KeptParts::find_left_out(const CXXRecordDecl* r, int depth) {
  std::set<std::string> out;
  const Class& known = look_up(r);
  if (!known.is_known) return out;
  const auto add = [&](const CXXRecordDecl* in, const auto& self) -> void {
    if (!in || !in->hasDefinition() || !user_.is_user(in)) return;
    for (const FieldDecl* field : in->getDefinition()->fields()) {
      if (field->getType().isConstQualified() || field->getType()->isReferenceType() || !field->getIdentifier()) continue;
      if (!known.names.count(field->getNameAsString()) || !left_out(field->getType(), depth + 1).empty()) out.insert(field->getNameAsString());
    }
    for (const CXXBaseSpecifier& base : in->getDefinition()->bases()) self(base.getType()->getAsCXXRecordDecl(), self);
  };
  add(r, add);
  if (!r->isPolymorphic()) return out;
  // It may be of a class that derives from it: that one's members count, too.
  if (!all_classes_) all_classes_ = classes_of(context_, user_);
  for (const CXXRecordDecl* each : *all_classes_) {
    if (each->getCanonicalDecl() == r->getCanonicalDecl() || !each->isDerivedFrom(r) || each->isAbstract()) continue;
    const Class& derived = look_up(each);
    for (const FieldDecl* field : each->fields()) {
      if (!derived.is_known || field->getType().isConstQualified() || field->getType()->isReferenceType() || !field->getIdentifier() || is_stateless(field->getType())) continue;
      if (!derived.names.count(field->getNameAsString()) || !left_out(field->getType(), depth + 1).empty()) out.insert(field->getNameAsString());
    }
  }
  return out;
}

// Of what the tool inserts, an object behind a pointer to its base is stored as the class that it is of, or not at all.
const CXXRecordDecl* KeptParts::visited_as_itself(QualType type, const FieldDecl* step) const {
  const CXXRecordDecl* base = user_class(type, user_, nullptr);
  const auto* owner = dyn_cast<CXXRecordDecl>(step->getParent());
  if (!base || !owner || !base->isPolymorphic() || !owner->hasDefinition() || !owner->getDefinition()->isDerivedFrom(base)) return nullptr;
  const CXXRecordDecl* pattern = owner->getTemplateInstantiationPattern();
  for (const FunctionDecl* f : serializers_in(pattern ? pattern : owner->getDefinition())) {
    if (f->getName() == "hindsight_members") return owner->getDefinition();
  }
  return nullptr;
}

KeptParts::Answer KeptParts::find(QualType type, const std::vector<const FieldDecl*>& path) {
  for (const FieldDecl* step : path) {
    if (!step) continue;  // the class behind a pointer is found from its type
    const CXXRecordDecl* r = user_class(type, user_, step);
    if (!r) r = visited_as_itself(type, step);
    if (!r) {
      // Of a class that derives from what the state knows, or nothing that could be told.
      return {user_class(type, user_, nullptr) == nullptr, {}};
    }
    const Class& known = look_up(r);
    if (known.is_known && !known.names.count(step->getNameAsString())) return {false, {}};
    type = step->getType();
  }
  std::set<std::string> names = left_out(type, 0);
  const bool kept = names.empty();
  return {kept, std::move(names)};
}

}  // namespace hindsight::instrument
