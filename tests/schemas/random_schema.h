// Random schemas that are valid by construction, and random ways in which they evolve. All from one
// seed.

#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace omnigraph::schemas {

struct PropertyModel {
  std::string name;
  std::string type;  ///< "I32", "[String]", "Vector(3)", "enum".
  bool is_nullable = true;
  std::vector<std::string> enum_values{};
  bool has_index = false;
  bool is_unique = false;
  std::string renamed_from{};
  std::string description{};
  std::string accepted_name{};  ///< Before the last `Evolve`; empty for what it added.
};

/// A node or an edge type; the fields of the other kind are empty.
struct TypeModel {
  bool is_edge = false;
  std::string name;
  std::string renamed_from{};
  std::string description{};
  std::string accepted_name{};  ///< As of properties.
  std::vector<PropertyModel> properties{};
  std::vector<std::string> interfaces{};
  std::vector<std::string> key{};
  std::vector<std::vector<std::string>> unique_groups{};
  std::map<std::string, int> range_maxima{};  ///< `@range(p, 0..max)`.
  std::string from{}, to{};
  int edges_max = -1;  ///< `@card(0..max)`; -1 for none.

  PropertyModel* Find(const std::string& property);
  bool Has(const std::string& property) const;
  /// Whether the key, a group or a range names the property.
  bool IsConstrained(const std::string& property) const;
};

struct InterfaceModel {
  std::string name;
  std::vector<PropertyModel> properties{};
};

struct SchemaModel {
  std::vector<InterfaceModel> interfaces{};
  std::vector<TypeModel> nodes{};
  std::vector<TypeModel> edges{};

  /// Own properties of a type and those that its interfaces bring.
  std::vector<PropertyModel> EffectiveProperties(const TypeModel& type) const;
};

std::string Print(const SchemaModel& model);

/// The same without `@rename_from`: what the schema means.
SchemaModel WithoutHints(SchemaModel model);

class SchemaRandom {
 public:
  explicit SchemaRandom(std::uint64_t seed) : random_(seed) {}

  SchemaModel Fresh();

  /// Between one and `changes_max` changes that never depend on rows: types and nullable properties
  /// come, go and change names, enums grow, indexes and descriptions come and go, limits widen.
  /// With `tightens` also changes that the rows may refuse: required properties (with values in
  /// `backfills` half of the time), uniqueness, ranges, cardinalities, no more nulls.
  ///
  /// No name of `model` is used for anything new.
  SchemaModel Evolve(const SchemaModel& model, int changes_max, bool tightens,
                     std::map<std::string, std::string>* backfills);

  /// Records for a few rows of every type, which fit every constraint that `Fresh` and `Evolve`
  /// give, and whose ids nobody has had before.
  std::string Rows(const SchemaModel& model);

  std::size_t Below(std::size_t limit) { return static_cast<std::size_t>(random_()) % limit; }
  bool OneIn(std::size_t n) { return Below(n) == 0; }

 private:
  std::string NewName(const std::string& stem);
  PropertyModel NewProperty(bool is_nullable);
  TypeModel NewNode(const SchemaModel& model);
  TypeModel NewEdge(const SchemaModel& model);
  void Change(SchemaModel& model);
  void ChangeProperty(TypeModel& type);
  void ChangeType(SchemaModel& model, TypeModel& type);
  void DropNode(SchemaModel& model);
  void Tighten(TypeModel& type, std::map<std::string, std::string>* backfills);
  std::string Value(const PropertyModel& property);
  std::string Data(const SchemaModel& model, const TypeModel& type, std::string* id);

  std::mt19937_64 random_;
  std::uint64_t names_count_ = 0;
  std::uint64_t values_count_ = 0;
};

}  // namespace omnigraph::schemas
