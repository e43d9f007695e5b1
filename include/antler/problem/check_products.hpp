// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Compares the products that the f of a recurrence brings, by hand, with those of dual numbers:
///
///     linearize(y, x)                                       f and df/dy
///     linearize_diagonal(y, x)                              f and the diagonal of df/dy
///     pullback(y, x, lambda, y_bar, x_bar, theta_bar)       (df/dy)^T lambda, (df/dx)^T lambda, and += (df/dtheta)^T lambda
///
/// The last one is compared with respect to parameters where f has `parameter_count`, `parameters()[k]` and `with(theta)`, as cells
/// have.

#include <cmath>
#include <limits>
#include <vector>

#include "antler/core/dual_math.hpp"
#include "antler/core/random.hpp"
#include "antler/core/vector.hpp"
#include "antler/problem/problem_report.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

using findings::Product, findings::ProductEntry;

/// All comparisons at one (y, x); each is a list of numbers by hand and by dual numbers.
template <class F, class T, int n, class X>
class ProductComparison {
  using D = Dual<T, 1>;
  using State = Vector<T, n>;
  using DualState = Vector<D, n>;

 public:
  ProductComparison(const F& f, const State& y, const X& x) : f_(f), y_(y), x_(x), value_(f(y, x)) {
    for (int c = 0; c < n; ++c) lambda_[c] = static_cast<T>(2 * random_uniform(1, static_cast<std::uint64_t>(c)) - 1);
    for (int c = 0; c < n; ++c) {
      DualState seeded = constant(y_);
      seeded[c].derivative[0] = T(1);
      columns_.push_back(derivative(f_(seeded, constant(x_))));
    }
  }

  [[nodiscard]] std::vector<ProductEntry> entries() const {
    std::vector<ProductEntry> entries;
    const auto report = [&](Product product, int row, int column, T by_hand, T by_dual_numbers) {
      entries.push_back({product, row, column, static_cast<double>(by_hand), static_cast<double>(by_dual_numbers)});
    };
    if constexpr (requires { f_.linearize(y_, x_); }) {
      const auto given = f_.linearize(y_, x_);
      for (int r = 0; r < n; ++r) {
        report(Product::linearize_value, r, 0, given.f[r], value_[r]);
        for (int c = 0; c < n; ++c) report(Product::jacobian, r, c, given.jacobian[0](r, c), column(c)[r]);
      }
    }
    if constexpr (requires { f_.linearize_diagonal(y_, x_); }) {
      const auto given = f_.linearize_diagonal(y_, x_);
      for (int r = 0; r < n; ++r) {
        report(Product::diagonal_value, r, 0, given.f[r], value_[r]);
        report(Product::diagonal, r, r, given.diagonal[r], column(r)[r]);
      }
    }
    if constexpr (requires(State y_bar, X x_bar, Sink sink) { f_.pullback(y_, x_, lambda_, y_bar, x_bar, sink); }) pull(report);
    return entries;
  }

 private:
  static constexpr bool has_parameters = requires(const F& f) {
    f.with(Vector<D, F::parameter_count>{});
    f.parameters()[0];
  };

  /// Takes what is added to parameters that nobody asks for.
  struct Sink {
    T last{};
    T& operator()(int) { return last; }
  };

  template <class Report>
  void pull(const Report& report) const {
    // Not zero: y_bar and x_bar are to be overwritten, theta_bar is to be added to.
    constexpr T before = 7;
    State y_bar = State::filled(before);
    X x_bar = x_;
    if constexpr (has_parameters) {
      constexpr int count = F::parameter_count;
      std::vector<T> theta_bar(count, before);
      f_.pullback(y_, x_, lambda_, y_bar, x_bar, [&](int k) -> T& { return theta_bar[static_cast<std::size_t>(k)]; });
      Vector<D, count> theta;
      for (int k = 0; k < count; ++k) theta[k] = D(static_cast<T>(f_.parameters()[k]));
      for (int k = 0; k < count; ++k) {
        theta[k].derivative[0] = T(1);
        const T by_dual = product(derivative(f_.with(theta)(constant(y_), constant(x_))));
        report(Product::theta_bar, k, 0, theta_bar[static_cast<std::size_t>(k)] - before, by_dual);
        theta[k].derivative[0] = T(0);
      }
    } else {
      f_.pullback(y_, x_, lambda_, y_bar, x_bar, Sink{});
    }
    for (int c = 0; c < n; ++c) report(Product::y_bar, c, 0, y_bar[c], product(column(c)));
    pull_input(x_bar, report);
  }

  template <class Report>
  void pull_input(const X& x_bar, const Report& report) const {
    auto x = constant(x_);
    if constexpr (requires { x[0]; }) {
      for (int c = 0; c < X::size(); ++c) {
        x[c].derivative[0] = T(1);
        report(Product::x_bar, c, 0, x_bar[c], product(derivative(f_(constant(y_), x))));
        x[c].derivative[0] = T(0);
      }
    } else {
      x.derivative[0] = T(1);
      report(Product::x_bar, 0, 0, x_bar, product(derivative(f_(constant(y_), x))));
    }
  }

  template <class V, int k>
  static Vector<D, k> constant(const Vector<V, k>& v) {
    Vector<D, k> out;
    for (int c = 0; c < k; ++c) out[c] = D(v[c]);
    return out;
  }
  template <Arithmetic S>
  static D constant(S x) {
    return D(x);
  }
  static State derivative(const DualState& f) {
    State out;
    for (int c = 0; c < n; ++c) out[c] = f[c].derivative[0];
    return out;
  }
  [[nodiscard]] const State& column(int c) const { return columns_[static_cast<std::size_t>(c)]; }
  /// lambda . v.
  [[nodiscard]] T product(const State& v) const {
    T sum = 0;
    for (int c = 0; c < n; ++c) sum += lambda_[c] * v[c];
    return sum;
  }

  const F& f_;
  State y_;
  X x_;
  State value_, lambda_;
  std::vector<State> columns_;  // of df/dy
};

}  // namespace detail

/// The largest deviation of what f brings by hand from dual numbers at (y, x), relative to the largest number of each product. Zero
/// to rounding when it is right, and when f brings nothing.
///
/// @param f  of a recurrence, f(y, x), a template over the elements of both; on the host
/// @param x  a number or a Vector
/// @note n + m + (number of parameters) evaluations of f with dual numbers.
template <class F, class T, int n, class X>
[[nodiscard]] double product_error(const F& f, const Vector<T, n>& y, const X& x) {
  return findings::product_error(detail::ProductComparison<F, T, n, X>(f, y, x).entries());
}

/// Tries what f brings by hand at (y, x) and says in words which number is wrong: the first one of each product.
///
/// @note A number is called wrong when it differs by more than the root of rounding, relative to the largest of its product.
/// Mistakes that show at other (y, x) only are not seen: try several.
template <class F, class T, int n, class X>
[[nodiscard]] ProblemReport check_products(const F& f, const Vector<T, n>& y, const X& x) {
  const double tolerance = std::sqrt(static_cast<double>(std::numeric_limits<T>::epsilon()));
  return findings::product_report(detail::ProductComparison<F, T, n, X>(f, y, x).entries(), tolerance);
}

}  // namespace antler::inline ANTLER_LANES
