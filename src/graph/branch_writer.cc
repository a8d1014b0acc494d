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

/// Writers that are slower than this do not need tails to be folded behind their replies.
constexpr std::int64_t kFoldedAgeMicrosMax = 10'000'000;
/// How long a writer lets another one go first.
constexpr std::int64_t kTurnWaitMicrosMax = 10'000'000;
/// How many heads may be published while the older ones wait to be filed.
constexpr std::size_t kHeadsUnfiledMax = 64;

Status PreparedTooLongAgo() {
  return Status::Error(
      ErrorCode::kUnavailable,
      "the write took so long that `cleanup` may have removed what it stored first "
      "(commit.prepared_age_max, " +
          std::to_string(kPreparedAgeMicrosMax / 3'600'000'000) +
          " h); nothing changed, try again");
}

Status StaleView(const std::string& key, const format::Commit& before, const format::Commit& now,
                 const std::string& text) {
  const format::TableState* const planned = before.FindTable(key);
  const format::TableState* const met = now.FindTable(key);
  const std::uint64_t expected = planned == nullptr ? 0 : planned->table_version;
  const std::uint64_t actual = met == nullptr ? 0 : met->table_version;
  return Status::StaleTable({key, expected, actual},
                            "stale view of '" + key + "': the write was planned on version " +
                                std::to_string(expected) + " and met version " +
                                std::to_string(actual) + text);
}

}  // namespace

Status RequireHead(std::string_view expected, std::string_view head, std::string_view branch) {
  if (expected.empty() || expected == head) return Status::Ok();
  return Status::UnexpectedHead({std::string(expected), std::string(head)},
                                "the head of branch '" + std::string(branch) + "' is commit '" +
                                    std::string(head) + "' and not the expected '" +
                                    std::string(expected) +
                                    "'; nothing changed, read the branch again before you decide");
}

BranchWriter::BranchWriter(std::string branch, history::CommitStore& commits,
                           std::shared_ptr<ObjectCache> cache, ThreadPool& pool,
                           Housekeeper& housekeeper)
    : branch_(std::move(branch)),
      commits_(commits),
      cache_(std::move(cache)),
      pool_(pool),
      housekeeper_(housekeeper) {}

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
  // Shared with the leader, which wakes it when it may be on its way out already.
  const auto ticket = std::make_shared<Ticket>();
  ticket->request = std::move(request);
  bool is_leader = false;
  {
    const std::lock_guard lock(queue_mutex_);
    queue_.push_back(ticket);
    is_leader = !std::exchange(has_leader_, true);
  }
  if (!is_leader) {
    ticket->turn.wait(Turn::kQueued);
    is_leader = ticket->turn.load() == Turn::kLead;
  }
  if (is_leader) Lead(*ticket);
  if (!ticket->status.ok()) return std::move(ticket->status);
  return std::move(ticket->commit);
}

// Takes what waits, its own ticket first, publishes it, and hands leadership on. Everybody is woken
// alone: dozens who all ask for one lock would cost more than the commit.
void BranchWriter::Lead(const Ticket& own) {
  std::vector<std::shared_ptr<Ticket>> taken;
  {
    const std::lock_guard lock(queue_mutex_);
    const auto end =
        queue_.begin() + static_cast<std::ptrdiff_t>(std::min(queue_.size(), kGroupMax));
    taken.assign(queue_.begin(), end);
    queue_.erase(queue_.begin(), end);
  }
  std::vector<Ticket*> group;
  for (const std::shared_ptr<Ticket>& ticket : taken)
    group.push_back(ticket.get());
  OG_CHECK(group.front() == &own);
  Process(group);
  std::shared_ptr<Ticket> next;
  {
    const std::lock_guard lock(queue_mutex_);
    has_leader_ = !queue_.empty();
    if (has_leader_) next = queue_.front();
  }
  if (next) Wake(*next, Turn::kLead);
  for (Ticket* const ticket : group) {
    if (ticket != &own) Wake(*ticket, Turn::kDone);
  }
}

void BranchWriter::Wake(Ticket& ticket, Turn turn) {
  ticket.turn.store(turn);
  ticket.turn.notify_one();
}

// Who has it was overtaken again and again, as we would be if we needed as long.
void BranchWriter::LetOthersGoFirst(const std::vector<Ticket*>& group) {
  const std::string name = format::RefKey(branch_);
  const std::int64_t end = Clock::System().NowMicros() + kTurnWaitMicrosMax;
  const auto is_late = [](const Ticket* ticket) { return ticket->request.deadline.HasPassed(); };
  Backoff backoff(1000, 8000);
  while (commits_.store().IsTurnTaken(format::kGraphMarkerKey, name)) {
    // It may be a process that was stopped: once is enough.
    if (is_out_of_patience_ || std::any_of(group.begin(), group.end(), is_late)) return;
    is_out_of_patience_ = Clock::System().NowMicros() > end;
    backoff.Wait();
  }
  is_out_of_patience_ = false;
}

// The branch's turn, after those who have it. Null if the store has no turns, or if waiting for it
// takes too long.
std::unique_ptr<store::Turn> BranchWriter::AwaitTurn(const std::vector<Ticket*>& group) {
  const std::string name = format::RefKey(branch_);
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    LetOthersGoFirst(group);
    std::unique_ptr<store::Turn> turn = commits_.store().TakeTurn(format::kGraphMarkerKey, name);
    if (turn || is_out_of_patience_) return turn;
  }
  return nullptr;
}

// Nobody can tell that a mutation began before: it reads all that it decides by once more. Other
// strict writes say what tables shall be, whatever came meanwhile, and stay bound to what they saw.
void BranchWriter::BeginAnew(const std::vector<Ticket*>& group) {
  for (Ticket* const ticket : group) {
    if (ticket->request.operation == format::Operation::kMutate) ticket->planned_on.reset();
  }
}

void BranchWriter::Process(const std::vector<Ticket*>& group) {
  const auto is_strict = [](const Ticket* ticket) {
    return !ticket->is_final && !ticket->footprint.strict_tables.empty();
  };
  LetOthersGoFirst(group);
  std::unique_ptr<store::Turn> turn;
  Backoff backoff(1000, 32'000);
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    const bool wants_turn = attempt >= kAttemptsBeforeTurn ||
                            (attempt > 0 && std::any_of(group.begin(), group.end(), is_strict));
    if (wants_turn && !turn) turn = AwaitTurn(group);
    if (turn && attempt < kBeginningsMax) BeginAnew(group);
    if (Attempt(group)) return;
    if (!turn) backoff.Wait();
  }
  for (Ticket* ticket : group) {
    if (ticket->is_final) continue;
    ticket->status = Contention(*ticket);
    ticket->commit.reset();
  }
}

// Names the first table that was overtaken, if the branch can still be read.
Status BranchWriter::Contention(const Ticket& ticket) {
  const std::string text = "branch '" + branch_ +
                           "' is under contention: " + std::to_string(kAttemptsMax) +
                           " attempts to publish were overtaken; nothing changed, try again";
  const auto head = Head();
  if (head.ok() && ticket.planned_on) {
    const format::Commit& before = ticket.planned_on->commit();
    const format::Commit& now = (*head)->commit();
    for (const std::string& key : DifferingTables(before, now)) {
      if (Contains(ticket.footprint.tables, key)) return StaleView(key, before, now, "; " + text);
    }
  }
  return Status::Error(ErrorCode::kConflict, text);
}

Result<std::optional<format::Commit>> BranchWriter::FindMade(const RequestKey& key) {
  OG_ASSIGN_OR_RETURN(const std::shared_ptr<const Snapshot> head, Head());
  return FindMade(key, *head->run());
}

Result<std::optional<format::Commit>> BranchWriter::FindMade(const RequestKey& key,
                                                             const format::CommitRun& run) {
  OG_ASSIGN_OR_RETURN(const std::optional<std::string> id,
                      commits_.receipts().Find(run.receipts, key.key));
  if (!id) return std::optional<format::Commit>();
  std::optional<format::Commit> made;
  for (const format::Commit& commit : run.commits) {
    if (commit.id == *id) made = commit;
  }
  if (!made) {
    OG_ASSIGN_OR_RETURN(const history::StoredCommit stored, commits_.FindCommit(*id, branch_));
    made = stored.commit();
  }
  if (!made->receipt || made->receipt->request != key.request) {
    return Status::Error(ErrorCode::kConflict,
                         "the idempotency key was used before, for another request: it made "
                         "commit '" +
                             *id + "' on branch '" + branch_ +
                             "'; nothing changed, use a key of its own for every request");
  }
  return made;
}

// What has to hold before a write is planned on `base`, the last commit of `run` if there is one.
Status BranchWriter::CheckBefore(Ticket& ticket, const Snapshot& base,
                                 const format::CommitRun& run) {
  const WriteRequest& request = ticket.request;
  if (request.deadline.HasPassed()) {
    return Status::Error(ErrorCode::kDeadlineExceeded,
                         "the deadline passed before the write was published; nothing changed");
  }
  if (request.key) {
    OG_ASSIGN_OR_RETURN(ticket.commit, FindMade(*request.key, run));
    ticket.is_replayed = ticket.commit.has_value();
    if (ticket.is_replayed) return request.replay(*ticket.commit);
  }
  return RequireHead(request.expected_commit, base.commit().id, branch_);
}

// Plans a ticket on `base`; the snapshot with its commit, or `base` when there is none.
std::shared_ptr<const Snapshot> BranchWriter::PlanOne(Ticket& ticket,
                                                      std::shared_ptr<const Snapshot> base,
                                                      const std::string& write_id,
                                                      const RunInTheMaking& run) {
  ticket.commit.reset();
  ticket.is_replayed = false;
  ticket.footprint = {};
  ticket.status = CheckBefore(ticket, *base, *run);
  if (!ticket.status.ok() || ticket.is_replayed) return base;
  const std::int64_t now_micros = Clock::System().NowMicros();
  ticket.prepared_at_micros = ticket.request.prepared_at_micros.value_or(now_micros);
  WorkingGraph working(base, &pool_);
  ticket.status = TakeOverTails(ticket.request.operation, working);
  if (!ticket.status.ok()) return base;
  ticket.status = ticket.request.plan(working, &ticket.footprint);
  const bool wants_commit =
      working.has_changes() || working.is_merge() || ticket.request.commits_without_changes;
  if (!ticket.status.ok()) working.writer().Discard();
  if (!ticket.status.ok() || !wants_commit) return base;
  CommitHeader header;
  header.id = UlidGenerator::System().Next();
  header.write_id = write_id;
  if (branch_ != history::kMainBranch) header.branch = branch_;
  header.branch_incarnation = run->branch_incarnation;
  header.actor = ticket.request.actor;
  header.created_at_micros = now_micros;
  header.operation = ticket.request.operation;
  if (const std::optional<RequestKey>& key = ticket.request.key) {
    header.receipt = format::Receipt{key->key, key->request, ticket.request.answer()};
    ticket.status = commits_.receipts().Add(&run->receipts, key->key, header.id, now_micros);
    if (!ticket.status.ok()) return base;
  }
  auto next = working.Finish(header, run);
  if (!next.ok()) {
    if (ticket.request.key) run->receipts.recent.pop_back();
    ticket.status = std::move(next).status();
    working.writer().Discard();
    return base;
  }
  ticket.commit = run->head();
  return *std::move(next);
}

// Ends the tickets whose commits rest on objects that may be gone. Whether there were any.
bool BranchWriter::RefuseOldObjects(const std::vector<Ticket*>& group) {
  const std::int64_t oldest = Clock::System().NowMicros() - kPreparedAgeMicrosMax;
  bool is_any = false;
  for (Ticket* ticket : group) {
    if (ticket->is_final || !ticket->commit || ticket->is_replayed) continue;
    if (ticket->prepared_at_micros >= oldest) continue;
    ticket->status = PreparedTooLongAgo();
    ticket->commit.reset();
    ticket->is_final = true;
    is_any = true;
  }
  return is_any;
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
  const auto run = std::make_shared<format::CommitRun>();
  run->created_from = expected.run->created_from;
  run->receipts = expected.run->receipts;
  run->branch_incarnation = expected.run->branch_incarnation;
  run->commits.reserve(group.size());
  std::shared_ptr<const Snapshot> at = *base;
  for (Ticket* ticket : group) {
    if (ticket->is_final) continue;
    // After a lost race: what was planned strictly on older content must not be planned anew.
    if (ticket->planned_on) RefuseOvertaken(*ticket, *ticket->planned_on, (*base)->commit());
    if (ticket->is_final) continue;
    if (!ticket->planned_on) ticket->planned_on = *base;
    const bool is_on_published = run->commits.empty();
    at = PlanOne(*ticket, at, write_id, run);
    // An answer that rests on published state alone stands, whatever becomes of the others.
    if ((!ticket->commit || ticket->is_replayed) && is_on_published) ticket->is_final = true;
  }
  if (run->commits.empty()) return end_all(Status::Ok());
  if (RefuseOldObjects(group)) return false;

  Result<history::PublishOutcome> outcome = commits_.Publish(branch_, expected, run);
  if (!outcome.ok()) return end_all(outcome.status());
  if (!outcome->is_published) {
    (void)Refresh();  // The next attempt asks again and reports what is wrong.
    return false;
  }
  FileBehind(outcome->wants_filing);
  if (outcome->head.run->head().id == run->head().id) {
    outcome->head.run = at->run();  // The snapshot's own, so that both are one object.
    SetHead(std::move(outcome->head), at);
    FoldBehind(*at);
  }
  for (Ticket* ticket : group)
    ticket->is_final = true;
  return true;
}

// Has old heads filed, and waits if that falls too far behind: then nobody gains by going on.
void BranchWriter::FileBehind(bool wants_filing) {
  const std::string name = "file " + branch_;
  if (!wants_filing) {
    heads_unfiled_ = 0;
    return;
  }
  if (++heads_unfiled_ > kHeadsUnfiledMax) {
    housekeeper_.WaitFor(name);
    heads_unfiled_ = 0;
  }
  // This writer may be gone by the time that it runs, the commit store is not.
  housekeeper_.Submit(
      name, [&commits = commits_, branch = branch_] { (void)commits.FileOldHeads(branch); });
}

// A process that writes once leaves the tail to the commit itself.
void BranchWriter::FoldBehind(const Snapshot& published) {
  if (!std::exchange(has_published_, true) || TailBytes(published) <= kTailBytesMax) return;
  housekeeper_.Submit("fold " + branch_, [self = shared_from_this()] { self->FoldTail(); });
}

void BranchWriter::FoldTail() {
  std::shared_ptr<const Snapshot> snapshot;
  {
    const std::lock_guard lock(head_mutex_);
    snapshot = head_snapshot_;
  }
  if (!snapshot || TailBytes(*snapshot) <= kTailBytesMax) return;
  auto folded = FoldTails(*snapshot, &pool_);
  if (!folded.ok()) return;  // Then the tail grows until a commit moves it, and says what is wrong.
  const std::lock_guard lock(head_mutex_);
  folded_ = std::make_shared<const std::vector<FoldedTail>>(*std::move(folded));
  folded_at_micros_ = Clock::System().NowMicros();
}

// Only writes of rows: others look at the tables as they are stored.
Status BranchWriter::TakeOverTails(format::Operation operation, WorkingGraph& working) {
  if (operation != format::Operation::kMutate && operation != format::Operation::kLoad) {
    return Status::Ok();
  }
  std::shared_ptr<const std::vector<FoldedTail>> folded;
  bool is_old = false;
  {
    const std::lock_guard lock(head_mutex_);
    folded = folded_;
    is_old = Clock::System().NowMicros() - folded_at_micros_ > kFoldedAgeMicrosMax;
  }
  const bool fits = folded && Fits(*folded, working.base());
  const bool is_usable = fits && !is_old && AreStored(*folded, *cache_->store());
  if (folded && !is_usable) {
    const std::lock_guard lock(head_mutex_);
    if (folded_ == folded) folded_.reset();
  }
  if (fits && !is_usable) return Status::Ok();  // This commit moves the tail itself.
  if (has_published_) working.LeaveTail();
  return is_usable ? TakeOver(*folded, working) : Status::Ok();
}

void BranchWriter::RefuseOvertaken(Ticket& ticket, const Snapshot& before,
                                   const format::Commit& now) {
  if (before.commit().id == now.id || ticket.footprint.strict_tables.empty()) return;
  for (const std::string& key : DifferingTables(before.commit(), now)) {
    if (!Contains(ticket.footprint.strict_tables, key)) continue;
    ticket.status = StaleView(key, before.commit(), now, "; nothing changed, refresh and retry");
    ticket.is_final = true;
    return;
  }
}

}  // namespace omnigraph::graph
