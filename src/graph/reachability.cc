// Implements graph/reachability.h.

#include "graph/reachability.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "history/tags.h"
#include "store/object_store.h"

namespace omnigraph::graph {
namespace {

class Walk {
 public:
  Walk(history::CommitStore& commits, OldHeads old_heads, DamagedObjects* damaged)
      : commits_(commits), old_heads_(old_heads), damaged_(damaged) {}

  /// What is to be done about an object that could not be read.
  Status Failed(const std::string& key, const Status& status) {
    if (damaged_ == nullptr || status.code() != ErrorCode::kCorruption) return status;
    damaged_->emplace(key, status.message());
    return Status::Ok();
  }

  Status StartAt(const std::string& branch) {
    const std::string key = format::RefKey(branch);
    const Result<std::vector<store::Object>> values = commits_.store().ReadRecent(key);
    if (!values.ok()) {
      // Deleted since it was listed.
      if (values.status().code() == ErrorCode::kNotFound) return Status::Ok();
      return Failed(key, values.status());
    }
    for (std::size_t i = 0; i < values->size(); ++i) {
      const auto run = format::DecodeCommitRun((*values)[i].bytes, key);
      if (!run.ok()) return Failed(key, run.status());
      if (i == 0) {
        reached_.branches.push_back({branch, run->head().id});
        for (const format::ReceiptIndex::Page& page : run->receipts.pages)
          reached_.receipt_pages.push_back(page.digest);
      }
      const bool is_in_ref = i == 0 || old_heads_ == OldHeads::kAsTheyAre;
      for (const format::Commit& commit : run->commits)
        Note(commit, is_in_ref);
    }
    return Status::Ok();
  }

  void StartAt(const history::NamedTag& tag) {
    reached_.tags.push_back({tag.name, tag.record.commit_id});
    pending_.emplace_back(tag.record.commit_id, "");
  }

  Result<Reachable> Finish() {
    while (!pending_.empty()) {
      const auto [id, near] = std::move(pending_.back());
      pending_.pop_back();
      if (reached_.commits.contains(id)) continue;
      const auto stored = commits_.FindAncestor(id, near);
      if (stored.ok()) {
        Note(stored->commit(), false);
      } else {
        OG_RETURN_IF_ERROR(Failed(format::CommitKey(id), stored.status()));
      }
    }
    return std::move(reached_);
  }

 private:
  void Note(const format::Commit& commit, bool is_in_ref) {
    ReachedCommit& reached = reached_.commits[commit.id];
    reached.is_in_ref = reached.is_in_ref || is_in_ref;
    reached.parent = commit.parent;
    reached.merged_parent = commit.merged_parent;
    reached.generation = commit.generation;
    reached.created_at_micros = commit.created_at_micros;
    reached.schema_digest = commit.schema_digest;
    reached.schema_identity = commit.schema_identity;
    reached.tables = commit.tables;
    const std::string near = commit.branch.value_or("main");
    if (commit.parent) pending_.emplace_back(*commit.parent, near);
    if (commit.merged_parent) pending_.emplace_back(*commit.merged_parent, "");
  }

  history::CommitStore& commits_;
  const OldHeads old_heads_;
  DamagedObjects* const damaged_;
  Reachable reached_;
  std::vector<std::pair<std::string, std::string>> pending_;  // Commit and a branch near it.
};

Result<Reachable> Reach(history::CommitStore& commits, Walk walk) {
  OG_ASSIGN_OR_RETURN(const std::vector<std::string> branches, commits.ListBranches());
  for (const std::string& branch : branches)
    OG_RETURN_IF_ERROR(walk.StartAt(branch));
  // Listed last: who deletes a branch tags it before.
  OG_ASSIGN_OR_RETURN(
      const std::vector<history::NamedTag> tags,
      history::ListTags(commits.store(), [&walk](const std::string& key, const Status& status) {
        return walk.Failed(key, status);
      }));
  for (const history::NamedTag& tag : tags)
    walk.StartAt(tag);
  return walk.Finish();
}

// Sets of heads, which are known by number; each is kept once and known by a number, too: few
// differ in a history, and most unions are asked for again and again.
class HeadSets {
 public:
  using Id = std::size_t;

  Id Single(std::size_t head) {
    constexpr std::size_t kBits = 64;
    Set set(head / kBits + 1);
    set.back() = std::uint64_t{1} << (head % kBits);
    return Intern(std::move(set));
  }

  Id Union(Id a, Id b) {
    if (a > b) std::swap(a, b);
    const auto known = unions_.find({a, b});
    if (known != unions_.end()) return known->second;
    Set both = *sets_[a];
    const Set& other = *sets_[b];
    both.resize(std::max(both.size(), other.size()));
    for (std::size_t i = 0; i < other.size(); ++i)
      both[i] |= other[i];
    const Id id = Intern(std::move(both));
    unions_.emplace(std::pair(a, b), id);
    return id;
  }

 private:
  using Set = std::vector<std::uint64_t>;  // A bit for each head; the last word is not 0.

  Id Intern(Set set) {
    const auto [at, is_new] = ids_.try_emplace(std::move(set), sets_.size());
    if (is_new) sets_.push_back(&at->first);
    return at->second;
  }

  std::map<Set, Id> ids_;
  std::vector<const Set*> sets_;  // By id.
  std::map<std::pair<Id, Id>, Id> unions_;
};

}  // namespace

Result<Reachable> ReachCommits(history::CommitStore& commits, OldHeads old_heads) {
  return Reach(commits, Walk(commits, old_heads, nullptr));
}

Result<Reachable> ReachSoundCommits(history::CommitStore& commits, DamagedObjects* damaged) {
  return Reach(commits, Walk(commits, OldHeads::kAsTheyAre, damaged));
}

std::vector<std::string> PartingCommits(const Reachable& reachable) {
  std::vector<const std::pair<const std::string, ReachedCommit>*> newest_first;
  for (const auto& entry : reachable.commits)
    newest_first.push_back(&entry);
  std::sort(newest_first.begin(), newest_first.end(), [](const auto* a, const auto* b) {
    return a->second.generation > b->second.generation;
  });
  HeadSets sets;
  std::unordered_map<std::string_view, HeadSets::Id> led_to;  // Which heads lead to a commit.
  std::unordered_set<std::string_view> parting;
  for (const ReachedBranch& branch : reachable.branches) {
    const std::size_t number = led_to.size();
    if (!led_to.contains(branch.head)) led_to.emplace(branch.head, sets.Single(number));
  }
  const auto heads = led_to;
  for (const auto* entry : newest_first) {
    const auto found = led_to.find(entry->first);
    if (found == led_to.end()) continue;  // Only a tag leads to it.
    const HeadSets::Id own = found->second;
    for (const auto* parent : {&entry->second.parent, &entry->second.merged_parent}) {
      if (!*parent) continue;
      const auto [at, is_new] = led_to.try_emplace(**parent, own);
      if (is_new || at->second == own) continue;
      parting.insert(at->first);
      at->second = sets.Union(at->second, own);
    }
  }
  for (const auto& [id, single] : heads) {
    if (led_to.at(id) != single) parting.insert(id);
  }
  return {parting.begin(), parting.end()};
}

}  // namespace omnigraph::graph
