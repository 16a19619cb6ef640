#include "instrument/state_types.h"

#include <algorithm>

#include <clang/AST/Attr.h>
#include <clang/AST/DeclFriend.h>
#include <clang/AST/DeclTemplate.h>

#include "instrument/known.h"
#include "instrument/text.h"

namespace hindsight::instrument {

using namespace clang;

namespace {

// Templates and classes of std that hindsight/std.h has adapters for; all type arguments but allocators, comparisons, hashes and
// traits have to be fit for a state as well.
const std::map<std::string, unsigned> kStandard = {  // name -> how many of its first arguments are stored
    {"vector", 1}, {"deque", 1}, {"list", 1}, {"forward_list", 1}, {"map", 2}, {"multimap", 2}, {"set", 1}, {"multiset", 1},
    {"unordered_map", 2}, {"unordered_multimap", 2}, {"unordered_set", 1}, {"unordered_multiset", 1}, {"basic_string", 1}, {"array", 1},
    {"pair", 2}, {"tuple", ~0U}, {"atomic", 1}, {"complex", 1}, {"optional", 1}, {"variant", ~0U}, {"monostate", 0},
    {"duration", 0}, {"time_point", 0}, {"function", 0}, {"valarray", 1}, {"bitset", 0}, {"stack", 1}, {"queue", 1}, {"priority_queue", 1}, {"span", 0},
    {"basic_ifstream", 0}, {"basic_ofstream", 0}, {"basic_fstream", 0},
    {"linear_congruential_engine", 0}, {"mersenne_twister_engine", 0}, {"subtract_with_carry_engine", 0}, {"discard_block_engine", 0},
    {"independent_bits_engine", 0}, {"shuffle_order_engine", 0}, {"uniform_int_distribution", 0}, {"uniform_real_distribution", 0},
    {"normal_distribution", 0}, {"lognormal_distribution", 0}, {"exponential_distribution", 0}, {"gamma_distribution", 0}, {"chi_squared_distribution", 0},
    {"cauchy_distribution", 0}, {"fisher_f_distribution", 0}, {"student_t_distribution", 0}, {"weibull_distribution", 0}, {"extreme_value_distribution", 0},
    {"bernoulli_distribution", 0}, {"binomial_distribution", 0}, {"negative_binomial_distribution", 0}, {"geometric_distribution", 0},
    {"poisson_distribution", 0}, {"discrete_distribution", 0}, {"piecewise_constant_distribution", 0}, {"piecewise_linear_distribution", 0}};

bool makes_elements(llvm::StringRef name) { return name != "array" && name != "pair" && name != "tuple" && name != "atomic" && name != "complex" && name != "span" && !name.starts_with("basic_"); }

std::string shown(QualType t) {
  PrintingPolicy policy(LangOptions{});
  policy.SuppressTagKeyword = true;
  policy.Bool = true;
  return t.getAsString(policy);
}

// No template can stand in it.
bool is_c_linkage(const CXXRecordDecl* r) { return r->getLexicalDeclContext()->isExternCContext() && !r->isDependentContext(); }

// Text insertion needs a definition of its own that no macro makes.
bool is_plain_text(const CXXRecordDecl* r) {
  return r->getBraceRange().isValid() && !r->getBraceRange().getBegin().isMacroID() && !r->getBraceRange().getEnd().isMacroID();
}

const CXXRecordDecl* pattern_of(const CXXRecordDecl* r) {
  const CXXRecordDecl* pattern = r->getTemplateInstantiationPattern();
  return pattern && pattern->getDefinition() ? pattern->getDefinition() : r;
}

// `::ns::Net<float>`; empty where code outside of a function and of the class cannot name it.
std::string global_name(const CXXRecordDecl* r, const ASTContext& context) {
  for (const Decl* d = r; d; d = dyn_cast_or_null<Decl>(d->getDeclContext())) {
    if (isa<FunctionDecl>(d)) return {};
    if (d->getAccess() == AS_private || d->getAccess() == AS_protected) return {};
  }
  PrintingPolicy policy(context.getLangOpts());
  policy.SuppressTagKeyword = true;
  policy.SuppressUnwrittenScope = true;
  policy.PrintCanonicalTypes = true;
  return "::" + context.getTypeDeclType(r).getCanonicalType().getAsString(policy);
}

// `struct { double x, y; };`, and with C linkage `struct { double rate; } options;`: no function can stand in it, its members are the class's own, a step
// further away. Null: the field is none.
const CXXRecordDecl* unnamed_struct(const FieldDecl* field) {
  const CXXRecordDecl* r = field->getType().getCanonicalType()->getAsCXXRecordDecl();
  if (!r || !r->hasDefinition() || r->getIdentifier() || r->getTypedefNameForAnonDecl() || r->isUnion() || r->isLambda() || r->getNumBases() != 0) return nullptr;
  return !field->getType().isConstQualified() && (field->isAnonymousStructOrUnion() || is_c_linkage(r)) ? r->getDefinition() : nullptr;
}

// A struct that a function at the end of the unit can name, and is found for, all of it.
bool is_plain_struct(const CXXRecordDecl* r, const ASTContext& context) {
  for (const DeclContext* c = r; c; c = c->getParent()) {
    if (isa<NamespaceDecl>(c)) return false;
  }
  return r->getNumBases() == 0 && !r->isPolymorphic() && !global_name(r, context).empty() &&
         std::all_of(r->field_begin(), r->field_end(), [](const FieldDecl* field) { return field->getAccess() == AS_public; });
}

}  // namespace

namespace {

bool is_members(const Decl* d) {
  const FunctionDecl* f = d->getAsFunction();
  return f && f->getIdentifier() && f->getName() == "hindsight_members";
}

// Knows who owns the object, which is restored with its owners.
bool is_shared_from_this(const CXXBaseSpecifier& base) {
  const auto* s = dyn_cast_or_null<TemplateSpecializationType>(base.getType()->getAs<TemplateSpecializationType>());
  const TemplateDecl* t = s ? s->getTemplateName().getAsTemplateDecl() : nullptr;
  return t && in_std(t) && t->getName() == "enable_shared_from_this";
}

// No reference can be bound to it: a scalar is copied in and out, anything else left out.
bool is_packed(const FieldDecl* field) { return field->hasAttr<PackedAttr>() || field->getParent()->hasAttr<PackedAttr>() || field->getParent()->hasAttr<MaxFieldAlignmentAttr>(); }
bool is_unreachable(const FieldDecl* field) { return is_packed(field) && !field->getType()->isScalarType(); }

}  // namespace

StateTypes::StateTypes(ASTContext& context, const UserCode& user) : context_(context), user_(user), all_classes_(classes_of(context, user)) {}

std::string StateTypes::why_not(QualType type) { return look(type, 0).blocked; }

bool StateTypes::is_time(const ValueDecl* d) const {
  const QualType type = d->getType().getNonReferenceType();
  const CXXRecordDecl* r = type->getAsCXXRecordDecl();
  if (times_.count(cast<ValueDecl>(d->getCanonicalDecl())) == 0 || type->isPointerType()) return false;
  return !r || in_std(r);
}

StateTypes::Answer StateTypes::whole(QualType type, int depth) {
  Answer answer = look(type, depth);
  if (answer.blocked.empty() && answer.partial) {
    answer.blocked = "a " + shown(type.getUnqualifiedType()) + " cannot be made anew";
    if (!answer.left_out.empty()) answer.blocked += " (" + answer.left_out.front() + ")";
  }
  return answer;
}

StateTypes::Answer StateTypes::look(QualType type, int depth) {
  if (type.isNull() || depth > 24) return {"its type cannot be told", false, {}};
  type = type.getNonReferenceType().getCanonicalType();
  if (type->isDependentType()) return {"its type depends on a template's parameter", false, {}};
  if (type.isVolatileQualified()) return {"it is volatile", false, {}};
  if (type->isFunctionType()) return {"it is a function", false, {}};
  if (type->isVariableArrayType()) return {"it is an array of variable length", false, {}};
  if (const ArrayType* array = type->getAsArrayTypeUnsafe()) {
    if (!isa<ConstantArrayType>(array)) return {"it is an array of unknown length", false, {}};
    return look(array->getElementType(), depth + 1);
  }
  if (const auto* builtin = type->getAs<BuiltinType>()) {
    if (builtin->isInteger() || builtin->getKind() == BuiltinType::Float || builtin->getKind() == BuiltinType::Double || builtin->getKind() == BuiltinType::LongDouble) {
      if (builtin->getKind() != BuiltinType::Int128 && builtin->getKind() != BuiltinType::UInt128) return {};
    }
    return {"there is no adapter for " + shown(type), false, {}};
  }
  if (type->isEnumeralType()) return {};
  if (type->isMemberDataPointerType()) return {};
  if (type->isMemberPointerType()) return {"it is a pointer to a method", false, {}};
  if (type->isPointerType()) return behind_pointer(type->getPointeeType(), depth + 1);
  const CXXRecordDecl* r = type->getAsCXXRecordDecl();
  // What the unit only names of the library, its arguments tell all of.
  if (r && !r->hasDefinition() && in_std(r) && isa<ClassTemplateSpecializationDecl>(r)) return look_library(r, depth);
  if (!r || !r->hasDefinition()) return {"there is no adapter for " + shown(type), false, {}};
  r = r->getDefinition();
  if (is_stateless(type)) return {"it has no state of its own", false, {}};
  if (in_torch(r) || is_tensor(type) || is_module(type) || is_optimizer(type)) {
    if (is_tensor(type) || is_module(type) || is_optimizer(type) || r->getName() == "Generator") return {};
    return {"there is no adapter for " + shown(type), false, {}};
  }
  if (in_std(r)) return look_library(r, depth);
  if (top_namespace(r) == "Eigen") {
    if (r->getName() == "Matrix" || r->getName() == "Array") return {};
    return {"there is no adapter for " + shown(type), false, {}};
  }
  if (!user_.is_user(r)) return {"there is no adapter for " + shown(type), false, {}};
  return look_class(r, depth);
}

StateTypes::Answer StateTypes::behind_pointer(QualType type, int depth) {
  if (type->isFunctionType()) return {};  // by its name
  if (type->isVoidType()) return {"what a pointer to void leads to is not known", false, {}};
  const CXXRecordDecl* r = type->getAsCXXRecordDecl();
  if (r && r->getIdentifier() && r->getName() == "_IO_FILE") return {};
  if (r && !r->hasDefinition()) return {"what a pointer to " + shown(type.getUnqualifiedType()) + " leads to is not known here", false, {}};
  if (r && !user_.is_user(r) && !in_std(r) && !in_torch(r)) return {"there is no adapter for " + shown(type.getUnqualifiedType()), false, {}};
  Answer answer = look(type.getUnqualifiedType(), depth);
  if (r && user_.is_user(r) && answer.blocked.empty() && r->getDefinition()->isPolymorphic() && !kinds_.count(r->getDefinition())) {
    // An object behind it may be of a class that derives from it.
    std::vector<const CXXRecordDecl*>& kinds = kinds_[r->getDefinition()];
    for (const CXXRecordDecl* each : all_classes_) {
      const bool is_it = each->getCanonicalDecl() == r->getCanonicalDecl() || each->isDerivedFrom(r->getDefinition());
      if (!is_it || each->isAbstract() || global_name(each, context_).empty()) continue;
      if (look(context_.getTypeDeclType(each), depth + 1).blocked.empty()) kinds.push_back(each);
    }
  }
  if (const auto kinds = r && r->hasDefinition() ? kinds_.find(r->getDefinition()) : kinds_.end(); kinds != kinds_.end()) {
    for (const CXXRecordDecl* each : kinds->second) {
      const Answer part = look(context_.getTypeDeclType(each), depth + 1);
      answer.left_out.insert(answer.left_out.end(), part.left_out.begin(), part.left_out.end());
    }
  }
  // Restored in place; where that cannot be, an object with members that are left out is not made anew, which the archive sees to.
  answer.partial = false;
  return answer;
}

namespace {

// Does the code change anything but its own variables? As far as it is seen.
bool has_effects(const Stmt* s, int depth) {
  if (!s || depth > 6) return false;
  const Expr* changed = nullptr;
  if (const auto* step = dyn_cast<UnaryOperator>(s); step && step->isIncrementDecrementOp()) changed = step->getSubExpr();
  if (const auto* assigned = dyn_cast<BinaryOperator>(s); assigned && assigned->isAssignmentOp()) changed = assigned->getLHS();
  if (const auto* assigned = dyn_cast<CXXOperatorCallExpr>(s); assigned && (assigned->isAssignmentOp() || assigned->getOperator() == OO_PlusPlus || assigned->getOperator() == OO_MinusMinus)) changed = assigned->getArg(0);
  if (changed) {
    const auto* ref = dyn_cast<DeclRefExpr>(changed->IgnoreParenImpCasts());
    const auto* v = ref ? dyn_cast<VarDecl>(ref->getDecl()) : nullptr;
    if (!v || !v->hasLocalStorage() || v->getType()->isReferenceType()) return true;
  }
  if (const auto* call = dyn_cast<CallExpr>(s)) {
    const FunctionDecl* called = call->getDirectCallee();
    if (called && !in_std(called) && has_effects(called->getBody(), depth + 1)) return true;
  }
  return std::any_of(s->child_begin(), s->child_end(), [&](const Stmt* child) { return has_effects(child, depth); });
}

// Whoever counts comparisons finds out what shape the tree has, which is no part of a state.
bool shows_its_shape(const std::string& name, llvm::ArrayRef<TemplateArgument> arguments) {
  if (name != "map" && name != "multimap" && name != "set" && name != "multiset") return false;
  const TemplateArgument& comparison = arguments[name.ends_with("map") ? 2 : 1];
  const CXXRecordDecl* r = comparison.getAsType()->getAsCXXRecordDecl();
  if (!r || in_std(r)) return false;
  return std::any_of(r->method_begin(), r->method_end(), [](const CXXMethodDecl* m) { return m->getOverloadedOperator() == OO_Call && has_effects(m->getBody(), 0); });
}

bool holds_constants(llvm::ArrayRef<TemplateArgument> arguments) {
  return std::any_of(arguments.begin(), arguments.end(), [](const TemplateArgument& a) {
    if (a.getKind() == TemplateArgument::Pack) return holds_constants(a.pack_elements());
    return a.getKind() == TemplateArgument::Type && a.getAsType().isConstQualified();
  });
}

}  // namespace

StateTypes::Answer StateTypes::look_library(const CXXRecordDecl* r, int depth) {
  const std::string name = r->getName().str();
  const auto* s = dyn_cast<ClassTemplateSpecializationDecl>(r);
  const std::string full = shown(context_.getTypeDeclType(r));
  if ((name == "unique_ptr" || name == "shared_ptr") && s && s->getTemplateArgs().size() > 0) {
    const QualType pointee = s->getTemplateArgs()[0].getAsType();
    const ArrayType* array = pointee->getAsArrayTypeUnsafe();
    if (array && name == "shared_ptr") return {"there is no adapter for " + full, false, {}};
    if (!array && pointee.isConstQualified()) return {"it leads to something constant", false, {}};
    Answer answer = array ? whole(array->getElementType(), depth + 1) : behind_pointer(pointee, depth + 1);
    // None can be made without its deleter, if that is behind a pointer.
    if (name == "unique_ptr" && s->getTemplateArgs().size() > 1 && s->getTemplateArgs()[1].getAsType()->isPointerType()) answer.partial = true;
    return answer;
  }
  if ((name == "weak_ptr" || name == "reference_wrapper") && s && s->getTemplateArgs().size() > 0) return behind_pointer(s->getTemplateArgs()[0].getAsType(), depth + 1);
  if (name == "atomic_flag" && context_.getLangOpts().CPlusPlus20) return {};
  if (name == "__normal_iterator") return {};
  const auto known = kStandard.find(name);
  if (known == kStandard.end()) return {"there is no adapter for " + full, false, {}};
  if (name == "discrete_distribution" || name.starts_with("piecewise_")) return {};
  if (!s) return {};
  const bool holds_values = name == "pair" || name == "tuple" || name == "array" || name == "optional" || name == "variant";
  if (holds_values && holds_constants(s->getTemplateArgs().asArray())) return {full + " holds something constant", false, {}};
  if (shows_its_shape(name, s->getTemplateArgs().asArray())) return {"the comparison of " + full + " changes something, and may so depend on how the tree has grown", false, {}};
  Answer out;
  unsigned left = known->second;
  const auto consider = [&](const TemplateArgument& a) {
    if (a.getKind() != TemplateArgument::Type || left == 0) return;
    --left;
    const Answer part = makes_elements(name) ? whole(a.getAsType().getUnqualifiedType(), depth + 1) : look(a.getAsType(), depth + 1);
    if (out.blocked.empty()) out.blocked = part.blocked;
    out.partial = out.partial || part.partial;
    out.left_out.insert(out.left_out.end(), part.left_out.begin(), part.left_out.end());
  };
  for (const TemplateArgument& a : s->getTemplateArgs().asArray()) {
    if (a.getKind() == TemplateArgument::Pack) {
      for (const TemplateArgument& inner : a.pack_elements()) consider(inner);
    } else {
      consider(a);
    }
  }
  // Their order in memory is that of addresses.
  const bool ordered = name == "map" || name == "set" || name == "multimap" || name == "multiset" || name.starts_with("unordered_");
  if (ordered && s->getTemplateArgs()[0].getAsType()->isPointerType()) return {"the order of " + full + " is that of addresses", false, {}};
  return out;
}

StateTypes::Answer StateTypes::look_class(const CXXRecordDecl* r, int depth) {
  if (const auto known = classes_.find(r); known != classes_.end()) return known->second;
  classes_[r] = {};  // also where it leads back to itself
  Answer out;
  const std::string name = shown(context_.getTypeDeclType(r));
  const CXXRecordDecl* pattern = pattern_of(r);
  if (r->isLambda()) out.blocked = "it is a lambda";
  else if (r->isUnion()) out.blocked = "it is a union";
  else if (user_.file_of(pattern->getLocation()).starts_with("/")) out.blocked = "class " + name + " is declared outside of the project";
  else if (!is_plain_text(pattern)) out.blocked = "a macro makes class " + name;
  else if (r->isAnonymousStructOrUnion()) out.blocked = "it has no name";
  // Whether an object is of the class itself, or of one that derives from it, is not to be seen then.
  else if (!context_.getLangOpts().RTTI && r->isPolymorphic() && !r->isEffectivelyFinal()) out.blocked = "class " + name + " has virtual functions, and the program is compiled without RTTI";
  for (const CXXBaseSpecifier& base : r->bases()) {
    if (!out.blocked.empty()) break;
    if (is_shared_from_this(base)) continue;
    if (base.isVirtual()) out.blocked = "class " + name + " has a virtual base";
    const Answer part = look(base.getType(), depth + 1);
    if (out.blocked.empty() && !part.blocked.empty()) out.blocked = "class " + name + ": " + part.blocked;
    out.partial = out.partial || part.partial;
    out.left_out.insert(out.left_out.end(), part.left_out.begin(), part.left_out.end());
  }
  const bool is_beside = is_c_linkage(r);
  if (out.blocked.empty() && is_beside && !is_plain_struct(r, context_)) out.blocked = "class " + name + " is declared with C linkage, where no template can stand, and is no plain struct of the global namespace";
  if (out.blocked.empty()) {
    // What another unit put into a header is there already.
    if (is_beside) beside_.push_back(r);
    else if (std::none_of(pattern->decls_begin(), pattern->decls_end(), is_members)) order_.push_back(r);
    for (const FieldDecl* field : r->fields()) {
      const bool unnamed = !field->getIdentifier();
      const bool is_array_of_unknown = field->getType()->isIncompleteArrayType();
      if (unnamed && field->isBitField()) continue;
      if (is_stateless(field->getType())) continue;
      const CXXRecordDecl* within = unnamed_struct(field);
      const Answer part = within ? look_within(within, depth + 1) : unnamed || is_array_of_unknown ? Answer{"it has no name", false} : is_unreachable(field) ? Answer{"it is a packed member", false} : look(field->getType(), depth + 1);
      if (!part.blocked.empty()) out.left_out.push_back(r->getNameAsString() + "::" + field->getNameAsString() + ": " + part.blocked);
      out.left_out.insert(out.left_out.end(), part.left_out.begin(), part.left_out.end());
      out.partial = out.partial || part.partial || !part.blocked.empty() || field->getType()->isReferenceType();
    }
    if (is_beside && out.partial) out.blocked = "class " + name + " is declared with C linkage" + (out.left_out.empty() ? "" : ", and " + out.left_out.front());
  }
  std::sort(out.left_out.begin(), out.left_out.end());
  out.left_out.erase(std::unique(out.left_out.begin(), out.left_out.end()), out.left_out.end());
  return classes_[r] = out;
}

StateTypes::Answer StateTypes::look_within(const CXXRecordDecl* r, int depth) {
  for (const FieldDecl* field : r->fields()) {
    if (!field->getIdentifier() && field->isBitField()) continue;
    const CXXRecordDecl* within = unnamed_struct(field);
    Answer part = within ? look_within(within, depth + 1) : !field->getIdentifier() ? Answer{"it has no name", false} : is_unreachable(field) ? Answer{"it is a packed member", false} : look(field->getType(), depth + 1);
    if (part.blocked.empty() && part.partial) part.blocked = "a " + shown(field->getType().getUnqualifiedType()) + " has members that are left out";
    if (!part.blocked.empty()) return {field->getNameAsString() + ": " + part.blocked, false, {}};
  }
  return {};
}

std::string StateTypes::members_of(const CXXRecordDecl* r) {
  const CXXRecordDecl* pattern = pattern_of(r);
  const bool local = pattern->isLocalClass() != nullptr;
  std::string out = " public: ";
  if (pattern->getIdentifier()) out += "typedef " + pattern->getName().str() + " hindsight_class; ";
  if (classes_[r].partial) out += "enum { hindsight_partial = 1 }; ";
  out += local ? "void hindsight_members(::hindsight::Archive& ar) { " : "template <class HindsightArchive> void hindsight_members(HindsightArchive& ar) { ";
  std::size_t count = 0;
  for (const CXXBaseSpecifier& base : pattern->bases()) {
    if (is_shared_from_this(base)) continue;
    const std::string text = text_of(context_, {base.getBaseTypeLoc(), base.getTypeSourceInfo()->getTypeLoc().getEndLoc()});
    out += "ar.base(\"" + std::string(one_line(text)) + "\", static_cast<" + text + "&>(*this)); ";
    ++count;
  }
  out += fields_of(r, "", "", count);
  if (count == 0) out += "(void)ar; ";
  return out + "} ";
}

std::string StateTypes::fields_of(const CXXRecordDecl* r, const std::string& object, const std::string& path, std::size_t& count) {
  // The fields of the pattern, in the order of the instance that was asked for.
  const CXXRecordDecl* pattern = pattern_of(r);
  std::string out;
  auto of_pattern = pattern->field_begin();
  for (const FieldDecl* field : r->fields()) {
    const FieldDecl* named = of_pattern != pattern->field_end() ? *of_pattern : field;
    if (of_pattern != pattern->field_end()) ++of_pattern;
    if (is_stateless(field->getType())) continue;
    if (const CXXRecordDecl* within = unnamed_struct(field)) {
      const std::string step = named->getIdentifier() ? named->getName().str() + "." : "";
      if (look_within(within, 1).blocked.empty()) out += fields_of(within, object + step, path + step, count);
      continue;
    }
    if (!named->getIdentifier() || !look(field->getType(), 1).blocked.empty() || is_unreachable(field)) continue;
    const std::string name = path + named->getName().str(), member = object + named->getName().str();
    ++count;
    if (field->isBitField() || is_packed(field)) out += "{ auto hindsight_bits = " + member + "; ar.child(\"" + name + "\", hindsight_bits); if (ar.loading()) " + member + " = hindsight_bits; } ";
    else if (field->getType()->isReferenceType()) out += "ar.reference(\"" + name + "\", " + member + "); ";
    else if (field->getType().isConstQualified()) out += "ar.constant(\"" + name + "\", " + member + "); ";
    else if (is_time(field) || is_time(named)) out += "ar.time(\"" + name + "\", " + member + "); ";
    else out += "ar.child(\"" + name + "\", " + member + "); ";
  }
  return out;
}

// Members that a constructor leaves as they are have whatever was in memory, which no two processes agree on. In a class that has a
// constructor of its own an initialiser changes nothing else.
void StateTypes::give_values(const CXXRecordDecl* r, const CXXRecordDecl* pattern, std::vector<FileInsertion>& out) {
  const bool has_constructor = std::any_of(pattern->ctor_begin(), pattern->ctor_end(), [](const CXXConstructorDecl* c) { return c->isUserProvided(); });
  if (!has_constructor || pattern->isUnion()) return;
  auto of_pattern = pattern->field_begin();
  for (const FieldDecl* field : r->fields()) {
    if (of_pattern == pattern->field_end()) return;
    const FieldDecl* written = *of_pattern++;
    const QualType type = field->getType();
    QualType element = type;
    while (const ArrayType* array = element->getAsArrayTypeUnsafe()) element = array->getElementType();
    if (!written->getIdentifier() || written->hasInClassInitializer() || written->isBitField() || type->isReferenceType() || type.isConstQualified() || !element->isScalarType() || type->isIncompleteArrayType()) continue;
    const std::optional<FileRange> range = file_range(context_, written->getSourceRange());
    if (range) out.push_back({range->file, range->end, "{}"});
  }
}

std::vector<FileInsertion> StateTypes::serializers() {
  std::vector<FileInsertion> out;
  DeclSet<CXXRecordDecl> done;
  const SourceManager& sources = context_.getSourceManager();
  for (std::size_t i = 0; i < order_.size(); ++i) {
    const CXXRecordDecl* r = order_[i];
    const CXXRecordDecl* pattern = pattern_of(r);
    if (!classes_[r].blocked.empty() || !done.insert(pattern).second) continue;
    const SourceLocation end = pattern->getBraceRange().getEnd();
    give_values(r, pattern, out);
    out.push_back({sources.getFileID(end), sources.getFileOffset(end), members_of(r)});
  }
  return out;
}

std::string StateTypes::at_end() {
  std::string out;
  for (const CXXRecordDecl* r : beside_) {
    if (!classes_[r].blocked.empty()) continue;
    std::size_t count = 0;
    const std::string fields = fields_of(r, "value.", "", count);
    out += " template <class HindsightArchive> void serialize(HindsightArchive& ar, " + global_name(r, context_) + "& value) { " + (count == 0 ? "(void)ar; (void)value; " : fields) + "}";
  }
  for (const auto& [base, kinds] : kinds_) {
    const std::string name = global_name(base, context_);
    if (name.empty()) continue;
    std::string list;
    for (const CXXRecordDecl* each : kinds) list += (list.empty() ? "" : ", ") + global_name(each, context_);
    out += " template <> struct hindsight::Kinds<" + name + "> { using types = ::hindsight::TypeList<" + list + ">; };";
  }
  return out;
}

}  // namespace hindsight::instrument
