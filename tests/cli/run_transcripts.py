"""Runs transcripts of the command line and compares what is printed with what they say.

A transcript is a text file, read from top to bottom in one empty folder with a home of its own:

    # A comment. Blank lines separate.
    @ schema.pg             writes the indented lines that follow into a file
      node Port { code: String @key }
    - port.pg               removes a file
    $ omnigraph init g.omni --schema schema.pg
      initialized g.omni    what stands on standard output, indented by two blanks
    ! warning: old          what stands on standard error
    ? 1                     the exit code, if it is not 0
    < a line                what the next command reads from standard input
    = NAME=value            sets a variable of the environment for the next commands
    & omnigraph-server g.omni --unauthenticated
                            starts a server until the end; its address is called URL in what follows

Words in capitals between angle brackets stand for what differs between runs: <ULID>, <CURSOR>,
<MICROS>, <TIME>, <DIGEST>, <FOLDER>, <ROOT> (the folder above), <URL>. `--record` rewrites the
expectations from what the programs print; read the difference before you commit it.
"""
import argparse
import dataclasses
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

COMMAND_TIMEOUT_S = 60
LISTENING = "OMNIGRAPH_LISTEN_ADDR="
VOLATILE = [
    (re.compile(r"\b[0-9A-HJKMNP-TV-Z]{26}\b"), "<ULID>"),
    (re.compile(r"\bog1_[A-Za-z0-9_-]+"), "<CURSOR>"),
    (re.compile(r"\b\d{16}\b"), "<MICROS>"),
    (re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"), "<TIME>"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "<DIGEST>"),
]


@dataclasses.dataclass
class Step:
    """One line that does something, and for a command what it must print."""
    kind: str
    text: str
    before: list  # Comments and blank lines that stand above it.
    body: list = dataclasses.field(default_factory=list)
    errors: list = dataclasses.field(default_factory=list)
    code: int = 0


def parse(text):
    """Returns the steps of a transcript and the lines behind the last one."""
    steps, before = [], []
    for line in text.splitlines():
        sign, rest = line[:1], line[2:]
        if sign in ("", "#"):
            before.append(line)
        elif sign in "$@&<=-":
            steps.append(Step(sign, rest, before))
            before = []
        elif line.startswith("  "):
            steps[-1].body.append(rest)
        elif sign == "!":
            steps[-1].errors.append(rest)
        elif sign == "?":
            steps[-1].code = int(rest)
        else:
            sys.exit(f"no transcript line: {line!r}")
    return steps, before


def render(steps, after):
    """Returns the text of a transcript."""
    lines = []
    for step in steps:
        lines += step.before
        lines.append(f"{step.kind} {step.text}")
        lines += [f"  {line}" for line in step.body]
        lines += [f"! {line}".rstrip() for line in step.errors]
        if step.code:
            lines.append(f"? {step.code}")
    return "\n".join(lines + after) + "\n"


class Session:
    """A folder, an environment and the servers of one transcript."""

    def __init__(self, folder, programs):
        self.folder, self.programs = folder, programs
        self.environment = {
            "PATH": f"{programs}:/usr/bin:/bin", "HOME": str(folder / "home"), "LC_ALL": "C.UTF-8",
            "NO_PROXY": "127.0.0.1", "TMPDIR": str(folder)}
        self.work = folder / "work"
        self.work.mkdir()
        self.input = ""
        self.url = None  # Of the server, once there is one.
        self.servers = []

    def program(self, text):
        """Returns the words of a command, the program with its path."""
        name, *words = shlex.split(self.with_url(text))
        return [str(self.programs / name), *words]

    def with_url(self, text):
        """Puts the server's address in."""
        return text.replace("<URL>", self.url) if self.url else text

    def normal(self, text):
        """Replaces what differs between runs; returns lines."""
        text = text.replace(str(self.work), "<FOLDER>").replace(str(self.folder), "<ROOT>")
        if self.url:
            text = text.replace(self.url, "<URL>")
        for pattern, name in VOLATILE:
            text = pattern.sub(name, text)
        return [line.rstrip() for line in text.splitlines()]

    def run(self, step):
        """Runs a command; returns it with what it printed."""
        done = subprocess.run(
            self.program(step.text), cwd=self.work, env=self.environment, input=self.input,
            capture_output=True, text=True, encoding="utf-8", timeout=COMMAND_TIMEOUT_S,
            check=False)
        self.input = ""
        return dataclasses.replace(step, body=self.normal(done.stdout),
                                   errors=self.normal(done.stderr), code=done.returncode)

    def serve(self, text):
        """Starts a server and waits until it listens."""
        process = subprocess.Popen(
            [*self.program(text), "--bind", "127.0.0.1:0"], cwd=self.work, env=self.environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.servers.append(process)
        printed = []
        for line in process.stdout:
            printed.append(line)
            if LISTENING in line:
                self.url = "http://" + line.split(LISTENING, 1)[1].strip()
                return
        sys.exit("the server ended before it listened:\n" + "".join(printed))

    def write(self, step):
        """Writes a file of the transcript."""
        path = self.work / step.text
        path.parent.mkdir(parents=True, exist_ok=True)
        text = "".join(line + "\n" for line in step.body)
        path.write_text(self.with_url(text), encoding="utf-8")

    def perform(self, step):
        """Performs one step; returns it as it came out."""
        if step.kind == "$":
            return self.run(step)
        if step.kind == "@":
            self.write(step)
        elif step.kind == "-":
            (self.work / step.text).unlink()
        elif step.kind == "&":
            self.serve(step.text)
        elif step.kind == "<":
            self.input += step.text + "\n"
        else:
            name, value = step.text.split("=", 1)
            self.environment[name] = value.replace("<FOLDER>", str(self.work))
        return step

    def close(self):
        """Stops the servers."""
        for process in self.servers:
            process.terminate()
            process.wait(COMMAND_TIMEOUT_S)
            process.stdout.close()


def differences(step, outcome):
    """Yields what a command printed otherwise than expected."""
    for name in ("body", "errors", "code"):
        expected, found = getattr(step, name), getattr(outcome, name)
        # Blanks at the end of a line count for nobody.
        if name != "code":
            expected = [line.rstrip() for line in expected]
        if expected != found:
            what = {"body": "standard output", "errors": "standard error", "code": "exit code"}
            yield f"{what[name]}:\n  expected {expected}\n  found    {found}"


def run_transcript(path, programs, is_recording):
    """Runs one transcript; returns the complaints."""
    steps, after = parse(path.read_text(encoding="utf-8"))
    complaints, outcomes = [], []
    with tempfile.TemporaryDirectory(prefix="transcript-") as folder:
        session = Session(pathlib.Path(folder).resolve(), programs)
        try:
            for step in steps:
                outcomes.append(session.perform(step))
                for difference in differences(step, outcomes[-1]):
                    complaints.append(f"{path.name}: $ {step.text}\n{difference}")
        finally:
            session.close()
    if is_recording:
        path.write_text(render(outcomes, after), encoding="utf-8")
        return []
    return complaints


def main():
    """Runs the transcripts that are named; returns the exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--programs", type=pathlib.Path, required=True, help="their folder")
    parser.add_argument("--record", action="store_true", help="rewrite the expectations")
    parser.add_argument("transcripts", type=pathlib.Path, nargs="+")
    options = parser.parse_args()
    programs = options.programs.resolve()
    complaints = []
    for path in options.transcripts:
        complaints += run_transcript(path, programs, options.record)
    print("\n\n".join(complaints) or f"transcripts: ok ({len(options.transcripts)} files)")
    return int(bool(complaints))


if __name__ == "__main__":
    os.umask(0o022)
    sys.exit(main())
