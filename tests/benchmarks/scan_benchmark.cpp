// SPDX-License-Identifier: BSD-3-Clause
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "antler/core/stopwatch.hpp"
#include "antler/inverse/scan.hpp"

/// The inverse operators on 10^6 affine maps. What bounds them is memory: each map is read once and each state written once, N (n^2
/// + 2 n) scalars. The column GB/s counts this traffic; the STREAM triad of the same run says what the machine can do. Threads:
/// OMP_NUM_THREADS; what two of them win stands in "ScanInverse beside SequentialInverse".

namespace {

using namespace antler;
using Space = Kokkos::DefaultExecutionSpace;

constexpr Index length = 1'000'000;

void report(benchmark::State& state, double bytes) {
  state.counters["GB/s"] = benchmark::Counter(1e-9 * bytes, benchmark::Counter::kIsIterationInvariantRate);
  state.counters["threads"] = static_cast<double>(concurrency(Space{}));
}

/// a = b + s c [McCalpin1995]: two arrays read and one written, none of which a cache holds.
void stream_triad(benchmark::State& state) {
  constexpr Index size = 20'000'000;
  using Array = Kokkos::View<double*, Space>;
  const auto a = allocate<Array>("a", size), b = allocate<Array>("b", size), c = allocate<Array>("c", size);
  const Space space;
  const Kokkos::RangePolicy<Space, Kokkos::IndexType<Index>> all(space, 0, size);
  Kokkos::parallel_for(
      "initialise", all, KOKKOS_LAMBDA(Index i) { a(i) = 0, b(i) = 1, c(i) = 2; });
  for (auto _ : state) {
    Kokkos::parallel_for(
        "triad", all, KOKKOS_LAMBDA(Index i) { a(i) = b(i) + 3.0 * c(i); });
    space.fence();
  }
  report(state, 3.0 * sizeof(double) * static_cast<double>(size));
}

template <class T, int n>
constexpr double compulsory_bytes = static_cast<double>(sizeof(T)) * static_cast<double>(length) * (n * n + 2 * n);

/// Rotations and shears that shrink: nothing overflows, no two maps commute, every thread touches its maps first.
template <class T, int n>
AffineMaps<T, n, Space> contractions(const Space& space) {
  const AffineMaps<T, n, Space> maps{allocate<Matrices<T, n, Space>>("A", length), allocate<Trajectory<T, n, Space>>("b", length)};
  Kokkos::parallel_for(
      "maps", Kokkos::RangePolicy<Space, Kokkos::IndexType<Index>>(space, 0, length), KOKKOS_LAMBDA(Index i) {
        for (int r = 0; r < n; ++r) {
          maps.b(i, r) = T(r + i % 3);
          for (int c = 0; c < n; ++c) maps.A(i, r, c) = T((r * 7 + c * 3 + static_cast<int>(i % 11)) % 5 - 2) / T(3 * n);
        }
      });
  space.fence();
  return maps;
}

template <class Method, class T, int n>
void solve_maps(benchmark::State& state) {
  const double free = static_cast<double>(sysconf(_SC_AVPHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
  if (is_host_space<Space> && 1.2 * compulsory_bytes < T, n >> free)
    return state.SkipWithError("not enough free memory for 10^6 maps");
  const Space space;
  const auto maps = contractions<T, n>(space);
  const auto y = allocate<Trajectory<T, n, Space>>("y", length);
  const auto inverse = Method{}.template plan<T, n>(space, length);
  for (auto _ : state) {
    if (inverse.apply(space, maps, y) != Status::converged) return state.SkipWithError("did not converge");
    space.fence();
  }
  report(state, compulsory_bytes<T, n>);
}

/// Sweep and scan in turns, so that both see the same machine. `times sweep` is the ratio of the medians: what the threads win.
template <class T, int n>
void scan_beside_sweep(benchmark::State& state) {
  const Space space;
  const auto maps = contractions<T, n>(space);
  const auto y = allocate<Trajectory<T, n, Space>>("y", length);
  const ScanPlan<T, n, Space> scan(space);
  std::vector<double> sweeps, scans;
  for (auto _ : state) {
    const Stopwatch sweeping;
    if (SequentialInverse{}.apply(space, maps, y) != Status::converged) return state.SkipWithError("did not converge");
    space.fence();
    sweeps.push_back(sweeping.seconds());
    const Stopwatch scanning;
    if (scan.apply(space, maps, y) != Status::converged) return state.SkipWithError("did not converge");
    space.fence();
    scans.push_back(scanning.seconds());
  }
  const auto median = [](std::vector<double>& of) {
    std::nth_element(of.begin(), of.begin() + static_cast<std::ptrdiff_t>(of.size() / 2), of.end());
    return of[of.size() / 2];
  };
  state.counters["times sweep"] = median(sweeps) / median(scans);
  state.counters["threads"] = static_cast<double>(concurrency(space));
}

template <class T, int n>
void add(const char* type) {
  const std::string suffix = std::string("<") + type + ", " + std::to_string(n) + ">";
  const auto add_method = [&](const char* name, void (*run)(benchmark::State&)) {
    benchmark::RegisterBenchmark((name + suffix).c_str(), run)->Unit(benchmark::kMillisecond)->UseRealTime();
  };
  add_method("SequentialInverse", solve_maps<SequentialInverse, T, n>);
  add_method("ScanInverse", solve_maps<ScanInverse, T, n>);
  if constexpr (is_host_space<Space>) add_method("ScanInverse beside SequentialInverse", scan_beside_sweep<T, n>);
}

template <int... n>
void add_sizes() {
  (add<double, n>("double"), ...);
  (add<float, n>("float"), ...);
}

[[maybe_unused]] const bool added = [] {
  benchmark::RegisterBenchmark("STREAM triad", stream_triad)->Unit(benchmark::kMillisecond)->UseRealTime();
  add_sizes<1, 2, 3, 4, 8, 16>();
  return true;
}();

}  // namespace
