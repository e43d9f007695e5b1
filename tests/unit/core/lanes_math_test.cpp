// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <string>

#include "antler/core/lanes_math.hpp"

using namespace antler;

namespace {

/// The bound that lanes_math.hpp promises for every function and argument; the scalar functions of libm need about 1.
constexpr long double ulp_bound = 4;
/// More ulps than any bound: NaN, infinity or zero where another value is right.
constexpr long double wrong = 1e30L;

template <class T>
long double ulps(T got, long double want) {
  using limits = std::numeric_limits<T>;
  const T rounded = static_cast<T>(want);
  if (std::isnan(rounded) || std::isnan(got)) return std::isnan(rounded) && std::isnan(got) ? 0 : wrong;
  if (got == rounded) return 0;
  if (std::isinf(rounded) || std::isinf(got)) return wrong;
  int exponent;
  std::frexp(want, &exponent);
  exponent = std::max(exponent, limits::min_exponent);
  return std::fabs(static_cast<long double>(got) - want) / std::ldexp(1.0L, exponent - limits::digits);
}

enum class Spacing { uniform, logarithmic };

/// A range of magnitudes, to be tested with one sign or both.
struct Range {
  long double from, to;
  Spacing spacing = Spacing::logarithmic;
  bool both_signs = true;
};

/// Arguments at random: 500 batches per range, different in every lane.
class Sampler {
 public:
  template <class T>
  T operator()(const Range& r) {
    std::uniform_real_distribution<long double> unit(0, 1);
    const long double u = unit(random_);
    const long double magnitude =
        r.spacing == Spacing::uniform ? r.from + u * (r.to - r.from) : std::exp(std::log(r.from) + u * std::log(r.to / r.from));
    return static_cast<T>(r.both_signs && unit(random_) < 0.5L ? -magnitude : magnitude);
  }

 private:
  std::mt19937_64 random_{20240607};
};

constexpr int batches = 500;

template <class T, class F>
void expect_accurate(const char* name, F f, std::initializer_list<Range> ranges) {
  constexpr int count = lane_count<Lanes<T>>;
  Sampler sample;
  long double worst = 0, at = 0;
  const auto check = [&](const T* x) {
    const auto y = f(load<Lanes<T>>(x));
    for (int l = 0; l < count; ++l)
      if (const long double error = ulps(lane(y, l), f(static_cast<long double>(x[l]))); error > worst) worst = error, at = x[l];
  };
  T x[count];
  for (const Range& range : ranges)
    for (int i = 0; i < batches; ++i) {
      for (T& xl : x) xl = sample.operator()<T>(range);
      check(x);
    }
  using limits = std::numeric_limits<T>;
  for (const T special : {T(0), T(0.5), T(1), T(2), T(1e4), limits::min(), limits::min() / 4, limits::denorm_min(), limits::max(),
                          limits::infinity(), limits::quiet_NaN()})
    for (const T sign : {T(1), T(-1)}) {
      for (T& xl : x) xl = T(0.75);
      x[count - 1] = sign * special;  // one unusual lane must not disturb the others
      check(x);
    }
  EXPECT_LE(worst, ulp_bound) << name << " at " << static_cast<double>(at);
}

template <class T, class F>
void expect_accurate_pair(const char* name, F f, Range first, Range second) {
  constexpr int count = lane_count<Lanes<T>>;
  Sampler sample;
  long double worst = 0, at = 0, and_at = 0;
  const auto check = [&](const T* x, const T* y) {
    const auto z = f(load<Lanes<T>>(x), load<Lanes<T>>(y));
    for (int l = 0; l < count; ++l) {
      const long double error = ulps(lane(z, l), f(static_cast<long double>(x[l]), static_cast<long double>(y[l])));
      if (error > worst) worst = error, at = x[l], and_at = y[l];
    }
  };
  T x[count], y[count];
  for (int i = 0; i < 4 * batches; ++i) {
    for (int l = 0; l < count; ++l) x[l] = sample.operator()<T>(first), y[l] = sample.operator()<T>(second);
    check(x, y);
  }
  const T inf = std::numeric_limits<T>::infinity();
  for (const T u : {T(0), T(-0.0), T(1), T(-1), T(0.5), T(-2), T(3), inf, -inf})
    for (const T v : {T(0), T(-0.0), T(1), T(-1), T(0.5), T(-2), T(3), inf, -inf}) {
      for (int l = 0; l < count; ++l) x[l] = u, y[l] = v;
      check(x, y);
    }
  EXPECT_LE(worst, ulp_bound) << name << " at " << static_cast<double>(at) << ", " << static_cast<double>(and_at);
}

template <class T>
class LanesMath : public testing::Test {
 public:
  using limits = std::numeric_limits<T>;
  static constexpr long double tiny = limits::denorm_min(), huge = limits::max();
  static constexpr long double overflow = std::is_same_v<T, float> ? 89 : 710, underflow = std::is_same_v<T, float> ? 104 : 746;
  static constexpr long double bits = limits::max_exponent;
  static constexpr Range everything{tiny, huge}, unit{0, 1, Spacing::uniform}, small{tiny, 1};
};
using Scalars = testing::Types<float, double>;
TYPED_TEST_SUITE(LanesMath, Scalars);

#define ANTLER_TEST_FUNCTION(function, ...) \
  expect_accurate<TypeParam>(#function, [](const auto& x) { return function(x); }, {__VA_ARGS__})
#define ANTLER_TEST_PAIR(function, first, second) \
  expect_accurate_pair<TypeParam>(                \
      #function, [](const auto& x, const auto& y) { return function(x, y); }, first, second)

TYPED_TEST(LanesMath, ExponentialsAreAccurateUpToOverflowAndSubnormalResults) {
  using R = TestFixture;
  const Range moderate{0, R::overflow, Spacing::uniform}, edge{R::overflow - 3, R::underflow + 10, Spacing::uniform};
  ANTLER_TEST_FUNCTION(exp, R::small, moderate, edge);
  ANTLER_TEST_FUNCTION(expm1, R::small, moderate, edge);
  ANTLER_TEST_FUNCTION(exp2, R::small, {0, R::bits, Spacing::uniform}, {R::bits - 4, R::bits + 200, Spacing::uniform});
  ANTLER_TEST_FUNCTION(sinh, R::small, moderate, edge);
  ANTLER_TEST_FUNCTION(cosh, R::small, moderate, edge);
}

TYPED_TEST(LanesMath, LogarithmsAndRootsAreAccurateForSubnormalAndHugeArguments) {
  using R = TestFixture;
  const Range positive{R::tiny, R::huge, Spacing::logarithmic, false}, subnormal{R::tiny, R::limits::min()};
  const Range near_one{0.5, 2, Spacing::uniform, false};
  ANTLER_TEST_FUNCTION(log, positive, subnormal, near_one);
  ANTLER_TEST_FUNCTION(log2, positive, subnormal, near_one);
  ANTLER_TEST_FUNCTION(log10, positive, subnormal, near_one);
  ANTLER_TEST_FUNCTION(log1p, positive, R::small, R::unit);
  ANTLER_TEST_FUNCTION(sqrt, positive, subnormal);
  ANTLER_TEST_FUNCTION(cbrt, R::everything, subnormal);
}

TYPED_TEST(LanesMath, TrigonometryIsAccurateForSmallAndHugeAngles) {
  using R = TestFixture;
  const Range circle{0, 10, Spacing::uniform}, large{10, 1e5}, gigantic{1e5, 1e30};
  ANTLER_TEST_FUNCTION(sin, R::small, circle, large, gigantic);
  ANTLER_TEST_FUNCTION(cos, R::small, circle, large, gigantic);
  ANTLER_TEST_FUNCTION(tan, R::small, circle, large, gigantic);
  ANTLER_TEST_FUNCTION(asin, R::small, R::unit);
  ANTLER_TEST_FUNCTION(acos, R::small, R::unit);
  ANTLER_TEST_FUNCTION(atan, R::everything, circle);
  ANTLER_TEST_PAIR(atan2, R::everything, R::everything);
  ANTLER_TEST_PAIR(atan2, circle, circle);
}

TYPED_TEST(LanesMath, HyperbolicInversesAndTanhAreAccurate) {
  using R = TestFixture;
  const Range moderate{0, 30, Spacing::uniform};
  ANTLER_TEST_FUNCTION(tanh, R::small, moderate, R::everything);
  ANTLER_TEST_FUNCTION(asinh, R::everything, moderate);
  ANTLER_TEST_FUNCTION(acosh, {1, R::huge, Spacing::logarithmic, false}, {1, 3, Spacing::uniform, false});
  ANTLER_TEST_FUNCTION(atanh, R::small, R::unit);
}

TYPED_TEST(LanesMath, ErrorFunctionsAreAccurateInTheTails) {
  using R = TestFixture;
  ANTLER_TEST_FUNCTION(erf, R::small, {0, 7, Spacing::uniform});
  ANTLER_TEST_FUNCTION(erfc, R::small, {0, 7, Spacing::uniform}, {7, 30, Spacing::uniform});
}

TYPED_TEST(LanesMath, RoundingAndSignsAreExact) {
  using R = TestFixture;
  ANTLER_TEST_FUNCTION(floor, {1e-3, R::huge});
  ANTLER_TEST_FUNCTION(ceil, {1e-3, R::huge});
  ANTLER_TEST_FUNCTION(abs, R::everything);
  ANTLER_TEST_FUNCTION(fabs, R::everything);
  ANTLER_TEST_PAIR(copysign, R::everything, R::everything);
}

TYPED_TEST(LanesMath, HypotNeitherOverflowsNorUnderflows) {
  using R = TestFixture;
  ANTLER_TEST_PAIR(hypot, R::everything, R::everything);
  ANTLER_TEST_PAIR(hypot, R::unit, R::unit);
}

TYPED_TEST(LanesMath, PowersAreAccurate) {
  using R = TestFixture;
  const Range base{R::tiny, R::huge, Spacing::logarithmic, false}, near_one{0.5, 2, Spacing::uniform, false};
  ANTLER_TEST_PAIR(pow, base, R::unit);
  ANTLER_TEST_PAIR(pow, near_one, (Range{0, 200, Spacing::uniform}));
  ANTLER_TEST_PAIR(pow, R::everything, (Range{1, 20}));
}

TYPED_TEST(LanesMath, SmallIntegerPowersAreMultipliedOutWithinTheBound) {
  using R = TestFixture;
  for (int k = -6; k <= 12; ++k) {
    const auto power = [k](const auto& x) { return pow(x, k); };
    const auto same_power = [k](const auto& x) { return pow(x, static_cast<double>(k)); };
    const long double edge = std::pow(R::huge, 0.9L / std::max(std::abs(k), 1));  // results stay normal numbers
    const Range range{1 / edge, edge};
    const auto relative = [&](const auto& f) {
      Sampler sample;
      for (int i = 0; i < batches; ++i) {
        const TypeParam x = sample.template operator()<TypeParam>(range);
        EXPECT_LE(ulps(lane(f(Lanes<TypeParam>(x)), 0), f(static_cast<long double>(x))), ulp_bound) << x << "^" << k;
      }
    };
    relative(power);
    relative(same_power);
  }
  EXPECT_TRUE(all(pow(Lanes<TypeParam>(0), 0) == 1));
  EXPECT_TRUE(all(pow(Lanes<TypeParam>(0), 2.0) == 0));
  EXPECT_TRUE(all(pow(Lanes<TypeParam>(0), -1.0) == std::numeric_limits<TypeParam>::infinity()));
  EXPECT_TRUE(all(pow(2.0, Lanes<TypeParam>(3)) == 8));
}

}  // namespace
