"""The programs under test: makes graphs with `omnigraph`, talks to `omnigraph-server`."""
import http.client
import json
import pathlib
import subprocess

import model

COMMAND_TIMEOUT_S = 120
LISTENING = "OMNIGRAPH_LISTEN_ADDR="


def records(graph):
    """The graph as lines for `omnigraph load`, nodes first."""
    lines = []
    for kind in graph.schema.nodes.values():
        for key, row in graph.nodes[kind.name].items():
            data = dict(row) if kind.key else {"id": key, **row}
            lines.append(json.dumps({"type": kind.name, "data": data}, ensure_ascii=False))
    for kind in graph.schema.edges.values():
        for key, edge in graph.edges[kind.name].items():
            lines.append(json.dumps({"edge": kind.name, "from": edge.source, "to": edge.target,
                                     "data": {"id": key, **edge.values}}, ensure_ascii=False))
    return lines


class Database:
    """One graph in a folder, and a server of it while a `with` block runs."""

    def __init__(self, programs, folder):
        self.programs = pathlib.Path(programs)
        self.folder = pathlib.Path(folder)
        self.root = self.folder / "graph.omni"
        self.server = None
        self.connection = None

    def command(self, *arguments):
        done = subprocess.run([self.programs / "omnigraph", *arguments], cwd=self.folder, text=True,
                              capture_output=True, timeout=COMMAND_TIMEOUT_S, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"omnigraph {' '.join(map(str, arguments))}: {done.stderr}")
        return done.stdout

    def create(self, graph, batches):
        """Makes the graph and loads it in that many commits."""
        (self.folder / "schema.pg").write_text(graph.schema.text(), encoding="utf-8")
        self.command("init", self.root, "--schema", "schema.pg")
        lines = records(graph)
        # Sources with a least number of edges must get all of them at once.
        is_whole = any(edge.least > 1 for edge in graph.schema.edges.values())
        step = len(lines) if is_whole else -(-len(lines) // batches)
        for begin in range(0, len(lines), step):
            (self.folder / "rows.jsonl").write_text(
                "\n".join(lines[begin:begin + step]) + "\n", encoding="utf-8")
            self.command("load", "--data", "rows.jsonl", self.root)

    def optimize(self):
        self.command("optimize", self.root)

    def embedded_read(self, text, parameters, branch):
        """The rows of a query that the command line runs itself."""
        (self.folder / "query.gq").write_text(text, encoding="utf-8")
        answer = self.command("query", self.root, "--query", "query.gq", "--branch", branch,
                              "--params", json.dumps(parameters), "--json")
        return json.loads(answer)

    def __enter__(self):
        self.server = subprocess.Popen(
            [self.programs / "omnigraph-server", self.root, "--bind", "127.0.0.1:0",
             "--unauthenticated"], cwd=self.folder, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)
        for line in self.server.stdout:
            if LISTENING in line:
                address = line.split(LISTENING, 1)[1].strip()
                self.connection = http.client.HTTPConnection(address, timeout=COMMAND_TIMEOUT_S)
                return self
        raise RuntimeError("the server ended before it listened")

    def __exit__(self, *_):
        self.connection.close()
        self.server.terminate()
        self.server.communicate(timeout=COMMAND_TIMEOUT_S)

    def post(self, path, body):
        """(status, answer text)"""
        self.connection.request("POST", path, json.dumps(body),
                                {"Content-Type": "application/json"})
        answer = self.connection.getresponse()
        return answer.status, answer.read().decode()

    def read(self, text, parameters, branch):
        status, answer = self.post("/query", {"query": text, "params": parameters,
                                              "branch": branch})
        if status != 200:
            raise AssertionError(f"a correct read was refused with {status}: {answer}")
        return json.loads(answer)

    def mutate(self, text, parameters, branch):
        """The answer, or None with the message if it was refused."""
        status, answer = self.post("/mutate", {"query": text, "params": parameters,
                                               "branch": branch})
        if status == 200:
            return json.loads(answer), ""
        if status >= 500:
            raise AssertionError(f"a mutation failed with {status}: {answer}")
        return None, answer

    def export(self, schema, branch):
        """The rows of a branch as a graph."""
        status, answer = self.post("/export", {"branch": branch})
        if status != 200:
            raise AssertionError(f"export failed with {status}: {answer}")
        graph = model.Graph(schema)
        for line in answer.splitlines():
            record = json.loads(line)
            data = record["data"]
            key = data.pop("id")
            if "type" in record:
                graph.nodes[record["type"]][key] = data
            else:
                graph.edges[record["edge"]][key] = model.Edge(record["from"], record["to"], data)
        return graph
