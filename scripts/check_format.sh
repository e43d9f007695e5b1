#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# check_format.sh [--fix]: every C++ file is as clang-format 14 writes it; --fix writes them so.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/common.sh
command -v clang-format-14 >/dev/null || fail "clang-format-14 is missing: run scripts/setup.sh --ci first."
mapfile -t files < <(find include src tests examples \( -name '*.hpp' -o -name '*.cpp' -o -name '*.h' \) | sort)
if [ "${1:-}" = --fix ]; then
  clang-format-14 -i "${files[@]}"
else
  attempt "The layout differs: run scripts/check_format.sh --fix and look at the change." clang-format-14 --dry-run --Werror "${files[@]}"
fi
