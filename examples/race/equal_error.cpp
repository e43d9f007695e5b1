// SPDX-License-Identifier: BSD-3-Clause
#include "equal_error.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <ostream>
#include <set>

namespace race {

namespace {

constexpr double never = std::numeric_limits<double>::infinity();

/// The time in which a solver reaches an error, `never` when none of its runs does.
double time_at(const std::vector<Row>& rows, const std::string& solver, double error) {
  double best = never, looser_error = 0, looser_time = 0;
  for (const Row& row : rows) {  // from the loosest tolerance to the tightest
    const Performance& p = row.performance;
    if (row.solver != solver || p.finish != Finish::arrived || !(p.error < never)) continue;
    const double reached = std::max(p.error, 1e-17);
    if (reached <= error) {
      double time = p.seconds;
      if (looser_error > error) {
        const double share = std::log(looser_error / error) / std::log(looser_error / reached);
        time = looser_time * std::pow(p.seconds / looser_time, share);
      }
      best = std::min(best, time);
    }
    looser_error = reached;
    looser_time = p.seconds;
  }
  return best;
}

struct Mean {
  double logarithms = 0;
  int count = 0;
  void add(double ratio) {
    logarithms += std::log(ratio);
    ++count;
  }
  [[nodiscard]] double value() const { return count > 0 ? std::exp(logarithms / count) : 0; }
};

}  // namespace

void print_equal_error(std::ostream& out, const std::vector<Finished>& race) {
  Mean over_cvode, over_best;
  char line[160];
  out << "\nTimes at equal error, interpolated\n";
  std::snprintf(line, sizeof line, "  %-22s %8s %12s %12s %12s   %s\n", "problem", "error", "antler", "CVODE", "best peer",
                "which");
  out << line;
  for (const Finished& finished : race) {
    std::set<std::string> peers;
    std::string ours;
    for (const Row& row : finished.rows) {
      if (row.side == Side::peer) peers.insert(row.solver);
      if (row.side == Side::antler && ours.empty()) ours = row.solver;
    }
    for (const double error : {1e-4, 1e-6, 1e-8}) {
      const double own = time_at(finished.rows, ours, error), cvode = time_at(finished.rows, "CVODE BDF", error);
      double best = never;
      std::string which = "none reaches it";
      for (const std::string& peer : peers) {
        const double time = time_at(finished.rows, peer, error);
        if (time < best) best = time, which = peer;
      }
      if (!(own < never)) {
        std::snprintf(line, sizeof line, "  %-22s %8.0e %12s\n", finished.contest->name.c_str(), error, "not reached");
        out << line;
        continue;
      }
      char against_cvode[24] = "-", against_best[24] = "-";
      if (cvode < never) {
        over_cvode.add(cvode / own);
        std::snprintf(against_cvode, sizeof against_cvode, "%.1f x", cvode / own);
      }
      if (best < never) {
        over_best.add(best / own);
        std::snprintf(against_best, sizeof against_best, "%.2f x", best / own);
      }
      std::snprintf(line, sizeof line, "  %-22s %8.0e %9.3g us %12s %12s   %s\n", finished.contest->name.c_str(), error, 1e6 * own,
                    against_cvode, against_best, which.c_str());
      out << line;
    }
  }
  std::snprintf(line, sizeof line,
                "  geometric mean: %.1f times as fast as CVODE (%d rows), %.2f times as fast as the best peer (%d rows)\n",
                over_cvode.value(), over_cvode.count, over_best.value(), over_best.count);
  out << line;
}

}  // namespace race
