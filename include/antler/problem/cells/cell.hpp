// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// A cell: the f(y, x) of a recurrence y_i = f(y_{i-1}, x_i), its parameters in a plain View, and its products by hand.

#include <algorithm>
#include <utility>

#include "antler/core/kokkos.hpp"
#include "antler/problem/cells/cell_weights.hpp"
#include "antler/problem/same_function.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

template <class T, class... Properties>
KOKKOS_FORCEINLINE_FUNCTION T* first_of(const Kokkos::View<T*, Properties...>& parameters) {
  return parameters.data();
}
template <class T, int n>
KOKKOS_FORCEINLINE_FUNCTION const T* first_of(const Vector<T, n>& parameters) {
  return parameters.values;
}

/// One tensor of parameters, from a view of any layout and memory space.
template <class T>
struct HostTensor : NpyArray<T> {
  template <class View>
    requires(Kokkos::is_view<View>::value&& static_cast<int>(View::rank) <= 2)
  HostTensor(const View& view) {  // NOLINT: meant to convert
    const auto mirror = Kokkos::create_mirror_view(view);
    Kokkos::deep_copy(mirror, view);
    constexpr bool matrix = static_cast<int>(View::rank) == 2;
    this->shape.push_back(view.extent(0));
    if constexpr (matrix) this->shape.push_back(view.extent(1));
    for (std::size_t r = 0; r < view.extent(0); ++r)
      if constexpr (matrix) {
        for (std::size_t c = 0; c < view.extent(1); ++c) this->values.push_back(static_cast<T>(mirror(r, c)));
      } else {
        this->values.push_back(static_cast<T>(mirror(r)));
      }
  }
};

}  // namespace detail

/// f(y, x; theta) for the equations of a kind of cell: `Elman`, `Gru`, `Lstm` and `Lem` are names for it.
///
/// Copies share their parameters, as Views do: what is written into parameters() the next evaluation sees, in every copy. State and
/// input are Vectors of numbers, lanes, dual numbers or dual lanes, in any mixture; for input_size = 1 the input may be a number.
///
/// @tparam T          float or double
/// @tparam Equations  the formulas: `tensors`, `size`, `input_size`, `units`, and value, linearize, linearize_diagonal, pullback
/// @tparam Storage    of the flat parameter array: a View, by default of the default execution space's memory, or a Vector, see
/// with()
template <class T, class Equations, class Storage = Kokkos::View<T*>>
class Cell {
  static constexpr int tensors = cell_tensors::count<Equations>;

 public:
  using Scalar = T;
  static constexpr int size = Equations::size;              ///< components of the state
  static constexpr int input_size = Equations::input_size;  ///< components of the input
  static constexpr int parameter_count = cell_tensors::offset<Equations, tensors>;
  static constexpr bool keeps_view = Kokkos::is_view<Storage>::value;

  /// The cell on these parameters, which it shares if they are a View.
  /// @throws InvalidArgument  another length than parameter_count, a number that is not finite
  explicit Cell(const Storage& parameters, const Equations& equations = {},
                const SourceLocation& where = SourceLocation::current()) requires keeps_view : equations_(equations),
                                                                                               storage_(parameters) {
    require_length(parameters.extent(0), where);
    require_finite(where);
  }

  /// The cell on a copy of a flat array.
  /// @throws InvalidArgument  another length than parameter_count, a number that is not finite, Kokkos not running
  explicit Cell(std::span<const T> parameters, const Equations& equations = {},
                const SourceLocation& where = SourceLocation::current()) requires keeps_view : equations_(equations) {
    require_length(parameters.size(), where);
    cell_tensors::require_finite<T>(parameters, Equations::tensors, "", where);
    copy_in(parameters, where);
  }

  /// The cell on a copy of tensors of PyTorch's shapes, in views of any layout and memory space: `Gru<float, 8, 2>(weight_ih,
  /// weight_hh, bias_ih, bias_hh)`.
  /// @throws InvalidArgument  extents that are not the cell's, a number that is not finite, Kokkos not running
  Cell(const detail::HostTensor<T>& weight_ih, const detail::HostTensor<T>& weight_hh, const detail::HostTensor<T>& bias_ih,
       const detail::HostTensor<T>& bias_hh, const Equations& equations = {},
       const SourceLocation& where = SourceLocation::current()) requires(keeps_view&& tensors == 4)
      : equations_(equations) {
    copy_in(cell_tensors::joined<T>({weight_ih, weight_hh, bias_ih, bias_hh}, Equations::tensors, where), where);
  }

  /// The same for equations of six tensors.
  Cell(const detail::HostTensor<T>& first, const detail::HostTensor<T>& second, const detail::HostTensor<T>& third,
       const detail::HostTensor<T>& fourth, const detail::HostTensor<T>& fifth, const detail::HostTensor<T>& sixth,
       const Equations& equations = {}, const SourceLocation& where = SourceLocation::current()) requires(keeps_view&& tensors == 6)
      : equations_(equations) {
    copy_in(cell_tensors::joined<T>({first, second, third, fourth, fifth, sixth}, Equations::tensors, where), where);
  }

  /// The cell on parameters that are part of it, with element types of any kind.
  KOKKOS_FUNCTION explicit Cell(const Storage& parameters, const Equations& equations = {}) requires(!keeps_view)
      : equations_(equations), storage_(parameters) {}

  /// Parameters from path/NAME.npy, one file per tensor, where `path` is a folder, else from path.NAME.npy.
  /// @throws InvalidArgument  a file that is missing or no .npy file, another element type or shape, a number that is not finite
  [[nodiscard]] static Cell read(const std::filesystem::path& path, const Equations& equations = {},
                                 const SourceLocation& where = SourceLocation::current()) requires keeps_view {
    return Cell(std::span<const T>(cell_tensors::read<T>(path, Equations::tensors, where)), equations, where);
  }

  /// Writes the files that read() reads.
  /// @throws InvalidArgument  a file cannot be written
  void write(const std::filesystem::path& path, const SourceLocation& where = SourceLocation::current()) const requires keeps_view {
    cell_tensors::write<T>(path, host_parameters(), Equations::tensors, where);
  }

  /// Throws InvalidArgument unless every parameter is finite, as the constructors do: for after a training step.
  void require_finite(const SourceLocation& where = SourceLocation::current()) const requires keeps_view {
    cell_tensors::require_finite<T>(host_parameters(), Equations::tensors, "", where);
  }

  /// Every parameter uniform in [-1, 1) / sqrt(units), as PyTorch's cells begin. Number k of the flat array depends on seed and k
  /// alone (core/random.hpp), so that it is the same on every platform, and in float the number in double rounded.
  [[nodiscard]] static Cell random(std::uint64_t seed, const Equations& equations = {},
                                   const SourceLocation& where = SourceLocation::current()) requires keeps_view {
    return Cell(std::span<const T>(cell_tensors::random<T>(seed, parameter_count, Equations::units)), equations, where);
  }

  /// Whether two cells share their parameters and have the same equations.
  friend bool operator==(const Cell& a, const Cell& b) requires keeps_view {
    return a.storage_.data() == b.storage_.data() && same_function(a.equations_, b.equations_);
  }

  /// f(y, x).
  template <class U, CellInput<input_size> X>
  KOKKOS_FORCEINLINE_FUNCTION auto operator()(const Vector<U, size>& y, const X& x) const {
    return equations_.value(weights(), y, x);
  }

  /// f and df/dy.
  template <class U, CellInput<input_size> X>
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION auto linearize(const Vector<U, size>& y, const X& x) const {
    return equations_.linearize(weights(), y, x);
  }

  /// f and the diagonal of df/dy, without the matrix.
  template <class U, CellInput<input_size> X>
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION auto linearize_diagonal(const Vector<U, size>& y, const X& x) const {
    return equations_.linearize_diagonal(weights(), y, x);
  }

  /// The vector-Jacobian product: y_bar = (df/dy)^T lambda, x_bar = (df/dx)^T lambda, theta_bar(k) += (df/dtheta_k)^T lambda.
  ///
  /// @param y_bar      out, a Vector as y; must not alias lambda
  /// @param x_bar      out, a Vector or a number as x
  /// @param theta_bar  operator()(int k) is a reference to number k, in the order of the flat array; added to
  /// @note About three times the flops of f.
  template <class U, CellInput<input_size> X, class L, class YBar, CellInput<input_size> XBar, class ThetaBar>
  KOKKOS_FORCEINLINE_FUNCTION void pullback(const Vector<U, size>& y, const X& x, const Vector<L, size>& lambda, YBar& y_bar,
                                            XBar& x_bar, ThetaBar&& theta_bar) const {
    equations_.pullback(weights(), y, x, lambda, y_bar, x_bar, theta_bar);
  }

  /// The same cell on other parameters, kept within it: dual numbers give df/dtheta.
  template <class U>
  [[nodiscard]] KOKKOS_FUNCTION auto with(const Vector<U, parameter_count>& theta) const {
    return Cell<U, Equations, Vector<U, parameter_count>>(theta, equations_);
  }

  /// The flat array, shared with the cell.
  [[nodiscard]] const Storage& parameters() const { return storage_; }
  [[nodiscard]] const Equations& equations() const { return equations_; }

  /// Tensor number k of Equations::tensors as a View of the flat array, of rank 2 or 1; valid as long as a copy of the cell lives.
  template <int k>
  [[nodiscard]] auto tensor() const requires keeps_view {
    using Space = typename Storage::memory_space;
    constexpr CellTensor shape = Equations::tensors[k];
    T* const first = storage_.data() + cell_tensors::offset<Equations, k>;
    if constexpr (shape.columns == 0) {
      return Kokkos::View<T*, Space, Kokkos::MemoryUnmanaged>(first, shape.rows);
    } else {
      return Kokkos::View<T**, Kokkos::LayoutRight, Space, Kokkos::MemoryUnmanaged>(first, shape.rows, shape.columns);
    }
  }
  [[nodiscard]] auto weight_ih() const requires(keeps_view&& tensors == 4) { return tensor<0>(); }
  [[nodiscard]] auto weight_hh() const requires(keeps_view&& tensors == 4) { return tensor<1>(); }
  [[nodiscard]] auto bias_ih() const requires(keeps_view&& tensors == 4) { return tensor<2>(); }
  [[nodiscard]] auto bias_hh() const requires(keeps_view&& tensors == 4) { return tensor<3>(); }

  /// The same cell with its parameters in another memory space: a copy, or shared if they are there already.
  template <class Space>
  [[nodiscard]] auto in() const requires keeps_view {
    using There = Kokkos::View<T*, typename Space::memory_space>;
    return Cell<T, Equations, There>(There(Kokkos::create_mirror_view_and_copy(typename Space::memory_space(), storage_)),
                                     equations_);
  }

 private:
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION CellWeights<Equations, T> weights() const { return {detail::first_of(storage_)}; }

  static void require_length(std::size_t length, const SourceLocation& where) {
    require(length == static_cast<std::size_t>(parameter_count),
            "a cell with " + std::to_string(Equations::units) + " units and " + std::to_string(input_size) + " inputs has " +
                std::to_string(parameter_count) + " parameters, and " + std::to_string(length) +
                " are given: give all tensors one behind the other, as parameters_to_vector of PyTorch has them",
            where);
  }

  void copy_in(std::span<const T> parameters, const SourceLocation& where) {
    require_kokkos(where);
    storage_ = allocate<Storage>("antler::cell", parameter_count);
    const auto mirror = Kokkos::create_mirror_view(storage_);
    std::copy(parameters.begin(), parameters.end(), mirror.data());
    Kokkos::deep_copy(storage_, mirror);
  }

  [[nodiscard]] std::vector<T> host_parameters() const {
    const auto mirror = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), storage_);
    return {mirror.data(), mirror.data() + parameter_count};
  }

  Equations equations_;
  Storage storage_;
};

}  // namespace antler::inline ANTLER_LANES
