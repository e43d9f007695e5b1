// SPDX-License-Identifier: BSD-3-Clause
// Block tridiagonal systems of random blocks, diagonally dominant: block cyclic reduction beside block Thomas, which is sequential
// and has fixed-size kernels too, vectorised over the columns of a block.
#include <antler/core/random.hpp>
#include <antler/inverse/block_thomas.hpp>
#include <cmath>

#include "in_turns.hpp"

namespace blocks {

namespace {

using antler::Index, antler::Status;
using Space = Kokkos::DefaultHostExecutionSpace;

template <int n>
antler::BlockTridiagonal<double, n, Space> random_system(Index rows) {
  const auto system = antler::BlockTridiagonal<double, n, Space>::allocated("system", rows);
  std::uint64_t counter = 0;
  const auto uniform = [&] { return 2 * antler::random_uniform(5, counter++) - 1; };
  for (Index i = 0; i < rows; ++i)
    for (int r = 0; r < n; ++r) {
      for (int c = 0; c < n; ++c) {
        system.L(i, r, c) = uniform();
        system.U(i, r, c) = uniform();
        system.D(i, r, c) = uniform() + (r == c ? 3 * n : 0);
      }
      system.r(i, r) = uniform();
    }
  return system;
}

template <int n>
double largest_residual(const antler::BlockTridiagonal<double, n, Space>& system, const antler::Trajectory<double, n, Space>& x) {
  const antler::Trajectory<double, n, Space> residual("residual", x.extent(0));
  return antler::parallel_maximum("residual", Space(), system.length(), 1,
                                  antler::detail::BlockResidual<double, n, Space>{system, x, residual});
}

template <int n>
Row measure(const Settings& settings, Index rows) {
  using System = antler::BlockTridiagonal<double, n, Space>;
  Row row{.problem = std::to_string(rows) + " blocks of " + std::to_string(n) + " x " + std::to_string(n),
          .method = "BlockCyclicReduction",
          .peer = "BlockThomas"};
  if (2.0 * static_cast<double>(System::required_bytes(rows)) > settings.gigabytes * 1e9) {
    row.failure = "left out: its data exceed --gigabytes";
    return row;
  }
  const Space space;
  const auto system = random_system<n>(rows);
  const auto reduction = antler::BlockCyclicReduction{}.plan<double, n>(space, rows);
  const auto thomas = antler::BlockThomas{}.plan<double, n>(space, rows);
  const antler::Trajectory<double, n, Space> x("x", static_cast<std::size_t>(rows)), y("y", static_cast<std::size_t>(rows));
  bool solved = true;
  in_turns(
      settings, row, [&] { solved = solved && reduction.apply(space, system, x) == Status::converged; },
      [&] { solved = solved && thomas.apply(space, system, y) == Status::converged; });
  row.error = largest_residual<n>(system, x);
  row.peer_error = largest_residual<n>(system, y);
  if (!solved) row.failure = "one of them did not solve the system";
  return row;
}

void measure_all(const Settings& settings, const Report& report) {
  for (const Index rows : {1'000, 10'000, 100'000, 1'000'000}) {
    if (settings.only_tiny && rows > 1'000) continue;
    report(measure<1>(settings, rows));
    report(measure<2>(settings, rows));
    report(measure<4>(settings, rows));
    report(measure<8>(settings, rows));
  }
}

}  // namespace

Group elimination() { return {"elimination", "random block tridiagonal systems; errors are backward errors", measure_all}; }

}  // namespace blocks
