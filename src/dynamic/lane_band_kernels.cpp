// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>

#include "dynamic/chunk_cells.hpp"
#include "dynamic/lane_bands.hpp"

/// @file
/// Banded::factor() and solve() on vectors of eight matrices; one body for real and complex entries.

namespace antler::dynamic {

namespace {

using chunks::Complex;
using chunks::Real;
using chunks::V;

ANTLER_INLINE double magnitude(double x) { return x < 0 ? -x : x; }

/// a where the lanes of p are q, b elsewhere.
ANTLER_INLINE void exchange_where(const Line& p, double q, Line* a, Line* b) {
  for (std::ptrdiff_t l = 0; l < Line::lanes; ++l) {
    const double x = a->lane[l], y = b->lane[l];
    const bool here = p.lane[l] == q;
    a->lane[l] = here ? y : x;
    b->lane[l] = here ? x : y;
  }
}

template <class Cell>
struct Rows {
  const LaneBands::Matrices& a;
  Line* entries;

  [[nodiscard]] ANTLER_INLINE Line* at(std::ptrdiff_t r, std::ptrdiff_t c) const {
    return entries + Cell::lines * (c * (2 * a.lower + a.upper + 1) + a.lower + a.upper + r - c);
  }
};

/// By what pivots are compared.
template <class Cell>
ANTLER_INLINE void sizes(const Line* entry, Line& size) {
  for (std::ptrdiff_t l = 0; l < Line::lanes; ++l) {
    size.lane[l] = magnitude(entry[0].lane[l]);
    if constexpr (Cell::lines == 2) size.lane[l] += magnitude(entry[1].lane[l]);
  }
}

/// Finds the pivots of column k; true when a lane's is not on the diagonal.
template <class Cell>
ANTLER_INLINE bool choose_pivots(const Rows<Cell>& rows, std::ptrdiff_t k, std::ptrdiff_t below, Line& pivots) {
  Line best, size;
  sizes<Cell>(rows.at(k, k), best);
  pivots = Line{};
  double any = 0;
  for (std::ptrdiff_t i = 1; i <= below; ++i) {
    sizes<Cell>(rows.at(k + i, k), size);
    for (std::ptrdiff_t l = 0; l < Line::lanes; ++l) {
      const bool larger = size.lane[l] > best.lane[l];
      best.lane[l] = larger ? size.lane[l] : best.lane[l];
      pivots.lane[l] = larger ? static_cast<double>(i) : pivots.lane[l];
    }
  }
  for (std::ptrdiff_t l = 0; l < Line::lanes; ++l) any += pivots.lane[l];
  return any != 0;
}

template <class Cell>
ANTLER_INLINE void factor_rows(const LaneBands::Matrices& a, Line* entries, Line* pivots, unsigned char* exchanged, V& check) {
  const Rows<Cell> rows{a, entries};
  const std::ptrdiff_t reach = a.lower + a.upper;
  for (std::ptrdiff_t k = 0; k < a.n; ++k) {
    const std::ptrdiff_t below = std::min(a.lower, a.n - 1 - k), last = std::min(k + reach, a.n - 1);
    exchanged[k] = choose_pivots<Cell>(rows, k, below, pivots[k]);
    if (exchanged[k])
      for (std::ptrdiff_t c = k; c <= last; ++c)
        for (std::ptrdiff_t i = 1; i <= below; ++i)
          for (std::ptrdiff_t line = 0; line < Cell::lines; ++line)
            exchange_where(pivots[k], static_cast<double>(i), rows.at(k, c) + line, rows.at(k + i, c) + line);
    Cell inverse;
    inverse.load(rows.at(k, k));
    inverse.invert();
    inverse.store(rows.at(k, k));
    inverse.add_square_to(check);
    for (std::ptrdiff_t i = 1; i <= below; ++i) {
      Cell factor;
      factor.load(rows.at(k + i, k));
      factor.multiply(inverse);
      factor.store(rows.at(k + i, k));
    }
    for (std::ptrdiff_t c = k + 1; c <= last; ++c) {
      Cell above;
      above.load(rows.at(k, c));
      for (std::ptrdiff_t i = 1; i <= below; ++i) {
        Cell factor, entry;
        factor.load(rows.at(k + i, k));
        entry.load(rows.at(k + i, c));
        entry.subtract(factor, above);
        entry.store(rows.at(k + i, c));
      }
    }
  }
}

ANTLER_INLINE void factor_both(const LaneBands::Matrices& a, const Line& shift, const Line& pair_shift, const Line& imaginary,
                               Line& check) {
  const std::ptrdiff_t rows = 2 * a.lower + a.upper + 1, diagonal = a.lower + a.upper;
  V s, ps, pi;
  std::memcpy(&s, &shift, sizeof s);
  std::memcpy(&ps, &pair_shift, sizeof ps);
  std::memcpy(&pi, &imaginary, sizeof pi);
  for (std::ptrdiff_t c = 0; c < a.n; ++c)
    for (std::ptrdiff_t r = 0; r < rows; ++r) {
      Line* real = a.real + c * rows + r;
      Real entry;
      Complex both;
      entry.load(real);
      both.load_real(real);
      if (r == diagonal) {
        entry.re = entry.re + s;
        both.re = both.re + ps;
        both.im = pi;
      }
      entry.store(real);
      both.store(a.pair + 2 * (c * rows + r));
    }
  V squares{};
  factor_rows<Real>(a, a.real, a.real_pivots, a.real_exchanged, squares);
  factor_rows<Complex>(a, a.pair, a.pair_pivots, a.pair_exchanged, squares);
  squares = squares - squares;  // NaN where not finite
  std::memcpy(&check, &squares, sizeof check);
}

template <class Cell>
ANTLER_INLINE void forward(const LaneBands::Matrices& a, const Rows<Cell>& rows, const Line* pivots, const unsigned char* exchanged,
                           std::ptrdiff_t k, Line* x) {
  const std::ptrdiff_t below = std::min(a.lower, a.n - 1 - k);
  if (exchanged[k])
    for (std::ptrdiff_t i = 1; i <= below; ++i)
      for (std::ptrdiff_t line = 0; line < Cell::lines; ++line)
        exchange_where(pivots[k], static_cast<double>(i), x + Cell::lines * k + line, x + Cell::lines * (k + i) + line);
  Cell value;
  value.load(x + Cell::lines * k);
  for (std::ptrdiff_t i = 1; i <= below; ++i) {
    Cell factor, entry;
    factor.load(rows.at(k + i, k));
    entry.load(x + Cell::lines * (k + i));
    entry.subtract(factor, value);
    entry.store(x + Cell::lines * (k + i));
  }
}

template <class Cell>
ANTLER_INLINE void backward(const LaneBands::Matrices& a, const Rows<Cell>& rows, std::ptrdiff_t k, Line* x) {
  Cell value, inverse;
  value.load(x + Cell::lines * k);
  inverse.load(rows.at(k, k));
  value.multiply(inverse);
  value.store(x + Cell::lines * k);
  for (std::ptrdiff_t i = std::min(a.lower + a.upper, k); i > 0; --i) {
    Cell factor, entry;
    factor.load(rows.at(k - i, k));
    entry.load(x + Cell::lines * (k - i));
    entry.subtract(factor, value);
    entry.store(x + Cell::lines * (k - i));
  }
}

ANTLER_INLINE void substitute_real(const LaneBands::Matrices& a, Line* x) {
  const Rows<Real> rows{a, a.real};
  for (std::ptrdiff_t k = 0; k < a.n; ++k) forward(a, rows, a.real_pivots, a.real_exchanged, k, x);
  for (std::ptrdiff_t k = a.n; k-- > 0;) backward(a, rows, k, x);
}

ANTLER_INLINE void substitute_both(const LaneBands::Matrices& a, Line* x, Line* pair) {
  const Rows<Real> rows{a, a.real};
  const Rows<Complex> pair_rows{a, a.pair};
  for (std::ptrdiff_t k = 0; k < a.n; ++k) {
    forward(a, rows, a.real_pivots, a.real_exchanged, k, x);
    forward(a, pair_rows, a.pair_pivots, a.pair_exchanged, k, pair);
  }
  for (std::ptrdiff_t k = a.n; k-- > 0;) {
    backward(a, rows, k, x);
    backward(a, pair_rows, k, pair);
  }
}

#define ANTLER_LANE_BAND_KERNELS(Set, ...)                                                                                     \
  struct Set {                                                                                                                 \
    __VA_ARGS__ static void factor(const LaneBands::Matrices& a, const Line& s, const Line& ps, const Line& pi, Line& check) { \
      factor_both(a, s, ps, pi, check);                                                                                        \
    }                                                                                                                          \
    __VA_ARGS__ static void real(const LaneBands::Matrices& a, Line* x) { substitute_real(a, x); }                             \
    __VA_ARGS__ static void both(const LaneBands::Matrices& a, Line* x, Line* pair) { substitute_both(a, x, pair); }           \
    static constexpr LaneBandKernels kernels{factor, real, both};                                                              \
  }

ANTLER_LANE_BAND_KERNELS(Any, );

#ifdef ANTLER_CHOOSE_AT_RUN_TIME
ANTLER_LANE_BAND_KERNELS(Avx2, ANTLER_FOR_AVX2);
ANTLER_LANE_BAND_KERNELS(Avx512, ANTLER_FOR_AVX512);
constexpr LaneBandKernels sets[] = {Any::kernels, Avx2::kernels, Avx512::kernels};
#else
constexpr LaneBandKernels sets[] = {Any::kernels};
#endif

}  // namespace

const LaneBandKernels& lane_band_kernels() {
  static const std::size_t widest = usable_instruction_sets() - 1;
  return sets[widest];
}

}  // namespace antler::dynamic
