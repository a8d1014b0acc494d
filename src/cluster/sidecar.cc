// Implements cluster/sidecar.h.

#include "cluster/sidecar.h"

#include <array>
#include <utility>

#include "base/status.h"
#include "cluster/address.h"
#include "cluster/storage.h"
#include "cluster/strict_json.h"

namespace omnigraph::cluster {
namespace {

constexpr std::uint64_t kSidecarBytesMax = 64 * 1024;
constexpr std::array<SidecarKind, 3> kKinds = {SidecarKind::kGraphCreate, SidecarKind::kSchemaApply,
                                               SidecarKind::kGraphDelete};

template <typename T>
Json OrNull(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

void ParseSidecar(const std::string& bytes, StoredSidecar& stored) {
  const std::optional<Json> json = ParseJson(bytes);
  if (!json) {
    stored.problem = "it is not JSON";
    return;
  }
  FieldReader fields(*json, "the sidecar", &stored.problem);
  const std::uint64_t version = fields.Unsigned("schema_version");
  if (stored.problem.empty() && version != 1) {
    stored.is_other_version = true;
    stored.problem = "it has schema_version " + std::to_string(version) + ", this program reads 1";
    return;
  }
  Sidecar sidecar;
  sidecar.operation_id = fields.Text("operation_id");
  sidecar.started_at = fields.Text("started_at");
  sidecar.actor = fields.OptionalText("actor");
  const std::string kind = fields.Text("kind");
  sidecar.graph_id = fields.Text("graph_id");
  sidecar.graph_uri = fields.Text("graph_uri");
  sidecar.observed_manifest_version = fields.OptionalUnsigned("observed_manifest_version");
  sidecar.expected_manifest_version = fields.OptionalUnsigned("expected_manifest_version");
  sidecar.desired_schema_digest = fields.Text("desired_schema_digest");
  sidecar.state_cas_base = fields.OptionalText("state_cas_base");
  sidecar.approval_id = fields.OptionalText("approval_id");
  fields.Finish();
  if (!stored.problem.empty()) return;
  for (const SidecarKind known : kKinds) {
    if (kind != SidecarKindName(known)) continue;
    sidecar.kind = known;
    stored.sidecar = std::move(sidecar);
    return;
  }
  stored.problem = "it has the unknown kind '" + kind + "'";
}

}  // namespace

std::string_view SidecarKindName(SidecarKind kind) {
  switch (kind) {
    case SidecarKind::kGraphCreate:
      return "graph_create";
    case SidecarKind::kSchemaApply:
      return "schema_apply";
    case SidecarKind::kGraphDelete:
      return "graph_delete";
  }
  return "";
}

std::string SerializeSidecar(const Sidecar& sidecar) {
  Json json;
  json["schema_version"] = 1;
  json["operation_id"] = sidecar.operation_id;
  json["started_at"] = sidecar.started_at;
  json["actor"] = OrNull(sidecar.actor);
  json["kind"] = SidecarKindName(sidecar.kind);
  json["graph_id"] = sidecar.graph_id;
  json["graph_uri"] = sidecar.graph_uri;
  json["observed_manifest_version"] = OrNull(sidecar.observed_manifest_version);
  json["expected_manifest_version"] = OrNull(sidecar.expected_manifest_version);
  json["desired_schema_digest"] = sidecar.desired_schema_digest;
  json["state_cas_base"] = OrNull(sidecar.state_cas_base);
  json["approval_id"] = OrNull(sidecar.approval_id);
  return PrettyJson(json);
}

Result<std::vector<StoredSidecar>> ReadSidecars(store::ObjectStore& objects) {
  OG_ASSIGN_OR_RETURN(const std::vector<std::string> keys,
                      ListDocuments(objects, kRecoveriesPrefix));
  std::vector<StoredSidecar> sidecars;
  for (const std::string& key : keys) {
    StoredSidecar stored;
    stored.key = key;
    const Result<store::Object> object = objects.Read(key, kSidecarBytesMax);
    if (object.ok()) {
      ParseSidecar(object->bytes, stored);
    } else if (object.status().code() == ErrorCode::kNotFound) {
      continue;  // Retired by somebody else since the listing.
    } else {
      stored.problem = "it cannot be read: " + std::string(object.status().message());
    }
    sidecars.push_back(std::move(stored));
  }
  return sidecars;
}

void ReportUnreadableSidecars(const std::vector<StoredSidecar>& sidecars, Severity severity,
                              Findings& findings) {
  for (const StoredSidecar& stored : sidecars) {
    if (stored.sidecar) continue;
    const std::string_view code = stored.is_other_version ? "unsupported_recovery_sidecar_version"
                                                          : "invalid_recovery_sidecar";
    std::string message = "the recovery sidecar says nothing usable: " + stored.problem +
                          "; it was left in place: inspect it, and remove it once you know that "
                          "no operation is under way";
    if (severity == Severity::kError) {
      findings.Error(code, stored.key, std::move(message));
    } else {
      findings.Warn(code, stored.key, std::move(message));
    }
  }
}

void WarnAboutPendingSidecars(store::ObjectStore& objects, Findings& findings) {
  const Result<std::vector<std::string>> keys = ListDocuments(objects, kRecoveriesPrefix);
  if (!keys.ok()) {
    findings.Warn("recovery_sidecar_read_error", "__cluster/recoveries",
                  "cannot list the recovery sidecars: " + std::string(keys.status().message()));
    return;
  }
  for (const std::string& key : *keys) {
    findings.Warn("cluster_recovery_pending", key,
                  "an interrupted operation waits for its recovery; the next 'cluster apply', "
                  "'cluster refresh' or 'cluster import' settles it");
  }
}

}  // namespace omnigraph::cluster
