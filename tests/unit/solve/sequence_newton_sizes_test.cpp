// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include "sequence_cells.hpp"

/// Newton's method and its relatives for large states, with dense Jacobians by dual numbers.

using namespace antler;
using namespace antler::tests;

namespace {

/// A ring: component c sees its neighbour. The Jacobian is dense all the same, for all that Newton's method knows.
template <class T, int n>
struct Ring {
  template <class U>
  KOKKOS_FUNCTION Vector<U, n> operator()(const Vector<U, n>& y) const {
    Vector<U, n> f;
    for (int c = 0; c < n; ++c) f[c] = T(0.5) * y[c] + T(0.25) * y[(c + 1) % n] * y[(c + 1) % n] + T(0.1);
    return f;
  }
};

template <class T, int n, class Method>
Statistics expect_the_loop(const Method& method) {
  Vector<T, n> y0;
  for (int c = 0; c < n; ++c) y0[c] = static_cast<T>(0.5 * std::sin(c));
  const DifferenceEquation equation{Ring<T, n>{}, y0, Steps{12}};
  const auto solution = solve(equation, method);
  EXPECT_EQ(solution.status, Status::converged);
  std::vector<Vector<T, n>> loop{y0};
  for (int i = 0; i < 12; ++i) loop.push_back(equation.f(loop.back()));
  EXPECT_LE(distance(solution.states(), loop), sizeof(T) == 4 ? 1e-5 : 1e-12);
  EXPECT_LE(solution.statistics.windows, 1);
  return solution.statistics;
}

TEST(LargeStates, AreSolvedByNewtonsMethod) {
  expect_the_loop<double, 128>(Newton{});
  EXPECT_LE((expect_the_loop<double, 256>(Newton{}).iterations), 7) << "quadratic";
  expect_the_loop<float, 256>(Newton{});
}

TEST(LargeStates, NeedATenthOfNewtonsMemoryWithItsDiagonal) {
  const auto newton = expect_the_loop<double, 128>(Newton{}), quasi = expect_the_loop<double, 128>(QuasiNewton{});
  EXPECT_LT(10 * quasi.peak_bytes, newton.peak_bytes);
}

}  // namespace
