// Implements graph/constraints.h.

#include "graph/constraints.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>

#include "base/strings.h"
#include "graph/id_table.h"
#include "graph/tuples.h"
#include "graph/unique_index.h"
#include "schema/constraints.h"
#include "table/incident_edges.h"
#include "types/type.h"

namespace omnigraph::graph {
namespace {

using table::RowId;

Cell CellOf(const types::Value& value) {
  if (const auto* flag = value.As<bool>()) return NumberCell(*flag ? 1 : 0);
  if (const auto* number = value.As<std::int64_t>()) {
    return NumberCell(static_cast<std::uint64_t>(*number));
  }
  if (const auto* number = value.As<std::uint64_t>()) return NumberCell(*number);
  if (const auto* real = value.As<double>()) return FloatCell(*real);
  if (const auto* date = value.As<types::Date>()) {
    return NumberCell(static_cast<std::uint64_t>(std::int64_t{date->days}));
  }
  const auto* at = value.As<types::DateTime>();
  OG_CHECK(at != nullptr);  // No groups over lists, vectors or blobs.
  return NumberCell(static_cast<std::uint64_t>(at->millis));
}

Cell CellOf(const format::ColumnBuilder& cells, std::size_t at) {
  if (cells.IsNull(at)) return NullCell();
  if (cells.type().scalar == types::Scalar::kString) return TextCell(cells.Text(at));
  return CellOf(cells.Value(at));
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
    return CellOf(batch.column(ordinal), at);
  }

 private:
  const NewRows& rows_;
  const schema::ColumnGroup& group_;
  std::vector<std::size_t> ends_;  // Of the pieces.
};

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

bool IsWritten(const NewRows& rows, std::size_t row) {
  return rows.is_superseded.empty() || !rows.is_superseded[row];
}

Status CheckGroupWithin(const NewRows& rows, const schema::ColumnGroup& group) {
  const NewTuples tuples(rows, group);
  HashTable seen(rows.size());
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (!IsWritten(rows, row)) continue;
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

/// A new row and a stored one with the same tuple.
struct Collision {
  std::size_t row;
  RowId other;
};

// The first of the new rows that collides, by an index of the stored ones.
std::optional<Collision> CollisionByIndex(const NewRows& rows, const NewTuples& tuples,
                                          const table::Table& stored, const StoredTuples& others,
                                          const ReplacedRows& replaced, const UniqueIndex& index) {
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (!IsWritten(rows, row)) continue;
    const auto hash = HashOf(tuples, row);
    if (!hash) continue;
    RowId other = table::kNoRow;
    index.ForEach(*hash, [&](RowId kept) {
      const bool is_kept = stored.IsLive(kept) && (kept >= replaced.size() || !replaced[kept]);
      if (is_kept && kept < other && AreEqual(tuples, row, others, kept)) other = kept;
    });
    if (other != table::kNoRow) return Collision{row, other};
  }
  return std::nullopt;
}

// The same by looking at every stored row.
std::optional<Collision> CollisionByScan(const NewRows& rows, const NewTuples& tuples,
                                         const table::Table& stored, const StoredTuples& others,
                                         const ReplacedRows& replaced) {
  HashTable wanted(rows.size());
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (!IsWritten(rows, row)) continue;
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
  if (first == rows.size()) return std::nullopt;
  return Collision{first, other};
}

Status CheckGroupAgainst(const NewRows& rows, const schema::ColumnGroup& group,
                         const table::Table& stored, const ReplacedRows& replaced,
                         UniqueIndexes* indexes) {
  OG_RETURN_IF_ERROR(stored.Open());
  const NewTuples tuples(rows, group);
  const StoredTuples others(stored, group);
  std::optional<Collision> collision;
  const bool is_indexed = indexes != nullptr &&
                          indexes->With(stored, group, rows.size(), [&](const UniqueIndex& index) {
                            collision =
                                CollisionByIndex(rows, tuples, stored, others, replaced, index);
                          });
  if (!is_indexed) collision = CollisionByScan(rows, tuples, stored, others, replaced);
  if (!collision) return Status::Ok();
  std::string id;
  OG_RETURN_IF_ERROR(stored.AppendId(collision->other, id));
  return Violation(
      Prefix(rows, collision->row) +
      schema::UniqueViolation(*rows.type, group, ShownTuple(rows, tuples, group, collision->row)) +
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

// The lowest of `rows` that shares its tuple with another live row, by an index.
RowId FirstTwinByIndex(const table::Table& table, const StoredTuples& tuples,
                       const std::vector<RowId>& rows, const UniqueIndex& index) {
  RowId first = table::kNoRow;
  for (const RowId row : rows) {
    const auto hash = row < first ? HashOf(tuples, row) : std::nullopt;
    if (!hash) continue;
    index.ForEach(*hash, [&](RowId other) {
      if (other == row || !table.IsLive(other)) return;
      if (AreEqual(tuples, row, tuples, other)) first = row;
    });
  }
  return first;
}

Status CheckGroupRows(const table::Table& table, const schema::ColumnGroup& group,
                      const std::vector<RowId>& rows, const table::GraphView* view,
                      UniqueIndexes* indexes) {
  OG_RETURN_IF_ERROR(table.Open());
  const StoredTuples tuples(table, group);
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
  const bool is_indexed =
      indexes != nullptr && indexes->With(table, group, rows.size(), [&](const UniqueIndex& index) {
        first = FirstTwinByIndex(table, tuples, rows, index);
      });
  if (is_indexed) return first == table::kNoRow ? Status::Ok() : violation(first);
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
  const auto constraints = schema::ValueConstraints::Of(*rows.type);
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
                          const ReplacedRows& replaced, UniqueIndexes* indexes) {
  if (stored.rows_count() == 0) return Status::Ok();
  // Of the table's own type, since indexes are known by their group.
  for (const schema::ColumnGroup& group : stored.type().unique_groups) {
    if (!NeedsCheck(group)) continue;
    OG_RETURN_IF_ERROR(CheckGroupAgainst(rows, group, stored, replaced, indexes));
  }
  return Status::Ok();
}

Status CheckUniqueRows(const table::Table& table, const std::vector<RowId>& rows,
                       const table::GraphView* view, UniqueIndexes* indexes) {
  if (rows.empty()) return Status::Ok();
  for (const schema::ColumnGroup& group : table.type().unique_groups) {
    if (NeedsCheck(group)) OG_RETURN_IF_ERROR(CheckGroupRows(table, group, rows, view, indexes));
  }
  return Status::Ok();
}

Result<std::vector<EqualTuples>> FindEqualTuples(const table::Table& table,
                                                 const std::vector<RowId>& rows,
                                                 UniqueIndexes* indexes) {
  std::vector<EqualTuples> found;
  if (rows.empty()) return found;
  for (const schema::ColumnGroup& group : table.type().unique_groups) {
    if (!NeedsCheck(group)) continue;
    OG_RETURN_IF_ERROR(table.Open());
    const StoredTuples tuples(table, group);
    HashTable wanted(rows.size());
    const auto equals = [&](RowId row) {
      return [&tuples, row](RowId other) { return AreEqual(tuples, row, tuples, other); };
    };
    for (const RowId row : rows) {
      if (const auto hash = HashOf(tuples, row)) wanted.FindOrInsert(*hash, row, equals(row));
    }
    std::map<RowId, std::vector<RowId>> sets;  // By the row that stands for its tuple.
    const auto add = [&](RowId row) {
      const auto hash = HashOf(tuples, row);
      if (!hash) return;
      if (const auto same = wanted.Find(*hash, equals(row))) sets[*same].push_back(row);
    };
    const bool is_indexed =
        indexes != nullptr &&
        indexes->With(table, group, rows.size(), [&](const UniqueIndex& index) {
          std::set<RowId> candidates;
          for (const RowId row : rows) {
            const auto hash = HashOf(tuples, row);
            if (hash) index.ForEach(*hash, [&](RowId other) { candidates.insert(other); });
          }
          for (const RowId row : candidates) {
            if (table.IsLive(row)) add(row);
          }
        });
    if (!is_indexed) ForEachKept(table, {}, add);
    for (auto& [row, equal] : sets) {
      if (equal.size() > 1) found.push_back({&group, std::move(equal)});
    }
  }
  return found;
}

Result<std::vector<std::vector<RowId>>> FindEqualRows(
    const table::Table& table, const schema::ColumnGroup& group,
    const std::vector<const format::ColumnBuilder*>& fills) {
  std::vector<std::vector<RowId>> found;
  if (!NeedsCheck(group)) return found;
  OG_RETURN_IF_ERROR(table.Open());
  std::vector<Cell> cells;
  for (const format::ColumnBuilder* fill : fills)
    cells.push_back(fill == nullptr ? NullCell() : CellOf(*fill, 0));
  const StoredTuples tuples(table, group, std::move(cells));
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
                        const std::function<Result<std::string>(RowId)>& id_of,
                        bool have_lost_edges) {
  for (const RowId source : sources) {
    const std::uint64_t count = count_of(source);
    if (!schema::CardinalityViolation(edge, {}, count, have_lost_edges)) continue;
    OG_ASSIGN_OR_RETURN(const std::string id, id_of(source));
    return Violation(*schema::CardinalityViolation(edge, id, count, have_lost_edges));
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
  OG_ASSIGN_OR_RETURN(const std::vector<RowId> found,
                      table::FindIncidentEdges(*edges, sources, {}, Deadline()));
  for (const RowId row : found)
    ++counts[PlaceOf(sources, edges->SourceOf(row))];
  return counts;
}

Status CheckCardinalityOfSources(const schema::EdgeType& edge, const table::GraphView& view,
                                 std::vector<RowId> sources, bool have_lost_edges) {
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
      edge, sources, [&](RowId source) { return counts[PlaceOf(sources, source)]; }, id_of,
      have_lost_edges);
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
