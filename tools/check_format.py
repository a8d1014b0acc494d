"""Fails if a C++ file is not formatted as .clang-format says; `--fix` formats it instead."""
import shutil
import subprocess
import sys

import repository

PROGRAM = "clang-format-19"  # One pinned version: others format differently.


def main():
    """Formats or checks every C++ file; returns the exit code."""
    if not shutil.which(PROGRAM):
        print(f"{PROGRAM} is not installed: run scripts/setup.sh")
        return 1
    names = [str(path) for path in repository.files() if path.suffix in repository.CPP_SUFFIXES]
    if not names:
        return 0
    mode = ["-i"] if "--fix" in sys.argv[1:] else ["--dry-run", "-Werror"]
    done = subprocess.run([PROGRAM, *mode, *names], cwd=repository.ROOT, check=False)
    if done.returncode == 0:
        print(f"format: ok ({len(names)} files)")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
