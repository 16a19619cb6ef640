// Memory of the client's own. It takes nothing from the program's heap: what a program allocates lies where it would lie without us, and an
// allocator of the program's is not called. For any thread; a forked child takes none.
#pragma once

#include <stddef.h>

namespace hindsight::client::memory {

// As malloc, calloc, realloc and free. Null: there is none.
void* take(size_t bytes);
void* take_zeroed(size_t count, size_t bytes);
void* resize(void* block, size_t bytes);
void give(void* block);

// A copy of the first `most` bytes of a text, ended by a zero byte. Null: there is no memory.
char* copy(const char* text, size_t most);

}  // namespace hindsight::client::memory
