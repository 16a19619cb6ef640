// What is known of types and of library functions by their names. For the files that know Clang.
#pragma once

#include <map>

#include <clang/AST/ASTContext.h>
#include <clang/AST/DeclCXX.h>
#include <clang/AST/DeclTemplate.h>

namespace hindsight::instrument {

// `std` for std::vector, `at` for at::Tensor, empty for what lies in no namespace.
llvm::StringRef top_namespace(const clang::Decl* d);
bool in_std(const clang::Decl* d);    // std, __gnu_cxx and their inner namespaces
bool in_torch(const clang::Decl* d);  // at, torch, c10, caffe2

bool is_tensor(clang::QualType t);     // at::Tensor and what derives from it
bool is_module(clang::QualType t);     // a torch module or a holder of one
bool is_optimizer(clang::QualType t);  // a torch optimiser, also behind a smart pointer
// A handle whose state is that of what it points to: a tensor, a module holder, a smart pointer, containers of these.
bool is_owning_handle(clang::QualType t);
bool contains_module(clang::QualType t);
bool contains_tensor(clang::QualType t);
// Mutexes, condition variables and the like: no part of a training's state.
bool is_synchronisation(clang::QualType t);
// An iterator, view or pointer through which nothing can be written.
bool is_read_only_view(clang::QualType t);

// May a value of the type refer to other objects, through which they can be changed?
class Types {
 public:
  bool holds_references(clang::QualType t);

 private:
  bool record_holds(const clang::CXXRecordDecl* r);
  std::map<const clang::Type*, bool> known_;
};

// Library functions by name. `f` is not the user's.
bool is_accessor(const clang::CXXMethodDecl* m);              // a non-const method that changes nothing itself
bool changes_in_place(llvm::StringRef name);                  // torch: add_, set_data, ... although const
bool makes_new_tensor(llvm::StringRef name);                  // torch: the result shares no memory with the arguments
bool keeps_arguments(llvm::StringRef name);                   // torch: the object refers to the arguments afterwards
bool draws_random_numbers(llvm::StringRef name);               // from a generator that no argument names
bool writes_text(llvm::StringRef name);                       // the printf family and what else only puts out
bool takes_arguments_over(llvm::StringRef name);              // std: make_unique, emplace_back, ...: forwards without changing
// Does a std algorithm only read what argument `index` of `count` iterates over?
bool reads_only(llvm::StringRef name, unsigned index, unsigned count);
bool is_output_stream(const clang::VarDecl* v);               // std::cout and its like, stdout, stderr

}  // namespace hindsight::instrument
