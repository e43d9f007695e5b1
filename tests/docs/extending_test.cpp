// SPDX-License-Identifier: BSD-3-Clause
// The parts that docs/extending.md builds, compiled and checked. The page quotes the text between the markers.
#include <gtest/gtest.h>

#include <Kokkos_Core.hpp>
#include <cmath>
#include <vector>

#include "antler/core/lu.hpp"
#include "antler/deer/deer.hpp"
#include "antler/deer/shifters.hpp"
#include "antler/discretization/identity.hpp"
#include "antler/inverse/scan.hpp"

namespace {

using antler::Index;
using Space = Kokkos::DefaultHostExecutionSpace;

// [shifter]
/// s_1 = 1 and s_2 = delay: f looks one point and `delay` points back. Before the first point stands the constant `history`.
template <class T, int n>
struct OneStepAndDelay {
  static constexpr int count = 2;       // P
  static constexpr bool lanes = false;  // it branches on the row: asked for one point at a time

  Index delay;
  antler::Vector<T, n> history;

  template <class U, class Y>
  KOKKOS_INLINE_FUNCTION antler::Vector<U, n> operator()(int p, Index i, const Y& y) const {
    const Index row = i - (p == 0 ? 1 : delay);
    return row < 0 ? history : antler::gather_row<U, n>(y, row);
  }
};
// [shifter]

// [inverse]
/// Solves d_i = A_1,i d_{i-1} + A_2,i d_{i-delay} + b_i with d_i = 0 for i < 0. Work O(N n^2), depth O(N), no memory.
struct DelaySweep {
  Index delay;

  template <class T, int n, class Space>
  antler::Status apply(const Space& space, const antler::LaggedMaps<T, n, 2, Space>& maps,
                       const antler::Trajectory<T, n, Space>& d) const {
    const Index lag[2] = {1, delay};
    antler::parallel_for(
        "delay_sweep", space, 1, 0, KOKKOS_LAMBDA(Index) {
          for (Index i = 0; i < maps.length(); ++i) {
            antler::Vector<T, n> state = antler::gather_row<T, n>(maps.b, i);
            for (int p = 0; p < 2; ++p)
              if (i >= lag[p]) state += antler::gather_matrix<T, n>(maps.A[p], i) * antler::gather_row<T, n>(d, i - lag[p]);
            antler::scatter_row(state, d, i);
          }
        });
    return antler::Status::converged;
  }
};
// [inverse]

// [delayed logistic]
/// y_i = y_{i-1} (1 + r (1 - y_{i-delay})).
struct DelayedLogistic {
  double r;
  template <class U>
  KOKKOS_INLINE_FUNCTION antler::Vector<U, 1> operator()(Index, const antler::Vector<U, 1>& before,
                                                         const antler::Vector<U, 1>& delayed) const {
    return {before[0] * (1.0 + r * (1.0 - delayed[0]))};
  }
};

TEST(Extending, DelayedRecurrenceMatchesTheLoop) {
  const Index length = 200, delay = 7;
  const DelayedLogistic f{0.1};
  const OneStepAndDelay<double, 1> shifter{delay, {0.5}};
  antler::IdentityOperator<double, 1, 2, Space> identity(length);
  DelaySweep inverse{delay};
  const antler::Trajectory<double, 1, Space> guess("guess", length);
  Kokkos::deep_copy(guess, 1.0);  // the steady state

  const auto result = antler::deer(identity, f, shifter, inverse, guess, antler::Options{.rtol = 1e-12, .atol = 1e-12});

  ASSERT_EQ(result.status, antler::Status::converged);
  std::vector<double> y(length);
  for (Index i = 0; i < length; ++i) {
    const double before = i < 1 ? 0.5 : y[i - 1], delayed = i < delay ? 0.5 : y[i - delay];
    y[i] = before * (1.0 + 0.1 * (1.0 - delayed));
    EXPECT_NEAR(result.states(i, 0), y[i], 1e-12);  // rtol
  }
}
// [delayed logistic]

// [discretization]
/// L = d/dt by the trapezoidal rule, r_i = y_{i-1} + h/2 (f_{i-1} + f_i) - y_i. With M = 1 - h/2 J_i the step of Newton's update is
/// d_i = M^{-1} (1 + h/2 J_{i-1}) d_{i-1} + M^{-1} r_i: an affine map. Row 0 is the initial value: A = 0, b = 0.
template <class T, int n, class Space>
class Trapezoidal {
 public:
  using System = antler::AffineMaps<T, n, Space>;
  using States = antler::Trajectory<T, n, Space>;

  explicit Trapezoidal(std::vector<double> times)
      : times_(std::move(times)),
        maps_{antler::Matrices<T, n, Space>("trapezoidal::A", times_.size()), States("trapezoidal::b", times_.size())} {}

  const System& linearize(const Space& space, const States& y, const States& f,
                          const antler::Jacobians<T, n, 1, Space>& jacobians) {
    const System maps = maps_;
    const auto jacobian = jacobians[0];
    const double* t = times_.data();
    antler::parallel_for(
        "trapezoidal", space, maps.length() - 1, 4.0 * n * n * n, KOKKOS_LAMBDA(Index step) {
          using antler::gather_row, antler::gather_matrix;
          const Index i = step + 1;
          const T half = T(0.5 * (t[i] - t[i - 1]));
          const auto one = antler::Matrix<T, n>::identity();
          const antler::LU<T, n> m(one - half * gather_matrix<T, n>(jacobian, i));
          auto a = one + half * gather_matrix<T, n>(jacobian, i - 1);
          auto b =
              gather_row<T, n>(y, i - 1) - gather_row<T, n>(y, i) + half * (gather_row<T, n>(f, i - 1) + gather_row<T, n>(f, i));
          m.solve(a);
          m.solve(b);
          antler::scatter_matrix(a, maps.A, i);
          antler::scatter_row(b, maps.b, i);
        });
    return maps_;
  }

  [[nodiscard]] const States& residual() const { return maps_.b; }

 private:
  std::vector<double> times_;
  System maps_;
};
// [discretization]

// [discretization test]
/// y' = -y^2, y(0) = 1: y(t) = 1 / (1 + t).
struct Hyperbola {
  template <class U>
  KOKKOS_INLINE_FUNCTION antler::Vector<U, 1> operator()(Index, const antler::Vector<U, 1>& y) const {
    return {-y[0] * y[0]};
  }
};

double error_at_one(Index steps) {
  std::vector<double> times;
  for (Index i = 0; i <= steps; ++i) times.push_back(static_cast<double>(i) / static_cast<double>(steps));
  Trapezoidal<double, 1, Space> derivative(times);
  auto inverse = antler::ScanInverse{}.plan<double, 1>(Space());
  const antler::Trajectory<double, 1, Space> guess("guess", times.size());
  Kokkos::deep_copy(guess, 1.0);
  const auto result =
      antler::deer(derivative, Hyperbola{}, antler::Unshifted{}, inverse, guess, antler::Options{.rtol = 1e-12, .atol = 1e-12});
  EXPECT_EQ(result.status, antler::Status::converged);
  return std::abs(result.states(steps, 0) - 0.5);
}

TEST(Trapezoidal, HasOrderTwo) {
  const double order = std::log2(error_at_one(32) / error_at_one(64));
  EXPECT_NEAR(order, 2.0, 0.15);
}
// [discretization test]

}  // namespace
