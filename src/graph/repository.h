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
#include <unordered_set>

#include "base/status.h"
#include "base/thread_pool.h"
#include "graph/branch_writer.h"
#include "graph/housekeeper.h"
#include "graph/snapshot.h"
#include "history/commit_store.h"
#include "history/lease.h"
#include "store/object_store.h"

namespace omnigraph::graph {

/// A commit whose rows stay as long as this lives.
struct HeldCommit {
  history::CommitLease lease;
  history::StoredCommit stored;
};

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
  /// What is done behind the replies; closing the repository finishes it.
  Housekeeper& housekeeper() { return housekeeper_; }
  const std::shared_ptr<ObjectCache>& cache() { return cache_; }
  /// Lets go of the old commits that were read; their rows may be gone.
  void ForgetPast();

  /// The head of a branch as of some moment during the call. Errors: `kNotFound`.
  Result<std::shared_ptr<const Snapshot>> Head(std::string_view branch);

  /// A commit that some branch or tag leads to. `name` is its id or a tag. Errors: `kNotFound`.
  ///
  /// Cost: nothing beyond reading its record while the branch on which it was published is there;
  /// else every record that is not older is read, once per process if `main` leads to it.
  Result<history::StoredCommit> FindCommit(std::string_view name);

  /// As `FindCommit`, for who is about to make a ref that needs its rows (history/lease.h).
  /// Errors: `kNotFound` also if the rows are gone.
  Result<HeldCommit> HoldCommit(std::string_view name);

  /// One commit, with the schema of its time; `name` as of `FindCommit`. Errors: `kNotFound`.
  Result<std::shared_ptr<const Snapshot>> AtCommit(std::string_view name);

  /// The writer of a branch; it tells whether the branch exists when it is used.
  std::shared_ptr<BranchWriter> Writer(std::string_view branch);

 private:
  Repository(std::shared_ptr<store::ObjectStore> store, std::string graph_id);
  Status CheckHasRows(const format::Commit& commit);
  Result<bool> IsVisible(const history::StoredCommit& stored);
  Result<std::vector<history::StoredCommit>> RefsBeyondMain();

  const std::string graph_id_;
  history::CommitStore commits_;
  const std::shared_ptr<ObjectCache> cache_;
  ThreadPool pool_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<BranchWriter>, std::less<>> writers_;  // Guarded by mutex_.
  // By commit and number of erasures. Guarded by mutex_.
  std::map<std::string, std::shared_ptr<const Snapshot>, std::less<>> past_;
  // Commits of branches that are gone, to which main leads: for ever. Guarded by mutex_.
  std::unordered_set<std::string> main_leads_to_;
  Housekeeper housekeeper_;  // Last: its tasks use the rest.
};

}  // namespace omnigraph::graph
