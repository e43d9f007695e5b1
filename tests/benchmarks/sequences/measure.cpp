// SPDX-License-Identifier: BSD-3-Clause
// Compiled once for each number of units, SEQUENCES_UNITS.
#include <algorithm>
#include <antler/antler.hpp>
#include <cmath>

#include "loop.hpp"
#include "row.hpp"

namespace sequences {

namespace {

constexpr int n = SEQUENCES_UNITS, m = n;
using Cell = antler::Gru<float, n, m>;
using State = antler::Vector<float, n>;
using Input = antler::Vector<float, m>;
using Lanes = antler::Lanes<float>;
using Equation = antler::DifferenceEquation<Cell, float, n, 1, Input>;

/// Component c of input i of sequence b, uniform in [-1, 1).
float input(int b, Index i, int c) {
  const auto k = static_cast<std::uint64_t>((static_cast<Index>(b) << 40) + i * m + c);
  return static_cast<float>(2 * antler::random_uniform(7, k) - 1);
}

std::vector<Equation> equations(const Cell& cell, const Case& c) {
  std::vector<Equation> all;
  for (int b = 0; b < c.batch; ++b) {
    std::vector<Input> inputs(static_cast<std::size_t>(c.steps));
    for (Index i = 0; i < c.steps; ++i)
      for (int k = 0; k < m; ++k) inputs[static_cast<std::size_t>(i)][k] = input(b, i, k);
    all.emplace_back(cell, State{}, std::move(inputs));
  }
  return all;
}

/// Lane l of a value, and the only lane of a number.
float lane_of(float value, int /*l*/) { return value; }
float lane_of(const Lanes& value, int l) { return antler::lane(value, l); }

/// Loops over groups of sequences, as many in a group as B has lanes; past the last it repeats the last.
template <class B>
std::vector<Loop<B, n, m>> loops(const Cell& cell, const std::vector<Equation>& sequences) {
  constexpr int width = antler::lane_count<B>;
  std::vector<Loop<B, n, m>> all;
  for (std::size_t first = 0; first < sequences.size(); first += width) {
    std::vector<antler::Vector<B, m>> inputs(sequences[0].inputs.size());
    for (std::size_t i = 0; i < inputs.size(); ++i)
      for (int k = 0; k < m; ++k) {
        float values[width];
        for (int l = 0; l < width; ++l)
          values[l] = sequences[std::min(first + static_cast<std::size_t>(l), sequences.size() - 1)].inputs[i][k];
        inputs[i][k] = antler::load<B>(values);
      }
    all.emplace_back(cell, std::move(inputs));
  }
  return all;
}

/// Runs all loops, on as many threads as there are groups for.
template <class B>
void run_loops(std::vector<Loop<B, n, m>>& all, bool gradient) {
  const antler::Index groups = static_cast<antler::Index>(all.size());
  antler::parallel_for("sequences::loops", Kokkos::DefaultHostExecutionSpace(), groups, 1e9, [&](antler::Index g) {
    all[static_cast<std::size_t>(g)].forward();
    if (gradient) all[static_cast<std::size_t>(g)].backward();
  });
}

struct Parallel {
  std::vector<antler::Solution<float, n>> solutions;
  std::vector<float> by_theta;
  antler::Statistics statistics;
  std::string failure;
};

Parallel run_parallel(const std::vector<Equation>& sequences, bool gradient) {
  Parallel result;
  const antler::Options options{.rtol = 1e-5, .atol = 1e-6};
  const std::vector<State> loss(gradient ? sequences[0].inputs.size() : 0, State::filled(1.0f));
  result.solutions = antler::solve(sequences, options);
  for (std::size_t b = 0; b < sequences.size(); ++b) {
    const Equation& sequence = sequences[b];
    const auto& solution = result.solutions[b];
    if (!antler::succeeded(solution.status)) result.failure = antler::remedy(solution.status);
    result.statistics += solution.statistics;
    if (gradient && result.failure.empty()) {
      const auto by = antler::gradient(sequence, solution, loss, options);
      if (!antler::succeeded(by.status)) result.failure = antler::remedy(by.status);
      result.by_theta.resize(by.parameters.size());
      for (std::size_t k = 0; k < by.parameters.size(); ++k) result.by_theta[k] += by.parameters[k];
      result.statistics.peak_bytes = std::max(result.statistics.peak_bytes, by.statistics.peak_bytes);
    }
  }
  return result;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : 0.5 * (values[half - 1] + values[half]);
}

template <class B>
void compare(const std::vector<Loop<B, n, m>>& all, const Parallel& parallel, bool gradient, Row& row) {
  constexpr int width = antler::lane_count<B>;
  double largest = 0, apart = 0;
  for (std::size_t b = 0; b < parallel.solutions.size(); ++b) {
    const auto& expected = all[b / width].states();
    const auto states = parallel.solutions[b].states();
    for (std::size_t i = 0; i < expected.size(); ++i)
      for (int c = 0; c < n; ++c) {
        const double value = lane_of(expected[i][c], static_cast<int>(b % width));
        largest = std::max(largest, std::abs(value));
        apart = std::max(apart, std::abs(value - states[i][c]));
      }
  }
  row.deviation = apart / largest;
  if (!gradient) return;
  largest = apart = 0;
  for (std::size_t k = 0; k < parallel.by_theta.size(); ++k) {
    double sum = 0;
    for (std::size_t b = 0; b < parallel.solutions.size(); ++b)
      sum += lane_of(all[b / width].by_theta()[k], static_cast<int>(b % width));
    largest = std::max(largest, std::abs(sum));
    apart = std::max(apart, std::abs(sum - parallel.by_theta[k]));
  }
  row.gradient_deviation = apart / largest;
}

template <class B>
Row measure(const Case& c) {
  Row row;
  const Cell cell = Cell::random(1);
  const std::vector<Equation> sequences = equations(cell, c);
  auto all = loops<B>(cell, sequences);
  std::vector<double> parallel_seconds, sequential_seconds;
  Parallel parallel;
  const antler::Stopwatch total;
  while (row.repeats < c.repeats && (row.repeats == 0 || total.seconds() < c.seconds)) {
    const antler::Stopwatch first;
    parallel = run_parallel(sequences, c.gradient);
    parallel_seconds.push_back(first.seconds());
    const antler::Stopwatch second;
    run_loops(all, c.gradient);
    sequential_seconds.push_back(second.seconds());
    ++row.repeats;
  }
  row.failure = parallel.failure;
  if (!row.failure.empty()) return row;
  compare(all, parallel, c.gradient, row);
  const antler::Statistics& statistics = parallel.statistics;
  row.parallel = median(parallel_seconds);
  row.parallel_least = *std::min_element(parallel_seconds.begin(), parallel_seconds.end());
  row.sequential = median(sequential_seconds);
  row.sequential_least = *std::min_element(sequential_seconds.begin(), sequential_seconds.end());
  row.windows = static_cast<double>(statistics.windows) / c.batch;
  row.iterations =
      statistics.windows > 0 ? static_cast<double>(statistics.iterations) / static_cast<double>(statistics.windows) : 0;
  row.evaluated = static_cast<double>(statistics.sequential_steps) / (static_cast<double>(c.steps) * c.batch);
  row.peak_bytes = statistics.peak_bytes;
  return row;
}

}  // namespace

#define SEQUENCES_NAME_2(n) measure_##n
#define SEQUENCES_NAME(n) SEQUENCES_NAME_2(n)

/// A single sequence in scalars, a batch in lanes.
Row SEQUENCES_NAME(SEQUENCES_UNITS)(const Case& c) { return c.batch == 1 ? measure<float>(c) : measure<Lanes>(c); }

}  // namespace sequences
