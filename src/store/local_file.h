// What the parts of the directory store share: open files and temporary files.

#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <utility>

#include "base/hash.h"
#include "store/local_store.h"
#include "store/ref_file.h"

namespace omnigraph::store {

/// The start of every temporary file's name; no key may have it.
inline constexpr std::string_view kTemporaryPrefix = ".tmp-";

class LocalStore::File {
 public:
  File() = default;
  explicit File(int descriptor) : descriptor_(descriptor) {}
  File(File&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  File& operator=(File&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  /// Also releases the lock, if this holds it.
  ~File() {
    if (descriptor_ >= 0) (void)::close(descriptor_);
  }
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_ = -1;
};

class LocalStore::Temporary {
 public:
  Temporary(FileOperations& files, std::string path, File file)
      : files_(&files), path_(std::move(path)), file_(std::move(file)) {}
  Temporary(Temporary&& other) noexcept
      : files_(other.files_),
        path_(std::exchange(other.path_, {})),
        file_(std::move(other.file_)) {}
  Temporary& operator=(Temporary&&) = delete;
  ~Temporary() {
    if (!path_.empty()) (void)files_->Unlink(path_.c_str());
  }
  File& file() { return file_; }
  const std::string& path() const { return path_; }
  /// The file has got its name: there is nothing left to remove.
  void Release() { path_.clear(); }

 private:
  FileOperations* files_;
  std::string path_;
  File file_;
};

/// Which file of the machine an open file is.
struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

inline FileIdentity IdentityOf(const struct stat& info) {
  return {static_cast<std::uint64_t>(info.st_dev), static_cast<std::uint64_t>(info.st_ino)};
}

struct LocalStore::RefValue {
  FileIdentity file;
  RefFileId id = {};
  RefRecord record;  ///< Without its payload.
  std::string payload;
  ObjectVersion version;
  std::uint64_t file_size_bytes = 0;

  Object TakeObject() && { return {std::move(payload), std::move(version)}; }
};

/// What a ref held when this process last looked. As long as the file is open, no other file can
/// get its inode number; and whatever replaces the last record has another checksum, since that
/// covers the file id, the offset and the content. So "the path names this file, which ends where
/// the record ended, with the same footer" means that nothing has changed.
struct LocalStore::KnownRef {
  std::shared_ptr<File> file;  ///< Open for reading; never holds the lock.
  FileIdentity identity;
  RefFileId id = {};
  RefRecord record;  ///< Without its payload.
  std::string footer;
  ObjectVersion version;
};

/// The folder of the absolute `path`.
inline std::string FolderOf(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == 0 ? "/" : std::string(path.substr(0, slash));
}

/// Names a version by the content and, for refs, by its number: contents of mutable objects do not
/// repeat, and a rewritten file keeps its versions.
inline ObjectVersion VersionOf(std::string_view bytes, std::uint64_t sequence = 0) {
  return {std::to_string(sequence) + "-" + std::to_string(bytes.size()) + "-" +
          std::to_string(Checksum64(bytes))};
}

}  // namespace omnigraph::store
