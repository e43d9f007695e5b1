# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
# Sourced by the other scripts, from the root of the repository.

cache=${XDG_CACHE_HOME:-$HOME/.cache}/antler

step() { printf '\n==> %s\n' "$*"; }

# The one sentence that a failure ends with.
fail() {
  printf '\n%s\n' "$*" >&2
  exit 1
}

# attempt SENTENCE COMMAND...: runs the command; if it fails, ends with the sentence.
attempt() {
  local sentence=$1
  shift
  "$@" || fail "$sentence"
}

# quietly SENTENCE LOG COMMAND...: the same with the output in LOG, whose end is shown if the command fails.
quietly() {
  local sentence=$1 log=$2
  shift 2
  "$@" >"$log" 2>&1 </dev/null || {
    tail -n 20 "$log" >&2
    fail "$sentence (whole log: $log)"
  }
}

# Family and major version of the compiler that CMake will take, as gnu-12 or clang-14.
compiler_tag() {
  printf '#ifdef __clang__\nclang-__clang_major__\n#else\ngnu-__GNUC__\n#endif\n' | ${CXX:-c++} -E -P -x c++ - 2>/dev/null | tr -d ' \n'
}

# cached_kokkos FLAVOUR: the newest cached prefix of that flavour that is complete, or nothing.
cached_kokkos() {
  if [ "$1" = recent ]; then
    ls -d "$cache"/kokkos-recent/kokkos.cmake 2>/dev/null | sed 's#/kokkos.cmake$##'
  else
    ls -dv "$cache"/kokkos-[0-9]*-"$(compiler_tag)" 2>/dev/null | tail -n 1
  fi
}
