// The documents of successful answers, written straight into the body.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.h"
#include "engine/versions.h"

namespace omnigraph::server {

/// `{"status", "version", "source_version"?}`; no stamp of the build is an empty one.
std::string HealthOutput(std::string_view source_version);

/// `{"query_name", "target", "graph_commit_id"?, "row_count", "columns"?, "rows"}`. The commit is
/// told where the route tells it.
std::string ReadOutput(const engine::QueryAnswer& answer, bool tells_commit);

/// `{"branch", "query_name", "affected_nodes", "affected_edges", "actor_id", "commit"}`.
std::string ChangeOutput(const engine::MutationAnswer& answer,
                         const std::optional<std::string>& actor);

std::string SnapshotOutput(const engine::SnapshotAnswer& answer);

/// What an ingest answers besides what the engine says.
struct LoadFacts {
  std::string_view uri;
  std::optional<std::string> from;
  std::optional<std::string> actor;
  bool tells_ignored = false;
  bool tells_entities = false;  ///< Also by type name, nodes and edges apart.
};
std::string LoadOutput(const engine::LoadAnswer& answer, const LoadFacts& facts);

/// `{"source", "target", "outcome", "actor_id", "commit", …}`, and what became of the source if
/// asked.
std::string MergeOutput(const engine::MergeAnswer& answer, bool is_dry_run,
                        const std::optional<std::string>& actor);
/// `{"branch", "reverted_to", "changes_schema", "tables", "actor_id", "commit"}`.
std::string RevertOutput(const engine::RevertAnswer& answer,
                         const std::optional<std::string>& actor);
/// `{"error", "code", "merge_conflicts"}`.
std::string MergeConflictsOutput(const engine::MergeAnswer& answer);

std::string CommitListOutput(const std::vector<engine::CommitRecord>& commits);

}  // namespace omnigraph::server
