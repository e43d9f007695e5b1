// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Several cells side by side that do not see each other, the heads of a multi-head layer [Lim2024]:
///
///     f((h_1, ..., h_H), x) = (f_1(h_1, x_1), ..., f_H(h_H, x_H)),    x_h = x, or the h-th slice of x.
///
/// The Jacobian is block diagonal. Nobody has to find that out: solve() and gradient() take a recurrence of heads for H recurrences
/// of k = n / H components, which cost H k^3 per step in place of n^3 (solve/strided.hpp). Heads may also have strides of their own
/// (problem/strided.hpp).

#include <array>

#include "antler/problem/cells/cell.hpp"
#include "antler/problem/initial_value_problem.hpp"

namespace antler::inline ANTLER_LANES {

/// What a head sees of the input of a step: all of it, or a slice of its own, the first head the first.
enum class HeadInput { shared, sliced };

namespace detail {

/// Cells whose parameters are views: together they have one flat array.
template <class Head>
concept KeepsView = requires {
  requires Head::keeps_view;
};

struct NoStorage {};
template <class Head>
struct HeadStorage {
  using type = NoStorage;
  struct equations {};
};
template <KeepsView Head>
struct HeadStorage<Head> {
  using type = std::remove_cvref_t<decltype(std::declval<const Head&>().parameters())>;
  using equations = std::remove_cvref_t<decltype(std::declval<const Head&>().equations())>;
};

template <class Head>
KOKKOS_INLINE_FUNCTION constexpr int head_parameters() {
  if constexpr (requires { Head::parameter_count; }) {
    return Head::parameter_count;
  } else {
    return 0;
  }
}

/// What head h sees of x; a slice is one of a Vector.
template <HeadInput seen, int heads, class X>
struct HeadInputOf {
  using type = X;
  static constexpr bool exists = seen == HeadInput::shared;
  KOKKOS_FORCEINLINE_FUNCTION static const X& of(const X& x, int /*head*/) { return x; }
};
template <int heads, class V, int m>
struct HeadInputOf<HeadInput::sliced, heads, Vector<V, m>> {
  static constexpr bool exists = m % heads == 0;
  using type = Vector<V, exists ? m / heads : 1>;
  KOKKOS_FORCEINLINE_FUNCTION static type of(const Vector<V, m>& x, int head) {
    type slice;
    for (int c = 0; c < m / heads; ++c) slice[c] = x[head * (m / heads) + c];
    return slice;
  }
};

}  // namespace detail

/// H heads as one f. Cells keep the parameters of all heads in one flat array, head after head, which copies share.
///
/// @tparam Head   a cell, or an f of the user's with `static constexpr int size`
/// @tparam heads  H; the state is (h_1, ..., h_H), H times Head::size components
/// @tparam seen   of a step's input by a head: all of it, or one of H slices
template <class Head, int heads, HeadInput seen = HeadInput::shared>
class MultiHead {
  static_assert(heads >= 1, "antler::MultiHead: at least one head");
  using Storage = typename detail::HeadStorage<Head>::type;
  using Equations = typename detail::HeadStorage<Head>::equations;
  using Numbers = std::make_integer_sequence<int, heads>;
  static constexpr bool keeps_view = detail::KeepsView<Head>;
  template <class X>
  using Slice = detail::HeadInputOf<seen, heads, X>;

 public:
  static constexpr int head_count = heads;
  static constexpr int head_size = Head::size;
  static constexpr int size = heads * head_size;
  static constexpr int head_parameter_count = detail::head_parameters<Head>();
  static constexpr int parameter_count = heads * head_parameter_count;
  static constexpr bool lanes = accepts_lanes<Head>();

  /// The given heads; parameters of cells are copied into the flat array.
  explicit MultiHead(const std::array<Head, heads>& given) : MultiHead(given, Numbers{}) {}

  /// Cells on these parameters, which they share: those of the first head, then those of the second, ...
  /// @throws InvalidArgument  another length than parameter_count, a number that is not finite
  explicit MultiHead(const Storage& parameters, const Equations& equations = {},
                     const SourceLocation& where = SourceLocation::current()) requires(keeps_view)
      : MultiHead(checked(parameters, where), all_alike(equations), where, Numbers{}) {}

  /// Cells as PyTorch begins with: number k of the flat array depends on seed and k alone.
  [[nodiscard]] static MultiHead random(std::uint64_t seed, const Equations& equations = {},
                                        const SourceLocation& where = SourceLocation::current()) requires(keeps_view) {
    using T = typename Head::Scalar;
    return MultiHead(copied<T>(cell_tensors::random<T>(seed, parameter_count, Equations::units), where), equations, where);
  }

  /// Cells from files: head h as Head::read(path/h), where `path` is a folder (path/0.weight_ih.npy, ..., as a ModuleList of
  /// PyTorch names them, or path/0/weight_ih.npy), else path.h (path.0.weight_ih.npy).
  /// @throws InvalidArgument  as Head::read()
  [[nodiscard]] static MultiHead read(const std::filesystem::path& path, const Equations& equations = {},
                                      const SourceLocation& where = SourceLocation::current()) requires(keeps_view) {
    using T = typename Head::Scalar;
    std::vector<T> flat;
    for (int h = 0; h < heads; ++h) {
      const auto values = cell_tensors::read<T>(file_of(path, h), Equations::tensors, where);
      flat.insert(flat.end(), values.begin(), values.end());
    }
    return MultiHead(copied<T>(flat, where), equations, where);
  }

  /// Writes the files that read() reads.
  /// @throws InvalidArgument  a file cannot be written
  void write(const std::filesystem::path& path, const SourceLocation& where = SourceLocation::current()) const
      requires(keeps_view) {
    for (int h = 0; h < heads; ++h) heads_[h].write(file_of(path, h), where);
  }

  /// Throws InvalidArgument unless every parameter is finite, as the constructors do: for after a training step.
  void require_finite(const SourceLocation& where = SourceLocation::current()) const requires(keeps_view) {
    static_cast<void>(checked(flat_, where));
  }

  /// The flat array, shared with the heads.
  [[nodiscard]] const Storage& parameters() const requires(keeps_view) { return flat_; }

  /// Head h, from 0.
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION const Head& head(int h) const {
    ANTLER_CHECK_INDEX(0 <= h && h < heads);
    return heads_[h];
  }

  /// f(y, x), or f(y) of heads without input.
  template <class U, class... X>
    requires((Slice<X>::exists && ...) && std::is_invocable_v<const Head&, Vector<U, head_size>, typename Slice<X>::type...>)
  KOKKOS_FUNCTION auto operator()(const Vector<U, size>& y, const X&... x) const {
    using R = typename std::invoke_result_t<const Head&, Vector<U, head_size>, typename Slice<X>::type...>::value_type;
    Vector<R, size> out;
    for (int h = 0; h < heads; ++h) {
      Vector<U, head_size> state;
      for (int c = 0; c < head_size; ++c) state[c] = y[h * head_size + c];
      const Vector<R, head_size> next = heads_[h](state, Slice<X>::of(x, h)...);
      for (int c = 0; c < head_size; ++c) out[h * head_size + c] = next[c];
    }
    return out;
  }

  /// The same heads with their parameters in another memory space: a copy, or shared if they are there already.
  template <class Space>
  [[nodiscard]] auto in() const requires(keeps_view) {
    using There = std::remove_cvref_t<decltype(heads_[0].template in<Space>())>;
    using Parameters = std::remove_cvref_t<decltype(std::declval<There>().parameters())>;
    const auto flat = Kokkos::create_mirror_view_and_copy(typename Space::memory_space(), flat_);
    return MultiHead<There, heads, seen>(Parameters(flat), equations(Numbers{}), SourceLocation::current(), Numbers{});
  }

  /// The same heads on other parameters, kept within them: dual numbers give df/dtheta.
  template <class U>
  [[nodiscard]] auto with(const Vector<U, parameter_count>& theta) const {
    return with(theta, Numbers{});
  }

 private:
  template <class, int, HeadInput>
  friend class MultiHead;

  template <int... h>
  MultiHead(const std::array<Head, heads>& given, std::integer_sequence<int, h...>) requires(!keeps_view)
      : heads_{given[static_cast<std::size_t>(h)]...} {}

  template <int... h>
  MultiHead(const std::array<Head, heads>& given, std::integer_sequence<int, h...> numbers) requires(keeps_view)
      : MultiHead(joined(given), {given[static_cast<std::size_t>(h)].equations()...}, SourceLocation::current(), numbers) {}

  template <int... h>
  MultiHead(const Storage& flat, const std::array<Equations, heads>& equations, const SourceLocation& where,
            std::integer_sequence<int, h...>)
      : flat_(flat), heads_{Head(part(flat, h), equations[static_cast<std::size_t>(h)], where)...} {}

  static std::array<Equations, heads> all_alike(const Equations& equations) {
    std::array<Equations, heads> all;
    all.fill(equations);
    return all;
  }
  template <int... h>
  [[nodiscard]] std::array<Equations, heads> equations(std::integer_sequence<int, h...>) const {
    return {heads_[h].equations()...};
  }

  template <class U, int... h>
  [[nodiscard]] auto with(const Vector<U, parameter_count>& theta, std::integer_sequence<int, h...>) const {
    const auto part_of = [&theta](int head) {
      Vector<U, head_parameter_count> part;
      for (int k = 0; k < head_parameter_count; ++k) part[k] = theta[head * head_parameter_count + k];
      return part;
    };
    using Other = std::remove_cvref_t<decltype(heads_[0].with(part_of(0)))>;
    return MultiHead<Other, heads, seen>(std::array<Other, heads>{heads_[h].with(part_of(h))...});
  }

  static Storage part(const Storage& flat, int h) {
    const auto first = static_cast<std::size_t>(h * head_parameter_count);
    return Storage(Kokkos::subview(flat, std::make_pair(first, first + head_parameter_count)));
  }

  static Storage joined(const std::array<Head, heads>& given) {
    const Storage flat = allocate<Storage>("antler::heads", parameter_count);
    for (int h = 0; h < heads; ++h) Kokkos::deep_copy(part(flat, h), given[static_cast<std::size_t>(h)].parameters());
    return flat;
  }

  template <class T>
  static Storage copied(const std::vector<T>& values, const SourceLocation& where) {
    require_kokkos(where);
    const Storage flat = allocate<Storage>("antler::heads", parameter_count);
    const auto mirror = Kokkos::create_mirror_view(flat);
    std::copy(values.begin(), values.end(), mirror.data());
    Kokkos::deep_copy(flat, mirror);
    return flat;
  }

  /// The parameters of all heads, which must be as many as they need and finite.
  static const Storage& checked(const Storage& flat, const SourceLocation& where) {
    require(flat.extent(0) == static_cast<std::size_t>(parameter_count),
            std::to_string(heads) + " heads of " + std::to_string(head_parameter_count) + " parameters have " +
                std::to_string(parameter_count) + ", and " + std::to_string(flat.extent(0)) +
                " are given: give those of the first head, then those of the second, and so on",
            where);
    using T = typename Head::Scalar;
    const auto mirror = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), flat);
    for (int h = 0; h < heads; ++h)
      cell_tensors::require_finite<T>({mirror.data() + h * head_parameter_count, static_cast<std::size_t>(head_parameter_count)},
                                      Equations::tensors, " of head " + std::to_string(h), where);
    return flat;
  }

  static std::filesystem::path file_of(const std::filesystem::path& path, int h) {
    std::error_code none;
    const std::string number = std::to_string(h);
    return std::filesystem::is_directory(path, none) ? path / number : std::filesystem::path(path.string() + '.' + number);
  }

  Storage flat_;
  Head heads_[heads];
};

template <class Head, std::size_t heads>
MultiHead(const std::array<Head, heads>&) -> MultiHead<Head, static_cast<int>(heads)>;

}  // namespace antler::inline ANTLER_LANES
