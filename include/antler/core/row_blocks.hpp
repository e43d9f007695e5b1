// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace antler {

/// Rows of equally many numbers, kept in blocks: memory grows by a block at a time, and no row is ever copied.
class RowBlocks {
 public:
  RowBlocks() = default;
  /// @param numbers  of a row, at least one
  explicit RowBlocks(std::size_t numbers) : numbers_(numbers), rows_per_block_(std::max<std::size_t>(1, block_numbers / numbers)) {}

  [[nodiscard]] std::size_t count() const { return count_; }
  /// Adds a row, to be filled in.
  std::span<double> append() {
    if (count_ % rows_per_block_ == 0) blocks_.push_back(std::make_unique_for_overwrite<double[]>(rows_per_block_ * numbers_));
    return row(count_++);
  }
  [[nodiscard]] std::span<double> row(std::size_t i) const {
    return {blocks_[i / rows_per_block_].get() + i % rows_per_block_ * numbers_, numbers_};
  }
  [[nodiscard]] std::size_t bytes() const { return sizeof(double) * blocks_.size() * rows_per_block_ * numbers_; }

 private:
  static constexpr std::size_t block_numbers = 32'768;

  std::size_t numbers_ = 1, rows_per_block_ = 1, count_ = 0;
  std::vector<std::unique_ptr<double[]>> blocks_;
};

}  // namespace antler
