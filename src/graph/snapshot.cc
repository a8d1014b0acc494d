// Implements graph/snapshot.h.

#include "graph/snapshot.h"

#include <algorithm>

#include "base/hash.h"
#include "store/damage.h"
#include "table/chunk.h"
#include "table/table_builder.h"

namespace omnigraph::graph {
namespace {

constexpr std::uint64_t kSchemaBytesMax = std::uint64_t{16} << 20;
constexpr std::uint64_t kManifestBytesMax = std::uint64_t{1} << 30;
constexpr std::size_t kManifestsRememberedMax = 1024;

Status WrongContent(const std::string& key) {
  return store::DamagedObject(key, "its content does not match its name");
}

// A small object whose name is the SHA-256 of its content.
Result<std::string> ReadNamed(store::ObjectStore& store, const std::string& key,
                              const std::string& digest) {
  Result<store::Object> object = store.Read(key, kSchemaBytesMax);
  if (!object.ok()) return store::MissingIsDamage(key, object.status());
  if (Sha256Hex(object->bytes) != digest) return WrongContent(key);
  return std::move(object->bytes);
}

}  // namespace

Result<std::shared_ptr<const schema::Schema>> ObjectCache::Schema(const std::string& digest,
                                                                  const std::string& identity) {
  const std::string name = digest + ":" + identity;
  {
    const std::lock_guard lock(mutex_);
    const auto found = schemas_.find(name);
    if (found != schemas_.end()) return found->second;
  }
  OG_ASSIGN_OR_RETURN(const std::string source,
                      ReadNamed(*store_, format::SchemaKey(digest), digest));
  schema::SchemaIdentity numbers;
  if (!identity.empty()) {
    OG_ASSIGN_OR_RETURN(const std::string document,
                        ReadNamed(*store_, format::SchemaIdentityKey(identity), identity));
    OG_ASSIGN_OR_RETURN(numbers, schema::DecodeIdentity(document));
  }
  OG_ASSIGN_OR_RETURN(auto schema, schema::CompileSchema(source, "accepted schema", numbers));
  const std::lock_guard lock(mutex_);
  // Whoever was first stays: others may have pointers into it.
  return schemas_.emplace(name, std::move(schema)).first->second;
}

Result<std::shared_ptr<const format::Manifest>> ObjectCache::Manifest(const std::string& digest) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = manifests_.find(digest);
    if (found != manifests_.end()) return found->second;
  }
  const std::string key = format::ManifestKey(digest);
  const Result<store::Object> object = store_->Read(key, kManifestBytesMax);
  if (!object.ok()) return store::MissingIsDamage(key, object.status());
  if (Sha256Hex(object->bytes) != digest) return WrongContent(key);
  OG_ASSIGN_OR_RETURN(format::Manifest manifest, format::DecodeManifest(object->bytes, key));
  auto shared = std::make_shared<const format::Manifest>(std::move(manifest));
  const std::lock_guard lock(mutex_);
  if (manifests_.size() >= kManifestsRememberedMax) manifests_.clear();
  manifests_.insert_or_assign(digest, shared);
  return shared;
}

std::shared_ptr<const table::Chunk> ObjectCache::Fragment(
    const std::string& table_path, const format::FragmentInfo& info,
    std::shared_ptr<const schema::TableType> type) {
  const std::lock_guard lock(mutex_);
  // A chunk is bound to one version of its type, so the type's catalog is part of its name.
  const std::string name =
      info.name + "@" + std::to_string(reinterpret_cast<std::uintptr_t>(type.get()));
  std::weak_ptr<const table::Chunk>& known = chunks_[name];
  std::shared_ptr<const table::Chunk> chunk = known.lock();
  if (!chunk) {
    chunk = table::Chunk::OfFragment(store_, table_path, info, std::move(type));
    known = chunk;
  }
  return chunk;
}

TableSlot::TableSlot(std::shared_ptr<const table::Table> table, const format::TableState& state,
                     std::shared_ptr<const format::CommitRun> run)
    : type_(table->shared_type()), state_(state), run_(std::move(run)), table_(std::move(table)) {}

std::shared_ptr<const table::Table> TableSlot::built() const {
  const std::lock_guard lock(mutex_);
  return table_;
}

Result<const table::Table*> TableSlot::Get(ObjectCache& cache) {
  if (is_erased_) {
    return Status::Error(ErrorCode::kNotFound,
                         "the rows of table '" + state_.table_key +
                             "' at this commit are gone: a later schema change dropped data for "
                             "good (allow_data_loss); read a newer commit");
  }
  const std::lock_guard lock(mutex_);
  if (!table_) {
    OG_ASSIGN_OR_RETURN(table_, Build(cache));
  }
  return table_.get();
}

Result<std::shared_ptr<const table::Table>> TableSlot::Build(ObjectCache& cache) const {
  table::TableBuilder builder(type_);
  if (!state_.manifest.empty()) {
    OG_ASSIGN_OR_RETURN(const auto manifest, cache.Manifest(state_.manifest));
    for (const format::FragmentInfo& info : manifest->fragments) {
      OG_RETURN_IF_ERROR(builder.AddFragment(cache.Fragment(state_.DataPath(), info, type_)));
    }
    OG_RETURN_IF_ERROR(builder.AddDeleted(manifest->deleted, format::ManifestKey(state_.manifest)));
  }
  for (const format::Segment* segment : Segments()) {
    OG_RETURN_IF_ERROR(builder.AddSegment(*segment));
  }
  if (same_rows_) builder.ShareEdgeLists(*same_rows_);
  return builder.Finish(state_.row_ids_end, state_.rows_count);
}

std::vector<const format::Segment*> TableSlot::Segments() const {
  std::vector<const format::Segment*> segments;
  for (const std::uint32_t index : state_.segments)
    segments.push_back(&run_->segments[index]);
  return segments;
}

std::shared_ptr<TableSlot> TableSlot::Follow(const format::TableState& state,
                                             const std::shared_ptr<const format::CommitRun>& run) {
  const auto fresh = std::make_shared<TableSlot>(type_, state, run);
  const std::shared_ptr<const table::Table> before = built();
  if (!before || state.manifest != state_.manifest) return fresh;
  const std::vector<const format::Segment*> known = Segments();
  const std::vector<const format::Segment*> wanted = fresh->Segments();
  if (wanted.size() < known.size()) return fresh;
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (known[i]->id != wanted[i]->id) return fresh;
  }
  if (wanted.size() == known.size()) return std::make_shared<TableSlot>(before, state, run);
  table::TableBuilder builder(*before);
  for (std::size_t i = known.size(); i < wanted.size(); ++i) {
    if (!builder.AddSegment(*wanted[i]).ok()) return fresh;  // Says why when it is built.
  }
  auto next = builder.Finish(state.row_ids_end, state.rows_count);
  return next.ok() ? std::make_shared<TableSlot>(*std::move(next), state, run) : fresh;
}

Result<std::shared_ptr<const Snapshot>> Snapshot::Open(std::shared_ptr<ObjectCache> cache,
                                                       std::shared_ptr<const format::CommitRun> run,
                                                       std::size_t index, const Snapshot* previous,
                                                       const BuiltTables& built) {
  const std::shared_ptr<Snapshot> snapshot(new Snapshot());
  const format::Commit& commit = run->commits[index];
  OG_ASSIGN_OR_RETURN(snapshot->schema_,
                      cache->Schema(commit.schema_digest, commit.schema_identity));
  const std::shared_ptr<const schema::Catalog>& catalog = snapshot->schema_->catalog;
  if (previous != nullptr && previous->schema_ != snapshot->schema_) previous = nullptr;

  const auto slot_of =
      [&](const schema::TableType& type,
          const std::shared_ptr<TableSlot>* before) -> Result<std::shared_ptr<TableSlot>> {
    const format::TableState* state = commit.FindTable(type.table_key);
    if (state == nullptr || state->type_id != type.id) {
      return Status::Error(ErrorCode::kCorruption,
                           "commit '" + commit.id + "' lacks table '" + type.table_key + "'");
    }
    const auto ready = built.find(type.table_key);
    if (ready != built.end()) return std::make_shared<TableSlot>(ready->second, *state, run);
    if (before != nullptr) {
      // Most tables of the next commit of a group.
      if ((*before)->run() == run && (*before)->state() == *state) return *before;
      return (*before)->Follow(*state, run);
    }
    const std::shared_ptr<const schema::TableType> shared(catalog, &type);
    return std::make_shared<TableSlot>(shared, *state, run);
  };
  for (const schema::NodeType& type : catalog->nodes()) {
    OG_ASSIGN_OR_RETURN(auto slot,
                        slot_of(type, previous ? &previous->nodes_[type.ordinal] : nullptr));
    snapshot->nodes_.push_back(std::move(slot));
  }
  for (const schema::EdgeType& type : catalog->edges()) {
    OG_ASSIGN_OR_RETURN(auto slot,
                        slot_of(type, previous ? &previous->edges_[type.ordinal] : nullptr));
    snapshot->edges_.push_back(std::move(slot));
  }
  snapshot->cache_ = std::move(cache);
  snapshot->run_ = std::move(run);
  snapshot->index_ = index;
  return std::shared_ptr<const Snapshot>(snapshot);
}

Result<std::shared_ptr<const Snapshot>> Snapshot::OpenPast(
    std::shared_ptr<ObjectCache> cache, std::shared_ptr<const format::CommitRun> run,
    std::size_t index, const std::vector<format::Erasure>& later) {
  OG_ASSIGN_OR_RETURN(auto snapshot, Open(std::move(cache), std::move(run), index, nullptr));
  for (const format::Erasure& erasure : later) {
    if (snapshot->commit().generation >= erasure.generation) continue;
    const schema::TableType* const type = snapshot->catalog().FindTableById(erasure.type_id);
    if (type == nullptr) continue;
    const auto& slots = schema::IsNodeTable(*type) ? snapshot->nodes_ : snapshot->edges_;
    slots[type->ordinal]->MarkErased();
  }
  return snapshot;
}

Result<const table::Table*> Snapshot::NodeTable(std::uint32_t node_type) const {
  return nodes_[node_type]->Get(*cache_);
}

Result<const table::Table*> Snapshot::EdgeTable(std::uint32_t edge_type) const {
  return edges_[edge_type]->Get(*cache_);
}

Result<const table::Table*> Snapshot::TableOf(const schema::TableType& type) const {
  return schema::IsNodeTable(type) ? NodeTable(type.ordinal) : EdgeTable(type.ordinal);
}

}  // namespace omnigraph::graph
