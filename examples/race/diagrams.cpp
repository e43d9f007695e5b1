// SPDX-License-Identifier: BSD-3-Clause
// The grid of work-precision diagrams.
#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>

#include "../drawing/gnuplot.hpp"
#include "plot.hpp"
#include "styles.hpp"

namespace race {

using drawing::in_quotes;
using drawing::run_gnuplot;
using drawing::unwritable;

namespace {

constexpr int most_columns = 4, panel_width = 270, panel_height = 240, key_height = 50;

/// Every solver of the race, and its place in the key: a solver has one style in all panels.
std::map<std::string, std::size_t> places_of(const std::vector<Finished>& contests) {
  std::map<std::string, std::size_t> places;
  for (const Finished& finished : contests)
    for (const std::string& solver : solvers_of(finished)) places.try_emplace(solver, places.size());
  return places;
}

/// A palette in place of smoothed edges keeps the picture of a whole test set below 100 kB.
void begin(std::ostream& script, const std::string& picture, int rows, int columns) {
  const double height = rows * panel_height + key_height;
  script << "# drawn by stiff_race; run gnuplot on this file, in its folder, to draw again\n"
         << "set encoding utf8\nset terminal png size " << columns * panel_width << ',' << height
         << " font 'DejaVu Sans,8' background '#ffffff'\nset output " << in_quotes(picture)
         << "\nset border 3 linecolor '#666666'\nset tics nomirror textcolor '#333333'\nset grid linecolor '#e4e4e4' linetype 1\n"
         << "set logscale xy\nset xtics 100\nunset mxtics\nunset mytics\nset xrange [1e-13<*:*<1]\nset format x '10^{%L}'\nset "
            "format y '10^{%L}'\n"
         << "set multiplot layout " << rows << ',' << columns << " margins " << 0.2 / columns << "," << 1 - 0.04 / columns << ","
         << 40 / height << ',' << 1 - (key_height + 20) / height << " spacing " << 0.18 / columns << "," << 65 / height << "\n";
}

std::string style_of(const std::string& solver, const std::map<std::string, std::size_t>& places) {
  return " with linespoints " + solver_style(places.at(solver)) + " linewidth 1.1 pointsize 0.55";
}

/// Draws one problem; its data are the next blocks of the data file.
void panel(std::ostream& script, std::ostream& data, int& blocks, const std::string& data_name, const Finished& finished,
           const std::map<std::string, std::size_t>& places) {
  std::string curves;
  for (const std::string& solver : solvers_of(finished)) {
    int points = 0;
    for (const Row& row : finished.rows) {
      const Performance& p = row.performance;
      if (row.solver != solver || p.finish != Finish::arrived || !(p.error > 0.0) || !std::isfinite(p.error)) continue;
      data << p.error << ' ' << p.seconds << '\n';
      ++points;
    }
    if (points == 0) continue;
    data << "\n\n";
    curves += (curves.empty() ? "" : ", \\\n  ") + in_quotes(data_name) + " index " + std::to_string(blocks++) + " using 1:2" +
              style_of(solver, places) + " notitle";
  }
  script << "set title " << in_quotes(finished.contest->title) << " offset 0,-0.5\nset xlabel 'error' offset 0,0.5\nplot "
         << (curves.empty() ? "[0.1:1][0.1:1] NaN notitle" : curves) << '\n';
}

/// One key above all panels.
void key(std::ostream& script, const std::map<std::string, std::size_t>& places) {
  script << "unset title\nunset xlabel\nunset border\nunset tics\nunset grid\nunset logscale\nset origin 0,0\nset size 1,1\n"
         << "set margins 0,0,0,0\nset key at screen 0.5,0.995 center top horizontal samplen 2 font ',10'\nplot [0:1][0:1] ";
  std::vector<std::string> solvers(places.size());
  for (const auto& [solver, place] : places) solvers[place] = solver;
  for (const std::string& solver : solvers)
    script << (solver == solvers.front() ? "NaN" : ", NaN") << style_of(solver, places) << " title " << in_quotes(solver);
  script << "\nunset multiplot\n";
}

}  // namespace

std::string draw_diagrams(const std::filesystem::path& picture, const std::vector<Finished>& contests) {
  auto script_path = picture, data_path = picture;
  script_path.replace_extension(".gp");
  data_path.replace_extension(".dat");
  {
    std::ofstream script(script_path), data(data_path);
    const auto places = places_of(contests);
    const int panels = static_cast<int>(contests.size()), columns = std::min(panels, most_columns);
    begin(script, picture.filename().string(), (panels + columns - 1) / columns, columns);
    int blocks = 0;
    for (const Finished& finished : contests) panel(script, data, blocks, data_path.filename().string(), finished, places);
    key(script, places);
    if (!script || !data) return unwritable(script_path);
  }
  return run_gnuplot(script_path);
}

}  // namespace race
