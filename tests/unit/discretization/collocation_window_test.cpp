// SPDX-License-Identifier: BSD-3-Clause
#include "antler/discretization/collocation_window.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace {

using antler::Index;
using antler::Options;
using antler::RadauIIA;
using antler::Vector;

/// Predator and prey.
struct Prey {
  template <class T>
  Vector<T, 2> operator()(const T& /*t*/, const Vector<T, 2>& y) const {
    return {y[0] - y[0] * y[1], y[0] * y[1] - y[1]};
  }
};

template <int s>
class CollocationWindows : public testing::Test {
 public:
  using Window = antler::CollocationWindow<Prey, double, 2, RadauIIA<s>>;
  using Piece = typename Window::Polynomial;
  static constexpr Index width = Window::width, blocks = 4;
  static constexpr double length = 0.05;

  CollocationWindows() : window_({}, {.rtol = 1e-8, .atol = 1e-8}, 3 * blocks * width) {}

 protected:
  static double point(Index i) { return length * static_cast<double>(i); }

  /// All steps of the same length, from a constant guess, to convergence.
  void solve_on(const std::vector<double>& mesh) {
    const std::vector<Piece> constant{{0, mesh.back(), {2, 1}, {}}};
    const auto steps = static_cast<Index>(mesh.size()) - 1;
    window_.guess(mesh, constant, std::vector<int>(static_cast<std::size_t>(steps), 0), steps);
    window_.set_first({2, 1});
    window_.start(space_);
    converge();
  }
  void converge() {
    for (int k = 0; k < 30 && window_.review(1e-8).active > 0; ++k) window_.advance(space_);
    EXPECT_EQ(window_.review(1e-8).active, 0);
    window_.apply(space_, window_.steps());
  }
  /// Every step of block `first` becomes two.
  void halve(Index first) {
    std::vector<double> points;
    std::vector<Piece> pieces;
    std::vector<int> piece_of;
    for (Index i = 0; i <= 2 * width; ++i) points.push_back(point(first * width) + length / 2 * static_cast<double>(i));
    points.back() = point((first + 1) * width);
    for (Index i = 0; i < width; ++i) {
      pieces.push_back(window_.polynomial(first * width + i));
      piece_of.insert(piece_of.end(), 2, static_cast<int>(i));
    }
    window_.refine({{first, 1, 2}}, points, pieces, piece_of);
  }
  [[nodiscard]] std::vector<Vector<double, 2>> ends() const {
    std::vector<Vector<double, 2>> values;
    for (Index i = 0; i < window_.steps(); ++i) values.push_back(window_.end_of(i));
    return values;
  }

  Kokkos::DefaultHostExecutionSpace space_;
  Window window_;
};

template <int s>
std::vector<double> uniform() {
  std::vector<double> mesh;
  for (Index i = 0; i <= CollocationWindows<s>::blocks * CollocationWindows<s>::width; ++i)
    mesh.push_back(CollocationWindows<s>::length * static_cast<double>(i));
  return mesh;
}

class WindowOfOrderFive : public CollocationWindows<3> {};
class WindowOfOrderNine : public CollocationWindows<5> {};

TEST_F(WindowOfOrderFive, KeepsTheStepsThatARefinementLeaves) {
  solve_on(uniform<3>());
  const auto before = ends();
  halve(1);
  const auto after = ends();
  ASSERT_EQ(static_cast<Index>(after.size()), (blocks + 1) * width);
  for (Index i = 0; i < blocks * width; ++i) {
    if (i / width == 1) continue;
    const Index now = i < width ? i : i + width;
    EXPECT_EQ(before[static_cast<std::size_t>(i)], after[static_cast<std::size_t>(now)]) << "step " << i;
  }
  // The new steps begin on the old ones' polynomials.
  for (Index i = 1; i < width; ++i)
    for (int c = 0; c < 2; ++c)
      EXPECT_NEAR(window_.polynomial(width + 2 * i).y[c], before[static_cast<std::size_t>(width + i - 1)][c], 1e-12);
}

TEST_F(WindowOfOrderFive, FindsAfterARefinementWhatItFindsOnThatMesh) {
  solve_on(uniform<3>());
  halve(2);
  window_.resume(space_);
  EXPECT_EQ(window_.unsettled(), 3 * width);  // what lies before the refined block is settled
  EXPECT_EQ(window_.fresh(), 2 * width);
  converge();
  const auto refined = ends();
  std::vector<double> mesh;
  for (Index i = 0; i <= 2 * width; ++i) mesh.push_back(point(i));
  for (Index i = 1; i <= 2 * width; ++i) mesh.push_back(point(2 * width) + length / 2 * static_cast<double>(i));
  for (Index i = 3 * width + 1; i <= blocks * width; ++i) mesh.push_back(point(i));
  solve_on(mesh);
  const auto expected = ends();
  for (std::size_t i = 0; i < expected.size(); ++i)
    for (int c = 0; c < 2; ++c) EXPECT_NEAR(refined[i][c], expected[i][c], 1e-11) << "step " << i;
}

TEST_F(WindowOfOrderNine, GoesOnToATighterToleranceWhenReopened) {
  solve_on(uniform<5>());
  const auto loose = ends();
  window_.reopen(false);
  window_.resume(space_);
  EXPECT_EQ(window_.unsettled(), blocks * width);
  EXPECT_EQ(window_.fresh(), 0);
  for (int k = 0; k < 10 && window_.review(1e-14).active > 0; ++k) window_.advance(space_);
  window_.apply(space_, window_.steps());
  // x - log x + y - log y is constant.
  const auto energy = [](const Vector<double, 2>& y) { return y[0] - std::log(y[0]) + y[1] - std::log(y[1]); };
  for (const auto& y : ends()) EXPECT_NEAR(energy(y), energy({2, 1}), 1e-13);
  for (std::size_t i = 0; i < loose.size(); ++i) EXPECT_NEAR(energy(loose[i]), energy({2, 1}), 1e-10);
}

}  // namespace
