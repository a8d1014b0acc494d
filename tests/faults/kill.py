#!/usr/bin/env python3
"""Kills the real programs while they write, and compares the graph with what they had promised.

    kill.py --programs build/dev/bin [--seconds 30] [--seed N]

Writers use one graph through `omnigraph`, each command a process, and through `omnigraph-server`;
both kinds are killed with SIGKILL at random moments. A file of expectations holds what was begun
and what was acknowledged. After every kill a new process must read and write at once, and the graph
must hold: everything acknowledged, the pending wholly or not at all, nothing twice,
nothing else."""

import argparse
import dataclasses
import http.client
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time

SCHEMA = """
node Item { key: String @key }
node Event { op: String  text: String? }
node Register { name: String @key  value: I64 }
edge Touches: Item -> Register
"""

# An event has no key, so that one that is written twice is there twice.
QUERIES = """
query events() { match { $e: Event } return { $e.op } }
query items() { match { $i: Item } return { $i.key } }
query touches() { match { $i: Item  $i touches $r } return { $i.key } }
query write($op: String, $text: String) {
  insert Event { op: $op, text: $text }
  insert Item { key: $op }
  insert Touches { from: $op, to: "r" }
}
"""

CLI_WRITERS = 3
SERVER_WRITERS = 3
LARGE_TEXT = "x" * 70_000  # So much that it becomes a fragment at once.


@dataclasses.dataclass
class Counts:
    acknowledged: int = 0
    kills: int = 0
    checks: int = 0
    unknown: int = 0
    landed: int = 0


class Expectations:
    """What was begun and acknowledged, in memory and in a file that survives this program."""

    def __init__(self, path):
        self.lock = threading.Lock()
        self.file = open(path, "a", encoding="utf-8")
        self.pending = {}  # By branch: names of operations that may be there.
        self.acknowledged = {}  # By branch: names of those that must be.

    def note(self, what, branch, name):
        self.file.write(json.dumps({what: name, "branch": branch}) + "\n")
        self.file.flush()

    def begin(self, branch, name):
        with self.lock:
            self.note("begin", branch, name)
            self.pending.setdefault(branch, set()).add(name)

    def acknowledge(self, branch, name):
        with self.lock:
            self.note("done", branch, name)
            self.pending[branch].discard(name)
            self.acknowledged.setdefault(branch, set()).add(name)

    def refuse(self, branch, name):
        with self.lock:
            self.note("refused", branch, name)
            self.pending[branch].discard(name)

    def merge(self, names):
        """A merge into main that was acknowledged after these were on side."""
        with self.lock:
            self.acknowledged.setdefault("main", set()).update(names)

    def must_hold(self, branch):
        with self.lock:
            return set(self.acknowledged.get(branch, ()))

    def may_hold(self, branch):
        """Merges bring what is on side to main."""
        with self.lock:
            return set().union(*(names.get(of, ()) for names in (self.acknowledged, self.pending)
                                 for of in (branch, "side")))


class Lab:
    """One graph, its writers, and who kills them."""

    def __init__(self, programs, folder, seed):
        self.programs = programs
        self.folder = folder
        self.graph = str(folder / "g.omni")
        self.seed = seed
        self.expectations = Expectations(folder / "expected.jsonl")
        self.counts = Counts()
        self.lock = threading.Lock()
        self.is_over = False
        self.failures = []
        self.server = None
        self.port = 0
        self.environment = {"PATH": os.environ.get("PATH", ""), "HOME": str(folder),
                            "RUST_LOG": "off"}

    def omnigraph(self, *arguments, timeout=30):
        return subprocess.run([self.programs / "omnigraph", *arguments], env=self.environment,
                              capture_output=True, text=True, timeout=timeout, check=False)

    def must(self, *arguments):
        done = self.omnigraph(*arguments)
        if done.returncode != 0:
            raise AssertionError(f"omnigraph {' '.join(arguments)}: {done.stderr.strip()}")
        return done.stdout

    def prepare(self):
        (self.folder / "schema.pg").write_text(SCHEMA)
        (self.folder / "queries.gq").write_text(QUERIES)
        (self.folder / "first.jsonl").write_text(
            '{"type":"Register","data":{"name":"r","value":0}}\n')
        self.must("init", "--schema", str(self.folder / "schema.pg"), self.graph)
        self.must("load", "--data", str(self.folder / "first.jsonl"), self.graph)
        self.must("branch", "create", "side", "--from", "main", "--uri", self.graph)

    def start_server(self):
        self.server = subprocess.Popen(
            [self.programs / "omnigraph-server", "--unauthenticated", "--bind", "127.0.0.1:0",
             self.graph], env=self.environment, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True)
        for line in self.server.stdout:
            if line.startswith("OMNIGRAPH_LISTEN_ADDR="):
                self.port = int(line.rsplit(":", 1)[1])
                return
        raise AssertionError("the server ended before it listened")

    def fail(self, text):
        with self.lock:
            self.failures.append(text)
        self.is_over = True

    # ---- Writers --------------------------------------------------------------------------------

    def command_of(self, draw, branch, name):
        """One write as a command: small by mutation, sometimes large by a load."""
        text = LARGE_TEXT if draw.random() < 0.2 else "x"
        if draw.random() < 0.3:
            path = self.folder / f"{name}.jsonl"
            path.write_text(
                json.dumps({"type": "Event", "data": {"op": name, "text": text}}) + "\n"
                + json.dumps({"type": "Item", "data": {"key": name}}) + "\n"
                + json.dumps({"edge": "Touches", "from": name, "to": "r"}) + "\n")
            return ["load", "--data", str(path), "--branch", branch, self.graph]
        return ["mutate", "--query", str(self.folder / "queries.gq"), "--name", "write",
                "--params", json.dumps({"op": name, "text": text}), "--branch", branch,
                "--uri", self.graph]

    def write_by_command(self, number):
        draw = random.Random(f"{self.seed}-cli-{number}")
        count = 0
        while not self.is_over:
            count += 1
            branch = draw.choice(["main", "main", "side"])
            name = f"c{number}.{count}"
            self.expectations.begin(branch, name)
            process = subprocess.Popen(
                [self.programs / "omnigraph", *self.command_of(draw, branch, name)],
                env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            is_killed = False
            if draw.random() < 0.5:
                time.sleep(draw.uniform(0, 0.08))
                is_killed = process.poll() is None
                process.kill()
            message = process.communicate()[1]
            if process.returncode == 0:
                self.expectations.acknowledge(branch, name)
                with self.lock:
                    self.counts.acknowledged += 1
            elif process.returncode == -signal.SIGKILL:
                with self.lock:
                    self.counts.kills += 1
                    self.counts.unknown += 1
                self.check(draw)
            else:
                self.fail(f"{name}: exit {process.returncode} (killed: {is_killed}): {message}")

    def write_by_server(self, number):
        draw = random.Random(f"{self.seed}-http-{number}")
        count = 0
        while not self.is_over:
            count += 1
            branch = draw.choice(["main", "side"])
            name = f"s{number}.{count}"
            body = json.dumps({"query": QUERIES, "name": "write", "branch": branch,
                               "params": {"op": name, "text": "x"}})
            self.expectations.begin(branch, name)
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
                connection.request("POST", "/mutate", body, {"Content-Type": "application/json"})
                reply = connection.getresponse()
                text = reply.read().decode()
                connection.close()
            except (OSError, http.client.HTTPException):
                with self.lock:
                    self.counts.unknown += 1
                time.sleep(0.02)
                continue
            if reply.status == 200:
                self.expectations.acknowledge(branch, name)
                with self.lock:
                    self.counts.acknowledged += 1
            elif reply.status == 503:
                with self.lock:
                    self.counts.unknown += 1
            else:
                self.fail(f"{name}: HTTP {reply.status}: {text}")

    def maintain(self):
        """Optimize, cleanup and merges beside the writers, killed like them."""
        draw = random.Random(f"{self.seed}-maintain")
        while not self.is_over:
            command = draw.choice([["optimize", self.graph],
                                   ["cleanup", "--keep", "2", "--confirm", self.graph],
                                   ["branch", "merge", "side", "--into", "main", "--uri",
                                    self.graph]])
            merged = self.expectations.must_hold("side") if command[0] == "branch" else set()
            process = subprocess.Popen([self.programs / "omnigraph", *command, "--yes"],
                                       env=self.environment, stdout=subprocess.DEVNULL,
                                       stderr=subprocess.PIPE, text=True)
            if draw.random() < 0.5:
                time.sleep(draw.uniform(0, 0.1))
                process.kill()
            message = process.communicate()[1]
            if process.returncode == -signal.SIGKILL:
                with self.lock:
                    self.counts.kills += 1
            elif process.returncode != 0:
                self.fail(f"{' '.join(command)}: exit {process.returncode}: {message}")
            else:
                self.expectations.merge(merged)
            time.sleep(draw.uniform(0.1, 0.4))

    # ---- Checks ---------------------------------------------------------------------------------

    def rows(self, query, branch):
        text = self.must("query", "--query", str(self.folder / "queries.gq"), "--name", query,
                         "--branch", branch, "--json", "--uri", self.graph)
        return sorted(next(iter(row.values())) for row in json.loads(text)["rows"])

    def check(self, draw, is_final=False):
        """Everything acknowledged before the reads begin is there; nothing that was never begun."""
        try:
            for branch in ("main", "side"):
                must = self.expectations.must_hold(branch)
                if is_final:
                    seen = [self.rows(query, branch) for query in ("events", "items", "touches")]
                    if not seen[0] == seen[1] == seen[2]:
                        raise AssertionError(f"{branch}: a write is there in part or twice")
                    events = seen[0]
                else:
                    events = self.rows(draw.choice(["events", "items", "touches"]), branch)
                may = self.expectations.may_hold(branch)
                if len(set(events)) != len(events):
                    raise AssertionError(f"{branch}: written twice: "
                                         f"{sorted({e for e in events if events.count(e) > 1})}")
                if lost := must - set(events):
                    raise AssertionError(f"{branch}: acknowledged and lost: {sorted(lost)}")
                if strange := set(events) - may:
                    raise AssertionError(f"{branch}: refused or never begun: {sorted(strange)}")
                if is_final:
                    self.counts.landed += len(set(events) - must)
            with self.lock:
                self.counts.checks += 1
        except AssertionError as failure:
            self.fail(str(failure))

    def run(self, seconds):
        self.prepare()
        self.start_server()
        writers = [threading.Thread(target=self.write_by_command, args=(i,))
                   for i in range(CLI_WRITERS)]
        writers += [threading.Thread(target=self.write_by_server, args=(i,))
                    for i in range(SERVER_WRITERS)]
        writers.append(threading.Thread(target=self.maintain))
        for writer in writers:
            writer.start()
        draw = random.Random(f"{self.seed}-server")
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self.is_over:
            time.sleep(draw.uniform(0.2, 1.2))
            self.server.kill()
            self.server.wait()
            self.server.stdout.close()
            self.counts.kills += 1
            self.start_server()
            self.check(draw)
        self.is_over = True
        for writer in writers:
            writer.join()
        self.server.kill()
        self.server.wait()
        self.server.stdout.close()
        # Nobody is at work any more: the whole state, and the verdict of `repair`.
        self.check(draw, is_final=True)
        try:
            report = json.loads(self.must("repair", "--json", self.graph))
            for table in report.get("tables", []):
                if table.get("error"):
                    self.failures.append(f"repair: {table['error']}")
            for branch in ("main", "side"):
                self.must("commit", "list", "--branch", branch, "--uri", self.graph)
        except AssertionError as failure:
            self.failures.append(str(failure))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=pathlib.Path, required=True)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--seed", type=int, default=None)
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else int(time.time())
    with tempfile.TemporaryDirectory(prefix="omnigraph-kill-") as folder:
        lab = Lab(options.programs.resolve(), pathlib.Path(folder), seed)
        lab.run(options.seconds)
        counts = lab.counts
        print(f"killed processes: seed={seed}, {counts.kills} kills, {counts.acknowledged} "
              f"acknowledged writes, {counts.unknown} unknown of which {counts.landed} landed, "
              f"{counts.checks} checks, {len(lab.failures)} losses")
        for failure in lab.failures[:10]:
            print(f"FAILED: {failure}")
    return 1 if lab.failures else 0


if __name__ == "__main__":
    sys.exit(main())
