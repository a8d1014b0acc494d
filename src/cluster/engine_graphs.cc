// Implements cluster/engine_graphs.h and the real machine.

#include "cluster/engine_graphs.h"

#include <unistd.h>

#include <memory>

#include "base/strings.h"
#include "cluster/failpoints.h"
#include "cluster/migration_preview.h"
#include "engine/engine.h"
#include "schema/migration.h"
#include "store/open_store.h"

namespace omnigraph::cluster {
namespace {

Result<std::shared_ptr<engine::Graph>> OpenGraph(const StoreOpener& open_store,
                                                 const std::string& root_uri,
                                                 bool is_read_only = true) {
  OG_ASSIGN_OR_RETURN(std::shared_ptr<store::ObjectStore> store, open_store(root_uri));
  engine::OpenOptions options;
  options.uri = root_uri;
  options.is_read_only = is_read_only;
  return engine::Graph::Open(std::move(store), std::move(options));
}

}  // namespace

Result<LiveGraph> EngineGraphs::Observe(const std::string& root_uri) {
  OG_ASSIGN_OR_RETURN(const std::shared_ptr<engine::Graph> graph, OpenGraph(open_store_, root_uri));
  OG_ASSIGN_OR_RETURN(const engine::SchemaAnswer schema, graph->Schema({}, {}));
  OG_ASSIGN_OR_RETURN(const engine::SnapshotAnswer snapshot, graph->Snapshot({}, {}));
  LiveGraph live;
  live.manifest_version = snapshot.manifest_version;
  live.schema_digest = schema.source_digest;
  live.schema_source = schema.source;
  live.incarnation_id = graph->incarnation_id();
  return live;
}

Status EngineGraphs::Create(const std::string& root_uri, const std::string& schema_source,
                            const std::optional<std::string>& actor, bool takes_over) {
  OG_ASSIGN_OR_RETURN(std::shared_ptr<store::ObjectStore> store, open_store_(root_uri));
  return engine::Graph::Init(std::move(store), root_uri, schema_source, takes_over, actor);
}

Result<MigrationPreview> EngineGraphs::PreviewSchema(const std::string& root_uri,
                                                     const std::string& schema_source) {
  OG_ASSIGN_OR_RETURN(const std::shared_ptr<engine::Graph> graph, OpenGraph(open_store_, root_uri));
  OG_ASSIGN_OR_RETURN(const std::vector<std::string> branches, graph->ListBranches({}));
  std::vector<std::string> others;
  for (const std::string& branch : branches) {
    if (branch != "main") others.push_back(branch);
  }
  if (!others.empty()) {
    return Status::Error(ErrorCode::kPreconditionFailed,
                         "the schema cannot change while there are branches beside main: " +
                             Join(others, ", ") + "; merge or delete them first");
  }
  engine::SchemaChangeRequest request;
  request.source = schema_source;
  OG_ASSIGN_OR_RETURN(const engine::SchemaChangeAnswer answer, graph->PlanSchema({}, request));
  schema::MigrationPlan plan;
  for (const engine::SchemaChangeAnswer::Step& step : answer.steps) {
    OG_ASSIGN_OR_RETURN(schema::MigrationStep decoded, schema::DecodeStep(step.json));
    plan.steps.push_back(std::move(decoded));
  }
  return DescribeMigration(plan);
}

Status EngineGraphs::ApplySchema(const std::string& root_uri, const std::string& schema_source,
                                 const std::optional<std::string>& actor) {
  OG_ASSIGN_OR_RETURN(const std::shared_ptr<engine::Graph> graph,
                      OpenGraph(open_store_, root_uri, /*is_read_only=*/false));
  engine::Caller caller;
  caller.actor = actor;
  engine::SchemaChangeRequest request;
  request.source = schema_source;
  return graph->ApplySchema(caller, request).status();
}

Machine SystemMachine(const std::atomic<int>* stop_signal) {
  Machine machine;
  machine.open_store = store::OpenStore;
  machine.graphs = std::make_shared<EngineGraphs>(machine.open_store);
  machine.clock = &Clock::System();
  machine.ulids = &UlidGenerator::System();
  machine.pid = static_cast<std::uint64_t>(::getpid());
  machine.failpoint = SystemFailpoints();
  machine.stop_signal = stop_signal;
  return machine;
}

}  // namespace omnigraph::cluster
