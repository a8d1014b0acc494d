// Implements cluster/config_folder.h with system calls: a path is opened once and what was opened
// is looked at, so that a file cannot be exchanged between the look and the read.

#include "cluster/config_folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "base/strings.h"

namespace omnigraph::cluster {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

Status SystemError(const std::string& path, int error) {
  const ErrorCode code =
      error == ENOENT || error == ENOTDIR ? ErrorCode::kNotFound : ErrorCode::kUnavailable;
  return Status::Error(code, Quoted(path) + ": " + std::strerror(error));
}

std::string RealPath(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> resolved(::realpath(path.c_str(), nullptr),
                                                             &std::free);
  return resolved ? std::string(resolved.get()) : std::string();
}

Status CheckRegular(const struct stat& info, const std::string& path, std::size_t size_bytes_max) {
  if (S_ISDIR(info.st_mode)) {
    return Status::Error(ErrorCode::kInvalidArgument, Quoted(path) + ": is a folder, not a file");
  }
  if (!S_ISREG(info.st_mode)) {
    return Status::Error(ErrorCode::kInvalidArgument, Quoted(path) + ": is not a regular file");
  }
  if (static_cast<std::uint64_t>(info.st_size) > size_bytes_max) {
    return Status::Error(ErrorCode::kResourceExhausted,
                         Quoted(path) + ": has " + std::to_string(info.st_size) +
                             " bytes, more than the limit of " + std::to_string(size_bytes_max));
  }
  return Status::Ok();
}

Result<std::string> ReadAll(int descriptor, const std::string& path, std::size_t size_bytes_max) {
  std::string bytes;
  char buffer[64 * 1024];
  while (true) {
    const ssize_t count = ::read(descriptor, buffer, sizeof(buffer));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return SystemError(path, errno);
    if (count == 0) return bytes;
    bytes.append(buffer, static_cast<std::size_t>(count));
    // A file may grow, and some report no size at all.
    if (bytes.size() > size_bytes_max) {
      return Status::Error(ErrorCode::kResourceExhausted,
                           Quoted(path) + ": has more than the limit of " +
                               std::to_string(size_bytes_max) + " bytes");
    }
  }
}

bool HasQueryExtension(std::string_view name) {
  constexpr std::string_view kExtension = ".gq";
  return name.size() > kExtension.size() && name.ends_with(kExtension);
}

}  // namespace

bool ConfigFolder::Exists() const {
  struct stat info;
  return ::stat(directory_.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

std::string ConfigFolder::PathOf(std::string_view declared) const {
  if (declared.starts_with('/')) return std::string(declared);
  std::string path = directory_;
  if (!path.empty() && path.back() != '/') path.push_back('/');
  return path.append(declared);
}

bool ConfigFolder::IsFolder(std::string_view declared) const {
  struct stat info;
  return ::stat(PathOf(declared).c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

bool ConfigFolder::IsOutside(const std::string& path) const {
  const std::string folder = RealPath(directory_.empty() ? "." : directory_);
  const std::string target = RealPath(path);
  return target != folder && !target.starts_with(folder == "/" ? folder : folder + "/");
}

Result<SourceFile> ConfigFolder::Read(std::string_view declared, std::size_t size_bytes_max) const {
  if (declared.find('\0') != std::string_view::npos) {
    return Status::Error(ErrorCode::kInvalidArgument, Quoted(declared) + ": is not a path");
  }
  const std::string path = PathOf(declared);
  // O_NONBLOCK: opening a pipe must not wait for its other end.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (file.number() < 0) return SystemError(path, errno);
  struct stat info;
  if (::fstat(file.number(), &info) != 0) return SystemError(path, errno);
  OG_RETURN_IF_ERROR(CheckRegular(info, path, size_bytes_max));
  SourceFile source;
  OG_ASSIGN_OR_RETURN(source.bytes, ReadAll(file.number(), path, size_bytes_max));
  if (!IsValidUtf8(source.bytes)) {
    return Status::Error(ErrorCode::kInvalidArgument, Quoted(path) + ": is not UTF-8 text");
  }
  source.is_outside = IsOutside(path);
  return source;
}

Result<SourceListing> ConfigFolder::ListQueries(std::string_view declared) const {
  const std::string path = PathOf(declared);
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(path.c_str()), &::closedir);
  if (folder == nullptr) return SystemError(path, errno);
  SourceListing listing;
  while (const dirent* entry = ::readdir(folder.get())) {
    if (HasQueryExtension(entry->d_name)) listing.names.emplace_back(entry->d_name);
  }
  std::sort(listing.names.begin(), listing.names.end());
  listing.is_outside = IsOutside(path);
  return listing;
}

}  // namespace omnigraph::cluster
