// Implements query/lint.h.

#include "query/lint.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "base/json_writer.h"
#include "query/check.h"
#include "query/parser.h"

namespace omnigraph::query {
namespace {

// Which queries update a node type, and which of its properties they set.
struct UpdatesOfType {
  std::set<std::string> query_names;
  std::set<std::uint32_t> properties;
};

using Updates = std::map<std::uint32_t, UpdatesOfType>;

void CollectUpdates(const CheckedQuery& query, Updates* updates) {
  if (query.mutation() == nullptr) return;
  for (const Statement& statement : query.mutation()->statements) {
    const auto* update = std::get_if<UpdateNode>(&statement.action);
    if (update == nullptr) continue;
    UpdatesOfType& entry = (*updates)[update->node_type];
    entry.query_names.insert(query.name);
    for (const Assignment& assignment : update->assignments) {
      entry.properties.insert(assignment.property);
    }
  }
}

void FindNeverUpdated(const Updates& updates, const schema::Catalog& catalog,
                      std::vector<LintFinding>* findings) {
  for (const auto& [ordinal, entry] : updates) {
    const schema::NodeType& type = catalog.node(ordinal);
    for (const schema::Property& property : type.properties) {
      const bool is_expected =
          property.type.is_nullable && !property.is_key && !property.embed_source;
      if (!is_expected || entry.properties.contains(property.ordinal)) continue;
      LintFinding& finding = findings->emplace_back();
      finding.code = "L201";
      finding.message =
          type.name + "." + property.name + " exists in schema but no update query sets it";
      finding.type_name = type.name;
      finding.property = property.name;
      finding.query_names.assign(entry.query_names.begin(), entry.query_names.end());
    }
  }
}

LintFinding ParseFinding(const text::Source& source,
                         const std::vector<text::Diagnostic>& diagnostics) {
  LintFinding finding;
  finding.severity = text::Severity::kError;
  finding.code = "Q000";
  finding.message = ParseErrorText(source, diagnostics.front());
  if (diagnostics.size() > 1) {
    finding.message += "; " + std::to_string(diagnostics.size() - 1) + " more in this file";
  }
  return finding;
}

std::string_view SeverityName(text::Severity severity) {
  return severity == text::Severity::kError ? "error" : "warning";
}

void AppendStrings(std::string_view key, const std::vector<std::string>& strings,
                   JsonWriter& json) {
  if (strings.empty()) return;
  json.Key(key).BeginArray();
  for (const std::string& text : strings)
    json.String(text);
  json.EndArray();
}

void AppendResult(const LintResult& result, JsonWriter& json) {
  json.BeginObject().Key("name").String(result.name);
  json.Key("kind").String(result.is_mutation ? "mutation" : "read");
  json.Key("status").String(result.error.empty() ? "ok" : "error");
  AppendStrings("warnings", result.warnings, json);
  if (!result.error.empty()) json.Key("error").String(result.error);
  if (result.operation) {
    std::string operation;
    AppendJson(*result.operation, operation);
    json.Key("operation").Raw(operation);
  }
  json.EndObject();
}

void AppendFinding(const LintFinding& finding, JsonWriter& json) {
  json.BeginObject().Key("severity").String(SeverityName(finding.severity));
  json.Key("code").String(finding.code).Key("message").String(finding.message);
  if (!finding.type_name.empty()) json.Key("type_name").String(finding.type_name);
  if (!finding.property.empty()) json.Key("property").String(finding.property);
  AppendStrings("query_names", finding.query_names, json);
  json.EndObject();
}

}  // namespace

std::size_t LintReport::errors_count() const {
  const auto failed = std::count_if(results.begin(), results.end(),
                                    [](const LintResult& result) { return !result.error.empty(); });
  const auto found = std::count_if(
      findings.begin(), findings.end(),
      [](const LintFinding& finding) { return finding.severity == text::Severity::kError; });
  return static_cast<std::size_t>(failed + found);
}

std::size_t LintReport::warnings_count() const {
  std::size_t count = 0;
  for (const LintResult& result : results)
    count += result.warnings.size();
  for (const LintFinding& finding : findings) {
    count += finding.severity == text::Severity::kWarning ? 1 : 0;
  }
  return count;
}

LintReport Lint(const text::Source& source, const schema::Catalog& catalog) {
  LintReport report;
  text::Diagnostics syntax;
  const ast::File file = Parse(source, syntax);
  if (syntax.has_errors()) {
    report.diagnostics = std::move(syntax).Take();
    report.findings.push_back(ParseFinding(source, report.diagnostics));
    return report;
  }

  Updates updates;
  for (const ast::Query& query : file.queries) {
    LintResult& result = report.results.emplace_back();
    result.name = query.name.text;
    result.is_mutation = query.is_mutation();
    if (result.is_mutation && query.parameters.empty()) {
      result.warnings.push_back("mutation declares no params: its values are hardcoded");
    }
    CheckOutcome outcome = Check(query, catalog);
    if (outcome.query) {
      CollectUpdates(*outcome.query, &updates);
      result.operation = DescribeOperation(*outcome.query, catalog);
    } else {
      result.error = TypeErrorText(outcome.diagnostics.front());
      std::move(outcome.diagnostics.begin(), outcome.diagnostics.end(),
                std::back_inserter(report.diagnostics));
    }
  }
  FindNeverUpdated(updates, catalog, &report.findings);
  std::stable_sort(report.findings.begin(), report.findings.end(),
                   [](const LintFinding& a, const LintFinding& b) {
                     return std::tie(a.severity, a.type_name, a.property, a.message) <
                            std::tie(b.severity, b.type_name, b.property, b.message);
                   });
  return report;
}

std::string LintJson(const LintReport& report, const LintSchemaSource& schema_source,
                     std::string_view query_path) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("status").String(report.is_ok() ? "ok" : "error");
  json.Key("schema_source").BeginObject();
  json.Key("kind").String(schema_source.is_graph ? "graph" : "file");
  json.Key(schema_source.is_graph ? "uri" : "path").String(schema_source.location).EndObject();
  json.Key("query_path").String(query_path);
  json.Key("queries_processed").Uint(report.results.size());
  json.Key("errors").Uint(report.errors_count());
  json.Key("warnings").Uint(report.warnings_count());
  json.Key("infos").Uint(0);
  json.Key("results").BeginArray();
  for (const LintResult& result : report.results)
    AppendResult(result, json);
  json.EndArray().Key("findings").BeginArray();
  for (const LintFinding& finding : report.findings)
    AppendFinding(finding, json);
  json.EndArray().EndObject();
  return out;
}

std::string LintText(const LintReport& report) {
  std::string out;
  for (const LintResult& result : report.results) {
    const std::string subject = "query `" + result.name + "`";
    if (result.error.empty()) {
      out += "OK    " + subject + (result.is_mutation ? " (mutation)\n" : " (read)\n");
    } else {
      out += "ERROR " + subject + ": " + result.error + "\n";
    }
    for (const std::string& warning : result.warnings) {
      out += "WARN  " + subject + ": " + warning + "\n";
    }
  }
  for (const LintFinding& finding : report.findings) {
    const bool is_error = finding.severity == text::Severity::kError;
    out += (is_error ? "ERROR " : "WARN  ") + finding.message + "\n";
  }
  out += "INFO  Lint complete: " + std::to_string(report.results.size()) + " queries processed (" +
         std::to_string(report.errors_count()) + " error(s), " +
         std::to_string(report.warnings_count()) + " warning(s), 0 info item(s))\n";
  return out;
}

}  // namespace omnigraph::query
