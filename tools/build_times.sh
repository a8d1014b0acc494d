#!/usr/bin/env bash
# Measures what CONTRIBUTING.md promises, without compiler cache: a clean build of everything, and a
# rebuild after touching one source:  tools/build_times.sh [SOURCE...]
# The budget on 2 cores: 15 minutes and 20 seconds.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

export CCACHE_DISABLE=1
readonly FOLDER=build/times
sources=("$@")
[ "${#sources[@]}" -gt 0 ] || sources=(src/base/status.cc src/types/value.cc)

build() {
  local begin=$SECONDS
  cmake --build "$FOLDER" >build/times.log 2>&1 || {
    tail -n 40 build/times.log
    exit 1
  }
  elapsed_s=$((SECONDS - begin))
}

rm -rf "$FOLDER"
mkdir -p build
cmake --preset dev -B "$FOLDER" -DOG_CARGO_TARGET_DIR="$PWD/$FOLDER/cargo" >build/times.log
build
printf '| %-44s | %4d s |\n' "everything, from nothing (dev)" "$elapsed_s"
for source in "${sources[@]}"; do
  touch "$source"
  build
  printf '| %-44s | %4d s |\n' "after touching $source" "$elapsed_s"
done
rm -rf "$FOLDER"
