// Implements history/tags.h.

#include "history/tags.h"

#include <algorithm>

#include "base/clock.h"
#include "base/strings.h"
#include "history/branch_name.h"

namespace omnigraph::history {
namespace {

constexpr std::uint64_t kTagBytesMax = 4096;

Status TagNotFound(std::string_view name) {
  return Status::Error(ErrorCode::kNotFound,
                       "tag '" + Abbreviate(name) + "' not found; `omnigraph tag list` shows all");
}

}  // namespace

Result<std::string> CheckTagName(std::string_view name) {
  OG_ASSIGN_OR_RETURN(std::string checked, CheckName("tag", name));
  if (IsUlid(checked) || checked == kMainBranch) {
    return Status::Error(ErrorCode::kInvalidArgument,
                         "invalid tag name " + Quoted(checked) + ": " +
                             (checked == kMainBranch
                                  ? "it is the branch that every graph has"
                                  : "it looks like a commit id, and both may stand in its place"));
  }
  return checked;
}

Result<std::vector<NamedTag>> ListTags(
    store::ObjectStore& store,
    const std::function<Status(const std::string& key, const Status& read)>& on_failure) {
  std::vector<NamedTag> tags;
  OG_RETURN_IF_ERROR(store::ForEachKey(store, "tags/", [&](const std::string& key) -> Status {
    std::optional<std::string> name = format::TagOfKey(key);
    if (!name) return Status::Ok();
    auto record = ReadTag(store, *name);
    if (record.ok()) {
      tags.push_back({*std::move(name), *std::move(record)});
    } else if (record.status().code() != ErrorCode::kNotFound) {  // Else deleted meanwhile.
      return on_failure ? on_failure(key, record.status()) : std::move(record).status();
    }
    return Status::Ok();
  }));
  std::sort(tags.begin(), tags.end(),
            [](const NamedTag& a, const NamedTag& b) { return a.name < b.name; });
  return tags;
}

Result<format::TagRecord> ReadTag(store::ObjectStore& store, std::string_view name) {
  const std::string key = format::TagKey(name);
  const Result<store::Object> object = store.Read(key, kTagBytesMax);
  if (object.ok()) return format::DecodeTag(object->bytes, key);
  if (object.status().code() == ErrorCode::kNotFound) return TagNotFound(name);
  return object.status();
}

Status CreateTag(store::ObjectStore& store, std::string_view name, const format::TagRecord& tag) {
  const Status created = store.Create(format::TagKey(name), format::EncodeTag(tag)).status();
  if (created.ok() || created.code() != ErrorCode::kAlreadyExists) return created;
  return Status::Error(ErrorCode::kAlreadyExists,
                       "tag '" + std::string(name) +
                           "' already exists, and tags do not move: choose another name, or delete "
                           "it first");
}

Status DeleteTag(store::ObjectStore& store, std::string_view name) {
  const std::string key = format::TagKey(name);
  const Result<store::ObjectVersion> version = store.ReadVersion(key);
  if (!version.ok()) {
    if (version.status().code() == ErrorCode::kNotFound) return TagNotFound(name);
    return version.status();
  }
  OG_ASSIGN_OR_RETURN(const store::SwapOutcome outcome, store.DeleteIf(key, *version));
  switch (outcome.result) {
    case store::SwapResult::kApplied:
    case store::SwapResult::kGone:
      return Status::Ok();
    case store::SwapResult::kMoved:
      return Status::Error(ErrorCode::kConflict,
                           "tag '" + std::string(name) +
                               "' was deleted and made anew meanwhile; look at it and delete it "
                               "again");
    case store::SwapResult::kUnknown:
      break;
  }
  const Result<store::ObjectVersion> present = store.ReadVersion(key);
  if (!present.ok() && present.status().code() == ErrorCode::kNotFound) return Status::Ok();
  return Status::Error(ErrorCode::kUnavailable,
                       "delete tag '" + std::string(name) +
                           "': the store did not say whether it is gone; run it again");
}

}  // namespace omnigraph::history
