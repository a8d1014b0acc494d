#!/usr/bin/env python3
"""Loads the package sample as its README says and compares the answers of its queries with an
independent computation over the same text (the example's check.py)."""

import argparse
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
    sample = arguments.example / "tests" / "packages_sample.txt"
    with tempfile.TemporaryDirectory() as folder:
        graph = Path(folder) / "packages.omni"
        records = Path(folder) / "packages.jsonl"
        with sample.open() as packages:
            subprocess.run(
                [sys.executable, "-B", arguments.example / "convert.py", "--output", records],
                stdin=packages,
                check=True,
            )
        run(omnigraph, "init", graph, "--schema", arguments.example / "packages.pg")
        run(omnigraph, "load", graph, "--mode", "overwrite", "--data", records)
        said = run(
            sys.executable, "-B", arguments.example / "check.py", sample,
            "--bin", omnigraph, "--graph", graph,
        )
    print(said, end="")
    agreeing = said.count("agrees  ")
    if agreeing < 5:
        sys.exit(f"only {agreeing} answers were compared")


if __name__ == "__main__":
    main()
