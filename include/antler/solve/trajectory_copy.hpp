// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <span>

#include "antler/core/parallel.hpp"
#include "antler/core/require.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// Throws unless every component of the guess is finite.
template <class T, int n>
void require_finite(std::span<const Vector<T, n>> guess, const SourceLocation& where) {
  for (const auto& state : guess)
    for (const T& x : state) require(is_finite(x), "the guess holds a value that is not finite", where);
}

/// A host array where the kernels run: the array itself on a host, which must outlive the view, a copy on a device.
template <class ExecutionSpace, class X>
Kokkos::View<const X*, typename ExecutionSpace::memory_space> visible_to(const ExecutionSpace&, std::span<const X> array) {
  using View = Kokkos::View<const X*, typename ExecutionSpace::memory_space>;
  if constexpr (is_host_space<ExecutionSpace>) {
    return View(array.data(), array.size());
  } else {
    const Kokkos::View<X*, typename ExecutionSpace::memory_space> copy(
        Kokkos::view_alloc(Kokkos::WithoutInitializing, "antler::copy"), array.size());
    Kokkos::deep_copy(copy, Kokkos::View<const X*, Kokkos::HostSpace, Kokkos::MemoryUnmanaged>(array.data(), array.size()));
    return copy;
  }
}

/// Copies the host's array of states to where the kernels run.
template <class T, int n, class ExecutionSpace>
void copy_in(std::span<const Vector<T, n>> from, const Trajectory<T, n, ExecutionSpace>& to) {
  const auto mirror = Kokkos::create_mirror_view(to);
  for (std::size_t i = 0; i < from.size(); ++i)
    for (int c = 0; c < n; ++c) mirror(i, c) = from[i][c];
  if constexpr (!is_host_space<ExecutionSpace>) Kokkos::deep_copy(to, mirror);
}

/// Copies a trajectory to the host's array of states.
template <class T, int n, class ExecutionSpace>
void copy_out(const Trajectory<T, n, ExecutionSpace>& from, std::span<Vector<T, n>> to) {
  const auto mirror = Kokkos::create_mirror_view(from);
  if constexpr (!is_host_space<ExecutionSpace>) Kokkos::deep_copy(mirror, from);
  for (std::size_t i = 0; i < to.size(); ++i)
    for (int c = 0; c < n; ++c) to[i][c] = mirror(i, c);
}

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
