// Implements graph/repair.h.

#include "graph/repair.h"

#include <map>
#include <set>

#include "base/hash.h"
#include "graph/reachability.h"
#include "history/branch_name.h"
#include "index/key_index.h"
#include "store/damage.h"
#include "table/chunk.h"

namespace omnigraph::graph {
namespace {

class Checker {
 public:
  Checker(Repository& repository, bool heals)
      : repository_(repository), store_(repository.commits().store()), heals_(heals) {}

  Result<RepairReport> Run() {
    OG_ASSIGN_OR_RETURN(const history::BranchHead main,
                        repository_.commits().ReadHead(history::kMainBranch));
    for (const format::TableState& state : main.commit().tables)
      TableOf(state).table_version = state.table_version;
    DamagedObjects damaged;
    OG_ASSIGN_OR_RETURN(const Reachable reachable,
                        ReachSoundCommits(repository_.commits(), &damaged));
    for (const auto& [key, error] : damaged)
      Damaged(key, error);
    for (const std::string& page : reachable.receipt_pages)
      CheckNamed(format::ReceiptPageKey(page), page);
    ObjectCache fresh(repository_.cache()->store());
    for (const auto& [id, commit] : reachable.commits) {
      OG_RETURN_IF_ERROR(CheckCopy(id, commit));
      const auto schema = fresh.Schema(commit.schema_digest, commit.schema_identity);
      if (!schema.ok()) {
        if (schema.status().code() != ErrorCode::kCorruption) return schema.status();
        Damaged(format::SchemaKey(commit.schema_digest), schema.status().message());
      }
      for (const format::TableState& state : commit.tables) {
        const bool is_erased = [&] {
          for (const format::Erasure& erasure : main.commit().erasures)
            if (erasure.type_id == state.type_id && commit.generation < erasure.generation)
              return true;
          return false;
        }();
        if (!is_erased) Check(state, schema.ok() ? *schema : nullptr);
      }
    }
    RepairReport report;
    for (auto& [key, table] : tables_)
      report.tables.push_back(std::move(table));
    for (auto& [key, object] : objects_)
      report.objects.push_back(std::move(object));
    return report;
  }

 private:
  CheckedTable& TableOf(const format::TableState& state) {
    CheckedTable& table = tables_[state.table_key];
    table.table_key = state.table_key;
    if (table.table_version == 0) table.table_version = state.table_version;
    return table;
  }

  CheckedObject& Damaged(const std::string& key, std::string_view error) {
    CheckedObject& object = objects_[key];
    object.key = key;
    if (object.error.empty()) object.error = error;
    return object;
  }

  // An object that is named by the digest of what it holds.
  void CheckNamed(const std::string& key, const std::string& digest) {
    const auto bytes = store_.MapReadOnly(key);
    if (!bytes.ok()) {
      Damaged(key, store::MissingIsDamage(key, bytes.status()).message());
    } else if (Sha256Hex((*bytes)->view()) != digest) {
      Damaged(key, store::DamagedObject(key, "its content does not match its name").message());
    }
  }

  // The object under a commit's own name, if there is one: others may stand in a ref alone.
  Status CheckCopy(const std::string& id, const ReachedCommit& commit) {
    const std::string key = format::CommitKey(id);
    const auto bytes = store_.MapReadOnly(key);
    if (!bytes.ok()) {
      return bytes.status().code() == ErrorCode::kNotFound ? Status::Ok() : bytes.status();
    }
    const std::uint64_t checksum = Checksum64((*bytes)->view());
    auto known = commits_of_file_.find(checksum);
    if (known == commits_of_file_.end()) {
      std::set<std::string> ids;
      const auto run = format::DecodeCommitRun((*bytes)->view(), key);
      if (run.ok()) {
        for (const format::Commit& stored : run->commits)
          ids.insert(stored.id);
      }
      known = commits_of_file_.emplace(checksum, std::move(ids)).first;
    }
    if (known->second.contains(id)) return Status::Ok();
    CheckedObject& object = Damaged(
        key, store::DamagedObject(key, "it does not hold the commit that its name says").message());
    object.is_derived = commit.is_in_ref;
    if (!heals_ || !object.is_derived) return Status::Ok();
    OG_ASSIGN_OR_RETURN(const history::StoredCommit copy, repository_.commits().FindCommit(id, ""));
    OG_RETURN_IF_ERROR(repository_.commits().ReplaceRun(*copy.run));
    object.is_healed = true;
    return Status::Ok();
  }

  void Damaged(const format::TableState& state, const Status& status) {
    CheckedTable& table = TableOf(state);
    table.health = TableHealth::kRowsDamaged;
    if (!table.error) table.error = std::string(status.message());
  }

  void Check(const format::TableState& state, const std::shared_ptr<const schema::Schema>& schema) {
    if (state.manifest.empty() || !seen_.insert(format::ManifestKey(state.manifest)).second) return;
    // Not from a cache: what is stored is in question.
    ObjectCache fresh(repository_.cache()->store());
    const auto manifest = fresh.Manifest(state.manifest);
    if (!manifest.ok()) return Damaged(state, manifest.status());
    if (schema == nullptr) return;
    const schema::TableType* const type = schema->catalog->FindTableById(state.type_id);
    for (const format::FragmentInfo& info : (*manifest)->fragments) {
      if (!seen_.insert(format::FragmentKey(state.DataPath(), info.name)).second) continue;
      if (type == nullptr) continue;
      const auto chunk = table::Chunk::OfFragment(repository_.cache()->store(), state.DataPath(),
                                                  info, {schema->catalog, type});
      const Status opened = chunk->Open();
      if (!opened.ok()) {
        Damaged(state, opened);
      } else if (info.has_key_index) {
        CheckKeyIndex(state, info, *chunk);
      }
    }
  }

  void CheckKeyIndex(const format::TableState& state, const format::FragmentInfo& info,
                     const table::Chunk& chunk) {
    const std::string key = format::KeyIndexKey(state.DataPath(), info.name);
    const auto stored = store_.MapReadOnly(key);
    if (stored.ok() && Checksum64((*stored)->view()) == info.key_index_checksum) return;
    CheckedTable& table = TableOf(state);
    if (table.health == TableHealth::kSound) table.health = TableHealth::kDerivedDamaged;
    table.operations.push_back("rebuild_key_index " + key);
    if (!heals_) return;
    const std::string bytes =
        index::KeyIndex::Encode(chunk.rows_count(), [&chunk](std::size_t position) {
          return chunk.StoredId(static_cast<std::uint32_t>(position));
        });
    Status written = store_.PutImmutable(key, bytes);
    if (written.ok()) written = store_.Sync(std::vector{key});
    if (!written.ok()) return Damaged(state, written);
    table.is_healed = true;
  }

  Repository& repository_;
  store::ObjectStore& store_;
  const bool heals_;
  std::map<std::string, CheckedTable> tables_;
  std::map<std::string, CheckedObject> objects_;
  std::set<std::string> seen_;  // Manifests and fragments.
  // The commits that a file holds, by its checksum: many names may lead to one file.
  std::map<std::uint64_t, std::set<std::string>> commits_of_file_;
};

}  // namespace

Result<RepairReport> Repair(Repository& repository, bool heals) {
  return Checker(repository, heals).Run();
}

}  // namespace omnigraph::graph
