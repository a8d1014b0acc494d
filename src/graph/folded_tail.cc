// Implements graph/folded_tail.h.

#include "graph/folded_tail.h"

#include <algorithm>
#include <utility>

namespace omnigraph::graph {
namespace {

std::uint64_t TailBytes(const TableSlot& slot) {
  std::uint64_t bytes = 0;
  for (const std::uint32_t segment : slot.state().segments)
    bytes += slot.run()->segments[segment].size_bytes();
  return bytes;
}

Result<FoldedTail> Fold(const Snapshot& snapshot, const schema::TableType& type, ThreadPool* pool) {
  ObjectCache& cache = *snapshot.cache();
  const TableSlot& slot = *snapshot.slot(type);
  OG_ASSIGN_OR_RETURN(const table::Table* const table, snapshot.TableOf(type));
  FoldedTail folded = StartFold(slot);
  FragmentWriter writer(*cache.store(), pool);
  OG_ASSIGN_OR_RETURN(folded.manifest,
                      writer.Flush(*table, slot.state().DataPath(), snapshot.commit().generation));
  format::TableState state = slot.state();
  state.manifest = folded.manifest;
  state.segments.clear();
  TableSlot after(slot.type(), state, slot.run(), slot.built());
  OG_ASSIGN_OR_RETURN(const table::Table* const same_rows, after.Get(cache));
  OG_RETURN_IF_ERROR(same_rows->Open());
  // Opens the key indexes too.
  OG_RETURN_IF_ERROR(same_rows->FindById("").status());
  folded.table = after.built();
  OG_ASSIGN_OR_RETURN(const auto manifest, cache.Manifest(folded.manifest));
  folded.objects.push_back(format::ManifestKey(folded.manifest));
  for (const format::FragmentInfo& fragment : manifest->fragments) {
    folded.objects.push_back(format::FragmentKey(state.DataPath(), fragment.name));
    if (fragment.has_key_index) {
      folded.objects.push_back(format::KeyIndexKey(state.DataPath(), fragment.name));
    }
  }
  return folded;
}

}  // namespace

FoldedTail StartFold(const TableSlot& slot) {
  FoldedTail folded;
  folded.type_id = slot.type()->id;
  folded.old_manifest = slot.state().manifest;
  for (const format::Segment* segment : slot.Segments())
    folded.segments.push_back(segment->id);
  return folded;
}

bool Continues(const TableSlot& slot, const FoldedTail& folded) {
  const std::vector<std::uint32_t>& segments = slot.state().segments;
  if (slot.state().manifest != folded.old_manifest) return false;
  if (segments.size() < folded.segments.size()) return false;
  for (std::size_t i = 0; i < folded.segments.size(); ++i) {
    if (slot.run()->segments[segments[i]].id != folded.segments[i]) return false;
  }
  return true;
}

std::uint64_t TailBytes(const Snapshot& snapshot) {
  std::uint64_t bytes = 0;
  for (const schema::TableType* type : snapshot.catalog().Tables())
    bytes += TailBytes(*snapshot.slot(*type));
  return bytes;
}

Result<std::vector<FoldedTail>> FoldTails(const Snapshot& snapshot, ThreadPool* pool) {
  std::uint64_t tail = 0;
  std::vector<std::pair<std::uint64_t, const schema::TableType*>> largest;
  for (const schema::TableType* type : snapshot.catalog().Tables()) {
    const std::uint64_t bytes = TailBytes(*snapshot.slot(*type));
    if (bytes > 0) largest.emplace_back(bytes, type);
    tail += bytes;
  }
  std::sort(largest.rbegin(), largest.rend());
  std::vector<FoldedTail> all;
  for (const auto& [bytes, type] : largest) {
    if (tail <= kTailBytesKept) break;
    OG_ASSIGN_OR_RETURN(FoldedTail folded, Fold(snapshot, *type, pool));
    all.push_back(std::move(folded));
    tail -= bytes;
  }
  // The folders of the new objects are synced here, and not by the commit that names them.
  OG_RETURN_IF_ERROR(snapshot.cache()->store()->Sync({}));
  return all;
}

bool Fits(const std::vector<FoldedTail>& all, const Snapshot& snapshot) {
  return std::any_of(all.begin(), all.end(), [&](const FoldedTail& folded) {
    const schema::TableType* const type = snapshot.catalog().FindTableById(folded.type_id);
    return type != nullptr && Continues(*snapshot.slot(*type), folded);
  });
}

bool AreStored(const std::vector<FoldedTail>& all, store::ObjectStore& store) {
  return std::all_of(all.begin(), all.end(), [&](const FoldedTail& folded) {
    return std::all_of(folded.objects.begin(), folded.objects.end(),
                       [&](const std::string& key) { return store.Stat(key).ok(); });
  });
}

Status TakeOver(const std::vector<FoldedTail>& all, WorkingGraph& working) {
  for (const FoldedTail& folded : all) {
    const schema::TableType* const type = working.catalog().FindTableById(folded.type_id);
    if (type == nullptr || !Continues(*working.base().slot(*type), folded)) continue;
    OG_RETURN_IF_ERROR(working.TakeOver(*type, folded.manifest, folded.segments.size()));
  }
  return Status::Ok();
}

}  // namespace omnigraph::graph
