// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "antler/core/kokkos.hpp"
#include "antler/core/lanes.hpp"
#include "antler/core/matrix.hpp"

namespace antler::inline ANTLER_LANES {

/// Per step some rows of numbers, with neighbouring steps in neighbouring SIMD lanes: element (step, row) lies at block step / W, row, lane step % W.
///
/// A kernel loads row r of W steps as one U without moving data; a sequential sweep reads single steps.
template <class U, int rows>
class LaneRows {
 public:
  using Scalar = scalar_of<U>;
  static constexpr int width = lane_count<U>;

  LaneRows() = default;
  /// @param blocks  capacity in blocks of `width` steps
  LaneRows(const std::string& label, Index blocks) : storage_(allocate<Storage>(label, blocks * rows * width)) {}

  [[nodiscard]] U get(Index block, int row) const { return load<U>(&storage_(static_cast<std::size_t>((block * rows + row) * width))); }
  void set(Index block, int row, const U& value) const { store<U>(&storage_(static_cast<std::size_t>((block * rows + row) * width)), value); }
  [[nodiscard]] Scalar& at(Index step, int row) const {
    return storage_(static_cast<std::size_t>(((step / width) * rows + row) * width + step % width));
  }

  template <int n>
  [[nodiscard]] Vector<U, n> get_vector(Index block) const {
    static_assert(n == rows);
    Vector<U, n> v;
    for (int c = 0; c < n; ++c) v[c] = get(block, c);
    return v;
  }
  template <int n>
  void set_vector(Index block, const Vector<U, n>& v) const {
    static_assert(n == rows);
    for (int c = 0; c < n; ++c) set(block, c, v[c]);
  }
  template <int m, int n>
  [[nodiscard]] Matrix<U, m, n> get_matrix(Index block) const {
    static_assert(m * n == rows);
    Matrix<U, m, n> a;
    for (int i = 0; i < m; ++i)
      for (int j = 0; j < n; ++j) a(i, j) = get(block, i * n + j);
    return a;
  }
  template <int m, int n>
  void set_matrix(Index block, const Matrix<U, m, n>& a) const {
    static_assert(m * n == rows);
    for (int i = 0; i < m; ++i)
      for (int j = 0; j < n; ++j) set(block, i * n + j, a(i, j));
  }

 private:
  using Storage = Kokkos::View<Scalar*, Kokkos::HostSpace>;
  Storage storage_;
};

}  // namespace antler::inline ANTLER_LANES
