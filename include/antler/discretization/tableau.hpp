// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Collocation methods as tableaux: on a step from (t, y) to (t + h, y_next) the stage increments Z_k = Y_k - y solve
///
///     Z_k = h sum_l a_kl f(t + c_l h, y + Z_l),     y_next = y + sum_k v_k Z_k,   v = b^T A^{-1}.
///
/// Newton's matrix is block-diagonal after the transformation A^{-1} = T Lambda T^{-1}, with Lambda real up to s / 2 complex pairs
/// [HairerWanner1996, sec. IV.8]: Lambda = diag(gamma, [[alpha, -beta], [beta, alpha]], ...). Transformed stages are W = T^{-1} Z;
/// the one of the real eigenvalue comes first where there is one. c, a and T are computed in 50 digits from the zeros of Legendre
/// polynomials. Coefficients are functions, since device code cannot read a class' static arrays.

#include <Kokkos_Macros.hpp>

#include <concepts>

#include "antler/core/config.hpp"

namespace antler::inline ANTLER_LANES {

/// A collocation method: `RadauIIA<s>`, s = 1 .. 5, or `Gauss<s>`, s = 1, 2, 3.
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
  static constexpr int pairs = 0;
  static constexpr bool has_real = true;
  KOKKOS_INLINE_FUNCTION static constexpr double alpha(int /*no pair*/) { return 0; }
  KOKKOS_INLINE_FUNCTION static constexpr double beta(int /*no pair*/) { return 0; }
  static constexpr double gamma = 1;
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
  static constexpr int pairs = 1;
  static constexpr bool has_real = false;
  static constexpr double gamma = 0;
  KOKKOS_INLINE_FUNCTION static constexpr double alpha(int /*pair*/ = 0) { return 2; }
  KOKKOS_INLINE_FUNCTION static constexpr double beta(int /*pair*/ = 0) { return 1.4142135623730950488; }
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
  static constexpr int pairs = 1;
  static constexpr bool has_real = true;
  static constexpr double gamma = 3.6378342527444957322;
  KOKKOS_INLINE_FUNCTION static constexpr double alpha(int /*pair*/ = 0) { return 2.6810828736277521339; }
  KOKKOS_INLINE_FUNCTION static constexpr double beta(int /*pair*/ = 0) { return 3.0504301992474105694; }
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
struct RadauIIA<4> {
  static constexpr int stages = 4, order = 7;
  static constexpr int pairs = 2;
  static constexpr bool has_real = false;
  static constexpr double gamma = 0;
  KOKKOS_INLINE_FUNCTION static constexpr double alpha(int pair) {
    constexpr double values[] = {4.7871931031284660171, 3.2128068968715339829};
    return values[pair];
  }
  KOKKOS_INLINE_FUNCTION static constexpr double beta(int pair) {
    constexpr double values[] = {1.5674764168952081241, 4.7730874332766424998};
    return values[pair];
  }
  KOKKOS_INLINE_FUNCTION static constexpr double c(int k) {
    constexpr double values[] = {0.088587959512703947396, 0.40946686444073471086, 0.78765946176084705603, 1};
    return values[k];
  }
  KOKKOS_INLINE_FUNCTION static constexpr double v(int k) {
    constexpr double values[] = {0, 0, 0, 1};
    return values[k];
  }
  KOKKOS_INLINE_FUNCTION static constexpr double T(int k, int l) {
    constexpr double values[][4] = {
        {-0.011780899273297091921, 0.035450329928507234964, 0.064381219342198336096, -0.045216236001140147866},
        {0.046344479015544714113, 0.032207307605584140291, -0.195002019845278749, 0.029553786697798815549},
        {0.33684760745917323469, 0.12606662117475273399, 0.29209982061323891497, 0.43387812057821367027},
        {1, 0, 1, 0}};
    return values[k][l];
  }
  KOKKOS_INLINE_FUNCTION static constexpr double inverse_T(int k, int l) {
    constexpr double values[][4] = {
        {-1.780330888122077322, 3.6622496273331670959, -0.43499129586490094269, 0.95582682740792307929},
        {17.961306567496396765, 5.3890869803980256691, 1.5047422733833986389, -0.54502291961939194564},
        {1.780330888122077322, -3.6622496273331670959, 0.43499129586490094269, 0.044173172592076920706},
        {-5.035182140182214757, -1.9435447710807653042, 1.9124428826628491654, -0.61344821318437208085}};
    return values[k][l];
  }
  KOKKOS_INLINE_FUNCTION static constexpr double monomial(int m, int k) {
    constexpr double values[][4] = {{17.807585234514507685, -2.377913037068107142, 0.82032780255359945731, -0.25},
                                    {-83.905499604680415086, 32.23926923654385441, -12.083769631863439324, 3.75},
                                    {121.31173176226276163, -63.940037031511531293, 33.878305269248769667, -11.25},
                                    {-55.213817392096854225, 34.078680832035784024, -22.6148634399389298, 8.75}};
    return values[m][k];
  }
};

template <>
struct RadauIIA<5> {
  static constexpr int stages = 5, order = 9;
  static constexpr int pairs = 2;
  static constexpr bool has_real = true;
  static constexpr double gamma = 6.2867047517292766452;
  KOKKOS_INLINE_FUNCTION static constexpr double alpha(int pair) {
    constexpr double values[] = {5.7009532986717894192, 3.6556943254635722582};
    return values[pair];
  }
  KOKKOS_INLINE_FUNCTION static constexpr double beta(int pair) {
    constexpr double values[] = {3.2102656003085498884, 6.543736899360077294};
    return values[pair];
  }
  KOKKOS_INLINE_FUNCTION static constexpr double c(int k) {
    constexpr double values[] = {0.057104196114517682193, 0.27684301363812382768, 0.58359043236891682006, 0.86024013565621944785,
                                 1};
    return values[k];
  }
  KOKKOS_INLINE_FUNCTION static constexpr double v(int k) {
    constexpr double values[] = {0, 0, 0, 0, 1};
    return values[k];
  }
  KOKKOS_INLINE_FUNCTION static constexpr double T(int k, int l) {
    constexpr double values[][5] = {
        {0.013576867344947943248, -0.011478515255229514708, -0.014019858892875410281, -0.01024204781790882707,
         0.047673877290295723863},
        {0.0016179004017190874764, -0.0076688307491801628852, 0.024708578426518526813, 0.050172864517371058163,
         -0.094331819181611436981},
        {0.079157853347447207645, 0.019398463998828950911, 0.081800353703751170836, -0.23053953404341794672,
         0.10270304538012589979},
        {0.41225608268046145198, 0.40760117128019906662, 0.19968242788680252594, 0.37789390224886124954, 0.46674413033249435929},
        {1, 1, 0, 1, 0}};
    return values[k][l];
  }
  KOKKOS_INLINE_FUNCTION static constexpr double inverse_T(int k, int l) {
    constexpr double values[][5] = {
        {27.697693775684088409, 12.783337911304406015, 3.2084893867134298598, -0.95149041224891622127, 0.74155049602598960335},
        {-33.041880213519000008, -17.376953479063567019, -0.17212906325400556115, -0.099169777982542642588, 0.53122811583830666718},
        {-8.6114439798752919777, 9.6999914095288082313, 1.9147286396968742849, 2.4186920060849400264, -1.0474634879353374187},
        {5.3441864378349115989, 4.5936155677591610045, -3.0363603234594242986, 1.0506601902314588639, -0.27277861186429627054},
        {3.7480598074398048601, -3.9849657363438846673, -1.0444156416080187929, 1.1840985681379484872, -0.4499177701567803689}};
    return values[k][l];
  }
  KOKKOS_INLINE_FUNCTION static constexpr double monomial(int m, int k) {
    constexpr double values[][5] = {
        {27.780933944064637305, -3.6414784980492131527, 1.2525477211691187205, -0.59200316718454287257, 0.2},
        {-208.02785730090133638, 77.883376055117827854, -29.16741431782969683, 14.111895563613205358, -4.8},
        {524.18788396949183166, -264.8949135682263519, 137.9029044041347844, -72.395874805400264155, 25.2},
        {-543.82835603613249205, 317.67586907995273383, -202.09087094360742643, 123.04335789978718465, -44.8},
        {199.88739542347735947, -127.02285306879499662, 92.102833136133220138, -64.167375490815582985, 25.2}};
    return values[m][k];
  }
};

template <>
struct Gauss<1> {
  static constexpr int stages = 1, order = 2;
  static constexpr int pairs = 0;
  static constexpr bool has_real = true;
  KOKKOS_INLINE_FUNCTION static constexpr double alpha(int /*no pair*/) { return 0; }
  KOKKOS_INLINE_FUNCTION static constexpr double beta(int /*no pair*/) { return 0; }
  static constexpr double gamma = 2;
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
  static constexpr int pairs = 1;
  static constexpr bool has_real = false;
  static constexpr double gamma = 0;
  KOKKOS_INLINE_FUNCTION static constexpr double alpha(int /*pair*/ = 0) { return 3; }
  KOKKOS_INLINE_FUNCTION static constexpr double beta(int /*pair*/ = 0) { return 1.7320508075688772935; }
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
  static constexpr int pairs = 1;
  static constexpr bool has_real = true;
  static constexpr double gamma = 4.6443707092521711858;
  KOKKOS_INLINE_FUNCTION static constexpr double alpha(int /*pair*/ = 0) { return 3.6778146453739144071; }
  KOKKOS_INLINE_FUNCTION static constexpr double beta(int /*pair*/ = 0) { return 3.5087619195674433219; }
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
