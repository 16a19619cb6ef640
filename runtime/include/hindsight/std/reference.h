// State adapter for std::reference_wrapper: as pointer.h has it for the pointer that it is.
#pragma once
#pragma GCC system_header

#include "hindsight/pointer.h"
#if !defined(__GLIBCXX__)  // libstdc++ declares it in <type_traits>
#include <functional>
#endif

HINDSIGHT_NAMESPACE_BEGIN

template <class T>
struct Adapter<std::reference_wrapper<T>> {
  static void visit(Archive& archive, std::reference_wrapper<T>& value) {
    static_assert(sizeof value == sizeof(void*), "hindsight: a std::reference_wrapper of an unknown layout");
    hindsight_ar_pointer(archive.raw(), static_cast<void*>(__builtin_addressof(value)), detail::Pointee<detail::RemoveCv<T>>::table());
  }
};

HINDSIGHT_NAMESPACE_END
