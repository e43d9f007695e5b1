// SPDX-License-Identifier: BSD-3-Clause
#include "antler/core/require.hpp"

#include <gtest/gtest.h>

#include <string>

#include "antler/core/kokkos.hpp"

using namespace antler;

namespace {

TEST(Require, IsSilentWhenAllIsWell) {
  EXPECT_NO_THROW(require(true, "never shown"));
  EXPECT_NO_THROW(require_kokkos(antler::SourceLocation::current()));
}

TEST(Require, NamesTheCallersPlaceAndTheMessage) {
  const auto here = antler::SourceLocation::current();
  try {
    require(false, "give two points");
    FAIL() << "require(false) returned";
  } catch (const InvalidArgument& error) {
    EXPECT_EQ(error.where().line(), here.line() + 2);
    EXPECT_STREQ(error.where().file_name(), here.file_name());
    const std::string text = error.what();
    EXPECT_NE(text.find("give two points"), std::string::npos);
    EXPECT_NE(text.find("require_test.cpp:" + std::to_string(here.line() + 2)), std::string::npos) << text;
  }
}

TEST(Require, PassesOnThePlaceThatItIsGiven) {
  const auto elsewhere = antler::SourceLocation::current();
  try {
    require(false, "", elsewhere);
    FAIL();
  } catch (const InvalidArgument& error) {
    EXPECT_EQ(error.where().line(), elsewhere.line());
  }
}

TEST(Require, ThrowsWhatUsersOfTheStandardLibraryCatch) { EXPECT_THROW(require(false, "x"), std::invalid_argument); }

TEST(Kokkos, RunsInTheseTests) { EXPECT_TRUE(kokkos_is_running()); }

}  // namespace
