// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace training {

/// One pass over the training data.
struct Epoch {
  double loss = 0;        ///< mean over the training data, each before its mini-batch's step
  double accuracy = 0;    ///< of a classifier on the test data, after the epoch
  double validation = 0;  ///< loss of data that is not trained on, after the epoch
  double work = 0;        ///< mean of what a solve took: Newton iterations, or steps
  double seconds = 0;     ///< wall clock, tests left out
};

/// One training: what ran, and its epochs.
struct Run {
  std::string name;
  std::vector<Epoch> epochs;

  [[nodiscard]] double seconds() const;
};

/// A bar on standard error with the epoch, the loss so far and the seconds; rewrites its line.
void show_progress(const std::string& name, std::size_t epoch, std::size_t epochs, double done, double loss, double seconds);

/// Which of an epoch's losses is drawn.
enum class Curve { training, validation };

/// Draws a loss against epoch and against seconds of every run; data and script stay beside the picture.
/// @return  an empty text, or one sentence that says why there is no picture
std::string draw_curves(const std::filesystem::path& picture, const std::vector<Run>& runs, Curve curve = Curve::training);

}  // namespace training
