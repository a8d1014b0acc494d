// Decides how the scans of a plan find their rows: through a text index, an ordered index, or one
// after the other; and which scan goes best first.

#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/status.h"
#include "exec/context.h"
#include "exec/filter.h"
#include "exec/plan.h"
#include "table/ordered_index.h"

namespace omnigraph::exec {

/// Sets `access` and `best_first` of the scans of `plan`, inner ones included. Nothing of that
/// changes an answer. Errors: as of opening tables.
Status ChooseAccess(Context& context, Plan* plan);

/// A condition that says: the property of a variable lies in a range of order keys.
struct PropertyRange {
  std::uint32_t variable;
  schema::PropertyOrdinal property;
  KeyRange range;  ///< Of enums: of ranks (table::EnumKeyOf).
};
/// None for conditions of another form, and for ranges that are negated.
std::optional<PropertyRange> RangeOfCondition(const query::Expression& condition,
                                              const Context& context);

/// The ordered index of a property that declares one, if it is worth its building and the
/// execution uses indexes; else null. Errors: as of opening the table.
Result<std::shared_ptr<const table::OrderedIndex>> FindOrderedIndex(
    std::uint32_t variable, schema::PropertyOrdinal property, Context& context);

}  // namespace omnigraph::exec
