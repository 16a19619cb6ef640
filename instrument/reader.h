// Reads one function's body: what it modifies, calls and hands on. See effects.h for the rules. In four files: facts.cc has
// statements and declarations, reach.cc what expressions stand for, calls.cc calls, library.cc calls of libraries.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <clang/AST/ExprConcepts.h>
#include <clang/AST/StmtOpenMP.h>

#include "instrument/effects.h"

namespace hindsight::instrument {

inline Root root_of(const clang::VarDecl* v) { return {Root::Kind::kVariable, v->getCanonicalDecl(), {}}; }
inline Root this_root() { return {Root::Kind::kThis, nullptr, {}}; }
inline Root temporary(const clang::Expr* e) { return {Root::Kind::kTemporary, e, {}}; }
inline Root unknown(std::string what) { return {Root::Kind::kUnknown, nullptr, std::move(what)}; }

// What lies behind the pointers, references or handles at `places`.
inline Places through(const Places& places) {
  Places out;
  for (const Place& p : places) out.insert(p.then(nullptr));
  return out;
}
inline void merge(Places& into, const Places& from) { into.insert(from.begin(), from.end()); }

// Which functions a pointer or function object may stand for.
struct Callables {
  DeclSet<clang::FunctionDecl> functions;
  bool complete = true;
  void add(const Callables& other) {
    functions.insert(other.functions.begin(), other.functions.end());
    complete = complete && other.complete;
  }
};

class Reader {
 public:
  Reader(const Effects& effects, FunctionFacts& out) : effects_(effects), out_(out) {}

  void run();

 private:
  // ---- bookkeeping ----

  unsigned line(clang::SourceLocation at) const;
  void modify(const Places& places, clang::SourceLocation at, const std::string& why, const Conditions& conditions = {}, bool is_certain = false);
  // By what the code itself says.
  void modify_surely(const Places& places, clang::SourceLocation at, const std::string& why) { modify(places, at, why, {}, true); }
  std::size_t offset(clang::SourceLocation at) const;
  // The events from this one on are a thread's, which goes on until somebody waits for it: they are part of later loops, too.
  void in_background(std::size_t from);
  void spread_background();
  void unknown_call(clang::SourceLocation at);
  void uses_files(FileUse use, clang::SourceLocation at);
  Step step() const { return {step_, outermost_}; }
  void alias(const Root& root, const Reach& reach);
  // Whatever holds `places` now may also refer to `reach`.
  void hand_over(const Places& places, const Reach& reach);
  bool holds(clang::QualType t) const;

  // ---- what expressions stand for ----

  // The object that a glvalue names.
  Places lvalue(const clang::Expr* e);
  Places temporary_of(const clang::Expr* e);
  Places named(const clang::ValueDecl* d);
  Places member(const clang::MemberExpr* e);

  // What can be reached through the value of `e`: what a pointer points to, what a handle or an object of a class holds.
  Reach targets(const clang::Expr* e);
  static bool is_writable_reference(clang::QualType t);
  Reach captured(const clang::LambdaExpr* e);
  Reach constructed(const clang::CXXConstructExpr* e);

  // What a call's result refers to: for a reference the object itself, else what it leads to.
  const Reach& result(const clang::CallExpr* e);
  Reach find_result(const clang::CallExpr* e);
  static bool is_arithmetic(clang::OverloadedOperatorKind op);

  // ---- calls ----

  struct Arguments {
    const clang::Expr* object = nullptr;  // what the method is called on
    std::vector<const clang::Expr*> arguments;
  };
  static Arguments arguments_of(const clang::CallExpr* e);

  // The type of the object itself, not of the base class whose method is called.
  static clang::QualType object_type(const clang::Expr* object);
  Places places_of_object(const Arguments& call);

  // A class through which others' objects are reached: the place behind the object matters, not the object.
  bool has_pointer_semantics(clang::QualType t) const;
  bool may_be_overridden(const clang::CallExpr* e);

  // The place `p` of `f`'s summary, seen from a call of it.
  Places substitute(const Place& p, const clang::FunctionDecl* f, const Arguments& call);
  static bool belongs_to(const clang::ParmVarDecl* p, const clang::FunctionDecl* f);

  // Takes over what a function whose body is known does.
  void apply(const clang::FunctionDecl* f, const Summary& summary, const Arguments& call, clang::SourceLocation at);
  void called(const clang::FunctionDecl* f, clang::SourceLocation at);

  // What the functions that are handed to a call may be, called with any of the call's other arguments.
  void callbacks(const Arguments& call, const clang::FunctionDecl* callee, clang::SourceLocation at);

  // `place` of a method's `this`, for each object that it may be called on.
  static Places parts(const Places& objects, const Place& place);
  Places lvalue_or_temporary(const clang::Expr* e);
  static std::vector<const clang::FunctionDecl*> call_operators(const clang::CXXRecordDecl* r);

  // Which functions an expression may stand for.
  Callables callables_of(const clang::Expr* e);
  void set_callables(const clang::VarDecl* v, const clang::Expr* from);
  void call(const clang::CallExpr* e);
  void direct(const clang::FunctionDecl* f, const Arguments& arguments, clang::SourceLocation at);

  // A function pointer or std::function.
  void through_pointer(const clang::Expr* callee, const Arguments& arguments, clang::SourceLocation at);
  // An object of the library that calls what it was made from: std::bind, std::mem_fn.
  void wrapped(const Arguments& arguments, clang::SourceLocation at);
  void virtual_call(const clang::FunctionDecl* f, const Arguments& arguments, clang::SourceLocation at);

  // `net(x)` of a torch module holder runs the module's forward().
  bool forwards_to_module(const clang::FunctionDecl* f, const Arguments& arguments, clang::SourceLocation at);

  // References that a call may keep: a method's object, or an object taken by non-const reference, may refer to the
  // other arguments afterwards.
  void remember(const clang::FunctionDecl* f, const Arguments& call);
  static Reach with_own(Reach r);
  void forget_callables(const clang::Expr* e);

  // A function of the user's whose body is not here. If it is not `final`, an override that nobody sees may run.
  void by_signature(const clang::FunctionDecl* f, const Arguments& call, clang::SourceLocation at, bool final);

  // A function of a library, judged by its signature and by what is known of its name.
  void library(const clang::FunctionDecl* f, const Arguments& call, clang::SourceLocation at);
  void library_object(const clang::CXXMethodDecl* m, llvm::StringRef name, const Arguments& call, clang::SourceLocation at);

  // A data loader of torch is gone through from the beginning.
  void load_data(const Arguments& call, clang::SourceLocation at);

  // std::ranges::sort and the like: objects that are called as functions are.
  void niebloid(const clang::FunctionDecl* f, llvm::StringRef name, const Arguments& call, clang::SourceLocation at);
  static llvm::StringRef niebloid_name(const clang::FunctionDecl* f, const Arguments& call);

  // Writing to a stream that only puts out; what is left is to be seen as modified.
  Places without_output_files(const clang::FunctionDecl* f, const Places& streams, clang::SourceLocation at);

  // The program asks how a stream formats what it prints.
  void note_format(const clang::Expr* stream, llvm::StringRef method, clang::SourceLocation at);

  // Constructors, destructors and operators of the user's classes that a library runs on behalf of a call.
  void run_by_library(const clang::FunctionDecl* f, const Arguments& call, clang::SourceLocation at);
  // Is it a class of the library that calls a comparison, a hash or a deleter behind a pointer or a std::function, or what a std::any holds?
  static bool calls_what_nobody_sees(const clang::CXXRecordDecl* r);
  // Those of the members that a library may call; `only_special`: constructors, destructors and assignments.
  void members_of(const clang::CXXRecordDecl* r, bool only_special, DeclSet<clang::CXXRecordDecl>& seen, DeclSet<clang::FunctionDecl>& out) const;
  void run_members(const clang::CXXRecordDecl* r, bool is_argument, const Places& reached, clang::SourceLocation at);
  // The user's classes, lambdas included, that a library's type or template is instantiated with.
  void user_classes_of(const clang::CXXRecordDecl* r, DeclSet<clang::CXXRecordDecl>& out, int depth) const;
  void user_classes(clang::QualType t, DeclSet<clang::CXXRecordDecl>& out, int depth) const;
  void user_classes(const clang::TemplateArgumentList& arguments, DeclSet<clang::CXXRecordDecl>& out, int depth) const;
  void run_destructor(const clang::CXXRecordDecl* r, const Places& places, clang::SourceLocation at);

  // A plain variable or member: assigning rebinds the handle. Anything else (`w[0] = x`) writes into what it refers to.
  static bool is_assignable_name(const clang::Expr* e);
  static bool is_forwarding(const clang::FunctionDecl* f, unsigned index);
  bool is_library_callable(clang::QualType t) const;
  static bool is_lambda_type(clang::QualType t);
  static bool reads_stream(clang::QualType t);
  void construct(const clang::CXXConstructExpr* e);
  void initialisers(const clang::CXXConstructorDecl* c);

  // ---- declarations ----

  void declare(const clang::VarDecl* v);
  // The threads that a constructor starts go on with the object.
  void leave_threads(const clang::VarDecl* v, const clang::CXXConstructExpr* made);
  void bind(const clang::VarDecl* v, const clang::Expr* init);

  // The destructors that run for an object of the type.
  void destroy(clang::QualType t, const Places& places, clang::SourceLocation at, int depth);

  // ---- statements ----

  void walk(const clang::Stmt* s);
  void statement(const clang::Stmt* s);

  // A hindsight loop: what runs once is outside of it.
  bool loop(const clang::Stmt* s);
  // What `for (x : hindsight::loop(name, range))` goes through, and its begin(), end() and iterators at work; nothing for a count.
  static const clang::Expr* iterated(const clang::CXXForRangeStmt* s);
  void iterate(const clang::Expr* range, clang::SourceLocation at);
  void children(const clang::Stmt* s);
  void visit(const clang::Stmt* s);
  void assign(const clang::BinaryOperator* x);
  void read(const clang::DeclRefExpr* e);
  void read(const clang::MemberExpr* e);
  void assembly(const clang::AsmStmt* s);
  void parallel(const clang::OMPExecutableDirective* x);
  void atomic(const clang::AtomicExpr* x);
  void run_free(const clang::FunctionDecl* f, clang::SourceLocation at);

  // A lambda counts as called where it is written: nobody knows when the one it is handed to calls it.
  void lambda(const clang::LambdaExpr* x);
  void walk_lambda_body(const clang::LambdaExpr* x, const clang::FunctionDecl* f);

  // What a mutable lambda keeps by value is no variable that a state could name.
  void disown_copies(const clang::CXXRecordDecl* lambda, std::size_t from);

  const Effects& effects_;
  FunctionFacts& out_;
  std::vector<std::size_t> active_;
  const clang::Stmt* scope_ = nullptr;
  bool inside_lambda_ = false;
  // Where threads are waited for.
  struct Join {
    unsigned step = 0;
    std::vector<std::size_t> loops;
  };
  std::vector<Join> joins_;
  unsigned step_ = 0;
  unsigned outermost_ = 0;  // the number of the first step in the outermost loop around, 0 outside of loops
  std::map<const clang::VarDecl*, Callables> variables_;
  std::map<const clang::CallExpr*, Reach> results_;
};

}  // namespace hindsight::instrument
