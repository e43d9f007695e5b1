// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <string>

#include "antler/antler.hpp"

/// A program of its own: its main() does not create a Kokkos::ScopeGuard.

using namespace antler;

namespace {

struct Decay {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 1> operator()(T, const Vector<T, 1>& y) const {
    return {-1.0 * y[0]};
  }
};

struct Halving {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 1> operator()(const Vector<T, 1>& y) const {
    return {0.5 * y[0]};
  }
};

template <class Call>
void expect_complaint(const Call& call) {
  try {
    call();
    ADD_FAILURE() << "ran without Kokkos";
  } catch (const InvalidArgument& error) {
    EXPECT_NE(std::string(error.what()).find("create a Kokkos::ScopeGuard at the top of main()"), std::string::npos)
        << error.what();
    EXPECT_NE(std::string(error.where().file_name()).find("kokkos_not_initialised_test.cpp"), std::string::npos);
  }
}

TEST(KokkosNotInitialised, IsAClearErrorOfEverySolve) {
  ASSERT_FALSE(kokkos_is_running());
  const InitialValueProblem problem{Decay{}, 0.0, 1.0, Vector<double, 1>{1.0}};
  const Mesh mesh = Mesh::uniform(0, 1, 4);
  expect_complaint([&] { (void)solve(problem); });
  expect_complaint([&] { (void)solve(problem, Exponential{}); });
  expect_complaint([&] { (void)solve(problem, Exponential{}, mesh); });
  expect_complaint([&] { (void)solve(problem, Exponential{}, mesh, std::vector<Vector<double, 1>>(5), Options{}); });
  expect_complaint([&] { (void)solve(DifferenceEquation{Halving{}, Vector<double, 1>{1.0}, Steps{3}}); });
}

TEST(KokkosNotInitialised, IsAClearErrorAfterItsEndToo) {
  { Kokkos::ScopeGuard kokkos; }
  expect_complaint([] { (void)solve(InitialValueProblem{Decay{}, 0.0, 1.0, Vector<double, 1>{1.0}}); });
}

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
