// Implements graph/constraints.h.

#include "graph/constraints.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <optional>
#include <unordered_map>

#include "base/strings.h"
#include "graph/id_table.h"
#include "index/key_index.h"
#include "schema/constraints.h"
#include "types/type.h"

namespace omnigraph::graph {
namespace {

using table::RowId;
using types::Scalar;

// A value of a column of a unique group, comparable: text, or a number by its bits.
struct Cell {
  bool is_null = false;
  bool is_text = false;
  std::uint64_t bits = 0;
  std::string_view text;
  friend bool operator==(const Cell& a, const Cell& b) {
    return a.is_text == b.is_text && (a.is_text ? a.text == b.text : a.bits == b.bits);
  }
};

std::uint64_t BitsOf(double value) {
  return std::bit_cast<std::uint64_t>(value == 0 ? 0.0 : value);  // -0 equals 0.
}

Cell NumberCell(std::uint64_t bits) {
  return {false, false, bits, {}};
}

Cell CellOf(const types::Value& value) {
  if (const auto* flag = value.As<bool>()) return NumberCell(*flag ? 1 : 0);
  if (const auto* number = value.As<std::int64_t>()) {
    return NumberCell(static_cast<std::uint64_t>(*number));
  }
  if (const auto* number = value.As<std::uint64_t>()) return NumberCell(*number);
  if (const auto* real = value.As<double>()) return NumberCell(BitsOf(*real));
  if (const auto* date = value.As<types::Date>()) {
    return NumberCell(static_cast<std::uint64_t>(std::int64_t{date->days}));
  }
  const auto* at = value.As<types::DateTime>();
  OG_CHECK(at != nullptr);  // No groups over lists, vectors or blobs.
  return NumberCell(static_cast<std::uint64_t>(at->millis));
}

// The tuples of one group in new rows.
class NewTuples {
 public:
  NewTuples(const NewRows& rows, const schema::ColumnGroup& group) : rows_(rows), group_(group) {
    for (const format::RowBatch* piece : rows.pieces) {
      ends_.push_back((ends_.empty() ? 0 : ends_.back()) + piece->size());
    }
  }
  std::size_t width() const { return group_.size(); }
  Cell At(std::size_t column, std::size_t row) const {
    const auto piece =
        static_cast<std::size_t>(std::upper_bound(ends_.begin(), ends_.end(), row) - ends_.begin());
    const format::RowBatch& batch = *rows_.pieces[piece];
    const std::size_t at = row - (piece == 0 ? 0 : ends_[piece - 1]);
    const schema::PropertyOrdinal ordinal = group_[column];
    if (ordinal == schema::kSourceColumn) {
      return NumberCell(rows_.sources.empty() ? batch.sources()[at] : rows_.sources[row]);
    }
    if (ordinal == schema::kTargetColumn) {
      return NumberCell(rows_.targets.empty() ? batch.targets()[at] : rows_.targets[row]);
    }
    const format::ColumnBuilder& cells = batch.column(ordinal);
    if (cells.IsNull(at)) return {true, false, 0, {}};
    if (cells.type().scalar == Scalar::kString) return {false, true, 0, cells.Text(at)};
    return CellOf(cells.Value(at));
  }

 private:
  const NewRows& rows_;
  const schema::ColumnGroup& group_;
  std::vector<std::size_t> ends_;  // Of the pieces.
};

// The tuples of one group in stored rows.
class StoredTuples {
 public:
  static Result<StoredTuples> Bind(const table::Table& table, const schema::ColumnGroup& group) {
    StoredTuples tuples(table, group);
    for (const schema::PropertyOrdinal ordinal : group) {
      if (ordinal >= schema::kTargetColumn) {
        OG_RETURN_IF_ERROR(table.Open());
        tuples.columns_.emplace_back();
        continue;
      }
      OG_ASSIGN_OR_RETURN(table::Column column, table.BindColumn(ordinal));
      tuples.columns_.emplace_back(std::move(column));
    }
    return tuples;
  }
  std::size_t width() const { return group_->size(); }
  Cell At(std::size_t index, RowId row) const {
    const schema::PropertyOrdinal ordinal = (*group_)[index];
    if (ordinal == schema::kSourceColumn) return NumberCell(table_->SourceOf(row));
    if (ordinal == schema::kTargetColumn) return NumberCell(table_->TargetOf(row));
    const table::Column& column = *columns_[index];
    if (column.IsNull(row)) return {true, false, 0, {}};
    switch (column.type().scalar) {
      case Scalar::kString:
        return {false, true, 0, column.Text(row)};
      case Scalar::kBool:
        return NumberCell(column.Bool(row) ? 1 : 0);
      case Scalar::kF32:
      case Scalar::kF64:
        return NumberCell(BitsOf(column.Float(row)));
      case Scalar::kU32:
      case Scalar::kU64:
        return NumberCell(column.Uint(row));
      default:
        return NumberCell(static_cast<std::uint64_t>(column.Int(row)));
    }
  }

 private:
  StoredTuples(const table::Table& table, const schema::ColumnGroup& group)
      : table_(&table), group_(&group) {}
  const table::Table* table_;
  const schema::ColumnGroup* group_;
  std::vector<std::optional<table::Column>> columns_;  // None for endpoints.
};

// None when the tuple has a null.
template <typename Tuples, typename Row>
std::optional<std::uint64_t> HashOf(const Tuples& tuples, Row row) {
  std::uint64_t hash = 0;
  for (std::size_t i = 0; i < tuples.width(); ++i) {
    const Cell cell = tuples.At(i, row);
    if (cell.is_null) return std::nullopt;
    const std::uint64_t part = cell.is_text ? index::KeyHash(cell.text) : MixBits(cell.bits);
    hash = MixBits(hash ^ part) + i;
  }
  return hash;
}

template <typename Left, typename LeftRow, typename Right, typename RightRow>
bool AreEqual(const Left& left, LeftRow left_row, const Right& right, RightRow right_row) {
  for (std::size_t i = 0; i < left.width(); ++i) {
    if (!(left.At(i, left_row) == right.At(i, right_row))) return false;
  }
  return true;
}

// The ids are unique by themselves, and so is every tuple with one.
bool NeedsCheck(const schema::ColumnGroup& group) {
  return std::find(group.begin(), group.end(), schema::kIdColumn) == group.end();
}

// Where an element is, or would be, in an ascending vector.
std::size_t PlaceOf(const std::vector<RowId>& sorted, RowId row) {
  return static_cast<std::size_t>(std::lower_bound(sorted.begin(), sorted.end(), row) -
                                  sorted.begin());
}

std::string ShownValue(const types::Value& value) {
  if (const auto* text = value.As<std::string>()) return *text;
  return types::CanonicalText(value);
}

double NumberOf(const types::Value& value) {
  if (const auto* number = value.As<std::int64_t>()) return static_cast<double>(*number);
  if (const auto* number = value.As<std::uint64_t>()) return static_cast<double>(*number);
  const auto* real = value.As<double>();
  OG_CHECK(real != nullptr);  // Ranges are on numbers only.
  return *real;
}

std::string Prefix(const NewRows& rows, std::size_t row) {
  return rows.describe ? rows.describe(row) + ": " : std::string();
}

Status Violation(std::string text) {
  return Status::Error(ErrorCode::kInvalidArgument, std::move(text));
}

// The values of a tuple of new rows as messages show them; endpoints as `#row`.
std::vector<std::string> ShownTuple(const NewRows& rows, const NewTuples& tuples,
                                    const schema::ColumnGroup& group, std::size_t row) {
  std::vector<std::string> shown;
  std::size_t at = row;
  std::size_t piece = 0;
  while (at >= rows.pieces[piece]->size())
    at -= rows.pieces[piece++]->size();
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (group[i] >= schema::kTargetColumn) {
      const bool is_source = group[i] == schema::kSourceColumn;
      const auto& name = is_source ? rows.source_id : rows.target_id;
      shown.push_back(name ? name(row) : "node " + std::to_string(tuples.At(i, row).bits));
    } else {
      shown.push_back(ShownValue(rows.pieces[piece]->column(group[i]).Value(at)));
    }
  }
  return shown;
}

Status CheckRange(const NewRows& rows, const schema::RangeCheck& check) {
  std::size_t first = 0;
  for (const format::RowBatch* piece : rows.pieces) {
    const format::ColumnBuilder& column = piece->column(check.property->ordinal);
    for (std::size_t i = 0; i < piece->size(); ++i) {
      if (column.IsNull(i)) continue;
      const types::Value value = column.Value(i);
      const double number = NumberOf(value);
      if (check.Admits(number)) continue;
      return Violation(Prefix(rows, first + i) +
                       schema::RangeViolation(*rows.type, check, number, ShownValue(value)));
    }
    first += piece->size();
  }
  return Status::Ok();
}

// Calls `find(text)` for the texts of a column until it gives a violation.
template <typename Find>
Status CheckTexts(const NewRows& rows, schema::PropertyOrdinal property, Find find) {
  std::size_t first = 0;
  for (const format::RowBatch* piece : rows.pieces) {
    const format::ColumnBuilder& column = piece->column(property);
    for (std::size_t i = 0; i < piece->size(); ++i) {
      if (column.IsNull(i)) continue;
      const std::optional<std::string> violation = find(column.Text(i));
      if (violation) return Violation(Prefix(rows, first + i) + *violation);
    }
    first += piece->size();
  }
  return Status::Ok();
}

Status CheckGroupWithin(const NewRows& rows, const schema::ColumnGroup& group) {
  const NewTuples tuples(rows, group);
  HashTable seen(rows.size());
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (!rows.is_superseded.empty() && rows.is_superseded[row]) continue;
    const auto hash = HashOf(tuples, row);
    if (!hash) continue;
    const auto same = seen.FindOrInsert(*hash, static_cast<std::uint32_t>(row), [&](auto other) {
      return AreEqual(tuples, row, tuples, std::size_t{other});
    });
    if (!same) continue;
    return Violation(
        Prefix(rows, row) +
        schema::UniqueViolation(*rows.type, group, ShownTuple(rows, tuples, group, row)) +
        " (rows " + std::to_string(*same) + " and " + std::to_string(row) + " of the " +
        rows.type->name + " records)");
  }
  return Status::Ok();
}

Status CheckGroupAgainst(const NewRows& rows, const schema::ColumnGroup& group,
                         const table::Table& stored, const ReplacedRows& replaced) {
  const NewTuples tuples(rows, group);
  OG_ASSIGN_OR_RETURN(const StoredTuples others, StoredTuples::Bind(stored, group));
  HashTable wanted(rows.size());
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (!rows.is_superseded.empty() && rows.is_superseded[row]) continue;
    const auto hash = HashOf(tuples, row);
    // Equal ones among the new rows are another check's, so no comparison here.
    if (hash) wanted.Insert(*hash, static_cast<std::uint32_t>(row));
  }
  // The lowest new row counts, so that the answer does not depend on the order of stored rows.
  std::size_t first = rows.size();
  RowId other = table::kNoRow;
  ForEachKept(stored, replaced, [&](RowId kept) {
    const auto hash = HashOf(others, kept);
    if (!hash) return;
    const auto row = wanted.Find(*hash, [&](auto candidate) {
      return AreEqual(tuples, std::size_t{candidate}, others, kept);
    });
    if (!row || *row >= first) return;
    first = *row;
    other = kept;
  });
  if (first == rows.size()) return Status::Ok();
  std::string id;
  OG_RETURN_IF_ERROR(stored.AppendId(other, id));
  return Violation(
      Prefix(rows, first) +
      schema::UniqueViolation(*rows.type, group, ShownTuple(rows, tuples, group, first)) +
      " (the stored " + rows.type->name + " " + Quoted(id) + " has it)");
}

// How messages show a column of a stored row.
Result<std::string> ShownColumn(const table::Table& table, schema::PropertyOrdinal ordinal,
                                RowId row, const table::GraphView* view) {
  if (ordinal < schema::kTargetColumn) {
    OG_ASSIGN_OR_RETURN(const table::Column column, table.BindColumn(ordinal));
    return ShownValue(column.Value(row));
  }
  const auto& edge = static_cast<const schema::EdgeType&>(table.type());
  const bool is_source = ordinal == schema::kSourceColumn;
  const RowId node = is_source ? table.SourceOf(row) : table.TargetOf(row);
  if (view == nullptr) return "node " + std::to_string(node);
  OG_ASSIGN_OR_RETURN(const table::Table* const nodes,
                      view->NodeTable(is_source ? edge.from : edge.to));
  std::string id;
  OG_RETURN_IF_ERROR(nodes->AppendId(node, id));
  return id;
}

Status CheckGroupRows(const table::Table& table, const schema::ColumnGroup& group,
                      const std::vector<RowId>& rows, const table::GraphView* view) {
  OG_ASSIGN_OR_RETURN(const StoredTuples tuples, StoredTuples::Bind(table, group));
  HashTable wanted(rows.size());
  const auto violation = [&](RowId row) -> Status {
    std::vector<std::string> shown;
    for (const schema::PropertyOrdinal ordinal : group) {
      OG_ASSIGN_OR_RETURN(std::string text, ShownColumn(table, ordinal, row, view));
      shown.push_back(std::move(text));
    }
    return Violation(schema::UniqueViolation(table.type(), group, shown));
  };
  for (const RowId row : rows) {
    const auto hash = HashOf(tuples, row);
    if (!hash) continue;
    const auto same = wanted.FindOrInsert(
        *hash, row, [&](RowId other) { return AreEqual(tuples, row, tuples, other); });
    if (same && *same != row) return violation(row);
  }
  if (wanted.empty() || table.rows_count() == rows.size()) return Status::Ok();
  RowId first = table::kNoRow;
  ForEachKept(table, {}, [&](RowId kept) {
    const auto hash = HashOf(tuples, kept);
    if (!hash) return;
    const auto row = wanted.Find(
        *hash, [&](RowId candidate) { return AreEqual(tuples, candidate, tuples, kept); });
    if (row && *row != kept) first = std::min(first, *row);
  });
  return first == table::kNoRow ? Status::Ok() : violation(first);
}

}  // namespace

std::size_t NewRows::size() const {
  std::size_t count = 0;
  for (const format::RowBatch* piece : pieces)
    count += piece->size();
  return count;
}

Status CheckValues(const NewRows& rows) {
  OG_ASSIGN_OR_RETURN(const auto constraints, schema::ValueConstraints::Of(*rows.type));
  for (const schema::RangeCheck& check : constraints.ranges()) {
    OG_RETURN_IF_ERROR(CheckRange(rows, check));
  }
  for (const schema::PatternCheck& check : constraints.patterns()) {
    OG_RETURN_IF_ERROR(CheckTexts(rows, check.property->ordinal,
                                  [&](std::string_view text) -> std::optional<std::string> {
                                    if (check.pattern.MatchesSomewhere(text)) return std::nullopt;
                                    return schema::PatternViolation(*rows.type, check, text);
                                  }));
  }
  for (const schema::Property* property : constraints.enums()) {
    OG_RETURN_IF_ERROR(CheckTexts(rows, property->ordinal,
                                  [&](std::string_view text) -> std::optional<std::string> {
                                    if (schema::IsEnumValue(property->type, text))
                                      return std::nullopt;
                                    return schema::EnumViolation(*rows.type, *property, text);
                                  }));
  }
  return Status::Ok();
}

Status CheckValues(const format::RowBatch& rows) {
  NewRows all(rows.type());
  all.pieces.push_back(&rows);
  return CheckValues(all);
}

Status CheckUniqueWithin(const NewRows& rows) {
  for (const schema::ColumnGroup& group : rows.type->unique_groups) {
    if (NeedsCheck(group)) OG_RETURN_IF_ERROR(CheckGroupWithin(rows, group));
  }
  return Status::Ok();
}

Status CheckUniqueAgainst(const NewRows& rows, const table::Table& stored,
                          const ReplacedRows& replaced) {
  if (stored.rows_count() == 0) return Status::Ok();
  for (const schema::ColumnGroup& group : rows.type->unique_groups) {
    if (NeedsCheck(group)) OG_RETURN_IF_ERROR(CheckGroupAgainst(rows, group, stored, replaced));
  }
  return Status::Ok();
}

Status CheckUniqueRows(const table::Table& table, const std::vector<RowId>& rows,
                       const table::GraphView* view) {
  if (rows.empty()) return Status::Ok();
  for (const schema::ColumnGroup& group : table.type().unique_groups) {
    if (NeedsCheck(group)) OG_RETURN_IF_ERROR(CheckGroupRows(table, group, rows, view));
  }
  return Status::Ok();
}

Result<std::vector<EqualTuples>> FindEqualTuples(const table::Table& table,
                                                 const std::vector<RowId>& rows) {
  std::vector<EqualTuples> found;
  if (rows.empty()) return found;
  for (const schema::ColumnGroup& group : table.type().unique_groups) {
    if (!NeedsCheck(group)) continue;
    OG_ASSIGN_OR_RETURN(const StoredTuples tuples, StoredTuples::Bind(table, group));
    HashTable wanted(rows.size());
    const auto equals = [&](RowId row) {
      return [&tuples, row](RowId other) { return AreEqual(tuples, row, tuples, other); };
    };
    for (const RowId row : rows) {
      if (const auto hash = HashOf(tuples, row)) wanted.FindOrInsert(*hash, row, equals(row));
    }
    std::map<RowId, std::vector<RowId>> sets;  // By the row that stands for its tuple.
    ForEachKept(table, {}, [&](RowId row) {
      const auto hash = HashOf(tuples, row);
      if (!hash) return;
      if (const auto same = wanted.Find(*hash, equals(row))) sets[*same].push_back(row);
    });
    for (auto& [row, equal] : sets) {
      if (equal.size() > 1) found.push_back({&group, std::move(equal)});
    }
  }
  return found;
}

Result<std::vector<std::vector<RowId>>> FindEqualRows(const table::Table& table,
                                                      const schema::ColumnGroup& group) {
  std::vector<std::vector<RowId>> found;
  if (!NeedsCheck(group)) return found;
  OG_ASSIGN_OR_RETURN(const StoredTuples tuples, StoredTuples::Bind(table, group));
  HashTable firsts(table.rows_count());
  std::map<RowId, std::vector<RowId>> sets;  // By their first row.
  ForEachKept(table, {}, [&](RowId row) {
    const auto hash = HashOf(tuples, row);
    if (!hash) return;
    const auto same = firsts.FindOrInsert(
        *hash, row, [&](RowId other) { return AreEqual(tuples, row, tuples, other); });
    if (same) sets[*same].push_back(row);
  });
  for (auto& [first, others] : sets) {
    others.insert(others.begin(), first);
    found.push_back(std::move(others));
  }
  return found;
}

Status CheckCardinality(const schema::EdgeType& edge, std::span<const RowId> sources,
                        const std::function<std::uint64_t(RowId)>& count_of,
                        const std::function<Result<std::string>(RowId)>& id_of) {
  for (const RowId source : sources) {
    const std::uint64_t count = count_of(source);
    if (!schema::CardinalityViolation(edge, {}, count)) continue;
    OG_ASSIGN_OR_RETURN(const std::string id, id_of(source));
    return Violation(*schema::CardinalityViolation(edge, id, count));
  }
  return Status::Ok();
}

Result<std::vector<std::uint64_t>> CountEdgesOf(const schema::EdgeType& edge,
                                                const table::GraphView& view,
                                                const std::vector<RowId>& sources) {
  OG_ASSIGN_OR_RETURN(const table::Table* const edges, view.EdgeTable(edge.ordinal));
  OG_ASSIGN_OR_RETURN(const auto lists, edges->BindAdjacency(table::Direction::kForward));
  std::vector<std::uint64_t> counts(sources.size());
  if (lists->pairs_count() == edges->rows_count()) {  // No parallel edges: degrees are counts.
    for (std::size_t i = 0; i < sources.size(); ++i)
      counts[i] = lists->Degree(sources[i]);
    return counts;
  }
  ForEachKept(*edges, {}, [&](RowId row) {
    const RowId source = edges->SourceOf(row);
    const std::size_t place = PlaceOf(sources, source);
    if (place < sources.size() && sources[place] == source) ++counts[place];
  });
  return counts;
}

Status CheckCardinalityOfSources(const schema::EdgeType& edge, const table::GraphView& view,
                                 std::vector<RowId> sources) {
  if (!edge.cardinality.is_limited() || sources.empty()) return Status::Ok();
  std::sort(sources.begin(), sources.end());
  sources.erase(std::unique(sources.begin(), sources.end()), sources.end());
  OG_ASSIGN_OR_RETURN(const table::Table* const nodes, view.NodeTable(edge.from));
  const auto id_of = [nodes](RowId source) -> Result<std::string> {
    std::string id;
    OG_RETURN_IF_ERROR(nodes->AppendId(source, id));
    return id;
  };
  OG_ASSIGN_OR_RETURN(const std::vector<std::uint64_t> counts, CountEdgesOf(edge, view, sources));
  return CheckCardinality(
      edge, sources, [&](RowId source) { return counts[PlaceOf(sources, source)]; }, id_of);
}

Status CheckCardinalityOf(const schema::EdgeType& edge, const table::GraphView& view,
                          const std::vector<RowId>& edges) {
  if (!edge.cardinality.is_limited() || edges.empty()) return Status::Ok();
  OG_ASSIGN_OR_RETURN(const table::Table* const table, view.EdgeTable(edge.ordinal));
  OG_RETURN_IF_ERROR(table->Open());
  std::vector<RowId> sources;
  for (const RowId row : edges)
    sources.push_back(table->SourceOf(row));
  return CheckCardinalityOfSources(edge, view, std::move(sources));
}

}  // namespace omnigraph::graph
