// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <antler/core/version.hpp>
#include <string>

static_assert(__cplusplus >= 202002L, "a flag of a dependency has lowered the language to less than C++20");

TEST(Version, OfTheLibraryIsThatOfTheHeaders) { EXPECT_STREQ(antler::version(), ANTLER_VERSION_STRING); }

TEST(Version, StringSpellsTheNumbers) {
  EXPECT_EQ(std::to_string(ANTLER_VERSION_MAJOR) + "." + std::to_string(ANTLER_VERSION_MINOR) + "." +
                std::to_string(ANTLER_VERSION_PATCH),
            ANTLER_VERSION_STRING);
}
