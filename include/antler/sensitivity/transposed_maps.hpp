// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The transposed system of a recursion y_i = sum_p A_p,i y_{i-p} + b_i, i = 0 .. N - 1, backwards in time:
///
///     lambda_i = sum_p A_p,{i+p}^T lambda_{i+p} + c_i,     i = N - 1 .. -P,     lambda_i = 0 for i >= N.
///
/// The rows i = -1 .. -P stand for the P values before the recursion: with c the derivative of a number with respect to y_0 ..
/// y_{N-1} at fixed maps, lambda_i is the derivative with respect to b_i, and lambda_{-q} that with respect to y_{-q}.
///
/// Read from the end, row k = N - 1 - i, this is a recursion of the same kind with the transposed matrices. So it is laid out that
/// way, by whoever computes the matrices, and every inverse operator of `inverse/` solves it as it is: nothing is copied, and there
/// is no second scan to keep right.

#include <algorithm>

#include "antler/deer/affine_maps.hpp"
#include "antler/inverse/scan.hpp"

namespace antler::inline ANTLER_LANES {

/// One lag's maps, or those of several lags.
template <class T, int n, int lags, class ExecutionSpace>
using RecursionMaps = std::conditional_t<lags == 1, AffineMaps<T, n, ExecutionSpace>, LaggedMaps<T, n, lags, ExecutionSpace>>;

/// The matrices of lag p (from 0) of either kind.
template <class T, int n, class ExecutionSpace>
KOKKOS_FORCEINLINE_FUNCTION const Matrices<T, n, ExecutionSpace>& matrices_of(const AffineMaps<T, n, ExecutionSpace>& maps,
                                                                              int /*p*/) {
  return maps.A;
}
template <class T, int n, int lags, class ExecutionSpace>
KOKKOS_FORCEINLINE_FUNCTION const Matrices<T, n, ExecutionSpace>& matrices_of(const LaggedMaps<T, n, lags, ExecutionSpace>& maps,
                                                                              int p) {
  return maps.A[static_cast<size_t>(p)];
}

/// Views of a transposed system, for kernels: written step by step in the indices of the recursion, kept in the order of row k.
template <class T, int n, int lags, class ExecutionSpace>
struct TransposedMaps {
  RecursionMaps<T, n, lags, ExecutionSpace> backward;  // row k holds A_p^T and c of i = N - 1 - k, N + P rows
  Index length;                                        // N

  /// Row of lambda_i, -P <= i < N.
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION Index row(Index i) const { return length - 1 - i; }

  /// A_p,i <- a, p = 0 .. P - 1 for lags 1 .. P (with lanes: steps i, i + 1, ..., as far as there are).
  template <class U>
  KOKKOS_FORCEINLINE_FUNCTION void set_matrix(int p, Index i, const Matrix<U, n>& a) const {
    const auto& A = matrices_of(backward, p);
    const Index to = row(i - p - 1);
    for (int c = 0; c < n; ++c)
      for (int r = 0; r < n; ++r) {  // rows of the transposed matrix are written one after the other
        scalar_of<U> entry[lane_count<U>];
        store(entry, a(r, c));
        for (int l = 0; l < lane_count<U> && i + l < length; ++l) A(to - l, c, r) = entry[l];
      }
  }
};

namespace detail {

/// Kernel, j < 2 P: no matrix leads to the last rows of the recursion from behind it, and none from one row before it to another.
template <class T, int n, int lags, class ExecutionSpace>
struct ClearEnds {
  TransposedMaps<T, n, lags, ExecutionSpace> maps;

  KOKKOS_INLINE_FUNCTION void operator()(Index j) const {
    const Index k = j < lags ? j : maps.length + j - lags;
    for (int p = 0; p < lags; ++p) scatter_matrix(Matrix<T, n>{}, matrices_of(maps.backward, p), k);
  }
};

}  // namespace detail

/// The storage of a transposed system of N steps and the inverse operator that solves it. Allocates in its constructor only.
template <class T, int n, int lags, class Inverse, class ExecutionSpace>
class TransposedSystem {
 public:
  using Maps = TransposedMaps<T, n, lags, ExecutionSpace>;
  using States = Trajectory<T, n, ExecutionSpace>;
  using Plan = decltype(std::declval<const Inverse&>().template plan<T, n, lags>(std::declval<const ExecutionSpace&>(), Index{}));

  static std::size_t required_bytes(Index steps) {
    std::size_t needed = static_cast<std::size_t>(steps + lags) * n * (n * lags + 2) * sizeof(T);
    if constexpr (requires { Plan::required_bytes(steps); }) needed += Plan::required_bytes(steps + lags);
    return needed;
  }

  TransposedSystem(const ExecutionSpace& space, const Inverse& inverse, Index steps)
      : plan_(inverse.template plan<T, n, lags>(space, steps + lags)) {
    maps_.length = steps;
    maps_.backward.b = allocate<States>("antler::transposed::c", steps + lags);
    lambda_ = allocate<States>("antler::transposed::lambda", steps + lags);
    if constexpr (lags == 1) {
      maps_.backward.A = allocate<Matrices<T, n, ExecutionSpace>>("antler::transposed::A", steps + lags);
    } else {
      for (size_t p = 0; p < lags; ++p)
        maps_.backward.A[p] = allocate<Matrices<T, n, ExecutionSpace>>("antler::transposed::A", steps + lags);
    }
    parallel_for("antler::transposed::clear", space, 2 * lags, n * n, detail::ClearEnds<T, n, lags, ExecutionSpace>{maps_});
  }

  [[nodiscard]] Index steps() const { return maps_.length; }
  /// To be filled in: all matrices by set_matrix, all rows of backward.b, those of i < 0 included.
  [[nodiscard]] const Maps& maps() const { return maps_; }
  /// lambda_i in row maps().row(i), after solve().
  [[nodiscard]] const States& lambda() const { return lambda_; }

  /// @note N affine maps of n components: see the inverse operator.
  Status solve(const ExecutionSpace& space) const { return plan_.apply(space, maps_.backward, lambda_); }

 private:
  Maps maps_;
  States lambda_;
  Plan plan_;
};

/// Solves the transposed system of given maps: y_i = A_i y_{i-1} + b_i backwards, for who has the maps of a forward solve.
///
/// @tparam Inverse  AutomaticInverse, ScanInverse or SequentialInverse
/// @note Writes the matrices once more, transposed: N n^2 numbers read and written on top of the inverse operator's work.
template <class Inverse = AutomaticInverse>
struct TransposedInverse {
  Inverse inverse{};

  /// @param maps     A of shape (N, n, n); b is not looked at
  /// @param right    c_0 .. c_{N-1}, shape (N, n)
  /// @param lambda   out: lambda_0 .. lambda_{N-1}, shape (N, n); may be `right`
  /// @param initial  out: A_0^T lambda_0, the derivative with respect to the state before the first map; zero when N = 0
  /// @throws InvalidArgument  extents disagree
  template <class T, int n, class ExecutionSpace>
  Status apply(const ExecutionSpace& space, const AffineMaps<T, n, ExecutionSpace>& maps,
               const Trajectory<T, n, ExecutionSpace>& right, const Trajectory<T, n, ExecutionSpace>& lambda, Vector<T, n>& initial,
               const SourceLocation& where = SourceLocation::current()) const {
    const Index length = static_cast<Index>(maps.A.extent(0));
    require(static_cast<Index>(right.extent(0)) == length && static_cast<Index>(lambda.extent(0)) == length,
            "the right-hand side and lambda must have one row per affine map", where);
    const TransposedSystem<T, n, 1, Inverse, ExecutionSpace> system(space, inverse, length);
    const auto transposed = system.maps();
    parallel_for(
        "antler::transposed::fill", space, length + 1, n * n, KOKKOS_LAMBDA(const Index k) {
          const Index i = length - 1 - k;
          scatter_row(i < 0 ? Vector<T, n>{} : gather_row<T, n>(right, i), transposed.backward.b, k);
          if (i >= 0) transposed.set_matrix(0, i, gather_matrix<T, n>(maps.A, i));
        });
    const Status status = system.solve(space);
    const auto solved = system.lambda();
    parallel_for(
        "antler::transposed::turn", space, length, n,
        KOKKOS_LAMBDA(const Index i) { scatter_row(gather_row<T, n>(solved, length - 1 - i), lambda, i); });
    const auto before = Kokkos::subview(solved, std::make_pair(length, length + 1), Kokkos::ALL());
    const auto mirror = Kokkos::create_mirror_view(before);
    Kokkos::deep_copy(mirror, before);
    for (int c = 0; c < n; ++c) initial[c] = mirror(0, c);
    return status;
  }
};

}  // namespace antler::inline ANTLER_LANES
