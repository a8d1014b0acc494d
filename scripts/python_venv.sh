#!/usr/bin/env bash
# Makes a Python environment with the given packages: python_venv.sh FOLDER PACKAGE...
# Keeps the folder if it is there and its interpreter still runs.
set -euo pipefail

folder="$1"
shift
for python in python3 /usr/bin/python3; do
  if [ ! -x "$folder/bin/python" ] || ! "$folder/bin/python" -m pip --version >/dev/null 2>&1; then
    rm -rf "$folder"
    "$python" -m venv "$folder" || continue
  fi
done
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check "$@"
"$folder/bin/python" --version
