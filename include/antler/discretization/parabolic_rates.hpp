// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <type_traits>
#include <vector>

#include "antler/core/dual.hpp"
#include "antler/core/dual_math.hpp"
#include "antler/core/lanes.hpp"
#include "antler/core/lanes_math.hpp"
#include "antler/core/vector.hpp"
#include "antler/discretization/method_of_lines.hpp"
#include "antler/problem/initial_value_problem.hpp"
#include "antler/problem/jacobian_pattern.hpp"
#include "antler/problem/parabolic_problem.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// What a method of lines has to know of a problem.
template <class F>
LinesDescription describe(const ParabolicProblem<F>& problem) {
  constexpr int m = ParabolicProblem<F>::size;
  const auto function = [](const Coefficient<m>& coefficient) {
    return [coefficient](double x, double* values) {
      const Vector<double, m> at = coefficient(x);
      std::copy(at.begin(), at.end(), values);
    };
  };
  const auto side = [](const ParabolicSide<m>& given) {
    LinesDescription::Side result;
    for (int c = 0; c < m; ++c) {
      result.robin.push_back(given.robin(c));
      result.slope.push_back(given.slope(c));
    }
    result.value = [given](double t, double* values) {
      const Vector<double, m> at = given.value(t);
      std::copy(at.begin(), at.end(), values);
    };
    return result;
  };
  return {.components = m,
          .a = problem.a,
          .b = problem.b,
          .periodic = problem.left.is_periodic(),
          .slope_couples = depends_on_slope<F> && m > 1,
          .left = side(problem.left),
          .right = side(problem.right),
          .kappa = function(problem.kappa),
          .initial = function(problem.initial)};
}

/// The rates of a parabolic problem on a grid, with points in SIMD lanes, and their exact Jacobian:
///
///     u_i' = sum_k D_{ik} u_{i+k} + f(x_i, t, u_i, s_i),   s_i = sum_k S_{ik} u_{i+k}
///     du_i' / du_{i+k} = D_{ik} + df/du_x S_{ik} + (k = 0) df/du
///
/// Both may be called from several threads.
template <class F>
class ParabolicRates {
 public:
  static constexpr int m = ParabolicProblem<F>::size;
  static constexpr bool with_slope = depends_on_slope<F>;
  using T = std::conditional_t<accepts_lanes<F>(), Lanes<double>, double>;

  /// @param f, lines  to be kept alive
  ParabolicRates(const F& f, const MethodOfLines& lines) : f_(f), lines_(lines) {}

  void operator()(double t, const double* state, double* rate) const {
    double* u = workspace(lines_.padded_size() + rows());
    double* rates = u + lines_.padded_size();
    lines_.unpack(t, state, u);
    lines_.radius() == 1 ? evaluate<1>(t, u, rates) : evaluate<2>(t, u, rates);
    lines_.pack(rates, rate);
  }

  void jacobian(double t, const double* state, const JacobianEntries& dfdy) const {
    constexpr std::size_t matrices = with_slope ? 2 : 1;
    double* u = workspace(lines_.padded_size() + (matrices * static_cast<std::size_t>(m) + 1) * rows());
    double *du = u + lines_.padded_size(), *weights = du + matrices * static_cast<std::size_t>(m) * rows();
    lines_.unpack(t, state, u);
    lines_.radius() == 1 ? differentiate<1>(t, u, du) : differentiate<2>(t, u, du);
    for (int r = 0; r < m; ++r)
      for (int c = 0; c < m; ++c) {
        const auto entry = static_cast<std::size_t>(m * r + c);
        const double* slope = with_slope ? du + (entry + static_cast<std::size_t>(m * m)) * lines_.stride() : nullptr;
        scatter(r, c, du + entry * lines_.stride(), slope, weights, dfdy);
      }
  }

 private:
  static constexpr int width = lane_count<T>;
  static_assert(width <= MethodOfLines::most_lanes);

  [[nodiscard]] std::size_t rows() const { return static_cast<std::size_t>(m) * lines_.stride(); }

  /// Kept between calls: f is called often, and an allocation of this size would be felt.
  static double* workspace(std::size_t size) {
    thread_local std::vector<double> numbers;
    if (numbers.size() < size) numbers.resize(size);
    return numbers.data();
  }

  /// sum_k weights_k u_{i+k}
  template <int radius, class Weights>
  ANTLER_FLATTEN static T combination(const double* u, const Weights& weights) {
    T sum = load<T>(weights(-radius)) * load<T>(u - radius);
    for (int k = 1 - radius; k <= radius; ++k) sum = multiply_add(load<T>(weights(k)), load<T>(u + k), sum);
    return sum;
  }

  template <int radius>
  [[nodiscard]] T slope_at(const double* u, int i) const {
    return combination<radius>(u, [&](int k) { return lines_.slope(k) + i; });
  }

  /// f with numbers in place of vectors where the equation is one.
  template <class S>
  Vector<S, m> reaction(const S& x, const S& t, const Vector<S, m>& u, const Vector<S, m>& slope) const {
    if constexpr (requires { F::size; }) {
      if constexpr (with_slope)
        return f_(x, t, u, slope);
      else
        return f_(x, t, u);
    } else {
      if constexpr (with_slope)
        return Vector<S, 1>::filled(S(f_(x, t, u[0], slope[0])));
      else
        return Vector<S, 1>::filled(S(f_(x, t, u[0])));
    }
  }

  template <int radius>
  ANTLER_FLATTEN void evaluate(double t, const double* u, double* rates) const {
    const std::size_t stride = lines_.stride();
    const int n = lines_.points();
    for (int i = 0; i < n; i += width) {
      Vector<T, m> here, slope;
      for (int c = 0; c < m; ++c) {
        const double* at = u + static_cast<std::size_t>(c) * stride + MethodOfLines::ahead + i;
        here[c] = load<T>(at);
        slope[c] = with_slope ? slope_at<radius>(at, i) : T(0);
      }
      const Vector<T, m> f = reaction(load<T>(lines_.padded_x() + i), T(t), here, slope);
      for (int c = 0; c < m; ++c) {
        const double* at = u + static_cast<std::size_t>(c) * stride + MethodOfLines::ahead + i;
        const T spread = combination<radius>(at, [&](int k) { return lines_.diffusion(c, k) + i; });
        store(rates + static_cast<std::size_t>(c) * stride + i, spread + f[c]);
      }
    }
  }

  /// df_r/du_c into row m r + c of `du`, df_r/du_{x,c} m m rows further on.
  template <int radius>
  ANTLER_FLATTEN void differentiate(double t, const double* u, double* du) const {
    constexpr int directions = with_slope ? 2 * m : m;
    using D = Dual<T, directions>;
    const std::size_t stride = lines_.stride();
    const int n = lines_.points();
    for (int i = 0; i < n; i += width) {
      Vector<D, m> here, slope;
      for (int c = 0; c < m; ++c) {
        const double* at = u + static_cast<std::size_t>(c) * stride + MethodOfLines::ahead + i;
        here[c] = D::variable(load<T>(at), c);
        slope[c] = with_slope ? D::variable(slope_at<radius>(at, i), m + c) : D(0.0);
      }
      const Vector<D, m> f = reaction(D(load<T>(lines_.padded_x() + i)), D(t), here, slope);
      for (int r = 0; r < m; ++r)
        for (int k = 0; k < directions; ++k) {
          const auto row = static_cast<std::size_t>(k < m ? m * r + k : m * m + m * r + k - m);
          store(du + row * stride + i, f[r].derivative[k]);
        }
    }
  }

  /// The entries of rows of component r in columns of component c.
  /// @param du, dslope  df_r/du_c and df_r/du_{x,c} at the points
  /// @param weights     room for a row
  void scatter(int r, int c, const double* du, const double* dslope, double* weights, const JacobianEntries& dfdy) const {
    for (int k = -lines_.radius(); k <= lines_.radius(); ++k) {
      if (k != 0 && r != c && !with_slope) continue;
      if (!with_slope && k != 0) {
        scatter(r, c, k, lines_.diffusion(c, k), dfdy);
      } else {
        for (int i = 0; i < lines_.points(); i += width) {
          T sum = k == 0 ? load<T>(du + i) : T(0);
          if (r == c) sum += load<T>(lines_.diffusion(c, k) + i);
          if (with_slope) sum = multiply_add(load<T>(dslope + i), load<T>(lines_.slope(k) + i), sum);
          store(weights + i, sum);
        }
        scatter(r, c, k, weights, dfdy);
      }
    }
  }

  /// weights_i into row (i, r) and column (i + k, c). Rows near a side meet ghosts, whose parts add up; the others lie evenly.
  void scatter(int r, int c, int k, const double* weights, const JacobianEntries& dfdy) const {
    const int n = lines_.points(), first = lines_.radius() + 1, last = n - first;
    const auto near_side = [&](int i) {
      const int row = lines_.unknown(i, r);
      if (row < 0) return;
      lines_.for_each_unknown_of(i + k, c, [&](int column, double part) { dfdy.at(row, column) += part * weights[i]; });
    };
    const auto entry = [&](int i) { return &dfdy.at(lines_.unknown(i, r), lines_.unknown(i + k, c)); };
    if (last - first < 2 || !lines_.is_evenly_numbered()) {
      for (int i = 0; i < n; ++i) near_side(i);
      return;
    }
    for (int i = 0; i < first; ++i) near_side(i);
    double* to = entry(first);
    const std::ptrdiff_t step = entry(first + 1) - to;
    for (int i = first; i < last; ++i) to[(i - first) * step] = weights[i];
    for (int i = last; i < n; ++i) near_side(i);
  }

  const F& f_;
  const MethodOfLines& lines_;
};

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
