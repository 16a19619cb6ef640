// State adapter for the iterators of std::vector and std::string: what they point into must be part of the state as well.
#pragma once
#pragma GCC system_header

#include "hindsight/pointer.h"
#if !defined(_STL_ITERATOR_H)
#include <vector>
#endif

HINDSIGHT_NAMESPACE_BEGIN

#if defined(__GLIBCXX__)
template <class T, class Container>
struct Adapter<__gnu_cxx::__normal_iterator<T*, Container>> {
  static void visit(Archive& archive, __gnu_cxx::__normal_iterator<T*, Container>& value) {
    // In place: it is set when the pass ends.
    hindsight_ar_pointer(archive.raw(), const_cast<void*>(static_cast<const void*>(&value.base())), detail::elsewhere());
  }
};
#endif

HINDSIGHT_NAMESPACE_END
