// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Simplified Newton for one collocation step (or one per SIMD lane), in transformed stages W = T^{-1} Z [HairerWanner1996, sec.
/// IV.8]:
///
///     (Lambda / h - J) dW = T^{-1} F - Lambda W / h + tau J d,     tau = T^{-1} (1, ..., 1),
///
/// with d the change of the step's first value, which parallel in time is an unknown too. With E = (lambda / h - J)^{-1}, one
/// matrix for the real eigenvalue and one for each complex pair, and E J = lambda / h E - 1:
///
///     dW = p + tau (lambda / h E - 1) d,   p = E (T^{-1} F - Lambda W / h)
///     d_next = A d + b,   A = 1 + v^T T tau (lambda / h E - 1),   b = v^T T p.

#include "antler/core/inverse_matrix.hpp"
#include "antler/core/unrolled.hpp"
#include "antler/discretization/tableau.hpp"

namespace antler::inline ANTLER_LANES {

/// E = (lambda / h - J)^{-1} for the real eigenvalue and for the complex pairs of the method. What is templated over `Inverse`
/// below takes this one, or one that reads the entries from where they are stored.
template <class U, int n, int pairs = 1>
struct StepInverse {
  Matrix<U, n> real;
  Matrix<Complex<U>, n> pair[pairs > 0 ? pairs : 1];

  KOKKOS_FORCEINLINE_FUNCTION U real_entry(int i, int j) const { return real(i, j); }
  KOKKOS_FORCEINLINE_FUNCTION Complex<U> pair_entry(int q, int i, int j) const { return pair[q](i, j); }
};

/// The one of a method.
template <class U, int n, class Method>
using StepInverseOf = StepInverse<U, n, Method::pairs>;

/// The values of all stages of a step: Z, F or W, row k is stage k.
template <class U, int n, class Method>
using Stages = Matrix<U, Method::stages, n>;

namespace detail {

/// Row sums of T^{-1}.
template <class Method>
KOKKOS_FORCEINLINE_FUNCTION constexpr double tau(int k) {
  double sum = 0;
  for (int l = 0; l < Method::stages; ++l) sum += Method::inverse_T(k, l);
  return sum;
}

/// Component k of v^T T: what a transformed stage adds to the end of the step.
template <class Method>
KOKKOS_FORCEINLINE_FUNCTION constexpr double end_weight(int k) {
  double sum = 0;
  for (int l = 0; l < Method::stages; ++l) sum += Method::v(l) * Method::T(l, k);
  return sum;
}

/// Part of transformed stage l in the error estimate.
template <class Method>
KOKKOS_FORCEINLINE_FUNCTION constexpr double transformed_estimate_weight(int l) {
  double sum = 0;
  for (int k = 0; k < Method::stages; ++k) sum += estimate_weight<Method>(k) * Method::T(k, l);
  return sum;
}

/// Index of the first transformed stage of complex pair q.
template <class Method, int q = 0>
inline constexpr int pair_stage = 2 * q + (Method::has_real ? 1 : 0);

/// sum_k weight(k) x_k over the rows of X, with weights known when it is compiled.
template <class U, int s, int n, class Weights>
KOKKOS_FORCEINLINE_FUNCTION Vector<U, n> weighted_sum(Weights, const Matrix<U, s, n>& x) {
  Vector<U, n> sum;
  for (int c = 0; c < n; ++c) sum[c] = U(0);
  unrolled<s>([&](auto k) ANTLER_INLINED {
    constexpr double weight = Weights{}(k);
    for (int c = 0; c < n; ++c) sum[c] = multiply_add(U(weight), x(k, c), sum[c]);
  });
  return sum;
}

/// C X for a matrix of coefficients c(k, l), known when it is compiled; zeros cost nothing.
template <class U, int s, int n, class Coefficients>
KOKKOS_FORCEINLINE_FUNCTION Matrix<U, s, n> combined(Coefficients, const Matrix<U, s, n>& x) {
  Matrix<U, s, n> y;
  unrolled<s>([&](auto k) ANTLER_INLINED {
    constexpr double first = Coefficients{}(k, 0);
    for (int c = 0; c < n; ++c) y(k, c) = U(first) * x(0, c);
    unrolled<s - 1>([&](auto before) ANTLER_INLINED {
      constexpr int l = before + 1;
      constexpr double coefficient = Coefficients{}(k, l);
      if constexpr (coefficient != 0)
        for (int c = 0; c < n; ++c) y(k, c) = multiply_add(U(coefficient), x(l, c), y(k, c));
    });
  });
  return y;
}

}  // namespace detail

/// Stage k of the step from y, y + (T W)_k.
template <class Method, int k, class U, int n>
KOKKOS_FORCEINLINE_FUNCTION Vector<U, n> stage_of_transformed(const Vector<U, n>& y, const Stages<U, n, Method>& w) {
  Vector<U, n> stage = y;
  detail::unrolled<Method::stages>([&](auto l) ANTLER_INLINED {
    constexpr double coefficient = Method::T(k, l);
    if constexpr (coefficient != 0)
      for (int c = 0; c < n; ++c) stage[c] = multiply_add(U(coefficient), w(l, c), stage[c]);
  });
  return stage;
}

/// sum_k e_k Z_k with the weights of the error estimate, from W = T^{-1} Z.
template <class Method, class U, int n>
KOKKOS_FORCEINLINE_FUNCTION Vector<U, n> estimate_of_transformed(const Stages<U, n, Method>& w) {
  return detail::weighted_sum([](int k) { return detail::transformed_estimate_weight<Method>(k); }, w);
}

/// Z = T W.
template <class Method, class U, int n>
KOKKOS_FORCEINLINE_FUNCTION Stages<U, n, Method> from_transformed(const Stages<U, n, Method>& w) {
  return detail::combined([](int k, int l) { return Method::T(k, l); }, w);
}

/// W = T^{-1} Z.
template <class Method, class U, int n>
KOKKOS_FORCEINLINE_FUNCTION Stages<U, n, Method> to_transformed(const Stages<U, n, Method>& z) {
  return detail::combined([](int k, int l) { return Method::inverse_T(k, l); }, z);
}

/// The increment of the step, y_next - y = v^T Z = v^T T W.
template <class Method, class U, int n>
KOKKOS_FORCEINLINE_FUNCTION Vector<U, n> end_increment(const Stages<U, n, Method>& w) {
  return detail::weighted_sum([](int k) { return detail::end_weight<Method>(k); }, w);
}

/// E from the Jacobian of the step and 1 / h. Rows are exchanged only in blocks in which some lane needs it.
template <class Method, class U, int n>
KOKKOS_FORCEINLINE_FUNCTION StepInverseOf<U, n, Method> step_inverse(const Matrix<U, n>& jacobian, const U& inverse_h) {
  StepInverseOf<U, n, Method> e;
  if constexpr (Method::has_real) {
    const auto form = [&] {
      for (int i = 0; i < n; ++i) {
        for (int j = 0; j < n; ++j) e.real(i, j) = -jacobian(i, j);
        e.real(i, i) += U(Method::gamma) * inverse_h;
      }
    };
    form();
    if (!all(invert_unpivoted<U>(e.real, U(1)))) {
      form();
      invert_pivoted<U>(e.real, U(1));
    }
  }
  detail::unrolled<Method::pairs>([&](auto q) ANTLER_INLINED {
    auto& pair = e.pair[q];
    const auto form = [&] {
      for (int i = 0; i < n; ++i) {
        for (int j = 0; j < n; ++j) pair(i, j) = {-jacobian(i, j), U(0)};
        pair(i, i) += Complex<U>{U(Method::alpha(q)) * inverse_h, U(Method::beta(q)) * inverse_h};
      }
    };
    const Complex<U> one{U(1), U(0)};
    form();
    if (!all(invert_unpivoted<U>(pair, one))) {
      form();
      invert_pivoted<U>(pair, one);
    }
  });
  return e;
}

/// What damps stiff components in an error estimate: the inverse of the real eigenvalue, or the real part of the first pair's,
/// which has no zero and no pole in the left half plane either and falls like 1 / |J|, too.
template <class Method, class U, int n>
KOKKOS_FORCEINLINE_FUNCTION Matrix<U, n> error_filter(const StepInverseOf<U, n, Method>& e) {
  if constexpr (Method::has_real) {
    return e.real;
  } else {
    Matrix<U, n> filter;
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < n; ++j) filter(i, j) = e.pair[0](i, j).re;
    return filter;
  }
}

namespace detail {

/// Products of the constants of complex pair q: lambda = alpha + i beta, tau = tau_re + i tau_im, w the weights of the step's end.
template <class Method, int q>
struct PairProducts {
  static constexpr int p = pair_stage<Method, q>;
  static constexpr double t_re = tau<Method>(p), t_im = tau<Method>(p + 1);
  static constexpr double l_re = t_re * Method::alpha(q) - t_im * Method::beta(q);  // tau lambda
  static constexpr double l_im = t_re * Method::beta(q) + t_im * Method::alpha(q);
  static constexpr double w_re = end_weight<Method>(p), w_im = end_weight<Method>(p + 1);
  static constexpr double end_re = w_re * l_re + w_im * l_im;  // (w_re Re + w_im Im)(tau (lambda / h E - 1)): h times Re E's
  static constexpr double end_im = w_im * l_re - w_re * l_im;  // h times that of Im E
  static constexpr double end_one = w_re * t_re + w_im * t_im;
};

/// What the real eigenvalue adds to A, over gamma / h E - 1.
template <class Method>
inline constexpr double real_end = end_weight<Method>(0) * tau<Method>(0);

}  // namespace detail

/// A, the derivative of the step's end with respect to its start.
template <class Method, class U, int n>
KOKKOS_FORCEINLINE_FUNCTION Matrix<U, n> end_derivative(const StepInverseOf<U, n, Method>& e, const U& inverse_h) {
  Matrix<U, n> a = Matrix<U, n>::identity();
  if constexpr (Method::has_real) {
    constexpr double weight = detail::real_end<Method>;
    for (int i = 0; i < n; ++i) {
      for (int j = 0; j < n; ++j) a(i, j) = multiply_add(U(weight * Method::gamma) * inverse_h, e.real(i, j), a(i, j));
      a(i, i) -= U(weight);
    }
  }
  detail::unrolled<Method::pairs>([&](auto q) ANTLER_INLINED {
    using P = detail::PairProducts<Method, q>;
    const U by_re = U(P::end_re) * inverse_h, by_im = U(P::end_im) * inverse_h;
    for (int i = 0; i < n; ++i) {
      for (int j = 0; j < n; ++j) a(i, j) += by_re * e.pair[q](i, j).re + by_im * e.pair[q](i, j).im;
      a(i, i) -= U(P::end_one);
    }
  });
  return a;
}

/// p = E (G - Lambda W / h), the update of the transformed stages for a fixed start of the step, G = T^{-1} F.
template <class Method, class U, int n, class Inverse>
KOKKOS_FORCEINLINE_FUNCTION Stages<U, n, Method> update_of_transformed(const Inverse& e, const U& inverse_h,
                                                                       const Stages<U, n, Method>& w,
                                                                       const Stages<U, n, Method>& g) {
  Stages<U, n, Method> out;
  if constexpr (Method::has_real) {
    Vector<U, n> r;
    for (int c = 0; c < n; ++c) r[c] = g(0, c) - U(Method::gamma) * inverse_h * w(0, c);
    for (int i = 0; i < n; ++i) {
      U sum = e.real_entry(i, 0) * r[0];
      for (int j = 1; j < n; ++j) sum = multiply_add(e.real_entry(i, j), r[j], sum);
      out(0, i) = sum;
    }
  }
  detail::unrolled<Method::pairs>([&](auto q) ANTLER_INLINED {
    constexpr int p = detail::pair_stage<Method, q>;
    const U a = U(Method::alpha(q)) * inverse_h, b = U(Method::beta(q)) * inverse_h;
    Vector<U, n> r_re, r_im;
    for (int c = 0; c < n; ++c) {
      r_re[c] = g(p, c) - (a * w(p, c) - b * w(p + 1, c));
      r_im[c] = g(p + 1, c) - (b * w(p, c) + a * w(p + 1, c));
    }
    for (int i = 0; i < n; ++i) {
      U by_re_re(0), by_im_im(0), by_re_im(0), by_im_re(0);  // four chains of additions, not two of twice the length
      for (int j = 0; j < n; ++j) {
        const Complex<U> entry = e.pair_entry(q, i, j);
        by_re_re = multiply_add(entry.re, r_re[j], by_re_re);
        by_im_im = multiply_add(entry.im, r_im[j], by_im_im);
        by_re_im = multiply_add(entry.re, r_im[j], by_re_im);
        by_im_re = multiply_add(entry.im, r_re[j], by_im_re);
      }
      out(p, i) = by_re_re - by_im_im;
      out(p + 1, i) = by_re_im + by_im_re;
    }
  });
  return out;
}

/// The same from F.
template <class Method, class U, int n, class Inverse>
KOKKOS_FORCEINLINE_FUNCTION Stages<U, n, Method> local_update(const Inverse& e, const U& inverse_h, const Stages<U, n, Method>& w,
                                                              const Stages<U, n, Method>& f) {
  return update_of_transformed<Method, U, n>(e, inverse_h, w, to_transformed<Method, U, n>(f));
}

/// tau (lambda / h E M - 1) d, what a change d of the step's start adds to the transformed stages.
/// @param md  M d, where the equation is M y' = f: then E = (lambda / h M - J)^{-1}
template <class Method, class U, int n, class Inverse>
KOKKOS_FORCEINLINE_FUNCTION Stages<U, n, Method> start_update(const Inverse& e, const U& inverse_h, const Vector<U, n>& d,
                                                              const Vector<U, n>& md) {
  Stages<U, n, Method> out;
  if constexpr (Method::has_real) {
    constexpr double tau = detail::tau<Method>(0);
    const U lambda = U(Method::gamma) * inverse_h;
    for (int i = 0; i < n; ++i) {
      U ed = e.real_entry(i, 0) * md[0];
      for (int j = 1; j < n; ++j) ed = multiply_add(e.real_entry(i, j), md[j], ed);
      out(0, i) = U(tau) * (lambda * ed - d[i]);
    }
  }
  detail::unrolled<Method::pairs>([&](auto q) ANTLER_INLINED {
    // tau lambda / h (E d) - tau d, the products of the constants formed beforehand
    using P = detail::PairProducts<Method, q>;
    const U l_re = U(P::l_re) * inverse_h, l_im = U(P::l_im) * inverse_h;
    for (int i = 0; i < n; ++i) {
      U re(0), im(0);
      for (int j = 0; j < n; ++j) {
        const Complex<U> entry = e.pair_entry(q, i, j);
        re = multiply_add(entry.re, md[j], re);
        im = multiply_add(entry.im, md[j], im);
      }
      out(P::p, i) = l_re * re - l_im * im - U(P::t_re) * d[i];
      out(P::p + 1, i) = l_im * re + l_re * im - U(P::t_im) * d[i];
    }
  });
  return out;
}

/// The same for y' = f, where M d = d.
template <class Method, class U, int n, class Inverse>
KOKKOS_FORCEINLINE_FUNCTION Stages<U, n, Method> start_update(const Inverse& e, const U& inverse_h, const Vector<U, n>& d) {
  return start_update<Method, U, n>(e, inverse_h, d, d);
}

}  // namespace antler::inline ANTLER_LANES
