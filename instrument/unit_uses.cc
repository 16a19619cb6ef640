#include "instrument/unit_uses.h"

#include <optional>
#include <set>
#include <vector>

#include <clang/AST/Attr.h>
#include <clang/AST/DeclTemplate.h>
#include <clang/AST/ExprCXX.h>

#include "instrument/effects.h"
#include "instrument/functions.h"

namespace hindsight::instrument {

using namespace clang;

namespace {

class Finder {
 public:
  Finder(ASTContext& context, const UserCode& user, UnitUses& out) : context_(context), user_(user), out_(out) {}

  void run(const std::vector<const FunctionDecl*>& functions) {
    find_globals(context_.getTranslationUnitDecl());
    find_uses(functions);
    find_registered_at_end();
  }

 private:
  void find_globals(const DeclContext* c) {
    for (const Decl* d : declarations_in(c)) {
      if (const auto* named = dyn_cast<NamedDecl>(d); named && user_.is_user(d) && (d->hasAttr<AsmLabelAttr>() || d->hasAttr<AliasAttr>() || d->hasAttr<IFuncAttr>() || d->hasAttr<WeakRefAttr>())) {
        out_.unfollowed[named->getQualifiedNameAsString()] = "has another symbol than its name's (an alias or an asm label), so that nobody knows what it stands for";
      }
      if (const auto* v = dyn_cast<VarDecl>(d); is_global(v) && user_.is_user(v)) out_.globals.insert(v->getCanonicalDecl());
      if (const auto* field = dyn_cast<FieldDecl>(d); field && user_.is_user(field)) fields_.push_back(field);
      if (const auto* t = dyn_cast<ClassTemplateDecl>(d); t && user_.is_user(t)) {
        find_globals(t->getTemplatedDecl());
        for (const ClassTemplateSpecializationDecl* s : t->specializations()) find_fields(s);
      }
      if (isa<NamespaceDecl, LinkageSpecDecl, CXXRecordDecl, ExportDecl>(d) && (isa<LinkageSpecDecl>(d) || isa<NamespaceDecl>(d) || user_.is_user(d))) find_globals(cast<DeclContext>(d));
    }
  }

  // Members with their initialisers, as an instance or a class in a function has them.
  void find_fields(const CXXRecordDecl* r) {
    for (const Decl* d : r->decls()) {
      if (const auto* field = dyn_cast<FieldDecl>(d)) fields_.push_back(field);
      if (const auto* v = dyn_cast<VarDecl>(d)) uses(v->getAnyInitializer(), nullptr);
      if (const auto* inner = dyn_cast<CXXRecordDecl>(d); inner && inner != r && !inner->isInjectedClassName()) find_fields(inner);
    }
    find_in_type(QualType(r->getTypeForDecl(), 0));
    if (!r->hasDefinition()) return;
    for (const CXXBaseSpecifier& base : r->getDefinition()->bases()) find_in_type(base.getType());
  }

  // Functions among the arguments of templates: `Layer<tanh>`.
  void find_in_arguments(llvm::ArrayRef<TemplateArgument> arguments) {
    for (const TemplateArgument& a : arguments) {
      if (a.getKind() == TemplateArgument::Declaration) {
        if (const auto* f = dyn_cast<FunctionDecl>(a.getAsDecl())) out_.address_taken.insert(f->getCanonicalDecl());
      } else if (a.getKind() == TemplateArgument::Type) {
        find_in_type(a.getAsType());
      } else if (a.getKind() == TemplateArgument::Pack) {
        find_in_arguments(a.pack_elements());
      }
    }
  }
  void find_in_type(QualType t) {
    if (t.isNull()) return;
    t = t.getNonReferenceType().getCanonicalType();
    while (t->isPointerType() || t->isArrayType()) t = t->isPointerType() ? t->getPointeeType() : QualType(t->getArrayElementTypeNoTypeQual(), 0);
    const CXXRecordDecl* r = t->getAsCXXRecordDecl();
    if (r && types_.insert(r->getCanonicalDecl()).second) find_in_context(r);
  }
  void find_in_context(const DeclContext* c) {
    for (; c && !c->isTranslationUnit(); c = c->getParent()) {
      if (const auto* s = dyn_cast<ClassTemplateSpecializationDecl>(c)) find_in_arguments(s->getTemplateArgs().asArray());
      if (const auto* f = dyn_cast<FunctionDecl>(c); f && f->getTemplateSpecializationArgs()) find_in_arguments(f->getTemplateSpecializationArgs()->asArray());
    }
  }

  static bool is_gradient_word(const NamedDecl* d) {
    return d && d->getIdentifier() && (d->getName() == "requires_grad" || d->getName() == "requires_grad_" || d->getName() == "set_requires_grad");
  }

  void find_uses(const std::vector<const FunctionDecl*>& functions) {
    for (const FunctionDecl* f : functions) {
      if (const auto* constructor = dyn_cast<CXXConstructorDecl>(f)) {
        for (const CXXCtorInitializer* init : constructor->inits()) uses(init->getInit(), nullptr);
      }
      uses(f->getBody(), nullptr);
    }
    for (const VarDecl* v : out_.globals) {
      uses(v->getAnyInitializer(), nullptr);
      find_in_type(v->getType());
    }
    for (std::size_t i = 0; i < fields_.size(); ++i) {  // they may declare more
      uses(fields_[i]->getInClassInitializer(), nullptr);
      find_in_type(fields_[i]->getType());
    }
  }

  // `struct hindsight_static_7 { ... object() ... }`, which the tool puts beside a static: it is registered before main runs.
  void find_registered_static(const Decl* d) {
    const auto* r = dyn_cast<CXXRecordDecl>(d);
    if (!r || !r->getIdentifier() || !r->getName().starts_with("hindsight_static_")) return;
    for (const CXXMethodDecl* m : r->methods()) {
      const auto* body = m->getIdentifier() && (m->getName() == "object" || m->getName() == "made") ? dyn_cast_or_null<CompoundStmt>(m->getBody()) : nullptr;
      const auto* last = body && !body->body_empty() ? dyn_cast<ReturnStmt>(body->body_back()) : nullptr;
      const auto* ref = last && last->getRetValue() ? dyn_cast<DeclRefExpr>(last->getRetValue()->IgnoreParenImpCasts()) : nullptr;
      if (const auto* v = ref ? dyn_cast<VarDecl>(ref->getDecl()) : nullptr) out_.registered_statics.insert(v->getCanonicalDecl());
    }
  }

  void uses(const Stmt* s, const Stmt* parent) {
    if (!s) return;
    if (const auto* given = dyn_cast<CXXDefaultArgExpr>(s)) return uses(given->getExpr(), parent);
    if (const auto* e = dyn_cast<Expr>(s)) find_in_type(e->getType());
    if (const auto* declared = dyn_cast<DeclStmt>(s)) {
      for (const Decl* d : declared->decls()) {
        find_registered_static(d);
        if (const auto* r = dyn_cast<CXXRecordDecl>(d); r && r->isThisDeclarationADefinition()) find_fields(r);
        if (const auto* v = dyn_cast<VarDecl>(d); v && v->isStaticLocal()) out_.globals.insert(v->getCanonicalDecl());
      }
    }
    if (const auto* ref = dyn_cast<DeclRefExpr>(s)) {
      if (is_gradient_word(ref->getDecl())) out_.wants_gradients = true;
      if (const auto* c = dyn_cast<DeclContext>(ref->getDecl())) find_in_context(c);
      else find_in_context(ref->getDecl()->getDeclContext());
      if (const auto* v = dyn_cast<VarTemplateSpecializationDecl>(ref->getDecl())) find_in_arguments(v->getTemplateArgs().asArray());
      if (const auto* f = dyn_cast<FunctionDecl>(ref->getDecl()); f && !direct_.count(ref)) out_.address_taken.insert(f->getCanonicalDecl());
    }
    if (const auto* member = dyn_cast<MemberExpr>(s); member && is_gradient_word(member->getMemberDecl())) out_.wants_gradients = true;
    if (const auto* lookup = dyn_cast<OverloadExpr>(s)) {
      for (const NamedDecl* d : lookup->decls()) {
        if (is_gradient_word(d->getUnderlyingDecl())) out_.wants_gradients = true;
        if (const FunctionDecl* f = d->getUnderlyingDecl()->getAsFunction()) out_.address_taken.insert(f->getCanonicalDecl());
      }
    }
    if (const auto* member = dyn_cast<CXXDependentScopeMemberExpr>(s)) {
      const std::string name = member->getMember().getAsString();
      if (name == "requires_grad" || name == "requires_grad_" || name == "set_requires_grad") out_.wants_gradients = true;
    }
    if (const auto* made = dyn_cast<CXXConstructExpr>(s)) find_deleter(*made);
    if (const auto* call = dyn_cast<CallExpr>(s)) {
      // A function or lambda that is called by its name; anything else takes its address.
      const Expr* callee = call->getCallee()->IgnoreParenImpCasts();
      if (const auto* ref = dyn_cast<DeclRefExpr>(callee)) direct_.insert(ref);
      if (const auto* operation = dyn_cast<CXXOperatorCallExpr>(call); operation && operation->getOperator() == OO_Call && operation->getNumArgs() > 0) {
        if (const auto* ref = dyn_cast<DeclRefExpr>(operation->getArg(0)->IgnoreParenImpCasts())) direct_.insert(ref);
        if (const auto* lambda = dyn_cast<LambdaExpr>(bare(operation->getArg(0)))) direct_lambdas_.insert(lambda);
      }
      if (const auto* operation = dyn_cast<CXXOperatorCallExpr>(call); operation && operation->getDirectCallee()) {
        if (const auto* ref = dyn_cast<DeclRefExpr>(operation->getCallee()->IgnoreParenImpCasts())) direct_.insert(ref);
      }
    }
    if (const auto* ref = dyn_cast<DeclRefExpr>(s)) {
      const auto* v = dyn_cast<VarDecl>(ref->getDecl());
      const CXXRecordDecl* r = v ? v->getType().getNonReferenceType()->getAsCXXRecordDecl() : nullptr;
      if (r && r->isLambda() && !direct_.count(ref)) out_.lambda_escapes.insert(r->getCanonicalDecl());
    }
    if (const auto* lambda = dyn_cast<LambdaExpr>(s)) {
      // `auto f = [...]` is seen through f; any other lambda may go anywhere, unless it is called on the spot.
      if (!is_variable_init(lambda, parent) && !direct_lambdas_.count(lambda)) out_.lambda_escapes.insert(lambda->getLambdaClass()->getCanonicalDecl());
      find_unseen_instances(*lambda);
      for (const Expr* init : lambda->capture_inits()) uses(init, s);
      return;  // its body is a function of the list
    }
    for (const Stmt* child : children_of(s)) {
      const bool passes = isa<ImplicitCastExpr, ExprWithCleanups, MaterializeTemporaryExpr, CXXBindTemporaryExpr, CXXConstructExpr, ParenExpr>(s);
      uses(child, passes ? parent : s);
    }
  }

  // A generic lambda that is called nowhere in code that is read may be called by a library whose code is not.
  void find_unseen_instances(const LambdaExpr& lambda) {
    const FunctionTemplateDecl* generic = lambda.getDependentCallOperator();
    if (!generic || lambda.getLambdaClass()->isDependentContext()) return;
    if (std::any_of(generic->spec_begin(), generic->spec_end(), [](const FunctionDecl* f) { return f->hasBody(); })) return;
    out_.unfollowed["(a generic lambda)"] = "may be called by a library, with what is not known";
  }

  // A shared_ptr's, which its type does not show and which runs where the last owner goes.
  void find_deleter(const CXXConstructExpr& made) {
    const CXXConstructorDecl* constructor = made.getConstructor();
    const auto* r = dyn_cast<ClassTemplateSpecializationDecl>(constructor->getParent());
    if (!r || !in_std(r) || r->getName() != "shared_ptr" || made.getNumArgs() < 2 || !constructor->getPrimaryTemplate()) return;
    if (made.getArg(0)->getType()->getAsCXXRecordDecl() && made.getArg(0)->getType()->getAsCXXRecordDecl()->getName() == "shared_ptr") return;  // of a part of what that owns
    const QualType type = made.getArg(1)->getType();
    const CXXRecordDecl* deleter = type->getAsCXXRecordDecl();
    if (deleter && in_std(deleter)) return;
    if (deleter && deleter->isLambda() && deleter->capture_size() == 0 && only_deletes(deleter->getLambdaCallOperator()->getBody())) return;
    if (const auto* ref = dyn_cast<DeclRefExpr>(made.getArg(1)->IgnoreParenImpCasts()); ref && isa<FunctionDecl>(ref->getDecl()) && !user_.is_user(ref->getDecl())) return;
    out_.unfollowed["(a deleter)"] = "a shared_ptr runs it where its last owner goes";
  }
  static bool only_deletes(const Stmt* s) {
    const auto* block = dyn_cast_or_null<CompoundStmt>(s);
    return block && std::all_of(block->body_begin(), block->body_end(), [](const Stmt* each) {
      const auto* e = dyn_cast<Expr>(each);
      const auto* gone = e ? dyn_cast<CXXDeleteExpr>(e->IgnoreImplicit()) : nullptr;
      return gone && isa<DeclRefExpr>(gone->getArgument()->IgnoreImplicit());
    });
  }

  static bool is_variable_init(const LambdaExpr* lambda, const Stmt* parent) {
    const auto* declared = dyn_cast_or_null<DeclStmt>(parent);
    if (!declared) return false;
    for (const Decl* d : declared->decls()) {
      const auto* v = dyn_cast<VarDecl>(d);
      const CXXRecordDecl* r = v ? v->getType().getNonReferenceType()->getAsCXXRecordDecl() : nullptr;
      if (r && r->getCanonicalDecl() == lambda->getLambdaClass()->getCanonicalDecl()) return true;
    }
    return false;
  }

  // What the tool put at the end of the unit.
  void find_registered_at_end() {
    for (const Decl* d : declarations_in(context_.getTranslationUnitDecl())) {
      const auto* space = dyn_cast<NamespaceDecl>(d);
      if (!space || !space->isAnonymousNamespace()) continue;
      for (const Decl* inner : space->decls()) {
        const auto* v = dyn_cast<VarDecl>(inner);
        const CXXRecordDecl* r = v ? v->getType()->getAsCXXRecordDecl() : nullptr;
        if (!r || !is_hindsight(r, "Registered") || !v->getInit()) continue;
        const auto* made = dyn_cast<CXXConstructExpr>(bare(v->getInit()));
        for (unsigned i = 0; made && i < made->getNumArgs(); ++i) {
          const std::optional<Place> place = Effects::state_place(made->getArg(i));
          const VarDecl* registered = place && place->path.empty() ? place->root.variable() : nullptr;
          if (is_global(registered)) out_.registered_at_end.insert(registered->getCanonicalDecl());
        }
      }
    }
  }

  ASTContext& context_;
  const UserCode& user_;
  UnitUses& out_;
  std::vector<const FieldDecl*> fields_;  // of the user's classes, with an initialiser or without one
  std::set<const DeclRefExpr*> direct_;
  std::set<const CXXRecordDecl*> types_;  // that were looked at
  std::set<const LambdaExpr*> direct_lambdas_;
};

}  // namespace

UnitUses uses_of(ASTContext& context, const UserCode& user, const std::vector<const FunctionDecl*>& functions) {
  UnitUses out;
  Finder(context, user, out).run(functions);
  return out;
}

}  // namespace hindsight::instrument
