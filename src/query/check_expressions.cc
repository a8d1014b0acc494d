// Typing of expressions in reads (S5.1, S5.3).

#include <algorithm>

#include "base/strings.h"
#include "query/read_checker.h"
#include "query/type_rules.h"

namespace omnigraph::query {
namespace {

using types::Scalar;
using types::Type;
using types::TypeName;
using types::Value;

constexpr std::int64_t kEditsDefault = 2;
constexpr std::int64_t kEditsMax = 4;
constexpr std::int64_t kFusionConstantDefault = 60;

Expression MakeInteger(std::int64_t value, text::Span span) {
  Expression expression;
  expression.type = ScalarType(Scalar::kI64);
  expression.value = Value::Int(value);
  expression.span = span;
  return expression;
}

Expression MakeCall(ExpressionKind kind, Scalar result, text::Span span) {
  Expression expression;
  expression.kind = kind;
  expression.type = ScalarType(result);
  expression.type.is_nullable = result == Scalar::kF64;  // A node may have no rank.
  expression.span = span;
  return expression;
}

ExpressionKind CheckedKind(ast::ExpressionKind kind) {
  switch (kind) {
    case ast::ExpressionKind::kSearch:
      return ExpressionKind::kSearch;
    case ast::ExpressionKind::kFuzzy:
      return ExpressionKind::kFuzzy;
    case ast::ExpressionKind::kMatchText:
      return ExpressionKind::kMatchText;
    default:
      return ExpressionKind::kBm25;
  }
}

bool IsConstant(const ast::Expression& expression, const CheckContext& context) {
  if (expression.kind == ast::ExpressionKind::kLiteral) return true;
  return expression.kind == ast::ExpressionKind::kVariable &&
         context.FindParameter(expression.variable.text) != kNone;
}

}  // namespace

std::string_view FunctionName(ast::ExpressionKind kind) {
  switch (kind) {
    case ast::ExpressionKind::kNow:
      return "now";
    case ast::ExpressionKind::kSearch:
      return "search";
    case ast::ExpressionKind::kFuzzy:
      return "fuzzy";
    case ast::ExpressionKind::kMatchText:
      return "match_text";
    case ast::ExpressionKind::kNearest:
      return "nearest";
    case ast::ExpressionKind::kBm25:
      return "bm25";
    case ast::ExpressionKind::kRrf:
      return "rrf";
    default:
      return "";
  }
}

ReadChecker::Maybe ReadChecker::CheckExpression(const ast::Expression& expression) {
  switch (expression.kind) {
    case ast::ExpressionKind::kLiteral:
      return context_.CheckLiteral(expression.literal);
    case ast::ExpressionKind::kNow:
      return MakeNow(expression.place.span);
    case ast::ExpressionKind::kVariable:
      return CheckVariable(expression.variable);
    case ast::ExpressionKind::kProperty:
      return CheckProperty(expression);
    case ast::ExpressionKind::kName:
      return CheckAlias(expression.name);
    case ast::ExpressionKind::kSearch:
    case ast::ExpressionKind::kFuzzy:
    case ast::ExpressionKind::kMatchText:
    case ast::ExpressionKind::kBm25:
      return CheckTextCall(expression);
    case ast::ExpressionKind::kNearest:
      return CheckNearest(expression);
    case ast::ExpressionKind::kRrf:
      return CheckRrf(expression);
    case ast::ExpressionKind::kAggregate:
      break;
  }
  context_.Error("T8", expression.place.span,
                 std::string(AggregateName(expression.function)) +
                     " is an aggregate: it stands in return and nowhere else");
  return std::nullopt;
}

std::vector<std::string_view> ReadChecker::Names() const {
  std::vector<std::string_view> names = scope_.VisibleNames();
  for (const Parameter& parameter : context_.query.parameters)
    names.push_back(parameter.name);
  return names;
}

const schema::TableType& ReadChecker::TypeOf(std::uint32_t variable) const {
  const Variable& known = read_->variables[variable];
  if (known.kind == VariableKind::kEdge) return context_.catalog.edge(known.type);
  return context_.catalog.node(known.type);
}

ReadChecker::Maybe ReadChecker::CheckVariable(const Name& name) {
  const text::Span span = name.place.span;
  const std::uint32_t parameter = context_.FindParameter(name.text);
  if (parameter != kNone) return context_.MakeParameter(parameter, span);
  const std::uint32_t variable = scope_.FindVisible(name.text);
  if (variable == kNone) {
    context_.Error("", span, "variable '$" + name.text + "' is not bound, and no parameter",
                   Suggest("name", name.text, Names()));
    return std::nullopt;
  }
  if (scope_.IsPoisoned(variable)) return std::nullopt;
  if (read_->variables[variable].kind == VariableKind::kEdge) {
    context_.Error("T23", span, "'$" + name.text + "' is an edge and has no value of its own",
                   "use one of its properties, as in $" + name.text + ".name");
    return std::nullopt;
  }
  Expression expression;
  expression.kind = ExpressionKind::kNode;
  expression.type = ScalarType(Scalar::kString);
  expression.variable = variable;
  expression.span = span;
  return expression;
}

std::uint32_t ReadChecker::PropertyVariable(const Name& name, const std::string& code) {
  const std::uint32_t variable = scope_.FindVisible(name.text);
  if (variable == kNone) {
    const bool is_later = scope_.Find(name.text) != kNone;
    const bool is_parameter = context_.FindParameter(name.text) != kNone;
    context_.Error(
        code, name.place.span,
        is_parameter && !is_later
            ? "'$" + name.text + "' is a parameter and has no properties"
            : "variable '$" + name.text + "' is not bound" + (is_later ? " yet at this place" : ""),
        is_later ? "move the clause that binds it in front of this one"
                 : Suggest("variable", name.text, scope_.VisibleNames()));
    return kNone;
  }
  return scope_.IsPoisoned(variable) ? kNone : variable;
}

ReadChecker::Maybe ReadChecker::CheckProperty(const ast::Expression& expression) {
  const std::uint32_t variable = PropertyVariable(expression.variable, "T6");
  if (variable == kNone) return std::nullopt;
  const schema::TableType& type = TypeOf(variable);
  const schema::Property* property = type.FindProperty(expression.name.text);
  if (property == nullptr) {
    context_.Error("T6", expression.name.place.span,
                   std::string(schema::IsNodeTable(type) ? "type " : "edge type ") + type.name +
                       " has no property " + Quoted(expression.name.text),
                   SuggestProperty(type, expression.name.text));
    return std::nullopt;
  }
  Expression checked;
  checked.kind = ExpressionKind::kProperty;
  checked.type = property->type;
  checked.variable = variable;
  checked.property = property->ordinal;
  checked.span = expression.place.span;
  return checked;
}

ReadChecker::Maybe ReadChecker::CheckAlias(const Name& name) {
  const auto found = aliases_.find(name.text);
  if (found == aliases_.end()) {
    std::vector<std::string_view> known;
    for (const auto& [alias, ordinal] : aliases_)
      known.push_back(alias);
    context_.Error("T6", name.place.span, "there is no alias " + Quoted(name.text),
                   known.empty() ? "variables start with '$', texts stand in double quotes"
                                 : Suggest("alias", name.text, known));
    return std::nullopt;
  }
  if (found->second == kNone) return std::nullopt;
  const Projection& projection = read_->projections[found->second];
  Expression copy = projection.expression;
  copy.span = name.place.span;
  return copy;
}

bool ReadChecker::RejectEdge(std::uint32_t variable, const Name& name, std::string_view function) {
  if (read_->variables[variable].kind == VariableKind::kNode) return false;
  context_.Error(
      "T23", name.place.span,
      std::string(function) + " works on node properties, and '$" + name.text + "' is an edge");
  return true;
}

bool ReadChecker::CheckTextField(const ast::Expression& call, std::string_view function,
                                 const std::string& code, Expression* checked) {
  const ast::Expression& field = call.arguments[0];
  if (field.kind != ast::ExpressionKind::kProperty) {
    context_.Error(code, field.place.span,
                   std::string(function) +
                       " needs a String property such as $d.title as its "
                       "first argument");
    return false;
  }
  Maybe property = CheckProperty(field);
  if (!property || RejectEdge(property->variable, field.variable, function)) return false;
  if (!IsPlainString(property->type)) {
    context_.Error(code, field.place.span,
                   std::string(function) + " needs a String property, and '$" +
                       field.variable.text + "." + field.name.text + "' is " +
                       TypeName(property->type));
    return false;
  }
  checked->arguments.push_back(std::move(*property));
  return true;
}

bool ReadChecker::CheckTextQuery(const ast::Expression& call, std::string_view function,
                                 const std::string& code, Expression* checked) {
  const ast::Expression& query = call.arguments[1];
  if (!IsConstant(query, context_)) {
    context_.Error(code, query.place.span,
                   std::string(function) + " needs a literal or a parameter as its query text");
    return false;
  }
  Maybe constant = CheckExpression(query);
  if (!constant) return false;
  if (!IsPlainString(constant->type)) {
    context_.Error(code, query.place.span,
                   std::string(function) + " needs a String as its query text, found " +
                       TypeName(constant->type));
    return false;
  }
  checked->arguments.push_back(std::move(*constant));
  return true;
}

bool ReadChecker::CheckEdits(const ast::Expression& call, Expression* checked) {
  if (call.arguments.size() < 3) {
    checked->arguments.push_back(MakeInteger(kEditsDefault, call.place.span));
    return true;
  }
  const ast::Expression& edits = call.arguments[2];
  Maybe constant = IsConstant(edits, context_) ? CheckExpression(edits) : std::nullopt;
  if (!constant || !IsPlainInteger(constant->type)) {
    context_.Error("T19", edits.place.span,
                   "fuzzy needs a whole number as max_edits, a literal or a parameter" +
                       (constant ? ", found " + TypeName(constant->type) : std::string()));
    return false;
  }
  const std::int64_t* value = constant->value.As<std::int64_t>();
  if (value != nullptr && *value > kEditsMax) {
    context_.query.constant_errors.push_back("fuzzy: max_edits must be 0 to " +
                                             std::to_string(kEditsMax) + ", found " +
                                             std::to_string(*value));
  }
  checked->arguments.push_back(std::move(*constant));
  return true;
}

ReadChecker::Maybe ReadChecker::CheckTextCall(const ast::Expression& call) {
  const std::string_view function = FunctionName(call.kind);
  const bool is_predicate =
      call.kind == ast::ExpressionKind::kSearch || call.kind == ast::ExpressionKind::kFuzzy;
  const std::string code = is_predicate ? "T19" : "T20";
  const Scalar result = call.kind == ast::ExpressionKind::kBm25 ? Scalar::kF64 : Scalar::kBool;
  Expression checked = MakeCall(CheckedKind(call.kind), result, call.place.span);
  bool is_good = CheckTextField(call, function, code, &checked);
  is_good = CheckTextQuery(call, function, code, &checked) && is_good;
  if (call.kind == ast::ExpressionKind::kFuzzy) is_good = CheckEdits(call, &checked) && is_good;
  if (!is_good) return std::nullopt;
  return checked;
}

ReadChecker::Maybe ReadChecker::CheckNearest(const ast::Expression& call) {
  const ast::Expression& field = call.arguments[0];
  const std::uint32_t variable = PropertyVariable(field.variable, "T15");
  if (variable == kNone || RejectEdge(variable, field.variable, "nearest")) return std::nullopt;
  const schema::TableType& type = TypeOf(variable);
  const schema::Property* property = type.FindProperty(field.name.text);
  if (property == nullptr) {
    context_.Error(
        "T15", field.name.place.span,
        "type " + type.name + " has no property " + Quoted(field.name.text) + " for nearest",
        SuggestProperty(type, field.name.text));
    return std::nullopt;
  }
  const std::string what = QualifiedName(type, *property);
  if (property->type.is_list || !property->type.is_vector()) {
    context_.Error(
        "T15", field.place.span,
        "nearest needs a Vector property, and '" + what + "' is " + TypeName(property->type));
    return std::nullopt;
  }
  Expression checked = MakeCall(ExpressionKind::kNearest, Scalar::kF64, call.place.span);
  Expression& vector = checked.arguments.emplace_back();
  vector.kind = ExpressionKind::kProperty;
  vector.type = property->type;
  vector.variable = variable;
  vector.property = property->ordinal;
  vector.span = field.place.span;
  if (!CheckNearestQuery(call.arguments[1], property->type, what, &checked)) return std::nullopt;
  return checked;
}

bool ReadChecker::CheckNearestQuery(const ast::Expression& query, const Type& field,
                                    const std::string& what, Expression* checked) {
  const text::Span span = query.place.span;
  if (!IsConstant(query, context_)) {
    context_.Error("T15", span, "nearest needs a literal or a parameter as its query");
    return false;
  }
  Maybe constant = CheckExpression(query);
  if (!constant) return false;
  const auto* list = constant->value.As<types::ListValue>();
  const bool is_vector_literal =
      list != nullptr && (list->empty() || types::IsNumeric(constant->type.scalar));
  if (is_vector_literal) {
    types::VectorValue vector;
    for (const Value& element : *list) {
      const auto* integer = element.As<std::int64_t>();
      vector.push_back(integer != nullptr ? static_cast<float>(*integer)
                                          : static_cast<float>(*element.As<double>()));
    }
    constant->type = ScalarType(Scalar::kVector);
    constant->type.dimensions = static_cast<std::uint32_t>(vector.size());
    constant->value = Value(Value::Variant(std::move(vector)));
  }
  if (constant->type.is_vector() && !constant->type.is_list) {
    if (constant->type.dimensions != field.dimensions) {
      context_.Error("T15", span,
                     "nearest: '" + what + "' has " + std::to_string(field.dimensions) +
                         " dimensions, the query vector has " +
                         std::to_string(constant->type.dimensions));
      return false;
    }
  } else if (!IsPlainString(constant->type)) {
    context_.Error(
        "T15", span,
        "nearest needs a Vector or a String as its query, found " + TypeName(constant->type));
    return false;
  }
  checked->arguments.push_back(std::move(*constant));
  return true;
}

ReadChecker::Maybe ReadChecker::CheckRrf(const ast::Expression& call) {
  Expression checked = MakeCall(ExpressionKind::kRrf, Scalar::kF64, call.place.span);
  for (std::size_t i = 0; i < 2; ++i) {
    Maybe arm = CheckExpression(call.arguments[i]);
    if (arm) checked.arguments.push_back(std::move(*arm));
  }
  if (!CheckRrfConstant(call, &checked) || checked.arguments.size() != 3) return std::nullopt;
  const std::uint32_t ranked = checked.arguments[0].arguments[0].variable;
  const std::uint32_t other = checked.arguments[1].arguments[0].variable;
  if (ranked != other) {
    context_.Error("T21", call.arguments[1].place.span,
                   "rrf: both arguments must rank one variable, found '$" +
                       read_->variables[ranked].name + "' and '$" + read_->variables[other].name +
                       "'");
    return std::nullopt;
  }
  return checked;
}

bool ReadChecker::CheckRrfConstant(const ast::Expression& call, Expression* checked) {
  if (call.arguments.size() < 3) {
    checked->arguments.push_back(MakeInteger(kFusionConstantDefault, call.place.span));
    return true;
  }
  const ast::Expression& k = call.arguments[2];
  Maybe constant = IsConstant(k, context_) ? CheckExpression(k) : std::nullopt;
  if (!constant || !IsPlainInteger(constant->type)) {
    context_.Error("T21", k.place.span,
                   "rrf needs a whole number above 0 as k, a literal or a parameter" +
                       (constant ? ", found " + TypeName(constant->type) : std::string()));
    return false;
  }
  const std::int64_t* value = constant->value.As<std::int64_t>();
  if (value != nullptr && *value <= 0) {
    context_.Error("T21", k.place.span,
                   "rrf: k must be greater than 0, found " + std::to_string(*value));
    return false;
  }
  checked->arguments.push_back(std::move(*constant));
  return true;
}

}  // namespace omnigraph::query
