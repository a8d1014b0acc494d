// Implements query/bind.h.

#include "query/bind.h"

#include "query/type_rules.h"

namespace omnigraph::query {
namespace {

constexpr std::int64_t kEditsMax = 4;

Status Invalid(std::string message) {
  return Status::Error(ErrorCode::kInvalidArgument, std::move(message));
}

// The value as a signed integer; none when null or beyond 64 bits.
std::optional<std::int64_t> IntegerOf(const types::Value& value) {
  if (const auto* integer = value.As<std::int64_t>()) return *integer;
  const auto* natural = value.As<std::uint64_t>();
  if (natural == nullptr || *natural > std::uint64_t{INT64_MAX}) return std::nullopt;
  return static_cast<std::int64_t>(*natural);
}

class Binder {
 public:
  Binder(const std::vector<types::Value>& parameters, types::DateTime now)
      : parameters_(parameters), now_(now) {}

  Status Bind(ReadQuery* read) {
    OG_RETURN_IF_ERROR(Bind(&read->match));
    for (Projection& projection : read->projections) {
      OG_RETURN_IF_ERROR(Bind(&projection.expression));
    }
    for (OrderTerm& term : read->order)
      OG_RETURN_IF_ERROR(Bind(&term.expression));
    return Status::Ok();
  }

  Status Bind(MutationQuery* mutation) {
    for (Statement& statement : mutation->statements) {
      OG_RETURN_IF_ERROR(
          std::visit([this](auto& action) { return BindAction(&action); }, statement.action));
    }
    return Status::Ok();
  }

 private:
  Status BindAction(InsertNode* insert) { return Bind(&insert->assignments); }
  Status BindAction(InsertEdge* insert) {
    OG_RETURN_IF_ERROR(Bind(&insert->from));
    OG_RETURN_IF_ERROR(Bind(&insert->to));
    return Bind(&insert->assignments);
  }
  Status BindAction(UpdateNode* update) {
    OG_RETURN_IF_ERROR(Bind(&update->assignments));
    return Bind(&update->predicate);
  }
  Status BindAction(DeleteNode* action) { return Bind(&action->predicate); }
  Status BindAction(DeleteEdge* action) { return Bind(&action->predicate); }

  Status Bind(std::vector<Assignment>* assignments) {
    for (Assignment& assignment : *assignments)
      OG_RETURN_IF_ERROR(Bind(&assignment.value));
    return Status::Ok();
  }

  Status Bind(Pattern* pattern) {
    for (Expression& condition : pattern->conditions)
      OG_RETURN_IF_ERROR(Bind(&condition));
    for (Negation& negation : pattern->negations)
      OG_RETURN_IF_ERROR(Bind(&negation.pattern));
    return Status::Ok();
  }

  Status Bind(Expression* expression) {
    if (expression->kind == ExpressionKind::kParameter) {
      expression->kind = ExpressionKind::kLiteral;
      expression->value = parameters_[expression->parameter];
    } else if (expression->kind == ExpressionKind::kNow) {
      expression->kind = ExpressionKind::kLiteral;
      expression->value = types::Value(types::Value::Variant(now_));
    }
    for (Expression& argument : expression->arguments)
      OG_RETURN_IF_ERROR(Bind(&argument));
    return CheckCall(expression);
  }

  Status CheckCall(Expression* call) {
    if (call->kind == ExpressionKind::kNearest && call->arguments[1].value.is_null()) {
      return Invalid("the nearest query is null: give a vector or a text");
    }
    if (call->kind == ExpressionKind::kFuzzy) {
      const auto edits = IntegerOf(call->arguments[2].value);
      if (!edits || *edits < 0 || *edits > kEditsMax) {
        return Invalid("fuzzy: max_edits must be 0 to " + std::to_string(kEditsMax) + ", found " +
                       types::CanonicalText(call->arguments[2].value));
      }
      call->arguments[2].value = types::Value::Int(*edits);
    }
    if (call->kind == ExpressionKind::kRrf) {
      const auto k = IntegerOf(call->arguments[2].value);
      if (!k || *k <= 0) {
        return Invalid("rrf: k must be greater than 0, found " +
                       types::CanonicalText(call->arguments[2].value));
      }
      call->arguments[2].value = types::Value::Int(*k);
    }
    return Status::Ok();
  }

  const std::vector<types::Value>& parameters_;
  types::DateTime now_;
};

}  // namespace

Result<CheckedQuery> Bind(const CheckedQuery& query, const std::vector<types::Value>& parameters,
                          types::DateTime now) {
  OG_CHECK(parameters.size() == query.parameters.size());
  if (!query.constant_errors.empty()) return Invalid(query.constant_errors.front());
  CheckedQuery bound = query;
  Binder binder(parameters, now);
  OG_RETURN_IF_ERROR(std::visit([&](auto& body) { return binder.Bind(&body); }, bound.body));
  return bound;
}

}  // namespace omnigraph::query
