"""Compares OmniGraph with a naive reading of its specification, on random graphs and queries.

    run_oracle.py --programs build/dev/bin --reads 3000 --mutations 800 --relations 1000

Every graph has a random schema and random rows, loaded in several commits, sometimes as fragments,
sometimes optimised in between, on `main` or on a branch. Reads go over HTTP, some through the
command line. After every mutation the whole graph is compared. Relations that must hold between
answers (a filter and its negation part the rows, a limit keeps a prefix, distances add up) are
checked on larger graphs. With `--duckdb` a second oracle answers what SQL can say.
`--seed` repeats a run; a failure prints the seed of its graph.
"""
import argparse
import collections
import json
import sys
import tempfile
import time

import database
import evaluate
import generate
import language as lang
import model
import mutate

READS_PER_GRAPH = 150
MUTATIONS_PER_GRAPH = 40
RELATIONS_PER_GRAPH = 150


def parameters_of(query):
    return {item.parameter: item.value for item in query.parameters}


def is_inexact(item):
    """Whether the last digits depend on the order of additions."""
    return isinstance(item, lang.Aggregate) and item.function in ("sum", "avg")


def cell(value, item):
    if is_inexact(item) and value is not None:
        return f"{value:.7g}"
    return json.dumps(value, ensure_ascii=False)


def comparable_rows(rows, query):
    return [tuple(cell(value, item) for value, (item, _) in zip(row, query.projections))
            for row in rows]


def answered_rows(answer):
    return [[row[column] for column in answer["columns"]] for row in answer["rows"]]


def difference(query, expected, actual):
    """What is wrong with the rows of an answer; empty if nothing is."""
    expected = comparable_rows(expected, query)
    actual = comparable_rows(actual, query)
    limit = len(expected) if query.limit is None else min(query.limit, len(expected))
    if query.order:
        # Sums that are equal here may differ there, but they are never sort keys.
        return "" if actual == expected[:limit] else f"expected {expected[:limit]}\ngot {actual}"
    surplus = collections.Counter(actual) - collections.Counter(expected)
    if len(actual) == limit and not surplus:
        return ""
    return f"expected {limit} of {expected}\ngot {actual}"


def same_rows(expected, actual):
    """Why two graphs differ; gives rows with invented ids those that the database chose."""
    for tables, others, identity in (
            (expected.nodes, actual.nodes, lambda row: row),
            (expected.edges, actual.edges, lambda row: [row.source, row.target, row.values])):
        for name, rows in tables.items():
            theirs = dict(others[name])
            invented = [key for key in rows if key.startswith("?")]
            for key in [key for key in rows if not key.startswith("?")]:
                other = theirs.pop(key, None)
                if other is None or json.dumps(identity(other)) != json.dumps(identity(rows[key])):
                    return f"{name} {key}: expected {rows[key]}, got {other}"
            unclaimed = collections.defaultdict(list)
            for key, row in theirs.items():
                unclaimed[json.dumps(identity(row))].append(key)
            for key in invented:
                row = rows.pop(key)
                keys = unclaimed[json.dumps(identity(row))]
                if not keys:
                    return f"{name}: no row like {row} among {theirs}"
                rows[keys.pop()] = row
            if any(unclaimed.values()):
                return f"{name}: rows that should not be there: {dict(unclaimed)}"
    return ""


class Run:
    """Counts, and one graph after the other until all wanted checks are done."""

    def __init__(self, options):
        self.options = options
        self.counts = collections.Counter()
        self.foreign = None
        if options.duckdb:
            import foreign  # Needs a package; everything else needs the standard library only.
            self.foreign = foreign
            self.stranger = foreign.Foreign()

    def is_wanted(self, kind):
        return self.counts[kind] < getattr(self.options, kind)

    def all(self):
        seed = self.options.seed
        while self.is_wanted("reads") or self.is_wanted("mutations") or self.is_wanted("relations"):
            with tempfile.TemporaryDirectory(prefix="oracle-") as folder:
                try:
                    self.one_graph(seed, folder)
                except Exception:
                    print(f"--seed {seed} fails", file=sys.stderr)
                    raise
            self.counts["graphs"] += 1
            seed += 1

    def one_graph(self, seed, folder):
        is_large = not (self.is_wanted("reads") or self.is_wanted("mutations"))
        generator = generate.Generator(seed, size=30 if is_large else 6)
        schema = generator.schema()
        graph = generator.graph(schema)
        base = database.Database(self.options.programs, folder)
        base.create(graph, batches=generator.dice.randint(1, 4))
        if generator.one_in(3):
            base.optimize()
        with base:
            branch = "main"
            if generator.one_in(4):
                branch = "work"
                base.post("/branches", {"name": branch, "from": "main"})
            if is_large:
                self.relations(generator, graph, base, branch)
            else:
                self.reads_and_writes(generator, graph, base, branch)

    # --- reads and writes ------------------------------------------------------------------------

    def reads_and_writes(self, generator, graph, base, branch):
        steps = ["read"] * READS_PER_GRAPH + ["mutate"] * MUTATIONS_PER_GRAPH
        steps += ["optimize"] * 2
        generator.dice.shuffle(steps)
        for step in steps:
            if step == "optimize":
                base.optimize()
            elif step == "read":
                self.one_read(generator, graph, base, branch)
            else:
                graph = self.one_mutation(generator, graph, base, branch)

    def one_read(self, generator, graph, base, branch):
        query = generate.ReadGenerator(generator, graph).read()
        if query is None:
            return
        expected = evaluate.Evaluator(graph).read(query)
        if self.foreign:
            self.ask_stranger(graph, query, expected)
        ways = [base.read]
        if generator.one_in(self.options.embedded_one_in):
            ways.append(base.embedded_read)
            self.counts["embedded"] += 1
        for way in ways:
            answer = way(query.text(), parameters_of(query), branch)
            problem = difference(query, expected, answered_rows(answer))
            if problem:
                raise AssertionError(f"{query.text()}\n{parameters_of(query)}\n{problem}")
        self.counts["reads"] += 1
        self.counts["rows"] += len(expected)

    def ask_stranger(self, graph, query, expected):
        """The oracle itself is checked where SQL says the same."""
        try:
            rows = self.stranger.read(graph, query)
        except self.foreign.Untranslatable:
            return
        limit = len(rows) if query.limit is None else query.limit
        problem = difference(query, expected, rows[:limit])
        if problem:
            raise AssertionError(f"{query.text()}\n{parameters_of(query)}\nDuckDB: {problem}")
        self.counts["duckdb"] += 1

    def one_mutation(self, generator, graph, base, branch):
        mutation = generate.MutationGenerator(generator, graph).mutation()
        if mutation is None:
            return graph
        text, parameters = mutation.text(), parameters_of(mutation)
        writer = mutate.Writer(graph)
        reason = ""
        try:
            writer.apply(mutation)
        except mutate.Refused as refusal:
            reason = str(refusal)
        answer, message = base.mutate(text, parameters, branch)
        what = f"{text}\n{parameters}\n"
        if (answer is None) != bool(reason):
            raise AssertionError(f"{what}expected {reason or 'success'}, got {answer or message}")
        expected = graph if reason else writer.graph
        if answer is not None:
            counts = (answer["affected_nodes"], answer["affected_edges"])
            if counts != (writer.nodes, writer.edges):
                raise AssertionError(f"{what}expected {(writer.nodes, writer.edges)}, got {counts}")
            if (answer["commit"] is None) != (counts == (0, 0)):
                raise AssertionError(f"{what}a commit if and only if something changed: {answer}")
        problem = same_rows(expected, base.export(graph.schema, branch))
        if problem:
            raise AssertionError(what + problem)
        self.counts["mutations"] += 1
        self.counts["refused"] += bool(reason)
        return expected

    # --- relations between answers ---------------------------------------------------------------

    def relations(self, generator, graph, base, branch):
        for _ in range(RELATIONS_PER_GRAPH):
            relation = generator.dice.choice([self.parts, self.prefix, self.distances])
            relation(generator, graph, lambda query: [
                tuple(map(json.dumps, row)) for row in
                answered_rows(base.read(query.text(), parameters_of(query), branch))])

    def parts(self, generator, graph, rows_of):
        """A filter and its negation part the rows of a query."""
        writer = generate.ReadGenerator(generator, graph)
        generator.parameters = []
        clauses = writer.clauses(generator.dice.randint(1, 3), depth=0)
        condition = writer.filter(list(writer.scope))
        if not clauses or condition is None:
            return
        columns = [(lang.Variable(name, model.STRING), name)
                   for name, (_, is_edge) in writer.scope.items() if not is_edge]
        queries = [lang.Read(clauses + more, columns, parameters=generator.parameters)
                   for more in ([], [condition], [lang.Negation([condition])])]
        whole, kept, dropped = (collections.Counter(rows_of(query)) for query in queries)
        if whole != kept + dropped:
            raise AssertionError(f"{queries[1].text()}\n{parameters_of(queries[1])}\nand its "
                                 f"negation do not part the rows: {whole} {kept} {dropped}")
        self.counts["relations"] += 1
        self.counts["parts"] += 1

    def prefix(self, generator, graph, rows_of):
        """A limit keeps a prefix of the ordered rows."""
        query = generate.ReadGenerator(generator, graph).read()
        if query is None or not query.order:
            return
        query.limit = None
        rows = rows_of(query)
        query.limit = generator.dice.randrange(len(rows) + 2)
        if rows_of(query) != rows[:query.limit]:
            raise AssertionError(f"{query.text()}\n{parameters_of(query)}\nis no prefix")
        self.counts["relations"] += 1
        self.counts["prefixes"] += 1

    def distances(self, generator, graph, rows_of):
        """Who is within m to n edges is at some distance between, and at one only."""
        edges = [edge for edge in graph.schema.edges.values() if edge.source == edge.target]
        if not edges:
            return
        edge = generator.dice.choice(edges)
        is_undirected = generator.one_in(3)
        most = generator.dice.randint(2, 4)

        def pairs(bounds):
            walk = lang.Traversal("a", "b", edge.name, edge.source, edge.target,
                                  is_undirected=is_undirected, bounds=bounds)
            return rows_of(lang.Read([walk], [(lang.Variable(name, model.STRING), name)
                                              for name in "ab"]))

        within = pairs((1, most))
        single = [pair for steps in range(1, most + 1) for pair in pairs((steps, steps))]
        # A node with a loop is reached a second time, one step later.
        loops = {edge.source for edge in graph.edges[edge.name].values()
                 if edge.source == edge.target}
        plain = [pair for pair in single if json.loads(pair[1]) not in loops]
        if sorted(set(single)) != sorted(within) or len(plain) != len(set(plain)):
            raise AssertionError(f"distances of {edge.name} up to {most} do not add up")
        self.counts["relations"] += 1
        self.counts["distances"] += 1


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", required=True, help="folder with both binaries")
    parser.add_argument("--reads", type=int, default=1000)
    parser.add_argument("--mutations", type=int, default=300)
    parser.add_argument("--relations", type=int, default=300)
    parser.add_argument("--embedded-one-in", type=int, default=100,
                        help="one of so many reads also goes through the command line")
    parser.add_argument("--duckdb", action="store_true",
                        help="ask DuckDB as well (the package duckdb must be there)")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    begin = time.monotonic()
    run = Run(options)
    run.all()
    print(f"oracle: {dict(run.counts)} agree in {time.monotonic() - begin:.0f} s")


if __name__ == "__main__":
    main()
