// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "antler/core/lane_rows.hpp"
#include "antler/core/step_polynomial.hpp"
#include "antler/discretization/collocation_step.hpp"

namespace antler::inline ANTLER_LANES {

/// The numbers of a window of collocation steps, in blocks of as many steps as a vector has lanes, each block in one piece of
/// memory; and what concerns the unknowns of one block alone.
///
/// @tparam U       lanes of T, or T
/// @tparam Method  a CollocationTableau
template <class U, int n, class Method>
class CollocationBlocks {
 public:
  using T = scalar_of<U>;
  static constexpr int s = Method::stages, width = lane_count<U>;
  /// Of degree s, or a predictor's.
  using Polynomial = StepPolynomial<T, n, (s > 3 ? s : 3)>;

  /// Numbers that a step takes.
  static constexpr int real_rows = Method::has_real ? n * n : 0, pair_rows = Method::pairs * n * n;
  static constexpr int rows_per_step = 6 + (2 * s + 4) * n + n * n + real_rows + 2 * pair_rows;

 private:
  LaneArena<U> arena_;

 public:
  LaneRows<U, 1> t, h;               ///< start and length of a step
  LaneRows<U, 1> update, residual;   ///< squared norms: of the update that was applied last, of the one that the residual calls for
  LaneRows<U, 1> pending, error;     ///< squared norms: of the update that is due, of the error estimate
  LaneRows<U, n> y, weight, end, d;  ///< first value, reciprocal weights there, value at the end, change of the first value
  LaneRows<U, s * n> w, p;           ///< transformed stages, and their local update
  LaneRows<U, n * n> a;              ///< d end / d y
  LaneRows<U, real_rows> real;       ///< (gamma / h - J)^{-1}
  LaneRows<U, pair_rows> pair_re, pair_im;  ///< ((alpha + i beta) / h - J)^{-1}, one pair after the other

  explicit CollocationBlocks(Index capacity)
      : arena_("antler::window", rows_per_step, capacity),
        t(arena_.template take<1>()),
        h(arena_.template take<1>()),
        update(arena_.template take<1>()),
        residual(arena_.template take<1>()),
        pending(arena_.template take<1>()),
        error(arena_.template take<1>()),
        y(arena_.template take<n>()),
        weight(arena_.template take<n>()),
        end(arena_.template take<n>()),
        d(arena_.template take<n>()),
        w(arena_.template take<s * n>()),
        p(arena_.template take<s * n>()),
        a(arena_.template take<n * n>()),
        real(arena_.template take<real_rows>()),
        pair_re(arena_.template take<pair_rows>()),
        pair_im(arena_.template take<pair_rows>()) {}

  /// Block `to` becomes what block `from` is.
  void copy(Index from, Index to) const { arena_.copy_block(from, to); }

  /// The unknowns of a block from polynomials: step l from point[l] to point[l + 1] takes pieces[piece_of[l]].
  template <int degree>
  void guess(Index block, const double* point, const StepPolynomial<T, n, degree>* pieces, const int* piece_of) const {
    const StepPolynomial<T, n, degree>* piece[width];
    for (int l = 0; l < width; ++l) piece[l] = &pieces[piece_of[l]];
    const U length = from_lanes<U>([&](int l) { return static_cast<T>(point[l + 1] - point[l]); });
    const U inverse_length = U(1) / from_lanes<U>([&](int l) { return static_cast<T>(piece[l]->h); });
    const U start = from_lanes<U>([&](int l) { return static_cast<T>(point[l] - piece[l]->t); }) * inverse_length;
    const U scale = length * inverse_length;
    t.set(block, 0, from_lanes<U>([&](int l) { return static_cast<T>(point[l]); }));
    h.set(block, 0, length);
    Stages<U, n, Method> z;
    Vector<U, n> first_value;
    for (int c = 0; c < n; ++c) {
      U coefficient[degree + 1];
      coefficient[0] = from_lanes<U>([&](int l) { return piece[l]->y[c]; });
      for (int m = 0; m < degree; ++m) coefficient[m + 1] = from_lanes<U>([&](int l) { return piece[l]->c(m, c); });
      const auto increment = [&](const U& at) {
        U sum = coefficient[degree];
        for (int m = degree - 1; m > 0; --m) sum = multiply_add(sum, at, coefficient[m]);
        return sum * at;
      };
      const U first = increment(start);
      first_value[c] = coefficient[0] + first;
      for (int k = 0; k < s; ++k) z(k, c) = increment(multiply_add(scale, U(Method::c(k)), start)) - first;
    }
    y.set_vector(block, first_value);
    w.set_matrix(block, to_transformed<Method, U, n>(z));
  }

  /// Step i as a polynomial.
  [[nodiscard]] Polynomial polynomial(Index i) const {
    Polynomial piece{t.at(i, 0), h.at(i, 0), {}, {}};
    for (int c = 0; c < n; ++c) {
      piece.y[c] = y.at(i, c);
      T z[s];
      for (int k = 0; k < s; ++k) {
        z[k] = 0;
        for (int l = 0; l < s; ++l) z[k] += static_cast<T>(Method::T(k, l)) * w.at(i, l * n + c);
      }
      for (int m = 0; m < s; ++m) {
        T sum = 0;
        for (int k = 0; k < s; ++k) sum += static_cast<T>(Method::monomial(m, k)) * z[k];
        piece.c(m, c) = sum;
      }
    }
    return piece;
  }

  /// The value at the end of step i.
  [[nodiscard]] Vector<T, n> end_of(Index i) const {
    Vector<T, n> value;
    for (int c = 0; c < n; ++c) {
      T sum = y.at(i, c);
      for (int k = 0; k < s; ++k) sum += static_cast<T>(detail::end_weight<Method>(k)) * w.at(i, k * n + c);
      value[c] = sum;
    }
    return value;
  }

  /// The inverses of a block where they lie: each entry is loaded when it is needed.
  struct StoredInverse {
    const CollocationBlocks& rows;
    Index block;

    [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION U real_entry(int i, int j) const { return rows.real.get(block, i * n + j); }
    [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION Complex<U> pair_entry(int q, int i, int j) const {
      return {rows.pair_re.get(block, (q * n + i) * n + j), rows.pair_im.get(block, (q * n + i) * n + j)};
    }
  };
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION StoredInverse inverse(Index block) const { return {*this, block}; }

  /// See error_filter().
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION Matrix<U, n> filter(Index block) const {
    Matrix<U, n> filter;
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < n; ++j) filter(i, j) = Method::has_real ? real.get(block, i * n + j) : pair_re.get(block, i * n + j);
    return filter;
  }
};

}  // namespace antler::inline ANTLER_LANES
