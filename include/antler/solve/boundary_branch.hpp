// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Branches of solutions of a boundary value problem with one condition less than unknowns: its last parameter is lambda.

#include <memory>

#include "antler/solve/boundary_value.hpp"
#include "antler/solve/continuation.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// The collocation equations as an AdaptiveBranchSystem. x: states, then the inner unknowns, then the parameters.
///
/// The direction of the branch comes from the reduced system of the ends itself, in which lambda is an unknown like others: nothing
/// becomes singular at a fold.
template <class Problem, class Method, class Inverse>
class BoundaryBranchSystem {
 public:
  using System = BoundaryValueSystem<Problem, Method, Inverse>;
  using T = typename System::T;
  static constexpr int n = System::n, m = System::m, q = System::q;

  BoundaryBranchSystem(const Problem& problem, const BoundaryCollocation<Method, Inverse>& method, const Options& options,
                       const SourceLocation& where)
      : problem_(problem), method_(method), options_(options), meshes_(options.rtol, defect_order<Method>) {
    make_system(first_boundary_mesh(problem));
    begin_with_guess(*system_, problem, where);
  }

  /// The guess, as the start of a branch.
  [[nodiscard]] std::vector<double> start() const { return packed(system_->iterate()); }

  double linearize(const std::vector<double>& x, Statistics& statistics) {
    unpack(x);
    return system_->linearize(statistics);
  }
  Status solve(std::vector<double>& d, std::vector<double>& b, Statistics& statistics) {
    const Status status = system_->solve_branch(statistics);
    d = packed(system_->update());
    b = packed(system_->null_vector());
    return status;
  }
  [[nodiscard]] double norm(const std::vector<double>& v, const std::vector<double>&) const {
    const auto& weights = system_->weights();
    double largest = 0;
    const auto see = [&largest](double scaled) { largest = is_finite(scaled) ? std::max(largest, std::abs(scaled)) : HUGE_VAL; };
    const std::size_t shared = v.size() - m;
    for (std::size_t i = 0; i < shared; ++i) see(v[i] / weights.states[static_cast<int>(i % n)]);
    for (int j = 0; j < m; ++j) see(v[shared + static_cast<std::size_t>(j)] / weights.parameters[j]);
    return largest;
  }
  /// The integral mean of the states' products, and the products of the parameters.
  [[nodiscard]] double inner(const std::vector<double>& v, const std::vector<double>& w) const {
    const auto& t = system_->points();
    double sum = 0;
    for (std::size_t i = 0; i < t.size(); ++i) {
      const double length = (i + 1 < t.size() ? t[i + 1] - t[i] : 0) + (i > 0 ? t[i] - t[i - 1] : 0);
      for (std::size_t c = 0; c < n; ++c) sum += 0.5 * length * v[n * i + c] * w[n * i + c];
    }
    sum /= t.back() - t.front();
    for (std::size_t j = v.size() - m; j < v.size(); ++j) sum += v[j] * w[j];
    return sum;
  }
  [[nodiscard]] BoundarySolutionOf<Problem> snapshot(const std::vector<double>& x) const {
    unpack(x);
    Statistics statistics;
    auto solution = solution_of(problem_, *system_, options_, statistics);
    const auto defects = solution.defects();
    const bool fine = std::all_of(defects.begin(), defects.end(), [&](double d) { return d <= options_.rtol; });
    solution.status = fine ? Status::converged : Status::maximum_steps;
    solution.statistics = statistics;
    solution.statistics.steps = static_cast<Index>(defects.size());
    return solution;
  }

  /// Moves to a mesh on which the defects of x are expected below rtol, unless they are.
  Adaptation adapt(std::vector<double>& x, std::vector<double>& tangent, Statistics& statistics) {
    const auto solution = snapshot(x);
    statistics.function_evaluations += solution.statistics.function_evaluations;
    if (solution.status == Status::converged) {
      meshes_ = DefectMesh(options_.rtol, defect_order<Method>);
      return Adaptation::kept;
    }
    const auto points = meshes_.next(solution.times(), solution.defects());
    const Index steps = static_cast<Index>(points.size()) - 1;
    if (steps > options_.maximum_steps || System::required_bytes(steps) > options_.memory_cap) return Adaptation::failed;
    const std::vector<double> old = system_->points(), direction = tangent;
    make_system(points);
    begin_with_solution(*system_, solution);
    x = packed(system_->iterate());
    tangent = moved(direction, old);
    ++statistics.meshes;
    return Adaptation::moved;
  }

 private:
  void make_system(std::vector<double> points) {
    points_ = std::move(points);
    system_ = std::make_unique<System>(problem_, method_.inverse, points_, options_);
  }
  [[nodiscard]] static std::vector<double> packed(const typename System::Unknowns& unknowns) {
    std::vector<double> x;
    const auto append = [&x](const auto& view, int width) {
      for (std::size_t i = 0; i < view.extent(0); ++i)
        for (int c = 0; c < width; ++c) x.push_back(static_cast<double>(view(i, c)));
    };
    append(unknowns.states, n);
    append(unknowns.inner, q * n);
    for (int j = 0; j < m; ++j) x.push_back(static_cast<double>(unknowns.parameters[j]));
    return x;
  }
  void unpack(const std::vector<double>& x) const {
    auto& unknowns = system_->iterate();
    std::size_t next = 0;
    const auto read = [&](const auto& view, int width) {
      for (std::size_t i = 0; i < view.extent(0); ++i)
        for (int c = 0; c < width; ++c) view(i, c) = static_cast<T>(x[next++]);
    };
    read(unknowns.states, n);
    read(unknowns.inner, q * n);
    for (int j = 0; j < m; ++j) unknowns.parameters[j] = static_cast<T>(x[next++]);
  }
  /// A direction from one mesh on the present one, by straight lines.
  [[nodiscard]] std::vector<double> moved(const std::vector<double>& v, const std::vector<double>& old) const {
    const std::size_t points = points_.size();
    std::vector<double> result;
    std::size_t k = 0;
    for (const double t : points_) {
      while (k + 2 < old.size() && old[k + 1] < t) ++k;
      const double theta = (t - old[k]) / (old[k + 1] - old[k]);
      for (std::size_t c = 0; c < n; ++c) result.push_back((1 - theta) * v[n * k + c] + theta * v[n * (k + 1) + c]);
    }
    for (std::size_t i = 0; i + 1 < points; ++i)
      for (int s = 0; s < q; ++s)
        for (std::size_t c = 0; c < n; ++c) result.push_back(result[n * (i + 1) + c] - result[n * i + c]);
    result.insert(result.end(), v.end() - m, v.end());
    return result;
  }

  const Problem& problem_;
  const BoundaryCollocation<Method, Inverse>& method_;
  const Options& options_;
  DefectMesh meshes_;
  std::vector<double> points_;
  std::unique_ptr<System> system_;
};

}  // namespace detail

/// Follows the solutions of a boundary value problem as its last parameter goes from parameter_guess[m - 1] to `to`.
///
/// The problem has n + m - 1 conditions. Each point of the branch is a BoundaryValueSolution on a mesh on which every defect is
/// below rtol; a fold is located on the mesh of the point before it.
///
/// @param walk     PseudoArclength{} or NaturalContinuation{}; see continuation() of a BranchSystem for how it ends
/// @param method   Gauss<2>, Gauss<3>, Lobatto<3> or Lobatto<4>, or a BoundaryCollocation
/// @param options  as in solve(); the guess must be near enough for Newton's iteration without damping
/// @throws InvalidArgument  as solve() and continuation() do
template <class F, class G, class T, int n, int m, class Walk, BoundaryMethod Method, class Inverse>
auto continuation(const BoundaryValueProblem<F, G, T, n, m>& problem, const Walk& walk, double to,
                  const BoundaryCollocation<Method, Inverse>& method, const ContinuationOptions& steps = {},
                  const Options& options = {}, const SourceLocation& where = SourceLocation::current()) {
  using Problem = BoundaryValueProblem<F, G, T, n, m>;
  static_assert(
      m >= 1 && Problem::conditions == n + m - 1,
      "antler::continuation: g must return n + m - 1 conditions, one less than components and parameters; the last parameter runs");
  detail::require_solvable_boundary(problem, options, where);
  detail::BoundaryBranchSystem<Problem, Method, Inverse> system(problem, method, options, where);
  return continuation(system, walk, system.start(), to, steps, options, where);
}
/// The same with OrthogonalReduction, by Gauss<3> unless another method is named.
template <class F, class G, class T, int n, int m, class Walk, BoundaryMethod Method = Gauss<3>>
auto continuation(const BoundaryValueProblem<F, G, T, n, m>& problem, const Walk& walk, double to,
                  const ContinuationOptions& steps = {}, const Options& options = {}, const Method& method = {},
                  const SourceLocation& where = SourceLocation::current()) {
  return continuation(problem, walk, to, BoundaryCollocation<Method>{method, {}}, steps, options, where);
}

}  // namespace antler::inline ANTLER_LANES
