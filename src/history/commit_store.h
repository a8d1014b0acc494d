// The commit graph on a store: heads of branches, old commits, and the one place where a commit
// becomes visible.
//
// A ref holds its whole head (a run of commits that were published together). What it held before
// stands in objects under `commits/`, one name per commit; a directory store keeps the latest of
// them inside the ref's file until `Publish` files them, so that a commit costs one append.
//
// Thread safety: every method may be called from any thread at any time.

#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/status.h"
#include "format/records.h"
#include "history/receipts.h"
#include "store/object_store.h"

namespace omnigraph::history {

/// What a ref held when it was read.
struct BranchHead {
  std::shared_ptr<const format::CommitRun> run;
  store::ObjectVersion version;
  const format::Commit& commit() const { return run->head(); }
};

/// One commit and the run in which it is stored.
struct StoredCommit {
  std::shared_ptr<const format::CommitRun> run;
  std::size_t index = 0;
  const format::Commit& commit() const { return run->commits[index]; }
};

struct PublishOutcome {
  bool is_published = false;
  /// The branch's head now: our own, one on top of ours, or the one that overtook us.
  BranchHead head;
  /// The ref holds more old heads than it should: `FileOldHeads` is due, some time.
  bool wants_filing = false;
};

class CommitStore {
 public:
  explicit CommitStore(std::shared_ptr<store::ObjectStore> store)
      : store_(std::move(store)), receipts_(store_) {}

  store::ObjectStore& store() { return *store_; }
  ReceiptBook& receipts() { return receipts_; }

  /// Errors: `kNotFound` "branch 'x' not found"; `kUnavailable`; `kCorruption`.
  Result<BranchHead> ReadHead(std::string_view branch);

  /// Whether the branch still is where `head` says, without reading the value where possible.
  Result<bool> IsCurrent(std::string_view branch, const BranchHead& head);

  /// Publishes `next`, whose first commit's parent is the head of `expected`, if the branch is
  /// still at `expected`.
  ///
  /// This is the only place where a write becomes visible. Before it, everything that `next` refers
  /// to has been written; after it nothing fails any more. Every reply of the store but success is
  /// settled by reading: our write id at the head or among its ancestors means that we won.
  ///
  /// Errors: `kNotFound` if the branch is gone; `kUnavailable` if the outcome could not be learnt
  /// ("may have been applied"), or with nothing changed when the store failed before the swap.
  Result<PublishOutcome> Publish(std::string_view branch, const BranchHead& expected,
                                 std::shared_ptr<const format::CommitRun> next);
  Result<PublishOutcome> Publish(std::string_view branch, const BranchHead& expected,
                                 const format::CommitRun& next) {
    return Publish(branch, expected, std::make_shared<const format::CommitRun>(next));
  }

  /// Creates the ref of a graph's first branch. Errors: `kAlreadyExists`; `kUnavailable`.
  Status CreateRoot(std::string_view branch, const format::CommitRun& genesis);

  /// Creates a branch at `head`. Errors: `kAlreadyExists` "branch 'x' already exists".
  Status CreateBranch(std::string_view name, std::string_view from, const BranchHead& head);

  /// Creates a branch whose head is a commit on top of `base`, the head of `from`. The commit has
  /// the incarnation of `run`.
  /// Errors: as of `CreateBranch`.
  Status CreateBranchWithCommit(std::string_view name, std::string_view from,
                                const BranchHead& base, format::CommitRun run);

  /// Creates a branch whose head is a commit of the past, with all its tables. It depends on no
  /// branch. Errors: as of `CreateBranch`.
  Status CreateBranchAt(std::string_view name, const StoredCommit& commit);

  /// Makes a commit readable under `commits/`, whatever becomes of the refs that hold it.
  Status FileCommit(const StoredCommit& commit);

  /// Puts the head of a branch under `commits/`, so that another branch's commit may name it
  /// whatever becomes of its ref.
  Status FileHead(std::string_view branch, const format::CommitRun& head);

  /// Puts older heads that only the ref's file holds under `commits/`, and has the store drop them
  /// there. Derived work: nothing is lost if it fails or never runs. Errors: as of the store.
  Status FileOldHeads(std::string_view branch) { return FileRecent(branch, false); }

  /// The runs that `FileOldHeads` would put under `commits/`.
  Result<std::vector<std::shared_ptr<const format::CommitRun>>> JoinOldHeads(
      std::string_view branch);

  /// Puts `run` in place of what is stored under the names of its commits: the same commits, some
  /// without their tables. Errors: as of the store; some names may be replaced then.
  Status ReplaceRun(format::CommitRun run);

  /// Removes a branch after putting what only its ref holds under `commits/`.
  /// Errors: `kNotFound`; `kConflict` if it moved meanwhile many times, or if `expected_head` is
  /// not empty and not its head.
  Status DeleteBranch(std::string_view name, std::string_view expected_head = {});

  /// All branches in byte order. Cost: one listing of `refs/`.
  Result<std::vector<std::string>> ListBranches();

  /// The commit with that id. `near` names a branch on which it is probably found; may be empty.
  /// Errors: `kNotFound` "commit 'x' not found".
  Result<StoredCommit> FindCommit(std::string_view id, std::string_view near);

  /// A commit that another commit or a ref names. Errors: as `FindCommit`, but a missing one is
  /// `kCorruption` that names its object.
  Result<StoredCommit> FindAncestor(std::string_view id, std::string_view near);

  /// As `FindCommit`, but what was read before does not count. For records that `Cleanup` of
  /// another process may have written anew.
  Result<StoredCommit> ReadCommitAnew(std::string_view id, std::string_view near);

  /// Whether one of `heads` is the commit or descends from it. Cost: a read of every commit that is
  /// not older than it.
  Result<bool> LeadsTo(const std::vector<StoredCommit>& heads, const format::Commit& commit);

  /// The commits from `head` along first parents, newest first, until `count_max` (0 = all).
  Result<std::vector<format::Commit>> FirstParents(const BranchHead& head, std::uint64_t count_max);

 private:
  using RunPtr = std::shared_ptr<const format::CommitRun>;

  Result<RunPtr> LoadRun(std::string_view id, std::string_view near);
  Result<RunPtr> ReadRun(std::string_view id);
  Result<RunPtr> SearchRef(std::string_view branch, std::string_view id);
  Result<bool> IsAncestor(const BranchHead& head, const format::CommitRun& run);
  Result<std::optional<PublishOutcome>> Settle(std::string_view branch, const BranchHead& expected,
                                               const format::CommitRun& next);
  Result<format::CommitRun> Join(const std::string& key, std::span<const store::Object> values);
  Status FileRecent(std::string_view branch, bool includes_present);
  Result<store::SwapResult> TryDelete(std::string_view name, std::string_view expected_head,
                                      std::optional<std::string>* incarnation);
  void Remember(const RunPtr& run);
  void RememberPublished(const std::string& key, const store::ObjectVersion& version, RunPtr run);
  Result<RunPtr> RunOf(const store::Object& object, const std::string& key);
  Status SyncBase(const std::string& key, const store::ObjectVersion& version);
  Status CreateRef(std::string_view name, std::string_view from, const BranchHead* base,
                   format::CommitRun run);
  Status FileRun(const format::CommitRun& run);

  const std::shared_ptr<store::ObjectStore> store_;
  ReceiptBook receipts_;

  struct RememberedRun {
    RunPtr run;
    std::size_t size_bytes;
  };

  // Decoded runs by the ids of their commits; those remembered first go first.
  std::mutex mutex_;
  std::unordered_map<std::string, RunPtr> runs_;  // Guarded by mutex_.
  std::deque<RememberedRun> remembered_;          // Guarded by mutex_.
  std::size_t remembered_bytes_ = 0;              // Guarded by mutex_.
  // What this process published and has not filed yet, by key and version. Guarded by mutex_.
  std::map<std::pair<std::string, std::string>, RunPtr> published_;
  // The keys of the latest of them, oldest first; some are filed already. Guarded by mutex_.
  std::deque<std::pair<std::string, std::string>> published_last_;
};

/// Largest commit container that is read (limit `history.commit_bytes_max`).
inline constexpr std::uint64_t kCommitBytesMax = std::uint64_t{256} << 20;

}  // namespace omnigraph::history
