// State adapter for std::valarray. Elements that are numbers become one leaf.
#pragma once
#pragma GCC system_header

#include <valarray>

#include "hindsight/std/sequence.h"

HINDSIGHT_NAMESPACE_BEGIN
namespace detail {

// As what visits sequences takes it.
template <class T>
struct ValarrayElements {
  using value_type = T;
  std::valarray<T>& array;
  T* begin() { return array.size() == 0 ? nullptr : &array[0]; }
  T* end() { return begin() + array.size(); }
  void resize(std::size_t size) { array.resize(size); }
};

}  // namespace detail

template <class T>
struct Adapter<std::valarray<T>> {
  static void visit(Archive& archive, std::valarray<T>& value) {
    detail::ValarrayElements<T> elements{value};
    if constexpr (detail::Packed<T>::value) {
      std::uint64_t size = value.size();
      if (archive.digesting()) return;
      if (!archive.saving()) {
        if (detail::stored_packed<T>(archive, size) == nullptr) return;
        if (archive.checking()) return hindsight_ar_consume(archive.raw());
        if (size != value.size()) value.resize(static_cast<std::size_t>(size));
      }
      hindsight_ar_leaf(archive.raw(), detail::Packed<T>::dtype(), 1, &size, static_cast<void*>(elements.begin()), size * sizeof(T), 0);
    } else {
      detail::visit_sequence(archive, elements, value.size());
    }
  }
};

HINDSIGHT_NAMESPACE_END
