#!/usr/bin/env python3
"""Compares answers of the package graph with answers computed from the `Packages` text itself.

    ./check.py Packages --url http://127.0.0.1:8080 --token $TOKEN
    ./check.py Packages --bin omnigraph --graph graphs/packages.omni

Nothing is shared with convert.py: this file has its own parser, its own version order and its own
graph walks, so a mistake has to be made twice to go unseen. Standard library only. Exits 0 when
every answer agrees, else 1 with the first differences of each.
"""

import argparse
import json
import math
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections import Counter, defaultdict, namedtuple
from pathlib import Path

QUERIES = Path(__file__).resolve().parent / "queries"
SHOWN = 5  # differences printed per check
FAR = 100  # the hop bound of the `{1,100}` queries


# ---- the text, read independently ---------------------------------------------------------------


def version_key(text):
    """A sort key with dpkg's order: epoch, then upstream and revision as alternating runs."""
    epoch, upstream, revision = re.match(r"(?:(\d+):)?(.*?)(?:-([^-]*))?$", text, re.S).groups()
    return int(epoch or 0), runs(upstream), runs(revision or "")


def runs(text):
    """Non-digit runs as lists of weights closed by 0 (end of run), digit runs as numbers. The end
    sorts after `~` and before everything else."""
    key = []
    for letters, digits in re.findall(r"(\D*)(\d*)", text):
        if letters or digits:
            key.append(([weight(c) for c in letters] + [0], int(digits or 0)))
    return key + [([0], 0)]


def weight(character):
    if character == "~":
        return -1
    return ord(character) + (0 if character.isalpha() else 1000)


def read(path):
    """Name -> fields of the newest stanza, folded lines joined; "#summary" is the description's
    first line."""
    text = Path(path).read_bytes().decode("utf-8", "replace").replace("\r\n", "\n")
    packages = {}
    for block in re.split(r"\n[ \t]*\n", text):
        unfolded = re.sub(r"\n[ \t]+", " ", block)
        fields = dict(re.findall(r"^([A-Za-z0-9-]+):[ \t]*(.*?)[ \t]*$", unfolded, re.M))
        name = fields.get("Package")
        if not name:
            continue
        first_line = re.search(r"^Description(?:-en)?:[ \t]*(.*?)[ \t]*$", block, re.M)
        fields["#summary"] = first_line[1] if first_line else None
        fields["#version"] = version_key(fields.get("Version", ""))
        if name not in packages or better(fields, packages[name]):
            packages[name] = fields
    return packages


def better(one, other):
    """Whether a stanza wins over another of the same name: version, then amd64, then the smaller
    architecture name."""
    if one["#version"] != other["#version"]:
        return one["#version"] > other["#version"]
    first, second = (fields.get("Architecture", "") for fields in (one, other))
    return second != "amd64" and (first == "amd64" or first < second)


def clauses(fields, *names):
    """Relation fields as a list of clauses, each a list of bare names."""
    found = []
    for name in names:
        for clause in fields.get(name, "").split(","):
            bare = r"\s*([\w.+-]+)(?=\s*(?:[:(]|$))"
            options = [re.match(bare, option) for option in clause.split("|")]
            options = [match[1] for match in options if match]
            if options:
                found.append(options)
    return found


def tags(text):
    """Debtags as a set; `a::{b,c}` is two of them."""

    def spread(match):
        return ",".join(match[1] + value for value in match[2].split(","))

    whole = re.sub(r"([^\s,]+::)\{([^}]*)\}", spread, text)
    return {tag.strip() for tag in whole.split(",") if "::" in tag}


def number(text):
    return int(text) if text and text.isdigit() else None


def total(values):
    """A sum as the query language gives it: null when there is nothing to add."""
    present = [value for value in values if value is not None]
    return float(sum(present)) if present else None


class Archive:
    """The relations that the checks need, as dicts of sets."""

    def __init__(self, packages):
        self.packages = packages
        self.depends, self.needed_by = defaultdict(set), defaultdict(set)
        self.wanted = set()  # names that something depends on, recommends or suggests
        self.providers = defaultdict(set)
        self.maintained, self.section, self.tags = defaultdict(set), {}, {}
        for name, fields in packages.items():
            for options in clauses(fields, "Depends", "Pre-Depends"):
                for option in options:
                    self.depends[name].add(option)
                    self.needed_by[option].add(name)
            for options in clauses(fields, "Recommends", "Suggests"):
                self.wanted.update(options)
            for options in clauses(fields, "Provides"):
                self.providers[options[0]].add(name)
            self.maintained[self.maintainer_of(fields)].add(name)
            self.section[name] = fields["Section"].split("/")[-1] if fields.get("Section") else None
            self.tags[name] = tags(fields.get("Tag", ""))
        self.maintained.pop(None, None)
        self.wanted.update(self.needed_by)
        self.pulls = {name: self._pulls(name) for name in packages}

    @staticmethod
    def maintainer_of(fields):
        if not fields.get("Maintainer"):
            return None
        name = re.sub(r"<.*", "", fields["Maintainer"]).strip()
        name = re.sub(r"\s+", " ", re.sub(r"\S*@\S*", "", name)).strip(" ,")
        return re.sub(r'^"(.*)"$', r"\1", name) or "(unnamed)"

    def _pulls(self, name):
        targets = set()
        for first, *_ in clauses(self.packages[name], "Depends", "Pre-Depends"):
            if first in self.packages:
                targets.add(first)
            elif first in self.providers:
                targets.add(min(self.providers[first]))
        return targets - {name}

    def size(self, name):
        return number(self.packages[name].get("Installed-Size"))

    def download(self, name):
        return number(self.packages[name].get("Size"))

    def source(self, name):
        return self.packages[name].get("Source", name).split(" ")[0]


def reach(start, neighbours, hops):
    """Everything within `hops` steps; the start itself only if it is its own neighbour."""
    seen, frontier = {start}, {start}
    for _ in range(hops):
        frontier = {far for near in frontier for far in neighbours.get(near, ())} - seen
        if not frontier:
            break
        seen |= frontier
    return seen if start in neighbours.get(start, ()) else seen - {start}


# ---- the checks -----------------------------------------------------------------------------

Check = namedtuple("Check", "query params rows")


def by_count(pairs):
    """Rows of (name, count, …) by descending count, then name."""
    return sorted(pairs, key=lambda row: (-row[1], row[0]))


def ranked(counter, place):
    """The key at a place of the ranking by count, from 0; the last one if there are fewer."""
    order = [key for key, _ in by_count(counter.items())]
    return order[min(place, len(order) - 1)]


def dependency_checks(archive):
    demand = Counter({name: len(users) for name, users in archive.needed_by.items()})
    for place in (0, 20, 200):
        subject = ranked(demand, place)
        params = {"name": subject}
        direct = reach(subject, archive.needed_by, 1)
        facts = archive.packages
        yield Check(
            "reverse_dependencies",
            params,
            [(r, facts[r].get("Version"), facts[r]["#summary"]) for r in sorted(direct)],
        )
        for hops in (2, 3):
            far = sorted(reach(subject, archive.needed_by, hops))
            yield Check(f"reverse_dependencies_{hops}", params, [(name,) for name in far])
        everyone = reach(subject, archive.needed_by, FAR)
        sizes = total(archive.size(name) for name in everyone)
        yield Check("reverse_dependency_count", params, [(len(everyone), sizes)])


def closure_checks(archive):
    fans = Counter({name: len(archive.pulls[name]) for name in archive.packages})
    for place in (0, 50):
        top = ranked(fans, place)
        closure = reach(top, archive.pulls, FAR)
        sums = total(map(archive.size, closure)), total(map(archive.download, closure))
        yield Check("install_size", {"name": top}, [(len(closure), *sums)])
        if not closure:
            continue
        pulled = Counter(far for near in sorted(closure) for far in archive.pulls[near])
        target = ranked(pulled, 3)
        middle = [m for m in sorted(closure) if target in archive.pulls[m]]
        facts = [(m, archive.packages[m]) for m in middle]
        rows = [(m, fields.get("Version"), fields["#summary"]) for m, fields in facts]
        yield Check("what_pulls_in", {"top": top, "name": target}, rows)


def health_checks(archive):
    cycles = [
        (a, b, archive.source(a), archive.source(b))
        for a in sorted(archive.depends)
        for b in sorted(archive.depends[a])
        if a < b and a in archive.depends.get(b, ())
    ]
    yield Check("dependency_cycles", {}, cycles)
    alone = [name for name in archive.packages if name not in archive.needed_by]
    yield Check("undepended_count", {}, [(len(alone), total(map(archive.size, alone)))])
    unneeded = defaultdict(list)
    for name in archive.packages:
        if name not in archive.wanted and archive.section[name]:
            unneeded[archive.section[name]].append(archive.size(name))
    rows = by_count((section, len(sizes), total(sizes)) for section, sizes in unneeded.items())
    yield Check("unneeded_packages_by_section", {}, rows)
    missing = [
        (name, target)
        for name in sorted(archive.depends)
        for target in sorted(archive.depends[name])
        if target not in archive.packages and target not in archive.providers
    ]
    yield Check("missing_dependencies", {}, missing)


def people_checks(archive):
    counts = Counter({who: len(names) for who, names in archive.maintained.items()})
    rows = by_count(
        (who, len(names), total(map(archive.size, names)))
        for who, names in archive.maintained.items()
    )
    yield Check("maintainers_by_package_count", {}, rows[:50])
    for place in (0, 7):
        who = ranked(counts, place)
        rows = [
            (
                name,
                archive.packages[name].get("Version"),
                archive.source(name),
                archive.section[name],
                archive.size(name),
            )
            for name in sorted(archive.maintained[who])
            if archive.section[name]
        ]
        yield Check("packages_of_maintainer", {"maintainer": who}, rows)


def section_checks(archive):
    members = defaultdict(list)
    for name, section in archive.section.items():
        if section:
            members[section].append(name)
    rows = []
    for section, names in members.items():
        sizes = [archive.size(name) for name in names]
        biggest = max((size for size in sizes if size is not None), default=None)
        downloads = total(map(archive.download, names))
        rows.append((section, len(names), total(sizes), downloads, biggest))
    rows.sort(key=lambda row: (row[2] is None, -(row[2] or 0.0), row[0]))
    yield Check("biggest_sections", {}, rows)
    virtual = [(v, len(p)) for v, p in archive.providers.items() if v not in archive.packages]
    yield Check("virtual_packages_by_providers", {}, by_count(virtual)[:50])
    subject = max(sorted(archive.tags), key=lambda name: len(archive.tags[name]))
    mine = archive.tags[subject]
    similar = [
        (name, archive.packages[name]["#summary"], len(mine & tags))
        for name, tags in archive.tags.items()
        if name != subject and mine & tags
    ]
    similar.sort(key=lambda row: (-row[2], row[0]))
    yield Check("similar_packages", {"name": subject}, similar[:20])


def checks(archive):
    for family in (dependency_checks, closure_checks, health_checks, people_checks, section_checks):
        yield from family(archive)


# ---- asking the graph -----------------------------------------------------------------------


def ask_server(url, graph_id, token):
    """Calls stored queries over HTTP."""

    def ask(query, params):
        request = urllib.request.Request(
            f"{url.rstrip('/')}/graphs/{graph_id}/queries/{query}",
            data=json.dumps({"params": params}).encode(),
            headers={"content-type": "application/json"},
        )
        if token:
            request.add_header("authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            reason = error.read().decode("utf-8", "replace")
            raise SystemExit(f"{query}: HTTP {error.code}: {reason}") from error

    return ask


def ask_binary(binary, graph):
    """Runs the same queries with the command line."""
    files = {}
    for path in sorted(QUERIES.glob("*.gq")):
        for name in re.findall(r"^query (\w+)", path.read_text(encoding="utf-8"), re.M):
            files[name] = path

    def ask(query, params):
        command = [binary, "query", "--uri", graph, "--query", str(files[query]), "--name", query]
        command += ["--params", json.dumps(params), "--json"]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        if run.returncode != 0:
            raise SystemExit(f"{query}: exit {run.returncode}: {run.stderr.strip()}")
        return json.loads(run.stdout)

    return ask


def same(left, right):
    if isinstance(left, float) or isinstance(right, float):
        return None not in (left, right) and math.isclose(left, right, rel_tol=1e-9)
    return left == right


def differences(expected, answer):
    """Lines that say where the answer departs from the expected rows, in order."""
    actual = [tuple(row[column] for column in answer["columns"]) for row in answer["rows"]]
    lines = []
    if len(actual) != len(expected):
        lines.append(f"{len(expected)} rows expected, {len(actual)} found")
    for place, (want, have) in enumerate(zip(expected, actual), 1):
        if len(want) != len(have) or not all(map(same, want, have)):
            lines.append(f"row {place}: expected {want}, found {have}")
    return lines


def run(archive, ask):
    failed = count = 0
    for check in checks(archive):
        count += 1
        lines = differences(check.rows, ask(check.query, check.params))
        subject = ", ".join(check.params.values())
        verdict = "differs" if lines else "agrees"
        print(f"{verdict}  {check.query}({subject}): {len(check.rows)} rows")
        for line in lines[:SHOWN]:
            print(f"         {line}")
        failed += bool(lines)
    print(f"{count - failed} of {count} answers agree over {len(archive.packages)} packages")
    return 1 if failed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("packages", help="the Packages text that was converted")
    parser.add_argument("--url", help="address of a running server")
    parser.add_argument("--graph-id", default="packages", help="graph on that server (packages)")
    parser.add_argument("--token", default=os.environ.get("OMNIGRAPH_TOKEN"))
    parser.add_argument("--bin", default="omnigraph", help="the command line program")
    parser.add_argument("--graph", help="path of the graph, to ask the command line instead")
    arguments = parser.parse_args()
    if bool(arguments.url) == bool(arguments.graph):
        parser.error("give either --url (and --token) or --graph (and --bin)")
    if arguments.url:
        ask = ask_server(arguments.url, arguments.graph_id, arguments.token)
    else:
        ask = ask_binary(arguments.bin, arguments.graph)
    return run(Archive(read(arguments.packages)), ask)


if __name__ == "__main__":
    sys.exit(main())
