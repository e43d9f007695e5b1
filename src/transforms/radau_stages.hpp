// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>

#include "antler/discretization/tableau.hpp"

namespace antler::transforms {

/// Radau IIA with a number of stages that is known at run time: c, A^{-1} and the polynomial of a step.
struct RadauStages {
  static constexpr int most = 3;

  int count = 0;
  std::array<double, most> c = {};
  std::array<std::array<double, most>, most> inverse_A = {};
  std::array<std::array<double, most>, most> monomial = {};  // of theta^(m+1), from the stage increments
};

/// A^{-1} = T Lambda T^{-1}.
template <class Method>
RadauStages radau_stages() {
  constexpr int s = Method::stages;
  RadauStages stages;
  stages.count = s;
  double lambda[s][s] = {};
  int first = 0;
  if constexpr (Method::has_real) lambda[first++][0] = Method::gamma;
  if constexpr (Method::pairs > 0) {
    lambda[first][first] = lambda[first + 1][first + 1] = Method::alpha();
    lambda[first][first + 1] = -Method::beta();
    lambda[first + 1][first] = Method::beta();
  }
  for (int k = 0; k < s; ++k) {
    stages.c[static_cast<std::size_t>(k)] = Method::c(k);
    for (int l = 0; l < s; ++l) {
      double sum = 0;
      for (int p = 0; p < s; ++p)
        for (int q = 0; q < s; ++q) sum += Method::T(k, p) * lambda[p][q] * Method::inverse_T(q, l);
      stages.inverse_A[static_cast<std::size_t>(k)][static_cast<std::size_t>(l)] = sum;
      stages.monomial[static_cast<std::size_t>(k)][static_cast<std::size_t>(l)] = Method::monomial(k, l);
    }
  }
  return stages;
}

inline RadauStages radau_stages(int count) {
  return count == 1 ? radau_stages<RadauIIA<1>>() : count == 2 ? radau_stages<RadauIIA<2>>() : radau_stages<RadauIIA<3>>();
}

}  // namespace antler::transforms
