"""Runs the commands of a guide and looks for what they must print.

All code blocks of a Markdown file without a language are pasted into one shell, in an empty folder
that looks like a clone with a release build. The file of expectations holds one piece of text per
line; the pieces must be printed in that order. Lines that start with '#' are comments. A command
that fails ends the shell, and with it the test.
"""
import argparse
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile

GUIDE_TIMEOUT_S = 240
GUIDE_PORT = 8080

# Servers that a guide starts get a moment; people paste slower than a shell reads.
PREAMBLE = """
set -e
await_port() {
  for _ in $(seq 200); do
    if (: < /dev/tcp/127.0.0.1/$GUIDE_PORT) 2> /dev/null; then return 0; fi
    command sleep 0.05
  done
  return 1
}
curl() { await_port; command curl "$@"; }
sleep() { await_port; }
trap 'kill $(jobs -p) 2> /dev/null || true' EXIT
"""


def blocks_of(text, heading):
    """Returns the code blocks after a heading, or all."""
    if heading:
        place = text.find(f"\n{heading}\n")
        if place < 0:
            sys.exit(f"the guide has no heading {heading!r}")
        text = text[place:]
    return re.findall(r"^```\n(.*?)^```$", text, re.M | re.S)


def free_port():
    """Returns a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def missing_from(output, expectations):
    """Returns the first expected piece that is not printed after the ones before it."""
    at = 0
    for line in expectations.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        found = output.find(line, at)
        if found < 0:
            return line
        at = found + len(line)
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", required=True, type=pathlib.Path)
    parser.add_argument("--expect", required=True, type=pathlib.Path)
    parser.add_argument("--after", default="", help="only the blocks after this heading")
    parser.add_argument("guide", type=pathlib.Path)
    arguments = parser.parse_args()

    blocks = blocks_of(arguments.guide.read_text(), arguments.after)
    if not blocks:
        sys.exit(f"{arguments.guide} has no code blocks")
    port = free_port()
    script = PREAMBLE + "\n".join(blocks).replace(f":{GUIDE_PORT}", f":{port}")
    with tempfile.TemporaryDirectory() as folder:
        clone = pathlib.Path(folder) / "clone"
        (clone / "build" / "release").mkdir(parents=True)
        (clone / "build" / "release" / "bin").symlink_to(arguments.programs.resolve())
        home = pathlib.Path(folder) / "home"
        home.mkdir()
        environment = {"PATH": os.environ["PATH"], "HOME": str(home), "GUIDE_PORT": str(port),
                       "LANG": "C.UTF-8"}
        shell = subprocess.run(["bash", "-c", script], cwd=clone, env=environment, text=True,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, timeout=GUIDE_TIMEOUT_S, check=False)
    if shell.returncode != 0:
        sys.exit(f"{shell.stdout}\na command of the guide failed (exit {shell.returncode})")
    missing = missing_from(shell.stdout, arguments.expect.read_text())
    if missing is not None:
        sys.exit(f"{shell.stdout}\nthe guide's commands did not print, in its place: {missing!r}")
    print(f"{len(blocks)} blocks ran")


if __name__ == "__main__":
    main()
