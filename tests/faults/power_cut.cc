// Implements power_cut.h.

#include "power_cut.h"

#include <fcntl.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "base/check.h"

namespace omnigraph::faults {
namespace {

namespace fs = std::filesystem;

std::string FolderOf(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

std::string BytesOf(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

RecordingFiles::RecordingFiles(std::string root) : root_(std::move(root)) {
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root_)) {
    if (entry.is_directory()) {
      first_folders_.push_back(entry.path());
      continue;
    }
    const int file = static_cast<int>(first_bytes_.size());
    first_bytes_.push_back(BytesOf(entry.path()));
    names_[entry.path()] = file;
  }
  first_names_ = names_;
}

int RecordingFiles::FileAt(const std::string& path) {
  const auto [at, is_new] = names_.emplace(path, static_cast<int>(first_bytes_.size()));
  if (is_new) first_bytes_.emplace_back();
  return at->second;
}

int RecordingFiles::Open(const char* path, int flags, unsigned mode) {
  const std::lock_guard lock(mutex_);
  const int opened = FileOperations::Open(path, flags, mode);
  if (opened < 0) return opened;
  open_[opened] = path;
  if ((flags & O_DIRECTORY) != 0) return opened;
  const bool is_new = !names_.contains(path);
  open_files_[opened] = FileAt(path);
  if (is_new) NoteLink(Kind::kLink, path, "", open_files_[opened]);
  return opened;
}

void RecordingFiles::NoteLink(Kind kind, const std::string& path, const std::string& other,
                              int file) {
  Event event;
  event.kind = kind;
  event.path = path;
  event.other = other;
  event.file = file;
  events_.push_back(std::move(event));
}

ssize_t RecordingFiles::WriteAt(int file, const char* bytes, std::size_t size_bytes,
                                std::uint64_t offset) {
  const std::lock_guard lock(mutex_);
  const ssize_t count = FileOperations::WriteAt(file, bytes, size_bytes, offset);
  if (count <= 0) return count;
  Event event;
  event.kind = Kind::kWrite;
  event.file = open_files_.at(file);
  event.bytes.assign(bytes, static_cast<std::size_t>(count));
  event.at = offset;
  events_.push_back(std::move(event));
  return count;
}

int RecordingFiles::Truncate(int file, std::uint64_t size_bytes) {
  const std::lock_guard lock(mutex_);
  const int result = FileOperations::Truncate(file, size_bytes);
  if (result != 0) return result;
  Event event;
  event.kind = Kind::kTruncate;
  event.file = open_files_.at(file);
  event.at = size_bytes;
  events_.push_back(std::move(event));
  return result;
}

// The file system under the test need not really sync: what is durable is decided here.
int RecordingFiles::SyncFile(int file) {
  const std::lock_guard lock(mutex_);
  NoteLink(Kind::kSync, "", "", open_files_.at(file));
  return 0;
}

int RecordingFiles::SyncData(int file) {
  return SyncFile(file);
}

int RecordingFiles::SyncDirectory(int directory) {
  const std::lock_guard lock(mutex_);
  NoteLink(Kind::kSyncFolder, open_.at(directory), "", -1);
  return 0;
}

int RecordingFiles::SyncFileSystem(int) {
  const std::lock_guard lock(mutex_);
  NoteLink(Kind::kSyncAll, "", "", -1);
  return 0;
}

int RecordingFiles::Rename(const char* from, const char* to) {
  const std::lock_guard lock(mutex_);
  const int result = FileOperations::Rename(from, to);
  if (result != 0) return result;
  const int file = names_.at(from);
  names_.erase(from);
  names_[to] = file;
  NoteLink(Kind::kMove, to, from, file);
  return result;
}

int RecordingFiles::RenameNoReplace(const char* from, const char* to) {
  const std::lock_guard lock(mutex_);
  const int result = FileOperations::RenameNoReplace(from, to);
  if (result != 0) return result;
  const int file = names_.at(from);
  names_.erase(from);
  names_[to] = file;
  NoteLink(Kind::kMove, to, from, file);
  return result;
}

int RecordingFiles::HardLink(const char* from, const char* to) {
  const std::lock_guard lock(mutex_);
  const int result = FileOperations::HardLink(from, to);
  if (result != 0) return result;
  names_[to] = names_.at(from);
  NoteLink(Kind::kLink, to, "", names_.at(to));
  return result;
}

int RecordingFiles::Unlink(const char* path) {
  const std::lock_guard lock(mutex_);
  const int result = FileOperations::Unlink(path);
  if (result != 0) return result;
  names_.erase(path);
  NoteLink(Kind::kUnlink, path, "", -1);
  return result;
}

int RecordingFiles::MakeDirectory(const char* path) {
  const std::lock_guard lock(mutex_);
  const int result = FileOperations::MakeDirectory(path);
  if (result == 0) NoteLink(Kind::kFolder, path, "", -1);
  return result;
}

void RecordingFiles::Restore(std::size_t count, std::mt19937_64& random,
                             const std::string& folder) const {
  // What is still open of each file and of each folder when the power goes.
  std::map<int, std::vector<const Event*>> open_bytes;
  std::map<std::string, std::vector<const Event*>> open_names;
  std::vector<std::string> bytes = first_bytes_;
  std::map<std::string, int> names = first_names_;
  std::set<std::string> folders(first_folders_.begin(), first_folders_.end());
  folders.insert(root_);

  const auto apply_bytes = [&](const Event& event, std::size_t size_max) {
    std::string& text = bytes[static_cast<std::size_t>(event.file)];
    if (event.kind == Kind::kTruncate) return text.resize(event.at);
    const std::size_t size = std::min(size_max, event.bytes.size());
    if (text.size() < event.at + size) text.resize(event.at + size);
    text.replace(event.at, size, event.bytes, 0, size);
  };
  const auto apply_name = [&](const Event& event) {
    if (event.kind == Kind::kFolder) folders.insert(event.path);
    if (event.kind == Kind::kUnlink) names.erase(event.path);
    if (event.kind == Kind::kMove) names.erase(event.other);
    if (event.kind == Kind::kMove || event.kind == Kind::kLink) names[event.path] = event.file;
  };
  const auto settle_bytes = [&](int file) {
    for (const Event* event : open_bytes[file])
      apply_bytes(*event, std::string::npos);
    open_bytes.erase(file);
  };
  const auto settle_names = [&](const std::string& path) {
    for (const Event* event : open_names[path])
      apply_name(*event);
    open_names.erase(path);
  };

  for (std::size_t i = 0; i < count; ++i) {
    const Event& event = events_[i];
    switch (event.kind) {
      case Kind::kWrite:
      case Kind::kTruncate:
        open_bytes[event.file].push_back(&event);
        break;
      case Kind::kSync:
        settle_bytes(event.file);
        break;
      case Kind::kSyncFolder:
        settle_names(event.path);
        break;
      case Kind::kSyncAll:
        while (!open_bytes.empty())
          settle_bytes(open_bytes.begin()->first);
        while (!open_names.empty())
          settle_names(open_names.begin()->first);
        break;
      default:
        open_names[FolderOf(event.path)].push_back(&event);
    }
  }
  // Some of what was under way reached the disk, the last piece of a file perhaps in part.
  for (const auto& [file, events] : open_bytes) {
    const std::size_t kept = random() % (events.size() + 1);
    for (std::size_t i = 0; i < kept; ++i) {
      const bool is_torn = i + 1 == kept && random() % 2 == 0;
      apply_bytes(*events[i],
                  is_torn ? random() % (events[i]->bytes.size() + 1) : std::string::npos);
    }
  }
  for (const auto& [path, events] : open_names) {
    const std::size_t kept = random() % (events.size() + 1);
    for (std::size_t i = 0; i < kept; ++i)
      apply_name(*events[i]);
  }
  const auto is_there = [&](std::string path) {
    for (; path != root_; path = FolderOf(path))
      if (!folders.contains(path)) return false;
    return true;
  };
  for (const std::string& path : folders)
    if (is_there(path)) fs::create_directories(folder + path.substr(root_.size()));
  for (const auto& [path, file] : names) {
    if (!is_there(FolderOf(path))) continue;
    std::ofstream out(folder + path.substr(root_.size()), std::ios::binary);
    out << bytes[static_cast<std::size_t>(file)];
  }
}

}  // namespace omnigraph::faults
