// Implements query/expression_parser.h.

#include "query/expression_parser.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/strings.h"

namespace omnigraph::query {
namespace {

using ast::Expression;
using ast::ExpressionKind;
using ast::Literal;
using ast::LiteralKind;

struct Function {
  std::string_view name;
  ExpressionKind kind;
  AggregateFunction aggregate = AggregateFunction::kCount;
};

constexpr std::array<Function, 12> kFunctions = {{
    {"now", ExpressionKind::kNow},
    {"nearest", ExpressionKind::kNearest},
    {"search", ExpressionKind::kSearch},
    {"fuzzy", ExpressionKind::kFuzzy},
    {"match_text", ExpressionKind::kMatchText},
    {"bm25", ExpressionKind::kBm25},
    {"rrf", ExpressionKind::kRrf},
    {"count", ExpressionKind::kAggregate, AggregateFunction::kCount},
    {"sum", ExpressionKind::kAggregate, AggregateFunction::kSum},
    {"avg", ExpressionKind::kAggregate, AggregateFunction::kAvg},
    {"min", ExpressionKind::kAggregate, AggregateFunction::kMin},
    {"max", ExpressionKind::kAggregate, AggregateFunction::kMax},
}};

const Function* FindFunction(std::string_view name) {
  for (const Function& function : kFunctions) {
    if (function.name == name) return &function;
  }
  return nullptr;
}

bool AtLiteral(const TokenCursor& cursor) {
  switch (cursor.Peek().kind) {
    case TokenKind::kInteger:
    case TokenKind::kFloat:
    case TokenKind::kString:
    case TokenKind::kOpenBracket:
      return true;
    default:
      break;
  }
  if (cursor.AtWord("true") || cursor.AtWord("false")) return true;
  return (cursor.AtWord("date") || cursor.AtWord("datetime")) &&
         cursor.At(TokenKind::kOpenParen, 1);
}

bool ParseLiteral(TokenCursor& cursor, Literal* literal);

bool ParseListLiteral(TokenCursor& cursor, Literal* literal) {
  literal->kind = LiteralKind::kList;
  cursor.Take();
  if (!cursor.Enter()) return false;
  if (!cursor.At(TokenKind::kCloseBracket)) {
    do {
      if (!ParseLiteral(cursor, &literal->elements.emplace_back())) return false;
    } while (cursor.Accept(TokenKind::kComma));
  }
  cursor.Leave();
  return cursor.Expect(TokenKind::kCloseBracket, "',' or ']'");
}

bool ParseDateLiteral(TokenCursor& cursor, Literal* literal) {
  literal->kind = cursor.AtWord("date") ? LiteralKind::kDate : LiteralKind::kDateTime;
  cursor.Take();
  cursor.Take();
  const std::string_view what = literal->kind == LiteralKind::kDate ? "a date in double quotes"
                                                                    : "an instant in double quotes";
  return cursor.ExpectString(what, &literal->text) && cursor.Expect(TokenKind::kCloseParen, "')'");
}

bool ParseFloatLiteral(TokenCursor& cursor, Literal* literal) {
  const Token& token = cursor.Take();
  literal->kind = LiteralKind::kFloat;
  literal->text = cursor.Text(token);
  double value = 0;
  const auto* const end = literal->text.data() + literal->text.size();
  const auto parsed = std::from_chars(literal->text.data(), end, value);
  if (parsed.ec == std::errc() && std::isfinite(value)) return true;
  return cursor.Fail(token.span, "invalid number " + Abbreviate(literal->text, 40) +
                                     ": it does not fit 64-bit floating point");
}

bool ParseLiteral(TokenCursor& cursor, Literal* literal) {
  const std::uint32_t begin = cursor.Begin();
  bool is_good = true;
  if (!AtLiteral(cursor)) {
    return cursor.FailExpected("a literal");
  } else if (cursor.At(TokenKind::kInteger)) {
    std::uint64_t value = 0;
    is_good =
        cursor.ExpectInteger("an I64 literal", std::numeric_limits<std::int64_t>::max(), &value);
    literal->kind = LiteralKind::kInteger;
    literal->integer = static_cast<std::int64_t>(value);
  } else if (cursor.At(TokenKind::kFloat)) {
    is_good = ParseFloatLiteral(cursor, literal);
  } else if (cursor.At(TokenKind::kString)) {
    literal->kind = LiteralKind::kString;
    is_good = cursor.ExpectString("a string", &literal->text);
  } else if (cursor.At(TokenKind::kOpenBracket)) {
    is_good = ParseListLiteral(cursor, literal);
  } else if (cursor.AtWord("true") || cursor.AtWord("false")) {
    literal->kind = LiteralKind::kBool;
    literal->boolean = cursor.AtWord("true");
    cursor.Take();
  } else {
    is_good = ParseDateLiteral(cursor, literal);
  }
  literal->place = cursor.PlaceFrom(begin);
  return is_good;
}

bool ParseProperty(TokenCursor& cursor, Expression* expression) {
  const std::uint32_t begin = cursor.Begin();
  expression->kind = ExpressionKind::kProperty;
  const bool is_good = cursor.ExpectName(TokenKind::kVariable, "a property such as $d.title",
                                         &expression->variable) &&
                       cursor.Expect(TokenKind::kDot, "'.' and a property name") &&
                       cursor.ExpectName(TokenKind::kWord, "a property name", &expression->name);
  expression->place = cursor.PlaceFrom(begin);
  return is_good;
}

bool ParseRank(TokenCursor& cursor, Expression* expression) {
  const bool is_rank =
      (cursor.AtWord("nearest") || cursor.AtWord("bm25")) && cursor.At(TokenKind::kOpenParen, 1);
  if (!is_rank) return cursor.FailExpected("nearest(…) or bm25(…) as an argument of rrf");
  return ParseExpression(cursor, expression);
}

// The arguments between the parentheses, the opening one taken.
bool ParseArguments(TokenCursor& cursor, Expression* call) {
  std::size_t required_count = 2;
  std::size_t max_count = 2;
  switch (call->kind) {
    case ExpressionKind::kNow:
      return true;
    case ExpressionKind::kAggregate:
      required_count = max_count = 1;
      break;
    case ExpressionKind::kFuzzy:
    case ExpressionKind::kRrf:
      max_count = 3;
      break;
    default:
      break;
  }
  for (std::size_t i = 0; i < max_count; ++i) {
    if (i >= required_count && !cursor.At(TokenKind::kComma)) break;
    if (i > 0 && !cursor.Expect(TokenKind::kComma, "','")) return false;
    Expression& argument = call->arguments.emplace_back();
    const bool is_good = call->kind == ExpressionKind::kRrf && i < 2 ? ParseRank(cursor, &argument)
                         : call->kind == ExpressionKind::kNearest && i == 0
                             ? ParseProperty(cursor, &argument)
                             : ParseExpression(cursor, &argument);
    if (!is_good) return false;
  }
  return true;
}

bool ParseCall(TokenCursor& cursor, Expression* call) {
  const Token& name = cursor.Peek();
  const Function* function = FindFunction(cursor.Text(name));
  if (function == nullptr) {
    std::vector<std::string_view> known = {"date", "datetime"};
    for (const Function& candidate : kFunctions)
      known.push_back(candidate.name);
    const std::string_view near = text::DidYouMean(cursor.Text(name), known);
    return cursor.Fail(
        name.span, "there is no function " + Quoted(cursor.Text(name)),
        near.empty() ? "" : "a similar function exists: '" + std::string(near) + "'");
  }
  const std::uint32_t begin = cursor.Begin();
  call->kind = function->kind;
  call->function = function->aggregate;
  cursor.Take();
  cursor.Take();
  if (!cursor.Enter() || !ParseArguments(cursor, call)) return false;
  cursor.Leave();
  if (!cursor.Expect(TokenKind::kCloseParen, "')'")) return false;
  call->place = cursor.PlaceFrom(begin);
  return true;
}

}  // namespace

bool ParseExpression(TokenCursor& cursor, Expression* expression) {
  if (AtLiteral(cursor)) {
    expression->kind = ExpressionKind::kLiteral;
    const bool is_good = ParseLiteral(cursor, &expression->literal);
    expression->place = expression->literal.place;
    return is_good;
  }
  if (cursor.At(TokenKind::kVariable)) {
    if (cursor.At(TokenKind::kDot, 1)) return ParseProperty(cursor, expression);
    expression->kind = ExpressionKind::kVariable;
    cursor.ExpectName(TokenKind::kVariable, "a variable", &expression->variable);
    expression->place = expression->variable.place;
    return true;
  }
  if (cursor.At(TokenKind::kWord)) {
    if (cursor.At(TokenKind::kOpenParen, 1)) return ParseCall(cursor, expression);
    expression->kind = ExpressionKind::kName;
    cursor.ExpectName(TokenKind::kWord, "a name", &expression->name);
    expression->place = expression->name.place;
    return true;
  }
  return cursor.FailExpected("an expression");
}

bool ParseValue(TokenCursor& cursor, Expression* expression) {
  const bool is_now = cursor.AtWord("now") && cursor.At(TokenKind::kOpenParen, 1);
  if (!AtLiteral(cursor) && !is_now && !cursor.At(TokenKind::kVariable)) {
    return cursor.FailExpected("a literal, a parameter or now()");
  }
  if (cursor.At(TokenKind::kVariable) && cursor.At(TokenKind::kDot, 1)) {
    cursor.Take();
    return cursor.FailExpected("a literal, a parameter or now()",
                               "compare two properties with a filter, as in $a.name = $b.name");
  }
  return ParseExpression(cursor, expression);
}

bool AcceptCompareOp(TokenCursor& cursor, CompareOp* op) {
  switch (cursor.Peek().kind) {
    case TokenKind::kEqual:
      *op = CompareOp::kEqual;
      break;
    case TokenKind::kNotEqual:
      *op = CompareOp::kNotEqual;
      break;
    case TokenKind::kLess:
      *op = CompareOp::kLess;
      break;
    case TokenKind::kLessOrEqual:
      *op = CompareOp::kLessOrEqual;
      break;
    case TokenKind::kGreater:
      *op = CompareOp::kGreater;
      break;
    case TokenKind::kGreaterOrEqual:
      *op = CompareOp::kGreaterOrEqual;
      break;
    default:
      return false;
  }
  cursor.Take();
  return true;
}

}  // namespace omnigraph::query
