// Implements graph/optimize.h.

#include "graph/optimize.h"

#include <algorithm>

#include "table/compaction.h"

namespace omnigraph::graph {
namespace {

constexpr int kRoundsMax = 3;

// A table's new fragments, and the state that they were made from.
struct Prepared {
  std::uint32_t type_id = 0;
  std::string old_manifest;
  std::vector<std::string> segments;  // Their ids.
  std::uint64_t fragments_removed = 0;
  FragmentWriter::Compacted written;
  bool is_placed = false;  // By the last plan.
};

const TableSlot& SlotOf(const Snapshot& snapshot, const schema::TableType& type) {
  return schema::IsNodeTable(type) ? *snapshot.node_slot(type.ordinal)
                                   : *snapshot.edge_slot(type.ordinal);
}

Result<std::vector<Prepared>> Prepare(Repository& repository, const Snapshot& snapshot,
                                      const Deadline& deadline) {
  std::vector<Prepared> all;
  FragmentWriter writer(*snapshot.cache()->store(), &repository.pool());
  for (const schema::TableType* type : snapshot.catalog().Tables()) {
    if (deadline.HasPassed()) {
      return Status::Error(ErrorCode::kDeadlineExceeded,
                           "optimize: the deadline passed; nothing changed");
    }
    const TableSlot& slot = SlotOf(snapshot, *type);
    const format::TableState& state = slot.state();
    if (state.manifest.empty() && state.segments.empty()) continue;
    OG_ASSIGN_OR_RETURN(const table::Table* const table, snapshot.TableOf(*type));
    OG_RETURN_IF_ERROR(table->Open());
    const table::CompactionPlan plan = table::PlanCompaction(
        *table, {kFragmentRowsMax, kFragmentBytesMax}, snapshot.commit().generation);
    // Segments without rows, such as deletions, are folded as well.
    if (plan.empty() && state.segments.empty()) continue;
    Prepared prepared;
    prepared.type_id = type->id;
    prepared.old_manifest = state.manifest;
    for (const format::Segment* segment : slot.Segments())
      prepared.segments.push_back(segment->id);
    prepared.fragments_removed = plan.fragments_removed;
    OG_ASSIGN_OR_RETURN(prepared.written, writer.Compact(*table, state.DataPath(), plan));
    all.push_back(std::move(prepared));
  }
  return all;
}

// Whether `slot` still continues what was compacted: later segments may stand on top.
bool Continues(const TableSlot& slot, const Prepared& prepared) {
  const std::vector<const format::Segment*> segments = slot.Segments();
  if (slot.state().manifest != prepared.old_manifest) return false;
  if (segments.size() < prepared.segments.size()) return false;
  for (std::size_t i = 0; i < prepared.segments.size(); ++i) {
    if (segments[i]->id != prepared.segments[i]) return false;
  }
  return true;
}

Status Place(std::vector<Prepared>& all, WorkingGraph& working) {
  for (Prepared& prepared : all) {
    prepared.is_placed = false;
    for (const schema::TableType* type : working.catalog().Tables()) {
      if (type->id != prepared.type_id) continue;
      const TableSlot& slot = SlotOf(working.base(), *type);
      if (!Continues(slot, prepared)) continue;
      OG_RETURN_IF_ERROR(
          working.Compacted(*type, prepared.written.manifest, prepared.segments.size()));
      prepared.is_placed = true;
    }
  }
  return Status::Ok();
}

OptimizeReport ReportOf(const format::Commit& commit, const std::vector<Prepared>& all) {
  OptimizeReport report;
  for (const format::TableState& state : commit.tables) {
    OptimizedTable table;
    table.table_key = state.table_key;
    table.table_version = state.table_version;
    for (const Prepared& prepared : all) {
      if (prepared.type_id != state.type_id || !prepared.is_placed) continue;
      table.is_committed = true;
      table.fragments_removed = prepared.fragments_removed;
      table.fragments_added = prepared.written.fragments_added;
    }
    report.tables.push_back(std::move(table));
  }
  return report;
}

}  // namespace

Result<OptimizeReport> Optimize(Repository& repository, const std::string& branch,
                                const std::optional<std::string>& actor, const Deadline& deadline) {
  for (int round = 0;; ++round) {
    OG_ASSIGN_OR_RETURN(const std::shared_ptr<const Snapshot> head, repository.Head(branch));
    OG_ASSIGN_OR_RETURN(std::vector<Prepared> all, Prepare(repository, *head, deadline));
    if (all.empty()) return ReportOf(head->commit(), all);
    WriteRequest write;
    write.operation = format::Operation::kOptimize;
    write.actor = actor;
    write.deadline = deadline;
    write.plan = [&all](WorkingGraph& working, Footprint*) { return Place(all, working); };
    OG_ASSIGN_OR_RETURN(const std::optional<format::Commit> commit,
                        repository.Writer(branch)->Write(std::move(write)));
    if (!commit && round + 1 < kRoundsMax) continue;  // Every table was overtaken.
    OptimizeReport report = ReportOf(commit ? *commit : head->commit(), all);
    report.commit = commit;
    return report;
  }
}

}  // namespace omnigraph::graph
