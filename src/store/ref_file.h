// The bytes of a ref's file on a directory: a header and a row of records, each one value of the
// ref. The last complete record is the present value.
//
//   header  "OGREF001"  file id (16 random bytes)  checksum of these 24 bytes (u64)
//   record  "OGRC"  payload size (u32)  sequence (u64)  payload  checksum (u64)  size (u32)  "CRGO"
//
// Little endian. The checksum (XXH3) covers the file id, the record's offset and all of the record
// before it, so that bytes of a payload or of another file never pass for a record. A record that
// is cut off or damaged by a crash of its writer is no record. Sequences rise by one.

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace omnigraph::store {

using RefFileId = std::array<unsigned char, 16>;

inline constexpr std::size_t kRefHeaderSizeBytes = 32;
inline constexpr std::size_t kRefFooterSizeBytes = 16;
/// What a record takes beyond its payload.
inline constexpr std::size_t kRefRecordExtraBytes = 32;

struct RefRecord {
  std::uint64_t offset = 0;
  std::uint64_t end = 0;  ///< Offset of the byte after the record.
  std::uint64_t sequence = 0;
  std::uint64_t checksum = 0;
  std::string_view payload;  ///< Points into the bytes that were read.
};

std::string EncodeRefHeader(const RefFileId& id);
std::string EncodeRefRecord(const RefFileId& id, std::uint64_t offset, std::uint64_t sequence,
                            std::string_view payload);

/// The last bytes of a record in its file, and the checksum in them.
std::string RefRecordFooter(const RefRecord& record);
std::uint64_t RefRecordChecksum(std::string_view record);

/// The id in a file's first bytes; none if they are no header.
std::optional<RefFileId> DecodeRefHeader(std::string_view bytes);

/// How many bytes the record that ends with `bytes` claims to have, from its footer; none without
/// a footer. The claim is unchecked.
std::optional<std::uint64_t> RefRecordSizeBefore(std::string_view bytes);

/// The record that ends with `bytes`, whose first byte lies at `bytes_offset` of the file; none if
/// there is no complete record.
std::optional<RefRecord> DecodeRefRecordBefore(const RefFileId& id, std::string_view bytes,
                                               std::uint64_t bytes_offset);

/// The last complete record of a whole file, whatever follows it. Cost: one pass backwards.
std::optional<RefRecord> FindLastRefRecord(const RefFileId& id, std::string_view file);

/// All records of a whole file, newest first, without those that are damaged.
std::vector<RefRecord> RecentRefRecords(const RefFileId& id, std::string_view file);

}  // namespace omnigraph::store
