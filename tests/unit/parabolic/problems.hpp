// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <numbers>
#include <vector>

#include "antler/solve/parabolic.hpp"

namespace antler::testset {

/// f = -(advection + steepening u) u_x + u (linear + u (quadratic + u cubic)): the classical equations with closed-form solutions.
struct Front {
  double advection = 0, steepening = 0, linear = 0, quadratic = 0, cubic = 0;

  template <class T>
  T operator()(const T& /*x*/, const T& /*t*/, const T& u, const T& u_x) const {
    return u * (linear + u * (quadratic + u * cubic)) - (advection + steepening * u) * u_x;
  }
};

/// An equation with its solution u(x, t), whose slope the tests of Neumann and Robin sides take by differences.
struct Exact {
  Front f;
  double kappa, a, b, t1;
  double (*u)(double x, double t);

  [[nodiscard]] double slope(double x, double t) const {
    const double e = 1e-3;  // an error of e^4 |u^(5)| / 30
    return (8 * (u(x + e, t) - u(x - e, t)) - (u(x + 2 * e, t) - u(x - 2 * e, t))) / (12 * e);
  }
  [[nodiscard]] ParabolicProblem<Front> problem(ParabolicSide<1> left, ParabolicSide<1> right) const {
    return {f, kappa, a, b, left, right, 0.0, t1, [*this](double x) { return u(x, 0.0); }};
  }
  [[nodiscard]] ParabolicProblem<Front> with_dirichlet() const {
    return problem(Dirichlet{[*this](double t) { return u(a, t); }}, Dirichlet{[*this](double t) { return u(b, t); }});
  }
  [[nodiscard]] ParabolicProblem<Front> with_neumann() const {
    return problem(Neumann{[*this](double t) { return -slope(a, t); }}, Neumann{[*this](double t) { return slope(b, t); }});
  }
  [[nodiscard]] ParabolicProblem<Front> with_robin() const {
    return problem(Robin{2.0, 0.5, [*this](double t) { return 2.0 * u(a, t) - 0.5 * slope(a, t); }},
                   Robin{1.0, 3.0, [*this](double t) { return u(b, t) + 3.0 * slope(b, t); }});
  }

  /// The largest error of the final profile.
  template <class Grid>
  [[nodiscard]] double error(const ParabolicProblem<Front>& problem, const Grid& grid, const Options& options) const {
    const ParabolicSolution solution = solve(problem, grid, options);
    if (solution.status != Status::converged) return HUGE_VAL;
    const std::vector<double> profile = solution.final_profile();
    double largest = 0;
    for (std::size_t i = 0; i < profile.size(); ++i) largest = std::max(largest, std::abs(profile[i] - u(solution.x()[i], t1)));
    return largest;
  }
};

/// Advection and diffusion of a sine wave over a period of 2 pi.
inline Exact travelling_wave() {
  return {{.advection = 1.5},   0.05, 0,
          2 * std::numbers::pi, 2,    [](double x, double t) { return std::exp(-0.05 * 4 * t) * std::sin(2 * (x - 1.5 * t)); }};
}
/// Burgers' equation, the front of Cole and Hopf with c = 0.5, a = 0.4, nu = 0.05.
inline Exact burgers() {
  return {{.steepening = 1}, 0.05, -1, 2, 1, [](double x, double t) { return 0.5 - 0.4 * std::tanh(4.0 * (x - 0.5 * t)); }};
}
/// The equation of Fisher, Kolmogorov, Petrovsky and Piskunov: the front with speed 5 / sqrt 6.
inline Exact fisher() {
  return {{.linear = 1, .quadratic = -1}, 1, -10, 20, 3, [](double x, double t) {
            const double s = std::sqrt(6.0);
            return std::pow(1 + std::exp((x - 5 * t / s) / s), -2);
          }};
}
/// The equation of Allen and Cahn with eps = 0.02: 1 invades 0 at the speed 3 sqrt(eps / 2); and a kink that stands between -1
/// and 1.
inline Exact allen_cahn_front() {
  return {
      {.linear = 1, .cubic = -1}, 0.02, -2, 3, 3, [](double x, double t) { return 0.5 * (1 - std::tanh((x - 0.3 * t) / 0.4)); }};
}
inline Exact allen_cahn_kink() {
  return {{.linear = 1, .cubic = -1}, 0.02, -1, 1.5, 2, [](double x, double) { return std::tanh(x / 0.2); }};
}

/// The Brusselator with diffusion, A = 1, B = 3 [HairerWanner1996, sec. IV.10].
struct DiffusiveBrusselator {
  static constexpr int size = 2;

  template <class T>
  Vector<T, 2> operator()(const T& /*x*/, const T& /*t*/, const Vector<T, 2>& u) const {
    const T conversion = u[0] * u[0] * u[1];
    return {1.0 + conversion - 4.0 * u[0], 3.0 * u[0] - conversion};
  }
};

inline ParabolicProblem<DiffusiveBrusselator> diffusive_brusselator() {
  const Dirichlet sides{Vector<double, 2>{1.0, 3.0}};
  return {{},  0.02,  0.0,
          1.0, sides, sides,
          0.0, 10.0,  [](double x) {
            return Vector<double, 2>{1 + 0.5 * std::sin(2 * std::numbers::pi * x), 3.0}; }};
}

/// Two components that feed on each other's slopes, with sources that make u = e^-t sin x, v = e^-2t cos x the solution for the
/// diffusion 1 + x / 2 and 2 + sin x.
struct Manufactured {
  static constexpr int size = 2;

  static double u(double x, double t) { return std::exp(-t) * std::sin(x); }
  static double v(double x, double t) { return std::exp(-2 * t) * std::cos(x); }
  static Vector<double, 2> kappa(double x) { return {1 + x / 2, 2 + std::sin(x)}; }

  template <class T>
  Vector<T, 2> operator()(const T& x, const T& t, const Vector<T, 2>& y, const Vector<T, 2>& slope) const {
    const T s = sin(x), c = cos(x), first = exp(-t), second = exp(-2.0 * t), u_ = first * s, v_ = second * c;
    const T u_source = -u_ - (0.5 * first * c - (1.0 + 0.5 * x) * u_) + u_ * second * s;            // - u v_x = u e^-2t sin x
    const T v_source = -2.0 * v_ - (-1.0 * c * second * s - (2.0 + s) * v_) - v_ * v_ * first * c;  // v^2 u_x
    return {u_source + y[0] * slope[1], v_source + y[1] * y[1] * slope[0]};
  }
};

inline ParabolicProblem<Manufactured> manufactured(ParabolicSide<2> left, ParabolicSide<2> right) {
  return {{}, Manufactured::kappa, 0.2, 1.7, left, right, 0.0, 0.5, [](double x) {
            return Vector<double, 2>{Manufactured::u(x, 0), Manufactured::v(x, 0)};
          }};
}

}  // namespace antler::testset
