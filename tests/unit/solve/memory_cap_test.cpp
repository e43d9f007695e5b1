// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "antler/antler.hpp"

/// A solve that would hold more than Options::memory_cap bytes is refused before it allocates an array.

using namespace antler;

namespace {

struct Decay {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 2> operator()(T, const Vector<T, 2>& y) const {
    return {-1.0 * y[0], -2.0 * y[1]};
  }
};

struct TwoLags {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 1> operator()(const Vector<T, 1>& y1, const Vector<T, 1>& y2) const {
    return {0.3 * y1[0] + 0.2 * y2[0]};
  }
};

struct Halving {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 1> operator()(const Vector<T, 1>& y) const {
    return {0.5 * y[0]};
  }
};

/// Bytes of the arrays that Kokkos holds at once while `call` runs, at most.
std::uint64_t held = 0, peak = 0;

template <class Call>
std::uint64_t peak_of(const Call& call) {
  held = peak = 0;
  using namespace Kokkos::Tools::Experimental;
  set_allocate_data_callback([](auto, const char*, const void*, std::uint64_t size) { peak = std::max(peak, held += size); });
  set_deallocate_data_callback([](auto, const char*, const void*, std::uint64_t size) { held -= std::min(held, size); });
  call();
  set_allocate_data_callback(nullptr);
  set_deallocate_data_callback(nullptr);
  return peak;
}

/// With each cap below what `solve` reports as its peak: an error that names the remedy, and no array allocated. With the peak
/// itself: it runs.
template <class Solve>
void expect_refused_below_its_peak(const Solve& solve) {
  const std::size_t needed = solve(Options{}).statistics.peak_bytes;
  ASSERT_GT(needed, 0u);
  EXPECT_EQ(solve(Options{.memory_cap = needed}).status, Status::converged);
  for (const double share : {0.0, 0.01, 0.3, 0.6, 0.9, 0.999}) {
    const Options options{.memory_cap = static_cast<std::size_t>(share * static_cast<double>(needed))};
    const auto allocated = peak_of([&] {
      try {
        (void)solve(options);
        ADD_FAILURE() << "ran with " << share << " of the memory that it says it needs";
      } catch (const InvalidArgument& error) {
        EXPECT_NE(std::string(error.what()).find("raise the cap, or use fewer points"), std::string::npos) << error.what();
        EXPECT_NE(std::string(error.where().file_name()).find("memory_cap_test.cpp"), std::string::npos);
      }
    });
    EXPECT_EQ(allocated, 0u) << "with " << share << " of the memory that it needs";
  }
}

/// What a solve says it holds and what Kokkos sees: within a tenth, and the plan of a scan, which does not grow with the
/// trajectory.
/// @param unseen  bytes of host arrays, which Kokkos does not see
template <class Solve>
void expect_honest_peak(const Solve& solve, std::size_t unseen = 0) {
  std::size_t reported = 0;
  const auto seen = unseen + peak_of([&] { reported = solve(Options{}).statistics.peak_bytes; });
  EXPECT_GE(static_cast<double>(reported), 0.9 * static_cast<double>(seen));
  EXPECT_LE(static_cast<double>(reported), 1.5 * static_cast<double>(seen));
}

const auto fixed_mesh = [](const Options& options) {
  return solve(InitialValueProblem{Decay{}, 0.0, 1.0, Vector<double, 2>{1, 1}}, Exponential{}, Mesh::uniform(0, 1, 5000), options);
};
const auto one_lag = [](const Options& options) {
  return solve(DifferenceEquation{Halving{}, Vector<double, 1>{1.0}, Steps{20'000}}, Newton{}, options);
};
const std::array<Vector<double, 1>, 2> history{Vector<double, 1>{1.0}, Vector<double, 1>{2.0}};
const auto two_lags = [](const Options& options) {
  return solve(DifferenceEquation{TwoLags{}, history, Steps{20'000}}, Newton{}, options);
};
const auto two_lags_scanned = [](const Options& options) {
  return solve(DifferenceEquation{TwoLags{}, history, Steps{20'000}}, Newton<ScanInverse>{{.workers = 2}}, options);
};
const auto adaptive = [](const Options& options) {
  return solve(InitialValueProblem{Decay{}, 0.0, 1.0, Vector<double, 2>{1, 1}}, Exponential{}, options);
};

TEST(MemoryCap, RefusesAFixedMeshBeforeItAllocates) { expect_refused_below_its_peak(fixed_mesh); }

/// A recurrence is solved in windows that fit, down to one step beside its solution, and refused below that.
template <class Solve>
void expect_windows_that_fit(const Solve& solve) {
  const std::size_t solution = 20'001 * 2 * sizeof(double);  // states and indices
  const auto unlimited = solve(Options{});
  ASSERT_EQ(unlimited.statistics.windows, 1);
  for (const std::size_t beside : {std::size_t{100'000}, std::size_t{5'000}, std::size_t{200}}) {
    const auto capped = solve(Options{.memory_cap = solution + beside});
    EXPECT_EQ(capped.status, Status::converged);
    EXPECT_LE(capped.statistics.peak_bytes, solution + beside);
    EXPECT_GT(capped.statistics.windows + capped.statistics.sequential_steps, 1);
    EXPECT_NEAR(capped.final_state()[0], unlimited.final_state()[0], 1e-15) << "to rounding: it decays from 1";
    EXPECT_LE(peak_of([&] { (void)solve(Options{.memory_cap = solution + beside}); }), beside + 10'000) << "and the plan of a scan";
  }
  EXPECT_EQ(peak_of([&] { EXPECT_THROW((void)solve(Options{.memory_cap = solution + 8}), InvalidArgument); }), 0u);
  EXPECT_THROW((void)solve(Options{.memory_cap = 1000}), InvalidArgument);
}
TEST(MemoryCap, ShortensTheWindowsOfARecurrence) { expect_windows_that_fit(one_lag); }
TEST(MemoryCap, ShortensTheWindowsOfARecurrenceOfSeveralLags) { expect_windows_that_fit(two_lags); }
TEST(MemoryCap, ShortensTheWindowsOfAScanOfSeveralLags) { expect_windows_that_fit(two_lags_scanned); }
TEST(MemoryCap, IsHonouredByTheDefaultMethodOfRecurrences) {
  const DifferenceEquation halving{Halving{}, Vector<double, 1>{1.0}, Steps{20'000}};
  const std::size_t solution = 20'001 * 2 * sizeof(double);
  for (const std::size_t beside : {std::size_t{100'000}, std::size_t{100}, std::size_t{0}}) {  // with nothing beside: a loop
    const auto capped = solve(halving, Options{.memory_cap = solution + beside});
    EXPECT_EQ(capped.status, Status::converged);
    EXPECT_LE(capped.statistics.peak_bytes, solution + beside);
  }
  EXPECT_THROW((void)solve(halving, Options{.memory_cap = solution - 8}), InvalidArgument);
}

TEST(MemoryCap, RefusesAnAdaptiveSolve) {
  for (const std::size_t cap : {0u, 1u, 100u}) EXPECT_THROW((void)adaptive(Options{.memory_cap = cap}), InvalidArgument);
  EXPECT_EQ(peak_of([] { EXPECT_THROW((void)adaptive(Options{.memory_cap = 1}), InvalidArgument); }), 0u);
  EXPECT_EQ(adaptive(Options{.memory_cap = adaptive(Options{}).statistics.peak_bytes}).status, Status::converged);
}

TEST(Statistics, ReportTheMemoryThatIsHeld) {
  expect_honest_peak(fixed_mesh);
  expect_honest_peak(one_lag, 20'001 * 2 * sizeof(double));
  expect_honest_peak(two_lags, 20'001 * 2 * sizeof(double));
  expect_honest_peak(two_lags_scanned, 20'001 * 2 * sizeof(double));
}

}  // namespace
