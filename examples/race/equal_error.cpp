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
constexpr const char* cvode = "CVODE BDF";
constexpr const char* sequential = "antler sequential";

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

/// antler's first entry; empty where it does not take part.
std::string first_of_antler(const std::vector<Row>& rows) {
  for (const Row& row : rows)
    if (row.side == Side::antler) return row.solver;
  return "";
}

/// One problem at one error.
struct Level {
  const Contest* contest;
  double error;
  double own, cvode, sequential, best_peer;
  std::string which;  // the best peer
};

Level level_of(const Finished& finished, const std::string& ours, double error) {
  Level level{.contest = finished.contest,
              .error = error,
              .own = time_at(finished.rows, ours, error),
              .cvode = time_at(finished.rows, cvode, error),
              .sequential = time_at(finished.rows, sequential, error),
              .best_peer = never,
              .which = "none reaches it"};
  std::set<std::string> peers;
  for (const Row& row : finished.rows)
    if (row.side == Side::peer) peers.insert(row.solver);
  for (const std::string& peer : peers) {
    const double time = time_at(finished.rows, peer, error);
    if (time < level.best_peer) level.best_peer = time, level.which = peer;
  }
  return level;
}

/// Their times over antler's, on the levels that both reach.
class Ratios {
 public:
  void add(const Level& level, double theirs) {
    if (!(theirs < never)) {
      unreached_ += level.own < never ? 1 : 0;
      return;
    }
    if (!(theirs > level.own)) ++lost_;
    if (!(level.own < never)) return;
    const double ratio = theirs / level.own;
    logarithms_ += std::log(ratio);
    ++count_;
    if (ratio < smallest_) smallest_ = ratio, where_ = level;
  }

  void print(std::ostream& out, const char* against) const {
    if (count_ + lost_ == 0) return;  // not in this race
    char line[200], where[80] = "";
    if (count_ > 0) std::snprintf(where, sizeof where, "%s at %.0e", where_.contest->name.c_str(), where_.error);
    std::snprintf(line, sizeof line, "  %-26s %7.2f %9.2f  %-26s %7d %7d %10d\n", against,
                  count_ > 0 ? std::exp(logarithms_ / count_) : 0.0, count_ > 0 ? smallest_ : 0.0, where, count_, lost_,
                  unreached_);
    out << line;
  }

 private:
  double logarithms_ = 0, smallest_ = never;
  int count_ = 0, lost_ = 0, unreached_ = 0;
  Level where_{};
};

std::string times(double theirs, double own, const char* format) {
  char text[24] = "-";
  if (theirs < never) std::snprintf(text, sizeof text, format, theirs / own);
  return text;
}

void print_level(std::ostream& out, const Level& level) {
  char line[200];
  const std::string& name = level.contest->name;
  if (level.own < never)
    std::snprintf(line, sizeof line, "  %-22s %8.0e %9.3g us %12s %12s %12s   %s\n", name.c_str(), level.error, 1e6 * level.own,
                  times(level.cvode, level.own, "%.1f x").c_str(), times(level.sequential, level.own, "%.2f x").c_str(),
                  times(level.best_peer, level.own, "%.2f x").c_str(), level.which.c_str());
  else
    std::snprintf(line, sizeof line, "  %-22s %8.0e  not reached\n", name.c_str(), level.error);
  out << line;
}

void print_summary(std::ostream& out, const std::vector<Level>& levels) {
  Ratios cvode_small, cvode_large, best_small, best_large, best_all, sequential_small;
  for (const Level& level : levels) {
    if (level.contest->stiffness != antler::testset::Stiffness::stiff) continue;
    const bool small = level.contest->size() <= 8;
    (small ? cvode_small : cvode_large).add(level, level.cvode);
    (small ? best_small : best_large).add(level, level.best_peer);
    best_all.add(level, level.best_peer);
    if (small) sequential_small.add(level, level.sequential);
  }
  char line[200];
  std::snprintf(line, sizeof line, "\n  %-26s %7s %9s  %-26s %7s %7s %10s\n", "stiff problems, against", "mean", "smallest",
                "where", "levels", "slower", "they fail");
  out << line;
  cvode_small.print(out, "CVODE BDF, n <= 8");
  cvode_large.print(out, "CVODE BDF, n > 8");
  best_small.print(out, "best peer, n <= 8");
  best_large.print(out, "best peer, n > 8");
  best_all.print(out, "best peer, all");
  sequential_small.print(out, "antler sequential, n <= 8");
}

}  // namespace

void print_equal_error(std::ostream& out, const std::vector<Finished>& race) {
  char line[200];
  out << "\nTimes at equal error, interpolated; how many times as long as antler the others take\n";
  std::snprintf(line, sizeof line, "  %-22s %8s %12s %12s %12s %12s   %s\n", "problem", "error", "antler", "CVODE", "sequential",
                "best peer", "which");
  out << line;
  std::vector<Level> levels;
  for (const Finished& finished : race) {
    const std::string ours = first_of_antler(finished.rows);
    if (ours.empty()) continue;
    for (const double error : {1e-4, 1e-6, 1e-8}) {
      levels.push_back(level_of(finished, ours, error));
      print_level(out, levels.back());
    }
  }
  print_summary(out, levels);
}

void print_team_speed(std::ostream& out, const std::vector<Finished>& race) {
  char line[200];
  bool first = true;
  for (const Finished& finished : race) {
    const std::string ours = first_of_antler(finished.rows);
    std::set<std::string> teams;
    for (const Row& row : finished.rows)
      if (row.solver.starts_with(ours + ", ")) teams.insert(row.solver);
    for (const std::string& team : teams) {
      double logarithms = 0, smallest = never, largest = 0;
      int count = 0;
      for (const Row& one : finished.rows)
        for (const Row& many : finished.rows)
          if (one.solver == ours && many.solver == team && one.rtol == many.rtol && one.performance.finish == Finish::arrived &&
              many.performance.finish == Finish::arrived) {
            const double ratio = one.performance.seconds / many.performance.seconds;
            logarithms += std::log(ratio);
            smallest = std::min(smallest, ratio);
            largest = std::max(largest, ratio);
            ++count;
          }
      if (count == 0) continue;
      if (first) out << "\nTimes as fast as with one number of threads, at equal tolerance\n";
      first = false;
      std::snprintf(line, sizeof line, "  %-22s %-28s mean %.2f, from %.2f to %.2f\n", finished.contest->name.c_str(), team.c_str(),
                    std::exp(logarithms / count), smallest, largest);
      out << line;
    }
  }
}

}  // namespace race
