// What a program takes from outside itself: the environment, standard input, files, clocks, random devices, the numbers of
// processes and threads, addresses. What of these a replay gives back is not decided here (replay/outside.h); what depends on
// the others may differ. For the files that know Clang.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <clang/AST/ASTContext.h>
#include <clang/AST/Decl.h>
#include <clang/AST/Stmt.h>

#include "instrument/model.h"
#include "instrument/source.h"
#include "instrument/probe_effects.h"

namespace hindsight::instrument {

enum class Outside {
  kNothing,
  kClock,        // and what counts as one: processor time, memory in use, capacities, the ids of processes and threads
  kEntropy,
  kEnvironment,
  kInput,        // standard input
  kFile,
  kMachine,      // its name, its processors
  kAddress
};

// What one node of the syntax tree takes itself, what is below it left out.
struct OutsideUse {
  Outside kind = Outside::kNothing;
  std::string what;         // as shown: `std::random_device`; of the environment, the variable's name, empty if that is not known
};
OutsideUse outside_use(const clang::Stmt* s, clang::ASTContext& context);
inline constexpr char kAddressAsText[] = "an address as text";  // shown, not computed with
// A container whose elements come in the order of their addresses, or of the addresses' hashes.
bool is_ordered_by_address(clang::QualType type);

// The statements below `s` that are evaluated, `s` included: default arguments and initialisers are, the bodies of lambdas, which
// are functions of their own, are not, nor is the name of a function that is called there.
void for_each_evaluated(const clang::Stmt* s, const std::function<void(const clang::Stmt*)>& use);

// All code of the user: bodies, initialisers of members in constructors, and of variables that are in no function.
struct Code {
  const clang::FunctionDecl* function = nullptr;  // null: the initialiser of `variable`
  const clang::VarDecl* variable = nullptr;
  const clang::Stmt* body = nullptr;
};
std::vector<Code> code_of(clang::ASTContext& context, const UserCode& user, const std::vector<const clang::FunctionDecl*>& functions);

// Fills `report.outside`, `report.volatile_names` and of `report.functions`, which are there, what they take.
void report_outside(clang::ASTContext& context, const UserCode& user, const std::vector<const clang::FunctionDecl*>& functions, UnitReport& report);

// What the values of the code in each span take from outside: `std::time`; empty: nothing is seen. And the functions of other units
// whose plain results they depend on, by FunctionReport::name.
struct Volatility {
  std::string why;
  std::vector<std::string> results_of;
};
std::vector<Volatility> volatilities(clang::ASTContext& context, const UserCode& user, const SpanIndex& spans);

}  // namespace hindsight::instrument
