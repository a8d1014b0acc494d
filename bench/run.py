#!/usr/bin/env python3
"""Runs the end-to-end benchmark and prints one Markdown table.

    bench/run.py --bin build/release/bin                            scale S
    bench/run.py --bin build/release/bin --scale M
    bench/run.py --bin build/release/bin --packages packages.jsonl  and the package graph

Standard library only. `end_to_end` gives the figures inside one process; this program adds those of
the two real programs: one process per question, and a server asked over HTTP on the loopback.
README.md says what each row means.
"""

import argparse
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import time

import server_load

HERE = pathlib.Path(__file__).resolve().parent


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--bin", required=True, type=pathlib.Path,
                        help="folder with end_to_end, omnigraph and omnigraph-server")
    parser.add_argument("--scale", default="S", choices=["XS", "S", "M"])
    parser.add_argument("--packages", type=pathlib.Path,
                        help="output of examples/package-graph/convert.py: measured too")
    parser.add_argument("--folder", default="bench-data", type=pathlib.Path,
                        help="where inputs and graphs are written; they stay there")
    parser.add_argument("--seconds", default=0.5, type=float, help="per question and run")
    parser.add_argument("--runs", default=3, type=int)
    parser.add_argument("--server-seconds", default=3.0, type=float, help="per server figure")
    return parser.parse_args()


# ---- The machine ------------------------------------------------------------------------------


def busy_share(seconds=1.0):
    """How much of the processors others used just now."""
    def read():
        fields = [int(x) for x in open("/proc/stat").readline().split()[1:9]]
        return sum(fields), fields[3] + fields[4]
    total, idle = read()
    time.sleep(seconds)
    total_after, idle_after = read()
    return 1 - (idle_after - idle) / max(1, total_after - total)


def machine_facts():
    cpu = re.search(r"model name\s*: (.*)", open("/proc/cpuinfo").read())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    commit = subprocess.run(["git", "-C", str(HERE), "describe", "--always", "--dirty"],
                            capture_output=True, text=True).stdout.strip() or "unknown"
    return (f"Machine: {cpu.group(1) if cpu else 'unknown'}, {os.cpu_count()} cores, "
            f"{memory:.0f} GiB, Linux {os.uname().release}; commit {commit}; "
            f"{busy_share():.0%} of the processors were busy before the start.")


# ---- Figures ----------------------------------------------------------------------------------


def in_process_rows(arguments, packages):
    """What `end_to_end` printed, as rows of the table."""
    command = [str(arguments.bin / "end_to_end"), "--scale", arguments.scale,
               "--folder", str(arguments.folder), "--seconds", str(arguments.seconds),
               "--runs", str(arguments.runs)]
    if packages:
        command += ["--packages", str(packages)]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    rows = []
    for line in output.splitlines():
        graph, title, unit, median, p99, noise, count = line.split("\t")
        rows.append((graph, title, unit, float(median), float(p99), float(noise), int(count)))
    return rows


def row(graph, title, unit, values):
    """A row from one value per run."""
    median = statistics.median(values)
    return (graph, title, unit, median, max(values),
            (max(values) - min(values)) / median if median else 0.0, len(values))


def program_rows(arguments, graph, path, queries, seed):
    """Whole processes of the command line: start, open, one point read, exit."""
    program = str(arguments.bin / "omnigraph")
    point = [program, "query", "--uri", str(path), "--query", str(queries), "--name", "point",
             "--params", '{"s":"%s"}' % seed, "--json"]
    rows = []
    for title, command in (("program: open, point read, exit", point),
                           ("program: start and exit", [program, "version"])):
        times = []
        for _ in range(arguments.runs * 4):
            begin = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            times.append(time.perf_counter() - begin)
        rows.append(row(graph, title, "s", times))
    return rows


def server_rows(arguments, graph, path, queries, seeds):
    """A server over the loaded graph."""
    rows, starts, memory = [], [], []
    samples = {}
    for run in range(arguments.runs):
        with server_load.Server(arguments.bin / "omnigraph-server", path) as server:
            starts.append(server.start_seconds)
            text = queries.read_text()
            for title, query, connections in (
                    ("server: point reads", "point", 1), ("server: point reads", "point", 64),
                    ("server: 2-hop counts", "hop2", 1), ("server: 2-hop counts", "hop2", 64)):
                bodies = [server_load.body(text, query, seed) for seed in seeds]
                figures = server.measure("/query", bodies, connections, arguments.server_seconds)
                samples.setdefault((title, connections), []).append(figures)
            memory.append(server.memory_bytes())
            for connections in (1, 64):
                bodies = [server_load.body(text, "insert", f"r{run}c{connections}-@@")]
                figures = server.measure("/mutate", bodies, connections, arguments.server_seconds)
                samples.setdefault(("server: inserts, durable", connections), []).append(figures)
    rows.append(row(graph, "server: start to first answer", "s", starts))
    rows.append(row(graph, "server: memory after the reads", "bytes", memory))
    for (title, connections), figures in samples.items():
        plural = "connections" if connections > 1 else "connection"
        rows.append(row(graph, f"{title}, {connections} {plural}", "requests/s",
                        [requests for requests, _ in figures]))
        if connections == 1:
            rows.append(row(graph, f"{title}, latency", "s", [latency for _, latency in figures]))
    return rows


# ---- The table --------------------------------------------------------------------------------


def with_unit(value, unit):
    if unit == "s":
        for factor, name in ((1e-6, "µs"), (1e-3, "ms"), (1.0, "s")):
            if value < 1000 * factor or name == "s":
                number = value / factor
                return f"{number:.0f} {name}" if number >= 100 else f"{number:.3g} {name}"
    if unit == "bytes":
        return f"{value / 1e6:,.1f} MB"
    return f"{value:,.0f} {unit.replace('/s', '')}/s"


def print_table(rows):
    print("| Graph | Measured | Median | p99 | Noise | Values |")
    print("| --- | --- | ---: | ---: | ---: | ---: |")
    for graph, title, unit, median, p99, noise, count in rows:
        tail = with_unit(p99, unit) if unit == "s" and count >= 100 else "–"
        print(f"| {graph} | {title} | {with_unit(median, unit)} | {tail} | {noise:.0%} | {count} |")


def seeds_of(path, kind, key, count=100):
    """Some keys of the input's nodes of one type."""
    pattern = re.compile(rf'"type": ?"{kind}".*?"{key}": ?"([^"\\]+)"')
    keys = []
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            found = pattern.search(line)
            if found:
                keys.append(found.group(1))
            elif len(keys) > 100 * count:
                break
    return keys[::max(1, len(keys) // count)][:count]


def main():
    arguments = parse_arguments()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    facts = machine_facts()
    rows = []
    subjects = [(None, "social", "Person", "slug", HERE / "social.gq")]
    if arguments.packages:
        subjects.append((arguments.packages, "packages", "Package", "name", HERE / "packages.gq"))
    for packages, name, kind, key, queries in subjects:
        measured = in_process_rows(arguments, packages)
        graph, path = measured[0][0], arguments.folder / f"{name}.omni"
        seeds = seeds_of(packages or arguments.folder / "social.jsonl", kind, key)
        rows += measured
        rows += program_rows(arguments, graph, path, queries, seeds[0])
        rows += server_rows(arguments, graph, path, queries, seeds)
    print(facts + "\n" + f"Requests by {server_load.client_name()}.\n")
    print_table(rows)
    return 0


if __name__ == "__main__":
    if not shutil.which("git"):
        sys.exit("git is needed to name the commit")
    sys.exit(main())
