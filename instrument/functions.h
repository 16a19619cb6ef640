// The functions of a unit's user code, and the hindsight loops in them. For the files that know Clang.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <clang/AST/ASTContext.h>
#include <clang/AST/DeclCXX.h>
#include <clang/AST/ExprCXX.h>
#include <clang/AST/StmtCXX.h>
#include <clang/AST/StmtOpenMP.h>

#include "instrument/model.h"
#include "instrument/source.h"

namespace hindsight::instrument {

// Every function of the user's code that has a body here: free functions, methods, lambdas, and the instantiations of
// templates beside their patterns. Clang owns them.
std::vector<const clang::FunctionDecl*> functions_of(clang::ASTContext& context, const UserCode& user);

// The lambdas written directly in `body`, not those inside other lambdas.
std::vector<const clang::LambdaExpr*> lambdas_in(const clang::Stmt* body);

// Is `d` hindsight::NAME, whatever inline namespaces lie between?
bool is_hindsight(const clang::NamedDecl* d, llvm::StringRef name);
// Is it anything of namespace hindsight?
bool in_hindsight(const clang::Decl* d);

// The function that a call names, also where it is still overloaded in a template.
const clang::NamedDecl* named_callee(const clang::CallExpr* call);

// What stands directly below `s`. Of a region of OpenMP, the code itself and not what it captures, as Clang has it.
std::vector<const clang::Stmt*> children_of(const clang::Stmt* s);
// The user's classes that are defined in the unit outside of functions, instances of templates among them and no patterns.
std::vector<const clang::CXXRecordDecl*> classes_of(clang::ASTContext& context, const UserCode& user);

// `e` without parentheses, conversions and temporaries around it.
const clang::Expr* bare(const clang::Expr* e);

// The name that an argument of hindsight::log, loop or Loop gives; empty unless it is known while compiling.
std::string name_literal(const clang::Expr* e, clang::ASTContext& context);

struct HindsightLoop {
  std::string name;                          // never empty
  const clang::Stmt* driver = nullptr;       // the for, while or do statement
  const clang::VarDecl* variable = nullptr;  // of type hindsight::Loop; none for hindsight::loop
  std::vector<const clang::Expr*> state;
  clang::SourceLocation at;                  // of the call or of the variable
  // Ways of use that make its heads or its exit something else than they seem.
  std::vector<Missing> misuse;
};
// Loops of the user's that are to become hindsight loops, and their names: analysed as if they were.
using NamedLoops = std::map<const clang::Stmt*, std::string>;

// The loops of one function, those in its lambdas left out: a lambda is a function of its own. A loop whose name is no
// literal is left out too: nobody can say which it is.
std::vector<HindsightLoop> loops_of(clang::ASTContext& context, const clang::FunctionDecl* f, const NamedLoops& named = {});

}  // namespace hindsight::instrument
