// Tensors in a state: what is shared stays shared, what is not is not written over.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <hindsight/std.h>
#include <hindsight/torch.h>

#include "tests/runtime/archive_io.h"

namespace hindsight::test {
namespace {

using testing::HasSubstr;
using Tensors = std::vector<torch::Tensor>;

bool same_tensor(const torch::Tensor& a, const torch::Tensor& b) {
  if (!a.defined() || !b.defined()) return a.defined() == b.defined();
  return a.scalar_type() == b.scalar_type() && a.sizes() == b.sizes() && a.strides() == b.strides() &&
         a.requires_grad() == b.requires_grad() && torch::equal(a.detach(), b.detach());
}

TEST(Tensors, OfEveryTypeAndLayoutComeBackOverAnything) {
  const auto all = [] {
    Tensors made{torch::Tensor(),
                 torch::randn({3, 4}),
                 torch::randn({3, 4}).t(),
                 torch::randn({2, 3, 4, 5}).contiguous(torch::MemoryFormat::ChannelsLast),
                 torch::randn({8, 8}).slice(0, 1, 7, 2).slice(1, 2, 5).clone(),
                 torch::zeros({0, 3}),
                 torch::tensor(1.5),
                 torch::ones({2}, torch::requires_grad())};
    for (auto type : {torch::kByte, torch::kChar, torch::kShort, torch::kInt, torch::kLong, torch::kBool, torch::kHalf, torch::kBFloat16,
                      torch::kFloat, torch::kDouble, torch::kComplexFloat, torch::kComplexDouble}) {
      made.push_back(torch::arange(5).to(type));
    }
    return made;
  };
  torch::manual_seed(1);
  Tensors originals = all();
  for (std::size_t from = 0; from < originals.size(); ++from) {
    for (std::size_t over = 0; over < originals.size(); ++over) {
      SCOPED_TRACE(std::to_string(from) + " over " + std::to_string(over));
      torch::manual_seed(2);
      torch::Tensor value = std::move(all()[over]);
      const std::string stored = save(originals[from]);
      ASSERT_EQ(read(value, stored, HINDSIGHT_CHECK), "");
      ASSERT_EQ(read(value, stored, HINDSIGHT_LOAD), "");
      EXPECT_TRUE(same_tensor(value, originals[from]));
      EXPECT_EQ(save(value), stored);
    }
  }
}

TEST(Tensors, ThatAreTheSameAreTheSameAgain) {
  const torch::Tensor x = torch::randn({4});
  Tensors original{x, x, torch::randn({4}), x};
  const std::string stored = save(original);
  Tensors value{torch::zeros({4}), torch::zeros({4})};
  ASSERT_EQ(read(value, stored, HINDSIGHT_CHECK), "");
  ASSERT_EQ(read(value, stored, HINDSIGHT_LOAD), "");
  EXPECT_TRUE(value[0].is_same(value[1]));
  EXPECT_TRUE(value[0].is_same(value[3]));
  EXPECT_FALSE(value[0].is_same(value[2]));
  EXPECT_TRUE(torch::equal(value[0], x));
}

TEST(Tensors, ThatWereDistinctAreTakenApart) {
  Tensors original{torch::randn({4}), torch::randn({4})};
  const std::string stored = save(original);
  const torch::Tensor one = torch::zeros({4});
  Tensors value{one, one};
  // Nothing outside the state may be written over, and this test holds `one`.
  EXPECT_THAT(read(value, stored, HINDSIGHT_LOAD), HasSubstr("outside the state"));
  EXPECT_TRUE(torch::equal(one, torch::zeros({4})));
}

TEST(Tensors, AViewIsAViewAgain) {
  Tensors original{torch::randn({4, 5})};
  original.push_back(original[0].select(0, 2));
  original.push_back(original[0].t().slice(0, 1, 3));
  const std::string stored = save(original);
  Tensors value{torch::zeros({4, 5}), torch::Tensor(), torch::zeros({1})};
  ASSERT_EQ(read(value, stored, HINDSIGHT_CHECK), "");
  ASSERT_EQ(read(value, stored, HINDSIGHT_LOAD), "");
  value[0].zero_();
  EXPECT_TRUE(torch::equal(value[1], torch::zeros({5})));
  EXPECT_TRUE(torch::equal(value[2], torch::zeros({2, 4})));
}

TEST(Tensors, AViewOfMoreThanTheStateHoldsIsRefused) {
  const torch::Tensor whole = torch::randn({10});
  Tensors original{whole.slice(0, 2, 5), whole.slice(0, 4, 8)};
  hindsight_archive archive;
  client::begin(archive, HINDSIGHT_SAVE);
  detail::visit_object<Tensors>(&archive, &original);
  EXPECT_TRUE(archive.failed);
  EXPECT_THAT(archive.reason, HasSubstr("shares memory"));
  client::finish(archive);
}

TEST(Tensors, ASliceOfSomethingOutsideIsNotWrittenThrough) {
  const torch::Tensor data = torch::arange(8).to(torch::kFloat);
  torch::Tensor batch = data.slice(0, 4, 8);
  const std::string stored = save(batch);
  batch = data.slice(0, 0, 4);
  EXPECT_THAT(read(batch, stored, HINDSIGHT_LOAD), HasSubstr("outside the state"));
  EXPECT_TRUE(torch::equal(data, torch::arange(8).to(torch::kFloat)));
}

TEST(Tensors, AGeneratorGoesOnAsItWouldHave) {
  torch::Generator original = at::detail::createCPUGenerator(3);
  torch::randn({5}, original);  // leaves a cached normal number or not
  for (int i = 0; i < 8; ++i) {
    const std::string stored = save(original);
    torch::Generator value = at::detail::createCPUGenerator(99);
    ASSERT_EQ(read(value, stored, HINDSIGHT_LOAD), "");
    EXPECT_TRUE(torch::equal(torch::randn({3}, value), torch::randn({3}, original)));
    EXPECT_TRUE(torch::equal(torch::rand({300}, value), torch::rand({300}, original)));
  }
}

}  // namespace
}  // namespace hindsight::test
