// SPDX-License-Identifier: BSD-3-Clause
#include "antler/solve/rectangle.hpp"

#include <cmath>

#include "antler/core/stopwatch.hpp"
#include "rectangle_system.hpp"

namespace antler::transforms {

RectangleGrid rectangle_grid(const Rectangle& domain, const RectangleSides& sides, const Grid& grid, const SourceLocation& where) {
  require(std::isfinite(domain.x0) && std::isfinite(domain.x1) && std::isfinite(domain.y0) && std::isfinite(domain.y1) &&
              domain.x0 < domain.x1 && domain.y0 < domain.y1,
          "a rectangle needs finite sides with x0 < x1 and y0 < y1", where);
  return {GridAxis(domain.x0, domain.x1, grid.x, sides.left.condition(), sides.right.condition(), where),
          GridAxis(domain.y0, domain.y1, grid.y, sides.bottom.condition(), sides.top.condition(), where), grid.order};
}

RectangleSolution solve_rectangle(const RectangleRowFunction& f, const Rectangle& domain, const RectangleSides& sides,
                                  const Grid& grid, const Options& options, const RectangleGuess& guess,
                                  const SourceLocation& where) {
  const Stopwatch clock;
  require_kokkos(where);
  require_valid(options, 1, where);
  require_no_march_options(options, "a RectangleProblem", where);
  const RectangleGrid discrete = rectangle_grid(domain, sides, grid, where);
  require_memory(options, RectangleSystem::required_bytes(discrete), where);
  RectangleSystem system(discrete, f, sides, options, guess, where);
  Statistics statistics;
  Status status = newton(system, options, statistics);
  if (system.free_constant() && status == Status::converged &&
      std::abs(system.compatibility_defect()) > system.largest_compatible_defect())
    status = Status::singular;
  RectangleSolution solution = system.solution();
  solution.status = status;
  solution.compatibility_defect = system.compatibility_defect();
  statistics.steps = discrete.unknowns();
  statistics.meshes = statistics.windows = 1;
  statistics.peak_bytes = RectangleSystem::required_bytes(discrete);
  statistics.total_seconds = clock.seconds();
  solution.statistics = std::move(statistics);
  return solution;
}

}  // namespace antler::transforms
