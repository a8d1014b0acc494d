// Implements cluster/output.h for the history and for differences between revisions.

#include "base/strings.h"
#include "cluster/output.h"
#include "cluster/output_json.h"
#include "cluster/strict_json.h"

namespace omnigraph::cluster {
namespace {

template <typename T>
Json OrNull(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json ChangesJson(const std::vector<Change>& changes) {
  Json list = Json::array();
  for (const Change& change : changes) {
    Json item;
    item["resource"] = change.resource;
    item["operation"] = OperationName(change.operation);
    if (change.before_digest) item["before_digest"] = *change.before_digest;
    if (change.after_digest) item["after_digest"] = *change.after_digest;
    if (change.binding_change) item["binding_change"] = true;
    list.push_back(std::move(item));
  }
  return list;
}

Json RevisionJson(const RevisionRecord& record) {
  Json json;
  json["state_revision"] = record.state_revision;
  json["state_cas"] = record.state_cas;
  json["operation"] = record.operation;
  json["actor"] = OrNull(record.actor);
  json["recorded_at"] = record.recorded_at;
  if (record.rollback_to) json["rollback_to"] = *record.rollback_to;
  json["config_digest"] = OrNull(record.config_digest);
  json["changes"] = ChangesJson(record.changes);
  json["approvals"] = Json::array();
  for (const UsedApproval& approval : record.approvals) {
    json["approvals"].push_back({{"approval_id", approval.approval_id},
                                 {"resource", approval.resource},
                                 {"approved_by", approval.approved_by}});
  }
  return json;
}

Json SideJson(const RevisionName& side) {
  Json json;
  json["name"] = side.name;
  if (side.state_revision) json["state_revision"] = *side.state_revision;
  if (side.state_cas) json["state_cas"] = *side.state_cas;
  json["config_digest"] = OrNull(side.config_digest);
  return json;
}

std::string ChangeLine(const Change& change) {
  std::string_view word = "Update";
  if (change.operation == Operation::kCreate) word = "Create";
  if (change.operation == Operation::kDelete) word = "Delete";
  return std::string(word) + " " + change.resource + (change.binding_change ? " [bindings]" : "") +
         "\n";
}

std::string RevisionText(const RevisionRecord& record) {
  std::string out = "  revision " + std::to_string(record.state_revision) + "  " +
                    record.recorded_at + "  " + record.operation;
  if (record.rollback_to) out += " to revision " + std::to_string(*record.rollback_to);
  if (record.actor) out += " by " + *record.actor;
  out += "\n";
  for (const Change& change : record.changes)
    out += "      " + ChangeLine(change);
  for (const UsedApproval& approval : record.approvals) {
    out += "      approval " + approval.approval_id + " of " + approval.resource + " by " +
           approval.approved_by + "\n";
  }
  return out;
}

std::string SideText(const RevisionName& side) {
  if (!side.state_revision) return side.name;
  return "revision " + std::to_string(*side.state_revision);
}

}  // namespace

std::string ToJson(const HistoryReport& report) {
  Json json;
  json["ok"] = !report.findings.has_errors();
  json["config_dir"] = report.config_dir;
  json["state_observations"] = StateJson(report.state);
  json["revisions"] = Json::array();
  for (const RevisionRecord& record : report.revisions)
    json["revisions"].push_back(RevisionJson(record));
  json["complete"] = report.is_complete;
  json["diagnostics"] = FindingsJson(report.findings);
  return PrettyJson(json);
}

std::string ToJson(const DiffReport& report) {
  Json json;
  json["ok"] = !report.findings.has_errors();
  json["config_dir"] = report.config_dir;
  json["from"] = SideJson(report.from);
  json["to"] = SideJson(report.to);
  json["changes"] = ChangesJson(report.changes);
  json["diagnostics"] = FindingsJson(report.findings);
  return PrettyJson(json);
}

std::string ToText(const HistoryReport& report) {
  if (report.findings.has_errors()) return "cluster history failed\n" + ToText(report.findings);
  std::string out =
      "cluster history: " + std::to_string(report.revisions.size()) + " revision(s)\n";
  for (const RevisionRecord& record : report.revisions)
    out += RevisionText(record);
  if (!report.is_complete) out += "  older revisions were not recorded\n";
  return out + ToText(report.findings);
}

std::string ToText(const DiffReport& report) {
  if (report.findings.has_errors()) return "cluster diff failed\n" + ToText(report.findings);
  std::string out = "cluster diff: " + SideText(report.from) + " -> " + SideText(report.to) + ": " +
                    std::to_string(report.changes.size()) + " change(s)\n";
  for (const Change& change : report.changes)
    out += "  " + ChangeLine(change);
  if (report.changes.empty()) out += "  no changes\n";
  return out + ToText(report.findings);
}

}  // namespace omnigraph::cluster
