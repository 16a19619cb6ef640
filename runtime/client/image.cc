#include "runtime/client/image.h"

#include <elf.h>
#include <link.h>
#include <string.h>

#include "runtime/client/archive.h"

namespace hindsight::client {
namespace {

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
    image.end = begin + header.p_memsz;
    if ((header.p_flags & (PF_W | PF_X | PF_R)) == PF_R) constant = true;
  }
  if (!image.found) return 0;
  image.constant = constant;
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

const void* find_text(const char* text, uint64_t bytes) {
  Search wanted = {text, bytes, nullptr};
  dl_iterate_phdr(search, &wanted);
  return wanted.found;
}

}  // namespace hindsight::client
