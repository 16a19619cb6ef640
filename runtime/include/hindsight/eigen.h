// Eigen: dense matrices, vectors and arrays as state. Restoring resizes what has a dynamic size, else writes in place.
//
//   #include <hindsight/eigen.h>
//   for (int e : hindsight::loop("epoch", n, hindsight::named("weights", weights))) ...
//
// Maps, blocks and sparse matrices have no adapter: declare the matrix that they look into.
#pragma once

#include <Eigen/Core>

#include "hindsight/state.h"

HINDSIGHT_NAMESPACE_BEGIN

template <class T>
struct Adapter<T, std::enable_if_t<std::is_base_of<Eigen::PlainObjectBase<T>, T>::value>> {
  static void visit(Archive& archive, T& matrix) {
    using Scalar = typename T::Scalar;
    static_assert(detail::is_number<Scalar>, "hindsight: only matrices of plain numbers can be part of the state");
    // The leaf's shape is the order in memory: outer dimension first.
    std::uint64_t shape[2] = {static_cast<std::uint64_t>(matrix.outerSize()), static_cast<std::uint64_t>(matrix.innerSize())};
    if (archive.loading() || archive.checking()) {
      std::uint64_t bytes = 0;
      if (hindsight_ar_peek(archive.raw(), detail::dtype_of<Scalar>(), 2, shape, &bytes) == nullptr) return;
      const auto outer = static_cast<Eigen::Index>(shape[0]);
      const auto inner = static_cast<Eigen::Index>(shape[1]);
      const Eigen::Index rows = T::IsRowMajor ? outer : inner;
      const Eigen::Index cols = T::IsRowMajor ? inner : outer;
      const bool fits = (T::RowsAtCompileTime == Eigen::Dynamic || T::RowsAtCompileTime == rows) &&
                        (T::ColsAtCompileTime == Eigen::Dynamic || T::ColsAtCompileTime == cols) &&
                        (T::MaxRowsAtCompileTime == Eigen::Dynamic || rows <= T::MaxRowsAtCompileTime) &&
                        (T::MaxColsAtCompileTime == Eigen::Dynamic || cols <= T::MaxColsAtCompileTime);
      if (!fits) return archive.fail("is a matrix whose size cannot be that of the recording");
      if (archive.checking()) return hindsight_ar_consume(archive.raw());
      if (matrix.rows() != rows || matrix.cols() != cols) matrix.resize(rows, cols);
    }
    const auto bytes = static_cast<std::uint64_t>(matrix.size()) * sizeof(Scalar);
    hindsight_ar_leaf(archive.raw(), detail::dtype_of<Scalar>(), 2, shape, matrix.data(), bytes, 0);
  }
};

HINDSIGHT_NAMESPACE_END
