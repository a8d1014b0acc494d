"""Starts omnigraph-server on a free port and asks it over HTTP: by `wrk` where it is installed,
else by processes of this module that keep their connections open."""

import http.client
import json
import multiprocessing
import os
import shutil
import socket
import statistics
import subprocess
import tempfile
import time

# wrk calls request() for each request. "@@" in a body becomes a number that is never repeated.
WRK_SCRIPT = """
local bodies, n = {}, 0
local threads = 0
function setup(t) t:set("thread_number", threads); threads = threads + 1 end
function init(args)
  for line in io.lines(args[1]) do bodies[#bodies + 1] = line end
end
function request()
  n = n + 1
  local body = bodies[n % #bodies + 1]:gsub("@@", thread_number .. "-" .. n)
  return wrk.format("POST", nil, {["Content-Type"] = "application/json"}, body)
end
function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format("FIGURES %d %d %d %f\\n", summary.requests, summary.duration,
    e.connect + e.read + e.write + e.status + e.timeout, latency:percentile(50)))
end
"""


def client_name():
    return "wrk" if shutil.which("wrk") else "a Python client, which is the slower side"


def body(queries, name, seed):
    return json.dumps({"query": queries, "name": name, "params": {"s": seed}})


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ask_for_a_while(port, path, bodies, seconds, label):
    """Requests one after the other over one connection; returns their times in seconds."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Content-Type": "application/json"}
    times = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        text = bodies[len(times) % len(bodies)].replace("@@", f"{label}-{len(times)}")
        begin = time.perf_counter()
        connection.request("POST", path, text, headers)
        answer = connection.getresponse()
        answer_text = answer.read()
        times.append(time.perf_counter() - begin)
        if answer.status != 200:
            raise RuntimeError(f"HTTP {answer.status}: {answer_text[:300]!r}")
    return times


class Server:
    """A running server; `start_seconds` is the time from its start to the first answer."""

    def __init__(self, program, graph):
        self.port = free_port()
        self.log = tempfile.TemporaryFile()
        begin = time.perf_counter()
        self.process = subprocess.Popen(
            [str(program), str(graph), "--bind", f"127.0.0.1:{self.port}", "--unauthenticated"],
            stdout=self.log, stderr=self.log,
            env={**os.environ, "OMNIGRAPH_PER_ACTOR_INFLIGHT_MAX": "1024"})
        while not self.answers():
            if self.process.poll() is not None or time.perf_counter() - begin > 60:
                self.log.seek(0)
                raise RuntimeError("the server does not answer: " + self.log.read().decode())
            time.sleep(0.001)
        self.start_seconds = time.perf_counter() - begin

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)
        self.log.close()

    def answers(self):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except OSError:
            return False

    def memory_bytes(self):
        for line in open(f"/proc/{self.process.pid}/status"):
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        return 0

    def measure(self, path, bodies, connections, seconds):
        """(requests per second, median latency in seconds). Raises if any request fails."""
        ask_for_a_while(self.port, path, bodies, 0.1, "warm")
        if shutil.which("wrk"):
            return self.measure_by_wrk(path, bodies, connections, seconds)
        jobs = [(self.port, path, bodies, seconds, str(i)) for i in range(connections)]
        with multiprocessing.Pool(connections) as pool:
            times = [t for answer in pool.starmap(ask_for_a_while, jobs) for t in answer]
        return len(times) / seconds, statistics.median(times)

    def measure_by_wrk(self, path, bodies, connections, seconds):
        with tempfile.TemporaryDirectory() as folder:
            script, texts = os.path.join(folder, "post.lua"), os.path.join(folder, "bodies")
            with open(script, "w") as file:
                file.write(WRK_SCRIPT)
            with open(texts, "w") as file:
                file.write("\n".join(bodies) + "\n")
            output = subprocess.run(
                ["wrk", "-t", str(min(2, connections)), "-c", str(connections),
                 "-d", f"{max(1, round(seconds))}s", "-s", script,
                 f"http://127.0.0.1:{self.port}{path}", "--", texts],
                check=True, capture_output=True, text=True).stdout
        figures = [line for line in output.splitlines() if line.startswith("FIGURES ")]
        requests, micros, errors, median_micros = map(float, figures[0].split()[1:])
        if errors:
            raise RuntimeError(f"{errors:.0f} of {requests:.0f} requests failed")
        return requests / (micros / 1e6), median_micros / 1e6
