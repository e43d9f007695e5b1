// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Loops with one team of threads per iteration, which share an object in scratch memory.

#include <algorithm>

#include "antler/core/kokkos.hpp"
#include "antler/core/parallel.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// @copydoc parallel_for_teams
template <class Shared, class ExecutionSpace, class Body>
struct TeamLoop {
  using Policy = Kokkos::TeamPolicy<ExecutionSpace>;
  using SharedView = Kokkos::View<Shared, typename ExecutionSpace::scratch_memory_space, Kokkos::MemoryTraits<Kokkos::Unmanaged>>;

  Body body;
  int level;

  KOKKOS_INLINE_FUNCTION void operator()(const typename Policy::member_type& member) const {
    const SharedView shared(member.team_scratch(level));
    body(member, static_cast<Index>(member.league_rank()), shared());
  }
};

}  // namespace detail

/// Calls body(member, i, shared) for i = 0 .. count - 1, with all threads of a team: `member` has their rank, their number and the
/// barrier, `shared` is a Shared of the team's own, not initialised.
///
/// It lies in the scratch memory next to the processor when it is small enough for that, else in the one further away.
/// @param threads  of a team; fewer where the execution space or the kernel's registers allow no more
/// @note For devices. On a host an exception of the body ends the program.
template <class Shared, class ExecutionSpace, class Body>
void parallel_for_teams(const char* label, const ExecutionSpace& space, Index count, int threads, const Body& body) {
  using Loop = detail::TeamLoop<Shared, ExecutionSpace, Body>;
  using Policy = typename Loop::Policy;
  if (count == 0) return;
  const int bytes = static_cast<int>(Loop::SharedView::shmem_size());
  const int level = bytes <= Policy::scratch_size_max(0) ? 0 : 1;
  const Loop loop{body, level};
  // As many teams as there are matrices: memory ends long before an int does.
  const auto policy_of = [&](int size) {
    return Policy(space, static_cast<int>(count), size).set_scratch_size(level, Kokkos::PerTeam(bytes));
  };
  const int most = policy_of(1).team_size_max(loop, Kokkos::ParallelForTag{});
  Kokkos::parallel_for(label, policy_of(std::min(threads, most)), loop);
}

}  // namespace antler::inline ANTLER_LANES
