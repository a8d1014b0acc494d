"""The entrypoint of the container image: what it starts for which environment, and what it refuses.

A program of the server's name that prints its arguments stands in for the server.

    entrypoint.py scripts/container/entrypoint.sh
"""
import pathlib
import subprocess
import sys
import tempfile

USAGE_ERROR = 64
BIND = ["--bind", "0.0.0.0:8080"]

# Arguments, variables, and what the server gets; None if nothing must be started.
CASES = [
    ([], {"CLUSTER": "/srv/harbor"}, ["--cluster", "/srv/harbor", *BIND]),
    ([], {"CLUSTER": "s3://ops/my harbor", "BIND": "127.0.0.1:9"},
     ["--cluster", "s3://ops/my harbor", "--bind", "127.0.0.1:9"]),
    (["--cluster", "x", "--unauthenticated"], {"CLUSTER": "y", "TARGET_URI": "z"},
     ["--cluster", "x", "--unauthenticated"]),
    ([], {"CLUSTER": "x", "TARGET_URI": "y"}, None),
    ([], {"CLUSTER": "x", "CONFIG": "y"}, None),
    ([], {"CLUSTER": "x", "TARGET": "y"}, None),
    ([], {"TARGET_URI": "s3://b/g"}, ["s3://b/g", *BIND]),
    ([], {"TARGET_URI": "g", "CONFIG": "c"}, ["g", "--config", "c", *BIND]),
    ([], {"CONFIG": "c"}, ["--config", "c", *BIND]),
    ([], {"CONFIG": "c", "TARGET": "t"}, ["--config", "c", "--target", "t", *BIND]),
    ([], {"TARGET": "t"}, None),
    ([], {}, None),
    ([], {"CLUSTER": "", "BIND": ""}, None),
]


def run(entrypoint, folder, arguments, variables):
    environment = {"PATH": f"{folder}:/usr/bin:/bin"}
    environment.update({f"OMNIGRAPH_{name}": value for name, value in variables.items()})
    return subprocess.run(["sh", entrypoint, *arguments], env=environment, capture_output=True,
                          text=True, timeout=30)


def main():
    entrypoint = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        server = pathlib.Path(folder) / "omnigraph-server"
        server.write_text('#!/bin/sh\nfor argument in "$@"; do printf "%s\\n" "$argument"; done\n')
        server.chmod(0o755)
        for arguments, variables, expected in CASES:
            ended = run(entrypoint, folder, arguments, variables)
            place = f"{arguments} with {variables}: {ended}"
            if expected is None:
                is_right = (ended.returncode, ended.stdout) == (USAGE_ERROR, "") and ended.stderr
            else:
                is_right = ended.returncode == 0 and ended.stdout.splitlines() == expected
            if not is_right:
                sys.exit(place)
    print(f"{len(CASES)} cases")


if __name__ == "__main__":
    main()
