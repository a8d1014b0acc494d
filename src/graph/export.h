// Writes the rows of one commit as JSON lines that a load takes back.

#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "graph/snapshot.h"

namespace omnigraph::graph {

struct ExportSelection {
  std::vector<std::string> type_names;  ///< Node or edge types of exactly that name.
  std::vector<std::string> table_keys;  ///< Both empty: every table.
};

/// The table keys that a selection means, ascending.
/// Errors: `kInvalidArgument` "unknown export type 'T'", "unknown export table 'K'".
Result<std::vector<std::string>> ResolveSelection(const schema::Catalog& catalog,
                                                  const ExportSelection& selection);

/// Writes the tables in the given order, rows by id in byte order, in pieces of whole lines. The
/// same commit always gives the same bytes. Memory: the ids of one table and one piece.
///
/// Errors: those of reading, of `write`, and `kDeadlineExceeded`.
Status ExportTables(const Snapshot& snapshot, const std::vector<std::string>& table_keys,
                    const Deadline& deadline,
                    const std::function<Status(std::string_view lines)>& write);

}  // namespace omnigraph::graph
