#include "runtime/client/symbols.h"

#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/client/engine.h"

// In a library of its own before glibc 2.34, which need not be there.
extern "C" __attribute__((weak)) void* dlsym(void*, const char*) noexcept;

namespace hindsight::client::symbols {
namespace {

constexpr const char kStripped[] = "leads to what has no name in the program or a library (were they stripped?)";
constexpr const char kAmbiguous[] = "leads to what shares its name, or its place, with something else";
constexpr const char kMade[] = "leads to what the compiler or the linker made: another build need not make it";
constexpr const char kCounted[] = "leads to a lambda, or to what is declared in a function: the probe declares something, too, which may change such names";

// Why a name may be another thing's in another build; null: it may not.
const char* why_unsure(const char* name) {
  const char* const dollar = strchr(name, '$');
  if (strchr(name, '.') != nullptr || (dollar != nullptr && dollar[1] != '_')) return kMade;
  if (!engine.names_shift || strncmp(name, "_Z", 2) != 0) return nullptr;
  // Those of lambdas (Clang's "$_0") and unnamed types, and of what is local to a function (also in the arguments of a template), count what comes
  // before them.
  constexpr const char* kParts[] = {"Ul", "Ut", "IZ", "JZ", "$_"};
  for (const char* const part : kParts) {
    if (strstr(name, part) != nullptr) return kCounted;
  }
  return name[2] == 'Z' ? kCounted : nullptr;
}

const char* last_part(const char* path) {
  const char* const slash = strrchr(path, '/');
  return slash == nullptr ? path : slash + 1;
}

// Link-time optimisation: functions of one name in several units are told apart by what is left of them.
bool is_of_whole_program(const char* file) {
  const size_t size = strlen(file);
  return strcmp(file, "<artificial>") == 0 || (size > 2 && strcmp(file + size - 2, ".o") == 0);
}

// A file, mapped as long as this lives.
class Mapped {
 public:
  explicit Mapped(const char* path) {
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (file >= 0 && fstat(file, &status) == 0 && status.st_size > 0) {
      size_ = static_cast<size_t>(status.st_size);
      void* const found = mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file, 0);
      if (found != MAP_FAILED) bytes_ = static_cast<const char*>(found);
    }
    if (file >= 0) close(file);
  }
  Mapped(const Mapped&) = delete;
  Mapped& operator=(const Mapped&) = delete;
  ~Mapped() {
    if (bytes_ != nullptr) munmap(const_cast<char*>(bytes_), size_);
  }
  // `count` objects at `offset`; null: the file does not have them.
  template <class T>
  const T* at(uint64_t offset, uint64_t count = 1) const {
    if (bytes_ == nullptr || offset > size_ || count > (size_ - offset) / sizeof(T) || offset % alignof(T) != 0) return nullptr;
    return reinterpret_cast<const T*>(bytes_ + offset);
  }

 private:
  const char* bytes_ = nullptr;
  size_t size_ = 0;
};

struct Symbol {
  const char* name;
  const char* file;  // empty: it is known to other units, too
  uint64_t value;
  uint64_t size;
};

struct Module {
  const char* wanted;  // by name; else what holds `address`
  uint64_t address;
  uint64_t base;
  char path[1024];
  bool found;
};

// Calls `use` for every function or object in the larger table of symbols of a module's file.
template <class Use>
void for_each(const Module& module, bool function, Use use) {
  const Mapped mapped(module.path);
  const auto* const header = mapped.at<ElfW(Ehdr)>(0);
  if (header == nullptr || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 || header->e_shentsize != sizeof(ElfW(Shdr))) return;
  const auto* const sections = mapped.at<ElfW(Shdr)>(header->e_shoff, header->e_shnum);
  if (sections == nullptr) return;
  const ElfW(Shdr)* table = nullptr;
  for (unsigned i = 0; i < header->e_shnum; ++i) {
    if (sections[i].sh_type == SHT_SYMTAB || (sections[i].sh_type == SHT_DYNSYM && table == nullptr)) table = &sections[i];
  }
  if (table == nullptr || table->sh_link >= header->e_shnum) return;
  const uint64_t count = table->sh_size / sizeof(ElfW(Sym));
  const auto* const all = mapped.at<ElfW(Sym)>(table->sh_offset, count);
  const ElfW(Shdr)& strings = sections[table->sh_link];
  const char* const text = mapped.at<char>(strings.sh_offset, strings.sh_size);
  if (all == nullptr || text == nullptr || strings.sh_size == 0 || text[strings.sh_size - 1] != 0) return;
  const char* file = "";
  for (uint64_t i = 0; i < count; ++i) {
    const auto type = ELF64_ST_TYPE(all[i].st_info);
    const char* const name = all[i].st_name < strings.sh_size ? text + all[i].st_name : "";
    if (type == STT_FILE) file = last_part(name);
    if (*name == 0) continue;
    // One that was chosen when it was loaded, for this processor: `tanh`.
    if (type == STT_GNU_IFUNC && function && &dlsym != nullptr) {
      const auto chosen = reinterpret_cast<uintptr_t>(dlsym(RTLD_DEFAULT, name));
      if (chosen != 0) use(Symbol{name, "", chosen - module.base, 0});
      continue;
    }
    // An undefined one with a value is the place in this module through which a library's function is called.
    if (type != (function ? STT_FUNC : STT_OBJECT) || (all[i].st_shndx == SHN_UNDEF && all[i].st_value == 0)) continue;
    use(Symbol{name, ELF64_ST_BIND(all[i].st_info) == STB_LOCAL ? file : "", all[i].st_value, all[i].st_size});
  }
}

int look_at(dl_phdr_info* info, size_t, void* data) {
  Module& module = *static_cast<Module*>(data);
  bool is_it = module.wanted != nullptr && strcmp(last_part(info->dlpi_name), module.wanted) == 0;
  for (int i = 0; i < info->dlpi_phnum && module.wanted == nullptr; ++i) {
    const auto& header = info->dlpi_phdr[i];
    is_it = is_it || (header.p_type == PT_LOAD && module.address - (info->dlpi_addr + header.p_vaddr) < header.p_memsz);
  }
  if (!is_it) return 0;
  const char* const path = *info->dlpi_name == 0 ? "/proc/self/exe" : info->dlpi_name;
  const size_t size = strlen(path);
  if (size >= sizeof module.path) return 0;
  memcpy(module.path, path, size + 1);
  module.base = info->dlpi_addr;
  module.found = true;
  return 1;
}

// A library of the system is the same one on replay.
bool is_rebuilt(const Module& module) { return strncmp(module.path, "/usr/", 5) != 0 && strncmp(module.path, "/lib", 4) != 0; }

// What was named last: a state asks for the same few again and again.
struct Known {
  const void* pointer;
  bool function;
  uint64_t offset;
  char name[256];
};
constexpr size_t kKnown = 32;
Known known[kKnown];
size_t next_known;
pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

bool recall(const void* pointer, bool function, char* name, uint64_t& offset) {
  pthread_mutex_lock(&mutex);
  const Known* found = nullptr;
  for (const Known& each : known) {
    if (each.pointer == pointer && each.function == function) found = &each;
  }
  if (found != nullptr) {
    memcpy(name, found->name, strlen(found->name) + 1);
    offset = found->offset;
  }
  pthread_mutex_unlock(&mutex);
  return found != nullptr;
}

void keep(const void* pointer, bool function, const char* name, uint64_t offset) {
  if (strlen(name) >= sizeof Known::name) return;
  pthread_mutex_lock(&mutex);
  Known& place = known[next_known++ % kKnown];
  place.pointer = pointer;
  place.function = function;
  place.offset = offset;
  memcpy(place.name, name, strlen(name) + 1);
  pthread_mutex_unlock(&mutex);
}

bool is_called(const Symbol& symbol, const char* file, size_t file_bytes, const char* name) {
  return strlen(symbol.file) == file_bytes && memcmp(symbol.file, file, file_bytes) == 0 && strcmp(symbol.name, name) == 0;
}

// How many different things have this name, and where one of them is, relative to the module.
unsigned count_named(const Module& module, bool function, const char* file, size_t file_bytes, const char* name, Symbol& found) {
  unsigned count = 0;
  for_each(module, function, [&](const Symbol& each) {
    if (!is_called(each, file, file_bytes, name)) return;
    if (count == 0 || each.value != found.value) ++count;
    found = each;
  });
  return count;
}

}  // namespace

const char* name_of(const void* pointer, bool function, uint64_t element_bytes, char* name, uint64_t& offset) {
  if (recall(pointer, function, name, offset)) return nullptr;
  const Undisturbed undisturbed;
  Module module = {};
  module.address = reinterpret_cast<uintptr_t>(pointer);
  dl_iterate_phdr(look_at, &module);
  if (!module.found) return kStripped;
  // Of a library of the system aliases are no matter.
  const bool rebuilt = is_rebuilt(module);
  const uint64_t value = module.address - module.base;
  unsigned count = 0;
  bool ends_here = false, end_is_meant = false;  // another object does; whose end may be meant
  // Of several names the least one: the order of a table need not be that of another build.
  char best[kMostBytes];
  const char* problem = nullptr;
  for_each(module, function, [&](const Symbol& each) {
    if (!function && each.size != 0 && value == each.value + each.size && strncmp(each.name, "_ZT", 3) != 0) {
      ends_here = true;
      end_is_meant = end_is_meant || element_bytes == 0 || each.size % element_bytes == 0;
    }
    if (function ? each.value != value : value - each.value >= each.size) return;
    char text[kMostBytes];
    const int length = snprintf(text, sizeof text, "%s|%s|%s", strcmp(module.path, "/proc/self/exe") == 0 ? "" : last_part(module.path), each.file, each.name);
    if (length < 0 || static_cast<size_t>(length) >= sizeof text) return;
    if (rebuilt && problem == nullptr) problem = is_of_whole_program(each.file) ? kMade : why_unsure(each.name);
    if (count != 0 && strcmp(text, best) == 0) return;
    if (count++ != 0 && strcmp(text, best) > 0) return;
    memcpy(best, text, static_cast<size_t>(length) + 1);
    offset = value - each.value;
  });
  if (count == 0) return kStripped;
  if (problem != nullptr) return problem;
  // Folded by the linker, perhaps, which another build need not do.
  if (rebuilt && (count > 1 || (offset == 0 && end_is_meant))) return kAmbiguous;
  const void* back = nullptr;
  if (const char* const other = find(best, function, offset, back)) return other;
  if (back != pointer) return kAmbiguous;
  memcpy(name, best, strlen(best) + 1);
  if (!ends_here) keep(pointer, function, name, offset);  // else a pointer of another type may mean something else
  return nullptr;
}

const char* find(const char* name, bool function, uint64_t offset, const void*& pointer) {
  const Undisturbed undisturbed;
  const char* const file = strchr(name, '|');
  const char* const symbol = file == nullptr ? nullptr : strchr(file + 1, '|');
  char wanted[1024];
  if (symbol == nullptr || static_cast<size_t>(file - name) >= sizeof wanted) return "is damaged in what is stored";
  memcpy(wanted, name, static_cast<size_t>(file - name));
  wanted[file - name] = 0;
  Module module = {};
  module.wanted = wanted;
  dl_iterate_phdr(look_at, &module);
  if (!module.found) return "led into a library that is not loaded";
  if (is_rebuilt(module)) {
    if (const char* const problem = why_unsure(symbol + 1)) return problem;
  }
  Symbol found = {};
  const unsigned count = count_named(module, function, file + 1, static_cast<size_t>(symbol - file - 1), symbol + 1, found);
  if (count == 0) return "led to what this build of the program, or a library, does not have under its name";
  if (count > 1) return kAmbiguous;
  if (!function && offset >= found.size) return "led to a constant that was larger";
  pointer = reinterpret_cast<const void*>(module.base + found.value + offset);
  return nullptr;
}

}  // namespace hindsight::client::symbols
