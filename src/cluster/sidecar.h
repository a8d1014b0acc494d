// Sidecars `__cluster/recoveries/<ulid>.json`: the recorded intent of one operation that moves a
// graph. Written before it acts; gone once the ledger says what came of it.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/finding.h"
#include "store/object_store.h"

namespace omnigraph::cluster {

enum class SidecarKind : unsigned char { kGraphCreate, kSchemaApply, kGraphDelete };

/// "graph_create", "schema_apply", "graph_delete".
std::string_view SidecarKindName(SidecarKind kind);

struct Sidecar {
  std::string operation_id;
  std::string started_at;
  std::optional<std::string> actor;
  SidecarKind kind = SidecarKind::kGraphCreate;
  std::string graph_id;
  std::string graph_uri;
  std::optional<std::uint64_t> observed_manifest_version;
  std::optional<std::uint64_t> expected_manifest_version;
  std::string desired_schema_digest;  ///< Empty for deletes.
  std::optional<std::string> state_cas_base;
  std::optional<std::string> approval_id;
};

std::string SerializeSidecar(const Sidecar& sidecar);

/// A document under the recoveries' prefix.
struct StoredSidecar {
  std::string key;
  std::optional<Sidecar> sidecar;
  std::string problem;  ///< Why there is none.
  bool is_other_version = false;
};

/// Every sidecar in name order, which is the order in which they began.
Result<std::vector<StoredSidecar>> ReadSidecars(store::ObjectStore& objects);

/// Reports the documents that nobody can read, at `severity`.
void ReportUnreadableSidecars(const std::vector<StoredSidecar>& sidecars, Severity severity,
                              Findings& findings);

/// One warning per document under the recoveries' prefix, without reading them.
void WarnAboutPendingSidecars(store::ObjectStore& objects, Findings& findings);

}  // namespace omnigraph::cluster
