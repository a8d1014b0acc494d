// Reads and normalises storage URIs.

#include "store/uri.h"

#include <array>
#include <filesystem>
#include <system_error>
#include <vector>

#include "base/strings.h"

namespace omnigraph::store {

namespace {

Status BadUri(std::string_view uri, std::string_view problem) {
  return Status::Error(ErrorCode::kInvalidArgument,
                       "the storage URI " + Quoted(uri) + " " + std::string(problem));
}

/// The scheme before "://", or empty for a path.
std::string_view SchemeOf(std::string_view uri) {
  const std::size_t end = uri.find("://");
  if (end == std::string_view::npos || end == 0) return {};
  const std::string_view scheme = uri.substr(0, end);
  return scheme.find('/') == std::string_view::npos ? scheme : std::string_view();
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Result<std::string> DecodePercent(std::string_view uri, std::string_view path) {
  std::string decoded;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] != '%') {
      decoded += path[i];
      continue;
    }
    const int high = i + 2 < path.size() ? HexDigit(path[i + 1]) : -1;
    const int low = i + 2 < path.size() ? HexDigit(path[i + 2]) : -1;
    if (high < 0 || low < 0) return BadUri(uri, "has a '%' without two hexadecimal digits");
    decoded += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return decoded;
}

/// Folds `.`, `..` and repeated slashes of an absolute path.
std::string FoldPath(std::string_view path) {
  std::vector<std::string_view> kept;
  for (std::string_view piece : Split(path, '/')) {
    if (piece.empty() || piece == ".") continue;
    if (piece != "..") {
      kept.push_back(piece);
    } else if (!kept.empty()) {
      kept.pop_back();
    }
  }
  std::string folded;
  for (std::string_view piece : kept)
    folded.append("/").append(piece);
  return folded.empty() ? "/" : folded;
}

Result<StorageUri> ParseLocal(std::string_view uri, std::string path,
                              std::string_view working_directory) {
  if (path.find('\0') != std::string::npos) return BadUri(uri, "contains a zero byte");
  StorageUri result;
  if (!path.starts_with('/')) path = std::string(working_directory) + "/" + path;
  result.path = FoldPath(path);
  result.normalized = result.path;
  return result;
}

Result<StorageUri> ParseBucket(std::string_view uri, std::string_view scheme, StorageScheme kind) {
  std::string_view rest = uri.substr(scheme.size() + 3);
  const std::size_t slash = rest.find('/');
  StorageUri result;
  result.scheme = kind;
  result.bucket = std::string(rest.substr(0, slash));
  if (result.bucket.empty()) return BadUri(uri, "names no bucket");
  if (slash != std::string_view::npos) {
    result.path = FoldPath(rest.substr(slash)).substr(1);
  }
  result.normalized = std::string(scheme) + "://" + result.bucket;
  if (!result.path.empty()) result.normalized += "/" + result.path;
  return result;
}

struct BucketScheme {
  std::string_view name;
  StorageScheme scheme;
};
constexpr std::array<BucketScheme, 3> kBucketSchemes = {
    {{"s3", StorageScheme::kS3}, {"gs", StorageScheme::kGcs}, {"az", StorageScheme::kAzure}}};

}  // namespace

bool IsServerUrl(std::string_view uri) {
  return uri.starts_with("http://") || uri.starts_with("https://");
}

Result<StorageUri> ParseStorageUri(std::string_view uri, std::string_view working_directory) {
  if (uri.empty()) return BadUri(uri, "is empty");
  const std::string_view scheme = SchemeOf(uri);
  if (scheme.empty()) return ParseLocal(uri, std::string(uri), working_directory);
  if (scheme == "file") {
    const std::string_view path = uri.substr(7);
    if (!path.starts_with('/')) return BadUri(uri, "needs an absolute path: file:///path");
    OG_ASSIGN_OR_RETURN(std::string decoded, DecodePercent(uri, path));
    return ParseLocal(uri, std::move(decoded), working_directory);
  }
  for (const BucketScheme& known : kBucketSchemes) {
    if (scheme == known.name) return ParseBucket(uri, scheme, known.scheme);
  }
  if (IsServerUrl(uri)) {
    return BadUri(uri, "is the address of a server; a directory or bucket is needed here");
  }
  return BadUri(uri, "has the unknown scheme " + Quoted(scheme) +
                         "; use a path, file:///path or s3://bucket/prefix");
}

Result<StorageUri> ParseStorageUri(std::string_view uri) {
  std::error_code error;
  const std::filesystem::path current = std::filesystem::current_path(error);
  if (error && !uri.starts_with('/') && SchemeOf(uri).empty()) {
    return Status::Error(ErrorCode::kUnavailable,
                         "find the working directory for " + Quoted(uri) + ": " + error.message());
  }
  return ParseStorageUri(uri, error ? std::string("/") : current.string());
}

std::string JoinUri(std::string_view base, std::string_view relative) {
  while (base.size() > 1 && base.ends_with('/') && !base.ends_with("://"))
    base.remove_suffix(1);
  std::string joined(base);
  if (!joined.ends_with('/')) joined += '/';
  return joined.append(relative);
}

}  // namespace omnigraph::store
