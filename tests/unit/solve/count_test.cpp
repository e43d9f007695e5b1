// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <type_traits>
#include <utility>

#include "antler/solve/radau.hpp"

using namespace antler;

namespace {

/// y'' = -y, and how many points f was asked for, values and Jacobians apart.
struct Counting {
  struct Counts {
    std::atomic<Index> values{0}, jacobians{0};
  };
  std::shared_ptr<Counts> counts = std::make_shared<Counts>();

  template <class T>
  Vector<T, 2> operator()(const T& /*t*/, const Vector<T, 2>& y) const {
    if constexpr (requires { y[0].derivative; }) {
      counts->jacobians += lane_count<std::remove_cvref_t<decltype(y[0].value)>>;
    } else {
      counts->values += lane_count<T>;
    }
    return {-y[1], y[0]};
  }
};

TEST(Statistics, CountEveryEvaluation) {
  for (const auto& [rtol, strategy] : {std::pair{1e-3, Strategy::windows}, std::pair{1e-3, Strategy::sequential},
                                       std::pair{1e-6, Strategy::windows}, std::pair{1e-9, Strategy::windows}}) {
    const InitialValueProblem problem{Counting{}, 0.0, 20.0, Vector<double, 2>{1, 0}};
    const auto s = solve(problem, Options{.rtol = rtol, .atol = rtol, .strategy = strategy}).statistics;
    // Rosenbrock's first stage comes with the Jacobian: counted as an evaluation of f and as one of the Jacobian.
    const Index values = problem.f.counts->values, jacobians = problem.f.counts->jacobians;
    EXPECT_EQ(s.jacobian_evaluations, jacobians) << rtol;
    EXPECT_GE(s.function_evaluations, values) << rtol;
    EXPECT_LE(s.function_evaluations, values + jacobians) << rtol;
    EXPECT_EQ(s.newton_steps > 0, strategy == Strategy::windows);
    const Index starts = strategy == Strategy::windows ? s.windows : 1;  // a Jacobian before the first step
    EXPECT_GE(s.factorisations, jacobians - starts);
  }
}

}  // namespace
