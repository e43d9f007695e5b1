// SPDX-License-Identifier: BSD-3-Clause
#include "antler/core/dual.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "antler/core/dual_math.hpp"

// A user's functors, in a namespace of their own: unqualified calls of elementary functions.
namespace chemistry {

template <class T>
struct State {
  T component[3];
  const T& operator[](int i) const { return component[i]; }
};

struct Robertson {  // no size, no Vector: only what dual numbers need
  template <class T>
  State<T> operator()(const State<T>& y) const {
    const T a = 0.04 * y[0], b = 1e4 * y[1] * y[2], c = 3e7 * y[1] * y[1];
    return {b - a, a - b - c, c};
  }
};

struct Furnace {
  template <class T>
  State<T> operator()(const State<T>& y) const {
    using antler::max, antler::select, antler::square;
    const T arrhenius = 2.5 * exp(-1 / y[0]), radiation = pow(y[1], 4.0) - pow(y[0], 2.5);
    const T flow = sqrt(square(y[2]) + 1) * tanh(y[1] - y[2]), heating = max(y[1], 0.0) - select(y[2] > 1.0, y[2], T(1));
    return {arrhenius - flow, radiation / (1 + abs(y[2])), 2 * heating - log(y[0])};
  }
};

}  // namespace chemistry

using namespace antler;

namespace {

using chemistry::State;

/// Operations in the longest chain of the functors above, times the 4 ulp that each of them may err by.
constexpr double rounding = 64;

template <class T>
class DualOf : public testing::Test {};
using ValueTypes = testing::Types<float, double, Lanes<float>, Lanes<double>>;
TYPED_TEST_SUITE(DualOf, ValueTypes);

/// True if x has this value and these derivatives in every lane.
template <class T, class... D>
bool is(const Dual<T, sizeof...(D)>& x, double value, D... derivative) {
  bool same = all(x.value == T(value));
  int k = 0;
  ((same = same && all(x.derivative[k++] == T(derivative))), ...);
  return same;
}

TYPED_TEST(DualOf, StartsWithoutDerivatives) {
  using T = TypeParam;
  using D = Dual<T, 2>;
  static_assert(std::is_trivially_copyable_v<D> && std::is_trivially_default_constructible_v<D>);
  static_assert(sizeof(D) == 3 * sizeof(T));
  EXPECT_TRUE(is(D{}, 0, 0, 0));
  EXPECT_TRUE(is(D(2), 2, 0, 0));
  EXPECT_TRUE(is(D(T(0.5)), 0.5, 0, 0));
  const D assigned = 3.0;
  EXPECT_TRUE(is(assigned, 3, 0, 0));
  EXPECT_TRUE(is(D::variable(T(2), 0), 2, 1, 0));
  EXPECT_TRUE(is(D::variable(T(2), 1), 2, 0, 1));
}

TYPED_TEST(DualOf, FollowsTheRulesOfCalculus) {
  using T = TypeParam;
  const Dual<T, 2> x(T(3), T(1), T(2)), y(T(2), T(-1), T(4));
  EXPECT_TRUE(is(+x, 3, 1, 2));
  EXPECT_TRUE(is(-x, -3, -1, -2));
  EXPECT_TRUE(is(x + y, 5, 0, 6));
  EXPECT_TRUE(is(x - y, 1, 2, -2));
  EXPECT_TRUE(is(x * y, 6, -1, 16));
  EXPECT_TRUE(is(x / y, 1.5, 1.25, -2));
}

TYPED_TEST(DualOf, MixesWithNumbersOfAnyTypeOnEitherSide) {
  using T = TypeParam;
  const Dual<T, 2> x(T(4), T(1), T(2));
  EXPECT_TRUE(is(x + 1, 5, 1, 2));
  EXPECT_TRUE(is(1.0 + x, 5, 1, 2));
  EXPECT_TRUE(is(x - T(1), 3, 1, 2));
  EXPECT_TRUE(is(1 - x, -3, -1, -2));
  EXPECT_TRUE(is(0.5 * x, 2, 0.5, 1));
  EXPECT_TRUE(is(x * 2L, 8, 2, 4));
  EXPECT_TRUE(is(x / 2u, 2, 0.5, 1));
  EXPECT_TRUE(is(2 / x, 0.5, -0.125, -0.25));
  EXPECT_TRUE(is(T(2) / x, 0.5, -0.125, -0.25));
}

TYPED_TEST(DualOf, UpdatesInPlace) {
  using T = TypeParam;
  const Dual<T, 2> y(T(2), T(-1), T(4));
  Dual<T, 2> x(T(4), T(1), T(2));
  EXPECT_TRUE(is(x += y, 6, 0, 6));
  EXPECT_TRUE(is(x -= 2, 4, 0, 6));
  EXPECT_TRUE(is(x *= y, 8, -4, 28));
  EXPECT_TRUE(is(x *= 0.5, 4, -2, 14));
  EXPECT_TRUE(is(x /= T(2), 2, -1, 7));
  EXPECT_TRUE(is(x /= y, 1, 0, 1.5));
  x -= +x;
  EXPECT_TRUE(is(x, 0, 0, 0));
}

TYPED_TEST(DualOf, ComparesAndSelectsByValue) {
  using T = TypeParam;
  const Dual<T, 1> x(T(1), T(5)), y(T(2), T(-5)), same(T(1), T(0));
  EXPECT_TRUE(all(x < y) && all(x <= same) && all(y > x) && all(y >= 2) && all(x == same) && all(x != y) && all(1.0 == x));
  EXPECT_FALSE(any(x > y) || any(x < same) || any(x == 2.0));
  EXPECT_TRUE(is(select(x < y, x, y), 1, 5));
  EXPECT_TRUE(is(select(x > y, x, y), 2, -5));
  EXPECT_TRUE(is(select(x > y, x, 3.0), 3, 0));
  EXPECT_TRUE(is(select(true, x, y), 1, 5));
  EXPECT_TRUE(is(max(x, y), 2, -5));
  EXPECT_TRUE(is(min(x, y), 1, 5));
  EXPECT_TRUE(is(max(x, same), 1, 0)) << "a tie takes the second operand";
  EXPECT_TRUE(is(max(x, 1.0), 1, 0)) << "a tie takes the second operand";
}

TYPED_TEST(DualOf, NeverLosesANaNInMaxAndMin) {
  using T = TypeParam;
  const Dual<T, 1> nan(std::numeric_limits<scalar_of<T>>::quiet_NaN()), x(T(1), T(5));
  for (const auto& z : {max(nan, x), max(x, nan), min(nan, x), min(x, nan), max(nan, 0.0), min(0, nan)}) EXPECT_TRUE(all(isnan(z)));
  EXPECT_TRUE(is(fmax(nan, x), 1, 5));
  EXPECT_TRUE(is(fmin(x, nan), 1, 5));
  EXPECT_FALSE(any(isfinite(nan)) || !all(isfinite(x)));
}

TYPED_TEST(DualOf, HasFiniteDerivativesOfPowersAtZero) {
  using T = TypeParam;
  const auto zero = Dual<T, 2>::variable(T(0), 0);
  EXPECT_TRUE(is(pow(zero, 0), 1, 0, 0));
  EXPECT_TRUE(is(pow(zero, 0.0), 1, 0, 0));
  EXPECT_TRUE(is(pow(zero, 1), 0, 1, 0));
  EXPECT_TRUE(is(pow(zero, 1.0), 0, 1, 0));
  EXPECT_TRUE(is(pow(zero, 2.0), 0, 0, 0));
  EXPECT_TRUE(is(pow(zero, 9), 0, 0, 0));
  EXPECT_TRUE(is(pow(zero, 2.5), 0, 0, 0));
  EXPECT_TRUE(is(pow(zero, T(1)), 0, 1, 0));
  EXPECT_TRUE(is(pow(zero, Dual<T, 2>(2)), 0, 0, 0));
  EXPECT_TRUE(is(pow(0.0, Dual<T, 2>::variable(T(2), 1)), 0, 0, 0));
  EXPECT_TRUE(is(pow(zero, Dual<T, 2>::variable(T(2), 1)), 0, 0, 0));
  const double inf = std::numeric_limits<double>::infinity();
  EXPECT_TRUE(is(pow(zero, 0.5), 0, inf, 0));
  EXPECT_TRUE(is(pow(zero, -1), inf, -inf, 0));
}

TYPED_TEST(DualOf, RaisesNegativeNumbersToConstantPowers) {
  using T = TypeParam;
  const Dual<T, 2> x(T(-2), T(1), T(0));
  EXPECT_TRUE(is(pow(x, 3), -8, 12, 0));
  EXPECT_TRUE(is(pow(x, 3.0), -8, 12, 0));
  EXPECT_TRUE(is(pow(x, T(3)), -8, 12, 0));
  EXPECT_TRUE(is(pow(x, 7.0), -128, 448, 0));
  EXPECT_TRUE(is(pow(x, Dual<T, 2>(3)), -8, 12, 0));
  EXPECT_TRUE(all(isnan(pow(x, 0.5))));
}

TYPED_TEST(DualOf, IsInfiniteOnlyInTheDirectionsThatMeetASingularity) {
  using T = TypeParam;
  const double inf = std::numeric_limits<double>::infinity();
  const Dual<T, 2> zero = Dual<T, 2>::variable(T(0), 0), one = Dual<T, 2>::variable(T(1), 1);
  EXPECT_TRUE(is(sqrt(zero), 0, inf, 0));
  EXPECT_TRUE(is(cbrt(zero), 0, inf, 0));
  EXPECT_TRUE(is(log(zero), -inf, inf, 0));
  EXPECT_TRUE(is(acosh(one), 0, 0, inf));
  EXPECT_TRUE(is(atanh(one), inf, 0, inf));
  EXPECT_TRUE(is(log1p(-one), -inf, 0, -inf));
  EXPECT_TRUE(all(asin(one).derivative[0] == T(0)) && all(asin(one).derivative[1] == T(inf)));
  EXPECT_TRUE(is(sqrt(zero * zero), 0, 0, 0)) << "no direction moves the argument";
}

TYPED_TEST(DualOf, HasDerivativeZeroAtKinksAndJumps) {
  using T = TypeParam;
  const auto zero = Dual<T, 2>::variable(T(0), 0);
  EXPECT_TRUE(is(abs(zero), 0, 0, 0));
  EXPECT_TRUE(is(fabs(zero), 0, 0, 0));
  EXPECT_TRUE(is(hypot(zero, Dual<T, 2>::variable(T(0), 1)), 0, 0, 0));
  EXPECT_TRUE(is(hypot(zero, 0.0), 0, 0, 0));
  EXPECT_TRUE(is(floor(zero), 0, 0, 0));
  EXPECT_TRUE(is(ceil(zero), 0, 0, 0));
  EXPECT_TRUE(is(copysign(zero, 1.0), 0, 0, 0));
}

TYPED_TEST(DualOf, StaysInRangeWhereSquaresWouldNot) {
  using T = TypeParam;
  using S = scalar_of<T>;
  const S huge = std::numeric_limits<S>::max() / 4;
  const auto x = Dual<T, 1>::variable(T(huge), 0);
  const auto close = [](const T& a, double b) { return all(abs(a - T(b)) <= T(8 * std::numeric_limits<S>::epsilon() * b)); };
  EXPECT_TRUE(close(hypot(x, x).derivative[0], std::sqrt(2.0)));
  EXPECT_TRUE(close(asinh(x).derivative[0] * T(huge), 1));
  EXPECT_TRUE(close(acosh(x).derivative[0] * T(huge), 1));
  EXPECT_TRUE(close(atan2(x, T(huge)).derivative[0] * T(huge), 0.5));
}

/// Lane l of every component.
template <class T>
auto lane_of(const State<T>& y, int l) {
  return State<decltype(lane(y[0], l))>{{lane(y[0], l), lane(y[1], l), lane(y[2], l)}};
}

template <class T>
State<Dual<T, 3>> seeded(const State<T>& y) {
  using D = Dual<T, 3>;
  return {{D::variable(y[0], 0), D::variable(y[1], 1), D::variable(y[2], 2)}};
}

/// f at duals of lanes, lane by lane: its value is f at the scalar, its derivatives those of the long double evaluation.
template <class T, class F>
void expect_lanes_equal_scalars(F f) {
  using S = scalar_of<T>;
  std::mt19937 random(7);
  std::uniform_real_distribution<S> component(S(0.25), S(2));
  for (int sample = 0; sample < 20; ++sample) {
    State<T> y;
    for (T& c : y.component)
      for (int l = 0; l < lane_count<T>; ++l) set_lane(c, l, component(random));
    const auto jacobian = f(seeded(y));
    const auto values = f(y);
    for (int l = 0; l < lane_count<T>; ++l) {
      const State<S> point = lane_of(y, l);
      const auto scalar_values = f(point);
      const auto exact = f(seeded(State<long double>{{point[0], point[1], point[2]}}));
      for (int i = 0; i < 3; ++i) {
        double size = 1;  // the terms of a component may cancel: compare with the largest derivative
        for (int k = 0; k < 3; ++k) size = std::max(size, static_cast<double>(std::abs(exact[i].derivative[k])));
        const double tolerance = rounding * std::numeric_limits<S>::epsilon() * size;
        EXPECT_NEAR(lane(values[i], l), scalar_values[i], tolerance);
        EXPECT_NEAR(lane(jacobian[i].value, l), scalar_values[i], tolerance);
        for (int k = 0; k < 3; ++k)
          EXPECT_NEAR(lane(jacobian[i], l).derivative[k], static_cast<double>(exact[i].derivative[k]), tolerance) << i << ", " << k;
      }
    }
  }
}

TYPED_TEST(DualOf, LanesEqualScalarsForUsersFunctors) {
  expect_lanes_equal_scalars<TypeParam>(chemistry::Robertson{});
  expect_lanes_equal_scalars<TypeParam>(chemistry::Furnace{});
}

TYPED_TEST(DualOf, GivesTheJacobianOfRobertson) {
  using T = TypeParam;
  const auto f = chemistry::Robertson{}(seeded(State<T>{{T(0.5), T(0.25), T(2)}}));
  const auto close = [](const T& a, double b) {
    return all(abs(a - T(b)) <= T(4 * std::numeric_limits<scalar_of<T>>::epsilon() * std::abs(b)));
  };
  const double exact[3][3] = {{-0.04, 2e4, 2500}, {0.04, -2e4 - 1.5e7, -2500}, {0, 1.5e7, 0}};
  for (int i = 0; i < 3; ++i)
    for (int k = 0; k < 3; ++k) EXPECT_TRUE(close(f[i].derivative[k], exact[i][k])) << i << ", " << k;
}

TYPED_TEST(DualOf, NestsWithConstantsOfEveryLevel) {
  using T = TypeParam;
  using First = Dual<T, 1>;
  using Second = Dual<First, 1>;
  const First inner(T(3), T(1));
  const Second x = Second::variable(inner, 0);
  const Second cubed = x * x * x;  // 27, 27 and 18
  EXPECT_TRUE(is(cubed.value, 27, 27) && is(cubed.derivative[0], 27, 18));
  const Second scaled = 2 * x + T(1) - inner + x * inner;  // the derivative knows inner as a constant
  EXPECT_TRUE(is(scaled.value, 13, 7) && is(scaled.derivative[0], 5, 1));
  const T tolerance = T(27 * rounding * std::numeric_limits<scalar_of<T>>::epsilon());
  EXPECT_TRUE(all(abs(pow(x, inner).derivative[0].value - 27) <= tolerance));
  const Second squared = pow(Second::variable(First::variable(T(0), 0), 0), 2.0);
  EXPECT_TRUE(is(squared.value, 0, 0) && is(squared.derivative[0], 0, 2)) << "the second derivative of x^2 at 0";
}

}  // namespace
