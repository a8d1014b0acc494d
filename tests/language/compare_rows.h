// Compares the rows of an answer with those that a case expects.

#pragma once

#include <string>
#include <string_view>

#include "exec/result_table.h"

namespace omnigraph::language {

/// Nothing if the table holds the rows of `expected` (JSON arrays, separated by white space), else
/// what differs. Without order rows may stand anywhere.
std::string CompareRows(const exec::ResultTable& table, std::string_view expected, bool is_ordered);

}  // namespace omnigraph::language
