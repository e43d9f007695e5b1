// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The best sequential evaluation of a GRU that we can write, forward and backward in time.
///
/// A batch goes into SIMD lanes, one sequence per lane: weights are broadcast, and nothing else of a step waits for anything but
/// the step before. A single sequence has its sums in lanes over the units, from transposed weights, so that no sum waits for its
/// own last addition, and its exponentials too: with few units most lanes are idle, and it is still faster than scalars with
/// libm's.

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
  static constexpr bool by_units = std::is_same_v<B, float>;
  static constexpr int blocks = (n + width - 1) / width, padded = blocks * width;

  /// Row g n + i of both matrices for all i at once: column c of gate g is `blocks` vectors, filled up with zeros.
  void forward_by_units() {
    const auto w_ih = cell_.weight_ih(), w_hh = cell_.weight_hh();
    const auto b_ih = cell_.bias_ih(), b_hh = cell_.bias_hh();
    std::vector<float> columns(static_cast<std::size_t>((m + n + 2) * 3 * padded));
    const auto at = [&](int c, int g, int r) -> float& { return columns[static_cast<std::size_t>((c * 3 + g) * padded + r)]; };
    for (int g = 0; g < 3; ++g)
      for (int r = 0; r < n; ++r) {
        for (int c = 0; c < m; ++c) at(c, g, r) = w_ih(g * n + r, c);
        for (int c = 0; c < n; ++c) at(m + c, g, r) = w_hh(g * n + r, c);
        at(m + n, g, r) = b_ih(g * n + r);
        at(m + n + 1, g, r) = b_hh(g * n + r);
      }
    Lanes h[blocks];
    float state[padded] = {};
    for (Lanes& block : h) block = Lanes(0.0f);
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      Lanes in[3][blocks], hidden[3][blocks];
      for (int g = 0; g < 3; ++g)
        for (int k = 0; k < blocks; ++k) {
          in[g][k] = antler::load<Lanes>(&at(m + n, g, k * width));
          hidden[g][k] = antler::load<Lanes>(&at(m + n + 1, g, k * width));
        }
      for (int c = 0; c < m; ++c) add_column(&at(c, 0, 0), inputs_[i][c], in);
      for (int c = 0; c < n; ++c) add_column(&at(m + c, 0, 0), state[c], hidden);
      for (int k = 0; k < blocks; ++k) {
        const Lanes r = antler::sigmoid(Lanes(in[0][k] + hidden[0][k])), z = antler::sigmoid(Lanes(in[1][k] + hidden[1][k]));
        const Lanes candidate = tanh(Lanes(in[2][k] + r * hidden[2][k]));
        h[k] = candidate + z * (h[k] - candidate);
        antler::store(state + k * width, h[k]);
      }
      for (int c = 0; c < n; ++c) states_[i + 1][c] = state[c];
    }
  }

  static void add_column(const float* column, float factor, Lanes (&sums)[3][blocks]) {
    const Lanes x(factor);
    for (int g = 0; g < 3; ++g)
      for (int k = 0; k < blocks; ++k)
        sums[g][k] = antler::multiply_add(antler::load<Lanes>(column + g * padded + k * width), x, sums[g][k]);
  }

  Cell cell_;
  std::vector<Input> inputs_, by_input_;
  std::vector<State> states_;
  std::vector<B> by_theta_;
};

}  // namespace sequences
