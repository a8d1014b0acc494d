// Names for commits that never move: one small object each, created if absent.

#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "format/records.h"
#include "store/object_store.h"

namespace omnigraph::history {

struct NamedTag {
  std::string name;
  format::TagRecord record;
};

/// Trims and checks as `CheckBranchName`; a name must not look like a commit id either, and "main"
/// is taken. Errors: `kInvalidArgument` naming the tag and the rule.
Result<std::string> CheckTagName(std::string_view name);

/// All tags, by name in byte order. Cost: one listing and a read per tag. One that cannot be read
/// ends the list with its error, unless `on_failure` says otherwise.
Result<std::vector<NamedTag>> ListTags(
    store::ObjectStore& store,
    const std::function<Status(const std::string& key, const Status& read)>& on_failure = nullptr);

/// Errors: `kNotFound` "tag 'x' not found".
Result<format::TagRecord> ReadTag(store::ObjectStore& store, std::string_view name);

/// The commit must be readable whatever becomes of the branch that leads to it.
/// Errors: `kAlreadyExists` "tag 'x' already exists"; `kUnavailable` if nobody can tell.
Status CreateTag(store::ObjectStore& store, std::string_view name, const format::TagRecord& tag);

/// Errors: `kNotFound` "tag 'x' not found"; `kUnavailable` if nobody can tell.
Status DeleteTag(store::ObjectStore& store, std::string_view name);

}  // namespace omnigraph::history
