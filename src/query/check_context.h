// What the checkers of reads and of mutations share: the catalog, the parameters, the errors and
// the typing of constants. Internal to `query`.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/ast.h"
#include "query/checked.h"
#include "schema/catalog.h"
#include "text/diagnostic.h"

namespace omnigraph::query {

struct CheckContext {
  const schema::Catalog& catalog;
  text::Diagnostics& diagnostics;
  CheckedQuery& query;
  std::map<std::string, std::uint32_t, std::less<>> parameter_ordinals{};  ///< Of query.parameters.

  void Error(std::string code, text::Span span, std::string summary, std::string help = {}) {
    diagnostics.Error(std::move(code), span, std::move(summary), std::move(help));
  }
  std::size_t errors_count() const { return diagnostics.items().size(); }

  /// Ordinal of a declared parameter, or kNone.
  std::uint32_t FindParameter(std::string_view name) const;
  Expression MakeParameter(std::uint32_t ordinal, text::Span span) const;

  /// A literal with its type and value; malformed dates go to `query.constant_errors`.
  /// Errors: lists in lists, elements of different types.
  std::optional<Expression> CheckLiteral(const ast::Literal& literal);

  /// A literal, a declared parameter or `now()`. Errors: as CheckLiteral; `undeclared_code` for a
  /// variable that is no parameter.
  std::optional<Expression> CheckConstant(const ast::Expression& value,
                                          std::string undeclared_code);

  /// Adds T3 and returns false if a literal among the values of an enum property is none of them.
  bool CheckEnum(const Expression& literal, const schema::Property& property,
                 const std::string& what);
};

/// "a similar property exists: 'email'", or nothing.
std::string SuggestProperty(const schema::TableType& type, std::string_view name);
/// "a similar type exists: 'Person'", or nothing.
std::string Suggest(std::string_view thing, std::string_view name,
                    const std::vector<std::string_view>& candidates);

/// "Person.age".
std::string QualifiedName(const schema::TableType& type, const schema::Property& property);

Expression MakeNow(text::Span span);

/// `property op value` of plain compatible types, Bool.
Expression MakeCompare(CompareOp op, Expression left, Expression right, text::Span span);

/// `list contains value` of compatible types, Bool.
Expression MakeContains(Expression list, Expression value, text::Span span);

}  // namespace omnigraph::query
