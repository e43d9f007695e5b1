// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// RODAS [HairerWanner1996, sec. VI.4]: a Rosenbrock method of order 4 with an embedded one of order 3, six stages, L-stable,
/// stiffly accurate. With W = 1/(gamma h) - J, f_t = df/dt and the increments u_i:
///
///     W u_i = f(t + alpha_i h, y + sum_{j<i} a_ij u_j) + sum_{j<i} c_ij u_j / h + d_i h f_t,    i = 1 .. 6
///     y_1 = y + sum a_6j u_j + u_6,   a_6 = (a_5, 1),   error estimate u_6.

#include <cmath>

#include "antler/core/small_inverse.hpp"
#include "antler/core/step_polynomial.hpp"
#include "antler/core/unrolled.hpp"
#include "antler/mesh/linearly_implicit_walk.hpp"
#include "antler/mesh/rodas_coefficients.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// One step: one factorisation and six evaluations, one of them with n + 1 directions of dual numbers.
template <class T, int n>
class RodasStep {
  using C = RodasCoefficients;

 public:
  using Polynomial = StepPolynomial<T, n, 3>;
  static constexpr double smallest_remembered_root = 0.316;  // of an error of 1e-2
  static constexpr double largest_first_factor = 6;
  static constexpr bool begins_by_curvature = false, may_miss_jumps = false, magnifies_rounding = false;
  static constexpr double shortest_part = 0.25;  // gamma: of the step, in every stage's matrix

  /// @param h    with its sign
  /// @param end  the time at its end, which t + h may miss by rounding
  template <class F>
  Vector<T, n> take(const F& f, const StepStart<T, n>& start, double h, double end, bool /*dense*/, Statistics& statistics) {
    const T inverse_step = static_cast<T>(1 / h);
    Matrix<T, n> w = start.by_y;  // h W: its entries do not grow as h falls
    w *= static_cast<T>(-h);
    for (int r = 0; r < n; ++r) w(r, r) += static_cast<T>(1 / C::gamma);
    SmallInverse<T, n> inverse(w);
    inverse *= static_cast<T>(h);
    ++statistics.factorisations;
    Vector<T, n> argument = start.y;
    unrolled_on_host<6>([&](auto i) {
      if constexpr (i == 0) {
        u_[0] = start.value;
      } else {
        argument = start.y;
        Vector<T, n> memory{};
        unrolled_on_host<i>([&](auto j) {
          argument += static_cast<T>(C::a[i][j]) * u_[j];
          memory += static_cast<T>(C::c[i][j]) * u_[j];
        });
        u_[i] =
            Vector<T, n>(f(static_cast<T>(C::alpha[i] == 1 ? end : start.t + C::alpha[i] * h), argument)) + inverse_step * memory;
      }
      if constexpr (C::d[i] != 0) u_[i] += static_cast<T>(C::d[i] * h) * start.by_t;
      inverse.apply(u_[i]);
    });
    statistics.function_evaluations += 6;
    return argument + u_[5];
  }

  [[nodiscard]] const Vector<T, n>& error() const { return u_[5]; }
  static double root(float squared_error) { return std::sqrt(std::sqrt(std::sqrt(squared_error))); }

  /// Of an order less than the step: the estimate of the step's end stands for it.
  static Vector<T, n> error_between(const Polynomial& /*dense*/) { return Vector<T, n>{}; }
  /// Nothing that polynomial() needs.
  [[nodiscard]] Vector<T, n> end_slope(double /*h*/) const { return Vector<T, n>{}; }
  /// y + theta (y_1 - y) + theta (1 - theta) (c_3 + theta c_4).
  [[nodiscard]] Polynomial polynomial(const StepStart<T, n>& start, double h, const Vector<T, n>& next) const {
    Vector<T, n> c3{}, c4{};
    for (int j = 0; j < 5; ++j) {
      c3 += static_cast<T>(C::dense[0][j]) * u_[j];
      c4 += static_cast<T>(C::dense[1][j]) * u_[j];
    }
    Polynomial dense{start.t, h, start.y, {}};
    for (int c = 0; c < n; ++c) {
      dense.c(0, c) = next[c] - start.y[c] + c3[c];
      dense.c(1, c) = c4[c] - c3[c];
      dense.c(2, c) = -c4[c];
    }
    return dense;
  }

 private:
  Vector<T, n> u_[6];
};

}  // namespace detail

/// A sequential walk with RODAS: the predictor of the parallel methods, and where lanes are no use their last resort.
/// @note Per step 6 evaluations of f, one of them with n + 1 directions of dual numbers, and 2/3 n^3 + 12 n^2 flops.
template <class F, class T, int n>
using Rodas = LinearlyImplicitWalk<F, T, n, detail::RodasStep<T, n>>;

}  // namespace antler::inline ANTLER_LANES
