// The one gate to a graph: every door (CLI, server, embedding programs, control plane) reads and
// writes through `Graph`, and policy is asked here, so that no door can forget it.
//
//   OG_ASSIGN_OR_RETURN(auto graph, engine::Graph::Open(store, options));
//   OG_ASSIGN_OR_RETURN(auto answer, graph->Query(request));
//
// Thread safety: every method of `Graph` may be called from any thread at any time. Each operation
// resolves its branch when it starts, so a handle is never stale.

#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/budget.h"
#include "base/clock.h"
#include "base/status.h"
#include "text/diagnostic.h"

namespace omnigraph::store {
class ObjectStore;
}
namespace omnigraph::schema {
class Catalog;
}
namespace omnigraph::query {
struct CheckedQuery;
}
namespace omnigraph::exec {
class ResultTable;
}
namespace omnigraph::policy {
class PolicyEngine;
}
namespace omnigraph::embed {
class Embedder;
}

namespace omnigraph::engine {

/// Who asks, and what the work may cost.
struct Caller {
  std::optional<std::string> actor;  ///< Recorded with commits; none = anonymous.
  Deadline deadline;
  /// Bytes that one read may hold beyond mapped files (limit `query.memory_bytes_max`).
  std::uint64_t memory_bytes_max = std::uint64_t{1} << 30;
  /// Set by the door when the client has left; work stops at its next batch. May be null.
  std::shared_ptr<const std::atomic<bool>> is_cancelled;
};

/// What a read sees: the head of a branch, or (when `snapshot` is not empty) one commit.
struct ReadTarget {
  std::string branch = "main";
  std::string snapshot;  ///< A commit id, or the name of a tag.
};

/// What ties a write to the state that its caller knows. Empty texts ask for nothing.
struct WriteConditions {
  /// Must be the head that the write is published on; else `kPreconditionFailed` with both commits.
  std::string expected_commit{};
  /// Of the requests of one actor to one branch with the same key at most one takes effect. Others
  /// answer with its commit, or with `kConflict` if they ask for something else.
  std::string idempotency_key{};
};

/// One commit as `commit list` and `commit show` print it.
struct CommitRecord {
  std::string graph_commit_id;
  std::optional<std::string> manifest_branch;  ///< None = main.
  std::uint64_t manifest_version = 0;
  std::optional<std::string> parent_commit_id;
  std::optional<std::string> merged_parent_commit_id;
  std::optional<std::string> actor_id;
  std::int64_t created_at = 0;  ///< Microseconds since the Unix epoch.
};

/// Appends the record as a JSON object, fields in the order above.
void AppendJson(const CommitRecord& record, std::string& out);

/// Whether a read also tells how it is executed.
enum class Explain : unsigned char {
  kNone,
  kPlan,     ///< The plan; nothing is executed, the answer has no rows.
  kProfile,  ///< The plan with what every step did, beside the rows.
};
std::optional<Explain> FindExplain(std::string_view name);  ///< "plan", "profile".

/// The plan of a read, for people and for programs (docs/internals/plans.md).
struct QueryPlan {
  std::string text;  ///< One step a line.
  std::string json;  ///< One object.
};

struct QueryRequest {
  std::string_view source;  ///< `.gq` text with one or more queries.
  std::string_view name;    ///< Which one; may be empty when the text holds exactly one.
  std::string_view params_json = "{}";
  ReadTarget target;
  /// The stored query that this is, for policy and logs; empty for text from the caller.
  std::string_view stored_name;
  Explain explain = Explain::kNone;
};

struct QueryAnswer {
  std::string query_name;
  ReadTarget target;            ///< As asked; branch empty when a snapshot was named.
  std::string graph_commit_id;  ///< The commit that was read.
  std::shared_ptr<const exec::ResultTable> table;
  std::optional<QueryPlan> plan;  ///< If it was asked for.
};

struct MutationRequest {
  std::string_view source;
  std::string_view name;
  std::string_view params_json = "{}";
  std::string branch = "main";
  std::string_view stored_name;
  WriteConditions conditions{};
};

struct MutationAnswer {
  std::string branch;
  std::string query_name;
  std::uint64_t affected_nodes = 0;
  std::uint64_t affected_edges = 0;
  std::optional<CommitRecord> commit;  ///< None when nothing changed.
  bool is_replayed = false;            ///< Of an earlier request with the same key.
};

enum class LoadMode : unsigned char { kAppend, kMerge, kOverwrite };
std::string_view LoadModeName(LoadMode mode);
std::optional<LoadMode> FindLoadMode(std::string_view name);

/// Delivers the next bytes of a load into `buffer`; 0 at the end. Called from one thread at a time.
using ByteReader = std::function<Result<std::size_t>(char* buffer, std::size_t size_bytes_max)>;

struct LoadRequest {
  std::string source_name;  ///< What messages call the input: a file name, "<stdin>", "body".
  ByteReader read;
  LoadMode mode = LoadMode::kAppend;
  std::string branch = "main";
  std::optional<std::string> from;  ///< Creates a missing `branch` from this one.
  bool ignore_unknown = false;      ///< Keys of `data` that are no property: ignore and report.
  bool is_strict = false;  ///< One record per line, nothing forgiven (graph/strict_lines.h).
  WriteConditions conditions{};
  /// Called now and then from a worker thread; may be empty.
  std::function<void(std::uint64_t bytes_read, std::uint64_t records)> on_progress;
};

struct LoadAnswer {
  struct Table {
    std::string table_key;  ///< Ascending.
    std::uint64_t rows_loaded = 0;
  };
  struct Ignored {
    std::string type;
    std::string key;
    std::uint64_t count = 0;
  };
  std::string branch;
  LoadMode mode = LoadMode::kAppend;
  std::optional<std::string> base_branch;
  bool branch_created = false;
  std::vector<Table> tables;  ///< Only those that had a record.
  std::uint64_t nodes_loaded = 0;
  std::uint64_t edges_loaded = 0;
  std::uint64_t node_types_loaded = 0;
  std::uint64_t edge_types_loaded = 0;
  std::uint64_t edges_removed = 0;  ///< Edges that an overwrite of nodes left without an endpoint.
  std::vector<Ignored> ignored;     ///< Ascending by type and key.
  std::optional<CommitRecord> commit;
  bool is_replayed = false;  ///< Of an earlier request with the same key; then without `ignored`.
};

struct ExportRequest {
  ReadTarget target;
  std::vector<std::string> type_names;
  std::vector<std::string> table_keys;
  /// Called once, after every check of the request and before the first byte. May be empty.
  std::function<Status()> on_start;
  /// Takes the next whole lines; an error ends the export with that error.
  std::function<Status(std::string_view lines)> write;
};

struct SnapshotAnswer {
  struct Table {
    std::string table_key;
    std::string table_path;
    std::uint64_t table_version = 0;
    std::optional<std::string> table_branch;
    std::uint64_t row_count = 0;
  };
  ReadTarget target;
  std::string graph_commit_id;
  std::uint64_t manifest_version = 0;
  std::vector<Table> tables;  ///< Ascending by `table_key`.
};

struct SchemaAnswer {
  std::string source;          ///< The accepted `.pg` text, byte for byte.
  std::string digest;          ///< "sha256:" and the SHA-256 of the canonical form.
  std::string source_digest;   ///< SHA-256 of `source`, 64 hexadecimal digits.
  std::string canonical_json;  ///< The canonical form.
  std::shared_ptr<const schema::Catalog> catalog;
};

struct SchemaChangeRequest {
  std::string_view source;       ///< The desired `.pg` text.
  bool allow_data_loss = false;  ///< Drops remove the data of the past, too.
  /// JSON values for the rows that are there already, by "Type.property" of a new property.
  std::map<std::string, std::string> backfills{};
  /// Asked with the desired catalog before anything is published, and also when nothing changes:
  /// stored queries must go on working. Its error ends the change. May be empty.
  std::function<Status(const schema::Catalog& desired)> check_catalog{};
};

struct SchemaChangeAnswer {
  struct Step {
    std::string json;  ///< The object of the step.
    std::string text;  ///< The same for people, in one line.
  };
  bool is_supported = true;            ///< Of an apply always.
  bool is_applied = false;             ///< A change of layout alone is stored, but not "applied".
  std::uint64_t manifest_version = 0;  ///< Of the head of `main` afterwards.
  std::vector<Step> steps;             ///< In the order of execution.
  std::optional<CommitRecord> commit;  ///< None when nothing was stored.
};

enum class MergeOutcome : unsigned char { kAlreadyUpToDate, kFastForward, kMerged };
std::string_view MergeOutcomeName(MergeOutcome outcome);  ///< "already_up_to_date".
std::optional<MergeOutcome> FindMergeOutcome(std::string_view name);

struct MergeRequest {
  std::string source;
  std::string target = "main";
  bool is_dry_run = false;      ///< Says what would happen; publishes nothing.
  bool deletes_source = false;  ///< After a merge that landed, under the check of its own.
  WriteConditions conditions{};
};

/// Why two branches do not merge, in one place of the graph.
struct MergeConflict {
  std::string table_key;
  std::optional<std::string> row_id;  ///< None when several rows together are the conflict.
  std::string kind;                   ///< "divergent_update" and so on.
  std::string message;
};

/// Appends `{"table_key", "row_id", "kind", "message"}`.
void AppendJson(const MergeConflict& conflict, std::string& out);

struct MergeAnswer {
  std::string source;
  std::string target;
  MergeOutcome outcome = MergeOutcome::kAlreadyUpToDate;  ///< Without conflicts.
  /// All of them, in the order of table keys and ids; nothing was published if there are any.
  std::vector<MergeConflict> conflicts;
  std::string conflict_text;           ///< "merge conflicts: …", naming the first ones.
  std::optional<CommitRecord> commit;  ///< None if already up to date, in conflict, or a dry run.
  std::optional<bool> branch_deleted;  ///< Only when the deletion was asked for.
  std::string branch_delete_error;     ///< Why not, if it was not.
  bool is_replayed = false;            ///< Of an earlier request with the same key.
};

struct OpenOptions {
  std::string uri;       ///< As the user gave it; for messages only.
  std::string graph_id;  ///< The id that policies know this graph by; may be empty.
  bool is_read_only = false;
  /// Makes vectors of the texts given to `nearest`; may be null, then such a text is an error.
  std::shared_ptr<embed::Embedder> embedder;
  /// Asked for every operation when set; otherwise everything is allowed.
  std::shared_ptr<const policy::PolicyEngine> policy;
};

struct OptimizeAnswer;
struct RepairRequest;
struct RepairAnswer;
struct CleanupRequest;
struct CleanupAnswer;
struct DiffRequest;
struct DiffStats;
struct CommitChangesRequest;
struct CommitChangesAnswer;
struct ChangeFeedRequest;
struct ChangeFeedAnswer;
struct BaselineRequest;
struct BaselineAnswer;
struct Tag;
struct TagRequest;
struct RevertRequest;
struct RevertAnswer;

class Graph {
 public:
  virtual ~Graph() = default;

  /// Creates the graph: claims the root, stores the schema, publishes the genesis commit.
  ///
  /// Errors: `kAlreadyExists` ("already initialized"); `kInvalidArgument` with all diagnostics of
  /// the schema, and then nothing was written. `is_forced` takes over a half-created root; one that
  /// holds a commit is refused all the same. `actor` is recorded with the genesis commit.
  static Status Init(std::shared_ptr<store::ObjectStore> store, std::string_view uri,
                     std::string_view schema_source, bool is_forced,
                     const std::optional<std::string>& actor = std::nullopt);

  /// Errors: `kNotFound` if `store` holds no graph; `kPreconditionFailed` if a newer format does.
  static Result<std::shared_ptr<Graph>> Open(std::shared_ptr<store::ObjectStore> store,
                                             OpenOptions options);

  /// The graph's incarnation: the ULID given at `Init`.
  virtual const std::string& incarnation_id() const = 0;

  virtual Result<QueryAnswer> Query(const Caller& caller, const QueryRequest& request) = 0;
  virtual Result<MutationAnswer> Mutate(const Caller& caller, const MutationRequest& request) = 0;
  virtual Result<LoadAnswer> Load(const Caller& caller, const LoadRequest& request) = 0;
  virtual Status Export(const Caller& caller, const ExportRequest& request) = 0;
  virtual Result<SnapshotAnswer> Snapshot(const Caller& caller, const ReadTarget& target) = 0;
  virtual Result<SchemaAnswer> Schema(const Caller& caller, const ReadTarget& target) = 0;

  /// What `ApplySchema` would do, checked against the rows of `main`. Changes nothing, and does not
  /// mind other branches. A change that is not supported is an answer, not an error.
  ///
  /// Errors: `kInvalidArgument` with all diagnostics of the schema.
  virtual Result<SchemaChangeAnswer> PlanSchema(const Caller& caller,
                                                const SchemaChangeRequest& request) = 0;

  /// Changes the schema of `main` and all tables in one commit. Older commits keep their schema.
  ///
  /// Errors, all with nothing changed: as `PlanSchema`; `kInvalidArgument` "[code] reason" of the
  /// first step that is not supported; `kConflict` if there are other branches, naming them, or if
  /// another change is in progress; those of `check_catalog`; as of other writes.
  virtual Result<SchemaChangeAnswer> ApplySchema(const Caller& caller,
                                                 const SchemaChangeRequest& request) = 0;

  /// First-parent chain of the branch, oldest first; `limit` keeps the newest that many (0 = all).
  virtual Result<std::vector<CommitRecord>> ListCommits(const Caller& caller,
                                                        std::string_view branch,
                                                        std::uint64_t limit) = 0;
  /// The commit with that id or tag that a branch or a tag still leads to.
  virtual Result<CommitRecord> ShowCommit(const Caller& caller, std::string_view commit_id) = 0;

  /// All branch names in byte order, `main` among them.
  virtual Result<std::vector<std::string>> ListBranches(const Caller& caller) = 0;
  /// `from` is a branch (its head), a tag, or a commit id, tried in this order.
  virtual Status CreateBranch(const Caller& caller, std::string_view name,
                              std::string_view from) = 0;
  virtual Status DeleteBranch(const Caller& caller, std::string_view name) = 0;

  // Maintenance (engine/maintenance.h). A graph behind a server refuses with `kInvalidArgument`.

  /// Compacts the tables of `main` as at most one commit; no row changes.
  virtual Result<OptimizeAnswer> Optimize(const Caller& caller);
  /// Verifies everything that a branch leads to.
  virtual Result<RepairAnswer> Repair(const Caller& caller, const RepairRequest& request);
  /// Removes the rows of old commits, and what nothing refers to.
  virtual Result<CleanupAnswer> Cleanup(const Caller& caller, const CleanupRequest& request);

  /// Merges one branch into another, as one commit with two parents. Conflicts are an answer, not
  /// an error. A merge that is tried again after it landed is already up to date.
  ///
  /// Errors: `kInvalidArgument` "distinct source and target"; `kNotFound` naming the branch;
  /// `kConflict` if the schemas differ or the target is under contention; as of other writes.
  virtual Result<MergeAnswer> Merge(const Caller& caller, const MergeRequest& request) = 0;

  // Tags and reverts (engine/versions.h). Graphs that know none refuse with `kInvalidArgument`.

  virtual Result<std::vector<Tag>> ListTags(const Caller& caller);
  /// Errors: `kAlreadyExists`; `kNotFound` naming `from`.
  virtual Result<Tag> CreateTag(const Caller& caller, const TagRequest& request);
  virtual Status DeleteTag(const Caller& caller, std::string_view name);

  /// Gives a branch the rows and the schema of an earlier commit, as a new commit on top.
  /// Errors: `kNotFound` naming branch, commit, or a table whose rows were dropped for good;
  /// `kConflict` if the schema differs and there are other branches; as of other writes.
  virtual Result<RevertAnswer> Revert(const Caller& caller, const RevertRequest& request);

  // Diffs and the change feed: see the requests in engine/changes.h.
  virtual Result<DiffStats> Diff(const Caller& caller, const DiffRequest& request);
  virtual Result<CommitChangesAnswer> CommitChanges(const Caller& caller,
                                                    const CommitChangesRequest& request);
  virtual Result<ChangeFeedAnswer> PollChanges(const Caller& caller,
                                               const ChangeFeedRequest& request);
  virtual Result<BaselineAnswer> CaptureBaseline(const Caller& caller,
                                                 const BaselineRequest& request);
};

}  // namespace omnigraph::engine
