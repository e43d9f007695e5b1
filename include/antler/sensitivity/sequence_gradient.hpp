// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The gradient of a recurrence y_i = f(y_{i-1}, ..., y_{i-P}, x_i; theta): with J_p,i = df/dy_{i-p} along the trajectory and l_i
/// the derivative of the loss with respect to y_i,
///
///     lambda_i = sum_p J_p,{i+p}^T lambda_{i+p} + l_i        one transposed scan, i = N .. 1 - P
///     dLoss/dy_{-q} = lambda_{-q},   dLoss/dx_i = (df/dx)^T lambda_i,   dLoss/dtheta = sum_i (df/dtheta)^T lambda_i
///
/// [Lim2024, sec. 3.1.1]. It depends on the trajectory alone, not on the iteration that found it: the gradient of the recurrence
/// itself, to rounding and to the tolerance that the trajectory was solved to. Differentiating the iteration of a quasi-Newton
/// method instead, as is published, gives another, biased one.
///
/// Window by window from the end: a window linearises its steps, scans, forms the products of its steps, and hands lambda of the
/// P values before it to the window before.

#include <optional>

#include "antler/core/stopwatch.hpp"
#include "antler/sensitivity/backpropagation.hpp"
#include "antler/sensitivity/sequence_kernels.hpp"
#include "antler/sensitivity/variation.hpp"
#include "antler/solve/trajectory_copy.hpp"

namespace antler::inline ANTLER_LANES {

/// How a gradient is computed: the inverse operator of the transposed scan, and the longest window.
/// @tparam Inverse  AutomaticInverse, ScanInverse or SequentialInverse
template <class Inverse = AutomaticInverse>
struct Adjoint {
  Inverse inverse{};
  Index window = 0;  ///< most steps of a window; 0: what fits 64 megabytes, on a device what fits Options::memory_cap
};
template <class Inverse>
Adjoint(Inverse) -> Adjoint<Inverse>;
template <class Inverse>
Adjoint(Inverse, Index) -> Adjoint<Inverse>;

namespace detail {

/// A host array that kernels write: itself on a host, else a view that copy_back() brings home.
template <class X, class ExecutionSpace>
class HostOutput {
 public:
  using View = Kokkos::View<X*, typename ExecutionSpace::memory_space>;

  explicit HostOutput(std::span<X> array) : array_(array) {
    if constexpr (is_host_space<ExecutionSpace>) {
      view_ = View(array.data(), array.size());
    } else {
      view_ = allocate<View>("antler::output", array.size());
    }
  }
  [[nodiscard]] const View& view() const { return view_; }
  void copy_back() const {
    if constexpr (!is_host_space<ExecutionSpace>)
      Kokkos::deep_copy(Kokkos::View<X*, Kokkos::HostSpace, Kokkos::MemoryUnmanaged>(array_.data(), array_.size()), view_);
  }

 private:
  std::span<X> array_;
  View view_;
};

/// Linearises f at the steps of the arguments into maps. Returns converged, or non_finite.
/// @throws InvalidArgument  the states are none of this equation's
template <class U, class T, int n, class F, class Arguments, class Maps, class ExecutionSpace>
Status linearize_steps(const ExecutionSpace& space, const F& f, const Arguments& arguments, const Maps& maps,
                       const Options& options, Statistics& statistics, const SourceLocation& where) {
  const Index blocks = (arguments.count + lane_count<U> - 1) / lane_count<U>;
  const double flops = 10.0 * n * (Arguments::variables_count + 1) * lane_count<U>;
  const double defect =
      parallel_maximum("antler::sensitivity::linearize", space, blocks, flops,
                       LinearizeAlong<U, F, Arguments, Maps>{f, arguments, maps, checked_rtol<T>(options), checked_atol(options)});
  statistics.function_evaluations += arguments.count;
  statistics.jacobian_evaluations += arguments.count;
  if (is_finite(defect)) {
    require_satisfied(defect, where);
    return Status::converged;
  }
  const double left = parallel_maximum("antler::sensitivity::first_failure", space, arguments.count, flops,
                                       StepsLeft<F, Arguments, T>{f, arguments});
  if (left > 0) statistics.first_failure = arguments.first + arguments.count - static_cast<Index>(left);
  return Status::non_finite;
}

/// The gradient's storage and its windows. Allocates in its constructor, and for the first window of another length.
template <class F, class T, int n, int lags, class X, class Inverse, class ExecutionSpace>
class SequenceAdjoint {
  using Equation = DifferenceEquation<F, T, n, lags, X>;
  using U = typename StepElements<F, T, n, lags, X, ExecutionSpace>::type;
  using System = TransposedSystem<T, n, lags, Inverse, ExecutionSpace>;
  using Arguments = StepArguments<T, n, lags, X, ExecutionSpace>;
  using Lambda = Covectors<U, T, n, lags, ExecutionSpace>;
  using Sums = ChunkedSums<U, ExecutionSpace>;

  static constexpr int parameters = parameter_count_of<F>();
  static constexpr bool hand_written = brings_pullback<F, U, n, X>() && lags == 1;
  static constexpr int pass = directions_per_pass(parameters);
  static constexpr Index columns = hand_written ? parameters : parameters > 0 ? pass : 0;

 public:
  using Carried = Kokkos::Array<Vector<T, n>, lags>;

  /// Bytes whatever the window, the gradient included; bytes of a window.
  static std::size_t fixed_bytes(Index steps) {
    return Sums::required_bytes(columns, parameters) +
           (InputTraits<X>::size > 0 ? sizeof(X) * static_cast<std::size_t>(steps) : std::size_t{0});
  }
  static std::size_t window_bytes(Index steps) {
    const std::size_t copies = is_host_space<ExecutionSpace> ? 0 : (2 * sizeof(Vector<T, n>) + 2 * sizeof(X));
    return System::required_bytes(steps) + copies * static_cast<std::size_t>(steps + lags);
  }

  SequenceAdjoint(const ExecutionSpace& space, const Equation& equation, const Inverse& inverse)
      : space_(space), equation_(equation), inverse_(inverse), sums_(space, columns, parameters) {}

  /// Steps first .. first + count - 1. @param carried  in and out: lambda of the P values before the window, from the steps behind
  Status window(Index first, Index count, std::span<const Vector<T, n>> states, std::span<const Vector<T, n>> loss,
                std::span<X> x_bar, Carried& carried, const Options& options, Statistics& statistics, const SourceLocation& where) {
    if (!system_ || system_->steps() != count) system_.emplace(space_, inverse_, count);
    const Stopwatch evaluation;
    const Arguments arguments = arguments_of(space_, equation_, states, first, count);
    const auto& maps = system_->maps();
    const Status linearized = linearize_steps<U, T, n>(space_, equation_.f, arguments, maps, options, statistics, where);
    if (linearized != Status::converged) return linearized;
    statistics.evaluation_seconds += evaluation.seconds();

    const Stopwatch inversion;
    const auto rows = loss.empty() ? loss : loss.subspan(static_cast<std::size_t>(first - 1), static_cast<std::size_t>(count));
    const Status solved = solve_backwards(space_, *system_, visible_to(space_, rows), carried);
    if (solved != Status::converged) return solved;
    statistics.inverse_seconds += inversion.seconds();

    const Stopwatch products;
    const std::span<X> inputs =
        x_bar.empty() ? x_bar : x_bar.subspan(static_cast<std::size_t>(first - 1), static_cast<std::size_t>(count));
    form_products(arguments, Lambda{maps, system_->lambda()}, inputs);
    statistics.evaluation_seconds += products.seconds();
    return Status::converged;
  }

  [[nodiscard]] std::vector<T> parameter_gradient() const { return sums_.template totals<T>(); }

 private:
  void form_products(const Arguments& arguments, const Lambda& lambda, std::span<X> x_bar) const {
    const Index blocks = (arguments.count + lane_count<U> - 1) / lane_count<U>;
    const double flops = (10.0 * n * (directions_per_pass(InputTraits<X>::size) + 1) + 4.0 * parameters) * lane_count<U>;
    const HostOutput<X, ExecutionSpace> output(x_bar);
    if constexpr (hand_written) {
      sum_by_pullback<U>(space_, equation_.f, arguments, lambda, blocks, flops, output.view(), sums_);
    } else {
      if constexpr (InputTraits<X>::size > 0) {
        using View = typename HostOutput<X, ExecutionSpace>::View;
        parallel_for("antler::sensitivity::inputs", space_, blocks, flops,
                     PullBackToInputs<U, F, Arguments, Lambda, View>{equation_.f, arguments, lambda, output.view()});
      }
      if constexpr (parameters > 0) sum_along_parameters<U, pass>(space_, equation_.f, arguments, lambda, blocks, flops, sums_);
    }
    output.copy_back();
  }

  ExecutionSpace space_;
  const Equation& equation_;
  Inverse inverse_;
  Sums sums_;
  std::optional<System> system_;
};

/// What computes the gradient: backpropagation step by step, or windows of all steps at once.
template <class F, class T, int n, int lags, class X, class Inverse, class ExecutionSpace>
struct AdjointWindows {
  using type = SequenceAdjoint<F, T, n, lags, X, Inverse, ExecutionSpace>;
};
template <class F, class T, int n, int lags, class X, class Inverse, class ExecutionSpace>
  requires goes_step_by_step<F, T, n, lags, X, Inverse, ExecutionSpace>
struct AdjointWindows<F, T, n, lags, X, Inverse, ExecutionSpace> {
  using type = Backpropagation<F, T, n, X, ExecutionSpace>;
};

/// Whether every number of a variation is finite.
template <class T, int n, int lags, class X>
bool all_finite(const SequenceVariation<T, n, lags, X>& variation) {
  bool finite = true;
  for (const auto& y : variation.history)
    for (const T& value : y) finite = finite && is_finite(value);
  if constexpr (InputTraits<X>::size > 0)
    for (const auto& x : variation.inputs)
      for (int c = 0; c < InputTraits<X>::size; ++c) finite = finite && is_finite(InputTraits<X>::component(x, c));
  for (const T& value : variation.parameters) finite = finite && is_finite(value);
  return finite;
}

/// Every number of a variation becomes NaN.
template <class T, int n, int lags, class X>
void spoil(SequenceVariation<T, n, lags, X>& variation) {
  constexpr T nan = std::numeric_limits<T>::quiet_NaN();
  variation.history.fill(Vector<T, n>::filled(nan));
  if constexpr (InputTraits<X>::size > 0)
    for (auto& x : variation.inputs)
      for (int c = 0; c < InputTraits<X>::size; ++c) InputTraits<X>::component(x, c) = nan;
  std::fill(variation.parameters.begin(), variation.parameters.end(), nan);
}

/// The checks and the windows of the public functions below. `loss` has a row per step or none, `final_loss` is added to y_N's.
template <class F, class T, int n, int lags, class X, class Inverse>
SequenceGradient<T, n, lags, X> gradient_of(const DifferenceEquation<F, T, n, lags, X>& equation, const Adjoint<Inverse>& method,
                                            const Solution<T, n>& solution, std::span<const Vector<T, n>> loss,
                                            const Vector<T, n>& final_loss, const Options& options, const SourceLocation& where) {
  using ExecutionSpace = Kokkos::DefaultExecutionSpace;
  using Windows = typename AdjointWindows<F, T, n, lags, X, Inverse, ExecutionSpace>::type;
  require_kokkos(where);
  require_valid(options, n, where);
  equation.require_consistent(where);
  const Index steps = equation.steps;
  require_converged(solution, static_cast<std::size_t>(steps) + 1, where);

  const Stopwatch total;
  const std::size_t fixed = Windows::fixed_bytes(steps);
  const Index longest = window_steps<ExecutionSpace>(
      options, fixed, steps, method.window, [](Index count) { return Windows::window_bytes(count); }, where);
  SequenceGradient<T, n, lags, X> gradient{no_variation(equation), Status::converged, {}};
  Statistics& statistics = gradient.statistics;
  typename Windows::Carried carried;
  for (size_t p = 0; p < lags; ++p) carried[p] = p == 0 ? final_loss : Vector<T, n>::filled(T(0));

  Windows windows(ExecutionSpace{}, equation, method.inverse);
  for (Index left = steps; left > 0 && gradient.status == Status::converged;) {
    const Index count = std::min(longest, left);
    left -= count;
    ++statistics.windows;
    gradient.status =
        windows.window(left + 1, count, solution.states(), loss, gradient.inputs, carried, options, statistics, where);
  }
  for (std::size_t p = 0; p < lags; ++p) gradient.history[p] = carried[p];
  gradient.parameters = windows.parameter_gradient();
  if (gradient.status == Status::converged && !all_finite(gradient)) gradient.status = Status::diverged;
  if (gradient.status != Status::converged) spoil<T, n, lags, X>(gradient);

  statistics.steps = steps;
  statistics.peak_bytes = fixed + Windows::window_bytes(std::min(longest, steps));
  statistics.total_seconds = total.seconds();
  return gradient;
}

}  // namespace detail

/// The gradient of a number Loss(y_1, ..., y_N) with respect to the initial values, the inputs and the parameters of a recurrence.
///
/// @param solution  what solve(equation, ...) returned, by any method
/// @param loss      dLoss/dy_1 .. dLoss/dy_N, one vector per step
/// @param options   memory_cap; rtol and atol of the solve, within which the states are checked to satisfy this equation
/// @return          `history`, `inputs`, `parameters`; look at `status` first
/// @throws InvalidArgument  the solution has other extents, has not converged, or belongs to another equation; `loss` has other
///                          extents or is not finite; Kokkos not running; memory cap
/// @note N Jacobians, one transposed scan, N products with covectors: by f.pullback where f has it, else by dual numbers, one pass
/// per
///       eight inputs and parameters. Memory per step of a window n^2 P + 2 n numbers. The sums over the steps have the same bits
///       for any number of threads, and so has the gradient where `inverse` is SequentialInverse or has a fixed number of workers.
template <class F, class T, int n, int lags, class X, class Inverse>
SequenceGradient<T, n, lags, X> gradient(const DifferenceEquation<F, T, n, lags, X>& equation, const Adjoint<Inverse>& method,
                                         const Solution<T, n>& solution, std::span<const std::type_identity_t<Vector<T, n>>> loss,
                                         const Options& options = {}, const SourceLocation& where = SourceLocation::current()) {
  detail::require_loss<T, n>(loss, static_cast<std::size_t>(equation.steps), where);
  return detail::gradient_of(equation, method, solution, loss, Vector<T, n>::filled(T(0)), options, where);
}

/// The same for a number Loss(y_N).
template <class F, class T, int n, int lags, class X, class Inverse>
SequenceGradient<T, n, lags, X> gradient(const DifferenceEquation<F, T, n, lags, X>& equation, const Adjoint<Inverse>& method,
                                         const Solution<T, n>& solution, const std::type_identity_t<Vector<T, n>>& final_loss,
                                         const Options& options = {}, const SourceLocation& where = SourceLocation::current()) {
  const std::span<const Vector<T, n>> rows;
  detail::require_loss<T, n>(std::span(&final_loss, 1), 1, where);
  return detail::gradient_of(equation, method, solution, rows, final_loss, options, where);
}

/// The same by the default inverse operator.
template <class F, class T, int n, int lags, class X>
SequenceGradient<T, n, lags, X> gradient(const DifferenceEquation<F, T, n, lags, X>& equation, const Solution<T, n>& solution,
                                         std::span<const std::type_identity_t<Vector<T, n>>> loss, const Options& options = {},
                                         const SourceLocation& where = SourceLocation::current()) {
  return gradient(equation, Adjoint<>{}, solution, loss, options, where);
}
template <class F, class T, int n, int lags, class X>
SequenceGradient<T, n, lags, X> gradient(const DifferenceEquation<F, T, n, lags, X>& equation, const Solution<T, n>& solution,
                                         const std::type_identity_t<Vector<T, n>>& final_loss, const Options& options = {},
                                         const SourceLocation& where = SourceLocation::current()) {
  return gradient(equation, Adjoint<>{}, solution, final_loss, options, where);
}

}  // namespace antler::inline ANTLER_LANES
