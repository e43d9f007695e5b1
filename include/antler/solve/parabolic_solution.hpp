// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "antler/core/dynamic_solution.hpp"
#include "antler/discretization/method_of_lines.hpp"

namespace antler {

/// u(x, t) of a parabolic problem on the points of its grid: how the solve ended, what it did, and the values. When the status is
/// not converged, they end where the solver came to.
class [[nodiscard]] ParabolicSolution {
 public:
  Status status = Status::maximum_iterations;
  Statistics statistics;

  ParabolicSolution() = default;
  ParabolicSolution(DynamicSolution solution, std::shared_ptr<const MethodOfLines> lines);

  /// x_0, ..., x_{N-1}, the ends of the interval among them; on a periodic interval the first end alone.
  [[nodiscard]] std::span<const double> x() const;
  /// The number of components, m.
  [[nodiscard]] int components() const { return lines_ ? lines_->components() : 0; }
  /// As DynamicSolution::times(): the steps' ends, or Options::output_times.
  [[nodiscard]] std::span<const double> times() const { return solution_.times(); }

  /// Component c at times()[time] and x()[point].
  /// @throws InvalidArgument  there is no such time, point or component
  [[nodiscard]] double u(Index time, int point, int c = 0, const SourceLocation& where = SourceLocation::current()) const;
  /// All values at times()[time], component c at x()[i] in place m i + c.
  /// @throws InvalidArgument  there is no such time
  [[nodiscard]] std::vector<double> profile(Index time, const SourceLocation& where = SourceLocation::current()) const;
  /// The same at any time of the interval, from the collocation polynomials.
  /// @throws InvalidArgument  as DynamicSolution::operator()
  [[nodiscard]] std::vector<double> operator()(double t, const SourceLocation& where = SourceLocation::current()) const;

  /// How far the solve came, and the values there.
  /// @throws InvalidArgument  the solution is empty
  [[nodiscard]] double final_time(const SourceLocation& where = SourceLocation::current()) const;
  [[nodiscard]] std::vector<double> final_profile(const SourceLocation& where = SourceLocation::current()) const;

  /// The system of ordinary differential equations: unknowns in the solver's numbering.
  [[nodiscard]] const DynamicSolution& system() const { return solution_; }

 private:
  [[nodiscard]] std::vector<double> complete(double t, std::span<const double> state) const;

  DynamicSolution solution_;
  std::shared_ptr<const MethodOfLines> lines_;
};

}  // namespace antler
