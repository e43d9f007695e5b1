// SPDX-License-Identifier: BSD-3-Clause
// What cells are made of: views, flat arrays, files, seeds; and what they refuse.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>

#include "antler/core/npy_view.hpp"
#include "antler/problem/cells/elman.hpp"
#include "antler/problem/cells/gru.hpp"
#include "antler/problem/cells/lem.hpp"
#include "antler/problem/cells/lstm.hpp"
#include "antler/problem/difference_equation.hpp"
#include "temporary_folder.hpp"

using namespace antler;

namespace {

using Flat = Kokkos::View<double*, Kokkos::HostSpace>;
using SmallGru = Gru<double, 2, 3, Flat>;
using SmallLem = Lem<float, 2, 1, Kokkos::View<float*, Kokkos::HostSpace>>;

const std::filesystem::path pytorch_files = std::filesystem::path(ANTLER_TEST_DATA) / "cells";

template <class Make>
void expect_refused(const Make& make, const std::string& what, const std::string& remedy) {
  try {
    static_cast<void>(make());
    FAIL() << what;
  } catch (const InvalidArgument& e) {
    const std::string text = e.what();
    for (const std::string& part : {what, remedy, std::string("cells_test.cpp")})
      EXPECT_NE(text.find(part), std::string::npos) << "'" << text << "' does not say '" << part << "'";
  }
}

template <class C>
std::vector<typename C::Scalar> parameters_of(const C& cell) {
  return {cell.parameters().data(), cell.parameters().data() + cell.parameters().extent(0)};
}

/// 1, 2, 3, ...
std::vector<double> counted(int count) {
  std::vector<double> values(static_cast<std::size_t>(count));
  for (std::size_t k = 0; k < values.size(); ++k) values[k] = static_cast<double>(k + 1);
  return values;
}

TEST(Cell, HasAsManyParametersAsPyTorchsCells) {
  EXPECT_EQ((Elman<double, 5, 3>::parameter_count), 5 * (5 + 3 + 2));
  EXPECT_EQ((Gru<double, 5, 3>::parameter_count), 15 * (5 + 3 + 2));
  EXPECT_EQ((Lstm<double, 5, 3>::parameter_count), 20 * (5 + 3 + 2));
  EXPECT_EQ((Lem<double, 5, 3>::parameter_count), 5 * (4 * 3 + 4 * 5 + 8));
  EXPECT_EQ((Gru<double, 5, 3>::size), 5);
  EXPECT_EQ((Lstm<double, 5, 3>::size), 10);
  EXPECT_EQ((Lem<double, 5, 3>::size), 10);
}

TEST(Cell, LaysItsTensorsRowByRowOneBehindTheOther) {
  const SmallGru cell(counted(SmallGru::parameter_count));
  const auto weight_ih = cell.weight_ih(), weight_hh = cell.weight_hh();
  ASSERT_EQ(weight_ih.extent(0), 6u);
  ASSERT_EQ(weight_ih.extent(1), 3u);
  ASSERT_EQ(weight_hh.extent(1), 2u);
  EXPECT_EQ(weight_ih(0, 0), 1);
  EXPECT_EQ(weight_ih(1, 2), 6);
  EXPECT_EQ(weight_hh(0, 0), 19);
  EXPECT_EQ(weight_hh(5, 1), 30);
  EXPECT_EQ(cell.bias_ih()(0), 31);
  EXPECT_EQ(cell.bias_hh()(5), 42);
  EXPECT_EQ(cell.tensor<3>()(5), 42);
}

TEST(Cell, SharesItsParametersWithItsCopiesAndWithTheViewItWasGiven) {
  const Flat flat("theta", SmallGru::parameter_count);
  const SmallGru cell(flat), copy = cell;
  const Vector<double, 2> y{0.5, -0.5};
  const Vector<double, 3> x{1, 2, 3};
  EXPECT_EQ(copy(y, x)[0], 0.25);  // all zero: z = 1/2, n = 0
  cell.bias_hh()(2) = 100;         // z of unit 0 goes to 1: its state stays
  EXPECT_EQ(flat(SmallGru::parameter_count - 4), 100);
  EXPECT_EQ(copy(y, x)[0], 0.5);
  EXPECT_EQ(copy(y, x)[1], -0.25);
  EXPECT_EQ(copy.in<Kokkos::HostSpace>()(y, x)[0], 0.5);
}

TEST(Cell, TakesTensorsInViewsOfAnyLayout) {
  const SmallGru cell(counted(SmallGru::parameter_count));
  const Kokkos::View<double**, Kokkos::LayoutLeft, Kokkos::HostSpace> weight_ih("", 6, 3), weight_hh("", 6, 2);
  Kokkos::deep_copy(weight_ih, cell.weight_ih());
  Kokkos::deep_copy(weight_hh, cell.weight_hh());
  EXPECT_EQ(parameters_of(SmallGru(weight_ih, weight_hh, cell.bias_ih(), cell.bias_hh())), parameters_of(cell));
  const auto lem = SmallLem::random(1, {.dt = 0.5});
  const SmallLem again(lem.tensor<0>(), lem.tensor<1>(), lem.tensor<2>(), lem.tensor<3>(), lem.tensor<4>(), lem.tensor<5>(),
                       {.dt = 0.5});
  EXPECT_EQ(parameters_of(again), parameters_of(lem));
  EXPECT_EQ(again.equations().dt, 0.5);
}

TEST(Cell, ReadsWhatItWritesIntoAFolderAndUnderAPrefix) {
  const TemporaryFolder folder;
  const auto cell = SmallLem::random(5);
  cell.write(folder.path());
  EXPECT_TRUE(std::filesystem::exists(folder / "inp2hid.weight.npy"));
  EXPECT_EQ(parameters_of(SmallLem::read(folder.path())), parameters_of(cell));
  cell.write(folder / "model");
  EXPECT_TRUE(std::filesystem::exists(folder / "model.transform_z.bias.npy"));
  EXPECT_EQ(parameters_of(SmallLem::read(folder / "model")), parameters_of(cell));
  EXPECT_EQ(read_npy_view<Kokkos::View<float**>>(folder / "model.hid2hid.weight.npy").extent(0), 6u);
}

TEST(Cell, BeginsFromASeedTheSameEverywhere) {
  const auto cell = SmallGru::random(42);
  // (2 u_k - 1) / sqrt(2) with u_k of SplitMix64 begun at 42.
  EXPECT_EQ(cell.parameters()(0), 0.34162432775212503);
  EXPECT_EQ(cell.parameters()(41), -0.4821691702738271);
  EXPECT_NE(SmallGru::random(43).parameters()(0), cell.parameters()(0));
  double largest = 0, sum = 0;
  for (const double p : parameters_of(cell)) largest = std::max(largest, std::abs(p)), sum += p;
  EXPECT_LE(largest, std::sqrt(0.5));
  EXPECT_GT(largest, 0.9 * std::sqrt(0.5));
  EXPECT_NEAR(sum / SmallGru::parameter_count, 0, 5 * std::sqrt(0.5 / 3 / SmallGru::parameter_count));
  const auto single = Gru<float, 2, 3, Kokkos::View<float*, Kokkos::HostSpace>>::random(42);
  for (int k = 0; k < SmallGru::parameter_count; ++k) EXPECT_EQ(single.parameters()(k), static_cast<float>(cell.parameters()(k)));
}

TEST(Cell, HasAStateAndAnInputOfItsOwnSizes) {
  static_assert(std::is_invocable_v<SmallGru, Vector<double, 2>, Vector<double, 3>>);
  static_assert(!std::is_invocable_v<SmallGru, Vector<double, 3>, Vector<double, 3>>);
  static_assert(!std::is_invocable_v<SmallGru, Vector<double, 2>, Vector<double, 2>>);
  static_assert(!std::is_invocable_v<SmallGru, Vector<double, 2>, double>);
  static_assert(std::is_invocable_v<SmallLem, Vector<float, 4>, float>);
  static_assert(std::is_invocable_v<SmallLem, Vector<float, 4>, Vector<float, 1>>);
  static_assert(!std::is_invocable_v<SmallLem, Vector<float, 2>, float>);
}

TEST(Cell, MakesARecurrenceWithStatesAndInputsOfItsOwnSizes) {
  static_assert(StepFunction<SmallGru, double, 2, 1, Vector<double, 3>>);
  static_assert(!StepFunction<SmallGru, double, 3, 1, Vector<double, 3>>, "a state of another size");
  static_assert(!StepFunction<SmallGru, double, 2, 1, Vector<double, 2>>, "an input of another size");
  static_assert(!StepFunction<SmallGru, float, 2, 1, Vector<float, 3>>, "it returns doubles");
  static_assert(!StepFunction<SmallGru, double, 2, 2, Vector<double, 3>>, "two lags");
  static_assert(!StepFunction<SmallGru, double, 2, 1, Steps>, "no input");
}

TEST(Cell, RefusesAnotherNumberOfParameters) {
  expect_refused([] { return SmallGru(std::vector<double>(41)); }, "has 42 parameters, and 41 are given", "one behind the other");
  expect_refused([] { return SmallGru(Flat("", 43)); }, "has 42 parameters, and 43 are given", "one behind the other");
}

TEST(Cell, RefusesTensorsOfAnotherShape) {
  const SmallGru cell(counted(SmallGru::parameter_count));
  const Kokkos::View<double**, Kokkos::HostSpace> wrong("", 6, 4);
  const Flat short_bias("", 5);
  expect_refused([&] { return SmallGru(wrong, cell.weight_hh(), cell.bias_ih(), cell.bias_hh()); },
                 "weight_ih has shape (6, 4) and (6, 3) is expected", "a cell of this size");
  expect_refused([&] { return SmallGru(cell.weight_ih(), cell.weight_hh(), cell.bias_ih(), short_bias); },
                 "bias_hh has shape (5,) and (6,) is expected", "a cell of this size");
  expect_refused([&] { return SmallGru(cell.weight_ih(), cell.bias_hh(), cell.bias_ih(), cell.bias_hh()); },
                 "weight_hh has shape (6,) and (6, 2) is expected", "a cell of this size");
}

TEST(Cell, RefusesParametersThatAreNotFinite) {
  auto values = counted(SmallGru::parameter_count);
  values[18 + 2 * 2 + 1] = std::numeric_limits<double>::quiet_NaN();
  expect_refused([&] { return SmallGru(values); }, "weight_hh(2, 1) is nan", "must be finite");
  values = counted(SmallGru::parameter_count);
  const SmallGru cell(values);
  cell.bias_ih()(4) = -std::numeric_limits<double>::infinity();
  expect_refused([&] { return SmallGru(cell.weight_ih(), cell.weight_hh(), cell.bias_ih(), cell.bias_hh()); }, "bias_ih(4) is -inf",
                 "must be finite");
  expect_refused([&] { return SmallGru(cell.parameters()); }, "bias_ih(4) is -inf", "must be finite");
  expect_refused([&] { return cell.require_finite(), 0; }, "bias_ih(4) is -inf", "must be finite");
}

TEST(Cell, RefusesFilesThatAreNotItsOwn) {
  const TemporaryFolder folder;
  using Right = Gru<double, 4, 3, Flat>;
  EXPECT_NO_THROW(static_cast<void>(Right::read(pytorch_files / "gru_4")));
  expect_refused([] { return Gru<double, 16, 3, Flat>::read(pytorch_files / "gru_4"); },
                 "weight_ih.npy has shape (12, 3) and (48, 3) is expected", "save the array");
  expect_refused([] { return Right::read(pytorch_files / "lstm_4"); }, "weight_ih.npy has shape (16, 3) and (12, 3)",
                 "save the array");
  expect_refused([] { return Gru<float, 4, 3>::read(pytorch_files / "gru_4"); }, "weight_ih.npy holds elements of type <f8",
                 "array.astype('<f4')");
  expect_refused([] { return Right::read(pytorch_files / "lem_4"); }, "weight_ih.npy cannot be opened", "check the path");
  expect_refused([] { return Right::read(pytorch_files / "nothing"); }, "nothing.weight_ih.npy cannot be opened", "check the path");
  auto bias = read_npy<double>(pytorch_files / "gru_4" / "bias_ih.npy");
  bias.values[7] = std::numeric_limits<double>::quiet_NaN();
  std::filesystem::copy(pytorch_files / "gru_4", folder.path());
  write_npy(folder / "bias_ih.npy", bias);
  expect_refused([&] { return Right::read(folder.path()); }, "bias_ih(7) of " + (folder / "bias_ih.npy").string() + " is nan",
                 "must be finite");
  expect_refused([&] { return SmallGru::random(1).write(folder / "no" / "model"), 0; }, "model.weight_ih.npy cannot be written",
                 "check that its folder exists");
}

}  // namespace
