// SPDX-License-Identifier: BSD-3-Clause
#include "curves.hpp"

#include <cstdio>
#include <fstream>

#include "../drawing/gnuplot.hpp"

namespace training {

namespace {

void write_data(std::ostream& data, const std::vector<Run>& runs) {
  for (const Run& run : runs) {
    data << "# " << run.name << ": epoch, seconds, loss, accuracy, validation loss, work\n";
    double seconds = 0;
    for (std::size_t e = 0; e < run.epochs.size(); ++e) {
      seconds += run.epochs[e].seconds;
      const Epoch& epoch = run.epochs[e];
      data << e + 1 << ' ' << seconds << ' ' << epoch.loss << ' ' << epoch.accuracy << ' ' << epoch.validation << ' ' << epoch.work
           << '\n';
    }
    data << "\n\n";
  }
}

/// A loss against one column for every run; the first is wide and pale, so that what covers it leaves it visible.
std::string curves(const std::string& data, const std::vector<Run>& runs, int column, Curve curve) {
  static constexpr const char* styles[] = {"linewidth 7 linecolor '#9ecae1'", "linewidth 1.8 linecolor '#D55E00' pointtype 7"};
  constexpr std::size_t most_points = 60;  // more would hide the curve
  std::string text;
  for (std::size_t r = 0; r < runs.size(); ++r)
    text += (r == 0 ? "plot " : ", ") + drawing::in_quotes(data) + " index " + std::to_string(r) + " using " +
            std::to_string(column) + (curve == Curve::training ? ":3" : ":5") + " with " +
            (r == 0 || runs[r].epochs.size() > most_points ? "lines " : "linespoints ") + styles[r % 2] + " title " +
            drawing::in_quotes(runs[r].name);
  return text + "\n";
}

}  // namespace

double Run::seconds() const {
  double sum = 0;
  for (const Epoch& epoch : epochs) sum += epoch.seconds;
  return sum;
}

void show_progress(const std::string& name, std::size_t epoch, std::size_t epochs, double done, double loss, double seconds) {
  constexpr int width = 24;
  const int filled = static_cast<int>(done * width);
  std::fprintf(stderr, "\r%-22s epoch %3zu/%zu [%.*s%*s] loss %.4f  %6.1f s", name.c_str(), epoch, epochs, filled,
               "########################", width - filled, "", loss, seconds);
  if (epoch == epochs && done >= 1) std::fputc('\n', stderr);
  std::fflush(stderr);
}

std::string draw_curves(const std::filesystem::path& picture, const std::vector<Run>& runs, Curve curve) {
  auto script_path = picture, data_path = picture;
  script_path.replace_extension(".gp");
  data_path.replace_extension(".dat");
  const std::string data_name = data_path.filename().string();
  {
    std::ofstream script(script_path), data(data_path);
    write_data(data, runs);
    script << "set terminal pngcairo size 1100,420 font 'DejaVu Sans,10' background '#ffffff'\nset output "
           << drawing::in_quotes(picture.filename().string()) << "\nset multiplot layout 1,2\nset logscale y\nset ylabel '"
           << (curve == Curve::training ? "training" : "validation")
           << " loss'\nset grid linecolor '#dddddd'\nset border 3\n"
              "set tics nomirror\nset xlabel 'epoch'\n"
           << curves(data_name, runs, 1, curve) << "set xlabel 'seconds'\nunset ylabel\n"
           << curves(data_name, runs, 2, curve) << "unset multiplot\n";
    if (!script || !data) return drawing::unwritable(script_path);
  }
  return drawing::run_gnuplot(script_path);
}

}  // namespace training
