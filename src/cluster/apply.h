// Executes a plan: the effects of `cluster apply`, in the order that keeps every crash repairable.

#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cluster/approval.h"
#include "cluster/gates.h"
#include "cluster/history.h"
#include "cluster/observe.h"
#include "cluster/plan.h"
#include "cluster/recovery.h"
#include "cluster/report.h"
#include "cluster/session.h"
#include "cluster/sidecar.h"

namespace omnigraph::cluster {

/// What executing the changes of graphs came to.
struct ExecutionOutcome {
  /// False if the run must end here without touching the ledger.
  bool may_record = true;
  std::vector<std::string> sidecars;            ///< Done; they go once the ledger is written.
  std::map<std::string, RootReading> observed;  ///< Graphs created or migrated, by id.
  std::set<std::string> deleted;                ///< Graph ids.
  std::map<std::string, std::string> delete_approvals;  ///< Approval id by graph id.
};

/// Runs the effects of classified changes on graphs and catalog. The ledger is not touched here.
class Executor {
 public:
  /// All references must outlive the executor.
  Executor(Session& session, const ApprovalMatcher& approvals, const RevisionCause& cause,
           std::vector<Change>& changes)
      : session_(session), approvals_(approvals), cause_(cause), changes_(changes) {}

  /// Creates, then schema changes, then catalog payloads, then approved deletes. A failed graph
  /// blocks what depends on it and stops later work on graphs; the catalog of other graphs goes on.
  ExecutionOutcome Run();

 private:
  void CreateGraphs();
  bool CreateGraph(const std::string& graph, const Change& change);
  bool PreflightCreate(const std::string& graph, bool* takes_over);
  /// Whether another run creates the graph at this moment, which only happens without the lock.
  /// Then this run reports it and ends, so that the ledger of the other one is not overtaken.
  bool YieldsToRival(const std::string& graph, std::string_view own_operation);
  void ApplySchemas();
  bool ApplySchema(const std::string& graph, const Change& change);
  bool RunSchemaApply(const std::string& graph, const std::string& source, Sidecar sidecar);
  bool PreflightSchema(const std::string& graph, const std::string& source, LiveGraph* live);
  void ReportBlocked();
  void WritePayloads();
  bool WritePayload(const Change& change);
  void DeleteGraphs();
  bool DeleteGraph(const std::string& graph, const Change& change);

  bool Halts(std::string_view point);
  Sidecar NewSidecar(SidecarKind kind, const std::string& graph) const;
  bool WriteSidecar(const Sidecar& sidecar);
  void RemoveSidecar(const Sidecar& sidecar);
  /// Notes the version that the graph has now in its sidecar. Best effort.
  void NoteOutcome(Sidecar sidecar);
  /// The source of a resource, if it still has the digest that was planned.
  std::optional<std::string> ReadPlannedSource(const Change& change, std::string_view error_code);

  Session& session_;
  const ApprovalMatcher& approvals_;
  const RevisionCause& cause_;
  std::vector<Change>& changes_;
  ExecutionOutcome outcome_;
  bool has_failed_ = false;  ///< A graph failed: later work on graphs is skipped.
};

/// Brings everything to what the session desires and moves the ledger once. The session holds the
/// lock and has read the ledger.
void ApplyDesired(Session& session, const RevisionCause& cause, ApplyReport& report);

/// Compares what the session desires with its ledger, and changes nothing.
void PlanDesired(Session& session, PlanReport& report);

/// Records a person's consent to the gated change of `resource` that the session desires.
void ApproveDesired(Session& session, const std::string& resource, const std::string& actor,
                    ApproveReport& report);

}  // namespace omnigraph::cluster
