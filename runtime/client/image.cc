#include "runtime/client/image.h"

#include <elf.h>
#include <link.h>
#include <string.h>

#include "runtime/client/archive.h"

namespace hindsight::client {
namespace {

uint64_t id_of(const dl_phdr_info& info) {
  for (int i = 0; i < info.dlpi_phnum; ++i) {
    const auto& header = info.dlpi_phdr[i];
    if (header.p_type != PT_NOTE) continue;
    const char* at = reinterpret_cast<const char*>(info.dlpi_addr + header.p_vaddr);
    for (const char* const end = at + header.p_memsz; at + sizeof(ElfW(Nhdr)) <= end;) {
      ElfW(Nhdr) note;
      memcpy(&note, at, sizeof note);
      const char* const name = at + sizeof note;
      const char* const text = name + (note.n_namesz + 3) / 4 * 4;
      if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && memcmp(name, "GNU", 4) == 0) return digest_mix(1, text, note.n_descsz);
      at = text + (note.n_descsz + 3) / 4 * 4;
    }
  }
  return digest_mix(digest_mix(2, info.dlpi_name, strlen(info.dlpi_name)), info.dlpi_phdr, info.dlpi_phnum * sizeof *info.dlpi_phdr);
}

int look_at(dl_phdr_info* info, size_t, void* data) {
  Image& image = *static_cast<Image*>(data);
  bool constant = false;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const auto& header = info->dlpi_phdr[i];
    const uint64_t begin = info->dlpi_addr + header.p_vaddr;
    if (image.address - begin >= header.p_memsz) continue;
    if (header.p_type == PT_GNU_RELRO) constant = true;
    if (header.p_type != PT_LOAD) continue;
    image.found = true;
    image.executable = (header.p_flags & PF_X) != 0;
    image.end = begin + header.p_memsz;
    if ((header.p_flags & (PF_W | PF_X | PF_R)) == PF_R) constant = true;
  }
  if (!image.found) return 0;
  image.constant = constant;
  image.id = id_of(*info);
  image.base = info->dlpi_addr;
  return 1;
}
struct Module {
  uint64_t id;
  uint64_t base;
  bool found;
};
int match(dl_phdr_info* info, size_t, void* data) {
  Module& module = *static_cast<Module*>(data);
  if (id_of(*info) != module.id) return 0;
  module.base = info->dlpi_addr;
  module.found = true;
  return 1;
}

struct Search {
  const char* text;
  uint64_t bytes;
  const void* found;
};
int search(dl_phdr_info* info, size_t, void* data) {
  Search& wanted = *static_cast<Search*>(data);
  for (int i = 0; i < info->dlpi_phnum && wanted.found == nullptr; ++i) {
    const auto& header = info->dlpi_phdr[i];
    if (header.p_type != PT_LOAD || (header.p_flags & (PF_W | PF_X | PF_R)) != PF_R) continue;
    wanted.found = memmem(reinterpret_cast<const void*>(info->dlpi_addr + header.p_vaddr), header.p_memsz, wanted.text, wanted.bytes);
  }
  return wanted.found != nullptr ? 1 : 0;
}

}  // namespace

Image image_of(const void* pointer) {
  Image image = {};
  image.address = reinterpret_cast<uintptr_t>(pointer);
  dl_iterate_phdr(look_at, &image);
  return image;
}

uint64_t text_bytes(const Image& image) {
  const uint64_t most = image.end - image.address, size = strnlen(reinterpret_cast<const char*>(image.address), most);
  return size == most ? 0 : size + 1;
}

bool find_module(uint64_t id, uint64_t& base) {
  Module module = {id, 0, false};
  dl_iterate_phdr(match, &module);
  base = module.base;
  return module.found;
}

const void* find_text(const char* text, uint64_t bytes) {
  Search wanted = {text, bytes, nullptr};
  dl_iterate_phdr(search, &wanted);
  return wanted.found;
}

}  // namespace hindsight::client
