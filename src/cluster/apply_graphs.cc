// Implements the work on graphs of cluster/apply.h: create, schema change, delete. Each writes its
// sidecar before it acts.

#include <utility>

#include "base/hash.h"
#include "base/strings.h"
#include "cluster/address.h"
#include "cluster/apply.h"

namespace omnigraph::cluster {

bool Executor::Halts(std::string_view point) {
  if (!session_.FailsAt(point) && !session_.IsStopping()) return false;
  outcome_.may_record = false;
  return true;
}

Sidecar Executor::NewSidecar(SidecarKind kind, const std::string& graph) const {
  Sidecar sidecar;
  sidecar.operation_id = session_.machine.ulids->Next();
  sidecar.started_at = session_.machine.Now();
  sidecar.actor = cause_.actor;
  sidecar.kind = kind;
  sidecar.graph_id = graph;
  sidecar.graph_uri = session_.storage->GraphUri(graph);
  sidecar.state_cas_base = session_.stored.cas;
  return sidecar;
}

bool Executor::WriteSidecar(const Sidecar& sidecar) {
  const std::string key = SidecarKey(sidecar.operation_id);
  const Result<store::ObjectVersion> written =
      session_.storage->objects().Create(key, SerializeSidecar(sidecar));
  if (written.ok()) return true;
  session_.findings.Error("recovery_sidecar_write_error", key,
                          "cannot write the recovery sidecar, so the operation was not begun: " +
                              std::string(written.status().message()));
  return false;
}

void Executor::RemoveSidecar(const Sidecar& sidecar) {
  const std::string key = SidecarKey(sidecar.operation_id);
  const Status removed = session_.storage->objects().Delete(key);
  if (removed.ok()) return;
  session_.findings.Warn("recovery_sidecar_cleanup_failed", key,
                         "nothing moved, but the recovery sidecar could not be removed: " +
                             std::string(removed.message()) + "; the next command settles it");
}

void Executor::NoteOutcome(Sidecar sidecar) {
  const RootReading reading =
      ReadRoot(*session_.storage, *session_.machine.graphs, sidecar.graph_id);
  const std::string key = SidecarKey(sidecar.operation_id);
  outcome_.sidecars.push_back(key);
  outcome_.observed[sidecar.graph_id] = reading;
  if (reading.state != RootReading::State::kGraph) return;
  sidecar.expected_manifest_version = reading.live.manifest_version;
  const Status noted = RewriteDocument(session_.storage->objects(), key, SerializeSidecar(sidecar));
  static_cast<void>(noted.ok());
}

std::optional<std::string> Executor::ReadPlannedSource(const Change& change,
                                                       std::string_view error_code) {
  const DesiredResource& wanted = session_.config.desired.resources.at(change.resource);
  Result<std::string> source = session_.ReadSource(change.resource);
  if (!source.ok()) {
    session_.findings.Error(
        error_code, change.resource,
        "cannot read its source again: " + std::string(source.status().message()));
    return std::nullopt;
  }
  if (Sha256Hex(*source) != wanted.digest) {
    session_.findings.Error(
        "resource_content_changed", change.resource,
        Quoted(wanted.declared_path) + " changed while this ran; run the command again");
    return std::nullopt;
  }
  return *std::move(source);
}

// ---- Create ------------------------------------------------------------------------------------

void Executor::CreateGraphs() {
  for (Change& change : changes_) {
    const Address address = ParseAddress(change.resource);
    const bool is_create = address.kind == ResourceKind::kGraph &&
                           change.operation == Operation::kCreate &&
                           change.disposition == Disposition::kApplied;
    if (!is_create) continue;
    const std::string graph(address.graph);
    if (has_failed_) {
      session_.findings.Warn("graph_create_skipped", change.resource,
                             "not created, because an earlier graph failed");
    } else if (CreateGraph(graph, change)) {
      continue;
    }
    if (!outcome_.may_record) return;
    has_failed_ = true;
    DemoteGraph(graph, change.resource, "graph_create_failed", session_.config.desired, changes_);
  }
}

bool Executor::PreflightCreate(const std::string& graph, bool* takes_over) {
  const RootReading root = ReadRoot(*session_.storage, *session_.machine.graphs, graph);
  *takes_over = root.state == RootReading::State::kHalfCreated;
  if (root.is_absent()) return true;
  if (root.state == RootReading::State::kGraph && YieldsToRival(graph, {})) return false;
  const std::string uri = session_.storage->GraphUri(graph);
  std::string message = "cannot create the graph at '" + uri + "': ";
  switch (root.state) {
    case RootReading::State::kGraph:
      message += "it holds a graph that the ledger does not know; 'cluster refresh' records it";
      break;
    case RootReading::State::kUnopenable:
      message += "it holds objects that are no graph (" + root.message +
                 "); move them away, then run 'cluster refresh' and 'cluster apply'";
      break;
    default:
      message += "the storage cannot be asked: " + root.message;
      break;
  }
  session_.findings.Error("graph_create_failed", GraphAddress(graph), std::move(message));
  return false;
}

bool Executor::YieldsToRival(const std::string& graph, std::string_view own_operation) {
  const Result<std::vector<StoredSidecar>> sidecars = ReadSidecars(session_.storage->objects());
  if (!sidecars.ok()) return false;
  for (const StoredSidecar& stored : *sidecars) {
    if (!stored.sidecar || stored.sidecar->graph_id != graph ||
        stored.sidecar->kind != SidecarKind::kGraphCreate ||
        stored.sidecar->operation_id == own_operation) {
      continue;
    }
    session_.findings.Error("graph_create_failed", GraphAddress(graph),
                            "cannot create the graph at '" + session_.storage->GraphUri(graph) +
                                "': another run is creating it (operation " +
                                stored.sidecar->operation_id + ", begun " +
                                stored.sidecar->started_at +
                                "); nothing was recorded: wait for it and run the command again, "
                                "or 'cluster refresh' if that run died");
    outcome_.may_record = false;
    return true;
  }
  return false;
}

bool Executor::CreateGraph(const std::string& graph, const Change& change) {
  bool takes_over = false;
  if (!PreflightCreate(graph, &takes_over)) return false;
  const Change* schema = FindChange(changes_, SchemaAddress(graph));
  if (schema == nullptr) {
    session_.findings.Error("graph_create_failed", change.resource,
                            "the ledger has a schema for a graph that it does not have; run "
                            "'cluster refresh'");
    return false;
  }
  Sidecar sidecar = NewSidecar(SidecarKind::kGraphCreate, graph);
  sidecar.desired_schema_digest = session_.config.desired.resources.at(schema->resource).digest;
  if (!WriteSidecar(sidecar)) return false;
  if (session_.FailsAt("cluster_apply.before_graph_create")) return false;
  const std::optional<std::string> source = ReadPlannedSource(*schema, "graph_create_failed");
  if (!source) {
    RemoveSidecar(sidecar);
    return false;
  }
  const Status created =
      session_.machine.graphs->Create(sidecar.graph_uri, *source, cause_.actor, takes_over);
  if (!created.ok()) {
    const bool is_there = created.code() == ErrorCode::kAlreadyExists;
    if (is_there && YieldsToRival(graph, sidecar.operation_id)) {
      RemoveSidecar(sidecar);
      return false;
    }
    session_.findings.Error("graph_create_failed", change.resource,
                            "cannot create the graph at '" + sidecar.graph_uri +
                                "': " + std::string(created.message()) +
                                "; if a graph is there already, 'cluster refresh' records it");
    return false;
  }
  NoteOutcome(std::move(sidecar));
  return !Halts("cluster_apply.after_graph_create");
}

// ---- Schema ------------------------------------------------------------------------------------

void Executor::ApplySchemas() {
  for (Change& change : changes_) {
    const Address address = ParseAddress(change.resource);
    const bool is_update = address.kind == ResourceKind::kSchema &&
                           change.operation == Operation::kUpdate &&
                           change.disposition == Disposition::kApplied;
    if (!is_update) continue;
    const std::string graph(address.graph);
    if (has_failed_) {
      session_.findings.Warn("schema_apply_skipped", change.resource,
                             "not migrated, because an earlier graph failed");
    } else if (ApplySchema(graph, change)) {
      continue;
    }
    if (!outcome_.may_record) return;
    has_failed_ = true;
    DemoteGraph(graph, change.resource, "schema_apply_failed", session_.config.desired, changes_);
  }
}

bool Executor::PreflightSchema(const std::string& graph, const std::string& source,
                               LiveGraph* live) {
  const std::string uri = session_.storage->GraphUri(graph);
  const auto fail = [&](const std::string& why) {
    session_.findings.Error("schema_apply_failed", SchemaAddress(graph),
                            "cannot change the schema of '" + uri + "': " + why);
    return false;
  };
  const Result<LiveGraph> observed = session_.machine.graphs->Observe(uri);
  if (!observed.ok()) return fail(std::string(observed.status().message()));
  *live = *observed;
  const Result<MigrationPreview> preview = session_.machine.graphs->PreviewSchema(uri, source);
  if (!preview.ok()) return fail(std::string(preview.status().message()));
  if (!preview->is_supported) return fail(Join(preview->problems, "; "));
  return true;
}

bool Executor::ApplySchema(const std::string& graph, const Change& change) {
  const std::optional<std::string> source = ReadPlannedSource(change, "schema_apply_failed");
  if (!source) return false;
  LiveGraph live;
  if (!PreflightSchema(graph, *source, &live)) return false;
  if (live.schema_digest == *change.after_digest) {
    // Somebody did it meanwhile, or an attempt whose outcome was not known.
    RootReading reading;
    reading.state = RootReading::State::kGraph;
    reading.live = std::move(live);
    outcome_.observed[graph] = std::move(reading);
    return true;
  }
  Sidecar sidecar = NewSidecar(SidecarKind::kSchemaApply, graph);
  sidecar.observed_manifest_version = live.manifest_version;
  sidecar.desired_schema_digest = *change.after_digest;
  if (!WriteSidecar(sidecar)) return false;
  if (session_.FailsAt("cluster_apply.before_schema_apply")) return false;
  return RunSchemaApply(graph, *source, std::move(sidecar));
}

bool Executor::RunSchemaApply(const std::string& graph, const std::string& source,
                              Sidecar sidecar) {
  const Status applied =
      session_.machine.graphs->ApplySchema(sidecar.graph_uri, source, cause_.actor);
  if (applied.ok()) {
    NoteOutcome(std::move(sidecar));
    return !Halts("cluster_apply.after_schema_apply");
  }
  session_.findings.Error(
      "schema_apply_failed", SchemaAddress(graph),
      "cannot change the schema of '" + sidecar.graph_uri + "': " + std::string(applied.message()));
  const Result<LiveGraph> after = session_.machine.graphs->Observe(sidecar.graph_uri);
  const bool is_unmoved =
      after.ok() && after->manifest_version == sidecar.observed_manifest_version &&
      after->schema_digest == session_.stored.ledger.DigestOf(SchemaAddress(graph));
  if (is_unmoved) RemoveSidecar(sidecar);
  return false;
}

// ---- Delete ------------------------------------------------------------------------------------

void Executor::DeleteGraphs() {
  for (Change& change : changes_) {
    if (!IsGated(change) || change.disposition != Disposition::kApplied) continue;
    const std::string graph(ParseAddress(change.resource).graph);
    if (has_failed_) {
      session_.findings.Warn("graph_delete_skipped", change.resource,
                             "not deleted, because an earlier graph failed");
    } else if (DeleteGraph(graph, change)) {
      continue;
    }
    if (!outcome_.may_record) return;
    has_failed_ = true;
    DemoteGraph(graph, change.resource, "graph_delete_failed", session_.config.desired, changes_);
  }
}

bool Executor::DeleteGraph(const std::string& graph, const Change& change) {
  const Approval* approval = approvals_.Find(change);
  if (approval == nullptr) {
    session_.findings.Error("apply_approval_invariant_violation", "changes",
                            "the delete of " + change.resource +
                                " was about to run without an approval; nothing was deleted");
    return false;
  }
  Sidecar sidecar = NewSidecar(SidecarKind::kGraphDelete, graph);
  sidecar.approval_id = approval->approval_id;
  const Result<LiveGraph> live = session_.machine.graphs->Observe(sidecar.graph_uri);
  if (live.ok()) sidecar.observed_manifest_version = live->manifest_version;
  if (!WriteSidecar(sidecar)) return false;
  if (session_.FailsAt("cluster_apply.before_graph_delete")) return false;
  const Status removed = session_.storage->objects().DeletePrefix(GraphRootKey(graph) + "/");
  if (!removed.ok()) {
    session_.findings.Error("graph_delete_failed", change.resource,
                            "cannot remove every object of '" + sidecar.graph_uri +
                                "': " + std::string(removed.message()) +
                                "; run the command again to go on");
    return false;
  }
  outcome_.sidecars.push_back(SidecarKey(sidecar.operation_id));
  outcome_.deleted.insert(graph);
  outcome_.delete_approvals[graph] = approval->approval_id;
  return !Halts("cluster_apply.after_graph_delete");
}

}  // namespace omnigraph::cluster
