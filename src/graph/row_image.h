// One row of one commit, as merges and differences compare it: by id text and values, never by row
// id, since two branches give out row ids independently.

#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "schema/catalog.h"
#include "table/table.h"

namespace omnigraph::graph {

/// One row of one commit, or that there is none.
struct RowImage {
  const table::GraphView* view = nullptr;
  const table::Table* table = nullptr;
  table::RowId row = 0;
  bool is_present = false;
  /// Of ancestors that disagree: equal to no other image.
  bool is_disputed = false;
};

/// The row of a type with that id text. Opens the chunk that holds it.
Result<RowImage> FindRow(const table::GraphView& view, const schema::TableType& type,
                         std::string_view id);

/// Whether all properties, and the ids of the endpoints of edges, are equal; two absent rows are.
/// Both commits have one schema.
Result<bool> AreSame(const RowImage& left, const RowImage& right);

/// The id text of an endpoint of an edge.
Result<std::string> EndpointId(const RowImage& edge, bool is_source);

/// Appends `{"properties":{…},"endpoints":{"from":…,"to":…}}` of a row whose chunk is open; values
/// as in exports, in the order of the schema, the endpoints of edges only.
Status AppendImage(const RowImage& image, std::string& out);

}  // namespace omnigraph::graph
