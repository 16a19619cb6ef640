// A function that the linker puts in the place of another one: the program is linked with --wrap=NAME, and __real_NAME is what it would have called.
#pragma once

// Nobody declares them, since nobody calls them by these names.
#pragma GCC diagnostic ignored "-Wmissing-declarations"

// No weak references: a library that is linked statically holds what is referred to strongly, and nothing else.
#define HINDSIGHT_WRAP(result, name, ...)       \
  extern "C" result __real_##name(__VA_ARGS__); \
  extern "C" result __wrap_##name(__VA_ARGS__)
