// SPDX-License-Identifier: BSD-3-Clause
#include "antler/core/options.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "antler/core/require.hpp"

using namespace antler;

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();

/// What require_valid says about these options for a state of n components; empty when it accepts them.
std::string complaint(const Options& options, int n = 3) {
  try {
    require_valid(options, n, antler::SourceLocation::current());
  } catch (const InvalidArgument& error) {
    return error.what();
  }
  return "";
}

void expect_complaint(const Options& options, const std::string& subject, const std::string& remedy) {
  const std::string text = complaint(options);
  EXPECT_NE(text.find(subject), std::string::npos) << "'" << text << "' does not name " << subject;
  EXPECT_NE(text.find(remedy), std::string::npos) << "'" << text << "' does not say '" << remedy << "'";
}

TEST(AbsoluteTolerance, IsOneValueForAllOrOnePerComponent) {
  const AbsoluteTolerance one = 1e-3, several = {1e-3, 1e-4}, from_vector = std::vector<double>{1, 2, 3}, integer = 1;
  EXPECT_EQ(one[0], 1e-3);
  EXPECT_EQ(one[17], 1e-3);
  EXPECT_EQ(several[1], 1e-4);
  EXPECT_EQ(from_vector[2], 3);
  EXPECT_EQ(integer[0], 1.0);
}

TEST(Options, AreUsableByDefault) { EXPECT_EQ(complaint(Options{}), ""); }

TEST(Options, TakeDesignatedInitialisers) {
  EXPECT_EQ(complaint(Options{.rtol = 1e-3, .atol = 1e-6}), "");
  EXPECT_EQ(complaint(Options{.atol = {1e-6, 1e-7, 1e-8}}), "");
}

TEST(Options, RejectRelativeTolerancesThatAreNotPositive) {
  for (const double rtol : {0.0, -1e-3, nan, infinity, 1e-17})
    expect_complaint({.rtol = rtol}, "Options::rtol", "use a value of at least");
}

TEST(Options, RejectAbsoluteTolerancesThatAreNotPositive) {
  for (const double atol : {0.0, -1e-9, nan, infinity}) {
    expect_complaint({.atol = atol}, "Options::atol", "positive and finite");
    expect_complaint({.atol = {1e-9, atol, 1e-9}}, "Options::atol", "positive and finite");
  }
}

TEST(Options, RejectTheWrongNumberOfAbsoluteTolerances) {
  expect_complaint({.atol = {1e-9, 1e-9}}, "Options::atol has 2 values for a state of 3", "one value, or one per component");
  expect_complaint({.atol = {1e-9, 1e-9, 1e-9, 1e-9}}, "4 values", "one per component");
  expect_complaint({.atol = std::vector<double>{}}, "0 values", "one per component");
}

TEST(Options, RejectUnusableLimits) {
  for (const double fraction : {0.0, -1.0, nan, infinity})
    expect_complaint({.newton_tolerance = fraction}, "Options::newton_tolerance", "positive fraction");
  for (const Index count : {0, -5}) {
    expect_complaint({.maximum_iterations = count}, "Options::maximum_iterations", "at least 1");
    expect_complaint({.maximum_steps = count}, "Options::maximum_steps", "at least 1");
  }
}

TEST(Options, NameTheCallersPlace) {
  const auto here = antler::SourceLocation::current();
  try {
    require_valid({.rtol = -1}, 1, here);
    FAIL();
  } catch (const InvalidArgument& error) {
    EXPECT_EQ(error.where().line(), here.line());
  }
}

TEST(Options, CapMemoryByNamingBothFigures) {
  const auto here = antler::SourceLocation::current();
  EXPECT_NO_THROW(require_memory({.memory_cap = 1000}, 1000, here));
  try {
    require_memory({.memory_cap = 1000}, 1001, here);
    FAIL();
  } catch (const InvalidArgument& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("1001"), std::string::npos);
    EXPECT_NE(text.find("Options::memory_cap is 1000"), std::string::npos);
    EXPECT_NE(text.find("raise the cap"), std::string::npos);
  }
}

}  // namespace
