// State adapters, values and statistics for Eigen's dense matrices and arrays.
//
// A matrix is one leaf of shape {outer, inner} in its own storage order: {columns, rows} unless it is row-major. Maps, blocks and sparse
// matrices are refused: declare what they look into.
#pragma once
#pragma GCC system_header

#include <Eigen/Core>

#include "hindsight/log.h"
#include "hindsight/state.h"
#include "hindsight/std/complex.h"

HINDSIGHT_NAMESPACE_BEGIN
namespace detail {

template <class M>
inline void visit_eigen(Archive& archive, M& value) {
  using Scalar = typename M::Scalar;
  static_assert(Packed<Scalar>::value, "hindsight: a matrix in the state must be of numbers");
  constexpr std::uint8_t dtype = Packed<Scalar>::dtype();
  std::uint64_t shape[2] = {static_cast<std::uint64_t>(value.outerSize()), static_cast<std::uint64_t>(value.innerSize())};
  if (archive.loading() || archive.checking()) {
    std::uint64_t bytes = 0;
    if (hindsight_ar_peek(archive.raw(), dtype, 2, shape, &bytes) == nullptr) return;
    const auto outer = static_cast<Eigen::Index>(shape[0]), inner = static_cast<Eigen::Index>(shape[1]);
    const Eigen::Index rows = M::IsRowMajor ? outer : inner, columns = M::IsRowMajor ? inner : outer;
    const bool fits = (M::RowsAtCompileTime == Eigen::Dynamic || M::RowsAtCompileTime == rows) &&
                      (M::ColsAtCompileTime == Eigen::Dynamic || M::ColsAtCompileTime == columns) &&
                      (M::MaxRowsAtCompileTime == Eigen::Dynamic || rows <= M::MaxRowsAtCompileTime) &&
                      (M::MaxColsAtCompileTime == Eigen::Dynamic || columns <= M::MaxColsAtCompileTime) &&
                      bytes == shape[0] * shape[1] * sizeof(Scalar);
    if (!fits) return archive.fail("has another size in what is stored than it can be given");
    if (archive.checking()) return hindsight_ar_consume(archive.raw());
    value.resize(rows, columns);
  }
  hindsight_ar_leaf(archive.raw(), dtype, 2, shape, value.data(), shape[0] * shape[1] * sizeof(Scalar), 0);
}

}  // namespace detail

template <class Scalar, int R, int C, int O, int MR, int MC>
struct Adapter<Eigen::Matrix<Scalar, R, C, O, MR, MC>> {
  static void visit(Archive& archive, Eigen::Matrix<Scalar, R, C, O, MR, MC>& value) { detail::visit_eigen(archive, value); }
};
template <class Scalar, int R, int C, int O, int MR, int MC>
struct Adapter<Eigen::Array<Scalar, R, C, O, MR, MC>> {
  static void visit(Archive& archive, Eigen::Array<Scalar, R, C, O, MR, MC>& value) { detail::visit_eigen(archive, value); }
};

HINDSIGHT_NAMESPACE_END
