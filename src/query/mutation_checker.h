// Checks the statements of a mutation (S5.3, S12). Internal to `query`.

#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "query/check_context.h"

namespace omnigraph::query {

class MutationChecker {
 public:
  MutationChecker(CheckContext& context, MutationQuery* mutation)
      : context_(context), mutation_(mutation) {}

  void Check(const ast::Mutation& mutation);

 private:
  using Maybe = std::optional<Expression>;

  void CheckInsert(const ast::Statement& statement);
  void CheckUpdate(const ast::Statement& statement);
  void CheckDelete(const ast::Statement& statement);
  void FailType(const Name& type);
  void CheckDuplicates(const ast::Statement& statement);
  std::vector<Assignment> CheckAssignments(const ast::Statement& statement,
                                           const schema::TableType& type, InsertEdge* edge);
  void CheckAssignment(const ast::Field& field, const schema::TableType& type,
                       std::vector<Assignment>* assignments);
  bool AcceptsValue(const Expression& value, const schema::Property& property,
                    const std::string& what);
  bool AcceptsVector(const Expression& value, const schema::Property& property,
                     const std::string& what);
  Maybe CheckEndpoint(const Name& name, const ast::Expression& value, const schema::TableType& type,
                      std::string code);
  void CheckRequired(const ast::Statement& statement, const schema::TableType& type);
  Maybe CheckPredicate(const ast::Predicate& predicate, const schema::TableType& type);
  Maybe PredicateField(const Name& name, const schema::TableType& type);
  void Push(const ast::Statement& statement, decltype(Statement::action) action);

  CheckContext& context_;
  MutationQuery* mutation_;
};

}  // namespace omnigraph::query
