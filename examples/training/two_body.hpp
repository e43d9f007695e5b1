// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <antler/core/math.hpp>
#include <antler/core/vector.hpp>
#include <cstdint>
#include <vector>

namespace training {

/// Positions of two bodies of mass 1 in the plane, then their velocities, which are their momenta.
using TwoBodies = antler::Vector<double, 8>;

/// y' = f(y) for two bodies that attract each other with the force 1 / d^2.
struct Gravity {
  template <class T>
  KOKKOS_FUNCTION antler::Vector<T, 8> operator()(const T& /*t*/, const antler::Vector<T, 8>& y) const {
    const T dx = y[2] - y[0], dy = y[3] - y[1], square = dx * dx + dy * dy, force = T(1) / (square * sqrt(square));
    return {y[4], y[5], y[6], y[7], force * dx, force * dy, -force * dx, -force * dy};
  }
};

/// Orbits at common times, those of true gravity.
struct TwoBodyData {
  std::vector<double> times;
  std::vector<std::vector<TwoBodies>> orbits;
};

/// Initial values of [Lim2024, app. B]: opposite each other at a distance r of their centre, 0.5 <= r <= 1.5, with 0.7 to 1 times
/// the velocity of a circle. @param orbit  its number; the same numbers and seeds give the same orbits
TwoBodies random_orbit(std::uint64_t seed, std::uint64_t orbit);

/// Orbits at `points` times from 0 to 10, solved on a mesh of 4000 steps or more, to 1e-9.
/// @throws std::runtime_error  one could not be solved
TwoBodyData two_body_data(std::size_t points, std::size_t orbits, std::uint64_t seed);

/// Newton iterations on all of a mesh of [0, 10] at once, with Gauss<2>.
struct GravityIterations {
  long long from_constant, from_near;  ///< the guess: y0 everywhere; the solution, every number off by up to 1 %
};

/// With the tolerances 1e-4 and 1e-6 of the published figure [Lim2024, app. B].
/// @throws std::runtime_error  a solve did not converge
GravityIterations gravity_iterations(std::size_t points, std::uint64_t seed);

}  // namespace training
