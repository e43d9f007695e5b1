// SPDX-License-Identifier: BSD-3-Clause
#include "antler/inverse/dynamic_blocks.hpp"

#include <algorithm>

#include "blocks/chunks.hpp"

namespace antler {

using blocks::Rows;
using blocks::Separators;
using blocks::Workspace;
using detail::EliminationReport;
using Space = Kokkos::DefaultHostExecutionSpace;

namespace {

std::size_t unsigned_of(Index i) { return static_cast<std::size_t>(i); }

void require_sizes(Index length, int size, const SourceLocation& where) {
  require(length >= 0 && size >= 1, "a block tridiagonal system has no fewer than 0 block rows, of blocks of size 1 at least",
          where);
}

void require_matching(const DynamicBlockTridiagonal& system, std::span<const double> x, Index length, int size, Ends ends,
                      const SourceLocation& where) {
  const std::size_t rows = unsigned_of(system.length) * unsigned_of(system.size), entries = rows * unsigned_of(system.size);
  require(system.length == length && system.size == size && system.ends == ends,
          "this inverse was made for another length, block size or other ends: make one for the system", where);
  require(system.L.size() == entries && system.D.size() == entries && system.U.size() == entries && system.r.size() == rows,
          "L, D, U of a block tridiagonal system must have length * size * size numbers, r length * size", where);
  require(x.size() == rows, "the solution must have length * size numbers", where);
  require(rows == 0 || x.data() != system.r.data(), "the solution must not alias r", where);
}

/// Residual and correction of a monitored solve; `eliminate(rows, x)` is the elimination.
struct Refinement {
  std::vector<double> residual, correction;
  explicit Refinement(std::size_t unknowns) : residual(unknowns), correction(unknowns) {}
};

template <class Eliminate>
struct MonitoredSolve {
  Rows rows;
  std::span<double> x;
  Refinement& storage;
  const Eliminate& run;

  [[nodiscard]] EliminationReport eliminate() const { return run(rows, x.data()); }
  [[nodiscard]] double backward_error() const { return blocks::backward_error(rows, x.data(), storage.residual); }
  void refine() const {
    run(Rows{rows.system, storage.residual.data()}, storage.correction.data());
    for (std::size_t k = 0; k < x.size(); ++k) x[k] += storage.correction[k];
  }
  [[nodiscard]] double unsolved_share() const {
    const double left = blocks::scaled_size(rows, storage.residual.data());
    return left > 0 ? left / blocks::scaled_size(rows, rows.r) : 0;
  }
};

template <class Eliminate>
Status monitored(const DynamicBlockTridiagonal& system, std::span<double> x, Refinement& storage, const Eliminate& eliminate) {
  if (system.length == 0) return Status::converged;
  return detail::monitored(MonitoredSolve<Eliminate>{{&system, system.r.data()}, x, storage, eliminate},
                           {std::numeric_limits<double>::epsilon(), system.size, system.length});
}

/// The root of a reduction: row 0, what is left of it in `left`.
double solve_reduced(const Rows& whole, const Rows& left, double* x) {
  const std::size_t n = whole.n();
  std::vector<double> a(left.diagonal(0), left.diagonal(0) + n * n), b(left.right(0), left.right(0) + n);
  if (left.periodic())
    for (std::size_t k = 0; k < n * n; ++k) a[k] += left.lower(0)[k] + left.upper(0)[k];
  return blocks::solve_root(whole, 0, std::move(a), std::move(b), x);
}

}  // namespace

DynamicBlockTridiagonal::DynamicBlockTridiagonal(Index rows, int block, Ends beyond, const SourceLocation& where)
    : length((require_sizes(rows, block, where), rows)), size(block), ends(beyond) {
  const std::size_t unknowns = unsigned_of(rows) * unsigned_of(block);
  for (auto* blocks : {&L, &D, &U}) blocks->resize(unknowns * unsigned_of(block));
  r.resize(unknowns);
}

struct DynamicBlockThomas::Storage {
  Index length;
  int size;
  Ends ends;
  std::vector<double> rows;  // [W y] of every row
  Workspace work;
  Refinement refinement;
  Separators root;

  [[nodiscard]] std::size_t n() const { return unsigned_of(size); }
  [[nodiscard]] double* row(Index i) { return rows.data() + unsigned_of(i) * n() * (n() + 1); }

  double forward(const Rows& system, Index begin, Index end) {
    double growth = 0;
    for (Index i = begin; i < end; ++i)
      growth = std::max(growth, blocks::eliminate_row(system, i, i > 0 ? row(i - 1) : nullptr, row(i), work));
    return growth;
  }
  void backward(double* x, Index begin, Index end) {
    for (Index i = end - 1; i >= begin; --i)
      blocks::substitute_row(n(), row(i), x + unsigned_of(i + 1 < length ? i + 1 : 0) * n(), x + unsigned_of(i) * n());
  }

  /// Row N - 1 is the root.
  EliminationReport eliminate(const Rows& system, double* x) {
    const Index last = length - 1;
    const double growth = forward(system, 0, last);
    std::vector<double> a(system.diagonal(last), system.diagonal(last) + n() * n()),
        b(system.right(last), system.right(last) + n());
    for (std::size_t c = 0; last > 0 && c < n(); ++c)
      for (std::size_t k = 0; k < n(); ++k) {
        const double entry = system.lower(last)[c * n() + k];
        const double* before = row(last - 1) + k * (n() + 1);
        for (std::size_t d = 0; d < n(); ++d) a[c * n() + d] -= entry * before[d];
        b[c] -= entry * before[n()];
      }
    const double pivot = blocks::solve_root(system, last, std::move(a), std::move(b), x + unsigned_of(last) * n());
    backward(x, 0, last);
    return {growth, pivot};
  }

  /// Row 0 is the root, all others are reduced to it and then eliminated between x_0 and x_0.
  EliminationReport eliminate_periodic(const Rows& system, double* x) {
    double growth = blocks::reduce_chunk(system, 0, length, root, work);
    root.merge();
    const double pivot = solve_reduced(system, root.rows(), x);
    std::fill_n(row(0), n() * (n() + 1), 0.0);
    for (std::size_t c = 0; c < n(); ++c) row(0)[c * (n() + 1) + n()] = x[c];
    growth = std::max(growth, forward(system, 1, length));
    backward(x, 1, length);
    return {growth, pivot};
  }
};

DynamicBlockThomas::DynamicBlockThomas(Index length, int size, Ends ends, const SourceLocation& where) {
  require_sizes(length, size, where);
  const std::size_t n = unsigned_of(size), unknowns = unsigned_of(length) * n;
  storage_.reset(new Storage{length, size, ends, std::vector<double>(unknowns * (n + 1)), Workspace(n), Refinement(unknowns),
                             Separators(ends == Ends::periodic ? 1 : 0, size, ends)});
}
DynamicBlockThomas::~DynamicBlockThomas() = default;
DynamicBlockThomas::DynamicBlockThomas(DynamicBlockThomas&&) noexcept = default;
DynamicBlockThomas& DynamicBlockThomas::operator=(DynamicBlockThomas&&) noexcept = default;

Status DynamicBlockThomas::apply(const DynamicBlockTridiagonal& system, std::span<double> x, const SourceLocation& where) {
  Storage& storage = *storage_;
  require_matching(system, x, storage.length, storage.size, storage.ends, where);
  return monitored(system, x, storage.refinement, [&](const Rows& rows, double* states) {
    return rows.periodic() ? storage.eliminate_periodic(rows, states) : storage.eliminate(rows, states);
  });
}

struct DynamicBlockCyclicReduction::Storage {
  static constexpr Index chunk = 16;

  Index length;
  int size;
  Ends ends;
  std::vector<Separators> levels;
  std::vector<Workspace> work;                 // per worker
  std::vector<std::vector<double>> interiors;  // per worker: [W y] of a chunk's rows
  Refinement refinement;

  [[nodiscard]] std::size_t n() const { return unsigned_of(size); }

  /// Calls body(chunk, worker) for all chunks and returns the largest value.
  template <class Body>
  double for_each_chunk(const char* label, Index chunks, double flops, const Body& body) {
    const auto workers = static_cast<Index>(work.size());
    return parallel_maximum(label, Space(), std::min(workers, chunks), flops * static_cast<double>(chunks / workers + 1),
                            [&](Index w) {
                              double largest = 0;
                              for (Index k = w; k < chunks; k += workers) largest = std::max(largest, body(k, unsigned_of(w)));
                              return largest;
                            });
  }

  EliminationReport eliminate(const Rows& system, double* x) {
    const double cube = static_cast<double>(size) * static_cast<double>(size) * static_cast<double>(size) * chunk;
    double growth = 0;
    for (std::size_t level = 0; level < levels.size(); ++level) {
      const Rows from = level == 0 ? system : levels[level - 1].rows();
      Separators& to = levels[level];
      growth = std::max(growth, for_each_chunk("antler::blocks::reduce", to.system.length, 11 * cube, [&](Index k, std::size_t w) {
                          return blocks::reduce_chunk(from, k, chunk, to, work[w]);
                        }));
      to.merge();
    }
    const double pivot =
        solve_reduced(system, levels.empty() ? system : levels.back().rows(), levels.empty() ? x : levels.back().x.data());
    for (std::size_t level = levels.size(); level-- > 0;) {
      const Rows to = level == 0 ? system : levels[level - 1].rows();
      double* states = level == 0 ? x : levels[level - 1].x.data();
      for_each_chunk("antler::blocks::substitute", levels[level].system.length, 5 * cube, [&](Index k, std::size_t w) {
        substitute(to, k, levels[level], states, w);
        return 0.0;
      });
    }
    return {growth, pivot};
  }

  /// The interior of chunk k between its separators.
  void substitute(const Rows& rows, Index k, const Separators& separators, double* x, std::size_t worker) {
    const Index begin = k * chunk, end = std::min(begin + chunk, rows.length());
    const auto at = [&](Index i) { return interiors[worker].data() + unsigned_of(i - begin) * n() * (n() + 1); };
    const double* own = separators.x.data() + unsigned_of(k) * n();
    const Index behind = end < rows.length() ? k + 1 : 0;
    std::fill_n(at(begin), n() * (n() + 1), 0.0);
    for (std::size_t c = 0; c < n(); ++c) at(begin)[c * (n() + 1) + n()] = own[c];
    std::copy_n(own, n(), x + unsigned_of(begin) * n());
    for (Index i = begin + 1; i < end; ++i) blocks::eliminate_row(rows, i, at(i - 1), at(i), work[worker]);
    const double* next = end < rows.length() || rows.periodic() ? separators.x.data() + unsigned_of(behind) * n() : nullptr;
    for (Index i = end - 1; i > begin; --i) {
      blocks::substitute_row(n(), at(i), next, x + unsigned_of(i) * n());
      next = x + unsigned_of(i) * n();
    }
  }
};

DynamicBlockCyclicReduction::DynamicBlockCyclicReduction(Index length, int size, Ends ends, const SourceLocation& where) {
  require_sizes(length, size, where);
  require_kokkos(where);
  const std::size_t n = unsigned_of(size);
  storage_.reset(new Storage{length, size, ends, {}, {}, {}, Refinement(unsigned_of(length) * n)});
  for (Index rows = length; rows > 1; rows = storage_->levels.back().system.length)
    storage_->levels.emplace_back((rows + Storage::chunk - 1) / Storage::chunk, size, ends);
  for (Index w = 0; w < concurrency(Space()); ++w) {
    storage_->work.emplace_back(n);
    storage_->interiors.emplace_back(unsigned_of(Storage::chunk) * n * (n + 1));
  }
}
DynamicBlockCyclicReduction::~DynamicBlockCyclicReduction() = default;
DynamicBlockCyclicReduction::DynamicBlockCyclicReduction(DynamicBlockCyclicReduction&&) noexcept = default;
DynamicBlockCyclicReduction& DynamicBlockCyclicReduction::operator=(DynamicBlockCyclicReduction&&) noexcept = default;

Status DynamicBlockCyclicReduction::apply(const DynamicBlockTridiagonal& system, std::span<double> x, const SourceLocation& where) {
  Storage& storage = *storage_;
  require_matching(system, x, storage.length, storage.size, storage.ends, where);
  return monitored(system, x, storage.refinement,
                   [&](const Rows& rows, double* states) { return storage.eliminate(rows, states); });
}

}  // namespace antler
