// Implements graph/schema_rows.h. Rows are read in the tables of the accepted schema: a column of
// the desired one is found there by its stable number.

#include "graph/schema_rows.h"

#include <simdjson.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <vector>

#include "base/strings.h"
#include "graph/constraints.h"
#include "graph/value_reader.h"
#include "schema/constraints.h"
#include "table/column.h"
#include "text/diagnostic.h"

namespace omnigraph::graph {
namespace {

using schema::MigrationStep;
using schema::RowRequirement;
using schema::TableType;
using table::RowId;

const TableType* FindType(const schema::Catalog& catalog, const MigrationStep& step) {
  return catalog.FindTable(std::string(schema::TypeKindWord(step.type_kind)) + ":" +
                           step.type_name);
}

// The rows that violate something: the first few by id, and how many there are.
class Offenders {
 public:
  explicit Offenders(const table::Table& table) : table_(table) {}

  Status Add(RowId row) {
    if (count_++ >= kShownMax) return Status::Ok();
    std::string id;
    OG_RETURN_IF_ERROR(table_.AppendId(row, id));
    shown_.push_back(std::move(id));
    return Status::Ok();
  }
  std::uint64_t count() const { return count_; }
  /// "3 rows are null: a, b, c".
  std::string Text(std::string_view one, std::string_view many) const {
    std::string text = std::to_string(count_) + " " + std::string(count_ == 1 ? one : many) + ": " +
                       Join(shown_, ", ");
    if (count_ > shown_.size()) text += ", …";
    return text;
  }

 private:
  static constexpr std::uint64_t kShownMax = 10;
  const table::Table& table_;
  std::uint64_t count_ = 0;
  std::vector<std::string> shown_;
};

// A column of the desired type as the stored rows will have it: the stored value, else the
// constant, else null.
struct FutureColumn {
  schema::PropertyOrdinal stored_ordinal = 0;
  std::optional<table::Column> stored;
  const format::ColumnBuilder* constant = nullptr;

  bool IsStored(RowId row) const { return stored && !stored->IsNull(row); }
  bool IsNull(RowId row) const { return !IsStored(row) && constant == nullptr; }
  types::Value Value(RowId row) const {
    return IsStored(row) ? stored->Value(row) : constant->Value(0);
  }
};

class RowChecker {
 public:
  RowChecker(const Snapshot& accepted, const schema::Catalog& desired, const Backfills& backfills)
      : accepted_(accepted), desired_(desired), backfills_(backfills) {}

  Status Check(MigrationStep* step) {
    const TableType* const type = FindType(desired_, *step);
    if (type == nullptr) return Status::Ok();  // An interface has no rows.
    const TableType* const stored = accepted_.catalog().FindTableById(type->id);
    if (stored == nullptr) return Status::Ok();
    OG_ASSIGN_OR_RETURN(const table::Table* const table, accepted_.TableOf(*stored));
    if (table->rows_count() == 0) return Status::Ok();
    OG_RETURN_IF_ERROR(table->Open());
    OG_ASSIGN_OR_RETURN(const std::string found, Find(*step, *type, *table));
    if (!found.empty()) schema::Refuse(*step, found);
    return Status::Ok();
  }

 private:
  // What the rows hold against the step; empty if nothing.
  Result<std::string> Find(const MigrationStep& step, const TableType& type,
                           const table::Table& table) {
    switch (step.requirement) {
      case RowRequirement::kNone:
        return std::string();
      case RowRequirement::kNoRows:
        return FindRows(table, "row is stored", "rows are stored", [](RowId) { return true; });
      case RowRequirement::kNoNulls: {
        OG_ASSIGN_OR_RETURN(const FutureColumn column, Bind(type, step.property_name, table));
        return FindRows(table, "row is null", "rows are null",
                        [&](RowId row) { return column.IsNull(row); });
      }
      case RowRequirement::kConstraint:
        if (step.constraint.kind == schema::ConstraintKind::kUnique) {
          return FindEqual(step, type, table);
        }
        return FindOutside(step, type, table);
      case RowRequirement::kCardinality:
        return FindSources(step, type, table);
    }
    return std::string();
  }

  Result<FutureColumn> Bind(const TableType& type, std::string_view name,
                            const table::Table& table) {
    FutureColumn column;
    const schema::Property* const property = type.FindProperty(name);
    OG_CHECK(property != nullptr);
    const schema::Property* const stored = table.type().FindPropertyById(property->id);
    if (stored != nullptr) {
      column.stored_ordinal = stored->ordinal;
      OG_ASSIGN_OR_RETURN(column.stored, table.BindColumn(stored->ordinal));
    }
    const auto backfill = backfills_.find({type.name, std::string(name)});
    if (backfill != backfills_.end()) column.constant = &backfill->second;
    return column;
  }

  static Result<std::string> FindRows(const table::Table& table, std::string_view one,
                                      std::string_view many,
                                      const std::function<bool(RowId)>& is_offender) {
    Offenders offenders(table);
    Status failure;
    ForEachKept(table, {}, [&](RowId row) {
      if (failure.ok() && is_offender(row)) failure = offenders.Add(row);
    });
    OG_RETURN_IF_ERROR(failure);
    return offenders.count() == 0 ? std::string() : offenders.Text(one, many);
  }

  // Rows outside of the ranges or patterns of the step's property.
  Result<std::string> FindOutside(const MigrationStep& step, const TableType& type,
                                  const table::Table& table) {
    const auto constraints = schema::ValueConstraints::Of(type);
    const std::string& name = step.constraint.columns.front();
    OG_ASSIGN_OR_RETURN(const FutureColumn column, Bind(type, name, table));
    const auto violates = [&](RowId row) {
      if (column.IsNull(row)) return false;
      const types::Value value = column.Value(row);
      for (const schema::RangeCheck& check : constraints.ranges()) {
        if (check.property->name == name && !check.Admits(NumberOf(value))) return true;
      }
      for (const schema::PatternCheck& check : constraints.patterns()) {
        const auto* text = value.As<std::string>();
        if (check.property->name != name || text == nullptr) continue;
        if (!check.pattern.MatchesSomewhere(*text)) return true;
      }
      return false;
    };
    return FindRows(table, "row violates it", "rows violate it", violates);
  }

  Result<std::string> FindEqual(const MigrationStep& step, const TableType& type,
                                const table::Table& table) {
    schema::ColumnGroup group;
    std::vector<const format::ColumnBuilder*> fills;
    for (const std::string& name : step.constraint.columns) {
      const bool is_endpoint = table.is_edge() && (name == "src" || name == "dst");
      if (is_endpoint) {
        group.push_back(name == "src" ? schema::kSourceColumn : schema::kTargetColumn);
        fills.push_back(nullptr);
        continue;
      }
      OG_ASSIGN_OR_RETURN(const FutureColumn column, Bind(type, name, table));
      // A column that is null everywhere exempts every row; a constant distinguishes none.
      if (!column.stored && column.constant == nullptr) return std::string();
      if (!column.stored) continue;
      group.push_back(column.stored_ordinal);
      fills.push_back(column.constant);
    }
    std::vector<bool> is_offender(table.row_ids_end());
    if (group.empty()) {
      if (table.rows_count() < 2) return std::string();
      is_offender.flip();
    } else {
      OG_ASSIGN_OR_RETURN(const std::vector<std::vector<RowId>> sets,
                          FindEqualRows(table, group, fills));
      for (const std::vector<RowId>& rows : sets) {
        for (const RowId row : rows)
          is_offender[row] = true;
      }
    }
    return FindRows(table, "row shares its value", "rows share their values",
                    [&](RowId row) { return is_offender[row]; });
  }

  // Sources of edges with too few or too many of them.
  Result<std::string> FindSources(const MigrationStep& step, const TableType& type,
                                  const table::Table& table) {
    const auto& edge = static_cast<const schema::EdgeType&>(table.type());
    OG_CHECK(!schema::IsNodeTable(type));
    OG_ASSIGN_OR_RETURN(const table::Table* const nodes, accepted_.NodeTable(edge.from));
    OG_RETURN_IF_ERROR(nodes->Open());
    std::vector<std::uint32_t> counts(nodes->row_ids_end());
    ForEachKept(table, {}, [&](RowId row) { ++counts[table.SourceOf(row)]; });
    const schema::Cardinality& limits = step.cardinality;
    return FindRows(*nodes, "source is outside of it", "sources are outside of it", [&](RowId row) {
      const std::uint32_t count = counts[row];
      return count > 0 && (count < limits.min || (limits.max && count > *limits.max));
    });
  }

  static double NumberOf(const types::Value& value) {
    if (const auto* number = value.As<std::int64_t>()) return static_cast<double>(*number);
    if (const auto* number = value.As<std::uint64_t>()) return static_cast<double>(*number);
    const auto* real = value.As<double>();
    OG_CHECK(real != nullptr);  // Ranges are on numbers only.
    return *real;
  }

  const Snapshot& accepted_;
  const schema::Catalog& desired_;
  const Backfills& backfills_;
};

Result<format::ColumnBuilder> ReadBackfill(const MigrationStep& step, const TableType& type,
                                           const schema::Property& property) {
  const auto refuse = [&](std::string_view why) {
    return Status::Error(ErrorCode::kInvalidArgument, "the backfill value of '" + type.name + "." +
                                                          property.name +
                                                          "' cannot be used: " + std::string(why));
  };
  const simdjson::padded_string text(step.backfill_json);
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  if (parser.iterate(text).get(document) != simdjson::SUCCESS) return refuse("it is not JSON");
  // As a list of one: only then is a scalar a value like any other.
  const simdjson::padded_string wrapped("[" + step.backfill_json + "]");
  simdjson::ondemand::array items;
  if (parser.iterate(wrapped).get(document) != simdjson::SUCCESS ||
      document.get_array().get(items) != simdjson::SUCCESS) {
    return refuse("it is not JSON");
  }
  format::ColumnBuilder column(property.type);
  ValueReader reader;
  for (auto item : items) {
    simdjson::ondemand::value value;
    if (item.get(value) != simdjson::SUCCESS || column.size() > 0) return refuse("it is not JSON");
    const ReadOutcome outcome = reader.Read(value, type, property, column);
    if (outcome == ReadOutcome::kBadValue) return refuse(reader.message());
    if (outcome == ReadOutcome::kBadJson) return refuse("it is not JSON");
    if (outcome == ReadOutcome::kNull) return refuse("it is null");
  }
  if (column.size() != 1) return refuse("it is empty");
  if (!property.type.enum_values.empty() && !schema::IsEnumValue(property.type, column.Text(0))) {
    return refuse(schema::EnumViolation(type, property, column.Text(0)));
  }
  return column;
}

}  // namespace

Status CheckBackfillNames(const std::map<std::string, std::string>& backfills,
                          const schema::Catalog& desired) {
  std::vector<std::string> known;
  for (const TableType* type : desired.Tables()) {
    for (const schema::Property& property : type->properties)
      known.push_back(type->name + "." + property.name);
  }
  for (const auto& [name, value] : backfills) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const std::string_view near =
        text::DidYouMean(name, std::vector<std::string_view>(known.begin(), known.end()));
    return Status::Error(ErrorCode::kInvalidArgument,
                         "there is a backfill value for " + Quoted(name) +
                             ", and the schema has no such property" +
                             (near.empty() ? "" : "; did you mean " + Quoted(near) + "?"));
  }
  return Status::Ok();
}

Result<Backfills> ReadBackfills(const schema::MigrationPlan& plan, const schema::Catalog& desired) {
  Backfills backfills;
  for (const MigrationStep& step : plan.steps) {
    if (step.backfill_json.empty()) continue;
    const TableType* const type = FindType(desired, step);
    if (type == nullptr) continue;
    const schema::Property* const property = type->FindProperty(step.property_name);
    OG_ASSIGN_OR_RETURN(format::ColumnBuilder value, ReadBackfill(step, *type, *property));
    backfills.emplace(std::pair(type->name, property->name), std::move(value));
  }
  return backfills;
}

Status CheckRows(const Snapshot& accepted, const schema::Catalog& desired,
                 const Backfills& backfills, schema::MigrationPlan* plan) {
  RowChecker checker(accepted, desired, backfills);
  for (MigrationStep& step : plan->steps) {
    if (step.requirement != RowRequirement::kNone) OG_RETURN_IF_ERROR(checker.Check(&step));
  }
  return Status::Ok();
}

}  // namespace omnigraph::graph
