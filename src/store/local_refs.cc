// Objects as files of a directory tree: conditional changes, refs as files of recent values.

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <span>

#include "base/clock.h"
#include "base/strings.h"
#include "store/damage.h"
#include "store/local_file.h"
#include "store/local_store.h"

namespace omnigraph::store {

namespace {

constexpr unsigned kMutableMode = 0644;
/// What one read fetches from the end of a ref's file: enough for most heads.
constexpr std::uint64_t kRefWindowSizeBytes = std::uint64_t{16} << 10;
/// The same for what a trim keeps.
constexpr std::uint64_t kTrimWindowSizeBytes = std::uint64_t{512} << 10;

std::string FirstRefBytes(std::string_view payload, std::uint64_t sequence) {
  RefFileId id;
  Randomness::System().Fill(id.data(), id.size());
  std::string bytes = EncodeRefHeader(id);
  return bytes.append(EncodeRefRecord(id, bytes.size(), sequence, payload));
}

SwapOutcome Unknown(Status cause) {
  SwapOutcome outcome;
  outcome.result = SwapResult::kUnknown;
  outcome.cause = std::move(cause);
  return outcome;
}

SwapOutcome Moved(Object current) {
  SwapOutcome outcome;
  outcome.result = SwapResult::kMoved;
  outcome.current = std::move(current);
  return outcome;
}

SwapOutcome Gone() {
  SwapOutcome outcome;
  outcome.result = SwapResult::kGone;
  return outcome;
}

SwapOutcome Applied(ObjectVersion version) {
  SwapOutcome outcome;
  outcome.result = SwapResult::kApplied;
  outcome.version = std::move(version);
  return outcome;
}

Status CheckRefSize(std::string_view key, std::string_view bytes) {
  if (bytes.size() <= kRefSizeBytesMax) return Status::Ok();
  return Status::Error(ErrorCode::kResourceExhausted,
                       "write storage object " + Quoted(key) + ": it has " +
                           std::to_string(bytes.size()) + " bytes; a ref has at most " +
                           std::to_string(kRefSizeBytesMax));
}

bool IsSameFile(int file, const std::string& path) {
  struct stat opened = {};
  struct stat named = {};
  return ::fstat(file, &opened) == 0 && ::stat(path.c_str(), &named) == 0 &&
         opened.st_ino == named.st_ino && opened.st_dev == named.st_dev;
}

}  // namespace

// ---- Reading refs ------------------------------------------------------------------------------

Result<std::string> LocalStore::ReadAvailable(File& file, std::string_view key,
                                              std::uint64_t offset, std::uint64_t size_bytes) {
  std::string bytes(size_bytes, '\0');
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t count = files_.ReadAt(file.descriptor(), bytes.data() + filled,
                                        bytes.size() - filled, offset + filled);
    if (count < 0) return Failed("read", key, static_cast<int>(count));
    if (count == 0) break;  // A writer has cut off a torn record meanwhile.
    filled += static_cast<std::size_t>(count);
  }
  bytes.resize(filled);
  return bytes;
}

Result<std::string> LocalStore::ReadAll(File& file, std::string_view key) {
  struct stat info = {};
  if (::fstat(file.descriptor(), &info) != 0) return Failed("read", key, errno);
  return ReadAvailable(file, key, 0, static_cast<std::uint64_t>(info.st_size));
}

Status LocalStore::HoldsNoValue(std::string_view key) const {
  return DamagedObject(key, "it holds no intact value");
}

Result<LocalStore::RefValue> LocalStore::ReadRef(File& file, std::string_view key) {
  struct stat info = {};
  if (::fstat(file.descriptor(), &info) != 0) return Failed("read", key, errno);
  RefValue value;
  value.file = IdentityOf(info);
  value.file_size_bytes = static_cast<std::uint64_t>(info.st_size);
  std::uint64_t begin =
      value.file_size_bytes - std::min(value.file_size_bytes, kRefWindowSizeBytes);
  OG_ASSIGN_OR_RETURN(std::string window,
                      ReadAvailable(file, key, begin, value.file_size_bytes - begin));
  std::string start;
  if (begin > 0) {
    OG_ASSIGN_OR_RETURN(start, ReadAvailable(file, key, 0, kRefHeaderSizeBytes));
  }
  const std::optional<RefFileId> id = DecodeRefHeader(begin > 0 ? start : window);
  std::optional<RefRecord> last;
  if (id) {
    const std::optional<std::uint64_t> claimed = RefRecordSizeBefore(window);
    if (claimed && *claimed > window.size() && *claimed <= value.file_size_bytes) {
      begin = value.file_size_bytes - *claimed;
      OG_ASSIGN_OR_RETURN(window, ReadAvailable(file, key, begin, *claimed));
    }
    last = DecodeRefRecordBefore(*id, window, begin);
    if (!last) {
      // The end is torn, or is being written right now: the record before it counts.
      OG_ASSIGN_OR_RETURN(window, ReadAvailable(file, key, 0, value.file_size_bytes));
      last = FindLastRefRecord(*id, window);
    }
  }
  if (!last) return HoldsNoValue(key);
  value.id = *id;
  value.record = *last;
  value.payload = std::string(last->payload);
  value.record.payload = {};
  value.version = VersionOf(value.payload, value.record.sequence);
  return value;
}

std::shared_ptr<const LocalStore::KnownRef> LocalStore::FindKnown(std::string_view key) {
  const std::lock_guard lock(known_mutex_);
  const auto found = known_refs_.find(key);
  return found == known_refs_.end() ? nullptr : found->second;
}

void LocalStore::Remember(std::string_view key, std::shared_ptr<File> file, const RefValue& value) {
  // With a torn end the size of the file says nothing about its last record.
  if (value.record.end != value.file_size_bytes) return;
  auto known = std::make_shared<KnownRef>();
  known->file = std::move(file);
  known->identity = value.file;
  known->id = value.id;
  known->record = value.record;
  known->footer = RefRecordFooter(value.record);
  known->version = value.version;
  const std::lock_guard lock(known_mutex_);
  if (known_refs_.size() >= kKnownRefsMax && !known_refs_.contains(key)) {
    known_refs_.erase(known_refs_.begin());
  }
  known_refs_.insert_or_assign(std::string(key), std::move(known));
}

void LocalStore::Forget(std::string_view key) {
  const std::lock_guard lock(known_mutex_);
  const auto found = known_refs_.find(key);
  if (found != known_refs_.end()) known_refs_.erase(found);
}

bool LocalStore::EndsAsKnown(const KnownRef& known, const struct stat& info) {
  if (IdentityOf(info) != known.identity ||
      static_cast<std::uint64_t>(info.st_size) != known.record.end) {
    return false;
  }
  // A record whose sync failed is cut off again, and the next one may be as long.
  std::string footer(kRefFooterSizeBytes, '\0');
  const ssize_t count = files_.ReadAt(known.file->descriptor(), footer.data(), footer.size(),
                                      known.record.end - kRefFooterSizeBytes);
  return count == static_cast<ssize_t>(kRefFooterSizeBytes) && footer == known.footer;
}

// The value without its payload if it is the expected one and this process knows it; else as
// `ReadRef`.
Result<LocalStore::RefValue> LocalStore::ReadRefToAppend(File& file, std::string_view key,
                                                         const ObjectVersion& expected) {
  const std::shared_ptr<const KnownRef> known = FindKnown(key);
  struct stat info = {};
  if (!known || known->version != expected || ::fstat(file.descriptor(), &info) != 0 ||
      !EndsAsKnown(*known, info)) {
    return ReadRef(file, key);
  }
  RefValue value;
  value.file = known->identity;
  value.id = known->id;
  value.record = known->record;
  value.version = known->version;
  value.file_size_bytes = known->record.end;
  return value;
}

Result<std::vector<Object>> LocalStore::ReadRecent(std::string_view key) {
  if (!IsRefKey(key)) {
    OG_ASSIGN_OR_RETURN(Object object, Read(key, std::numeric_limits<std::uint64_t>::max()));
    return std::vector<Object>{std::move(object)};
  }
  OG_ASSIGN_OR_RETURN(File file, OpenForReading(key));
  OG_ASSIGN_OR_RETURN(const std::string bytes, ReadAll(file, key));
  std::vector<Object> values;
  const std::optional<RefFileId> id = DecodeRefHeader(bytes);
  if (id) {
    for (const RefRecord& record : RecentRefRecords(*id, bytes)) {
      values.push_back({std::string(record.payload), VersionOf(record.payload, record.sequence)});
    }
  }
  if (!values.empty()) return values;
  return HoldsNoValue(key);
}

// ---- Creating ----------------------------------------------------------------------------------

Result<ObjectVersion> LocalStore::Create(std::string_view key, std::string_view bytes) {
  const bool is_ref = IsRefKey(key);
  constexpr std::uint64_t kFirstSequence = 1;
  if (is_ref) OG_RETURN_IF_ERROR(CheckRefSize(key, bytes));
  OG_ASSIGN_OR_RETURN(const std::string path, CheckedPath(key));
  if (::access(path.c_str(), F_OK) == 0) return Failed("create", key, EEXIST);
  const std::string first = is_ref ? FirstRefBytes(bytes, kFirstSequence) : std::string();
  OG_ASSIGN_OR_RETURN(Temporary temporary,
                      WriteTemporary(key, is_ref ? std::string_view(first) : bytes, kMutableMode));
  const int synced = files_.SyncFile(temporary.file().descriptor());
  if (synced < 0) return WriteFailed("sync", key, synced);
  OG_RETURN_IF_ERROR(SyncFolders());
  const int renamed = files_.RenameNoReplace(temporary.path().c_str(), path.c_str());
  if (renamed < 0) return WriteFailed("create", key, renamed);
  temporary.Release();
  AddUnsynced(path);
  Status durable = SyncFolders();
  if (!durable.ok()) {
    return Status::Error(ErrorCode::kUnavailable,
                         "create storage object " + Quoted(key) +
                             ": it may or may not exist: " + std::string(durable.message()));
  }
  return VersionOf(bytes, is_ref ? kFirstSequence : 0);
}

// ---- Conditional changes -----------------------------------------------------------------------

Result<LocalStore::File> LocalStore::OpenLocked(std::string_view key) {
  OG_ASSIGN_OR_RETURN(const std::string path, CheckedPath(key));
  while (true) {
    const int opened = files_.Open(path.c_str(), IsRefKey(key) ? O_RDWR : O_RDONLY, 0);
    if (opened < 0) return Failed("open", key, opened);
    File file(opened);
    const int locked = files_.Lock(opened);
    if (locked < 0) {
      return WriteFailed("lock (does the file system support locks?)", key, locked);
    }
    // The former holder may have replaced or removed the file while we waited.
    if (IsSameFile(opened, path)) return file;
  }
}

Result<SwapOutcome> LocalStore::CompareAndSwap(std::string_view key, std::string_view bytes,
                                               const ObjectVersion& expected) {
  OG_RETURN_IF_ERROR(CheckKey(key));
  if (IsRefKey(key)) OG_RETURN_IF_ERROR(CheckRefSize(key, bytes));
  OG_RETURN_IF_ERROR(SyncFolders());
  Result<File> file = OpenLocked(key);
  if (!file.ok()) {
    if (file.status().code() == ErrorCode::kNotFound) return Gone();
    return std::move(file).status();
  }
  return IsRefKey(key) ? AppendToRef(*file, key, bytes, expected)
                       : SwapPlain(*file, key, bytes, expected);
}

Result<SwapOutcome> LocalStore::AppendToRef(File& file, std::string_view key,
                                            std::string_view bytes, const ObjectVersion& expected) {
  OG_ASSIGN_OR_RETURN(RefValue value, ReadRefToAppend(file, key, expected));
  if (value.version != expected) return Moved(std::move(value).TakeObject());
  const std::uint64_t offset = value.record.end;
  if (value.file_size_bytes > offset) {
    const int cut = files_.Truncate(file.descriptor(), offset);
    if (cut < 0) return WriteFailed("cut the torn end of", key, cut);
  }
  const std::uint64_t sequence = value.record.sequence + 1;
  const std::string record = EncodeRefRecord(value.id, offset, sequence, bytes);
  const Status written = WriteFully(file, key, offset, record);
  if (!written.ok()) {
    // What was written is no complete record. Should it not go away, the next writer cuts it off.
    (void)files_.Truncate(file.descriptor(), offset);
    return written;
  }
  const int synced = files_.SyncData(file.descriptor());
  if (synced < 0) {
    // Readers may have seen the record already, so this is no certain failure even if it goes.
    if (files_.Truncate(file.descriptor(), offset) == 0) (void)files_.SyncData(file.descriptor());
    return Unknown(WriteFailed("sync", key, synced));
  }
  SwapOutcome outcome = Applied(VersionOf(bytes, sequence));
  RememberAppended(key, value, record, outcome.version);
  outcome.wants_trim = offset > ref_file_size_bytes_max_;
  return outcome;
}

// After an append to a file that was known already: the lock's own descriptor must not stay open.
void LocalStore::RememberAppended(std::string_view key, const RefValue& before,
                                  std::string_view record, const ObjectVersion& version) {
  const std::shared_ptr<const KnownRef> known = FindKnown(key);
  if (!known || known->identity != before.file) return;
  RefValue value;
  value.file = before.file;
  value.id = before.id;
  value.record.offset = before.record.end;
  value.record.end = before.record.end + record.size();
  value.record.sequence = before.record.sequence + 1;
  value.record.checksum = RefRecordChecksum(record);
  value.version = version;
  value.file_size_bytes = value.record.end;
  Remember(key, known->file, value);
}

Result<SwapOutcome> LocalStore::SwapPlain(File& file, std::string_view key, std::string_view bytes,
                                          const ObjectVersion& expected) {
  OG_ASSIGN_OR_RETURN(std::string present,
                      ReadWhole(file, key, std::numeric_limits<std::uint64_t>::max()));
  ObjectVersion version = VersionOf(present);
  if (version != expected) return Moved({std::move(present), std::move(version)});
  const std::string path = PathOf(key);
  OG_ASSIGN_OR_RETURN(Temporary temporary, WriteTemporary(key, bytes, kMutableMode));
  const int synced = files_.SyncFile(temporary.file().descriptor());
  if (synced < 0) return WriteFailed("sync", key, synced);
  const int renamed = files_.Rename(temporary.path().c_str(), path.c_str());
  if (renamed < 0) return WriteFailed("replace", key, renamed);
  temporary.Release();
  Status durable = SyncFolder(FolderOf(path));
  if (!durable.ok()) return Unknown(std::move(durable));
  return Applied(VersionOf(bytes));
}

Result<SwapOutcome> LocalStore::DeleteIf(std::string_view key, const ObjectVersion& expected) {
  OG_RETURN_IF_ERROR(CheckKey(key));
  OG_RETURN_IF_ERROR(SyncFolders());
  Result<File> file = OpenLocked(key);
  if (!file.ok()) {
    if (file.status().code() == ErrorCode::kNotFound) return Gone();
    return std::move(file).status();
  }
  Object present;
  if (IsRefKey(key)) {
    OG_ASSIGN_OR_RETURN(RefValue value, ReadRef(*file, key));
    present = std::move(value).TakeObject();
  } else {
    OG_ASSIGN_OR_RETURN(present.bytes,
                        ReadWhole(*file, key, std::numeric_limits<std::uint64_t>::max()));
    present.version = VersionOf(present.bytes);
  }
  if (present.version != expected) return Moved(std::move(present));
  const std::string path = PathOf(key);
  const int removed = files_.Unlink(path.c_str());
  if (removed < 0) return WriteFailed("remove", key, removed);
  Status durable = SyncFolder(FolderOf(path));
  if (!durable.ok()) return Unknown(std::move(durable));
  return Applied({});
}

// The records from the last one back to the value of version `oldest`; none if it is not there.
// They point into `bytes`. Reads no more of the file than it has to: somebody waits for the lock.
Result<std::vector<RefRecord>> LocalStore::RecordsBackTo(File& file, std::string_view key,
                                                         const ObjectVersion& oldest,
                                                         std::string* bytes) {
  struct stat info = {};
  if (::fstat(file.descriptor(), &info) != 0) return Failed("read", key, errno);
  const auto size = static_cast<std::uint64_t>(info.st_size);
  OG_ASSIGN_OR_RETURN(const std::string start, ReadAvailable(file, key, 0, kRefHeaderSizeBytes));
  const std::optional<RefFileId> id = DecodeRefHeader(start);
  if (!id) return HoldsNoValue(key);
  for (std::uint64_t window = kTrimWindowSizeBytes;; window *= 4) {
    const std::uint64_t begin = size - std::min(size, window);
    OG_ASSIGN_OR_RETURN(*bytes, ReadAvailable(file, key, begin, size - begin));
    std::vector<RefRecord> records;
    std::optional<RefRecord> record =
        begin == 0 ? FindLastRefRecord(*id, *bytes) : DecodeRefRecordBefore(*id, *bytes, begin);
    while (record) {
      records.push_back(*record);
      if (VersionOf(record->payload, record->sequence) == oldest) return records;
      record = DecodeRefRecordBefore(
          *id, std::string_view(*bytes).substr(0, record->offset - begin), begin);
    }
    if (begin == 0) return std::vector<RefRecord>();
  }
}

// Puts `records`, oldest first, into a new file in place of the ref's.
Status LocalStore::RewriteRef(std::string_view key, std::span<const RefRecord> records) {
  RefFileId id;
  Randomness::System().Fill(id.data(), id.size());
  std::string bytes = EncodeRefHeader(id);
  for (const RefRecord& record : records) {
    bytes.append(EncodeRefRecord(id, bytes.size(), record.sequence, record.payload));
  }
  const std::string path = PathOf(key);
  OG_ASSIGN_OR_RETURN(Temporary temporary, WriteTemporary(key, bytes, kMutableMode));
  const int synced = files_.SyncFile(temporary.file().descriptor());
  if (synced < 0) return WriteFailed("sync", key, synced);
  const int renamed = files_.Rename(temporary.path().c_str(), path.c_str());
  if (renamed < 0) return WriteFailed("replace", key, renamed);
  temporary.Release();
  return SyncFolder(FolderOf(path));
}

Status LocalStore::TrimRecent(std::string_view key, const ObjectVersion& oldest_kept) {
  OG_RETURN_IF_ERROR(CheckKey(key));
  if (!IsRefKey(key)) return Status::Ok();
  OG_RETURN_IF_ERROR(SyncFolders());
  OG_ASSIGN_OR_RETURN(File file, OpenLocked(key));
  std::string bytes;
  OG_ASSIGN_OR_RETURN(std::vector<RefRecord> records,
                      RecordsBackTo(file, key, oldest_kept, &bytes));
  if (records.empty() || records.back().offset == kRefHeaderSizeBytes) return Status::Ok();
  std::reverse(records.begin(), records.end());
  return RewriteRef(key, records);
}

}  // namespace omnigraph::store
