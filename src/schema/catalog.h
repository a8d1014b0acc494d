// The catalog: everything the engine asks about an accepted schema, compiled once and immutable.
//
// Three kinds of numbers, not to be mixed up:
//   *ordinal*   position in a vector of this catalog. Types and properties are sorted by name, so
//               an ordinal is only good within one catalog. Use it in plans and column batches.
//   *id*        stable number of a type or property, unique in the graph for ever, kept by renames
//               and never used again after a drop (S23.1). Use it in everything that is stored.
//   *table key* "node:Person", "edge:Knows": the name that users and results see.
//
// Thread safety: immutable after construction; share it as `std::shared_ptr<const Catalog>`.

#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "schema/pattern.h"
#include "schema/syntax.h"
#include "types/type.h"

namespace omnigraph::schema {

using StableId = std::uint32_t;         ///< Of a type or property; 0 is never used.
using PropertyOrdinal = std::uint32_t;  ///< Position in `TableType::properties`.

/// The system columns, where a column of a table is named by a `PropertyOrdinal`.
inline constexpr PropertyOrdinal kIdColumn = std::numeric_limits<PropertyOrdinal>::max();
inline constexpr PropertyOrdinal kSourceColumn = kIdColumn - 1;  ///< `src`, edges only.
inline constexpr PropertyOrdinal kTargetColumn = kIdColumn - 2;  ///< `dst`, edges only.

/// An annotation as written (S9.1); `value` is the decoded text of its argument.
struct Annotation {
  std::string name;
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::string>> keywords;  ///< Sorted by name.
  friend bool operator==(const Annotation&, const Annotation&) = default;
  friend auto operator<=>(const Annotation& a, const Annotation& b) {
    return std::tie(a.name, a.value, a.keywords) <=> std::tie(b.name, b.value, b.keywords);
  }
};

/// The access path that a declared index gives (S6.5). Indexes never change results.
enum class IndexKind : std::uint8_t {
  kNone,
  kOrdered,  ///< Equality and range: numbers, Bool, Date, DateTime, enums.
  kText,     ///< Full text: free strings.
  kVector,   ///< Nearest neighbours.
};

struct Property {
  std::string name;
  types::Type type;
  StableId id = 0;
  PropertyOrdinal ordinal = 0;
  std::uint32_t declared_position = 0;  ///< Place in the source; injected ones come last.
  std::vector<Annotation> annotations;  ///< In source order.
  IndexKind index = IndexKind::kNone;   ///< Of nodes only; edges declare but never build (S6.5).
  bool is_key = false;                  ///< Part of the node's key: its value never changes.
  std::optional<PropertyOrdinal> embed_source;  ///< Of a vector with `@embed`.
  std::string embed_model;                      ///< `@embed(…, model="…")`, else empty.
};

/// Columns that belong together, ascending by column name; system columns as `kSourceColumn` etc.
using ColumnGroup = std::vector<PropertyOrdinal>;

/// `@range`: bounds are inclusive; at least one is set.
struct RangeConstraint {
  PropertyOrdinal property = 0;
  std::optional<Bound> min, max;
};

/// `@check`: the value must contain a match of the pattern (unanchored).
struct CheckConstraint {
  PropertyOrdinal property = 0;
  Pattern pattern;
};

/// A constraint by the names of its columns, in canonical form (S9.2): what migrations compare. The
/// enforced forms are `NodeType::key`, `TableType::unique_groups` and so on.
struct DeclaredConstraint {
  ConstraintKind kind = ConstraintKind::kKey;
  std::vector<std::string> columns;  ///< Ascending; one for kRange and kCheck.
  std::optional<Bound> min, max;     ///< kRange.
  std::string pattern;               ///< kCheck.
  friend bool operator==(const DeclaredConstraint&, const DeclaredConstraint&) = default;
};

/// Edges of one type per source node; counted only for sources that have any.
struct Cardinality {
  std::uint32_t min = 0;
  std::optional<std::uint32_t> max;
  bool is_limited() const { return min > 0 || max.has_value(); }
  friend bool operator==(const Cardinality&, const Cardinality&) = default;
};

/// What node and edge types share: one table each.
struct TableType {
  std::string name;
  std::string table_key;
  StableId id = 0;
  std::uint32_t ordinal = 0;            ///< In `Catalog::nodes()` or `Catalog::edges()`.
  std::uint32_t declared_position = 0;  ///< Among all declarations of the source.
  std::vector<Annotation> annotations;
  std::vector<Property> properties;        ///< Ascending by name; interfaces are expanded.
  std::vector<ColumnGroup> unique_groups;  ///< Without the key's.
  std::vector<ColumnGroup> index_groups;   ///< As declared, the key's included; sorted, distinct.
  std::vector<DeclaredConstraint> constraints;  ///< All of them, in canonical order.

  /// The property with exactly that name, or null. Cost: O(log properties).
  const Property* FindProperty(std::string_view property_name) const;
  /// The property with that stable id, or null.
  const Property* FindPropertyById(StableId property_id) const;
  /// The name of a property or system column.
  std::string_view ColumnName(PropertyOrdinal column) const;
  /// "a" or "(a, b)": how messages name a group (S9.2).
  std::string GroupName(const ColumnGroup& group) const;
  /// Ordinals of the properties in the order of the source.
  std::vector<PropertyOrdinal> DeclaredOrder() const;
};

struct NodeType : TableType {
  std::vector<std::string> implements;  ///< Sorted, distinct.
  /// Empty when ids are generated. Ascending by name: the order of messages and indexes.
  ColumnGroup key;
  /// The same columns in the order in which an id spells them (S11.2): by stable id, so that the
  /// rename of a key property changes no id.
  ColumnGroup key_spelling_order;
  std::vector<RangeConstraint> ranges;
  std::vector<CheckConstraint> checks;
  bool has_key() const { return !key.empty(); }
};

struct EdgeType : TableType {
  std::uint32_t from = 0;  ///< Ordinals of node types.
  std::uint32_t to = 0;
  Cardinality cardinality;
};

struct InterfaceType {
  std::string name;
  StableId id = 0;
  std::vector<Property> properties;  ///< Ascending by name.
};

class Catalog {
 public:
  /// Takes finished types, each vector ascending by name with matching ordinals; made by
  /// `CompileSchema` (schema/compile.h).
  Catalog(std::vector<InterfaceType> interfaces, std::vector<NodeType> nodes,
          std::vector<EdgeType> edges);
  // The lookup tables point into the types.
  Catalog(const Catalog&) = delete;
  Catalog& operator=(const Catalog&) = delete;

  std::span<const InterfaceType> interfaces() const { return interfaces_; }
  std::span<const NodeType> nodes() const { return nodes_; }
  std::span<const EdgeType> edges() const { return edges_; }
  const NodeType& node(std::uint32_t ordinal) const { return nodes_[ordinal]; }
  const EdgeType& edge(std::uint32_t ordinal) const { return edges_[ordinal]; }

  /// All of these return null when there is no such thing. Cost: O(1), of interfaces O(log n).
  const NodeType* FindNode(std::string_view name) const;
  /// The exact name first, then without regard to ASCII case (`worksAt` finds `WorksAt`).
  const EdgeType* FindEdge(std::string_view name) const;
  const InterfaceType* FindInterface(std::string_view name) const;
  /// By "node:Person" or "edge:Knows", exact.
  const TableType* FindTable(std::string_view table_key) const;
  /// A node or edge type by its stable id.
  const TableType* FindTableById(StableId id) const;

  /// Every node table, then every edge table, each ascending by name.
  std::vector<const TableType*> Tables() const;
  /// For suggestions in messages.
  std::vector<std::string_view> NodeNames() const;
  std::vector<std::string_view> EdgeNames() const;
  /// The edge types that have the node type as source or target, by name.
  std::vector<const EdgeType*> EdgesOf(const NodeType& node) const;

 private:
  std::vector<InterfaceType> interfaces_;
  std::vector<NodeType> nodes_;
  std::vector<EdgeType> edges_;
  std::unordered_map<std::string_view, const TableType*> by_table_key_;
  std::unordered_map<std::string_view, const NodeType*> node_by_name_;
  std::unordered_map<std::string_view, const EdgeType*> edge_by_name_;
  std::unordered_map<std::string, const EdgeType*> edge_by_folded_name_;
  std::unordered_map<StableId, const TableType*> by_id_;
};

/// Whether `table` is a node table (else an edge table), by its key.
inline bool IsNodeTable(const TableType& table) {
  return table.table_key.starts_with("node:");
}

/// The kind of access path that an index on a property of this type gives.
IndexKind IndexKindFor(const types::Type& type);

}  // namespace omnigraph::schema
