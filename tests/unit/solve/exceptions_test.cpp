// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <memory>
#include <stdexcept>
#include <thread>

#include "antler/solve/radau.hpp"

using namespace antler;

namespace {

enum class Where { nowhere, on_a_worker_thread, at_a_call };

struct Thrower {
  Where where = Where::nowhere;
  int call = 0;
  std::thread::id main = std::this_thread::get_id();
  std::atomic<int> calls{0};
};

/// y_i' = -(i + 1) y_i + sin(50 t), wide enough that a window is worth a thread team; throws where it is told.
struct Throws {
  static constexpr int n = 10;
  std::shared_ptr<Thrower> thrower;  // as many owners as there are copies of f

  template <class T>
  Vector<T, n> operator()(const T& t, const Vector<T, n>& y) const {
    ++thrower->calls;
    if (thrower->where == Where::on_a_worker_thread && std::this_thread::get_id() != thrower->main)
      throw std::domain_error("on a worker thread");
    if (thrower->where == Where::at_a_call && thrower->calls == thrower->call) throw std::domain_error("at a call");
    Vector<T, n> f;
    for (int i = 0; i < n; ++i) f[i] = sin(50.0 * t) - (i + 1.0) * y[i];
    return f;
  }
};

class Exceptions : public testing::Test {
 protected:
  std::shared_ptr<Thrower> thrower = std::make_shared<Thrower>();
  InitialValueProblem<Throws, double, Throws::n> problem{Throws{thrower}, 0.0, 2.0, Vector<double, Throws::n>::filled(1.0)};
  Options options{.rtol = 1e-8, .atol = 1e-8};

  /// The solver works as if nothing had happened, and nothing that held a copy of f is left.
  void expect_as_before() {
    EXPECT_EQ(thrower.use_count(), 2) << "here and in the problem";
    thrower->where = Where::nowhere;
    const auto solution = solve(problem, options);
    ASSERT_EQ(solution.status, Status::converged);
    const double k = 1, w = 50, at = 2;  // y_0' = -y_0 + sin(50 t)
    const double particular = (k * std::sin(w * at) - w * std::cos(w * at)) / (k * k + w * w);
    EXPECT_NEAR(solution.final_state()[0], particular + (1 + w / (k * k + w * w)) * std::exp(-at), 1e-6);
  }
};

TEST_F(Exceptions, OfTheRightHandSideOnAThreadTeamReachTheCaller) {
  if (Kokkos::DefaultHostExecutionSpace().concurrency() == 1) GTEST_SKIP() << "no team";
  thrower->where = Where::on_a_worker_thread;
  options.strategy = Strategy::windows;
  EXPECT_THROW((void)solve(problem, options), std::domain_error);
  expect_as_before();
}

TEST_F(Exceptions, OfTheRightHandSideAtAnyCallReachTheCaller) {
  static_cast<void>(solve(problem, options));
  const int all = thrower->calls;
  for (const int call : {1, 2, 100, all / 3, all / 2}) {
    thrower->where = Where::at_a_call;
    thrower->call = call;
    thrower->calls = 0;
    EXPECT_THROW((void)solve(problem, options), std::domain_error) << call;
    expect_as_before();
  }
}

TEST_F(Exceptions, OfProgressReachTheCaller) {
  Options throwing = options;
  throwing.progress = [](const Progress& progress) -> bool { return progress.time < 1 ? true : throw 42; };
  EXPECT_THROW((void)solve(problem, throwing), int);
  expect_as_before();
}

}  // namespace
