#!/usr/bin/env python3
"""Deploys the company-brain cluster in a scratch folder, loads its data twice, and runs every one
of its read queries that needs no parameter."""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = done.stdout + done.stderr
        sys.exit(f"{' '.join(map(str, command))}: exit {done.returncode}\n{said}")
    return done.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=Path, required=True)
    parser.add_argument("--example", type=Path, required=True)
    arguments = parser.parse_args()
    omnigraph = arguments.programs / "omnigraph"
    with tempfile.TemporaryDirectory() as folder:
        cluster = Path(folder) / "company-brain"
        shutil.copytree(arguments.example, cluster,
                        ignore=shutil.ignore_patterns("graphs", "__cluster"))
        run(omnigraph, "cluster", "validate", "--config", cluster)
        run(omnigraph, "cluster", "import", "--config", cluster)
        run(omnigraph, "cluster", "apply", "--config", cluster, "--as", "act-tove")
        graph = cluster / "graphs" / "brain.omni"
        snapshots = []
        for _ in range(2):
            for data in sorted((cluster / "data").glob("*.jsonl")):
                run(omnigraph, "load", graph, "--mode", "merge", "--data", data)
            tables = json.loads(run(omnigraph, "snapshot", graph, "--json"))["tables"]
            snapshots.append({table["table_key"]: table["row_count"] for table in tables})
        if snapshots[0] != snapshots[1]:
            sys.exit(f"loading twice changed the rows: {snapshots[0]} then {snapshots[1]}")
        rows = sum(snapshots[0].values())
        if rows < 200:
            sys.exit(f"only {rows} rows")
        asked = 0
        for source in sorted((cluster / "queries").glob("*.gq")):
            for line in source.read_text().splitlines():
                words = line.split()
                if not line.startswith("query ") or not words[1].endswith("()"):
                    continue
                name = words[1][:-2]
                run(omnigraph, "query", "--uri", graph, "--query", source, "--name", name, "--json")
                asked += 1
        if asked < 5:
            sys.exit(f"only {asked} queries were asked")
        print(f"{rows} rows, {asked} queries answered")


if __name__ == "__main__":
    main()
