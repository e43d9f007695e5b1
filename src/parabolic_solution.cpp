// SPDX-License-Identifier: BSD-3-Clause
#include "antler/solve/parabolic_solution.hpp"

#include <utility>

namespace antler {

ParabolicSolution::ParabolicSolution(DynamicSolution solution, std::shared_ptr<const MethodOfLines> lines)
    : status(solution.status), statistics(solution.statistics), solution_(std::move(solution)), lines_(std::move(lines)) {}

std::span<const double> ParabolicSolution::x() const {
  return lines_ ? std::span<const double>(lines_->x()) : std::span<const double>();
}

double ParabolicSolution::u(Index time, int point, int c, const SourceLocation& where) const {
  const std::span<const double> state = solution_.state(time, where);
  require(lines_ && point >= 0 && point < lines_->points() && c >= 0 && c < components(),
          "a parabolic solution has the points 0 .. x().size() - 1 and the components 0 .. m - 1", where);
  const int unknown = lines_->unknown(point, c);
  if (unknown >= 0) return state[static_cast<std::size_t>(unknown)];
  return profile(time, where)[static_cast<std::size_t>(point * components() + c)];
}

std::vector<double> ParabolicSolution::profile(Index time, const SourceLocation& where) const {
  const std::span<const double> state = solution_.state(time, where);
  return complete(times()[static_cast<std::size_t>(time)], state);
}

std::vector<double> ParabolicSolution::operator()(double t, const SourceLocation& where) const {
  return complete(t, solution_(t, where));
}

double ParabolicSolution::final_time(const SourceLocation& where) const { return solution_.final_time(where); }

std::vector<double> ParabolicSolution::final_profile(const SourceLocation& where) const {
  return complete(solution_.final_time(where), solution_.final_state());
}

std::vector<double> ParabolicSolution::complete(double t, std::span<const double> state) const {
  std::vector<double> values(lines_ ? lines_->x().size() * static_cast<std::size_t>(components()) : 0);
  if (lines_) lines_->profile(t, state, values);
  return values;
}

}  // namespace antler
