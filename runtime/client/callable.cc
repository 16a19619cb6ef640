// Function objects: what they call by its symbol, as another build has the same at another address, and what they hold as bytes. What is captured by
// reference, or leads elsewhere by a pointer, is followed no further: a function object that holds such is refused.
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "runtime/client/archive.h"
#include "runtime/client/symbols.h"

// Not there in a program that is not linked with heap.h's flags: then no block is known.
extern "C" __attribute__((weak)) int hindsight_heap_find(const void* address, hindsight_block* block);

namespace hindsight::client {
namespace {

enum Kind : int64_t { kEmpty = 0, kFunction = 1, kInside = 2, kElsewhere = 3 };

constexpr char kAnother[] = "is another function than when it was stored, and holds what cannot be replaced";
constexpr char kDamaged[] = "is damaged in what is stored";

Kind kind_of(const hindsight_callable& callable) {
  if (callable.code == nullptr) return kEmpty;
  if (callable.held != nullptr) return kElsewhere;
  return callable.is_function != 0 ? kFunction : kInside;
}

// What is at no address that the process has cannot be a pointer that anybody follows.
bool may_hold_pointer(const void* bytes, uint64_t size) {
  constexpr uint64_t kPage = 4096;
  const int before = errno;
  bool found = false;
  for (uint64_t at = 0; at + sizeof(uint64_t) <= size && !found; ++at) {  // a packed one lies anywhere
    uint64_t word;
    memcpy(&word, static_cast<const char*>(bytes) + at, sizeof word);
    unsigned char page;
    found = word >= kPage && word < uint64_t{1} << 47 && (mincore(reinterpret_cast<void*>(word & ~(kPage - 1)), 1, &page) == 0 || errno != ENOMEM);
  }
  errno = before;
  return found;
}

struct Held {
  const void* bytes;
  uint64_t size;
};
// Fails where that cannot be stored.
Held held_by(hindsight_archive& archive, const hindsight_callable& callable) {
  Held held = {callable.inside, callable.bytes};
  if (callable.held != nullptr) {
    hindsight_block block;
    const bool known = &hindsight_heap_find != nullptr && hindsight_heap_find(callable.held, &block) != 0 && block.base == callable.held;
    if (!known) {
      hindsight_ar_fail(&archive, "holds what lies in memory whose extent is not known");
      return {nullptr, 0};
    }
    held = {block.base, block.bytes};
  }
  if (may_hold_pointer(held.bytes, held.size)) {
    hindsight_ar_fail(&archive, "holds a pointer or a reference: what a function object captured so is followed no further");
    return {nullptr, 0};
  }
  return held;
}

// A symbol as a text with its zero byte; empty: `code` has none that is sure.
const char* symbol_of(const void* code, char (&name)[symbols::kMostBytes], uint64_t& size) {
  uint64_t offset = 0;
  const char* const problem = symbols::name_of(code, true, 0, name, offset);
  if (problem != nullptr) name[0] = 0;
  size = strlen(name) + 1;
  return problem;
}

void save(hindsight_archive& archive, const hindsight_callable& callable) {
  int64_t kind = kind_of(callable);
  visit_numbers(archive, "kind", &kind, 1);
  // A probe may shift the name, and of gaps between what is held nobody knows.
  if (kind == kEmpty || archive.hashing) return;
  char name[symbols::kMostBytes];
  uint64_t size = 0;
  if (const char* const problem = symbol_of(callable.code, name, size)) return hindsight_ar_fail(&archive, problem);
  visit_text(archive, "code", name, size);
  symbol_of(callable.manager, name, size);  // is asked for only where the code is another
  visit_text(archive, "manager", name, size);
  if (kind == kFunction) {
    const void* function;
    memcpy(&function, callable.inside, sizeof function);
    if (const char* const problem = symbol_of(function, name, size)) return hindsight_ar_fail(&archive, problem);
    visit_text(archive, "function", name, size);
    return;
  }
  const Held held = held_by(archive, callable);
  if (archive.failed) return;
  uint64_t bytes = held.size;
  visit_text(archive, wire::kClosure, static_cast<const char*>(held.bytes), bytes, wire::DType::kU8);
}

// The stored symbol; null: a failure.
const char* stored_symbol(hindsight_archive& archive, const char* name) {
  uint64_t size = 0;
  const char* const text = visit_text(archive, name, nullptr, size);
  if (text != nullptr && (size == 0 || text[size - 1] != 0)) {
    hindsight_ar_fail(&archive, kDamaged);
    return nullptr;
  }
  return text;
}
bool find(hindsight_archive& archive, const char* name, const void*& code) {
  const char* const problem = symbols::find(name, true, 0, code);
  if (problem != nullptr) hindsight_ar_fail(&archive, problem);
  return problem == nullptr;
}

// Whether the object has to become what `callable` is then.
bool restore(hindsight_archive& archive, hindsight_callable& callable) {
  const Kind now = kind_of(callable);
  int64_t kind = kEmpty;
  visit_numbers(archive, "kind", &kind, 1);
  if (archive.failed) return false;
  hindsight_callable wanted = {};
  if (kind == kEmpty) {
    if (now == kElsewhere) hindsight_ar_fail(&archive, kAnother);
    callable = wanted;
    return now != kEmpty;
  }
  const char* const code = stored_symbol(archive, "code");
  const char* const manager = code == nullptr ? nullptr : stored_symbol(archive, "manager");
  if (manager == nullptr) return false;
  char name[symbols::kMostBytes];
  uint64_t size = 0;
  const bool is_same = now == kind && symbol_of(callable.code, name, size) == nullptr && strcmp(name, code) == 0;
  if (is_same) {
    wanted = callable;
  } else {
    if (now == kElsewhere || kind == kElsewhere) {
      hindsight_ar_fail(&archive, kAnother);
      return false;
    }
    if (!find(archive, code, wanted.code) || !find(archive, manager, wanted.manager)) return false;
  }
  if (kind == kFunction) {
    const char* const function = stored_symbol(archive, "function");
    const void* target = nullptr;
    if (function == nullptr || !find(archive, function, target)) return false;
    wanted.is_function = 1;
    wanted.bytes = sizeof target;
    memcpy(wanted.inside, &target, sizeof target);
  } else {
    uint64_t bytes = 0;
    const char* const stored = visit_text(archive, wire::kClosure, nullptr, bytes, wire::DType::kU8);
    if (stored == nullptr) return false;
    if (kind == kElsewhere) {
      const Held held = held_by(archive, callable);
      if (archive.failed) return false;
      if (held.size != bytes || memcmp(held.bytes, stored, bytes) != 0) hindsight_ar_fail(&archive, "holds other values than when it was stored, which cannot be replaced");
      return false;
    }
    if (kind != kInside || bytes > sizeof wanted.inside) {
      hindsight_ar_fail(&archive, kDamaged);
      return false;
    }
    wanted.bytes = bytes;
    memset(wanted.inside, 0, sizeof wanted.inside);
    memcpy(wanted.inside, stored, bytes);
  }
  const bool changes = !is_same || memcmp(wanted.inside, callable.inside, sizeof wanted.inside) != 0;
  callable = wanted;
  return changes;
}

}  // namespace
}  // namespace hindsight::client

extern "C" int hindsight_ar_callable(hindsight_archive* archive, hindsight_callable* callable) {
  using namespace hindsight::client;
  if (archive->failed || archive->mode == HINDSIGHT_SMALL) return 0;
  if (archive->mode == HINDSIGHT_SAVE) {
    save(*archive, *callable);
    return 0;
  }
  const bool changes = restore(*archive, *callable);
  return changes && !archive->failed && archive->mode == HINDSIGHT_LOAD ? 1 : 0;
}
