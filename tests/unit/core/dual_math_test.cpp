// SPDX-License-Identifier: BSD-3-Clause
#include "antler/core/dual_math.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

// Every elementary function of dual numbers against two oracles in long double: its derivative in closed form, and a central
// difference of the function itself.

using antler::Dual;
using antler::lane;
using antler::lane_count;
using antler::Lanes;
using antler::scalar_of;
using antler::set_lane;

namespace {

using Real = long double;

/// ulps of a value (4 for the function itself) and of a derivative (two functions of 4 ulp and some operations).
constexpr double rounding = 16;
/// Five-point differences with step 1e-4: error h^4 f'''''/30 = 3e-18 f''''', and 1e-19/h = 1e-15 from rounding.
constexpr Real step = 1e-4L, difference_error = 1e-12L;

template <class F>
Real central_difference(F f, Real x) {
  const Real h = step;
  return (8 * (f(x + h) - f(x - h)) - (f(x + 2 * h) - f(x - 2 * h))) / (12 * h);
}

/// A function of one variable: f for any type, its derivative, where to test, and the size that errors of f' are relative to where
/// that is not f' itself.
template <class F, class D>
struct Function {
  const char* name;
  F f;
  D derivative;
  std::vector<double> points;
  double scale = 0;
};
template <class F, class D>  // clang 14 deduces no aggregates
Function(const char*, F, D, std::vector<double>, double = 0)->Function<F, D>;

template <class Visitor>
void for_each_function(Visitor visit) {
  using std::numbers::ln2_v, std::numbers::ln10_v, std::numbers::pi_v;
  const std::vector<double> real{-3.25, -1.125, -0.375, 0.0625, 0.5, 2.75}, positive{0.125, 0.5, 1.25, 3.0, 17.5},
      inside{-0.75, -0.25, 0.125, 0.625};
#define ANTLER_FUNCTION(function, derivative, ...)                                                                              \
  visit(Function{#function, [](const auto& x) { return function; }, []([[maybe_unused]] Real x) -> Real { return derivative; }, \
                 __VA_ARGS__})
  ANTLER_FUNCTION(exp(x), std::exp(x), real);
  ANTLER_FUNCTION(exp2(x), std::exp2(x) * ln2_v<Real>, real);
  ANTLER_FUNCTION(expm1(x), std::exp(x), real);
  ANTLER_FUNCTION(log(x), 1 / x, positive);
  ANTLER_FUNCTION(log2(x), 1 / (x * ln2_v<Real>), positive);
  ANTLER_FUNCTION(log10(x), 1 / (x * ln10_v<Real>), positive);
  ANTLER_FUNCTION(log1p(x), 1 / (1 + x), inside);
  ANTLER_FUNCTION(sqrt(x), 0.5L / std::sqrt(x), positive);
  ANTLER_FUNCTION(cbrt(x), std::cbrt(x) / (3 * x), real);
  ANTLER_FUNCTION(pow(x, 4.0), 4 * x * x * x, real);
  ANTLER_FUNCTION(pow(x, 3), 3 * x * x, real);
  ANTLER_FUNCTION(pow(x, -2), -2 / (x * x * x), real);
  ANTLER_FUNCTION(pow(x, 7), 7 * std::pow(x, 6.0L), real);
  ANTLER_FUNCTION(pow(x, 2.25), 2.25L * std::pow(x, 1.25L), positive);
  ANTLER_FUNCTION(pow(x, -0.5), -0.5L * std::pow(x, -1.5L), positive);
  ANTLER_FUNCTION(pow(1.75, x), std::pow(1.75L, x) * std::log(1.75L), real);
  ANTLER_FUNCTION(pow(2, x), std::exp2(x) * ln2_v<Real>, real);
  ANTLER_FUNCTION(pow(x, x), std::pow(x, x) * (std::log(x) + 1), positive, 1);
  ANTLER_FUNCTION(sin(x), std::cos(x), real);
  ANTLER_FUNCTION(cos(x), -std::sin(x), real);
  ANTLER_FUNCTION(tan(x), 1 + std::tan(x) * std::tan(x), real);
  ANTLER_FUNCTION(asin(x), 1 / std::sqrt(1 - x * x), inside);
  ANTLER_FUNCTION(acos(x), -1 / std::sqrt(1 - x * x), inside);
  ANTLER_FUNCTION(atan(x), 1 / (1 + x * x), real);
  ANTLER_FUNCTION(atan2(x, 0.75), 0.75L / (x * x + 0.5625L), real);
  ANTLER_FUNCTION(atan2(0.75, x), -0.75L / (x * x + 0.5625L), real);
  ANTLER_FUNCTION(sinh(x), std::cosh(x), real);
  ANTLER_FUNCTION(cosh(x), std::sinh(x), real);
  ANTLER_FUNCTION(tanh(x), 1 - std::tanh(x) * std::tanh(x), real, 1);  // documented: accurate relative to 1
  ANTLER_FUNCTION(asinh(x), 1 / std::sqrt(x * x + 1), real);
  ANTLER_FUNCTION(acosh(x), 1 / std::sqrt(x * x - 1), {1.25, 2.0, 40.0});
  ANTLER_FUNCTION(atanh(x), 1 / (1 - x * x), inside);
  ANTLER_FUNCTION(hypot(x, 0.75), x / std::sqrt(x * x + 0.5625L), real);
  ANTLER_FUNCTION(erf(x), 2 / std::sqrt(pi_v<Real>) * std::exp(-x * x), real);
  ANTLER_FUNCTION(erfc(x), -2 / std::sqrt(pi_v<Real>) * std::exp(-x * x), real);
  ANTLER_FUNCTION(abs(x), (x > 0 ? 1 : -1), real);
  ANTLER_FUNCTION(fabs(x), (x > 0 ? 1 : -1), real);
  ANTLER_FUNCTION(floor(x), 0, real);
  ANTLER_FUNCTION(ceil(x), 0, real);
  ANTLER_FUNCTION(fma(x, x, x), 2 * x + 1, real);
  ANTLER_FUNCTION(fma(x, 0.75, 2.0), 0.75L, real);
  ANTLER_FUNCTION(fma(0.5, 2.0, x), 1, real);
  ANTLER_FUNCTION(fmax(x, 0.25), (x > 0.25L ? 1 : 0), real);
  ANTLER_FUNCTION(fmin(0.25, x), (x < 0.25L ? 1 : 0), real);
  ANTLER_FUNCTION(copysign(x, -1.0), (x > 0 ? -1 : 1), real);
#undef ANTLER_FUNCTION
}

/// The points in turn, so that every lane holds another one.
template <class T>
T points_from(const std::vector<double>& points, size_t first) {
  T x = T(0);
  for (int l = 0; l < lane_count<T>; ++l)
    set_lane(x, l, static_cast<scalar_of<T>>(points[(first + static_cast<size_t>(l)) % points.size()]));
  return x;
}

template <class T>
class DualMath : public testing::Test {};
using ValueTypes = testing::Types<float, double, Lanes<float>, Lanes<double>>;
TYPED_TEST_SUITE(DualMath, ValueTypes);

TYPED_TEST(DualMath, EveryFunctionHasItsDerivative) {
  using T = TypeParam;
  using S = scalar_of<T>;
  for_each_function([](const auto& function) {
    for (size_t i = 0; i < function.points.size(); ++i) {
      const T point = points_from<T>(function.points, i);
      const Dual<T, 3> x(point, T(1), T(-2), T(0)), y = function.f(x);
      for (int l = 0; l < lane_count<T>; ++l) {
        const Real at = lane(point, l), value = function.f(at), slope = function.derivative(at);
        const Real unit = rounding * std::numeric_limits<S>::epsilon();
        const Real tolerance = unit * std::max<Real>(std::abs(slope), function.scale);
        EXPECT_NEAR(lane(y.value, l), value, unit * std::abs(value)) << function.name << " at " << at;
        EXPECT_NEAR(lane(y.derivative[0], l), slope, tolerance) << function.name << " at " << at;
        EXPECT_NEAR(lane(y.derivative[1], l), -2 * slope, 2 * tolerance) << function.name << " at " << at;
        EXPECT_EQ(lane(y.derivative[2], l), 0) << function.name << " at " << at;
      }
    }
  });
}

TYPED_TEST(DualMath, EveryDerivativeMatchesADifferenceQuotient) {
  using T = TypeParam;
  using S = scalar_of<T>;
  for_each_function([](const auto& function) {
    for (size_t i = 0; i < function.points.size(); ++i) {
      const T point = points_from<T>(function.points, i);
      const auto y = function.f(Dual<T, 1>::variable(point, 0));
      for (int l = 0; l < lane_count<T>; ++l) {
        const Real at = lane(point, l), slope = central_difference(function.f, at);
        // At small |x| the fifth derivatives of log, 1 / x^2 and their like grow as |x|^-5.
        const Real truncation = difference_error * (1 + std::abs(function.f(at))) / std::pow(std::min<Real>(std::abs(at), 1), 5);
        const Real unit = rounding * std::numeric_limits<S>::epsilon();
        EXPECT_NEAR(lane(y.derivative[0], l), slope, truncation + unit * std::max<Real>(std::abs(slope), function.scale))
            << function.name << " at " << at;
      }
    }
  });
}

TYPED_TEST(DualMath, NestedDualsGiveSecondDerivatives) {
  using T = TypeParam;
  using S = scalar_of<T>;
  using Second = Dual<Dual<T, 1>, 1>;
  for_each_function([](const auto& function) {
    for (size_t i = 0; i < function.points.size(); ++i) {
      const T point = points_from<T>(function.points, i);
      const Second y = function.f(Second::variable(Dual<T, 1>::variable(point, 0), 0));
      for (int l = 0; l < lane_count<T>; ++l) {
        const Real at = lane(point, l), slope = function.derivative(at), curvature = central_difference(function.derivative, at);
        const Real unit = rounding * std::numeric_limits<S>::epsilon();
        const Real truncation = difference_error * (1 + std::abs(slope)) / std::pow(std::min<Real>(std::abs(at), 1), 5);
        EXPECT_NEAR(lane(y.derivative[0].value, l), slope, unit * std::max<Real>(std::abs(slope), function.scale)) << function.name;
        EXPECT_NEAR(lane(y.value.derivative[0], l), slope, unit * std::max<Real>(std::abs(slope), function.scale)) << function.name;
        // The terms of f'' may cancel: their size is that of f'', of f' / x and of f'.
        const Real terms = std::abs(curvature) + std::abs(slope) * (1 + 1 / std::abs(at)) + function.scale;
        EXPECT_NEAR(lane(y.derivative[0].derivative[0], l), curvature, truncation + unit * terms) << function.name << " at " << at;
      }
    }
  });
}

/// f(a, b) with its partial derivatives.
template <class F, class Da, class Db>
void expect_partials(const char* name, F f, Da partial_a, Db partial_b) {
  const std::vector<double> first{0.5, 1.25, 3.0, 0.125}, second{2.0, 0.75, 0.25};
  const auto check = [&]<class T>(T) {
    using S = scalar_of<T>;
    for (size_t i = 0; i < first.size(); ++i)
      for (size_t j = 0; j < second.size(); ++j) {
        const T a = points_from<T>(first, i), b = points_from<T>(second, j);
        using D = Dual<T, 2>;
        const D both = f(D::variable(a, 0), D::variable(b, 1)), one = f(D::variable(a, 0), b), other = f(a, D::variable(b, 1));
        for (int l = 0; l < lane_count<T>; ++l) {
          const Real x = lane(a, l), y = lane(b, l), unit = rounding * std::numeric_limits<S>::epsilon();
          const Real value = f(x, y), da = partial_a(x, y), db = partial_b(x, y);
          for (const D& z : {both, one, other}) EXPECT_NEAR(lane(z.value, l), value, unit * std::abs(value)) << name;
          EXPECT_NEAR(lane(both.derivative[0], l), da, unit * std::abs(da)) << name << " at " << x << ", " << y;
          EXPECT_NEAR(lane(both.derivative[1], l), db, unit * std::abs(db)) << name << " at " << x << ", " << y;
          EXPECT_NEAR(lane(one.derivative[0], l), da, unit * std::abs(da)) << name << " at " << x << ", " << y;
          EXPECT_NEAR(lane(other.derivative[1], l), db, unit * std::abs(db)) << name << " at " << x << ", " << y;
          EXPECT_EQ(lane(one.derivative[1], l), 0) << name;
          EXPECT_EQ(lane(other.derivative[0], l), 0) << name;
        }
      }
  };
  check(0.0f);
  check(0.0);
  check(Lanes<float>(0));
  check(Lanes<double>(0));
}

TEST(DualMathOfTwo, FunctionsHaveBothPartialDerivatives) {
#define ANTLER_FUNCTION(function, da, db)                                          \
  expect_partials(                                                                 \
      #function, [](const auto& a, const auto& b) { return function; },            \
      []([[maybe_unused]] Real a, [[maybe_unused]] Real b) -> Real { return da; }, \
      []([[maybe_unused]] Real a, [[maybe_unused]] Real b) -> Real { return db; })
  ANTLER_FUNCTION(a + b, 1, 1);
  ANTLER_FUNCTION(a - b, 1, -1);
  ANTLER_FUNCTION(a * b, b, a);
  ANTLER_FUNCTION(a / b, 1 / b, -a / (b * b));
  ANTLER_FUNCTION(pow(a, b), b * std::pow(a, b - 1), std::pow(a, b) * std::log(a));
  ANTLER_FUNCTION(atan2(a, b), b / (a * a + b * b), -a / (a * a + b * b));
  ANTLER_FUNCTION(hypot(a, b), a / std::hypot(a, b), b / std::hypot(a, b));
  ANTLER_FUNCTION(fmax(a, b), (a > b ? 1 : 0), (a > b ? 0 : 1));
  ANTLER_FUNCTION(fmin(a, b), (a < b ? 1 : 0), (a < b ? 0 : 1));
  ANTLER_FUNCTION(copysign(a, -b), -1, 0);
  ANTLER_FUNCTION(fma(a, b, a), b + 1, a);
#undef ANTLER_FUNCTION
}

}  // namespace
