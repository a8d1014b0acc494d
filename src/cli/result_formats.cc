// The five output formats of reads. Cells come as JSON text; only strings need decoding.

#include "cli/result_formats.h"

#include <algorithm>
#include <map>
#include <vector>

#include "base/json_writer.h"
#include "cli/json_layout.h"
#include "cli/json_text.h"
#include "engine/engine.h"
#include "exec/result_table.h"

namespace omnigraph::cli {
namespace {

using exec::ResultTable;

// For each column the last one of its name: the one whose cells are shown.
std::vector<std::size_t> ShownColumns(const ResultTable& table) {
  std::map<std::string_view, std::size_t> last;
  for (std::size_t column = 0; column < table.columns().size(); ++column)
    last[table.columns()[column].name] = column;
  std::vector<std::size_t> shown;
  for (const exec::ResultColumn& column : table.columns())
    shown.push_back(last[column.name]);
  return shown;
}

void AppendTarget(const engine::ReadTarget& target, JsonWriter& json) {
  json.Key("target").BeginObject().Key("branch");
  if (target.snapshot.empty()) {
    json.String(target.branch).Key("snapshot").Null();
  } else {
    json.Null().Key("snapshot").String(target.snapshot);
  }
  json.EndObject();
}

std::string HeaderLine(const engine::QueryAnswer& answer) {
  std::string line = std::to_string(answer.table->rows_count()) + " rows from ";
  if (!answer.target.snapshot.empty()) {
    line += "snapshot " + answer.target.snapshot;
  } else if (!answer.target.branch.empty()) {
    line += "branch " + answer.target.branch;
  } else {
    line += "target";
  }
  return line + " via " + answer.query_name + "\n";
}

std::string FormatJson(const engine::QueryAnswer& answer, bool has_receipt) {
  const ResultTable& table = *answer.table;
  std::string compact;
  JsonWriter json(compact);
  json.BeginObject().Key("query_name").String(answer.query_name);
  AppendTarget(answer.target, json);
  if (has_receipt) json.Key("graph_commit_id").String(answer.graph_commit_id);
  json.Key("row_count").Uint(table.rows_count());
  if (!table.columns().empty()) {
    json.Key("columns").BeginArray();
    for (const exec::ResultColumn& column : table.columns())
      json.String(column.name);
    json.EndArray();
  }
  std::string rows = "[";
  rows += table.RowsJson();
  rows += ']';
  json.Key("rows").Raw(rows).EndObject();
  return LayOutJson(compact);
}

std::string FormatJsonLines(const engine::QueryAnswer& answer) {
  const ResultTable& table = *answer.table;
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("kind").String("metadata").Key("query_name").String(answer.query_name);
  AppendTarget(answer.target, json);
  json.Key("row_count").Uint(table.rows_count()).EndObject();
  out += '\n';
  for (std::uint64_t row = 0; row < table.rows_count(); ++row) {
    out += table.RowJson(row);
    out += '\n';
  }
  return out;
}

void AppendCsvField(std::string_view field, std::string& out) {
  if (field.find_first_of(",\"\n\r") == std::string_view::npos) {
    out += field;
    return;
  }
  out += '"';
  for (const char c : field) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

std::string FormatCsv(const ResultTable& table) {
  const std::vector<std::size_t> shown = ShownColumns(table);
  std::string out;
  for (std::size_t column = 0; column < shown.size(); ++column) {
    if (column > 0) out += ',';
    AppendCsvField(table.columns()[column].name, out);
  }
  out += '\n';
  for (std::uint64_t row = 0; row < table.rows_count(); ++row) {
    for (std::size_t column = 0; column < shown.size(); ++column) {
      if (column > 0) out += ',';
      AppendCsvField(ValueText(table.CellJson(row, shown[column])), out);
    }
    out += '\n';
  }
  return out;
}

std::string FormatKeyValue(const engine::QueryAnswer& answer) {
  const ResultTable& table = *answer.table;
  const std::vector<std::size_t> shown = ShownColumns(table);
  std::string out = HeaderLine(answer);
  if (table.rows_count() == 0) return out + "(no rows)\n";
  for (std::uint64_t row = 0; row < table.rows_count(); ++row) {
    if (row > 0) out += '\n';
    out += "row " + std::to_string(row + 1) + "\n";
    for (std::size_t column = 0; column < shown.size(); ++column) {
      out += table.columns()[column].name;
      out += ": ";
      out += ValueText(table.CellJson(row, shown[column]));
      out += '\n';
    }
  }
  return out;
}

// Characters, not bytes: those that are no continuation of another one.
std::size_t CharactersCount(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

// The bytes of the first `count` characters.
std::size_t PrefixBytes(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    if ((static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) continue;
    if (count-- == 0) return at;
  }
  return at;
}

std::string TableCell(std::string_view json) {
  std::string text = ValueText(json);
  std::string cell;
  for (const char c : text) {
    if (c == '\n') {
      cell += "\\n";
    } else {
      cell += c;
    }
  }
  return cell;
}

// Draws the grid under the header line.
class Grid {
 public:
  Grid(const ResultTable& table, const TableLayout& layout)
      : table_(table), layout_(layout), shown_(ShownColumns(table)) {
    const std::size_t cell_max = std::max<std::size_t>(layout.column_width_max, 1);
    for (std::size_t column = 0; column < shown_.size(); ++column) {
      std::size_t width = CharactersCount(table.columns()[column].name);
      for (std::uint64_t row = 0; row < table.rows_count(); ++row)
        width = std::max(width, std::min(CharactersCount(Cell(row, column)), cell_max));
      widths_.push_back(std::min(width, std::max<std::size_t>(cell_max, 8)));
    }
  }

  std::string Draw() const {
    std::string out;
    std::vector<std::string> names;
    for (const exec::ResultColumn& column : table_.columns())
      names.push_back(column.name);
    AppendLine(names, out);
    for (std::size_t column = 0; column < widths_.size(); ++column) {
      if (column > 0) out += "-+-";
      out.append(widths_[column], '-');
    }
    out += '\n';
    for (std::uint64_t row = 0; row < table_.rows_count(); ++row)
      AppendRow(row, out);
    return out;
  }

 private:
  std::string Cell(std::uint64_t row, std::size_t column) const {
    return TableCell(table_.CellJson(row, shown_[column]));
  }

  void AppendRow(std::uint64_t row, std::string& out) const {
    std::vector<std::string> rest;
    for (std::size_t column = 0; column < shown_.size(); ++column)
      rest.push_back(Cell(row, column));
    bool has_more = true;
    while (has_more) {
      has_more = false;
      std::vector<std::string> line;
      for (std::size_t column = 0; column < rest.size(); ++column) {
        line.push_back(TakeLine(rest[column], widths_[column]));
        has_more = has_more || !rest[column].empty();
      }
      AppendLine(line, out);
    }
  }

  // Takes what one line shows of a cell: all of it when cutting, a chunk when wrapping.
  std::string TakeLine(std::string& cell, std::size_t width) const {
    std::string line;
    if (CharactersCount(cell) <= width) {
      line.swap(cell);
    } else if (layout_.cell_layout == CellLayout::kWrap) {
      const std::size_t bytes = PrefixBytes(cell, width);
      line = cell.substr(0, bytes);
      cell.erase(0, bytes);
    } else {
      line = width <= 1 ? cell.substr(0, PrefixBytes(cell, width))
                        : cell.substr(0, PrefixBytes(cell, width - 1)) + "…";
      cell.clear();
    }
    return line;
  }

  void AppendLine(const std::vector<std::string>& cells, std::string& out) const {
    for (std::size_t column = 0; column < cells.size(); ++column) {
      if (column > 0) out += " | ";
      out += cells[column];
      const std::size_t length = CharactersCount(cells[column]);
      if (length < widths_[column]) out.append(widths_[column] - length, ' ');
    }
    out += '\n';
  }

  const ResultTable& table_;
  const TableLayout& layout_;
  std::vector<std::size_t> shown_;
  std::vector<std::size_t> widths_;
};

std::string FormatTable(const engine::QueryAnswer& answer, const TableLayout& layout) {
  if (answer.table->columns().empty()) return HeaderLine(answer) + "(no rows)\n";
  return HeaderLine(answer) + Grid(*answer.table, layout).Draw();
}

}  // namespace

std::optional<OutputFormat> FindOutputFormat(std::string_view name) {
  if (name == "table") return OutputFormat::kTable;
  if (name == "kv") return OutputFormat::kKeyValue;
  if (name == "csv") return OutputFormat::kCsv;
  if (name == "jsonl") return OutputFormat::kJsonLines;
  if (name == "json") return OutputFormat::kJson;
  return std::nullopt;
}

std::optional<CellLayout> FindCellLayout(std::string_view name) {
  if (name == "truncate") return CellLayout::kTruncate;
  if (name == "wrap") return CellLayout::kWrap;
  return std::nullopt;
}

std::string FormatAnswer(const engine::QueryAnswer& answer, OutputFormat format,
                         const TableLayout& layout, bool has_receipt) {
  switch (format) {
    case OutputFormat::kTable:
      return FormatTable(answer, layout);
    case OutputFormat::kKeyValue:
      return FormatKeyValue(answer);
    case OutputFormat::kCsv:
      return FormatCsv(*answer.table);
    case OutputFormat::kJsonLines:
      return FormatJsonLines(answer);
    case OutputFormat::kJson:
      return FormatJson(answer, has_receipt);
  }
  return {};
}

}  // namespace omnigraph::cli
