// Prints the answer of a read: table, kv, csv, jsonl, json.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace omnigraph::engine {
struct QueryAnswer;
}

namespace omnigraph::cli {

enum class OutputFormat : unsigned char { kTable, kKeyValue, kCsv, kJsonLines, kJson };

/// "table", "kv", "csv", "jsonl", "json".
std::optional<OutputFormat> FindOutputFormat(std::string_view name);

enum class CellLayout : unsigned char { kTruncate, kWrap };

/// "truncate", "wrap".
std::optional<CellLayout> FindCellLayout(std::string_view name);

struct TableLayout {
  std::uint64_t column_width_max = 80;  ///< Characters of one cell.
  CellLayout cell_layout = CellLayout::kTruncate;
};

/// The document in that format, with its final line break. Of columns with one name the last one
/// counts, in every format. `has_receipt` adds `graph_commit_id` to the JSON document.
std::string FormatAnswer(const engine::QueryAnswer& answer, OutputFormat format,
                         const TableLayout& layout = {}, bool has_receipt = false);

}  // namespace omnigraph::cli
