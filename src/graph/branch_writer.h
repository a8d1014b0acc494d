// Publishes the writes of one process to one branch: writers queue, and whoever comes first
// publishes everything that waits with one compare-and-swap (group commit, DeWitt et al. 1984),
// each write as a commit of its own.

#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "base/thread_pool.h"
#include "format/records.h"
#include "graph/folded_tail.h"
#include "graph/housekeeper.h"
#include "graph/snapshot.h"
#include "graph/working_graph.h"
#include "history/commit_store.h"

namespace omnigraph::graph {

/// What a planner read and how it takes a lost race.
struct Footprint {
  /// Table keys, ascending and distinct: written, or read to decide what to write.
  std::vector<std::string> tables;
  /// Those of `tables` of which no newer version may have been published meanwhile: the write is
  /// then refused instead of planned anew. A mutation begins anew instead where it gets the turn.
  std::vector<std::string> strict_tables;
};

/// What makes a request one of its kind: it takes effect at most once.
struct RequestKey {
  std::string key;      ///< As `format::Receipt::key`.
  std::string request;  ///< As `format::Receipt::request`.
};

/// One write. `plan` and `replay` may be called several times, each time with a fresh `working`,
/// from the thread of any writer, one at a time; the last call counts.
struct WriteRequest {
  std::function<Status(WorkingGraph& working, Footprint* footprint)> plan;
  /// If set, a commit that was made for the key before is given to `replay` in place of `plan`, and
  /// a new one keeps what `answer` says after `plan`.
  std::optional<RequestKey> key{};
  std::function<Status(const format::Commit& made)> replay{};
  std::function<std::string()> answer{};
  /// Must be the head that the commit stands on; empty for any.
  std::string expected_commit{};
  /// When the first object was written that `plan` refers to, if that was before `plan`.
  std::optional<std::int64_t> prepared_at_micros{};
  format::Operation operation = format::Operation::kMutate;
  std::optional<std::string> actor;
  /// A load is a commit even if it changes nothing.
  bool commits_without_changes = false;
  Deadline deadline;
};

/// Objects that are older than this when their commit is published may have been cleaned up: half
/// of the default grace of `Cleanup` (limit `commit.prepared_age_max`).
inline constexpr std::int64_t kPreparedAgeMicrosMax = std::int64_t{12} * 3600 * 1'000'000;

/// Errors: `kPreconditionFailed` with both commits if `expected` is not empty and not `head`.
Status RequireHead(std::string_view expected, std::string_view head, std::string_view branch);

class BranchWriter : public std::enable_shared_from_this<BranchWriter> {
 public:
  /// `branch` as in a ref. All references outlive the writer.
  BranchWriter(std::string branch, history::CommitStore& commits,
               std::shared_ptr<ObjectCache> cache, ThreadPool& pool, Housekeeper& housekeeper);

  /// The snapshot of the branch's head, read anew if somebody else moved it.
  Result<std::shared_ptr<const Snapshot>> Head();

  /// Plans and publishes. Gives the commit, or none when the plan changed nothing.
  ///
  /// Errors: those of `plan`, with nothing changed; `kConflict` with the overtaken table;
  /// `kConflict` after `kAttemptsMax` lost races; `kConflict` if the key belongs to another
  /// request; `kPreconditionFailed` for `expected_commit`; `kUnavailable` as of
  /// `CommitStore::Publish`.
  Result<std::optional<format::Commit>> Write(WriteRequest request);

  /// The commit that a request with this key made on the branch. Errors: `kConflict` if that was
  /// another request; as of `Head`.
  Result<std::optional<format::Commit>> FindMade(const RequestKey& key);

 private:
  static constexpr int kAttemptsMax = 64;
  static constexpr std::size_t kGroupMax = 256;
  /// Lost races after which a writer takes the branch's turn.
  static constexpr int kAttemptsBeforeTurn = 3;
  /// How often a strict mutation begins anew: others may have begun to publish before its turn.
  static constexpr int kBeginningsMax = 8;

  using RunInTheMaking = std::shared_ptr<format::CommitRun>;
  enum class Turn : int { kQueued, kLead, kDone };

  struct Ticket {
    WriteRequest request;
    Footprint footprint;
    std::shared_ptr<const Snapshot> planned_on;  // What its first plan read.
    std::optional<format::Commit> commit;
    std::int64_t prepared_at_micros = 0;
    bool is_replayed = false;  // `commit` was there before.
    Status status;
    bool is_final = false;  // Its status will not change any more.
    std::atomic<Turn> turn{Turn::kQueued};
  };

  void Lead(const Ticket& own);
  static void Wake(Ticket& ticket, Turn turn);
  void Process(const std::vector<Ticket*>& group);
  /// Waits while somebody has the branch's turn, but not for ever.
  void LetOthersGoFirst(const std::vector<Ticket*>& group);
  std::unique_ptr<store::Turn> AwaitTurn(const std::vector<Ticket*>& group);
  static void BeginAnew(const std::vector<Ticket*>& group);
  /// One attempt for all tickets that are not final. True when all are.
  bool Attempt(const std::vector<Ticket*>& group);
  std::shared_ptr<const Snapshot> PlanOne(Ticket& ticket, std::shared_ptr<const Snapshot> base,
                                          const std::string& write_id, const RunInTheMaking& run);
  Status CheckBefore(Ticket& ticket, const Snapshot& base, const format::CommitRun& run);
  Result<std::optional<format::Commit>> FindMade(const RequestKey& key,
                                                 const format::CommitRun& run);
  void RefuseOvertaken(Ticket& ticket, const Snapshot& before, const format::Commit& now);
  Status Contention(const Ticket& ticket);
  static bool RefuseOldObjects(const std::vector<Ticket*>& group);
  Result<std::shared_ptr<const Snapshot>> Refresh();
  void FileBehind(bool wants_filing);
  void FoldBehind(const Snapshot& published);
  void FoldTail();
  Status TakeOverTails(format::Operation operation, WorkingGraph& working);
  void SetHead(history::BranchHead head, std::shared_ptr<const Snapshot> snapshot);

  const std::string branch_;
  history::CommitStore& commits_;
  const std::shared_ptr<ObjectCache> cache_;
  ThreadPool& pool_;
  Housekeeper& housekeeper_;

  std::mutex head_mutex_;
  history::BranchHead head_;                       // Guarded by head_mutex_.
  std::shared_ptr<const Snapshot> head_snapshot_;  // Guarded by head_mutex_.
  // For the next commits to take over; may be null. Guarded by head_mutex_.
  std::shared_ptr<const std::vector<FoldedTail>> folded_;
  std::int64_t folded_at_micros_ = 0;  // Guarded by head_mutex_.
  bool has_published_ = false;         // Of the leader.
  bool is_out_of_patience_ = false;    // Of the leader: with the one who has the turn.
  std::size_t heads_unfiled_ = 0;      // Of the leader: while filing was due.

  std::mutex queue_mutex_;
  std::deque<std::shared_ptr<Ticket>> queue_;  // Guarded by queue_mutex_.
  bool has_leader_ = false;                    // Guarded by queue_mutex_.
};

}  // namespace omnigraph::graph
