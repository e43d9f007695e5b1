// SPDX-License-Identifier: BSD-3-Clause
// Compiled with -ffast-math, which lets the compiler assume that there is no NaN: none may be reported as converged all the same.
#include <gtest/gtest.h>

#include <array>
#include <limits>

#include "antler/antler.hpp"

namespace {

using antler::Vector;

/// f is NaN from t = 0.5 on, without an operation that -ffast-math could turn into something else.
struct NotANumber {
  double nan;
  template <class T>
  Vector<T, 1> operator()(const T& t, const Vector<T, 1>& y) const {
    return {antler::select(t < 0.5, y[0], T(nan))};
  }
};

struct NotANumberStep {
  double nan;
  template <class T>
  Vector<T, 1> operator()(const Vector<T, 1>& y, double x) const {
    return {0.5 * y[0] + (x > 10 ? nan : x)};
  }
};

TEST(FastMath, DoesNotMakeNaNConverge) {
  volatile double hidden = std::numeric_limits<double>::quiet_NaN();
  const antler::InitialValueProblem p{NotANumber{hidden}, 0.0, 1.0, Vector<double, 1>{1}};
  EXPECT_NE(antler::solve(p).status, antler::Status::converged);
  EXPECT_NE(antler::solve(p, antler::Exponential{}).status, antler::Status::converged);
  EXPECT_NE(antler::solve(p, antler::Exponential{}, antler::Mesh::uniform(0, 1, 50)).status, antler::Status::converged);
  std::vector<double> inputs(100, 1.0);
  inputs[60] = 11;
  const antler::DifferenceEquation d{NotANumberStep{hidden}, Vector<double, 1>{1}, inputs};
  EXPECT_NE(antler::solve(d).status, antler::Status::converged);
}

}  // namespace
