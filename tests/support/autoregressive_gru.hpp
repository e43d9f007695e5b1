// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <vector>

#include "antler/core/dual_math.hpp"
#include "antler/core/vector.hpp"

/// @file
/// A gated recurrent unit of three components whose output is its next input: state (h_0, h_1, h_2, o), n = 4, driven by noise.

namespace antler::tests {

/// r = s(W_r o + U_r h + b_r), z = s(W_z o + U_z h + b_z), c = tanh(W_c o + b_c + r * (U_c h)), h' = (1 - z) c + z h,
/// o' = v . h' + 0.1 x with the noise x. The weights are pseudo-random numbers, uniform in [-gain, gain].
struct AutoregressiveGru {
  double W[9], U[9][3], b[9], v[3];

  AutoregressiveGru(double gain, std::uint64_t seed) {
    // Knuth's MMIX generator: the same numbers with every standard library.
    const auto next = [&] {
      seed = seed * 6364136223846793005u + 1442695040888963407u;
      return gain * (static_cast<double>(seed >> 11) * 0x1p-52 - 1);
    };
    for (int i = 0; i < 20; ++i) next();
    for (double& w : W) w = next();
    for (auto& row : U)
      for (double& u : row) u = next();
    for (double& x : b) x = next();
    for (double& x : v) x = next();
  }

  template <class R>
  KOKKOS_FUNCTION static R sigmoid(const R& x) {
    return R(0.5 + 0.5 * tanh(R(0.5 * x)));
  }

  template <class R>
  KOKKOS_FUNCTION Vector<R, 4> operator()(const Vector<R, 4>& y, const double& noise) const {
    const auto from_states = [&](int i) { return U[i][0] * y[0] + U[i][1] * y[1] + U[i][2] * y[2]; };
    Vector<R, 4> next;
    next[3] = R(0.1 * noise);
    for (int i = 0; i < 3; ++i) {
      const R r = sigmoid(R(W[i] * y[3] + b[i] + from_states(i)));
      const R z = sigmoid(R(W[3 + i] * y[3] + b[3 + i] + from_states(3 + i)));
      const R c = tanh(R(W[6 + i] * y[3] + b[6 + i] + r * from_states(6 + i)));
      next[i] = c + z * (y[i] - c);
      next[3] += R(v[i] * next[i]);
    }
    return next;
  }
};

/// Noise of unit variance, uniform: x_1 .. x_T.
inline std::vector<double> noise(int steps) {
  std::vector<double> x;
  std::uint64_t seed = 1;
  for (int i = 0; i < steps; ++i) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    x.push_back(1.7320508 * (static_cast<double>(seed >> 11) * 0x1p-52 - 1));
  }
  return x;
}

}  // namespace antler::tests
