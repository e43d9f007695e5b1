// SPDX-License-Identifier: BSD-3-Clause
#include "antler/core/parallel.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

using namespace antler;

namespace {

using Space = Kokkos::DefaultHostExecutionSpace;
constexpr double alone = 0, team = 1e9;  // flops of a call: serial, and worth a team

TEST(ParallelFor, CallsTheBodyOncePerIndex) {
  for (const double flops : {alone, team}) {
    std::vector<int> calls(1001, 0);
    parallel_for("test", Space(), 1001, flops, [&](Index i) { ++calls[static_cast<std::size_t>(i)]; });
    EXPECT_EQ(calls, std::vector<int>(1001, 1));
    parallel_for("test", Space(), 0, flops, [&](Index) { FAIL(); });
  }
}

TEST(ParallelFor, HandsAnExceptionOfAnyThreadToTheCaller) {
  for (const double flops : {alone, team})
    for (const Index at : {0, 500, 999}) {
      const auto body = [at](Index i) {
        if (i == at) throw std::runtime_error("at " + std::to_string(i));
      };
      try {
        parallel_for("test", Space(), 1000, flops, body);
        FAIL() << "nothing was thrown";
      } catch (const std::runtime_error& error) {
        EXPECT_EQ(error.what(), "at " + std::to_string(at));
      }
    }
}

TEST(ParallelFor, HandsOverOneExceptionWhenEveryCallThrows) {
  for (int repeat = 0; repeat < 20; ++repeat)
    EXPECT_THROW(parallel_for("test", Space(), 1000, team, [](Index i) { throw i; }), Index);
  std::vector<int> calls(100, 0);  // and the team is usable afterwards
  parallel_for("test", Space(), 100, team, [&](Index i) { ++calls[static_cast<std::size_t>(i)]; });
  EXPECT_EQ(calls, std::vector<int>(100, 1));
}

TEST(ParallelMaximum, HandsAnExceptionOfAnyThreadToTheCaller) {
  for (const double flops : {alone, team}) {
    const auto body = [](Index i) {
      if (i == 777) throw std::runtime_error("777");
      return static_cast<double>(i);
    };
    EXPECT_EQ(parallel_maximum("test", Space(), 700, flops, body), 699);
    EXPECT_THROW((void)parallel_maximum("test", Space(), 1000, flops, body), std::runtime_error);
  }
}

}  // namespace
