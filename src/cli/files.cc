// Files, on the calls of the system.

#include "cli/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/strings.h"

namespace omnigraph::cli {
namespace {

Status SystemError(std::string_view attempted, const std::string& path, int error) {
  const ErrorCode code = error == ENOENT ? ErrorCode::kNotFound : ErrorCode::kUnavailable;
  return Status::Error(
      code, std::string(attempted) + " '" + path + "': " + std::generic_category().message(error));
}

// Writes `bytes` to a new file at `path`; the error number, or 0.
int WriteNew(const std::string& path, std::string_view bytes, std::uint32_t permissions) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (descriptor < 0) return errno;
  int error = 0;
  while (!bytes.empty() && error == 0) {
    const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    if (count >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno != EINTR) {
      error = errno;
    }
  }
  if (error == 0 && ::fchmod(descriptor, permissions) != 0) error = errno;
  if (error == 0 && ::fsync(descriptor) != 0) error = errno;
  if (::close(descriptor) != 0 && error == 0) error = errno;
  return error;
}

// Puts `bytes` in the place of the file at `path`, whether or not there is one.
Status Replace(const std::string& path, std::string_view bytes, std::uint32_t permissions) {
  const std::string temporary = path + ".tmp";
  if (const int failure = WriteNew(temporary, bytes, permissions); failure != 0) {
    ::unlink(temporary.c_str());
    return SystemError("cannot write", temporary, failure);
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    const int failure = errno;
    ::unlink(temporary.c_str());
    return SystemError("cannot write", path, failure);
  }
  return Status::Ok();
}

Result<std::string> ReadAll(FileReader reader) {
  std::string bytes;
  std::size_t piece = reader.size_bytes() + 1;
  while (true) {
    const std::size_t size_bytes = bytes.size();
    bytes.resize(size_bytes + piece);
    OG_ASSIGN_OR_RETURN(const std::size_t count, reader.Read(bytes.data() + size_bytes, piece));
    bytes.resize(size_bytes + count);
    if (count == 0) return bytes;
    piece = 65'536;
  }
}

}  // namespace

Result<std::string> ReadFile(const std::string& path) {
  OG_ASSIGN_OR_RETURN(FileReader reader, FileReader::Open(path));
  return ReadAll(std::move(reader));
}

Result<std::string> ReadStandardInput() {
  return ReadFile("/dev/stdin");
}

bool IsFolder(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path, ignored);
}

Result<std::vector<std::string>> FilesBelow(const std::string& folder, std::string_view suffix) {
  std::vector<std::string> files;
  std::error_code error;
  std::filesystem::recursive_directory_iterator entry(folder, error);
  for (; !error && entry != std::filesystem::recursive_directory_iterator();
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    std::error_code ignored;
    if (name.starts_with('.')) {
      entry.disable_recursion_pending();
    } else if (name.ends_with(suffix) && entry->is_regular_file(ignored)) {
      files.push_back(entry->path().lexically_normal().string());
    }
  }
  if (error) return SystemError("cannot list", folder, error.value());
  std::sort(files.begin(), files.end());
  return files;
}

bool FileExists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

Status ReplacePrivateFile(const std::string& path, std::string_view bytes) {
  std::error_code error;
  std::filesystem::create_directories(FolderOf(path), error);
  if (error) return SystemError("cannot create the folder of", path, error.value());
  return Replace(path, bytes, 0600);
}

Status ReplaceFile(const std::string& path, std::string_view bytes) {
  std::error_code error;
  const std::string target = std::filesystem::weakly_canonical(path, error).string();
  if (error) return SystemError("cannot write", path, error.value());
  std::filesystem::create_directories(FolderOf(target), error);
  if (error) return SystemError("cannot create the folder of", path, error.value());
  return Replace(target, bytes, PermissionsOf(target).value_or(0644));
}

std::optional<std::uint32_t> PermissionsOf(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return std::nullopt;
  return static_cast<std::uint32_t>(info.st_mode) & 0777U;
}

std::string PathBelow(const std::string& folder, const std::string& path) {
  if (path.starts_with('/') || folder == ".") return path;
  return folder.ends_with('/') ? folder + path : folder + "/" + path;
}

std::string FolderOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Result<std::string> WorkingDirectory() {
  std::error_code error;
  std::filesystem::path path = std::filesystem::current_path(error);
  if (error) return SystemError("cannot find", "the working directory", error.value());
  return path.string();
}

Result<FileReader> FileReader::Open(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return SystemError("cannot read", path, errno);
  struct stat info{};
  int error = ::fstat(descriptor, &info) == 0 ? 0 : errno;
  if (error == 0 && S_ISDIR(info.st_mode)) error = EISDIR;
  if (error != 0) {
    ::close(descriptor);
    return SystemError("cannot read", path, error);
  }
  const std::uint64_t size_bytes =
      S_ISREG(info.st_mode) ? static_cast<std::uint64_t>(info.st_size) : 0;
  return FileReader(path, descriptor, size_bytes);
}

FileReader::FileReader(std::string path, int descriptor, std::uint64_t size_bytes)
    : path_(std::move(path)), descriptor_(descriptor), size_bytes_(size_bytes) {}

FileReader::FileReader(FileReader&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      size_bytes_(other.size_bytes_) {}

FileReader::~FileReader() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<std::size_t> FileReader::Read(char* buffer, std::size_t size_bytes_max) {
  while (true) {
    const ssize_t count = ::read(descriptor_, buffer, size_bytes_max);
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) return SystemError("cannot read", path_, errno);
  }
}

}  // namespace omnigraph::cli
