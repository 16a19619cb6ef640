// State adapters for those parts of the standard library that the unit has included so far, so that none is included for them. May be included
// again. By the include guards of libstdc++, also of what its headers include of each other; with another library it is all of them.
#include "hindsight/std/chrono.h"
#include "hindsight/std/tuple.h"
#if !defined(__GLIBCXX__) || defined(_STL_VECTOR_H) || defined(_STL_DEQUE_H) || defined(_STL_LIST_H) || defined(_FORWARD_LIST_H)
#include "hindsight/std/sequence.h"
#endif
#if !defined(__GLIBCXX__) || defined(_STL_MAP_H) || defined(_STL_MULTIMAP_H) || defined(_STL_SET_H) || defined(_STL_MULTISET_H) || \
    defined(_UNORDERED_MAP_H) || defined(_UNORDERED_SET_H)
#include "hindsight/std/map.h"
#endif
#if !defined(__GLIBCXX__) || defined(_BASIC_STRING_H)
#include "hindsight/std/string.h"
#endif
#if !defined(__GLIBCXX__) || defined(_UNIQUE_PTR_H) || defined(_SHARED_PTR_H) || defined(_SHARED_PTR_BASE_H)
#include "hindsight/std/memory.h"
#endif
#if !defined(__GLIBCXX__) || defined(_GLIBCXX_OPTIONAL) || defined(_GLIBCXX_VARIANT)
#include "hindsight/std/optional.h"
#endif
#if !defined(__GLIBCXX__) || defined(_GLIBCXX_ATOMIC_BASE_H)
#include "hindsight/std/atomic.h"
#endif
#if !defined(__GLIBCXX__) || defined(_GLIBCXX_COMPLEX)
#include "hindsight/std/complex.h"
#endif
#if defined(_RANDOM_H) || !defined(__GLIBCXX__)
#include "hindsight/std/random.h"
#elif defined(_GLIBCXX_BITS_UNIFORM_INT_DIST_H)
#include "hindsight/std/uniform.h"
#endif
#if !defined(__GLIBCXX__) || defined(_GLIBCXX_VALARRAY)
#include "hindsight/std/valarray.h"
#endif
#if !defined(__GLIBCXX__) || defined(_GLIBCXX_BITSET)
#include "hindsight/std/bitset.h"
#endif
#if !defined(__GLIBCXX__) || defined(_STL_QUEUE_H) || defined(_STL_STACK_H)
#include "hindsight/std/adaptors.h"
#endif
#if !defined(__GLIBCXX__) || defined(_GLIBCXX_FSTREAM)
#include "hindsight/std/fstream.h"
#endif
#if !defined(__GLIBCXX__) || defined(_STDIO_H)
#include "hindsight/std/file.h"
#endif
#if !defined(__GLIBCXX__) || defined(_GLIBCXX_STD_FUNCTION_H)
#include "hindsight/std/function.h"
#endif
#if defined(HINDSIGHT_POINTERS)  // by pointer.h
#include "hindsight/std/reference.h"
#if !defined(__GLIBCXX__) || defined(_STL_ITERATOR_H)
#include "hindsight/std/iterator.h"
#endif
#if !defined(__GLIBCXX__) || defined(_GLIBCXX_SPAN)
#include "hindsight/std/span.h"
#endif
#endif
