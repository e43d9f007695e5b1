// SPDX-License-Identifier: BSD-3-Clause
#include "antler/core/require.hpp"

#include <cmath>
#include <sstream>

#include "antler/core/kokkos.hpp"
#include "antler/core/options.hpp"

namespace antler {

namespace {

std::string with_place(const std::string& message, const SourceLocation& where) {
  std::ostringstream text;
  text << where.file_name() << ':' << where.line() << ": " << message;
  return text.str();
}

template <class... Parts>
std::string concatenated(const Parts&... parts) {
  std::ostringstream text;
  (text << ... << parts);
  return text.str();
}

}  // namespace

InvalidArgument::InvalidArgument(const std::string& message, const SourceLocation& where)
    : std::invalid_argument(with_place(message, where)), where_(where) {}

void require_kokkos(const SourceLocation& where) {
  require(kokkos_is_running(), "antler needs a running Kokkos: create a Kokkos::ScopeGuard at the top of main() and keep it alive",
          where);
}

void require_valid(const Options& options, int n, const SourceLocation& where) {
  // A smaller rtol asks for digits that double precision does not hold.
  constexpr double smallest_rtol = 4 * std::numeric_limits<double>::epsilon();
  require(std::isfinite(options.rtol) && options.rtol >= smallest_rtol,
          concatenated("Options::rtol is ", options.rtol, ": use a value of at least ", smallest_rtol,
                       ", the smallest that double precision can honour"),
          where);
  const auto& atol = options.atol.values();
  require(atol.size() == 1 || atol.size() == static_cast<std::size_t>(n),
          concatenated("Options::atol has ", atol.size(), " values for a state of ", n, ": give one value, or one per component"),
          where);
  for (const double a : atol)
    require(std::isfinite(a) && a > 0,
            concatenated("Options::atol holds ", a,
                         ": every value must be positive and finite, well below the size at which the component matters"),
            where);
  require(std::isfinite(options.newton_tolerance) && options.newton_tolerance > 0,
          concatenated("Options::newton_tolerance is ", options.newton_tolerance,
                       ": use a positive fraction of the tolerance, 0.01 by default"),
          where);
  require(options.maximum_iterations >= 1, "Options::maximum_iterations must be at least 1", where);
  require(options.maximum_steps >= 1, "Options::maximum_steps must be at least 1", where);
}

void require_memory(const Options& options, std::size_t bytes, const SourceLocation& where) {
  require(bytes <= options.memory_cap,
          concatenated("the solve needs ", bytes, " bytes of arrays and Options::memory_cap is ", options.memory_cap,
                       ": raise the cap, or use fewer points"),
          where);
}

}  // namespace antler
