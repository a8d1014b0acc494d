// The stable numbers of a graph's types and properties (S23.1): one counter per graph, never
// reused, kept by renames. They name columns and tables in stored objects.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/status.h"
#include "schema/catalog.h"

namespace omnigraph::schema {

struct SchemaIdentity {
  struct Type {
    StableId id = 0;
    std::map<std::string, StableId> properties;
    friend bool operator==(const Type&, const Type&) = default;
  };
  /// By "interface:Named", "node:Person", "edge:Knows".
  std::map<std::string, Type> types;
  /// The next free number; greater than every number ever given in this graph.
  StableId next = 1;
  friend bool operator==(const SchemaIdentity&, const SchemaIdentity&) = default;
};

/// `{"next":7,"types":{"node:Person":{"id":1,"properties":{"name":2}}}}`, deterministic.
std::string EncodeIdentity(const SchemaIdentity& identity);

/// Errors: `kCorruption` if `json` is not such a document, a number is repeated, 0, or not below
/// `next`.
Result<SchemaIdentity> DecodeIdentity(std::string_view json);

}  // namespace omnigraph::schema
