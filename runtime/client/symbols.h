// Functions and constants by name, as the symbol tables of the program and its libraries have them: another build of the same sources has the same
// names at other addresses.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace hindsight::client::symbols {

// "MODULE|FILE|NAME": the file's name without folders, empty for the program itself; the source file of what has internal linkage, else empty.
inline constexpr size_t kMostBytes = 4096;

// Writes the name of the function that begins at `pointer`, or of the constant that it points into, and how far. Null: it did; else why not: names that
// another build may give to something else are refused. `element_bytes`: of what the pointer's type points to; 0: not known.
const char* name_of(const void* pointer, bool function, uint64_t element_bytes, char* name, uint64_t& offset);
// The address of what has this name, with `offset`. Null: it is in `pointer`; else why not.
const char* find(const char* name, bool function, uint64_t offset, const void*& pointer);

}  // namespace hindsight::client::symbols
