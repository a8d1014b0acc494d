// Implements query/printer.h.

#include "query/printer.h"

#include <string_view>

#include "query/read_checker.h"

namespace omnigraph::query {
namespace {

class Printer {
 public:
  std::string Take() && { return std::move(out_); }

  void PrintQuery(const ast::Query& query) {
    out_ += "query " + query.name.text + "(";
    for (std::size_t i = 0; i < query.parameters.size(); ++i) {
      if (i > 0) out_ += ", ";
      out_ += "$" + query.parameters[i].name.text + ": ";
      PrintParameterType(query.parameters[i].type);
    }
    out_ += ")";
    if (query.description) PrintAnnotation("@description", *query.description);
    if (query.instruction) PrintAnnotation("@instruction", *query.instruction);
    out_ += " {";
    ++depth_;
    if (const auto* read = std::get_if<ast::Read>(&query.body)) {
      PrintRead(*read);
    } else {
      for (const auto& statement : std::get<ast::Mutation>(query.body).statements) {
        NewLine();
        PrintStatement(statement);
      }
    }
    --depth_;
    NewLine();
    out_ += "}\n";
  }

 private:
  void NewLine() { out_ += "\n" + std::string(depth_ * 2, ' '); }

  void PrintAnnotation(std::string_view name, const std::string& text) {
    NewLine();
    out_ += "  " + std::string(name) + "(";
    PrintString(text);
    out_ += ")";
  }

  void PrintParameterType(const ast::ParameterType& type) {
    std::string name = type.base;
    if (type.vector_dimension) name += "(" + std::to_string(*type.vector_dimension) + ")";
    out_ += type.is_list ? "[" + name + "]" : name;
    if (type.is_nullable) out_ += "?";
  }

  void PrintRead(const ast::Read& read) {
    NewLine();
    out_ += "match ";
    PrintClauses(read.match);
    NewLine();
    out_ += "return {";
    ++depth_;
    for (const ast::Projection& projection : read.projections) {
      NewLine();
      PrintExpression(projection.expression);
      if (projection.alias) out_ += " as " + projection.alias->text;
      out_ += ",";
    }
    --depth_;
    NewLine();
    out_ += "}";
    if (!read.order.empty()) PrintOrder(read.order);
    if (read.limit) {
      NewLine();
      out_ += "limit " + std::to_string(read.limit->rows_count);
    }
  }

  void PrintOrder(const std::vector<ast::Ordering>& order) {
    NewLine();
    out_ += "order { ";
    for (std::size_t i = 0; i < order.size(); ++i) {
      if (i > 0) out_ += ", ";
      PrintExpression(order[i].expression);
      if (order[i].direction == ast::Direction::kAscending) out_ += " asc";
      if (order[i].direction == ast::Direction::kDescending) out_ += " desc";
    }
    out_ += " }";
  }

  void PrintClauses(const std::vector<ast::Clause>& clauses) {
    out_ += "{";
    ++depth_;
    for (const ast::Clause& clause : clauses) {
      NewLine();
      std::visit([this](const auto& item) { PrintClause(item); }, clause.item);
    }
    --depth_;
    NewLine();
    out_ += "}";
  }

  void PrintClause(const ast::Binding& binding) {
    out_ += "$" + binding.variable.text + ": " + binding.type.text;
    if (binding.fields.empty()) return;
    out_ += " ";
    PrintFields(binding.fields);
  }

  void PrintClause(const ast::Traversal& traversal) {
    out_ += "$" + traversal.left.text + " ";
    if (traversal.edge_variable) out_ += "$" + traversal.edge_variable->text + ":";
    const std::string& word = traversal.edge_word.text;
    out_ += traversal.is_undirected ? "<" + word + ">" : word;
    if (traversal.hops) {
      out_ += "{" + std::to_string(traversal.hops->min) + ",";
      if (traversal.hops->max) out_ += std::to_string(*traversal.hops->max);
      out_ += "}";
    }
    out_ += " $" + traversal.right.text;
  }

  void PrintClause(const ast::Filter& filter) {
    PrintExpression(filter.left);
    switch (filter.op) {
      case ast::FilterOp::kContains:
        out_ += " contains ";
        break;
      case ast::FilterOp::kStartsWith:
        out_ += " starts_with ";
        break;
      case ast::FilterOp::kCompare:
        out_ += " " + std::string(CompareOpText(filter.compare)) + " ";
        break;
    }
    PrintExpression(filter.right);
  }

  void PrintClause(const ast::TextPredicate& predicate) { PrintExpression(predicate.call); }

  void PrintClause(const ast::Negation& negation) {
    out_ += "not ";
    PrintClauses(negation.clauses);
  }

  void PrintFields(const std::vector<ast::Field>& fields) {
    out_ += "{ ";
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (i > 0) out_ += ", ";
      out_ += fields[i].name.text + ": ";
      PrintExpression(fields[i].value);
    }
    out_ += " }";
  }

  void PrintStatement(const ast::Statement& statement) {
    switch (statement.kind) {
      case ast::StatementKind::kInsert:
        out_ += "insert ";
        break;
      case ast::StatementKind::kUpdate:
        out_ += "update ";
        break;
      case ast::StatementKind::kDelete:
        out_ += "delete ";
        break;
    }
    out_ += statement.type.text;
    if (statement.kind == ast::StatementKind::kUpdate) out_ += " set";
    if (!statement.fields.empty()) {
      out_ += " ";
      PrintFields(statement.fields);
    }
    if (!statement.predicate) return;
    out_ += " where " + statement.predicate->name.text + " " +
            std::string(CompareOpText(statement.predicate->op)) + " ";
    PrintExpression(statement.predicate->value);
  }

  void PrintExpression(const ast::Expression& expression) {
    switch (expression.kind) {
      case ast::ExpressionKind::kLiteral:
        PrintLiteral(expression.literal);
        return;
      case ast::ExpressionKind::kVariable:
        out_ += "$" + expression.variable.text;
        return;
      case ast::ExpressionKind::kProperty:
        out_ += "$" + expression.variable.text + "." + expression.name.text;
        return;
      case ast::ExpressionKind::kName:
        out_ += expression.name.text;
        return;
      case ast::ExpressionKind::kAggregate:
        out_ += AggregateName(expression.function);
        break;
      default:
        out_ += FunctionName(expression.kind);
        break;
    }
    out_ += "(";
    for (std::size_t i = 0; i < expression.arguments.size(); ++i) {
      if (i > 0) out_ += ", ";
      PrintExpression(expression.arguments[i]);
    }
    out_ += ")";
  }

  void PrintLiteral(const ast::Literal& literal) {
    switch (literal.kind) {
      case ast::LiteralKind::kString:
        PrintString(literal.text);
        break;
      case ast::LiteralKind::kInteger:
        out_ += std::to_string(literal.integer);
        break;
      case ast::LiteralKind::kFloat:
        out_ += literal.text;
        break;
      case ast::LiteralKind::kBool:
        out_ += literal.boolean ? "true" : "false";
        break;
      case ast::LiteralKind::kDate:
      case ast::LiteralKind::kDateTime:
        out_ += literal.kind == ast::LiteralKind::kDate ? "date(" : "datetime(";
        PrintString(literal.text);
        out_ += ")";
        break;
      case ast::LiteralKind::kList:
        out_ += "[";
        for (std::size_t i = 0; i < literal.elements.size(); ++i) {
          if (i > 0) out_ += ", ";
          PrintLiteral(literal.elements[i]);
        }
        out_ += "]";
        break;
    }
  }

  void PrintString(std::string_view text) {
    out_ += '"';
    for (const char c : text) {
      switch (c) {
        case '"':
          out_ += "\\\"";
          break;
        case '\\':
          out_ += "\\\\";
          break;
        case '\n':
          out_ += "\\n";
          break;
        case '\r':
          out_ += "\\r";
          break;
        case '\t':
          out_ += "\\t";
          break;
        default:
          out_ += c;
      }
    }
    out_ += '"';
  }

  std::string out_;
  std::size_t depth_ = 0;
};

}  // namespace

std::string Print(const ast::Query& query) {
  Printer printer;
  printer.PrintQuery(query);
  return std::move(printer).Take();
}

std::string Print(const ast::File& file) {
  std::string out;
  for (const ast::Query& query : file.queries) {
    if (!out.empty()) out += "\n";
    out += Print(query);
  }
  return out;
}

}  // namespace omnigraph::query
