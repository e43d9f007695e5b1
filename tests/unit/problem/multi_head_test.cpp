// SPDX-License-Identifier: BSD-3-Clause
// Several cells side by side as one f: its value, its parameters, its files, and what it refuses.
#include "antler/problem/cells/multi_head.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "antler/problem/cells/gru.hpp"
#include "antler/problem/cells/lem.hpp"
#include "temporary_folder.hpp"

using namespace antler;

namespace {

using Flat = Kokkos::View<double*, Kokkos::HostSpace>;
using Head = Gru<double, 2, 3, Flat>;
using Shared = MultiHead<Head, 3>;
using Sliced = MultiHead<Head, 3, HeadInput::sliced>;

template <int n>
Vector<double, n> numbers(double scale) {
  Vector<double, n> v;
  for (int c = 0; c < n; ++c) v[c] = std::sin(scale * (c + 1));
  return v;
}

template <class Make>
void expect_refused(const Make& make, const std::string& what, const std::string& remedy) {
  try {
    static_cast<void>(make());
    FAIL() << what;
  } catch (const InvalidArgument& e) {
    const std::string text = e.what();
    for (const std::string& part : {what, remedy, std::string("multi_head_test.cpp")})
      EXPECT_NE(text.find(part), std::string::npos) << "'" << text << "' does not say '" << part << "'";
  }
}

TEST(MultiHead, IsItsHeadsSideBySide) {
  const auto shared = Shared::random(1);
  const Sliced sliced(shared.parameters());
  const auto y = numbers<6>(0.7);
  const auto x = numbers<3>(0.4);
  const auto slices = numbers<9>(0.3);
  const auto all = shared(y, x), each = sliced(y, slices);
  for (int h = 0; h < 3; ++h) {
    const Vector<double, 2> own{y[2 * h], y[2 * h + 1]};
    const Vector<double, 3> slice{slices[3 * h], slices[3 * h + 1], slices[3 * h + 2]};
    for (int c = 0; c < 2; ++c) {
      EXPECT_EQ(all[2 * h + c], shared.head(h)(own, x)[c]);
      EXPECT_EQ(each[2 * h + c], sliced.head(h)(own, slice)[c]);
    }
  }
}

TEST(MultiHead, HasAStateAndAnInputOfItsOwnSizes) {
  static_assert(Shared::size == 6 && Shared::parameter_count == 3 * Head::parameter_count);
  static_assert(std::is_invocable_v<Shared, Vector<double, 6>, Vector<double, 3>>);
  static_assert(!std::is_invocable_v<Shared, Vector<double, 2>, Vector<double, 3>>);
  static_assert(!std::is_invocable_v<Shared, Vector<double, 6>, Vector<double, 9>>);
  static_assert(std::is_invocable_v<Sliced, Vector<double, 6>, Vector<double, 9>>);
  static_assert(!std::is_invocable_v<Sliced, Vector<double, 6>, Vector<double, 3>>);
  static_assert(!std::is_invocable_v<Sliced, Vector<double, 6>, Vector<double, 10>>, "three heads cannot share ten numbers");
  static_assert(!std::is_invocable_v<Sliced, Vector<double, 6>, double>);
}

TEST(MultiHead, SharesOneFlatArrayWithItsHeadsAndCopies) {
  const auto layer = Shared::random(1), copy = layer;
  EXPECT_EQ(layer.parameters().extent(0), 3u * Head::parameter_count);
  layer.parameters()(Head::parameter_count) = 0.125;  // the first weight of head 1
  EXPECT_EQ(copy.head(1).weight_ih()(0, 0), 0.125);
  copy.head(2).bias_hh()(5) = -0.5;
  EXPECT_EQ(layer.parameters()(3 * Head::parameter_count - 1), -0.5);
  EXPECT_NE(layer.head(0).weight_hh()(1, 1), layer.head(1).weight_hh()(1, 1));
}

TEST(MultiHead, CopiesTheParametersOfGivenHeads) {
  const std::array<Head, 3> heads{Head::random(1), Head::random(2), Head::random(3)};
  const Shared layer(heads);
  for (int h = 0; h < 3; ++h)
    for (int k = 0; k < Head::parameter_count; ++k)
      ASSERT_EQ(layer.parameters()(h * Head::parameter_count + k), heads[static_cast<std::size_t>(h)].parameters()(k));
  heads[0].parameters()(0) = 7;
  EXPECT_NE(layer.parameters()(0), 7);
}

TEST(MultiHead, IsTheSameOnOtherParameters) {
  const auto layer = Shared::random(1);
  Vector<double, Shared::parameter_count> theta;
  for (int k = 0; k < Shared::parameter_count; ++k) theta[k] = layer.parameters()(k);
  EXPECT_EQ(layer.with(theta)(numbers<6>(0.7), numbers<3>(0.4)), layer(numbers<6>(0.7), numbers<3>(0.4)));
}

TEST(MultiHead, ReadsWhatItWritesIntoAFolderAndUnderAPrefix) {
  const TemporaryFolder folder;
  const auto layer = Shared::random(5);
  layer.write(folder.path());
  EXPECT_TRUE(std::filesystem::exists(folder / "2.weight_ih.npy")) << "as a ModuleList names it";
  layer.write(folder / "encoder");
  EXPECT_TRUE(std::filesystem::exists(folder / "encoder.0.bias_hh.npy"));
  for (const auto& path : {folder.path(), folder / "encoder"}) {
    const auto again = Shared::read(path);
    for (int k = 0; k < Shared::parameter_count; ++k) ASSERT_EQ(again.parameters()(k), layer.parameters()(k));
  }
  using Units = Lem<double, 1, 1, Flat>;
  using Long = MultiHead<Units, 2>;
  Long::random(1, {.dt = 0.25}).write(folder / "lem");
  EXPECT_EQ(Long::read(folder / "lem", {.dt = 0.25}).head(1).equations().dt, 0.25);
}

TEST(MultiHead, KeepsTheStepOfEachHead) {
  using Units = Lem<double, 1, 1, Flat>;
  const MultiHead<Units, 2> layer(std::array{Units::random(1, {.dt = 0.25}), Units::random(2, {.dt = 0.5})});
  for (const auto& same : {layer, layer.in<Kokkos::HostSpace>()}) {
    EXPECT_EQ(same.head(0).equations().dt, 0.25);
    EXPECT_EQ(same.head(1).equations().dt, 0.5);
    EXPECT_EQ(same.parameters().data(), layer.parameters().data());
  }
}

TEST(MultiHead, RefusesFilesOfFewerHeadsAndOtherSizes) {
  const TemporaryFolder folder;
  MultiHead<Head, 2>::random(5).write(folder.path());
  expect_refused([&] { return Shared::read(folder.path()); }, "2.weight_ih.npy cannot be opened", "check the path");
  expect_refused([&] { return MultiHead<Gru<double, 4, 3, Flat>, 2>::read(folder.path()); },
                 "0.weight_ih.npy has shape (6, 3) and (12, 3) is expected", "save the array");
  expect_refused([&] { return MultiHead<Gru<float, 2, 3>, 2>::read(folder.path()); }, "0.weight_ih.npy holds elements of type <f8",
                 "array.astype('<f4')");
}

TEST(MultiHead, RefusesAnotherNumberOfParameters) {
  expect_refused([] { return Shared(Flat("", 125)); }, "3 heads of 42 parameters have 126, and 125 are given",
                 "those of the first head");
}

TEST(MultiHead, NamesTheHeadOfAParameterThatIsNotFinite) {
  const auto layer = Shared::random(1);
  layer.head(2).weight_hh()(3, 1) = std::nan("");
  expect_refused([&] { return Shared(layer.parameters()); }, "weight_hh(3, 1) of head 2 is nan", "must be finite");
  expect_refused([&] { return layer.require_finite(), 0; }, "weight_hh(3, 1) of head 2 is nan", "must be finite");
}

}  // namespace
