// Local files that the command line names: reading them, and saying why that failed.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace omnigraph::cli {

/// The bytes of a file.
///
/// Errors: `kNotFound` or `kUnavailable` with the path and what the system said; `kInvalidArgument`
/// for a folder.
Result<std::string> ReadFile(const std::string& path);

bool FileExists(const std::string& path);

/// Replaces a file at once, readable by its owner alone. Creates missing folders.
Status ReplacePrivateFile(const std::string& path, std::string_view bytes);

/// Replaces a file at once and keeps its permissions. A link goes on pointing at the file. Creates
/// the file and its folders if they are missing.
Status ReplaceFile(const std::string& path, std::string_view bytes);

/// All of standard input. Errors: `kUnavailable`.
Result<std::string> ReadStandardInput();

bool IsFolder(const std::string& path);

/// The files below `folder` whose names end with `suffix`, ascending; hidden ones and those in
/// hidden folders are left out, links to folders are not followed. Errors: as `ReadFile`.
Result<std::vector<std::string>> FilesBelow(const std::string& folder, std::string_view suffix);

/// The nine permission bits of a file; none if it does not exist.
std::optional<std::uint32_t> PermissionsOf(const std::string& path);

/// `path` if it is absolute, else below `folder`.
std::string PathBelow(const std::string& folder, const std::string& path);

/// The folder of a file: "." for a bare name.
std::string FolderOf(const std::string& path);

/// The working directory of the process.
Result<std::string> WorkingDirectory();

/// Reads a file piece by piece.
class FileReader {
 public:
  /// Errors: as `ReadFile`.
  static Result<FileReader> Open(const std::string& path);
  FileReader(FileReader&& other) noexcept;
  FileReader& operator=(FileReader&&) = delete;
  ~FileReader();

  /// 0 for a pipe.
  std::uint64_t size_bytes() const { return size_bytes_; }

  /// The next bytes; 0 at the end.
  Result<std::size_t> Read(char* buffer, std::size_t size_bytes_max);

 private:
  FileReader(std::string path, int descriptor, std::uint64_t size_bytes);

  std::string path_;
  int descriptor_;
  std::uint64_t size_bytes_;
};

}  // namespace omnigraph::cli
