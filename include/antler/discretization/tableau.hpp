// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Collocation methods as tableaux: on a step from (t, y) to (t + h, y_next) the stage increments Z_k = Y_k - y solve
///
///     Z_k = h sum_l a_kl f(t + c_l h, y + Z_l),     y_next = y + sum_k v_k Z_k,   v = b^T A^{-1}.
///
/// Newton's matrix is block-diagonal after the transformation A^{-1} = T Lambda T^{-1}, with Lambda real up to one complex pair
/// [HairerWanner1996, sec. IV.8]: Lambda = diag(gamma, [[alpha, -beta], [beta, alpha]]). Transformed stages are W = T^{-1} Z; the
/// one of the real eigenvalue comes first where there is one. c, a and T are computed in 50 digits from the zeros of Legendre
/// polynomials. Coefficients are functions, since device code cannot read a class' static arrays.

#include <Kokkos_Macros.hpp>

#include <concepts>

#include "antler/core/config.hpp"

namespace antler::inline ANTLER_LANES {

/// A collocation method: `RadauIIA<s>` or `Gauss<s>`, s = 1, 2, 3.
template <class Method>
concept CollocationTableau = requires {
  { Method::stages } -> std::convertible_to<int>;
  { Method::order } -> std::convertible_to<int>;
  { Method::c(0) } -> std::convertible_to<double>;
  { Method::inverse_T(0, 0) } -> std::convertible_to<double>;
};

/// Order of the error estimate of a step in its length h: h (f(t, y) - p'(t)), p being the collocation polynomial, whose derivative
/// agrees with the solution's up to h^s.
template <CollocationTableau Method>
inline constexpr int estimate_order = Method::stages + 1;

/// Part of stage increment k in the estimate, f(t, y) + sum_k estimate_weight(k) Z_k / h = f(t, y) - p'(t). What is in it of stiff
/// components is damped by E = (lambda / h - J)^{-1}, of the real eigenvalue where there is one [HairerWanner1996, eq. IV.8.20].
template <CollocationTableau Method>
KOKKOS_INLINE_FUNCTION constexpr double estimate_weight(int k) {
  return -Method::monomial(0, k);
}

/// Radau IIA with s stages, order 2 s - 1, stiffly accurate and L-stable: the last stage is the end of the step.
template <int s>
struct RadauIIA;

/// Gauss-Legendre with s stages, order 2 s, A-stable and symmetric: keeps quadratic invariants.
template <int s>
struct Gauss;

template <>
struct RadauIIA<1> {
  static constexpr int stages = 1, order = 1;
  static constexpr bool has_real = true, has_pair = false;
  static constexpr double gamma = 1, alpha = 0, beta = 0;
  KOKKOS_INLINE_FUNCTION static constexpr double c(int k) {
    constexpr double values[] = {1};
    return values[k];
  }
  KOKKOS_INLINE_FUNCTION static constexpr double v(int k) {
    constexpr double values[] = {1};
    return values[k];
  }
  KOKKOS_INLINE_FUNCTION static constexpr double T(int k, int l) {
    constexpr double values[][1] = {{1}};
    return values[k][l];
  }
  KOKKOS_INLINE_FUNCTION static constexpr double inverse_T(int k, int l) {
    constexpr double values[][1] = {{1}};
    return values[k][l];
  }
  KOKKOS_INLINE_FUNCTION static constexpr double monomial(int m, int k) {
    constexpr double values[][1] = {{1}};
    return values[m][k];
  }
};

template <>
struct RadauIIA<2> {
  static constexpr int stages = 2, order = 3;
  static constexpr bool has_real = false, has_pair = true;
  static constexpr double gamma = 0, alpha = 2, beta = 1.4142135623730950488;
  KOKKOS_INLINE_FUNCTION static constexpr double c(int k) {
    constexpr double values[] = {0.33333333333333333333, 1};
    return values[k];
  }
  KOKKOS_INLINE_FUNCTION static constexpr double v(int k) {
    constexpr double values[] = {0, 1};
    return values[k];
  }
  KOKKOS_INLINE_FUNCTION static constexpr double T(int k, int l) {
    constexpr double values[][2] = {{0.11111111111111111111, 0.31426968052735445529}, {1, 0}};
    return values[k][l];
  }
  KOKKOS_INLINE_FUNCTION static constexpr double inverse_T(int k, int l) {
    constexpr double values[][2] = {{0, 1}, {3.1819805153394638598, -0.3535533905932737622}};
    return values[k][l];
  }
  KOKKOS_INLINE_FUNCTION static constexpr double monomial(int m, int k) {
    constexpr double values[][2] = {{4.5, -0.5}, {-4.5, 1.5}};
    return values[m][k];
  }
};

template <>
struct RadauIIA<3> {
  static constexpr int stages = 3, order = 5;
  static constexpr bool has_real = true, has_pair = true;
  static constexpr double gamma = 3.6378342527444957322, alpha = 2.6810828736277521339, beta = 3.0504301992474105694;
  KOKKOS_INLINE_FUNCTION static constexpr double c(int k) {
    constexpr double values[] = {0.15505102572168219018, 0.64494897427831780982, 1};
    return values[k];
  }
  KOKKOS_INLINE_FUNCTION static constexpr double v(int k) {
    constexpr double values[] = {0, 0, 1};
    return values[k];
  }
  KOKKOS_INLINE_FUNCTION static constexpr double T(int k, int l) {
    constexpr double values[][3] = {{0.094438762488975241487, -0.14125529502095420843, -0.030029194105147424492},
                                    {0.25021312296533331138, 0.204129352293799932, 0.3829421127572619378},
                                    {1, 1, 0}};
    return values[k][l];
  }
  KOKKOS_INLINE_FUNCTION static constexpr double inverse_T(int k, int l) {
    constexpr double values[][3] = {{4.1787185915519047273, 0.32768282076106238708, 0.52337644549944954804},
                                    {-4.1787185915519047273, -0.32768282076106238708, 0.47662355450055045196},
                                    {-0.50287263494578687595, 2.5719269498556054292, -0.59603920482822492497}};
    return values[k][l];
  }
  /// Row m: the coefficient of theta^(m+1) of the collocation polynomial, from the stage increments.
  KOKKOS_INLINE_FUNCTION static constexpr double monomial(int m, int k) {
    constexpr double values[][3] = {{10.048809399827415562, -1.3821427331607488958, 0.33333333333333333333},
                                    {-25.629591447076639387, 10.296258113743306053, -2.6666666666666666667},
                                    {15.580782047249223824, -8.9141153805825571577, 3.3333333333333333333}};
    return values[m][k];
  }
};

template <>
struct Gauss<1> {
  static constexpr int stages = 1, order = 2;
  static constexpr bool has_real = true, has_pair = false;
  static constexpr double gamma = 2, alpha = 0, beta = 0;
  KOKKOS_INLINE_FUNCTION static constexpr double c(int k) {
    constexpr double values[] = {0.5};
    return values[k];
  }
  KOKKOS_INLINE_FUNCTION static constexpr double v(int k) {
    constexpr double values[] = {2};
    return values[k];
  }
  KOKKOS_INLINE_FUNCTION static constexpr double T(int k, int l) {
    constexpr double values[][1] = {{1}};
    return values[k][l];
  }
  KOKKOS_INLINE_FUNCTION static constexpr double inverse_T(int k, int l) {
    constexpr double values[][1] = {{1}};
    return values[k][l];
  }
  KOKKOS_INLINE_FUNCTION static constexpr double monomial(int m, int k) {
    constexpr double values[][1] = {{2}};
    return values[m][k];
  }
};

template <>
struct Gauss<2> {
  static constexpr int stages = 2, order = 4;
  static constexpr bool has_real = false, has_pair = true;
  static constexpr double gamma = 0, alpha = 3, beta = 1.7320508075688772935;
  KOKKOS_INLINE_FUNCTION static constexpr double c(int k) {
    constexpr double values[] = {0.21132486540518711775, 0.78867513459481288225};
    return values[k];
  }
  KOKKOS_INLINE_FUNCTION static constexpr double v(int k) {
    constexpr double values[] = {-1.7320508075688772935, 1.7320508075688772935};
    return values[k];
  }
  KOKKOS_INLINE_FUNCTION static constexpr double T(int k, int l) {
    constexpr double values[][2] = {{0, 0.26794919243112270647}, {1, 0}};
    return values[k][l];
  }
  KOKKOS_INLINE_FUNCTION static constexpr double inverse_T(int k, int l) {
    constexpr double values[][2] = {{0, 1}, {3.7320508075688772935, 0}};
    return values[k][l];
  }
  KOKKOS_INLINE_FUNCTION static constexpr double monomial(int m, int k) {
    constexpr double values[][2] = {{6.4641016151377545871, -0.46410161513775458705},
                                    {-8.1961524227066318806, 2.1961524227066318806}};
    return values[m][k];
  }
};

template <>
struct Gauss<3> {
  static constexpr int stages = 3, order = 6;
  static constexpr bool has_real = true, has_pair = true;
  static constexpr double gamma = 4.6443707092521711858, alpha = 3.6778146453739144071, beta = 3.5087619195674433219;
  KOKKOS_INLINE_FUNCTION static constexpr double c(int k) {
    constexpr double values[] = {0.11270166537925831148, 0.5, 0.88729833462074168852};
    return values[k];
  }
  KOKKOS_INLINE_FUNCTION static constexpr double v(int k) {
    constexpr double values[] = {1.6666666666666666667, -1.3333333333333333333, 1.6666666666666666667};
    return values[k];
  }
  KOKKOS_INLINE_FUNCTION static constexpr double T(int k, int l) {
    constexpr double values[][3] = {{0.072151852055200170321, -0.082241230573630670649, -0.060120738619308501731},
                                    {0.11883257874127780707, 0.053065090742061395046, 0.31620505113229157322},
                                    {1, 1, 0}};
    return values[k][l];
  }
  KOKKOS_INLINE_FUNCTION static constexpr double inverse_T(int k, int l) {
    constexpr double values[][3] = {{5.9916980849378007756, 1.1392142951557354446, 0.43231211378385838557},
                                    {-5.9916980849378007756, -1.1392142951557354446, 0.56768788621614161443},
                                    {-1.2462132735862314108, 2.9255596461923136626, -0.25773520127343249235}};
    return values[k][l];
  }
  KOKKOS_INLINE_FUNCTION static constexpr double monomial(int m, int k) {
    constexpr double values[][3] = {{13.121638910345694809, -1.3333333333333333333, 0.2116944229876385247},
                                    {-41.031583397703751093, 13.333333333333333333, -2.3017499356295822408},
                                    {29.576611154024722951, -13.333333333333333333, 3.7567221793086103827}};
    return values[m][k];
  }
};

}  // namespace antler::inline ANTLER_LANES
