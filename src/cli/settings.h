// Settings that both configuration files know, and the reading of their fields.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "cli/result_formats.h"

namespace omnigraph::text {
class YamlNode;
}

namespace omnigraph::cli {

/// How results are printed; what is not set is left to the next layer.
struct OutputSettings {
  std::optional<OutputFormat> format;
  std::optional<std::uint64_t> column_width_max;
  std::optional<CellLayout> cell_layout;
};

/// Reads fields of mappings and collects what does not fit.
class SettingsReader {
 public:
  explicit SettingsReader(std::string file_name) : file_name_(std::move(file_name)) {}

  /// The entry `key` of `parent`; null if absent or empty.
  static const text::YamlNode* Find(const text::YamlNode& parent, std::string_view key);

  /// The scalar under `key`, whatever its kind; none if absent. `path` is the dotted key for
  /// messages.
  std::optional<std::string> Text(const text::YamlNode& parent, std::string_view key,
                                  std::string_view path);
  /// As `Text`, and a problem if absent.
  std::string RequiredText(const text::YamlNode& parent, std::string_view key,
                           std::string_view path);
  std::vector<std::string> TextList(const text::YamlNode& parent, std::string_view key,
                                    std::string_view path);
  /// The mapping under `key`; null if absent.
  const text::YamlNode* Mapping(const text::YamlNode& parent, std::string_view key,
                                std::string_view path);
  /// `format`, `table_max_column_width` and `table_cell_layout`; the first under `format_key`.
  OutputSettings Output(const text::YamlNode& parent, std::string_view format_key,
                        std::string_view path);

  /// Notes the entries of `parent` that are not in `known`, as "prefix.key".
  void NoteUnknown(const text::YamlNode& parent, const std::vector<std::string_view>& known,
                   std::string_view prefix);

  void Problem(std::string_view path, std::string_view what);

  const std::vector<std::string>& unknown_keys() const { return unknown_keys_; }
  /// OK, or all problems in one message.
  Status status() const;

 private:
  std::string file_name_;
  std::vector<std::string> problems_;
  std::vector<std::string> unknown_keys_;
};

}  // namespace omnigraph::cli
