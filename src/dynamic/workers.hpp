// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <string>
#include <vector>

#include "antler/core/parallel.hpp"
#include "dynamic/evaluator.hpp"

namespace antler::dynamic {

/// The workers that share out the steps of a window: one Scratch each, steps as they come. What a step computes does not depend on
/// the worker, so that any number of threads gives the same bits.
class Workers {
 public:
  using Space = Kokkos::DefaultHostExecutionSpace;

  static Index available(Calls calls) { return calls == Calls::concurrent ? concurrency(Space{}) : 1; }

  /// The first worker has room for a Jacobian.
  /// @param most  no more workers than this
  Workers(Calls calls, Index most, int n, std::size_t matrix_size) {
    const Index count = std::clamp<Index>(available(calls), 1, most);
    for (Index i = 0; i < count; ++i) scratch_.emplace_back(n, i == 0 ? matrix_size : 0);
  }

  /// What an evaluation of f costs, about; set by who has measured it.
  double call_flops = 0;

  /// Gives the workers that share out loops of up to `most` bodies room for a Jacobian each.
  void give_matrices(std::size_t matrix_size, Index most) {
    const Index count = std::min(this->count(), most);
    for (Index i = 0; i < count; ++i) scratch_[static_cast<std::size_t>(i)].jacobian.resize(matrix_size);
  }

  /// The Scratch of the thread that calls for_each().
  [[nodiscard]] Scratch& first() { return scratch_.front(); }

  /// Calls body(i, scratch) for i = 0 .. count - 1. An exception of a body stops the others and is thrown here.
  /// @param flops  what one call costs, about
  template <class Body>
  void for_each(const std::string& label, Index count, double flops, const Body& body) {
    const auto workers = std::min<Index>(static_cast<Index>(scratch_.size()), count);
    if (workers <= 1 || flops * static_cast<double>(count) < team_threshold_flops) {
      for (Index i = 0; i < count; ++i) body(i, scratch_.front());
      return;
    }
    std::atomic<Index> next = 0;
    std::exception_ptr failure;
    std::mutex failing;
    const auto work = [&](Index worker) {
      try {
        for (Index i = next++; i < count; i = next++) body(i, scratch_[static_cast<std::size_t>(worker)]);
      } catch (...) {  // must not leave a thread of the team
        next = count;
        const std::lock_guard lock(failing);
        if (!failure) failure = std::current_exception();
      }
    };
    // Not antler::parallel_for, whose label is no string: Kokkos would allocate one at every launch.
    Kokkos::parallel_for(label, Kokkos::RangePolicy<Space, Kokkos::IndexType<Index>>(Space{}, 0, workers), work);
    Space{}.fence();
    if (failure) std::rethrow_exception(failure);
  }

  /// Evaluations of f since the last call.
  Index take_function_evaluations() {
    Index sum = 0;
    for (Scratch& scratch : scratch_) sum += std::exchange(scratch.function_evaluations, 0);
    return sum;
  }

  [[nodiscard]] Index count() const { return static_cast<Index>(scratch_.size()); }

 private:
  std::vector<Scratch> scratch_;
};

}  // namespace antler::dynamic
