// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>

#include "antler/problem/rectangle_problem.hpp"

namespace antler::inline ANTLER_LANES {

/// u_t = kappa Laplace(u) + f(x, y, t, u) on a rectangle for t0 <= t <= t1, u(x, y, t0) = initial(x, y), with a Dirichlet, Neumann
/// or periodic condition on each side, whose values may depend on the coordinate along the side and on t.
///
/// f is a template over the element type of u: `template <class T> T operator()(double x, double y, double t, const T& u) const`.
/// It is called with numbers and with dual numbers, from several threads at once. Needs the component antler::fftw.
template <class F>
struct ParabolicRectangleProblem {
  static_assert(std::is_invocable_r_v<double, const F&, double, double, double, const double&>,
                "antler::ParabolicRectangleProblem: f(x, y, t, u) must take and return numbers");
  static_assert(std::is_invocable_r_v<Dual<double, 1>, const F&, double, double, double, const Dual<double, 1>&>,
                "antler::ParabolicRectangleProblem: f must be a template over the type of u, so that dual numbers can pass");

  F f;
  double kappa;
  Rectangle domain;
  RectangleSides sides;
  double t0, t1;
  std::function<double(double x, double y)> initial;
};

template <class F, class... Rest>
ParabolicRectangleProblem(F, Rest...) -> ParabolicRectangleProblem<F>;

}  // namespace antler::inline ANTLER_LANES
