#!/usr/bin/env python3
"""Tests of convert.py and check.py over the sample. Plain Python: prints each case, exits 1 if one
fails."""

import io
import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import check  # noqa: E402
import convert  # noqa: E402

SAMPLE = HERE / "packages_sample.txt"


class Graph:
    """The records of a text, by type."""

    def __init__(self, text):
        out, self.warnings = io.StringIO(), []
        convert.convert(io.StringIO(text), out, "amd64", self.warnings.append)
        self.text = out.getvalue()
        self.nodes, self.edges = {}, {}
        for line in self.text.splitlines():
            record = json.loads(line)
            if "type" in record:
                self.nodes.setdefault(record["type"], {})[record["data"]["name"]] = record["data"]
            else:
                self.edges.setdefault(record["edge"], []).append(record)

    def between(self, kind, source):
        return [
            (edge["to"], {k: v for k, v in edge["data"].items() if k != "id"})
            for edge in self.edges.get(kind, [])
            if edge["from"] == source
        ]


def sample():
    return Graph(SAMPLE.read_text(encoding="utf-8"))


def versions_follow_the_order_of_dpkg():
    order = """1.0~~ 1.0~rc1-1 1.0~rc1-2 1.0 1.0-1~bpo1 1.0-1 1.0-1+b1 1.0-10 1.0a-1 1.0+b1 1.0.1
        1.9 1.10 2.36-9+deb12u2 2.36-9+deb12u10 1:0.1""".split()
    for i, left in enumerate(order):
        for j, right in enumerate(order):
            by_convert = convert.compare_versions(left, right)
            assert (by_convert > 0) - (by_convert < 0) == (i > j) - (i < j), (left, right)
            a, b = check.version_key(left), check.version_key(right)
            assert (a > b) - (a < b) == (i > j) - (i < j), (left, right)
    for left, right in (("1.0", "1.00"), ("0:1", "1"), ("1.0", "1.0-0")):
        assert convert.compare_versions(left, right) == 0, (left, right)


def the_newest_version_of_the_preferred_architecture_stays():
    packages = sample().nodes["Package"]
    assert packages["dash"]["version"] == "0.5.12-2"
    assert packages["sqlite3"]["version"].startswith("3.40")
    assert packages["zlib1g"]["architecture"] == "amd64"


def names_are_real_virtual_or_missing():
    packages = sample().nodes["Package"]
    kinds = Counter(package["kind"] for package in packages.values())
    assert kinds["real"] == 63, kinds
    assert packages["awk"]["kind"] == "virtual"
    assert packages["dpkg"]["kind"] == "missing"
    assert set(packages["awk"]) == {"name", "kind"}


def every_endpoint_is_a_node():
    graph = sample()
    ends = {"MaintainedBy": "Maintainer", "InSection": "Section"}
    ends.update({"TaggedWith": "Tag", "OfFacet": "Facet"})
    for kind, edges in graph.edges.items():
        sources = graph.nodes["Tag" if kind == "OfFacet" else "Package"]
        targets = graph.nodes[ends.get(kind, "Package")]
        for edge in edges:
            assert edge["from"] in sources and edge["to"] in targets, edge


def edge_ids_are_unique_per_type():
    for kind, edges in sample().edges.items():
        assert len({edge["data"]["id"] for edge in edges}) == len(edges), kind


def alternatives_carry_group_and_position():
    def alternative(place):
        return {"pre": False, "alternative_group": 1, "alternative_position": place}

    found = sample().between("DependsOn", "harbour-loader")
    assert found == [
        ("libc6", {"pre": True, "restriction": ">= 2.34"}),
        ("dpkg", {"pre": True, "restriction": ">= 1.15"}),
        ("harbour-firmware", alternative(1)),
        ("harbour-firmware-free", alternative(2)),
        ("python3", {"pre": False, "restriction": "<< 4", "architecture": "any"}),
    ], found


def two_restrictions_on_one_package_are_two_edges():
    pair = ("0ad", "0ad-data")
    found = [e for e in sample().edges["DependsOn"] if (e["from"], e["to"]) == pair]
    assert [edge["data"]["id"] for edge in found] == ["0ad>0ad-data", "0ad>0ad-data#2"], found
    assert [edge["data"]["restriction"][:2] for edge in found] == [">=", "<="]


def pulls_takes_the_first_alternative_and_resolves_virtual_names():
    graph = Graph(
        "Package: a\nDepends: x | b, v, gone | b\n\n"
        "Package: b\nProvides: v\n\n"
        "Package: c\nProvides: v, x\n"
    )
    assert [target for target, _ in graph.between("Pulls", "a")] == ["c", "b"]


def an_unreadable_relation_is_reported_and_left_out():
    warnings = sample().warnings
    assert "harbour-loader: Depends: cannot read 'bad relation here ('" in warnings, warnings


def maintainers_have_no_address():
    graph = sample()
    assert "@" not in "".join(graph.nodes["Maintainer"])
    assert "Text Tools (Northern)" in graph.nodes["Maintainer"]
    assert graph.between("MaintainedBy", "harbour-firmware") == [("(unnamed)", {})]
    for text, name in (
        ("Ines  Okonedo <ines@example.org>,", "Ines Okonedo"),
        ("Pell Abara <pell@example.org>, Wick Tarrant <wick@example.org>", "Pell Abara"),
        ("Tools of Ebb tools@example.org", "Tools of Ebb"),
    ):
        assert convert.maintainer_name(text) == name, text
        assert check.Archive.maintainer_of({"Maintainer": text}) == name, text


def sections_lose_their_area():
    graph = sample()
    assert graph.between("InSection", "harbour-firmware") == [("kernel", {})]
    assert graph.nodes["Package"]["harbour-firmware"]["area"] == "non-free"
    assert graph.nodes["Package"]["git"]["area"] == "main"


def descriptions_split_into_summary_and_text():
    package = sample().nodes["Package"]["harbour-firmware"]
    assert package["summary"] == "Firmware blobs for harbour sensors"
    assert package["description"].split("\n\n")[0].endswith("plugged in.")
    assert "installed_kib" not in package


def braces_stand_for_several_tags():
    tags = [tag for tag, _ in sample().between("TaggedWith", "harbour-firmware")]
    assert tags == ["special::meta", "role::plugin", "role::app-data"], tags


def the_output_depends_on_the_text_alone():
    first, second = (
        subprocess.run(
            [sys.executable, str(HERE.parent / "convert.py"), str(SAMPLE)],
            capture_output=True, check=True, env={"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    )
    assert first == second and first.decode() == sample().text


def the_check_reads_the_same_packages():
    archive, graph = check.Archive(check.read(SAMPLE)), sample()
    real = {name for name, data in graph.nodes["Package"].items() if data["kind"] == "real"}
    assert set(archive.packages) == real

    def targets(kind, name):
        return {target for target, _ in graph.between(kind, name)}

    for name in real:
        assert archive.depends[name] == targets("DependsOn", name), name
        assert archive.pulls[name] == targets("Pulls", name), name
        assert archive.tags[name] == targets("TaggedWith", name), name
        assert archive.size(name) == graph.nodes["Package"][name].get("installed_kib"), name


def the_check_asks_queries_that_exist():
    declared = {}
    for path in check.QUERIES.glob("*.gq"):
        text = path.read_text(encoding="utf-8")
        for name, parameters in re.findall(r"^query (\w+)\(([^)]*)\)", text, re.M):
            declared[name] = set(re.findall(r"\$(\w+)", parameters))
    for each in check.checks(check.Archive(check.read(SAMPLE))):
        assert declared.get(each.query) == set(each.params), each.query


def the_check_finds_a_difference():
    archive = check.Archive(check.read(SAMPLE))
    wanted = next(each for each in check.checks(archive) if each.query == "undepended_count")
    columns = ["packages", "installed_kib"]
    right = {"columns": columns, "rows": [dict(zip(columns, wanted.rows[0]))]}
    wrong = {"columns": columns, "rows": [{"packages": 1, "installed_kib": 2.0}]}
    assert check.differences(wanted.rows, right) == []
    assert check.differences(wanted.rows, wrong)
    assert check.differences(wanted.rows, {"columns": [], "rows": []})


CASES = [
    versions_follow_the_order_of_dpkg,
    the_newest_version_of_the_preferred_architecture_stays,
    names_are_real_virtual_or_missing,
    every_endpoint_is_a_node,
    edge_ids_are_unique_per_type,
    alternatives_carry_group_and_position,
    two_restrictions_on_one_package_are_two_edges,
    pulls_takes_the_first_alternative_and_resolves_virtual_names,
    an_unreadable_relation_is_reported_and_left_out,
    maintainers_have_no_address,
    sections_lose_their_area,
    descriptions_split_into_summary_and_text,
    braces_stand_for_several_tags,
    the_output_depends_on_the_text_alone,
    the_check_reads_the_same_packages,
    the_check_asks_queries_that_exist,
    the_check_finds_a_difference,
]


def main():
    failed = 0
    for case in CASES:
        try:
            case()
            print(f"ok      {case.__name__}")
        except AssertionError as error:
            failed += 1
            print(f"FAILED  {case.__name__}: {error}")
    print(f"{len(CASES) - failed} of {len(CASES)} cases passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
