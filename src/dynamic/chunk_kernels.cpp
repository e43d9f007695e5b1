// SPDX-License-Identifier: BSD-3-Clause
#include "dynamic/chunk_kernels.hpp"

#include <algorithm>
#include <cstring>

#include "antler/discretization/tableau.hpp"
#include "dynamic/chunk_cells.hpp"

/// @file
/// One body for real and complex entries and every bandwidth.

namespace antler::dynamic {

namespace {

using chunks::Complex;
using chunks::Real;
using chunks::V;
using Method = RadauIIA<3>;
constexpr std::ptrdiff_t lanes = Line::lanes;

/// The entries of a matrix whose bandwidths are b.
template <class Cell, int b>
struct Band {
  static constexpr std::ptrdiff_t width = 2 * b + 1;
  static ANTLER_INLINE Line* at(Line* lu, std::ptrdiff_t k, std::ptrdiff_t d) { return lu + Cell::lines * (k * width + b + d); }
  static ANTLER_INLINE const Line* at(const Line* lu, std::ptrdiff_t k, std::ptrdiff_t d) {
    return lu + Cell::lines * (k * width + b + d);
  }
};

/// D = L U, U with a unit diagonal of which the reciprocals of the pivots stand in the place.
template <class Cell, int b>
ANTLER_INLINE void factor_rows(std::ptrdiff_t m, const Line* minus_jacobian, double shift, double imaginary, Line* lu, V& squares) {
  using B = Band<Cell, b>;
  for (std::ptrdiff_t k = 0; k < m; ++k)
    for (std::ptrdiff_t d = -b; d <= b; ++d) {
      Cell entry;
      entry.load_real(Band<Real, b>::at(minus_jacobian, k, d));
      if (d == 0) entry.add(shift, imaginary);
      entry.store(B::at(lu, k, d));
    }
  for (std::ptrdiff_t k = 0; k < m; ++k) {
    Cell row[b + 1];
    for (int d = 0; d <= b; ++d) row[d].load(B::at(lu, k, d));
    row[0].invert();
    row[0].store(B::at(lu, k, 0));
    for (int i = 1; i <= b && k + i < m; ++i) {
      Cell factor;
      factor.load(B::at(lu, k + i, -i));
      factor.multiply(row[0]);
      factor.store(B::at(lu, k + i, -i));
      factor.add_square_to(squares);
      for (int d = 1; d <= b; ++d) {
        Cell entry;
        entry.load(B::at(lu, k + i, d - i));
        entry.subtract(factor, row[d]);
        entry.store(B::at(lu, k + i, d - i));
      }
    }
    for (int d = 1; d <= b; ++d) {
      row[d].multiply(row[0]);
      row[d].store(B::at(lu, k, d));
    }
  }
}

/// Columns of right-hand sides, row k at k columns. Entries of lu outside of the chunk meet the zeros before the first row.
template <class Cell, int b, int columns>
struct Substitution {
  Cell last[columns][b];

  ANTLER_INLINE void keep(int q, const Cell& x) {
    for (int i = b - 1; i > 0; --i) last[q][i] = last[q][i - 1];
    last[q][0] = x;
  }
  ANTLER_INLINE void forward(std::ptrdiff_t k, const Line* lu, Line* x) {
    for (int q = 0; q < columns; ++q) {
      Cell value, factor;
      value.load(x + Cell::lines * (k * columns + q));
      for (int i = b; i > 0; --i) {
        factor.load(Band<Cell, b>::at(lu, k, -i));
        value.subtract(factor, last[q][i - 1]);
      }
      value.store(x + Cell::lines * (k * columns + q));
      keep(q, value);
    }
  }
  ANTLER_INLINE void backward(std::ptrdiff_t k, const Line* lu, Line* x) {
    for (int q = 0; q < columns; ++q) {
      Cell value, factor;
      value.load(x + Cell::lines * (k * columns + q));
      factor.load(Band<Cell, b>::at(lu, k, 0));
      value.multiply(factor);
      for (int d = b; d > 0; --d) {
        factor.load(Band<Cell, b>::at(lu, k, d));
        value.subtract(factor, last[q][d - 1]);
      }
      value.store(x + Cell::lines * (k * columns + q));
      keep(q, value);
    }
  }
};

/// D^{-1} times the columns with which the neighbours enter.
template <class Cell, int b>
ANTLER_INLINE void eliminate_neighbours(std::ptrdiff_t m, const Line* minus_jacobian, ChunkMatrix& matrix) {
  const Line* lu = matrix.lu.data();
  const auto begin = [&](std::vector<Line>& columns, std::ptrdiff_t k, int q, std::ptrdiff_t d) {
    Cell entry;
    if (d >= -b && d <= b) entry.load_real(Band<Real, b>::at(minus_jacobian, k, d));
    entry.store(columns.data() + Cell::lines * (k * b + q));
  };
  std::fill(matrix.next.begin(), matrix.next.end(), Line{});
  std::fill(matrix.before.begin(), matrix.before.end(), Line{});
  for (std::ptrdiff_t k = 0; k < b; ++k)
    for (int q = 0; q < b; ++q) {
      begin(matrix.next, m - b + k, q, b + q - k);
      begin(matrix.before, k, q, q - b - k);
    }
  Substitution<Cell, b, b> next_down, before_down, next_up, before_up;
  for (std::ptrdiff_t k = m - b; k < m; ++k) next_down.forward(k, lu, matrix.next.data());
  for (std::ptrdiff_t k = 0; k < m; ++k) before_down.forward(k, lu, matrix.before.data());
  for (std::ptrdiff_t k = m; k-- > 0;) next_up.backward(k, lu, matrix.next.data());
  for (std::ptrdiff_t k = m; k-- > 0;) before_up.backward(k, lu, matrix.before.data());
}

template <int b>
ANTLER_INLINE double factor_chunks(Chunks& chunks, double h) {
  V squares{};
  const Line* minus_jacobian = chunks.minus_jacobian.data();
  factor_rows<Real, b>(chunks.m, minus_jacobian, Method::gamma / h, 0, chunks.real.lu.data(), squares);
  factor_rows<Complex, b>(chunks.m, minus_jacobian, Method::alpha() / h, Method::beta() / h, chunks.pair.lu.data(), squares);
  eliminate_neighbours<Real, b>(chunks.m, minus_jacobian, chunks.real);
  eliminate_neighbours<Complex, b>(chunks.m, minus_jacobian, chunks.pair);
  double each[lanes], sum = 0;
  std::memcpy(each, &squares, sizeof each);
  for (const double lane : each) sum += lane;
  return sum;
}

/// n numbers into line `part` of every entry; the last chunk may have rows that are none.
template <std::ptrdiff_t lines>
ANTLER_INLINE void gather(const Chunks& chunks, const double* x, Line* to) {
  const std::ptrdiff_t m = chunks.m, live = chunks.n - (lanes - 1) * m;
  for (std::ptrdiff_t k = 0; k < live; ++k)
    for (std::ptrdiff_t j = 0; j < lanes; ++j) to[lines * k].lane[j] = x[j * m + k];
  for (std::ptrdiff_t k = live; k < m; ++k) {
    for (std::ptrdiff_t j = 0; j + 1 < lanes; ++j) to[lines * k].lane[j] = x[j * m + k];
    to[lines * k].lane[lanes - 1] = 0;
  }
}

template <std::ptrdiff_t lines>
ANTLER_INLINE void scatter(const Chunks& chunks, const Line* from, double* x) {
  const std::ptrdiff_t m = chunks.m, live = chunks.n - (lanes - 1) * m;
  for (std::ptrdiff_t k = 0; k < live; ++k)
    for (std::ptrdiff_t j = 0; j < lanes; ++j) x[j * m + k] = from[lines * k].lane[j];
  for (std::ptrdiff_t k = live; k < m; ++k)
    for (std::ptrdiff_t j = 0; j + 1 < lanes; ++j) x[j * m + k] = from[lines * k].lane[j];
}

template <int b>
ANTLER_INLINE void eliminate_real(Chunks& chunks, const double* x) {
  ChunkMatrix& real = chunks.real;
  gather<1>(chunks, x, real.x.data());
  Substitution<Real, b, 1> down, up;
  for (std::ptrdiff_t k = 0; k < chunks.m; ++k) down.forward(k, real.lu.data(), real.x.data());
  for (std::ptrdiff_t k = chunks.m; k-- > 0;) up.backward(k, real.lu.data(), real.x.data());
}

template <int b>
ANTLER_INLINE void eliminate_both(Chunks& chunks, const double* x) {
  ChunkMatrix &real = chunks.real, &pair = chunks.pair;
  gather<1>(chunks, x, real.x.data());
  gather<2>(chunks, x + chunks.n, pair.x.data());
  gather<2>(chunks, x + 2 * chunks.n, pair.x.data() + 1);
  Substitution<Real, b, 1> down, up;
  Substitution<Complex, b, 1> pair_down, pair_up;
  for (std::ptrdiff_t k = 0; k < chunks.m; ++k) {
    down.forward(k, real.lu.data(), real.x.data());
    pair_down.forward(k, pair.lu.data(), pair.x.data());
  }
  for (std::ptrdiff_t k = chunks.m; k-- > 0;) {
    up.backward(k, real.lu.data(), real.x.data());
    pair_up.backward(k, pair.lu.data(), pair.x.data());
  }
}

template <class Cell, int b>
ANTLER_INLINE void correct(std::ptrdiff_t m, ChunkMatrix& matrix) {
  Cell first[b], last[b];
  for (int q = 0; q < b; ++q) {
    first[q].load(matrix.next_first.data() + Cell::lines * q);
    last[q].load(matrix.last_before.data() + Cell::lines * q);
  }
  const Line *next = matrix.next.data(), *before = matrix.before.data();
  for (std::ptrdiff_t k = 0; k < m; ++k) {
    Cell value, column;
    value.load(matrix.x.data() + Cell::lines * k);
    for (int q = 0; q < b; ++q) {
      column.load(next + Cell::lines * (k * b + q));
      value.subtract(column, first[q]);
      column.load(before + Cell::lines * (k * b + q));
      value.subtract(column, last[q]);
    }
    value.store(matrix.x.data() + Cell::lines * k);
  }
}

template <int b>
ANTLER_INLINE void correct_real(Chunks& chunks, double* x) {
  correct<Real, b>(chunks.m, chunks.real);
  scatter<1>(chunks, chunks.real.x.data(), x);
}

template <int b>
ANTLER_INLINE void correct_both(Chunks& chunks, double* x) {
  correct_real<b>(chunks, x);
  correct<Complex, b>(chunks.m, chunks.pair);
  scatter<2>(chunks, chunks.pair.x.data(), x + chunks.n);
  scatter<2>(chunks, chunks.pair.x.data() + 1, x + 2 * chunks.n);
}

#define ANTLER_CHUNK_KERNELS(Set, ...)                                                       \
  template <int b>                                                                           \
  struct Set {                                                                               \
    __VA_ARGS__ static double factor(Chunks& c, double h) { return factor_chunks<b>(c, h); } \
    __VA_ARGS__ static void real(Chunks& c, const double* x) { eliminate_real<b>(c, x); }    \
    __VA_ARGS__ static void both(Chunks& c, const double* x) { eliminate_both<b>(c, x); }    \
    __VA_ARGS__ static void real_end(Chunks& c, double* x) { correct_real<b>(c, x); }        \
    __VA_ARGS__ static void both_end(Chunks& c, double* x) { correct_both<b>(c, x); }        \
    static constexpr ChunkKernels kernels{factor, real, both, real_end, both_end};           \
  }

ANTLER_CHUNK_KERNELS(Any, );

#ifdef ANTLER_CHOOSE_AT_RUN_TIME

ANTLER_CHUNK_KERNELS(Avx2, ANTLER_FOR_AVX2);
ANTLER_CHUNK_KERNELS(Avx512, ANTLER_FOR_AVX512);

template <int b>
constexpr ChunkKernels sets[] = {Any<b>::kernels, Avx2<b>::kernels, Avx512<b>::kernels};

#else

template <int b>
constexpr ChunkKernels sets[] = {Any<b>::kernels};

#endif

}  // namespace

std::span<const ChunkKernels> chunk_kernels(int b) {
  static const std::size_t count = usable_instruction_sets();
  return {b == 1 ? sets<1> : b == 2 ? sets<2> : sets<3>, count};
}

}  // namespace antler::dynamic
