// Where a store lies: reads and normalises storage URIs, so that two spellings of one root are one.

#pragma once

#include <string>
#include <string_view>

#include "base/status.h"

namespace omnigraph::store {

enum class StorageScheme : unsigned char {
  kLocal,  ///< A path or `file://`.
  kS3,     ///< `s3://bucket/prefix`.
  kGcs,    ///< `gs://bucket/prefix`.
  kAzure,  ///< `az://container/prefix`.
};

struct StorageUri {
  StorageScheme scheme = StorageScheme::kLocal;
  /// For equality, and what the server shows as `uri`: an absolute path without a trailing slash,
  /// or "s3://bucket/prefix" without one.
  std::string normalized;
  /// Of bucket schemes; empty for a local root.
  std::string bucket;
  /// The absolute path of a local root; else the prefix, without slashes at either end.
  std::string path;
};

/// Reads `uri`. A relative path is taken from `working_directory` (absolute). `.`, `..` and
/// repeated slashes are folded in the text alone: symbolic links are not followed. `file://` needs
/// an absolute path, whose percent escapes are decoded.
///
/// Errors: `kInvalidArgument` for an empty text, a missing bucket, a bad escape, `http(s)://` (a
/// server, not a store) and any other scheme, which the message names.
Result<StorageUri> ParseStorageUri(std::string_view uri, std::string_view working_directory);

/// `ParseStorageUri` from the directory of this process.
Result<StorageUri> ParseStorageUri(std::string_view uri);

/// Whether `uri` is a server's address (`http://`, `https://`) rather than a store's.
bool IsServerUrl(std::string_view uri);

/// The URI of `relative` (segments with single slashes) below `base`, in the style of `base`.
std::string JoinUri(std::string_view base, std::string_view relative);

}  // namespace omnigraph::store
