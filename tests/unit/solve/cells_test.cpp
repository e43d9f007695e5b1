// SPDX-License-Identifier: BSD-3-Clause
// A cell as the f of a recurrence.
#include <gtest/gtest.h>

#include <cmath>

#include "antler/problem/cells/gru.hpp"
#include "antler/solve/difference_equation.hpp"
#include "temporary_folder.hpp"

using namespace antler;

namespace {

TEST(CellRecurrence, IsSolvedAllAtOnce) {
  const TemporaryFolder folder;
  const std::filesystem::path weights = folder / "encoder";
  Gru<float, 2, 1>::random(1).write(weights);
  const long long steps = 3000;
  // [cell recurrence]
  const auto cell = antler::Gru<float, 2, 1>::read(weights);  // encoder.weight_ih.npy, encoder.weight_hh.npy, ...
  std::vector<float> inputs;
  for (int i = 0; i < steps; ++i) inputs.push_back(std::sin(0.01f * static_cast<float>(i)));
  const antler::DifferenceEquation recurrence{cell, antler::Vector<float, 2>{0, 0}, inputs};
  const auto solution = antler::solve(recurrence, antler::Options{.rtol = 1e-6, .atol = 1e-6});
  // [cell recurrence]
  ASSERT_EQ(solution.status, Status::converged);
  const auto here = cell.in<Kokkos::HostSpace>();
  Vector<float, 2> y{0, 0};
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    y = here(y, inputs[i]);
    for (int c = 0; c < 2; ++c) ASSERT_NEAR(solution.states()[i + 1][c], y[c], 1e-5) << "step " << i + 1;
  }
}

}  // namespace
