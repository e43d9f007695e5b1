// SPDX-License-Identifier: BSD-3-Clause
#include "antler/core/require.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <tuple>

#include "antler/core/kokkos.hpp"
#include "antler/core/options.hpp"

namespace antler {

namespace {

std::string with_place(const std::string& message, const SourceLocation& where) {
  std::ostringstream text;
  text << where.file_name() << ':' << where.line() << ": " << message;
  return text.str();
}

/// A message that is put together when it is needed; its parts live as long as the expression that names them.
template <class... Parts>
struct Concatenated {
  std::tuple<const Parts&...> parts;

  [[nodiscard]] std::string text() const {
    std::ostringstream text;
    std::apply([&](const Parts&... each) { (text << ... << each); }, parts);
    return text.str();
  }
};

template <class... Parts>
Concatenated<Parts...> concatenated(const Parts&... parts) {
  return {std::tie(parts...)};
}

template <class... Parts>
void require(bool ok, const Concatenated<Parts...>& message, const SourceLocation& where) {
  if (!ok) throw InvalidArgument(message.text(), where);
}
using antler::require;

/// Times that are finite and strictly in the order of integration.
void require_in_order(const std::vector<double>& times, double direction, const char* name, const SourceLocation& where) {
  for (std::size_t i = 0; i < times.size(); ++i) {
    require(std::isfinite(times[i]), concatenated(name, " holds a value that is not finite, at index ", i), where);
    if (i == 0) continue;
    require((times[i] - times[i - 1]) * direction > 0,
            concatenated(name, " has ", times[i], " behind ", times[i - 1], ", at index ", i,
                         ": sort them strictly in the order of integration, ", direction > 0 ? "ascending" : "descending", " here"),
            where);
  }
}

void require_bounds(const Options& options, int n, const SourceLocation& where) {
  const auto check = [&](const std::vector<double>& bounds, const char* name) {
    require(bounds.size() <= 1 || bounds.size() == static_cast<std::size_t>(n),
            concatenated(name, " has ", bounds.size(), " values for a state of ", n, ": give none, one, or one per component"),
            where);
    require(std::none_of(bounds.begin(), bounds.end(), [](double bound) { return std::isnan(bound); }),
            concatenated(name, " holds NaN: an infinite value bounds nothing"), where);
  };
  check(options.lower_bounds, "Options::lower_bounds");
  check(options.upper_bounds, "Options::upper_bounds");
  if (options.lower_bounds.empty() || options.upper_bounds.empty()) return;
  for (std::size_t c = 0; c < static_cast<std::size_t>(n); ++c) {
    const auto of = [c](const std::vector<double>& bounds) { return bounds[bounds.size() == 1 ? 0 : c]; };
    require(of(options.lower_bounds) <= of(options.upper_bounds),
            concatenated("the lower bound of component ", c, " is above its upper bound: exchange them"), where);
  }
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
  require(options.maximum_window >= 0, "Options::maximum_window is negative: give a number of steps, or 0 for the solver's choice",
          where);
  require(options.stretches >= 1, "Options::stretches must be at least 1: give a number of threads, or 1 to walk step by step",
          where);
  require_bounds(options, n, where);
}

void require_valid_times(const Options& options, double t0, double t1, double epsilon, const SourceLocation& where) {
  const double direction = t1 < t0 ? -1 : 1, smallest = 4 * epsilon * std::max(std::abs(t0), std::abs(t1));
  require(options.rtol >= 4 * epsilon,
          concatenated("Options::rtol is ", options.rtol, ": use a value of at least ", 4 * epsilon,
                       ", the smallest that the precision of y0 can honour"),
          where);
  require(std::isfinite(options.initial_step), "Options::initial_step is not finite: give a length, or 0 for the solver's choice",
          where);
  require(options.initial_step == 0 || t0 == t1 || options.initial_step * direction > 0,
          concatenated("Options::initial_step is ", options.initial_step, " for an interval from ", t0, " to ", t1,
                       ": give it the sign of t1 - t0"),
          where);
  require(options.initial_step == 0 || std::abs(options.initial_step) > epsilon * std::abs(t0),
          concatenated("Options::initial_step is ", options.initial_step, ": t0 does not feel it; use at least ",
                       4 * epsilon * std::abs(t0), " or 0 for the solver's choice"),
          where);
  require(options.maximum_step >= 0, "Options::maximum_step is negative or NaN: give a length, or 0 for none", where);
  require(options.maximum_step == 0 || options.maximum_step >= smallest,
          concatenated("Options::maximum_step is ", options.maximum_step, ": steps below ", smallest,
                       " cannot be represented on this interval; use a larger value"),
          where);
  require_in_order(options.output_times, direction, "Options::output_times", where);
  require_in_order(options.jump_times, direction, "Options::jump_times", where);
  for (const double t : options.output_times)
    require((t - t0) * direction >= 0 && (t1 - t) * direction >= 0,
            concatenated("Options::output_times holds ", t, ", outside of the interval from ", t0, " to ", t1,
                         ": leave it out or extend the interval"),
            where);
}

void require_no_march_options(const Options& options, const char* method, const SourceLocation& where) {
  const bool plain = options.initial_step == 0 && options.maximum_step == 0 && options.maximum_window == 0 &&
                     options.stretches == 1 && options.output_times.empty() && options.jump_times.empty() &&
                     options.lower_bounds.empty() && options.upper_bounds.empty() && !options.progress &&
                     options.strategy == Strategy::automatic;
  require(plain,
          concatenated(
              "steps, windows, stretches, strategy, output and jump times, bounds and progress of Options are for the adaptive "
              "RadauIIA and Gauss; ",
              method, " does not honour them: leave them at their defaults, or use RadauIIA<3>"),
          where);
}

void require_memory(const Options& options, std::size_t bytes, const SourceLocation& where) {
  require(bytes <= options.memory_cap,
          concatenated("the solve needs ", bytes, " bytes of arrays and Options::memory_cap is ", options.memory_cap,
                       ": raise the cap, or use fewer points"),
          where);
}

}  // namespace antler
