// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <antler/core/vector.hpp>
#include <cmath>
#include <span>

namespace training {

/// Cross entropy of softmax(W h + b) and a label, with its derivatives; theta is (W row by row, b).
template <class T, int n, int classes>
struct Readout {
  static constexpr int parameter_count = classes * (n + 1);

  struct Result {
    T loss;
    int answer;                  ///< the class of the largest probability
    antler::Vector<T, n> h_bar;  ///< dLoss/dh
  };

  /// @param theta_bar  dLoss/dtheta is added to it
  static Result apply(std::span<const T> theta, const antler::Vector<T, n>& h, int label, std::span<T> theta_bar) {
    T score[classes];
    for (int k = 0; k < classes; ++k) {
      score[k] = theta[static_cast<std::size_t>(classes * n + k)];
      for (int c = 0; c < n; ++c) score[k] += theta[static_cast<std::size_t>(k * n + c)] * h[c];
    }
    const T* const largest = std::max_element(score, score + classes);
    T sum = 0;
    for (const T s : score) sum += std::exp(s - *largest);
    Result result{std::log(sum) + *largest - score[label], static_cast<int>(largest - score), {}};
    for (int k = 0; k < classes; ++k) {
      const T by_score = std::exp(score[k] - *largest) / sum - (k == label ? T(1) : T(0));
      theta_bar[static_cast<std::size_t>(classes * n + k)] += by_score;
      for (int c = 0; c < n; ++c) {
        theta_bar[static_cast<std::size_t>(k * n + c)] += by_score * h[c];
        result.h_bar[c] += by_score * theta[static_cast<std::size_t>(k * n + c)];
      }
    }
    return result;
  }
};

}  // namespace training
