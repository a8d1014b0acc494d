// Implements text/yaml_shape.h.

#include "text/yaml_shape.h"

#include "base/json_writer.h"
#include "base/strings.h"

namespace omnigraph::text {
namespace {

constexpr std::string_view kNotBlank = R"(\S)";  // As a regular expression.

std::string_view ParentOf(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : path.substr(0, dot);
}

class SchemaWriter {
 public:
  SchemaWriter(std::span<const YamlKeyRow> rows, JsonWriter& json) : rows_(rows), json_(json) {}

  /// The keys of an object: what is inside its braces after "type".
  void WriteKeys(std::string_view parent) {
    json_.Key("additionalProperties").Bool(false);
    json_.Key("properties").BeginObject();
    for (const YamlKeyRow& row : rows_) {
      if (ParentOf(row.path) != parent) continue;
      json_.Key(KeyOf(row)).BeginObject();
      json_.Key("description").String(row.help);
      WriteShape(row);
      json_.EndObject();
    }
    json_.EndObject().Key("required").BeginArray();
    for (const YamlKeyRow& row : rows_) {
      if (ParentOf(row.path) == parent && row.is_required) json_.String(KeyOf(row));
    }
    json_.EndArray();
  }

 private:
  void WriteType(std::string_view type, bool is_required) {
    json_.Key("type");
    if (is_required) {
      json_.String(type);
    } else {
      json_.BeginArray().String(type).String("null").EndArray();
    }
  }

  void WriteTexts(std::string_view choices, bool needs_some) {
    WriteType("array", needs_some);
    json_.Key("items").BeginObject();
    if (choices.empty()) {
      json_.Key("type").String("string").Key("pattern").String(kNotBlank);
    } else {
      json_.Key("enum").BeginArray();
      for (const std::string_view choice : Split(choices, ' '))
        json_.String(choice);
      json_.EndArray();
    }
    json_.EndObject();
    if (needs_some) json_.Key("minItems").Int(1);
  }

  void WriteNames(const YamlKeyRow& row, bool is_required) {
    WriteType("object", is_required);
    if (!row.name_pattern.empty()) {
      json_.Key("propertyNames").BeginObject();
      json_.Key("pattern").String(row.name_pattern).EndObject();
    }
    json_.Key("additionalProperties").BeginObject().Key("type").String("object");
    WriteKeys(std::string(row.path) + ".*");
    json_.EndObject();
  }

  void WriteGroups() {
    WriteType("object", false);
    json_.Key("additionalProperties").BeginObject();
    WriteTexts({}, true);
    json_.EndObject();
  }

  void WriteChoices(const YamlKeyRow& row) {
    if (row.choices.empty()) return;
    json_.Key("enum").BeginArray();
    for (const std::string_view choice : Split(row.choices, ' ')) {
      if (row.shape == YamlShape::kInteger) {
        json_.Raw(choice);
      } else {
        json_.String(choice);
      }
    }
    if (!row.is_required) json_.Null();
    json_.EndArray();
  }

  void WritePaths(const YamlKeyRow& row) {
    json_.Key("anyOf").BeginArray();
    json_.BeginObject().Key("type").String("string").EndObject();
    json_.BeginObject();
    WriteTexts({}, false);
    json_.EndObject().BeginObject();
    WriteNames(row, false);
    json_.EndObject().EndArray();
  }

  void WriteShape(const YamlKeyRow& row) {
    switch (row.shape) {
      case YamlShape::kText:
        WriteType("string", row.is_required);
        json_.Key("pattern").String(kNotBlank);
        return WriteChoices(row);
      case YamlShape::kInteger:
        WriteType("integer", row.is_required);
        return WriteChoices(row);
      case YamlShape::kBool:
        return WriteType("boolean", row.is_required);
      case YamlShape::kTexts:
        return WriteTexts(row.choices, false);
      case YamlShape::kSomeTexts:
        return WriteTexts(row.choices, true);
      case YamlShape::kMapping:
        WriteType("object", row.is_required);
        return WriteKeys(row.path);
      case YamlShape::kNames:
        return WriteNames(row, row.is_required);
      case YamlShape::kItems:
        WriteType("array", row.is_required);
        json_.Key("items").BeginObject().Key("type").String("object");
        WriteKeys(std::string(row.path) + ".[]");
        json_.EndObject();
        return;
      case YamlShape::kPaths:
        return WritePaths(row);
      case YamlShape::kGroups:
        return WriteGroups();
    }
  }

  std::span<const YamlKeyRow> rows_;
  JsonWriter& json_;
};

/// Breaks one line of JSON into indented ones.
std::string Indented(std::string_view json) {
  std::string out;
  std::size_t depth = 0;
  bool is_quoted = false;
  bool is_escaped = false;
  const auto break_line = [&] { out.append("\n").append(2 * depth, ' '); };
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    const bool is_text = is_quoted || c == '"';
    if (c == '"' && !is_escaped) is_quoted = !is_quoted;
    is_escaped = c == '\\' && !is_escaped;
    if (is_text) {
      out += c;
      continue;
    }
    const bool is_closing = c == '}' || c == ']';
    const bool is_empty = i > 0 && (json[i - 1] == '{' || json[i - 1] == '[');
    if (is_closing) --depth;
    if (is_closing && !is_empty) break_line();
    out += c;
    if (c == ':') out += ' ';
    if (c == ',') break_line();
    if (c == '{' || c == '[') {
      ++depth;
      const char next = i + 1 < json.size() ? json[i + 1] : ' ';
      if (next != '}' && next != ']') break_line();
    }
  }
  return out + "\n";
}

}  // namespace

std::string_view KeyOf(const YamlKeyRow& row) {
  return row.path.substr(row.path.rfind('.') + 1);  // npos + 1 is 0: the whole path.
}

std::vector<std::string_view> KeysUnder(std::span<const YamlKeyRow> rows, std::string_view parent) {
  std::vector<std::string_view> keys;
  for (const YamlKeyRow& row : rows) {
    if (ParentOf(row.path) == parent) keys.push_back(KeyOf(row));
  }
  return keys;
}

std::string JsonSchemaOf(std::span<const YamlKeyRow> rows, std::string_view title,
                         std::string_view about) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  json.Key("$schema").String("https://json-schema.org/draft/2020-12/schema");
  json.Key("title").String(title).Key("description").String(about);
  json.Key("type").String("object");
  SchemaWriter(rows, json).WriteKeys({});
  json.EndObject();
  return Indented(out);
}

}  // namespace omnigraph::text
