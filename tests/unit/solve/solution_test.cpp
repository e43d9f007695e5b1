// SPDX-License-Identifier: BSD-3-Clause
#include "antler/core/solution.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

using namespace antler;

namespace {

using State = Vector<double, 2>;

const Solution<double, 2> forward({0, 1, 3}, {State{0, 0}, State{2, -1}, State{4, 1}});
const Solution<double, 2> backward({3, 1, 0}, {State{4, 1}, State{2, -1}, State{0, 0}});

TEST(Solution, IsNotConvergedUnlessASolverSaysSo) { EXPECT_NE((Solution<double, 2>{}.status), Status::converged); }

TEST(Solution, KnowsItsPoints) {
  EXPECT_EQ(forward.times().size(), 3u);
  EXPECT_EQ(forward.times()[2], 3);
  EXPECT_EQ(forward.states()[1], (State{2, -1}));
  EXPECT_EQ(forward.final_state(), (State{4, 1}));
}

TEST(Solution, IsExactAtItsPoints) {
  for (const auto* solution : {&forward, &backward})
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ((*solution)(solution->times()[i]), solution->states()[i]);
}

TEST(Solution, IsLinearBetweenItsPointsInBothDirections) {
  for (const auto* solution : {&forward, &backward}) {
    EXPECT_EQ((*solution)(0.5), (State{1, -0.5}));
    EXPECT_EQ((*solution)(2.0), (State{3, 0}));
    EXPECT_EQ((*solution)(2.5), (State{3.5, 0.5}));
  }
}

TEST(Solution, OfOnePointIsKnownThereOnly) {
  const Solution<double, 2> point({5}, {State{1, 2}});
  EXPECT_EQ(point(5), (State{1, 2}));
  EXPECT_THROW((void)point(5.1), InvalidArgument);
  EXPECT_THROW((void)point(4.9), InvalidArgument);
}

TEST(Solution, ThatIsEmptyIsRefused) {
  const Solution<double, 2> empty;
  EXPECT_THROW((void)empty.final_state(), InvalidArgument);
  EXPECT_THROW((void)empty.final_time(), InvalidArgument);
  EXPECT_THROW((void)empty(0.0), InvalidArgument);
  EXPECT_TRUE(empty.times().empty());
  EXPECT_TRUE(empty.events().empty());
}

TEST(Statistics, AddUp) {
  Statistics total{.steps = 5,
                   .meshes = 1,
                   .windows = 2,
                   .predictor_steps = 3,
                   .iterations = 4,
                   .residual_history = {3, 2},
                   .update_history = {1},
                   .damping_history = {}};
  total.function_evaluations = 10;
  total.jacobian_evaluations = 20;
  total.factorisations = 30;
  total.newton_steps = 31;
  total.root_evaluations = 32;
  total.bound_rejections = 33;
  total.evaluation_seconds = 1;
  total.assembly_seconds = 2;
  total.inverse_seconds = 3;
  total.total_seconds = 7;
  total.peak_bytes = 100;
  Statistics further = total;
  further.steps = 9;
  further.peak_bytes = 50;
  further.residual_history = {1};
  further.first_failure = 4;
  total += further;
  EXPECT_EQ(total.steps, 9) << "of the final mesh";
  EXPECT_EQ(total.meshes, 2);
  EXPECT_EQ(total.windows, 4);
  EXPECT_EQ(total.predictor_steps, 6);
  EXPECT_EQ(total.iterations, 8);
  EXPECT_EQ(total.residual_history, (std::vector<double>{3, 2, 1}));
  EXPECT_EQ(total.update_history, (std::vector<double>{1, 1}));
  EXPECT_EQ(total.function_evaluations, 20);
  EXPECT_EQ(total.jacobian_evaluations, 40);
  EXPECT_EQ(total.factorisations, 60);
  EXPECT_EQ(total.newton_steps, 62);
  EXPECT_EQ(total.root_evaluations, 64);
  EXPECT_EQ(total.bound_rejections, 66);
  EXPECT_EQ(total.evaluation_seconds, 2);
  EXPECT_EQ(total.assembly_seconds, 4);
  EXPECT_EQ(total.inverse_seconds, 6);
  EXPECT_EQ(total.total_seconds, 14);
  EXPECT_EQ(total.peak_bytes, 100u);
  EXPECT_EQ(total.first_failure, 4);
}

TEST(Statistics, PrintTheirNamesAndValues) {
  Statistics statistics;
  statistics.steps = 111;
  statistics.iterations = 222;
  statistics.residual_history = {7, 0.5};
  statistics.function_evaluations = 333;
  statistics.peak_bytes = 444;
  statistics.newton_steps = 555;
  statistics.root_evaluations = 666;
  statistics.bound_rejections = 777;
  std::ostringstream out;
  out << statistics;
  for (const char* text : {"Newton steps          555", "root evaluations      666", "bound rejections      777",
                           "per step              5 Newton iterations, 3 evaluations of f"})
    EXPECT_NE(out.str().find(text), std::string::npos) << text;
  for (const char* text :
       {"steps", "111", "iterations", "222", "function evaluations", "333", "444 bytes", "0.5 of tolerance", "inverse (scan)"})
    EXPECT_NE(out.str().find(text), std::string::npos) << text;
  EXPECT_EQ(out.str().find("first failure"), std::string::npos);
  statistics.first_failure = 17;
  out << statistics;
  EXPECT_NE(out.str().find("point 17"), std::string::npos);
}

}  // namespace
