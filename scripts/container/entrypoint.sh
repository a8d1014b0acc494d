#!/bin/sh
# Starts the server of a container image. Arguments are passed on as they are; without any, the
# environment says what to serve:
#   OMNIGRAPH_CLUSTER     a cluster's folder or storage root; excludes the three below
#   OMNIGRAPH_TARGET_URI  the URI of one graph
#   OMNIGRAPH_CONFIG      passed on as --config
#   OMNIGRAPH_TARGET      passed on as --target
#   OMNIGRAPH_BIND        where to listen; 0.0.0.0:8080 if it is not set
set -eu

readonly USAGE_ERROR=64

fail() {
  printf 'entrypoint: %s\n' "$1" >&2
  exit "$USAGE_ERROR"
}

if [ "$#" -gt 0 ]; then
  exec omnigraph-server "$@"
fi

cluster="${OMNIGRAPH_CLUSTER:-}"
uri="${OMNIGRAPH_TARGET_URI:-}"
config="${OMNIGRAPH_CONFIG:-}"
target="${OMNIGRAPH_TARGET:-}"
bind="${OMNIGRAPH_BIND:-0.0.0.0:8080}"

if [ -n "$cluster" ]; then
  if [ -n "$uri$config$target" ]; then
    fail "OMNIGRAPH_CLUSTER says what is served: unset OMNIGRAPH_TARGET_URI, OMNIGRAPH_CONFIG and \
OMNIGRAPH_TARGET, or unset OMNIGRAPH_CLUSTER"
  fi
  exec omnigraph-server --cluster "$cluster" --bind "$bind"
fi
if [ -n "$uri" ]; then
  if [ -n "$config" ]; then
    exec omnigraph-server "$uri" --config "$config" --bind "$bind"
  fi
  exec omnigraph-server "$uri" --bind "$bind"
fi
if [ -n "$config" ]; then
  if [ -n "$target" ]; then
    exec omnigraph-server --config "$config" --target "$target" --bind "$bind"
  fi
  exec omnigraph-server --config "$config" --bind "$bind"
fi
fail "nothing to serve: set OMNIGRAPH_CLUSTER to a cluster's folder or storage root, or \
OMNIGRAPH_TARGET_URI to the URI of one graph, or pass the arguments of omnigraph-server"
