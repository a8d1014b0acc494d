// Implements query/printer.h.

#include "query/printer.h"

#include <string_view>

#include "query/compile.h"
#include "query/layout.h"
#include "query/read_checker.h"

namespace omnigraph::query {
namespace {

constexpr std::size_t kLineLengthMax = 100;

class Printer {
 public:
  explicit Printer(Layout layout) : layout_(std::move(layout)) {}

  std::string Take() && { return std::move(layout_).Take(); }

  void PrintQuery(const ast::Query& query) {
    const text::Span span = query.place.span;
    layout_.RequireBlankLine();
    layout_.NewLine(span.begin);
    Write("query " + query.name.text + "(");
    for (std::size_t i = 0; i < query.parameters.size(); ++i) {
      if (i > 0) Write(", ");
      Write("$" + query.parameters[i].name.text + ": ");
      PrintParameterType(query.parameters[i].type);
    }
    Write(")");
    if (query.description) PrintAnnotation("@description", *query.description);
    if (query.instruction) PrintAnnotation("@instruction", *query.instruction);
    const std::uint32_t brace = layout_.Find(TokenKind::kOpenBrace, span.begin);
    OpenBlock(" {", brace);
    if (const auto* read = std::get_if<ast::Read>(&query.body)) {
      PrintRead(*read, layout_.After(brace));
    } else {
      for (const auto& statement : std::get<ast::Mutation>(query.body).statements) {
        layout_.NewLine(statement.place.span.begin);
        PrintStatement(statement);
        layout_.EndAt(statement.place.span.end);
      }
    }
    CloseBlock(span.end - 1);
  }

 private:
  void Write(std::string_view text) { layout_.Write(text); }

  void OpenBlock(std::string_view text, std::uint32_t brace) {
    Write(text);
    layout_.EndAt(brace);
    layout_.Indent();
  }

  void CloseBlock(std::uint32_t brace) {
    layout_.Outdent();
    layout_.NewLine(brace);
    Write("}");
  }

  void PrintAnnotation(std::string_view name, const std::string& text) {
    layout_.ContinueLine();
    Write(std::string(name) + "(");
    PrintString(text);
    Write(")");
  }

  void PrintParameterType(const ast::ParameterType& type) {
    std::string name = type.base;
    if (type.vector_dimension) name += "(" + std::to_string(*type.vector_dimension) + ")";
    Write(type.is_list ? "[" + name + "]" : name);
    if (type.is_nullable) Write("?");
  }

  void PrintRead(const ast::Read& read, std::uint32_t match) {
    layout_.NewLine(match);
    const std::uint32_t close = PrintClauses("match {", read.match, layout_.After(match));
    const std::uint32_t keyword = layout_.After(close);
    layout_.NewLine(keyword);
    OpenBlock("return {", layout_.After(keyword));
    for (const ast::Projection& projection : read.projections) {
      layout_.NewLine(projection.place.span.begin);
      PrintExpression(projection.expression);
      if (projection.alias) Write(" as " + projection.alias->text);
      Write(",");
      layout_.EndAt(projection.place.span.end);
    }
    std::uint32_t end =
        layout_.Find(TokenKind::kCloseBrace, read.projections.back().place.span.end);
    CloseBlock(end);
    if (!read.order.empty()) end = PrintOrder(read.order, layout_.After(end));
    if (read.limit) {
      layout_.NewLine(layout_.After(end));
      Write("limit " + std::to_string(read.limit->rows_count));
      layout_.EndAt(read.limit->place.span.end);
    }
  }

  // Returns the place of the closing brace.
  std::uint32_t PrintOrder(const std::vector<ast::Ordering>& order, std::uint32_t keyword) {
    layout_.NewLine(keyword);
    Write("order { ");
    for (std::size_t i = 0; i < order.size(); ++i) {
      if (i > 0) Write(", ");
      PrintExpression(order[i].expression);
      if (order[i].direction == ast::Direction::kAscending) Write(" asc");
      if (order[i].direction == ast::Direction::kDescending) Write(" desc");
    }
    Write(" }");
    const std::uint32_t close = layout_.Find(TokenKind::kCloseBrace, order.back().place.span.end);
    layout_.EndAt(close);
    return close;
  }

  // Returns the place of the closing brace.
  std::uint32_t PrintClauses(std::string_view head, const std::vector<ast::Clause>& clauses,
                             std::uint32_t brace) {
    OpenBlock(head, brace);
    std::uint32_t end = brace;
    for (const ast::Clause& clause : clauses) {
      const text::Span span = SpanOf(clause);
      layout_.NewLine(span.begin);
      std::visit([this](const auto& item) { PrintClause(item); }, clause.item);
      layout_.EndAt(span.end);
      end = span.end;
    }
    const std::uint32_t close = layout_.Find(TokenKind::kCloseBrace, end);
    CloseBlock(close);
    return close;
  }

  static text::Span SpanOf(const ast::Clause& clause) {
    if (const auto* predicate = std::get_if<ast::TextPredicate>(&clause.item)) {
      return predicate->call.place.span;
    }
    return std::visit(
        [](const auto& item) {
          if constexpr (requires { item.place; }) return item.place.span;
          return text::Span();
        },
        clause.item);
  }

  void PrintClause(const ast::Binding& binding) {
    Write("$" + binding.variable.text + ": " + binding.type.text);
    if (binding.fields.empty()) return;
    Write(" ");
    PrintFields(binding.fields);
  }

  void PrintClause(const ast::Traversal& traversal) {
    Write("$" + traversal.left.text + " ");
    if (traversal.edge_variable) Write("$" + traversal.edge_variable->text + ":");
    const std::string& word = traversal.edge_word.text;
    Write(traversal.is_undirected ? "<" + word + ">" : word);
    if (traversal.hops) {
      Write("{" + std::to_string(traversal.hops->min) + ",");
      if (traversal.hops->max) Write(std::to_string(*traversal.hops->max));
      Write("}");
    }
    Write(" $" + traversal.right.text);
  }

  void PrintClause(const ast::Filter& filter) {
    PrintExpression(filter.left);
    switch (filter.op) {
      case ast::FilterOp::kContains:
        Write(" contains ");
        break;
      case ast::FilterOp::kStartsWith:
        Write(" starts_with ");
        break;
      case ast::FilterOp::kCompare:
        Write(" " + std::string(CompareOpText(filter.compare)) + " ");
        break;
    }
    PrintExpression(filter.right);
  }

  void PrintClause(const ast::TextPredicate& predicate) { PrintExpression(predicate.call); }

  void PrintClause(const ast::Negation& negation) {
    PrintClauses("not {", negation.clauses, layout_.After(negation.place.span.begin));
  }

  // On one line, unless that gets too long, or the source has several lines or comments there.
  void PrintFields(const std::vector<ast::Field>& fields) {
    const std::uint32_t begin = fields.front().name.place.span.begin;
    const std::uint32_t close =
        layout_.Find(TokenKind::kCloseBrace, fields.back().value.place.span.end);
    const std::string text = OneLine(fields);
    const bool is_split = layout_.HasCommentBetween(layout_.Before(begin), close) ||
                          layout_.IsSplit(begin, close) ||
                          layout_.column() + text.size() > kLineLengthMax;
    if (!is_split) return Write(text);
    OpenBlock("{", layout_.Before(begin));
    for (const ast::Field& field : fields) {
      layout_.NewLine(field.name.place.span.begin);
      Write(field.name.text + ": ");
      PrintExpression(field.value);
      Write(",");
      layout_.EndAt(field.value.place.span.end);
    }
    CloseBlock(close);
  }

  static std::string OneLine(const std::vector<ast::Field>& fields) {
    Printer printer{Layout()};
    for (const ast::Field& field : fields) {
      printer.Write((printer.layout_.column() == 0 ? "{ " : ", ") + field.name.text + ": ");
      printer.PrintExpression(field.value);
    }
    std::string text = std::move(printer).Take();
    text.pop_back();
    return text + " }";
  }

  void PrintStatement(const ast::Statement& statement) {
    switch (statement.kind) {
      case ast::StatementKind::kInsert:
        Write("insert ");
        break;
      case ast::StatementKind::kUpdate:
        Write("update ");
        break;
      case ast::StatementKind::kDelete:
        Write("delete ");
        break;
    }
    Write(statement.type.text);
    if (statement.kind == ast::StatementKind::kUpdate) Write(" set");
    if (!statement.fields.empty()) {
      Write(" ");
      PrintFields(statement.fields);
    }
    if (!statement.predicate) return;
    Write(" where " + statement.predicate->name.text + " " +
          std::string(CompareOpText(statement.predicate->op)) + " ");
    PrintExpression(statement.predicate->value);
  }

  void PrintExpression(const ast::Expression& expression) {
    switch (expression.kind) {
      case ast::ExpressionKind::kLiteral:
        PrintLiteral(expression.literal);
        return;
      case ast::ExpressionKind::kVariable:
        Write("$" + expression.variable.text);
        return;
      case ast::ExpressionKind::kProperty:
        Write("$" + expression.variable.text + "." + expression.name.text);
        return;
      case ast::ExpressionKind::kName:
        Write(expression.name.text);
        return;
      case ast::ExpressionKind::kAggregate:
        Write(AggregateName(expression.function));
        break;
      default:
        Write(FunctionName(expression.kind));
        break;
    }
    Write("(");
    for (std::size_t i = 0; i < expression.arguments.size(); ++i) {
      if (i > 0) Write(", ");
      PrintExpression(expression.arguments[i]);
    }
    Write(")");
  }

  void PrintLiteral(const ast::Literal& literal) {
    switch (literal.kind) {
      case ast::LiteralKind::kString:
        PrintString(literal.text);
        break;
      case ast::LiteralKind::kInteger:
        Write(std::to_string(literal.integer));
        break;
      case ast::LiteralKind::kFloat:
        Write(literal.text);
        break;
      case ast::LiteralKind::kBool:
        Write(literal.boolean ? "true" : "false");
        break;
      case ast::LiteralKind::kDate:
      case ast::LiteralKind::kDateTime:
        Write(literal.kind == ast::LiteralKind::kDate ? "date(" : "datetime(");
        PrintString(literal.text);
        Write(")");
        break;
      case ast::LiteralKind::kList:
        Write("[");
        for (std::size_t i = 0; i < literal.elements.size(); ++i) {
          if (i > 0) Write(", ");
          PrintLiteral(literal.elements[i]);
        }
        Write("]");
        break;
    }
  }

  void PrintString(std::string_view text) {
    Write("\"");
    for (const char c : text) {
      switch (c) {
        case '"':
          Write("\\\"");
          break;
        case '\\':
          Write("\\\\");
          break;
        case '\n':
          Write("\\n");
          break;
        case '\r':
          Write("\\r");
          break;
        case '\t':
          Write("\\t");
          break;
        default:
          Write(std::string_view(&c, 1));
      }
    }
    Write("\"");
  }

  Layout layout_;
};

}  // namespace

std::string Print(const ast::Query& query) {
  Printer printer{Layout()};
  printer.PrintQuery(query);
  return std::move(printer).Take();
}

std::string Print(const ast::File& file) {
  Printer printer{Layout()};
  for (const ast::Query& query : file.queries)
    printer.PrintQuery(query);
  return std::move(printer).Take();
}

Result<std::string> FormatQueries(const text::Source& source) {
  OG_ASSIGN_OR_RETURN(const ast::File file, ParseFile(source));
  Printer printer{Layout(source)};
  for (const ast::Query& query : file.queries)
    printer.PrintQuery(query);
  return std::move(printer).Take();
}

}  // namespace omnigraph::query
