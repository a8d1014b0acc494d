// The JSON Schemas for editors and the parsers agree: what one takes the other takes.

#include <gmock/gmock.h>

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "cluster/config_file.h"
#include "cluster/config_keys.h"
#include "cluster/storage_root.h"
#include "policy/bundle.h"
#include "policy/bundle_keys.h"
#include "schema/pattern.h"
#include "text/yaml.h"

namespace omnigraph::cluster {
namespace {

using nlohmann::json;

/// The value of a YAML document as JSON.
json ToJson(const text::YamlNode& node) {
  switch (node.kind()) {
    case text::YamlKind::kNull:
      return nullptr;
    case text::YamlKind::kBool:
      return *node.AsBool();
    case text::YamlKind::kInteger:
      return *node.AsInteger();
    case text::YamlKind::kFloat:
      return std::stod(node.scalar());
    case text::YamlKind::kText:
      return node.scalar();
    case text::YamlKind::kSequence: {
      json list = json::array();
      for (const text::YamlNode& item : node.items())
        list.push_back(ToJson(item));
      return list;
    }
    case text::YamlKind::kMapping: {
      json object = json::object();
      for (const text::YamlEntry& entry : node.entries())
        object[entry.key] = ToJson(entry.value);
      return object;
    }
  }
  return nullptr;
}

bool HasType(const json& value, const std::string& type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "integer") return value.is_number_integer();
  if (type == "boolean") return value.is_boolean();
  if (type == "null") return value.is_null();
  ADD_FAILURE() << "unknown type " << type;
  return false;
}

bool Accepts(const json& schema, const json& value);

bool AcceptsObject(const json& schema, const json& value) {
  const json none = json::object();
  const json& properties = schema.contains("properties") ? schema["properties"] : none;
  for (const json& key : schema.value("required", json::array())) {
    if (!value.contains(key.get<std::string>())) return false;
  }
  for (const auto& [key, item] : value.items()) {
    if (schema.contains("propertyNames") && !Accepts(schema["propertyNames"], json(key))) {
      return false;
    }
    if (properties.contains(key)) {
      if (!Accepts(properties[key], item)) return false;
    } else if (schema.contains("additionalProperties")) {
      const json& more = schema["additionalProperties"];
      if (more.is_boolean() ? !more.get<bool>() : !Accepts(more, item)) return false;
    }
  }
  return true;
}

/// As much of JSON Schema as the generated ones use.
bool Accepts(const json& schema, const json& value) {
  if (schema.contains("anyOf")) {
    return std::any_of(schema["anyOf"].begin(), schema["anyOf"].end(),
                       [&](const json& one) { return Accepts(one, value); });
  }
  if (schema.contains("type")) {
    const json& type = schema["type"];
    const json types = type.is_array() ? type : json::array({type});
    if (std::none_of(types.begin(), types.end(),
                     [&](const json& one) { return HasType(value, one.get<std::string>()); })) {
      return false;
    }
  }
  if (schema.contains("enum") &&
      std::find(schema["enum"].begin(), schema["enum"].end(), value) == schema["enum"].end()) {
    return false;
  }
  if (schema.contains("pattern") && value.is_string() &&
      !schema::Pattern::Compile(schema["pattern"].get<std::string>())
           ->MatchesSomewhere(value.get<std::string>())) {
    return false;
  }
  if (value.is_array()) {
    if (value.size() < schema.value("minItems", std::size_t{0})) return false;
    return !schema.contains("items") ||
           std::all_of(value.begin(), value.end(),
                       [&](const json& item) { return Accepts(schema["items"], item); });
  }
  return !value.is_object() || AcceptsObject(schema, value);
}

struct Language {
  json schema;
  bool (*parses)(const std::string& yaml);
};

bool ParsesAsConfig(const std::string& yaml) {
  Findings findings;
  const auto config = ParseConfigFile(text::Source("cluster.yaml", yaml), findings);
  if (config) CheckConfigHeader(*config, findings);
  return config && !findings.has_errors() && ResolveStorageRoot("/", config->storage).ok();
}

bool ParsesAsBundle(const std::string& yaml) {
  return policy::ParseBundle("policy.yaml", yaml).ok();
}

const Language& Config() {
  static const Language kConfig{json::parse(ConfigJsonSchema()), ParsesAsConfig};
  return kConfig;
}

const Language& Bundle() {
  static const Language kBundle{json::parse(policy::BundleJsonSchema()), ParsesAsBundle};
  return kBundle;
}

/// Writes JSON in the flow style of YAML, which has the same values.
void ExpectVerdict(const Language& language, const json& document, bool is_valid) {
  const std::string yaml = document.dump();
  EXPECT_EQ(language.parses(yaml), is_valid) << "the parser on " << yaml;
  const text::YamlDocument read = text::ReadYaml(text::Source("sample.yaml", yaml));
  ASSERT_TRUE(read.ok()) << yaml;
  EXPECT_EQ(Accepts(language.schema, ToJson(read.root)), is_valid) << "the schema on " << yaml;
}

// A document with every key of the table.
const json kFullConfig = json::parse(R"({
  "version": 1, "metadata": {"name": "harbor"}, "storage": "s3://bucket/root",
  "state": {"backend": "cluster", "lock": true},
  "graphs": {"fleet": {"schema": "fleet.pg", "queries": {"find": {"file": "find.gq"}}}},
  "policies": {"crew": {"file": "crew.yaml", "applies_to": ["fleet"]}}})");

const json kFullBundle = json::parse(R"({
  "version": 1, "kind": "graph", "groups": {"crew": ["ada"]}, "protected_branches": ["main"],
  "query_exposure": "policy",
  "rules": [{"id": "calls", "allow": {"actors": {"group": "crew"}, "actions": ["invoke_query"],
                                      "queries": ["find_*"]}},
            {"id": "reads", "allow": {"actors": {"group": "crew"}, "actions": ["read"],
                                      "branch_scope": "any"}},
            {"id": "merges", "allow": {"actors": {"group": "crew"}, "actions": ["branch_merge"],
                                       "target_branch_scope": "protected"}}]})");

/// The places of a row's path in a document: each as a JSON pointer.
std::vector<std::string> PlacesOf(const json& document, std::string_view path) {
  std::vector<std::string> places = {""};
  while (!path.empty()) {
    const std::size_t dot = path.find('.');
    const std::string part(path.substr(0, dot));
    path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
    std::vector<std::string> next;
    for (const std::string& place : places) {
      const json& at = document.at(json::json_pointer(place));
      for (const auto& [key, unused] : at.items()) {
        if (part == key || part == "*" || part == "[]") next.push_back(place + "/" + key);
      }
    }
    places = std::move(next);
  }
  return places;
}

/// Wrong values of a row, which neither side may take.
std::vector<json> WrongValues(const text::YamlKeyRow& row) {
  switch (row.shape) {
    case text::YamlShape::kText:
    case text::YamlShape::kInteger:
      return row.choices.empty() ? std::vector<json>{7, true, json::array(), json::object(), " "}
                                 : std::vector<json>{json::array(), "other", 2};
    case text::YamlShape::kBool:
      return {"yes", 1, json::array()};
    case text::YamlShape::kTexts:
      return {"one", json::object(), json::array({7})};
    case text::YamlShape::kSomeTexts:
      return {"one", nullptr, json::array({7})};
    case text::YamlShape::kMapping:
    case text::YamlShape::kNames:
    case text::YamlShape::kGroups:
      return {"text", 7, json::array({"text"})};
    case text::YamlShape::kItems:
      return {"text", json::object(), json::array({"text"})};
    case text::YamlShape::kPaths:
      return {7, true, json::array({7}), json{{"find", "find.gq"}}};
  }
  return {};
}

void CheckRows(const Language& language, std::span<const text::YamlKeyRow> rows, const json& full) {
  ExpectVerdict(language, full, true);
  int samples_count = 0;
  for (const text::YamlKeyRow& row : rows) {
    const std::vector<std::string> places = PlacesOf(full, row.path);
    ASSERT_FALSE(places.empty()) << row.path << " is missing in the full document";
    const json::json_pointer place(places.front());
    for (const json& wrong : WrongValues(row)) {
      json document = full;
      document[place] = wrong;
      ExpectVerdict(language, document, false);
      ++samples_count;
    }
    json without = full;
    without[place.parent_pointer()].erase(std::string(text::KeyOf(row)));
    // The rules of a bundle without groups name groups that it has not: no matter of keys.
    if (row.path != "groups") ExpectVerdict(language, without, !row.is_required);
    // A key that no row has stands beside each.
    json with_unknown = full;
    with_unknown[place.parent_pointer()][std::string(text::KeyOf(row)) + "x"] = "text";
    ExpectVerdict(language, with_unknown, false);
    samples_count += 2;
  }
  std::printf("%d samples, %zu keys\n", samples_count, rows.size());
}

TEST(JsonSchemaTest, AgreesWithTheParserOnEveryKeyOfTheConfiguration) {
  CheckRows(Config(), kConfigKeys, kFullConfig);
}

TEST(JsonSchemaTest, AgreesWithTheParserOnEveryKeyOfABundle) {
  CheckRows(Bundle(), policy::BundleKeys(), kFullBundle);
}

TEST(JsonSchemaTest, EveryFormOfQueriesIsTakenByBoth) {
  for (const char* queries : {R"("queries/")", R"(["a.gq", "more/"])", "[]", "{}", "null"}) {
    json document = kFullConfig;
    document["graphs"]["fleet"]["queries"] = json::parse(queries);
    ExpectVerdict(Config(), document, true);
  }
}

TEST(JsonSchemaTest, OptionalSectionsMayBeEmptyForBoth) {
  for (const char* key : {"metadata", "state", "graphs", "policies", "storage"}) {
    json document = kFullConfig;
    document[key] = nullptr;
    ExpectVerdict(Config(), document, true);
  }
}

TEST(JsonSchemaTest, ReservedKeysAreTakenByNeither) {
  for (const char* key :
       {"apply", "env_file", "providers", "pipelines", "embeddings", "ui", "aliases", "bindings"}) {
    json document = kFullConfig;
    document[key] = json::object();
    ExpectVerdict(Config(), document, false);
  }
}

TEST(JsonSchemaTest, NamesTheSchemaItIsWrittenIn) {
  EXPECT_EQ(Config().schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
  EXPECT_THAT(ConfigJsonSchema(), ::testing::StartsWith("{\n  \"$schema\""));
  EXPECT_THAT(ConfigJsonSchema(), ::testing::EndsWith("\n}\n"));
}

}  // namespace
}  // namespace omnigraph::cluster
