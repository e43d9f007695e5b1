// SPDX-License-Identifier: BSD-3-Clause
#include "dynamic/budget.hpp"

#include <algorithm>

#include "dynamic/dense.hpp"
#include "dynamic/radau_walk.hpp"
#include "dynamic/rodas.hpp"
#include "dynamic/window.hpp"

namespace antler::dynamic {

namespace {

constexpr Index fewest_steps = 4, most_steps = 512, most_predicted = 64;
constexpr double cache_bytes = 2e6, window_bytes = 2.56e8;  // a window stays in the cache where that leaves it long enough
constexpr Index long_enough = 64;

}  // namespace

Budget::Budget(int n, std::size_t matrix_size, Index workers, std::size_t limit, Index longest) {
  const auto components = static_cast<std::size_t>(n);
  const auto per_step = static_cast<double>(sizeof(double)) *
                        static_cast<double>(Window<Dense>::numbers_per_step(n, matrix_size) + 4 * components + 6);
  const auto fixed = [&](Index steps) {
    const auto scratches = static_cast<std::size_t>(std::min(workers, steps));
    return static_cast<double>(sizeof(double)) *
           static_cast<double>(scratches * Scratch::numbers(n, matrix_size) +
                               static_cast<std::size_t>(workers) * Scratch::numbers(n, 0) + Rodas<Dense>::numbers(n, matrix_size) +
                               RadauWalk<Dense>::numbers(n, matrix_size) + 4 * components * static_cast<std::size_t>(predicted) +
                               19 * components);
  };
  const auto total = [&] { return static_cast<double>(capacity) * per_step + fixed(capacity); };
  const auto steps = [&](double space) { return static_cast<Index>(space / per_step); };
  capacity = std::clamp<Index>(steps(cache_bytes), long_enough, most_steps);
  capacity = std::min(capacity, std::max({steps(window_bytes), fewest_steps, 2 * workers}));
  if (longest > 0) capacity = std::max(fewest_steps, std::min(capacity, longest));
  const auto allowed = static_cast<double>(limit);
  for (;;) {
    predicted = std::clamp<Index>(capacity / 4, 1, most_predicted);
    if (capacity == fewest_steps || total() <= allowed) break;
    capacity = std::max(fewest_steps, capacity - std::max<Index>(1, capacity / 8));
  }
  bytes = static_cast<std::size_t>(total());
}

}  // namespace antler::dynamic
