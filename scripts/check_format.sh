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
  # The output is compared, since --dry-run complains of the comment behind an inline namespace that it would not change.
  bad=0
  for file in "${files[@]}"; do
    clang-format-14 "$file" | cmp -s - "$file" || { echo "$file: the layout differs" && bad=1; }
  done
  [ "$bad" = 0 ] || fail "The layout differs: run scripts/check_format.sh --fix and look at the change."
fi
