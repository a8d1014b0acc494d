// A naive interpreter of reads for differential tests: tries every assignment of every variable.
// Shares nothing with the executor but the typed tree.

#pragma once

#include <string>
#include <vector>

#include "exec/test_graph.h"
#include "query/checked.h"
#include "types/value.h"

namespace omnigraph::exec::testing {

/// The rows before `limit`, as JSON arrays; in the order of the query if it has one.
std::vector<std::string> InterpretRead(const query::CheckedQuery& query,
                                       const std::vector<types::Value>& parameters,
                                       const TestGraph& graph);

}  // namespace omnigraph::exec::testing
