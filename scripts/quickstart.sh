#!/usr/bin/env bash
# From nothing to a served graph that answers a query over HTTP:
#   scripts/quickstart.sh [company-brain|package-graph]
# Everything it makes is in build/ and .quickstart/; a second run takes seconds.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

fail() {
  printf 'quickstart: %s\n' "$*" >&2
  exit 1
}

example="${1:-company-brain}"
case "$example" in
  company-brain)
    graph=brain
    actor=act-tove
    mode=merge
    query=in_force
    params='{"project":"bobbin-3"}'
    ;;
  package-graph)
    graph=packages
    actor=act-release
    mode=overwrite
    query=biggest_sections
    params='{}'
    ;;
  *) fail "unknown example '$example'; there are company-brain and package-graph" ;;
esac

cluster=".quickstart/$example"
graph_uri="$cluster/graphs/$graph.omni"
token="quickstart-token" # For 127.0.0.1 and this demonstration only.
omnigraph=build/release/bin/omnigraph
server=build/release/bin/omnigraph-server
server_pid=""

# Shows a command as you would type it, then runs it.
run() {
  printf '\n$ %s\n' "${*/#build\/release\/bin\//}"
  "$@"
}

step() { printf '\n== %s\n' "$*"; }

stop_server() {
  if [ -n "$server_pid" ] && kill -0 "$server_pid" 2>/dev/null; then
    kill -TERM "$server_pid"
    wait "$server_pid" || true
  fi
  server_pid=""
}
trap stop_server EXIT

build() {
  local log=.quickstart/build.log
  scripts/setup.sh
  mkdir -p .quickstart
  if ! { cmake --preset release && cmake --build --preset release --target omnigraph \
    omnigraph-server; } >"$log" 2>&1; then
    tail -n 60 "$log"
    fail "the build failed; all of its output is in $log"
  fi
}

# Copies the example's own files, leaving what the cluster itself keeps in the folder.
copy_example() {
  mkdir -p "$cluster"
  cp -R "examples/$example/." "$cluster/"
}

# Sets `data` to the files to load, in their order.
prepare_data() {
  local index="$cluster/data/packages.jsonl"
  if [ "$example" = package-graph ] && ! [ -s "$index" ]; then
    mkdir -p "$cluster/data"
    command -v apt-cache >/dev/null || fail "package-graph reads Debian's package index (apt-cache)"
    printf '\n$ apt-cache dumpavail | %s > %s\n' "$cluster/convert.py" "$index"
    apt-cache dumpavail | python3 "$cluster/convert.py" --output "$index.part"
    [ -s "$index.part" ] || fail "the package index is empty: run apt-get update"
    mv "$index.part" "$index"
  fi
  data=("$cluster"/data/*.jsonl)
  [ -s "${data[0]}" ] || fail "there is no data in $cluster/data"
}

apply_cluster() {
  run "$omnigraph" cluster validate --config "$cluster"
  if ! [ -e "$cluster/__cluster/state.json" ]; then
    run "$omnigraph" cluster import --config "$cluster"
  fi
  run "$omnigraph" cluster plan --config "$cluster"
  run "$omnigraph" cluster apply --config "$cluster" --as "$actor"
}

# Loads unless these very files are loaded already.
load_data() {
  local digest file
  digest=$(cat "${data[@]}" | sha256sum | cut -d ' ' -f 1)
  if [ "$(cat "$cluster/.loaded" 2>/dev/null)" = "$digest" ]; then
    printf '\n%s\n' "The data is loaded already."
    return
  fi
  for file in "${data[@]}"; do
    run "$omnigraph" load --mode "$mode" --data "$file" --as "$actor" "$graph_uri"
  done
  printf '%s\n' "$digest" >"$cluster/.loaded"
}

# Starts the server on a free port and sets `address` once it answers.
start_server() {
  local out=".quickstart/$example.server.out" log=".quickstart/$example.server.log"
  printf '\n$ omnigraph-server --cluster %s --bind 127.0.0.1:0\n' "$cluster"
  OMNIGRAPH_SERVER_BEARER_TOKENS_JSON="{\"$actor\":\"$token\"}" \
    "$server" --cluster "$cluster" --bind 127.0.0.1:0 >"$out" 2>"$log" </dev/null &
  server_pid=$!
  for _ in $(seq 300); do
    address=$(sed -n 's/^OMNIGRAPH_LISTEN_ADDR=//p' "$out")
    if [ -n "$address" ] && curl -fsS -o /dev/null "http://$address/healthz" 2>/dev/null; then return; fi
    if ! kill -0 "$server_pid" 2>/dev/null; then
      cat "$log"
      fail "the server did not start"
    fi
    sleep 0.1
  done
  tail -n 20 "$log"
  fail "the server does not answer"
}

call_query() {
  local url="http://$address/graphs/$graph/queries/$query" answer
  printf "\n\$ curl -X POST %s -H 'authorization: Bearer …' -d '%s'\n" "$url" "{\"params\":$params}"
  answer=$(curl -sS --fail-with-body -X POST "$url" -H "authorization: Bearer $token" \
    -H 'content-type: application/json' -d "{\"params\":$params}") ||
    fail "the call failed: $answer"
  printf '%s\n' "$answer" | python3 -m json.tool --no-ensure-ascii | head -n 60
}

step "1. Build"
build
step "2. Declare: $cluster/cluster.yaml"
copy_example
apply_cluster
step "3. Load"
prepare_data
load_data
step "4. Serve and ask"
start_server
call_query
stop_server

query_file=$(grep -l "^query $query(" "$cluster"/queries/*.gq | head -n 1)
cat <<END

It works. What to try next, from this folder:

  export PATH="\$PWD/build/release/bin:\$PATH"
  omnigraph snapshot $graph_uri                 # what is in the graph
  omnigraph query --uri $graph_uri --query $query_file --name $query --params '$params'
  omnigraph commit list $graph_uri              # every change so far
  edit $cluster/queries/, then: omnigraph cluster plan --config $cluster

  OMNIGRAPH_SERVER_BEARER_TOKENS_JSON='{"$actor":"$token"}' \\
    omnigraph-server --cluster $cluster --bind 127.0.0.1:8080
END
