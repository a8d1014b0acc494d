// Describes queries for programs that list them: parameters as the catalogue shows them (S4),
// result fields and touched types (S20.2).

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "query/ast.h"
#include "query/checked.h"
#include "schema/catalog.h"

namespace omnigraph::query {

/// A parameter or a result field in the words of the catalogue.
struct FieldDescription {
  std::string name;
  std::string kind;       ///< string bool int bigint float date datetime blob vector list object
  std::string item_kind;  ///< Of a list, else empty.
  std::uint32_t vector_dimensions = 0;  ///< Of a vector, else 0.
  bool is_nullable = false;
  friend bool operator==(const FieldDescription&, const FieldDescription&) = default;
};

struct TouchedDescription {
  bool is_edge = false;
  std::string type_name;
  friend bool operator==(const TouchedDescription&, const TouchedDescription&) = default;
};

struct OperationDescription {
  std::vector<FieldDescription> result;  ///< Empty for a mutation.
  std::vector<TouchedDescription> reads;
  std::vector<TouchedDescription> writes;
};

FieldDescription DescribeField(std::string name, const types::Type& type);

/// In declaration order. Needs no catalog.
std::vector<FieldDescription> DescribeParameters(const ast::Query& query);

/// Names are the short ones: the alias, else `name` for `$p.name`. A bare node is an `object`.
OperationDescription DescribeOperation(const CheckedQuery& query, const schema::Catalog& catalog);

/// Append JSON objects with the keys of S4 and S20.2.
void AppendJson(const FieldDescription& field, std::string& out);
void AppendJson(const OperationDescription& operation, std::string& out);

}  // namespace omnigraph::query
