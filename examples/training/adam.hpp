// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <span>
#include <vector>

namespace training {

/// Adam [Kingma2015, alg. 1] with its published constants.
template <class T>
class Adam {
 public:
  Adam(std::size_t parameters, T rate) : rate_(rate), mean_(parameters), square_(parameters) {}

  /// Of the steps from now on.
  void set_rate(T rate) { rate_ = rate; }

  /// theta <- theta - rate m / (sqrt(v) + 1e-8), m and v the corrected running means of the gradient and of its squares.
  void step(std::span<T> theta, std::span<const T> gradient) {
    slow_ *= decay_mean;
    fast_ *= decay_square;
    for (std::size_t k = 0; k < theta.size(); ++k) {
      mean_[k] = decay_mean * mean_[k] + (1 - decay_mean) * gradient[k];
      square_[k] = decay_square * square_[k] + (1 - decay_square) * gradient[k] * gradient[k];
      theta[k] -= rate_ * (mean_[k] / (1 - slow_)) / (std::sqrt(square_[k] / (1 - fast_)) + T(1e-8));
    }
  }

 private:
  static constexpr T decay_mean = T(0.9), decay_square = T(0.999);
  T rate_, slow_ = 1, fast_ = 1;
  std::vector<T> mean_, square_;
};

}  // namespace training
