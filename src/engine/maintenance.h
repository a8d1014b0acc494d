// Requests and answers of the three commands that tend the storage of a graph.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace omnigraph::engine {

struct OptimizeAnswer {
  struct Table {
    std::string table_key;
    std::uint64_t fragments_removed = 0;
    std::uint64_t fragments_added = 0;
    bool is_committed = false;
    std::uint64_t table_version = 0;  ///< After the run.
  };
  std::vector<Table> tables;  ///< Every table of `main`, ascending by key.
};

struct RepairRequest {
  bool is_confirmed = false;  ///< Rebuilds derived objects that are damaged.
};

struct RepairAnswer {
  struct Table {
    std::string table_key;
    std::uint64_t table_version = 0;
    std::string classification;  ///< "no_drift", "verified_maintenance" or "unverifiable".
    std::string action;          ///< "no_op", "preview", "healed" or "refused".
    std::vector<std::string> operations;
    std::optional<std::string> error;
  };
  /// A damaged object that belongs to no table.
  struct Object {
    std::string key;
    std::string action;  ///< "preview", "healed" or "refused".
    std::string error;
  };
  std::vector<Table> tables;    ///< Ascending by key.
  std::vector<Object> objects;  ///< Ascending by key.
};

struct CleanupRequest {
  std::optional<std::uint64_t> keep_versions;    ///< Newest of each branch; 0 counts as 1.
  std::optional<std::uint64_t> older_than_secs;  ///< Only commits that are older.
  std::uint64_t grace_secs = std::uint64_t{24} * 3600;
  bool is_dry_run = false;
  std::size_t concurrency = 8;  ///< Requests to the store at a time.
};

struct CleanupAnswer {
  struct Table {
    std::string table_key;
    std::uint64_t bytes_removed = 0;
    std::uint64_t old_versions_removed = 0;
    std::optional<std::string> error;
  };
  std::vector<Table> tables;             ///< Of `main`, ascending by key.
  std::uint64_t history_bytes = 0;       ///< Rows of old commits.
  std::uint64_t unreferenced_bytes = 0;  ///< Of aborted writes and deleted branches.
  std::vector<std::string> failures;     ///< Of what belongs to no table.
};

}  // namespace omnigraph::engine
