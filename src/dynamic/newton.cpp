// SPDX-License-Identifier: BSD-3-Clause
#include "dynamic/newton.hpp"

#include <algorithm>
#include <cmath>

#include "antler/core/finite.hpp"
#include "antler/core/stopwatch.hpp"
#include "dynamic/banded.hpp"
#include "dynamic/dense.hpp"

namespace antler::dynamic {

namespace {

constexpr double largest_last_update = 1;  // the last update itself is at most the tolerance of the solution
constexpr double slow = 0.04;              // of squares: contraction worse than 0.2 calls for new Jacobians

}  // namespace

template <class Structure>
void WindowNewton<Structure>::factor() {
  const Stopwatch assembly;
  window_.factor();
  statistics_.assembly_seconds += assembly.seconds();
  statistics_.jacobian_evaluations += window_.steps();
  statistics_.factorisations += window_.steps();
  const Stopwatch evaluation;
  window_.evaluate(Window<Structure>::Pending::none);
  statistics_.evaluation_seconds += evaluation.seconds();
}

template <class Structure>
bool WindowNewton<Structure>::keep_finite(bool with_update) {
  Index finite = 0;
  while (finite < window_.steps() && is_finite(window_.residual_squared(finite)) &&
         (!with_update || is_finite(window_.update_squared(finite))))
    ++finite;
  window_.shorten(finite);
  return finite > 0;
}

template <class Structure>
typename WindowNewton<Structure>::Result WindowNewton<Structure>::iterate(double tolerance, int most_iterations) {
  statistics_.residual_history.clear();  // of this window only: memory must not grow with the number of steps
  statistics_.update_history.clear();
  const auto record = [&] {
    double update = 0, residual = 0;
    for (Index i = 0; i < window_.steps(); ++i) {
      update = std::max(update, window_.update_squared(i));
      residual = std::max(residual, window_.residual_squared(i));
    }
    statistics_.residual_history.push_back(std::sqrt(residual));
    return std::pair{update, residual};
  };
  factor();
  if (!keep_finite(false)) return {false, 0};
  record();
  double last = 0, contraction = 1;
  for (int iteration = 0; iteration < most_iterations; ++iteration) {
    const Stopwatch inverse;
    window_.sweep();
    statistics_.inverse_seconds += inverse.seconds();
    const Stopwatch evaluation;
    window_.evaluate(Window<Structure>::Pending::update);
    statistics_.evaluation_seconds += evaluation.seconds();
    ++statistics_.iterations;
    statistics_.newton_steps += window_.steps();
    if (!keep_finite(true)) return {false, 0};
    const auto [update, residual] = record();
    statistics_.update_history.push_back(std::sqrt(update));
    // The next update is expected to be contraction * update; it is applied without another evaluation.
    contraction = iteration == 0 ? 0.01 : update / last;  // of squares
    if (update <= std::max(largest_last_update, tolerance) && residual <= tolerance && contraction * update <= tolerance) {
      window_.sweep();
      window_.apply();
      return {true, window_.steps()};
    }
    if (iteration >= 2 && contraction > 1) break;
    if (iteration >= 1 && contraction > slow && iteration + 1 < most_iterations) {
      factor();
      if (!keep_finite(true)) return {false, 0};
    }
    last = update;
  }
  Index front = 0;
  while (front < window_.steps() && window_.update_squared(front) <= tolerance && window_.residual_squared(front) <= tolerance)
    ++front;
  return {false, front};
}

template class WindowNewton<Dense>;
template class WindowNewton<Banded>;

}  // namespace antler::dynamic
