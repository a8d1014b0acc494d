// Implements graph/cleanup.h.

#include "graph/cleanup.h"

#include <algorithm>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <tuple>

#include "base/clock.h"
#include "graph/reachability.h"
#include "history/branch_name.h"
#include "history/lease.h"

namespace omnigraph::graph {
namespace {

using Keys = std::set<std::string>;
using VersionName = std::tuple<std::string, std::optional<std::string>, std::uint64_t>;

constexpr std::int64_t kMicrosPerSecond = 1'000'000;

std::int64_t MomentBefore(std::int64_t now_micros, std::uint64_t seconds) {
  const auto limit = static_cast<std::uint64_t>(now_micros / kMicrosPerSecond);
  return seconds >= limit ? 0 : now_micros - static_cast<std::int64_t>(seconds) * kMicrosPerSecond;
}

// One look at the graph: what is reachable and which of it keeps its rows.
struct Look {
  Reachable reachable;
  Keys retained;  // Commit ids.
  Keys live;      // Object keys.
  /// Tables (by `TableState::DataPath`) whose live objects could not be determined.
  std::map<std::string, std::string> unclear;
};

// The newest commits of a branch.
void RetainNewest(const Reachable& reachable, const std::string& head, std::uint64_t count_max,
                  Keys* retained) {
  std::uint64_t count = 0;
  for (std::optional<std::string> id = head; id && count < count_max; ++count) {
    retained->insert(*id);
    id = reachable.commits.at(*id).parent;
  }
}

// What is younger than the policy asks for, and what was a head within the grace period: on the way
// of a branch, or of one that was merged and deleted.
void RetainYoung(const Reachable& reachable, const CleanupPolicy& policy, std::int64_t now,
                 Keys* retained) {
  if (policy.older_than_secs) {
    const std::int64_t limit = MomentBefore(now, *policy.older_than_secs);
    for (const auto& [id, commit] : reachable.commits)
      if (commit.created_at_micros > limit) retained->insert(id);
  }
  if (policy.grace_secs == 0) return;
  const std::int64_t grace_begin = MomentBefore(now, policy.grace_secs);
  for (const auto& [id, commit] : reachable.commits) {
    if (commit.created_at_micros < grace_begin) continue;
    retained->insert(id);
    // It replaced the one, and the other was a head when it was made.
    for (const auto* parent : {&commit.parent, &commit.merged_parent})
      if (*parent) retained->insert(**parent);
  }
}

// The keys of a table state's objects. Errors: as of reading the manifest.
Status AddTableKeys(ObjectCache& cache, const format::TableState& state, Keys* keys) {
  if (state.manifest.empty()) return Status::Ok();
  if (!keys->insert(format::ManifestKey(state.manifest)).second) return Status::Ok();
  OG_ASSIGN_OR_RETURN(const auto manifest, cache.Manifest(state.manifest));
  for (const format::FragmentInfo& info : manifest->fragments) {
    keys->insert(format::FragmentKey(state.DataPath(), info.name));
    if (info.has_key_index) keys->insert(format::KeyIndexKey(state.DataPath(), info.name));
  }
  return Status::Ok();
}

bool IsErased(const std::vector<format::Erasure>& erasures, const format::TableState& state,
              std::uint64_t generation) {
  return std::any_of(erasures.begin(), erasures.end(), [&](const format::Erasure& erasure) {
    return erasure.type_id == state.type_id && generation < erasure.generation;
  });
}

Result<Look> LookAt(Repository& repository, const CleanupPolicy& policy) {
  Look look;
  history::CommitStore& commits = repository.commits();
  // A run files them first.
  const OldHeads old_heads = policy.is_dry_run ? OldHeads::kAsIfFiled : OldHeads::kAsTheyAre;
  OG_ASSIGN_OR_RETURN(look.reachable, ReachCommits(commits, old_heads));
  const std::int64_t now = Clock::System().NowMicros();
  const std::uint64_t newest = std::max<std::uint64_t>(policy.keep_versions.value_or(1), 1);
  for (const ReachedBranch& branch : look.reachable.branches)
    RetainNewest(look.reachable, branch.head, newest, &look.retained);
  RetainYoung(look.reachable, policy, now, &look.retained);
  for (std::string& id : PartingCommits(look.reachable))
    look.retained.insert(std::move(id));
  for (const ReachedTag& tag : look.reachable.tags)
    look.retained.insert(tag.commit_id);
  for (const std::string& page : look.reachable.receipt_pages)
    look.live.insert(format::ReceiptPageKey(page));
  for (const auto& [id, commit] : look.reachable.commits) {
    if (commit.is_in_ref) look.retained.insert(id);
    look.live.insert(format::CommitKey(id));
    look.live.insert(format::SchemaKey(commit.schema_digest));
    if (!commit.schema_identity.empty()) {
      look.live.insert(format::SchemaIdentityKey(commit.schema_identity));
    }
  }
  OG_ASSIGN_OR_RETURN(const history::BranchHead main, commits.ReadHead(history::kMainBranch));
  for (const std::string& id : look.retained) {
    const ReachedCommit& commit = look.reachable.commits.at(id);
    for (const format::TableState& state : commit.tables) {
      if (!commit.is_in_ref && IsErased(main.commit().erasures, state, commit.generation)) continue;
      const Status added = AddTableKeys(*repository.cache(), state, &look.live);
      if (!added.ok()) look.unclear.emplace(state.DataPath(), added.message());
    }
  }
  return look;
}

class Cleaner {
 public:
  Cleaner(Repository& repository, const CleanupPolicy& policy)
      : repository_(repository),
        policy_(policy),
        store_(repository.commits().store()),
        workers_("og-cleanup", std::max<std::size_t>(policy.concurrency, 1) - 1) {}

  Result<CleanupReport> Run() {
    OG_ASSIGN_OR_RETURN(const auto branches, repository_.commits().ListBranches());
    for (const std::string& branch : branches) {
      if (policy_.is_dry_run) {
        OG_RETURN_IF_ERROR(ImagineFiled(branch));
      } else {
        // What stays in a ref is kept as it is: a failure costs space only.
        const Status filed = repository_.commits().FileOldHeads(branch);
        if (!filed.ok() && filed.code() != ErrorCode::kNotFound) {
          Fail(format::RefKey(branch), filed.message());
        }
      }
    }
    OG_ASSIGN_OR_RETURN(const Look first, LookAt(repository_, policy_));
    OG_RETURN_IF_ERROR(StartReport(first));
    Keys candidates;
    OG_RETURN_IF_ERROR(FindCandidates(first, &candidates));
    OG_ASSIGN_OR_RETURN(const Look second, LookAt(repository_, policy_));
    std::erase_if(candidates, [&](const std::string& key) { return second.live.contains(key); });
    if (!CleanRecords(first, second)) {
      // A record must not name rows that are gone. What no record names goes all the same: perhaps
      // the disk is full.
      std::erase_if(candidates,
                    [&](const std::string& key) { return history_keys_.contains(key); });
    }
    OG_ASSIGN_OR_RETURN(const Look third, LookAgain(second));
    std::erase_if(candidates, [&](const std::string& key) { return third.live.contains(key); });
    Sweep(first, third, candidates);
    repository_.ForgetPast();
    if (!policy_.is_dry_run) {
      const Result<std::uint64_t> abandoned = store_.RemoveAbandoned();
      if (abandoned.ok()) report_.unreferenced_bytes += *abandoned;
    }
    return std::move(report_);
  }

 private:
  Status ImagineFiled(const std::string& branch) {
    const auto joined = repository_.commits().JoinOldHeads(branch);
    if (!joined.ok()) {
      // Deleted since it was listed.
      return joined.status().code() == ErrorCode::kNotFound ? Status::Ok() : joined.status();
    }
    for (const auto& run : *joined) {
      for (const format::Commit& commit : run->commits)
        unfiled_.emplace(commit.id, run);
    }
    return Status::Ok();
  }

  // After the records: whoever took a lease on an old commit before has read its record and makes
  // it reachable, whoever takes one from here on finds it without rows (history/lease.h). Leases
  // are listed first, since they end when their ref is there.
  Result<Look> LookAgain(const Look& before) {
    OG_ASSIGN_OR_RETURN(const history::LeaseList leases, history::ListLeases(store_));
    OG_ASSIGN_OR_RETURN(Look look, LookAt(repository_, policy_));
    for (const std::string& id : leases.commit_ids) {
      const auto leased = before.reachable.commits.find(id);
      if (leased == before.reachable.commits.end()) continue;
      for (const format::TableState& state : leased->second.tables) {
        const Status added = AddTableKeys(*repository_.cache(), state, &look.live);
        if (!added.ok()) look.unclear.emplace(state.DataPath(), added.message());
      }
    }
    for (const std::string& key : leases.expired_keys)
      if (!policy_.is_dry_run) (void)store_.Delete(key);
    return look;
  }

  Status StartReport(const Look& look) {
    OG_ASSIGN_OR_RETURN(const history::BranchHead main,
                        repository_.commits().ReadHead(history::kMainBranch));
    for (const auto& [id, commit] : look.reachable.commits) {
      for (const format::TableState& state : commit.tables)
        table_of_path_.emplace(state.DataPath(), state.table_key);
    }
    for (const format::TableState& state : main.commit().tables) {
      table_of_path_.insert_or_assign(state.DataPath(), state.table_key);
      report_.tables.push_back({.table_key = state.table_key, .error = {}});
    }
    for (const auto& [path, message] : look.unclear)
      Fail("data/" + path + "/", message);
    return Status::Ok();
  }

  CleanedTable* TableOfKey(const std::string& key) {
    if (!key.starts_with("data/")) return nullptr;
    const auto found = table_of_path_.find(key.substr(5, key.rfind('/') - 5));
    return found == table_of_path_.end() ? nullptr : FindTable(found->second);
  }

  CleanedTable* FindTable(const std::string& table_key) {
    for (CleanedTable& table : report_.tables)
      if (table.table_key == table_key) return &table;
    return nullptr;
  }

  void Fail(const std::string& key, std::string_view message) {
    CleanedTable* const table = TableOfKey(key);
    if (table == nullptr) {
      report_.failures.push_back(key + ": " + std::string(message));
    } else if (!table->error) {
      table->error = std::string(message);
    }
  }

  // Unreachable objects beyond the grace period, as far as the store can be listed.
  Status FindCandidates(const Look& look, Keys* candidates) {
    const std::int64_t limit = MomentBefore(Clock::System().NowMicros(), policy_.grace_secs);
    for (const std::string_view prefix :
         {"commits/", "data/", "manifests/", "receipts/", "schemas/"}) {
      // A manifest that cannot be read may name any fragment of its table.
      OG_RETURN_IF_ERROR(store::ForEachKey(store_, prefix, [&](const std::string& key) -> Status {
        if (look.live.contains(key)) return Status::Ok();
        const std::string path =
            prefix == "data/" ? key.substr(5, key.rfind('/') - 5) : std::string();
        if (!look.unclear.contains(path)) candidates->insert(key);
        return Status::Ok();
      }));
    }
    std::erase_if(*candidates, [&, infos = StatAll(*candidates)](const std::string& key) {
      const Result<store::ObjectInfo>& info = infos.at(key);
      if (info.ok()) return info->modified_micros > limit;
      if (info.status().code() != ErrorCode::kNotFound) Fail(key, info.status().message());
      return true;
    });
    return Status::Ok();
  }

  // Runs `body` for every key, several at a time.
  void ForAll(const Keys& keys, const std::function<void(const std::string& key)>& body) {
    const std::vector<std::string> list(keys.begin(), keys.end());
    ParallelFor(workers_, list.size(), [&](std::size_t i) { body(list[i]); });
  }

  std::map<std::string, Result<store::ObjectInfo>> StatAll(const Keys& keys) {
    std::mutex mutex;
    std::map<std::string, Result<store::ObjectInfo>> infos;
    ForAll(keys, [&](const std::string& key) {
      Result<store::ObjectInfo> info = store_.Stat(key);
      const std::lock_guard lock(mutex);
      infos.emplace(key, std::move(info));
    });
    return infos;
  }

  bool LosesRows(const Look& first, const Look& second, const std::string& id) const {
    const auto commit = second.reachable.commits.find(id);
    return commit != second.reachable.commits.end() && !commit->second.tables.empty() &&
           first.reachable.commits.contains(id) && !first.retained.contains(id) &&
           !second.retained.contains(id);
  }

  // Writes the records of commits that lose their rows anew, without tables. False if that failed.
  bool CleanRecords(const Look& first, const Look& second) {
    std::set<VersionName> kept;
    for (const std::string& id : second.retained) {
      for (const format::TableState& state : second.reachable.commits.at(id).tables)
        kept.insert({state.table_key, state.branch, state.table_version});
    }
    Keys losing;
    for (const auto& [id, commit] : second.reachable.commits) {
      if (!LosesRows(first, second, id)) continue;
      losing.insert(id);
      for (const format::TableState& state : commit.tables) {
        const bool is_last =
            kept.insert({state.table_key, state.branch, state.table_version}).second;
        CleanedTable* const table = FindTable(state.table_key);
        if (is_last && table != nullptr) ++table->old_versions_removed;
        // Known before the objects go, to say why they went.
        (void)AddTableKeys(*repository_.cache(), state, &history_keys_);
      }
    }
    Keys done;
    bool is_complete = true;
    for (const std::string& id : losing) {
      if (done.contains(id)) continue;
      const Status cleaned = CleanRun(id, losing, &done);
      if (cleaned.ok()) continue;
      Fail(format::CommitKey(id), cleaned.message());
      is_complete = false;
    }
    return is_complete;
  }

  Status CleanRun(const std::string& id, const Keys& losing, Keys* done) {
    std::shared_ptr<const format::CommitRun> stored;
    if (const auto imagined = unfiled_.find(id); imagined != unfiled_.end()) {
      stored = imagined->second;
    } else {
      OG_ASSIGN_OR_RETURN(const history::StoredCommit found,
                          repository_.commits().FindCommit(id, ""));
      stored = found.run;
    }
    format::CommitRun cleaned;
    cleaned.created_from = stored->created_from;
    cleaned.branch_incarnation = stored->branch_incarnation;
    std::map<std::uint32_t, std::uint32_t> renumbered;
    for (format::Commit commit : stored->commits) {
      if (losing.contains(commit.id)) {
        commit.tables.clear();
        done->insert(commit.id);
      }
      for (format::TableState& state : commit.tables) {
        for (std::uint32_t& index : state.segments) {
          const auto next = static_cast<std::uint32_t>(cleaned.segments.size());
          const auto [at, is_new] = renumbered.emplace(index, next);
          if (is_new) cleaned.segments.push_back(stored->segments[index]);
          index = at->second;
        }
      }
      cleaned.commits.push_back(std::move(commit));
    }
    CountSegments(*stored, renumbered);
    if (policy_.is_dry_run) return Status::Ok();
    return repository_.commits().ReplaceRun(std::move(cleaned));
  }

  void CountSegments(const format::CommitRun& run,
                     const std::map<std::uint32_t, std::uint32_t>& kept) {
    Keys counted;
    for (const format::Commit& commit : run.commits) {
      for (const format::TableState& state : commit.tables) {
        for (const std::uint32_t index : state.segments) {
          if (kept.contains(index) || !counted.insert(std::to_string(index)).second) continue;
          const std::uint64_t size_bytes = run.segments[index].size_bytes();
          report_.history_bytes += size_bytes;
          if (CleanedTable* const table = FindTable(state.table_key)) {
            table->bytes_removed += size_bytes;
          }
        }
      }
    }
  }

  void Sweep(const Look& first, const Look& last, const Keys& candidates) {
    std::mutex mutex;
    ForAll(candidates, [&](const std::string& key) {
      if (!last.unclear.empty() && first.unclear.empty() && key.starts_with("data/")) return;
      const Result<store::ObjectInfo> info = store_.Stat(key);
      // Put anew since the first look: somebody is about to use it.
      const std::int64_t limit = MomentBefore(Clock::System().NowMicros(), policy_.grace_secs);
      if (!info.ok() || info->modified_micros > limit) return;
      const Status removed = policy_.is_dry_run ? Status::Ok() : store_.Delete(key);
      const std::lock_guard lock(mutex);
      if (!removed.ok()) return Fail(key, removed.message());
      (history_keys_.contains(key) ? report_.history_bytes : report_.unreferenced_bytes) +=
          info->size_bytes;
      if (CleanedTable* const table = TableOfKey(key)) table->bytes_removed += info->size_bytes;
    });
  }

  Repository& repository_;
  const CleanupPolicy& policy_;
  store::ObjectStore& store_;
  ThreadPool workers_;
  CleanupReport report_;
  std::map<std::string, std::string> table_of_path_;
  Keys history_keys_;  // Objects of commits that lose their rows.
  // What a run files first, and a dry run only imagines: by the ids of the commits.
  std::map<std::string, std::shared_ptr<const format::CommitRun>> unfiled_;
};

}  // namespace

Result<CleanupReport> Cleanup(Repository& repository, const CleanupPolicy& policy) {
  if (!policy.keep_versions && !policy.older_than_secs) {
    return Status::Error(ErrorCode::kInvalidArgument,
                         "cleanup requires at least one of keep_versions and older_than");
  }
  return Cleaner(repository, policy).Run();
}

}  // namespace omnigraph::graph
