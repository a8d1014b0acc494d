// Checks of `return`, `order` and `limit` (S5.3, S8, S9, S10.6).

#include <algorithm>

#include "base/strings.h"
#include "query/read_checker.h"
#include "query/type_rules.h"

namespace omnigraph::query {
namespace {

using types::Scalar;
using types::TypeName;

bool IsRanking(ExpressionKind kind) {
  return kind == ExpressionKind::kNearest || kind == ExpressionKind::kBm25 ||
         kind == ExpressionKind::kRrf;
}

bool IsTextPredicate(ExpressionKind kind) {
  return kind == ExpressionKind::kSearch || kind == ExpressionKind::kFuzzy ||
         kind == ExpressionKind::kMatchText;
}

// The variable that a ranking expression ranks.
std::uint32_t RankedVariable(const Expression& ranking) {
  const Expression& call = ranking.kind == ExpressionKind::kRrf ? ranking.arguments[0] : ranking;
  return call.arguments[0].variable;
}

bool IsSameGroupKey(const Expression& left, const Expression& right) {
  return left.kind == right.kind && left.variable == right.variable &&
         left.property == right.property && left.parameter == right.parameter;
}

}  // namespace

std::string DefaultColumnName(const ast::Expression& expression) {
  switch (expression.kind) {
    case ast::ExpressionKind::kLiteral:
      return "literal";
    case ast::ExpressionKind::kVariable:
      return expression.variable.text;
    case ast::ExpressionKind::kProperty:
      return expression.variable.text + "." + expression.name.text;
    case ast::ExpressionKind::kName:
      return expression.name.text;
    case ast::ExpressionKind::kAggregate:
      return DefaultColumnName(expression.arguments[0]);
    default:
      return std::string(FunctionName(expression.kind));
  }
}

void ReadChecker::Check(const ast::Read& read) {
  scope_.Enter(read.match, &read_->match);
  CheckClauses(read.match, &read_->match);
  const bool has_aggregate =
      std::any_of(read.projections.begin(), read.projections.end(), [](const auto& projection) {
        return projection.expression.kind == ast::ExpressionKind::kAggregate;
      });
  read_->is_aggregate = has_aggregate;
  for (const ast::Projection& projection : read.projections)
    CheckProjection(projection);
  if (read.limit) read_->limit_rows_count = read.limit->rows_count;
  for (std::size_t i = 0; i < read.order.size(); ++i)
    CheckOrdering(read.order[i], i == 0);
  CheckRankingRules(read);
  if (has_aggregate) CheckGroupKeys(read);
}

bool ReadChecker::RejectBlob(const Expression& expression, std::string_view attempted) {
  if (expression.type.scalar != Scalar::kBlob) return false;
  context_.Error("T24", expression.span, "cannot " + std::string(attempted) + " a Blob in a query",
                 "read the bytes of one node through the blob interface");
  return true;
}

void ReadChecker::CheckProjection(const ast::Projection& written) {
  Projection projection;
  projection.name = written.alias ? written.alias->text : DefaultColumnName(written.expression);
  projection.span = written.place.span;
  Maybe value;
  if (written.expression.kind == ast::ExpressionKind::kAggregate) {
    projection.aggregate = written.expression.function;
    value = CheckAggregate(written.expression, &projection.type);
  } else {
    value = CheckExpression(written.expression);
    if (value && RejectBlob(*value, "return")) value.reset();
    if (value) projection.type = value->type;
    if (value && written.expression.kind == ast::ExpressionKind::kName) {
      // An alias of an aggregate stands for the aggregate, not for its argument.
      const Projection& named =
          read_->projections[aliases_.find(written.expression.name.text)->second];
      projection.aggregate = named.aggregate;
      projection.type = named.type;
    }
  }
  const auto ordinal = static_cast<std::uint32_t>(read_->projections.size());
  if (written.alias) aliases_.emplace(written.alias->text, value ? ordinal : kNone);
  if (value) projection.expression = std::move(*value);
  if (!value) bad_projections_.insert(ordinal);
  read_->projections.push_back(std::move(projection));
}

ReadChecker::Maybe ReadChecker::CheckAggregate(const ast::Expression& call, types::Type* type) {
  const AggregateFunction function = call.function;
  const std::string name(AggregateName(function));
  const ast::Expression& argument = call.arguments[0];
  const auto fail_nested = [&](std::string_view inner) {
    context_.Error("T8", argument.place.span,
                   name + "(" + std::string(inner) +
                       "(…)): the argument of an aggregate may not be " +
                       "an aggregate, a search function or a ranking");
    return std::nullopt;
  };
  if (argument.kind == ast::ExpressionKind::kAggregate) {
    return fail_nested(AggregateName(argument.function));
  }
  if (argument.kind == ast::ExpressionKind::kName) {
    const auto alias = aliases_.find(argument.name.text);
    if (alias != aliases_.end() && alias->second != kNone &&
        read_->projections[alias->second].aggregate) {
      return fail_nested(AggregateName(*read_->projections[alias->second].aggregate));
    }
  }
  const std::size_t errors_before = context_.errors_count();
  Maybe value = CheckExpression(argument);
  const bool is_search =
      IsTextPredicate(value ? value->kind : ExpressionKind::kLiteral) ||
      (value && IsRanking(value->kind)) ||
      (!FunctionName(argument.kind).empty() && argument.kind != ast::ExpressionKind::kNow);
  if (is_search && context_.errors_count() == errors_before) {
    return fail_nested(argument.kind == ast::ExpressionKind::kName ? argument.name.text
                                                                   : FunctionName(argument.kind));
  }
  if (!value || RejectBlob(*value, "aggregate") || !AggregateAccepts(function, *value)) {
    return std::nullopt;
  }
  switch (function) {
    case AggregateFunction::kCount:
      *type = ScalarType(Scalar::kI64);
      break;
    case AggregateFunction::kSum:
    case AggregateFunction::kAvg:
      *type = ScalarType(Scalar::kF64);
      break;
    case AggregateFunction::kMin:
    case AggregateFunction::kMax:
      *type = value->type;
      break;
  }
  type->is_nullable = function != AggregateFunction::kCount;
  return value;
}

bool ReadChecker::AggregateAccepts(AggregateFunction function, const Expression& argument) {
  const bool is_node = argument.kind == ExpressionKind::kNode;
  const bool is_extreme =
      function == AggregateFunction::kMin || function == AggregateFunction::kMax;
  if (function == AggregateFunction::kCount) return true;
  if (is_extreme && (is_node || IsPlainString(argument.type))) return true;
  if (!is_node && IsPlainNumber(argument.type)) return true;
  const std::string found =
      is_node ? "node " + TypeOf(argument.variable).name : TypeName(argument.type);
  context_.Error("T8", argument.span,
                 std::string(AggregateName(function)) + " needs a number" +
                     (is_extreme ? " or a String" : "") + ", found " + found);
  return false;
}

void ReadChecker::FailOrdering(text::Span span, std::string why) {
  context_.Error("", span, "unsupported ordering expression: " + std::move(why),
                 "order by a property, an alias or an output column");
}

// A bare name: an alias, or an output column. False after an error.
bool ReadChecker::ResolveColumnTerm(const ast::Ordering& ordering, OrderTerm* term) {
  const Name& name = ordering.expression.name;
  const auto alias = aliases_.find(name.text);
  std::uint32_t ordinal = kNone;
  if (alias != aliases_.end()) {
    if (alias->second == kNone) return false;
    ordinal = alias->second;
  } else {
    for (std::size_t i = 0; i < read_->projections.size() && ordinal == kNone; ++i) {
      if (read_->projections[i].name == name.text) ordinal = static_cast<std::uint32_t>(i);
    }
  }
  if (ordinal == kNone) {
    std::vector<std::string_view> known;
    for (const Projection& projection : read_->projections)
      known.push_back(projection.name);
    context_.Error(
        "T6", name.place.span,
        "order names " + Quoted(name.text) + ", which is neither an alias nor an output column",
        Suggest("column", name.text, known));
    return false;
  }
  term->projection = ordinal;
  term->expression = read_->projections[ordinal].expression;
  return true;
}

// In an aggregate query a property must be a group key. False after an error.
bool ReadChecker::ResolveGroupTerm(OrderTerm* term) {
  for (std::size_t i = 0; i < read_->projections.size(); ++i) {
    const Projection& projection = read_->projections[i];
    if (!projection.aggregate && IsSameGroupKey(projection.expression, term->expression)) {
      term->projection = static_cast<std::uint32_t>(i);
      return true;
    }
  }
  FailOrdering(term->span, "it is not part of the group key of this aggregate query");
  return false;
}

// Whether every group holds one value of the variable: the variable itself or its whole key is
// projected. Then ranking the groups means something.
bool ReadChecker::RankedVariableIsGrouped(std::uint32_t variable) const {
  const schema::NodeType& type = context_.catalog.node(read_->variables[variable].type);
  std::size_t key_columns_count = 0;
  for (const schema::PropertyOrdinal key : type.key) {
    for (const Projection& projection : read_->projections) {
      const Expression& value = projection.expression;
      if (!projection.aggregate && value.kind == ExpressionKind::kProperty &&
          value.variable == variable && value.property == key) {
        ++key_columns_count;
        break;
      }
    }
  }
  if (type.has_key() && key_columns_count == type.key.size()) return true;
  return std::any_of(
      read_->projections.begin(), read_->projections.end(), [&](const Projection& projection) {
        return !projection.aggregate && projection.expression.kind == ExpressionKind::kNode &&
               projection.expression.variable == variable;
      });
}

void ReadChecker::CheckOrdering(const ast::Ordering& ordering, bool is_first) {
  OrderTerm term;
  term.span = ordering.place.span;
  term.is_descending = ordering.direction == ast::Direction::kDescending;
  const ast::Expression& written = ordering.expression;
  if (written.kind == ast::ExpressionKind::kName) {
    if (!ResolveColumnTerm(ordering, &term)) return;
  } else if (written.kind == ast::ExpressionKind::kAggregate) {
    FailOrdering(written.place.span, "an aggregate; give it an alias in return and order by that");
    return;
  } else {
    Maybe value = CheckExpression(written);
    if (!value) return;
    term.expression = std::move(*value);
    if (!IsRanking(term.expression.kind) && term.expression.kind != ExpressionKind::kProperty) {
      FailOrdering(written.place.span, "neither a property, a column nor a ranking");
      return;
    }
  }
  term.expression.span = written.place.span;
  if (RejectBlob(term.expression, "order by")) return;

  const bool is_column = term.projection != kNone;
  const bool is_ranking = IsRanking(term.expression.kind) &&
                          (!is_column || !read_->projections[term.projection].aggregate);
  if (is_ranking && !is_first && !is_column) {
    FailOrdering(written.place.span, "a ranking must be the first term of order");
    return;
  }
  term.is_ranking = is_ranking && is_first;
  if (read_->is_aggregate && term.is_ranking) {
    if (!RankedVariableIsGrouped(RankedVariable(term.expression))) {
      FailOrdering(written.place.span,
                   "an aggregate query can be ranked only when it returns the ranked variable or "
                   "its key beside the aggregates");
      return;
    }
  } else if (read_->is_aggregate && !is_column && !ResolveGroupTerm(&term)) {
    return;
  }
  read_->order.push_back(std::move(term));
}

// T21, T17, T18 in this order (S5.2).
void ReadChecker::CheckRankingRules(const ast::Read& read) {
  const OrderTerm* nearest = nullptr;
  const OrderTerm* fused = nullptr;
  for (const OrderTerm& term : read_->order) {
    const bool is_aggregate =
        term.projection != kNone && read_->projections[term.projection].aggregate.has_value();
    if (is_aggregate) continue;
    if (term.expression.kind == ExpressionKind::kNearest && nearest == nullptr) nearest = &term;
    if (term.expression.kind == ExpressionKind::kRrf && fused == nullptr) fused = &term;
  }
  const bool has_alias_term =
      std::any_of(read.order.begin(), read.order.end(), [](const ast::Ordering& ordering) {
        return ordering.expression.kind == ast::ExpressionKind::kName;
      });
  if (fused != nullptr && !read.limit) {
    context_.Error("T21", fused->expression.span, "order by rrf needs a limit",
                   "add a limit, as in: limit 10");
  }
  if (nearest == nullptr) return;
  if (!read.limit) {
    context_.Error("T17", nearest->expression.span, "order by nearest needs a limit",
                   "add a limit, as in: limit 10");
  }
  if (has_alias_term) {
    context_.Error("T18", nearest->expression.span,
                   "order by nearest cannot be combined with an alias",
                   "write nearest(…) itself, and properties behind it");
  }
}

void ReadChecker::CheckGroupKeys(const ast::Read& read) {
  for (std::size_t i = 0; i < read.projections.size(); ++i) {
    const Projection& projection = read_->projections[i];
    const ast::ExpressionKind written = read.projections[i].expression.kind;
    const ExpressionKind kind = projection.expression.kind;
    const bool is_key = written == ast::ExpressionKind::kProperty ||
                        written == ast::ExpressionKind::kVariable ||
                        (written == ast::ExpressionKind::kName &&
                         (kind == ExpressionKind::kProperty || kind == ExpressionKind::kNode ||
                          kind == ExpressionKind::kParameter));
    const bool is_bad = bad_projections_.contains(static_cast<std::uint32_t>(i));
    if (projection.aggregate || is_key || is_bad) continue;
    context_.Error("T9", projection.span,
                   "beside an aggregate only properties and variables can be returned: they are "
                   "the group key");
  }
}

}  // namespace omnigraph::query
