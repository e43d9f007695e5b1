// SPDX-License-Identifier: BSD-3-Clause
#include "antler/problem/check_products.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "antler/core/linearization.hpp"

using namespace antler;

namespace {

/// What is wrong with a product.
enum class Fault {
  none,
  linearize_value,
  jacobian,
  diagonal_value,
  diagonal,
  y_bar,
  y_bar_added,
  x_bar,
  theta_bar,
  theta_bar_overwritten,
  nan,
};

/// f(y, x) = (a y_0 y_1 + x_0, b y_0 x_1^2), theta = (a, b), with all products by hand.
template <class T = double>
struct ByHand {
  Fault fault = Fault::none;
  Vector<T, 2> theta{T(1.5), T(-0.5)};
  static constexpr int parameter_count = 2;

  template <class U, class V>
  auto operator()(const Vector<U, 2>& y, const Vector<V, 2>& x) const {
    using R = promoted<T, promoted<U, V>>;
    return Vector<R, 2>{R(theta[0] * y[0] * y[1] + x[0]), R(theta[1] * y[0] * x[1] * x[1])};
  }
  template <class U>
  Linearization<U, 2, 1> linearize(const Vector<U, 2>& y, const Vector<U, 2>& x) const {
    Linearization<U, 2, 1> out{(*this)(y, x), {{{{theta[0] * y[1], theta[0] * y[0]}, {theta[1] * x[1] * x[1], U(0)}}}}};
    if (fault == Fault::linearize_value) out.f[1] += 1e-3;
    if (fault == Fault::jacobian) out.jacobian[0](1, 0) *= 1.001;
    if (fault == Fault::nan) out.jacobian[0](1, 1) = std::numeric_limits<U>::quiet_NaN();
    return out;
  }
  template <class U>
  DiagonalLinearization<U, 2> linearize_diagonal(const Vector<U, 2>& y, const Vector<U, 2>& x) const {
    DiagonalLinearization<U, 2> out{(*this)(y, x), {theta[0] * y[1], U(0)}};
    if (fault == Fault::diagonal_value) out.f[0] = 0;
    if (fault == Fault::diagonal) out.diagonal[1] = 1e-3;
    return out;
  }
  template <class U, class Sums>
  void pullback(const Vector<U, 2>& y, const Vector<U, 2>& x, const Vector<U, 2>& lambda, Vector<U, 2>& y_bar, Vector<U, 2>& x_bar,
                const Sums& theta_bar) const {
    const Vector<U, 2> by_y{theta[0] * y[1] * lambda[0] + theta[1] * x[1] * x[1] * lambda[1], theta[0] * y[0] * lambda[0]};
    y_bar = fault == Fault::y_bar_added ? y_bar + by_y : by_y;
    if (fault == Fault::y_bar) y_bar[1] = -y_bar[1];
    x_bar = {lambda[0], (fault == Fault::x_bar ? 1 : 2) * theta[1] * y[0] * x[1] * lambda[1]};
    if (fault == Fault::theta_bar_overwritten) theta_bar(0) = 0;
    theta_bar(0) += y[0] * y[1] * lambda[0];
    theta_bar(1) += y[0] * x[1] * x[1] * lambda[fault == Fault::theta_bar ? 0 : 1];
  }
  [[nodiscard]] const Vector<T, 2>& parameters() const { return theta; }
  template <class U>
  ByHand<U> with(const Vector<U, 2>& other) const {
    return {fault, other};
  }
};

const Vector<double, 2> y{0.7, -1.2}, x{0.4, 1.1};

void expect_one(Fault fault, const std::string& what, const std::string& remedy) {
  const ByHand<> f{fault};
  EXPECT_GT(product_error(f, y, x), 1e-4) << what;
  const ProblemReport report = check_products(f, y, x);
  ASSERT_EQ(report.findings.size(), 1u) << what << ": " << report;
  for (const std::string& part : {what, remedy, std::string(" by hand and ")})
    EXPECT_NE(report.findings[0].find(part), std::string::npos) << report << "does not say '" << part << "'";
}

TEST(CheckProducts, FindsNothingInProductsThatAreRight) {
  EXPECT_LT(product_error(ByHand<>{}, y, x), 1e-14);
  EXPECT_TRUE(check_products(ByHand<>{}, y, x).ok());
}

TEST(CheckProducts, FindsAWrongNumberInEachProduct) {
  expect_one(Fault::linearize_value, "component 1 of f in linearize is", "what operator() returns");
  expect_one(Fault::jacobian, "df_1/dy_0 of linearize is", "correct it, or remove the member");
  expect_one(Fault::diagonal_value, "component 0 of f in linearize_diagonal is", "what operator() returns");
  expect_one(Fault::diagonal, "df_1/dy_1 of linearize_diagonal is", "correct it, or remove the member");
  expect_one(Fault::y_bar, "y_bar_1 of pullback", "over what was there");
  expect_one(Fault::y_bar_added, "y_bar_0 of pullback", "over what was there");
  expect_one(Fault::x_bar, "x_bar_1 of pullback", "over what was there");
  expect_one(Fault::theta_bar, "theta_bar(1)", "to what is there");
  expect_one(Fault::theta_bar_overwritten, "theta_bar(0)", "to what is there");
}

TEST(CheckProducts, TakesNaNForAnError) {
  EXPECT_EQ(product_error(ByHand<>{Fault::nan}, y, x), std::numeric_limits<double>::infinity());
  expect_one(Fault::nan, "df_1/dy_1 of linearize is", "correct it");
}

/// Brings nothing, and takes a number for input.
struct Plain {
  template <class U, class V>
  Vector<U, 1> operator()(const Vector<U, 1>& state, const V& input) const {
    return {0.5 * state[0] + input};
  }
};

TEST(CheckProducts, HasNothingToFindInAnFThatBringsNone) {
  EXPECT_EQ(product_error(Plain{}, Vector<float, 1>{1}, 2.0f), 0);
  EXPECT_TRUE(check_products(Plain{}, Vector<float, 1>{1}, 2.0f).ok());
}

}  // namespace
