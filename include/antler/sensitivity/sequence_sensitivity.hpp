// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Forward sensitivities of a recurrence: how the states move when initial values, inputs and parameters move in a direction,
///
///     dy_i = sum_p J_p,i dy_{i-p} + (df/dx) dx_i + (df/dtheta) dtheta,     J_p,i = df/dy_{i-p}:
///
/// one scan of the maps that Newton's method has, in the order of time, window by window.

#include "antler/sensitivity/direction_windows.hpp"
#include "antler/sensitivity/sequence_gradient.hpp"

namespace antler::inline ANTLER_LANES {

/// How sensitivities are computed: the inverse operator of the scan, and the longest window.
/// @tparam Inverse  AutomaticInverse, ScanInverse or SequentialInverse
template <class Inverse = AutomaticInverse>
struct Tangent {
  Inverse inverse{};
  Index window = 0;  ///< most steps of a window; 0: what fits 64 megabytes, on a device what fits Options::memory_cap
};
template <class Inverse>
Tangent(Inverse) -> Tangent<Inverse>;
template <class Inverse>
Tangent(Inverse, Index) -> Tangent<Inverse>;

namespace detail {

/// Kernel: b_i = (df/dx) dx_i + (df/dtheta) dtheta, g being f with parameters along dtheta.
template <class U, class G, class T, int n, int lags, class X, class ExecutionSpace>
struct FillSources {
  using Arguments = StepArguments<T, n, lags, X, ExecutionSpace>;
  using V = Dual<U, 1>;

  G g;
  Arguments arguments;
  Kokkos::View<const X*, typename ExecutionSpace::memory_space> directions;  // dx_i, or none
  Trajectory<T, n, ExecutionSpace> right;

  KOKKOS_INLINE_FUNCTION void operator()(Index block) const {
    const Index i = block * lane_count<U>;
    const Vector<V, n> value = moved(i);
    for (int r = 0; r < n; ++r) scatter(value[r].derivative[0], right, i, r);
  }

  [[nodiscard]] KOKKOS_INLINE_FUNCTION Vector<V, n> moved(Index i) const {
    if constexpr (InputTraits<X>::size > 0 && takes<G, V, V, n, X>(std::make_integer_sequence<int, lags>{})) {
      if (directions.extent(0) > 0) {
        const Index last = arguments.count - 1;
        const auto x = gather_input<U, X>(arguments.inputs, i, last), dx = gather_input<U, X>(directions, i, last);
        InputOf<X, V> input;
        for (int c = 0; c < InputTraits<X>::size; ++c)
          InputTraits<X>::component(input, c) = V(InputTraits<X>::component(x, c), InputTraits<X>::component(dx, c));
        Vector<V, n> y[lags];
        for (int p = 0; p < lags; ++p) y[p] = constants<V>(arguments.template state<U>(p, i));
        return Arguments::call_with_input(g, input, y, std::make_integer_sequence<int, lags>{});
      }
    }
    return arguments.template value<V, U>(g, i);
  }
};

/// Kernel, i < P: what the states before the window send into its row i.
template <class T, int n, int lags, class ExecutionSpace>
struct AddCarried {
  RecursionMaps<T, n, lags, ExecutionSpace> maps;
  Kokkos::Array<Vector<T, n>, lags> carried;  // dy of the states before the window, the latest first

  KOKKOS_INLINE_FUNCTION void operator()(Index i) const {
    Vector<T, n> right = gather_row<T, n>(maps.b, i);
    for (Index p = i; p < lags; ++p)
      right += gather_matrix<T, n>(matrices_of(maps, static_cast<int>(p)), i) * carried[static_cast<size_t>(p - i)];
    scatter_row(right, maps.b, i);
  }
};

/// The sensitivities' storage and their windows. Allocates in its constructor, and for the first window of another length.
template <class F, class T, int n, int lags, class X, class Inverse, class ExecutionSpace>
class SequenceTangent {
  using Equation = DifferenceEquation<F, T, n, lags, X>;
  using Direction = SequenceVariation<T, n, lags, X>;
  using U = typename StepElements<F, T, n, lags, X, ExecutionSpace>::type;
  using Maps = RecursionMaps<T, n, lags, ExecutionSpace>;
  using States = Trajectory<T, n, ExecutionSpace>;
  using Arguments = StepArguments<T, n, lags, X, ExecutionSpace>;
  using Plan = decltype(std::declval<const Inverse&>().template plan<T, n, lags>(std::declval<const ExecutionSpace&>(), Index{}));

 public:
  static std::size_t window_bytes(Index steps) {
    std::size_t needed = static_cast<std::size_t>(steps) * n * (n * lags + 2) * sizeof(T);
    if constexpr (requires { Plan::required_bytes(steps); }) needed += Plan::required_bytes(steps);
    const std::size_t copies = is_host_space<ExecutionSpace> ? 0 : (sizeof(Vector<T, n>) + 2 * sizeof(X));
    return needed + copies * static_cast<std::size_t>(steps + lags);
  }

  SequenceTangent(const ExecutionSpace& space, const Equation& equation, const Inverse& inverse)
      : space_(space), equation_(equation), inverse_(inverse) {}

  /// Linearises steps first .. first + count - 1.
  Status begin(Index first, Index count, std::span<const Vector<T, n>> states, const Options& options, Statistics& statistics,
               const SourceLocation& where) {
    if (!plan_ || count != maps_.length()) allocate_for(count);
    arguments_ = arguments_of(space_, equation_, states, first, count);
    return linearize_steps<U, T, n>(space_, equation_.f, arguments_, ForwardMaps<T, n, lags, ExecutionSpace>{maps_}, options,
                                    statistics, where);
  }

  /// dy of these steps in one direction; `states` holds dy_0 .. dy_N, those before the window already.
  Status solve(const Direction& direction, std::span<Vector<T, n>> states) const {
    const auto first = static_cast<std::size_t>(arguments_.first), count = static_cast<std::size_t>(arguments_.count);
    fill_sources(direction);
    Kokkos::Array<Vector<T, n>, lags> carried;
    for (std::size_t p = 0; p < lags; ++p) carried[p] = p + 1 <= first ? states[first - 1 - p] : direction.history[p + 1 - first];
    parallel_for("antler::sensitivity::carried", space_, std::min<Index>(lags, arguments_.count), 0,
                 AddCarried<T, n, lags, ExecutionSpace>{maps_, carried});
    const Status status = plan_->apply(space_, maps_, moved_);
    copy_out<T, n, ExecutionSpace>(moved_, states.subspan(first, count));
    return status;
  }

 private:
  void allocate_for(Index count) {
    maps_.b = allocate<States>("antler::sensitivity::b", count);
    moved_ = allocate<States>("antler::sensitivity::dy", count);
    if constexpr (lags == 1) {
      maps_.A = allocate<Matrices<T, n, ExecutionSpace>>("antler::sensitivity::A", count);
    } else {
      for (std::size_t p = 0; p < lags; ++p) maps_.A[p] = allocate<Matrices<T, n, ExecutionSpace>>("antler::sensitivity::A", count);
    }
    plan_.emplace(inverse_.template plan<T, n, lags>(space_, count));
  }

  void fill_sources(const Direction& direction) const {
    std::span<const X> directions = direction.inputs;
    if (!directions.empty())
      directions = directions.subspan(static_cast<std::size_t>(arguments_.first - 1), static_cast<std::size_t>(arguments_.count));
    const auto fill = [&](const auto& g) {
      using G = std::remove_cvref_t<decltype(g)>;
      const Index blocks = (arguments_.count + lane_count<U> - 1) / lane_count<U>;
      parallel_for("antler::sensitivity::sources", space_, blocks, (20.0 * n + 4.0 * parameter_count_of<F>()) * lane_count<U>,
                   FillSources<U, G, T, n, lags, X, ExecutionSpace>{g, arguments_, visible_to(space_, directions), maps_.b});
    };
    if constexpr (Parametrised<F, T>) {
      fill(along_direction<U>(equation_.f, direction.parameters));
    } else {
      fill(equation_.f);
    }
  }

  ExecutionSpace space_;
  const Equation& equation_;
  Inverse inverse_;
  Maps maps_;
  States moved_;
  Arguments arguments_;
  std::optional<Plan> plan_;
};

/// Throws unless the direction has the extents of the equation, is finite, and moves nothing that f cannot be differentiated by.
template <class F, class T, int n, int lags, class X>
void require_direction(const DifferenceEquation<F, T, n, lags, X>& equation, const SequenceVariation<T, n, lags, X>& direction,
                       const SourceLocation& where) {
  using V = Dual<T, 1>;
  require(direction.inputs.empty() || direction.inputs.size() == equation.inputs.size(),
          "a direction must have one vector per input, or none: begin with no_variation(equation)", where);
  require(direction.parameters.size() == static_cast<std::size_t>(parameter_count_of<F>()),
          "a direction must have one number per parameter of f: begin with no_variation(equation)", where);
  require(all_finite(direction), "a direction holds a value that is not finite", where);
  if constexpr (!Parametrised<F, T>)
    for (const T& p : direction.parameters)
      require(p == 0, "to move the parameters of f, it must bring parameters() and with(theta)", where);
  if constexpr (InputTraits<X>::size > 0 && !takes<F, V, V, n, X>(std::make_integer_sequence<int, lags>{}))
    require(direction.inputs.empty(), "to move the inputs of f, it must take them as dual numbers (const auto& x)", where);
}

}  // namespace detail

/// How the states of a recurrence move in several directions at once.
///
/// @param solution    what solve(equation, ...) returned, by any method
/// @param directions  each `no_variation(equation)` with some numbers set
/// @param options     memory_cap; rtol and atol of the solve, within which the states are checked to satisfy this equation
/// @return            dy_0 .. dy_N for each direction; look at `status` first
/// @throws InvalidArgument  the solution has other extents, has not converged, or belongs to another equation; a direction has
/// other
///                          extents or is not finite; Kokkos not running; memory cap
/// @note N Jacobians whatever the number of directions; for each of them N evaluations in dual numbers and one scan. Memory per
/// step of
///       a window n^2 P + 2 n numbers. For the derivatives of one number in all directions gradient() is cheaper.
template <class F, class T, int n, int lags, class X, class Inverse>
std::vector<Sensitivity<T, n>> sensitivity(const DifferenceEquation<F, T, n, lags, X>& equation, const Tangent<Inverse>& method,
                                           const Solution<T, n>& solution,
                                           std::span<const std::type_identity_t<SequenceVariation<T, n, lags, X>>> directions,
                                           const Options& options = {}, const SourceLocation& where = SourceLocation::current()) {
  using ExecutionSpace = Kokkos::DefaultExecutionSpace;
  using Windows = detail::SequenceTangent<F, T, n, lags, X, Inverse, ExecutionSpace>;
  require_kokkos(where);
  require_valid(options, n, where);
  equation.require_consistent(where);
  const Index steps = equation.steps;
  detail::require_converged(solution, static_cast<std::size_t>(steps) + 1, where);
  for (const auto& direction : directions) detail::require_direction(equation, direction, where);

  const std::size_t fixed = directions.size() * sizeof(Vector<T, n>) * static_cast<std::size_t>(steps + 1);
  const Index longest = detail::window_steps<ExecutionSpace>(
      options, fixed, steps, method.window, [](Index count) { return Windows::window_bytes(count); }, where);
  std::vector<Vector<T, n>> initial;
  for (const auto& direction : directions) initial.push_back(direction.history[0]);
  Windows windows(ExecutionSpace{}, equation, method.inverse);
  return detail::sensitivities_by(
      initial, steps, longest, fixed + Windows::window_bytes(std::min(longest, steps)),
      [&](Index first, Index count, Statistics& statistics) {
        return windows.begin(first, count, solution.states(), options, statistics, where);
      },
      [&](std::size_t d, std::span<Vector<T, n>> states) { return windows.solve(directions[d], states); });
}

/// The same in one direction.
template <class F, class T, int n, int lags, class X, class Inverse>
Sensitivity<T, n> sensitivity(const DifferenceEquation<F, T, n, lags, X>& equation, const Tangent<Inverse>& method,
                              const Solution<T, n>& solution,
                              const std::type_identity_t<SequenceVariation<T, n, lags, X>>& direction, const Options& options = {},
                              const SourceLocation& where = SourceLocation::current()) {
  return std::move(sensitivity(equation, method, solution, std::span(&direction, 1), options, where).front());
}
/// The same by the default inverse operator.
template <class F, class T, int n, int lags, class X>
Sensitivity<T, n> sensitivity(const DifferenceEquation<F, T, n, lags, X>& equation, const Solution<T, n>& solution,
                              const std::type_identity_t<SequenceVariation<T, n, lags, X>>& direction, const Options& options = {},
                              const SourceLocation& where = SourceLocation::current()) {
  return sensitivity(equation, Tangent<>{}, solution, direction, options, where);
}

}  // namespace antler::inline ANTLER_LANES
