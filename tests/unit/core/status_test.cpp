// SPDX-License-Identifier: BSD-3-Clause
#include "antler/core/status.hpp"

#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <string>

using namespace antler;

namespace {

constexpr Status all[] = {Status::converged, Status::maximum_iterations, Status::diverged,        Status::non_finite,
                          Status::singular,  Status::maximum_steps,      Status::memory_limit,    Status::step_too_small,
                          Status::event,     Status::cancelled,          Status::bounds_violated, Status::unstable,
                          Status::fold,      Status::inconsistent,       Status::higher_index};

TEST(Status, HasANameOfItsOwnForEachValue) {
  std::set<std::string_view> names;
  for (const Status status : all) names.insert(to_string(status));
  EXPECT_EQ(names.size(), std::size(all));
  EXPECT_FALSE(names.contains("unknown"));
}

TEST(Status, NamesARemedyForEachValue) {
  for (const Status status : all) {
    const std::string text(remedy(status));
    EXPECT_EQ(text.find(to_string(status)), 0u) << text;
    EXPECT_EQ(text.back(), '.') << text;
    EXPECT_GT(text.size(), to_string(status).size() + 30) << text;
  }
  EXPECT_NE(remedy(Status::maximum_iterations).find("Options::maximum_iterations"), std::string_view::npos);
  EXPECT_NE(remedy(Status::maximum_steps).find("Options::maximum_steps"), std::string_view::npos);
  EXPECT_NE(remedy(Status::non_finite).find("Statistics::first_failure"), std::string_view::npos);
}

TEST(Status, IsRecoverableWhereAShorterWindowCanHelp) {
  const std::set<Status> recoverable_ones{Status::maximum_iterations, Status::diverged, Status::non_finite, Status::singular,
                                          Status::unstable};
  for (const Status status : all) EXPECT_EQ(recoverable(status), recoverable_ones.contains(status)) << status;
}

TEST(Status, HasSucceededAtTheEndOrAtATerminalEvent) {
  for (const Status status : all) EXPECT_EQ(succeeded(status), status == Status::converged || status == Status::event) << status;
}

TEST(Status, PrintsItsName) {
  std::ostringstream out;
  out << Status::step_too_small;
  EXPECT_EQ(out.str(), "step_too_small");
}

}  // namespace
