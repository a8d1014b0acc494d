// Implements graph/repair.h.

#include "graph/repair.h"

#include <map>
#include <set>

#include "base/hash.h"
#include "graph/reachability.h"
#include "history/branch_name.h"
#include "index/key_index.h"
#include "table/chunk.h"

namespace omnigraph::graph {
namespace {

class Checker {
 public:
  Checker(Repository& repository, bool heals)
      : repository_(repository), store_(repository.commits().store()), heals_(heals) {}

  Result<std::vector<CheckedTable>> Run() {
    OG_ASSIGN_OR_RETURN(const history::BranchHead main,
                        repository_.commits().ReadHead(history::kMainBranch));
    for (const format::TableState& state : main.commit().tables)
      TableOf(state).table_version = state.table_version;
    OG_ASSIGN_OR_RETURN(const Reachable reachable, ReachCommits(repository_.commits()));
    for (const auto& [id, commit] : reachable.commits) {
      OG_ASSIGN_OR_RETURN(const auto schema, repository_.cache()->Schema(commit.schema_digest,
                                                                         commit.schema_identity));
      for (const format::TableState& state : commit.tables) {
        const bool is_erased = [&] {
          for (const format::Erasure& erasure : main.commit().erasures)
            if (erasure.type_id == state.type_id && commit.generation < erasure.generation)
              return true;
          return false;
        }();
        if (!is_erased) Check(state, schema);
      }
    }
    std::vector<CheckedTable> tables;
    for (auto& [key, table] : tables_)
      tables.push_back(std::move(table));
    return tables;
  }

 private:
  CheckedTable& TableOf(const format::TableState& state) {
    CheckedTable& table = tables_[state.table_key];
    table.table_key = state.table_key;
    if (table.table_version == 0) table.table_version = state.table_version;
    return table;
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
  std::set<std::string> seen_;  // Manifests and fragments.
};

}  // namespace

Result<std::vector<CheckedTable>> Repair(Repository& repository, bool heals) {
  return Checker(repository, heals).Run();
}

}  // namespace omnigraph::graph
