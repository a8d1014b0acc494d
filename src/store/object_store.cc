// What all stores share: the grammar of keys, bytes in memory, walking over keys.

#include "store/object_store.h"

#include <algorithm>

#include "base/strings.h"

namespace omnigraph::store {

namespace {

class OwnedBytes final : public MappedBytes {
 public:
  explicit OwnedBytes(std::string bytes) : bytes_(std::move(bytes)) {
    data_ = reinterpret_cast<const std::byte*>(bytes_.data());
    size_bytes_ = bytes_.size();
  }

 private:
  std::string bytes_;
};

bool IsKeyByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-' || c == '%';
}

/// What is wrong with one piece of a key, or nothing.
std::string_view SegmentProblem(std::string_view segment) {
  if (segment.empty()) return "has an empty piece between slashes";
  if (segment == "." || segment == "..") return "has '.' or '..' as a piece";
  if (segment.starts_with(".tmp-")) return "has a piece that starts with '.tmp-'";
  if (segment.size() > kKeySegmentSizeBytesMax) return "has a piece of more than 240 bytes";
  if (!std::all_of(segment.begin(), segment.end(), IsKeyByte)) {
    return "has a character outside [A-Za-z0-9._%/-]";
  }
  return {};
}

}  // namespace

std::shared_ptr<const MappedBytes> MakeMappedBytes(std::string bytes) {
  return std::make_shared<OwnedBytes>(std::move(bytes));
}

bool IsRefKey(std::string_view key) {
  return key.starts_with("refs/") || key.find("/refs/") != std::string_view::npos;
}

Status CheckKey(std::string_view key) {
  std::string_view problem;
  if (key.size() > kKeySizeBytesMax) problem = "has more than 900 bytes";
  for (std::string_view segment : Split(key, '/')) {
    if (problem.empty()) problem = SegmentProblem(segment);
  }
  if (problem.empty()) return Status::Ok();
  return Status::Error(ErrorCode::kInvalidArgument,
                       "the storage key " + Quoted(key) + " " + std::string(problem));
}

Status ForEachKey(ObjectStore& store, std::string_view prefix,
                  const std::function<Status(const std::string& key)>& visit) {
  constexpr std::uint32_t kPageCount = 1000;
  std::string after;
  while (true) {
    OG_ASSIGN_OR_RETURN(const std::vector<std::string> keys, store.List(prefix, after, kPageCount));
    for (const std::string& key : keys)
      OG_RETURN_IF_ERROR(visit(key));
    if (keys.empty()) return Status::Ok();
    after = keys.back();
  }
}

std::unique_ptr<Turn> ObjectStore::TakeTurn(std::string_view /*at*/, std::string_view /*name*/) {
  return nullptr;
}

bool ObjectStore::IsTurnTaken(std::string_view /*at*/, std::string_view /*name*/) {
  return false;
}

Status ObjectStore::PutImmutableUnderNames(std::span<const std::string> keys,
                                           std::string_view bytes) {
  for (const std::string& key : keys)
    OG_RETURN_IF_ERROR(PutImmutable(key, bytes));
  return Status::Ok();
}

}  // namespace omnigraph::store
