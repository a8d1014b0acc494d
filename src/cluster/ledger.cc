// Implements cluster/ledger.h.

#include "cluster/ledger.h"

#include <utility>

#include "cluster/address.h"
#include "cluster/digest.h"
#include "cluster/strict_json.h"

namespace omnigraph::cluster {
namespace {

Json ResourcesJson(const std::map<std::string, AppliedResource>& resources) {
  Json json = Json::object();
  for (const auto& [address, resource] : resources) {
    Json entry = {{"digest", resource.digest}};
    if (resource.applies_to) entry["applies_to"] = *resource.applies_to;
    json[address] = std::move(entry);
  }
  return json;
}

Json StatusesJson(const std::map<std::string, ResourceStatus>& statuses) {
  Json json = Json::object();
  for (const auto& [address, status] : statuses) {
    Json entry = {{"status", status.status}};
    if (!status.conditions.empty()) entry["conditions"] = status.conditions;
    if (status.message) entry["message"] = *status.message;
    json[address] = std::move(entry);
  }
  return json;
}

Json FreeFormJson(const std::map<std::string, std::string>& values) {
  Json json = Json::object();
  for (const auto& [key, text] : values)
    json[key] = Json::parse(text, nullptr, false);
  return json;
}

void ReadResources(const Json* json, Ledger& ledger, std::string* problem) {
  if (json == nullptr) return;
  for (const auto& [address, entry] : json->items()) {
    FieldReader fields(entry, "resource '" + address + "'", problem);
    AppliedResource& resource = ledger.resources[address];
    resource.digest = fields.Text("digest");
    resource.applies_to = fields.OptionalTexts("applies_to");
    fields.Finish();
  }
}

void ReadStatuses(const Json* json, Ledger& ledger, std::string* problem) {
  if (json == nullptr) return;
  for (const auto& [address, entry] : json->items()) {
    FieldReader fields(entry, "status of '" + address + "'", problem);
    ResourceStatus& status = ledger.statuses[address];
    status.status = fields.Text("status");
    status.conditions = fields.OptionalTexts("conditions").value_or(std::vector<std::string>());
    status.message = fields.OptionalText("message");
    fields.Finish();
  }
}

void ReadFreeForm(const Json* json, const char* name, std::map<std::string, std::string>& values,
                  std::string* problem) {
  if (json == nullptr) return;
  for (const auto& [key, value] : json->items()) {
    if (!value.is_object() && problem->empty()) {
      *problem = "'" + key + "' in " + name + " is not an object";
    }
    values[key] = CompactJson(value);
  }
}

}  // namespace

std::string Ledger::DigestOf(std::string_view address) const {
  const auto found = resources.find(std::string(address));
  return found == resources.end() ? std::string() : found->second.digest;
}

std::vector<std::string> Ledger::GraphIds() const {
  std::vector<std::string> ids;
  for (const auto& [address, unused] : resources) {
    const Address parts = ParseAddress(address);
    if (parts.kind == ResourceKind::kGraph) ids.emplace_back(parts.graph);
  }
  return ids;
}

void Ledger::RecomputeGraphDigest(std::string_view graph) {
  std::map<std::string, std::string> queries;
  const std::string prefix = QueryAddress(graph, "");
  for (auto at = resources.lower_bound(prefix);
       at != resources.end() && at->first.starts_with(prefix); ++at) {
    queries.emplace(at->first.substr(prefix.size()), at->second.digest);
  }
  resources[GraphAddress(graph)].digest =
      GraphDigest(graph, DigestOf(SchemaAddress(graph)), queries);
}

void Ledger::RemoveGraph(std::string_view graph) {
  const auto belongs = [graph](const auto& item) {
    return ParseAddress(item.first).graph == graph;
  };
  std::erase_if(resources, belongs);
  std::erase_if(statuses, belongs);
}

std::string SerializeLedger(const Ledger& ledger) {
  Json json;
  json["version"] = kLedgerVersion;
  json["state_revision"] = ledger.state_revision;
  Json applied;
  applied["config_digest"] = ledger.config_digest ? Json(*ledger.config_digest) : Json(nullptr);
  applied["resources"] = ResourcesJson(ledger.resources);
  json["applied_revision"] = std::move(applied);
  json["resource_statuses"] = StatusesJson(ledger.statuses);
  json["approval_records"] = FreeFormJson(ledger.approval_records);
  json["recovery_records"] = FreeFormJson(ledger.recovery_records);
  json["observations"] = FreeFormJson(ledger.observations);
  return PrettyJson(json);
}

LedgerReading ParseLedger(std::string_view bytes) {
  LedgerReading reading;
  const std::optional<Json> json = ParseJson(bytes);
  if (!json) {
    reading.problem = "it is not JSON";
    return reading;
  }
  Ledger ledger;
  FieldReader fields(*json, "the ledger", &reading.problem);
  const std::uint64_t version = fields.Unsigned("version");
  if (reading.problem.empty() && version != kLedgerVersion) {
    reading.is_other_version = true;
    reading.problem = "it has version " + std::to_string(version) +
                      ", this program reads version " + std::to_string(kLedgerVersion);
    return reading;
  }
  ledger.state_revision = fields.OptionalUnsigned("state_revision").value_or(0);
  if (const Json* applied = fields.Object("applied_revision")) {
    FieldReader revision(*applied, "applied_revision", &reading.problem);
    ledger.config_digest = revision.OptionalText("config_digest");
    ReadResources(revision.OptionalObject("resources"), ledger, &reading.problem);
    revision.Finish();
  }
  ReadStatuses(fields.OptionalObject("resource_statuses"), ledger, &reading.problem);
  const auto read = [&](const char* name, std::map<std::string, std::string>& values) {
    ReadFreeForm(fields.OptionalObject(name), name, values, &reading.problem);
  };
  read("approval_records", ledger.approval_records);
  read("recovery_records", ledger.recovery_records);
  read("observations", ledger.observations);
  fields.Finish();
  if (reading.problem.empty()) reading.ledger = std::move(ledger);
  return reading;
}

}  // namespace omnigraph::cluster
