#!/usr/bin/env bash
# Sets up, builds the dev preset and runs every test of it: units, language, programs, lints.
# Arguments go to ctest, for example: scripts/test.sh -L lint
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/setup.sh
mkdir -p build
cmake --preset dev >build/configure.log 2>&1 || {
  cat build/configure.log
  exit 1
}
cmake --build --preset dev
ctest --preset dev "$@"
