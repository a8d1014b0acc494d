// Implements graph/fragment_writer.h.

#include "graph/fragment_writer.h"

#include <arrow/api.h>

#include <algorithm>
#include <mutex>
#include <roaring/roaring.hh>

#include "base/clock.h"
#include "base/hash.h"
#include "format/fragment.h"
#include "index/key_index.h"
#include "table/rows.h"
#include "table/tail.h"
#include "table/ulid_number.h"

namespace omnigraph::graph {
namespace {

using format::FragmentInfo;
using format::Manifest;
using format::RowBatch;
using table::RowId;

std::string EncodeRows(const std::vector<RowId>& dead) {
  if (dead.empty()) return {};
  Roaring bitmap(dead.size(), dead.data());
  bitmap.runOptimize();
  std::string bytes(bitmap.getSizeInBytes(), '\0');
  bitmap.write(bytes.data());
  return bytes;
}

}  // namespace

Result<FragmentInfo> FragmentWriter::WriteRows(const std::string& path, RowBatch& rows,
                                               const std::vector<RowId>& row_ids,
                                               std::uint64_t first_row_id,
                                               std::string generated_id_base,
                                               std::uint64_t generation) {
  FragmentInfo info;
  info.name = UlidGenerator::System().Next();
  info.rows_count = rows.size();
  info.has_row_ids = !row_ids.empty();
  info.first_row_id = info.has_row_ids ? 0 : first_row_id;
  info.generation = generation;
  info.generated_id_base = std::move(generated_id_base);
  if (!rows.layout().is_edge && info.generated_id_base.empty()) {
    const std::string index = index::KeyIndex::Encode(
        rows.size(), [&rows](std::size_t position) { return rows.Id(position); });
    info.has_key_index = true;
    info.key_index_checksum = Checksum64(index);
    const std::string key = format::KeyIndexKey(path, info.name);
    Note(key);
    OG_RETURN_IF_ERROR(store_.PutImmutable(key, index));
  }
  const std::string key = format::FragmentKey(path, info.name);
  Note(key);
  OG_ASSIGN_OR_RETURN(const format::WrittenObject written,
                      format::WriteFragment(store_, key, rows.Finish(row_ids)));
  info.size_bytes = written.size_bytes;
  info.checksum = written.checksum;
  return info;
}

void FragmentWriter::Note(std::string key) {
  const std::lock_guard lock(mutex_);
  written_.push_back(std::move(key));
}

void FragmentWriter::Discard() {
  const std::lock_guard lock(mutex_);
  for (const std::string& key : written_)
    (void)store_.Delete(key);  // What stays is taken by the next cleanup.
  written_.clear();
}

Result<std::string> FragmentWriter::WriteManifest(const Manifest& manifest) {
  const std::string bytes = format::EncodeManifest(manifest);
  std::string digest = Sha256Hex(bytes);
  OG_RETURN_IF_ERROR(store_.PutImmutable(format::ManifestKey(digest), bytes));
  return digest;
}

Result<Manifest> FragmentWriter::FlushedManifest(const table::Table& table,
                                                 const std::string& table_path,
                                                 std::uint64_t generation) {
  OG_RETURN_IF_ERROR(table.Open());
  const table::FlushPlan plan = table::PlanFlush(table);
  Manifest manifest;
  manifest.type_id = table.type().id;
  std::vector<FragmentInfo> kept_updates;
  for (const FragmentInfo& info : plan.kept) {
    (info.has_row_ids ? kept_updates : manifest.fragments).push_back(info);
  }
  RowId row = plan.begin;
  while (row < plan.end) {
    RowBatch rows(table.type());
    const RowId first = row;
    while (row < plan.end && rows.size() < kFragmentRowsMax &&
           ((row - first) % 1024 != 0 || rows.size_bytes() < kFragmentBytesMax)) {
      table::AppendRow(table, row++, &rows);
    }
    OG_ASSIGN_OR_RETURN(FragmentInfo info, WriteRows(table_path, rows, {}, first, "", generation));
    manifest.fragments.push_back(std::move(info));
  }
  manifest.fragments.insert(manifest.fragments.end(), kept_updates.begin(), kept_updates.end());
  if (!plan.moved.empty()) {
    RowBatch rows(table.type());
    for (const RowId moved : plan.moved)
      table::AppendRow(table, moved, &rows);
    OG_ASSIGN_OR_RETURN(FragmentInfo info,
                        WriteRows(table_path, rows, plan.moved, 0, "", generation));
    manifest.fragments.push_back(std::move(info));
  }
  manifest.deleted = EncodeRows(plan.dead);
  return manifest;
}

Result<std::string> FragmentWriter::Flush(const table::Table& table, const std::string& table_path,
                                          std::uint64_t generation) {
  OG_ASSIGN_OR_RETURN(const Manifest manifest, FlushedManifest(table, table_path, generation));
  return WriteManifest(manifest);
}

Result<FragmentWriter::Compacted> FragmentWriter::Compact(const table::Table& table,
                                                          const std::string& table_path,
                                                          const table::CompactionPlan& plan) {
  Manifest manifest;
  manifest.type_id = table.type().id;
  manifest.fragments = plan.kept;
  Compacted compacted;
  const auto add = [&](RowBatch& rows, const std::vector<RowId>& row_ids, RowId first,
                       std::uint64_t generation) -> Status {
    OG_ASSIGN_OR_RETURN(FragmentInfo info,
                        WriteRows(table_path, rows, row_ids, first, "", generation));
    manifest.fragments.push_back(std::move(info));
    ++compacted.fragments_added;
    return Status::Ok();
  };
  for (const table::CompactionPlan::Run& run : plan.runs) {
    for (auto [row, end] : run.ranges) {
      while (row < end) {
        RowBatch rows(table.type());
        const RowId first = row;
        while (row < end && rows.size() < kFragmentRowsMax &&
               ((row - first) % 1024 != 0 || rows.size_bytes() < kFragmentBytesMax)) {
          table::AppendLiveOrBlankRow(table, row++, &rows);
        }
        OG_RETURN_IF_ERROR(add(rows, {}, first, run.generation));
      }
    }
  }
  std::sort(manifest.fragments.begin(), manifest.fragments.end(),
            [](const FragmentInfo& left, const FragmentInfo& right) {
              return left.first_row_id < right.first_row_id;
            });
  manifest.fragments.insert(manifest.fragments.end(), plan.kept_updates.begin(),
                            plan.kept_updates.end());
  if (!plan.moved.empty()) {
    RowBatch rows(table.type());
    for (const RowId moved : plan.moved)
      table::AppendRow(table, moved, &rows);
    OG_RETURN_IF_ERROR(add(rows, plan.moved, 0, plan.moved_generation));
  }
  manifest.deleted = EncodeRows(table::DeadRows(table));
  OG_ASSIGN_OR_RETURN(compacted.manifest, WriteManifest(manifest));
  return compacted;
}

Result<std::string> FragmentWriter::Rewrite(
    const table::Table& table, const std::string& table_path, const schema::TableType& type,
    const std::function<RowAppender(bool has_stored_ids)>& appender, std::uint64_t generation) {
  OG_RETURN_IF_ERROR(table.Open());
  Manifest manifest;
  manifest.type_id = type.id;
  const auto write = [&](RowId first, RowId end, const std::string& id_base) -> Status {
    const RowAppender append = appender(id_base.empty());
    RowBatch rows(type);
    for (RowId row = first; row < end; ++row)
      append(row, &rows);
    OG_ASSIGN_OR_RETURN(FragmentInfo info,
                        WriteRows(table_path, rows, {}, first, id_base, generation));
    manifest.fragments.push_back(std::move(info));
    return Status::Ok();
  };
  // Updated images go where their row was inserted, so no fragment of updates is left. Rows of
  // segments, one at a time as they came, are written together.
  RowId run_begin = 0, run_end = 0;
  const auto write_run = [&]() -> Status {
    if (run_begin == run_end) return Status::Ok();
    return write(std::exchange(run_begin, run_end), run_end, "");
  };
  for (const std::uint32_t index : table.rows().start_chunks) {
    const table::Chunk& chunk = *table.rows().chunks[index];
    const RowId first = chunk.first_row();
    const RowId end = first + chunk.rows_count();
    if (!chunk.is_segment()) {
      OG_RETURN_IF_ERROR(write_run());
      OG_RETURN_IF_ERROR(write(first, end, chunk.data().generated_id_base));
      continue;
    }
    if (first != run_end) {
      OG_RETURN_IF_ERROR(write_run());
      run_begin = first;
    }
    run_end = end;
  }
  OG_RETURN_IF_ERROR(write_run());
  manifest.deleted = EncodeRows(table::DeadRows(table));
  return WriteManifest(manifest);
}

Result<std::string> FragmentWriter::WriteDelta(const table::Table& table,
                                               const std::string& table_path, TableDelta& delta,
                                               std::uint64_t generation) {
  Manifest manifest;
  manifest.type_id = table.type().id;
  if (!delta.removes_all_before) {
    OG_ASSIGN_OR_RETURN(manifest, FlushedManifest(table, table_path, generation));
  }
  std::vector<std::uint64_t> first_rows;
  std::vector<std::string> id_bases;
  std::uint64_t first_row = table.row_ids_end();
  std::uint64_t inserted = 0;
  for (const RowBatch& piece : delta.inserted) {
    first_rows.push_back(first_row + inserted);
    std::string base;
    if (!delta.generated_id_base.empty()) {
      table::AppendUlidAfter(delta.generated_id_base, static_cast<std::uint32_t>(inserted), base);
    }
    id_bases.push_back(std::move(base));
    inserted += piece.size();
  }
  std::vector<FragmentInfo> written(delta.inserted.size());
  std::mutex mutex;
  Status failure;  // Guarded by mutex.
  const auto write = [&](std::size_t i) {
    Result<FragmentInfo> info =
        WriteRows(table_path, delta.inserted[i], {}, first_rows[i], id_bases[i], generation);
    if (info.ok()) {
      written[i] = *std::move(info);
      return;
    }
    const std::lock_guard lock(mutex);
    failure = std::move(info).status();
  };
  if (pool_ != nullptr) {
    ParallelFor(*pool_, delta.inserted.size(), write);
  } else {
    for (std::size_t i = 0; i < delta.inserted.size(); ++i)
      write(i);
  }
  OG_RETURN_IF_ERROR(failure);
  // New rows stand behind the contiguous fragments, before those of updates.
  const auto updates_begin =
      std::find_if(manifest.fragments.begin(), manifest.fragments.end(),
                   [](const FragmentInfo& info) { return info.has_row_ids; });
  manifest.fragments.insert(updates_begin, written.begin(), written.end());
  if (delta.updated && !delta.updated->empty()) {
    OG_ASSIGN_OR_RETURN(FragmentInfo info, WriteRows(table_path, *delta.updated, delta.updated_rows,
                                                     0, "", generation));
    manifest.fragments.push_back(std::move(info));
  }
  if (!delta.removes_all_before) {
    std::vector<RowId> dead = table::DeadRows(table);
    std::vector<RowId> all;
    std::merge(dead.begin(), dead.end(), delta.deleted.begin(), delta.deleted.end(),
               std::back_inserter(all));
    manifest.deleted = EncodeRows(all);
  }
  return WriteManifest(manifest);
}

}  // namespace omnigraph::graph
