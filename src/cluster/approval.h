// Approvals `__cluster/approvals/<ulid>.json`: a person's recorded consent to one irreversible
// change, bound to exactly that change.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "cluster/finding.h"
#include "cluster/ledger.h"
#include "store/object_store.h"

namespace omnigraph::cluster {

struct Approval {
  std::string approval_id;
  std::string resource;
  std::string operation;
  std::string reason;
  std::string bound_config_digest;
  std::optional<std::string> bound_before_digest;
  std::optional<std::string> bound_after_digest;
  std::string approved_by;
  std::string created_at;
  std::optional<std::string> consumed_at;
  std::optional<std::string> consumed_by_operation;
  /// False for a document that says nothing of an incarnation, as those of earlier programs.
  bool binds_incarnation = true;
  /// The incarnation of the graph and the version of its `main` when it was approved; absent if it
  /// could not be opened.
  std::optional<std::string> bound_graph_incarnation;
  std::optional<std::uint64_t> observed_manifest_version;
};

std::string SerializeApproval(const Approval& approval);

/// Every approval in id order. What cannot be listed or read is a warning.
std::vector<Approval> ReadApprovals(store::ObjectStore& objects, Findings& findings);

/// `{"consumed_at":…,"consumed_by_operation":…}`: the entry of the ledger's `approval_records`.
std::string ApprovalRecordJson(std::string_view consumed_at, std::string_view operation);

/// Enters every approval of `resource` that is still open as consumed.
void ConsumeApprovals(const std::vector<Approval>& approvals, std::string_view resource,
                      std::string_view now, std::string_view operation, Ledger& ledger);

/// Marks the documents of approvals that the ledger has as consumed. Best effort: what fails is
/// tried again by the next command.
void MarkConsumedApprovals(store::ObjectStore& objects, const std::vector<Approval>& approvals,
                           const Ledger& ledger);

}  // namespace omnigraph::cluster
