#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# demo.sh: sets up, builds (into build/release) and runs the stiff race; ends with its table and the path of its picture.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/common.sh

scripts/setup.sh || exit
step "Configuring"
attempt "Configuring failed: read CMake's message above; if it is about an old build, remove build/release, then run scripts/demo.sh again." \
  cmake --preset release
step "Building"
attempt "Building failed: correct the first error above, then run scripts/demo.sh again." \
  cmake --build --preset release --target stiff_race
step "Racing"
mkdir -p build/demo
cd build/demo
attempt "The race failed: its last line says which problem; run scripts/test.sh to see whether the library is at fault." \
  ../release/examples/stiff_race --demo
