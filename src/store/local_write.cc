// Objects as files of a directory tree: immutable objects and what makes them durable.

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "base/strings.h"
#include "store/local_file.h"
#include "store/local_store.h"

namespace omnigraph::store {

namespace {

constexpr unsigned kImmutableMode = 0444;
/// From this many objects on, one sync of the whole file system is cheaper than one for each.
constexpr std::size_t kSyncEverythingCountMin = 8;
/// A writer hands its bytes to the disk in steps of this size, so that the final sync is short.
constexpr std::uint64_t kWritebackStepBytes = std::uint64_t{8} << 20;
/// How often a folder that vanishes under a writer is made again.
constexpr int kFolderAttemptsMax = 100;

}  // namespace

// ---- Writing files -----------------------------------------------------------------------------

Status LocalStore::WriteFully(File& file, std::string_view key, std::uint64_t offset,
                              std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = files_.WriteAt(file.descriptor(), bytes.data(), bytes.size(), offset);
    if (count < 0) return WriteFailed("write", key, static_cast<int>(count));
    if (count == 0) return WriteFailed("write", key, EIO);
    offset += static_cast<std::uint64_t>(count);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return Status::Ok();
}

std::string LocalStore::NextTemporaryPath(const std::string& folder) {
  return folder + "/" + std::string(kTemporaryPrefix) + std::to_string(::getpid()) + "-" +
         std::to_string(next_temporary_.fetch_add(1));
}

Result<LocalStore::Temporary> LocalStore::OpenTemporary(std::string_view key, unsigned mode) {
  OG_ASSIGN_OR_RETURN(const std::string final_path, CheckedPath(key));
  const std::string folder = FolderOf(final_path);
  int opened = -ENOENT;
  for (int attempt = 0; attempt < kFolderAttemptsMax; ++attempt) {
    std::string path = NextTemporaryPath(folder);
    opened = files_.Open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL, mode);
    if (opened >= 0) {
      Temporary temporary(files_, std::move(path), File(opened));
      const int locked = files_.Lock(opened);  // Tells `RemoveAbandoned` that we live.
      if (locked < 0) return WriteFailed("lock the temporary file of", key, locked);
      return temporary;
    }
    // A missing folder may also be one that a racing `DeletePrefix` has just removed.
    if (opened == -ENOENT) {
      OG_RETURN_IF_ERROR(MakeFolders(folder));
    } else if (opened != -EEXIST) {
      break;
    }
  }
  return WriteFailed("create", key, opened);
}

Result<LocalStore::Temporary> LocalStore::WriteTemporary(std::string_view key,
                                                         std::string_view bytes, unsigned mode) {
  OG_ASSIGN_OR_RETURN(Temporary temporary, OpenTemporary(key, mode));
  OG_RETURN_IF_ERROR(WriteFully(temporary.file(), key, 0, bytes));
  return temporary;
}

Status LocalStore::MakeFolders(const std::string& path) {
  int made = files_.MakeDirectory(path.c_str());
  if (made == -ENOENT && path != "/") {
    OG_RETURN_IF_ERROR(MakeFolders(FolderOf(path)));
    made = files_.MakeDirectory(path.c_str());
  }
  if (made == 0 || made == -EEXIST) return Status::Ok();
  return WriteFailed("make the folder of", path, made);
}

// ---- Immutable objects -------------------------------------------------------------------------

Result<bool> LocalStore::HoldsBytes(std::string_view key, std::string_view bytes,
                                    Durability durability) {
  OG_ASSIGN_OR_RETURN(const std::string path, CheckedPath(key));
  const int opened = files_.Open(path.c_str(), O_RDONLY, 0);
  if (opened == -ENOENT) return false;
  if (opened < 0) return WriteFailed("open", key, opened);
  File file(opened);
  struct stat info = {};
  if (::fstat(opened, &info) != 0) return WriteFailed("open", key, errno);
  if (static_cast<std::uint64_t>(info.st_size) != bytes.size()) return false;
  OG_ASSIGN_OR_RETURN(const std::string present, ReadWhole(file, key, bytes.size()));
  if (present != bytes) return false;
  if (durability == Durability::kBeforeNextSwap) {
    // Its writer may be another process that has not synced it yet, or never will.
    const int synced = files_.SyncFile(opened);
    if (synced < 0) return WriteFailed("sync", key, synced);
    AddUnsynced(path);
  }
  return true;
}

Status LocalStore::Place(Temporary temporary, std::string_view key, Durability durability) {
  const std::string path = PathOf(key);
  if (durability == Durability::kBeforeNextSwap) {
    const int synced = files_.SyncFile(temporary.file().descriptor());
    if (synced < 0) return WriteFailed("sync", key, synced);
  }
  const int renamed = files_.Rename(temporary.path().c_str(), path.c_str());
  if (renamed < 0) return WriteFailed("name", key, renamed);
  temporary.Release();
  if (durability == Durability::kBeforeNextSwap) AddUnsynced(path);
  return Status::Ok();
}

Status LocalStore::PutImmutable(std::string_view key, std::string_view bytes,
                                Durability durability) {
  OG_ASSIGN_OR_RETURN(const bool is_present, HoldsBytes(key, bytes, durability));
  if (is_present) return Status::Ok();
  OG_ASSIGN_OR_RETURN(Temporary temporary, WriteTemporary(key, bytes, kImmutableMode));
  return Place(std::move(temporary), key, durability);
}

Status LocalStore::PutImmutableUnderNames(std::span<const std::string> keys,
                                          std::string_view bytes) {
  OG_CHECK(!keys.empty());
  if (keys.size() == 1) return PutImmutable(keys.front(), bytes);
  // The names are links to a file that is ours alone: what stands under one of them may be replaced
  // at any time by somebody who files other commits beside that one.
  OG_ASSIGN_OR_RETURN(Temporary temporary, WriteTemporary(keys.front(), bytes, kImmutableMode));
  const int synced = files_.SyncFile(temporary.file().descriptor());
  if (synced < 0) return WriteFailed("sync", keys.front(), synced);
  for (const std::string& key : keys) {
    OG_ASSIGN_OR_RETURN(const std::string path, CheckedPath(key));
    int linked = files_.HardLink(temporary.path().c_str(), path.c_str());
    if (linked == -EEXIST) linked = LinkInPlace(temporary, path);
    if (linked == 0) {
      AddUnsynced(path);
    } else {
      // The folder is not there yet, or the file system has no links.
      OG_RETURN_IF_ERROR(PutImmutable(key, bytes));
    }
  }
  return Status::Ok();
}

// A link cannot replace a name, a rename can. If we die between the two, the second name is taken
// away with the first (`RemoveAbandoned`).
int LocalStore::LinkInPlace(const Temporary& temporary, const std::string& path) {
  const std::string second = NextTemporaryPath(FolderOf(path));
  const int linked = files_.HardLink(temporary.path().c_str(), second.c_str());
  if (linked < 0) return linked;
  const int renamed = files_.Rename(second.c_str(), path.c_str());
  if (renamed < 0) (void)files_.Unlink(second.c_str());
  return renamed;
}

class LocalStore::Writer final : public ObjectWriter {
 public:
  Writer(LocalStore& store, std::string key, Temporary temporary)
      : store_(store), key_(std::move(key)), temporary_(std::move(temporary)) {}

  Status Append(std::string_view bytes) override {
    OG_CHECK(temporary_.has_value());
    OG_RETURN_IF_ERROR(store_.WriteFully(temporary_->file(), key_, size_bytes_, bytes));
    size_bytes_ += bytes.size();
    if (size_bytes_ - started_bytes_ >= kWritebackStepBytes) {
      store_.files_.StartWriteback(temporary_->file().descriptor(), started_bytes_,
                                   size_bytes_ - started_bytes_);
      started_bytes_ = size_bytes_;
    }
    return Status::Ok();
  }

  Status Finish() override {
    OG_CHECK(temporary_.has_value());
    Temporary temporary = std::move(*temporary_);
    temporary_.reset();
    return store_.Place(std::move(temporary), key_, Durability::kBeforeNextSwap);
  }

 private:
  LocalStore& store_;
  std::string key_;
  std::optional<Temporary> temporary_;
  std::uint64_t size_bytes_ = 0;
  std::uint64_t started_bytes_ = 0;  // Up to here the disk has been asked to write.
};

Result<std::unique_ptr<ObjectWriter>> LocalStore::OpenWriter(std::string_view key) {
  OG_ASSIGN_OR_RETURN(Temporary temporary, OpenTemporary(key, kImmutableMode));
  return std::unique_ptr<ObjectWriter>(
      std::make_unique<Writer>(*this, std::string(key), std::move(temporary)));
}

// ---- Durability --------------------------------------------------------------------------------

void LocalStore::AddUnsynced(std::string_view path) {
  const std::lock_guard lock(folders_mutex_);
  is_unsynced_ = true;
  std::string folder = FolderOf(path);
  unsynced_.insert(folder);
  // Folders that other processes made may not be durable either: check each once.
  while (folder.size() >= root_.size() && folder != "/" && !known_.contains(folder)) {
    folder = FolderOf(folder);
    unsynced_.insert(folder);
  }
}

Status LocalStore::SyncFolder(const std::string& folder) {
  const int opened = files_.Open(folder.c_str(), O_RDONLY | O_DIRECTORY, 0);
  if (opened == -ENOENT) return Status::Ok();  // Removed since, with all that was in it.
  if (opened < 0) return WriteFailed("open the folder", folder, opened);
  const File file(opened);
  const int synced = files_.SyncDirectory(opened);
  return synced < 0 ? WriteFailed("sync the folder", folder, synced) : Status::Ok();
}

Status LocalStore::SyncFolders() {
  if (!is_unsynced_) return Status::Ok();
  // Whoever comes while another thread syncs waits here: its objects may be among those.
  const std::lock_guard sync_lock(sync_mutex_);
  std::set<std::string> taken;
  {
    const std::lock_guard lock(folders_mutex_);
    taken.swap(unsynced_);
  }
  Status status;
  for (const std::string& folder : taken) {
    if (status.ok()) status = SyncFolder(folder);
  }
  const std::lock_guard lock(folders_mutex_);
  if (!status.ok()) {
    unsynced_.merge(taken);
    return status;
  }
  for (const std::string& folder : taken) {
    if (taken.contains(FolderOf(folder))) known_.insert(folder);
  }
  is_unsynced_ = !unsynced_.empty();
  return status;
}

Status LocalStore::SyncEverything() {
  const int opened = files_.Open(root_.c_str(), O_RDONLY | O_DIRECTORY, 0);
  if (opened < 0) return WriteFailed("open the folder", root_, opened);
  const File root(opened);
  const int synced = files_.SyncFileSystem(opened);
  if (synced < 0) return WriteFailed("sync the file system of", root_, synced);
  return SyncFolders();
}

Status LocalStore::Sync(std::span<const std::string> keys) {
  const bool is_whole = keys.size() >= kSyncEverythingCountMin;
  for (const std::string& key : keys) {
    OG_ASSIGN_OR_RETURN(File file, OpenForReading(key));
    if (is_whole) continue;
    const int synced = files_.SyncFile(file.descriptor());
    if (synced < 0) return WriteFailed("sync", key, synced);
    AddUnsynced(PathOf(key));
  }
  return is_whole ? SyncEverything() : SyncFolders();
}

}  // namespace omnigraph::store
