// What functions may modify, found from their bodies: the ground of the gate. For the files that know Clang.
//
// The rules: a place is modified by assignment, ++ and --, by a non-const method, as an argument by non-const reference, pointer
// or handle. Names that may stand for other objects (references, pointers, handles, views, captures) lead to all that
// they may stand for anywhere in the function. Functions of the user's code with a body here are looked into; others are taken
// by their signature; a few library functions are known by name (known.h). What is not understood counts as modified.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "instrument/functions.h"
#include "instrument/known.h"
#include "instrument/place.h"
#include "instrument/source.h"

namespace hindsight::instrument {

// One modification. `loops` has the indices (of loops_of) of the hindsight loops whose iterations it may happen in.
struct Event {
  Place place;  // not yet resolved
  unsigned line = 0;
  std::string why;
  std::vector<std::size_t> loops;
  std::size_t offset = kElsewhere;  // of the source manager's: every character of every file has its own
  Conditions conditions;
  bool is_certain = false;  // as of Change
  bool background = false;  // by a thread that goes on beside what follows
  unsigned step = 0;        // Step::number
  bool by_thread = false;   // by a thread, whether it is waited for or not
  static constexpr std::size_t kElsewhere = ~std::size_t{0};
};

struct Called {
  const clang::FunctionDecl* function = nullptr;  // of the user's code
  std::vector<std::size_t> loops;
  Step step;
  std::size_t offset = Event::kElsewhere;  // as of Event
};

// A library call that reads or writes files.
struct FileEvent {
  FileUse use;
  std::vector<std::size_t> loops;
  Step step;
};

// A `hindsight::state(...)` call.
struct StateCall {
  std::vector<const clang::Expr*> arguments;
  clang::SourceLocation at;
  const clang::Stmt* scope = nullptr;  // the block that it stands directly in; null: run conditionally
  Step step;
};

// All that one function's body says.
struct FunctionFacts {
  const clang::FunctionDecl* function = nullptr;
  std::vector<HindsightLoop> loops;
  std::map<Root, Reach> aliases;
  std::vector<Event> events;
  std::vector<Called> calls;
  std::vector<FileEvent> files;
  std::vector<Step> loop_steps;  // one for each of `loops`: where it begins
  std::vector<StateCall> state_calls;
  // What happens where, by loops as in Event; an empty list is a place outside all loops.
  std::vector<std::vector<std::size_t>> unknown_calls;
  std::vector<std::vector<std::size_t>> library_calls;
  std::vector<std::vector<std::size_t>> backward;      // gradients are computed
  std::vector<std::pair<Place, std::vector<std::size_t>>> reads;  // variables and members of `this` that hold tensors or modules
  Reach returns;
  // Offsets (as of Event) of calls that draw random numbers, of those that compute gradients, and of calls of what is not known.
  std::vector<std::size_t> draws;
  std::vector<std::size_t> backward_at;
  std::vector<std::size_t> unknown_at;
  std::vector<std::size_t> writes_files_at;
  std::vector<std::pair<unsigned, unsigned>> threads;  // from step to step: a thread that was started here goes on
  bool memory_streams = false;  // makes a FILE* whose text lands in the program
  mutable std::map<Place, Places> resolved = {};  // what Effects::resolve has found: the same places are asked for again and again
};

// What a caller has to know.
struct Summary {
  struct Cause {
    std::string why;
    Conditions conditions;
    bool is_certain = false;
    bool background = false;  // as of Event
    friend bool operator==(const Cause&, const Cause&) = default;
  };
  std::map<Place, Cause> modifies;  // roots: parameters, this, globals, captured variables
  Reach returns;
  bool unknown_calls = false;
  bool library_calls = false;
  bool backward = false;
  bool draws = false;
  bool writes_files = false;
  Places reads;
  // What `this`, parameters and globals may refer to afterwards because of the call.
  std::map<Root, Reach> kept;
  friend bool operator==(const Summary&, const Summary&) = default;
};

class Effects {
 public:
  // Looks into all of `functions` until nothing new turns up.
  // `named`: loops to be taken for hindsight's.
  Effects(clang::ASTContext& context, const UserCode& user, const std::vector<const clang::FunctionDecl*>& functions, const NamedLoops& named = {});
  ~Effects();

  const FunctionFacts& facts(const clang::FunctionDecl* f) const { return facts_.at(f); }
  // The functions that were looked into: those with a body that is no template's pattern.
  const std::vector<const clang::FunctionDecl*>& functions() const { return functions_; }
  // Nothing if the body is not here.
  const Summary* summary(const clang::FunctionDecl* f) const;
  const clang::FunctionDecl* definition(const clang::FunctionDecl* f) const;
  // Those that may run where `m` is called virtually, `m` itself left out.
  const DeclSet<clang::FunctionDecl>& overriders(const clang::CXXMethodDecl* m) const;
  // The constructors, destructors, operators and the like that a library may run which is instantiated with the class.
  const std::vector<const clang::FunctionDecl*>& run_by_libraries(const clang::CXXRecordDecl* r) const;
  // Methods of the user's classes that derive from a library's: the library may call them.
  const std::vector<const clang::FunctionDecl*>& library_derived() const { return library_derived_; }

  // The places that `place` of function `facts` may stand for.
  const Places& resolve(const FunctionFacts& facts, const Place& place) const;
  // The place that an argument of hindsight::loop or hindsight::state stands for; nothing if it is none.
  static std::optional<Place> state_place(const clang::Expr* e);
  // That argument without hindsight::named, std::ref and the like.
  static const clang::Expr* state_object(const clang::Expr* e);

  // False: what the functions modify was not followed to its end, so that what is said of them is not all.
  bool is_settled() const { return settled_; }

  clang::ASTContext& context() const { return context_; }
  const UserCode& user() const { return user_; }
  Types& types() const { return types_; }
  const NamedLoops& named() const { return named_; }

 private:
  Summary summarise(const FunctionFacts& facts) const;
  void index_for_libraries(const clang::FunctionDecl* f);
  std::vector<const clang::FunctionDecl*> callees_first(const std::map<const clang::FunctionDecl*, DeclSet<clang::FunctionDecl>>& asked) const;

  clang::ASTContext& context_;
  const UserCode& user_;
  NamedLoops named_;
  bool settled_ = true;
  mutable Types types_;
  std::vector<const clang::FunctionDecl*> functions_;
  std::map<const clang::FunctionDecl*, FunctionFacts> facts_;
  std::map<const clang::FunctionDecl*, Summary> summaries_;
  mutable DeclSet<clang::FunctionDecl>* asked_ = nullptr;  // while a function is read: the summaries that it depends on
  std::map<const clang::FunctionDecl*, DeclSet<clang::FunctionDecl>> overriders_;
  std::vector<const clang::FunctionDecl*> library_derived_;
  std::map<const clang::CXXRecordDecl*, std::vector<const clang::FunctionDecl*>> run_by_libraries_;
};

// The facts of one function, given what is known of the others so far.
FunctionFacts read_facts(const Effects& effects, const clang::FunctionDecl* f);

}  // namespace hindsight::instrument
