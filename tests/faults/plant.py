#!/usr/bin/env python3
"""Writes a copy of one source with the planted bugs of this list, each behind a switch.

    plant.py <source of src/> <output>

A bug whose line is not in the source any more is left out; its test then fails and names it, so
that whoever changed the line moves the bug to where it belongs now."""

import pathlib
import sys

IS = '::omnigraph::planted::Is("{}")'

# name: source, line as it is, line with the bug (BUG is the switch).
PLANTS = {
    "no_read_back": (
        "history/commit_store.cc",
        "    OG_ASSIGN_OR_RETURN(std::optional<PublishOutcome> settled,",
        '    if (outcome.result == store::SwapResult::kUnknown && BUG)\n'
        '      return Status::Error(ErrorCode::kConflict, "nothing changed");\n'
        "    OG_ASSIGN_OR_RETURN(std::optional<PublishOutcome> settled,"),
    "retry_applied_twice": (
        "history/commit_store.cc",
        "  OG_ASSIGN_OR_RETURN(const bool is_ours, IsAncestor(*head, next));",
        "  OG_ASSIGN_OR_RETURN(bool is_ours, IsAncestor(*head, next));\n"
        "  if (is_ours && BUG) is_ours = false;"),
    "stale_cache": (
        "history/commit_store.cc",
        "Result<bool> CommitStore::IsCurrent(std::string_view branch, const BranchHead& head) {",
        "Result<bool> CommitStore::IsCurrent(std::string_view branch, const BranchHead& head) {\n"
        "  if (BUG) return true;"),
    "overtaken_head_not_filed": (
        "history/commit_store.cc",
        "  return store_->PutImmutableUnderNames(names, format::EncodeCommitRun(run));\n}\n\n"
        "Status CommitStore::ReplaceRun",
        "  if (BUG) return Status::Ok();\n"
        "  return store_->PutImmutableUnderNames(names, format::EncodeCommitRun(run));\n}\n\n"
        "Status CommitStore::ReplaceRun"),
    "wrong_merge_base": (
        "history/merge_base.cc",
        "        bases.push_back(mark.commit);",
        "        StoredCommit base = mark.commit;\n"
        "        if (base.commit().parent && BUG) {\n"
        "          OG_ASSIGN_OR_RETURN(base, commits_.FindCommit(*base.commit().parent, \"\"));\n"
        "        }\n"
        "        bases.push_back(base);"),
    "grace_zero": (
        "graph/cleanup.cc",
        "  return seconds >= limit ? 0 : now_micros -",
        "  if (BUG) return now_micros + kMicrosPerSecond;\n"
        "  return seconds >= limit ? 0 : now_micros -"),
    "compaction_forgets_later_rows": (
        "graph/optimize.cc",
        "folded.manifest, folded.segments.size()));",
        "folded.manifest, BUG ? working.base().slot(*type)->Segments().size()\n"
        "                                  : folded.segments.size()));"),
    "swap_without_comparing": (
        "store/local_refs.cc",
        "  if (value.version != expected) return Moved(",
        "  if (value.version != expected && !BUG) return Moved("),
    "trim_forgets_later_heads": (
        "store/local_refs.cc",
        "  std::reverse(records.begin(), records.end());\n  return RewriteRef(key, records);",
        "  if (BUG) records.resize(1);\n"
        "  std::reverse(records.begin(), records.end());\n  return RewriteRef(key, records);"),
    "ref_not_synced": (
        "store/local_refs.cc",
        "  const int synced = files_.SyncData(file.descriptor());",
        "  const int synced = BUG ? 0 : files_.SyncData(file.descriptor());"),
    "file_not_synced": (
        "store/local_write.cc",
        "  if (durability == Durability::kBeforeNextSwap) {\n"
        "    const int synced = files_.SyncFile(temporary.file().descriptor());",
        "  if (durability == Durability::kBeforeNextSwap && !BUG) {\n"
        "    const int synced = files_.SyncFile(temporary.file().descriptor());"),
    "folder_not_synced": (
        "store/local_write.cc",
        "  const int synced = files_.SyncDirectory(opened);",
        "  const int synced = BUG ? 0 : files_.SyncDirectory(opened);"),
    "checksum_not_verified": (
        "format/fragment.cc",
        "  if (Checksum64(bytes->view()) != checksum)",
        "  if (Checksum64(bytes->view()) != checksum && !BUG)"),
}


def main() -> int:
    source, output = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    name = "/".join(source.parts[-2:])
    text = source.read_text()
    for bug, (where, line, planted) in PLANTS.items():
        if where == name and text.count(line) == 1:
            text = text.replace(line, planted.replace("BUG", IS.format(bug)))
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text('#include "planted.h"\n' + text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
