// query and mutate: a text, a stored query of a server, or an alias of one.

#include <string>
#include <utility>
#include <variant>

#include "base/strings.h"
#include "cli/graph_access.h"
#include "cli/handlers.h"
#include "cli/invocation.h"
#include "cli/json_text.h"
#include "cli/query_source.h"
#include "cli/result_formats.h"
#include "cli/write_conditions.h"
#include "client/remote_graph.h"

namespace omnigraph::cli {
namespace {

// How to print rows, from the flags down to the built-in. A broken operator config counts as none
// here: it is reported where it decides something.
struct Output {
  OutputFormat format = OutputFormat::kTable;
  TableLayout layout;
};

Result<Output> ResolveOutput(Invocation& invocation, std::optional<OutputFormat> alias_format) {
  const CommandLine& line = invocation.line();
  OG_ASSIGN_OR_RETURN(const ProjectConfig* project, invocation.Project());
  const auto person = invocation.Operator();
  const OutputSettings operator_output = person.ok() ? (*person)->output : OutputSettings{};
  Output output;
  std::optional<OutputFormat> format;
  if (invocation.wants_json()) format = OutputFormat::kJson;
  if (const auto name = line.Find("format")) format = FindOutputFormat(*name);
  if (!format.has_value()) format = alias_format;
  if (!format.has_value()) format = project->output.format;
  if (!format.has_value()) format = operator_output.format;
  output.format = format.value_or(OutputFormat::kTable);
  output.layout.column_width_max = project->output.column_width_max.value_or(
      operator_output.column_width_max.value_or(output.layout.column_width_max));
  output.layout.cell_layout = project->output.cell_layout.value_or(
      operator_output.cell_layout.value_or(output.layout.cell_layout));
  return output;
}

Result<int> PrintAnswer(Invocation& invocation, const engine::QueryAnswer& answer,
                        std::optional<OutputFormat> alias_format = std::nullopt) {
  OG_ASSIGN_OR_RETURN(const Output output, ResolveOutput(invocation, alias_format));
  OG_RETURN_IF_ERROR(invocation.console().Write(
      FormatAnswer(answer, output.format, output.layout, invocation.line().Has("receipt"))));
  return 0;
}

Result<int> PrintMutation(Invocation& invocation, const engine::MutationAnswer& answer,
                          std::optional<std::string> actor) {
  OG_RETURN_IF_ERROR(
      invocation.Print(MutationView{answer, std::move(actor), invocation.line().Has("receipt")}));
  return 0;
}

// The plan instead of the rows.
Result<int> PrintPlan(Invocation& invocation, const engine::QueryAnswer& answer) {
  if (!answer.plan.has_value()) {
    return Status::Error(ErrorCode::kUnavailable,
                         "the server answered without a plan: it is too old for --explain");
  }
  OG_RETURN_IF_ERROR(invocation.console().Write(invocation.wants_json() ? answer.plan->json + "\n"
                                                                        : answer.plan->text));
  return 0;
}

// Runs a stored query and prints what it answers.
Result<int> Invoke(Invocation& invocation, client::RemoteGraph& server,
                   const client::StoredQueryRequest& request,
                   std::optional<OutputFormat> alias_format) {
  OG_ASSIGN_OR_RETURN(const auto answer, server.InvokeStored(request));
  if (const auto* read = std::get_if<engine::QueryAnswer>(&answer))
    return PrintAnswer(invocation, *read, alias_format);
  return PrintMutation(invocation, std::get<engine::MutationAnswer>(answer),
                       server.last_echo().actor_id);
}

Result<int> RunStored(Invocation& invocation, const QuerySource& source, bool expects_mutation) {
  OG_ASSIGN_OR_RETURN(const GraphAddress address, ResolveAddress(invocation, source.uri));
  if (!address.is_remote) {
    return Status::Error(ErrorCode::kInvalidArgument,
                         "'" + source.name + "' would be a stored query, and '" + address.uri +
                             "' is no server: give the text with --query <PATH> or "
                             "-e/--query-string <GQ>");
  }
  OG_ASSIGN_OR_RETURN(const auto params, ReadParameters(invocation));
  OG_ASSIGN_OR_RETURN(const auto server, OpenServer(invocation, address));
  client::StoredQueryRequest request;
  request.name = source.name;
  if (params.has_value()) request.params_json = *params;
  request.branch = invocation.line().Find("branch");
  request.snapshot = invocation.line().Find("snapshot");
  request.expects_mutation = expects_mutation;
  if (invocation.line().Has("explain")) {
    return Status::Error(ErrorCode::kInvalidArgument,
                         "--explain needs the text of a query: give it with --query <PATH> or "
                         "-e/--query-string <GQ>");
  }
  return Invoke(invocation, *server, request, std::nullopt);
}

// What an alias cannot honour is refused, not ignored.
Status CheckAliasLine(const CommandLine& line, const std::string& alias) {
  for (const std::string_view key :
       {"branch", "snapshot", "uri", "target", "server", "name", "policy"}) {
    if (!line.Has(key)) continue;
    return Status::Error(ErrorCode::kInvalidArgument,
                         "--" + std::string(key) + " does not go with --alias: alias '" + alias +
                             "' says which query of which server runs");
  }
  return Status::Ok();
}

Result<std::string> AliasParameters(Invocation& invocation, const std::string& name,
                                    const OperatorAlias& alias,
                                    const std::vector<std::string>& values) {
  if (values.size() > alias.arguments.size()) {
    return Status::Error(ErrorCode::kInvalidArgument,
                         "alias '" + name + "' takes at most " +
                             std::to_string(alias.arguments.size()) + " argument(s) (" +
                             Join(alias.arguments, ", ") + "), and got " +
                             std::to_string(values.size()));
  }
  std::string params = alias.params_json;
  for (std::size_t index = 0; index < values.size(); ++index)
    params = MergeParameters(params, ArgumentAsParameter(alias.arguments[index], values[index]));
  OG_ASSIGN_OR_RETURN(const auto given, ReadParameters(invocation));
  return given.has_value() ? MergeParameters(params, *given) : params;
}

Result<int> RunAlias(Invocation& invocation, const QuerySource& source, bool expects_mutation) {
  OG_RETURN_IF_ERROR(CheckAliasLine(invocation.line(), source.name));
  OG_ASSIGN_OR_RETURN(const OperatorConfig* person, invocation.Operator());
  const auto found = person->aliases.find(source.name);
  if (found == person->aliases.end()) {
    std::vector<std::string> names;
    for (const auto& [name, alias] : person->aliases)
      names.push_back(name);
    return Status::Error(
        ErrorCode::kNotFound,
        "alias '" + source.name + "' not found" +
            (names.empty() ? std::string() : " (defined: " + Join(names, ", ") + ")") +
            ": aliases stand under `aliases:` in the operator's config.yaml");
  }
  const OperatorAlias& alias = found->second;
  const auto server_url = person->servers.find(alias.server);
  if (server_url == person->servers.end()) {
    return Status::Error(
        ErrorCode::kNotFound,
        "alias '" + source.name + "' names the unknown server '" + alias.server + "'");
  }
  GraphAddress address{server_url->second, true, {}};
  if (alias.graph.has_value()) address.uri = client::GraphUrl(address.uri, *alias.graph);
  OG_ASSIGN_OR_RETURN(const std::string params,
                      AliasParameters(invocation, source.name, alias, source.arguments));
  OG_ASSIGN_OR_RETURN(const auto server, OpenServer(invocation, address));
  client::StoredQueryRequest request;
  request.name = alias.query;
  if (params != "{}") request.params_json = params;
  request.expects_mutation = expects_mutation;
  if (expects_mutation) {
    OG_ASSIGN_OR_RETURN(request.conditions, ConditionsOf(invocation.line()));
  }
  return Invoke(invocation, *server, request, alias.format);
}

}  // namespace

Result<int> RunQuery(Invocation& invocation) {
  OG_ASSIGN_OR_RETURN(const QuerySource source, ResolveSource(invocation));
  if (source.kind == SourceKind::kAlias) return RunAlias(invocation, source, false);
  if (source.kind == SourceKind::kStored) return RunStored(invocation, source, false);
  OG_ASSIGN_OR_RETURN(const auto params, ReadParameters(invocation));
  OG_ASSIGN_OR_RETURN(const GraphAddress address, ResolveAddress(invocation, source.uri));
  engine::QueryRequest request;
  OG_ASSIGN_OR_RETURN(request.target, invocation.Target());
  request.source = source.text;
  request.name = source.name;
  if (params.has_value()) request.params_json = *params;
  if (const auto what = invocation.line().Find("explain")) {
    request.explain = engine::FindExplain(*what).value_or(engine::Explain::kNone);
  }
  OG_ASSIGN_OR_RETURN(const OpenedGraph opened, OpenGraphAt(invocation, address, Access::kRead));
  OG_ASSIGN_OR_RETURN(const auto answer, opened.graph->Query(opened.caller, request));
  if (request.explain != engine::Explain::kNone) return PrintPlan(invocation, answer);
  return PrintAnswer(invocation, answer);
}

Result<int> RunMutate(Invocation& invocation) {
  OG_ASSIGN_OR_RETURN(const QuerySource source, ResolveSource(invocation));
  if (source.kind == SourceKind::kAlias) return RunAlias(invocation, source, true);
  if (source.kind == SourceKind::kStored) return RunStored(invocation, source, true);
  OG_ASSIGN_OR_RETURN(const auto params, ReadParameters(invocation));
  OG_ASSIGN_OR_RETURN(const GraphAddress address, ResolveAddress(invocation, source.uri));
  engine::MutationRequest request;
  OG_ASSIGN_OR_RETURN(request.branch, invocation.Branch());
  OG_ASSIGN_OR_RETURN(request.conditions, ConditionsOf(invocation.line()));
  request.source = source.text;
  request.name = source.name;
  if (params.has_value()) request.params_json = *params;
  OG_ASSIGN_OR_RETURN(const OpenedGraph opened, OpenGraphAt(invocation, address, Access::kWrite));
  OG_ASSIGN_OR_RETURN(const auto answer, opened.graph->Mutate(opened.caller, request));
  return PrintMutation(invocation, answer, opened.Writer());
}

}  // namespace omnigraph::cli
