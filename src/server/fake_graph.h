// A graph that only counts: what the gate in front of it lets through. For tests.

#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "engine/changes.h"
#include "engine/engine.h"
#include "engine/versions.h"
#include "exec/result_table.h"

namespace omnigraph::server::testing {

class FakeGraph final : public engine::Graph {
 public:
  /// How often anything was asked of the graph.
  int calls_count() const { return calls_count_; }
  const std::string& last_branch() const { return last_branch_; }
  /// What the next operations answer, unless OK.
  void FailWith(Status failure) { failure_ = std::move(failure); }
  /// Called by every mutation, on its thread.
  void OnMutate(std::function<void()> hook) { on_mutate_ = std::move(hook); }

  const std::string& incarnation_id() const override { return incarnation_id_; }

  Result<engine::QueryAnswer> Query(const engine::Caller& caller,
                                    const engine::QueryRequest& request) override {
    OG_RETURN_IF_ERROR(Count(request.target.branch));
    OG_RETURN_IF_ERROR(InTime(caller));
    engine::QueryAnswer answer;
    answer.query_name = request.name;
    answer.target = request.target;
    answer.graph_commit_id = "c1";
    answer.table = std::make_shared<const exec::ResultTable>(std::vector<exec::ResultColumn>());
    return answer;
  }
  Result<engine::MutationAnswer> Mutate(const engine::Caller& caller,
                                        const engine::MutationRequest& request) override {
    OG_RETURN_IF_ERROR(InTime(caller));
    if (on_mutate_) on_mutate_();
    OG_RETURN_IF_ERROR(Count(request.branch));
    engine::MutationAnswer answer;
    answer.branch = request.branch;
    return answer;
  }
  Result<engine::LoadAnswer> Load(const engine::Caller&,
                                  const engine::LoadRequest& request) override {
    OG_RETURN_IF_ERROR(Count(request.branch));
    engine::LoadAnswer answer;
    answer.branch = request.branch;
    return answer;
  }
  Status Export(const engine::Caller& caller, const engine::ExportRequest& request) override {
    OG_RETURN_IF_ERROR(InTime(caller));
    OG_RETURN_IF_ERROR(Count(request.target.branch));
    OG_RETURN_IF_ERROR(request.on_start());
    return request.write("{}\n");
  }
  Result<engine::SnapshotAnswer> Snapshot(const engine::Caller&,
                                          const engine::ReadTarget& target) override {
    OG_RETURN_IF_ERROR(Count(target.branch));
    engine::SnapshotAnswer answer;
    answer.target = target;
    return answer;
  }
  Result<engine::SchemaAnswer> Schema(const engine::Caller&, const engine::ReadTarget&) override {
    OG_RETURN_IF_ERROR(Count(""));
    return engine::SchemaAnswer();
  }
  Result<engine::SchemaChangeAnswer> PlanSchema(const engine::Caller&,
                                                const engine::SchemaChangeRequest&) override {
    OG_RETURN_IF_ERROR(Count("main"));
    return engine::SchemaChangeAnswer();
  }
  Result<engine::SchemaChangeAnswer> ApplySchema(const engine::Caller&,
                                                 const engine::SchemaChangeRequest&) override {
    OG_RETURN_IF_ERROR(Count("main"));
    return engine::SchemaChangeAnswer();
  }
  Result<std::vector<engine::CommitRecord>> ListCommits(const engine::Caller&,
                                                        std::string_view branch,
                                                        std::uint64_t) override {
    OG_RETURN_IF_ERROR(Count(branch));
    return std::vector<engine::CommitRecord>();
  }
  Result<engine::CommitRecord> ShowCommit(const engine::Caller&, std::string_view id) override {
    OG_RETURN_IF_ERROR(Count(""));
    engine::CommitRecord record;
    record.graph_commit_id = id;
    if (id == "of-trial") record.manifest_branch = "trial";
    return record;
  }
  Result<std::vector<std::string>> ListBranches(const engine::Caller&) override {
    OG_RETURN_IF_ERROR(Count(""));
    return std::vector<std::string>{"main"};
  }
  Status CreateBranch(const engine::Caller&, std::string_view name, std::string_view) override {
    return Count(name);
  }
  Status DeleteBranch(const engine::Caller&, std::string_view name) override { return Count(name); }
  Result<engine::MergeAnswer> Merge(const engine::Caller&,
                                    const engine::MergeRequest& request) override {
    OG_RETURN_IF_ERROR(Count(request.target));
    engine::MergeAnswer answer;
    answer.source = request.source;
    answer.target = request.target;
    return answer;
  }

  Result<std::vector<engine::Tag>> ListTags(const engine::Caller&) override {
    OG_RETURN_IF_ERROR(Count(""));
    return std::vector<engine::Tag>();
  }
  Result<engine::Tag> CreateTag(const engine::Caller&, const engine::TagRequest& request) override {
    OG_RETURN_IF_ERROR(Count(request.from));
    engine::Tag tag;
    tag.name = request.name;
    return tag;
  }
  Status DeleteTag(const engine::Caller&, std::string_view) override { return Count(""); }
  Result<engine::RevertAnswer> Revert(const engine::Caller&,
                                      const engine::RevertRequest& request) override {
    OG_RETURN_IF_ERROR(Count(request.branch));
    engine::RevertAnswer answer;
    answer.branch = request.branch;
    return answer;
  }

  Result<engine::DiffStats> Diff(const engine::Caller&,
                                 const engine::DiffRequest& request) override {
    OG_RETURN_IF_ERROR(Count(request.to));
    OG_RETURN_IF_ERROR(request.on_start({}));
    return engine::DiffStats();
  }
  Result<engine::CommitChangesAnswer> CommitChanges(
      const engine::Caller&, const engine::CommitChangesRequest& request) override {
    OG_RETURN_IF_ERROR(Count(""));
    engine::CommitChangesAnswer answer;
    answer.block.cause.graph_commit_id = request.commit_id;
    return answer;
  }
  Result<engine::ChangeFeedAnswer> PollChanges(const engine::Caller&,
                                               const engine::ChangeFeedRequest& request) override {
    OG_RETURN_IF_ERROR(Count(request.branch));
    engine::ChangeFeedAnswer answer;
    answer.cursor = "cursor";
    return answer;
  }
  Result<engine::BaselineAnswer> CaptureBaseline(const engine::Caller&,
                                                 const engine::BaselineRequest& request) override {
    OG_RETURN_IF_ERROR(Count(request.branch));
    OG_RETURN_IF_ERROR(request.on_start());
    OG_RETURN_IF_ERROR(request.write("{}\n"));
    return engine::BaselineAnswer();
  }

 private:
  static Status InTime(const engine::Caller& caller) {
    if (!caller.deadline.HasPassed()) return Status::Ok();
    return Status::Error(ErrorCode::kDeadlineExceeded, "the deadline passed");
  }

  Status Count(std::string_view branch) {
    ++calls_count_;
    const std::lock_guard lock(branch_mutex_);
    last_branch_ = branch;
    return failure_;
  }

  std::string incarnation_id_ = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
  std::atomic<int> calls_count_{0};
  std::mutex branch_mutex_;
  std::string last_branch_;  // Writes are guarded by branch_mutex_.
  Status failure_;
  std::function<void()> on_mutate_;
};

}  // namespace omnigraph::server::testing
