// Reads the success documents of a server into the answers of the engine.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "engine/engine.h"
#include "engine/versions.h"

namespace omnigraph::client {

/// Who did it and where, as the server says in the answer to a write. None: not said, or null.
struct ServerEcho {
  std::optional<std::string> actor_id;
  std::optional<std::string> uri;
};

/// A graph in the list of a server.
struct ListedGraph {
  std::string graph_id;
  std::string uri;
};

// Errors of all of these: `kInternal` "the server's answer … " if the document has another shape.

/// A read document. Rows keep the spelling of every value.
Result<engine::QueryAnswer> ReadQueryAnswer(std::string_view json);
Result<engine::MutationAnswer> ReadMutationAnswer(std::string_view json);
Result<engine::LoadAnswer> ReadLoadAnswer(std::string_view json);
Result<engine::SnapshotAnswer> ReadSnapshotAnswer(std::string_view json);
Result<std::vector<engine::CommitRecord>> ReadCommitList(std::string_view json);
Result<engine::CommitRecord> ReadCommit(std::string_view json);
Result<std::vector<std::string>> ReadBranchList(std::string_view json);
Result<engine::MergeAnswer> ReadMergeAnswer(std::string_view json);
/// Reads the conflicts of an error document; false if it names none.
bool ReadMergeConflicts(std::string_view json, engine::MergeAnswer* answer);
Result<std::vector<engine::Tag>> ReadTagList(std::string_view json);
Result<engine::Tag> ReadTag(std::string_view json);
Result<engine::RevertAnswer> ReadRevertAnswer(std::string_view json);
Result<std::string> ReadSchemaSource(std::string_view json);
Result<engine::SchemaChangeAnswer> ReadSchemaChangeAnswer(std::string_view json);
Result<std::vector<ListedGraph>> ReadGraphList(std::string_view json);
ServerEcho ReadEcho(std::string_view json);

}  // namespace omnigraph::client
