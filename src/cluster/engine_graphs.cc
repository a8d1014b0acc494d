// Implements cluster/engine_graphs.h and the real machine.

#include "cluster/engine_graphs.h"

#include <unistd.h>

#include <memory>

#include "base/strings.h"
#include "cluster/migration_preview.h"
#include "engine/engine.h"
#include "schema/compile.h"
#include "schema/migration.h"
#include "store/open_store.h"

namespace omnigraph::cluster {
namespace {

Result<std::shared_ptr<engine::Graph>> OpenGraph(const StoreOpener& open_store,
                                                 const std::string& root_uri) {
  OG_ASSIGN_OR_RETURN(std::shared_ptr<store::ObjectStore> store, open_store(root_uri));
  engine::OpenOptions options;
  options.uri = root_uri;
  options.is_read_only = true;
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
  OG_ASSIGN_OR_RETURN(const engine::SchemaAnswer live, graph->Schema({}, {}));
  OG_ASSIGN_OR_RETURN(const std::shared_ptr<const schema::Schema> desired,
                      schema::CompileSchema(schema_source));
  return DescribeMigration(schema::PlanMigration(*live.catalog, *desired->catalog));
}

Status EngineGraphs::ApplySchema(const std::string& root_uri, const std::string& /*schema_source*/,
                                 const std::optional<std::string>& /*actor*/) {
  return Status::Error(ErrorCode::kInvalidArgument,
                       "this version cannot change the schema of a graph that holds commits, so " +
                           Quoted(root_uri) + " stays as it is");
}

Machine SystemMachine(const std::atomic<int>* stop_signal) {
  Machine machine;
  machine.open_store = store::OpenStore;
  machine.graphs = std::make_shared<EngineGraphs>(machine.open_store);
  machine.clock = &Clock::System();
  machine.ulids = &UlidGenerator::System();
  machine.pid = static_cast<std::uint64_t>(::getpid());
  machine.stop_signal = stop_signal;
  return machine;
}

}  // namespace omnigraph::cluster
