// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <vector>

#include "dynamic/banded.hpp"

namespace antler::dynamic {

/// The entries of a dense matrix that have been seen to be different from zero, and an order of the components in which they are a
/// band: reverse Cuthill-McKee (banded_order). Every matrix is looked at before it is stored, and an entry that is new widens the
/// band or ends it: what is factored is always the whole matrix.
///
/// Allocates when entries come up that are new, which a few matrices at most can bring.
class ObservedBand {
 public:
  explicit ObservedBand(int n);

  /// Numbers that it takes at most, without what is freed again.
  static std::size_t numbers(int n) {
    const auto m = static_cast<std::size_t>(n);
    return n < smallest ? 0 : m * m / 2 + 2 * m;
  }

  enum class Order { kept, changed };

  /// Takes notice of the entries of an n x n matrix, column by column; `changed` when the band, or whether there is one, is
  /// another.
  Order observe(const double* dense);

  [[nodiscard]] bool is_band() const { return is_band_; }
  [[nodiscard]] const Banded& band() const { return band_; }

  /// The entries in the storage of band().
  void store(const double* dense, double* banded) const;
  /// n numbers from the order of the components to that of the band, and back.
  void to_order(const double* x, double* ordered) const;
  void from_order(const double* ordered, double* x) const;

 private:
  static constexpr int smallest = 24;    // below, blocks in registers are as fast as any structure
  static constexpr int most_orders = 8;  // a pattern that goes on to grow is none
  bool all_known(const double* dense) const;
  bool choose_order();

  int n_, orders_left_;
  bool is_band_ = false;
  Banded band_;
  std::vector<unsigned char> seen_;        // n x n, column by column
  std::vector<int> position_;              // of component c in the order
  std::vector<int> dense_at_, banded_at_;  // where the entries stand
};

}  // namespace antler::dynamic
