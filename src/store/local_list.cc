// Objects as files of a directory tree: listing and removing.

#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <filesystem>
#include <system_error>

#include "base/strings.h"
#include "store/local_file.h"
#include "store/local_store.h"

namespace omnigraph::store {

namespace {

/// A temporary file of this age without a lock on it has no writer any more.
constexpr std::int64_t kAbandonedAgeSecondsMin = 600;

struct Entry {
  std::string name;  // A folder's ends in '/', so that names sort as the keys do.
  bool is_folder() const { return name.ends_with('/'); }
  std::string_view bare_name() const {
    return std::string_view(name).substr(0, name.size() - (is_folder() ? 1 : 0));
  }
};

/// The files and folders in `folder`, sorted; links and devices are left out. A missing folder is
/// an empty one.
Result<std::vector<Entry>> ReadFolder(const std::string& folder) {
  std::vector<Entry> entries;
  std::error_code error;
  std::filesystem::directory_iterator at(folder, error);
  for (; !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
    std::error_code gone;
    const std::filesystem::file_type type = at->symlink_status(gone).type();
    std::string name = at->path().filename().string();
    if (type == std::filesystem::file_type::directory)
      entries.push_back({std::move(name) + "/"});
    else if (type == std::filesystem::file_type::regular)
      entries.push_back({std::move(name)});
  }
  if (error && error != std::errc::no_such_file_or_directory &&
      error != std::errc::not_a_directory) {
    return Status::Error(ErrorCode::kUnavailable,
                         "list the folder " + Quoted(folder) + ": " + error.message());
  }
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.name < b.name; });
  return entries;
}

bool IsTemporary(std::string_view name) {
  return name.starts_with(kTemporaryPrefix);
}

struct Listing {
  std::string_view prefix;
  std::string_view after;
  std::size_t count_max;
  std::vector<std::string> keys;

  bool IsFull() const { return keys.size() >= count_max; }
  /// Whether keys that start with `start` can belong to the listing.
  bool Wants(std::string_view start) const {
    if (!start.starts_with(prefix) && !prefix.starts_with(start)) return false;
    return start > after || after.starts_with(start);
  }
};

/// `start` is the folder's key with a slash at its end, or empty for the root.
Status ListFolder(const std::string& folder, const std::string& start, Listing& listing) {
  OG_ASSIGN_OR_RETURN(const std::vector<Entry> entries, ReadFolder(folder));
  for (const Entry& entry : entries) {
    if (listing.IsFull()) break;
    std::string key = start + entry.name;
    if (!CheckKey(entry.bare_name()).ok()) continue;
    if (entry.is_folder()) {
      if (!listing.Wants(key)) continue;
      OG_RETURN_IF_ERROR(ListFolder(folder + "/" + std::string(entry.bare_name()), key, listing));
    } else if (key.starts_with(listing.prefix) && key > listing.after) {
      listing.keys.push_back(std::move(key));
    }
  }
  return Status::Ok();
}

/// Removes the temporary files in `folder` and below whose writers are dead.
Result<std::uint64_t> SweepFolder(FileOperations& files, const std::string& folder) {
  OG_ASSIGN_OR_RETURN(const std::vector<Entry> entries, ReadFolder(folder));
  std::uint64_t freed_bytes = 0;
  for (const Entry& entry : entries) {
    const std::string path = folder + "/" + std::string(entry.bare_name());
    if (entry.is_folder()) {
      OG_ASSIGN_OR_RETURN(const std::uint64_t below, SweepFolder(files, path));
      freed_bytes += below;
      continue;
    }
    if (!IsTemporary(entry.name)) continue;
    const int opened = files.Open(path.c_str(), O_RDONLY, 0);
    if (opened < 0) continue;
    struct stat info = {};
    const bool is_abandoned = ::fstat(opened, &info) == 0 &&
                              std::time(nullptr) - info.st_mtime >= kAbandonedAgeSecondsMin &&
                              ::flock(opened, LOCK_EX | LOCK_NB) == 0;
    if (is_abandoned && files.Unlink(path.c_str()) == 0) {
      freed_bytes += static_cast<std::uint64_t>(info.st_size);
    }
    (void)::close(opened);
  }
  return freed_bytes;
}

}  // namespace

Result<std::vector<std::string>> LocalStore::List(std::string_view prefix, std::string_view after,
                                                  std::uint32_t count_max) {
  Listing listing{prefix, after, count_max, {}};
  OG_RETURN_IF_ERROR(ListFolder(root_, "", listing));
  return std::move(listing.keys);
}

Status LocalStore::Delete(std::string_view key) {
  OG_ASSIGN_OR_RETURN(const std::string path, CheckedPath(key));
  const int removed = files_.Unlink(path.c_str());
  if (removed == 0 || removed == -ENOENT || removed == -ENOTDIR) return Status::Ok();
  return WriteFailed("remove", key, removed);
}

Status LocalStore::RemoveTree(const std::string& folder) {
  OG_ASSIGN_OR_RETURN(const std::vector<Entry> entries, ReadFolder(folder));
  for (const Entry& entry : entries) {
    const std::string path = folder + "/" + std::string(entry.bare_name());
    // What no store has written is not ours to remove.
    if (!IsTemporary(entry.name) && !CheckKey(entry.bare_name()).ok()) continue;
    if (entry.is_folder()) {
      OG_RETURN_IF_ERROR(RemoveTree(path));
    } else {
      const int removed = files_.Unlink(path.c_str());
      if (removed < 0 && removed != -ENOENT) return WriteFailed("remove", path, removed);
    }
  }
  // Stays if it is not empty: foreign files, or an object that was written meanwhile.
  if (files_.RemoveDirectory(folder.c_str()) < 0) return SyncFolder(folder);
  const std::lock_guard lock(folders_mutex_);
  known_.erase(folder);
  return Status::Ok();
}

Status LocalStore::DeletePrefix(std::string_view prefix) {
  std::string folder = root_;
  if (!prefix.empty()) {
    const std::string_view key = prefix.substr(0, prefix.size() - 1);
    if (!prefix.ends_with('/')) {
      return Status::Error(ErrorCode::kInvalidArgument,
                           "the prefix " + Quoted(prefix) + " does not end in '/'");
    }
    OG_ASSIGN_OR_RETURN(folder, CheckedPath(key));
  }
  OG_RETURN_IF_ERROR(RemoveTree(folder));
  return SyncFolder(FolderOf(folder));
}

Result<std::uint64_t> LocalStore::RemoveAbandoned() {
  return SweepFolder(files_, root_);
}

}  // namespace omnigraph::store
