// One graph on a store, as its parts see it: snapshots to read, one writer per branch, branches and
// commits. Knows nothing of policy; the gate is `engine::Graph`.
//
// Thread safety: every method may be called from any thread at any time.

#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "base/thread_pool.h"
#include "graph/branch_writer.h"
#include "graph/snapshot.h"
#include "history/commit_store.h"
#include "store/object_store.h"

namespace omnigraph::graph {

class Repository {
 public:
  /// Claims the root, stores the schema, publishes the genesis commit.
  ///
  /// Errors: `kAlreadyExists` "already initialized" naming `uri`; `kInvalidArgument` with the
  /// schema's diagnostics and nothing written. With `is_forced`, a root that is claimed but holds
  /// no commit is completed. `actor` is recorded with the genesis commit.
  static Status Init(store::ObjectStore& store, std::string_view uri,
                     std::string_view schema_source, bool is_forced,
                     const std::optional<std::string>& actor = std::nullopt);

  /// Errors: `kNotFound` if there is no graph at `store`; `kPreconditionFailed` for a newer format.
  static Result<std::unique_ptr<Repository>> Open(std::shared_ptr<store::ObjectStore> store,
                                                  std::string_view uri);

  /// Plans `request` on the head of `from` and creates `name` with the commit as its head: one
  /// step, so that a write that fails leaves no branch. Errors: as `BranchWriter::Write`;
  /// `kAlreadyExists` if the branch came into being meanwhile.
  Result<format::Commit> WriteToNewBranch(std::string_view name, std::string_view from,
                                          const WriteRequest& request);

  const std::string& graph_id() const { return graph_id_; }
  history::CommitStore& commits() { return commits_; }
  ThreadPool& pool() { return pool_; }
  const std::shared_ptr<ObjectCache>& cache() { return cache_; }
  /// Lets go of the old commits that were read; their rows may be gone.
  void ForgetPast();

  /// The head of a branch as of some moment during the call. Errors: `kNotFound`.
  Result<std::shared_ptr<const Snapshot>> Head(std::string_view branch);

  /// One commit, with the schema of its time. Errors: `kNotFound`.
  Result<std::shared_ptr<const Snapshot>> AtCommit(std::string_view commit_id);

  /// The writer of a branch; it tells whether the branch exists when it is used.
  std::shared_ptr<BranchWriter> Writer(std::string_view branch);

 private:
  Repository(std::shared_ptr<store::ObjectStore> store, std::string graph_id);
  Status CheckHasRows(const format::Commit& commit);

  const std::string graph_id_;
  history::CommitStore commits_;
  const std::shared_ptr<ObjectCache> cache_;
  ThreadPool pool_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<BranchWriter>, std::less<>> writers_;  // Guarded by mutex_.
  // By commit and number of erasures. Guarded by mutex_.
  std::map<std::string, std::shared_ptr<const Snapshot>, std::less<>> past_;
};

}  // namespace omnigraph::graph
