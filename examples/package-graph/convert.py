#!/usr/bin/env python3
"""Turns a Debian `Packages` text into JSON Lines for the package graph.

    apt-cache dumpavail | ./convert.py > data/packages.jsonl
    ./convert.py Packages -o packages.jsonl

Standard library only. The output is a function of the input alone: same text, same bytes.
README.md documents how fields become nodes and edges.
"""

import argparse
import json
import re
import sys

WANTED = frozenset(
    """Package Version Source Architecture Multi-Arch Priority Essential Section Installed-Size Size
    Homepage Maintainer Description Description-en Tag Depends Pre-Depends Recommends Suggests
    Provides Conflicts""".split()
)
MULTI_ARCH = frozenset(["no", "same", "foreign", "allowed"])
PRIORITIES = frozenset(["required", "important", "standard", "optional", "extra"])

RELATION = re.compile(
    r"""(?P<name>[A-Za-z0-9][A-Za-z0-9+.\-_]*)
        (?::(?P<arch>[A-Za-z0-9\-]+))?
        \s*(?:\(\s*(?P<op><<|<=|>=|>>|=|<|>)\s*(?P<version>[^()\s]+)\s*\))?$""",
    re.VERBOSE,
)
# dpkg reads the single signs as "or equal".
OPERATORS = {"<": "<=", ">": ">="}
UNNAMED = "(unnamed)"


# ---- Debian versions ------------------------------------------------------------------------


def split_version(text):
    """`[epoch:]upstream[-revision]` as (int, str, str)."""
    epoch, colon, rest = text.partition(":")
    if not (colon and epoch.isdigit()):
        epoch, rest = "0", text
    upstream, dash, revision = rest.rpartition("-")
    return (int(epoch), upstream, revision) if dash else (int(epoch), rest, "")


def weight(character):
    """Order inside a run of non-digits: `~`, end of text, letters, everything else."""
    if character == "~":
        return -1
    if character == "":
        return 0
    if character.isalpha():
        return ord(character)
    return ord(character) + 256


def compare_part(left, right):
    """Compares two upstream versions or revisions as dpkg does: runs of non-digits by `weight`,
    runs of digits by value, in turn. Returns a negative number, zero or a positive number."""
    i = j = 0
    while i < len(left) or j < len(right):
        while (i < len(left) and not left[i].isdigit()) or (
            j < len(right) and not right[j].isdigit()
        ):
            a = weight(left[i]) if i < len(left) and not left[i].isdigit() else 0
            b = weight(right[j]) if j < len(right) and not right[j].isdigit() else 0
            if a != b:
                return a - b
            i += i < len(left)
            j += j < len(right)
        start_i, start_j = i, j
        while i < len(left) and left[i].isdigit():
            i += 1
        while j < len(right) and right[j].isdigit():
            j += 1
        a, b = int(left[start_i:i] or "0"), int(right[start_j:j] or "0")
        if a != b:
            return a - b
    return 0


def compare_versions(left, right):
    """Orders two Debian version texts: negative, zero or positive."""
    if left == right:
        return 0
    a, b = split_version(left), split_version(right)
    if a[0] != b[0]:
        return a[0] - b[0]
    return compare_part(a[1], b[1]) or compare_part(a[2], b[2])


# ---- reading --------------------------------------------------------------------------------


def stanzas(lines):
    """Yields each stanza as a dict of its WANTED fields; continuation lines keep their newline."""
    fields, current = {}, None
    for line in lines:
        line = line.rstrip("\r\n")
        if not line.strip():
            if fields:
                yield fields
            fields, current = {}, None
        elif line[0] in " \t":
            if current is not None:
                fields[current].append(line)
        else:
            name, colon, value = line.partition(":")
            current = name if colon and name in WANTED else None
            if current is not None:
                fields[current] = [value.strip()]
    if fields:
        yield fields


def joined(fields, name):
    """A folded field on one line, or None when it is absent or empty."""
    lines = fields.get(name)
    return " ".join(part.strip() for part in lines).strip() or None if lines else None


def newer(left, right, preferred):
    """True if stanza `left` replaces `right`: higher version, then the preferred architecture,
    then the smaller architecture name."""
    order = compare_versions(joined(left, "Version") or "", joined(right, "Version") or "")
    if order != 0:
        return order > 0
    rank = [(arch != preferred, arch) for arch in (architecture(left), architecture(right))]
    return rank[0] < rank[1]


def architecture(fields):
    return joined(fields, "Architecture") or ""


def newest_stanzas(lines, preferred):
    """Package name -> its newest stanza, and how many stanzas were read and left out."""
    chosen, seen, nameless = {}, 0, 0
    for fields in stanzas(lines):
        seen += 1
        name = joined(fields, "Package")
        if name is None:
            nameless += 1
        elif name not in chosen or newer(fields, chosen[name], preferred):
            chosen[name] = fields
    return chosen, seen, nameless


# ---- fields ---------------------------------------------------------------------------------


def whole_number(text):
    return int(text) if text is not None and text.isdigit() else None


def maintainer_name(text):
    """The display name alone: what stands before the first address, without anything that looks
    like one."""
    name = text.partition("<")[0]
    name = " ".join(word for word in name.split() if "@" not in word).strip(" ,")
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = name[1:-1]
    return name or UNNAMED


def section_of(text):
    """`contrib/games` -> (contrib, games); `games` -> (main, games)."""
    area, slash, name = text.rpartition("/")
    return (area if slash else "main"), name


def description_of(fields):
    """(summary, long text or None). A line with a lone dot is an empty line."""
    lines = fields.get("Description") or fields.get("Description-en")
    if not lines:
        return None, None
    body = ["" if line.strip() == "." else line[1:].rstrip() for line in lines[1:]]
    return lines[0] or None, "\n".join(body).strip("\n") or None


def tags_of(fields):
    """Debtags in order, without repetition; `facet::{a,b}` stands for two tags."""
    text = joined(fields, "Tag")
    found = []
    for item in re.findall(r"[^,{}\s]+(?:\{[^}]*\})?", text or ""):
        facet, brace, values = item.partition("{")
        names = [facet + value.strip() for value in values.rstrip("}").split(",")]
        for name in names if brace else [item]:
            if "::" in name and name not in found:
                found.append(name)
    return found


class Relation:
    """One alternative of one clause of a relation field."""

    __slots__ = ("name", "architecture", "restriction", "version", "group", "position")

    def __init__(self, match, group, position):
        self.name = match["name"]
        self.architecture = match["arch"]
        self.version = match["version"]
        operator = match["op"]
        self.restriction = operator and f"{OPERATORS.get(operator, operator)} {self.version}"
        self.group, self.position = group, position


def relations_of(fields, name, complain):
    """The clauses of a relation field, each a list of alternatives."""
    text = joined(fields, name)
    clauses = []
    for number, clause in enumerate((text or "").split(","), 1):
        options = [option.strip() for option in clause.split("|")]
        group = number if len(options) > 1 else None
        parsed = []
        for position, option in enumerate(options, 1):
            match = RELATION.match(option)
            if match:
                parsed.append(Relation(match, group, position if group else None))
            elif option:
                complain(name, option)
        if parsed:
            clauses.append(parsed)
    return clauses


# ---- the graph ------------------------------------------------------------------------------


class Writer:
    """Writes records and counts them per type."""

    def __init__(self, out):
        self.out, self.counts = out, {}
        self.encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

    def node(self, kind, data):
        self._write(kind, {"type": kind, "data": present(data)})

    def edge(self, kind, source, target, data, uses):
        """Edge ids are `source>target`, and `#2` and on for parallel edges: loading the same index
        again in merge mode changes nothing, and a diff of two indexes pairs the edges."""
        uses[target] = count = uses.get(target, 0) + 1
        name = f"{source}>{target}" if count == 1 else f"{source}>{target}#{count}"
        record = {"edge": kind, "from": source, "to": target, "data": {"id": name, **present(data)}}
        self._write(kind, record)

    def _write(self, kind, record):
        self.counts[kind] = self.counts.get(kind, 0) + 1
        self.out.write(self.encode(record) + "\n")


def present(data):
    return {key: value for key, value in data.items() if value is not None}


def relation_data(relation):
    return {
        "restriction": relation.restriction,
        "alternative_group": relation.group,
        "alternative_position": relation.position,
        "architecture": relation.architecture,
    }


class Index:
    """The chosen stanzas with their relations parsed, and the names they refer to."""

    FIELDS = ("Depends", "Pre-Depends", "Recommends", "Suggests", "Provides", "Conflicts")

    def __init__(self, chosen, complain):
        self.stanzas = chosen
        self.names = sorted(chosen)
        self.relations = {field: {} for field in self.FIELDS}
        self.providers = {}
        referred = set()
        for name in self.names:
            for field in self.FIELDS:
                clauses = relations_of(chosen[name], field, lambda f, t, n=name: complain(n, f, t))
                if clauses:
                    self.relations[field][name] = clauses
                    referred.update(option.name for clause in clauses for option in clause)
            for clause in self.relations["Provides"].get(name, ()):
                self.providers.setdefault(clause[0].name, []).append(name)
        self.others = sorted(referred - chosen.keys())

    def resolve(self, target):
        """The package that an installation of `target` brings by default: itself, else its first
        provider by name, else None."""
        if target in self.stanzas:
            return target
        providers = self.providers.get(target)
        return providers[0] if providers else None


def write_nodes(index, out):
    sections, tags, maintainers = set(), set(), set()
    for fields in index.stanzas.values():
        if joined(fields, "Section"):
            sections.add(section_of(joined(fields, "Section"))[1])
        if joined(fields, "Maintainer"):
            maintainers.add(maintainer_name(joined(fields, "Maintainer")))
        tags.update(tags_of(fields))
    for name in sorted(sections):
        out.node("Section", {"name": name})
    for name in sorted(maintainers):
        out.node("Maintainer", {"name": name})
    for name in sorted({tag.split("::", 1)[0] for tag in tags}):
        out.node("Facet", {"name": name})
    for name in sorted(tags):
        out.node("Tag", {"name": name, "value": name.split("::", 1)[1]})
    for name in index.names:
        out.node("Package", package_data(name, index.stanzas[name]))
    for name in index.others:
        kind = "virtual" if name in index.providers else "missing"
        out.node("Package", {"name": name, "kind": kind})
    for name in sorted(tags):
        out.edge("OfFacet", name, name.split("::", 1)[0], {}, {})


def package_data(name, fields):
    priority, multi_arch = joined(fields, "Priority"), joined(fields, "Multi-Arch")
    section = joined(fields, "Section")
    summary, description = description_of(fields)
    source = joined(fields, "Source")
    return {
        "name": name,
        "kind": "real",
        "version": joined(fields, "Version"),
        "source": source.split(" ", 1)[0] if source else name,
        "architecture": joined(fields, "Architecture"),
        "multi_arch": multi_arch if multi_arch in MULTI_ARCH else None,
        "priority": priority if priority in PRIORITIES else None,
        "essential": joined(fields, "Essential") == "yes",
        "area": section_of(section)[0] if section else None,
        "installed_kib": whole_number(joined(fields, "Installed-Size")),
        "download_bytes": whole_number(joined(fields, "Size")),
        "homepage": joined(fields, "Homepage"),
        "summary": summary,
        "description": description,
    }


def write_memberships(index, out):
    for name in index.names:
        maintainer = joined(index.stanzas[name], "Maintainer")
        if maintainer:
            out.edge("MaintainedBy", name, maintainer_name(maintainer), {}, {})
    for name in index.names:
        section = joined(index.stanzas[name], "Section")
        if section:
            out.edge("InSection", name, section_of(section)[1], {}, {})
    for name in index.names:
        for tag in tags_of(index.stanzas[name]):
            out.edge("TaggedWith", name, tag, {}, {})


def write_relations(index, out):
    for name in index.names:
        uses = {}
        for field, pre in (("Pre-Depends", True), ("Depends", False)):
            for clause in index.relations[field].get(name, ()):
                for option in clause:
                    data = {"pre": pre, **relation_data(option)}
                    out.edge("DependsOn", name, option.name, data, uses)
    for kind, field in (("PreDependsOn", "Pre-Depends"), ("Recommends",) * 2, ("Suggests",) * 2):
        for name in index.names:
            uses = {}
            for clause in index.relations[field].get(name, ()):
                for option in clause:
                    out.edge(kind, name, option.name, relation_data(option), uses)
    for name in index.names:
        uses = {}
        for clause in index.relations["Provides"].get(name, ()):
            out.edge("Provides", name, clause[0].name, {"version": clause[0].version}, uses)
    for name in index.names:
        uses = {}
        for clause in index.relations["Conflicts"].get(name, ()):
            for option in clause:
                data = {"restriction": option.restriction, "architecture": option.architecture}
                out.edge("ConflictsWith", name, option.name, data, uses)


def write_pulls(index, out):
    for name in index.names:
        targets = {}
        for field in ("Pre-Depends", "Depends"):
            for clause in index.relations[field].get(name, ()):
                target = index.resolve(clause[0].name)
                if target is not None and target != name:
                    targets[target] = True
        for target in targets:
            out.edge("Pulls", name, target, {}, {})


def convert(lines, out, preferred, complain):
    """Reads stanzas from `lines`, writes records to `out`; returns the counts per type."""
    chosen, seen, nameless = newest_stanzas(lines, preferred)
    if nameless:
        complain(f"{nameless} stanza(s) without a Package field left out")
    if seen - nameless > len(chosen):
        left_out = seen - nameless - len(chosen)
        complain(f"{left_out} older version(s) or other architecture(s) left out")

    def unreadable(name, field, text):
        complain(f"{name}: {field}: cannot read '{text}'")

    index = Index(chosen, unreadable)
    writer = Writer(out)
    write_nodes(index, writer)
    write_memberships(index, writer)
    write_relations(index, writer)
    write_pulls(index, writer)
    return writer.counts


def warn(text):
    print(f"convert: {text}", file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("packages", nargs="?", default="-", help="a Packages text; - is stdin")
    parser.add_argument("-o", "--output", default="-", help="the JSON Lines file; - is stdout")
    parser.add_argument(
        "--architecture", default="amd64", help="wins where one version comes in several (amd64)"
    )
    arguments = parser.parse_args()
    source = 0 if arguments.packages == "-" else arguments.packages
    target = 1 if arguments.output == "-" else arguments.output
    with open(source, encoding="utf-8", errors="replace", closefd=source != 0) as lines:
        with open(target, "w", encoding="utf-8", newline="\n", closefd=target != 1) as out:
            counts = convert(lines, out, arguments.architecture, warn)
    total = sum(counts.values())
    parts = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))
    print(f"convert: {total} records: {parts}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
