// What a commit and a table manifest say, and how they are spelt on the store.
//
// A *commit* names the schema and the state of every table. A table's rows stand in the fragments
// of its manifest and, newest, in *segments*: small changes that travel inside the commit's
// container until they are worth a fragment. One container holds a run of commits that were
// published together; each but the first lists only the tables that it changed.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace omnigraph::format {

/// The state of one table in one commit.
struct TableState {
  std::string table_key;                ///< "node:Person".
  std::uint32_t type_id = 0;            ///< The type's stable id (schema/catalog.h).
  std::uint64_t table_version = 1;      ///< Starts at 1, + 1 per commit that changes the table.
  std::optional<std::string> branch;    ///< That last wrote the content; none = main.
  std::uint64_t rows_count = 0;         ///< Live rows.
  std::uint64_t row_ids_end = 0;        ///< The next row id.
  std::string manifest;                 ///< Its digest; empty when all rows are in segments.
  std::vector<std::uint32_t> segments;  ///< Indexes into `CommitRun::segments`, oldest first.
  /// Where its fragments stand below `data/`; empty means `TablePath(table_key)`. Set when a type
  /// is renamed or a name is used again, so that a table's objects never move.
  std::string path{};
  /// `path` with its default filled in.
  std::string DataPath() const;
  friend bool operator==(const TableState&, const TableState&) = default;
};

enum class Operation : unsigned char {
  kInit,
  kMutate,
  kLoad,
  kMerge,
  kSchemaApply,
  kOptimize,
  kRevert,
};
std::string_view OperationName(Operation operation);

/// Rows of a table up to some commit that a schema change removed for good.
struct Erasure {
  std::uint32_t type_id = 0;
  std::uint64_t generation = 0;  ///< Of the commit that removed them; older ones cannot be read.
  friend bool operator==(const Erasure&, const Erasure&) = default;
};

/// The request that made a commit, when its caller gave it an idempotency key.
struct Receipt {
  std::string key;      ///< Digest of the actor and the key: 32 hexadecimal digits.
  std::string request;  ///< Digest of everything that was asked: 32 hexadecimal digits.
  std::string answer;   ///< What to answer when it is asked again; text for the asker alone.
};

struct Commit {
  std::string id;                     ///< ULID.
  std::optional<std::string> parent;  ///< None only for the genesis commit.
  std::optional<std::string> merged_parent;
  std::uint64_t version = 1;          ///< First parent's + 1.
  std::uint64_t generation = 1;       ///< Greatest of the parents' + 1.
  std::optional<std::string> branch;  ///< On which it was published; none = main.
  std::string branch_incarnation{};   ///< Of that branch, as in `CommitRun`; empty for main.
  std::optional<std::string> actor;
  std::int64_t created_at_micros = 0;  ///< Never below the parents'.
  Operation operation = Operation::kMutate;
  std::string write_id;       ///< Unique per attempt to publish: "was it I?"
  std::string schema_digest;  ///< SHA-256 of the schema source.
  /// SHA-256 of the stable numbers (`schema::EncodeIdentity`) that the schema is compiled with;
  /// empty while they are those of a new graph.
  std::string schema_identity{};
  std::vector<Erasure> erasures{};  ///< Of this commit and all before it, oldest first.
  std::optional<Receipt> receipt{};
  std::vector<TableState> tables;  ///< Every table, ascending by key.

  const TableState* FindTable(std::string_view table_key) const;
};

/// Rows and tombstones that one commit brought to one table. `bytes` is an Arrow IPC record batch
/// (no schema message; the columns are the layout of the commit's schema), empty without rows.
struct Segment {
  std::string id;  ///< ULID; equal ids mean equal content.
  std::uint32_t type_id = 0;
  std::uint64_t generation = 0;        ///< Of its commit.
  std::uint64_t inserted_count = 0;    ///< The first rows of the batch are new, from here on …
  std::uint64_t first_row_id = 0;      ///< … with ids ascending from this one.
  std::vector<std::uint32_t> updated;  ///< Row ids of the remaining rows, ascending.
  std::vector<std::uint32_t> deleted;  ///< Row ids, ascending.
  std::string generated_id_base;       ///< ULID of the first row when ids count up; else empty.
  bool removes_all_before = false;     ///< An overwrite: no older row of the table is live.
  std::shared_ptr<const std::string> bytes;

  /// About how much the segment adds to a container.
  std::uint64_t size_bytes() const {
    return 160 + (bytes ? bytes->size() : 0) + 11 * (updated.size() + deleted.size());
  }
};

/// Which commit was made for which key on one branch (history/receipts.h). Newest entries stand in
/// the ref, older ones in pages: immutable objects under `receipts/`.
struct ReceiptIndex {
  struct Entry {
    std::string key;  ///< As in `Receipt`.
    std::string commit_id;
  };
  struct Page {
    std::string digest;  ///< Names the object.
    std::uint64_t entries_count = 0;
    std::int64_t newest_micros = 0;  ///< About when the last of its keys was used.
  };
  std::vector<Entry> recent;  ///< Oldest first.
  std::vector<Page> pages;    ///< Oldest first.
  bool empty() const { return recent.empty() && pages.empty(); }
};

/// What a ref and an object under `commits/` hold.
struct CommitRun {
  std::vector<Commit> commits;    ///< At least one, oldest first; the last one is the head.
  std::vector<Segment> segments;  ///< Of all of them.
  /// The branch that this one was created from (of a ref; none for `main`).
  std::optional<std::string> created_from;
  /// Of a ref but `main`'s: a ULID that tells this branch from others that had its name.
  std::string branch_incarnation{};
  ReceiptIndex receipts{};  ///< Of a ref.
  const Commit& head() const { return commits.back(); }
};

std::string EncodeCommitRun(const CommitRun& run);
/// Errors: `kCorruption` naming `object`; `kPreconditionFailed` for a newer format.
Result<CommitRun> DecodeCommitRun(std::string_view bytes, std::string_view object);

/// One immutable file of rows.
struct FragmentInfo {
  std::string name;  ///< Key below `data/<table>/`, without suffix: a ULID.
  std::uint64_t rows_count = 0;
  std::uint64_t first_row_id = 0;  ///< Of a contiguous fragment.
  bool has_row_ids = false;        ///< Rows carry their ids (updates); then not contiguous.
  std::uint64_t generation = 0;    ///< Newest commit with a row in it.
  std::string generated_id_base;   ///< As in `Segment`.
  std::uint64_t size_bytes = 0;
  std::uint64_t checksum = 0;  ///< XXH3 of the file.
  bool has_key_index = false;  ///< `<name>.key` exists.
  std::uint64_t key_index_checksum = 0;
};

/// The fragments of one table, oldest first, and the rows of them that are no more.
struct Manifest {
  std::uint32_t type_id = 0;
  std::vector<FragmentInfo> fragments;
  std::string deleted;  ///< Serialised Roaring bitmap of row ids; empty when none.
};

std::string EncodeManifest(const Manifest& manifest);
Result<Manifest> DecodeManifest(std::string_view bytes, std::string_view object);

// Keys of a graph root (docs/formats/layout.md).
inline constexpr std::string_view kGraphMarkerKey = "omnigraph.json";
std::string CommitKey(std::string_view commit_id);
std::string SchemaKey(std::string_view digest);
std::string SchemaIdentityKey(std::string_view digest);
std::string ManifestKey(std::string_view digest);
std::string FragmentKey(std::string_view table_path, std::string_view fragment_name);
std::string KeyIndexKey(std::string_view table_path, std::string_view fragment_name);
/// `refs/<name>` with every character that a case-insensitive file system or another reader could
/// take for something else spelt as %XX.
std::string RefKey(std::string_view branch);
/// The inverse; none when `key` is not a ref's.
std::optional<std::string> BranchOfRefKey(std::string_view key);
/// `tags/<name>`, spelt as in `RefKey`, and the inverse.
std::string TagKey(std::string_view tag);
std::optional<std::string> TagOfKey(std::string_view key);
std::string ReceiptPageKey(std::string_view digest);
/// `nodes/<16 hex>` or `edges/<16 hex>` of a table key: FNV-1a of the type name.
std::string TablePath(std::string_view table_key);

/// The content of an object under `tags/`.
struct TagRecord {
  std::string commit_id;
  std::optional<std::string> actor;
  std::int64_t created_at_micros = 0;
};
std::string EncodeTag(const TagRecord& tag);
/// Errors: `kCorruption` naming `object`.
Result<TagRecord> DecodeTag(std::string_view bytes, std::string_view object);

/// The content of `omnigraph.json`.
struct GraphMarker {
  std::uint32_t format = 0;
  std::string graph_id;  ///< ULID: the incarnation.
};
std::string EncodeGraphMarker(const GraphMarker& marker);
/// Errors: `kCorruption`; `kPreconditionFailed` for a newer format.
Result<GraphMarker> DecodeGraphMarker(std::string_view bytes);

}  // namespace omnigraph::format
