// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Forward sensitivities of the discrete solution of an initial value problem: how the states y_1 .. y_N that a method computed
/// move when y0 and the parameters theta move in a direction. With the linearised steps of collocation_linearization.hpp and
/// exponential_linearization.hpp,
///
///     dy_{i+1} = A_i dy_i + b_i,     b_i = (dy_{i+1}/dtheta) dtheta:
///
/// one scan per direction, window by window, exact for the discrete equations at any step length. Meshes do not move.

#include <algorithm>
#include <optional>

#include "antler/sensitivity/direction_windows.hpp"
#include "antler/sensitivity/mesh_solution.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// The linearised steps of a method.
template <class F, class T, int n, class Method, class ExecutionSpace>
struct LinearizedSteps;
template <class F, class T, int n, class Method, class Newton, class Inverse, class ExecutionSpace>
struct LinearizedSteps<F, T, n, Collocation<Method, Newton, Inverse>, ExecutionSpace> {
  using type = CollocationLinearization<F, T, n, Method, ExecutionSpace>;
};
template <class F, class T, int n, class Inverse, class ExecutionSpace>
struct LinearizedSteps<F, T, n, Exponential<Inverse>, ExecutionSpace> {
  using type = ExponentialLinearization<F, T, n, ExecutionSpace>;
};

/// The sensitivities' storage and their windows. Allocates in its constructor, and for the first window of another length.
template <class F, class T, int n, class Method, class ExecutionSpace>
class InitialValueTangent {
  using Linearized = typename LinearizedSteps<F, T, n, Method, ExecutionSpace>::type;
  using U = typename Linearized::U;
  using Maps = AffineMaps<T, n, ExecutionSpace>;
  using States = Trajectory<T, n, ExecutionSpace>;
  using Plan = decltype(std::declval<const Method&>().inverse.template plan<T, n>(std::declval<const ExecutionSpace&>(), Index{}));

  struct Storage {
    Linearized steps;
    Maps maps;
    States moved;
    Plan plan;

    Storage(const ExecutionSpace& space, const Method& method, Index length)
        : steps(length),
          maps(Maps::allocated("antler::sensitivity::maps", length)),
          moved(allocate<States>("antler::sensitivity::dy", length)),
          plan(method.inverse.template plan<T, n>(space, length)) {}
  };

 public:
  static std::size_t window_bytes(Index steps) {
    std::size_t needed = Linearized::required_bytes(steps) + static_cast<std::size_t>(steps) * n * (n + 2) * sizeof(T);
    if constexpr (requires { Plan::required_bytes(steps); }) needed += Plan::required_bytes(steps);
    return needed;
  }

  InitialValueTangent(const ExecutionSpace& space, const F& f, const Method& method) : space_(space), f_(f), method_(method) {}

  /// Linearises steps first .. first + count - 1, counted from 1.
  Status begin(Index first, Index count, const Solution<T, n>& solution, const Options& options, Statistics& statistics,
               const SourceLocation& where) {
    if (!storage_ || storage_->steps.length() != count) storage_.emplace(space_, method_, count);
    first_ = first;
    return storage_->steps.linearize(space_, f_, solution, first, ForwardMaps<T, n, 1, ExecutionSpace>{storage_->maps}, options,
                                     statistics, where);
  }

  /// dy of these steps; `states` holds dy_0 .. dy_N, those before the window already. @param parameters  dtheta, or none
  Status solve(std::span<const T> parameters, std::span<Vector<T, n>> states) const {
    const auto& [steps, maps, moved, plan] = *storage_;
    const auto first = static_cast<std::size_t>(first_);
    fill_sources(parameters);
    const Status status = plan.apply(space_, maps, states[first - 1], moved);
    copy_out<T, n, ExecutionSpace>(moved, states.subspan(first, static_cast<std::size_t>(steps.length())));
    return status;
  }

 private:
  void fill_sources(std::span<const T> parameters) const {
    if constexpr (Parametrised<F, T>) {
      if (std::any_of(parameters.begin(), parameters.end(), [](const T& p) { return p != 0; })) {
        storage_->steps.sources(space_, along_direction<U>(f_, parameters), storage_->maps.b);
        return;
      }
    }
    Kokkos::deep_copy(space_, storage_->maps.b, T(0));
    space_.fence();
  }

  ExecutionSpace space_;
  F f_;
  Method method_;
  std::optional<Storage> storage_;
  Index first_ = 1;
};

/// Throws unless the direction has the extents of the problem, is finite, and moves nothing that f cannot be differentiated by.
template <class F, class T, int n>
void require_direction(const InitialValueProblem<F, T, n>& /*problem*/, const InitialValueVariation<T, n>& direction,
                       const SourceLocation& where) {
  const auto& parameters = direction.parameters;
  require(parameters.empty() || parameters.size() == static_cast<std::size_t>(parameter_count_of<F>()),
          "a direction must have one number per parameter of f, or none: begin with no_variation(problem)", where);
  require(all_finite(direction), "a direction holds a value that is not finite", where);
  if constexpr (!Parametrised<F, T>)
    for (const T& p : parameters) require(p == 0, "to move the parameters of f, it must bring parameters() and with(theta)", where);
}

/// The checks and the windows of the public functions below, with a method that has all its parts.
template <class F, class T, int n, class Method>
std::vector<Sensitivity<T, n>> sensitivities_of(const InitialValueProblem<F, T, n>& problem, const Method& method,
                                                const Solution<T, n>& solution,
                                                std::span<const InitialValueVariation<T, n>> directions, const Options& options,
                                                const SourceLocation& where) {
  using ExecutionSpace = Kokkos::DefaultExecutionSpace;
  using Windows = InitialValueTangent<F, T, n, Method, ExecutionSpace>;
  require_solution_of(problem, solution, options, where);
  require_steps_of(method, solution, where);
  std::vector<Vector<T, n>> initial;
  for (const auto& direction : directions) {
    require_direction(problem, direction, where);
    initial.push_back(direction.initial);
  }
  const Index steps = static_cast<Index>(solution.states().size()) - 1;
  const std::size_t fixed = directions.size() * sizeof(Vector<T, n>) * static_cast<std::size_t>(steps + 1);
  const Index longest = window_steps<ExecutionSpace>(
      options, fixed, steps, longest_window(method), [](Index count) { return Windows::window_bytes(count); }, where);
  Windows windows(ExecutionSpace{}, problem.f, method);
  return sensitivities_by(
      initial, steps, longest, fixed + Windows::window_bytes(std::min(longest, steps)),
      [&](Index first, Index count, Statistics& statistics) {
        return windows.begin(first, count, solution, options, statistics, where);
      },
      [&](std::size_t d, std::span<Vector<T, n>> states) { return windows.solve(directions[d].parameters, states); });
}

}  // namespace detail

/// How the states that a method on a mesh computed move in several directions of y0 and the parameters of f at once.
///
/// @param method      the one that solved: `RadauIIA<s>{}`, `Gauss<s>{}`, a Collocation, `Exponential{}`; its inverse and longest
///                    window are used
/// @param solution    what solve(problem, method, mesh, options) returned; its mesh is taken as given
/// @param directions  each `no_variation(problem)` with some numbers set
/// @param options     memory_cap; rtol and atol of the solve, within which the states are checked to satisfy these equations
/// @return            dy_0 .. dy_N for each direction; look at `status` first
/// @throws InvalidArgument  the solution has not converged, is not one of this problem and method, or kept no steps; a direction
///                          has other extents or is not finite; Kokkos not running; memory cap
/// @note Per step s Jacobians and 2/3 (s n)^3 flops whatever the number of directions (Exponential: 40 n^4); for each of them one
///       scan, and where it moves parameters s evaluations in dual numbers. Memory per step of a window (s + 1) n^2 + 2 n numbers.
///       For the derivatives of one number in all directions gradient() is cheaper.
template <class F, class T, int n, class Method>
  requires detail::MeshMethod<Method> std::vector<Sensitivity<T, n>> sensitivity(
      const InitialValueProblem<F, T, n>& problem, const Method& method, const Solution<T, n>& solution,
      std::span<const std::type_identity_t<InitialValueVariation<T, n>>> directions, const Options& options = {},
      const SourceLocation& where = SourceLocation::current()) {
    return detail::sensitivities_of(problem, detail::with_parts(method), solution, directions, options, where);
  }

/// The same in one direction, dy0 and dtheta. @param parameter_direction  flat, one number per parameter; none: they do not move
template <class F, class T, int n, class Method>
  requires detail::MeshMethod<Method> Sensitivity<T, n> sensitivity(
      const InitialValueProblem<F, T, n>& problem, const Method& method, const Solution<T, n>& solution,
      const std::type_identity_t<Vector<T, n>>& initial_direction,
      std::span<const std::type_identity_t<T>> parameter_direction = {}, const Options& options = {},
      const SourceLocation& where = SourceLocation::current()) {
    const InitialValueVariation<T, n> direction{initial_direction, {parameter_direction.begin(), parameter_direction.end()}};
    return std::move(
        detail::sensitivities_of(problem, detail::with_parts(method), solution, std::span(&direction, 1), options, where).front());
  }

}  // namespace antler::inline ANTLER_LANES
