// Writes the OpenAPI document: one operation per documented route, and the schemas they refer to.

#include "server/openapi.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <string_view>
#include <vector>

#include "base/strings.h"
#include "server/conditions.h"
#include "server/openapi_schemas.h"
#include "server/routes.h"
#include "server/site.h"

namespace omnigraph::server {

namespace {

using Json = nlohmann::ordered_json;

/// What the route table does not say about an operation.
struct OperationText {
  std::string_view method;
  std::string_view path;
  std::string_view id;
  std::string_view tag;
  std::string_view summary;
  std::string_view description;
  std::string_view statuses;  ///< Besides 200, separated by blanks.
  std::string_view request;   ///< Component of the body; empty without one.
  std::string_view response;  ///< Component of the 200 answer; empty for a stream.
};

constexpr std::string_view kRowsNote =
    "A read sees one commit: the head of a branch, or the commit that `snapshot` names.";

constexpr std::string_view kConditionalNote =
    "The header Omnigraph-If-Graph-Commit holds the id of the commit that must be the head of the "
    "branch when the write is published. If another one is: 412 with `precondition_failure`, and "
    "nothing has changed.";

constexpr OperationText kOperations[] = {
    {"GET", "/healthz", "health", "health", "Tell that the server runs",
     "Never touches storage and needs no token.", "", "", "HealthOutput"},
    {"GET", "/metrics", "getMetrics", "health", "Tell what the server counts",
     "The text format of Prometheus. Any known token will do. Never touches storage.", "401", "",
     ""},
    {"GET", "/graphs", "listGraphs", "management", "List the graphs of the server",
     "Needs the action graph_list of a policy bundle that is bound to the server.", "401 403 405",
     "", "GraphListResponse"},
    {"GET", "/cluster", "getCluster", "management", "Tell which applied revision is served",
     "Needs the action graph_list of a policy bundle that is bound to the server.", "401 403 404",
     "", "ClusterOutput"},
    {"POST", "/cluster/reload", "reloadCluster", "management", "Serve what is newly applied",
     "Needs the action cluster_reload. A revision that cannot be served leaves everything as it "
     "is; `last_reload` of the answer says why.",
     "401 403 404", "", "ClusterOutput"},
    {"GET", "/snapshot", "getSnapshot", "snapshots", "List the tables of a branch",
     "One entry per node and edge type, also for empty ones.", "400 401 403 404", "",
     "SnapshotOutput"},
    {"POST", "/query", "query", "queries", "Run a query", kRowsNote, "400 401 403 404",
     "QueryRequest", "ReadOutput"},
    {"POST", "/read", "read", "queries", "Run a query (old name)",
     "Use POST /query. The keys of the body are the old ones.", "400 401 403 404", "ReadRequest",
     "ReadOutput"},
    {"POST", "/export", "export", "queries", "Export a branch",
     "Streams every record of one commit, edges before nodes, as lines that load back.",
     "400 401 403 404", "ExportRequest", ""},
    {"POST", "/mutate", "mutate", "mutations", "Run a mutation",
     "All statements become one commit, or nothing happens.", "400 401 403 404 409 429",
     "ChangeRequest", "ChangeOutput"},
    {"POST", "/mutate/if-graph-commit", "mutateIfGraphCommit", "mutations",
     "Run a mutation if a commit is the head", kConditionalNote, "400 401 403 404 409 412 429",
     "ChangeRequest", "ChangeOutput"},
    {"POST", "/change", "change", "mutations", "Run a mutation (old name)", "Use POST /mutate.",
     "400 401 403 404 409 429", "ChangeRequest", "ChangeOutput"},
    {"GET", "/queries", "list_queries", "queries", "List the stored queries",
     "Ascending by name, with their parameters.", "401 403", "", "QueriesCatalogOutput"},
    {"POST", "/queries/{name}", "invoke_query", "queries", "Run a stored query",
     "Needs invoke_query, and read or change as the query demands. A query that the caller may "
     "not invoke and one that does not exist have the same answer.",
     "400 401 403 404 409 429 500", "InvokeStoredQueryRequest", "InvokeStoredQueryResponse"},
    {"POST", "/queries/{name}/if-graph-commit", "invoke_query_if_graph_commit", "queries",
     "Run a stored mutation if a commit is the head", kConditionalNote,
     "400 401 403 404 409 412 429", "InvokeStoredQueryRequest", "InvokeStoredQueryResponse"},
    {"GET", "/schema", "getSchema", "schema", "Show the schema",
     "The accepted text of the whole graph, byte for byte, as it is or as it was at a commit.",
     "401 403 404", "", "SchemaOutput"},
    {"POST", "/schema/apply", "applySchema", "mutations", "Change the schema",
     "Plans the change, checks it against the rows and applies it, or changes nothing. A server "
     "that was started with --strict-cluster leaves it to `cluster apply` (409).",
     "400 401 403 409 429", "SchemaApplyRequest", "SchemaApplyOutput"},
    {"POST", "/load", "load", "mutations", "Load records", "One commit, or nothing is loaded.",
     "400 401 403 404 409 429", "IngestRequest", "IngestOutput"},
    {"POST", "/load/ndjson", "loadLines", "mutations", "Load lines of records, strictly",
     "One JSON object per line, and nothing forgiven: unknown, repeated or misplaced members are "
     "errors that name the line. One commit, or nothing is loaded.",
     "400 401 403 404 409 429", "", "IngestOutput"},
    {"POST", "/load/if-graph-commit", "loadIfGraphCommit", "mutations",
     "Load records if a commit is the head", kConditionalNote, "400 401 403 404 409 412 429",
     "IngestRequest", "IngestOutput"},
    {"POST", "/load/ndjson/if-graph-commit", "loadLinesIfGraphCommit", "mutations",
     "Load lines of records, strictly, if a commit is the head", kConditionalNote,
     "400 401 403 404 409 412 429", "", "IngestOutput"},
    {"POST", "/ingest", "ingest", "mutations", "Load records (old name)", "Use POST /load.",
     "400 401 403 404 409 429", "IngestRequest", "IngestOutput"},
    {"GET", "/branches", "listBranches", "branches", "List the branches",
     "In byte order, main among them.", "401 403", "", "BranchListOutput"},
    {"POST", "/branches", "createBranch", "branches", "Create a branch",
     "It starts at the head of another branch, at a tag, or at a commit.",
     "400 401 403 404 409 429", "BranchCreateRequest", "BranchCreateOutput"},
    {"DELETE", "/branches/{branch}", "deleteBranch", "branches", "Delete a branch",
     "Refused for main and for a branch that others were made from.", "400 401 403 404 409 429", "",
     "BranchDeleteOutput"},
    {"POST", "/branches/merge", "mergeBranches", "branches", "Merge a branch into another",
     "One commit, or every conflict is listed and nothing happens.", "400 401 403 404 409 429",
     "BranchMergeRequest", "BranchMergeOutput"},
    {"POST", "/branches/merge/if-graph-commit", "mergeBranchesIfGraphCommit", "branches",
     "Merge a branch into another if a commit is the head of the target", kConditionalNote,
     "400 401 403 404 409 412 429", "BranchMergeRequest", "BranchMergeOutput"},
    {"POST", "/branches/revert", "revertBranch", "branches",
     "Give a branch the content of an earlier commit",
     "A new commit on top, so the history stays. Rows and schema become those of a commit in the "
     "history of the branch, named by id or tag.",
     "400 401 403 404 409 429", "BranchRevertRequest", "BranchRevertOutput"},
    {"POST", "/branches/revert/if-graph-commit", "revertBranchIfGraphCommit", "branches",
     "Revert a branch if a commit is its head", kConditionalNote, "400 401 403 404 409 412 429",
     "BranchRevertRequest", "BranchRevertOutput"},
    {"GET", "/tags", "listTags", "tags", "List the tags", "By name in byte order.", "401 403", "",
     "TagListOutput"},
    {"POST", "/tags", "createTag", "tags", "Name a commit for ever",
     "Needs branch_create. `from` is a branch (its head), a tag or a commit id. Cleanup keeps what "
     "a tag names.",
     "400 401 403 404 409 429", "TagCreateRequest", "TagOutput"},
    {"DELETE", "/tags/{tag}", "deleteTag", "tags", "Delete a tag",
     "Needs branch_delete. The commit stays if a branch leads to it.", "400 401 403 404 409 429",
     "", "TagDeleteOutput"},
    {"GET", "/commits", "listCommits", "commits", "List the commits of a branch",
     "Oldest first, from the first commit of the graph.", "400 401 403 404", "",
     "CommitListOutput"},
    {"GET", "/commits/{commit_id}", "getCommit", "commits", "Show a commit", "Of any branch.",
     "401 403 404", "", "CommitOutput"},
    {"GET", "/commits/{commit_id}/changes", "getCommitChanges", "changes", "Show what a commit did",
     "Against its first parent, with the images before and after. Nodes before edges, then by the "
     "identity of the type, then by id. The first commit of a graph and commits that changed the "
     "schema are refused with 409 and `change_diff_refusal`.",
     "400 401 404 409", "", "CommitChangesOutput"},
    {"GET", "/diff", "getDiff", "changes", "Compare two commits",
     "`from` and `to` are branches, tags or commit ids. Ascending by table key and id.",
     "400 401 403 404", "", "DiffOutput"},
    {"GET", "/changes", "pollChanges", "changes", "Follow the changes of a branch",
     "Give at most one of cursor, start (now, beginning or after:<commit id>) and page_token. A "
     "page with next_page_token ends within a commit; one with a cursor ends between commits, and "
     "the cursor is what to come back with. Every change is told at least once. The server "
     "remembers nothing. 410 with `change_feed_gap`: rows were cleaned up, take a new baseline.",
     "400 401 403 404 410", "", "ChangeFeedOutput"},
    {"POST", "/changes/baseline", "captureBaseline", "changes", "Capture every entity of a branch",
     "Lines of one entity each, and at the end {\"baseline\":{\"snapshot_commit_id\", "
     "\"resume_cursor\"}}: the commit and the cursor from which the feed goes on.",
     "400 401 403 404", "BaselineRequest", ""},
};

// Where routes begin that take lines instead of a JSON document.
constexpr std::string_view kLinesPath = "/load/ndjson";

Json Reference(std::string_view component) {
  return {{"$ref", "#/components/schemas/" + std::string(component)}};
}

std::string_view StatusMeaning(std::string_view status) {
  if (status == "400") return "The request is wrong; the text says how.";
  if (status == "401") return "The bearer token is missing or unknown.";
  if (status == "403") return "The policy does not allow it.";
  if (status == "404") return "There is no such thing.";
  if (status == "405") return "One graph is served: there is no list.";
  if (status == "412") return "Another commit is the head; nothing changed.";
  if (status == "410") return "What would come next was cleaned up.";
  if (status == "409") return "Another writer was first, or the name is taken.";
  if (status == "429") return "Too much of this actor is in flight.";
  return "The server failed.";
}

Json Parameter(std::string_view name, std::string_view place, bool is_required, Json schema) {
  return {{"name", name}, {"in", place}, {"required", is_required}, {"schema", std::move(schema)}};
}

/// Builds one document.
class Document {
 public:
  explicit Document(const OpenApiOptions& options)
      : options_(options), schemas_(Json::parse(OpenApiSchemas())) {}

  Json Build() {
    for (const OperationText& text : kOperations) {
      for (const Route& route : AllRoutes()) {
        if (route.method == text.method && route.path == text.path) Add(route, text);
      }
    }
    Json paths = Json::object();
    for (auto& [path, item] : paths_)
      paths[path] = std::move(item);
    Json components = {{"schemas", Json::object()}};
    for (auto& [name, schema] : used_)
      components["schemas"][name] = std::move(schema);
    if (options_.demands_tokens) {
      components["securitySchemes"]["bearer_token"] = {{"type", "http"}, {"scheme", "bearer"}};
    }
    return {{"openapi", "3.1.0"},
            {"info",
             {{"title", "Omnigraph API"},
              {"description",
               "The HTTP API of Omnigraph, a typed property-graph database with "
               "branches."},
              {"license", {{"name", "MIT"}, {"identifier", "MIT"}}},
              {"version", kApiVersion}}},
            {"paths", std::move(paths)},
            {"components", std::move(components)}};
  }

 private:
  void Add(const Route& route, const OperationText& text) {
    const bool is_moved = !options_.is_single && route.scope == RouteScope::kGraph;
    Json operation;
    operation["tags"] = {text.tag};
    operation["summary"] = text.summary;
    operation["description"] = text.description;
    operation["operationId"] = (is_moved ? "cluster_" : "") + std::string(text.id);
    Json parameters = Parameters(route, is_moved);
    if (!parameters.empty()) operation["parameters"] = std::move(parameters);
    AddBody(route, text, operation);
    operation["responses"] = Responses(route, text);
    if (route.is_deprecated()) operation["deprecated"] = true;
    if (options_.demands_tokens && route.needs_token()) {
      operation["security"] = Json::array({{{"bearer_token", Json::array()}}});
    }
    const std::string path = (is_moved ? "/graphs/{graph_id}" : "") + std::string(route.path);
    paths_[path][ToLowerAscii(route.method)] = std::move(operation);
  }

  static void AddChangeParameters(const Route& route, Json& parameters) {
    const Json text = {{"type", "string"}};
    const bool is_diff = route.path == "/diff";
    const bool is_feed = route.path == "/changes";
    if (!is_diff && !is_feed && !route.path.ends_with("}/changes")) return;
    for (const std::string_view name : {"from", "to"}) {
      if (is_diff) parameters.push_back(Parameter(name, "query", true, text));
    }
    const Json texts = {{"type", "array"}, {"items", text}};
    for (const std::string_view name : {"kind", "type", "op"})
      parameters.push_back(Parameter(name, "query", false, texts));
    if (is_diff) return;
    parameters.push_back(Parameter("page_token", "query", false, text));
    const Json count = {{"type", "integer"}, {"minimum", 1}, {"maximum", 10'000}};
    parameters.push_back(Parameter("limit", "query", false, count));
    for (const std::string_view name : {"branch", "cursor", "start"}) {
      if (is_feed) parameters.push_back(Parameter(name, "query", false, text));
    }
  }

  static void AddConditionParameters(const Route& route, Json& parameters) {
    const bool is_conditional = route.path.ends_with(kConditionalSuffix);
    std::string_view path = route.path;
    if (is_conditional) path.remove_suffix(kConditionalSuffix.size());
    constexpr std::string_view kKeyed[] = {"/mutate",         "/change",         "/queries/{name}",
                                           "/load",           "/load/ndjson",    "/ingest",
                                           "/branches/merge", "/branches/revert"};
    if (std::find(std::begin(kKeyed), std::end(kKeyed), path) == std::end(kKeyed)) return;
    const Json text = {{"type", "string"}};
    if (is_conditional) {
      parameters.push_back(Parameter("Omnigraph-If-Graph-Commit", "header", true, text));
    }
    parameters.push_back(Parameter("Idempotency-Key", "header", false, text));
  }

  static Json Parameters(const Route& route, bool is_moved) {
    const Json text = {{"type", "string"}};
    Json parameters = Json::array();
    if (is_moved) parameters.push_back(Parameter("graph_id", "path", true, text));
    const std::size_t open = route.path.find('{');
    if (open != std::string_view::npos) {
      const std::size_t close = route.path.find('}');
      const std::string_view name = route.path.substr(open + 1, close - open - 1);
      parameters.push_back(Parameter(name, "path", true, text));
    }
    const auto optional_text = [&parameters](std::string_view name) {
      parameters.push_back(Parameter(name, "query", false, {{"type", {"string", "null"}}}));
    };
    AddChangeParameters(route, parameters);
    AddConditionParameters(route, parameters);
    if (route.path == "/snapshot" || route.path == "/commits") optional_text("branch");
    if (route.path == "/schema" || route.path == "/snapshot") optional_text("snapshot");
    if (route.path.starts_with(kLinesPath)) {
      for (const std::string_view name : {"branch", "from", "mode"})
        optional_text(name);
      parameters.push_back(Parameter("ignore_unknown", "query", false, {{"type", "boolean"}}));
    }
    if (route.path == "/commits") {
      const Json count = {{"type", {"integer", "null"}}, {"format", "int64"}, {"minimum", 0}};
      parameters.push_back(Parameter("limit", "query", false, count));
    }
    return parameters;
  }

  void AddBody(const Route& route, const OperationText& text, Json& operation) {
    if (route.path.starts_with(kLinesPath)) {
      operation["requestBody"]["content"]["application/x-ndjson"]["schema"] = {{"type", "string"}};
      operation["requestBody"]["required"] = true;
    }
    if (text.request.empty()) return;
    Use(text.request);
    const bool is_required = route.body == BodyKind::kJson;
    Json schema = Reference(text.request);
    if (!is_required) {
      schema = {{"oneOf", Json::array({Json{{"type", "null"}}, Reference(text.request)})}};
    }
    operation["requestBody"]["content"]["application/json"]["schema"] = std::move(schema);
    operation["requestBody"]["required"] = is_required;
  }

  Json Responses(const Route& route, const OperationText& text) {
    Json responses;
    std::string meaning = "The answer.";
    if (route.is_deprecated()) meaning += " Carries the headers Deprecation and Link.";
    const std::string good = route.action == policy::Action::kClusterReload ? "202" : "200";
    responses[good]["description"] = meaning;
    if (text.response.empty()) {
      const std::string type =
          route.body == BodyKind::kNone ? "text/plain" : "application/x-ndjson";
      responses[good]["content"][type]["schema"] = {{"type", "string"}};
    } else {
      Use(text.response);
      responses[good]["content"]["application/json"]["schema"] = Reference(text.response);
    }
    for (const std::string_view status : Split(text.statuses, ' ')) {
      if (status.empty()) continue;
      Use("ErrorOutput");
      Json& response = responses[std::string(status)];
      response["description"] = StatusMeaning(status);
      if (route.path == "/query" && status == "400") {
        response["description"] = "The request is wrong; mutations go to POST /mutate.";
      }
      response["content"]["application/json"]["schema"] = Reference("ErrorOutput");
    }
    return responses;
  }

  /// Takes a component over, and what it refers to.
  void Use(std::string_view name) {
    const std::string key(name);
    if (used_.contains(key)) return;
    const Json schema = schemas_.at(key);
    used_[key] = schema;
    UseReferences(schema);
  }

  void UseReferences(const Json& schema) {
    constexpr std::string_view kPrefix = "#/components/schemas/";
    for (const auto& [key, value] : schema.items()) {
      if (key == "$ref") {
        Use(std::string_view(value.get_ref<const std::string&>()).substr(kPrefix.size()));
      } else if (value.is_structured()) {
        UseReferences(value);
      }
    }
  }

  const OpenApiOptions options_;
  const Json schemas_;
  std::map<std::string, Json> paths_;
  std::map<std::string, Json> used_;
};

}  // namespace

std::string RenderOpenApi(const OpenApiOptions& options) {
  return Document(options).Build().dump(2) + "\n";
}

}  // namespace omnigraph::server
