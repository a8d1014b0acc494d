"""Fails if a file breaks a rule of the house that neither the compiler nor clang-format checks.

Sizes are a ratchet: what is over a ceiling today stands in tidy_baseline.txt with its size and may
shrink but not grow; nothing new may go over. `tools/tidy.py --update` rewrites that file.
"""
import pathlib
import re
import sys

import repository
import tidy_functions

BASELINE = pathlib.Path(__file__).resolve().parent / "tidy_baseline.txt"

# Ceilings in lines, except for function parameters and nesting.
HEADER_MAX, SOURCE_MAX, FUNCTION_MAX, PARAMETERS_MAX, NESTING_MAX = 400, 800, 70, 6, 3
COLUMNS_MAX = 100
CODE_SUFFIXES = {".h", ".cc", ".rs", ".py", ".ts", ".js", ".sh", ".cmake"}

# (pattern, what to use instead, paths where it is allowed)
TESTS = r"_test\.cc$|_bench\.cc$|^tests/|^bench/|^fuzz/|/test_[a-z_]+\.(h|cc)$"
BANNED = [
    (r"\b(system|steady|high_resolution)_clock::now\b", "the Clock of base/clock.h",
     rf"^src/base/|{TESTS}"),
    (r"\brandom_device\b|\bs?rand\s*\(", "the randomness of base, or a printed seed in a test",
     r"^src/base/"),
    (r"\bmt19937", "the randomness of base", rf"^src/base/|{TESTS}"),
    (r"\bstd::(jthread|thread|async)\b|\bpthread_create\b", "the threads of base",
     rf"^src/base/|{TESTS}"),
    (r"\bgetenv\b|\bsetenv\b", "the Environment of base/environment.h",
     r"^src/base/|_test\.cc$|^tests/"),
    (r"\bsleep_for\b|\bsleep_until\b|\busleep\s*\(|\bnanosleep\b",
     "a condition, or the Clock of base", r"^src/base/|^bench/"),
    (r"\bstd::(basic_)?regex\b", "RE2", r"^$"),
    (r"\b(?:std::)?system\s*\(|\bpopen\s*\(", "nothing: no shell is started", r"^tests/"),
    # A private constructor is out of reach of std::make_unique; its owner must stand on the line.
    (r"(?m)^(?!.*_ptr<).*\bnew\s+[A-Za-z_:]+", "std::make_unique, or a value", r"^$"),
    (r"\bdelete\s+[a-z_\[]", "std::unique_ptr", r"^$"),
    (r"\bthrow\b", "Status", r"^$"),
    (r"\b(malloc|calloc|realloc|free)\s*\(", "containers and std::unique_ptr", r"hostile_test"),
    (r"\bstd::endl\b", "'\\n'", r"^$"),
]
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
PRIVATE_PATH = re.compile(r"(?<![\w./<>$}-])/(home|root|work)/")
FORBIDDEN_WORDS = {"util", "utils", "helper", "helpers", "common", "misc", "manager", "impl"}
TYPE_NAME = re.compile(r"\b(?:class|struct|namespace|enum class|enum)\s+(?:\[\[\w+\]\]\s*)?(\w+)")
WORDS_OF_PASCAL = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+")


class Findings:
    """Collects violations; sizes are compared with the baseline."""

    def __init__(self, baseline):
        self.baseline = baseline
        self.sizes = {}
        self.messages = []

    def add(self, path, line, message):
        self.messages.append(f"{path}:{line}: {message}")

    def add_size(self, path, line, kind, name, size, ceiling):
        if size <= ceiling:
            return
        key = f"{kind} {path}" + (f" {name}" if name else "")
        self.sizes[key] = max(size, self.sizes.get(key, 0))
        if size > self.baseline.get(key, 0):
            what = f"{kind} '{name}'" if name else kind
            self.add(path, line, f"{what} has size {size}, over the ceiling of {ceiling}")


def check_text(path, text, findings):
    """Checks what holds for every text file of ours."""
    if text and not text.endswith("\n"):
        findings.add(path, text.count("\n") + 1, "no newline at the end of the file")
    for number, line in enumerate(text.split("\n"), start=1):
        if line != line.rstrip() and path.suffix != ".md":
            findings.add(path, number, "trailing blanks")
        if len(line) > COLUMNS_MAX and path.suffix in CODE_SUFFIXES and "://" not in line:
            findings.add(path, number, f"{len(line)} columns, more than {COLUMNS_MAX}")
        if UNFINISHED.search(line):
            findings.add(path, number, "a mark of unfinished work")
        if PRIVATE_PATH.search(line):
            findings.add(path, number, "a path of somebody's machine")
    if path.suffix in CODE_SUFFIXES and path.suffix not in repository.CPP_SUFFIXES:
        findings.add_size(path, 1, "file", "", text.count("\n"), SOURCE_MAX)


def check_names(path, code, findings):
    """Checks that files, types and namespaces are named after what they are."""
    for word in path.stem.lower().split("_"):
        if word in FORBIDDEN_WORDS:
            findings.add(path, 1, f"'{word}' says nothing: name the file after what it holds")
    for number, line in enumerate(code.split("\n"), start=1):
        for name in TYPE_NAME.findall(line):
            words = {word.lower() for word in WORDS_OF_PASCAL.findall(name)}
            for word in sorted(words & FORBIDDEN_WORDS):
                findings.add(path, number, f"'{name}': '{word}' says nothing")


def check_cpp(path, text, findings):
    """Checks one C++ file."""
    code = repository.code_only(text)
    if not text.startswith(("//", "/*")):
        findings.add(path, 1, "starts without a comment that says what the file is")
    check_names(path, code, findings)
    for pattern, instead, allowed in BANNED:
        if re.search(allowed, str(path)) and allowed != r"^$":
            continue
        for match in re.finditer(pattern, code):
            line = code.count("\n", 0, match.start()) + 1
            findings.add(path, line, f"'{match[0].strip()}' is banned: use {instead}")
    is_header = path.suffix == ".h"
    if is_header and not re.search(r"^#(pragma once|ifndef \w+_H_?)$", text, re.MULTILINE):
        findings.add(path, 1, "a header without #pragma once")
    if is_header and re.search(r"^\s*using namespace", code, re.MULTILINE):
        findings.add(path, 1, "a header with 'using namespace'")
    ceiling = HEADER_MAX if is_header else SOURCE_MAX
    findings.add_size(path, 1, "file", "", text.count("\n"), ceiling)
    for function in tidy_functions.find(code):
        place = (path, function.line)
        findings.add_size(*place, "function", function.name, function.lines, FUNCTION_MAX)
        findings.add_size(*place, "parameters", function.name, function.parameters, PARAMETERS_MAX)
        findings.add_size(*place, "nesting", function.name, function.nesting, NESTING_MAX)


def check_document(path, text, findings):
    """Checks that a Markdown document has one title and links to files that exist."""
    prose = re.sub(r"^```.*?^```", lambda m: "\n" * m[0].count("\n"), text,
                   flags=re.DOTALL | re.MULTILINE)
    titles = [n for n, line in enumerate(prose.split("\n"), start=1) if line.startswith("# ")]
    if titles[:1] != [1]:
        findings.add(path, 1, "a document starts with its title ('# ...')")
    for number in titles[1:]:
        findings.add(path, number, "a second title: a document has one")
    for number, line in enumerate(prose.split("\n"), start=1):
        for target in re.findall(r"\]\(([^)\s#]+)(?:#[^)]*)?\)", line):
            if "://" in target or target.startswith("mailto:"):
                continue
            if not (repository.ROOT / path.parent / target).exists():
                findings.add(path, number, f"dead link to '{target}'")


def check_orphans(paths, findings):
    """Checks that every source is built and every header included."""
    cpp = [path for path in paths if path.suffix in repository.CPP_SUFFIXES]
    included = set()
    for path in cpp:
        included.update(re.findall(r'^#include "([^"]+)"', repository.read(path), re.MULTILINE))
    for path in cpp:
        if path.parts[0] != "src":
            continue
        build_file = pathlib.Path(*path.parts[:2], "CMakeLists.txt")
        inside = str(pathlib.Path(*path.parts[2:]))
        if path.suffix == ".h" and str(pathlib.Path(*path.parts[1:])) not in included:
            findings.add(path, 1, "no file includes this header")
        if path.suffix == ".cc" and (repository.ROOT / build_file).exists():
            if not re.search(rf"(?<![\w/]){re.escape(inside)}\b", repository.read(build_file)):
                findings.add(path, 1, f"{build_file} does not build this file")


def read_baseline():
    """Returns {what: size} from the baseline file."""
    if not BASELINE.exists():
        return {}
    lines = [line for line in BASELINE.read_text().splitlines() if line and line[0] != "#"]
    return {key: int(size) for size, key in (line.split(" ", 1) for line in lines)}


def write_baseline(sizes):
    """Records the present sizes over the ceilings."""
    head = "# Size, what, where: over a ceiling of tools/tidy.py today. May shrink, never grow.\n"
    BASELINE.write_text(head + "".join(f"{sizes[key]} {key}\n" for key in sorted(sizes)))


def main():
    """Checks every file; returns the exit code."""
    findings = Findings(read_baseline())
    paths = repository.files()
    for path in paths:
        try:
            text = repository.read(path)
        except UnicodeDecodeError:
            continue
        if path.suffix in CODE_SUFFIXES | {".md", ".yaml", ".toml", ".pg", ".gq"}:
            check_text(path, text, findings)
        if path.suffix in repository.CPP_SUFFIXES:
            check_cpp(path, text, findings)
        if path.suffix == ".md":
            check_document(path, text, findings)
    check_orphans(paths, findings)
    if "--update" in sys.argv[1:]:
        write_baseline(findings.sizes)
        print(f"tidy: {len(findings.sizes)} sizes recorded in {BASELINE.name}")
        return 0
    print("\n".join(findings.messages) or f"tidy: ok ({len(paths)} files)")
    return int(bool(findings.messages))


if __name__ == "__main__":
    sys.exit(main())
