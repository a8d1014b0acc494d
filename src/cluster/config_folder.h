// The config folder: the only place outside the storage root that cluster commands read. Declared
// paths start from it; only regular files are read, and only up to a size.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace omnigraph::cluster {

/// Largest accepted `cluster.yaml`, and largest schema, query or policy file.
inline constexpr std::size_t kConfigFileBytesMax = std::size_t{1} << 20;
inline constexpr std::size_t kSourceFileBytesMax = std::size_t{8} << 20;

struct SourceFile {
  std::string bytes;  ///< Well-formed UTF-8.
  /// Whether the file lies outside the folder once links and `..` are followed.
  bool is_outside = false;
};

struct SourceListing {
  std::vector<std::string> names;  ///< Ascending by byte.
  bool is_outside = false;
};

class ConfigFolder {
 public:
  /// `directory` is kept as given; relative ones start from the working directory.
  explicit ConfigFolder(std::string directory) : directory_(std::move(directory)) {}

  const std::string& directory() const { return directory_; }
  bool Exists() const;

  /// The folder joined with a declared path, nothing folded; an absolute path stays as it is.
  std::string PathOf(std::string_view declared) const;

  /// Whether the declared path is a folder.
  bool IsFolder(std::string_view declared) const;

  /// Reads a file.
  ///
  /// Errors: `kNotFound` if it is missing, `kResourceExhausted` if it is larger than
  /// `size_bytes_max`, `kInvalidArgument` if it is not a regular file or not UTF-8, else what the
  /// system said as `kUnavailable`.
  Result<SourceFile> Read(std::string_view declared, std::size_t size_bytes_max) const;

  /// Lists the entries of a folder whose extension is exactly `gq`.
  Result<SourceListing> ListQueries(std::string_view declared) const;

 private:
  bool IsOutside(const std::string& path) const;

  std::string directory_;
};

}  // namespace omnigraph::cluster
