// Field by field out of YAML.

#include "cli/settings.h"

#include <algorithm>
#include <utility>

#include "base/strings.h"
#include "text/yaml.h"

namespace omnigraph::cli {

using text::YamlNode;

const YamlNode* SettingsReader::Find(const YamlNode& parent, std::string_view key) {
  const YamlNode* node = parent.Find(key);
  return node == nullptr || node->is_null() ? nullptr : node;
}

std::optional<std::string> SettingsReader::Text(const YamlNode& parent, std::string_view key,
                                                std::string_view path) {
  const YamlNode* node = Find(parent, key);
  if (node == nullptr) return std::nullopt;
  if (!node->is_scalar()) {
    Problem(path, "must be a text, and is " + std::string(text::Describe(node->kind())));
    return std::nullopt;
  }
  return node->scalar();
}

std::string SettingsReader::RequiredText(const YamlNode& parent, std::string_view key,
                                         std::string_view path) {
  if (Find(parent, key) == nullptr) Problem(path, "is missing");
  return Text(parent, key, path).value_or("");
}

std::vector<std::string> SettingsReader::TextList(const YamlNode& parent, std::string_view key,
                                                  std::string_view path) {
  std::vector<std::string> texts;
  const YamlNode* node = Find(parent, key);
  if (node == nullptr) return texts;
  if (!node->is_sequence()) {
    Problem(path, "must be a list, and is " + std::string(text::Describe(node->kind())));
    return texts;
  }
  for (const YamlNode& item : node->items()) {
    if (item.is_scalar()) {
      texts.push_back(item.scalar());
    } else {
      Problem(path, "must hold texts only");
    }
  }
  return texts;
}

const YamlNode* SettingsReader::Mapping(const YamlNode& parent, std::string_view key,
                                        std::string_view path) {
  const YamlNode* node = Find(parent, key);
  if (node == nullptr || node->is_mapping()) return node;
  Problem(path, "must be a mapping, and is " + std::string(text::Describe(node->kind())));
  return nullptr;
}

OutputSettings SettingsReader::Output(const YamlNode& parent, std::string_view format_key,
                                      std::string_view path) {
  const auto dotted = [path](std::string_view key) {
    return std::string(path) + "." + std::string(key);
  };
  OutputSettings output;
  if (const auto name = Text(parent, format_key, dotted(format_key))) {
    output.format = FindOutputFormat(*name);
    if (!output.format.has_value())
      Problem(dotted(format_key), "is " + Quoted(*name) + ", not table, kv, csv, jsonl or json");
  }
  if (const auto width = Text(parent, "table_max_column_width", dotted("table_max_column_width"))) {
    output.column_width_max = ParseUint64(*width);
    if (!output.column_width_max.has_value())
      Problem(dotted("table_max_column_width"), "is " + Quoted(*width) + ", not a whole number");
  }
  if (const auto layout = Text(parent, "table_cell_layout", dotted("table_cell_layout"))) {
    output.cell_layout = FindCellLayout(*layout);
    if (!output.cell_layout.has_value())
      Problem(dotted("table_cell_layout"), "is " + Quoted(*layout) + ", not truncate or wrap");
  }
  return output;
}

void SettingsReader::NoteUnknown(const YamlNode& parent, const std::vector<std::string_view>& known,
                                 std::string_view prefix) {
  for (const text::YamlEntry& entry : parent.entries()) {
    if (std::find(known.begin(), known.end(), entry.key) != known.end()) continue;
    std::string key(prefix);
    if (!key.empty()) key += '.';
    unknown_keys_.push_back(key + entry.key);
  }
}

void SettingsReader::Problem(std::string_view path, std::string_view what) {
  problems_.push_back("'" + std::string(path) + "' " + std::string(what));
}

Status SettingsReader::status() const {
  if (problems_.empty()) return Status::Ok();
  return Status::Error(ErrorCode::kInvalidArgument, file_name_ + ": " + Join(problems_, "; "));
}

}  // namespace omnigraph::cli
