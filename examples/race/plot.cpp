// SPDX-License-Identifier: BSD-3-Clause
#include "plot.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iomanip>

#include "../drawing/gnuplot.hpp"
#include "styles.hpp"

namespace race {

using drawing::in_quotes;
using drawing::run_gnuplot;
using drawing::unwritable;

namespace {

constexpr int most_columns = 3;
constexpr int components_shown = 8;  // more curves than these are a thicket; the key names what is left out

constexpr const char* component_colours[] = {"#0072B2", "#D55E00", "#009E73", "#CC79A7",
                                             "#E69F00", "#56B4E9", "#7F4FC9", "#444444"};

std::vector<double> largest_components(const Trajectory& trajectory) {
  std::vector<double> largest(trajectory.states.front().size(), 0.0);
  for (const auto& y : trajectory.states)
    for (std::size_t c = 0; c < y.size(); ++c) largest[c] = std::max(largest[c], std::abs(y[c]));
  for (double& size : largest)
    if (!(size > 0.0)) size = 1.0;
  return largest;
}

/// What the points of a logarithmic axis span.
struct Range {
  double low = 1e300;
  double high = 1e-300;

  void include(double x) {
    low = std::min(low, x);
    high = std::max(high, x);
  }
};

/// Writes data blocks and the commands that draw them.
class Drawing {
 public:
  Drawing(std::ostream& script, std::ostream& data, std::string data_name)
      : script_(script), data_(data), data_name_(std::move(data_name)) {
    data_ << std::setprecision(10);
    script_ << std::setprecision(10);
  }

  void begin(const std::string& picture, std::size_t problems) {
    const auto rows = static_cast<int>((problems + most_columns - 1) / most_columns),
               columns = (static_cast<int>(problems) + rows - 1) / rows;
    // margins and gaps are fractions of the canvas, and the same number of pixels however many panels there are
    script_ << "# drawn by stiff_race; run gnuplot on this file, in its folder, to draw again\n"
            << "set encoding utf8\n"
            << "set terminal pngcairo size " << 640 * columns << ',' << 900 * rows
            << " font 'DejaVu Sans,12' linewidth 1.2 background '#ffffff'\n"
            << "set output " << in_quotes(picture) << "\n"
            << "set border 3 linecolor '#666666'\nset tics nomirror textcolor '#333333'\nset grid linecolor '#e4e4e4' linetype 1\n"
            << "set multiplot layout " << 2 * rows << ',' << columns << " columnsfirst downwards margins " << 0.15 / columns << ','
            << 1.0 - 0.04 / columns << ',' << 0.075 / rows << ',' << 1.0 - 0.05 / rows << " spacing " << 0.2 / columns << ','
            << 0.125 / rows << "\n";
  }

  /// Components over time, each divided by its largest value, with the reference values on them.
  void solution(const Finished& finished) {
    const Contest& contest = *finished.contest;
    begin_panel(contest.title, 13);
    const Trajectory& trajectory = finished.trajectory;
    if (trajectory.times.size() < 2) {
      script_ << "set label 1 'no trajectory' at graph 0.5,0.5 center\nset xrange [0:1]\nset yrange [0:1]\nplot NaN notitle\n";
      return;
    }
    const std::vector<double> largest = largest_components(trajectory);
    const int n = static_cast<int>(largest.size()), shown = std::min(n, components_shown);
    const int curve = block(), marks = curve + 1;
    for (std::size_t i = 0; i < trajectory.times.size(); ++i) row(trajectory.times[i], trajectory.states[i], largest);
    block();
    for (const auto& [t, y] : contest.reference) row(t, y, largest);

    const bool logarithmic = contest.time_axis == antler::testset::TimeAxis::logarithmic;
    if (logarithmic) {
      const double first = std::max(trajectory.times[1] - contest.t0, 1e-10 * (contest.t1 - contest.t0));
      script_ << "set logscale x\nset format x '10^{%L}'\nset xrange [" << contest.t0 + first << ':' << contest.t1 << "]\n";
    } else {
      script_ << "set xrange [" << contest.t0 << ':' << contest.t1 << "]\n";
    }
    script_ << "set xlabel 't'\nset yrange [*:1.4]\nset key top left Left reverse vertical maxrows 3 samplen 1.4 spacing 1.1 font "
               "',10' noopaque\n"
            << "set ytics 0.5\nset ylabel 'component / its largest value'\nplot ";
    for (int c = 0; c < shown; ++c)
      script_ << in_quotes(data_name_) << " index " << curve << " using 1:" << c + 2 << " with lines linewidth 1.8 linecolor '"
              << component_colours[c] << "' title 'y_{" << c + 1 << "} / " << rounded(largest[static_cast<std::size_t>(c)])
              << "', ";
    for (int c = 0; c < shown; ++c)
      script_ << in_quotes(data_name_) << " index " << marks << " using 1:" << c + 2
              << " with points pointtype 6 pointsize 0.9 linecolor '#222222' " << (c == 0 ? "title 'reference'" : "notitle")
              << (c + 1 < shown ? ", " : "\n");
    if (shown < n) script_ << "# components " << shown + 1 << " to " << n << " are in the data file\n";
  }

  /// Time against error, a curve per solver; who did not arrive is named in the key.
  void work_precision(const Finished& finished) {
    begin_panel("time against error: down and to the left is better", 11);
    script_
        << "set logscale xy\nset format x '10^{%L}'\nset format y '10^{%L}'\nset xlabel 'error at the end'\nset ylabel 'seconds'\n"
        << "set key bottom left Left reverse vertical maxrows 7 samplen 1.6 spacing 1.15 font ',10' opaque\n";
    std::string curves;
    Range errors, times;
    const std::vector<std::string> names = solvers_of(finished);
    for (std::size_t s = 0; s < names.size(); ++s) {
      const std::string style = "linewidth 2 pointsize 1.2 " + solver_style(s);
      std::string absence;
      int points = 0;
      const int index = block();
      for (const Row& row : finished.rows) {
        if (row.solver != names[s]) continue;
        const Performance& p = row.performance;
        if (p.finish == Finish::arrived && p.error > 0.0 && std::isfinite(p.error)) {
          data_ << p.error << ' ' << p.seconds << '\n';
          errors.include(p.error);
          times.include(p.seconds);
          ++points;
        } else if (absence.empty() && p.finish != Finish::arrived) {
          absence = p.status;
        }
      }
      if (points == 0) data_ << "NaN NaN\n";
      if (!curves.empty()) curves += ", \\\n  ";
      const std::string title = names[s] + (absence.empty() ? "" : ": " + absence);
      if (points > 0) {
        curves += in_quotes(data_name_) + " index " + std::to_string(index) + " using 1:2 with linespoints " + style + " title " +
                  in_quotes(title);
      } else {
        curves += "NaN with linespoints " + style + " title " + in_quotes(title);
      }
    }
    // room for the key below the curves
    script_ << "set xrange [" << errors.low / 3.0 << ':' << errors.high * 3.0 << "]\nset yrange ["
            << times.low / (3.0 * std::pow(9.0 * times.high / times.low, 0.5)) << ':' << times.high * 3.0 << "]\nplot " << curves
            << '\n';
  }

  /// One tolerance: a bar of time per solver, above it who it is and with what error.
  void bars(const Finished& finished) {
    begin_panel("", 11);
    const int index = block();
    const auto solvers = finished.rows.size();
    Range times;
    for (const Row& row : finished.rows) {
      data_ << row.performance.seconds << '\n';
      if (row.performance.seconds > 0.0) times.include(row.performance.seconds);
    }
    const double left = times.low / 3.0;
    for (std::size_t s = 0; s < solvers; ++s) {
      const Performance& p = finished.rows[s].performance;
      char error[40];
      std::snprintf(error, sizeof error, "error %.1e", p.error);
      script_ << "set label " << s + 1 << ' '
              << in_quotes(finished.rows[s].solver + ": " + (p.finish == Finish::arrived ? error : p.status)) << " at " << left
              << ',' << static_cast<double>(solvers - s) + 0.4 << " left offset 0.5,0 font ',11'\n";
    }
    script_ << "set logscale x\nset format x '10^{%L}'\nset xlabel 'seconds, at rtol = " << finished.rows.front().rtol
            << "'\nunset ylabel\nunset ytics\n"
            << "set xrange [" << left << ':' << times.high * 3.0 << "]\nset yrange [0.5:" << solvers
            << ".7]\nunset key\nset style fill solid 0.85 noborder\nplot ";
    for (std::size_t s = 0; s < solvers; ++s) {
      const auto position = static_cast<double>(solvers - s);
      script_ << in_quotes(data_name_) << " index " << index << " every ::" << s << "::" << s << " using (" << left << "):("
              << position << "):(" << left << "):1:(" << position - 0.2 << "):(" << position + 0.2
              << ") with boxxyerror linecolor '" << solver_colour(s) << "'" << (s + 1 < solvers ? ", " : "\n");
    }
  }

  void end() { script_ << "unset multiplot\n"; }

 private:
  void begin_panel(const std::string& title, int size) {
    script_ << "\nunset logscale\nunset label\nset format '%g'\nset autoscale\nset xtics autofreq\nset ytics autofreq\n"
            << "set title " << in_quotes(title) << " font '," << size << "'\n";
  }

  /// Starts the next block of the data file; its index.
  int block() {
    if (blocks_ > 0) data_ << "\n\n";
    return blocks_++;
  }

  void row(double t, const std::vector<double>& y, const std::vector<double>& scale) {
    data_ << t;
    for (std::size_t c = 0; c < y.size(); ++c) data_ << ' ' << y[c] / scale[c];
    data_ << '\n';
  }

  /// Two digits, as a person writes them: 0.46, 1300, 3.6 x 10^-5.
  static std::string rounded(double x) {
    const int exponent = static_cast<int>(std::floor(std::log10(x)));
    const double unit = std::pow(10.0, exponent - 1), value = std::round(x / unit) * unit;
    char text[64];
    if (exponent >= -2 && exponent < 4)
      std::snprintf(text, sizeof text, "%.4g", value);
    else
      std::snprintf(text, sizeof text, "(%.2g\u00d710^{%d})", value / std::pow(10.0, exponent), exponent);
    return text;
  }

  std::ostream& script_;
  std::ostream& data_;
  std::string data_name_;
  int blocks_ = 0;
};

bool several_tolerances(const Finished& finished) {
  return std::any_of(finished.rows.begin(), finished.rows.end(),
                     [&](const Row& row) { return row.rtol != finished.rows.front().rtol; });
}

}  // namespace

std::string draw(const std::filesystem::path& picture, const std::vector<Finished>& contests) {
  auto script_path = picture, data_path = picture;
  script_path.replace_extension(".gp");
  data_path.replace_extension(".dat");
  {
    std::ofstream script(script_path), data(data_path);
    Drawing drawing(script, data, data_path.filename().string());
    drawing.begin(picture.filename().string(), contests.size());
    for (const Finished& finished : contests) {
      drawing.solution(finished);
      several_tolerances(finished) ? drawing.work_precision(finished) : drawing.bars(finished);
    }
    drawing.end();
    if (!script || !data) return unwritable(script_path);
  }
  return run_gnuplot(script_path);
}

}  // namespace race
