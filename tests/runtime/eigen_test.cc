#include <gtest/gtest.h>
#include <hindsight/eigen.h>
#include <hindsight/hindsight.h>

#include "tests/runtime/archive_io.h"

namespace hindsight::test {
namespace {

template <class M>
class Matrices : public testing::Test {};
using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Types = testing::Types<Eigen::MatrixXd, RowMajor, Eigen::VectorXf, Eigen::ArrayXXi, Eigen::MatrixXcd>;
TYPED_TEST_SUITE(Matrices, Types);

TYPED_TEST(Matrices, ComeBackOverAnySize) {
  for (int size = 0; size < 5; ++size) {
    for (int over = 0; over < 5; ++over) {
      TypeParam original = TypeParam::Random(size, TypeParam::ColsAtCompileTime == 1 ? 1 : size + 1);
      TypeParam value = TypeParam::Random(over, TypeParam::ColsAtCompileTime == 1 ? 1 : over);
      const std::string stored = save(original);
      ASSERT_EQ(read(value, stored, HINDSIGHT_CHECK), "");
      ASSERT_EQ(read(value, stored, HINDSIGHT_LOAD), "");
      ASSERT_EQ(value.rows(), original.rows());
      EXPECT_TRUE((value.array() == original.array()).all());
    }
  }
}

TEST(FixedMatrices, TakeOnlyTheirOwnSize) {
  Eigen::MatrixXd large = Eigen::MatrixXd::Random(3, 3);
  Eigen::Matrix2d fixed = Eigen::Matrix2d::Zero();
  EXPECT_NE(read(fixed, save(large), HINDSIGHT_CHECK), "");
  EXPECT_NE(read(fixed, save(large), HINDSIGHT_LOAD), "");
  EXPECT_TRUE((fixed.array() == 0).all());
}

}  // namespace
}  // namespace hindsight::test
