// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// A family of elliptic problems, -(kappa u')' = f(x, u, lambda), as a BranchSystem: continuation() follows its solutions past
/// folds.

#include "antler/deer/branch_system.hpp"
#include "antler/solve/elliptic.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// Kernel: df/dlambda at point i.
template <class F, int n, class Space>
struct ParameterDerivative {
  F f;
  double a, step, lambda;
  Trajectory<double, n, Space> u, out;

  KOKKOS_INLINE_FUNCTION void operator()(Index i) const {
    using D = Dual<double, 1>;
    Vector<D, n> state;
    for (int c = 0; c < n; ++c) state[c] = D(u(i, c));
    const Vector<D, n> value = source_at(f, a + static_cast<double>(i) * step, state, D::variable(lambda, 0));
    for (int c = 0; c < n; ++c) out(i, c) = value[c].derivative[0];
  }
};

}  // namespace detail

/// F(u, lambda) = 0 on the points of a grid; x of a BranchSystem is u point by point, and lambda. In double precision.
///
///     antler::EllipticBranch bratu(problem, antler::ThreePoint<4>{}, 101);
///     const auto branch = antler::continuation(bratu, antler::PseudoArclength{}, bratu.start(0.5), 0.5);
///
/// Every solve eliminates twice, for the update and for the derivative by lambda, with the same matrix.
template <class F, class Left, class Right, class Kappa, int order, class Inverse>
class EllipticBranch {
 public:
  using Problem = EllipticProblem<F, Left, Right, Kappa>;
  static constexpr int size = Problem::size;
  using Space = Kokkos::DefaultHostExecutionSpace;

  /// @param options  rtol and atol: the norm of updates and residuals
  /// @throws InvalidArgument  as solve() of an EllipticProblem
  EllipticBranch(const Problem& problem, const ThreePoint<order, Inverse>& method, Index points, const Options& options = {},
                 const SourceLocation& where = SourceLocation::current())
      : problem_(problem),
        grid_(detail::grid_of(problem, points)),
        weights_(checked(options, where)),
        operator_(detail::elliptic_operator<double, Space>(problem, points, order, where)),
        inverse_(method.inverse.template plan<double, size>(Space(), points, problem.periodic ? Ends::periodic : Ends::open)),
        u_("antler::branch::u", static_cast<std::size_t>(points)),
        f_("antler::branch::f", static_cast<std::size_t>(points)),
        solution_("antler::branch::solution", static_cast<std::size_t>(points)),
        source_("antler::branch::source", static_cast<std::size_t>(points)) {
    jacobian_[0] = Matrices<double, size, Space>("antler::branch::jacobian", static_cast<std::size_t>(points));
  }

  /// (u, lambda) with u = guess(x), zero without a guess: what continuation() starts from.
  template <class Guess>
  [[nodiscard]] std::vector<double> start(double lambda, const Guess& guess) const {
    std::vector<double> x;
    for (Index i = 0; i < grid_.points; ++i)
      for (const double value : detail::guess_at<double, size>(guess, grid_.x(i))) x.push_back(value);
    x.push_back(lambda);
    return x;
  }
  [[nodiscard]] std::vector<double> start(double lambda) const {
    return start(lambda, [](double) { return Vector<double, size>{}; });
  }

  double linearize(const std::vector<double>& x, Statistics& statistics) {
    lambda_ = x.back();
    for (Index i = 0; i < grid_.points; ++i)
      for (int c = 0; c < size; ++c) u_(i, c) = x[static_cast<std::size_t>(i * size + c)];
    using Member = detail::AtParameter<F, double>;
    const detail::AtGridPoints<Member, double> f{{problem_.f, lambda_}, grid_.a, grid_.step()};
    evaluate<double, size>(space_, f, Unshifted{}, u_, f_, jacobian_);
    statistics.function_evaluations += grid_.points;
    statistics.jacobian_evaluations += grid_.points;
    system_ = operator_.linearize(space_, u_, f_, jacobian_);
    return weights_.norm(space_, system_.r, u_);
  }

  Status solve(std::vector<double>& d, std::vector<double>& b, Statistics& /*statistics*/) {
    parallel_for("antler::branch::f_lambda", space_, grid_.points, 10.0 * size,
                 detail::ParameterDerivative<F, size, Space>{problem_.f, grid_.a, grid_.step(), lambda_, u_, f_});
    operator_.source(space_, f_, source_);
    auto derivative = system_;
    derivative.r = source_;
    const Status update = eliminated(system_, 0, d), direction = eliminated(derivative, 1, b);
    return update != Status::converged ? update : direction;
  }

  [[nodiscard]] double norm(const std::vector<double>& v, const std::vector<double>& x) const {
    double largest = 0;
    for (Index i = 0; i < grid_.points; ++i) {
      const auto first = static_cast<std::size_t>(i * size);
      const double state = weights_.state_norm(v.data() + first, x.data() + first);
      if (!is_finite(state)) return HUGE_VAL;
      largest = std::max(largest, state);
    }
    return is_finite(v.back()) ? largest : HUGE_VAL;
  }

  /// A point of the branch as a solution.
  [[nodiscard]] EllipticSolution<double, size> snapshot(const std::vector<double>& x) const {
    std::vector<double> points;
    std::vector<Vector<double, size>> u(static_cast<std::size_t>(grid_.points));
    for (Index i = 0; i < grid_.points; ++i) {
      points.push_back(grid_.x(i));
      for (int c = 0; c < size; ++c) u[static_cast<std::size_t>(i)][c] = x[static_cast<std::size_t>(i * size + c)];
    }
    return {Status::converged, Statistics{}, std::move(points), std::move(u), grid_.periodic ? grid_.b - grid_.a : 0.0};
  }

 private:
  static Weights<double, size> checked(const Options& options, const SourceLocation& where) {
    require_kokkos(where);
    require_valid(options, size, where);
    return Weights<double, size>(options);
  }

  /// The solution and the parameter's part.
  Status eliminated(const BlockTridiagonal<double, size, Space>& system, double parameter, std::vector<double>& v) {
    const Status status = inverse_.apply(space_, system, solution_);
    v.clear();
    for (Index i = 0; i < grid_.points; ++i)
      for (int c = 0; c < size; ++c) v.push_back(solution_(i, c));
    v.push_back(parameter);
    return status;
  }

  Space space_;
  Problem problem_;
  EllipticGrid grid_;
  Weights<double, size> weights_;
  EllipticOperator<double, size, Space> operator_;
  decltype(std::declval<Inverse>().template plan<double, size>(Space(), Index{}, Ends::open)) inverse_;
  double lambda_ = 0;
  Trajectory<double, size, Space> u_, f_, solution_, source_;
  Jacobians<double, size, 1, Space> jacobian_;
  BlockTridiagonal<double, size, Space> system_;
};

}  // namespace antler::inline ANTLER_LANES
