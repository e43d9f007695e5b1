// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Collocation for boundary value problems. On a step from (t, y) to (t + h, z) the unknowns are y, z and u_k = h f(t + c_k h, Y_k)
/// at the inner points k = 1 .. q:
///
///     Y_k = y + h a_k0 f(t, y) + sum_l a_kl u_l + h a_k,q+1 f(t + h, z),
///     z   = y + h b_0 f(t, y)  + sum_l b_l u_l  + h b_q+1 f(t + h, z).
///
/// Gauss' points are all inner, a_k0 = b_0 = 0 = a_k,q+1 = b_q+1. Lobatto's include the ends, where f needs no unknowns.

#include <Kokkos_Macros.hpp>

#include <concepts>

#include "antler/discretization/tableau.hpp"

namespace antler::inline ANTLER_LANES {

/// Lobatto IIIA with s stages, order 2 s - 2, symmetric: collocation at the ends and s - 2 points between them, s = 3, 4. The
/// collocation polynomial has a continuous derivative.
template <int s>
struct Lobatto {
  static_assert(s == 3 || s == 4, "antler::Lobatto: 3 or 4 stages, order 4 or 6");
  static constexpr int stages = s, order = 2 * s - 2;
};

/// The coefficients of a method at the top of the file: q, order, ends, c(k), a(k, l), b(l), a_left(k), a_right(k), b_end, with k
/// and l from 0 to q - 1.
template <class Method>
struct BoundaryTableau;

/// A method that boundary value problems can be solved with: Gauss<2>, Gauss<3>, Lobatto<3>, Lobatto<4>.
template <class Method>
concept BoundaryMethod = requires {
  { BoundaryTableau<Method>::q } -> std::convertible_to<int>;
};

template <>
struct BoundaryTableau<Gauss<2>> {
  static constexpr int q = 2, order = 4;
  static constexpr bool ends = false;
  static constexpr double b_end = 0;
  KOKKOS_INLINE_FUNCTION static constexpr double c(int k) { return Gauss<2>::c(k); }
  KOKKOS_INLINE_FUNCTION static constexpr double a(int k, int l) {
    constexpr double values[][2] = {{0.25, -0.038675134594812882255}, {0.53867513459481288225, 0.25}};
    return values[k][l];
  }
  KOKKOS_INLINE_FUNCTION static constexpr double b(int) { return 0.5; }
  KOKKOS_INLINE_FUNCTION static constexpr double a_left(int) { return 0; }
  KOKKOS_INLINE_FUNCTION static constexpr double a_right(int) { return 0; }
};

template <>
struct BoundaryTableau<Gauss<3>> {
  static constexpr int q = 3, order = 6;
  static constexpr bool ends = false;
  static constexpr double b_end = 0;
  KOKKOS_INLINE_FUNCTION static constexpr double c(int k) { return Gauss<3>::c(k); }
  KOKKOS_INLINE_FUNCTION static constexpr double a(int k, int l) {
    constexpr double values[][3] = {{0.13888888888888888889, -0.035976667524938902416, 0.0097894440153083260501},
                                    {0.30026319498086459244, 0.22222222222222222222, -0.022485417203086814662},
                                    {0.26798833376246945173, 0.48042111196938334686, 0.13888888888888888889}};
    return values[k][l];
  }
  KOKKOS_INLINE_FUNCTION static constexpr double b(int l) {
    constexpr double values[] = {0.27777777777777777778, 0.44444444444444444444, 0.27777777777777777778};
    return values[l];
  }
  KOKKOS_INLINE_FUNCTION static constexpr double a_left(int) { return 0; }
  KOKKOS_INLINE_FUNCTION static constexpr double a_right(int) { return 0; }
};

template <>
struct BoundaryTableau<Lobatto<3>> {
  static constexpr int q = 1, order = 4;
  static constexpr bool ends = true;
  static constexpr double b_end = 1.0 / 6;
  KOKKOS_INLINE_FUNCTION static constexpr double c(int) { return 0.5; }
  KOKKOS_INLINE_FUNCTION static constexpr double a(int, int) { return 1.0 / 3; }
  KOKKOS_INLINE_FUNCTION static constexpr double b(int) { return 2.0 / 3; }
  KOKKOS_INLINE_FUNCTION static constexpr double a_left(int) { return 5.0 / 24; }
  KOKKOS_INLINE_FUNCTION static constexpr double a_right(int) { return -1.0 / 24; }
};

template <>
struct BoundaryTableau<Lobatto<4>> {
  static constexpr int q = 2, order = 6;
  static constexpr bool ends = true;
  static constexpr double b_end = 1.0 / 12, root = 2.2360679774997896964;  // of 5
  KOKKOS_INLINE_FUNCTION static constexpr double c(int k) { return k == 0 ? (5 - root) / 10 : (5 + root) / 10; }
  KOKKOS_INLINE_FUNCTION static constexpr double a(int k, int l) {
    constexpr double values[][2] = {{(25 - root) / 120, (25 - 13 * root) / 120}, {(25 + 13 * root) / 120, (25 + root) / 120}};
    return values[k][l];
  }
  KOKKOS_INLINE_FUNCTION static constexpr double b(int) { return 5.0 / 12; }
  KOKKOS_INLINE_FUNCTION static constexpr double a_left(int k) { return k == 0 ? (11 + root) / 120 : (11 - root) / 120; }
  KOKKOS_INLINE_FUNCTION static constexpr double a_right(int k) { return k == 0 ? (-1 + root) / 120 : (-1 - root) / 120; }
};

}  // namespace antler::inline ANTLER_LANES
