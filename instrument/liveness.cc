#include "instrument/liveness.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include <clang/AST/DeclTemplate.h>
#include <clang/AST/ExprCXX.h>
#include <clang/Analysis/CFG.h>
#include <clang/Lex/Lexer.h>

#include "instrument/known.h"

namespace hindsight::instrument {

using namespace clang;

namespace {

using Variables = DeclSet<VarDecl>;

// ---- types ----

// Can an object be assigned or cleared without anything of the user's running that looks at what it held?
bool is_value(QualType type, int depth = 0) {
  type = type.getCanonicalType().getUnqualifiedType();
  if (depth > 8 || type.isVolatileQualified() || type->isReferenceType()) return false;
  if (type->isScalarType()) return true;
  if (const auto* array = dyn_cast<ConstantArrayType>(type.getTypePtr())) return is_value(array->getElementType(), depth + 1);
  const CXXRecordDecl* r = type->getAsCXXRecordDecl();
  if (!r || !r->hasDefinition() || r->isLambda()) return false;
  if (is_tensor(type)) return true;
  if (in_std(r)) {
    static const std::set<llvm::StringRef> containers = {"basic_string", "vector", "deque", "list", "forward_list", "map", "multimap", "set", "multiset", "unordered_map", "unordered_multimap",
                                                         "unordered_set", "unordered_multiset", "array", "pair", "tuple", "optional", "complex", "valarray"};
    if (r->getIdentifier() && containers.count(r->getName())) {
      const auto* instance = dyn_cast<ClassTemplateSpecializationDecl>(r);
      if (!instance) return false;
      const auto is_value_argument = [&](const TemplateArgument& argument, const auto& self) -> bool {
        if (argument.getKind() == TemplateArgument::Pack) {
          return std::all_of(argument.pack_begin(), argument.pack_end(), [&](const TemplateArgument& each) { return self(each, self); });
        }
        return argument.getKind() != TemplateArgument::Type || is_value(argument.getAsType(), depth + 1);
      };
      const llvm::ArrayRef<TemplateArgument> arguments = instance->getTemplateArgs().asArray();
      return std::all_of(arguments.begin(), arguments.end(), [&](const TemplateArgument& each) { return is_value_argument(each, is_value_argument); });
    }
    // Iterators, comparisons, traits; not what runs code on destruction.
    return (r->hasTrivialDestructor() && !r->isPolymorphic()) || (r->getIdentifier() && r->getName() == "allocator");
  }
  if (r->isPolymorphic() || (r->hasUserDeclaredDestructor() && !r->getDestructor()->isDefaulted())) return false;
  const auto is_users = [](const CXXMethodDecl* m) { return (m->isCopyAssignmentOperator() || m->isMoveAssignmentOperator()) && m->isUserProvided(); };
  if (std::any_of(r->method_begin(), r->method_end(), is_users)) return false;
  return std::all_of(r->bases_begin(), r->bases_end(), [&](const CXXBaseSpecifier& base) { return is_value(base.getType(), depth + 1); }) &&
         std::all_of(r->field_begin(), r->field_end(), [&](const FieldDecl* field) { return is_value(field->getType(), depth + 1); });
}

bool is_candidate(const VarDecl* v, const FunctionDecl* f) {
  const QualType type = v->getType();
  if (!v->isLocalVarDeclOrParm() || v->hasGlobalStorage() || v->getDeclContext() != f || isa<DecompositionDecl>(v)) return false;
  return !type->isReferenceType() && !type->isArithmeticType() && !type->isEnumeralType() && !type.isConstQualified() && is_value(type);
}

// ---- mentions ----

const VarDecl* named_by(const Expr* e) {
  const auto* ref = e ? dyn_cast<DeclRefExpr>(e->IgnoreParenImpCasts()) : nullptr;
  return ref ? dyn_cast<VarDecl>(ref->getDecl()) : nullptr;
}

// What the whole of which `s` overwrites, without looking at it; null: nothing.
const Expr* overwritten_by(const Stmt* s, const ASTContext& context) {
  if (const auto* x = dyn_cast<BinaryOperator>(s)) return x->getOpcode() == BO_Assign ? x->getLHS() : nullptr;
  if (const auto* x = dyn_cast<CXXOperatorCallExpr>(s)) {
    return x->getOperator() == OO_Equal && x->getNumArgs() == 2 && isa_and_nonnull<CXXMethodDecl>(x->getDirectCallee()) ? x->getArg(0) : nullptr;
  }
  if (const auto* x = dyn_cast<CXXMemberCallExpr>(s)) {
    const CXXMethodDecl* m = x->getMethodDecl();
    const bool is = m && m->getIdentifier() && in_std(m) && (m->getName() == "clear" || m->getName() == "assign");
    return is ? x->getImplicitObjectArgument() : nullptr;
  }
  const auto* call = dyn_cast<CallExpr>(s);
  const FunctionDecl* f = call ? call->getDirectCallee() : nullptr;
  if (!f || !f->getIdentifier() || f->getName() != "memset" || call->getNumArgs() != 3) return nullptr;
  const Expr* to = call->getArg(0)->IgnoreParenCasts();
  if (const auto* address = dyn_cast<UnaryOperator>(to); address && address->getOpcode() == UO_AddrOf) to = address->getSubExpr();
  else if (!to->IgnoreParenImpCasts()->getType()->isConstantArrayType()) return nullptr;
  const VarDecl* v = named_by(to);
  Expr::EvalResult bytes;
  if (!v || call->getArg(2)->isValueDependent() || !call->getArg(2)->EvaluateAsInt(bytes, context)) return nullptr;
  return bytes.Val.getInt() == context.getTypeSizeInChars(v->getType()).getQuantity() ? to : nullptr;
}

// Where a function's variables are written as a whole, and which mentions of them are nothing but that.
struct Mentions {
  std::map<const Stmt*, const VarDecl*> writes;
  std::set<const DeclRefExpr*> only_written;
  Variables escaping;  // captured outside of the loop
};

class Finder {
 public:
  Finder(const ASTContext& context, const FunctionDecl* f, const Stmt* loop, Mentions& out) : context_(context), function_(f), loop_(loop), out_(out) { walk(f->getBody(), true, false); }
  // Code whose paths the graph does not have.
  bool is_opaque() const { return is_opaque_; }

 private:
  // `is_whole`: the value of `s` is used by nobody but a statement, so that nothing beside it in the same expression can mention its variable.
  void walk(const Stmt* s, bool is_whole, bool in_loop) {
    if (!s) return;
    if (isa<CXXTryStmt, OMPExecutableDirective, AsmStmt, CoroutineBodyStmt, IndirectGotoStmt, StmtExpr>(s) && !is_probes(s)) is_opaque_ = true;
    in_loop = in_loop || s == loop_;
    if (const auto* lambda = dyn_cast<LambdaExpr>(s)) {
      for (const LambdaCapture& capture : lambda->captures()) {
        const auto* v = capture.capturesVariable() ? dyn_cast<VarDecl>(capture.getCapturedVar()) : nullptr;
        if (v && !in_loop && capture.getCaptureKind() == LCK_ByRef) out_.escaping.insert(v->getCanonicalDecl());
      }
      return;
    }
    if (const auto* declared = dyn_cast<DeclStmt>(s)) {
      for (const Decl* d : declared->decls()) {
        if (const auto* v = dyn_cast<VarDecl>(d); v && is_candidate(v, function_)) out_.writes[s] = v->getCanonicalDecl();
      }
    }
    if (const Expr* to = is_whole ? overwritten_by(s, context_) : nullptr) {
      if (const VarDecl* v = named_by(to); v && is_candidate(v, function_)) {
        out_.writes[s] = v->getCanonicalDecl();
        out_.only_written.insert(cast<DeclRefExpr>(to->IgnoreParenImpCasts()));
      }
    }
    // `a = b = c` is written from the right.
    const auto* operation = dyn_cast<BinaryOperator>(s);
    const bool hands_on = isa<ExprWithCleanups, ParenExpr, ImplicitCastExpr>(s) || (operation && operation->isAssignmentOp());
    const auto* expression = dyn_cast<Expr>(s);
    for (const Stmt* child : children_of(s)) {
      const bool is_target = operation && child == operation->getLHS();
      walk(child, expression ? is_whole && hands_on && !is_target : true, in_loop);
    }
  }

  // The try around a probe's expression, which writes nothing as a whole.
  bool is_probes(const Stmt* s) const {
    const SourceLocation at = s->getBeginLoc();
    return at.isMacroID() && Lexer::getImmediateMacroName(at, context_.getSourceManager(), context_.getLangOpts()) == "HINDSIGHT_TRY";
  }

  const ASTContext& context_;
  const FunctionDecl* function_;
  const Stmt* loop_;
  Mentions& out_;
  bool is_opaque_ = false;
};

// ---- dataflow ----

class Liveness {
 public:
  // Of the candidates alone.
  Liveness(const CFG& graph, const Mentions& mentions, const Variables& candidates) : graph_(graph), mentions_(mentions), candidates_(candidates) {
    at_entry_.resize(graph.getNumBlockIDs());
    for (bool changed = true; changed;) {
      changed = false;
      for (const CFGBlock* block : graph_) {
        Variables live;
        for (const CFGBlock* next : block->succs()) {
          if (next) live.insert(at_entry_[next->getBlockID()].begin(), at_entry_[next->getBlockID()].end());
        }
        for (auto element = block->rbegin(); element != block->rend(); ++element) {
          if (const auto statement = element->getAs<CFGStmt>()) transfer(statement->getStmt(), live);
        }
        Variables& known = at_entry_[block->getBlockID()];
        if (live.size() != known.size()) known = std::move(live), changed = true;
      }
    }
  }

  const Variables& at_entry(const CFGBlock* block) const { return at_entry_[block->getBlockID()]; }

 private:
  void transfer(const Stmt* s, Variables& live) const {
    if (const auto written = mentions_.writes.find(s); written != mentions_.writes.end()) live.erase(written->second);
    const auto read = [&](const ValueDecl* d) {
      const auto* v = dyn_cast<VarDecl>(d);
      if (v && candidates_.count(v->getCanonicalDecl())) live.insert(v->getCanonicalDecl());
    };
    if (const auto* ref = dyn_cast<DeclRefExpr>(s); ref && !mentions_.only_written.count(ref)) read(ref->getDecl());
    if (const auto* lambda = dyn_cast<LambdaExpr>(s)) {
      for (const LambdaCapture& capture : lambda->captures()) {
        if (capture.capturesVariable()) read(capture.getCapturedVar());
      }
    }
  }

  const CFG& graph_;
  const Mentions& mentions_;
  const Variables& candidates_;
  std::vector<Variables> at_entry_;
};

// The blocks of the natural loops whose back edges leave `backs`.
std::set<const CFGBlock*> blocks_of(const std::vector<const CFGBlock*>& backs, const std::set<const CFGBlock*>& heads) {
  std::set<const CFGBlock*> out = heads;
  std::vector<const CFGBlock*> open(backs.begin(), backs.end());
  while (!open.empty()) {
    const CFGBlock* block = open.back();
    open.pop_back();
    if (!out.insert(block).second) continue;
    for (const CFGBlock* before : block->preds()) {
      if (before) open.push_back(before);
    }
  }
  return out;
}

const Stmt* body_of(const Stmt* loop) {
  if (const auto* x = dyn_cast<ForStmt>(loop)) return x->getBody();
  if (const auto* x = dyn_cast<WhileStmt>(loop)) return x->getBody();
  if (const auto* x = dyn_cast<DoStmt>(loop)) return x->getBody();
  if (const auto* x = dyn_cast<CXXForRangeStmt>(loop)) return x->getBody();
  return loop;
}

bool lies_in(const Stmt* s, SourceLocation at, const ASTContext& context) {
  const SourceManager& sources = context.getSourceManager();
  at = sources.getExpansionLoc(at);
  return at.isValid() && !sources.isBeforeInTranslationUnit(at, sources.getExpansionLoc(s->getBeginLoc())) &&
         !sources.isBeforeInTranslationUnit(sources.getExpansionRange(s->getEndLoc()).getEnd(), at);
}

// Is it made anew in each iteration?
bool lies_in_body(const Root& root, const Stmt* loop, const ASTContext& context) {
  if (const VarDecl* v = root.variable()) return !v->hasGlobalStorage() && lies_in(body_of(loop), v->getLocation(), context);
  return root.kind == Root::Kind::kTemporary && root.key && lies_in(body_of(loop), static_cast<const Expr*>(root.key)->getBeginLoc(), context);
}

// Does something that outlasts an iteration refer to `v`, through whatever?
bool is_referred_to(const FunctionFacts& facts, const VarDecl* v, const ASTContext& context, const Stmt* loop) {
  const Root self{Root::Kind::kVariable, v->getCanonicalDecl(), {}};
  const bool owns_nothing = v->getType().isTriviallyCopyableType(context);  // pointers, iterators: what they lead to is another's
  std::set<Root> reached = {self};
  for (bool grown = true; grown;) {
    grown = false;
    for (const auto& [root, reach] : facts.aliases) {
      const auto leads_there = [&](const Place& p) { return reached.count(p.root) != 0 && !(owns_nothing && p.root == self && p.passes_pointer()); };
      if (reached.count(root) || std::none_of(reach.places.begin(), reach.places.end(), leads_there)) continue;
      if (!lies_in_body(root, loop, context)) return true;
      grown = reached.insert(root).second;
    }
  }
  return false;
}

}  // namespace

DeclSet<VarDecl> dead_at_head(ASTContext& context, const FunctionFacts& facts, const HindsightLoop& loop) {
  const FunctionDecl* f = facts.function;
  Variables candidates;
  Mentions mentions;
  const Finder finder(context, f, loop.driver, mentions);
  if (finder.is_opaque()) return {};
  for (const auto& [statement, v] : mentions.writes) {
    if (isa<DeclStmt>(statement) || lies_in(body_of(loop.driver), v->getLocation(), context) || mentions.escaping.count(v) || is_referred_to(facts, v, context, loop.driver)) continue;
    candidates.insert(v);
  }
  if (candidates.empty()) return {};

  CFG::BuildOptions options;
  options.setAllAlwaysAdd();
  const std::unique_ptr<CFG> graph = CFG::buildCFG(f, f->getBody(), &context, options);
  if (!graph) return {};
  // A block that leads back has the loop as its target. What follows it is the head, or a part of the increment before it.
  std::vector<const CFGBlock*> backs;
  std::set<const CFGBlock*> heads;
  for (const CFGBlock* block : *graph) {
    if (block->getLoopTarget() != loop.driver) continue;
    backs.push_back(block);
    for (const CFGBlock* next : block->succs()) {
      if (next) heads.insert(next);
    }
  }
  if (heads.empty()) return {};

  const Liveness liveness(*graph, mentions, candidates);
  Variables live;
  const auto add = [&](const CFGBlock* block) { live.insert(liveness.at_entry(block).begin(), liveness.at_entry(block).end()); };
  for (const CFGBlock* head : heads) add(head);
  const std::set<const CFGBlock*> inside = blocks_of(backs, heads);
  for (const CFGBlock* block : inside) {
    for (const CFGBlock* next : block->succs()) {
      if (next && !inside.count(next)) add(next);  // a loop that is skipped goes on there
    }
  }
  for (const VarDecl* v : live) candidates.erase(v);
  return candidates;
}

std::vector<std::string> names_of(const DeclSet<VarDecl>& variables) {
  std::vector<std::string> out;
  for (const VarDecl* v : variables) out.push_back(v->getNameAsString());
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace hindsight::instrument
