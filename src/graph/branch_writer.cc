// Implements graph/branch_writer.h.

#include "graph/branch_writer.h"

#include <algorithm>

#include "base/backoff.h"
#include "history/branch_name.h"

namespace omnigraph::graph {
namespace {

bool Contains(const std::vector<std::string>& sorted, const std::string& key) {
  return std::binary_search(sorted.begin(), sorted.end(), key);
}

// The tables, ascending, whose content differs between two commits of one branch.
std::vector<std::string> DifferingTables(const format::Commit& before,
                                         const format::Commit& after) {
  std::vector<std::string> keys;
  for (const format::TableState& state : after.tables) {
    const format::TableState* old = before.FindTable(state.table_key);
    if (old == nullptr || old->table_version != state.table_version ||
        old->branch != state.branch) {
      keys.push_back(state.table_key);
    }
  }
  return keys;
}

}  // namespace

BranchWriter::BranchWriter(std::string branch, history::CommitStore& commits,
                           std::shared_ptr<ObjectCache> cache, ThreadPool& pool)
    : branch_(std::move(branch)), commits_(commits), cache_(std::move(cache)), pool_(pool) {}

void BranchWriter::SetHead(history::BranchHead head, std::shared_ptr<const Snapshot> snapshot) {
  const std::lock_guard lock(head_mutex_);
  // Two readers may refresh at once; the older answer must not win.
  if (head_snapshot_ && head_snapshot_->commit().version > snapshot->commit().version &&
      head_snapshot_->commit().branch == snapshot->commit().branch) {
    return;
  }
  head_ = std::move(head);
  head_snapshot_ = std::move(snapshot);
}

Result<std::shared_ptr<const Snapshot>> BranchWriter::Head() {
  history::BranchHead head;
  std::shared_ptr<const Snapshot> snapshot;
  {
    const std::lock_guard lock(head_mutex_);
    head = head_;
    snapshot = head_snapshot_;
  }
  if (snapshot) {
    OG_ASSIGN_OR_RETURN(const bool is_current, commits_.IsCurrent(branch_, head));
    if (is_current) return snapshot;
  }
  return Refresh();
}

Result<std::shared_ptr<const Snapshot>> BranchWriter::Refresh() {
  OG_ASSIGN_OR_RETURN(history::BranchHead head, commits_.ReadHead(branch_));
  std::shared_ptr<const Snapshot> previous;
  {
    const std::lock_guard lock(head_mutex_);
    previous = head_snapshot_;
  }
  OG_ASSIGN_OR_RETURN(
      std::shared_ptr<const Snapshot> snapshot,
      Snapshot::Open(cache_, head.run, head.run->commits.size() - 1, previous.get()));
  const std::lock_guard lock(head_mutex_);
  head_ = std::move(head);
  head_snapshot_ = snapshot;
  return snapshot;
}

Result<std::optional<format::Commit>> BranchWriter::Write(WriteRequest request) {
  Ticket ticket;
  ticket.request = std::move(request);
  std::unique_lock lock(queue_mutex_);
  queue_.push_back(&ticket);
  while (!ticket.is_done) {
    if (has_leader_) {
      queue_changed_.wait(lock);
    } else {
      Lead(lock);
    }
  }
  lock.unlock();
  if (!ticket.status.ok()) return std::move(ticket.status);
  return std::move(ticket.commit);
}

// Takes what waits, publishes it, and hands leadership on: the own ticket is among what it took.
void BranchWriter::Lead(std::unique_lock<std::mutex>& lock) {
  has_leader_ = true;
  const std::size_t count = std::min(queue_.size(), kGroupMax);
  const std::vector<Ticket*> group(queue_.begin(),
                                   queue_.begin() + static_cast<std::ptrdiff_t>(count));
  queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(count));
  lock.unlock();
  Process(group);
  lock.lock();
  for (Ticket* ticket : group)
    ticket->is_done = true;
  has_leader_ = false;
  queue_changed_.notify_all();
}

void BranchWriter::Process(const std::vector<Ticket*>& group) {
  Backoff backoff(1000, 32'000);
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    if (Attempt(group)) return;
    backoff.Wait();
  }
  for (Ticket* ticket : group) {
    if (ticket->is_final) continue;
    ticket->status = Status::Error(
        ErrorCode::kConflict,
        "branch '" + branch_ + "' is under contention: " + std::to_string(kAttemptsMax) +
            " attempts to publish were overtaken; nothing changed, try again");
  }
}

// Plans a ticket on `base`; the snapshot with its commit, or `base` when there is none.
std::shared_ptr<const Snapshot> BranchWriter::PlanOne(Ticket& ticket,
                                                      std::shared_ptr<const Snapshot> base,
                                                      const std::string& write_id,
                                                      format::CommitRun* run) {
  ticket.commit.reset();
  ticket.footprint = {};
  if (ticket.request.deadline.HasPassed()) {
    ticket.status = Status::Error(ErrorCode::kDeadlineExceeded,
                                  "the deadline passed before the write was published; nothing "
                                  "changed");
    return base;
  }
  WorkingGraph working(base, &pool_);
  ticket.status = ticket.request.plan(working, &ticket.footprint);
  const bool wants_commit =
      working.has_changes() || working.is_merge() || ticket.request.commits_without_changes;
  if (!ticket.status.ok() || !wants_commit) return base;
  CommitHeader header;
  header.id = UlidGenerator::System().Next();
  header.write_id = write_id;
  if (branch_ != history::kMainBranch) header.branch = branch_;
  header.actor = ticket.request.actor;
  header.created_at_micros = Clock::System().NowMicros();
  header.operation = ticket.request.operation;
  auto next = working.Finish(header, run);
  if (!next.ok()) {
    ticket.status = std::move(next).status();
    return base;
  }
  ticket.commit = run->head();
  return *std::move(next);
}

bool BranchWriter::Attempt(const std::vector<Ticket*>& group) {
  const auto end_all = [&](const Status& status) {
    for (Ticket* ticket : group) {
      if (ticket->is_final) continue;
      ticket->status = status;
      ticket->commit.reset();
      ticket->is_final = true;
    }
    return true;
  };
  const Result<std::shared_ptr<const Snapshot>> base = Head();
  if (!base.ok()) return end_all(base.status());
  history::BranchHead expected;
  {
    const std::lock_guard lock(head_mutex_);
    expected = head_;
  }
  if (expected.run != (*base)->run()) return false;  // Overtaken by a reader's refresh.

  const std::string write_id = UlidGenerator::System().Next();
  format::CommitRun run;
  run.created_from = expected.run->created_from;
  std::shared_ptr<const Snapshot> at = *base;
  for (Ticket* ticket : group) {
    if (ticket->is_final) continue;
    // After a lost race: what was planned strictly on older content must not be planned anew.
    if (ticket->planned_on) RefuseOvertaken(*ticket, *ticket->planned_on, (*base)->commit());
    if (ticket->is_final) continue;
    if (!ticket->planned_on) ticket->planned_on = *base;
    const bool is_on_published = run.commits.empty();
    at = PlanOne(*ticket, at, write_id, &run);
    // An answer that rests on published state alone stands, whatever becomes of the others.
    if (!ticket->commit && is_on_published) ticket->is_final = true;
  }
  if (run.commits.empty()) return end_all(Status::Ok());

  Result<history::PublishOutcome> outcome = commits_.Publish(branch_, expected, run);
  if (!outcome.ok()) return end_all(outcome.status());
  if (!outcome->is_published) {
    (void)Refresh();  // The next attempt asks again and reports what is wrong.
    return false;
  }
  if (outcome->head.run->head().id == run.head().id) {
    outcome->head.run = at->run();  // The snapshot's own copy, so that both are one object.
    SetHead(std::move(outcome->head), at);
  }
  for (Ticket* ticket : group)
    ticket->is_final = true;
  return true;
}

void BranchWriter::RefuseOvertaken(Ticket& ticket, const Snapshot& before,
                                   const format::Commit& now) {
  if (before.commit().id == now.id || ticket.footprint.strict_tables.empty()) return;
  for (const std::string& key : DifferingTables(before.commit(), now)) {
    if (!Contains(ticket.footprint.strict_tables, key)) continue;
    const std::uint64_t expected = before.commit().FindTable(key)->table_version;
    const std::uint64_t actual = now.FindTable(key)->table_version;
    ticket.status =
        Status::StaleTable({key, expected, actual},
                           "stale view of '" + key + "': the write was planned on version " +
                               std::to_string(expected) + " and met version " +
                               std::to_string(actual) + "; nothing changed, refresh and retry");
    ticket.is_final = true;
    return;
  }
}

}  // namespace omnigraph::graph
