// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The one place that knows versions and backends of Kokkos (3.4.01 to 5.x).

#include <Kokkos_Core.hpp>
#include <string>

namespace antler {

/// Index of a point, a step or a chunk of the trajectory; signed, so that differences are what they look like.
using Index = long long;

/// True while Kokkos can run kernels. Kokkos 3.4 has no is_finalized(), its is_initialized() is false after finalize() too.
inline bool kokkos_is_running() { return Kokkos::is_initialized(); }

/// True where kernels of this execution space run on the host, so that SIMD lanes and serial loops are available to them.
template <class ExecutionSpace>
inline constexpr bool is_host_space =
    Kokkos::SpaceAccessibility<Kokkos::HostSpace, typename ExecutionSpace::memory_space>::accessible&&
        Kokkos::SpaceAccessibility<ExecutionSpace, Kokkos::HostSpace>::accessible;

/// Allocates a labelled view without touching its memory: first touch belongs to the kernel that fills it.
template <class View, class... Extents>
View allocate(const std::string& label, Extents... extents) {
  return View(Kokkos::view_alloc(Kokkos::WithoutInitializing, label), static_cast<size_t>(extents)...);
}

/// How many workers of this space make progress at once: threads on a host, resident threads on a device.
template <class ExecutionSpace>
Index concurrency(const ExecutionSpace& space) {
#if KOKKOS_VERSION >= 40000
  return static_cast<Index>(space.concurrency());
#else
  static_cast<void>(space);
  return static_cast<Index>(ExecutionSpace::concurrency());
#endif
}

}  // namespace antler
