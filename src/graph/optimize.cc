// Implements graph/optimize.h.

#include "graph/optimize.h"

#include <algorithm>

#include "graph/folded_tail.h"
#include "table/compaction.h"

namespace omnigraph::graph {
namespace {

constexpr int kRoundsMax = 3;

// A table's new fragments, and the state that they were made from.
struct Prepared {
  FoldedTail folded;
  std::uint64_t fragments_removed = 0;
  std::uint64_t fragments_added = 0;
  bool is_placed = false;  // By the last plan.
};

Result<std::vector<Prepared>> PrepareWith(FragmentWriter& writer, const Snapshot& snapshot,
                                          const Deadline& deadline) {
  std::vector<Prepared> all;
  for (const schema::TableType* type : snapshot.catalog().Tables()) {
    if (deadline.HasPassed()) {
      return Status::Error(ErrorCode::kDeadlineExceeded,
                           "optimize: the deadline passed; nothing changed");
    }
    const TableSlot& slot = *snapshot.slot(*type);
    const format::TableState& state = slot.state();
    if (state.manifest.empty() && state.segments.empty()) continue;
    OG_ASSIGN_OR_RETURN(const table::Table* const table, snapshot.TableOf(*type));
    OG_RETURN_IF_ERROR(table->Open());
    const table::CompactionPlan plan = table::PlanCompaction(
        *table, {kFragmentRowsMax, kFragmentBytesMax}, snapshot.commit().generation);
    // Segments without rows, such as deletions, are folded as well.
    if (plan.empty() && state.segments.empty()) continue;
    Prepared prepared;
    prepared.folded = StartFold(slot);
    prepared.fragments_removed = plan.fragments_removed;
    OG_ASSIGN_OR_RETURN(FragmentWriter::Compacted written,
                        writer.Compact(*table, state.DataPath(), plan));
    prepared.folded.manifest = std::move(written.manifest);
    prepared.fragments_added = written.fragments_added;
    all.push_back(std::move(prepared));
  }
  return all;
}

Result<std::vector<Prepared>> Prepare(Repository& repository, const Snapshot& snapshot,
                                      const Deadline& deadline) {
  FragmentWriter writer(*snapshot.cache()->store(), &repository.pool());
  auto all = PrepareWith(writer, snapshot, deadline);
  if (!all.ok()) writer.Discard();
  return all;
}

Status Place(std::vector<Prepared>& all, WorkingGraph& working) {
  for (Prepared& prepared : all) {
    prepared.is_placed = false;
    for (const schema::TableType* type : working.catalog().Tables()) {
      const FoldedTail& folded = prepared.folded;
      if (type->id != folded.type_id) continue;
      if (!Continues(*working.base().slot(*type), folded)) continue;
      OG_RETURN_IF_ERROR(working.Compacted(*type, folded.manifest, folded.segments.size()));
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
      if (prepared.folded.type_id != state.type_id || !prepared.is_placed) continue;
      table.is_committed = true;
      table.fragments_removed = prepared.fragments_removed;
      table.fragments_added = prepared.fragments_added;
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
    const std::int64_t prepared_at_micros = Clock::System().NowMicros();
    OG_ASSIGN_OR_RETURN(std::vector<Prepared> all, Prepare(repository, *head, deadline));
    if (all.empty()) return ReportOf(head->commit(), all);
    WriteRequest write;
    write.operation = format::Operation::kOptimize;
    write.actor = actor;
    write.deadline = deadline;
    write.prepared_at_micros = prepared_at_micros;
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
