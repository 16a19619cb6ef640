#include "instrument/known.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>

#include <llvm/ADT/StringSet.h>

namespace hindsight::instrument {

using namespace clang;

llvm::StringRef top_namespace(const Decl* d) {
  llvm::StringRef out;
  for (const DeclContext* c = d ? d->getDeclContext() : nullptr; c; c = c->getParent()) {
    if (const auto* space = dyn_cast<NamespaceDecl>(c)) out = space->getName();
  }
  return out;
}

bool in_std(const Decl* d) {
  const llvm::StringRef space = top_namespace(d);
  return space == "std" || space == "__gnu_cxx" || space == "__cxxabiv1";
}
bool in_std_space(const Decl* d, llvm::StringRef name) {
  if (!in_std(d)) return false;
  for (const DeclContext* c = d->getDeclContext(); c; c = c->getParent()) {
    const auto* space = dyn_cast<NamespaceDecl>(c);
    if (space && space->getName() == name) return true;
  }
  return false;
}
bool in_torch(const Decl* d) {
  const llvm::StringRef space = top_namespace(d);
  return space == "at" || space == "torch" || space == "c10" || space == "caffe2";
}

namespace {

const CXXRecordDecl* record_of(QualType t) {
  if (t.isNull()) return nullptr;
  t = t.getNonReferenceType();
  if (t->isPointerType()) t = t->getPointeeType();
  return t->getAsCXXRecordDecl();
}

// Is `r` the class `space::name` or derived from it?
bool derives_from(const CXXRecordDecl* r, bool (*wanted)(const CXXRecordDecl*)) {
  if (!r) return false;
  if (wanted(r)) return true;
  if (!r->hasDefinition()) return false;
  for (const CXXBaseSpecifier& base : r->bases()) {
    if (derives_from(base.getType()->getAsCXXRecordDecl(), wanted)) return true;
  }
  return false;
}

bool named(const CXXRecordDecl* r, llvm::StringRef name) { return r->getIdentifier() && r->getName() == name; }

bool is_smart_pointer(const CXXRecordDecl* r) {
  return in_std(r) && (named(r, "shared_ptr") || named(r, "unique_ptr"));
}

const ClassTemplateSpecializationDecl* specialization(const CXXRecordDecl* r) {
  return dyn_cast_or_null<ClassTemplateSpecializationDecl>(r);
}

template <class F>
bool any_type_argument(const CXXRecordDecl* r, F&& f) {
  const auto* s = specialization(r);
  if (!s) return false;
  for (const TemplateArgument& argument : s->getTemplateArgs().asArray()) {
    if (argument.getKind() == TemplateArgument::Type && f(argument.getAsType())) return true;
    if (argument.getKind() == TemplateArgument::Pack) {
      for (const TemplateArgument& inner : argument.pack_elements()) {
        if (inner.getKind() == TemplateArgument::Type && f(inner.getAsType())) return true;
      }
    }
  }
  return false;
}

bool tensor_class(const CXXRecordDecl* r) { return in_torch(r) && (named(r, "Tensor") || named(r, "TensorBase")); }
bool module_class(const CXXRecordDecl* r) {
  return in_torch(r) && (named(r, "Module") || named(r, "ModuleHolder") || named(r, "AnyModule"));
}
bool holder_class(const CXXRecordDecl* r) { return in_torch(r) && named(r, "ModuleHolder"); }
bool optimizer_class(const CXXRecordDecl* r) { return in_torch(r) && named(r, "Optimizer"); }

// Does the type, or what it is made of, satisfy `wanted`?
bool contains(QualType t, bool (*wanted)(QualType), int depth) {
  if (t.isNull() || depth > 6) return depth > 6;
  t = t.getNonReferenceType().getCanonicalType();
  if (wanted(t)) return true;
  if (t->isPointerType()) return contains(t->getPointeeType(), wanted, depth + 1);
  if (const auto* array = t->getAsArrayTypeUnsafe()) return contains(array->getElementType(), wanted, depth + 1);
  const CXXRecordDecl* r = t->getAsCXXRecordDecl();
  if (!r || !r->hasDefinition()) return false;
  if (in_std(r) || in_torch(r)) {
    return any_type_argument(r, [&](QualType argument) { return contains(argument, wanted, depth + 1); });
  }
  for (const CXXBaseSpecifier& base : r->getDefinition()->bases()) {
    if (contains(base.getType(), wanted, depth + 1)) return true;
  }
  for (const FieldDecl* field : r->getDefinition()->fields()) {
    if (contains(field->getType(), wanted, depth + 1)) return true;
  }
  return false;
}

}  // namespace

bool is_tensor(QualType t) { return derives_from(record_of(t), tensor_class); }
bool is_module(QualType t) { return derives_from(record_of(t), module_class); }
bool contains_module(QualType t) { return contains(t, is_module, 0); }
bool holds_modules_only(QualType t) {
  if (t.isNull()) return false;
  t = t.getNonReferenceType().getCanonicalType();
  while (t->isPointerType()) t = t->getPointeeType();
  const CXXRecordDecl* r = t->getAsCXXRecordDecl();
  return is_module(t) || (r && (in_std(r) || in_torch(r)) && any_type_argument(r, holds_modules_only));
}
bool contains_tensor(QualType t) { return contains(t, is_tensor, 0); }

bool is_shared_handle(QualType t) {
  t = t.getNonReferenceType();
  const CXXRecordDecl* r = t->getAsCXXRecordDecl();
  return r && (is_tensor(t) || (in_std(r) && named(r, "shared_ptr")));
}

bool is_module_holder(QualType t) { return derives_from(record_of(t), holder_class); }

bool is_optimizer(QualType t) {
  const CXXRecordDecl* r = record_of(t);
  if (!r) return false;
  if (is_smart_pointer(r)) return any_type_argument(r, [](QualType a) { return a->isRecordType() && is_optimizer(a); });
  return derives_from(r, optimizer_class);
}

namespace {
bool loader_class(const CXXRecordDecl* r) { return in_torch(r) && (named(r, "DataLoaderBase") || named(r, "StatelessDataLoader")) ; }
}  // namespace

bool is_data_loader(QualType t) {
  const CXXRecordDecl* r = record_of(t);
  if (!r) return false;
  if (is_smart_pointer(r)) return any_type_argument(r, [](QualType a) { return a->isRecordType() && is_data_loader(a); });
  return derives_from(r, loader_class);
}

bool is_owning_handle(QualType t) {
  t = t.getNonReferenceType();
  if (t->isPointerType()) return false;
  const CXXRecordDecl* r = t->getAsCXXRecordDecl();
  if (!r || is_optimizer(t)) return false;
  if (is_tensor(t) || derives_from(r, holder_class)) return true;
  if (is_smart_pointer(r)) {
    return any_type_argument(r, [](QualType a) { return a->isRecordType() || a->isArithmeticType() || a->isArrayType(); }) &&
           !any_type_argument(r, [](QualType a) { return is_optimizer(a); });
  }
  static const llvm::StringSet<> containers = {"vector", "array", "map", "unordered_map", "optional", "pair", "tuple", "deque", "list"};
  if (in_std(r) && r->getIdentifier() && containers.contains(r->getName())) {
    const auto* s = specialization(r);
    return s && s->getTemplateArgs().size() > 0 && any_type_argument(r, [](QualType a) { return is_owning_handle(a); });
  }
  return false;
}

bool is_synchronisation(QualType t) {
  const CXXRecordDecl* r = record_of(t);
  if (!r || !r->getIdentifier() || !in_std(r)) return false;
  static const llvm::StringSet<> names = {"mutex", "recursive_mutex", "timed_mutex", "shared_mutex", "shared_timed_mutex", "lock_guard",
                                          "unique_lock", "shared_lock", "scoped_lock", "condition_variable", "condition_variable_any", "once_flag"};
  return names.contains(r->getName());
}

bool is_stateless(QualType t) {
  const CXXRecordDecl* r = record_of(t);
  return is_synchronisation(t) || (r && in_std(r) && r->getIdentifier() && r->getName() == "random_device");
}

bool is_read_only_view(QualType t) {
  t = t.getNonReferenceType().getCanonicalType();
  if (t->isPointerType()) return t->getPointeeType().isConstQualified() && !t->getPointeeType()->isPointerType();
  const CXXRecordDecl* r = t->getAsCXXRecordDecl();
  if (!r || !r->hasDefinition()) return false;
  bool seen = false;
  for (const CXXMethodDecl* m : r->methods()) {
    if (m->getOverloadedOperator() != OO_Star && m->getOverloadedOperator() != OO_Subscript) continue;
    const QualType result = m->getReturnType();
    if (m->getNumParams() == 1 && m->getOverloadedOperator() == OO_Star) continue;
    seen = true;
    if (!result->isReferenceType()) {
      if (!result->isArithmeticType()) return false;
    } else if (!result->getPointeeType().isConstQualified()) {
      return false;
    }
  }
  return seen;
}

bool is_function_like(QualType t) {
  t = t.getNonReferenceType();
  return t->isFunctionPointerType() || t->isFunctionType() || t->isMemberFunctionPointerType();
}
bool is_std_function(QualType t) {
  const CXXRecordDecl* r = t.getNonReferenceType()->getAsCXXRecordDecl();
  return r && in_std(r) && (named(r, "function") || named(r, "move_only_function"));
}

bool is_call_wrapper(const FunctionDecl* f) {
  const auto* m = dyn_cast<CXXMethodDecl>(f);
  if (!m || m->getOverloadedOperator() != OO_Call || !in_std(m) || !m->getParent()->getIdentifier()) return false;
  const llvm::StringRef name = m->getParent()->getName();
  return name.starts_with("_Bind") || name.starts_with("_Mem_fn") || name.starts_with("_Not_fn") || name == "reference_wrapper" || name == "packaged_task";
}

bool wraps_library_function(QualType t) {
  const CXXRecordDecl* r = t.getNonReferenceType()->getAsCXXRecordDecl();
  const auto* s = specialization(r);
  if (!s || s->getTemplateArgs().size() == 0) return false;
  // _Bind<F(Args...)>, the others directly.
  const TemplateArgument& first = s->getTemplateArgs()[0];
  if (first.getKind() != TemplateArgument::Type) return false;
  const auto* signature = first.getAsType()->getAs<FunctionType>();
  const CXXRecordDecl* called = (signature ? signature->getReturnType() : first.getAsType()).getNonReferenceType()->getAsCXXRecordDecl();
  return called && in_std(called) && !is_std_function(QualType(called->getTypeForDecl(), 0));
}

bool is_dereferenced(QualType t) {
  const CXXRecordDecl* r = t.getNonReferenceType()->getAsCXXRecordDecl();
  if (!r || !r->hasDefinition()) return t.getNonReferenceType()->isPointerType();
  return std::any_of(r->method_begin(), r->method_end(), [](const CXXMethodDecl* m) { return m->getOverloadedOperator() == OO_Star && m->getNumParams() == 0; });
}
bool is_iterator(QualType t) {
  const CXXRecordDecl* r = t->getAsCXXRecordDecl();
  if (!r || !r->hasDefinition()) return false;
  return std::any_of(r->method_begin(), r->method_end(), [](const CXXMethodDecl* m) {
    return (m->getOverloadedOperator() == OO_Star && m->getNumParams() == 0) || m->getOverloadedOperator() == OO_Subscript;
  });
}

bool is_file_stream(QualType t) {
  const CXXRecordDecl* r = record_of(t);
  if (!r || !r->getIdentifier()) return false;
  return r->getName() == "_IO_FILE" || (in_std(r) && (named(r, "basic_ofstream") || named(r, "basic_ifstream") || named(r, "basic_fstream") || named(r, "basic_filebuf")));
}

namespace {

bool has_reference_argument(const CXXRecordDecl* r) {
  return any_type_argument(r, [](QualType a) { return a->isReferenceType() || is_proxy(a); });
}

}  // namespace

bool is_proxy(QualType t) {
  const CXXRecordDecl* r = t.getNonReferenceType()->getAsCXXRecordDecl();
  if (!r || !in_std(r) || !r->getIdentifier()) return false;
  const llvm::StringRef name = r->getName();
  if (name == "reference") {  // of a bitset
    const auto* around = dyn_cast<CXXRecordDecl>(r->getDeclContext());
    return around && around->getIdentifier() && around->getName().contains("bitset");
  }
  static const llvm::StringSet<> names = {"_Bit_reference", "slice_array", "gslice_array", "mask_array", "indirect_array", "raw_storage_iterator",
                                          "back_insert_iterator", "front_insert_iterator", "insert_iterator", "ostream_iterator", "ostreambuf_iterator"};
  if (names.contains(name) || name.contains("atomic_ref")) return true;
  return (name == "tuple" || name == "pair" || name == "_Tuple_impl" || name == "_Head_base") && has_reference_argument(r);
}

bool changes_only_itself(QualType t) {
  const CXXRecordDecl* r = t.getNonReferenceType()->getAsCXXRecordDecl();
  if (!r || !in_std(r) || !r->getIdentifier()) return false;
  static const llvm::StringSet<> names = {
      "vector", "deque", "list", "forward_list", "array", "set", "multiset", "map", "multimap", "unordered_set", "unordered_map", "unordered_multiset",
      "unordered_multimap", "pair", "tuple", "optional", "variant", "any", "stack", "queue", "priority_queue", "atomic", "valarray", "initializer_list",
      "unique_ptr", "shared_ptr", "weak_ptr", "function", "move_only_function", "span", "basic_string", "basic_string_view", "complex", "bitset",
      "promise", "future", "shared_future", "exception_ptr", "coroutine_handle"};
  return names.contains(r->getName());
}

// ---- holds_references ----

bool Types::holds_references(QualType t) {
  if (t.isNull()) return false;
  t = t.getCanonicalType();
  if (t->isReferenceType()) return true;
  if (t->isPointerType()) {
    const QualType to = t->getPointeeType();
    // const char*, and functions: nothing is changed through it.
    return !(to->isFunctionType() || (to.isConstQualified() && to->isArithmeticType()));
  }
  if (t->isMemberPointerType() || t->isNullPtrType() || t->isArithmeticType() || t->isEnumeralType() || t->isVoidType()) return false;
  if (const auto* array = t->getAsArrayTypeUnsafe()) return holds_references(array->getElementType());
  const CXXRecordDecl* r = t->getAsCXXRecordDecl();
  if (!r) return !t->isAnyComplexType() && !t->isVectorType();
  const Type* key = t.getTypePtr();
  const auto known = known_.find(key);
  if (known != known_.end()) return known->second;
  known_[key] = false;  // a class that holds itself adds nothing
  const bool out = record_holds(r);
  known_[key] = out;
  return out;
}

bool Types::record_holds(const CXXRecordDecl* r) {
  if (!r->hasDefinition()) return true;
  r = r->getDefinition();
  if (r->isLambda()) {
    for (const LambdaCapture& capture : r->captures()) {
      if (capture.capturesThis() || capture.getCaptureKind() == LCK_ByRef) return true;
      if (capture.capturesVariable() && holds_references(capture.getCapturedVar()->getType())) return true;
    }
    return false;
  }
  if (in_std(r) && r->getIdentifier()) {
    const llvm::StringRef name = r->getName();
    // Their pointers lead to what they own, and copies are deep.
    static const llvm::StringSet<> values = {
        "basic_string", "basic_ofstream", "basic_ifstream", "basic_fstream", "basic_stringstream", "basic_ostringstream",
        "basic_istringstream", "mutex", "recursive_mutex", "condition_variable", "locale", "random_device", "path", "error_code",
        "bitset", "complex", "exception", "runtime_error", "logic_error", "directory_entry", "basic_filebuf", "vector<bool>",
        "initializer_list<char>", "basic_regex", "type_info", "exception_ptr", "allocator", "hash", "less", "greater", "equal_to"};
    if (values.contains(name)) return false;
    static const llvm::StringSet<> by_argument = {
        "vector", "deque", "list", "forward_list", "array", "set", "multiset", "map", "multimap", "unordered_set", "unordered_map",
        "unordered_multiset", "unordered_multimap", "pair", "tuple", "optional", "variant", "stack", "queue", "priority_queue", "atomic",
        "valarray", "initializer_list", "unique_ptr", "shared_ptr", "weak_ptr"};
    if (by_argument.contains(name)) {
      if (name == "unique_ptr" || name == "shared_ptr" || name == "weak_ptr") return true;
      return any_type_argument(r, [&](QualType a) { return holds_references(a); });
    }
  }
  if (top_namespace(r) == "Eigen" && r->getIdentifier() && (r->getName() == "Matrix" || r->getName() == "Array")) return false;
  for (const CXXBaseSpecifier& base : r->bases()) {
    if (holds_references(base.getType())) return true;
  }
  for (const FieldDecl* field : r->fields()) {
    if (holds_references(field->getType())) return true;
  }
  return false;
}

// ---- functions ----

bool is_accessor(const CXXMethodDecl* m) {
  const CXXRecordDecl* r = m->getParent();
  switch (m->getOverloadedOperator()) {
    case OO_Arrow:
    case OO_Star:
      return in_std(r) || in_torch(r);
    case OO_Subscript:
      if (in_std(r)) return !(named(r, "map") || named(r, "unordered_map"));
      return in_torch(r);
    case OO_None:
      break;
    default:
      return false;
  }
  if (isa<CXXConversionDecl>(m)) return in_std(r) || in_torch(r);
  if (!m->getIdentifier()) return false;
  static const llvm::StringSet<> std_names = {"begin", "end", "rbegin", "rend", "data", "at", "front", "back", "find", "get", "c_str",
                                              "size", "empty", "lower_bound", "upper_bound", "equal_range", "value", "base", "top", "load"};
  static const llvm::StringSet<> torch_names = {"parameters", "named_parameters", "buffers", "named_buffers", "children", "named_children",
                                                "modules", "named_modules", "param_groups", "options", "defaults", "state", "ptr", "get",
                                                "grad", "is_empty", "params", "keys", "values", "items", "front", "back", "find", "at"};
  if (in_std(r)) return std_names.contains(m->getName()) && !(r->getIdentifier() && r->getName().contains("stream"));
  // A loader's begin() starts an epoch, a data set's get() may draw: neither is in the list.
  return in_torch(r) && torch_names.contains(m->getName());
}

bool changes_in_place(llvm::StringRef name) {
  static const llvm::StringSet<> names = {"set_data", "set_requires_grad", "retain_grad", "register_hook", "remove_hook", "record_stream",
                                          "mutable_grad", "_backward", "resize", "reset", "detach_"};
  return names.contains(name) || name.starts_with("_set_") || (name.size() > 1 && name.ends_with("_") && !name.ends_with("__"));
}

bool changes_arguments(llvm::StringRef name) {
  static const llvm::StringSet<> names = {"exchange", "swap", "iter_swap", "swap_ranges", "generate", "generate_n", "generate_canonical", "shuffle", "random_shuffle", "sort", "stable_sort", "partial_sort",
                                          "nth_element", "reverse", "rotate", "fill", "fill_n", "iota", "copy", "copy_n", "copy_if", "copy_backward", "replace", "replace_if", "remove", "remove_if", "unique",
                                          "memset", "memcpy", "memmove", "strcpy", "strncpy", "strcat", "getline", "advance"};
  return names.contains(name);
}

bool acts_on_its_object(llvm::StringRef name) {
  static const llvm::StringSet<> names = {"step", "zero_grad", "train", "eval", "to", "add_param_group", "register_module", "register_parameter", "register_buffer"};
  return names.contains(name);
}

bool makes_new_tensor(llvm::StringRef name) {
  static const llvm::StringSet<> names = {
      "clone", "sum", "mean", "norm", "std", "var", "max", "min", "argmax", "argmin", "matmul", "mm", "bmm", "mv", "dot", "add", "sub", "mul",
      "div", "pow", "exp", "log", "sqrt", "abs", "neg", "relu", "tanh", "sigmoid", "softmax", "log_softmax", "gelu",
      "cross_entropy", "nll_loss", "mse_loss", "l1_loss", "binary_cross_entropy", "binary_cross_entropy_with_logits",
      "linear", "conv1d", "conv2d", "conv3d", "max_pool1d", "max_pool2d", "avg_pool2d", "adaptive_avg_pool2d", "embedding", "layer_norm",
      "batch_norm", "group_norm", "one_hot", "cat", "stack", "where", "eq", "ne", "lt", "le", "gt", "ge", "randn_like", "rand_like",
      "zeros_like", "ones_like", "full_like", "empty_like", "randn", "rand", "randint", "randperm", "zeros", "ones", "full", "empty", "arange",
      "linspace", "eye", "tensor", "multinomial", "bernoulli", "normal", "cumsum", "sort", "topk", "argsort", "index_select", "gather",
      "masked_select", "clamp", "round", "floor", "ceil", "sin", "cos", "logsumexp", "item", "any", "all", "square", "sign", "outer", "cosine_similarity"};
  return names.contains(name);
}

bool keeps_arguments(llvm::StringRef name) {
  static const llvm::StringSet<> names = {"push_back", "emplace_back", "insert", "add_param_group", "extend", "update", "replace_module"};
  return names.contains(name) || name.starts_with("register_") || name.starts_with("set_");
}

bool draws_random_numbers(llvm::StringRef name) {
  static const llvm::StringSet<> names = {"rand", "random", "srand", "srandom", "drand48", "erand48", "lrand48", "mrand48", "jrand48", "srand48", "random_shuffle",
                                          "randn", "rand_like", "randn_like", "randint", "randint_like", "randperm", "bernoulli", "multinomial", "normal", "poisson",
                                          "dropout", "alpha_dropout", "feature_dropout", "uniform_", "normal_", "random_", "bernoulli_", "exponential_", "cauchy_",
                                          "log_normal_", "geometric_", "manual_seed", "generate_canonical", "xavier_uniform_", "xavier_normal_", "kaiming_uniform_", "kaiming_normal_"};
  return names.contains(name);
}

bool writes_text(llvm::StringRef name) {
  static const llvm::StringSet<> names = {"printf", "fprintf", "vprintf", "vfprintf", "dprintf", "puts", "fputs", "putchar", "putc", "fputc",
                                          "fwrite", "fflush", "perror", "putc_unlocked", "__printf_chk", "__fprintf_chk", "fclose"};
  return names.contains(name);
}

bool prints(const FunctionDecl* f) {
  const llvm::StringRef space = top_namespace(f);
  return (space == "fmt" || space == "spdlog") && !(f->getIdentifier() && f->getName().contains("format_to"));
}

bool takes_arguments_over(llvm::StringRef name) {
  static const llvm::StringSet<> names = {"make_unique", "make_shared", "make_pair", "make_tuple", "make_optional", "make_any", "forward", "move",
                                          "move_if_noexcept", "as_const", "addressof", "__addressof", "ref", "cref", "tie", "forward_as_tuple", "emplace", "emplace_back", "emplace_front", "emplace_hint",
                                          "try_emplace", "insert_or_assign", "push_back", "bind", "bind_front", "get", "begin", "end", "cbegin", "cend", "rbegin", "rend",
                                          "data", "size", "get_if", "construct_at", "get_pointer", "any_cast", "dynamic_pointer_cast", "static_pointer_cast", "make_move_iterator", "back_inserter", "inserter", "front_inserter", "min", "max", "clamp", "minmax"};
  return names.contains(name);
}

bool reads_only(llvm::StringRef name, unsigned index, unsigned count) {
  static const llvm::StringSet<> readers = {
      "accumulate", "reduce", "transform_reduce", "inner_product", "min_element", "max_element", "minmax_element", "count", "count_if", "find",
      "find_if", "find_if_not", "find_first_of", "all_of", "any_of", "none_of", "equal", "lexicographical_compare", "mismatch", "search",
      "binary_search", "lower_bound", "upper_bound", "equal_range", "distance", "is_sorted", "is_sorted_until", "adjacent_find", "next", "prev", "for_each", "for_each_n",
      "is_permutation", "includes", "make_reverse_iterator"};
  if (readers.contains(name)) return true;
  static const llvm::StringSet<> one_input = {"copy", "copy_if", "partial_sum", "adjacent_difference", "inclusive_scan", "exclusive_scan",
                                              "unique_copy", "reverse_copy", "remove_copy", "remove_copy_if", "replace_copy", "rotate_copy", "partial_sort_copy", "sample"};
  if (one_input.contains(name)) return index < (name == "rotate_copy" ? 3u : 2u);
  if (name == "copy_n") return index == 0;
  if (name == "transform") return index < (count >= 5 ? 3u : 2u);
  static const llvm::StringSet<> two_inputs = {"merge", "set_union", "set_intersection", "set_difference", "set_symmetric_difference"};
  return two_inputs.contains(name) && index < 4;
}

bool reads_only_range(llvm::StringRef name, unsigned index, bool ranges) {
  if (!ranges || reads_only(name, 0, 3) == reads_only(name, 3, 5)) return reads_only(name, index, 3);  // all, or none, or counted in iterators
  static const llvm::StringSet<> two_inputs = {"merge", "set_union", "set_intersection", "set_difference", "set_symmetric_difference"};
  return index < (two_inputs.contains(name) ? 2u : 1u);
}

// ---- files ----

namespace {

// Whether an open mode, where it is written out, reads and writes; anything may happen where it is not.
FileUse use_of_mode(const Expr* e) {
  const auto* text = e ? dyn_cast<clang::StringLiteral>(e->IgnoreParenImpCasts()) : nullptr;
  if (!text || text->getCharByteWidth() != 1) return {true, true};
  const llvm::StringRef mode = text->getString();
  const bool both = mode.contains('+');
  return {both || mode.starts_with("r"), both || !mode.starts_with("r")};
}

bool may_be_path(QualType t) {
  t = t.getNonReferenceType();
  if (t->isPointerType() || t->isArrayType()) return (t->isPointerType() ? t->getPointeeType() : QualType(t->getAsArrayTypeUnsafe()->getElementType()))->isCharType();
  const CXXRecordDecl* r = t->getAsCXXRecordDecl();
  return r && in_std(r) && (named(r, "basic_string") || named(r, "basic_string_view") || named(r, "path"));
}

FileUse use_of_stream(const CXXRecordDecl* r) {
  if (!r || !in_std(r)) return {};
  if (named(r, "basic_ifstream")) return {true, false};
  if (named(r, "basic_ofstream")) return {false, true};
  return {named(r, "basic_fstream") || named(r, "basic_filebuf"), named(r, "basic_fstream") || named(r, "basic_filebuf")};
}

}  // namespace

FileUse file_use(const FunctionDecl* f, const std::vector<const Expr*>& arguments) {
  if (const auto* c = dyn_cast<CXXConstructorDecl>(f)) {
    return c->getNumParams() > 0 && !c->isCopyOrMoveConstructor() ? use_of_stream(c->getParent()) : FileUse{};
  }
  if (!f->getIdentifier()) return {};
  const llvm::StringRef name = f->getName();
  if (const auto* m = dyn_cast<CXXMethodDecl>(f); m && in_std(m)) return name == "open" ? use_of_stream(m->getParent()) : FileUse{};
  if (in_std_space(f, "filesystem")) {
    static const llvm::StringSet<> looks = {"exists", "file_size", "is_regular_file", "is_directory", "is_empty", "is_symlink", "is_other", "last_write_time", "status", "symlink_status",
                                            "hard_link_count", "read_symlink", "space", "equivalent", "canonical", "weakly_canonical"};
    static const llvm::StringSet<> changes = {"create_directory", "create_directories", "create_symlink", "create_hard_link", "create_directory_symlink", "remove", "remove_all", "rename",
                                              "resize_file", "permissions"};
    static const llvm::StringSet<> both = {"copy", "copy_file", "copy_symlink"};
    if (name == "last_write_time" && arguments.size() > 1) return {false, true};
    return {looks.contains(name) || both.contains(name), changes.contains(name) || both.contains(name)};
  }
  if (name == "fopen" || name == "fopen64" || name == "freopen") return use_of_mode(arguments.size() > 1 ? arguments[1] : nullptr);
  if (in_torch(f)) return {name == "load" || name == "load_from" || name == "pickle_load", name == "save" || name == "save_to" || name == "pickle_save"};
  static const llvm::StringSet<> looks = {"stat", "lstat", "fstat", "fstatat", "stat64", "access", "faccessat", "opendir", "readdir", "scandir", "glob", "readlink", "realpath"};
  static const llvm::StringSet<> changes = {"rename", "renameat", "remove", "unlink", "unlinkat", "mkdir", "mkdirat", "rmdir", "link", "symlink", "truncate", "ftruncate", "creat", "chmod",
                                            "utime", "utimes", "mkstemp", "tmpfile", "mkdtemp"};
  static const llvm::StringSet<> both = {"open", "open64", "openat", "openat64", "mmap", "mmap64", "sendfile", "copy_file_range"};
  if (f->isExternC()) return {looks.contains(name) || both.contains(name), changes.contains(name) || both.contains(name)};
  if (in_std(f) || std::none_of(arguments.begin(), arguments.end(), [](const Expr* a) { return may_be_path(a->getType()); })) return {};
  // Another library, given a text that may be a path: going by what such functions are called.
  const std::string lower = name.lower();
  const llvm::StringRef word = lower;
  auto about = [&](std::initializer_list<llvm::StringRef> words) {
    return std::any_of(words.begin(), words.end(), [&](llvm::StringRef w) { return word.starts_with(w) || word.contains(llvm::Twine("_").concat(w).str()) || (word.ends_with(w) && w != "read"); });
  };
  return {about({"read", "load", "open", "import", "file"}), about({"write", "save", "open", "export", "dump", "file"})};
}

bool starts_thread(const FunctionDecl* f) {
  if (!f->getIdentifier()) return false;
  if (const auto* m = dyn_cast<CXXMethodDecl>(f); m && in_std(m) && f->getName().starts_with("emplace")) {  // into a container of threads
    const auto* container = dyn_cast<ClassTemplateSpecializationDecl>(m->getParent());
    const CXXRecordDecl* element = container && container->getTemplateArgs()[0].getKind() == TemplateArgument::Type ? container->getTemplateArgs()[0].getAsType()->getAsCXXRecordDecl() : nullptr;
    return element && in_std(element) && (named(element, "thread") || named(element, "jthread"));
  }
  return (in_std(f) && f->getName() == "async") || (f->isExternC() && (f->getName() == "pthread_create" || f->getName() == "thrd_create"));
}

bool waits_for_threads(const FunctionDecl* f) {
  if (!f->getIdentifier()) return false;
  const llvm::StringRef name = f->getName();
  if (f->isExternC()) return name == "pthread_join" || name == "thrd_join";
  const auto* m = dyn_cast<CXXMethodDecl>(f);
  if (!m || !in_std(m) || !m->getParent()->getIdentifier()) return false;
  const llvm::StringRef of = m->getParent()->getName();
  return (name == "join" && (of == "thread" || of == "jthread")) || ((name == "get" || name == "wait") && of.contains("future"));
}

bool runs_signal_handlers(const FunctionDecl* f) {
  static const llvm::StringSet<> names = {"raise", "kill", "pthread_kill", "tgkill", "sigqueue", "killpg"};
  return f->getIdentifier() && f->isExternC() && names.contains(f->getName());
}

bool allocates(const FunctionDecl* f) {
  static const std::set<std::string> kNames = {"malloc", "calloc", "realloc", "reallocarray", "aligned_alloc", "memalign", "valloc", "strdup", "strndup", "_mm_malloc"};
  return f->getIdentifier() && kNames.count(f->getName().str()) != 0 && (in_std(f) || f->getDeclContext()->getRedeclContext()->isTranslationUnit() || f->isExternC());
}
bool makes_memory_stream(const FunctionDecl* f) {
  static const llvm::StringSet<> names = {"open_memstream", "open_wmemstream", "fmemopen", "fopencookie"};
  return f->getIdentifier() && f->isExternC() && names.contains(f->getName());
}

llvm::StringRef surroundings(const FunctionDecl* f) {
  if (!f->getIdentifier()) return {};
  const llvm::StringRef name = f->getName();
  if (name == "global" && in_std(f) && isa<CXXMethodDecl>(f) && named(cast<CXXMethodDecl>(f)->getParent(), "locale") && f->getNumParams() == 1) return "settings of the process";
  if (in_std_space(f, "filesystem") && name == "current_path" && f->getReturnType()->isVoidType()) return "the working folder";
  if ((name == "call_once" || name == "set_new_handler" || name == "set_terminate" || name == "set_unexpected") && in_std(f)) return "settings of the process";
  if ((name == "iword" || name == "pword" || name == "copyfmt") && in_std(f) && isa<CXXMethodDecl>(f)) return "what is kept beside a stream";
  // Of std::experimental: they share a generator of the thread's that nobody else can reach.
  if ((name == "randint" || name == "reseed" || name == "shuffle" || name == "sample") && in_std_space(f, "experimental")) {
    return "hidden state of the standard library";
  }
  if (!f->isExternC()) return {};
  static const llvm::StringSet<> environment = {"setenv", "unsetenv", "putenv", "clearenv"};
  static const llvm::StringSet<> folder = {"chdir", "fchdir", "chroot"};
  static const llvm::StringSet<> descriptors = {"read", "pread", "readv", "lseek", "lseek64", "dup", "dup2", "dup3", "pipe", "socket", "accept", "connect", "recv", "recvfrom", "recvmsg", "poll", "select", "epoll_wait"};
  static const llvm::StringSet<> processes = {"fork", "vfork", "system", "popen", "posix_spawn", "waitpid", "wait", "execv", "execvp", "execve"};
  static const llvm::StringSet<> input = {"getchar", "scanf", "vscanf", "gets"};
  static const llvm::StringSet<> process = {"setlocale", "signal", "sigaction", "fesetround", "fesetenv", "feenableexcept", "umask", "setrlimit", "tzset", "pthread_once", "atexit", "shmat", "dlopen"};
  static const llvm::StringSet<> library = {"strtok", "wcstok", "getopt", "getopt_long", "getopt_long_only", "mblen", "mbtowc", "wctomb", "hcreate", "hsearch", "hdestroy", "getpwent", "setpwent", "getgrent"};
  if (library.contains(name)) return "hidden state of the C library";
  if (environment.contains(name)) return "the environment";
  if (folder.contains(name)) return "the working folder";
  if (descriptors.contains(name)) return "file descriptors";
  if (processes.contains(name)) return "other processes";
  if (input.contains(name)) return "standard input";
  if (process.contains(name)) return "settings of the process";
  return {};
}

bool is_output_stream(const VarDecl* v) {
  if (!v || !v->getIdentifier() || !v->hasGlobalStorage()) return false;
  static const llvm::StringSet<> streams = {"cout", "cerr", "clog", "wcout", "wcerr", "wclog"};
  if (in_std(v)) return streams.contains(v->getName());
  return top_namespace(v).empty() && (v->getName() == "stdout" || v->getName() == "stderr" || v->getName() == "environ");
}

}  // namespace hindsight::instrument
