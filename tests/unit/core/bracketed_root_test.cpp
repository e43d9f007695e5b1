// SPDX-License-Identifier: BSD-3-Clause
#include "antler/core/bracketed_root.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <utility>
#include <vector>

using antler::bracketed_root;

namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();

struct Counted {
  double (*g)(double);
  mutable int calls = 0;
  double operator()(double x) const {
    ++calls;
    return g(x);
  }
};

double root(const Counted& g, double a, double b) { return bracketed_root(g, a, b, g.g(a), g.g(b)); }

TEST(BracketedRoot, IsExactToRounding) {
  const std::vector<std::pair<Counted, double>> cases{
      {{[](double x) { return x * x * x - 2; }}, std::cbrt(2.0)},  {{[](double x) { return std::cos(x); }}, 1.5707963267948966},
      {{[](double x) { return std::exp(x) - 3; }}, std::log(3.0)}, {{[](double x) { return std::atan(1e6 * (x - 1.1)); }}, 1.1},
      {{[](double x) { return x < 1.3 ? -1.0 : 1e9; }}, 1.3},      {{[](double x) { return std::pow(x - 1.25, 9); }}, 1.25}};
  for (const auto& [g, exact] : cases)
    for (const auto& [a, b] : {std::pair{1.0, 2.0}, {2.0, 1.0}, {0.0, 3.0}}) {
      const double x = root(g, a, b);
      const double wide = g.g(1.26) < 1e-15 ? 1e-1 : 8 * epsilon;  // a ninefold root is wide
      EXPECT_NEAR(x, exact, wide * 2);
      EXPECT_TRUE(g.g(x) == 0 || (g.g(x) > 0) == (g.g(b) > 0)) << "beyond the root, seen from a";
    }
}

TEST(BracketedRoot, IsFasterThanBisectionAndNeverMuchSlower) {
  const Counted smooth{[](double x) { return x * x * x - 2; }}, steep{[](double x) { return std::atan(1e9 * (x - 1.1)); }},
      step{[](double x) { return x < 1.3 ? -1e-9 : 1e9; }};
  static_cast<void>(root(smooth, 1, 2));
  static_cast<void>(root(steep, 1, 2));
  static_cast<void>(root(step, 1, 2));
  EXPECT_LE(smooth.calls, 12);
  EXPECT_LE(steep.calls, 54);  // bisection: 51
  EXPECT_LE(step.calls, 54);
}

TEST(BracketedRoot, EndsWhereTheFunctionIsNotFinite) {
  const Counted g{[](double x) { return x < 1.5 ? -1.0 : std::numeric_limits<double>::quiet_NaN(); }};
  const double x = bracketed_root(g, 1.0, 2.0, -1.0, 1.0);
  EXPECT_NEAR(x, 1.5, 1e-14);
  EXPECT_LE(g.calls, 54);
}

TEST(BracketedRoot, OfNeighbouringNumbersIsTheLaterOne) {
  const double a = 1, b = std::nextafter(1.0, 2.0);
  EXPECT_EQ(bracketed_root([](double) { return 0.0; }, a, b, -1.0, 1.0), b);
}

}  // namespace
