// Implements query/check.h: parameters, the body, and what the query touches.

#include "query/check.h"

#include <set>

#include "query/check_context.h"
#include "query/mutation_checker.h"
#include "query/parameters.h"
#include "query/read_checker.h"

namespace omnigraph::query {
namespace {

void CheckParameters(const ast::Query& written, CheckContext& context) {
  context.query.parameters = DeclaredParameters(written);
  for (const ast::Parameter& parameter : written.parameters) {
    const std::string& name = parameter.name.text;
    context.parameter_ordinals.emplace(
        name, static_cast<std::uint32_t>(context.parameter_ordinals.size()));
    if (name == kReservedParameter) {
      context.Error("", parameter.name.place.span, "the parameter name '" + name + "' is reserved",
                    "use now() for the current instant");
    }
    const auto dimension = parameter.type.vector_dimension;
    if (dimension && (*dimension < 1 || *dimension > kVectorDimensionMax)) {
      context.Error(
          "", parameter.type.place.span,
          "unknown parameter type 'Vector(" + std::to_string(*dimension) + ")' of '$" + name + "'",
          "a vector has 1 to " + std::to_string(kVectorDimensionMax) + " dimensions");
    }
  }
}

// Ordinals within a catalog ascend with names, so an ordered set sorts as S20.2 wants it.
struct Touched {
  std::set<std::pair<bool, std::uint32_t>> reads;
  std::set<std::pair<bool, std::uint32_t>> writes;

  void Node(std::uint32_t type, bool is_written) { Add(false, type, is_written); }
  void Edge(const schema::EdgeType& edge, bool is_written) { Add(true, edge.ordinal, is_written); }
  void Add(bool is_edge, std::uint32_t type, bool is_written) {
    reads.insert({is_edge, type});
    if (is_written) writes.insert({is_edge, type});
  }
};

void TouchPattern(const Pattern& pattern, const std::vector<Variable>& variables,
                  const schema::Catalog& catalog, Touched* touched) {
  for (const std::uint32_t ordinal : pattern.variables) {
    const Variable& variable = variables[ordinal];
    if (variable.kind == VariableKind::kNode) touched->Node(variable.type, false);
  }
  for (const Traversal& traversal : pattern.traversals) {
    touched->Edge(catalog.edge(traversal.edge_type), false);
  }
  for (const Negation& negation : pattern.negations) {
    TouchPattern(negation.pattern, variables, catalog, touched);
  }
}

void TouchStatement(const Statement& statement, const schema::Catalog& catalog, Touched* touched) {
  if (const auto* insert = std::get_if<InsertNode>(&statement.action)) {
    touched->Node(insert->node_type, true);
  } else if (const auto* edge_insert = std::get_if<InsertEdge>(&statement.action)) {
    const schema::EdgeType& edge = catalog.edge(edge_insert->edge_type);
    touched->Edge(edge, true);
    touched->Node(edge.from, false);
    touched->Node(edge.to, false);
  } else if (const auto* update = std::get_if<UpdateNode>(&statement.action)) {
    touched->Node(update->node_type, true);
  } else if (const auto* node_delete = std::get_if<DeleteNode>(&statement.action)) {
    touched->Node(node_delete->node_type, true);
    for (const schema::EdgeType* edge : catalog.EdgesOf(catalog.node(node_delete->node_type))) {
      touched->Edge(*edge, true);
    }
  } else if (const auto* edge_delete = std::get_if<DeleteEdge>(&statement.action)) {
    touched->Edge(catalog.edge(edge_delete->edge_type), true);
  }
}

std::vector<TouchedType> ToVector(const std::set<std::pair<bool, std::uint32_t>>& touched) {
  std::vector<TouchedType> result;
  for (const auto& [is_edge, type] : touched)
    result.push_back({is_edge, type});
  return result;
}

void RecordTouched(const schema::Catalog& catalog, CheckedQuery* query) {
  Touched touched;
  if (const ReadQuery* read = query->read()) {
    TouchPattern(read->match, read->variables, catalog, &touched);
  } else {
    for (const Statement& statement : query->mutation()->statements) {
      TouchStatement(statement, catalog, &touched);
    }
  }
  query->reads = ToVector(touched.reads);
  query->writes = ToVector(touched.writes);
}

}  // namespace

CheckOutcome Check(const ast::Query& query, const schema::Catalog& catalog) {
  CheckedQuery checked;
  checked.name = query.name.text;
  text::Diagnostics diagnostics;
  CheckContext context{catalog, diagnostics, checked, {}};
  CheckParameters(query, context);
  if (const auto* read = std::get_if<ast::Read>(&query.body)) {
    ReadChecker(context, &checked.body.emplace<ReadQuery>()).Check(*read);
  } else {
    MutationChecker(context, &checked.body.emplace<MutationQuery>())
        .Check(std::get<ast::Mutation>(query.body));
  }

  CheckOutcome outcome;
  outcome.diagnostics = diagnostics.items();
  if (!diagnostics.has_errors()) {
    RecordTouched(catalog, &checked);
    outcome.query = std::move(checked);
  }
  return outcome;
}

std::string TypeErrorText(const text::Diagnostic& error) {
  std::string text = "type error: ";
  if (!error.code.empty()) text += error.code + ": ";
  text += error.summary;
  if (!error.help.empty()) text += " (" + error.help + ")";
  return text;
}

}  // namespace omnigraph::query
