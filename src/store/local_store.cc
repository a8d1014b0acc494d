// Objects as files of a directory tree: errors and reading.

#include "store/local_store.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <limits>

#include "base/check.h"
#include "base/strings.h"
#include "store/local_file.h"
#include "store/mapped_file.h"

namespace omnigraph::store {

namespace {

ErrorCode CodeOf(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return ErrorCode::kNotFound;
    case EEXIST:
      return ErrorCode::kAlreadyExists;
    default:  // A full disk and too many open files too: no limit that a request could keep to.
      return ErrorCode::kUnavailable;
  }
}

Status TooLarge(std::string_view key, std::uint64_t size_bytes, std::uint64_t size_bytes_max) {
  return Status::Error(ErrorCode::kResourceExhausted,
                       "the storage object " + Quoted(key) + " has " + std::to_string(size_bytes) +
                           " bytes; at most " + std::to_string(size_bytes_max) + " are read");
}

Result<struct stat> StatOpen(int file, std::string_view key) {
  struct stat info = {};
  if (::fstat(file, &info) == 0 && S_ISREG(info.st_mode)) return info;
  return Status::Error(ErrorCode::kNotFound, "the storage object " + Quoted(key) + " is no file");
}

}  // namespace

LocalStore::LocalStore(std::string root, LocalStoreOptions options)
    : root_(std::move(root)),
      files_(options.files != nullptr ? *options.files : FileOperations::System()),
      ref_file_size_bytes_max_(options.ref_file_size_bytes_max),
      maps_files_(options.maps_files) {
  OG_CHECK(root_.starts_with('/'));
}

LocalStore::~LocalStore() = default;

Status LocalStore::Failed(std::string_view attempted, std::string_view key, int error) const {
  const std::string reason = std::strerror(error < 0 ? -error : error);
  return Status::Error(CodeOf(error < 0 ? -error : error),
                       std::string(attempted) + " storage object " + Quoted(key) + " in " +
                           Quoted(root_) + ": " + reason);
}

Status LocalStore::WriteFailed(std::string_view attempted, std::string_view key, int error) const {
  Status status = Failed(attempted, key, error);
  // A folder that cannot be made is trouble with the store, not a missing object.
  if (status.code() != ErrorCode::kNotFound) return status;
  return Status::Error(ErrorCode::kUnavailable, std::string(status.message()));
}

std::string LocalStore::PathOf(std::string_view key) const {
  std::string path;
  path.reserve(root_.size() + key.size() + 1);
  return path.append(root_ == "/" ? "" : root_).append("/").append(key);
}

Result<std::string> LocalStore::CheckedPath(std::string_view key) const {
  OG_RETURN_IF_ERROR(CheckKey(key));
  return PathOf(key);
}

// ---- Reading -----------------------------------------------------------------------------------

Result<LocalStore::File> LocalStore::OpenForReading(std::string_view key) {
  OG_ASSIGN_OR_RETURN(const std::string path, CheckedPath(key));
  const int opened = files_.Open(path.c_str(), O_RDONLY, 0);
  if (opened < 0) return Failed("read", key, opened);
  return File(opened);
}

Status LocalStore::ReadExactly(File& file, std::string_view key, std::uint64_t offset, char* bytes,
                               std::size_t size_bytes) {
  while (size_bytes > 0) {
    const ssize_t count = files_.ReadAt(file.descriptor(), bytes, size_bytes, offset);
    if (count < 0) return Failed("read", key, static_cast<int>(count));
    if (count == 0) {
      return Status::Error(ErrorCode::kCorruption,
                           "the storage object " + Quoted(key) + " in " + Quoted(root_) +
                               " ends at byte " + std::to_string(offset) + ", " +
                               std::to_string(size_bytes) + " bytes too early");
    }
    bytes += count;
    offset += static_cast<std::uint64_t>(count);
    size_bytes -= static_cast<std::size_t>(count);
  }
  return Status::Ok();
}

Result<std::string> LocalStore::ReadWhole(File& file, std::string_view key,
                                          std::uint64_t size_bytes_max) {
  OG_ASSIGN_OR_RETURN(const struct stat info, StatOpen(file.descriptor(), key));
  const auto size_bytes = static_cast<std::uint64_t>(info.st_size);
  if (size_bytes > size_bytes_max) {
    return TooLarge(key, size_bytes, size_bytes_max);
  }
  std::string bytes(size_bytes, '\0');
  OG_RETURN_IF_ERROR(ReadExactly(file, key, 0, bytes.data(), bytes.size()));
  return bytes;
}

Result<Object> LocalStore::Read(std::string_view key, std::uint64_t size_bytes_max) {
  OG_ASSIGN_OR_RETURN(File file, OpenForReading(key));
  if (IsRefKey(key)) {
    OG_ASSIGN_OR_RETURN(RefValue value, ReadRef(file, key));
    Remember(key, std::make_shared<File>(std::move(file)), value);
    if (value.payload.size() > size_bytes_max) {
      return TooLarge(key, value.payload.size(), size_bytes_max);
    }
    return std::move(value).TakeObject();
  }
  OG_ASSIGN_OR_RETURN(std::string bytes, ReadWhole(file, key, size_bytes_max));
  ObjectVersion version = VersionOf(bytes);
  return Object{std::move(bytes), std::move(version)};
}

Result<std::string> LocalStore::ReadRange(std::string_view key, std::uint64_t offset,
                                          std::uint64_t size_bytes) {
  OG_ASSIGN_OR_RETURN(File file, OpenForReading(key));
  OG_ASSIGN_OR_RETURN(const struct stat info, StatOpen(file.descriptor(), key));
  const auto present = static_cast<std::uint64_t>(info.st_size);
  if (offset > present || size_bytes > present - offset) {
    return Status::Error(ErrorCode::kCorruption,
                         "the storage object " + Quoted(key) + " in " + Quoted(root_) + " has " +
                             std::to_string(present) + " bytes; " + std::to_string(size_bytes) +
                             " bytes from byte " + std::to_string(offset) + " on are missing");
  }
  std::string bytes(size_bytes, '\0');
  OG_RETURN_IF_ERROR(ReadExactly(file, key, offset, bytes.data(), bytes.size()));
  return bytes;
}

Result<std::shared_ptr<const MappedBytes>> LocalStore::MapReadOnly(std::string_view key) {
  if (IsRefKey(key)) {
    OG_ASSIGN_OR_RETURN(Object object, Read(key, kRefSizeBytesMax));
    return MakeMappedBytes(std::move(object.bytes));
  }
  OG_ASSIGN_OR_RETURN(File file, OpenForReading(key));
  OG_ASSIGN_OR_RETURN(const struct stat info, StatOpen(file.descriptor(), key));
  const auto size_bytes = static_cast<std::size_t>(info.st_size);
  if (size_bytes == 0) return MakeMappedBytes({});
  if (!maps_files_) {
    OG_ASSIGN_OR_RETURN(std::string bytes, ReadWhole(file, key, size_bytes));
    return MakeMappedBytes(std::move(bytes));
  }
  void* address = ::mmap(nullptr, size_bytes, PROT_READ, MAP_SHARED, file.descriptor(), 0);
  if (address == MAP_FAILED) return Failed("map", key, errno);
  return std::shared_ptr<const MappedBytes>(
      std::make_shared<MappedFile>(address, size_bytes, std::string(key)));
}

Result<ObjectVersion> LocalStore::ReadVersion(std::string_view key) {
  if (const std::shared_ptr<const KnownRef> known = FindKnown(key)) {
    struct stat named = {};
    // By the path: what is open may have been replaced, or its folder moved away.
    if (::stat(PathOf(key).c_str(), &named) == 0 && EndsAsKnown(*known, named)) {
      return known->version;
    }
    Forget(key);
  }
  OG_ASSIGN_OR_RETURN(Object object, Read(key, std::numeric_limits<std::uint64_t>::max()));
  return std::move(object.version);
}

Result<ObjectInfo> LocalStore::Stat(std::string_view key) {
  OG_ASSIGN_OR_RETURN(File file, OpenForReading(key));
  OG_ASSIGN_OR_RETURN(const struct stat info, StatOpen(file.descriptor(), key));
  ObjectInfo result;
  result.size_bytes = static_cast<std::uint64_t>(info.st_size);
  result.modified_micros = info.st_mtim.tv_sec * 1'000'000 + info.st_mtim.tv_nsec / 1000;
  if (IsRefKey(key)) {
    OG_ASSIGN_OR_RETURN(const RefValue value, ReadRef(file, key));
    result.size_bytes = value.payload.size();
  }
  return result;
}

}  // namespace omnigraph::store
