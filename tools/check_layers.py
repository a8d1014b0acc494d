"""Fails if the modules of src/ use each other, or third-party code, otherwise than declared.

1. A module includes only modules on lines above its own in src/LAYERS.
2. DEPENDS in its CMakeLists.txt (for tests also TEST_DEPENDS) says exactly what it includes.
3. A third-party library is included by one module, its adapter; OWNERS lists who may share one.
"""
import collections
import re
import sys

import repository

SOURCE = repository.ROOT / "src"
INCLUDE = re.compile(r'^#include ([<"])([^>"]+)[>"]')
TEST_FILE = re.compile(r"_(test|bench)\.cc$|(^|/)test_")

# Include prefix of a library -> the modules that may include it. Vocabulary libraries (columns,
# documents) are free from their layer up, so they have no entry here.
OWNERS = {
    "CLI/": {"cli"},
    "boost/": {"net", "server"},
    "bridge/": {"policy", "store"},
    "curl/": {"net"},
    "libstemmer": {"index"},
    "openssl/": {"base", "net"},
    "prometheus/": {"server"},
    "re2/": {"types", "schema"},
    "spdlog/": {"server"},
    "xxhash": {"base", "format"},
    "yaml-cpp/": {"text"},
}


def read_layers():
    """Returns {module: number of its line}, lowest layer first."""
    lines = (SOURCE / "LAYERS").read_text().splitlines()
    return {module: number for number, line in enumerate(lines)
            for module in line.split("#")[0].split()}


def read_declared(module):
    """Returns the modules in DEPENDS and in TEST_DEPENDS of a module's build file."""
    text = re.sub(r"#.*", "", (SOURCE / module / "CMakeLists.txt").read_text())
    declared = {"DEPENDS": set(), "TEST_DEPENDS": set()}
    keyword = None
    for word in text.replace("(", " ").replace(")", " ").split():
        if re.fullmatch(r"[A-Z_]+", word):
            keyword = word
        elif keyword in declared:
            declared[keyword].add(word)
    return declared["DEPENDS"], declared["TEST_DEPENDS"]


def check_include(place, module, target, layers):
    """Yields the violations of one include of `target` ("module/file.h" or a library's header)."""
    other = target.split("/")[0]
    if "/" in target and other in layers:
        if other != module and layers[other] >= layers[module]:
            yield f"{place}: {module} may not use {other} (src/LAYERS)"
    for prefix, owners in OWNERS.items():
        if target.startswith(prefix) and module not in owners:
            yield f"{place}: only {' and '.join(sorted(owners))} may include {prefix}"


def check_declared(module, used, used_by_tests):
    """Yields where a module's build file and its includes differ."""
    place = f"src/{module}/CMakeLists.txt"
    depends, test_depends = read_declared(module)
    for other in sorted(used - depends):
        yield f"{place}: includes {other} but does not list it in DEPENDS"
    for other in sorted(used_by_tests - depends - test_depends):
        yield f"{place}: a test includes {other}, which is not in TEST_DEPENDS"
    for other in sorted(depends - used):
        yield f"{place}: DEPENDS lists {other}, which no source includes"
    for other in sorted(test_depends - used_by_tests):
        yield f"{place}: TEST_DEPENDS lists {other}, which no test includes"


def violations():
    """Yields every violation as "path:line: what is wrong"."""
    layers = read_layers()
    used = collections.defaultdict(set)
    used_by_tests = collections.defaultdict(set)
    for path in repository.files():
        if path.parts[0] != "src" or path.suffix not in repository.CPP_SUFFIXES:
            continue
        module = path.parts[1]
        if module not in layers:
            yield f"{path}: module {module} is not in src/LAYERS"
            continue
        users = used_by_tests if TEST_FILE.search(str(path)) else used
        users[module].update(())
        for number, line in enumerate(repository.read(path).splitlines(), start=1):
            match = INCLUDE.match(line)
            if not match:
                continue
            yield from check_include(f"{path}:{number}", module, match[2], layers)
            other = match[2].split("/")[0]
            if "/" in match[2] and other in layers and other != module:
                users[module].add(other)
    for module in sorted(set(used) | set(used_by_tests)):
        if (SOURCE / module / "CMakeLists.txt").exists():
            yield from check_declared(module, used[module], used_by_tests[module])


if __name__ == "__main__":
    found = list(violations())
    print("\n".join(found) or "layers: ok")
    sys.exit(bool(found))
