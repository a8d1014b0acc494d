// A table of the keys that a kind of YAML document may have. The parser checks keys against it, and
// the JSON Schema for editors is made from it, so that the two cannot disagree.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace omnigraph::text {

/// What may stand under a key. Optional keys may be left empty, but not
/// `kSomeTexts`.
enum class YamlShape : std::uint8_t {
  kText,
  kInteger,
  kBool,
  kTexts,      ///< A list of texts.
  kSomeTexts,  ///< The same with at least one.
  kMapping,    ///< Its keys are rows of their own.
  kNames,      ///< A mapping from names of the writer's choice; what is under each is at ".*".
  kItems,      ///< A list of mappings; what is in each is at ".[]".
  kPaths,      ///< A text, a list of texts, or as `kNames`.
  kGroups,     ///< A mapping from names to lists of texts that are not empty.
};

/// One row. Texts are literals.
struct YamlKeyRow {
  std::string_view path;  ///< "graphs.*.schema", "rules.[].id".
  YamlShape shape = YamlShape::kText;
  bool is_required = false;
  std::string_view help;
  std::string_view choices{};  ///< Accepted values, separated by blanks; empty for any.
  /// Of `kNames` and `kPaths`: the regular expression of names.
  std::string_view name_pattern{};
};

/// The last part of a row's path.
std::string_view KeyOf(const YamlKeyRow& row);

/// The keys that a mapping at `parent` may have; `parent` is empty for the document.
std::vector<std::string_view> KeysUnder(std::span<const YamlKeyRow> rows, std::string_view parent);

/// A JSON Schema (draft 2020-12) of the document, two-space indent, with a line break at the end.
/// `title` and `about` are for people.
std::string JsonSchemaOf(std::span<const YamlKeyRow> rows, std::string_view title,
                         std::string_view about);

}  // namespace omnigraph::text
