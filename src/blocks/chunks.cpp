// SPDX-License-Identifier: BSD-3-Clause
#include "blocks/chunks.hpp"

#include <algorithm>
#include <cmath>

#include "blocks/kernels.hpp"

namespace antler::blocks {

namespace {

std::ptrdiff_t signed_size(std::size_t n) { return static_cast<std::ptrdiff_t>(n); }

/// The largest of the first `columns` entries of every row of B, infinite when an entry of B is not finite.
double largest_multiplier(const std::vector<double>& b, std::size_t n, std::size_t m, std::size_t columns) {
  double largest = 0;
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t k = 0; k < m; ++k) {
      const double size = std::abs(b[i * m + k]);
      if (!is_finite(size)) return HUGE_VAL;
      if (k < columns) largest = std::max(largest, size);
    }
  return largest;
}

/// visit(row, column, entry) for the entries of row i, component c, as far as they act.
template <class Visit>
void visit_row(const Rows& rows, Index i, std::size_t c, const Visit& visit) {
  const Index last = rows.length() - 1;
  const std::size_t n = rows.n();
  for (std::size_t k = 0; k < n; ++k) {
    if (i > 0 || rows.periodic()) visit(i > 0 ? i - 1 : last, k, rows.lower(i)[c * n + k]);
    visit(i, k, rows.diagonal(i)[c * n + k]);
    if (rows.has_upper(i)) visit(i < last ? i + 1 : 0, k, rows.upper(i)[c * n + k]);
  }
}

double row_scale(const Rows& rows, Index i, std::size_t c) {
  double scale = 0;
  visit_row(rows, i, c, [&](Index, std::size_t, double entry) { scale = std::max(scale, std::abs(entry)); });
  return scale;
}

/// What the last interior row of a chunk means to separator s: x_{s-1} = y - V x - W x_s.
void contribute(const Rows& rows, Index row, std::size_t s, Separators& to, Workspace& work) {
  const std::size_t n = rows.n(), m = 2 * n + 1;
  std::fill(work.product.begin(), work.product.end(), 0.0);
  subtract_product(signed_size(n), signed_size(m), rows.lower(row), work.row.data(), work.product.data());
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < n; ++k) {
      to.system.L[(s * n + i) * n + k] = work.product[i * m + k];
      to.from_left[(s * n + i) * n + k] = -work.product[i * m + n + k];
    }
    to.right_from_left[s * n + i] = -work.product[i * m + 2 * n];
  }
}

}  // namespace

Separators::Separators(Index length, int size, Ends ends)
    : system(length, size, ends), from_left(system.D.size()), right_from_left(system.r.size()), x(system.r.size()) {}

void Separators::merge() {
  const auto n = static_cast<std::size_t>(system.size), first = std::size_t{system.ends == Ends::periodic ? 0U : 1U};
  for (std::size_t k = first * n * n; k < from_left.size(); ++k) system.D[k] -= from_left[k];
  for (std::size_t k = first * n; k < right_from_left.size(); ++k) system.r[k] -= right_from_left[k];
}

Workspace::Workspace(std::size_t n)
    : row(n * (2 * n + 1)), next(n * (2 * n + 1)), product(n * (2 * n + 1)), own(n * (n + 1)), ahead(n * n), block(n * n) {}

double reduce_chunk(const Rows& rows, Index chunk_number, Index chunk, Separators& to, Workspace& work) {
  const std::size_t n = rows.n(), m = 2 * n + 1, s = static_cast<std::size_t>(chunk_number);
  const Index begin = chunk_number * chunk, end = std::min(begin + chunk, rows.length());
  std::fill(work.row.begin(), work.row.end(), 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    work.row[i * m + i] = -1;
    std::copy_n(rows.diagonal(begin) + i * n, n, &work.own[i * (n + 1)]);
    work.own[i * (n + 1) + n] = rows.right(begin)[i];
  }
  std::fill(work.ahead.begin(), work.ahead.end(), 0.0);
  if (rows.has_upper(begin)) std::copy_n(rows.upper(begin), n * n, work.ahead.begin());

  double growth = 0;
  for (Index j = begin + 1; j < end; ++j) {
    std::fill(work.next.begin(), work.next.end(), 0.0);
    subtract_product(signed_size(n), signed_size(m), rows.lower(j), work.row.data(), work.next.data());
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t k = 0; k < n; ++k) {
        work.block[i * n + k] = rows.diagonal(j)[i * n + k] + work.next[i * m + n + k];
        work.next[i * m + n + k] = rows.has_upper(j) ? rows.upper(j)[i * n + k] : 0.0;
      }
      work.next[i * m + 2 * n] += rows.right(j)[i];
    }
    solve_columns(signed_size(n), signed_size(m), work.block.data(), work.next.data());
    work.row.swap(work.next);
    growth = std::max(growth, largest_multiplier(work.row, n, m, 2 * n));

    std::fill(work.product.begin(), work.product.end(), 0.0);
    subtract_product(signed_size(n), signed_size(m), work.ahead.data(), work.row.data(), work.product.data());
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t k = 0; k < n; ++k) {
        work.own[i * (n + 1) + k] += work.product[i * m + k];
        work.ahead[i * n + k] = work.product[i * m + n + k];
      }
      work.own[i * (n + 1) + n] += work.product[i * m + 2 * n];
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    std::copy_n(&work.own[i * (n + 1)], n, &to.system.D[(s * n + i) * n]);
    to.system.r[s * n + i] = work.own[i * (n + 1) + n];
  }
  std::copy_n(work.ahead.begin(), n * n, &to.system.U[s * n * n]);
  if (end < rows.length()) {
    contribute(rows, end, s + 1, to, work);
  } else if (rows.periodic()) {
    contribute(rows, 0, 0, to, work);
  }
  return growth;
}

double eliminate_row(const Rows& rows, Index i, const double* before, double* to, Workspace& work) {
  const std::size_t n = rows.n(), m = n + 1;
  std::copy_n(rows.diagonal(i), n * n, work.block.begin());
  std::fill_n(to, n * m, 0.0);
  if (before) subtract_product(signed_size(n), signed_size(m), rows.lower(i), before, to);
  for (std::size_t c = 0; c < n; ++c) {
    for (std::size_t k = 0; k < n; ++k) {
      work.block[c * n + k] += to[c * m + k];
      to[c * m + k] = rows.has_upper(i) ? rows.upper(i)[c * n + k] : 0.0;
    }
    to[c * m + n] += rows.right(i)[c];
  }
  solve_columns(signed_size(n), signed_size(m), work.block.data(), to);
  double largest = 0;
  for (std::size_t k = 0; k < n * m; ++k) {
    const double size = std::abs(to[k]);
    if (!is_finite(size)) return HUGE_VAL;
    if (k % m < n) largest = std::max(largest, size);
  }
  return largest;
}

void substitute_row(std::size_t n, const double* row, const double* x_next, double* x) {
  for (std::size_t c = 0; c < n; ++c) {
    double sum = row[c * (n + 1) + n];
    if (x_next)
      for (std::size_t k = 0; k < n; ++k) sum -= row[c * (n + 1) + k] * x_next[k];
    x[c] = sum;
  }
}

double solve_root(const Rows& rows, Index i, std::vector<double> a, std::vector<double> b, double* x) {
  const std::size_t n = rows.n();
  std::vector<double> column(n, 0.0);
  for (std::size_t c = 0; c < n; ++c) {
    const double scale = row_scale(rows, i, c);
    for (std::size_t k = 0; k < n; ++k) a[c * n + k] /= scale;
    b[c] /= scale;
    visit_row(rows, i, c, [&](Index, std::size_t k, double entry) { column[k] = std::max(column[k], std::abs(entry) / scale); });
  }
  for (std::size_t c = 0; c < n; ++c)
    for (std::size_t k = 0; k < n; ++k) a[c * n + k] /= column[k];
  solve_columns(signed_size(n), 1, a.data(), b.data());
  double largest = 0;
  for (std::size_t k = 0; k < n; ++k) {
    x[k] = b[k] / column[k];
    const double reciprocal = std::abs(a[k * n + k]);
    if (!is_finite(reciprocal)) return HUGE_VAL;
    largest = std::max(largest, reciprocal);
  }
  return largest;
}

double backward_error(const Rows& rows, const double* x, std::vector<double>& residual) {
  const std::size_t n = rows.n();
  double largest = 0;
  for (Index i = 0; i < rows.length(); ++i)
    for (std::size_t c = 0; c < n; ++c) {
      double sum = rows.right(i)[c], size = std::abs(sum);
      visit_row(rows, i, c, [&](Index row, std::size_t k, double entry) {
        const double product = entry * x[static_cast<std::size_t>(row) * n + k];
        sum -= product;
        size += std::abs(product);
      });
      residual[static_cast<std::size_t>(i) * n + c] = sum;
      if (!is_finite(sum) || !is_finite(size)) return HUGE_VAL;
      if (std::abs(sum) > largest * size) largest = std::abs(sum) / size;
    }
  return largest;
}

double scaled_size(const Rows& rows, const double* v) {
  const std::size_t n = rows.n();
  double largest = 0;
  for (Index i = 0; i < rows.length(); ++i)
    for (std::size_t c = 0; c < n; ++c) {
      const double scale = row_scale(rows, i, c), size = std::abs(v[static_cast<std::size_t>(i) * n + c]);
      if (size > largest * scale) largest = size / scale;
    }
  return largest;
}

}  // namespace antler::blocks
