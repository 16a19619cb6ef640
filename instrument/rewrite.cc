#include "instrument/rewrite.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <tuple>

#include <clang/Lex/Lexer.h>
#include <llvm/ADT/StringSet.h>
#include <llvm/Support/FileSystem.h>

#include "instrument/choose.h"
#include "instrument/clocks.h"
#include "instrument/functions.h"
#include "instrument/include_place.h"
#include "instrument/known.h"
#include "instrument/shapes.h"
#include "instrument/source.h"
#include "instrument/state_types.h"
#include "instrument/summary.h"

namespace hindsight::instrument {

using namespace clang;

namespace {

// ---- where a statement ends ----

// Behind the token at `at`, in its file; nothing inside a macro.
std::optional<std::size_t> behind(const ASTContext& context, SourceLocation at) {
  const std::optional<FileRange> range = file_range(context, {at, at});
  return range ? std::optional(range->end) : std::nullopt;
}

// The offset of the next `token` at or behind `from`.
std::optional<std::size_t> next_token(const ASTContext& context, FileID file, std::size_t from, tok::TokenKind kind) {
  const SourceManager& sources = context.getSourceManager();
  const llvm::StringRef text = sources.getBufferData(file);
  const SourceLocation start = sources.getLocForStartOfFile(file);
  Lexer lexer(start, context.getLangOpts(), text.begin(), text.begin() + from, text.end());
  Token token;
  int depth = 0;
  while (!lexer.LexFromRawLexer(token)) {
    if (depth == 0 && token.is(kind)) return sources.getFileOffset(token.getLocation());
    if (token.isOneOf(tok::l_paren, tok::l_brace, tok::l_square)) ++depth;
    if (token.isOneOf(tok::r_paren, tok::r_brace, tok::r_square) && --depth < 0) return std::nullopt;
  }
  return std::nullopt;
}

// Behind the whole statement, its semicolon included.
std::optional<std::size_t> end_of(const ASTContext& context, FileID file, const Stmt* s) {
  if (const auto* x = dyn_cast<ForStmt>(s)) return end_of(context, file, x->getBody());
  if (const auto* x = dyn_cast<WhileStmt>(s)) return end_of(context, file, x->getBody());
  if (const auto* x = dyn_cast<CXXForRangeStmt>(s)) return end_of(context, file, x->getBody());
  if (const auto* x = dyn_cast<IfStmt>(s)) return end_of(context, file, x->getElse() ? x->getElse() : x->getThen());
  if (const auto* x = dyn_cast<SwitchStmt>(s)) return end_of(context, file, x->getBody());
  if (const auto* x = dyn_cast<LabelStmt>(s)) return end_of(context, file, x->getSubStmt());
  if (const auto* x = dyn_cast<AttributedStmt>(s)) return end_of(context, file, x->getSubStmt());
  const std::optional<std::size_t> last = behind(context, s->getEndLoc());
  if (!last) return std::nullopt;
  if (isa<CompoundStmt, CXXTryStmt, NullStmt, DeclStmt>(s)) return last;
  const std::optional<std::size_t> semicolon = next_token(context, file, *last, tok::semi);
  return semicolon ? std::optional(*semicolon + 1) : std::nullopt;
}

bool leaves_by_break(const Stmt* s, bool outermost = true) {
  if (!s) return false;
  if (isa<BreakStmt>(s)) return true;
  if (isa<GotoStmt, IndirectGotoStmt>(s)) return true;
  if (!outermost && isa<ForStmt, WhileStmt, DoStmt, CXXForRangeStmt, SwitchStmt, LambdaExpr>(s)) {
    // Theirs; a goto may still lead out.
    const auto jumps = [](const Stmt* each, const auto& self) -> bool {
      if (!each) return false;
      if (isa<GotoStmt, IndirectGotoStmt>(each)) return true;
      for (const Stmt* child : children_of(each)) {
        if (self(child, self)) return true;
      }
      return false;
    };
    return jumps(s, jumps);
  }
  for (const Stmt* child : children_of(s)) {
    if (leaves_by_break(child, false)) return true;
  }
  return false;
}

// ---- names that can be used at a loop ----

class Visible {
 public:
  Visible() = default;
  Visible(const FunctionDecl* f, const Stmt* loop) : loop_(loop) {
    // One of a pack has no name in the text.
    std::set<std::string> packs;
    if (const FunctionDecl* pattern = f->getTemplateInstantiationPattern()) {
      for (const ParmVarDecl* p : pattern->parameters()) {
        if (p->isParameterPack()) packs.insert(p->getNameAsString());
      }
    }
    for (const ParmVarDecl* p : f->parameters()) {
      if (packs.count(p->getNameAsString()) == 0) names_.insert(cast<VarDecl>(p->getCanonicalDecl()));
    }
    if (const auto* m = dyn_cast<CXXMethodDecl>(f); m && m->getParent()->isLambda()) {
      for (const LambdaCapture& capture : m->getParent()->captures()) {
        if (capture.capturesVariable()) names_.insert(cast<VarDecl>(capture.getCapturedVar()->getCanonicalDecl()));
      }
    }
    walk(f->getBody());
  }
  bool has(const VarDecl* v) const { return names_.count(v->getCanonicalDecl()) != 0; }
  // Those that their name alone means, and that have a value.
  std::vector<const VarDecl*> unambiguous() const {
    std::map<std::string, std::vector<const VarDecl*>> by_name;
    for (const VarDecl* v : names_) by_name[v->getNameAsString()].push_back(v);
    std::vector<const VarDecl*> out;
    for (const auto& [name, all] : by_name) {
      if (all.size() == 1 && (isa<ParmVarDecl>(all[0]) || all[0]->getInit())) out.push_back(all[0]);
    }
    return out;
  }

 private:
  void declare(const Stmt* s, DeclSet<VarDecl>& into) {
    const auto* declared = dyn_cast_or_null<DeclStmt>(s);
    if (!declared) return;
    for (const Decl* d : declared->decls()) {
      if (const auto* v = dyn_cast<VarDecl>(d); v && !v->isImplicit()) into.insert(v->getCanonicalDecl());
    }
  }
  // True once the loop was found below.
  bool walk(const Stmt* s) {
    if (!s || isa<LambdaExpr>(s)) return false;
    if (s == loop_) {
      if (const auto* x = dyn_cast<ForStmt>(s)) declare(x->getInit(), names_);
      return true;
    }
    DeclSet<VarDecl> here;
    for (const Stmt* child : children_of(s)) {
      if (walk(child)) {
        names_.insert(here.begin(), here.end());
        return true;
      }
      declare(child, here);
    }
    return false;
  }

  const Stmt* loop_ = nullptr;
  DeclSet<VarDecl> names_;
};

constexpr std::uint64_t kMostNumbers = 4096;  // that are looked at

// How many numbers a value of the type consists of, all in one piece of memory, as far as they are not too many; 0: it is something else. To look at
// those costs next to nothing, whatever another thread does meanwhile.
std::uint64_t numbers_in(QualType t) {
  const auto so_many = [](const llvm::APInt& elements, QualType of) { return std::min(elements.getLimitedValue(kMostNumbers + 1) * numbers_in(of), kMostNumbers + 1); };
  t = t.getCanonicalType();
  if (t.isConstQualified() || t.isVolatileQualified()) return 0;
  if (t->isArithmeticType() || t->isEnumeralType()) return 1;
  if (const auto* array = dyn_cast<ConstantArrayType>(t.getTypePtr())) return so_many(array->getSize(), array->getElementType());
  const auto* s = dyn_cast_or_null<ClassTemplateSpecializationDecl>(t->getAsCXXRecordDecl());
  if (!s || !in_std(s)) return 0;
  const TemplateArgumentList& arguments = s->getTemplateArgs();
  if (s->getName() == "complex") return 2;
  if (s->getName() == "array" && arguments.size() == 2) return so_many(arguments[1].getAsIntegral(), arguments[0].getAsType());
  if (s->getName() != "pair") return 0;
  const std::uint64_t first = numbers_in(arguments[0].getAsType()), second = numbers_in(arguments[1].getAsType());
  return first == 0 || second == 0 ? 0 : std::min(first + second, kMostNumbers + 1);
}
bool is_light(QualType t) {
  const std::uint64_t numbers = numbers_in(t.getNonReferenceType());
  return numbers > 0 && numbers <= kMostNumbers;
}

// ---- the unit ----

class Rewriter {
 public:
  Rewriter(ASTContext& context, const UserCode& user, const Preprocessed& preprocessed, const RewriteRequest& request, Rewritten& out)
      : context_(context), user_(user), preprocessed_(preprocessed), request_(request), out_(out), types_(context, user) {}

  void run() {
    const std::vector<const FunctionDecl*> functions = functions_of(context_, user_);
    out_.shapes = shapes_of(context_, user_, functions);
    if (uses_hindsight()) {
      out_.is_explicit = true;
      return;
    }
    out_.chosen = request_.loops;
    if (out_.chosen.empty() && request_.decide) {
      const bool has_main = std::any_of(out_.shapes.begin(), out_.shapes.end(), [](const FunctionShape& f) { return f.is_main; });
      if (has_main) out_.chosen = choose_loops(out_.shapes);
    }
    find_statements(functions);
    types_.set_times(follow_clocks(context_, user_, code_of(context_, user_, functions)).held_in);
    needs_ = needs_of(context_, user_, functions, preprocessed_, names_);
    for (const Wanted& wanted : needs_.loops) collect(wanted);
    for (ChosenLoop& chosen : out_.chosen) write(chosen);
    // A unit without loops of its own may be called from those of others.
    const bool is_called = !request_.decide || std::none_of(out_.shapes.begin(), out_.shapes.end(), [](const FunctionShape& f) { return f.is_main; });
    if (!files_.empty() || is_called) statics(functions, is_called);
    if (is_called || !late_globals_.empty()) globals(is_called);
    if (!files_.empty() || is_called) announce_locals(functions);
    // Those of other units.
    out_.chosen.erase(std::remove_if(out_.chosen.begin(), out_.chosen.end(), [&](const ChosenLoop& each) {
      const bool here = std::any_of(out_.shapes.begin(), out_.shapes.end(), [&](const FunctionShape& f) {
        return std::any_of(f.loops.begin(), f.loops.end(), [&](const LoopShape& l) { return l.file == each.file && l.line == each.line && l.nth == each.nth; });
      });
      return !here;
    }), out_.chosen.end());
    for (FileInsertion& each : types_.serializers()) add(each.file, each.offset, std::move(each.text));
    finish();
  }

 private:
  struct Close {
    FileID file;
    std::size_t end;
    std::size_t begin;  // of the loop
    std::string text;
  };
  struct Item {
    std::string name;
    std::string text;  // how it is written at the loop
    bool is_counter = false;
    bool is_read = false;  // only looked at
    bool is_own = false;   // declared by the loop itself: gone when it is left
  };
  struct Target {
    const Stmt* statement = nullptr;
    std::vector<Item> items;
    std::vector<std::pair<std::string, std::string>> left_out;  // name, why
    const Stmt* around = nullptr;  // the chosen loop around it in its function
  };
  using Key = std::tuple<std::string, unsigned, unsigned>;

  // By itself: what another unit has put into a header brings hindsight/inserted.h, which no user includes.
  bool uses_hindsight() const {
    for (const NamedDecl* d : context_.getTranslationUnitDecl()->lookup(&context_.Idents.get("hindsight"))) {
      const auto* space = dyn_cast<NamespaceDecl>(d);
      if (space) return space->lookup(&context_.Idents.get("LoopWith")).empty();
    }
    return false;
  }

  void find_statements(const std::vector<const FunctionDecl*>& functions) {
    std::map<Key, const ChosenLoop*> wanted;
    for (const ChosenLoop& each : out_.chosen) {
      if (each.beside_thread) beside_threads_.insert({each.file, each.line, each.nth});
      if (each.refused.empty()) wanted[{each.file, each.line, each.nth}] = &each;
    }
    // Those that another unit has rewritten in a header.
    for (const FunctionShape& f : out_.shapes) {
      for (const LoopShape& loop : f.loops) {
        if (loop.is_known) wanted.erase({loop.file, loop.line, loop.nth});
      }
    }
    for (const FunctionDecl* f : functions) {
      const std::vector<LoopStatement> loops = loop_statements(user_, f);
      for (std::size_t i = 0; i < loops.size(); ++i) {
        const auto hit = wanted.find({loops[i].file, loops[i].line, loops[i].nth});
        if (hit == wanted.end()) continue;
        names_[loops[i].statement] = hit->second->name;
        // Of a template the instance says which types there are; the text is the same.
        Target& target = targets_[hit->first];
        if (target.statement && f->isDependentContext()) continue;
        target.statement = loops[i].statement;
        for (int at = loops[i].parent; at >= 0 && !target.around; at = loops[static_cast<std::size_t>(at)].parent) {
          const LoopStatement& outer = loops[static_cast<std::size_t>(at)];
          if (wanted.count({outer.file, outer.line, outer.nth})) target.around = outer.statement;
        }
        keys_[loops[i].statement] = hit->first;
      }
    }
  }

  // ---- state ----

  void collect(const Wanted& wanted) {
    const auto key = keys_.find(wanted.loop);
    if (key == keys_.end()) return;
    Target& target = targets_[key->second];
    if ((wanted.has_thread && wanted.by_thread.empty()) || beside_threads_.count(key->second)) {
      target.left_out.emplace_back(kThread, "goes on beside the loop, and what it writes is not known");
      return;
    }
    const auto is_by_thread = [&](const Place& place) {
      return std::any_of(wanted.by_thread.begin(), wanted.by_thread.end(), [&](const Place& each) { return each.root == place.root; });
    };
    const Visible visible(wanted.function, wanted.loop);
    const VarDecl* counter = counter_of(wanted.loop);
    if (counter && visible.has(counter) && !counter->getType().isConstQualified() && !counter->getType().isVolatileQualified() && !counter->getType()->isBooleanType()) {
      offer(target, {counter->getNameAsString(), "::hindsight::var(\"" + counter->getNameAsString() + "\", " + counter->getNameAsString() + ")", true, false, is_declared_by(wanted.loop, counter)});
    } else {
      counter = nullptr;
    }
    for (const Place& place : as_declared(wanted.places)) {
      if (place.root.variable() && counter && place.root.variable()->getCanonicalDecl() == counter->getCanonicalDecl()) continue;
      const Named named = name_at(place, visible, wanted.function);
      if (is_by_thread(place)) {
        target.left_out.emplace_back(named.name, "a thread may write it meanwhile");
        continue;
      }
      if (named.text.empty()) {
        if (!named.name.empty()) target.left_out.emplace_back(named.name, "cannot be named here");
        continue;
      }
      const QualType object = named.type.getNonReferenceType().getUnqualifiedType();
      // By a reference, too, an object may be known by its base.
      if (const CXXRecordDecl* r = object->getAsCXXRecordDecl(); r && r->hasDefinition() && r->isPolymorphic()) (void)types_.why_not(context_.getPointerType(object));
      const std::string why = types_.why_not(named.type);
      if (!why.empty()) {
        target.left_out.emplace_back(named.name, why);
        continue;
      }
      for (const std::string& each : types_.left_out_of(named.type)) target.left_out.emplace_back(named.name, each);
      const VarDecl* v = place.root.variable();
      if (v && v->hasGlobalStorage() && !is_declared_before(v, wanted.loop)) {
        late_globals_.insert(v->getCanonicalDecl());
        continue;
      }
      if (v) give_value(v, wanted.function);
      const FieldDecl* field = nullptr;
      for (const FieldDecl* step : place.path) field = field ? field : step;
      const ValueDecl* held = v ? static_cast<const ValueDecl*>(v) : place.root.kind == Root::Kind::kThis ? field : nullptr;
      const bool is_time = held && types_.is_time(held);
      offer(target, {named.name, std::string("::hindsight::") + (is_time ? "timed(" : "stored(") + quoted(named.name) + ", " + named.text + ")", false, false, is_declared_by(wanted.loop, v)});
    }
    for (const VarDecl* v : wanted.dead) target.left_out.emplace_back(v->getNameAsString(), "it is written before it is read");
    watch(wanted, visible, target);
    for (const Place& place : wanted.places) {
      if (const VarDecl* v = place.root.variable(); v && v->isStaticLocal()) wanted_statics_.insert(v->getCanonicalDecl());
    }
  }

  // What the loop reads of what lies outside and is not in its state: looked at while recording and replaying, in case the analysis is wrong.
  // Whether it is state by another name, or leads to it, is found out while the program runs. Of a loop in another one, what that one declares.
  void watch(const Wanted& wanted, const Visible& visible, Target& target) {
    std::set<std::string> changed;
    for (const Place& place : wanted.places) changed.insert(name_at(place, visible, wanted.function).name);
    const Visible around = target.around ? Visible(wanted.function, target.around) : Visible();
    const auto offer_reading = [&](const Named& named) {
      const auto same = [&](const Item& each) { return each.name == named.name; };
      if (named.text.empty() || changed.count(named.name) || std::any_of(target.items.begin(), target.items.end(), same)) return false;
      const QualType type = named.type.getNonReferenceType().getUnqualifiedType();
      const bool is_known = types_.why_not(type).empty() && types_.left_out_of(type).empty();
      if (!is_known && !leads_to_librarys(type)) return false;
      target.items.push_back({named.name, std::string("::hindsight::watched") + (is_known ? "(" : "_bytes(") + quoted(named.name) + ", " + named.text + ")", false, true});
      return true;
    };
    const auto offer_variable = [&](const VarDecl* v) {
      const QualType type = v->getType().getNonReferenceType();
      // What is constant from the start, and scalars that are named as constants, need no looking at.
      if (!v->getIdentifier() || v->isConstexpr() || (type.isConstQualified() && type->isScalarType() && !type->isPointerType()) || types_.is_time(v)) return;
      const bool is_global = v->hasGlobalStorage() && !v->isStaticLocal();
      const bool is_own = is_declared_by(wanted.loop, v) || v == counter_of(wanted.loop) || wanted.dead.count(v->getCanonicalDecl());
      const bool is_there = is_global ? user_.is_user(v->getLocation()) && is_declared_before(v, wanted.loop) : visible.has(v);
      if (is_own || !is_there || (target.around && (is_global || around.has(v)))) return;
      if (offer_reading(name_at(Place{{Root::Kind::kVariable, v->getCanonicalDecl(), {}}, {}}, visible, wanted.function))) give_value(v, wanted.function);
    };
    const auto walk = [&](const Stmt* s, const auto& self) -> void {
      if (!s || isa<LambdaExpr>(s)) return;
      if (const auto* ref = dyn_cast<DeclRefExpr>(s)) {
        if (const auto* v = dyn_cast<VarDecl>(ref->getDecl())) offer_variable(v);
      }
      if (const auto* member = dyn_cast<MemberExpr>(s); member && !target.around && isa<CXXThisExpr>(member->getBase()->IgnoreParenImpCasts())) {
        const auto* field = dyn_cast<FieldDecl>(member->getMemberDecl());
        if (field && !types_.is_time(field)) offer_reading(name_at(Place{{Root::Kind::kThis, nullptr, {}}, {field}}, visible, wanted.function));
      }
      for (const Stmt* child : children_of(s)) self(child, self);
    };
    walk(wanted.loop, walk);
    // What it does not name may be changed by code that the analysis has not seen.
    for (const VarDecl* v : visible.unambiguous()) {
      if (is_light(v->getType())) offer_variable(v);
    }
    if (!globals_) find_globals(context_.getTranslationUnitDecl(), globals_.emplace());
    for (const VarDecl* v : *globals_) {
      if (is_light(v->getType())) offer_variable(v);
    }
  }
  // A plain pointer to a struct of a library, which may fill it anew at each call.
  bool leads_to_librarys(QualType type) const {
    const QualType pointee = type->isPointerType() ? type->getPointeeType() : QualType();
    const CXXRecordDecl* r = pointee.isNull() || pointee.isVolatileQualified() ? nullptr : pointee->getAsCXXRecordDecl();
    return r && r->hasDefinition() && !user_.is_user(r) && pointee.isTriviallyCopyableType(context_);
  }
  void find_globals(const DeclContext* c, std::vector<const VarDecl*>& out) const {
    for (const Decl* d : declarations_in(c)) {
      if (const auto* v = dyn_cast<VarDecl>(d); v && user_.is_user(v) && v->isThisDeclarationADefinition() == VarDecl::Definition) out.push_back(v);
      if (isa<NamespaceDecl, LinkageSpecDecl>(d)) find_globals(cast<DeclContext>(d), out);
    }
  }

  bool is_declared_before(const VarDecl* v, const Stmt* loop) const {
    return std::any_of(v->redecls_begin(), v->redecls_end(), [&](const VarDecl* each) { return context_.getSourceManager().isBeforeInTranslationUnit(each->getLocation(), loop->getBeginLoc()); });
  }

  static bool is_declared_by(const Stmt* loop, const VarDecl* v) {
    const auto* f = dyn_cast<ForStmt>(loop);
    const auto* init = f ? dyn_cast_or_null<DeclStmt>(f->getInit()) : nullptr;
    return init && v && std::any_of(init->decl_begin(), init->decl_end(), [&](const Decl* d) { return d->getCanonicalDecl() == v->getCanonicalDecl(); });
  }

  // What has no value yet at the loop is no state that two processes would agree on.
  void give_value(const VarDecl* v, const FunctionDecl* f) {
    if (v->hasGlobalStorage() || isa<ParmVarDecl>(v) || v->isExceptionVariable() || v->isInitCapture() || isa<DecompositionDecl>(v)) return;
    const auto* made = v->getInit() ? dyn_cast<CXXConstructExpr>(v->getInit()->IgnoreImplicit()) : nullptr;
    if (v->getInit() && !(made && made->getNumArgs() == 0 && made->getConstructor()->isTrivial() && made->getParenOrBraceRange().isInvalid())) return;
    if (!v->getType().isTrivialType(context_) || may_be_jumped_over(v, f->getBody())) return;
    const std::optional<FileRange> range = file_range(context_, v->getSourceRange());
    if (range && given_.insert({range->file, range->end}).second) add(range->file, range->end, " = {}");
  }
  // A jump may not pass an initialisation.
  bool may_be_jumped_over(const VarDecl* v, const Stmt* s) const {
    if (!s) return false;
    const SourceManager& sources = context_.getSourceManager();
    if (isa<GotoStmt, IndirectGotoStmt>(s) && sources.isBeforeInTranslationUnit(s->getBeginLoc(), v->getLocation())) return true;
    if (const auto* choice = dyn_cast<SwitchStmt>(s)) {
      const auto* block = dyn_cast<CompoundStmt>(choice->getBody());
      if (block && std::any_of(block->body_begin(), block->body_end(), [&](const Stmt* child) {
            const auto* declared = dyn_cast<DeclStmt>(child);
            return declared && std::find(declared->decl_begin(), declared->decl_end(), v) != declared->decl_end();
          })) {
        return true;
      }
    }
    for (const Stmt* child : children_of(s)) {
      if (may_be_jumped_over(v, child)) return true;
    }
    return false;
  }

  // ---- statics of functions, which nobody else can name ----

  void statics(const std::vector<const FunctionDecl*>& functions, bool all) {
    // One text serves all instances of a template: it is written only if it suits every one.
    for (const bool write : {false, true}) statics(functions, all, write);
  }

  void statics(const std::vector<const FunctionDecl*>& functions, bool all, bool write) {
    for (const FunctionDecl* f : functions) {
      if (f->isDependentContext() || f->isConstexpr()) continue;
      const auto walk = [&](const Stmt* s, const auto& self) -> void {
        if (!s || isa<LambdaExpr>(s)) return;
        if (const auto* block = dyn_cast<CompoundStmt>(s)) {
          for (const Stmt* child : block->body()) {
            const auto* declared = dyn_cast<DeclStmt>(child);
            const auto* v = declared && declared->isSingleDecl() ? dyn_cast<VarDecl>(declared->getSingleDecl()) : nullptr;
            if (v && v->isStaticLocal()) make_static(v, declared, f, all, write);
          }
        }
        for (const Stmt* child : children_of(s)) self(child, self);
      };
      walk(f->getBody(), walk);
    }
  }

  void make_static(const VarDecl* v, const DeclStmt* declared, const FunctionDecl* f, bool all, bool write) {
    if (v->isConstexpr() || v->getType()->isReferenceType()) return;
    const std::optional<FileRange> range = file_range(context_, declared->getSourceRange());
    if (!range) return;
    const auto place = std::pair(range->file, range->end);
    const bool own = v->getTLSKind() != VarDecl::TLS_None;  // of each thread: a state is that of the thread whose loop it is
    const bool later = own || (v->getInit() && !v->getInit()->isValueDependent() && !v->hasConstantInitialization());
    const bool constant = v->getType().isConstQualified();
    if (!later && (constant || (!all && !wanted_statics_.count(v->getCanonicalDecl())))) return;
    if ((later && !is_plain(v->getInit(), constant)) || !types_.why_not(v->getType().getUnqualifiedType()).empty()) {
      unsuited_.insert(place);
      return;
    }
    if (!write || unsuited_.count(place) || !given_.insert(place).second) return;
    const std::string name = v->getNameAsString();
    const std::string type = "hindsight_static_" + std::to_string(range->begin);
    const std::string head = "struct " + type + " { static const char* name() { return " + quoted(plain_name(f) + "::" + name) + "; } ";
    if (later) {
      // A function of its own can be run before control first passes.
      if (!context_.getLangOpts().CPlusPlus14) return;
      add(range->file, range->begin, head + "static bool& made() { static " + (own ? "thread_local " : "") + "bool is = false; return is; } static auto& object() { ");
      add(range->file, range->end, " made() = true; return " + name + "; } }; auto& " + name + " = " + type + "::object(); (void)&::hindsight::StaticLater<" + type + ">::registered;");
    } else {
      add(range->file, range->end, " " + head + "static decltype(" + name + ")& object() { return " + name + "; } }; (void)&::hindsight::StaticNow<" + type + ">::registered;");
    }
    files_.insert(range->file);
  }

  // May it run before control first passes, in a process that is to be restored? What it gives is overwritten then, unless it is
  // constant.
  bool is_plain(const Stmt* s, bool constant) const {
    if (!s) return true;
    if (isa<CXXThisExpr, LambdaExpr, CXXNewExpr, CXXDeleteExpr, CXXThrowExpr>(s)) return false;
    if (const auto* operation = dyn_cast<BinaryOperator>(s); operation && operation->isAssignmentOp()) return false;
    if (const auto* operation = dyn_cast<UnaryOperator>(s); operation && operation->isIncrementDecrementOp()) return false;
    if (const auto* call = dyn_cast<CallExpr>(s)) {
      const FunctionDecl* f = call->getDirectCallee();
      const bool evaluated = !call->isValueDependent() && call->isEvaluatable(context_);
      if (!evaluated && !(f && needs_.harmless.count(f->getCanonicalDecl()) && !constant)) return false;
    }
    if (const auto* made = dyn_cast<CXXConstructExpr>(s)) {
      const CXXConstructorDecl* c = made->getConstructor();
      if (user_.is_user(c) && !c->isImplicit() && !c->isDefaulted() && !(needs_.harmless.count(c->getCanonicalDecl()) && !constant)) return false;
    }
    if (const auto* ref = dyn_cast<DeclRefExpr>(s)) {
      const auto* v = dyn_cast<VarDecl>(ref->getDecl());
      const bool fixed = v && ((v->hasGlobalStorage() && v->getType().isConstQualified() && v->hasConstantInitialization()) || v->isConstexpr());
      if (v && !fixed && (constant || !v->hasGlobalStorage() || v->isStaticLocal())) return false;
    }
    for (const Stmt* child : s->children()) {
      if (!is_plain(child, constant)) return false;
    }
    return true;
  }

  // ---- variables that the state of a loop elsewhere may point to ----

  // `Net net; Trainer trainer(&net); trainer.fit();`: where the loop is, in fit(), nobody can name the net. So the functions on the way
  // to a loop tell what their objects and arrays are, for as long as they live.
  void announce_locals(const std::vector<const FunctionDecl*>& functions) {
    const std::set<std::string> leads = leads_to_loops();
    for (const bool write : {false, true}) announce_locals(functions, leads, write);
  }

  void announce_locals(const std::vector<const FunctionDecl*>& functions, const std::set<std::string>& leads, bool write) {
    for (const FunctionDecl* f : functions) {
      if (f->isDependentContext() || f->isConstexpr() || !leads.count(report_name(f)) || is_lambda(f)) continue;
      DeclSet<VarDecl> pointed_to;
      find_pointed_to(f->getBody(), pointed_to);
      const auto walk = [&](const Stmt* s, const auto& self) -> void {
        if (!s || isa<LambdaExpr, SwitchStmt>(s)) return;
        if (const auto* block = dyn_cast<CompoundStmt>(s)) {
          for (const Stmt* child : block->body()) {
            const auto* declared = dyn_cast<DeclStmt>(child);
            if (!declared) continue;
            for (const Decl* d : declared->decls()) {
              if (const auto* v = dyn_cast<VarDecl>(d)) announce(v, declared, f, pointed_to.count(v->getCanonicalDecl()) != 0, write);
            }
          }
        }
        for (const Stmt* child : children_of(s)) self(child, self);
      };
      walk(f->getBody(), walk);
    }
  }

  std::set<std::string> leads_to_loops() const {
    std::set<std::string> out;
    std::set<std::string> here;
    for (const FunctionShape& f : out_.shapes) here.insert(f.name);
    const bool anywhere = !request_.decide;  // a loop may be in another unit
    for (bool changed = true; changed;) {
      changed = false;
      for (const FunctionShape& f : out_.shapes) {
        if (out.count(f.name)) continue;
        const auto leads = [&](const std::string& callee) { return out.count(callee) != 0 || (anywhere && !here.count(callee)); };
        bool is = std::any_of(f.calls.begin(), f.calls.end(), leads);
        for (const LoopShape& loop : f.loops) {
          is = is || std::any_of(loop.calls.begin(), loop.calls.end(), leads);
          is = is || std::any_of(out_.chosen.begin(), out_.chosen.end(), [&](const ChosenLoop& each) { return each.refused.empty() && each.file == loop.file && each.line == loop.line && each.nth == loop.nth; });
        }
        if (is) changed = out.insert(f.name).second || changed;
      }
    }
    return out;
  }

  // `train(&w)`
  static void find_pointed_to(const Stmt* s, DeclSet<VarDecl>& out) {
    if (!s) return;
    const auto* taken = dyn_cast<UnaryOperator>(s);
    const auto* ref = taken && taken->getOpcode() == UO_AddrOf ? dyn_cast<DeclRefExpr>(taken->getSubExpr()->IgnoreParens()) : nullptr;
    if (const auto* v = ref ? dyn_cast<VarDecl>(ref->getDecl()) : nullptr) out.insert(v->getCanonicalDecl());
    for (const Stmt* child : children_of(s)) find_pointed_to(child, out);
  }

  void announce(const VarDecl* v, const DeclStmt* declared, const FunctionDecl* f, bool is_pointed_to, bool write) {
    if (v->hasGlobalStorage() || v->getType()->isReferenceType() || v->getType().isConstQualified() || isa<DecompositionDecl>(v)) return;
    QualType element = v->getType();
    const bool is_array = element->isConstantArrayType();
    while (const ArrayType* array = element->getAsArrayTypeUnsafe()) element = array->getElementType();
    const CXXRecordDecl* r = element->getAsCXXRecordDecl();
    const bool is_object = r && user_.is_user(r) && !r->isLambda() && !is_module(element);
    static const llvm::StringSet<> containers = {"vector", "deque", "list", "forward_list", "map", "multimap", "set", "multiset", "unordered_map", "unordered_multimap",
                                                 "unordered_set", "unordered_multiset", "array", "basic_string", "valarray"};
    const bool is_container = r && in_std(r) && containers.contains(r->getName());
    const std::optional<FileRange> range = file_range(context_, declared->getSourceRange());
    if (!range || range->file != context_.getSourceManager().getMainFileID()) return;
    const std::string name = v->getNameAsString();
    const auto place = std::pair(range->end, name);
    if ((!is_object && !is_container && !(is_array && element->isArithmeticType()) && !is_pointed_to) || may_be_jumped_over(v, f->getBody())) return;
    if (!types_.why_not(v->getType()).empty()) {
      unannounced_.insert(place);
      return;
    }
    if (!write || unannounced_.count(place) || !announced_.insert(place).second) return;
    const std::string own = declared->isSingleDecl() ? "" : "_" + name;
    add(range->file, range->end, " ::hindsight::Live<decltype(" + name + ")> hindsight_live_" + std::to_string(range->end) + own + "(" + quoted(plain_name(f) + "::" + name) + ", " + name + ");");
    files_.insert(range->file);
  }

  // Registered by themselves: globals of a unit that others call (`all`), and those that are declared behind the loops that write them.
  void globals(bool all) {
    const SourceManager& sources = context_.getSourceManager();
    std::set<std::string> named;
    for (const auto& [key, target] : targets_) {
      for (const Item& item : target.items) named.insert(item.name);
    }
    std::string list;
    std::set<std::string> seen;
    for (const VarDecl* v : needs_.written_globals) {
      const VarDecl* definition = v->getDefinition();
      if ((!all && !late_globals_.count(v->getCanonicalDecl())) || !definition || v->isStaticLocal() || !user_.in_main_file(definition->getLocation()) || v->getType()->isReferenceType()) continue;
      const Named at = name_at(Place{{Root::Kind::kVariable, v->getCanonicalDecl(), {}}, {}}, Visible(), nullptr);
      if (at.text.empty() || named.count(at.name) || !seen.insert(at.name).second || !types_.why_not(definition->getType()).empty()) continue;
      list += (list.empty() ? "" : ", ") + std::string("::hindsight::stored(") + quoted(at.name) + ", " + at.text + ")";
    }
    if (list.empty()) return;
    at_end_ += " namespace { const ::hindsight::Registered hindsight_registered(" + list + "); }";
    files_.insert(sources.getMainFileID());
  }

  void offer(Target& target, Item item) {
    const auto same = [&](const Item& each) { return each.name == item.name; };
    if (std::any_of(target.items.begin(), target.items.end(), same)) return;
    if (const auto outer = target.around ? keys_.find(target.around) : keys_.end(); outer != keys_.end() && !item.is_counter) {
      for (const Target* at = &targets_[outer->second];;) {
        if (std::any_of(at->items.begin(), at->items.end(), same)) return;
        const auto next = at->around ? keys_.find(at->around) : keys_.end();
        if (next == keys_.end()) break;
        at = &targets_[next->second];
      }
    }
    target.items.push_back(std::move(item));
  }

  struct Named {
    std::string name;
    std::string text;  // empty: it cannot be written here
    QualType type;
  };
  Named name_at(const Place& place, const Visible& visible, const FunctionDecl* f) {
    if (const VarDecl* v = place.root.variable()) {
      const std::string plain = v->getNameAsString();
      if (plain.empty()) return {};
      if (isa<VarTemplateSpecializationDecl>(v)) return {plain, "", v->getType()};
      if (v->hasGlobalStorage() && !v->isStaticLocal()) {
        std::string qualified;
        for (const DeclContext* c = v->getDeclContext(); c && !c->isTranslationUnit(); c = c->getParent()) {
          const auto* named = dyn_cast<NamedDecl>(c);
          if (isa<LinkageSpecDecl>(c) || c->isInlineNamespace()) continue;
          if (const auto* space = dyn_cast<NamespaceDecl>(c); space && space->isAnonymousNamespace()) continue;
          if (isa<FunctionDecl>(c) || !named) return {plain, "", {}};
          if (isa<ClassTemplateSpecializationDecl>(c) || v->getAccess() == AS_private || v->getAccess() == AS_protected) {
            const auto* m = dyn_cast_or_null<CXXMethodDecl>(f);
            return {plain, m && m->getParent() == c ? plain : "", v->getType()};
          }
          qualified = named->getNameAsString() + "::" + qualified;
        }
        return {qualified + plain, "::" + qualified + plain, v->getType()};
      }
      return {plain, visible.has(v) ? plain : "", v->getType()};
    }
    if (place.root.kind == Root::Kind::kThis) {
      for (const FieldDecl* field : place.path) {
        if (!field) continue;
        if (!field->getIdentifier() || !is_accessible(field, f)) return {"this->" + field->getNameAsString(), "", {}};
        return {"this->" + field->getNameAsString(), "this->" + field->getNameAsString(), field->getType()};
      }
      const auto* m = dyn_cast<CXXMethodDecl>(named_function(f));
      if (!m) return {"*this", "", {}};
      return {"*this", "*this", context_.getTypeDeclType(m->getParent())};
    }
    return {place.root.what, "", {}};
  }

  // Can a member function name this member of its object?
  static bool is_accessible(const FieldDecl* field, const FunctionDecl* f) {
    const auto* m = dyn_cast_or_null<CXXMethodDecl>(named_function(f));
    const auto* owner = dyn_cast<CXXRecordDecl>(field->getParent());
    if (!m || !owner) return false;
    while (owner->isAnonymousStructOrUnion() && isa<CXXRecordDecl>(owner->getParent())) owner = cast<CXXRecordDecl>(owner->getParent());
    if (owner->getCanonicalDecl() == m->getParent()->getCanonicalDecl()) return true;
    return field->getAccess() != AS_private && m->getParent()->hasDefinition() && owner->hasDefinition() && m->getParent()->isDerivedFrom(owner);
  }

  // ---- text ----

  void add(FileID file, std::size_t offset, std::string text) { insertions_[file].push_back({offset, std::move(text)}); }

  void write(ChosenLoop& chosen) {
    if (!chosen.refused.empty()) return;
    const auto at = targets_.find({chosen.file, chosen.line, chosen.nth});
    if (at == targets_.end()) return;  // of another unit
    const Target& target = at->second;
    for (const Item& item : target.items) {
      if (!item.is_read) chosen.state.push_back(item.name);
    }
    for (const auto& [variable, why] : target.left_out) {
      const std::string each = variable + ": " + why;
      if (std::find(chosen.left_out.begin(), chosen.left_out.end(), each) == chosen.left_out.end()) chosen.left_out.push_back(each);
    }
    const Stmt* s = target.statement;
    const SourceManager& sources = context_.getSourceManager();
    const FileID file = sources.getFileID(s->getBeginLoc());
    const std::size_t begin = sources.getFileOffset(s->getBeginLoc());
    const std::optional<std::size_t> end = end_of(context_, file, s);
    const auto refuse = [&](const char* why) { chosen.refused = why; };
    if (!end) return refuse("a macro makes its end");
    std::string state;
    std::size_t own = 0;
    for (const bool is_own : {true, false}) {
      for (const Item& item : target.items) {
        if (item.is_own != is_own) continue;
        state += (state.empty() ? "" : ", ") + item.text;
        own += is_own ? 1 : 0;
      }
    }
    const std::string name = quoted(chosen.name);
    const std::string object = "hindsight_" + std::to_string(chosen.line) + (chosen.nth == 0 ? "" : "_" + std::to_string(chosen.nth));
    const std::string more = object + ".more(" + state + ")";
    const std::string open = "{ ::hindsight::LoopWith<" + std::to_string(target.items.size()) + (own == 0 ? "" : ", " + std::to_string(own)) + "> " + object + "(" + name + "); ";
    std::string close = " " + object + ".finish(); }";
    std::vector<Insertion> in;
    const auto around = [&](const Expr* condition) {
      const std::optional<FileRange> range = file_range(context_, condition->getSourceRange());
      if (!range || range->file != file) return false;
      in.push_back({range->begin, more + " && ("});
      in.push_back({range->end, ")"});
      return true;
    };
    if (const auto* range = dyn_cast<CXXForRangeStmt>(s)) {
      const std::optional<FileRange> over = range->getRangeInit() ? file_range(context_, range->getRangeInit()->getSourceRange()) : std::nullopt;
      if (!over || over->file != file) return refuse("a macro makes its range");
      add(file, over->begin, "::hindsight::loop(" + name + ", ");
      add(file, over->end, (state.empty() ? "" : ", " + state) + ")");
      files_.insert(file);
      return;
    }
    if (const auto* loop = dyn_cast<ForStmt>(s)) {
      if (loop->getCond()) {
        if (!around(loop->getCond())) return refuse("a macro makes its condition");
      } else {
        std::optional<std::size_t> from = behind(context_, loop->getLParenLoc());
        if (const Stmt* init = loop->getInit(); init && from) from = isa<DeclStmt>(init) ? file_range(context_, init->getSourceRange())->end - 1 : behind(context_, init->getEndLoc());
        const std::optional<std::size_t> semicolon = from ? next_token(context_, file, *from, tok::semi) : std::nullopt;
        if (!semicolon) return refuse("a macro makes its head");
        in.push_back({*semicolon + 1, more});
        if (!leaves_by_break(loop->getBody())) close += " __builtin_unreachable();";
      }
    } else if (const auto* repeated = dyn_cast<WhileStmt>(s)) {
      if (const VarDecl* v = repeated->getConditionVariable()) {
        const std::optional<FileRange> declared = file_range(context_, v->getSourceRange());
        const std::optional<FileRange> body = file_range(context_, {repeated->getBody()->getBeginLoc(), repeated->getBody()->getBeginLoc()});
        if (!declared || !body) return refuse("a macro makes its condition");
        in.push_back({declared->begin, more + ") if ("});
        in.push_back({body->begin, "{ "});
        close = " } else break;" + close;
      } else if (!around(repeated->getCond())) {
        return refuse("a macro makes its condition");
      } else if (const auto constant = repeated->getCond()->getIntegerConstantExpr(context_); constant && *constant != 0 && !leaves_by_break(repeated->getBody())) {
        close += " __builtin_unreachable();";
      }
    } else {
      const auto* again = cast<DoStmt>(s);
      const std::optional<FileRange> range = file_range(context_, again->getCond()->getSourceRange());
      if (!range || range->file != file) return refuse("a macro makes its condition");
      in.push_back({begin, "if (" + more + ") "});
      in.push_back({range->begin, "("});
      in.push_back({range->end, ") && " + more});
    }
    add(file, begin, open);
    for (Insertion& each : in) add(file, each.offset, std::move(each.text));
    closes_.push_back({file, *end, begin, close});
    files_.insert(file);
  }

  void finish() {
    // Of loops that end at the same place the inner one is closed first.
    std::sort(closes_.begin(), closes_.end(), [](const Close& a, const Close& b) { return a.begin > b.begin; });
    for (Close& each : closes_) add(each.file, each.end, std::move(each.text));
    const SourceManager& sources = context_.getSourceManager();
    for (const FileID file : files_) {
      std::size_t first = ~std::size_t{0};
      for (const Insertion& each : insertions_[file]) {
        if (each.text.find("::hindsight::") != std::string::npos) first = std::min(first, each.offset);
      }
      const std::optional<IncludePlace> at = include_place(context_, preprocessed_, file, first);
      if (!at) {
        // Nothing is put anywhere then: half of it would be of no use.
        const std::string why = user_.file_of(sources.getLocForStartOfFile(file)) + " has no place for an #include between its own and the loop";
        for (ChosenLoop& chosen : out_.chosen) {
          if (chosen.refused.empty()) chosen.refused = why;
        }
        return;
      }
      const llvm::StringRef text = sources.getBufferData(file);
      if (!at->is_spare) {
        add(file, at->offset, std::string(kLinesOfOurs) + line_directive_at(text, at->offset, "") + "\n");
        continue;
      }
      const bool is_comment = text.drop_front(at->offset).ltrim(" \t\r").starts_with("//");
      add(file, at->offset, std::string("#include <hindsight/inserted.h>") + (is_comment ? " " : ""));
    }
    at_end_ = types_.at_end() + at_end_;
    if (!at_end_.empty() && !files_.empty()) {
      const FileID main = sources.getMainFileID();
      const llvm::StringRef text = sources.getBufferData(main);
      add(main, text.size(), (text.ends_with("\n") ? "" : "\n") + at_end_ + "\n");
    }
    for (auto& [file, insertions] : insertions_) {
      const OptionalFileEntryRef entry = sources.getFileEntryRefForID(file);
      // What lies outside of the project is nobody's to change: what would stand there is missed by the gate.
      if (!entry || files_.empty() || user_.file_of(sources.getLocForStartOfFile(file)).starts_with("/")) continue;
      llvm::SmallString<256> absolute(entry->getName());
      llvm::sys::fs::make_absolute(request_.input.cwd, absolute);
      llvm::SmallString<256> real;  // "../train.cc" is known by one name
      if (!llvm::sys::fs::real_path(absolute, real)) absolute = real;
      out_.edits.push_back({std::string(absolute), std::move(insertions), sources.getBufferData(file).str()});
    }
  }

  ASTContext& context_;
  const UserCode& user_;
  const Preprocessed& preprocessed_;
  const RewriteRequest& request_;
  Rewritten& out_;
  StateTypes types_;
  UnitNeeds needs_;
  std::optional<std::vector<const VarDecl*>> globals_;  // of the user's that this unit defines
  NamedLoops names_;
  std::map<Key, Target> targets_;
  std::map<const Stmt*, Key> keys_;
  std::set<Key> beside_threads_;  // of other units
  std::map<FileID, std::vector<Insertion>> insertions_;
  std::vector<Close> closes_;
  std::string at_end_;  // of the unit
  std::set<std::pair<FileID, std::size_t>> given_;  // declarations that were dealt with
  DeclSet<VarDecl> wanted_statics_;
  DeclSet<VarDecl> late_globals_;
  std::set<std::pair<FileID, std::size_t>> unsuited_;  // statics of templates that one of the instances cannot register
  std::set<std::pair<std::size_t, std::string>> announced_, unannounced_;  // where, in the main file; what one of a template's instances cannot announce
  std::set<FileID> files_;
};

}  // namespace

Rewritten rewrite(const RewriteRequest& request) {
  Rewritten out;
  const ParseOutcome outcome = parse(request.input, [&](ASTContext& context, const Preprocessed& preprocessed) {
    const UserCode user(context.getSourceManager(), request.input.project, request.input.cwd);
    Rewriter(context, user, preprocessed, request, out).run();
  });
  out.parsed = outcome.parsed;
  if (!outcome.parsed) {
    out = {};
    out.problem = outcome.errors.front().message;
  }
  return out;
}

}  // namespace hindsight::instrument
