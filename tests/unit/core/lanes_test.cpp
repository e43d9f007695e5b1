// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <limits>

#include "antler/core/dual.hpp"
#include "antler/core/lanes.hpp"
#include "antler/core/lanes_math.hpp"
#include "antler/core/math.hpp"

using namespace antler;

namespace {

template <class T>
class LanesOf : public testing::Test {};
using Scalars = testing::Types<float, double>;
TYPED_TEST_SUITE(LanesOf, Scalars);

/// 1, 2, 3, ... scaled: a different value in every lane.
template <class T>
Lanes<T> counting(T scale = 1) {
  T values[lane_count<Lanes<T>>];
  for (int l = 0; l < lane_count<Lanes<T>>; ++l) values[l] = scale * T(l + 1);
  return load<Lanes<T>>(values);
}

TYPED_TEST(LanesOf, HaveTheTraitsOfTheirScalar) {
  using T = TypeParam;
  static_assert(std::is_same_v<scalar_of<T>, T>);
  static_assert(std::is_same_v<scalar_of<Lanes<T>>, T>);
  static_assert(std::is_same_v<scalar_of<Dual<Dual<Lanes<T>, 2>, 3>>, T>);
  static_assert(lane_count<T> == 1 && lane_count<Dual<T, 3>> == 1);
  static_assert(lane_count<Dual<Lanes<T>, 3>> == lane_count<Lanes<T>>);
  static_assert(std::is_same_v<mask_of<T>, bool>);
  static_assert(std::is_same_v<mask_of<Dual<Lanes<T>, 3>>, mask_of<Lanes<T>>>);
  static_assert(std::is_trivially_copyable_v<Lanes<T>> && std::is_trivially_default_constructible_v<Lanes<T>>);
  EXPECT_EQ(sizeof(Lanes<T>), lane_count<Lanes<T>> * sizeof(T));
}

TYPED_TEST(LanesOf, LoadAndStoreAtAnyAddress) {
  using T = TypeParam;
  constexpr int count = lane_count<Lanes<T>>;
  T source[count + 1], target[count + 2] = {};
  for (int l = 0; l <= count; ++l) source[l] = T(l);
  store(target + 1, load<Lanes<T>>(source + 1));
  EXPECT_EQ(target[0], T(0));
  for (int l = 1; l <= count; ++l) EXPECT_EQ(target[l], source[l]);
  EXPECT_EQ(target[count + 1], T(0));
  store(target, load<T>(source + 1));
  EXPECT_EQ(target[0], T(1));
}

TYPED_TEST(LanesOf, GiveAndTakeSingleLanes) {
  using T = TypeParam;
  Lanes<T> x = counting<T>();
  for (int l = 0; l < lane_count<Lanes<T>>; ++l) EXPECT_EQ(lane(x, l), T(l + 1));
  const int last = lane_count<Lanes<T>> - 1;
  set_lane(x, last, T(-5));
  EXPECT_EQ(lane(x, last), T(-5));
  EXPECT_EQ(lane(x, 0), last > 0 ? T(1) : T(-5));
  T scalar = 1;
  set_lane(scalar, 0, T(2));
  EXPECT_EQ(lane(scalar, 0), T(2));
}

TYPED_TEST(LanesOf, ZeroThemselvesWhenValueInitialised) {
  using T = TypeParam;
  const Lanes<T> x{};
  for (int l = 0; l < lane_count<Lanes<T>>; ++l) EXPECT_EQ(lane(x, l), T(0));
}

TYPED_TEST(LanesOf, MixWithNumbersOfAnyType) {
  using T = TypeParam;
  const Lanes<T> x = counting<T>();
  Lanes<T> y = 2 * x + 0.5 - x / 4 + (1 - x) - 1.0f / x + -x;
  y += 1;
  y -= 0.5;
  y *= x;
  y /= 2.0;
  for (int l = 0; l < lane_count<Lanes<T>>; ++l) {
    const T s = T(l + 1);
    const T sum = 2 * s + T(0.5) - s / 4 + (1 - s) - 1 / s - s + T(0.5);
    const T rounding = 8 * std::numeric_limits<T>::epsilon() * s;  // eight operations, contracted as the compiler likes
    EXPECT_NEAR(lane(y, l), sum * s / 2, rounding * s);
  }
}

TYPED_TEST(LanesOf, CompareLaneByLane) {
  using T = TypeParam;
  const Lanes<T> x = counting<T>();
  constexpr int count = lane_count<Lanes<T>>;
  for (int l = 0; l < count; ++l) {
    const T s = T(l + 1);
    for (int m = 0; m < count; ++m) {
      const T t = T(m + 1);
      EXPECT_EQ(lane(select(x < s, Lanes<T>(1), 0), m), T(t < s));
      EXPECT_EQ(lane(select(x <= s, Lanes<T>(1), 0), m), T(t <= s));
      EXPECT_EQ(lane(select(x > s, Lanes<T>(1), 0), m), T(t > s));
      EXPECT_EQ(lane(select(x >= s, Lanes<T>(1), 0), m), T(t >= s));
      EXPECT_EQ(lane(select(x == s, Lanes<T>(1), 0), m), T(t == s));
      EXPECT_EQ(lane(select(x != s, Lanes<T>(1), 0), m), T(t != s));
      EXPECT_EQ(lane(select(x > s && x != s + 1, Lanes<T>(1), 0), m), T(t > s && t != s + 1));
      EXPECT_EQ(lane(select(x < s || !(x < s + 1), Lanes<T>(1), 0), m), T(t < s || !(t < s + 1)));
    }
  }
}

TYPED_TEST(LanesOf, NeverCompareEqualToNaN) {
  using T = TypeParam;
  Lanes<T> x = 1;
  const int last = lane_count<Lanes<T>> - 1;
  set_lane(x, last, std::numeric_limits<T>::quiet_NaN());
  EXPECT_TRUE(any(x != x));
  EXPECT_FALSE(all(x == x));
  EXPECT_FALSE(all(x < 2));
  EXPECT_TRUE(any(isnan(x)));
  EXPECT_FALSE(all(isfinite(x)));
  EXPECT_TRUE(all(isfinite(Lanes<T>(std::numeric_limits<T>::max()))));
  EXPECT_FALSE(any(isfinite(Lanes<T>(-std::numeric_limits<T>::infinity()))));
}

TYPED_TEST(LanesOf, ReduceMasks) {
  using T = TypeParam;
  const Lanes<T> x = counting<T>();
  const T count = T(lane_count<Lanes<T>>);
  EXPECT_TRUE(all(x > 0));
  EXPECT_TRUE(any(x == count));
  EXPECT_FALSE(any(x > count));
  EXPECT_EQ(all(x < count), false);
  EXPECT_TRUE(any(true) && all(true));
  EXPECT_FALSE(any(false) || all(false));
}

TYPED_TEST(LanesOf, SelectForScalarsAndWholeValues) {
  using T = TypeParam;
  EXPECT_EQ(select(T(1) < T(2), T(3), T(4)), T(3));
  EXPECT_EQ(select(T(1) > T(2), 3, T(4)), T(4));
  EXPECT_TRUE(all(select(false, Lanes<T>(1), Lanes<T>(2)) == 2));
}

/// max(a, b), min, fmax and fmin of the type under test, from a namespace without any of antler's names but these.
template <class T>
void expect_honest_extrema() {
  using S = scalar_of<T>;
  const S nan = std::numeric_limits<S>::quiet_NaN(), inf = std::numeric_limits<S>::infinity();
  const auto is = [](const T& x, S want) { return want != want ? all(x != x) : all(x == want); };
  EXPECT_TRUE(is(max(T(1), T(2)), 2));
  EXPECT_TRUE(is(min(T(1), T(2)), 1));
  EXPECT_TRUE(is(T(max(T(-1), 0.0)), 0));
  EXPECT_TRUE(is(T(min(0, T(-1))), -1));
  EXPECT_TRUE(is(max(T(nan), T(1)), nan));
  EXPECT_TRUE(is(max(T(1), T(nan)), nan));
  EXPECT_TRUE(is(min(T(nan), T(-inf)), nan));
  EXPECT_TRUE(is(min(T(inf), T(nan)), nan));
  EXPECT_TRUE(is(fmax(T(nan), T(1)), 1));
  EXPECT_TRUE(is(fmax(T(1), T(nan)), 1));
  EXPECT_TRUE(is(fmin(T(nan), T(1)), 1));
  EXPECT_TRUE(is(fmin(T(1), T(nan)), 1));
  EXPECT_TRUE(is(fmin(T(nan), T(nan)), nan));
  EXPECT_TRUE(is(fmax(T(3), T(2)), 3));
  EXPECT_TRUE(is(fmin(T(3), T(2)), 2));
}

TYPED_TEST(LanesOf, KeepNaNInMaxAndMinButNotInFmaxAndFmin) {
  expect_honest_extrema<TypeParam>();
  expect_honest_extrema<Lanes<TypeParam>>();
}

TYPED_TEST(LanesOf, RoundOnceInFma) {
  using T = TypeParam;
  const T e = std::numeric_limits<T>::epsilon();
  EXPECT_TRUE(all(fma(Lanes<T>(1 + e), Lanes<T>(1 - e), -1.0) == -e * e));  // a b + c with two roundings is 0
  EXPECT_TRUE(all(multiply_add(Lanes<T>(3), Lanes<T>(4), Lanes<T>(5)) == 17));
}

}  // namespace
