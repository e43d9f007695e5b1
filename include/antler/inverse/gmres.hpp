// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Restarted GMRES for a linear operator that is known by its products [SaadSchultz1986].
///
/// Orthogonalisation is classical Gram-Schmidt, whose passes read the basis once, by all threads; repeated where digits were lost.
/// The least-squares problem is solved by Givens rotations, whose last entry is the norm of the residual.

#include <functional>
#include <vector>

#include "antler/core/kokkos.hpp"

namespace antler {

/// What a solve did: the relative residual |b - M x| / |b| it ended with, and the products with M it took.
struct GmresReport {
  double relative_residual = 0;
  Index products = 0;
};

/// The storage of a solve: `restart` + 1 vectors.
class Gmres {
 public:
  /// out <- M v; the two do not overlap.
  using Product = std::function<void(const double* v, double* out)>;

  Gmres(Index unknowns, Index restart);

  /// Solves M x = b from x = 0 until |b - M x| <= tolerance |b|, or to as many products as `most` allows.
  ///
  /// M is meant to be preconditioned from the left, so that |b - M x| is close to the error of x.
  /// @param x  out; the best that was found
  GmresReport solve(const Product& product, const double* b, double* x, double tolerance, Index most);

  [[nodiscard]] static std::size_t required_bytes(Index unknowns, Index restart) {
    return static_cast<std::size_t>(unknowns * (restart + 2)) * sizeof(double);
  }

 private:
  GmresReport cycle(const Product& product, double* x, double norm, double target, Index most);
  double* basis(Index k) { return basis_.data() + k * unknowns_; }
  /// h <- inner products of the first `count` vectors of the basis with w; w <- w - sum_k h_k v_k.
  /// @return  what is left of |w|
  double orthogonalise(Index count, double* w, double* h);
  [[nodiscard]] double norm(const double* v) const;

  Index unknowns_, restart_;
  std::vector<double> basis_, residual_;
  std::vector<double> hessenberg_, cosines_, sines_, rotated_, sums_, partial_;
};

}  // namespace antler
