// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "antler/core/matrix.hpp"

namespace antler::inline ANTLER_LANES {

/// f and df/dy_p, p = 0 .. P - 1, at one point (with lanes: at one point per lane).
template <class T, int n, int shifts>
struct Linearization {
  Vector<T, n> f;
  Matrix<T, n> jacobian[shifts];
};

/// f and the diagonal of df/dy at one point (with lanes: at one point per lane), for iterations that never form the matrix.
template <class T, int n>
struct DiagonalLinearization {
  Vector<T, n> f, diagonal;
};

}  // namespace antler::inline ANTLER_LANES
