// The bytes of a ref's file.

#include "store/ref_file.h"

#include <bit>
#include <cstring>

#include "base/check.h"
#include "base/hash.h"

namespace omnigraph::store {

namespace {

static_assert(std::endian::native == std::endian::little, "numbers are copied as they are");

constexpr std::string_view kHeaderMagic = "OGREF001";
constexpr std::string_view kRecordMagic = "OGRC";
constexpr std::string_view kEndMagic = "CRGO";
constexpr std::size_t kRecordStartBytes = 16;

template <typename T>
void AppendNumber(T value, std::string& out) {
  char bytes[sizeof(T)];
  std::memcpy(bytes, &value, sizeof(T));
  out.append(bytes, sizeof(T));
}

template <typename T>
T NumberAt(std::string_view bytes, std::size_t offset) {
  T value;
  OG_CHECK(offset + sizeof(T) <= bytes.size());
  std::memcpy(&value, bytes.data() + offset, sizeof(T));
  return value;
}

/// `body` is the record before its checksum.
std::uint64_t RecordChecksum(const RefFileId& id, std::uint64_t offset, std::string_view body) {
  std::string seal;
  seal.append(reinterpret_cast<const char*>(id.data()), id.size());
  AppendNumber(offset, seal);
  AppendNumber(Checksum64(body), seal);
  return Checksum64(seal);
}

}  // namespace

std::string EncodeRefHeader(const RefFileId& id) {
  std::string header(kHeaderMagic);
  header.append(reinterpret_cast<const char*>(id.data()), id.size());
  AppendNumber(Checksum64(header), header);
  return header;
}

std::string EncodeRefRecord(const RefFileId& id, std::uint64_t offset, std::uint64_t sequence,
                            std::string_view payload) {
  std::string record;
  record.reserve(payload.size() + kRefRecordExtraBytes);
  record.append(kRecordMagic);
  AppendNumber(static_cast<std::uint32_t>(payload.size()), record);
  AppendNumber(sequence, record);
  record.append(payload);
  AppendNumber(RecordChecksum(id, offset, record), record);
  AppendNumber(static_cast<std::uint32_t>(payload.size()), record);
  record.append(kEndMagic);
  return record;
}

std::string RefRecordFooter(const RefRecord& record) {
  std::string footer;
  AppendNumber(record.checksum, footer);
  AppendNumber(static_cast<std::uint32_t>(record.end - record.offset - kRefRecordExtraBytes),
               footer);
  return footer.append(kEndMagic);
}

std::uint64_t RefRecordChecksum(std::string_view record) {
  OG_CHECK(record.size() >= kRefRecordExtraBytes);
  return NumberAt<std::uint64_t>(record, record.size() - kRefFooterSizeBytes);
}

std::optional<RefFileId> DecodeRefHeader(std::string_view bytes) {
  if (bytes.size() < kRefHeaderSizeBytes || !bytes.starts_with(kHeaderMagic)) return std::nullopt;
  if (NumberAt<std::uint64_t>(bytes, 24) != Checksum64(bytes.substr(0, 24))) return std::nullopt;
  RefFileId id;
  std::memcpy(id.data(), bytes.data() + kHeaderMagic.size(), id.size());
  return id;
}

std::optional<std::uint64_t> RefRecordSizeBefore(std::string_view bytes) {
  if (bytes.size() < kRefFooterSizeBytes || !bytes.ends_with(kEndMagic)) return std::nullopt;
  return kRefRecordExtraBytes + NumberAt<std::uint32_t>(bytes, bytes.size() - 8);
}

std::optional<RefRecord> DecodeRefRecordBefore(const RefFileId& id, std::string_view bytes,
                                               std::uint64_t bytes_offset) {
  const std::optional<std::uint64_t> size = RefRecordSizeBefore(bytes);
  if (!size || *size > bytes.size()) return std::nullopt;
  const std::string_view record = bytes.substr(bytes.size() - *size);
  if (!record.starts_with(kRecordMagic) ||
      NumberAt<std::uint32_t>(record, 4) + kRefRecordExtraBytes != *size) {
    return std::nullopt;
  }
  RefRecord decoded;
  decoded.offset = bytes_offset + bytes.size() - *size;
  decoded.end = bytes_offset + bytes.size();
  decoded.sequence = NumberAt<std::uint64_t>(record, 8);
  decoded.checksum = NumberAt<std::uint64_t>(record, *size - kRefFooterSizeBytes);
  decoded.payload = record.substr(kRecordStartBytes, *size - kRefRecordExtraBytes);
  const std::string_view body = record.substr(0, *size - kRefFooterSizeBytes);
  if (RecordChecksum(id, decoded.offset, body) != decoded.checksum) return std::nullopt;
  return decoded;
}

std::optional<RefRecord> FindLastRefRecord(const RefFileId& id, std::string_view file) {
  std::string_view rest = file;
  while (rest.size() >= kRefHeaderSizeBytes + kRefRecordExtraBytes) {
    const std::size_t found = rest.rfind(kEndMagic);
    if (found == std::string_view::npos) return std::nullopt;
    rest = rest.substr(0, found + kEndMagic.size());
    std::optional<RefRecord> record = DecodeRefRecordBefore(id, rest, 0);
    if (record) return record;
    rest.remove_suffix(1);
  }
  return std::nullopt;
}

std::vector<RefRecord> RecentRefRecords(const RefFileId& id, std::string_view file) {
  std::vector<RefRecord> records;
  std::optional<RefRecord> record = FindLastRefRecord(id, file);
  while (record) {
    records.push_back(*record);
    record = FindLastRefRecord(id, file.substr(0, record->offset));
  }
  return records;
}

}  // namespace omnigraph::store
