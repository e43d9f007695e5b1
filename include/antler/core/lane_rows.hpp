// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <string>

#include "antler/core/kokkos.hpp"
#include "antler/core/lanes.hpp"
#include "antler/core/matrix.hpp"

namespace antler::inline ANTLER_LANES {

/// Per step some rows of numbers, with neighbouring steps in neighbouring SIMD lanes: element (step, row) lies at block step / W,
/// row, lane step % W.
///
/// A kernel loads row r of W steps as one U without moving data; a sequential sweep reads single steps. Several LaneRows share one
/// array (LaneArena), so that everything that belongs to a block of steps lies together.
template <class U, int rows>
class LaneRows {
 public:
  using Scalar = scalar_of<U>;
  static constexpr int width = lane_count<U>;

  LaneRows() = default;
  /// @param first   element (0, 0) in the shared array
  /// @param stride  distance of two blocks there
  /// @param blocks  how many there are
  LaneRows(Scalar* first, Index stride, Index blocks) : first_(first), stride_(stride), blocks_(blocks) {}

  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION U get(Index block, int row) const {
    ANTLER_CHECK_INDEX(0 <= block && block < blocks_ && 0 <= row && row < rows);
    return load<U>(first_ + block * stride_ + row * width);
  }
  KOKKOS_FORCEINLINE_FUNCTION void set(Index block, int row, const U& value) const {
    ANTLER_CHECK_INDEX(0 <= block && block < blocks_ && 0 <= row && row < rows);
    store<U>(first_ + block * stride_ + row * width, value);
  }
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION Scalar& at(Index step, int row) const {
    return at(step / width, static_cast<int>(step % width), row);
  }
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION Scalar& at(Index block, int lane, int row) const {
    ANTLER_CHECK_INDEX(0 <= block && block < blocks_ && 0 <= lane && lane < width && 0 <= row && row < rows);
    return first_[block * stride_ + row * width + lane];
  }

  template <int n>
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION Vector<U, n> get_vector(Index block) const {
    static_assert(n == rows);
    Vector<U, n> v;
    for (int c = 0; c < n; ++c) v[c] = get(block, c);
    return v;
  }
  template <int n>
  KOKKOS_FORCEINLINE_FUNCTION void set_vector(Index block, const Vector<U, n>& v) const {
    static_assert(n == rows);
    for (int c = 0; c < n; ++c) set(block, c, v[c]);
  }
  template <int m, int n>
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION Matrix<U, m, n> get_matrix(Index block) const {
    static_assert(m * n == rows);
    Matrix<U, m, n> a;
    for (int i = 0; i < m; ++i)
      for (int j = 0; j < n; ++j) a(i, j) = get(block, i * n + j);
    return a;
  }
  template <int m, int n>
  KOKKOS_FORCEINLINE_FUNCTION void set_matrix(Index block, const Matrix<U, m, n>& a) const {
    static_assert(m * n == rows);
    for (int i = 0; i < m; ++i)
      for (int j = 0; j < n; ++j) set(block, i * n + j, a(i, j));
  }

 private:
  Scalar* first_ = nullptr;
  Index stride_ = 0, blocks_ = 0;
};

/// The array that several LaneRows share. One allocation: pages are touched as far as blocks are used, and the next solve finds
/// them again.
template <class U>
class LaneArena {
 public:
  using Scalar = scalar_of<U>;

  /// @param rows    of all LaneRows together
  /// @param blocks  capacity
  LaneArena(const std::string& label, int rows, Index blocks)
      : stride_(rows * lane_count<U>),
        blocks_(blocks),
        storage_(allocate<Kokkos::View<Scalar*, Kokkos::HostSpace>>(label, stride_ * blocks)) {}

  /// The next `rows` rows of every block.
  template <int rows>
  [[nodiscard]] LaneRows<U, rows> take() {
    const LaneRows<U, rows> taken(storage_.data() + used_, stride_, blocks_);
    used_ += rows * lane_count<U>;
    return taken;
  }

  /// All rows of block `to` become those of block `from`.
  void copy_block(Index from, Index to) const {
    if (from != to) std::copy_n(storage_.data() + from * stride_, stride_, storage_.data() + to * stride_);
  }

 private:
  Index stride_, blocks_, used_ = 0;
  Kokkos::View<Scalar*, Kokkos::HostSpace> storage_;
};

}  // namespace antler::inline ANTLER_LANES
