// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Gradients of recurrences of heads and with strides: those of the recurrences of one lag that they are made of, strand by strand,
/// added up where strands share a parameter, an input or an initial value.

#include "antler/sensitivity/sequence_gradient.hpp"
#include "antler/solve/strided.hpp"

namespace antler::inline ANTLER_LANES {

/// The derivatives of a number with respect to all that a strided recurrence depends on. When the status is not `converged` they
/// are NaN.
template <class T, int n, class X>
struct [[nodiscard]] StridedGradient {
  Vector<T, n> initial;               ///< of y_0; where Strided::earlier is empty, of the y_0 that stands for all of them
  std::vector<Vector<T, n>> earlier;  ///< of y_{-1}, y_{-2}, ..., as many as Strided::earlier has
  std::vector<X> inputs;              ///< of x_1, ..., x_N; empty when the recurrence has none, or none with a derivative
  std::vector<T> parameters;          ///< of theta, flat: of a MultiHead head after head
  Status status = Status::converged;  ///< as that of a SequenceGradient
  Statistics statistics;
};

namespace detail {

/// Adds the gradient of one strand to that of the whole.
template <class F, class T, int n, class X, class StrandGradient>
void add_strand(const Interleaved<F, T, n, X>& problem, int head, Index strand, const StrandGradient& part,
                StridedGradient<T, n, X>& total) {
  using Problem = Interleaved<F, T, n, X>;
  using Input = typename Problem::Input;
  const std::size_t q = problem.origin(head, strand);
  Vector<T, n>& initial = q == 0 ? total.initial : total.earlier[q - 1];
  for (int c = 0; c < Problem::size; ++c) initial[head * Problem::size + c] += part.initial()[c];

  const std::size_t first = static_cast<std::size_t>(head) * part.parameters.size();
  for (std::size_t k = 0; k < part.parameters.size(); ++k) total.parameters[first + k] += part.parameters[k];

  if constexpr (InputTraits<X>::size > 0) {
    constexpr int seen = InputTraits<Input>::size;
    const int from = seen == InputTraits<X>::size ? 0 : head * seen;
    for (std::size_t k = 0; k < part.inputs.size(); ++k) {
      X& x_bar = total.inputs[static_cast<std::size_t>(problem.step(head, strand, static_cast<Index>(k) + 1) - 1)];
      for (int c = 0; c < seen; ++c) InputTraits<X>::component(x_bar, from + c) += InputTraits<Input>::component(part.inputs[k], c);
    }
  }
}

/// Zeros in the extents of a recurrence.
template <class F, class T, int n, class X>
StridedGradient<T, n, X> no_gradient(const Interleaved<F, T, n, X>& problem, std::size_t earlier) {
  auto zero = no_variation(problem.equation());
  return {zero.history[0],        std::vector<Vector<T, n>>(earlier, Vector<T, n>::filled(T(0))),
          std::move(zero.inputs), std::move(zero.parameters),
          Status::converged,      {}};
}

template <class T, int n, class X>
void spoil(StridedGradient<T, n, X>& gradient) {
  SequenceVariation<T, n, 1, X> all{{gradient.initial}, std::move(gradient.inputs), std::move(gradient.parameters)};
  spoil(all);
  gradient.initial = all.history[0];
  gradient.inputs = std::move(all.inputs);
  gradient.parameters = std::move(all.parameters);
  std::fill(gradient.earlier.begin(), gradient.earlier.end(), gradient.initial);
}

/// The states of a strand as the solution of its own equation.
template <class F, class T, int n, class X>
Solution<T, Interleaved<F, T, n, X>::size> solution_of(const Interleaved<F, T, n, X>& problem, const Solution<T, n>& solution,
                                                       int head, Index strand) {
  auto states = problem.rows_of(solution.states().subspan(1), head, strand);
  states.insert(states.begin(), problem.initial(head, strand));
  std::vector<double> indices(states.size());
  std::iota(indices.begin(), indices.end(), 0.0);
  Solution<T, Interleaved<F, T, n, X>::size> own(std::move(indices), std::move(states));
  own.status = solution.status;
  return own;
}

/// The checks and the strands of the public functions below. `loss` has a row per step or none; then the number is one of y_N.
template <class F, class T, int n, class X, class Inverse>
StridedGradient<T, n, X> gradient_of(const Interleaved<F, T, n, X>& problem, std::size_t earlier, const Adjoint<Inverse>& method,
                                     const Solution<T, n>& solution, std::span<const Vector<T, n>> loss,
                                     const Vector<T, n>& final_loss, const Options& options, const SourceLocation& where) {
  using Problem = Interleaved<F, T, n, X>;
  require_kokkos(where);
  require_valid(options, n, where);
  const Index steps = problem.steps();
  require_converged(solution, static_cast<std::size_t>(steps) + 1, where);
  const auto longest = static_cast<std::size_t>(steps > 0 ? problem.length(0, 0) : 0);
  const std::size_t held = strand_bytes(problem, true) + (sizeof(double) + 2 * sizeof(typename Problem::Part)) * longest;
  require_memory(options, held, where);

  const Stopwatch total;
  StridedGradient<T, n, X> gradient = no_gradient(problem, earlier);
  StrandStatistics<Problem> statistics(problem, held);
  if (steps == 0) gradient.initial = final_loss;
  for (int head = 0; head < Problem::heads; ++head) {
    const Options own = options_of_head<Problem::size>(options, head, held);
    for (Index strand = 0; strand < problem.strands(head); ++strand) {
      const bool last = (steps - 1) % problem.stride(head) == strand;
      if (loss.empty() && !last) continue;
      const auto equation = problem.strand_of(head, strand, where);
      const auto states = solution_of(problem, solution, head, strand);
      const auto part = loss.empty() ? antler::gradient(equation, method, states, problem.part(final_loss, head), own, where)
                                     : antler::gradient(equation, method, states, problem.rows_of(loss, head, strand), own, where);
      statistics.add(head, strand, part.status, part.statistics);
      add_strand(problem, head, strand, part, gradient);
    }
  }
  gradient.status = statistics.status();
  gradient.statistics = statistics.total(total.seconds());
  if (gradient.status != Status::converged) spoil(gradient);
  return gradient;
}

/// The same as that of a recurrence of one lag.
template <class T, int n, class X>
SequenceGradient<T, n, 1, X> of_one_lag(StridedGradient<T, n, X>&& gradient) {
  return {{{gradient.initial}, std::move(gradient.inputs), std::move(gradient.parameters)},
          gradient.status,
          std::move(gradient.statistics)};
}

}  // namespace detail

/// The gradient of a number Loss(y_1, ..., y_N) with respect to the initial values, inputs and parameters of a strided recurrence.
///
/// @param solution  what solve(problem, ...) returned, by any method
/// @param loss      dLoss/dy_1 .. dLoss/dy_N, one vector per step
/// @param options   as for a DifferenceEquation
/// @return          look at `status` first
/// @throws InvalidArgument  as for a DifferenceEquation; strides or earlier values that do not fit
template <class F, class T, int n, class X, class Inverse>
StridedGradient<T, n, X> gradient(const Strided<F, T, n, X>& problem, const Adjoint<Inverse>& method,
                                  const Solution<T, n>& solution, std::span<const std::type_identity_t<Vector<T, n>>> loss,
                                  const Options& options = {}, const SourceLocation& where = SourceLocation::current()) {
  detail::require_loss<T, n>(loss, static_cast<std::size_t>(problem.equation.steps), where);
  return detail::gradient_of(detail::interleaved(problem, where), problem.earlier.size(), method, solution, loss,
                             Vector<T, n>::filled(T(0)), options, where);
}
/// The same for a number Loss(y_N).
template <class F, class T, int n, class X, class Inverse>
StridedGradient<T, n, X> gradient(const Strided<F, T, n, X>& problem, const Adjoint<Inverse>& method,
                                  const Solution<T, n>& solution, const std::type_identity_t<Vector<T, n>>& final_loss,
                                  const Options& options = {}, const SourceLocation& where = SourceLocation::current()) {
  const std::span<const Vector<T, n>> rows;
  detail::require_loss<T, n>(std::span(&final_loss, 1), 1, where);
  return detail::gradient_of(detail::interleaved(problem, where), problem.earlier.size(), method, solution, rows, final_loss,
                             options, where);
}
/// The same by the default inverse operator.
template <class F, class T, int n, class X>
StridedGradient<T, n, X> gradient(const Strided<F, T, n, X>& problem, const Solution<T, n>& solution,
                                  std::span<const std::type_identity_t<Vector<T, n>>> loss, const Options& options = {},
                                  const SourceLocation& where = SourceLocation::current()) {
  return gradient(problem, Adjoint<>{}, solution, loss, options, where);
}
template <class F, class T, int n, class X>
StridedGradient<T, n, X> gradient(const Strided<F, T, n, X>& problem, const Solution<T, n>& solution,
                                  const std::type_identity_t<Vector<T, n>>& final_loss, const Options& options = {},
                                  const SourceLocation& where = SourceLocation::current()) {
  return gradient(problem, Adjoint<>{}, solution, final_loss, options, where);
}

/// The gradient of a recurrence of heads, head by head: as that of any f, without the Jacobians of all heads.
template <class Head, int heads, HeadInput seen, class T, int n, class X, class Inverse>
SequenceGradient<T, n, 1, X> gradient(const DifferenceEquation<MultiHead<Head, heads, seen>, T, n, 1, X>& equation,
                                      const Adjoint<Inverse>& method, const Solution<T, n>& solution,
                                      std::span<const std::type_identity_t<Vector<T, n>>> loss, const Options& options = {},
                                      const SourceLocation& where = SourceLocation::current()) {
  equation.require_consistent(where);
  detail::require_loss<T, n>(loss, static_cast<std::size_t>(equation.steps), where);
  return detail::of_one_lag(
      detail::gradient_of(detail::side_by_side(equation), 0, method, solution, loss, Vector<T, n>::filled(T(0)), options, where));
}
template <class Head, int heads, HeadInput seen, class T, int n, class X, class Inverse>
SequenceGradient<T, n, 1, X> gradient(const DifferenceEquation<MultiHead<Head, heads, seen>, T, n, 1, X>& equation,
                                      const Adjoint<Inverse>& method, const Solution<T, n>& solution,
                                      const std::type_identity_t<Vector<T, n>>& final_loss, const Options& options = {},
                                      const SourceLocation& where = SourceLocation::current()) {
  const std::span<const Vector<T, n>> rows;
  equation.require_consistent(where);
  detail::require_loss<T, n>(std::span(&final_loss, 1), 1, where);
  return detail::of_one_lag(
      detail::gradient_of(detail::side_by_side(equation), 0, method, solution, rows, final_loss, options, where));
}
template <class Head, int heads, HeadInput seen, class T, int n, class X>
SequenceGradient<T, n, 1, X> gradient(const DifferenceEquation<MultiHead<Head, heads, seen>, T, n, 1, X>& equation,
                                      const Solution<T, n>& solution, std::span<const std::type_identity_t<Vector<T, n>>> loss,
                                      const Options& options = {}, const SourceLocation& where = SourceLocation::current()) {
  return gradient(equation, Adjoint<>{}, solution, loss, options, where);
}
template <class Head, int heads, HeadInput seen, class T, int n, class X>
SequenceGradient<T, n, 1, X> gradient(const DifferenceEquation<MultiHead<Head, heads, seen>, T, n, 1, X>& equation,
                                      const Solution<T, n>& solution, const std::type_identity_t<Vector<T, n>>& final_loss,
                                      const Options& options = {}, const SourceLocation& where = SourceLocation::current()) {
  return gradient(equation, Adjoint<>{}, solution, final_loss, options, where);
}

}  // namespace antler::inline ANTLER_LANES
