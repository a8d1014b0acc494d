// Implements schema/identity.h.

#include "schema/identity.h"

#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "base/json_writer.h"

namespace omnigraph::schema {
namespace {

using Json = nlohmann::json;

Status Corrupt(std::string_view what) {
  return Status::Error(ErrorCode::kCorruption,
                       "the stored identity of the schema is damaged: " + std::string(what));
}

bool ReadNumber(const Json& json, const char* key, StableId* number) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_number_unsigned()) return false;
  const auto value = found->get<std::uint64_t>();
  if (value == 0 || value > UINT32_MAX) return false;
  *number = static_cast<StableId>(value);
  return true;
}

bool ReadType(const Json& json, SchemaIdentity::Type* type) {
  if (!json.is_object() || !ReadNumber(json, "id", &type->id)) return false;
  const auto properties = json.find("properties");
  if (properties == json.end() || !properties->is_object()) return false;
  for (const auto& [name, value] : properties->items()) {
    if (!ReadNumber(*properties, name.c_str(), &type->properties[name])) return false;
  }
  return true;
}

}  // namespace

std::string EncodeIdentity(const SchemaIdentity& identity) {
  std::string text;
  JsonWriter json(text);
  json.BeginObject().Key("next").Uint(identity.next).Key("types").BeginObject();
  for (const auto& [key, type] : identity.types) {
    json.Key(key).BeginObject().Key("id").Uint(type.id).Key("properties").BeginObject();
    for (const auto& [name, number] : type.properties)
      json.Key(name).Uint(number);
    json.EndObject().EndObject();
  }
  json.EndObject().EndObject();
  return text;
}

Result<SchemaIdentity> DecodeIdentity(std::string_view text) {
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return Corrupt("not a JSON object");
  SchemaIdentity identity;
  if (!ReadNumber(json, "next", &identity.next)) return Corrupt("no number 'next'");
  const auto types = json.find("types");
  if (types == json.end() || !types->is_object()) return Corrupt("no object 'types'");
  std::set<StableId> seen;
  const auto is_new = [&](StableId number) {
    return number < identity.next && seen.insert(number).second;
  };
  for (const auto& [key, value] : types->items()) {
    SchemaIdentity::Type& type = identity.types[key];
    if (!ReadType(value, &type)) return Corrupt("type '" + key + "' has no valid numbers");
    if (!is_new(type.id)) return Corrupt("the number of type '" + key + "' is not its own");
    for (const auto& [name, number] : type.properties) {
      if (!is_new(number))
        return Corrupt("the number of '" + key + "." + name + "' is not its own");
    }
  }
  return identity;
}

}  // namespace omnigraph::schema
