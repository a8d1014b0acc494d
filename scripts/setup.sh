#!/usr/bin/env bash
# Installs what the build needs on Debian 12: packages, a Rust compiler, Arrow's C++ libraries.
# Does nothing where everything is there; may be run as often as you like. Needs root or sudo.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly ARROW_VERSION=26.0.1
readonly RUST_VERSION_MIN=1.89 # What cedar-policy 4 asks for.
readonly CACHE="${XDG_CACHE_HOME:-$HOME/.cache}/omnigraph"
readonly PACKAGES=(
  # tools
  build-essential ca-certificates ccache clang-format-19 clang-tidy-19 cmake curl git mold
  ninja-build python3 python3-pip python3-venv tzdata
  # libraries
  libbenchmark-dev libboost1.81-dev libcli11-dev libcurl4-openssl-dev libgmock-dev libgtest-dev
  libre2-dev libroaring-dev libsimdjson-dev libspdlog-dev libssl-dev libstemmer-dev
  libutf8proc-dev libxxhash-dev libyaml-cpp-dev nlohmann-json3-dev prometheus-cpp-dev
)

say() { printf 'setup: %s\n' "$*"; }
fail() {
  printf 'setup: %s\n' "$*" >&2
  exit 1
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    fail "installing packages needs root; run as root or install sudo"
  fi
}

# Installs the given Debian packages that are not installed yet.
install_packages() {
  local missing=() package
  for package in "$@"; do
    if [ "$(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null)" != "ii " ]; then
      missing+=("$package")
    fi
  done
  if [ "${#missing[@]}" -eq 0 ]; then return; fi
  say "installing ${missing[*]}"
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# Succeeds if cargo is there and recent enough.
have_rust() {
  local version
  version=$(PATH="$PATH:$HOME/.cargo/bin" cargo --version 2>/dev/null | cut -d ' ' -f 2) || return 1
  [ -n "$version" ] &&
    [ "$(printf '%s\n' "$RUST_VERSION_MIN" "$version" | sort -V | head -n 1)" = \
      "$RUST_VERSION_MIN" ]
}

setup_rust() {
  if have_rust; then return; fi
  install_packages rustc-web cargo-web
  hash -r
  have_rust || fail "cargo $RUST_VERSION_MIN or newer is needed, found: $(cargo --version 2>&1)"
}

# Prints a Python that can run pip. The one on PATH may come without it.
find_pip_python() {
  local python
  for python in python3 /usr/bin/python3; do
    if "$python" -m pip --version >/dev/null 2>&1; then
      printf '%s' "$python"
      return
    fi
  done
  fail "no python3 with pip"
}

setup_arrow() {
  local target="$CACHE/arrow-$ARROW_VERSION" download python
  if [ -e "$target/include/arrow/api.h" ] || arrow_is_installed; then return; fi
  [ "$(uname -m)" = x86_64 ] ||
    fail "no Arrow is installed, and its wheel is pinned for x86_64 only"
  say "fetching Arrow $ARROW_VERSION"
  download=$(mktemp -d)
  python=$(find_pip_python)
  "$python" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
    --python-version 3.11 --implementation cp --platform manylinux_2_28_x86_64 \
    --require-hashes -r scripts/arrow.requirements.txt -d "$download"
  python3 scripts/unpack_arrow.py "$download"/pyarrow-*.whl "$target"
  rm -rf "$download"
}

arrow_is_installed() {
  [ -e /usr/lib/x86_64-linux-gnu/cmake/Arrow/ArrowConfig.cmake ] ||
    [ -e /usr/local/lib/cmake/Arrow/ArrowConfig.cmake ]
}

command -v apt-get >/dev/null ||
  fail "this script knows Debian 12; on other systems see CONTRIBUTING.md"
install_packages "${PACKAGES[@]}"
setup_rust
setup_arrow
say "ready"
