#include "instrument/outside.h"

#include <algorithm>
#include <map>
#include <set>

#include <clang/AST/DeclTemplate.h>
#include <clang/AST/Expr.h>
#include <clang/AST/ExprCXX.h>
#include <llvm/ADT/StringMap.h>
#include <llvm/ADT/StringSet.h>
#include <sys/syscall.h>

#include "instrument/clocks.h"
#include "instrument/functions.h"
#include "instrument/known.h"

namespace hindsight::instrument {

using namespace clang;

namespace {

llvm::StringRef name_of(const NamedDecl* d) { return d && d->getIdentifier() ? d->getName() : llvm::StringRef(); }

const CXXRecordDecl* class_of(const FunctionDecl* f) {
  const auto* method = dyn_cast_or_null<CXXMethodDecl>(f);
  return method ? method->getParent() : nullptr;
}

// Functions of C and the system, by name.
Outside kind_of_function(llvm::StringRef name) {
  static const llvm::StringMap<Outside> kinds = [] {
    llvm::StringMap<Outside> all;
    for (const char* each : {"time", "clock", "clock_gettime", "gettimeofday", "timespec_get", "ftime", "times", "getrusage", "mallinfo", "mallinfo2",
                             "sbrk", "sysinfo", "malloc_usable_size", "getauxval", "sched_getcpu", "tmpnam", "mkstemp", "mkdtemp", "omp_get_wtime", "MPI_Wtime", "_rdtsc", "__rdtsc", "__rdtscp", "__builtin_ia32_rdtsc", "__builtin_ia32_rdtscp",
                             "__builtin_readcyclecounter", "getpid", "getppid", "gettid", "pthread_self", "thrd_current", "getloadavg"}) {
      all[each] = Outside::kClock;
    }
    for (const char* each : {"getrandom", "getentropy", "arc4random", "arc4random_uniform", "arc4random_buf", "uuid_generate", "uuid_generate_random",
                             "getNonDeterministicRandom", "RAND_bytes", "fork", "vfork"}) {
      all[each] = Outside::kEntropy;
    }
    for (const char* each : {"getenv", "secure_getenv", "__secure_getenv"}) all[each] = Outside::kEnvironment;
    for (const char* each : {"scanf", "vscanf", "wscanf", "vwscanf", "getchar", "getchar_unlocked", "getwchar", "gets", "getpass"}) all[each] = Outside::kInput;
    for (const char* each : {"fopen", "fopen64", "freopen", "open", "open64", "openat", "creat", "stat", "stat64", "lstat", "fstat", "statx", "access", "opendir",
                             "readdir", "scandir", "readlink", "realpath", "glob", "popen", "system", "fread", "fgets", "fgetc", "getc", "fscanf", "read", "pread",
                             "ftell", "getcwd", "nftw", "ftw", "getline", "remove", "unlink", "rename"}) {
      all[each] = Outside::kFile;
    }
    for (const char* each : {"gethostname", "uname", "sysconf", "get_nprocs", "get_nprocs_conf", "getuid", "getlogin", "omp_get_num_procs",
                             "omp_get_max_threads"}) {
      all[each] = Outside::kMachine;
    }
    return all;
  }();
  if (name.starts_with("_rdrand") || name.starts_with("_rdseed") || name.starts_with("__builtin_ia32_rdrand") || name.starts_with("__builtin_ia32_rdseed")) {
    return Outside::kEntropy;
  }
  const auto found = kinds.find(name);
  return found == kinds.end() ? Outside::kNothing : found->second;
}

Outside kind_of_path(llvm::StringRef text) {
  static const llvm::StringSet<> entropy = {"/dev/urandom", "/dev/random", "/dev/hwrng"};
  static const llvm::StringSet<> input = {"/dev/stdin", "/proc/self/fd/0", "/dev/fd/0", "/dev/tty"};
  if (input.contains(text)) return Outside::kInput;
  return entropy.contains(text) ? Outside::kEntropy : text.starts_with("/proc/") ? Outside::kClock : Outside::kNothing;  // memory in use, the process's number
}

// What a class of the library takes from outside when it is made or called.
Outside kind_of_class(const CXXRecordDecl* r) {
  static const llvm::StringSet<> files = {"basic_ifstream", "basic_ofstream", "basic_fstream", "basic_filebuf", "directory_iterator",
                                          "recursive_directory_iterator", "directory_entry"};
  if (!r) return Outside::kNothing;
  const llvm::StringRef name = name_of(r);
  if (name == "random_device") return in_std(r) || top_namespace(r) == "boost" ? Outside::kEntropy : Outside::kNothing;
  return in_std(r) && files.contains(name) ? Outside::kFile : Outside::kNothing;
}

std::optional<std::int64_t> number(const Expr* e, const ASTContext& context) {
  if (e->isValueDependent() || !e->getType()->isIntegerType()) return std::nullopt;
  Expr::EvalResult result;
  if (!e->EvaluateAsInt(result, context)) return std::nullopt;
  return result.Val.getInt().getExtValue();
}

bool is_address(QualType t) {
  t = t.getNonReferenceType();
  return t->isPointerType() && !t->getPointeeType()->isAnyCharacterType() && !t->isFunctionPointerType();
}

bool is_formatted(llvm::StringRef name) {
  return name.ends_with("printf") || name == "format" || name == "format_to" || name == "print" || name == "println";
}

// Of a literal, or of a constant that is made from one.
std::string text_of_name(const Expr* e, ASTContext& context) {
  const auto* ref = dyn_cast<DeclRefExpr>(bare(e));
  const auto* v = ref ? dyn_cast<VarDecl>(ref->getDecl()) : nullptr;
  return name_literal(v && v->getInit() && v->getType().isConstQualified() ? v->getInit() : e, context);
}

// What a function takes, whatever it is called with.
OutsideUse use_of_function(const FunctionDecl* f) {
  const llvm::StringRef name = name_of(f);
  const CXXRecordDecl* owner = class_of(f);
  const std::string what = f->getQualifiedNameAsString();
  if (name == "now" && in_std_space(f, "chrono")) {
    const bool versioned = what.find("_V2::") != std::string::npos;
    return {Outside::kClock, versioned ? "std::chrono::" + owner->getName().str() + "::now" : what};
  }
  if (name == "get_id" && in_std(f)) return {Outside::kClock, what};
  if (name == "hardware_concurrency" && in_std(f)) return {Outside::kMachine, what};
  if (name == "last_write_time" && in_std_space(f, "filesystem") && !f->getReturnType()->isVoidType()) return {Outside::kClock, what};
  if (!owner && in_std_space(f, "filesystem") && !f->isOverloadedOperator()) return {Outside::kFile, what};
  // Of the system: declared as C, and not a function of the user's, or a template of the library, that has the same name.
  if (owner || f->getDefinition() || f->getPrimaryTemplate() || !(f->isExternC() || in_std(f) || in_torch(f) || f->getBuiltinID() != 0)) return {};
  const Outside kind = kind_of_function(name);
  return {kind, kind == Outside::kNothing || kind == Outside::kEnvironment ? "" : what};
}

OutsideUse use_of_call(const CallExpr* call, ASTContext& context) {
  const FunctionDecl* f = call->getDirectCallee();
  if (!f) return {};
  const llvm::StringRef name = name_of(f);
  const CXXRecordDecl* owner = class_of(f);
  const std::string what = f->getQualifiedNameAsString();
  // What a container has in reserve is not part of its state. As with a clock, what is only computed with it and shown decides nothing.
  if (owner && in_std(owner) && name == "capacity") return {Outside::kClock, what};
  static const llvm::StringSet<> layout = {"bucket_count", "bucket", "bucket_size", "load_factor"};
  if (owner && in_std(owner) && layout.contains(name)) return {Outside::kMachine, "the buckets of a container"};
  if (name == "__errno_location") return {Outside::kMachine, "errno"};
  if (owner && kind_of_class(owner) == Outside::kEntropy) return {Outside::kEntropy, owner->getQualifiedNameAsString()};
  if (name == "seed" && in_torch(f) && call->getNumArgs() == 0) return {Outside::kEntropy, what};
  if (name == "open" && owner && kind_of_class(owner) == Outside::kFile) return {Outside::kFile, what};
  if (owner && f->getOverloadedOperator() == OO_Call && in_std(owner) && name_of(owner) == "hash") {
    const auto* hash = dyn_cast<ClassTemplateSpecializationDecl>(owner);
    if (hash && hash->getTemplateArgs()[0].getKind() == TemplateArgument::Type && hash->getTemplateArgs()[0].getAsType()->isPointerType()) {
      return {Outside::kAddress, "the hash of an address"};
    }
  }
  if (f->getOverloadedOperator() == OO_LessLess && in_std(f) && f->getNumParams() > 0 &&
      f->getParamDecl(f->getNumParams() - 1)->getType()->isVoidPointerType()) {
    return {Outside::kAddress, kAddressAsText};
  }
  if (is_formatted(name) && (f->isExternC() || in_std(f) || top_namespace(f) == "fmt")) {
    for (unsigned i = f->isExternC() ? f->getNumParams() : 1; i < call->getNumArgs(); ++i) {
      if (is_address(call->getArg(i)->getType())) return {Outside::kAddress, kAddressAsText};
    }
  }
  if (name == "bit_cast" && in_std(f) && call->getNumArgs() == 1 && call->getArg(0)->getType()->isPointerType()) return {Outside::kAddress, "an address as a number"};
  if (name == "syscall" && f->isExternC() && call->getNumArgs() > 0) {
    const std::optional<std::int64_t> which = number(call->getArg(0), context);
    if (!which || *which == SYS_getrandom) return {Outside::kEntropy, "syscall"};
    if (*which == SYS_gettid || *which == SYS_getpid || *which == SYS_clock_gettime || *which == SYS_gettimeofday) return {Outside::kClock, "syscall"};
    return {};
  }
  static const llvm::StringSet<> descriptors = {"read", "readv", "pread", "fdopen", "dup", "dup2", "isatty", "fstat", "ioctl"};
  if (descriptors.contains(name) && f->isExternC() && call->getNumArgs() > 0 && number(call->getArg(0), context) == 0) return {Outside::kInput, what + "(0)"};
  // A function that is found by its name is called past the linker.
  if (name == "dlsym" && f->isExternC() && call->getNumArgs() > 1) {
    const Outside found = kind_of_function(text_of_name(call->getArg(1), context));
    return {found == Outside::kClock || found == Outside::kEntropy ? Outside::kEntropy : Outside::kNothing, what};
  }
  // What another process writes; one that is only written to gives nothing.
  if (name == "popen" && f->isExternC() && call->getNumArgs() > 1 && !llvm::StringRef(text_of_name(call->getArg(1), context)).starts_with("w")) {
    return {Outside::kEntropy, what};
  }
  OutsideUse use = use_of_function(f);
  if (use.kind == Outside::kEnvironment && call->getNumArgs() > 0) use.what = text_of_name(call->getArg(0), context);
  return use;
}

}  // namespace

bool is_ordered_by_address(QualType type) {
  static const llvm::StringSet<> containers = {"set", "multiset", "map", "multimap", "unordered_set", "unordered_multiset", "unordered_map", "unordered_multimap"};
  const CXXRecordDecl* r = type.getNonReferenceType()->getAsCXXRecordDecl();
  const auto* made = dyn_cast_or_null<ClassTemplateSpecializationDecl>(r);
  if (!made || !in_std(made) || !containers.contains(name_of(made)) || made->getTemplateArgs()[0].getKind() != TemplateArgument::Type) return false;
  const QualType key = made->getTemplateArgs()[0].getAsType();
  const CXXRecordDecl* pointer = key->getAsCXXRecordDecl();
  return key->isPointerType() || (pointer && in_std(pointer) && (name_of(pointer) == "shared_ptr" || name_of(pointer) == "unique_ptr"));
}

OutsideUse outside_use(const Stmt* s, ASTContext& context) {
  if (const auto* call = dyn_cast<CallExpr>(s)) return use_of_call(call, context);
  if (const auto* made = dyn_cast<CXXConstructExpr>(s)) {
    const CXXRecordDecl* owner = made->getConstructor()->getParent();
    const Outside kind = kind_of_class(owner);
    return {kind, kind == Outside::kNothing ? "" : kind == Outside::kEntropy ? owner->getQualifiedNameAsString() : "std::" + owner->getName().str()};
  }
  if (const auto* ref = dyn_cast<DeclRefExpr>(s)) {
    // Not called here (for_each_evaluated): somebody else will.
    if (const auto* f = dyn_cast<FunctionDecl>(ref->getDecl())) return use_of_function(f);
    const auto* v = dyn_cast<VarDecl>(ref->getDecl());
    if (!v || !v->hasGlobalStorage()) return {};
    const llvm::StringRef name = name_of(v);
    if (in_std(v) && (name == "cin" || name == "wcin")) return {Outside::kInput, "std::" + name.str()};
    if (!top_namespace(v).empty()) return {};
    if (name == "signgam") return {Outside::kMachine, "signgam"};
    if (name == "stdin") return {Outside::kInput, "stdin"};
    if (name == "environ" || name == "__environ" || name == "_environ") return {Outside::kEnvironment, ""};
    return {};
  }
  if (const auto* text = dyn_cast<clang::StringLiteral>(s)) {
    if (text->getCharByteWidth() != 1) return {};
    const Outside kind = kind_of_path(text->getString());
    return {kind, kind == Outside::kNothing ? "" : text->getString().str()};
  }
  if (const auto* cast = dyn_cast<CastExpr>(s)) {
    if (cast->getCastKind() == CK_PointerToIntegral) return {Outside::kAddress, "an address as a number"};
    return {};
  }
  if (const auto* code = dyn_cast<GCCAsmStmt>(s)) {
    const llvm::StringRef text = code->getAsmString()->getString();
    if (text.contains("rdrand") || text.contains("rdseed")) return {Outside::kEntropy, "rdrand"};
    if (text.contains("rdtsc")) return {Outside::kClock, "rdtsc"};
  }
  return {};
}

void for_each_evaluated(const Stmt* s, const std::function<void(const Stmt*)>& use) {
  if (!s || isa<UnaryExprOrTypeTraitExpr>(s)) return;
  use(s);
  if (const auto* lambda = dyn_cast<LambdaExpr>(s)) {
    for (const Expr* init : lambda->capture_inits()) for_each_evaluated(init, use);
    return;
  }
  if (const auto* otherwise = dyn_cast<CXXDefaultArgExpr>(s)) return for_each_evaluated(otherwise->getExpr(), use);
  if (const auto* otherwise = dyn_cast<CXXDefaultInitExpr>(s)) return for_each_evaluated(otherwise->getExpr(), use);
  // It ties no one to what is read: the usual way to make std::cout fast.
  if (const auto* call = dyn_cast<CXXMemberCallExpr>(s); call && name_of(call->getMethodDecl()) == "tie") return;
  const auto* call = dyn_cast<CallExpr>(s);
  const Stmt* callee = call && call->getDirectCallee() && !isa<CXXMemberCallExpr>(s) ? call->getCallee() : nullptr;
  for (const Stmt* child : children_of(s)) {
    if (child != callee) for_each_evaluated(child, use);
  }
}

namespace {

void add_variables(const DeclContext* space, const UserCode& user, std::vector<Code>& out) {
  for (const Decl* d : declarations_in(space)) {
    if (const auto* v = dyn_cast<VarDecl>(d)) {
      if (user.is_user(v) && v->getInit() && !v->getType()->isDependentType()) out.push_back({nullptr, v, v->getInit()});
    } else if (const auto* t = dyn_cast<ClassTemplateDecl>(d)) {
      for (const ClassTemplateSpecializationDecl* s : t->specializations()) add_variables(s, user, out);
    } else if (isa<NamespaceDecl, LinkageSpecDecl, ExportDecl>(d) || (isa<CXXRecordDecl>(d) && user.is_user(d))) {
      add_variables(cast<DeclContext>(d), user, out);
    }
  }
}

}  // namespace

std::vector<Code> code_of(ASTContext& context, const UserCode& user, const std::vector<const FunctionDecl*>& functions) {
  std::vector<Code> out;
  add_variables(context.getTranslationUnitDecl(), user, out);
  for (const FunctionDecl* f : functions) {
    if (f->isDependentContext()) continue;  // its instances are there, too
    if (const auto* constructor = dyn_cast<CXXConstructorDecl>(f)) {
      for (const CXXCtorInitializer* init : constructor->inits()) out.push_back({f, nullptr, init->getInit()});
    }
    out.push_back({f, nullptr, f->getBody()});
  }
  return out;
}

namespace {

// What the user's functions take from outside, whatever they are called from; clocks are followed otherwise.
class Takers {
 public:
  Takers(ASTContext& context, const std::vector<Code>& code) : context_(context) {
    for (const Code& each : code) {
      const auto* method = dyn_cast_or_null<CXXMethodDecl>(each.function);
      if (!method) continue;
      for (const CXXMethodDecl* base : method->overridden_methods()) overriders_[base->getCanonicalDecl()].insert(method);
    }
    for (const Code& each : code) {
      if (!each.function) continue;
      Function& function = functions_[each.function->getCanonicalDecl()];
      for_each_evaluated(each.body, [&](const Stmt* s) {
        if (std::string what = taken(s); function.what.empty()) function.what = std::move(what);
        for (const FunctionDecl* f : named(s)) function.calls.insert(f);
      });
    }
    for (bool changed = true; changed;) {
      changed = false;
      for (auto& [f, function] : functions_) {
        for (const FunctionDecl* callee : function.calls) {
          if (!function.what.empty()) break;
          function.what = what(callee);
          changed = changed || !function.what.empty();
        }
      }
    }
  }

  std::string what(const FunctionDecl* f) const {
    const auto found = functions_.find(f->getCanonicalDecl());
    return found == functions_.end() ? "" : found->second.what;
  }

  // What a node takes itself, clocks left out.
  std::string taken(const Stmt* s) const {
    const OutsideUse use = outside_use(s, context_);
    switch (use.kind) {
      case Outside::kNothing:
      case Outside::kClock: return {};
      case Outside::kEnvironment: return "the environment";
      case Outside::kInput: return "standard input";
      case Outside::kFile: return "files (" + use.what + ")";
      case Outside::kEntropy:
      case Outside::kMachine:
      case Outside::kAddress: break;
    }
    return use.what;
  }

  // The user's functions that a node names: it may call them, or hand them to somebody who does.
  std::vector<const FunctionDecl*> named(const Stmt* s) const {
    std::vector<const FunctionDecl*> out;
    const auto add = [&](const Decl* d) {
      const auto* f = dyn_cast_or_null<FunctionDecl>(d);
      if (!f) return;
      out.push_back(f);
      add_overriders(f, out);
    };
    if (const auto* call = dyn_cast<CallExpr>(s)) add(call->getDirectCallee());
    if (const auto* ref = dyn_cast<DeclRefExpr>(s)) add(ref->getDecl());
    if (const auto* member = dyn_cast<MemberExpr>(s)) add(member->getMemberDecl());
    if (const auto* made = dyn_cast<CXXConstructExpr>(s)) add(made->getConstructor());
    if (const auto* e = dyn_cast<Expr>(s)) {
      const CXXRecordDecl* r = e->getType().isNull() ? nullptr : e->getType().getNonReferenceType()->getAsCXXRecordDecl();
      if (r && r->isLambda() && !r->isGenericLambda()) add(r->getLambdaCallOperator());
    }
    return out;
  }

 private:
  struct Function {
    std::string what;
    DeclSet<FunctionDecl> calls;
  };

  void add_overriders(const FunctionDecl* f, std::vector<const FunctionDecl*>& out) const {
    const auto found = overriders_.find(f->getCanonicalDecl());
    if (found == overriders_.end()) return;
    for (const FunctionDecl* each : found->second) {
      out.push_back(each);
      add_overriders(each, out);
    }
  }

  ASTContext& context_;
  std::map<const FunctionDecl*, Function> functions_;
  std::map<const FunctionDecl*, DeclSet<FunctionDecl>> overriders_;
};

// An order that addresses decide: a comparison of two, or a container that is sorted or hashed by them.
bool orders_addresses(const Stmt* s) {
  if (const auto* compared = dyn_cast<BinaryOperator>(s)) return compared->isRelationalOp() && compared->getLHS()->getType()->isPointerType();
  const auto* e = dyn_cast<Expr>(s);
  return e && !e->getType().isNull() && is_ordered_by_address(e->getType());
}

FunctionReport* find_function(UnitReport& report, const FunctionDecl* f) {
  const std::string name = report_name(f);
  const auto found = std::find_if(report.functions.begin(), report.functions.end(), [&](const FunctionReport& each) { return each.name == name; });
  return found == report.functions.end() ? nullptr : &*found;
}

}  // namespace

void report_outside(ASTContext& context, const UserCode& user, const std::vector<const FunctionDecl*>& functions, UnitReport& report) {
  std::set<OutsideReport> found;
  const auto add = [&](const char* kind, std::string what, SourceLocation at) {
    found.insert({.kind = kind, .what = std::move(what), .file = user.file_of(at), .line = user.line_of(at)});
  };
  const std::vector<Code> all = code_of(context, user, functions);
  for (const Code& code : all) {
    for_each_evaluated(code.body, [&](const Stmt* s) {
      OutsideUse use = outside_use(s, context);
      if (use.kind == Outside::kEnvironment) add("environment", std::move(use.what), s->getBeginLoc());
      if (use.kind == Outside::kInput) add("input", std::move(use.what), s->getBeginLoc());
      if (use.kind == Outside::kEntropy) add("entropy", std::move(use.what), s->getBeginLoc());
    });
    // main's third parameter.
    if (code.function && code.function->isMain() && code.function->getNumParams() > 2 && code.function->getParamDecl(2)->isReferenced()) {
      add("environment", "", code.function->getParamDecl(2)->getLocation());
    }
  }
  std::set<VolatileName> names;
  const auto report_flow = [&](const ClockFlow& flow, const std::string& condition) {
    const auto add_clock = [&](const Reading& reading, SourceLocation used) {
      found.insert({"clock", reading.what, user.file_of(reading.at), user.line_of(reading.at), user.file_of(used), user.line_of(used), condition});
    };
    for (const ClockFlow::Escape& escape : flow.escapes) add_clock(escape.reading, escape.at);
    for (const ClockFlow::Log& log : flow.logs) {
      if (log.name.empty()) add_clock(log.reading, log.at);
      else names.insert({log.name, condition});
    }
    for (const ClockFlow::Return& each : flow.returns) {
      FunctionReport* function = find_function(report, each.function);
      if (function && condition.empty()) function->gives_time.insert(each.reading.what);
      if (function && !condition.empty()) function->gives_results_of.push_back(condition);
    }
  };
  report_flow(follow_clocks(context, user, all), "");
  for (const ForeignFlow& each : follow_foreign_results(context, user, all)) report_flow(each.flow, report_name(each.function));
  report.outside.assign(found.begin(), found.end());
  report.volatile_names.assign(names.begin(), names.end());
  const Takers takers(context, all);
  for (const FunctionDecl* f : functions) {
    const std::string what = takers.what(f);
    FunctionReport* function = what.empty() ? nullptr : find_function(report, f);
    if (function) function->takes = what;
  }
}

std::vector<Volatility> volatilities(ASTContext& context, const UserCode& user, const SpanIndex& spans) {
  const std::vector<const FunctionDecl*> functions = functions_of(context, user);
  const std::vector<Code> code = code_of(context, user, functions);
  const Takers takers(context, code);
  const ClockFlow flow = follow_clocks(context, user, code);
  const SourceManager& sources = user.sources();
  std::vector<Volatility> out(spans.size());
  const auto at_span = [&](SourceLocation at, const auto& use) {
    if (const auto span = spans.at(sources.getFileLoc(at))) use(out[*span]);
  };
  const auto say = [&](SourceLocation at, const std::string& why) {
    at_span(at, [&](Volatility& each) {
      if (each.why.empty()) each.why = why;
    });
  };
  for (const Code& each : code) {
    for_each_evaluated(each.body, [&](const Stmt* s) {
      const OutsideUse use = outside_use(s, context);
      if (use.kind == Outside::kClock) say(s->getBeginLoc(), use.what);
      say(s->getBeginLoc(), takers.taken(s));
      if (orders_addresses(s)) say(s->getBeginLoc(), "an order of addresses");
      for (const FunctionDecl* f : takers.named(s)) say(s->getBeginLoc(), takers.what(f));
    });
  }
  for (const ClockFlow::Log& log : flow.logs) say(log.at, log.reading.what);
  for (const ForeignFlow& foreign : follow_foreign_results(context, user, code)) {
    for (const ClockFlow::Log& log : foreign.flow.logs) {
      at_span(log.at, [&](Volatility& each) { each.results_of.push_back(report_name(foreign.function)); });
    }
  }
  return out;
}

}  // namespace hindsight::instrument
