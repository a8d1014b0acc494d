// Fragments and segments as bytes: Arrow IPC files and record batches.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"
#include "schema/catalog.h"
#include "store/object_store.h"

namespace arrow {
class RecordBatch;
}

namespace omnigraph::format {

struct WrittenObject {
  std::uint64_t size_bytes = 0;
  std::uint64_t checksum = 0;  ///< XXH3 of all bytes.
};

/// Writes `batch` as one Arrow IPC file (one record batch, uncompressed, buffers at multiples of
/// 64 bytes). The object becomes visible when this returns OK.
Result<WrittenObject> WriteFragment(store::ObjectStore& store, std::string_view key,
                                    const std::shared_ptr<arrow::RecordBatch>& batch);

/// The rows of a fragment, in place: the batch points into `bytes` and keeps it alive.
///
/// Errors: `kCorruption` naming `object` when `bytes` do not match `checksum` or hold no such file.
Result<std::shared_ptr<arrow::RecordBatch>> ReadFragment(
    std::shared_ptr<const store::MappedBytes> bytes, std::uint64_t checksum,
    std::string_view object);

/// A record batch without its schema, for a segment.
Result<std::string> EncodeSegmentRows(const std::shared_ptr<arrow::RecordBatch>& batch);

/// The inverse, given the type whose rows these are and whether they have a column of ids. The
/// batch points into `bytes`.
Result<std::shared_ptr<arrow::RecordBatch>> DecodeSegmentRows(
    const std::shared_ptr<const std::string>& bytes, const schema::TableType& type, bool has_ids,
    std::string_view object);

}  // namespace omnigraph::format
