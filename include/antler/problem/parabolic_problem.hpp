// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Parabolic equations on an interval, and what stands in them: diffusion, sides, initial profile.

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <functional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "antler/core/require.hpp"
#include "antler/core/vector.hpp"
#include "antler/problem/sides.hpp"

namespace antler::inline ANTLER_LANES {

/// m numbers, one per component: a number for all of them, one for each, or a function of one coordinate that returns either.
template <int m>
class Coefficient {
 public:
  using Values = Vector<double, m>;

  Coefficient(double value) : constant_(Values::filled(value)) {}  // NOLINT: implicit, for {.kappa = 1.0}
  Coefficient(const Values& values) : constant_(values) {}         // NOLINT: implicit, as above
  Coefficient(const std::array<double, m>& values) {               // NOLINT: implicit, as above
    std::copy(values.begin(), values.end(), constant_.begin());
  }
  template <class Function>
    requires std::invocable<const Function&, double> Coefficient(Function function)  // NOLINT: implicit, as above
        : function_([function = std::move(function)](double x) {
            if constexpr (std::convertible_to<std::invoke_result_t<const Function&, double>, double>)
              return Values::filled(static_cast<double>(function(x)));
            else
              return static_cast<Values>(function(x));
          }) {}

    [[nodiscard]] bool is_constant() const { return !function_; }
    [[nodiscard]] Values operator()(double x) const { return function_ ? function_(x) : constant_; }

   private:
    Values constant_{};
    std::function<Values(double)> function_;
};

/// What holds on one end of the interval, for all components alike or, as a tuple, for each: Dirichlet, Neumann, Robin (each with a
/// number, a Vector<double, m>, or a function of t that returns one of them) or Periodic. All but the last are stored as
///
///     robin_c u_c + slope_c du_c/dn = value_c(t),   n the outward normal.
template <int m>
class ParabolicSide {
 public:
  template <class Value>
  ParabolicSide(const Dirichlet<Value>& side)
      : ParabolicSide(1, 0, side.value) {}  // NOLINT: implicit, for {.left = Dirichlet{0.0}}
  template <class Value>
  ParabolicSide(const Neumann<Value>& side) : ParabolicSide(0, 1, side.flux) {}  // NOLINT: implicit, as above
  template <class Value>
  ParabolicSide(const Robin<Value>& side) : ParabolicSide(side.a, side.b, side.value) {}  // NOLINT: implicit, as above
  ParabolicSide(Periodic /*side*/) : periodic_(true) {}                                   // NOLINT: implicit, as above
  template <class... Sides>
    requires(sizeof...(Sides) == m && m > 1)
  ParabolicSide(const std::tuple<Sides...>& sides)  // NOLINT: implicit, as above
      : ParabolicSide(std::apply([](const auto&... side) { return joined({ParabolicSide<1>(side)...}); }, sides)) {}

  [[nodiscard]] bool is_periodic() const { return periodic_; }
  /// The factors of u and of its outward derivative; slope 0 is Dirichlet.
  [[nodiscard]] double robin(int c) const { return robin_[c]; }
  [[nodiscard]] double slope(int c) const { return slope_[c]; }
  [[nodiscard]] Vector<double, m> value(double t) const { return value_(t); }
  [[nodiscard]] bool is_constant() const { return value_.is_constant(); }

 private:
  template <class Value>
  ParabolicSide(double robin, double slope, const Value& value)
      : robin_(Vector<double, m>::filled(robin)), slope_(Vector<double, m>::filled(slope)), value_(value) {}

  static ParabolicSide joined(const std::array<ParabolicSide<1>, m>& sides) {
    ParabolicSide side(0, 0, [sides](double t) {
      Vector<double, m> values;
      for (int c = 0; c < m; ++c) values[c] = sides[static_cast<std::size_t>(c)].value(t)[0];
      return values;
    });
    for (int c = 0; c < m; ++c) {
      const ParabolicSide<1>& one = sides[static_cast<std::size_t>(c)];
      require(!one.is_periodic(), "ParabolicProblem: Periodic{} holds for all components, it cannot stand in a tuple of sides");
      side.robin_[c] = one.robin(0);
      side.slope_[c] = one.slope(0);
    }
    return side;
  }

  bool periodic_ = false;
  Vector<double, m> robin_{}, slope_{};
  Coefficient<m> value_ = 0.0;
};

/// f = 0: diffusion alone.
struct NoReaction {
  template <class T>
  T operator()(const T& /*x*/, const T& /*t*/, const T& /*u*/) const {
    return T(0);
  }
};

namespace detail {

template <class F>
constexpr int parabolic_components() {
  if constexpr (requires { F::size; }) {
    return F::size;
  } else {
    return 1;
  }
}

/// What f takes for u and u_x: a T without F::size, a Vector<T, size> with it.
template <class F, class T, bool is_system = requires { F::size; }
> struct ParabolicState { using type = T; };
template <class F, class T>
struct ParabolicState<F, T, true> {
  using type = Vector<T, F::size>;
};
template <class F, class T>
using parabolic_state = typename ParabolicState<F, T>::type;

/// Whether f is f(x, t, u, u_x); else it is f(x, t, u).
template <class F>
inline constexpr bool depends_on_slope =
    std::invocable<const F&, double, double, parabolic_state<F, double>, parabolic_state<F, double>>;

}  // namespace detail

/// A system of m parabolic equations in one dimension of space,
///
///     u_t = (kappa(x) u_x)_x + f(x, t, u, u_x)   on a < x < b,   u(x, t0) = initial(x).
///
///     struct Fisher {                               // one equation: u is a number
///       template <class T>
///       T operator()(const T& x, const T& t, const T& u) const { return u * (1.0 - u); }
///     };
///     antler::ParabolicProblem<Fisher> problem{
///         .f = {}, .kappa = 1.0, .a = 0, .b = 50, .left = antler::Dirichlet{1.0}, .right = antler::Neumann{0.0},
///         .t0 = 0, .t1 = 10, .initial = [](double x) { return x < 5 ? 1.0 : 0.0; }};
///
/// f is a template over the element type: it is called with SIMD lanes over the points of a grid, and with dual numbers, which give
/// df/du and df/du_x. A system declares `static constexpr int size = m` and takes and returns Vector<T, m>. f may leave u_x away,
/// which makes the Jacobian's band narrower. `static constexpr bool lanes = false` as for an InitialValueProblem.
template <class F>
struct ParabolicProblem {
  static constexpr int size = detail::parabolic_components<F>();
  static_assert(detail::depends_on_slope<F> || std::invocable<const F&, double, double, detail::parabolic_state<F, double>>,
                "antler::ParabolicProblem: f must be f(x, t, u, u_x) or f(x, t, u), with numbers, or with Vector<T, F::size>");

  F f;
  Coefficient<size> kappa;  ///< diffusion, per component; positive
  double a, b;              ///< the interval, a < b
  ParabolicSide<size> left, right;
  double t0, t1;
  Coefficient<size> initial;  ///< u(x, t0)
};

template <class F, class... Rest>
ParabolicProblem(F, Rest...) -> ParabolicProblem<F>;

namespace detail {

/// Throws InvalidArgument unless a side's conditions determine something and have finite values at t0.
template <int m>
void require_valid(const ParabolicSide<m>& side, const char* name, double t0, const SourceLocation& where) {
  if (side.is_periodic()) return;
  const Vector<double, m> value = side.value(t0);
  for (int c = 0; c < m; ++c) {
    const std::string text =
        std::string("ParabolicProblem::") + name + (m > 1 ? " of component " + std::to_string(c) : std::string());
    require(std::isfinite(side.robin(c)) && std::isfinite(side.slope(c)) && (side.robin(c) != 0 || side.slope(c) != 0),
            text + " is 0 u + 0 du/dn = value, or not finite: give Robin{a, b, value} a finite a or b that is not zero", where);
    require(std::isfinite(value[c]), text + " has a value that is not finite at t = " + std::to_string(t0) + ": check its function",
            where);
  }
}

}  // namespace detail

/// Throws InvalidArgument unless interval and times are finite, a < b, and the sides fit together; what depends on x is looked at
/// on the grid of the solve.
template <class F>
void require_valid(const ParabolicProblem<F>& problem, const SourceLocation& where) {
  require(std::isfinite(problem.a) && std::isfinite(problem.b) && problem.a < problem.b,
          "ParabolicProblem needs finite ends a < b: cut an unbounded domain where the solution is flat", where);
  require(std::isfinite(problem.t0) && std::isfinite(problem.t1),
          "t0 and t1 must be finite: for a steady state integrate to a large finite time", where);
  require(problem.t0 <= problem.t1, "ParabolicProblem runs forward, t0 <= t1: backwards in time diffusion has no bounded solution",
          where);
  require(problem.left.is_periodic() == problem.right.is_periodic(),
          "ParabolicProblem is periodic on one side only: give Periodic{} for both, or for none", where);
  detail::require_valid(problem.left, "left", problem.t0, where);
  detail::require_valid(problem.right, "right", problem.t0, where);
}

}  // namespace antler::inline ANTLER_LANES
