#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# check_includes.sh: a header includes only from its own folder and the folders before it in this list, and what it includes
# exists; every header is named in cmake/headers.cmake.
set -eu
cd "$(dirname "$0")/.."
folders="core problem deer discretization inverse mesh solve sensitivity distributed interop"

headers=$(find include/antler -name '*.hpp' | sort)
# shellcheck disable=SC2086  # one word per header
awk -v folders="$folders" '
  function complain(text) { printf "%s:%d: %s\n", FILENAME, FNR, text; bad = 1 }
  BEGIN {
    count = split(folders, name, " ")
    for (i = 1; i <= count; i++) rank[name[i]] = i
    for (i = 1; i < ARGC; i++) exists[ARGV[i]] = 1
    exists["include/antler/core/version.hpp"] = 1  # configured from version.hpp.in
  }
  FNR == 1 {
    parts = split(FILENAME, path, "/")
    own = parts == 3 ? count + 1 : rank[path[3]]  # include/antler/antler.hpp includes them all
    if (!own) complain("the folder " path[3] " has no place in the order: " folders)
  }
  /^[ \t]*#[ \t]*include[ \t]*["<]/ {
    file = $0
    sub(/^[^"<]*["<]/, "", file)
    sub(/[">].*/, "", file)
    if (file !~ /^antler\//) {
      if ($0 ~ /include[ \t]*"/) complain("\"" file "\": write antler/folder/name.hpp")
      next
    }
    split(file, part, "/")
    if (!(("include/" file) in exists)) complain(file " does not exist")
    else if (rank[part[2]] > own || !(part[2] in rank)) complain(file " comes after " path[3] " in the order: " folders)
  }
  END { exit bad }
' $headers && order=0 || order=1

listed=$(sed -n 's/^ *\(include[^ )]*\.hpp\).*/\1/p' cmake/headers.cmake | sort)
unlisted=$(printf '%s\n' "$headers" | grep -vxF "$listed" || true)
[ -z "$unlisted" ] || printf '%s: not in cmake/headers.cmake\n' $unlisted
[ "$order" = 0 ] && [ -z "$unlisted" ]
