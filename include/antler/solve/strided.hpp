// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Recurrences of heads and with strides: split into the recurrences of one lag that they are made of, each of which is solved by
/// itself, put together again. Neither a Jacobian of all heads nor a map over several lags is formed: per step H k^3 operations in
/// place of (H k)^3, and as many as without a stride. Strands converge one by one, and what one of them needs the others do not
/// pay.

#include "antler/problem/strided.hpp"
#include "antler/solve/difference_equation.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// Solves recurrences that do not see each other: without guesses as a batch, else one after the other.
/// @param guesses  for each equation its y_1 .. y_N; or none at all
/// @param options  memory_cap of all solutions and of what the solves hold besides
/// @return         solutions whose peak_bytes are those of all of them
template <class F, class T, int n, class X, class Method>
std::vector<Solution<T, n>> solve_each(std::span<const DifferenceEquation<F, T, n, 1, X>> equations,
                                       std::span<const std::vector<Vector<T, n>>> guesses, const Method& method,
                                       const Options& options, const SourceLocation& where) {
  if (guesses.empty()) return solve(equations, method, options, where);
  std::size_t all = 0;
  for (const auto& equation : equations) all += solution_bytes<T, n>(equation.steps);
  require_memory(options, all, where);
  std::vector<Solution<T, n>> solutions;
  solutions.reserve(equations.size());
  for (std::size_t e = 0; e < equations.size(); ++e) {
    const std::size_t beside = all - solution_bytes<T, n>(equations[e].steps);
    Options own = options;
    own.memory_cap -= beside;
    solutions.push_back(solve(equations[e], method, guesses[e], own, where));
    solutions.back().statistics.peak_bytes += beside;
  }
  return solutions;
}

/// Options for what belongs to one head, of memory_cap - `held` bytes.
template <int size>
Options options_of_head(const Options& options, int head, std::size_t held) {
  Options own = options;
  own.memory_cap -= held;
  const auto& atol = options.atol.values();
  if (atol.size() > 1) own.atol = std::vector<double>(atol.begin() + head * size, atol.begin() + (head + 1) * size);
  return own;
}

/// The statistics of the whole from those of its strands.
template <class Problem>
class StrandStatistics {
 public:
  StrandStatistics(const Problem& problem, std::size_t held) : problem_(problem), held_(held) {}

  void add(int head, Index strand, Status status, const Statistics& part) {
    const std::size_t peak = std::max(total_.peak_bytes, held_ + part.peak_bytes);
    total_ += part;
    total_.peak_bytes = peak;
    // A strand makes a step where the whole makes s: its exponent is one of s steps.
    const double exponent = part.lyapunov_exponent / static_cast<double>(problem_.stride(head));
    if (!(exponent <= exponent_) && !std::isnan(exponent)) exponent_ = exponent;
    if (status == Status::converged) return;
    const Index at = part.first_failure >= 1 ? problem_.step(head, strand, part.first_failure) : -1;
    if (status_ == Status::converged || (at >= 1 && (first_failure_ < 1 || at < first_failure_))) {
      status_ = status;
      first_failure_ = at;
    }
  }

  /// The first failure's status, in the order of steps.
  [[nodiscard]] Status status() const { return status_; }
  [[nodiscard]] Statistics total(double seconds) const {
    Statistics total = total_;
    total.steps = problem_.steps();
    total.meshes = std::min<Index>(total_.meshes, 1);
    total.peak_bytes = std::max(total.peak_bytes, held_);
    total.total_seconds = seconds;
    total.lyapunov_exponent = exponent_;
    total.first_failure = first_failure_;
    return total;
  }

 private:
  const Problem& problem_;
  std::size_t held_;
  Statistics total_;
  Status status_ = Status::converged;
  Index first_failure_ = -1;
  double exponent_ = std::numeric_limits<double>::quiet_NaN();
};

/// Bytes of the strands of one head before they are solved: inputs and guesses.
template <class Problem>
std::size_t strand_bytes(const Problem& problem, bool guessed) {
  using Part = typename Problem::Part;
  const auto steps = static_cast<std::size_t>(problem.steps());
  const std::size_t inputs = Problem::Whole::has_inputs ? sizeof(typename Problem::Input) * steps : 0;
  return inputs + (guessed ? sizeof(Part) * steps : 0);
}

template <class F, class T, int n, class X, class Method>
Solution<T, n> solve_interleaved(const Interleaved<F, T, n, X>& problem, const Method& method,
                                 const std::span<const Vector<T, n>>* guess, const Options& options, const SourceLocation& where) {
  using Problem = Interleaved<F, T, n, X>;
  require_kokkos(where);
  require_valid(options, n, where);
  require_no_march_options(options, "a DifferenceEquation", where);
  require_finite_inputs(std::span<const X>(problem.equation().inputs), where);
  require(options.output == Output::trajectory,
          "heads and strides are put together from whole trajectories: leave Options::output at Output::trajectory", where);
  const Index steps = problem.steps();
  if (guess != nullptr) {
    require(static_cast<Index>(guess->size()) == steps,
            "the guess must have one state per step of the recurrence: " + std::to_string(steps) + " states", where);
    require_finite<T, n>(*guess, where);
  }
  const std::size_t held = solution_bytes<T, n>(steps) + strand_bytes(problem, guess != nullptr);
  require_memory(options, held, where);

  const Stopwatch total;
  std::vector<double> indices(static_cast<std::size_t>(steps) + 1);
  std::iota(indices.begin(), indices.end(), 0.0);
  std::vector<Vector<T, n>> states(indices.size(), problem.equation().history[0]);
  const std::span<Vector<T, n>> rows = std::span(states).subspan(1);
  StrandStatistics<Problem> statistics(problem, held);
  for (int head = 0; head < Problem::heads; ++head) {
    std::vector<typename Problem::Strand> strands;
    std::vector<std::vector<typename Problem::Part>> guesses;
    for (Index strand = 0; strand < problem.strands(head); ++strand) {
      strands.push_back(problem.strand_of(head, strand, where));
      if (guess != nullptr) guesses.push_back(problem.rows_of(*guess, head, strand));
    }
    const Options own = options_of_head<Problem::size>(options, head, held);
    const auto solutions = solve_each(std::span<const typename Problem::Strand>(strands),
                                      std::span<const std::vector<typename Problem::Part>>(guesses), method, own, where);
    for (Index strand = 0; strand < problem.strands(head); ++strand) {
      const auto& solution = solutions[static_cast<std::size_t>(strand)];
      problem.place_rows(solution.states().subspan(1), head, strand, rows);
      statistics.add(head, strand, solution.status, solution.statistics);
    }
  }
  Solution<T, n> solution(std::move(indices), std::move(states));
  solution.status = statistics.status();
  solution.statistics = statistics.total(total.seconds());
  return solution;
}

template <class F, class T, int n, class X>
Interleaved<F, T, n, X> interleaved(const Strided<F, T, n, X>& problem, const SourceLocation& where) {
  problem.require_consistent(where);
  return {problem.equation, problem.strides, problem.earlier};
}

}  // namespace detail

/// Solves a recurrence with a stride, strand by strand.
///
/// @param method   as for a DifferenceEquation of one lag
/// @param guess    y_1 .. y_N, one state per step
/// @param options  memory_cap; it also counts a second copy of inputs and states, of one head at a time
/// @return         states() holds y_0 .. y_N; `converged` when every strand has; else Statistics::first_failure is the first step
/// that failed, and
///                 each strand holds its own states up to where it failed. Counts are sums over the strands, lyapunov_exponent is
///                 the largest, per step of the whole
/// @throws InvalidArgument  as for a DifferenceEquation; strides or earlier values that do not fit
template <class F, class T, int n, class X, SequenceMethod Method>
Solution<T, n> solve(const Strided<F, T, n, X>& problem, const Method& method,
                     std::span<const std::type_identity_t<Vector<T, n>>> guess, const Options& options,
                     const SourceLocation& where = SourceLocation::current()) {
  const std::span<const Vector<T, n>> states = guess;
  return detail::solve_interleaved(detail::interleaved(problem, where), method, &states, options, where);
}
template <class F, class T, int n, class X, SequenceMethod Method>
Solution<T, n> solve(const Strided<F, T, n, X>& problem, const Method& method, const Options& options = {},
                     const SourceLocation& where = SourceLocation::current()) {
  return detail::solve_interleaved(detail::interleaved(problem, where), method,
                                   static_cast<const std::span<const Vector<T, n>>*>(nullptr), options, where);
}
template <class F, class T, int n, class X>
Solution<T, n> solve(const Strided<F, T, n, X>& problem, const Options& options = {},
                     const SourceLocation& where = SourceLocation::current()) {
  return solve(problem, Automatic{}, options, where);
}

/// Solves a recurrence of heads, head by head: as `solve(equation, method, options)` of any f, without the Jacobians of all heads.
template <class Head, int heads, HeadInput seen, class T, int n, class X, SequenceMethod Method>
Solution<T, n> solve(const DifferenceEquation<MultiHead<Head, heads, seen>, T, n, 1, X>& problem, const Method& method,
                     std::span<const std::type_identity_t<Vector<T, n>>> guess, const Options& options,
                     const SourceLocation& where = SourceLocation::current()) {
  problem.require_consistent(where);
  const std::span<const Vector<T, n>> states = guess;
  return detail::solve_interleaved(detail::side_by_side(problem), method, &states, options, where);
}
template <class Head, int heads, HeadInput seen, class T, int n, class X, SequenceMethod Method>
Solution<T, n> solve(const DifferenceEquation<MultiHead<Head, heads, seen>, T, n, 1, X>& problem, const Method& method,
                     const Options& options = {}, const SourceLocation& where = SourceLocation::current()) {
  problem.require_consistent(where);
  return detail::solve_interleaved(detail::side_by_side(problem), method,
                                   static_cast<const std::span<const Vector<T, n>>*>(nullptr), options, where);
}
template <class Head, int heads, HeadInput seen, class T, int n, class X>
Solution<T, n> solve(const DifferenceEquation<MultiHead<Head, heads, seen>, T, n, 1, X>& problem, const Options& options = {},
                     const SourceLocation& where = SourceLocation::current()) {
  return solve(problem, Automatic{}, options, where);
}

}  // namespace antler::inline ANTLER_LANES
