// SPDX-License-Identifier: BSD-3-Clause
// Recurrences of heads and with strides against the plain loop, and what they refuse.
#include "antler/solve/strided.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "antler/problem/cells/gru.hpp"

using namespace antler;

namespace {

using Head = Gru<double, 2, 2>;
using Input = Vector<double, 2>;
using Layer = MultiHead<Head, 3>;
using State = Vector<double, 6>;

template <int m>
std::vector<Vector<double, m>> inputs_of(std::size_t steps) {
  std::vector<Vector<double, m>> x(steps);
  for (std::size_t i = 0; i < steps; ++i)
    for (int c = 0; c < m; ++c) x[i][c] = std::sin(0.3 * static_cast<double>(i) + c);
  return x;
}

template <int n>
Vector<double, n> state_of(double seed) {
  Vector<double, n> y;
  for (int c = 0; c < n; ++c) y[c] = 0.5 * std::cos(seed + c);
  return y;
}

/// y_i = f(y_{i-s}, x_i), head by head; before[q] is y_{-q}.
template <class F, class X, int n>
std::vector<Vector<double, n>> loop(const F& given, const std::vector<Vector<double, n>>& before, const std::vector<X>& x,
                                    const std::vector<std::size_t>& strides) {
  const auto f = given.template in<Kokkos::HostSpace>();
  const int size = n / static_cast<int>(strides.size());
  std::vector<Vector<double, n>> y{before[0]};
  for (std::size_t i = 1; i <= x.size(); ++i) {
    Vector<double, n> seen;
    for (int c = 0; c < n; ++c) {
      const std::size_t s = strides[static_cast<std::size_t>(c / size)];
      seen[c] = i >= s ? y[i - s][c] : before[s - i][c];
    }
    y.push_back(f(seen, x[i - 1]));
  }
  return y;
}

template <int n>
void expect_near(std::span<const Vector<double, n>> found, const std::vector<Vector<double, n>>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i)
    for (int c = 0; c < n; ++c) ASSERT_NEAR(found[i][c], expected[i][c], 1e-13) << "y_" << i << ", component " << c;
}

const Automatic in_windows{.shortest_window = 2};

TEST(Strided, MatchesTheLoop) {
  const auto cell = Head::random(1);
  const auto y0 = state_of<2>(0);
  for (const std::size_t steps : {0, 1, 2, 7, 8, 9, 100})
    for (const std::size_t stride : {1, 2, 3, 7, 50, 200}) {
      const auto x = inputs_of<2>(steps);
      const Strided problem{DifferenceEquation{cell, y0, x}, static_cast<Index>(stride)};
      const auto expected = loop(cell, std::vector(stride, y0), x, {stride});
      for (const auto& solution : {solve(problem), solve(problem, in_windows), solve(problem, Sequential{})}) {
        ASSERT_EQ(solution.status, Status::converged) << steps << " steps, stride " << stride;
        expect_near<2>(solution.states(), expected);
        EXPECT_EQ(solution.final_time(), static_cast<double>(steps));
        EXPECT_EQ(solution.statistics.steps, static_cast<Index>(steps));
      }
    }
}

TEST(Strided, BeginsWithEarlierValues) {
  const auto cell = Head::random(1);
  const auto x = inputs_of<2>(60);
  const std::vector<Vector<double, 2>> before{state_of<2>(0), state_of<2>(1), state_of<2>(2)};
  const Strided problem{DifferenceEquation{cell, before[0], x}, 3, {before[1], before[2]}};
  expect_near<2>(solve(problem, in_windows).states(), loop(cell, before, x, {3}));
}

TEST(Strided, StartsWarmFromATrajectory) {
  const auto cell = Head::random(1);
  const Strided problem{DifferenceEquation{cell, state_of<2>(0), inputs_of<2>(301)}, 3};
  const auto cold = solve(problem, Newton{});
  const auto warm = solve(problem, Newton{}, cold.states().subspan(1), Options{});
  EXPECT_EQ(warm.status, Status::converged);
  EXPECT_EQ(warm.statistics.windows, 3) << "one for each strand";
  EXPECT_EQ(warm.statistics.iterations, 3) << "to see that nothing moves";
  EXPECT_GT(cold.statistics.iterations, 6);
  expect_near<2>(warm.states(), {cold.states().begin(), cold.states().end()});
}

TEST(Strided, HasTheExponentOfOneStep) {
  const auto cell = Head::random(1);
  const std::vector<Input> constant(2000, Input{0.2, -0.1});
  const double plain = solve(DifferenceEquation{cell, state_of<2>(0), constant}).statistics.lyapunov_exponent;
  const double strided = solve(Strided{DifferenceEquation{cell, state_of<2>(0), constant}, 4}).statistics.lyapunov_exponent;
  EXPECT_LT(plain, -0.1);
  EXPECT_NEAR(strided, plain / 4, 0.01 * std::abs(plain)) << "a perturbation is seen again four steps later";
}

TEST(MultiHeadRecurrence, IsSolvedHeadByHead) {
  const auto layer = Layer::random(2);
  const auto y0 = state_of<6>(0);
  const auto x = inputs_of<2>(200);
  const DifferenceEquation equation{layer, y0, x};
  const auto expected = loop(layer, std::vector{y0}, x, {1, 1, 1});
  for (const auto& solution : {solve(equation), solve(equation, Newton{}), solve(equation, Sequential{}),
                               solve(equation, Newton{}, std::span(expected).subspan(1), Options{})}) {
    ASSERT_EQ(solution.status, Status::converged);
    expect_near<6>(solution.states(), expected);
  }
  const auto newton = solve(equation, Newton{}).statistics,
             one = solve(DifferenceEquation{layer.head(0), state_of<2>(0), x}, Newton{}).statistics;
  EXPECT_EQ(newton.windows, 3);
  EXPECT_LT(newton.peak_bytes, 3 * one.peak_bytes) << "Jacobians of one head at a time";
}

TEST(MultiHeadRecurrence, GivesEachHeadItsSliceAndItsStride) {
  const MultiHead<Head, 3, HeadInput::sliced> layer(Layer::random(2).parameters());
  const auto x = inputs_of<6>(90);
  std::vector<State> before;
  for (int q = 0; q < 8; ++q) before.push_back(state_of<6>(q));
  const DifferenceEquation equation{layer, before[0], x};
  expect_near<6>(solve(equation, in_windows).states(), loop(layer, before, x, {1, 1, 1}));
  const Strided strided{equation, {1, 3, 8}, std::vector(before.begin() + 1, before.end())};
  for (const auto& solution : {solve(strided, in_windows), solve(strided, Sequential{})}) {
    ASSERT_EQ(solution.status, Status::converged);
    expect_near<6>(solution.states(), loop(layer, before, x, {1, 3, 8}));
  }
}

/// y' = y / 2 + sqrt(x), NaN for a negative input.
struct Root {
  template <class U, class V>
  KOKKOS_FUNCTION Vector<U, 1> operator()(const Vector<U, 1>& y, const V& x) const {
    return {0.5 * y[0] + sqrt(x)};
  }
};

TEST(Strided, NamesTheFirstStepThatFails) {
  std::vector<double> x(100, 1.0);
  x[49] = x[59] = -1;  // steps 50 and 60, in strands of their own
  const Strided problem{DifferenceEquation{Root{}, Vector<double, 1>{0.0}, x}, 4};
  for (const auto& solution : {solve(problem), solve(problem, in_windows), solve(problem, Sequential{})}) {
    EXPECT_EQ(solution.status, Status::non_finite);
    EXPECT_EQ(solution.statistics.first_failure, 50);
    for (std::size_t i = 1; i < 50; ++i) ASSERT_NEAR(solution.states()[i][0], 2 - 2 * std::exp2(-double((i - 1) / 4 + 1)), 1e-14);
    EXPECT_NEAR(solution.states()[99][0], 2, 1e-6) << "the strand of step 99 has not failed";
  }
}

struct Halving {
  static constexpr int size = 1;
  double factor;
  template <class U>
  KOKKOS_FUNCTION Vector<U, 1> operator()(const Vector<U, 1>& y) const {
    return {factor * y[0]};
  }
};

TEST(MultiHeadRecurrence, ServesHeadsOfTheUserWithoutInputs) {
  const MultiHead layer(std::array{Halving{0.5}, Halving{0.25}});
  const Strided problem{DifferenceEquation{layer, Vector<double, 2>{1.0, 1.0}, Steps{6}}, {1, 2}};
  const auto solution = solve(problem, Sequential{});
  EXPECT_EQ(solution.final_state(), (Vector<double, 2>{1.0 / 64, 1.0 / 64}));
}

template <class Call>
std::string complaint(const Call& call) {
  try {
    call();
  } catch (const InvalidArgument& error) {
    EXPECT_NE(std::string(error.where().file_name()).find("strided_test.cpp"), std::string::npos) << error.what();
    return error.what();
  }
  return "none";
}
#define EXPECT_COMPLAINT(call, text) EXPECT_NE(complaint([&] { call; }).find(text), std::string::npos) << complaint([&] { call; })

TEST(Strided, RefusesStridesAndInitialValuesThatDoNotFit) {
  const DifferenceEquation equation{Root{}, Vector<double, 1>{0.0}, std::vector<double>(20, 1.0)};
  const Vector<double, 1> one{1.0};
  EXPECT_COMPLAINT((Strided{equation, 0}), "a stride is a number of steps, at least 1, and 0 is given");
  EXPECT_COMPLAINT((Strided{equation, -3}), "at least 1, and -3 is given");
  EXPECT_COMPLAINT((Strided{equation, 3, {one}}), "begins with 3 states, and beside y_0 1 are given: give y_{-1}, ..., y_{-2}");
  EXPECT_COMPLAINT((Strided{equation, 1, {one}}), "begins with 1 states, and beside y_0 1 are given");
  EXPECT_COMPLAINT((Strided{equation, 2, {Vector<double, 1>{std::nan("")}}}),
                   "initial value of a strided recurrence is not finite");
  Strided problem{equation, 3};
  problem.strides[0] = 0;
  EXPECT_COMPLAINT((void)solve(problem), "at least 1, and 0 is given");
}

TEST(Strided, RefusesWhatTheEquationWouldRefuse) {
  std::vector<double> x(20, 1.0);
  const auto problem = [&] { return Strided{DifferenceEquation{Root{}, Vector<double, 1>{0.0}, x}, 3}; };
  const std::vector<Vector<double, 1>> guess(19, Vector<double, 1>{0.0});
  EXPECT_COMPLAINT((void)solve(problem(), Automatic{}, guess, Options{}), "one state per step of the recurrence: 20 states");
  EXPECT_COMPLAINT((void)solve(problem(), Options{.rtol = -1}), "rtol");
  EXPECT_COMPLAINT((void)solve(problem(), Options{.output_times = {1.0}}), "a DifferenceEquation does not honour them");
  x[16] = std::numeric_limits<double>::infinity();
  EXPECT_COMPLAINT((void)solve(problem()), "input 16 of the recurrence (of step 17) is not finite");
}

TEST(Strided, KeepsBelowTheMemoryCap) {
  const Strided problem{DifferenceEquation{Root{}, Vector<double, 1>{0.0}, std::vector<double>(2000, 1.0)}, 3};
  const auto free = solve(problem, Newton{});
  const std::size_t held = (2 * 2001 + 2000 + 2 * 2003) * sizeof(double);  // states and indices, inputs, those of the strands
  EXPECT_GT(free.statistics.peak_bytes, held);
  const auto capped = solve(problem, Newton{}, Options{.memory_cap = held + 2000});
  EXPECT_EQ(capped.status, Status::converged);
  EXPECT_LE(capped.statistics.peak_bytes, held + 2000);
  EXPECT_GT(capped.statistics.windows, free.statistics.windows);
  EXPECT_EQ(capped.final_state(), free.final_state());
  for (const std::size_t cap : {std::size_t{0}, std::size_t{1000}, held - 1, held + 8})
    EXPECT_COMPLAINT((void)solve(problem, Newton{}, Options{.memory_cap = cap}), "raise the cap, or use fewer points");
}

}  // namespace
