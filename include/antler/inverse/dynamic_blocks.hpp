// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Block tridiagonal systems with blocks of a size known at run time, in double precision on the host: what block_thomas.hpp and
/// block_cyclic_reduction.hpp do, compiled into the library.

#include <memory>
#include <span>
#include <vector>

#include "antler/core/require.hpp"
#include "antler/core/status.hpp"
#include "antler/deer/block_tridiagonal.hpp"

namespace antler {

/// L_i d_{i-1} + D_i d_i + U_i d_{i+1} = r_i, i = 0 .. N - 1, with n x n blocks: L, D, U of shape (N, n, n), r of shape (N, n), all
/// row by row. L_0 and U_{N-1} as BlockTridiagonal says.
struct DynamicBlockTridiagonal {
  Index length;
  int size;
  Ends ends;
  std::vector<double> L, D, U, r;

  /// All zero.
  /// @throws InvalidArgument  a length below zero, a size below one
  DynamicBlockTridiagonal(Index rows, int block, Ends beyond = Ends::open, const SourceLocation& where = SourceLocation::current());

  /// Where entry (row, column) of block i lies in L, D, U.
  [[nodiscard]] std::size_t at(Index i, int row, int column) const {
    return (static_cast<std::size_t>(i) * static_cast<std::size_t>(size) + static_cast<std::size_t>(row)) *
               static_cast<std::size_t>(size) +
           static_cast<std::size_t>(column);
  }
};

/// Block Thomas: sequential elimination, 14/3 n^3 N flops, N n^2 numbers. Allocates in its constructor only.
class DynamicBlockThomas {
 public:
  DynamicBlockThomas(Index length, int size, Ends ends = Ends::open, const SourceLocation& where = SourceLocation::current());
  ~DynamicBlockThomas();
  DynamicBlockThomas(DynamicBlockThomas&&) noexcept;
  DynamicBlockThomas& operator=(DynamicBlockThomas&&) noexcept;

  /// @param x  out: the solution, shape (N, n); must not overlap system.r
  /// @return   as BlockCyclicReductionPlan::apply
  /// @throws InvalidArgument  extents differ, or not those of the constructor
  Status apply(const DynamicBlockTridiagonal& system, std::span<double> x, const SourceLocation& where = SourceLocation::current());

 private:
  struct Storage;
  std::unique_ptr<Storage> storage_;
};

/// Block cyclic reduction by chunks of 16 rows, which the threads of the default host space share out: 16 n^3 N flops, depth O(log
/// N). Below four threads DynamicBlockThomas is faster.
class DynamicBlockCyclicReduction {
 public:
  DynamicBlockCyclicReduction(Index length, int size, Ends ends = Ends::open,
                              const SourceLocation& where = SourceLocation::current());
  ~DynamicBlockCyclicReduction();
  DynamicBlockCyclicReduction(DynamicBlockCyclicReduction&&) noexcept;
  DynamicBlockCyclicReduction& operator=(DynamicBlockCyclicReduction&&) noexcept;

  /// @copydoc DynamicBlockThomas::apply
  Status apply(const DynamicBlockTridiagonal& system, std::span<double> x, const SourceLocation& where = SourceLocation::current());

 private:
  struct Storage;
  std::unique_ptr<Storage> storage_;
};

}  // namespace antler
