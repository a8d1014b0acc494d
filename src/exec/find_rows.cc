// Implements exec/find_rows.h.

#include "exec/find_rows.h"

#include <numeric>
#include <optional>
#include <utility>

#include "base/check.h"
#include "exec/access.h"
#include "exec/expression.h"
#include "exec/filter.h"

namespace omnigraph::exec {
namespace {

using query::ExpressionKind;

struct ComparedProperty {
  const schema::Property& property;
  query::CompareOp op;  // With the property on its left.
  query::Comparison comparison;
  Datum constant;
};

// What the index leaves to look at; none without one.
Result<std::optional<std::vector<RowId>>> Candidates(const table::Table& table,
                                                     const ComparedProperty& compared) {
  std::optional<std::vector<RowId>> rows;
  if (!HasOrderedIndex(table.type(), compared.property)) return rows;
  const std::optional<KeyRange> keys =
      IndexKeysOf(compared.property.type, compared.op, compared.comparison, compared.constant);
  if (!keys.has_value()) return rows;
  OG_ASSIGN_OR_RETURN(const auto index,
                      table::OrderedIndex::Open(table, compared.property.ordinal,
                                                table::OrderedIndex::Build::kWhenWorth));
  if (index == nullptr) return rows;
  if (index->Count(keys->min, keys->max) * kIndexShareMin > table.rows_count()) return rows;
  rows = index->Find(keys->min, keys->max);
  return rows;
}

// Keeps the rows that the condition is true for.
class RowFilter {
 public:
  RowFilter(const table::Column& column, const ComparedProperty& compared)
      : column_(column),
        compared_(compared),
        fast_(Filter::OfColumn(column, compared.op, compared.comparison, compared.constant)) {}

  void AppendMatches(const std::vector<RowId>& rows, std::vector<RowId>* matches) {
    if (!fast_.has_value()) {
      for (const RowId row : rows) {
        arena_.clear();
        const std::optional<bool> is_match =
            Compare(compared_.op, compared_.comparison, ReadColumn(column_, row, &arena_),
                    compared_.constant);
        if (is_match.value_or(false)) matches->push_back(row);
      }
      return;
    }
    batch_.slots[0] = rows;
    batch_.rows_count = rows.size();
    positions_.resize(rows.size());
    std::iota(positions_.begin(), positions_.end(), 0U);
    fast_->Apply(batch_, &positions_);
    for (const std::uint32_t position : positions_)
      matches->push_back(rows[position]);
  }

 private:
  const table::Column& column_;
  const ComparedProperty& compared_;
  std::optional<Filter> fast_;
  Batch batch_{1};
  std::vector<std::uint32_t> positions_;
  ValueArena arena_;
};

}  // namespace

Result<std::vector<RowId>> FindRows(const table::Table& table, const query::Expression& condition,
                                    const Deadline& deadline) {
  OG_CHECK(condition.kind == ExpressionKind::kCompare);
  const query::Expression* field = &condition.arguments[0];
  const query::Expression* literal = &condition.arguments[1];
  const bool is_flipped = field->kind == ExpressionKind::kLiteral;
  if (is_flipped) std::swap(field, literal);
  OG_CHECK(field->kind == ExpressionKind::kProperty && literal->kind == ExpressionKind::kLiteral);
  const ComparedProperty compared = {table.type().properties[field->property],
                                     is_flipped ? Flip(condition.compare) : condition.compare,
                                     condition.comparison, Datum::Of(literal->value)};
  std::vector<RowId> matches;
  if (compared.constant.is_null()) return matches;
  OG_ASSIGN_OR_RETURN(const table::Column column, table.BindColumn(field->property));
  RowFilter filter(column, compared);
  OG_ASSIGN_OR_RETURN(const auto candidates, Candidates(table, compared));
  if (candidates.has_value()) {
    filter.AppendMatches(*candidates, &matches);
    return matches;
  }
  RowId next = 0;
  for (std::vector<RowId> rows; table.Scan(&next, kBatchRowsMax, &rows), !rows.empty();) {
    if (deadline.HasPassed()) {
      return Status::Error(ErrorCode::kDeadlineExceeded, "the deadline passed; nothing changed");
    }
    filter.AppendMatches(rows, &matches);
  }
  return matches;
}

}  // namespace omnigraph::exec
