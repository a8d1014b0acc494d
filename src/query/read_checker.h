// Checks one read: match, return, order and limit, in this order (S5.2). Internal to `query`.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "query/check_context.h"
#include "query/scope.h"

namespace omnigraph::query {

/// Functions that return an optional have reported why there is no value, or it follows from an
/// error reported before.
class ReadChecker {
 public:
  ReadChecker(CheckContext& context, ReadQuery* read)
      : context_(context), read_(read), scope_(&read->variables) {}

  void Check(const ast::Read& read);

 private:
  using Maybe = std::optional<Expression>;

  // check_match.cc
  void CheckClauses(const std::vector<ast::Clause>& clauses, Pattern* pattern);
  void CheckBinding(const ast::Binding& binding, Pattern* pattern);
  void CheckField(const ast::Field& field, const schema::NodeType& type, std::uint32_t variable,
                  Pattern* pattern);
  bool FieldAccepts(const Expression& value, const schema::Property& property,
                    const std::string& what, text::Span name_span);
  void CheckTraversal(const ast::Traversal& traversal, Pattern* pattern);
  std::uint32_t EndpointVariable(const Name& name);
  bool ResolveDirection(const ast::Traversal& traversal, const schema::EdgeType& edge,
                        std::uint32_t left, std::uint32_t right, Traversal* resolved);
  bool SetEndpointType(const Name& name, std::uint32_t variable, std::uint32_t type,
                       const schema::EdgeType& edge);
  void FailEndpoint(const Name& name, std::uint32_t variable, const schema::EdgeType& edge);
  void CheckHops(const ast::Traversal& traversal, Traversal* resolved);
  bool CheckEdgeVariable(const ast::Traversal& traversal, const schema::EdgeType& edge,
                         Traversal* resolved);
  void CheckFilter(const ast::Filter& filter, Pattern* pattern);
  Maybe MakeFilter(const ast::Filter& filter, Expression left, Expression right);
  Maybe MakeContainsFilter(const ast::Filter& filter, Expression left, Expression right);
  void CheckNegation(const ast::Negation& negation, Pattern* pattern);
  bool MentionsVisible(const std::vector<ast::Clause>& clauses) const;
  bool MentionsVisible(const ast::Expression& expression) const;

  // check_expressions.cc
  Maybe CheckExpression(const ast::Expression& expression);
  Maybe CheckVariable(const Name& name);
  Maybe CheckProperty(const ast::Expression& expression);
  /// The visible variable of a property access; kNone after an error with `code`.
  std::uint32_t PropertyVariable(const Name& name, const std::string& code);
  const schema::TableType& TypeOf(std::uint32_t variable) const;
  Maybe CheckAlias(const Name& name);
  Maybe CheckTextCall(const ast::Expression& call);
  bool CheckTextField(const ast::Expression& call, std::string_view function,
                      const std::string& code, Expression* checked);
  bool CheckTextQuery(const ast::Expression& call, std::string_view function,
                      const std::string& code, Expression* checked);
  bool CheckEdits(const ast::Expression& call, Expression* checked);
  Maybe CheckNearest(const ast::Expression& call);
  bool CheckNearestQuery(const ast::Expression& query, const types::Type& field,
                         const std::string& what, Expression* checked);
  Maybe CheckRrf(const ast::Expression& call);
  bool CheckRrfConstant(const ast::Expression& call, Expression* checked);
  bool RejectEdge(std::uint32_t variable, const Name& name, std::string_view function);
  std::vector<std::string_view> Names() const;

  // check_return.cc
  void CheckProjection(const ast::Projection& projection);
  Maybe CheckAggregate(const ast::Expression& call, types::Type* type);
  bool AggregateAccepts(AggregateFunction function, const Expression& argument);
  bool RejectBlob(const Expression& expression, std::string_view attempted);
  void CheckOrdering(const ast::Ordering& ordering, bool is_first);
  bool ResolveColumnTerm(const ast::Ordering& ordering, OrderTerm* term);
  bool ResolveGroupTerm(OrderTerm* term);
  bool RankedVariableIsGrouped(std::uint32_t variable) const;
  void FailOrdering(text::Span span, std::string why);
  void CheckRankingRules(const ast::Read& read);
  void CheckGroupKeys(const ast::Read& read);

  CheckContext& context_;
  ReadQuery* read_;
  Scope scope_;
  /// Aliases seen so far; kNone for one whose expression is wrong.
  std::map<std::string, std::uint32_t, std::less<>> aliases_;
  std::set<std::uint32_t> bad_projections_;  ///< Those with an error.
};

/// The column name of a projection without an alias (S8.2).
std::string DefaultColumnName(const ast::Expression& expression);

/// The function's name as written: "search".
std::string_view FunctionName(ast::ExpressionKind kind);

}  // namespace omnigraph::query
