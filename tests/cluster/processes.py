"""The control plane with real processes: kills at every crash point, two appliers at once, many
lock takers. Prints how many cases there were.

    processes.py --programs build/dev/bin kills|races

Crash points need a build with assertions; a release build ignores OMNIGRAPH_FAILPOINTS, and the
kills are skipped.
"""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

COMMAND_TIMEOUT_S = 60
KILLED = 137
SKIPPED = 77

CLUSTER = """version: 1
graphs:
  fleet: { schema: fleet.pg, queries: queries/ }
%spolicies:
  crew: { file: crew.policy.yaml, applies_to: [fleet] }
"""
SCHEMA = "node Vessel {\n  imo: String @key\n  name: String\n%s}\n"
QUERY = "query all_vessels() {\n  match { $v: Vessel }\n  return { $v.name%s }\n}\n"
POLICY = """version: 1
groups: { crew: [act-mate] }
rules:
  - id: crew-reads
    allow: { actors: { group: crew }, actions: [read, invoke_query] }
"""

APPLY_POINTS = [
    "cluster_lock.after_acquire", "cluster_apply.before_graph_create",
    "cluster_apply.after_graph_create", "cluster_apply.before_schema_apply",
    "cluster_apply.after_schema_apply", "cluster_apply.after_payload_phase",
    "cluster_apply.before_graph_delete", "cluster_apply.after_graph_delete",
    "cluster_apply.before_state_write", "cluster_apply.after_state_write",
    "cluster_apply.after_sidecar_retire"]
SYNC_POINTS = ["cluster_lock.after_acquire", "cluster_sync.before_state_write",
               "cluster_sync.after_state_write"]


class Cluster:
    """A config folder and the commands on it."""

    def __init__(self, programs, folder):
        self.program = programs / "omnigraph"
        self.folder = folder
        folder.mkdir(parents=True)
        (folder / "queries").mkdir()
        (folder / "crew.policy.yaml").write_text(POLICY)
        self.write()

    def write(self, graphs=(), flag=False):
        """Writes the folder with these graphs beside the fleet."""
        more = "".join(f"  {graph}: {{ schema: note.pg }}\n" for graph in graphs)
        (self.folder / "cluster.yaml").write_text(CLUSTER % more)
        (self.folder / "note.pg").write_text("node Note { slug: String @key }\n")
        (self.folder / "fleet.pg").write_text(SCHEMA % ("  flag: String?\n" if flag else ""))
        (self.folder / "queries" / "vessels.gq").write_text(QUERY % (", $v.flag" if flag else ""))

    def start(self, *arguments, failpoints=""):
        environment = dict(os.environ, HOME=str(self.folder), OMNIGRAPH_FAILPOINTS=failpoints)
        return subprocess.Popen(
            [self.program, "cluster", *arguments, "--config", self.folder, "--json"],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run(self, *arguments, failpoints=""):
        """Returns the exit code and the JSON document, if there is one."""
        process = self.start(*arguments, failpoints=failpoints)
        out, _ = process.communicate(timeout=COMMAND_TIMEOUT_S)
        return process.returncode, json.loads(out) if out.strip() else None

    def need(self, *arguments):
        """Runs a command that must succeed."""
        code, report = self.run(*arguments)
        if code != 0:
            sys.exit(f"cluster {arguments} failed: {json.dumps(report, indent=2)}")
        return report

    def ledger(self):
        return json.loads((self.folder / "__cluster" / "state.json").read_text())

    def remains(self):
        """What no finished command may leave."""
        kept = list((self.folder / "__cluster").glob("recoveries/*.json"))
        kept += (self.folder / "__cluster").glob("lock.json")
        return [str(path.relative_to(self.folder)) for path in kept]


def codes(report):
    return [finding["code"] for finding in report["diagnostics"]]


def prepare(programs, folder):
    """A deployed cluster whose next apply creates, migrates and deletes."""
    cluster = Cluster(programs, folder)
    cluster.write(graphs=["scratch"])
    cluster.need("import")
    cluster.need("apply")
    cluster.write(graphs=["depot"], flag=True)
    cluster.need("approve", "graph.scratch", "--as", "mira")
    return cluster


def copied(cluster, folder):
    """A copy of a cluster as it is now."""
    shutil.copytree(cluster.folder, folder)
    twin = Cluster.__new__(Cluster)
    twin.program, twin.folder = cluster.program, folder
    return twin


def recover(cluster, place):
    """Does what the next person does: looks, unlocks by id, applies. Nothing else."""
    seen = cluster.need("status")["state_observations"]
    if not seen["locked"]:
        sys.exit(f"{place}: a killed process left no lock")
    cluster.need("force-unlock", seen["lock_id"])
    if not seen["state_found"]:
        cluster.need("import")
    report = cluster.need("apply", "--as", "noor")
    if not report["converged"]:
        sys.exit(f"{place}: one apply did not converge: {json.dumps(report, indent=2)}")
    if cluster.need("apply")["state_written"] or cluster.remains():
        sys.exit(f"{place}: the second apply had something to do, or {cluster.remains()} stayed")
    if (cluster.folder / "graphs" / "scratch.omni").exists():
        sys.exit(f"{place}: the approved delete did not happen")


def has_crash_points(cluster):
    """Whether the build honours them."""
    code, report = cluster.run("plan", failpoints="cluster_lock.after_acquire=return")
    if code == 0:
        return False
    if codes(report) != ["injected_failpoint"]:
        sys.exit(f"return at a point reports {codes(report)}")
    return True


def kills(programs, folder):
    original = prepare(programs, folder / "original")
    if not has_crash_points(original):
        print("this build has no crash points")
        sys.exit(SKIPPED)
    cases = [(("apply", "--as", "mira"), point) for point in APPLY_POINTS]
    cases += [(("refresh",), point) for point in SYNC_POINTS]
    cases += [(("import",), point) for point in SYNC_POINTS]
    cases += [(("plan",), "cluster_lock.after_acquire")]
    cases += [(("approve", "graph.scratch", "--as", "mira"),
               "cluster_approve.before_artifact_write")]
    cases += [(("rollback", "2", "--confirm", "--as", "mira"), "cluster_lock.after_acquire")]
    for number, (arguments, point) in enumerate(cases):
        place = f"{' '.join(arguments)}, killed at {point}"
        cluster = copied(original, folder / f"case{number}")
        if arguments == ("import",):
            (cluster.folder / "__cluster" / "state.json").unlink()
        code, _ = cluster.run(*arguments, failpoints=f"{point}=abort")
        if code != KILLED:
            sys.exit(f"{place}: the process ended with {code}")
        recover_or_import(cluster, arguments, place)
        shutil.rmtree(cluster.folder)
    print(f"{len(cases)} kills, 0 needed a hand")


def recover_or_import(cluster, arguments, place):
    """After a killed import the approval's delete is unknown to the new ledger: it is foreign."""
    if arguments != ("import",):
        recover(cluster, place)
        return
    seen = cluster.need("status")["state_observations"]
    cluster.need("force-unlock", seen["lock_id"])
    if not seen["state_found"]:
        cluster.need("import")
    if not cluster.need("apply", "--as", "noor")["converged"] or cluster.remains():
        sys.exit(f"{place}: one apply did not converge")


def await_file(path):
    for _ in range(1000):
        if path.exists():
            return
        time.sleep(0.01)
    sys.exit(f"{path} never appeared")


def race_for_the_lock(cluster, gate):
    """One holds the lock inside its apply until it is let go; the other is told by whom."""
    first = cluster.start("apply", "--as", "mira",
                          failpoints=f"cluster_apply.before_state_write=wait({gate})")
    await_file(cluster.folder / "__cluster" / "lock.json")
    code, report = cluster.run("apply", "--as", "noor")
    if code != 1 or codes(report) != ["state_lock_held"]:
        sys.exit(f"the second apply ended with {code}, {codes(report)}")
    gate.touch()
    out, _ = first.communicate(timeout=COMMAND_TIMEOUT_S)
    if first.returncode != 0 or not json.loads(out)["converged"]:
        sys.exit(f"the first apply failed: {out}")


def races(programs, folder):
    held_count = 0
    cluster = prepare(programs, folder / "locked")
    if has_crash_points(cluster):
        race_for_the_lock(cluster, folder / "gate")
        held_count = 1

    # Without the lock the ledger decides: each either wins or is told, and nothing is torn.
    for number in range(8):
        cluster = Cluster(programs, folder / f"free{number}")
        text = (cluster.folder / "cluster.yaml").read_text()
        (cluster.folder / "cluster.yaml").write_text(text + "state: { lock: false }\n")
        cluster.need("import")
        racers = [cluster.start("apply", "--as", name) for name in ("mira", "noor", "ines")]
        ends = [(racer.communicate(timeout=COMMAND_TIMEOUT_S)[0], racer.returncode)
                for racer in racers]
        for out, code in ends:
            errors = [finding["code"] for finding in json.loads(out)["diagnostics"]
                      if finding["severity"] == "error"]
            if code != 0 and not errors:
                sys.exit(f"an apply failed without a reason: {out}")
        if not any(json.loads(out)["converged"] for out, _ in ends):
            sys.exit(f"nobody won: {ends}")
        if not cluster.need("apply")["converged"] or cluster.ledger()["version"] != 1:
            sys.exit("the race left something that one apply does not repair")

    # Many at once: exactly those that got the lock planned, all others say who held it.
    cluster = prepare(programs, folder / "many")
    takers = [cluster.start("plan") for _ in range(32)]
    verdicts = []
    for taker in takers:
        out, _ = taker.communicate(timeout=COMMAND_TIMEOUT_S)
        report = json.loads(out)
        verdict = "planned" if report["ok"] else codes(report)[0]
        if verdict not in ("planned", "state_lock_held"):
            sys.exit(f"a plan ended with {out}")
        verdicts.append(verdict)
    if "planned" not in verdicts or cluster.remains():
        sys.exit(f"nobody planned, or {cluster.remains()} stayed: {verdicts}")
    print(f"{held_count} held lock, 8 races of 3, {len(takers)} takers "
          f"({verdicts.count('planned')} planned)")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", required=True, type=pathlib.Path)
    parser.add_argument("what", choices=["kills", "races"])
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run = kills if arguments.what == "kills" else races
        run(arguments.programs.resolve(), pathlib.Path(folder))


if __name__ == "__main__":
    main()
