// Implements cluster/serving.h: the refusals that need no graph to be opened.

#include "cluster/serving.h"

#include <algorithm>
#include <utility>

#include "base/strings.h"
#include "cluster/address.h"
#include "cluster/observe.h"
#include "cluster/serving_root.h"
#include "cluster/sidecar.h"
#include "cluster/source_finding.h"
#include "cluster/storage.h"
#include "policy/bundle.h"
#include "policy/policy_engine.h"
#include "query/parser.h"

namespace omnigraph::cluster {
namespace {

constexpr std::string_view kRepair =
    "run 'cluster refresh' and then 'cluster apply', and restart the server";

class SnapshotReader {
 public:
  SnapshotReader(const Storage& storage, const ServingOptions& options, Findings& findings)
      : storage_(storage), options_(options), findings_(findings) {}

  std::optional<ServingSnapshot> Read() {
    // The sidecars first: one that is written after this cannot have moved what is read below
    // without moving the ledger too.
    CheckSidecars();
    const StoredLedger stored = ReadLedger(storage_.objects());
    if (!CheckLedger(stored)) return std::nullopt;
    snapshot_.root_uri = storage_.root_uri();
    snapshot_.state_revision = stored.ledger.state_revision;
    snapshot_.config_digest = stored.ledger.config_digest;
    snapshot_.state_cas = stored.cas;
    ReadGraphs(stored.ledger);
    for (const auto& [address, resource] : stored.ledger.resources) {
      const Address parts = ParseAddress(address);
      if (parts.kind == ResourceKind::kQuery) ReadQuery(address, parts, resource);
      if (parts.kind == ResourceKind::kPolicy) ReadPolicy(address, parts, resource);
    }
    CheckHealth();
    if (findings_.has_errors()) return std::nullopt;
    return std::move(snapshot_);
  }

 private:
  void CheckSidecars() {
    const Result<std::vector<StoredSidecar>> sidecars = ReadSidecars(storage_.objects());
    if (!sidecars.ok()) {
      findings_.Error(
          "recovery_sidecar_read_error", "__cluster/recoveries",
          "cannot list the recovery sidecars: " + std::string(sidecars.status().message()));
      return;
    }
    ReportUnreadableSidecars(*sidecars, Severity::kError, findings_);
    std::size_t pending_count = 0;
    for (const StoredSidecar& stored : *sidecars) {
      if (!stored.sidecar) continue;
      if (!IsResourceId(stored.sidecar->graph_id)) {
        findings_.Error("cluster_recovery_unattributed", stored.key,
                        "the recovery sidecar names no graph, so no command settles it: inspect "
                        "it, and remove it once you know that no operation is under way");
      } else if (options_.allows_quarantine) {
        quarantined_[stored.sidecar->graph_id] = "an interrupted operation waits for its recovery";
      } else {
        ++pending_count;
      }
    }
    if (pending_count == 0) return;
    findings_.Error("cluster_recovery_pending", "__cluster/recoveries",
                    std::to_string(pending_count) +
                        " interrupted operation(s) wait for their recovery; run a command that "
                        "changes state, such as 'cluster apply', and restart the server");
  }

  bool CheckLedger(const StoredLedger& stored) {
    const std::string key(kLedgerKey);
    switch (stored.state) {
      case StoredLedger::State::kValid:
        return true;
      case StoredLedger::State::kAbsent:
        findings_.Error("cluster_state_missing", key,
                        "there is no ledger at '" + storage_.root_uri() +
                            "'; run 'cluster import' and then 'cluster apply'");
        return false;
      case StoredLedger::State::kInvalid:
        findings_.Error("invalid_state_json", key,
                        "the ledger cannot be used: " + stored.problem +
                            "; restore it, or rebuild it with 'cluster import'");
        return false;
      case StoredLedger::State::kOtherVersion:
        findings_.Error(
            "unsupported_state_version", "state.version",
            "the ledger was written by another version of the program: " + stored.problem);
        return false;
      case StoredLedger::State::kUnreadable:
        findings_.Error("state_read_error", key, "cannot read the ledger: " + stored.problem);
        return false;
    }
    return false;
  }

  void ReadGraphs(const Ledger& ledger) {
    for (const std::string& id : ledger.GraphIds()) {
      ServedGraph graph;
      graph.graph_id = id;
      graph.root_uri = storage_.GraphUri(id);
      graph.schema_digest = ledger.DigestOf(SchemaAddress(id));
      if (const auto found = quarantined_.find(id); found != quarantined_.end()) {
        graph.quarantine_reason = found->second;
        findings_.Warn("cluster_recovery_pending", GraphAddress(id), found->second);
      }
      if (!IsServableGraphId(id)) {
        Reject(graph, "graph_id_not_servable",
               "the graph id " + Quoted(id) + " cannot be served; a servable id has " +
                   std::string(kServableGraphIdRule) + "; rename the graph");
      }
      snapshot_.graphs.push_back(std::move(graph));
    }
    if (!snapshot_.graphs.empty()) return;
    findings_.Error("cluster_empty", std::string(kLedgerKey),
                    "no graph is applied; declare at least one and run 'cluster apply'");
  }

  /// A finding about one graph: refuses the boot, or leaves the graph out.
  void Reject(ServedGraph& graph, std::string_view code, std::string message) {
    if (!options_.allows_quarantine) {
      findings_.Error(code, GraphAddress(graph.graph_id), std::move(message));
      return;
    }
    findings_.Warn(code, GraphAddress(graph.graph_id), message);
    graph.quarantine_reason = std::move(message);
  }

  ServedGraph* FindGraph(std::string_view id) {
    const auto found = std::lower_bound(
        snapshot_.graphs.begin(), snapshot_.graphs.end(), id,
        [](const ServedGraph& graph, std::string_view key) { return graph.graph_id < key; });
    return found != snapshot_.graphs.end() && found->graph_id == id ? &*found : nullptr;
  }

  /// The verified content of a query or policy; nothing, and reported, if it is not as applied.
  std::optional<std::string> ReadVerified(const std::string& address, const std::string& digest) {
    PayloadReading reading = ReadPayload(storage_.objects(), address, digest);
    switch (reading.state) {
      case PayloadReading::State::kIntact:
        return std::move(reading.bytes);
      case PayloadReading::State::kMissing:
        findings_.Error("catalog_payload_missing", address,
                        "the catalog has no content for it; " + std::string(kRepair));
        break;
      case PayloadReading::State::kUnreadable:
        findings_.Error("catalog_payload_missing", address,
                        "its content cannot be read from the catalog (" + reading.message + "); " +
                            std::string(kRepair));
        break;
      case PayloadReading::State::kOther:
        findings_.Error("catalog_payload_digest_mismatch", address,
                        "the catalog holds other content than was applied (" + reading.message +
                            "); " + std::string(kRepair));
        break;
    }
    return std::nullopt;
  }

  void ReadQuery(const std::string& address, const Address& parts,
                 const AppliedResource& resource) {
    ServedGraph* graph = FindGraph(parts.graph);
    if (graph == nullptr) return;
    std::optional<std::string> bytes = ReadVerified(address, resource.digest);
    if (!bytes) return;
    ServedQuery query{std::string(parts.name), resource.digest, nullptr};
    ParsedFile& file = files_[resource.digest];
    if (file.source == nullptr) file = ParseQueries(parts, *std::move(bytes));
    query.source = file.source;
    const bool is_declared =
        std::find(file.names.begin(), file.names.end(), query.name) != file.names.end();
    if (!file.problem.empty() || !is_declared) {
      const std::string why =
          file.problem.empty() ? "it declares no query of that name" : file.problem;
      Reject(*graph, "query_parse_error",
             "stored query '" + query.name + "' of graph '" + graph->graph_id +
                 "' failed to parse: " + why + "; " + std::string(kRepair));
      return;
    }
    graph->queries.push_back(std::move(query));
  }

  struct ParsedFile {
    std::shared_ptr<const std::string> source;
    std::vector<std::string> names;
    std::string problem;
  };

  static ParsedFile ParseQueries(const Address& parts, std::string bytes) {
    ParsedFile file;
    file.source = std::make_shared<const std::string>(std::move(bytes));
    const text::Source source(std::string(parts.name) + ".gq", *file.source);
    text::Diagnostics diagnostics;
    const query::ast::File tree = query::Parse(source, diagnostics);
    if (diagnostics.has_errors()) {
      file.problem = OneLine(source, std::move(diagnostics).Take().front());
    }
    for (const query::ast::Query& query : tree.queries)
      file.names.push_back(query.name.text);
    return file;
  }

  void ReadPolicy(const std::string& address, const Address& parts,
                  const AppliedResource& resource) {
    std::optional<std::string> bytes = ReadVerified(address, resource.digest);
    if (!resource.applies_to) {
      findings_.Error("policy_bindings_missing", address,
                      "the ledger does not say what the bundle is bound to; 'cluster apply' "
                      "records it");
      return;
    }
    if (!bytes) return;
    const std::string name(parts.name);
    auto source = std::make_shared<const text::Source>(name + ".yaml", *std::move(bytes));
    policy::BundleReading reading = policy::ReadBundle(source);
    ServedPolicy served{name, resource.digest, nullptr};
    std::string problem;
    if (reading.bundle) {
      served.bundle = std::make_shared<const policy::Bundle>(*std::move(reading.bundle));
    } else if (!reading.diagnostics.empty()) {
      problem = OneLine(*source, reading.diagnostics.front());
    }
    for (const std::string& scope : *resource.applies_to)
      Bind(address, scope, served, problem);
  }

  void Bind(const std::string& address, const std::string& scope, const ServedPolicy& served,
            const std::string& problem) {
    const Address parts = ParseAddress(scope);
    if (scope == "cluster") {
      BindServer(address, served, problem);
    } else if (parts.kind != ResourceKind::kGraph) {
      findings_.Error(
          "policy_binding_unrecognized", address,
          "unrecognized policy binding " + Quoted(scope) + "; run 'cluster apply' again");
    } else if (ServedGraph* graph = FindGraph(parts.graph)) {
      BindGraph(*graph, served, problem);
    }
  }

  void BindServer(const std::string& address, const ServedPolicy& served,
                  const std::string& problem) {
    if (snapshot_.server_policy) {
      ReportConflict("cluster", snapshot_.server_policy->name, served.name);
      return;
    }
    const std::string why = problem.empty() ? CompileProblem(served, std::string()) : problem;
    if (!why.empty()) {
      findings_.Error("policy_invalid", address,
                      "the policy bundle '" + served.name + "' cannot govern the server: " + why +
                          "; correct it and run 'cluster apply'");
    }
    snapshot_.server_policy = served;
  }

  void BindGraph(ServedGraph& graph, const ServedPolicy& served, const std::string& problem) {
    if (graph.policy) {
      ReportConflict(GraphAddress(graph.graph_id), graph.policy->name, served.name);
      return;
    }
    const std::string why = problem.empty() ? CompileProblem(served, graph.graph_id) : problem;
    if (!why.empty()) {
      Reject(graph, "policy_invalid",
             "the policy bundle '" + served.name + "' cannot govern graph '" + graph.graph_id +
                 "': " + why + "; correct it and run 'cluster apply'");
    }
    graph.policy = served;
  }

  void ReportConflict(const std::string& scope, const std::string& first,
                      const std::string& second) {
    findings_.Error("policy_scope_conflict", scope,
                    "multiple policy bundles bind '" + scope + "': '" + first + "' and '" + second +
                        "'; split or merge the bundles and run 'cluster apply'");
  }

  /// Why the bundle cannot govern the graph (or, if empty, the server); empty if it can.
  static std::string CompileProblem(const ServedPolicy& served, const std::string& graph) {
    const policy::BundleKind kind =
        graph.empty() ? policy::BundleKind::kServer : policy::BundleKind::kGraph;
    const policy::Binding binding{served.name, served.bundle, kind, graph};
    const auto compiled = policy::PolicyEngine::Compile({&binding, 1});
    return compiled.ok() ? std::string() : std::string(compiled.status().message());
  }

  void CheckHealth() {
    if (!options_.allows_quarantine || snapshot_.graphs.empty()) return;
    const bool is_any_healthy =
        std::any_of(snapshot_.graphs.begin(), snapshot_.graphs.end(),
                    [](const ServedGraph& graph) { return graph.quarantine_reason.empty(); });
    if (is_any_healthy) return;
    findings_.Error("cluster_no_healthy_graphs", std::string(kLedgerKey),
                    "every graph is quarantined, so there is nothing to serve");
  }

  const Storage& storage_;
  const ServingOptions& options_;
  Findings& findings_;
  ServingSnapshot snapshot_;
  std::map<std::string, std::string> quarantined_;  ///< Reason by graph id.
  std::map<std::string, ParsedFile> files_;         ///< By digest.
};

}  // namespace

bool ServingSnapshot::has_policies() const {
  return server_policy.has_value() ||
         std::any_of(graphs.begin(), graphs.end(),
                     [](const ServedGraph& graph) { return graph.policy.has_value(); });
}

std::string SnapshotOutcome::RefusalText() const {
  std::string text = "the cluster at '" + argument + "' is not ready to serve:\n";
  for (const Finding& finding : findings.items()) {
    if (finding.severity != Severity::kError) continue;
    text += "  [" + finding.code + "] " + finding.path + ": " + finding.message + "\n";
  }
  return text;
}

SnapshotOutcome ReadServingSnapshot(const Machine& machine, const std::string& argument,
                                    const ServingOptions& options) {
  SnapshotOutcome outcome;
  outcome.argument = argument;
  Result<std::string> root = ResolveServingRoot(argument, outcome.findings);
  if (!root.ok()) return outcome;
  const Result<Storage> storage = Storage::Open(machine, *std::move(root));
  if (!storage.ok()) {
    outcome.findings.Error(
        "storage_root_invalid", "storage",
        "cannot open the storage root: " + std::string(storage.status().message()));
    return outcome;
  }
  outcome.snapshot = SnapshotReader(*storage, options, outcome.findings).Read();
  return outcome;
}

Result<std::string> ReadLedgerCas(const Machine& machine, const std::string& root_uri) {
  OG_ASSIGN_OR_RETURN(const Storage storage, Storage::Open(machine, root_uri));
  const StoredLedger stored = ReadLedger(storage.objects());
  if (stored.is_found()) return stored.cas;
  return Status::Error(
      stored.state == StoredLedger::State::kAbsent ? ErrorCode::kNotFound : ErrorCode::kUnavailable,
      "cannot read the ledger at '" + root_uri + "': " + stored.problem);
}

}  // namespace omnigraph::cluster
