// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// A recurrence of heads with strides as what it is made of: recurrences of one lag, the strands, that do not see each other.
/// Strand j of head h (j = 0 .. s - 1, s the head's stride) are the components of the head in steps j + 1, j + 1 + s, j + 1 + 2 s,
/// ...

#include <algorithm>
#include <array>
#include <span>

#include "antler/problem/cells/multi_head.hpp"
#include "antler/problem/difference_equation.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// f as functions that do not see each other's states: one, itself, for all but MultiHead.
template <class F>
struct HeadsOf {
  using Head = F;
  static constexpr int count = 1;
  template <class X>
  using Input = X;

  static const F& head(const F& f, int /*h*/) { return f; }
  template <class X>
  static const X& input(const X& x, int /*h*/) {
    return x;
  }
};

template <class OneHead, int heads, HeadInput seen>
struct HeadsOf<MultiHead<OneHead, heads, seen>> {
  using Head = OneHead;
  static constexpr int count = heads;
  template <class X>
  using Input = typename HeadInputOf<std::is_same_v<X, Steps> ? HeadInput::shared : seen, heads, X>::type;

  static const Head& head(const MultiHead<OneHead, heads, seen>& f, int h) { return f.head(h); }
  template <class X>
  static Input<X> input(const X& x, int h) {
    static_assert(HeadInputOf<seen, heads, X>::exists,
                  "antler::MultiHead: heads with slices of the input need a Vector of as many components for each");
    return HeadInputOf<seen, heads, X>::of(x, h);
  }
};

/// A view of a recurrence of heads with strides.
template <class F, class T, int n, class X>
class Interleaved {
  using Heads = HeadsOf<F>;

 public:
  static constexpr int heads = Heads::count, size = n / heads;
  static_assert(n == heads * size, "antler::MultiHead: H heads have a state of H times as many components as one");
  using Whole = DifferenceEquation<F, T, n, 1, X>;
  using Input = typename Heads::template Input<X>;
  using Strand = DifferenceEquation<typename Heads::Head, T, size, 1, Input>;
  using State = Vector<T, n>;
  using Part = Vector<T, size>;

  /// @param earlier  y_{-1}, y_{-2}, ...: one for each step of the longest stride but the first; or none, if all are y_0
  Interleaved(const Whole& equation, const std::array<Index, heads>& strides, std::span<const State> earlier)
      : equation_(equation), strides_(strides), earlier_(earlier) {}

  [[nodiscard]] const Whole& equation() const { return equation_; }
  [[nodiscard]] Index steps() const { return equation_.steps; }
  [[nodiscard]] Index stride(int head) const { return strides_[static_cast<std::size_t>(head)]; }
  /// Strands of a head that have a step.
  [[nodiscard]] Index strands(int head) const { return std::min(stride(head), steps()); }
  [[nodiscard]] Index length(int head, Index strand) const { return (steps() - strand - 1) / stride(head) + 1; }
  /// Step k = 1 .. length of a strand, as a step of the whole.
  [[nodiscard]] Index step(int head, Index strand, Index k) const { return strand + 1 + (k - 1) * stride(head); }

  /// q of the y_{-q} with which a strand begins; 0 where all of them are y_0.
  [[nodiscard]] std::size_t origin(int head, Index strand) const {
    return earlier_.empty() ? 0 : static_cast<std::size_t>(stride(head) - 1 - strand);
  }
  [[nodiscard]] Part initial(int head, Index strand) const {
    const std::size_t q = origin(head, strand);
    return part(q == 0 ? equation_.history[0] : earlier_[q - 1], head);
  }

  /// The recurrence of one lag that a strand is.
  [[nodiscard]] Strand strand_of(int head, Index strand, const SourceLocation& where) const {
    const Index count = length(head, strand);
    if constexpr (Whole::has_inputs) {
      std::vector<Input> inputs;
      inputs.reserve(static_cast<std::size_t>(count));
      for (Index k = 1; k <= count; ++k)
        inputs.push_back(Heads::input(equation_.inputs[static_cast<std::size_t>(step(head, strand, k) - 1)], head));
      return {Heads::head(equation_.f, head), initial(head, strand), std::move(inputs), where};
    } else {
      return {Heads::head(equation_.f, head), initial(head, strand), Steps{count}, where};
    }
  }

  /// What belongs to a strand of rows that are given for y_1 .. y_N.
  [[nodiscard]] std::vector<Part> rows_of(std::span<const State> rows, int head, Index strand) const {
    std::vector<Part> parts(static_cast<std::size_t>(length(head, strand)));
    for (std::size_t k = 0; k < parts.size(); ++k)
      parts[k] = part(rows[static_cast<std::size_t>(step(head, strand, static_cast<Index>(k) + 1) - 1)], head);
    return parts;
  }
  /// Writes such parts, those of y_1 .. y_N, back to where they belong.
  void place_rows(std::span<const Part> parts, int head, Index strand, std::span<State> rows) const {
    for (std::size_t k = 0; k < parts.size(); ++k)
      place(parts[k], head, rows[static_cast<std::size_t>(step(head, strand, static_cast<Index>(k) + 1) - 1)]);
  }

  /// The components of a head.
  [[nodiscard]] static Part part(const State& y, int head) {
    Part out;
    for (int c = 0; c < size; ++c) out[c] = y[head * size + c];
    return out;
  }
  static void place(const Part& part, int head, State& y) {
    for (int c = 0; c < size; ++c) y[head * size + c] = part[c];
  }

 private:
  const Whole& equation_;
  std::array<Index, heads> strides_;
  std::span<const State> earlier_;
};

/// A recurrence of heads, each of stride 1.
template <class F, class T, int n, class X>
Interleaved<F, T, n, X> side_by_side(const DifferenceEquation<F, T, n, 1, X>& equation) {
  std::array<Index, HeadsOf<F>::count> ones;
  ones.fill(1);
  return {equation, ones, {}};
}

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
