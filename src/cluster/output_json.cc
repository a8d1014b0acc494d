// Implements the JSON half of cluster/output.h.

#include "cluster/output_json.h"

#include "cluster/output.h"
#include "cluster/strict_json.h"

namespace omnigraph::cluster {
namespace {

template <typename T>
void AddIfPresent(Json& json, const char* key, const std::optional<T>& value) {
  if (value) json[key] = *value;
}

Json DigestsJson(const std::map<std::string, std::string>& digests) {
  Json json = Json::object();
  for (const auto& [address, digest] : digests)
    json[address] = digest;
  return json;
}

Json DependenciesJson(const std::vector<Dependency>& dependencies) {
  Json list = Json::array();
  for (const Dependency& edge : dependencies) {
    Json item;
    item["from"] = edge.from;
    item["to"] = edge.to;
    list.push_back(std::move(item));
  }
  return list;
}

Json StatusesJson(const std::map<std::string, ResourceStatus>& statuses) {
  Json json = Json::object();
  for (const auto& [address, status] : statuses) {
    Json item;
    item["status"] = status.status;
    if (!status.conditions.empty()) item["conditions"] = status.conditions;
    AddIfPresent(item, "message", status.message);
    json[address] = std::move(item);
  }
  return json;
}

Json ObservationsJson(const std::map<std::string, std::string>& observations) {
  Json json = Json::object();
  for (const auto& [address, text] : observations)
    json[address] = Json::parse(text, nullptr, false);
  return json;
}

Json RevisionJson(const std::string& config_digest) {
  Json json = Json::object();
  if (!config_digest.empty()) json["config_digest"] = config_digest;
  return json;
}

Json ChangesJson(const std::vector<Change>& changes) {
  Json list = Json::array();
  for (const Change& change : changes) {
    Json item;
    item["resource"] = change.resource;
    item["operation"] = OperationName(change.operation);
    AddIfPresent(item, "before_digest", change.before_digest);
    AddIfPresent(item, "after_digest", change.after_digest);
    item["disposition"] = DispositionName(change.disposition);
    if (!change.reason.empty()) item["reason"] = change.reason;
    if (change.binding_change) item["binding_change"] = true;
    if (change.migration) {
      Json migration;
      migration["supported"] = change.migration->is_supported;
      migration["steps"] = Json::parse(change.migration->steps_json, nullptr, false);
      item["migration"] = std::move(migration);
    }
    list.push_back(std::move(item));
  }
  return list;
}

Json Envelope(const Findings& findings) {
  Json json;
  json["ok"] = !findings.has_errors();
  return json;
}

}  // namespace

Json FindingsJson(const Findings& findings) {
  Json list = Json::array();
  for (const Finding& finding : findings.items()) {
    Json item;
    item["code"] = finding.code;
    item["severity"] = finding.severity == Severity::kError ? "error" : "warning";
    item["path"] = finding.path;
    item["message"] = finding.message;
    list.push_back(std::move(item));
  }
  return list;
}

Json StateJson(const StateObservations& state) {
  Json json;
  json["state_path"] = state.state_path;
  json["lock_path"] = state.lock_path;
  json["state_found"] = state.state_found;
  AddIfPresent(json, "applied_config_digest", state.applied_config_digest);
  json["state_revision"] = state.state_revision;
  AddIfPresent(json, "state_cas", state.state_cas);
  json["resource_count"] = state.resource_count;
  json["locked"] = state.locked;
  AddIfPresent(json, "lock_id", state.lock.lock_id);
  json["lock_acquired"] = state.lock_acquired;
  AddIfPresent(json, "acquired_lock_id", state.acquired_lock_id);
  AddIfPresent(json, "lock_operation", state.lock.operation);
  AddIfPresent(json, "lock_created_at", state.lock.created_at);
  AddIfPresent(json, "lock_pid", state.lock.pid);
  AddIfPresent(json, "lock_age_seconds", state.lock.age_seconds);
  return json;
}

std::string ToJson(const ValidateReport& report) {
  Json json = Envelope(report.findings);
  json["config_dir"] = report.config_dir;
  json["config_file"] = report.config_file;
  json["resource_digests"] = DigestsJson(report.desired.Digests());
  Json resources = Json::array();
  for (const auto& [address, resource] : report.desired.resources) {
    Json item;
    item["address"] = address;
    item["kind"] = KindName(resource.kind);
    item["digest"] = resource.digest;
    const auto path = report.source_paths.find(address);
    if (path != report.source_paths.end()) item["path"] = path->second;
    resources.push_back(std::move(item));
  }
  json["resources"] = std::move(resources);
  json["dependencies"] = DependenciesJson(report.desired.dependencies);
  json["diagnostics"] = FindingsJson(report.findings);
  return PrettyJson(json);
}

std::string ToJson(const StateReport& report) {
  Json json = Envelope(report.findings);
  if (!report.operation.empty()) json["operation"] = report.operation;
  json["config_dir"] = report.config_dir;
  json["state_observations"] = StateJson(report.state);
  json["resource_digests"] = DigestsJson(report.resource_digests);
  json["resource_statuses"] = StatusesJson(report.statuses);
  json["observations"] = ObservationsJson(report.observations);
  json["diagnostics"] = FindingsJson(report.findings);
  return PrettyJson(json);
}

std::string ToJson(const PlanReport& report) {
  Json json = Envelope(report.findings);
  json["config_dir"] = report.config_dir;
  AddIfPresent(json, "rollback_to", report.rollback_to);
  json["desired_revision"] = RevisionJson(report.config_digest);
  json["resource_digests"] = DigestsJson(report.resource_digests);
  json["dependencies"] = DependenciesJson(report.dependencies);
  json["state_observations"] = StateJson(report.state);
  json["changes"] = ChangesJson(report.changes);
  Json radius = Json::array();
  for (const BlastRadius& entry : report.blast_radius) {
    Json item;
    item["resource"] = entry.resource;
    item["affected"] = entry.affected;
    radius.push_back(std::move(item));
  }
  json["blast_radius"] = std::move(radius);
  Json gates = Json::array();
  for (const ApprovalGate& gate : report.gates) {
    Json item;
    item["resource"] = gate.resource;
    item["reason"] = gate.reason;
    item["satisfied"] = gate.is_satisfied;
    gates.push_back(std::move(item));
  }
  json["approvals_required"] = std::move(gates);
  json["diagnostics"] = FindingsJson(report.findings);
  return PrettyJson(json);
}

std::string ToJson(const ApplyReport& report) {
  Json json = Envelope(report.findings);
  json["config_dir"] = report.config_dir;
  AddIfPresent(json, "actor", report.actor);
  AddIfPresent(json, "rollback_to", report.rollback_to);
  json["desired_revision"] = RevisionJson(report.config_digest);
  json["state_observations"] = StateJson(report.state);
  json["changes"] = ChangesJson(report.changes);
  json["applied_count"] = report.applied_count;
  json["deferred_count"] = report.deferred_count;
  json["converged"] = report.converged;
  json["state_written"] = report.state_written;
  json["resource_statuses"] = StatusesJson(report.statuses);
  json["diagnostics"] = FindingsJson(report.findings);
  return PrettyJson(json);
}

std::string ToJson(const ApproveReport& report) {
  Json json = Envelope(report.findings);
  json["config_dir"] = report.config_dir;
  AddIfPresent(json, "approval_id", report.approval_id);
  AddIfPresent(json, "resource", report.resource);
  AddIfPresent(json, "operation", report.operation);
  AddIfPresent(json, "approved_by", report.approved_by);
  json["diagnostics"] = FindingsJson(report.findings);
  return PrettyJson(json);
}

std::string ToJson(const ForceUnlockReport& report) {
  Json json = Envelope(report.findings);
  json["config_dir"] = report.config_dir;
  json["state_observations"] = StateJson(report.state);
  json["lock_removed"] = report.lock_removed;
  json["diagnostics"] = FindingsJson(report.findings);
  return PrettyJson(json);
}

}  // namespace omnigraph::cluster
