// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <vector>

#include "antler/core/dual_math.hpp"
#include "antler/core/lu.hpp"
#include "antler/mesh/mesh.hpp"
#include "antler/problem/initial_value_problem.hpp"
#include "antler/sensitivity/parameters.hpp"
#include "antler/solve/collocation.hpp"
#include "plain_collocation.hpp"

/// @file
/// Problems for the tests of gradients and sensitivities, a small neural differential equation among them, and the oracle: the
/// method step by step, in dual numbers.

namespace antler::tests {

/// y' = W tanh(V y + b + cos t) - y / 4, with two components and two hidden ones. theta = (V, b, W) row by row.
template <class P>
struct Network {
  static constexpr int n = 2, parameter_count = 10;
  Vector<P, parameter_count> theta;

  [[nodiscard]] const Vector<P, parameter_count>& parameters() const { return theta; }
  template <class Q>
  [[nodiscard]] Network<Q> with(const Vector<Q, parameter_count>& other) const {
    return {other};
  }
  template <class U>
  KOKKOS_FUNCTION Vector<U, n> operator()(const U& t, const Vector<U, n>& y) const {
    U hidden[2];
    for (int r = 0; r < 2; ++r) hidden[r] = tanh(theta[2 * r] * y[0] + theta[2 * r + 1] * y[1] + theta[4 + r] + cos(t));
    Vector<U, n> out;
    for (int r = 0; r < 2; ++r) out[r] = theta[6 + 2 * r] * hidden[0] + theta[7 + 2 * r] * hidden[1] - 0.25 * y[r];
    return out;
  }
};

/// The same with its products by hand.
struct HandWrittenNetwork : Network<double> {
  template <class U, class ThetaBar>
  KOKKOS_FUNCTION void pullback(const U& t, const Vector<U, 2>& y, const Vector<U, 2>& lambda, Vector<U, 2>& y_bar,
                                const ThetaBar& theta_bar) const {
    y_bar = U(-0.25) * lambda;
    for (int k = 0; k < 2; ++k) {
      const U hidden = tanh(theta[2 * k] * y[0] + theta[2 * k + 1] * y[1] + theta[4 + k] + cos(t));
      theta_bar(6 + k) += lambda[0] * hidden;
      theta_bar(8 + k) += lambda[1] * hidden;
      const U sum_bar = (theta[6 + k] * lambda[0] + theta[8 + k] * lambda[1]) * (1.0 - hidden * hidden);
      theta_bar(4 + k) += sum_bar;
      for (int c = 0; c < 2; ++c) {
        theta_bar(2 * k + c) += sum_bar * y[c];
        y_bar[c] += sum_bar * theta[2 * k + c];
      }
    }
  }
};

/// y' = r sqrt y or y' = r y.
template <class P>
struct Rate {
  static constexpr int parameter_count = 1;
  P rate;
  bool root;
  [[nodiscard]] Vector<P, 1> parameters() const { return {rate}; }
  template <class Q>
  [[nodiscard]] Rate<Q> with(const Vector<Q, 1>& theta) const {
    return {theta[0], root};
  }
  template <class U>
  KOKKOS_FUNCTION Vector<U, 1> operator()(const U& /*t*/, const Vector<U, 1>& y) const {
    if (root) return {rate * sqrt(y[0])};
    return {rate * y[0]};
  }
};

/// The solution that rests at zero.
inline Solution<double, 1> at_rest(const Mesh& mesh) {
  Solution<double, 1> solution;
  for (std::size_t i = 0; i + 1 < mesh.points().size(); ++i)
    solution.append(StepPolynomial<double, 1, 1>{mesh.points()[i], mesh.points()[i + 1] - mesh.points()[i], {0.0}, {}});
  solution.finish(mesh.back(), Vector<double, 1>{0.0});
  solution.status = Status::converged;
  return solution;
}

/// Lorenz' equations with their three parameters.
template <class P>
struct Lorenz {
  static constexpr int n = 3, parameter_count = 3;
  static constexpr bool lanes = false;  // which compiles sooner; the network goes in lanes
  Vector<P, 3> theta;

  [[nodiscard]] const Vector<P, 3>& parameters() const { return theta; }
  template <class Q>
  [[nodiscard]] Lorenz<Q> with(const Vector<Q, 3>& other) const {
    return {other};
  }
  template <class U>
  KOKKOS_FUNCTION Vector<U, 3> operator()(const U& /*t*/, const Vector<U, 3>& y) const {
    return {theta[0] * (y[1] - y[0]), y[0] * (theta[1] - y[2]) - y[1], y[0] * y[1] - theta[2] * y[2]};
  }
};

inline InitialValueProblem<Lorenz<double>, double, 3> lorenz() {
  return {Lorenz<double>{{10.0, 28.0, 8.0 / 3}}, 0.0, 0.5, Vector<double, 3>{1.0, 2.0, 20.0}};
}
inline InitialValueProblem<Lorenz<float>, float, 3> single_lorenz() {
  return {Lorenz<float>{{10.0F, 28.0F, 8.0F / 3}}, 0.0, 0.5, Vector<float, 3>{1.0F, 2.0F, 20.0F}};
}

using D = Dual<double, 1>;

/// A X = B by Gaussian elimination. Eigen's would take seconds to compile.
inline Eigen::MatrixXd dense_solution(Eigen::MatrixXd a, Eigen::MatrixXd b) {
  const Eigen::Index size = a.rows(), columns = b.cols();
  const auto combine = [&](Eigen::Index row, double factor, Eigen::Index other) {
    for (Eigen::Index c = 0; c < size; ++c) a(row, c) += factor * a(other, c);
    for (Eigen::Index c = 0; c < columns; ++c) b(row, c) += factor * b(other, c);
  };
  for (Eigen::Index k = 0; k < size; ++k) {
    for (Eigen::Index r = k + 1; r < size; ++r)
      if (std::abs(a(r, k)) > std::abs(a(k, k))) {  // exchanges the rows, but for a sign
        combine(k, 1, r);
        combine(r, -1, k);
        combine(k, 1, r);
      }
    for (Eigen::Index r = 0; r < size; ++r)
      if (r != k) combine(r, -a(r, k) / a(k, k), k);
  }
  for (Eigen::Index k = 0; k < size; ++k)
    for (Eigen::Index c = 0; c < columns; ++c) b(k, c) /= a(k, k);
  return b;
}

/// One step of a Runge-Kutta method in dual numbers: Newton's method with the matrix of the values, which converges for values and
/// derivatives alike.
template <int n, class F>
Vector<D, n> plain_step(const ButcherTableau& tableau, const F& f, double t, double h, const Vector<D, n>& y,
                        std::vector<Vector<D, n>>* slopes_found = nullptr) {
  const auto s = tableau.c.size();
  std::vector<Vector<D, n>> slopes(static_cast<std::size_t>(s), Vector<D, n>::filled(D(0.0)));
  for (int iteration = 0; iteration < 40; ++iteration) {
    Eigen::MatrixXd matrix = Eigen::MatrixXd::Identity(s * n, s * n);
    Eigen::MatrixXd residual(s * n, 2);
    for (Eigen::Index l = 0; l < s; ++l) {
      Vector<D, n> stage = y;
      for (Eigen::Index m = 0; m < s; ++m) stage += D(h * tableau.a(l, m)) * slopes[static_cast<std::size_t>(m)];
      const Vector<D, n> value = f(D(t + tableau.c(l) * h), stage);
      for (int r = 0; r < n; ++r) {
        const D defect = slopes[static_cast<std::size_t>(l)][r] - value[r];
        residual(l * n + r, 0) = defect.value;
        residual(l * n + r, 1) = defect.derivative[0];
      }
      Vector<Dual<D, n>, n> seeded;
      for (int c = 0; c < n; ++c) seeded[c] = Dual<D, n>::variable(D(stage[c].value), c);
      const Vector<Dual<D, n>, n> linear = f(Dual<D, n>(D(t + tableau.c(l) * h)), seeded);
      for (Eigen::Index m = 0; m < s; ++m)
        for (int r = 0; r < n; ++r)
          for (int c = 0; c < n; ++c) matrix(l * n + r, m * n + c) -= h * tableau.a(l, m) * linear[r].derivative[c].value;
    }
    const Eigen::MatrixXd update = dense_solution(matrix, residual);
    for (Eigen::Index l = 0; l < s; ++l)
      for (int r = 0; r < n; ++r) slopes[static_cast<std::size_t>(l)][r] -= D(update(l * n + r, 0), update(l * n + r, 1));
  }
  if (slopes_found) *slopes_found = slopes;
  Vector<D, n> next = y;
  for (Eigen::Index l = 0; l < s; ++l) next += D(h * tableau.b(l)) * slopes[static_cast<std::size_t>(l)];
  return next;
}

/// The values of these steps as the solution of a collocation method.
template <class Method, class F, int n>
Solution<double, n> walked(const InitialValueProblem<F, double, n>& problem, const ButcherTableau& tableau,
                           const std::vector<double>& mesh) {
  Solution<double, n> solution;
  Vector<double, n> y = problem.y0;
  for (std::size_t i = 0; i + 1 < mesh.size(); ++i) {
    const double h = mesh[i + 1] - mesh[i];
    std::vector<Vector<D, n>> slopes;
    const Vector<D, n> next = plain_step<n>(tableau, problem.f, mesh[i], h, detail::constants<D>(y), &slopes);
    Vector<double, n * Method::stages> z{};
    for (int k = 0; k < Method::stages; ++k)
      for (int l = 0; l < Method::stages; ++l)
        for (int c = 0; c < n; ++c) z[k * n + c] += h * tableau.a(k, l) * slopes[static_cast<std::size_t>(l)][c].value;
    solution.append(detail::collocation_polynomial<Method>(mesh[i], h, y, z));
    for (int c = 0; c < n; ++c) y[c] = next[c].value;
  }
  solution.finish(mesh.back(), y);
  solution.status = Status::converged;
  return solution;
}

/// phi_1(X) v = sum_k X^k v / (k + 1)! for small X.
template <int n>
Vector<D, n> plain_phi1(const Matrix<D, n>& x, const Vector<D, n>& v) {
  Vector<D, n> term = v, sum = v;
  for (int k = 1; k < 40; ++k) {
    term = D(1.0 / (k + 1)) * (x * term);
    sum += term;
  }
  return sum;
}

/// One step of the exponential discretisation in dual numbers, by the simplest iteration: y_1 = y_0 + phi_1(X) g(y_0, y_1).
template <int n, class F>
Vector<D, n> plain_exponential_step(const F& f, double t, double h, const Vector<D, n>& y) {
  const auto linearize = [&](double time, const Vector<D, n>& at, Vector<D, n>& value) {
    Vector<Dual<D, n>, n> seeded;
    for (int c = 0; c < n; ++c) seeded[c] = Dual<D, n>::variable(at[c], c);
    const Vector<Dual<D, n>, n> result = f(Dual<D, n>(D(time)), seeded);
    Matrix<D, n> a;
    for (int r = 0; r < n; ++r) {
      value[r] = result[r].value;
      for (int c = 0; c < n; ++c) a(r, c) = result[r].derivative[c];
    }
    return a;
  };
  Vector<D, n> f0, f1, next = y;
  const Matrix<D, n> j0 = linearize(t, y, f0);
  for (int iteration = 0; iteration < 200; ++iteration) {
    const Matrix<D, n> j1 = linearize(t + h, next, f1);
    const Vector<D, n> g = D(h / 2) * (f0 + f1 - j1 * (next - y));
    next = y + plain_phi1<n>(D(h / 2) * (j0 + j1), g);
  }
  return next;
}

/// The values of these steps as a solution of the exponential discretisation.
template <class F, int n>
Solution<double, n> walked_exponentially(const InitialValueProblem<F, double, n>& problem, const std::vector<double>& mesh) {
  std::vector<Vector<double, n>> states{problem.y0};
  for (std::size_t i = 0; i + 1 < mesh.size(); ++i) {
    const auto next = plain_exponential_step<n>(problem.f, mesh[i], mesh[i + 1] - mesh[i], detail::constants<D>(states.back()));
    states.emplace_back();
    for (int c = 0; c < n; ++c) states.back()[c] = next[c].value;
  }
  Solution<double, n> solution(mesh, std::move(states));
  solution.status = Status::converged;
  return solution;
}

/// A solution in single precision.
template <int n>
Solution<float, n> rounded(const Solution<double, n>& solution) {
  const auto of = [](const Vector<double, n>& y) {
    Vector<float, n> out;
    for (int c = 0; c < n; ++c) out[c] = static_cast<float>(y[c]);
    return out;
  };
  Solution<float, n> out;
  if (solution.pieces().empty()) {
    std::vector<Vector<float, n>> states;
    for (const auto& y : solution.states()) states.push_back(of(y));
    out = {{solution.times().begin(), solution.times().end()}, std::move(states)};
  } else {
    for (const auto& piece : solution.pieces()) {
      SolutionPiece<float, n> step{piece.t, piece.h, of(piece.y), {}};
      for (int m = 0; m < 3; ++m)
        for (int c = 0; c < n; ++c) step.c(m, c) = static_cast<float>(piece.c(m, c));
      out.append(step);
    }
    out.finish(solution.times().back(), of(solution.states().back()));
  }
  out.status = Status::converged;
  return out;
}

/// dy_1 .. dy_N when y0 and theta move in a direction; `step(f, t, h, y)` is one step in dual numbers.
template <class F, int n, class Step>
std::vector<Vector<double, n>> plain_sensitivity(const InitialValueProblem<F, double, n>& problem, const std::vector<double>& mesh,
                                                 const Vector<double, n>& dy0, const std::vector<double>& dtheta,
                                                 const Step& step) {
  Vector<D, F::parameter_count> theta;
  for (int k = 0; k < theta.size(); ++k) theta[k] = D(problem.f.parameters()[k], dtheta[static_cast<std::size_t>(k)]);
  const auto f = problem.f.with(theta);
  Vector<D, n> y;
  for (int c = 0; c < n; ++c) y[c] = D(problem.y0[c], dy0[c]);
  std::vector<Vector<double, n>> moved(mesh.size() - 1);
  for (std::size_t i = 0; i + 1 < mesh.size(); ++i) {
    y = step(f, mesh[i], mesh[i + 1] - mesh[i], y);
    for (int c = 0; c < n; ++c) moved[i][c] = y[c].derivative[0];
  }
  return moved;
}

/// d/de of sum_i loss_i . y_i when y0 and theta move by e times a direction.
template <class F, int n, class Step>
double directional(const InitialValueProblem<F, double, n>& problem, const std::vector<double>& mesh, const Vector<double, n>& dy0,
                   const std::vector<double>& dtheta, const std::vector<Vector<double, n>>& loss, const Step& step) {
  const auto moved = plain_sensitivity(problem, mesh, dy0, dtheta, step);
  double sum = 0;
  for (std::size_t i = 0; i < moved.size(); ++i)
    for (int c = 0; c < n; ++c) sum += loss[i][c] * moved[i][c];
  return sum;
}

}  // namespace antler::tests
