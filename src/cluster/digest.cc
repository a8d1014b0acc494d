// Implements cluster/digest.h.

#include "cluster/digest.h"

#include <variant>

#include "base/hash.h"
#include "base/json_writer.h"
#include "cluster/config_file.h"

namespace omnigraph::cluster {
namespace {

void AppendPart(std::string_view text, std::string& out) {
  out.append(text);
  out.push_back('\0');
}

void WriteOptional(const std::optional<std::string>& value, JsonWriter& json) {
  value ? json.String(*value) : json.Null();
}

struct WriteQueries {
  JsonWriter& json;
  void operator()(const std::string& path) const { json.String(path); }
  void operator()(const std::vector<std::string>& paths) const {
    json.BeginArray();
    for (const std::string& path : paths)
      json.String(path);
    json.EndArray();
  }
  void operator()(const std::map<std::string, std::string>& files) const {
    json.BeginObject();
    for (const auto& [name, file] : files) {
      json.Key(name).BeginObject().Key("file").String(file).EndObject();
    }
    json.EndObject();
  }
};

}  // namespace

std::string GraphDigest(std::string_view graph, std::string_view schema_digest,
                        const std::map<std::string, std::string>& query_digests) {
  std::string text;
  AppendPart("graph", text);
  AppendPart(graph, text);
  AppendPart("schema", text);
  AppendPart(schema_digest, text);
  for (const auto& [name, digest] : query_digests) {
    AppendPart("query", text);
    AppendPart(name, text);
    AppendPart(digest, text);
  }
  return Sha256Hex(text);
}

std::string CanonicalConfigJson(const ConfigFile& config) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("version").Int(config.version);
  json.Key("metadata").BeginObject().Key("name");
  WriteOptional(config.metadata_name, json);
  json.EndObject().Key("storage");
  WriteOptional(config.storage, json);
  json.Key("state").BeginObject().Key("backend");
  WriteOptional(config.state_backend, json);
  json.Key("lock");
  config.state_lock ? json.Bool(*config.state_lock) : json.Null();
  json.EndObject().Key("graphs").BeginObject();
  for (const auto& [id, graph] : config.graphs) {
    json.Key(id).BeginObject().Key("schema").String(graph.schema).Key("queries");
    std::visit(WriteQueries{json}, graph.queries);
    json.EndObject();
  }
  json.EndObject().Key("policies").BeginObject();
  for (const auto& [name, policy] : config.policies) {
    json.Key(name).BeginObject().Key("file").String(policy.file).Key("applies_to").BeginArray();
    for (const std::string& binding : policy.applies_to)
      json.String(binding);
    json.EndArray().EndObject();
  }
  json.EndObject().EndObject();
  return out;
}

std::string ConfigDigest(const ConfigFile& config,
                         const std::map<std::string, std::string>& resource_digests) {
  std::string text;
  AppendPart("cluster-config", text);
  AppendPart(CanonicalConfigJson(config), text);
  for (const auto& [address, digest] : resource_digests) {
    AppendPart(address, text);
    AppendPart(digest, text);
  }
  return Sha256Hex(text);
}

}  // namespace omnigraph::cluster
