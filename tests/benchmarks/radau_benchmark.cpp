// SPDX-License-Identifier: BSD-3-Clause
// The adaptive solver from 10^3 to 10^6 steps: time per step and memory must not depend on their number.
#include <benchmark/benchmark.h>

#include "antler/solve/radau.hpp"
#include "testset/van_der_pol.hpp"

namespace {

/// Van der Pol with mu = 100 over so many periods of 162.8, at rtol = 1e-6, end state only.
void van_der_pol(benchmark::State& state) {
  auto problem = antler::testset::vdp100();
  problem.t1 = 162.8 * static_cast<double>(state.range(0));
  const antler::InitialValueProblem p{problem.f, problem.t0, problem.t1, problem.y0};
  const antler::Options options{.rtol = 1e-6, .atol = problem.atol(1e-6), .output = antler::Output::final_state};
  antler::Statistics statistics;
  for (auto _ : state) {
    auto solution = antler::solve(p, options);
    if (solution.status != antler::Status::converged) state.SkipWithError("not converged");
    statistics = solution.statistics;
    benchmark::DoNotOptimize(solution);
  }
  state.counters["steps"] = static_cast<double>(statistics.steps);
  state.counters["per_step"] = benchmark::Counter(static_cast<double>(statistics.steps),
                                                  benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
  state.counters["peak_bytes"] = static_cast<double>(statistics.peak_bytes);
}

BENCHMARK(van_der_pol)->RangeMultiplier(10)->Range(2, 2000)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
