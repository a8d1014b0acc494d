// Writes a file beside the one that it replaces at the end, so that whoever reads it sees the old
// one or the new one, also after a crash.

#pragma once

#include <string>
#include <string_view>

#include "base/status.h"

namespace omnigraph::cli {

class FileReplacement {
 public:
  /// Creates a file next to `path`. Errors: `kNotFound` or `kUnavailable` with the path and what
  /// the system said.
  static Result<FileReplacement> Create(const std::string& path);
  FileReplacement(FileReplacement&& other) noexcept;
  FileReplacement& operator=(FileReplacement&&) = delete;
  /// Without `Commit` the old file stays, and nothing else.
  ~FileReplacement();

  Status Write(std::string_view bytes);
  /// Puts the file in its place. What was written survives a loss of power when this returns.
  Status Commit();

 private:
  FileReplacement(std::string path, std::string temporary, int descriptor);

  std::string path_;
  std::string temporary_;  ///< Empty once it is gone.
  int descriptor_;         ///< -1 once it is closed.
};

}  // namespace omnigraph::cli
