// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Parallel loops that decide from the work whether a thread team is worth waking, and the arrays that they run over.

#include <atomic>
#include <cmath>
#include <exception>
#include <type_traits>

#include "antler/core/finite.hpp"
#include "antler/core/kokkos.hpp"
#include "antler/core/lanes.hpp"
#include "antler/core/matrix.hpp"

namespace antler::inline ANTLER_LANES {

/// y_i, one state per row: shape (N, n). Rows are contiguous on the host, components on a device (Kokkos' own layouts).
template <class T, int n, class ExecutionSpace>
using Trajectory = Kokkos::View<T* [n], typename ExecutionSpace::array_layout, typename ExecutionSpace::memory_space>;

/// One n x n matrix per point: shape (N, n, n).
template <class T, int n, class ExecutionSpace>
using Matrices = Kokkos::View<T* [n][n], typename ExecutionSpace::array_layout, typename ExecutionSpace::memory_space>;

/// What kernels of this execution space compute with: SIMD lanes over neighbouring points on the host, scalars on a device.
template <class T, class ExecutionSpace>
using KernelLanes = std::conditional_t<is_host_space<ExecutionSpace>, Lanes<T>, T>;

/// Flops below which a loop on the host stays serial. Waking a team of OpenMP threads costs 1 to 5 microseconds on an idle machine
/// and up to milliseconds on a shared one; 5 10^5 flops are 100 to 250 microseconds of work, so that a team earns its entry many
/// times over.
inline constexpr double team_threshold_flops = 5e5;

namespace detail {

/// The first exception of a team's threads. None may leave a parallel region; it is thrown again behind it, on the calling thread.
class TeamException {
 public:
  /// Calls body(arguments...); iterations behind an exception are skipped.
  template <class Body, class... Arguments>
  void guard(const Body& body, Arguments&&... arguments) noexcept {
    if (thrown_.load(std::memory_order_relaxed)) return;
    try {
      body(arguments...);
    } catch (...) {
      if (!thrown_.exchange(true)) exception_ = std::current_exception();
    }
  }
  void rethrow() const {
    if (exception_) std::rethrow_exception(exception_);
  }

 private:
  std::atomic<bool> thrown_{false};
  std::exception_ptr exception_;
};

/// A loop's body on a host's thread team: Kokkos copies functors, the body and the exception stay where they are. Structs in place
/// of lambdas, of which device compilers would want to know the kind.
template <class Body>
struct GuardedLoop {
  const Body* body;
  TeamException* exception;
  void operator()(const Index i) const { exception->guard(*body, i); }
};

/// @copydoc GuardedLoop
template <class Body>
struct GuardedReduction {
  const Body* body;
  TeamException* exception;
  void operator()(const Index i, double& value) const { exception->guard(*body, i, value); }
};

}  // namespace detail

/// Calls body(i) for i = 0 .. count - 1 in any order; `flops` is what one call costs, to within a factor of a few.
///
/// @throws  on a host, what a call throws: the first of them when several threads' calls do; the others may or may not have run
template <class ExecutionSpace, class Body>
void parallel_for(const char* label, const ExecutionSpace& space, Index count, double flops, const Body& body) {
  if constexpr (is_host_space<ExecutionSpace>) {
    if (static_cast<double>(count) * flops < team_threshold_flops || concurrency(space) == 1) {
      for (Index i = 0; i < count; ++i) body(i);
      return;
    }
    detail::TeamException exception;
    Kokkos::parallel_for(label, Kokkos::RangePolicy<ExecutionSpace, Kokkos::IndexType<Index>>(space, 0, count),
                         detail::GuardedLoop<Body>{&body, &exception});
    space.fence();
    exception.rethrow();
  } else {
    Kokkos::parallel_for(label, Kokkos::RangePolicy<ExecutionSpace, Kokkos::IndexType<Index>>(space, 0, count), body);
  }
}

/// max_i body(i) and 0 when there is no i; a value of NaN counts as infinite, so that it cannot be overlooked.
/// @throws  as parallel_for
template <class ExecutionSpace, class Body>
double parallel_maximum(const char* label, const ExecutionSpace& space, Index count, double flops, const Body& body) {
  const auto largest = KOKKOS_LAMBDA(const Index i, double& value) {
    const double candidate = body(i);
    if (!is_finite(candidate)) {  // by its bits, before any comparison
      value = HUGE_VAL;
    } else if (candidate > value) {
      value = candidate;
    }
  };
  double value = 0;
  if constexpr (is_host_space<ExecutionSpace>) {
    if (static_cast<double>(count) * flops < team_threshold_flops || concurrency(space) == 1) {
      for (Index i = 0; i < count; ++i) largest(i, value);
      return value;
    }
    using Largest = std::remove_const_t<decltype(largest)>;
    detail::TeamException exception;
    Kokkos::parallel_reduce(label, Kokkos::RangePolicy<ExecutionSpace, Kokkos::IndexType<Index>>(space, 0, count),
                            detail::GuardedReduction<Largest>{&largest, &exception}, Kokkos::Max<double>(value));
    exception.rethrow();
  } else {
    Kokkos::parallel_reduce(label, Kokkos::RangePolicy<ExecutionSpace, Kokkos::IndexType<Index>>(space, 0, count), largest,
                            Kokkos::Max<double>(value));
  }
  return value > 0 ? value : 0;
}

/// sum_i body(i), not finite where a term is not. The same number of threads gives the same bits.
/// @throws  as parallel_for
template <class ExecutionSpace, class Body>
double parallel_sum(const char* label, const ExecutionSpace& space, Index count, double flops, const Body& body) {
  const auto add = KOKKOS_LAMBDA(const Index i, double& value) { value += body(i); };
  double value = 0;
  if constexpr (is_host_space<ExecutionSpace>) {
    if (static_cast<double>(count) * flops < team_threshold_flops || concurrency(space) == 1) {
      for (Index i = 0; i < count; ++i) add(i, value);
      return value;
    }
    using Add = std::remove_const_t<decltype(add)>;
    detail::TeamException exception;
    Kokkos::parallel_reduce(label, Kokkos::RangePolicy<ExecutionSpace, Kokkos::IndexType<Index>>(space, 0, count),
                            detail::GuardedReduction<Add>{&add, &exception}, Kokkos::Sum<double>(value));
    exception.rethrow();
  } else {
    Kokkos::parallel_reduce(label, Kokkos::RangePolicy<ExecutionSpace, Kokkos::IndexType<Index>>(space, 0, count), add,
                            Kokkos::Sum<double>(value));
  }
  return value;
}

/// Component c of row i, or of rows i, i + 1, ... one per lane. Rows past the last repeat the last, so that blocks need no
/// remainder.
template <class T, class View, class... Component>
KOKKOS_INLINE_FUNCTION T gather(const View& view, Index i, Component... c) {
  if constexpr (lane_count<T> == 1) {
    return static_cast<T>(view(i, c...));
  } else {
    using S = scalar_of<T>;
    const Index last = static_cast<Index>(view.extent(0)) - 1;
    if (i + lane_count<T> - 1 <= last)  // nearly always: no comparison per lane
      return from_lanes<T>([&](int l) { return static_cast<S>(view(i + l, c...)); });
    return from_lanes<T>([&](int l) { return static_cast<S>(view(i + l < last ? i + l : last, c...)); });
  }
}

/// Writes component c of row i, or of rows i, i + 1, ... as far as the view has them.
template <class T, class View, class... Component>
KOKKOS_INLINE_FUNCTION void scatter(const T& value, const View& view, Index i, Component... c) {
  if constexpr (lane_count<T> == 1) {
    view(i, c...) = value;
  } else {
    const Index count = static_cast<Index>(view.extent(0)) - i;
    scalar_of<T> buffer[lane_count<T>];
    store(buffer, value);
    for (int l = 0; l < lane_count<T> && l < count; ++l) view(i + l, c...) = buffer[l];
  }
}

/// Row i of a trajectory as a Vector (with lanes: rows i, i + 1, ...).
template <class T, int n, class View>
KOKKOS_FORCEINLINE_FUNCTION Vector<T, n> gather_row(const View& view, Index i) {
  Vector<T, n> row;
  for (int c = 0; c < n; ++c) row[c] = gather<T>(view, i, c);
  return row;
}

/// Matrix i of a sequence (with lanes: matrices i, i + 1, ...).
template <class T, int n, class View>
KOKKOS_FORCEINLINE_FUNCTION Matrix<T, n> gather_matrix(const View& view, Index i) {
  Matrix<T, n> a;
  for (int r = 0; r < n; ++r)
    for (int c = 0; c < n; ++c) a(r, c) = gather<T>(view, i, r, c);
  return a;
}

/// Writes row i of a trajectory (with lanes: rows i, i + 1, ...).
template <class T, int n, class View>
KOKKOS_FORCEINLINE_FUNCTION void scatter_row(const Vector<T, n>& row, const View& view, Index i) {
  for (int c = 0; c < n; ++c) scatter(row[c], view, i, c);
}

/// Writes matrix i of a sequence (with lanes: matrices i, i + 1, ...).
template <class T, int n, class View>
KOKKOS_FORCEINLINE_FUNCTION void scatter_matrix(const Matrix<T, n>& a, const View& view, Index i) {
  for (int r = 0; r < n; ++r)
    for (int c = 0; c < n; ++c) scatter(a(r, c), view, i, r, c);
}

/// to <- from, row by row. Kokkos::deep_copy wakes the thread team whatever the size.
template <class T, int n, class ExecutionSpace, class From, class To>
void copy_rows(const ExecutionSpace& space, const From& from, const To& to) {
  parallel_for(
      "antler::copy_rows", space, static_cast<Index>(from.extent(0)), n, KOKKOS_LAMBDA(const Index i) {
        for (int c = 0; c < n; ++c) to(i, c) = from(i, c);
      });
}

/// Bytes that a view holds.
template <class View>
std::size_t bytes(const View& view) {
  return view.span() * sizeof(typename View::value_type);
}

}  // namespace antler::inline ANTLER_LANES
