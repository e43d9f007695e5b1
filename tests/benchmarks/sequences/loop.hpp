// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The best sequential evaluation of a GRU that we can write, forward and backward in time.
///
/// A batch goes into SIMD lanes, one sequence per lane: weights are broadcast, and nothing else of a step waits for anything but
/// the step before. A single sequence with many units has its sums in lanes over the units, from transposed weights, so that no sum
/// waits for its own last addition; with few units it is evaluated in scalars.

#include <antler/antler.hpp>
#include <vector>

namespace sequences {

using antler::Index;

/// `B` is a number, or lanes with one sequence in each.
template <class B, int n, int m>
class Loop {
 public:
  using Cell = antler::Gru<float, n, m>;
  using State = antler::Vector<B, n>;
  using Input = antler::Vector<B, m>;

  Loop(const Cell& cell, std::vector<Input> inputs) : cell_(cell), inputs_(std::move(inputs)), states_(inputs_.size() + 1) {}

  void forward() {
    states_[0] = State{};
    if constexpr (by_units) {
      forward_by_units();
    } else {
      for (std::size_t i = 0; i < inputs_.size(); ++i) states_[i + 1] = cell_(states_[i], inputs_[i]);
    }
  }

  /// dLoss/dtheta and dLoss/dx of Loss = sum of all components of all states, one number per lane.
  void backward() {
    by_theta_.assign(Cell::parameter_count, B(0));
    by_input_.resize(inputs_.size());
    State lambda = State::filled(B(1)), next;
    for (std::size_t i = inputs_.size(); i-- > 0;) {
      cell_.pullback(states_[i], inputs_[i], lambda, next, by_input_[i],
                     [this](int k) -> B& { return by_theta_[static_cast<std::size_t>(k)]; });
      for (int c = 0; c < n; ++c) lambda[c] = next[c] + B(1);
    }
  }

  [[nodiscard]] const std::vector<State>& states() const { return states_; }
  [[nodiscard]] const std::vector<B>& by_theta() const { return by_theta_; }

 private:
  using Lanes = antler::Lanes<float>;
  static constexpr int width = antler::lane_count<Lanes>;
  static constexpr bool by_units = std::is_same_v<B, float> && n >= width && n % width == 0;
  static constexpr int blocks = by_units ? n / width : 1;

  /// Rows g n + i of both matrices for all i at once: column c of gate g is blocks vectors.
  void forward_by_units() {
    const auto w_ih = cell_.weight_ih(), w_hh = cell_.weight_hh();
    std::vector<float> columns(static_cast<std::size_t>((m + n) * 3 * n));
    for (int r = 0; r < 3 * n; ++r) {
      for (int c = 0; c < m; ++c) columns[static_cast<std::size_t>(c * 3 * n + r)] = w_ih(r, c);
      for (int c = 0; c < n; ++c) columns[static_cast<std::size_t>((m + c) * 3 * n + r)] = w_hh(r, c);
    }
    const auto b_ih = cell_.bias_ih(), b_hh = cell_.bias_hh();
    Lanes h[blocks];
    for (Lanes& block : h) block = Lanes(0.0f);
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      Lanes in[3][blocks], hidden[3][blocks];
      for (int g = 0; g < 3; ++g)
        for (int k = 0; k < blocks; ++k) {
          in[g][k] = antler::load<Lanes>(b_ih.data() + g * n + k * width);
          hidden[g][k] = antler::load<Lanes>(b_hh.data() + g * n + k * width);
        }
      for (int c = 0; c < m; ++c) add_column(columns.data() + c * 3 * n, inputs_[i][c], in);
      for (int c = 0; c < n; ++c) add_column(columns.data() + (m + c) * 3 * n, states_[i][c], hidden);
      for (int k = 0; k < blocks; ++k) {
        const Lanes r = antler::sigmoid(Lanes(in[0][k] + hidden[0][k])), z = antler::sigmoid(Lanes(in[1][k] + hidden[1][k]));
        const Lanes candidate = tanh(Lanes(in[2][k] + r * hidden[2][k]));
        h[k] = candidate + z * (h[k] - candidate);
        antler::store(states_[i + 1].values + k * width, h[k]);
      }
    }
  }

  static void add_column(const float* column, float factor, Lanes (&sums)[3][blocks]) {
    const Lanes x(factor);
    for (int g = 0; g < 3; ++g)
      for (int k = 0; k < blocks; ++k) sums[g][k] = fma(antler::load<Lanes>(column + g * n + k * width), x, sums[g][k]);
  }

  Cell cell_;
  std::vector<Input> inputs_, by_input_;
  std::vector<State> states_;
  std::vector<B> by_theta_;
};

}  // namespace sequences
