"""Races processes of the command line on one graph: what takes effect, and how often.

Five races between processes:
1. the same request with the same idempotency key: one effect, everybody is told its commit;
2. the same, while processes are killed at random moments and asked again: one effect;
3. requests that expect the same head: one succeeds, the others exit with 4 and change nothing;
4. one long load among writers that do not stop: it is not overtaken for ever;
5. updates and deletes among them: none is refused, though others change the same table.
"""
import argparse
import contextlib
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import threading
import time

SCHEMA = "node Note { title: String @key  text: String? }\n"
QUERIES = """
query put($title: String) { insert Note { title: $title } }
query write($title: String, $text: String) { update Note set { text: $text } where title = $title }
query drop($title: String) { delete Note where title = $title }
query note($title: String) { match { $n: Note { title: $title } } return { $n.text as text } }
"""
RACERS = 6
QUICK_WRITERS = 3
LONG_LOAD_ROWS = 20_000
UPDATES = 12
ROUNDS = 4
CONDITION_FAILED = 4


class Graph:
    """A graph in a folder of its own."""

    def __init__(self, program, folder):
        self.program = program
        self.uri = str(folder / "g.omni")
        self.queries = str(folder / "q.gq")
        pathlib.Path(self.queries).write_text(QUERIES, encoding="utf-8")
        schema = folder / "s.pg"
        schema.write_text(SCHEMA, encoding="utf-8")
        self.run("init", self.uri, "--schema", str(schema))

    def run(self, *arguments):
        """Runs a command that must succeed; returns its standard output."""
        done = subprocess.run([self.program, *arguments], capture_output=True, text=True,
                              check=False)
        if done.returncode != 0:
            sys.exit(f"{arguments}: exit {done.returncode}: {done.stderr}")
        return done.stdout

    def commits(self):
        """The commits of main, oldest first."""
        return json.loads(self.run("commit", "list", self.uri, "--json"))["commits"]

    def start_put(self, title, *options):
        """Starts a process that inserts a note."""
        return subprocess.Popen(
            [self.program, "mutate", "put", "--uri", self.uri, "--query", self.queries, "--params",
             json.dumps({"title": title}), "--json", "--receipt", *options],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def expect(condition, text):
    """Ends the test unless the condition holds."""
    if not condition:
        sys.exit("failed: " + text)


def race_one_key(graph, number):
    """Every process is told the same commit, and one says that it made it."""
    before = len(graph.commits())
    racers = [graph.start_put(f"k{number}", "--idempotency-key", f"key-{number}")
              for _ in range(RACERS)]
    answers = []
    for racer in racers:
        out, err = racer.communicate()
        expect(racer.returncode == 0, f"a racer with a key: {err}")
        answers.append(json.loads(out))
    ids = {answer["commit"]["graph_commit_id"] for answer in answers}
    expect(len(ids) == 1, f"one key, several commits: {ids}")
    expect(sum("replayed" not in answer for answer in answers) == 1, "one made it, others are told")
    expect(len(graph.commits()) == before + 1, "one key, one commit")


def race_with_kills(graph, number, random_source):
    """Processes that are killed and asked again: one effect."""
    before = len(graph.commits())
    title, options = f"x{number}", ("--idempotency-key", f"killed-{number}")
    racers = [graph.start_put(title, *options) for _ in range(RACERS)]
    for racer in racers:
        time.sleep(random_source.uniform(0, 0.03))
        racer.kill()
    for racer in racers:
        racer.communicate()
    retry = graph.start_put(title, *options)
    out, err = retry.communicate()
    expect(retry.returncode == 0, f"asked again after a kill: {err}")
    commits = graph.commits()
    expect(len(commits) == before + 1, "killed and asked again: one commit")
    told = json.loads(out)["commit"]["graph_commit_id"]
    expect(told == commits[-1]["graph_commit_id"], "the answer names the commit")
    return "replayed" in json.loads(out)


def race_one_head(graph, number):
    """Of those who expect the same head one wins."""
    before = graph.commits()
    head = before[-1]["graph_commit_id"]
    racers = [graph.start_put(f"h{number}-{i}", "--if-commit", head) for i in range(RACERS)]
    codes = []
    for racer in racers:
        out, _ = racer.communicate()
        codes.append(racer.returncode)
        if racer.returncode == CONDITION_FAILED:
            mismatch = json.loads(out)["precondition_failure"]
            expect(mismatch["expected"] == head and mismatch["actual"] != head, "both commits told")
    expect(sorted(codes) == [0] + [CONDITION_FAILED] * (RACERS - 1), f"one head, codes {codes}")
    expect(len(graph.commits()) == len(before) + 1, "one head, one commit")


@contextlib.contextmanager
def quick_writers(graph, prefix):
    """Processes that insert notes without a pause; gives the list of what they wrote."""
    is_over = threading.Event()
    written, failures = [], []

    def write(number):
        while not is_over.is_set():
            title = f"{prefix}{number}-{len(written)}"
            racer = graph.start_put(title)
            _, err = racer.communicate()
            (failures if racer.returncode else written).append(err or title)

    writers = [threading.Thread(target=write, args=(i,)) for i in range(QUICK_WRITERS)]
    for writer in writers:
        writer.start()
    try:
        yield written
    finally:
        is_over.set()
        for writer in writers:
            writer.join()
    expect(not failures, f"quick writers: {failures}")


def race_a_long_load(graph, folder):
    """A load that takes long to plan, while others write without a pause."""
    data = folder / "long.jsonl"
    data.write_text("".join(json.dumps({"type": "Note", "data": {"title": f"long{i}"}}) + "\n"
                            for i in range(LONG_LOAD_ROWS)), encoding="utf-8")
    with quick_writers(graph, "q") as written:
        graph.run("load", graph.uri, "--data", str(data), "--mode", "append")
    return len(written)


def race_updates(graph):
    """Strict mutations, while others write to the same table without a pause."""
    def run(command, name, **params):
        return graph.run(command, name, "--uri", graph.uri, "--query", graph.queries, "--params",
                         json.dumps(params), "--json")

    run("mutate", "put", title="hot")
    with quick_writers(graph, "u") as written:
        for number in range(UPDATES):
            run("mutate", "write", title="hot", text=f"text {number}")
            rows = json.loads(run("query", "note", title="hot"))["rows"]
            expect(rows == [{"text": f"text {number}"}], f"update {number} took effect: {rows}")
        run("mutate", "drop", title="hot")
    expect(json.loads(run("query", "note", title="hot"))["rows"] == [], "the note is deleted")
    for title in written:
        found = json.loads(run("query", "note", title=title))["rows"]
        expect(len(found) == 1, f"what a quick writer wrote is there: {title}")
    return len(written)


def main():
    """Runs all rounds and prints what happened."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    random_source = random.Random(7)
    replays = 0
    with tempfile.TemporaryDirectory() as folder:
        graph = Graph(str(arguments.programs / "omnigraph"), pathlib.Path(folder))
        for number in range(ROUNDS):
            race_one_key(graph, number)
            replays += race_with_kills(graph, number, random_source)
            race_one_head(graph, number)
        quick_writes = race_a_long_load(graph, pathlib.Path(folder))
        writes_beside_updates = race_updates(graph)
    print(f"racing writers: ok, {ROUNDS} rounds of {RACERS} processes, {RACERS * ROUNDS} kills; "
          f"in {replays} rounds one had taken effect; a load of {LONG_LOAD_ROWS} rows beside "
          f"{quick_writes} quick writes; {UPDATES} updates and a delete beside "
          f"{writes_beside_updates}")


if __name__ == "__main__":
    main()
