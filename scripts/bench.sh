#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# bench.sh stiff [--json FILE] [options of stiff_race]: the work-precision runs of docs/performance.md: every stiff problem of the test
# set, rtol 1e-3 to 1e-10, antler with one thread and with two and all peers in turns; draws build/bench/work_precision.png, ends with
# the times at equal error. Give it an idle machine, and half an hour.
# bench.sh scan: the scan beside a STREAM triad, with one thread and with two.
# bench.sh steps: the adaptive solver's time per step and memory from 10^3 to 10^6 steps, with one thread and with two.
# bench.sh sequences [--json FILE] [options of sequence_benchmark]: a GRU over 10^3 to 10^6 steps, forward and with its gradient,
# parallel in time beside the best sequential evaluation, with one thread and with two. Half an hour, and 8 GB for all of it.
# bench.sh blocks [--json FILE] [options of block_benchmark]: the block solvers beside their peers (block Thomas, ...), with one
# thread and with two.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/common.sh
usage="Usage: scripts/bench.sh stiff [--json FILE], scripts/bench.sh scan, scripts/bench.sh steps, scripts/bench.sh sequences [--json FILE], or scripts/bench.sh blocks [--json FILE]"
what=${1:-}
case $what in
stiff) target=stiff_race ;;
scan) target=scan_benchmark ;;
steps) target=radau_benchmark ;;
sequences) target=sequence_benchmark ;;
blocks) target=block_benchmark ;;
*) fail "$usage" ;;
esac
shift

scripts/setup.sh || exit
step "Building"
attempt "Configuring failed: read CMake's message above, then run scripts/bench.sh again." \
  cmake --preset release -DANTLER_ENABLE_BENCHMARKS=ON
attempt "Building failed: correct the first error above, then run scripts/bench.sh again." \
  cmake --build --preset release --target "$target"
step "Measuring"
if [ "$what" = stiff ]; then
  rtols=()
  for rtol in 1e-3 1e-4 1e-5 1e-6 1e-7 1e-8 1e-9 1e-10; do rtols+=(--rtol "$rtol"); done
  mkdir -p build/bench
  exec build/release/examples/stiff_race --stiff "${rtols[@]}" --threads 1 --threads 2 --repeats 5 --time-limit 60 \
    --without "antler Exponential" --diagrams build/bench/work_precision.png "$@"
fi
for threads in 1 2; do
  OMP_NUM_THREADS=$threads OMP_PROC_BIND=false "build/release/tests/benchmarks/$target" "$@"
done
