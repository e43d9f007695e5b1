// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The continuous solution of a boundary value problem between the points of a mesh, of the order of the method at every t, and its
/// defect p'(t) - f(t, p(t); p).
///
/// Order 4: the cubic through y, y' = f at both ends. Order 6: with the quintic's two further coefficients from f at two points
/// inside, evaluated at the cubic, and once more at the quintic that came of it; each evaluation gains one order [EnrightMuir1996].
/// The collocation polynomial itself has the method's order at the points of the mesh alone.

#include <span>
#include <vector>

#include "antler/core/step_polynomial.hpp"
#include "antler/discretization/boundary_value_system.hpp"

namespace antler::inline ANTLER_LANES {

/// A step's part of a continuous solution.
template <class T, int n>
using BoundaryPiece = StepPolynomial<T, n, 5>;

namespace detail {

/// y + sum_k c_k theta^k, k = 1 .. 5, of one step or of one step per lane.
template <class U, int n>
struct StepQuintic {
  Vector<U, n> y, c[5];

  [[nodiscard]] KOKKOS_INLINE_FUNCTION Vector<U, n> at(double theta) const {
    Vector<U, n> sum = c[4];
    for (int k = 3; k >= 0; --k) sum = U(theta) * sum + c[k];
    return y + U(theta) * sum;
  }
  /// The derivative in theta.
  [[nodiscard]] KOKKOS_INLINE_FUNCTION Vector<U, n> slope(double theta) const {
    Vector<U, n> sum = U(5) * c[4];
    for (int k = 3; k >= 0; --k) sum = U(theta) * sum + U(k + 1) * c[k];
    return sum;
  }

  /// The cubic with values y, z and slopes `left`, `right`.
  KOKKOS_INLINE_FUNCTION static StepQuintic cubic(const Vector<U, n>& y, const Vector<U, n>& z, const Vector<U, n>& left,
                                                  const Vector<U, n>& right) {
    StepQuintic p;
    p.y = y;
    p.c[0] = left;
    p.c[1] = U(3) * (z - y) - U(2) * left - right;
    p.c[2] = left + right - U(2) * (z - y);
    p.c[3] = p.c[4] = Vector<U, n>{};
    return p;
  }

  /// Adds theta^2 (1 - theta)^2 (alpha + beta (theta - 1/2)), which changes nothing at the ends, such that the slopes at 1/2 -+
  /// offset change by g and k. Any two points serve but those where the slope of a quintic says nothing new, offset^2 = 1/20.
  KOKKOS_INLINE_FUNCTION void bend(double offset, const Vector<U, n>& g, const Vector<U, n>& k) {
    const double w = 0.25 - offset * offset;
    const Vector<U, n> alpha = U(1 / (8 * offset * w)) * (g - k);
    const Vector<U, n> beta = U(1 / (2 * w * (w - 4 * offset * offset))) * (g + k);
    const Vector<U, n> gamma = alpha - U(0.5) * beta;
    c[1] += gamma;
    c[2] += beta - U(2) * gamma;
    c[3] += gamma - U(2) * beta;
    c[4] += beta;
  }
};

/// The continuous solution on a step.
template <class Tableau, int m, class F, class U, int n>
KOKKOS_INLINE_FUNCTION StepQuintic<U, n> continuous_step(const F& f, const U& t, const U& h, const Vector<U, n>& y,
                                                         const Vector<U, n>& z, const ParametersOf<U, m>& p) {
  constexpr double offset = 0.38729833462074168852;  // Gauss' outer points of three
  auto step = StepQuintic<U, n>::cubic(y, z, h * slope_at<m>(f, t, y, p), h * slope_at<m>(f, U(t + h), z, p));
  if constexpr (Tableau::order == 6)
    for (int round = 0; round < 2; ++round) {
      const auto missing = [&](double theta) {
        return h * slope_at<m>(f, U(t + U(theta) * h), step.at(theta), p) - step.slope(theta);
      };
      const Vector<U, n> left = missing(0.5 - offset), right = missing(0.5 + offset);
      step.bend(offset, left, right);
    }
  return step;
}

}  // namespace detail

/// Powers of h in the defect: one below the order of the method.
template <BoundaryMethod Method>
inline constexpr int defect_order = BoundaryTableau<Method>::order - 1;

/// The continuous solution of a system's iterate, and per step the relative defect
///
///     sqrt( 1/h int 1/n sum_c ( (p_c' - f_c) / (|f_c| + (max |y_c| + atol_c / rtol) / (b - a)) )^2 dt ),
///
/// by Gauss' quadrature with four points. It is compared with rtol. With b - a = 1 and y of order one this is the criterion of
/// BVP_SOLVER and of SciPy's solve_bvp [KierzenkaShampine2001, sec. 4]; unlike it, it does not depend on the units of t and y.
template <class Problem, class Method, class Inverse>
void evaluate_defect(const Problem& problem, const BoundaryValueSystem<Problem, Method, Inverse>& system, const Options& options,
                     std::span<BoundaryPiece<typename Problem::Scalar, Problem::size>> pieces, std::span<double> defects,
                     Statistics& statistics) {
  using System = BoundaryValueSystem<Problem, Method, Inverse>;
  using T = typename System::T;
  using U = typename System::U;
  constexpr int n = System::n, m = System::m, width = lane_count<U>;
  // Above, the step has not seen what f does on it: a straight line then, as the polynomial would overshoot by orders of magnitude.
  constexpr double unresolved = 0.1;
  constexpr double theta[4] = {0.069431844202973712388, 0.33000947820757186760, 0.66999052179242813240, 0.93056815579702628761};
  constexpr double weight[4] = {0.17392742256872692869, 0.32607257743127307131, 0.32607257743127307131, 0.17392742256872692869};
  const auto& points = system.points();
  const auto& iterate = system.iterate();
  const Index steps = static_cast<Index>(points.size()) - 1;
  const auto p = System::in_lanes(iterate.parameters);
  Vector<double, n> floor;
  for (int c = 0; c < n; ++c)
    floor[c] = (system.weights().size[c] + options.atol[c] / options.rtol) / std::abs(problem.b - problem.a);

  parallel_for("antler::boundary_value::defect", Kokkos::DefaultHostExecutionSpace{}, (steps + width - 1) / width,
               200.0 * n * width, [&](Index block) {
                 const Index first = block * width;
                 const auto at = [&](Index i) { return points[static_cast<std::size_t>(std::min(i, steps - 1))]; };
                 const auto length = [&](Index i) { return points[static_cast<std::size_t>(std::min(i, steps - 1)) + 1] - at(i); };
                 const U t = from_lanes<U>([&](int l) { return static_cast<T>(at(first + l)); });
                 const U h = from_lanes<U>([&](int l) { return static_cast<T>(length(first + l)); });
                 // Lanes past the last step repeat it, states too.
                 Vector<U, n> y, z;
                 for (int c = 0; c < n; ++c) {
                   y[c] = from_lanes<U>([&](int l) { return iterate.states(std::min(first + l, steps - 1), c); });
                   z[c] = from_lanes<U>([&](int l) { return iterate.states(std::min(first + l, steps - 1) + 1, c); });
                 }
                 const auto step = detail::continuous_step<BoundaryTableau<Method>, m>(problem.f, t, h, y, z, p);
                 double sums[width] = {};
                 for (int k = 0; k < 4; ++k) {
                   const Vector<U, n> slope = detail::slope_at<m>(problem.f, U(t + U(theta[k]) * h), step.at(theta[k]), p);
                   const Vector<U, n> given = step.slope(theta[k]);
                   for (int l = 0; l < width; ++l)
                     for (int c = 0; c < n; ++c) {
                       const double f = static_cast<double>(lane(slope[c], l));
                       const double off = static_cast<double>(lane(given[c], l)) / length(first + l) - f;
                       const double relative = off / (std::abs(f) + floor[c]);
                       sums[l] += is_finite(off) ? weight[k] / n * relative * relative : HUGE_VAL;
                     }
                 }
                 for (int l = 0; l < width && first + l < steps; ++l) {
                   const double defect = is_finite(sums[l]) ? std::sqrt(sums[l]) : HUGE_VAL;
                   defects[static_cast<std::size_t>(first + l)] = defect;
                   auto& piece = pieces[static_cast<std::size_t>(first + l)];
                   piece.t = at(first + l);
                   piece.h = length(first + l);
                   for (int c = 0; c < n; ++c) {
                     piece.y[c] = lane(step.y[c], l);
                     for (int k = 0; k < 5; ++k) piece.c(k, c) = lane(step.c[k][c], l);
                     if (!(defect <= unresolved)) {
                       piece.c(0, c) = lane(z[c], l) - piece.y[c];
                       for (int k = 1; k < 5; ++k) piece.c(k, c) = T(0);
                     }
                   }
                 }
               });
  statistics.function_evaluations += steps * (BoundaryTableau<Method>::order == 6 ? 10 : 6);
}

}  // namespace antler::inline ANTLER_LANES
