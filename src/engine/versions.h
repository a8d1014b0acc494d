// Requests and answers of tags and reverts: names for commits, and the way back to one.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"

namespace omnigraph::engine {

/// A name for one commit that never moves. Spelt as branch names are, but not like a ULID.
struct Tag {
  std::string name;
  std::string graph_commit_id;
  std::optional<std::string> manifest_branch;  ///< Of the commit; none = main.
  std::optional<std::string> actor_id;         ///< Who made the tag.
  std::int64_t created_at = 0;                 ///< Microseconds since the Unix epoch.
};

/// Appends the tag as a JSON object, fields in the order above.
void AppendJson(const Tag& tag, std::string& out);

struct TagRequest {
  std::string name;
  std::string from = "main";  ///< A branch (its head), another tag, or a commit id.
};

struct RevertRequest {
  std::string branch;
  std::string to;           ///< A commit id or a tag.
  bool is_dry_run = false;  ///< Says what would change; publishes nothing.
  WriteConditions conditions{};
};

struct RevertAnswer {
  /// A table whose content is another one afterwards.
  struct Table {
    std::string table_key;
    std::uint64_t rows_before = 0;  ///< 0 if the table comes back.
    std::uint64_t rows_after = 0;   ///< 0 if the table goes.
  };
  std::string branch;
  std::string reverted_to;    ///< Commit id.
  std::vector<Table> tables;  ///< Ascending by key.
  bool changes_schema = false;
  std::optional<CommitRecord> commit;  ///< None if nothing differs, or for a dry run.
  bool is_replayed = false;
};

}  // namespace omnigraph::engine
