// The system calls of the directory store, as an object, so that tests can count them and make
// each of them fail.

#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

namespace omnigraph::store {

/// Each call returns what the system call returns, or the negative error number; EINTR is retried
/// inside. Thread-safe.
class FileOperations {
 public:
  FileOperations() = default;
  FileOperations(const FileOperations&) = delete;
  FileOperations& operator=(const FileOperations&) = delete;
  virtual ~FileOperations() = default;

  /// Always adds O_CLOEXEC.
  virtual int Open(const char* path, int flags, unsigned mode);
  virtual ssize_t ReadAt(int file, char* bytes, std::size_t size_bytes, std::uint64_t offset);
  virtual ssize_t WriteAt(int file, const char* bytes, std::size_t size_bytes,
                          std::uint64_t offset);
  virtual int Truncate(int file, std::uint64_t size_bytes);
  virtual int SyncFile(int file);
  virtual int SyncData(int file);
  virtual int SyncDirectory(int directory);
  /// Everything of the file system that holds `file`.
  virtual int SyncFileSystem(int file);
  /// Starts writing a range to the disk without waiting; a hint.
  virtual void StartWriteback(int file, std::uint64_t offset, std::uint64_t size_bytes);
  /// Takes the exclusive advisory lock and waits for it.
  virtual int Lock(int file);
  /// Takes the exclusive advisory lock on one byte for this open file, without waiting: EAGAIN if
  /// another open file has it. No relation to `Lock`.
  virtual int TryLockByte(int file, std::uint64_t offset);
  /// 1 if another open file has that lock, 0 if not.
  virtual int IsByteLocked(int file, std::uint64_t offset);
  virtual int Rename(const char* from, const char* to);
  /// EEXIST if `to` exists.
  virtual int RenameNoReplace(const char* from, const char* to);
  /// Gives the file a second name. EEXIST if `to` exists.
  virtual int HardLink(const char* from, const char* to);
  virtual int Unlink(const char* path);
  virtual int MakeDirectory(const char* path);
  virtual int RemoveDirectory(const char* path);

  /// The real ones; live for ever.
  static FileOperations& System();
};

}  // namespace omnigraph::store
