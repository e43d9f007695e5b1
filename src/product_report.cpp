// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <sstream>

#include "antler/problem/problem_report.hpp"

namespace antler::findings {

namespace {

constexpr std::size_t product_count = 7;

/// The largest number by dual numbers of each product; 1 where all are zero.
class Scales {
 public:
  explicit Scales(const std::vector<ProductEntry>& entries) {
    for (const ProductEntry& entry : entries) {
      double& scale = scale_[static_cast<std::size_t>(entry.product)];
      scale = std::max(scale, std::abs(entry.by_dual_numbers));
    }
    for (double& scale : scale_)
      if (scale == 0) scale = 1;
  }

  [[nodiscard]] double error(const ProductEntry& entry) const {
    const double error = std::abs(entry.by_hand - entry.by_dual_numbers) / scale_[static_cast<std::size_t>(entry.product)];
    return std::isfinite(error) ? error : std::numeric_limits<double>::infinity();
  }

 private:
  std::array<double, product_count> scale_{};
};

}  // namespace

std::string product_differs(const ProductEntry& entry) {
  const int r = entry.row, c = entry.column;
  std::ostringstream text;
  text.precision(10);
  const char* remedy = "correct it, or remove the member, and dual numbers take its place.";
  switch (entry.product) {
    case Product::linearize_value:
    case Product::diagonal_value:
      text << "component " << r << " of f in " << (entry.product == Product::diagonal_value ? "linearize_diagonal" : "linearize");
      remedy = "it must return what operator() returns.";
      break;
    case Product::jacobian:
      text << "df_" << r << "/dy_" << c << " of linearize";
      break;
    case Product::diagonal:
      text << "df_" << r << "/dy_" << r << " of linearize_diagonal";
      break;
    case Product::y_bar:
      text << "y_bar_" << r << " of pullback";
      remedy = "write sum_r df_r/dy_c lambda_r, over what was there.";
      break;
    case Product::x_bar:
      text << "x_bar_" << r << " of pullback";
      remedy = "write sum_r df_r/dx_c lambda_r, over what was there.";
      break;
    case Product::theta_bar:
      text << "what pullback adds to theta_bar(" << r << ")";
      remedy = "add sum_r df_r/dtheta_k lambda_r to what is there, k in the order of parameters().";
      break;
  }
  text << " is " << entry.by_hand << " by hand and " << entry.by_dual_numbers << " by dual numbers: " << remedy;
  return text.str();
}

double product_error(const std::vector<ProductEntry>& entries) {
  const Scales scales(entries);
  double worst = 0;
  for (const ProductEntry& entry : entries) worst = std::max(worst, scales.error(entry));
  return worst;
}

ProblemReport product_report(const std::vector<ProductEntry>& entries, double tolerance) {
  const Scales scales(entries);
  std::array<bool, product_count> found{};
  ProblemReport report;
  for (const ProductEntry& entry : entries) {
    bool& already = found[static_cast<std::size_t>(entry.product)];
    if (already || scales.error(entry) <= tolerance) continue;
    already = true;
    report.findings.push_back(product_differs(entry));
  }
  return report;
}

}  // namespace antler::findings
