// Implements the comparisons of query/ast.h that cannot be written before their types are complete.

#include "query/ast.h"

namespace omnigraph::query::ast {

bool operator==(const Clause& left, const Clause& right) {
  return left.item == right.item;
}

bool operator==(const Negation& left, const Negation& right) {
  return left.clauses == right.clauses;
}

}  // namespace omnigraph::query::ast
