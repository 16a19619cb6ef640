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
bool in_std_space(const clang::Decl* d, llvm::StringRef name);  // std::NAME, whatever inline namespaces lie between, or below it
bool in_torch(const clang::Decl* d);  // at, torch, c10, caffe2

bool is_tensor(clang::QualType t);     // at::Tensor and what derives from it
bool is_module(clang::QualType t);     // a torch module or a holder of one
bool is_module_holder(clang::QualType t);  // what TORCH_MODULE makes
bool is_optimizer(clang::QualType t);  // a torch optimiser, also behind a smart pointer
bool is_data_loader(clang::QualType t);  // torch's, also behind a smart pointer
// A handle whose state is that of what it points to: a tensor, a module holder, a smart pointer, containers of these.
bool is_owning_handle(clang::QualType t);
bool is_shared_handle(clang::QualType t);  // a tensor or a shared_ptr itself: copies refer to the same
bool contains_module(clang::QualType t);
// Nothing but modules: one, handles of some, containers of these.
bool holds_modules_only(clang::QualType t);
bool contains_tensor(clang::QualType t);
// Mutexes, condition variables and the like: no part of a training's state.
bool is_synchronisation(clang::QualType t);
// That, and what gives numbers from outside: how much of these was taken is known to the runtime.
bool is_stateless(clang::QualType t);
// An iterator, view or pointer through which nothing can be written.
bool is_read_only_view(clang::QualType t);
bool is_function_like(clang::QualType t);  // a pointer to a function, to a method, or a function
bool is_std_function(clang::QualType t);
// Is it operator() of what std::bind, bind_front, mem_fn, not_fn, ref and packaged_task make? And is what such a type calls of the library, too?
bool is_call_wrapper(const clang::FunctionDecl* f);
bool wraps_library_function(clang::QualType t);
bool is_dereferenced(clang::QualType t);   // a pointer, or a class with a unary operator*
bool is_iterator(clang::QualType t);       // has a unary operator* or an operator[]
bool is_file_stream(clang::QualType t);    // std::ofstream and the like, FILE
// An object of std that stands for another one, so that assigning to it or calling its methods, const ones too, writes there:
// vector<bool>::reference, slice_array, atomic_ref, back_insert_iterator, a tuple of references.
bool is_proxy(clang::QualType t);
// A class of std whose methods change the object itself and not what it refers to: containers, smart pointers, function, span.
bool changes_only_itself(clang::QualType t);

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
bool changes_arguments(llvm::StringRef name);                 // std and C: swap, exchange, fill, memset, ...: what they are called for is the change
bool acts_on_its_object(llvm::StringRef name);                // torch: step, zero_grad, train, eval: what they are called for is the change
bool makes_new_tensor(llvm::StringRef name);                  // torch: the result shares no memory with the arguments
bool keeps_arguments(llvm::StringRef name);                   // torch: the object refers to the arguments afterwards
bool draws_random_numbers(llvm::StringRef name);               // from a generator that no argument names
bool writes_text(llvm::StringRef name);                       // the printf family and what else only puts out
bool prints(const clang::FunctionDecl* f);                     // fmt and spdlog: take anything by reference and only put it out
bool takes_arguments_over(llvm::StringRef name);              // std: make_unique, emplace_back, ...: forwards without changing
// Does a std algorithm only read what argument `index` of `count` iterates over?
bool reads_only(llvm::StringRef name, unsigned index, unsigned count);
// The same for its namesake in std::ranges, whose inputs are ranges if `ranges`, else pairs of iterators.
bool reads_only_range(llvm::StringRef name, unsigned index, bool ranges);
bool is_output_stream(const clang::VarDecl* v);               // std::cout and its like, stdout, stderr

// What a call does to files, beyond streams that it is handed: by path, as fopen(), torch::save(), std::filesystem::remove().
struct FileUse {
  bool reads = false;
  bool writes = false;
};
FileUse file_use(const clang::FunctionDecl* f, const std::vector<const clang::Expr*>& arguments);
// What of the process's surroundings, which no state holds, a call may change or use up; empty if nothing. E.g. "the environment".
bool starts_thread(const clang::FunctionDecl* f);             // std::async, pthread_create; constructors are seen elsewhere
bool waits_for_threads(const clang::FunctionDecl* f);
bool runs_signal_handlers(const clang::FunctionDecl* f);      // raise() and the like
bool allocates(const clang::FunctionDecl* f);                  // malloc() and the like: the result is nobody else's
bool makes_memory_stream(const clang::FunctionDecl* f);       // a FILE* whose text lands in the program
llvm::StringRef surroundings(const clang::FunctionDecl* f);

}  // namespace hindsight::instrument
