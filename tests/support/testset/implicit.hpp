// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "antler/problem/implicit_problem.hpp"
#include "problem.hpp"

/// @file
/// Published differential-algebraic problems M y' = f(t, y) of index 1, and the same as F(t, y, y') = 0.

namespace antler::testset {

/// M y' = f(t, y) with its reference values; F is a right-hand side with its `mass()`.
template <class F>
struct ImplicitTest {
  static constexpr int size = F::size;
  using State = Vector<double, size>;

  std::string name, source;
  F f;
  double t1;
  State y0;
  std::vector<double> atol_scale;  ///< atol = rtol * atol_scale
  double t;                        ///< of the reference
  State reference;

  [[nodiscard]] std::vector<double> atol(double rtol) const {
    std::vector<double> values = atol_scale;
    for (double& value : values) value *= rtol;
    return values;
  }
  [[nodiscard]] MassProblem<F, double, size> problem() const { return {F::mass(), f, 0.0, t1, y0}; }
  /// The largest error of a component, relative to its reference, or to what atol and rtol have to it where that is more.
  [[nodiscard]] double error(const State& y) const {
    double largest = 0;
    for (int c = 0; c < size; ++c) {
      const double scale = std::abs(reference[c]) + atol_scale[static_cast<std::size_t>(c)];
      largest = std::max(largest, std::abs(y[c] - reference[c]) / scale);
    }
    return largest;
  }
};

/// Robertson's reaction with the balance y_1 + y_2 + y_3 = 1 in the place of the third equation, as in IDA's idaRoberts.
struct RobertsonBalance {
  static constexpr int size = 3;
  static Matrix<double, 3> mass() {
    Matrix<double, 3> m{};
    m(0, 0) = m(1, 1) = 1;
    return m;
  }
  template <class T>
  KOKKOS_FUNCTION antler::Vector<T, 3> operator()(T /*t*/, const antler::Vector<T, 3>& y) const {
    const T a = 0.04 * y[0], b = 1e4 * y[1] * y[2], c = 3e7 * y[1] * y[1];
    return {b - a, a - b - c, y[0] + y[1] + y[2] - 1.0};
  }
};

inline ImplicitTest<RobertsonBalance> robertson_balance() {
  return {.name = "robertson",
          .source = "Robertson 1966; IDA's idaRoberts; values: quad",
          .f = {},
          .t1 = 4e10,
          .y0 = {1.0, 0.0, 0.0},
          .atol_scale = {1e-6, 1e-10, 1e-6},
          .t = 4e10,
          .reference = {5.2083451767992391987e-8, 2.0833381779254890349e-13, 9.9999994791633989819e-1}};
}

/// Chemical Akzo Nobel, n = 6: see ChemicalAkzoNobel; 0 = Ks y_1 y_4 - y_6.
struct ChemicalAkzoNobelBalance {
  static constexpr int size = 6;
  static Matrix<double, 6> mass() {
    Matrix<double, 6> m{};
    for (int c = 0; c < 5; ++c) m(c, c) = 1;
    return m;
  }
  template <class T>
  KOKKOS_FUNCTION antler::Vector<T, 6> operator()(T /*t*/, const antler::Vector<T, 6>& y) const {
    using ::sqrt;
    const T root = sqrt(y[1]);
    const T r1 = 18.7 * y[0] * y[0] * y[0] * y[0] * root, r2 = 0.58 * y[2] * y[3], r3 = (0.58 / 34.4) * y[0] * y[4];
    const T r4 = 0.09 * y[0] * y[3] * y[3], r5 = 0.42 * y[5] * y[5] * root, inflow = 3.3 * (0.9 / 737.0 - y[1]);
    return {-2.0 * r1 + r2 - r3 - r4,   -0.5 * r1 - r4 - 0.5 * r5 + inflow, r1 - r2 + r3, -r2 + r3 - 2.0 * r4, r2 - r3 + r5,
            115.83 * y[0] * y[3] - y[5]};
  }
};

inline ImplicitTest<ChemicalAkzoNobelBalance> chemakzo_balance() {
  return {.name = "chemakzo",
          .source = "Stortelder 1998; Bari (CHEMAKZO); values: quad (Bari agrees to 2e-16)",
          .f = {},
          .t1 = 180.0,
          .y0 = {0.444, 0.00123, 0.0, 0.007, 0.0, 115.83 * 0.444 * 0.007},
          .atol_scale = std::vector<double>(6, 1e-3),
          .t = 180.0,
          .reference = {1.1507949206617021862e-1, 1.2038314715677150929e-3, 1.6115628874079742096e-1, 3.6561564212492830172e-4,
                        1.7080108852644040714e-2, 4.8735313103074551294e-3}};
}

/// The transistor amplifier, n = 8: two transistors and five condensers, of which three connect two nodes, so that M of rank five
/// has no row and no column of zeros. y_1 .. y_8 are the voltages of the nodes; y_8 is the output for the input 0.1 sin(200 pi t).
struct TransistorAmplifier {
  static constexpr int size = 8;
  static constexpr double supply = 6, r0 = 1000, r = 9000, alpha = 0.99;

  static Matrix<double, 8> mass() {
    Matrix<double, 8> m{};
    const auto condenser = [&](int i, int j, double c) {
      m(i, i) = m(j, j) = -c;
      m(i, j) = m(j, i) = c;
    };
    condenser(0, 1, 1e-6);
    m(2, 2) = -2e-6;
    condenser(3, 4, 3e-6);
    m(5, 5) = -4e-6;
    condenser(6, 7, 5e-6);
    return m;
  }
  /// What flows from the base to the emitter.
  template <class T>
  KOKKOS_FUNCTION static T current(const T& voltage) {
    using ::exp;
    return 1e-6 * (exp(voltage / 0.026) - 1.0);
  }
  template <class T>
  KOKKOS_FUNCTION antler::Vector<T, 8> operator()(T t, const antler::Vector<T, 8>& y) const {
    using ::sin;
    const T input = 0.1 * sin(200 * 3.14159265358979323846 * t), first = current(y[1] - y[2]), second = current(y[4] - y[5]);
    return {(y[0] - input) / r0,
            y[1] * (2 / r) - supply / r + (1 - alpha) * first,
            y[2] / r - first,
            (y[3] - supply) / r + alpha * first,
            y[4] * (2 / r) - supply / r + (1 - alpha) * second,
            y[5] / r - second,
            (y[6] - supply) / r + alpha * second,
            y[7] / r};
  }
};

inline ImplicitTest<TransistorAmplifier> transistor_amplifier() {
  return {.name = "transistor",
          .source = "Rentrop, Roche and Steinebach 1989; HW p. 377; values: Bari (TRANSAMP, PSIDE at 1e-14)",
          .f = {},
          .t1 = 0.2,
          .y0 = {0.0, 3.0, 3.0, 6.0, 3.0, 3.0, 6.0, 0.0},
          .atol_scale = std::vector<double>(8, 1e-3),
          .t = 0.2,
          .reference = {-0.5562145012262709e-2, 0.3006522471903042e1, 0.2849958788608128e1, 0.2926422536206241e1,
                        0.2704617865010554e1, 0.2761837778393145e1, 0.4770927631616772e1, 0.1236995868091548e1}};
}

/// F(t, y, y') = M y' - f(t, y), for those who take implicit equations as such.
template <class F>
struct AsImplicit {
  static constexpr int size = F::size;
  F f;
  template <class T>
  KOKKOS_FUNCTION antler::Vector<T, F::size> operator()(T t, const antler::Vector<T, F::size>& y,
                                                        const antler::Vector<T, F::size>& slope) const {
    antler::Vector<T, F::size> value = f(t, y);
    const auto mass = F::mass();
    for (int r = 0; r < F::size; ++r) {
      value[r] = -value[r];
      for (int c = 0; c < F::size; ++c)
        if (mass(r, c) != 0) value[r] += mass(r, c) * slope[c];
    }
    return value;
  }
};

}  // namespace antler::testset
