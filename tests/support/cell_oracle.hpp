// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <type_traits>
#include <vector>

#include "antler/core/npy.hpp"
#include "antler/problem/cells/elman.hpp"
#include "antler/problem/cells/gru.hpp"
#include "antler/problem/cells/lem.hpp"
#include "antler/problem/cells/lstm.hpp"

/// A recurrence and the gradients of loss = sum_i v_i . y_i, computed by PyTorch: a folder of tests/data/cells, see make.py there.
///
/// @tparam C  a cell of double on the host
template <class C>
struct CellOracle {
  static constexpr int size = C::size, inputs = C::input_size;
  using State = antler::Vector<double, size>;
  using Input = antler::Vector<double, inputs>;

  C cell;
  State y0;
  std::vector<Input> x;            ///< x_1 .. x_T
  std::vector<State> y, y_single;  ///< y_1 .. y_T; computed in single precision
  std::vector<State> v;            ///< d loss / d y_i, by itself
  State y0_bar;                    ///< d loss / d y_0
  std::vector<Input> x_bar;        ///< d loss / d x_i
  std::vector<double> theta_bar;   ///< d loss / d theta_k, in the order of the flat array

  explicit CellOracle(const std::filesystem::path& folder, const auto&... equations)
      : cell(C::read(folder, equations...)),
        y0(rows<size>(folder / "y0.npy")[0]),
        x(rows<inputs>(folder / "x.npy")),
        y(rows<size>(folder / "y.npy")),
        y_single(rows<size, float>(folder / "y_f4.npy")),
        v(rows<size>(folder / "v.npy")),
        y0_bar(rows<size>(folder / "y0_bar.npy")[0]),
        x_bar(rows<inputs>(folder / "x_bar.npy")),
        theta_bar(antler::read_npy<double>(folder / "theta_bar.npy").values) {}

 private:
  template <int n, class T = double>
  static std::vector<antler::Vector<double, n>> rows(const std::filesystem::path& file) {
    const auto array = antler::read_npy<T>(file);
    std::vector<antler::Vector<double, n>> out(array.values.size() / n);
    for (std::size_t k = 0; k < out.size() * n; ++k) out[k / n][static_cast<int>(k % n)] = static_cast<double>(array.values[k]);
    return out;
  }
};

/// Calls use(oracle, name) for every folder: five kinds of cells of 1, 4 and 16 units.
template <class Use>
void for_each_cell_oracle(const Use& use) {
  using namespace antler;
  using Host = Kokkos::View<double*, Kokkos::HostSpace>;
  const auto folder = [](const std::string& name) { return std::filesystem::path(ANTLER_TEST_DATA) / "cells" / name; };
  const auto of_size = [&]<int n, int m>(std::integral_constant<int, n>, std::integral_constant<int, m>) {
    const std::string units = '_' + std::to_string(n);
    use(CellOracle<Elman<double, n, m, Tanh, Host>>(folder("elman" + units)), "elman" + units);
    use(CellOracle<Elman<double, n, m, Relu, Host>>(folder("elman_relu" + units)), "elman_relu" + units);
    use(CellOracle<Gru<double, n, m, Host>>(folder("gru" + units)), "gru" + units);
    use(CellOracle<Lstm<double, n, m, Host>>(folder("lstm" + units)), "lstm" + units);
    use(CellOracle<Lem<double, n, m, Host>>(folder("lem" + units), LemEquations<n, m>{.dt = 0.7}), "lem" + units);
  };
  of_size(std::integral_constant<int, 1>(), std::integral_constant<int, 1>());
  of_size(std::integral_constant<int, 4>(), std::integral_constant<int, 3>());
  of_size(std::integral_constant<int, 16>(), std::integral_constant<int, 3>());
}
