#!/usr/bin/env python3
"""How the costs of small operations grow with history and size: they should not.

One graph is grown commit by commit, others by loads of more and more rows; at each step a commit of
one row, its arrival in a second server, a branch, a point read, a diff and a merge are timed over
HTTP. `--json FILE` keeps the figures. Needs Python 3.11 and nothing else.
"""

import argparse
import http.client
import itertools
import json
import pathlib
import shutil
import statistics
import subprocess
import tempfile
import threading
import time

import server_load

SCHEMA = """
node Person { slug: String @key  name: String  age: I32  mail: String? @unique }
edge Knows: Person -> Person
"""
QUERIES = """
query point($s: String) { match { $p: Person { slug: $s } } return { $p.name as name } }
query insert($s: String, $m: String) {
  insert Person { slug: $s, name: "New Person", age: 30, mail: $m }
}
"""
MERGED_ROWS = 1000
AGES = itertools.count(100)  # One for each merge, so that each changes all of its rows.
ROWS_OF_HISTORY = 10_000
ROW_NAMES = {
    "commit": "commit of one row, `@unique` checked",
    "refresh": "first read of it in a second server",
    "point": "point read, nothing changed",
    "branch": "branch create",
    "diff": f"diff of {MERGED_ROWS:,} changed rows",
    "merge": f"merge of {MERGED_ROWS:,} changed rows",
}


class Client:
    """One connection to one server."""

    def __init__(self, server):
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)

    def ask(self, method, path, body=None):
        """(answer, seconds)"""
        text = None if body is None else json.dumps(body)
        begin = time.perf_counter()
        self.connection.request(method, path, text, {"Content-Type": "application/json"})
        answer = self.connection.getresponse()
        content = answer.read()
        seconds = time.perf_counter() - begin
        if answer.status != 200:
            raise RuntimeError(f"{method} {path}: HTTP {answer.status}: {content[:300]!r}")
        return json.loads(content), seconds

    def insert(self, slug):
        body = {"query": QUERIES, "name": "insert", "params": {"s": slug, "m": slug + "@example"}}
        return self.ask("POST", "/mutate", body)[1]

    def point(self, slug):
        answer, seconds = self.ask(
            "POST", "/query", {"query": QUERIES, "name": "point", "params": {"s": slug}})
        if len(answer["rows"]) != 1:
            raise RuntimeError(f"{slug!r} was not found: {answer}")
        return seconds


def person(slug, age):
    data = {"slug": slug, "name": f"Person {slug}", "age": age, "mail": slug + "@example"}
    return json.dumps({"type": "Person", "data": data}) + "\n"


def make_graph(program, folder, rows):
    """A graph with `rows` persons."""
    schema, lines, graph = folder / "schema.pg", folder / "rows.jsonl", folder / "graph.omni"
    schema.write_text(SCHEMA)
    with open(lines, "w") as out:
        for i in range(rows):
            out.write(person(f"p{i}", i % 90))
    for arguments in (["init", "--schema", schema, graph],
                      ["load", "--data", lines, "--mode", "append", graph]):
        subprocess.run([program, *arguments], check=True, capture_output=True)
    return graph


def time_merge(client, label, times):
    """A branch with changed rows, a commit beside it, their difference, and the merge."""
    client.ask("POST", "/branches", {"name": label})
    age = next(AGES)
    changed = "".join(person(f"p{i}", age) for i in range(MERGED_ROWS))
    client.ask("POST", "/load", {"data": changed, "branch": label, "mode": "merge"})
    answer, seconds = client.ask("GET", f"/diff?from=main&to={label}")
    if len(answer["changes"]) != MERGED_ROWS:
        raise RuntimeError(f"{len(answer['changes'])} changes instead of {MERGED_ROWS}")
    times["diff"].append(seconds)
    client.insert(f"beside-{label}")
    times["merge"].append(client.ask(
        "POST", "/branches/merge", {"source": label, "target": "main"})[1])


def measure(first, second, label, samples, merges):
    """Medians in microseconds."""
    times = {name: [] for name in ROW_NAMES}
    first.insert(f"{label}-warm")
    first.point("p0")
    second.point(f"{label}-warm")
    for i in range(samples):
        slug = f"{label}-{i}"
        times["commit"].append(first.insert(slug))
        times["refresh"].append(second.point(slug))
    for i in range(4 * samples):
        times["point"].append(first.point(f"p{i % 1000}"))
    for i in range(max(3, samples // 10)):
        times["branch"].append(first.ask("POST", "/branches", {"name": f"{label}-b{i}"})[1])
    for i in range(merges):
        time_merge(first, f"{label}-m{i}", times)
    return {name: statistics.median(values) * 1e6 for name, values in times.items() if values}


def grow_history(server, begin, end):
    """One commit per row, over a few connections."""
    def work(part):
        client = Client(server)
        for i in range(begin + part, end, 8):
            client.insert(f"grown-{i}")

    threads = [threading.Thread(target=work, args=(part,)) for part in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def commits_of(client):
    return client.ask("GET", "/snapshot?branch=main")[0]["manifest_version"]


def measure_history(programs, folder, steps, samples, merges):
    graph = make_graph(programs / "omnigraph", folder, ROWS_OF_HISTORY)
    server = programs / "omnigraph-server"
    columns = []
    with server_load.Server(server, graph) as one, server_load.Server(server, graph) as two:
        first, second = Client(one), Client(two)
        for step in steps:
            present = commits_of(first)
            if present < step:
                grow_history(one, present, step)
            columns.append((commits_of(first), measure(first, second, f"h{step}", samples, merges)))
    return columns


def measure_sizes(programs, folder, sizes, samples, merges):
    server = programs / "omnigraph-server"
    columns = []
    for rows in sizes:
        place = folder / str(rows)
        place.mkdir()
        graph = make_graph(programs / "omnigraph", place, rows)
        with server_load.Server(server, graph) as one, server_load.Server(server, graph) as two:
            figures = measure(Client(one), Client(two), f"s{rows}", samples, merges)
            columns.append((rows, figures))
        shutil.rmtree(place)
    return columns


def shown(micros):
    return f"{micros:.0f} µs" if micros < 1000 else f"{micros / 1000:.2f} ms"


def print_table(title, columns):
    print(f"| {title} | " + " | ".join(f"{at:,}" for at, _ in columns) + " |")
    print("| --- |" + " ---: |" * len(columns))
    for name, text in ROW_NAMES.items():
        cells = [shown(figures[name]) if name in figures else "–" for _, figures in columns]
        print(f"| {text} | " + " | ".join(cells) + " |")
    print()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", type=pathlib.Path, required=True, help="folder of the programs")
    parser.add_argument("--commits", type=int, nargs="*", default=[1, 100, 1000, 10_000])
    parser.add_argument("--rows", type=int, nargs="*", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--samples", type=int, default=60)
    parser.add_argument("--merges", type=int, default=3, help="0 for programs that cannot merge")
    parser.add_argument("--folder", type=pathlib.Path, help="where graphs are made (temporary)")
    parser.add_argument("--json", type=pathlib.Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
        folder = pathlib.Path(name)
        history = measure_history(arguments.bin, folder, arguments.commits,
                                  arguments.samples, arguments.merges)
        sizes = measure_sizes(arguments.bin, folder, arguments.rows, arguments.samples,
                              arguments.merges)
    if history:
        print_table("commits", history)
    if sizes:
        print_table("rows", sizes)
    if arguments.json:
        arguments.json.write_text(json.dumps({"commits": history, "rows": sizes}, indent=1) + "\n")


if __name__ == "__main__":
    main()
