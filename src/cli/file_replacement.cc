// Implements cli/file_replacement.h.

#include "cli/file_replacement.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "base/clock.h"
#include "cli/files.h"

namespace omnigraph::cli {
namespace {

Status CannotWrite(const std::string& path, int error) {
  return Status::Error(error == ENOENT ? ErrorCode::kNotFound : ErrorCode::kUnavailable,
                       "cannot write " + path + ": " + std::strerror(error));
}

}  // namespace

Result<FileReplacement> FileReplacement::Create(const std::string& path) {
  std::string temporary = path + ".partial-" + UlidGenerator::System().Next();
  constexpr mode_t kOrdinaryFile = 0666;  // The umask takes from it.
  const int descriptor =
      ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kOrdinaryFile);
  if (descriptor < 0) return CannotWrite(path, errno);
  return FileReplacement(path, std::move(temporary), descriptor);
}

FileReplacement::FileReplacement(std::string path, std::string temporary, int descriptor)
    : path_(std::move(path)), temporary_(std::move(temporary)), descriptor_(descriptor) {}

FileReplacement::FileReplacement(FileReplacement&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, {})),
      descriptor_(std::exchange(other.descriptor_, -1)) {}

FileReplacement::~FileReplacement() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

Status FileReplacement::Write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return CannotWrite(path_, errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return Status::Ok();
}

Status FileReplacement::Commit() {
  if (::fsync(descriptor_) != 0) return CannotWrite(path_, errno);
  if (::close(std::exchange(descriptor_, -1)) != 0) return CannotWrite(path_, errno);
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0) return CannotWrite(path_, errno);
  temporary_.clear();
  const int folder = ::open(FolderOf(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return CannotWrite(path_, errno);
  const int synced = ::fsync(folder);
  const int error = errno;
  ::close(folder);
  return synced == 0 ? Status::Ok() : CannotWrite(path_, error);
}

}  // namespace omnigraph::cli
