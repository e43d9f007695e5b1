// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace antler {

/// What check_problem() or check_products() found: sentences that say what is wrong and what to do about it.
struct ProblemReport {
  std::vector<std::string> findings;  ///< each would make a solve fail, or worse, succeed with wrong numbers
  std::vector<std::string> notes;     ///< may be meant so

  [[nodiscard]] bool ok() const { return findings.empty(); }
  /// The same as operator<< prints.
  [[nodiscard]] std::string text() const;
};

/// Prints findings and notes, a line each, or that there are none.
std::ostream& operator<<(std::ostream& out, const ProblemReport& report);

/// The sentences of the reports. Components count from 0.
namespace findings {

/// Where f was tried, for the reports.
struct Trial {
  double t;
  const char* state;  // "y0", ...
};

/// Who computed a derivative that differences do not confirm.
enum class DerivativeBy { hand, dual_numbers };

std::string value_not_finite(const Trial& at, int component, double value);
std::string jacobian_not_finite(const Trial& at, int row, int column, double value, DerivativeBy by);
std::string time_derivative_not_finite(const Trial& at, int component, double value);
std::string not_repeatable(const Trial& at, int component, double first, double second);
std::string dual_value_differs(const Trial& at, int component, double scalar, double dual);
std::string jacobian_differs(const Trial& at, int row, int column, double given, double difference, DerivativeBy by);
std::string time_derivative_differs(const Trial& at, int component, double given, double difference);
std::string lanes_differ(const Trial& at, int component, double scalar, double lane);
std::string undefined_later(const Trial& at, int component, double value);

/// The numbers that an f of a recurrence may bring by hand.
enum class Product { linearize_value, jacobian, diagonal_value, diagonal, y_bar, x_bar, theta_bar };

/// One of them at one place.
struct ProductEntry {
  Product product;
  int row, column;
  double by_hand, by_dual_numbers;
};

std::string product_differs(const ProductEntry& entry);
/// The largest deviation, relative to the largest number by dual numbers of its product; infinite where one is not finite.
double product_error(const std::vector<ProductEntry>& entries);
/// For each product the first entry that deviates by more than `tolerance` in that measure.
ProblemReport product_report(const std::vector<ProductEntry>& entries, double tolerance);

}  // namespace findings

}  // namespace antler
