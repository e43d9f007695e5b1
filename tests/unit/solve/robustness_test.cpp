// SPDX-License-Identifier: BSD-3-Clause
// The traps that users of other libraries have reported, and parameters as a sampler draws them: every solve ends, and says truly
// how.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "antler/solve/radau.hpp"
#include "peers/rosenbrock4.hpp"
#include "testset/solved.hpp"

namespace {

using antler::InitialValueProblem;
using antler::Options;
using antler::Status;
using antler::Strategy;
using antler::Vector;

// Sanitizers make a solve ten times slower.
#if defined(__SANITIZE_ADDRESS__)
constexpr int draws = 500;
#else
constexpr int draws = 10'000;
#endif
constexpr int draws_per_check = 51;  // odd: both strategies are compared

/// Prey that saturates at 1 / inverse_capacity, and predators.
struct Predation {
  static constexpr int size = 2;
  double a, inverse_capacity, b, c, d;
  template <class T>
  Vector<T, 2> operator()(const T& /*t*/, const Vector<T, 2>& y) const {
    const T meetings = y[0] * y[1];
    return {a * y[0] * (1.0 - inverse_capacity * y[0]) - b * meetings, c * meetings - d * y[1]};
  }
};

/// Robertson's reaction with other rates.
struct Rates {
  static constexpr int size = 3;
  double k1, k2, k3;
  template <class T>
  Vector<T, 3> operator()(const T& /*t*/, const Vector<T, 3>& y) const {
    const T a = k1 * y[0], b = k2 * y[1] * y[2], c = k3 * y[1] * y[1];
    return {b - a, a - b - c, c};
  }
};

/// Numbers between 0 and 1 that are the same everywhere.
class Draws {
 public:
  double log_uniform(double low, double high) { return low * std::pow(high / low, uniform()); }

 private:
  double uniform() {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<double>(state_ >> 11) / 9007199254740992.0;
  }
  unsigned long long state_ = 12345;
};

/// What every solve owes, however it ended: finite states at increasing times, from t0 to where it says that it got.
template <class Solution>
void expect_honest(const Solution& solution, double t1, const std::string& where) {
  const auto times = solution.times();
  const auto states = solution.states();
  ASSERT_EQ(times.size(), states.size()) << where;
  bool finite = true, increasing = true;
  for (std::size_t i = 0; i < times.size(); ++i) {
    for (const double y : states[i]) finite = finite && std::isfinite(y);
    increasing = increasing && (i == 0 || times[i] > times[i - 1]);
  }
  EXPECT_TRUE(finite) << where;
  EXPECT_TRUE(increasing) << where;
  EXPECT_EQ(times.back() == t1, solution.status == Status::converged) << where << ": " << solution.status;
}

/// The end state by a sequential method of another library at a thousandth of the tolerance; empty where that one fails.
template <class F, int n>
std::vector<double> by_rosenbrock4(const F& f, double t1, const Vector<double, n>& y0, double rtol, double atol) {
  const antler::peers::PeerRun run{.t0 = 0,
                                   .t1 = t1,
                                   .y0 = {y0.begin(), y0.end()},
                                   .rtol = 1e-3 * rtol,
                                   .atol = std::vector<double>(n, 1e-3 * atol),
                                   .time_limit = 5};
  const auto result = antler::peers::rosenbrock4(f, run);
  return result.outcome == antler::peers::Outcome::finished ? result.y : std::vector<double>{};
}

constexpr double sweep_rtol = 1e-5;
constexpr antler::Index most_steps = 20'000;

/// Solves draw i of a functor, in windows of order 5 or 9 or as the solver chooses, and looks at what every solve owes.
template <class F, int n>
antler::Solution<double, n> drawn_solve(int i, const F& f, double t1, const Vector<double, n>& y0, double atol,
                                        const std::string& name) {
  const InitialValueProblem problem{f, 0.0, t1, y0};
  Options options{.rtol = sweep_rtol, .atol = atol, .maximum_steps = most_steps};
  if (i % 3 != 2) options.strategy = Strategy::windows;
  auto solution = i % 3 == 0 ? antler::solve(problem, antler::RadauIIA<3>{}, options) : antler::solve(problem, options);
  expect_honest(solution, t1, name);
  EXPECT_LT(solution.statistics.steps, most_steps + 2000) << name;  // one window beyond the limit
  EXPECT_LT(solution.statistics.newton_steps, 40 * most_steps) << name;
  return solution;
}

/// Compares an end state with the other library's; false where that one fails.
template <class F, int n>
bool agrees(const F& f, double t1, const Vector<double, n>& y0, double atol, const Vector<double, n>& y, double allowed,
            const std::string& name) {
  const auto other = by_rosenbrock4(f, t1, y0, sweep_rtol, atol);
  for (std::size_t c = 0; c < other.size(); ++c)
    EXPECT_NEAR(y[static_cast<int>(c)], other[c], allowed * (sweep_rtol * std::abs(other[c]) + atol))
        << name << ", component " << c;
  return !other.empty();
}

TEST(Robustness, EveryDrawOfRobertsonsRatesEndsWithATrueStatus) {
  // Where k3 is above 1e10 the second component is far below its atol; where it becomes negative within that, the equation itself
  // blows up, and the status says so: 6 of 1000 draws in windows, 1 of 1000 sequentially.
  Draws random;
  const Vector<double, 3> y0{1, 0, 0};
  constexpr double t1 = 1e3, atol = 1e-9;
  int converged = 0, checked = 0;
  for (int i = 0; i < draws; ++i) {
    const Rates f{random.log_uniform(1e-6, 1e6), random.log_uniform(1e-6, 1e10), random.log_uniform(1e-6, 1e12)};
    const std::string name = std::to_string(f.k1) + ", " + std::to_string(f.k2) + ", " + std::to_string(f.k3);
    const auto solution = drawn_solve(i, f, t1, y0, atol, name);
    const auto& y = solution.final_state();
    if (solution.status != Status::converged) {
      EXPECT_EQ(solution.status, Status::step_too_small) << name;
      EXPECT_LT(y[1], 0) << name;
      continue;
    }
    ++converged;
    EXPECT_NEAR(y[0] + y[1] + y[2], 1, 1e-4) << name;
    if (i % draws_per_check == 0) checked += agrees(f, t1, y0, atol, y, 100, name) ? 1 : 0;
  }
  EXPECT_GT(converged, draws - draws / 100);
  EXPECT_GT(checked, draws / draws_per_check / 2);
}

TEST(Robustness, EveryDrawOfLotkaVolterraEndsWithATrueStatus) {
  // A population that falls below atol has no controlled size, and so has not what grows from it: only draws that stay above are
  // compared. There V = c x - d log x + b y - a log y is constant.
  Draws random;
  const Vector<double, 2> y0{1, 1};
  constexpr double t1 = 10, atol = 1e-8;
  int converged = 0, resolved = 0, checked = 0;
  for (int i = 0; i < draws; ++i) {
    const Predation f{random.log_uniform(1e-2, 1e2), 0.0, random.log_uniform(1e-2, 1e2), random.log_uniform(1e-2, 1e2),
                      random.log_uniform(1e-2, 1e2)};
    const std::string name =
        std::to_string(f.a) + ", " + std::to_string(f.b) + ", " + std::to_string(f.c) + ", " + std::to_string(f.d);
    const auto solution = drawn_solve(i, f, t1, y0, atol, name);
    if (solution.status != Status::converged) continue;
    ++converged;
    double smallest = 1;
    for (const auto& y : solution.states()) smallest = std::min({smallest, y[0], y[1]});
    if (smallest < 1000 * atol) continue;
    ++resolved;
    const auto& y = solution.final_state();
    const double potential = f.c * y[0] - f.d * std::log(y[0]) + f.b * y[1] - f.a * std::log(y[1]), initial = f.c + f.b;
    const double terms = f.c * y[0] + f.d * std::abs(std::log(y[0])) + f.b * y[1] + f.a * std::abs(std::log(y[1]));
    EXPECT_NEAR(potential, initial, 1e-2 * (terms + initial)) << name;  // measured: 1e-3 in the worst draw, 1e-7 in the median
    if (resolved % 13 == 0) checked += agrees(f, t1, y0, atol, y, 3000, name) ? 1 : 0;  // measured: 240
  }
  EXPECT_GT(converged, draws - draws / 50);
  EXPECT_GT(resolved, draws / 5);
  EXPECT_GT(checked, draws / draws_per_check / 2);
}

TEST(Robustness, PredatorAndPreyThatStallAnotherLibraryAgreeWithItAtATighterTolerance) {
  const Predation f{6.90918, 1 / 3634.03, 191.152, 191.152, 65013.0};
  for (const double x0 : {5.0, 340.0, 3634.0}) {
    const Vector<double, 2> y0{x0, 0.1};
    const auto solution = antler::solve(InitialValueProblem{f, 0.0, 1.0, y0}, Options{.rtol = 1e-6, .atol = 1e-10});
    ASSERT_EQ(solution.status, Status::converged) << x0;
    const auto other = by_rosenbrock4(f, 1.0, y0, 1e-6, 1e-10);
    ASSERT_EQ(other.size(), 2u);
    EXPECT_NEAR(solution.final_state()[0], other[0], 1e-4 * std::abs(other[0])) << x0;
    EXPECT_NEAR(solution.final_state()[1], other[1], 1e-4 * std::abs(other[1]) + 1e-8) << x0;
  }
}

TEST(Robustness, ABlowUpBesideAStiffDecaySaysWhere) {
  for (const double x0 : {0.5, 1.0, 20.0}) {  // x' = x (1 + x) is infinite at log(1 + 1/x0)
    const Predation f{1.0, -1.0, 0.0, 0.0, 1e4};
    const auto solution = antler::solve(InitialValueProblem{f, 0.0, 10.0, Vector<double, 2>{x0, 1}});
    expect_honest(solution, 10.0, std::to_string(x0));
    EXPECT_EQ(solution.status, Status::step_too_small);
    EXPECT_NEAR(solution.times().back(), std::log(1 + 1 / x0), 1e-4);
  }
}

/// x' = -1000001 x - 1000000 y, y' = x: eigenvalues -1 and -1e6.
struct TwoScales {
  [[maybe_unused]] static constexpr int size = 2;
  template <class T>
  Vector<T, 2> operator()(const T& /*t*/, const Vector<T, 2>& y) const {
    return {-1000001.0 * y[0] - 1000000.0 * y[1], y[0]};
  }
};

TEST(Robustness, ATightToleranceOnAStiffLinearSystemIsRefusedOrServed) {
  const InitialValueProblem problem{TwoScales{}, 0.0, 1.0, Vector<double, 2>{1, 1}};
  // Tighter than double precision: never-ending in another library.
  try {
    static_cast<void>(antler::solve(problem, Options{.rtol = 0.5e-15, .atol = 1e-15}));
    FAIL() << "rtol below rounding was accepted";
  } catch (const antler::InvalidArgument& error) {
    EXPECT_NE(std::string(error.what()).find("8.88"), std::string::npos) << error.what();
  }
  // y = A exp(-t) + B exp(-1e6 t), A + B = 1, -A - 1e6 B = 1
  const double b = -2 / (1e6 - 1), a = 1 - b;
  for (const Strategy strategy : {Strategy::windows, Strategy::sequential})
    for (const double rtol : {1e-15, 1e-13, 1e-11, 1e-8}) {
      const auto solution =
          antler::solve(problem, Options{.rtol = rtol, .atol = rtol, .maximum_steps = 100'000, .strategy = strategy});
      expect_honest(solution, 1.0, std::to_string(rtol));
      if (rtol >= 1e-11) {
        EXPECT_EQ(solution.status, Status::converged) << rtol;
      }
      if (solution.status != Status::converged) continue;
      EXPECT_NEAR(solution.final_state()[1], a * std::exp(-1.0), 100 * rtol + 1e-13) << rtol;
      EXPECT_NEAR(solution.final_state()[0], -a * std::exp(-1.0), 100 * rtol + 1e-13) << rtol;
    }
}

TEST(Robustness, VanDerPolWithAMillionJumpsOnce) {
  // On the slow branches log y - y^2 / 2 = t / mu + const, and the jump from 1 to -2 takes 3.5 mu^(-1/3) [HairerWanner1996, sec.
  // VI.1]: what is left out is of order log(mu) / mu^2.
  constexpr double mu = 1e6, t1 = 1.3e6;
  constexpr double first_zero_of_airy = 2.338107410;
  const double jump = 1.5 - std::log(2.0) + 1.5 * first_zero_of_airy * std::pow(mu, -4.0 / 3.0);
  double expected = 1.7;  // of -y at t1, by Newton's method
  for (int i = 0; i < 50; ++i)
    expected -= (std::log(expected) - 0.5 * expected * expected - (t1 / mu - jump + std::log(2.0) - 2)) / (1 / expected - expected);
  const InitialValueProblem problem{antler::testset::VanDerPol{.mu = mu}, 0.0, t1, Vector<double, 2>{2, 0}};
  for (const Strategy strategy : {Strategy::windows, Strategy::sequential})
    for (const double rtol : {1e-3, 1e-5, 1e-7, 1e-9}) {
      const auto solution = antler::solve(problem, Options{.rtol = rtol, .atol = 1e-3 * rtol, .strategy = strategy});
      ASSERT_EQ(solution.status, Status::converged) << rtol;
      EXPECT_NEAR(solution.final_state()[0], -expected, 100 * rtol + 1e-9) << rtol;
    }
}

struct Pole {
  [[maybe_unused]] static constexpr int size = 1;
  template <class T>
  Vector<T, 1> operator()(const T& t, const Vector<T, 1>& /*y*/) const {
    return {1.0 / (t - 1.0)};
  }
};

/// y' = -k (y - cos 30 t): 10^4 is far from t = 0, where cos 30 t is known to 30 t epsilon = 3e-11 only. Extrapolated, that is more
/// than these tolerances, however short the steps.
TEST(Robustness, WhatExtrapolationMagnifiesEndsTheWalkAndNotTheSolve) {
  struct Parameters {
    double k, rtol;
  };
  for (const auto& [k, rtol] : {Parameters{50, 1e-9}, {1e3, 1e-8}, {1e3, 1e-9}, {1e6, 1e-9}})
    for (const auto output : {antler::Output::final_state, antler::Output::trajectory}) {
      const auto pull = [k]<class T>(const T& t, const Vector<T, 1>& y) -> Vector<T, 1> { return {-k * (y[0] - cos(30.0 * t))}; };
      const double t0 = 1e4, t1 = t0 + 10;
      const auto solution =
          solve(InitialValueProblem{pull, t0, t1, Vector<double, 1>{0.0}}, Options{.rtol = rtol, .atol = rtol, .output = output});
      ASSERT_EQ(solution.status, Status::converged) << k << ' ' << rtol;
      EXPECT_LT(solution.statistics.steps, 10'000) << k << ' ' << rtol;
      EXPECT_GT(solution.statistics.windows, 0) << k << ' ' << rtol;
      const double exact = (k * k * std::cos(30 * t1) + 30 * k * std::sin(30 * t1)) / (k * k + 900);
      EXPECT_NEAR(solution.final_state()[0], exact, 100 * rtol) << k << ' ' << rtol;
    }
}

TEST(Robustness, StartsNextToAPoleAtEveryTolerance) {  // looped for ever in another library
  const double t0 = 1 + 1e-15;
  for (const Strategy strategy : {Strategy::windows, Strategy::sequential})
    for (const double rtol : {1e-3, 1e-6, 1e-9}) {
      const auto solution = antler::solve(InitialValueProblem{Pole{}, t0, 2.0, Vector<double, 1>{0}},
                                          Options{.rtol = rtol, .atol = rtol, .maximum_steps = 100'000, .strategy = strategy});
      expect_honest(solution, 2.0, std::to_string(rtol));
      if (solution.status != Status::converged) continue;
      EXPECT_NEAR(solution.final_state()[0], -std::log(t0 - 1), 100 * rtol * -std::log(t0 - 1)) << rtol;
    }
  const auto towards =
      antler::solve(InitialValueProblem{Pole{}, 0.0, 2.0, Vector<double, 1>{0}}, Options{.maximum_steps = 100'000});
  expect_honest(towards, 2.0, "towards the pole");
  EXPECT_NE(towards.status, Status::converged);
  EXPECT_NEAR(towards.times().back(), 1.0, 1e-3);
}

}  // namespace
