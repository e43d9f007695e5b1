// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace antler::dynamic {

/// The value at theta of a cubic y + sum_m c_m theta^m, whose 4 n numbers are y, c_1, c_2, c_3. The one place where they are
/// evaluated for users, so that an event's state has the bits of the dense output.
void evaluate_cubic(std::span<const double> cubic, double theta, std::span<double> y);

/// The cubics y + sum_m c_m theta^m of neighbouring steps, 4 n numbers each: y, c_1, c_2, c_3. Allocates in its constructor only.
class Polynomials {
 public:
  Polynomials(int n, std::size_t capacity) : n_(static_cast<std::size_t>(n)), values_(4 * n_ * capacity) {
    t_.reserve(capacity);
    h_.reserve(capacity);
  }

  [[nodiscard]] std::size_t count() const { return t_.size(); }
  void clear() {
    t_.clear();
    h_.clear();
  }
  /// Adds the step from t to t + h; its numbers are to be filled in.
  std::span<double> append(double t, double h) {
    t_.push_back(t);
    h_.push_back(h);
    return {values_.data() + 4 * n_ * (count() - 1), 4 * n_};
  }
  void drop_last() {
    t_.pop_back();
    h_.pop_back();
  }

  [[nodiscard]] double t(std::size_t i) const { return t_[i]; }
  [[nodiscard]] double h(std::size_t i) const { return h_[i]; }
  [[nodiscard]] double end(std::size_t i) const { return t_[i] + h_[i]; }
  /// y of step i; c_m stands m n numbers behind it.
  [[nodiscard]] const double* start(std::size_t i) const { return values_.data() + 4 * n_ * i; }

 private:
  std::size_t n_;
  std::vector<double> t_, h_, values_;
};

}  // namespace antler::dynamic
