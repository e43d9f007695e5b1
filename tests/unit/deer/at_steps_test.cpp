// SPDX-License-Identifier: BSD-3-Clause
#include "antler/deer/at_steps.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "antler/core/dual_math.hpp"
#include "antler/deer/evaluate.hpp"
#include "antler/deer/shifters.hpp"

using namespace antler;

namespace {

using Space = Kokkos::DefaultHostExecutionSpace;

/// f(a, b) = (tanh a_0 + a_1 b_0 x_0, a_0 b_1 - x_1) for two lags.
struct TwoLags {
  template <class U, class V>
  KOKKOS_FUNCTION Vector<U, 2> operator()(const Vector<U, 2>& a, const Vector<U, 2>& b, const Vector<V, 2>& x) const {
    return {tanh(a[0]) + a[1] * b[0] * x[0], a[0] * b[1] - x[1]};
  }
};

/// f(a) = tanh(w a + x), one number in and out.
struct Neuron {
  double w;
  template <class U, class V>
  KOKKOS_FUNCTION Vector<U, 1> operator()(const Vector<U, 1>& y, const V& x) const {
    return {tanh(w * y[0] + x)};
  }
};

/// The same, one step at a time.
template <class F>
struct OneByOne : F {
  static constexpr bool lanes = false;
};

template <class T, int n, int lags>
struct Evaluated {
  Trajectory<T, n, Space> f;
  Jacobians<T, n, lags, Space> jacobian;
};

template <class T, int n, int lags, class F, class X>
Evaluated<T, n, lags> evaluated(const F& f, const std::vector<X>& inputs) {
  const auto points = static_cast<Index>(inputs.size());
  const auto y = allocate<Trajectory<T, n, Space>>("y", points);
  Lags<T, n, lags> shifter;
  for (int c = 0; c < n; ++c) {
    for (Index i = 0; i < points; ++i) y(i, c) = T(0.3) * static_cast<T>((7 * i + 5 * c) % 11 - 5);
    for (std::size_t p = 0; p < lags; ++p) shifter.history[p][c] = T(0.25) * static_cast<T>(p + 1) - static_cast<T>(c);
  }
  Evaluated<T, n, lags> out;
  out.f = allocate<Trajectory<T, n, Space>>("f", points);
  for (std::size_t p = 0; p < lags; ++p) out.jacobian[p] = allocate<Matrices<T, n, Space>>("J", points);
  const detail::AtSteps<F, T, n, lags, X, Space> at{f, Kokkos::View<const X*, Kokkos::HostSpace>(inputs.data(), inputs.size())};
  evaluate<T, n>(Space{}, at, shifter, y, out.f, out.jacobian);
  return out;
}

template <class T, int n, int lags, class F, class X>
void expect_lanes_like_scalars(const F& f, const std::vector<X>& inputs) {
  static_assert(detail::AtSteps<F, T, n, lags, X, Space>::lanes && !detail::AtSteps<OneByOne<F>, T, n, lags, X, Space>::lanes);
  const auto lanes = evaluated<T, n, lags>(f, inputs), scalars = evaluated<T, n, lags>(OneByOne<F>{f}, inputs);
  const double rounding = 8 * std::numeric_limits<T>::epsilon();  // of tanh, 4 ulp on either side
  for (std::size_t i = 0; i < inputs.size(); ++i)
    for (int r = 0; r < n; ++r) {
      EXPECT_NEAR(lanes.f(i, r), scalars.f(i, r), rounding) << "point " << i << " of " << inputs.size();
      for (std::size_t p = 0; p < lags; ++p)
        for (int c = 0; c < n; ++c) EXPECT_NEAR(lanes.jacobian[p](i, r, c), scalars.jacobian[p](i, r, c), rounding) << i;
    }
}

template <class T>
void expect_lanes_like_scalars_at_all_lengths() {
  constexpr std::size_t width = lane_count<Lanes<T>>;
  for (const std::size_t points : {std::size_t{0}, std::size_t{1}, std::size_t{2}, width - 1, width, width + 1, 2 * width + 3}) {
    std::vector<T> numbers(points);
    std::vector<Vector<T, 2>> vectors(points);
    for (std::size_t i = 0; i < points; ++i) numbers[i] = T(0.1) * static_cast<T>(i), vectors[i] = {numbers[i], 1 - numbers[i]};
    expect_lanes_like_scalars<T, 1, 1>(Neuron{1.25}, numbers);
    expect_lanes_like_scalars<T, 2, 2>(TwoLags{}, vectors);
  }
}

TEST(AtSteps, ServesNeighbouringStepsInLanes) {
  expect_lanes_like_scalars_at_all_lengths<double>();
  expect_lanes_like_scalars_at_all_lengths<float>();
}

/// Takes its input as a double, whatever its state is.
struct OfDoubles {
  template <class U>
  KOKKOS_FUNCTION Vector<U, 1> operator()(const Vector<U, 1>& y, double x) const {
    return {y[0] + x};
  }
};

/// Looks its input up.
struct Lookup {
  double table[2];
  template <class U>
  KOKKOS_FUNCTION Vector<U, 1> operator()(const Vector<U, 1>& y, int x) const {
    return {y[0] * table[x]};
  }
};

TEST(AtSteps, LeavesInputsThatHaveNoLanesOneByOne) {
  EXPECT_FALSE((detail::AtSteps<OfDoubles, double, 1, 1, double, Space>::lanes)) << "f does not take lanes";
  EXPECT_FALSE((detail::AtSteps<Neuron, float, 1, 1, double, Space>::lanes)) << "lanes of float would round the inputs";
  EXPECT_FALSE((detail::AtSteps<Lookup, double, 1, 1, int, Space>::lanes)) << "an index is no number";
  const auto point = evaluated<double, 1, 1>(Lookup{{2, 3}}, std::vector<int>{1});
  EXPECT_EQ(point.f(0, 0), -0.75 * -1) << "history 0.25 - 0, times 3";
}

/// y^2 with a derivative that no dual number would find, and a diagonal of its own.
struct ByHand {
  template <class U>
  KOKKOS_FUNCTION Vector<U, 1> operator()(const Vector<U, 1>& y) const {
    return {y[0] * y[0]};
  }
  template <class U, class... X>
  KOKKOS_FUNCTION Linearization<U, 1, 1> linearize(const Vector<U, 1>& y, const X&... x) const {
    Linearization<U, 1, 1> point;
    point.f = {y[0] * y[0]};
    point.jacobian[0](0, 0) = (U(42) + ... + x);
    return point;
  }
  template <class U, class X>
  KOKKOS_FUNCTION Vector<U, 1> operator()(const Vector<U, 1>& y, const X&) const {
    return (*this)(y);
  }
};

TEST(AtSteps, PassesOnDerivativesByHand) {
  const auto with_inputs = evaluated<double, 1, 1>(ByHand{}, std::vector<double>{1, 2, 3});
  for (Index i = 0; i < 3; ++i) EXPECT_EQ(with_inputs.jacobian[0](i, 0, 0), 43 + static_cast<double>(i));
  const detail::AtSteps<ByHand, double, 1, 1, Steps, Space> at{};
  EXPECT_EQ(at.linearize(0, Vector<double, 1>{3.0}).jacobian[0](0, 0), 42);
}

}  // namespace
