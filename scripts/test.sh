#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# test.sh: sets up, builds (into build/release) and runs every test.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/common.sh

scripts/setup.sh || exit
step "Configuring"
attempt "Configuring failed: read CMake's message above; if it is about an old build, remove build/release, then run scripts/test.sh again." \
  cmake --preset release
step "Building"
attempt "Building failed: correct the first error above, then run scripts/test.sh again." cmake --build --preset release
step "Testing"
attempt "Tests failed: rerun one alone with 'ctest --preset release -R NAME', correct it, then run scripts/test.sh again." \
  ctest --preset release -j "$(nproc)"
