// Decides how the scans of a plan find their rows: through a text index, an ordered index, or one
// after the other; and which scan goes best first.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/status.h"
#include "exec/context.h"
#include "exec/filter.h"
#include "exec/plan.h"
#include "table/ordered_index.h"

namespace omnigraph::exec {

/// An index pays when it leaves at most one of this many rows.
inline constexpr std::uint64_t kIndexShareMin = 4;

/// Sets `access` and `best_first` of the scans of `plan`, inner ones included. Nothing of that
/// changes an answer. Errors: as of opening tables.
Status ChooseAccess(Context& context, Plan* plan);

/// The keys of an ordered index for values that are `op` `constant`: of enums their ranks, of other
/// texts those of equal hash, of which some may have another text. None where an index does not
/// help.
std::optional<KeyRange> IndexKeysOf(const types::Type& type, query::CompareOp op,
                                    query::Comparison comparison, const Datum& constant);

/// A condition that says: the property of a variable lies in a range of order keys.
struct PropertyRange {
  std::uint32_t variable;
  schema::PropertyOrdinal property;
  KeyRange range;  ///< As `IndexKeysOf`.
};
/// None for conditions of another form, and for ranges that are negated.
std::optional<PropertyRange> RangeOfCondition(const query::Expression& condition,
                                              const Context& context);

/// Whether an ordered index of a property is kept, once it pays: where the schema says `@index` or
/// `@unique`.
bool HasOrderedIndex(const schema::TableType& type, const schema::Property& property);

/// The ordered index of a property that has one, if it is worth its building and the execution
/// uses indexes; else null. Errors: as of opening the table.
Result<std::shared_ptr<const table::OrderedIndex>> FindOrderedIndex(
    std::uint32_t variable, schema::PropertyOrdinal property, Context& context);

}  // namespace omnigraph::exec
