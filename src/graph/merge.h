// The three-way merge of one branch into another: what the source changed since the two last
// agreed, planned on the head of the target.
//
// Per table and id, with b, s, t the rows of base, source and target:
//
//     s = b or s = t  ──▶ keep t          t = b  ──▶ take s          else  ──▶ conflict
//
// The merged state is then checked as a load would be: endpoints, `@unique`, `@card`, values.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "graph/branch_writer.h"
#include "graph/snapshot.h"
#include "graph/working_graph.h"

namespace omnigraph::graph {

class Repository;

enum class ConflictKind : unsigned char {
  kDivergentInsert,
  kDivergentUpdate,
  kDeleteVsUpdate,
  kOrphanEdge,
  kUniqueViolation,
  kCardinalityViolation,
  kValueConstraintViolation,
};
std::string_view ConflictKindName(ConflictKind kind);  ///< "divergent_insert".

struct MergeConflict {
  std::string table_key;
  std::optional<std::string> row_id;  ///< None when several rows together are the conflict.
  ConflictKind kind = ConflictKind::kDivergentInsert;
  std::string message;  ///< Names the row, the property and the values of both branches.
};

enum class MergeOutcome : unsigned char { kAlreadyUpToDate, kFastForward, kMerged };

/// The sides of a merge. The source is read once; the target is whatever it is merged on.
struct MergeSides {
  std::shared_ptr<const Snapshot> source;
  std::string source_name;
  std::string target_name;
};

struct MergePlan {
  MergeOutcome outcome = MergeOutcome::kMerged;
  /// In the order of table keys, then ids. All row conflicts if there are any, else all violations
  /// of the merged state.
  std::vector<MergeConflict> conflicts;
};

/// Plans the merge on `working` (see `WriteRequest::plan`) and applies what the source brings.
/// Nothing is applied when the outcome is `kAlreadyUpToDate`; else the commit will have two
/// parents.
///
/// A table is read only as far as it differs between the base and the source; `@unique`, `@card`
/// and the edges of deleted nodes are looked up in whole tables, as for other writes. Errors:
/// `kConflict` with `plan->conflicts`, or when the schemas of the branches differ;
/// `kInvalidArgument` "no common ancestor"; those of reading.
Status PlanMerge(Repository& repository, const MergeSides& sides, WorkingGraph& working,
                 Footprint* footprint, MergePlan* plan);

/// "merge conflicts: node:Port:OSL (divergent_update); …; and 2 more".
std::string ConflictSummary(const std::vector<MergeConflict>& conflicts);

}  // namespace omnigraph::graph
