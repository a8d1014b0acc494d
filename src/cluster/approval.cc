// Implements cluster/approval.h.

#include "cluster/approval.h"

#include <utility>

#include "cluster/address.h"
#include "cluster/storage.h"
#include "cluster/strict_json.h"

namespace omnigraph::cluster {
namespace {

constexpr std::uint64_t kApprovalBytesMax = 64 * 1024;

template <typename T>
Json OrNull(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

struct ApprovalReading {
  std::optional<Approval> approval;
  std::string problem;
  bool is_other_version = false;
};

ApprovalReading ParseApproval(const std::string& bytes) {
  ApprovalReading reading;
  const std::optional<Json> json = ParseJson(bytes);
  if (!json) {
    reading.problem = "it is not JSON";
    return reading;
  }
  FieldReader fields(*json, "the approval", &reading.problem);
  const std::uint64_t version = fields.Unsigned("schema_version");
  if (reading.problem.empty() && version != 1) {
    reading.is_other_version = true;
    reading.problem = "it has schema_version " + std::to_string(version);
    return reading;
  }
  Approval approval;
  approval.approval_id = fields.Text("approval_id");
  approval.resource = fields.Text("resource");
  approval.operation = fields.Text("operation");
  approval.reason = fields.Text("reason");
  approval.bound_config_digest = fields.Text("bound_config_digest");
  approval.bound_before_digest = fields.OptionalText("bound_before_digest");
  approval.bound_after_digest = fields.OptionalText("bound_after_digest");
  approval.approved_by = fields.Text("approved_by");
  approval.created_at = fields.Text("created_at");
  approval.consumed_at = fields.OptionalText("consumed_at");
  approval.consumed_by_operation = fields.OptionalText("consumed_by_operation");
  approval.binds_incarnation = json->is_object() && json->contains("bound_graph_incarnation");
  approval.bound_graph_incarnation = fields.OptionalText("bound_graph_incarnation");
  approval.observed_manifest_version = fields.OptionalUnsigned("observed_manifest_version");
  fields.Finish();
  if (reading.problem.empty()) reading.approval = std::move(approval);
  return reading;
}

}  // namespace

std::string SerializeApproval(const Approval& approval) {
  Json json;
  json["schema_version"] = 1;
  json["approval_id"] = approval.approval_id;
  json["resource"] = approval.resource;
  json["operation"] = approval.operation;
  json["reason"] = approval.reason;
  json["bound_config_digest"] = approval.bound_config_digest;
  json["bound_before_digest"] = OrNull(approval.bound_before_digest);
  json["bound_after_digest"] = OrNull(approval.bound_after_digest);
  json["approved_by"] = approval.approved_by;
  json["created_at"] = approval.created_at;
  json["consumed_at"] = OrNull(approval.consumed_at);
  json["consumed_by_operation"] = OrNull(approval.consumed_by_operation);
  json["bound_graph_incarnation"] = OrNull(approval.bound_graph_incarnation);
  json["observed_manifest_version"] = OrNull(approval.observed_manifest_version);
  return PrettyJson(json);
}

std::vector<Approval> ReadApprovals(store::ObjectStore& objects, Findings& findings) {
  std::vector<Approval> approvals;
  const Result<std::vector<std::string>> keys = ListDocuments(objects, kApprovalsPrefix);
  if (!keys.ok()) {
    findings.Warn("approval_read_error", "__cluster/approvals",
                  "cannot list the approvals: " + std::string(keys.status().message()));
    return approvals;
  }
  for (const std::string& key : *keys) {
    const Result<store::Object> object = objects.Read(key, kApprovalBytesMax);
    ApprovalReading reading;
    if (object.ok()) {
      reading = ParseApproval(object->bytes);
    } else {
      reading.problem = object.status().message();
    }
    if (reading.approval) {
      approvals.push_back(*std::move(reading.approval));
    } else {
      findings.Warn(
          reading.is_other_version ? "unsupported_approval_version" : "invalid_approval_artifact",
          key, "the approval authorises nothing: " + reading.problem + "; it was left in place");
    }
  }
  return approvals;
}

std::string ApprovalRecordJson(std::string_view consumed_at, std::string_view operation) {
  Json json;
  json["consumed_at"] = consumed_at;
  json["consumed_by_operation"] = operation;
  return CompactJson(json);
}

void ConsumeApprovals(const std::vector<Approval>& approvals, std::string_view resource,
                      std::string_view now, std::string_view operation, Ledger& ledger) {
  for (const Approval& approval : approvals) {
    if (approval.resource != resource || approval.consumed_at) continue;
    ledger.approval_records.try_emplace(approval.approval_id, ApprovalRecordJson(now, operation));
  }
}

void MarkConsumedApprovals(store::ObjectStore& objects, const std::vector<Approval>& approvals,
                           const Ledger& ledger) {
  for (const Approval& approval : approvals) {
    const auto record = ledger.approval_records.find(approval.approval_id);
    if (approval.consumed_at || record == ledger.approval_records.end()) continue;
    std::string problem;
    const std::optional<Json> json = ParseJson(record->second);
    if (!json) continue;
    FieldReader fields(*json, "the record", &problem);
    Approval consumed = approval;
    consumed.consumed_at = fields.OptionalText("consumed_at");
    consumed.consumed_by_operation = fields.OptionalText("consumed_by_operation");
    const Status marked =
        RewriteDocument(objects, ApprovalKey(approval.approval_id), SerializeApproval(consumed));
    static_cast<void>(marked.ok());
  }
}

}  // namespace omnigraph::cluster
