// SPDX-License-Identifier: BSD-3-Clause
#include "antler/mesh/predictive_controller.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace {

using antler::PredictiveController;

constexpr int most = 7;

TEST(PredictiveController, SettlesWhereTheErrorIsALittleBelowTheLimit) {
  PredictiveController controller(most);
  double h = 1e-3;
  const double constant = 40;  // local error 40 h^4
  for (int i = 0; i < 50; ++i) {
    const double error = constant * std::pow(h, 4);
    h = error <= 1 ? controller.after_acceptance(h, error, 1) : controller.after_rejection(h, error, 1);
  }
  EXPECT_NEAR(constant * std::pow(h, 4), std::pow(0.9, 4), 1e-6);
}

TEST(PredictiveController, FollowsAGrowingErrorWithoutRejections) {
  // The error constant grows by a factor of 1.5 per step: a controller that looks at the last error only would fail each test.
  PredictiveController controller(most);
  double h = 1e-2, constant = 1;
  int rejected = 0;
  for (int i = 0; i < 60; ++i, constant *= 1.5) {
    const double error = constant * std::pow(h, 4);
    if (error <= 1) {
      h = controller.after_acceptance(h, error, 1);
    } else {
      ++rejected;
      h = controller.after_rejection(h, error, 1);
    }
  }
  EXPECT_LE(rejected, 1);
  EXPECT_GT(constant / 1.5 * std::pow(h, 4), 0.1);
}

TEST(PredictiveController, BoundsTheChangeOfAStep) {
  PredictiveController controller(most);
  EXPECT_DOUBLE_EQ(controller.after_rejection(1, 1.01, 1), 0.1) << "before any accepted step";
  EXPECT_DOUBLE_EQ(controller.after_acceptance(1, 0, 1), 8);
  EXPECT_DOUBLE_EQ(controller.after_rejection(1, 1e30, 1), 0.2);
  EXPECT_LT(controller.after_rejection(1, 1.01, most), controller.after_rejection(1, 1.01, 1)) << "Newton's effort counts";
}

}  // namespace
