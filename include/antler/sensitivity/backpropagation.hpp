// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The gradient of a recurrence step by step, as a sequential program computes it: from the last step to the first, f's own
/// pullback turns lambda_i into (df/dy)^T lambda_i, the derivatives with respect to the inputs, and a term of those with respect to
/// theta. No Jacobian is formed: O(n^2) per step where f is a layer of a network, and no memory but the gradient's. What
/// Adjoint{SequentialInverse{}} does on a host for a function of one lag with a pullback, and what the parallel gradient is to be
/// compared with.

#include "antler/sensitivity/sequence_kernels.hpp"
#include "antler/sensitivity/variation.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// Body of a maximum: the largest defect of a block of steps, infinite when a value is not finite.
template <class U, class F, class Arguments>
struct CheckSteps {
  F f;
  Arguments arguments;
  double rtol, atol;

  KOKKOS_INLINE_FUNCTION double operator()(Index block) const {
    const Index i = block * lane_count<U>;
    return arguments.template defect<U>(arguments.template value<U, U>(f, i), i, rtol, atol);
  }
};

/// In the place of SequenceAdjoint.
template <class F, class T, int n, class X, class ExecutionSpace>
class Backpropagation {
  using Equation = DifferenceEquation<F, T, n, 1, X>;
  using U = typename StepElements<F, T, n, 1, X, ExecutionSpace>::type;
  static constexpr int parameters = parameter_count_of<F>();

 public:
  using Carried = Kokkos::Array<Vector<T, n>, 1>;

  static std::size_t fixed_bytes(Index steps) {
    return parameters * (sizeof(T) + sizeof(double)) +
           (InputTraits<X>::size > 0 ? sizeof(X) * static_cast<std::size_t>(steps) : std::size_t{0});
  }
  static std::size_t window_bytes(Index /*steps*/) { return 0; }

  template <class Inverse>
  Backpropagation(const ExecutionSpace& space, const Equation& equation, const Inverse& /*none is needed*/)
      : space_(space), equation_(equation), sums_(parameters), totals_(parameters, 0.0) {}

  /// @copydoc SequenceAdjoint::window
  Status window(Index first, Index count, std::span<const Vector<T, n>> states, std::span<const Vector<T, n>> loss,
                std::span<X> x_bar, Carried& carried, const Options& options, Statistics& statistics, const SourceLocation& where) {
    const auto arguments = arguments_of(space_, equation_, states, first, count);
    using Arguments = std::remove_const_t<decltype(arguments)>;
    const double defect = parallel_maximum(
        "antler::sensitivity::check", space_, (count + lane_count<U> - 1) / lane_count<U>, 10.0 * n * (n + 1) * lane_count<U>,
        CheckSteps<U, F, Arguments>{equation_.f, arguments, checked_rtol<T>(options), checked_atol(options)});
    statistics.function_evaluations += count;
    if (is_finite(defect)) require_satisfied(defect, where);
    const auto rows = loss.empty() ? loss : loss.subspan(static_cast<std::size_t>(first - 1), static_cast<std::size_t>(count));
    const auto inputs = x_bar.empty() ? x_bar : x_bar.subspan(static_cast<std::size_t>(first - 1), static_cast<std::size_t>(count));
    if (is_finite(defect) && sweep(arguments, rows, inputs, carried[0])) return Status::converged;

    const double left = parallel_maximum("antler::sensitivity::first_failure", space_, count, 10.0 * n * (n + 1),
                                         StepsLeft<F, Arguments, T>{equation_.f, arguments});
    if (left == 0) return Status::diverged;
    statistics.first_failure = first + count - static_cast<Index>(left);
    return Status::non_finite;
  }

  [[nodiscard]] std::vector<T> parameter_gradient() const { return {totals_.begin(), totals_.end()}; }

 private:
  static constexpr Index kept = 256;  // steps whose terms are summed in T before they go to the totals

  /// Whether lambda stayed finite.
  template <class Arguments>
  bool sweep(const Arguments& arguments, std::span<const Vector<T, n>> loss, std::span<X> x_bar, Vector<T, n>& carried) {
    const ParameterSums<T> sums{sums_.data()};
    std::fill(sums_.begin(), sums_.end(), T(0));
    for (Index i = arguments.count - 1; i >= 0; --i) {
      Vector<T, n> lambda = carried;
      if (!loss.empty()) lambda += loss[static_cast<std::size_t>(i)];
      if constexpr (Arguments::has_inputs) {
        InputOf<X, T> product;
        equation_.f.pullback(arguments.template state<T>(0, i), gather_input<T, X>(arguments.inputs, i, arguments.count - 1),
                             lambda, carried, product, sums);
        for (int c = 0; c < InputTraits<X>::size; ++c) {
          auto& component = InputTraits<X>::component(x_bar[static_cast<std::size_t>(i)], c);
          component = static_cast<std::remove_reference_t<decltype(component)>>(InputTraits<X>::component(product, c));
        }
      } else {
        equation_.f.pullback(arguments.template state<T>(0, i), lambda, carried, sums);
      }
      if (i % kept == 0) add_sums();
    }
    bool finite = true;
    for (const T& value : carried) finite = finite && is_finite(value);
    return finite;
  }

  void add_sums() {
    for (std::size_t k = 0; k < sums_.size(); ++k) {
      totals_[k] += static_cast<double>(sums_[k]);
      sums_[k] = T(0);
    }
  }

  ExecutionSpace space_;
  const Equation& equation_;
  std::vector<T> sums_;
  std::vector<double> totals_;
};

/// Whether a gradient by this inverse operator goes step by step.
template <class F, class T, int n, int lags, class X, class Inverse, class ExecutionSpace>
inline constexpr bool goes_step_by_step = false;
template <class F, class T, int n, class X, class ExecutionSpace>
inline constexpr bool goes_step_by_step<F, T, n, 1, X, SequentialInverse, ExecutionSpace> =
    is_host_space<ExecutionSpace>&& brings_pullback<F, T, n, X>();

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
