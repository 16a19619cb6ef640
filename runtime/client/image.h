// What of the program and its libraries lies at an address.
#pragma once

#include <stdint.h>

namespace hindsight::client {

struct Image {
  uint64_t address;
  uint64_t end;     // of the segment
  bool found, constant;
};
Image image_of(const void* pointer);

// The size of the text at the address, its zero byte included; 0: it does not end within the segment.
uint64_t text_bytes(const Image& image);
// A constant text of these bytes (the last is zero) in any module, or null.
const void* find_text(const char* text, uint64_t bytes);

}  // namespace hindsight::client
