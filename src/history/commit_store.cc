// Implements history/commit_store.h.

#include "history/commit_store.h"

#include <algorithm>
#include <unordered_set>

#include "base/backoff.h"
#include "base/clock.h"
#include "base/strings.h"
#include "history/branch_name.h"
#include "store/damage.h"

namespace omnigraph::history {
namespace {

/// What decoded runs may take together, about.
constexpr std::size_t kRememberedBytesMax = std::size_t{64} << 20;
/// How many values of a ref are decoded with one that was looked for: whoever walks a history asks
/// for those next, and must not read the ref's file for each.
constexpr std::size_t kValuesReadAheadMax = 64;
/// Values of a ref that are filed together, by their bytes; far below `kCommitBytesMax`, so that
/// the object can be read whatever grew.
constexpr std::size_t kFiledBytesMax = std::size_t{8} << 20;
/// More than a ref's file holds before its heads are filed.
constexpr std::size_t kPublishedRememberedMax = 256;
constexpr int kSettleAttemptsMax = 8;
constexpr int kDeleteAttemptsMax = 16;

Status BranchNotFound(std::string_view branch) {
  if (branch == kMainBranch) {
    return Status::Error(ErrorCode::kNotFound,
                         "branch 'main' not found: the graph is half-created (complete it with "
                         "`omnigraph init --force`), or object 'refs/main' was deleted: restore it "
                         "from a copy");
  }
  return Status::Error(ErrorCode::kNotFound, "branch '" + std::string(branch) +
                                                 "' not found; `omnigraph branch list` shows all");
}

Status CommitNotFound(std::string_view id) {
  return Status::Error(ErrorCode::kNotFound, "commit '" + Abbreviate(id) +
                                                 "' not found; `omnigraph commit list` shows those"
                                                 " of a branch");
}

bool Holds(const format::CommitRun& run, std::string_view write_id) {
  return std::any_of(run.commits.begin(), run.commits.end(),
                     [&](const format::Commit& commit) { return commit.write_id == write_id; });
}

std::optional<std::size_t> IndexOf(const format::CommitRun& run, std::string_view id) {
  for (std::size_t i = 0; i < run.commits.size(); ++i) {
    if (run.commits[i].id == id) return i;
  }
  return std::nullopt;
}

Result<std::shared_ptr<const format::CommitRun>> Decode(std::string_view bytes,
                                                        std::string_view key) {
  OG_ASSIGN_OR_RETURN(format::CommitRun run, format::DecodeCommitRun(bytes, key));
  return std::make_shared<const format::CommitRun>(std::move(run));
}

// About what a decoded run takes in memory.
std::size_t MemoryBytesOf(const format::CommitRun& run) {
  constexpr std::size_t kCommitBytes = 1024;
  constexpr std::size_t kTableBytes = 256;
  std::size_t bytes = 0;
  for (const format::Segment& segment : run.segments)
    bytes += segment.size_bytes();
  for (const format::Commit& commit : run.commits)
    bytes += kCommitBytes + kTableBytes * commit.tables.size();
  return bytes;
}

// Where the values begin that are filed in one step with those before `end`.
std::size_t StepBefore(const std::vector<store::Object>& recent, std::size_t end,
                       std::size_t newest) {
  std::size_t begin = end - 1;
  std::size_t step_bytes = recent[begin].bytes.size();
  while (begin > newest && step_bytes + recent[begin - 1].bytes.size() <= kFiledBytesMax)
    step_bytes += recent[--begin].bytes.size();
  return begin;
}

std::string_view BranchOf(const format::Commit& commit) {
  return commit.branch ? std::string_view(*commit.branch) : kMainBranch;
}

}  // namespace

Result<BranchHead> CommitStore::ReadHead(std::string_view branch) {
  const std::string key = format::RefKey(branch);
  Result<store::Object> object = store_->Read(key, kCommitBytesMax);
  if (!object.ok()) {
    if (object.status().code() == ErrorCode::kNotFound) return BranchNotFound(branch);
    return std::move(object).status();
  }
  BranchHead head;
  OG_ASSIGN_OR_RETURN(head.run, Decode(object->bytes, key));
  head.version = object->version;
  return head;
}

Result<bool> CommitStore::IsCurrent(std::string_view branch, const BranchHead& head) {
  const Result<store::ObjectVersion> version = store_->ReadVersion(format::RefKey(branch));
  if (!version.ok()) {
    if (version.status().code() == ErrorCode::kNotFound) return BranchNotFound(branch);
    return version.status();
  }
  return *version == head.version;
}

Result<PublishOutcome> CommitStore::Publish(std::string_view branch, const BranchHead& expected,
                                            std::shared_ptr<const format::CommitRun> next) {
  OG_CHECK(next->commits.front().parent == expected.commit().id);
  const std::string key = format::RefKey(branch);
  const std::string bytes = format::EncodeCommitRun(*next);
  // A head that the store will not keep must have a place before it is replaced. So must one that
  // stands in two refs: their files are trimmed independently.
  if (!store_->KeepsRecentValues() || BranchOf(expected.commit()) != branch) {
    OG_RETURN_IF_ERROR(FileRun(*expected.run));
  }
  Backoff backoff(1000, 128'000);
  for (int attempt = 0; attempt < kSettleAttemptsMax; ++attempt) {
    OG_ASSIGN_OR_RETURN(store::SwapOutcome outcome,
                        store_->CompareAndSwap(key, bytes, expected.version));
    if (outcome.result == store::SwapResult::kApplied) {
      RememberPublished(key, outcome.version, next);
      return PublishOutcome{
          true, {std::move(next), std::move(outcome.version)}, outcome.wants_trim};
    }
    OG_ASSIGN_OR_RETURN(std::optional<PublishOutcome> settled, Settle(branch, expected, *next));
    if (settled) return *std::move(settled);
    // Still at `expected`: nothing has landed, so the same swap may be tried again.
    backoff.Wait();
  }
  return Status::Error(ErrorCode::kUnavailable,
                       "publish commit '" + next->head().id + "' on branch '" +
                           std::string(branch) +
                           "': the store did not say whether it was applied; it may appear later");
}

// Who won: we, somebody else, or (none) nobody yet.
Result<std::optional<PublishOutcome>> CommitStore::Settle(std::string_view branch,
                                                          const BranchHead& expected,
                                                          const format::CommitRun& next) {
  Backoff backoff(1000, 128'000);
  Result<BranchHead> head = ReadHead(branch);
  for (int attempt = 0; !head.ok() && head.status().code() == ErrorCode::kUnavailable &&
                        attempt < kSettleAttemptsMax;
       ++attempt) {
    backoff.Wait();
    head = ReadHead(branch);
  }
  if (!head.ok()) {
    if (head.status().code() != ErrorCode::kUnavailable) return std::move(head).status();
    return Status::Error(ErrorCode::kUnavailable,
                         "publish commit '" + next.head().id +
                             "': it may have been applied, the store could not be asked: " +
                             std::string(head.status().message()));
  }
  if (head->version == expected.version) return std::optional<PublishOutcome>();
  OG_ASSIGN_OR_RETURN(const bool is_ours, IsAncestor(*head, next));
  return std::optional<PublishOutcome>(PublishOutcome{is_ours, *std::move(head)});
}

// Whether `run` was published and `head` stands on top of it (or is it).
Result<bool> CommitStore::IsAncestor(const BranchHead& head, const format::CommitRun& run) {
  RunPtr at = head.run;
  while (!Holds(*at, run.head().write_id)) {
    const format::Commit& oldest = at->commits.front();
    if (oldest.generation <= run.commits.front().generation || !oldest.parent) return false;
    OG_ASSIGN_OR_RETURN(StoredCommit parent, FindAncestor(*oldest.parent, BranchOf(oldest)));
    at = std::move(parent.run);
  }
  return true;
}

Status CommitStore::CreateRoot(std::string_view branch, const format::CommitRun& genesis) {
  return store_->Create(format::RefKey(branch), format::EncodeCommitRun(genesis)).status();
}

Status CommitStore::CreateBranch(std::string_view name, std::string_view from,
                                 const BranchHead& head) {
  format::CommitRun run = *head.run;
  run.branch_incarnation.clear();
  run.receipts = {};  // Keys belong to the branch on which they were used.
  return CreateRef(name, from, &head, std::move(run));
}

Status CommitStore::CreateBranchWithCommit(std::string_view name, std::string_view from,
                                           const BranchHead& base, format::CommitRun run) {
  OG_CHECK(run.commits.front().parent == base.commit().id);
  OG_RETURN_IF_ERROR(FileRun(*base.run));
  return CreateRef(name, from, &base, std::move(run));
}

Status CommitStore::CreateBranchAt(std::string_view name, const StoredCommit& commit) {
  OG_RETURN_IF_ERROR(FileCommit(commit));
  format::CommitRun run;
  run.commits.push_back(commit.commit());
  for (format::TableState& table : run.commits.front().tables) {
    for (std::uint32_t& segment : table.segments) {
      run.segments.push_back(commit.run->segments[segment]);
      segment = static_cast<std::uint32_t>(run.segments.size() - 1);
    }
  }
  return CreateRef(name, "", nullptr, std::move(run));
}

Status CommitStore::FileCommit(const StoredCommit& commit) {
  const std::string key = format::CommitKey(commit.commit().id);
  const Result<store::ObjectInfo> info = store_->Stat(key);
  if (info.ok()) return store_->Sync(std::vector{key});
  if (info.status().code() != ErrorCode::kNotFound) return info.status();
  return FileHead(BranchOf(commit.commit()), *commit.run);
}

Status CommitStore::FileHead(std::string_view branch, const format::CommitRun& head) {
  // What it stands on may have been appended by another process that has not synced it yet.
  const Status synced = store_->Sync(std::vector{format::RefKey(branch)});
  // Whoever deletes a branch files it first.
  if (!synced.ok() && synced.code() != ErrorCode::kNotFound) return synced;
  return FileRun(head);
}

// Puts a run under the names of its commits, without what belongs to the ref.
Status CommitStore::FileRun(const format::CommitRun& run) {
  if (!run.receipts.empty()) {
    format::CommitRun filed = run;
    filed.receipts = {};
    return FileRun(filed);
  }
  std::vector<std::string> names;
  for (const format::Commit& commit : run.commits)
    names.push_back(format::CommitKey(commit.id));
  return store_->PutImmutableUnderNames(names, format::EncodeCommitRun(run));
}

Status CommitStore::ReplaceRun(format::CommitRun run) {
  OG_RETURN_IF_ERROR(FileRun(run));
  std::vector<std::string> names;
  for (const format::Commit& commit : run.commits)
    names.push_back(format::CommitKey(commit.id));
  // The rows that it does not name any more are removed next.
  OG_RETURN_IF_ERROR(store_->Sync(names));
  Remember(std::make_shared<const format::CommitRun>(std::move(run)));
  return Status::Ok();
}

// What a new ref stands on must not be less durable than the ref. Another process may have appended
// the head and not synced it yet; what this one published is durable.
Status CommitStore::SyncBase(const std::string& key, const store::ObjectVersion& version) {
  {
    const std::lock_guard lock(mutex_);
    if (published_.contains({key, version.tag})) return Status::Ok();
  }
  return store_->Sync(std::vector{key});
}

Status CommitStore::CreateRef(std::string_view name, std::string_view from, const BranchHead* base,
                              format::CommitRun run) {
  if (run.branch_incarnation.empty()) run.branch_incarnation = UlidGenerator::System().Next();
  run.created_from.reset();
  if (base != nullptr) {
    run.created_from = from;
    OG_RETURN_IF_ERROR(SyncBase(format::RefKey(from), base->version));
  }
  const Result<store::ObjectVersion> created =
      store_->Create(format::RefKey(name), format::EncodeCommitRun(run));
  if (!created.ok() && created.status().code() == ErrorCode::kAlreadyExists) {
    return Status::Error(ErrorCode::kAlreadyExists,
                         "branch '" + std::string(name) + "' already exists");
  }
  return created.status();
}

Result<store::SwapResult> CommitStore::TryDelete(std::string_view name,
                                                 std::string_view expected_head,
                                                 std::optional<std::string>* incarnation) {
  OG_ASSIGN_OR_RETURN(const BranchHead head, ReadHead(name));
  if (!*incarnation) *incarnation = head.run->branch_incarnation;
  // The branch that was to go is gone, and its name is used again.
  if (**incarnation != head.run->branch_incarnation) return store::SwapResult::kGone;
  if (!expected_head.empty() && head.commit().id != expected_head) {
    return Status::Error(ErrorCode::kConflict, "branch '" + std::string(name) +
                                                   "' has received a commit that was not merged; "
                                                   "merge it again or delete it by itself");
  }
  OG_RETURN_IF_ERROR(FileRecent(name, true));
  const std::string key = format::RefKey(name);
  OG_ASSIGN_OR_RETURN(const store::SwapOutcome outcome, store_->DeleteIf(key, head.version));
  if (outcome.result != store::SwapResult::kUnknown) return outcome.result;
  const Result<store::ObjectVersion> present = store_->ReadVersion(key);
  if (!present.ok() && present.status().code() == ErrorCode::kNotFound) {
    return store::SwapResult::kApplied;
  }
  return Status::Error(ErrorCode::kUnavailable,
                       "delete branch '" + std::string(name) +
                           "': the store did not say whether it is gone; run it again");
}

Status CommitStore::DeleteBranch(std::string_view name, std::string_view expected_head) {
  std::unique_ptr<store::Turn> turn;
  std::optional<std::string> incarnation;
  Backoff backoff(1000, 32'000);
  for (int attempt = 0; attempt < kDeleteAttemptsMax; ++attempt) {
    OG_ASSIGN_OR_RETURN(const store::SwapResult result,
                        TryDelete(name, expected_head, &incarnation));
    if (result != store::SwapResult::kMoved) return Status::Ok();
    // Filing a history takes longer than adding to it.
    if (!turn) turn = store_->TakeTurn(format::kGraphMarkerKey, format::RefKey(name));
    backoff.Wait();
  }
  return Status::Error(ErrorCode::kConflict, "branch '" + std::string(name) +
                                                 "' received a commit while it was deleted, again "
                                                 "and again; stop who writes it and delete it "
                                                 "again");
}

// The commits of some values of a ref, newest value first, as one run: neighbours share most of
// their segments.
Result<format::CommitRun> CommitStore::Join(const std::string& key,
                                            std::span<const store::Object> values) {
  format::CommitRun joined;
  std::unordered_map<std::string, std::uint32_t> segment_index;
  for (std::size_t i = values.size(); i-- > 0;) {
    OG_ASSIGN_OR_RETURN(const RunPtr run, RunOf(values[i], key));
    std::vector<std::uint32_t> renumbered;
    for (const format::Segment& segment : run->segments) {
      const auto [at, is_new] =
          segment_index.emplace(segment.id, static_cast<std::uint32_t>(joined.segments.size()));
      if (is_new) joined.segments.push_back(segment);
      renumbered.push_back(at->second);
    }
    for (format::Commit commit : run->commits) {
      for (format::TableState& table : commit.tables) {
        for (std::uint32_t& segment : table.segments)
          segment = renumbered[segment];
      }
      joined.commits.push_back(std::move(commit));
    }
  }
  return joined;
}

Result<std::vector<CommitStore::RunPtr>> CommitStore::JoinOldHeads(std::string_view branch) {
  const std::string key = format::RefKey(branch);
  OG_ASSIGN_OR_RETURN(const std::vector<store::Object> recent, store_->ReadRecent(key));
  std::vector<RunPtr> runs;
  for (std::size_t end = recent.size(); end > 1;) {
    const std::size_t begin = StepBefore(recent, end, 1);
    OG_ASSIGN_OR_RETURN(format::CommitRun joined,
                        Join(key, std::span(recent).subspan(begin, end - begin)));
    runs.push_back(std::make_shared<const format::CommitRun>(std::move(joined)));
    end = begin;
  }
  return runs;
}

// Puts the old values of a ref under the names of their commits, then lets the store drop them. In
// steps, oldest values first: where writers are killed before they get here the file grows, and who
// is killed within leaves less of it to the next one.
Status CommitStore::FileRecent(std::string_view branch, bool includes_present) {
  const std::string key = format::RefKey(branch);
  OG_ASSIGN_OR_RETURN(const std::vector<store::Object> recent, store_->ReadRecent(key));
  const std::size_t newest = includes_present ? 0 : 1;
  for (std::size_t end = recent.size(); end > newest;) {
    const std::size_t begin = StepBefore(recent, end, newest);
    OG_ASSIGN_OR_RETURN(const format::CommitRun joined,
                        Join(key, std::span(recent).subspan(begin, end - begin)));
    OG_RETURN_IF_ERROR(FileRun(joined));
    // What was published since stays in the ref.
    OG_RETURN_IF_ERROR(
        store_->TrimRecent(key, recent[begin - std::min<std::size_t>(begin, 1)].version));
    const std::lock_guard lock(mutex_);
    for (std::size_t i = begin; i < end; ++i)
      published_.erase({key, recent[i].version.tag});
    end = begin;
  }
  return Status::Ok();
}

void CommitStore::RememberPublished(const std::string& key, const store::ObjectVersion& version,
                                    RunPtr run) {
  const std::lock_guard lock(mutex_);
  published_.insert_or_assign({key, version.tag}, std::move(run));
  published_last_.emplace_back(key, version.tag);
  if (published_last_.size() <= kPublishedRememberedMax) return;
  published_.erase(published_last_.front());
  published_last_.pop_front();
}

// What a value of a ref says; what this process wrote itself need not be parsed.
Result<CommitStore::RunPtr> CommitStore::RunOf(const store::Object& object,
                                               const std::string& key) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = published_.find({key, object.version.tag});
    if (found != published_.end()) return found->second;
  }
  return Decode(object.bytes, key);
}

Result<std::vector<std::string>> CommitStore::ListBranches() {
  std::vector<std::string> branches;
  OG_RETURN_IF_ERROR(store::ForEachKey(*store_, "refs/", [&](const std::string& key) {
    if (std::optional<std::string> branch = format::BranchOfRefKey(key)) {
      branches.push_back(*std::move(branch));
    }
    return Status::Ok();
  }));
  std::sort(branches.begin(), branches.end());
  return branches;
}

void CommitStore::Remember(const RunPtr& run) {
  const std::size_t size_bytes = MemoryBytesOf(*run);
  const std::lock_guard lock(mutex_);
  for (const format::Commit& commit : run->commits)
    runs_.insert_or_assign(commit.id, run);
  remembered_.push_back({run, size_bytes});
  remembered_bytes_ += size_bytes;
  while (remembered_bytes_ > kRememberedBytesMax && remembered_.size() > 1) {
    const RememberedRun oldest = std::move(remembered_.front());
    remembered_.pop_front();
    remembered_bytes_ -= oldest.size_bytes;
    for (const format::Commit& commit : oldest.run->commits) {
      const auto found = runs_.find(commit.id);
      if (found != runs_.end() && found->second == oldest.run) runs_.erase(found);
    }
  }
}

Result<CommitStore::RunPtr> CommitStore::ReadRun(std::string_view id) {
  const std::string key = format::CommitKey(id);
  Result<store::Object> object = store_->Read(key, kCommitBytesMax);
  if (!object.ok()) return std::move(object).status();
  OG_ASSIGN_OR_RETURN(RunPtr run, Decode(object->bytes, key));
  if (!IndexOf(*run, id)) {
    return store::DamagedObject(key, "it holds other commits than its name says");
  }
  return run;
}

// Looks through what a ref's file still holds; null if the commit is not there.
Result<CommitStore::RunPtr> CommitStore::SearchRef(std::string_view branch, std::string_view id) {
  const std::string key = format::RefKey(branch);
  Result<std::vector<store::Object>> recent = store_->ReadRecent(key);
  if (!recent.ok()) {
    if (recent.status().code() == ErrorCode::kNotFound) return RunPtr();
    return std::move(recent).status();
  }
  RunPtr found;
  std::size_t ahead = 0;
  for (const store::Object& object : *recent) {
    // Ids stand in the header as they are: of the run's commits, and of those before them.
    if (!found && object.bytes.find(id) == std::string::npos) continue;
    Result<RunPtr> run = RunOf(object, key);
    if (!run.ok() && found) break;  // Nobody has asked for this one yet.
    if (!run.ok()) return run;
    if (!found && !IndexOf(**run, id)) continue;
    if (!found) found = *run;
    Remember(*run);
    if (++ahead > kValuesReadAheadMax) break;
  }
  return found;
}

Result<CommitStore::RunPtr> CommitStore::LoadRun(std::string_view id, std::string_view near) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = runs_.find(std::string(id));
    if (found != runs_.end()) return found->second;
  }
  // An id comes from people too, and must not become a strange key.
  if (!std::all_of(id.begin(), id.end(), [](char c) { return std::isalnum(c) != 0; }) ||
      id.empty() || id.size() > 64) {
    return CommitNotFound(id);
  }
  Result<RunPtr> run = ReadRun(id);
  if (run.ok()) {
    Remember(*run);
    return run;
  }
  // Of a damaged object there may be another copy.
  const bool is_damaged = run.status().code() == ErrorCode::kCorruption;
  if (run.status().code() != ErrorCode::kNotFound && !is_damaged) return run;
  if (!near.empty()) {
    OG_ASSIGN_OR_RETURN(RunPtr found, SearchRef(near, id));
    if (found) return found;
  }
  OG_ASSIGN_OR_RETURN(const std::vector<std::string> branches, ListBranches());
  for (const std::string& branch : branches) {
    if (branch == near) continue;
    OG_ASSIGN_OR_RETURN(RunPtr found, SearchRef(branch, id));
    if (found) return found;
  }
  // A writer may have filed it between the two looks.
  run = ReadRun(id);
  if (run.ok()) Remember(*run);
  if (!run.ok() && run.status().code() == ErrorCode::kNotFound) return CommitNotFound(id);
  return run;
}

Result<StoredCommit> CommitStore::FindCommit(std::string_view id, std::string_view near) {
  OG_ASSIGN_OR_RETURN(RunPtr run, LoadRun(id, near));
  const std::optional<std::size_t> index = IndexOf(*run, id);
  OG_CHECK(index.has_value());
  return StoredCommit{std::move(run), *index};
}

Result<StoredCommit> CommitStore::FindAncestor(std::string_view id, std::string_view near) {
  Result<StoredCommit> found = FindCommit(id, near);
  if (found.ok()) return found;
  return store::MissingIsDamage(format::CommitKey(id), found.status());
}

Result<StoredCommit> CommitStore::ReadCommitAnew(std::string_view id, std::string_view near) {
  {
    const std::lock_guard lock(mutex_);
    runs_.erase(std::string(id));
  }
  return FindCommit(id, near);
}

Result<bool> CommitStore::LeadsTo(const std::vector<StoredCommit>& heads,
                                  const format::Commit& commit) {
  std::unordered_set<std::string> met;
  std::vector<StoredCommit> open = heads;
  while (!open.empty()) {
    const StoredCommit at = std::move(open.back());
    open.pop_back();
    if (at.commit().id == commit.id) return true;
    if (at.commit().generation <= commit.generation) continue;
    for (const std::optional<std::string>* parent :
         {&at.commit().parent, &at.commit().merged_parent}) {
      if (!*parent || !met.insert(**parent).second) continue;
      if (at.index > 0 && at.run->commits[at.index - 1].id == **parent) {
        open.push_back({at.run, at.index - 1});
        continue;
      }
      OG_ASSIGN_OR_RETURN(StoredCommit found, FindAncestor(**parent, BranchOf(at.commit())));
      open.push_back(std::move(found));
    }
  }
  return false;
}

Result<std::vector<format::Commit>> CommitStore::FirstParents(const BranchHead& head,
                                                              std::uint64_t count_max) {
  std::vector<format::Commit> commits;
  RunPtr run = head.run;
  std::size_t index = run->commits.size() - 1;
  for (;;) {
    const format::Commit& commit = run->commits[index];
    commits.push_back(commit);
    if (!commit.parent || (count_max > 0 && commits.size() >= count_max)) return commits;
    if (index > 0 && run->commits[index - 1].id == *commit.parent) {
      --index;
      continue;
    }
    OG_ASSIGN_OR_RETURN(StoredCommit parent, FindAncestor(*commit.parent, BranchOf(commit)));
    run = std::move(parent.run);
    index = parent.index;
  }
}

}  // namespace omnigraph::history
