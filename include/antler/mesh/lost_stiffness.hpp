// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>

#include "antler/core/lu.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// Whether the stiffness that an implicit step reckoned with has gone by its end, by an element that was switched off: the step's
/// matrix holds y where the element did, one Newton update is as small as the next, and every estimate finds that right. What f at
/// the end leads to in the next part of a step is then much more than that matrix would let pass.
/// @param before, after  df/dy of the step and at its end
/// @param value          f at its end
/// @param part           of the step, with its sign, over which f is asked for once
/// @param norm           norm(move) of a move of y, 1 being the tolerance
template <class T, int n, class Norm>
bool lost_stiffness(const Matrix<T, n>& before, const Matrix<T, n>& after, const Vector<T, n>& value, double part,
                    const Norm& norm) {
  constexpr double stiff = 3, gone = 0.25, much = 10;
  bool lost[n], suspicious = false;
  for (int r = 0; r < n; ++r) {
    T size = 0, left = 0;
    for (int c = 0; c < n; ++c) {
      size += std::abs(before(r, c));
      left += std::abs(after(r, c));
    }
    lost[r] = left < static_cast<T>(gone) * size && std::abs(part) * size > stiff;
    suspicious = suspicious || lost[r];
  }
  if (!suspicious) [[likely]]
    return false;
  const auto move = [&](const Matrix<T, n>& by_y) {  // of the components whose equations have changed
    Matrix<T, n> a = by_y;
    a *= static_cast<T>(-part);
    for (int c = 0; c < n; ++c) a(c, c) += T(1);
    Vector<T, n> moved = static_cast<T>(part) * value;
    LU<T, n>(a).solve(moved);
    for (int r = 0; r < n; ++r)
      if (!lost[r]) moved[r] = 0;
    return norm(moved);
  };
  const double now = move(after);
  return now > 1 && now > much * move(before);
}

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
