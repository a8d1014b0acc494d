// The gate to a graph whose objects this process reads and writes itself.

#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "engine/engine.h"
#include "engine/query_cache.h"
#include "graph/repository.h"
#include "policy/action.h"

namespace omnigraph::engine {

/// A stored commit as callers see it.
CommitRecord RecordOf(const format::Commit& commit);

/// Branches keep the schema that they were created with, and two schemas do not merge.
/// Errors: `kConflict` that `operation` needs a graph with only main, naming the other branches.
Status RequireOnlyMain(history::CommitStore& commits, std::string_view operation);

class LocalGraph final : public Graph {
 public:
  LocalGraph(std::unique_ptr<graph::Repository> repository, OpenOptions options);

  const std::string& incarnation_id() const override { return repository_->graph_id(); }
  Result<QueryAnswer> Query(const Caller& caller, const QueryRequest& request) override;
  Result<MutationAnswer> Mutate(const Caller& caller, const MutationRequest& request) override;
  Result<LoadAnswer> Load(const Caller& caller, const LoadRequest& request) override;
  Status Export(const Caller& caller, const ExportRequest& request) override;
  Result<SnapshotAnswer> Snapshot(const Caller& caller, const ReadTarget& target) override;
  Result<SchemaAnswer> Schema(const Caller& caller, const ReadTarget& target) override;
  Result<SchemaChangeAnswer> PlanSchema(const Caller& caller,
                                        const SchemaChangeRequest& request) override;
  Result<SchemaChangeAnswer> ApplySchema(const Caller& caller,
                                         const SchemaChangeRequest& request) override;
  Result<std::vector<CommitRecord>> ListCommits(const Caller& caller, std::string_view branch,
                                                std::uint64_t limit) override;
  Result<CommitRecord> ShowCommit(const Caller& caller, std::string_view commit_id) override;
  Result<std::vector<std::string>> ListBranches(const Caller& caller) override;
  Status CreateBranch(const Caller& caller, std::string_view name, std::string_view from) override;
  Status DeleteBranch(const Caller& caller, std::string_view name) override;
  Result<OptimizeAnswer> Optimize(const Caller& caller) override;
  Result<RepairAnswer> Repair(const Caller& caller, const RepairRequest& request) override;
  Result<CleanupAnswer> Cleanup(const Caller& caller, const CleanupRequest& request) override;
  Result<MergeAnswer> Merge(const Caller& caller, const MergeRequest& request) override;
  Result<std::vector<Tag>> ListTags(const Caller& caller) override;
  Result<Tag> CreateTag(const Caller& caller, const TagRequest& request) override;
  Status DeleteTag(const Caller& caller, std::string_view name) override;
  Result<RevertAnswer> Revert(const Caller& caller, const RevertRequest& request) override;
  Result<DiffStats> Diff(const Caller& caller, const DiffRequest& request) override;
  Result<CommitChangesAnswer> CommitChanges(const Caller& caller,
                                            const CommitChangesRequest& request) override;
  Result<ChangeFeedAnswer> PollChanges(const Caller& caller,
                                       const ChangeFeedRequest& request) override;
  Result<BaselineAnswer> CaptureBaseline(const Caller& caller,
                                         const BaselineRequest& request) override;

 private:
  using SnapshotPtr = std::shared_ptr<const graph::Snapshot>;

  // What a new branch or tag starts at.
  struct StartingPoint {
    std::string branch;  // Of which it is the head; empty for a commit of the past.
    std::string commit_id;
  };

  /// A commit to compare, and the branch by which it was named or on which it was made.
  struct DiffEnd {
    SnapshotPtr snapshot;
    std::string branch;
  };
  /// Asks the policy for `read`. Errors: `kNotFound`; those of `Permit`.
  Result<DiffEnd> FindDiffEnd(const Caller& caller, const std::string& given);

  Result<SnapshotPtr> Resolve(const ReadTarget& target);
  /// Asks the policy before a write. Errors: `kPermissionDenied`, `kUnauthenticated`.
  Status Permit(const Caller& caller, policy::Action action, std::optional<std::string_view> branch,
                std::optional<std::string_view> target) const;
  /// Plans `request` and publishes it, unless it is a dry run. Branch names are checked.
  /// `merged_head` becomes the commit of the source that the answer is about.
  Status RunMerge(const Caller& caller, const MergeRequest& request, MergeAnswer* answer,
                  std::string* merged_head);
  Status PlanRevert(const graph::Snapshot& past, graph::WorkingGraph& working,
                    graph::Footprint* footprint, RevertAnswer* answer);
  Status RequireWritable(std::string_view operation) const;
  /// A write of `caller` without a plan; `asked` as of `RequestKeyOf`.
  static graph::WriteRequest WriteOf(const Caller& caller, format::Operation operation,
                                     const WriteConditions& conditions,
                                     const std::vector<std::string_view>& asked);
  /// The commit that was made for `key` on a branch before, if there is a key.
  Result<std::optional<format::Commit>> FindMade(const std::string& branch,
                                                 const std::optional<graph::RequestKey>& key);
  /// A branch (its head), a tag or a commit, as the starting point of something new.
  Result<StartingPoint> ResolveStart(const Caller& caller, std::string_view from,
                                     std::string_view target);
  Status DeleteMerged(const Caller& caller, const std::string& source, std::string_view head);
  Status CheckDeletable(std::string_view branch);
  Result<std::optional<std::string>> BaseOfLoad(const Caller& caller, const std::string& branch,
                                                const LoadRequest& request);

  const std::unique_ptr<graph::Repository> repository_;
  const OpenOptions options_;
  QueryCache queries_;
  std::atomic<bool> is_changing_schema_ = false;
};

}  // namespace omnigraph::engine
