// Loss of power under a directory store: writes down every system call that changes the disk, and
// builds what a disk may hold when the power goes after the n-th of them. What was not synced may
// be there, may be missing, may be torn; changes of different files and folders are independent.

#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "store/file_operations.h"

namespace omnigraph::faults {

/// The real calls, written down. Thread-safe; `Restore` wants that nobody else is at work.
class RecordingFiles final : public store::FileOperations {
 public:
  /// `root` as it is now counts as durable.
  explicit RecordingFiles(std::string root);

  std::size_t events_count() const {
    const std::lock_guard lock(mutex_);
    return events_.size();
  }

  /// Makes `folder`, which is empty, what may be left of the root after the first `count` events.
  void Restore(std::size_t count, std::mt19937_64& random, const std::string& folder) const;

  int Open(const char* path, int flags, unsigned mode) override;
  ssize_t WriteAt(int file, const char* bytes, std::size_t size_bytes,
                  std::uint64_t offset) override;
  int Truncate(int file, std::uint64_t size_bytes) override;
  int SyncFile(int file) override;
  int SyncData(int file) override;
  int SyncDirectory(int directory) override;
  int SyncFileSystem(int file) override;
  int Rename(const char* from, const char* to) override;
  int RenameNoReplace(const char* from, const char* to) override;
  int HardLink(const char* from, const char* to) override;
  int Unlink(const char* path) override;
  int MakeDirectory(const char* path) override;

 private:
  enum class Kind : unsigned char {
    kWrite,
    kTruncate,
    kSync,  // Of one file.
    kSyncFolder,
    kSyncAll,
    kLink,  // A name for a file, new or instead of another one.
    kMove,  // A name for a file, and its old name goes.
    kUnlink,
    kFolder,
  };
  struct Event {
    Kind kind = Kind::kWrite;
    int file = -1;      // Which file, by its number here.
    std::string path;   // The name or folder.
    std::string other;  // Of moves: the old name.
    std::string bytes;
    std::uint64_t at = 0;  // Offset, or size of a truncation.
  };

  int FileAt(const std::string& path);
  void NoteLink(Kind kind, const std::string& path, const std::string& other, int file);

  const std::string root_;
  mutable std::mutex mutex_;  // Guards all below, and keeps calls in the order of their events.
  std::vector<Event> events_;
  std::map<std::string, int> names_;        // Files by path, as of now.
  std::map<std::string, int> first_names_;  // As of the start.
  std::vector<std::string> first_bytes_;    // By file, as of the start.
  std::vector<std::string> first_folders_;
  std::map<int, std::string> open_;  // Paths by descriptor.
  std::map<int, int> open_files_;    // Files by descriptor.
};

}  // namespace omnigraph::faults
