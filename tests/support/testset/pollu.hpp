// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "problem.hpp"

namespace antler::testset {

/// The air pollution model of the Dutch RIVM, n = 20: 25 reactions [Verwer 1994].
struct Pollution {
  static constexpr int size = 20;

  template <class T>
  KOKKOS_FUNCTION antler::Vector<T, 20> operator()(T /*t*/, const antler::Vector<T, 20>& y) const {
    const T r1 = 0.35 * y[0], r2 = 26.6 * y[1] * y[3], r3 = 1.23e4 * y[4] * y[1], r4 = 8.6e-4 * y[6], r5 = 8.2e-4 * y[6];
    const T r6 = 1.5e4 * y[6] * y[5], r7 = 1.3e-4 * y[8], r8 = 2.4e4 * y[8] * y[5], r9 = 1.65e4 * y[10] * y[1];
    const T r10 = 9e3 * y[10] * y[0], r11 = 0.022 * y[12], r12 = 1.2e4 * y[9] * y[1], r13 = 1.88 * y[13],
            r14 = 1.63e4 * y[0] * y[5];
    const T r15 = 4.8e6 * y[2], r16 = 3.5e-4 * y[3], r17 = 0.0175 * y[3], r18 = 1e8 * y[15], r19 = 4.44e11 * y[15];
    const T r20 = 1240.0 * y[16] * y[5], r21 = 2.1 * y[18], r22 = 5.78 * y[18], r23 = 0.0474 * y[0] * y[3];
    const T r24 = 1780.0 * y[18] * y[0], r25 = 3.12 * y[19];
    return {r2 + r3 + r9 + r11 + r12 + r22 + r25 - (r1 + r10 + r14 + r23 + r24),
            r1 + r21 - (r2 + r3 + r9 + r12),
            r1 + r17 + r19 + r22 - r15,
            r15 - (r2 + r16 + r17 + r23),
            2.0 * r4 + r6 + r7 + r13 + r20 - r3,
            r3 + 2.0 * r18 - (r6 + r8 + r14 + r20),
            r13 - (r4 + r5 + r6),
            r4 + r5 + r6 + r7,
            -(r7 + r8),
            r7 + r9 - r12,
            r8 + r11 - (r9 + r10),
            r9,
            r10 - r11,
            r12 - r13,
            r14,
            r16 - (r18 + r19),
            -r20,
            r20,
            r23 + r25 - (r21 + r22 + r24),
            r24 - r25};
  }
};

inline Problem<Pollution> pollu() {
  Problem<Pollution> problem{.name = "pollu",
                             .title = "POLLU, air pollution, n = 20",
                             .source = "Verwer 1994; Bari (POLLU); values: quad (Bari agrees to 4e-16)",
                             .stiffness = Stiffness::stiff,
                             .time_axis = TimeAxis::logarithmic,
                             .f = {},
                             .t0 = 0.0,
                             .t1 = 60.0,
                             .y0 = {},
                             .atol_scale = Vector<double, 20>::filled(1e-3),
                             .typical = {0.05, 0.1,  4e-9, 0.005, 2e-7, 1e-7,  0.08,  0.3,  0.008, 1e-8,
                                         1e-8, 1e-3, 1e-4, 1e-5,  5e-3, 4e-18, 0.007, 5e-5, 2e-6,  5e-5},
                             .reference = {}};
  problem.y0[1] = 0.2;
  problem.y0[3] = 0.04;
  problem.y0[6] = 0.1;
  problem.y0[7] = 0.3;
  problem.y0[8] = 0.01;
  problem.y0[16] = 0.007;
  problem.reference = {
      {60.0, {5.6462554800227692780e-2, 1.3424841304223385218e-1, 4.1397343310994269701e-9, 5.5231402074843599372e-3,
              2.0189772623021960401e-7, 1.4645418634939657926e-7, 7.7842491189979641461e-2, 3.2450753533960182183e-1,
              7.4940133838804055526e-3, 1.6222931573015603494e-8, 1.1358638332570748217e-8, 2.2305059757213598610e-3,
              2.0871628827986300410e-4, 1.3969210168401577156e-5, 8.9648848568982941776e-3, 4.3528463693301036742e-18,
              6.8992196962634054047e-3, 1.0078030373659459531e-4, 1.7721465139699845371e-6, 5.6829432923163934427e-5}}};
  return problem;
}

}  // namespace antler::testset
