// Requests and answers of diffs and of the change feed: what separates two commits, what one commit
// did, what a branch did since a consumer last asked, and where such a consumer starts.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.h"

namespace omnigraph::engine {

enum class ChangeOperation : unsigned char { kInsert, kUpdate, kDelete };
std::string_view ChangeOperationName(ChangeOperation operation);  ///< "insert".
std::optional<ChangeOperation> FindChangeOperation(std::string_view name);

enum class EntityKind : unsigned char { kNode, kEdge };
std::string_view EntityKindName(EntityKind kind);  ///< "node".
std::optional<EntityKind> FindEntityKind(std::string_view name);

/// What to report: all that match each list that is not empty. Types that do not exist match
/// nothing; a renamed type is found by either of its names.
struct ChangeFilter {
  std::vector<EntityKind> kinds;
  std::vector<std::string> type_names;
  std::vector<ChangeOperation> operations;
};

// --- Diff

struct DiffChange {
  struct Endpoints {
    std::string src;
    std::string dst;
  };
  std::string table_key;
  EntityKind kind = EntityKind::kNode;
  std::string type_name;
  std::string id;
  ChangeOperation operation = ChangeOperation::kInsert;
  std::uint64_t manifest_version = 0;   ///< Of the commit that did it, as far as that is known.
  std::optional<Endpoints> endpoints;   ///< Of edges; the old ones of a deleted edge.
  std::vector<std::string> properties;  ///< Of updates: what differs, "src" and "dst" included.
};

/// Appends the change as a JSON object; `endpoints` and `properties` only where there are any.
void AppendJson(const DiffChange& change, std::string& out);

struct DiffHead {
  std::uint64_t from_version = 0;
  std::uint64_t to_version = 0;
  std::string from_commit_id;
  std::string to_commit_id;
  std::optional<std::string> branch;  ///< Only if both commits were made on one.
};

/// Appends the members `"from_version":…` to `"branch":…`, without braces.
void AppendJsonMembers(const DiffHead& head, std::string& out);

struct DiffStats {
  std::uint64_t inserts = 0;
  std::uint64_t updates = 0;
  std::uint64_t deletes = 0;
  std::vector<std::string> types_affected;  ///< Ascending, distinct.
};

void AppendJson(const DiffStats& stats, std::string& out);

/// `Graph::Diff`: what separates two commits, told row by row. Needs `read` on both.
///
/// Errors: `kNotFound` naming the end that does not exist, or whose rows are gone; those of the
/// functions; `kInvalidArgument` of graphs that know no diffs.
struct DiffRequest {
  std::string from;  ///< A branch (its head), a tag, or a commit id, tried in this order.
  std::string to;
  ChangeFilter filter;
  /// Called once, after every check and before the first change. May be empty.
  std::function<Status(const DiffHead& head)> on_start;
  /// Takes the changes, ascending by table key and id. An error ends the diff with that error.
  std::function<Status(const DiffChange& change)> on_change;
};

// --- What commits did

/// The commit that a block of changes belongs to.
struct ChangeCause {
  std::string graph_commit_id;
  std::optional<std::string> parent_commit_id;
  std::optional<std::string> merged_parent_commit_id;
  std::string authored_branch;
  std::optional<std::string> actor_id;
  std::int64_t authored_at = 0;  ///< Microseconds since the Unix epoch.
};

void AppendJson(const ChangeCause& cause, std::string& out);

struct EntityChange {
  EntityKind kind = EntityKind::kNode;
  std::string type_id;  ///< Kept by renames, never used again.
  std::string type_name;
  std::string id;
  ChangeOperation operation = ChangeOperation::kInsert;
  /// JSON `{"properties":{…},"endpoints"?:{"from","to"}}`; empty where there is no such image.
  std::string before_json;
  std::string after_json;
};

void AppendJson(const EntityChange& change, std::string& out);

/// Changes of one commit against its first parent: nodes before edges, then by type, then by id.
/// Empty for commits that only moved rows about.
struct ChangeBlock {
  ChangeCause cause;
  std::vector<EntityChange> changes;
};

/// Appends `{"cause":…,"changes":[…]}`.
void AppendJson(const ChangeBlock& block, std::string& out);

/// The error for a commit that does not exist, and for one that the caller is not to know of.
Status CommitNotFound(std::string_view id);

inline constexpr std::uint64_t kChangesPageDefault = 1000;
inline constexpr std::uint64_t kChangesPageMax = 10'000;

/// `Graph::CommitChanges`: one page of what one commit did. Needs `read` on its branch.
///
/// Errors: `kNotFound`, also for commits that the caller may not read; `kInvalidArgument` "change
/// cursor rejected: …".
struct CommitChangesRequest {
  std::string commit_id;
  ChangeFilter filter;
  std::uint64_t limit = kChangesPageDefault;  ///< Changes per page, 1 to `kChangesPageMax`.
  std::string page_token;                     ///< Of the page before; empty for the first one.
};

enum class DiffRefusal : unsigned char {
  kParentlessCommit,  ///< The first commit of a graph differs from nothing.
  kSchemaBoundary,    ///< The commit changed the schema; images would not compare.
};
std::string_view DiffRefusalName(DiffRefusal refusal);  ///< "parentless_commit".
std::optional<DiffRefusal> FindDiffRefusal(std::string_view name);

struct CommitChangesAnswer {
  /// Why the commit has no changes to show; then the block holds its cause alone.
  std::optional<DiffRefusal> refusal;
  std::string refusal_text;
  ChangeBlock block;
  std::string next_page_token;  ///< Empty on the last page.
};

// --- The change feed

/// `Graph::PollChanges`: one page of what the commits of a branch did. Nothing is remembered
/// between polls. Needs `read`. Where a poll starts: at most one is set, and `start` is "now" if
/// none is.
struct ChangeFeedRequest {
  std::string branch = "main";
  std::string cursor;
  std::string page_token;
  std::string start;  ///< "now", "beginning", or "after:<commit id>".
  ChangeFilter filter;
  std::uint64_t limit = kChangesPageDefault;
};

/// Rows that the feed would have to read next are gone.
struct ChangeFeedGap {
  std::string cursor;  ///< As asked; empty if the poll had none.
  std::string first_unreadable_commit_id;
  std::string text;
};

struct ChangeFeedAnswer {
  std::optional<ChangeFeedGap> gap;  ///< Then there is nothing else.
  std::vector<ChangeBlock> blocks;   ///< In the order of first parents, oldest first.
  /// Not empty in the middle of a commit, whose other changes the next page begins with.
  std::string next_page_token;
  /// Else this: everything up to here was told, and it is what to come back with.
  std::string cursor;
  bool is_caught_up = false;  ///< With a cursor: whether that was the head of the branch.
};

/// `Graph::CaptureBaseline`: every entity of a branch, and the cursor from which the feed goes on.
/// Needs `export`.
struct BaselineRequest {
  std::string branch = "main";
  ChangeFilter filter;  ///< Operations matter for the cursor only.
  /// As `ExportRequest::on_start`.
  std::function<Status()> on_start;
  /// Takes whole lines: one entity each, and at the end `{"baseline":{…}}`.
  std::function<Status(std::string_view lines)> write;
};

struct BaselineAnswer {
  std::string snapshot_commit_id;
  std::string resume_cursor;
};

void AppendJson(const BaselineAnswer& answer, std::string& out);

}  // namespace omnigraph::engine
