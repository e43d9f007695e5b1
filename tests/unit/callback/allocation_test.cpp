// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <string>

#include "antler/solve/callback.hpp"
#include "callbacks.hpp"
#include "testset/testset.hpp"

/// Counts every allocation of the program.

namespace {

std::atomic<long> allocations = 0;

void* counted(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return ++allocations, std::malloc(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return ++allocations, std::malloc(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace {

using namespace antler;

/// Allocations between the call of f that is `from` of all calls, and the last one.
long allocations_behind(CallbackProblem p, const Options& options, double from) {
  const Index all = solve(p, options).statistics.function_evaluations;
  std::atomic<Index> calls = 0;
  std::atomic<long> before = 0, after = 0;
  p.f = [&, f = p.f](double t, std::span<const double> y, std::span<double> ydot) {
    const Index call = ++calls;
    if (call == static_cast<Index>(from * static_cast<double>(all))) before = allocations.load();
    if (call == all) after = allocations.load();
    f(t, y, ydot);
  };
  const DynamicSolution solution = solve(p, options);
  EXPECT_EQ(solution.status, Status::converged);
  EXPECT_TRUE(solution.statistics.windows >= 4 || solution.statistics.sequential_steps > 40) << "long enough to tell";
  return after - before;
}

TEST(CallbackProblem, AllocatesNothingBehindTheFirstWindow) {
  const auto van_der_pol = testset::vdpol();
  for (const Strategy strategy : {Strategy::windows, Strategy::sequential}) {
    const Options options{.rtol = 1e-6, .atol = van_der_pol.atol(1e-6), .output = Output::final_state, .strategy = strategy};
    EXPECT_EQ(allocations_behind(callbacks::of(van_der_pol), options, 0.2), 0);
  }
}

TEST(CallbackProblem, AllocatesNothingBehindTheFirstStepsWhereADenseJacobianIsABand) {
  CallbackProblem p = callbacks::DiffusiveBrusselator{50}.problem(10);
  p.pattern = DensePattern{};
  p.calls = Calls::one_at_a_time;
  EXPECT_EQ(allocations_behind(p, Options{.rtol = 1e-6, .atol = 1e-6, .output = Output::final_state}, 0.2), 0);
}

/// What Kokkos itself allocates to launch a loop on its threads: something in 5.2, nothing in 3.4.
long allocations_of_a_launch() {
  const std::string label = "an empty loop that is launched";
  const Kokkos::RangePolicy<Kokkos::DefaultHostExecutionSpace> policy(0, 2);
  const long before = allocations.load();
  Kokkos::parallel_for(label, policy, [](int) {});
  return allocations.load() - before;
}

TEST(CallbackProblem, AllocatesNothingOnItsThreadsBehindTheFirstWindow) {
  if (allocations_of_a_launch() > 0) GTEST_SKIP() << "this Kokkos allocates in every launch";
  EXPECT_EQ(
      allocations_behind(callbacks::DiffusiveBrusselator{200}.problem(40),
                         Options{.rtol = 1e-6, .atol = 1e-6, .output = Output::final_state, .strategy = Strategy::windows}, 0.5),
      0);
}

}  // namespace
