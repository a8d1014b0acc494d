// Implements query/check_context.h.

#include "query/check_context.h"

#include <algorithm>

#include "base/strings.h"
#include "query/type_rules.h"
#include "types/datetime.h"

namespace omnigraph::query {
namespace {

using ast::Literal;
using ast::LiteralKind;
using types::Scalar;
using types::Type;
using types::Value;

Scalar ScalarOf(const Literal& literal) {
  switch (literal.kind) {
    case LiteralKind::kInteger:
      return Scalar::kI64;
    case LiteralKind::kFloat:
      return Scalar::kF64;
    case LiteralKind::kBool:
      return Scalar::kBool;
    case LiteralKind::kDate:
      return Scalar::kDate;
    case LiteralKind::kDateTime:
      return Scalar::kDateTime;
    case LiteralKind::kString:
    case LiteralKind::kList:
      break;
  }
  return Scalar::kString;
}

Value DateValue(const Literal& literal, std::vector<std::string>* errors) {
  if (literal.kind == LiteralKind::kDate) {
    if (const auto days = types::ParseDate(literal.text)) {
      return Value(Value::Variant(types::Date{*days}));
    }
    errors->push_back("invalid Date literal " + Quoted(literal.text) + ": write YYYY-MM-DD");
  } else {
    if (const auto millis = types::ParseDateTime(literal.text)) {
      return Value(Value::Variant(types::DateTime{*millis}));
    }
    errors->push_back("invalid DateTime literal " + Quoted(literal.text) +
                      ": write YYYY-MM-DDTHH:MM:SSZ");
  }
  return Value::Null();
}

double FloatOf(const Literal& literal) {
  if (literal.kind == LiteralKind::kInteger) return static_cast<double>(literal.integer);
  return std::strtod(literal.text.c_str(), nullptr);
}

Value ScalarValue(const Literal& literal, std::vector<std::string>* errors) {
  switch (literal.kind) {
    case LiteralKind::kString:
      return Value::String(literal.text);
    case LiteralKind::kInteger:
      return Value::Int(literal.integer);
    case LiteralKind::kFloat:
      return Value::Float(FloatOf(literal));
    case LiteralKind::kBool:
      return Value::Bool(literal.boolean);
    case LiteralKind::kDate:
    case LiteralKind::kDateTime:
      return DateValue(literal, errors);
    case LiteralKind::kList:
      break;
  }
  return Value::Null();
}

}  // namespace

std::uint32_t CheckContext::FindParameter(std::string_view name) const {
  const auto found = parameter_ordinals.find(name);
  return found == parameter_ordinals.end() ? kNone : found->second;
}

Expression CheckContext::MakeParameter(std::uint32_t ordinal, text::Span span) const {
  Expression expression;
  expression.kind = ExpressionKind::kParameter;
  expression.type = query.parameters[ordinal].type;
  expression.parameter = ordinal;
  expression.span = span;
  return expression;
}

std::optional<Expression> CheckContext::CheckLiteral(const Literal& literal) {
  Expression expression;
  expression.span = literal.place.span;
  expression.type = ScalarType(ScalarOf(literal));
  if (literal.kind != LiteralKind::kList) {
    expression.value = ScalarValue(literal, &query.constant_errors);
    return expression;
  }

  expression.type.is_list = true;
  types::ListValue values;
  bool has_float = false;
  for (const Literal& element : literal.elements) {
    if (element.kind == LiteralKind::kList) {
      Error("", element.place.span, "nested list: a list literal holds scalars only");
      return std::nullopt;
    }
    const Scalar first = ScalarOf(literal.elements.front());
    if (!IsCompatible(ScalarType(first), ScalarType(ScalarOf(element)))) {
      Error("", element.place.span,
            "the elements of a list must have a compatible scalar type: " +
                std::string(types::ScalarName(first)) + " and " +
                std::string(types::ScalarName(ScalarOf(element))));
      return std::nullopt;
    }
    expression.type.scalar = first;
    has_float |= element.kind == LiteralKind::kFloat;
  }
  // `[1, 2.5]` is a list of floats, so that all its values are of one kind.
  if (has_float) expression.type.scalar = Scalar::kF64;
  for (const Literal& element : literal.elements) {
    values.push_back(has_float ? Value::Float(FloatOf(element))
                               : ScalarValue(element, &query.constant_errors));
  }
  expression.value = Value::List(std::move(values));
  return expression;
}

std::optional<Expression> CheckContext::CheckConstant(const ast::Expression& value,
                                                      std::string undeclared_code) {
  const text::Span span = value.place.span;
  if (value.kind == ast::ExpressionKind::kLiteral) return CheckLiteral(value.literal);
  if (value.kind == ast::ExpressionKind::kNow) return MakeNow(span);
  const std::uint32_t parameter = FindParameter(value.variable.text);
  if (parameter != kNone) return MakeParameter(parameter, span);
  std::vector<std::string_view> names;
  for (const Parameter& known : query.parameters)
    names.push_back(known.name);
  const std::string_view near = text::DidYouMean(value.variable.text, names);
  Error(std::move(undeclared_code), span,
        "'$" + value.variable.text + "' is not a declared parameter of query '" + query.name + "'",
        near.empty()
            ? "declare it behind the query's name, as in ($" + value.variable.text + ": String)"
            : "a similar parameter exists: '$" + std::string(near) + "'");
  return std::nullopt;
}

bool CheckContext::CheckEnum(const Expression& literal, const schema::Property& property,
                             const std::string& what) {
  if (!property.type.is_enum() || literal.kind != ExpressionKind::kLiteral) return true;
  const auto is_allowed = [&](const Value& value) {
    const std::string* text = value.As<std::string>();
    const auto& allowed = property.type.enum_values;
    if (text == nullptr || std::find(allowed.begin(), allowed.end(), *text) != allowed.end()) {
      return true;
    }
    std::vector<std::string_view> names(allowed.begin(), allowed.end());
    Error("T3", literal.span,
          "invalid enum value " + Quoted(*text) + " for " + what + ": the values are " +
              types::EnumValuesText(property.type),
          Suggest("value", *text, names));
    return false;
  };
  if (const auto* list = literal.value.As<types::ListValue>()) {
    return std::all_of(list->begin(), list->end(), is_allowed);
  }
  return is_allowed(literal.value);
}

std::string Suggest(std::string_view thing, std::string_view name,
                    const std::vector<std::string_view>& candidates) {
  const std::string_view near = text::DidYouMean(name, candidates);
  if (near.empty()) return {};
  return "a similar " + std::string(thing) + " exists: '" + std::string(near) + "'";
}

std::string SuggestProperty(const schema::TableType& type, std::string_view name) {
  if (name == "id") return "id is no property: write the variable itself, as in return { $p }";
  std::vector<std::string_view> names;
  for (const schema::Property& property : type.properties)
    names.push_back(property.name);
  return Suggest("property", name, names);
}

std::string QualifiedName(const schema::TableType& type, const schema::Property& property) {
  return type.name + "." + property.name;
}

Expression MakeNow(text::Span span) {
  Expression expression;
  expression.kind = ExpressionKind::kNow;
  expression.type = ScalarType(Scalar::kDateTime);
  expression.span = span;
  return expression;
}

Expression MakeCompare(CompareOp op, Expression left, Expression right, text::Span span) {
  Expression expression;
  expression.kind = ExpressionKind::kCompare;
  expression.type = ScalarType(Scalar::kBool);
  expression.span = span;
  expression.compare = op;
  expression.comparison = ComparisonOf(left.type, right.type);
  expression.arguments.push_back(std::move(left));
  expression.arguments.push_back(std::move(right));
  return expression;
}

Expression MakeContains(Expression list, Expression value, text::Span span) {
  Expression expression = MakeCompare(CompareOp::kEqual, std::move(list), std::move(value), span);
  expression.kind = ExpressionKind::kContains;
  return expression;
}

}  // namespace omnigraph::query
