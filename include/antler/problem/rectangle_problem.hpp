// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <span>

#include "antler/core/dual_math.hpp"
#include "antler/core/require.hpp"
#include "antler/problem/grid_side.hpp"

namespace antler {

/// [x0, x1] x [y0, y1].
struct Rectangle {
  double x0 = 0, x1 = 1, y0 = 0, y1 = 1;
};

/// The four sides of a rectangle: left and right at x0 and x1, bottom and top at y0 and y1.
struct RectangleSides {
  GridSide left, right, bottom, top;
};

/// f and df/du of one row of points: (y, x_1 .. x_m, u_1 .. u_m) -> f, f_u.
using RectangleRowFunction =
    std::function<void(double y, std::span<const double> x, std::span<const double> u, std::span<double> f, std::span<double> f_u)>;

inline namespace ANTLER_LANES {

/// -Laplace(u) = f(x, y, u) on a rectangle, with a Dirichlet, Neumann, Robin or periodic condition on each side.
///
///     const antler::RectangleProblem problem{Bratu{1.0}, antler::Rectangle{0, 1, 0, 1}};   // u = 0 on all sides
///
/// f is a template over the element type of u: `template <class T> T operator()(double x, double y, const T& u) const`. It is
/// called with numbers and with dual numbers, from several threads at once. Needs the component antler::fftw.
template <class F>
struct RectangleProblem {
  static_assert(std::is_invocable_r_v<double, const F&, double, double, const double&>,
                "antler::RectangleProblem: f(x, y, u) must take and return numbers");
  static_assert(std::is_invocable_r_v<Dual<double, 1>, const F&, double, double, const Dual<double, 1>&>,
                "antler::RectangleProblem: f must be a template over the type of u, so that dual numbers can pass");

  F f;
  Rectangle domain = {};
  RectangleSides sides = {};
};

template <class F>
RectangleProblem(F, Rectangle) -> RectangleProblem<F>;
template <class F>
RectangleProblem(F, Rectangle, RectangleSides) -> RectangleProblem<F>;

namespace detail {

/// f of the problem as rows of numbers and derivatives. Holds a reference to f.
template <class F>
RectangleRowFunction row_function(const F& f) {
  return [&f](double y, std::span<const double> x, std::span<const double> u, std::span<double> value, std::span<double> slope) {
    for (std::size_t k = 0; k < x.size(); ++k) {
      const Dual<double, 1> result = f(x[k], y, Dual<double, 1>::variable(u[k], 0));
      value[k] = result.value;
      slope[k] = result.derivative[0];
    }
  };
}

}  // namespace detail

}  // namespace ANTLER_LANES

}  // namespace antler
