// The system calls of the directory store.

#include "store/file_operations.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace omnigraph::store {

namespace {

/// Repeats `call` while a signal interrupts it; negative error number on failure.
template <typename Call>
auto Retry(const Call& call) -> decltype(call()) {
  while (true) {
    const auto result = call();
    if (result >= 0) return result;
    if (errno != EINTR) return -errno;
  }
}

struct flock WriteLockOf(std::uint64_t offset) {
  struct flock lock = {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = static_cast<off_t>(offset);
  lock.l_len = 1;
  return lock;
}

}  // namespace

int FileOperations::Open(const char* path, int flags, unsigned mode) {
  return Retry([&] { return ::open(path, flags | O_CLOEXEC, mode); });
}

ssize_t FileOperations::ReadAt(int file, char* bytes, std::size_t size_bytes,
                               std::uint64_t offset) {
  return Retry([&] { return ::pread(file, bytes, size_bytes, static_cast<off_t>(offset)); });
}

ssize_t FileOperations::WriteAt(int file, const char* bytes, std::size_t size_bytes,
                                std::uint64_t offset) {
  return Retry([&] { return ::pwrite(file, bytes, size_bytes, static_cast<off_t>(offset)); });
}

int FileOperations::Truncate(int file, std::uint64_t size_bytes) {
  return Retry([&] { return ::ftruncate(file, static_cast<off_t>(size_bytes)); });
}

int FileOperations::SyncFile(int file) {
  return Retry([&] { return ::fsync(file); });
}

int FileOperations::SyncData(int file) {
  return Retry([&] { return ::fdatasync(file); });
}

int FileOperations::SyncDirectory(int directory) {
  return Retry([&] { return ::fsync(directory); });
}

int FileOperations::SyncFileSystem(int file) {
  return Retry([&] { return ::syncfs(file); });
}

void FileOperations::StartWriteback(int file, std::uint64_t offset, std::uint64_t size_bytes) {
  (void)::sync_file_range(file, static_cast<off_t>(offset), static_cast<off_t>(size_bytes),
                          SYNC_FILE_RANGE_WRITE);
}

int FileOperations::Lock(int file) {
  return Retry([&] { return ::flock(file, LOCK_EX); });
}

int FileOperations::TryLockByte(int file, std::uint64_t offset) {
  struct flock lock = WriteLockOf(offset);
  return Retry([&] { return ::fcntl(file, F_OFD_SETLK, &lock); });
}

int FileOperations::IsByteLocked(int file, std::uint64_t offset) {
  struct flock lock = WriteLockOf(offset);
  const int asked = Retry([&] { return ::fcntl(file, F_OFD_GETLK, &lock); });
  if (asked < 0) return asked;
  return lock.l_type == F_UNLCK ? 0 : 1;
}

int FileOperations::Rename(const char* from, const char* to) {
  return Retry([&] { return ::rename(from, to); });
}

int FileOperations::RenameNoReplace(const char* from, const char* to) {
  const int result =
      Retry([&] { return ::renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE); });
  if (result != -EINVAL && result != -ENOSYS) return result;
  // A file system without the flag: a hard link has the same guarantee in two steps.
  const int linked = Retry([&] { return ::link(from, to); });
  if (linked == 0) (void)::unlink(from);
  return linked;
}

int FileOperations::HardLink(const char* from, const char* to) {
  return ::link(from, to) == 0 ? 0 : -errno;
}

int FileOperations::Unlink(const char* path) {
  return Retry([&] { return ::unlink(path); });
}

int FileOperations::MakeDirectory(const char* path) {
  return Retry([&] { return ::mkdir(path, 0777); });
}

int FileOperations::RemoveDirectory(const char* path) {
  return Retry([&] { return ::rmdir(path); });
}

FileOperations& FileOperations::System() {
  static FileOperations system;
  return system;
}

}  // namespace omnigraph::store
