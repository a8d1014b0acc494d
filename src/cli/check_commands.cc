// lint and queries: queries checked against a schema, nothing run.

#include <memory>
#include <string>
#include <utility>

#include "cli/address.h"
#include "cli/files.h"
#include "cli/graph_access.h"
#include "cli/handlers.h"
#include "cli/invocation.h"
#include "cli/query_source.h"
#include "cli/stored_queries.h"
#include "query/lint.h"
#include "schema/catalog.h"
#include "schema/compile.h"
#include "text/source.h"

namespace omnigraph::cli {
namespace {

struct LintSchema {
  query::LintSchemaSource source;
  std::shared_ptr<const schema::Catalog> catalog;
};

Result<std::shared_ptr<const schema::Catalog>> GraphCatalog(Invocation& invocation,
                                                            const GraphAddress& address) {
  OG_ASSIGN_OR_RETURN(const OpenedGraph opened, OpenGraphAt(invocation, address, Access::kRead));
  OG_ASSIGN_OR_RETURN(auto answer, opened.graph->Schema(opened.caller, {}));
  return std::move(answer.catalog);
}

// `--schema`, else the schema of the graph that is addressed.
Result<LintSchema> ResolveSchema(Invocation& invocation) {
  const CommandLine& line = invocation.line();
  LintSchema resolved;
  if (const auto path = line.Find("schema")) {
    OG_ASSIGN_OR_RETURN(const std::string text, ReadFile(*path));
    OG_ASSIGN_OR_RETURN(const auto compiled, schema::CompileSchema(text, *path));
    resolved.source = {false, *path};
    resolved.catalog = compiled->catalog;
    return resolved;
  }
  OG_ASSIGN_OR_RETURN(const ProjectConfig* project, invocation.Project());
  if (!HasExplicitAddress(line) && !project->graph.has_value()) {
    return Status::Error(ErrorCode::kInvalidArgument,
                         "lint requires --schema <schema.pg> or a resolvable graph target: a "
                         "storage URI, --target <name>, or --cluster <dir>");
  }
  OG_ASSIGN_OR_RETURN(const GraphAddress address, ResolveStorageAddress(invocation));
  resolved.source = {true, address.uri};
  OG_ASSIGN_OR_RETURN(resolved.catalog, GraphCatalog(invocation, address));
  return resolved;
}

}  // namespace

Result<int> RunLint(Invocation& invocation) {
  OG_ASSIGN_OR_RETURN(const LintSchema schema, ResolveSchema(invocation));
  OG_ASSIGN_OR_RETURN(const std::string path,
                      FindQueryFile(invocation, invocation.line().Get("query")));
  OG_ASSIGN_OR_RETURN(std::string text, ReadFile(path));
  const query::LintReport report =
      query::Lint(text::Source(path, std::move(text)), *schema.catalog);
  OG_RETURN_IF_ERROR(invocation.console().Write(
      invocation.wants_json() ? LayOutJson(query::LintJson(report, schema.source, path))
                              : query::LintText(report)));
  return report.is_ok() ? 0 : 1;
}

Result<int> RunQueriesValidate(Invocation& invocation) {
  OG_ASSIGN_OR_RETURN(const GraphAddress address, ResolveStorageAddress(invocation));
  OG_ASSIGN_OR_RETURN(const auto queries, ReadStoredQueries(invocation));
  OG_ASSIGN_OR_RETURN(const auto catalog, GraphCatalog(invocation, address));
  const StoredQueriesCheckView view = CheckStoredQueries(queries, *catalog);
  OG_RETURN_IF_ERROR(invocation.Print(view));
  return view.breakages.empty() ? 0 : 1;
}

Result<int> RunQueriesList(Invocation& invocation) {
  OG_ASSIGN_OR_RETURN(const auto queries, ReadStoredQueries(invocation));
  OG_RETURN_IF_ERROR(invocation.Print(DescribeStoredQueries(queries)));
  return 0;
}

}  // namespace omnigraph::cli
