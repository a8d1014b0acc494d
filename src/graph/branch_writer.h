// Publishes the writes of one process to one branch: writers queue, and whoever comes first
// publishes everything that waits with one compare-and-swap (group commit, DeWitt et al. 1984),
// each write as a commit of its own.

#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "base/thread_pool.h"
#include "format/records.h"
#include "graph/snapshot.h"
#include "graph/working_graph.h"
#include "history/commit_store.h"

namespace omnigraph::graph {

/// What a planner read and how it takes a lost race.
struct Footprint {
  /// Table keys, ascending and distinct: written, or read to decide what to write.
  std::vector<std::string> tables;
  /// Those of `tables` of which no newer version may have been published meanwhile: the write is
  /// then refused instead of planned anew.
  std::vector<std::string> strict_tables;
};

/// One write. `plan` may be called several times, each time with a fresh `working`, from the thread
/// of any writer, one at a time.
struct WriteRequest {
  std::function<Status(WorkingGraph& working, Footprint* footprint)> plan;
  format::Operation operation = format::Operation::kMutate;
  std::optional<std::string> actor;
  /// A load is a commit even if it changes nothing.
  bool commits_without_changes = false;
  Deadline deadline;
};

class BranchWriter {
 public:
  /// `branch` as in a ref. All references outlive the writer.
  BranchWriter(std::string branch, history::CommitStore& commits,
               std::shared_ptr<ObjectCache> cache, ThreadPool& pool);

  /// The snapshot of the branch's head, read anew if somebody else moved it.
  Result<std::shared_ptr<const Snapshot>> Head();

  /// Plans and publishes. Gives the commit, or none when the plan changed nothing.
  ///
  /// Errors: those of `plan`, with nothing changed; `kConflict` with the overtaken table;
  /// `kConflict` after `kAttemptsMax` lost races; `kUnavailable` as of `CommitStore::Publish`.
  Result<std::optional<format::Commit>> Write(WriteRequest request);

 private:
  static constexpr int kAttemptsMax = 64;
  static constexpr std::size_t kGroupMax = 256;

  struct Ticket {
    WriteRequest request;
    Footprint footprint;
    std::shared_ptr<const Snapshot> planned_on;  // What its first plan read.
    std::optional<format::Commit> commit;
    Status status;
    bool is_final = false;  // Its status will not change any more.
    bool is_done = false;   // Guarded by queue_mutex_.
  };

  void Lead(std::unique_lock<std::mutex>& lock);
  void Process(const std::vector<Ticket*>& group);
  /// One attempt for all tickets that are not final. True when all are.
  bool Attempt(const std::vector<Ticket*>& group);
  std::shared_ptr<const Snapshot> PlanOne(Ticket& ticket, std::shared_ptr<const Snapshot> base,
                                          const std::string& write_id, format::CommitRun* run);
  void RefuseOvertaken(Ticket& ticket, const Snapshot& before, const format::Commit& now);
  Result<std::shared_ptr<const Snapshot>> Refresh();
  void SetHead(history::BranchHead head, std::shared_ptr<const Snapshot> snapshot);

  const std::string branch_;
  history::CommitStore& commits_;
  const std::shared_ptr<ObjectCache> cache_;
  ThreadPool& pool_;

  std::mutex head_mutex_;
  history::BranchHead head_;                       // Guarded by head_mutex_.
  std::shared_ptr<const Snapshot> head_snapshot_;  // Guarded by head_mutex_.

  std::mutex queue_mutex_;
  std::condition_variable queue_changed_;
  std::vector<Ticket*> queue_;  // Guarded by queue_mutex_.
  bool has_leader_ = false;     // Guarded by queue_mutex_.
};

}  // namespace omnigraph::graph
