// Implements query/parser.h: files, queries, patterns and statements by recursive descent.

#include "query/parser.h"

#include <limits>
#include <set>

#include "base/strings.h"
#include "query/expression_parser.h"
#include "query/token_cursor.h"
#include "types/type.h"

namespace omnigraph::query {
namespace {

constexpr std::string_view kReadOrWrite = "'match', 'insert', 'update' or 'delete'";

bool AtStatement(const TokenCursor& cursor) {
  return cursor.AtWord("insert") || cursor.AtWord("update") || cursor.AtWord("delete");
}

// An edge word may not look like the beginning of `not { … }` (S2).
bool IsEdgeWord(std::string_view word) {
  if (!word.starts_with("not")) return true;
  return word.size() > 3 && word[3] != '_';
}

class Parser {
 public:
  Parser(const text::Source& source, text::Diagnostics& diagnostics)
      : cursor_(source, diagnostics) {}

  ast::File ParseFile() {
    ast::File file;
    while (!cursor_.At(TokenKind::kEnd)) {
      ast::Query query;
      if (ParseQuery(&query)) {
        file.queries.push_back(std::move(query));
      } else {
        SkipToNextQuery();
      }
    }
    return file;
  }

 private:
  // Goes on to something that looks like `query name(` or `query (`.
  void SkipToNextQuery() {
    while (!cursor_.At(TokenKind::kEnd)) {
      const bool is_header =
          cursor_.At(TokenKind::kOpenParen, 1) || cursor_.At(TokenKind::kOpenParen, 2);
      if (cursor_.AtWord("query") && is_header) return;
      cursor_.Take();
    }
  }

  bool ParseQuery(ast::Query* query) {
    const std::uint32_t begin = cursor_.Begin();
    if (!cursor_.AtWord("query")) {
      return cursor_.FailExpected(
          "'query' or the end of the text",
          cursor_.AtWord("mutation") ? "write: query name() { insert … }" : "");
    }
    cursor_.Take();
    if (!cursor_.ExpectName(TokenKind::kWord, "a query name", &query->name) ||
        !ParseParameters(query) || !ParseAnnotations(query) ||
        !cursor_.Expect(TokenKind::kOpenBrace, "'{'") || !ParseBody(query)) {
      return false;
    }
    query->place = cursor_.PlaceFrom(begin);
    return true;
  }

  bool ParseParameters(ast::Query* query) {
    if (!cursor_.Expect(TokenKind::kOpenParen, "'('")) return false;
    if (cursor_.Accept(TokenKind::kCloseParen)) return true;
    std::set<std::string> seen;
    do {
      ast::Parameter& parameter = query->parameters.emplace_back();
      if (!cursor_.ExpectName(TokenKind::kVariable, "a parameter such as $name", &parameter.name) ||
          !cursor_.Expect(TokenKind::kColon, "':' and the parameter's type") ||
          !ParseParameterType(&parameter.type)) {
        return false;
      }
      if (!seen.insert(parameter.name.text).second) {
        cursor_.Fail(parameter.name.place.span,
                     "parameter '$" + parameter.name.text + "' is declared twice");
      }
    } while (cursor_.Accept(TokenKind::kComma));
    return cursor_.Expect(TokenKind::kCloseParen, "',' or ')'");
  }

  bool ParseParameterType(ast::ParameterType* type) {
    const std::uint32_t begin = cursor_.Begin();
    type->is_list = cursor_.Accept(TokenKind::kOpenBracket);
    types::Scalar scalar = types::Scalar::kString;
    const std::string_view word = cursor_.Text(cursor_.Peek());
    if (types::FindScalar(word, &scalar) || (word == "Vector" && !type->is_list)) {
      type->base = word;
      cursor_.Take();
    } else {
      return cursor_.FailExpected("a parameter type",
                                  "the types are String, Bool, I32, I64, U32, U64, F32, F64, Date, "
                                  "DateTime, Blob, lists such as [String], and Vector(3)");
    }
    if (type->base == "Vector") {
      std::uint64_t dimension = 0;
      if (!cursor_.Expect(TokenKind::kOpenParen, "'('") ||
          !cursor_.ExpectInteger("a vector dimension", std::numeric_limits<std::int64_t>::max(),
                                 &dimension) ||
          !cursor_.Expect(TokenKind::kCloseParen, "')'")) {
        return false;
      }
      type->vector_dimension = dimension;
    }
    if (type->is_list && !cursor_.Expect(TokenKind::kCloseBracket, "']'")) return false;
    type->is_nullable = cursor_.Accept(TokenKind::kQuestion);
    type->place = cursor_.PlaceFrom(begin);
    return true;
  }

  bool ParseAnnotations(ast::Query* query) {
    while (cursor_.At(TokenKind::kAt)) {
      const std::uint32_t begin = cursor_.Begin();
      cursor_.Take();
      const bool is_description = cursor_.AtWord("description");
      if (!is_description && !cursor_.AtWord("instruction")) {
        return cursor_.FailExpected("'description' or 'instruction' behind '@'");
      }
      cursor_.Take();
      std::string text;
      if (!cursor_.Expect(TokenKind::kOpenParen, "'('") ||
          !cursor_.ExpectString("a text in double quotes", &text) ||
          !cursor_.Expect(TokenKind::kCloseParen, "')'")) {
        return false;
      }
      std::optional<std::string>& target = is_description ? query->description : query->instruction;
      if (target) {
        cursor_.Fail(cursor_.PlaceFrom(begin).span,
                     std::string("duplicate annotation ") +
                         (is_description ? "@description" : "@instruction") + " on query '" +
                         query->name.text + "'");
      }
      target = std::move(text);
    }
    return true;
  }

  bool ParseBody(ast::Query* query) {
    if (cursor_.AtWord("match")) {
      ast::Read& read = query->body.emplace<ast::Read>();
      if (!ParseRead(&read)) return false;
      if (cursor_.Accept(TokenKind::kCloseBrace)) return true;
      const std::string expected = read.limit           ? "'}'"
                                   : read.order.empty() ? "'order', 'limit' or '}'"
                                                        : "'limit' or '}'";
      return cursor_.FailExpected(
          expected, AtStatement(cursor_) ? "a query either reads or writes: make two queries" : "");
    }
    ast::Mutation& mutation = query->body.emplace<ast::Mutation>();
    if (!AtStatement(cursor_)) return cursor_.FailExpected(kReadOrWrite);
    while (AtStatement(cursor_)) {
      if (!ParseStatement(&mutation.statements.emplace_back())) return false;
    }
    return cursor_.Accept(TokenKind::kCloseBrace) ||
           cursor_.FailExpected(
               "'insert', 'update', 'delete' or '}'",
               cursor_.AtWord("match") ? "a query either reads or writes: make two queries" : "");
  }

  bool ParseRead(ast::Read* read) {
    return cursor_.ExpectWord("match") && ParseClauses(&read->match) &&
           cursor_.ExpectWord("return") && ParseProjections(read) && ParseOrder(read) &&
           ParseLimit(read);
  }

  // `{ clause … }` with at least one clause.
  bool ParseClauses(std::vector<ast::Clause>* clauses) {
    if (!cursor_.Expect(TokenKind::kOpenBrace, "'{'") || !cursor_.Enter()) return false;
    do {
      if (!ParseClause(&clauses->emplace_back())) return false;
    } while (!cursor_.Accept(TokenKind::kCloseBrace));
    cursor_.Leave();
    return true;
  }

  bool ParseClause(ast::Clause* clause) {
    if (cursor_.AtWord("not") && cursor_.At(TokenKind::kOpenBrace, 1)) {
      const std::uint32_t begin = cursor_.Begin();
      cursor_.Take();
      ast::Negation negation;
      if (!ParseClauses(&negation.clauses)) return false;
      negation.place = cursor_.PlaceFrom(begin);
      clause->item = std::move(negation);
      return true;
    }
    if (cursor_.At(TokenKind::kVariable)) {
      if (cursor_.At(TokenKind::kColon, 1)) return ParseBinding(clause);
      if (AtTraversal()) return ParseTraversal(clause);
    }
    return ParseFilter(clause);
  }

  bool ParseBinding(ast::Clause* clause) {
    const std::uint32_t begin = cursor_.Begin();
    ast::Binding binding;
    cursor_.ExpectName(TokenKind::kVariable, "a variable", &binding.variable);
    cursor_.Take();  // The colon.
    if (!cursor_.ExpectName(TokenKind::kTypeName, "a node type", &binding.type)) return false;
    if (cursor_.Accept(TokenKind::kOpenBrace)) {
      do {
        if (!binding.fields.empty() && cursor_.At(TokenKind::kCloseBrace)) break;
        if (!ParseField(&binding.fields.emplace_back())) return false;
      } while (cursor_.Accept(TokenKind::kComma));
      if (!cursor_.Expect(TokenKind::kCloseBrace, "',' or '}'")) return false;
    }
    binding.place = cursor_.PlaceFrom(begin);
    clause->item = std::move(binding);
    return true;
  }

  bool ParseField(ast::Field* field) {
    return cursor_.ExpectName(TokenKind::kWord, "a property name", &field->name) &&
           cursor_.Expect(TokenKind::kColon, "':'") && ParseValue(cursor_, &field->value);
  }

  // The cursor stands at a variable that no colon follows: is this `$a word $b` in any of its
  // forms, or the left side of a filter?
  bool AtTraversal() const {
    if (cursor_.At(TokenKind::kVariable, 1)) return true;
    if (cursor_.At(TokenKind::kTypeName, 1)) return true;  // Refused with a hint later.
    if (cursor_.At(TokenKind::kLess, 1)) {
      return cursor_.At(TokenKind::kWord, 2) && cursor_.At(TokenKind::kGreater, 3);
    }
    if (!cursor_.At(TokenKind::kWord, 1)) return false;
    if (!cursor_.AtWord("contains", 1) && !cursor_.AtWord("starts_with", 1)) return true;
    // `$names contains $p.name` is a filter, `$a contains $b` a traversal (S3.2).
    return cursor_.At(TokenKind::kOpenBrace, 2) ||
           (cursor_.At(TokenKind::kVariable, 2) && !cursor_.At(TokenKind::kDot, 3));
  }

  bool ParseTraversal(ast::Clause* clause) {
    const std::uint32_t begin = cursor_.Begin();
    ast::Traversal traversal;
    cursor_.ExpectName(TokenKind::kVariable, "a variable", &traversal.left);
    if (cursor_.At(TokenKind::kVariable)) {
      cursor_.ExpectName(TokenKind::kVariable, "a variable", &traversal.edge_variable.emplace());
      if (!cursor_.Expect(TokenKind::kColon, "':' and an edge word")) return false;
    }
    traversal.is_undirected = cursor_.Accept(TokenKind::kLess);
    if (!ParseEdgeWord(&traversal.edge_word)) return false;
    if (traversal.is_undirected && !cursor_.Expect(TokenKind::kGreater, "'>'")) return false;
    if (cursor_.At(TokenKind::kOpenBrace) && !ParseHops(&traversal.hops.emplace())) return false;
    if (!cursor_.ExpectName(TokenKind::kVariable, "the variable that the edge leads to",
                            &traversal.right)) {
      return false;
    }
    traversal.place = cursor_.PlaceFrom(begin);
    clause->item = std::move(traversal);
    return true;
  }

  bool ParseEdgeWord(Name* word) {
    const std::string text(cursor_.Text(cursor_.Peek()));
    if (cursor_.At(TokenKind::kTypeName)) {
      std::string lower = text;
      lower[0] = static_cast<char>(lower[0] - 'A' + 'a');
      return cursor_.FailExpected("an edge word",
                                  "edge words start with a lower-case letter: '" + lower + "'");
    }
    if (cursor_.At(TokenKind::kWord) && !IsEdgeWord(text)) {
      return cursor_.FailExpected("an edge word", "an edge word may not start with 'not'");
    }
    return cursor_.ExpectName(TokenKind::kWord, "an edge word", word);
  }

  bool ParseHops(ast::HopBounds* hops) {
    constexpr std::uint64_t kMax = std::numeric_limits<std::uint32_t>::max();
    const std::uint32_t begin = cursor_.Begin();
    std::uint64_t bound = 0;
    cursor_.Take();  // The brace.
    if (!cursor_.ExpectInteger("the least number of hops", kMax, &bound)) return false;
    hops->min = static_cast<std::uint32_t>(bound);
    if (!cursor_.Expect(TokenKind::kComma, "',' and the greatest number of hops")) return false;
    if (cursor_.At(TokenKind::kInteger)) {
      if (!cursor_.ExpectInteger("the greatest number of hops", kMax, &bound)) return false;
      hops->max = static_cast<std::uint32_t>(bound);
    }
    if (!cursor_.Expect(TokenKind::kCloseBrace, "'}'")) return false;
    hops->place = cursor_.PlaceFrom(begin);
    return true;
  }

  bool ParseFilter(ast::Clause* clause) {
    const std::uint32_t begin = cursor_.Begin();
    if (!cursor_.At(TokenKind::kVariable) && !cursor_.At(TokenKind::kWord) && !AtOperandStart()) {
      return cursor_.FailExpected("a clause");
    }
    ast::Filter filter;
    if (!ParseExpression(cursor_, &filter.left)) return false;
    if (cursor_.AcceptWord("contains")) {
      filter.op = ast::FilterOp::kContains;
    } else if (cursor_.AcceptWord("starts_with")) {
      filter.op = ast::FilterOp::kStartsWith;
    } else if (!AcceptCompareOp(cursor_, &filter.compare)) {
      return FinishTextPredicate(std::move(filter.left), clause);
    }
    if (!ParseExpression(cursor_, &filter.right)) return false;
    filter.place = cursor_.PlaceFrom(begin);
    clause->item = std::move(filter);
    return true;
  }

  bool AtOperandStart() const {
    switch (cursor_.Peek().kind) {
      case TokenKind::kInteger:
      case TokenKind::kFloat:
      case TokenKind::kString:
      case TokenKind::kOpenBracket:
        return true;
      default:
        return false;
    }
  }

  bool FinishTextPredicate(ast::Expression left, ast::Clause* clause) {
    switch (left.kind) {
      case ast::ExpressionKind::kSearch:
      case ast::ExpressionKind::kFuzzy:
      case ast::ExpressionKind::kMatchText:
        clause->item = ast::TextPredicate{std::move(left)};
        return true;
      case ast::ExpressionKind::kVariable:
        return cursor_.FailExpected("':', an edge word or a comparison behind '$" +
                                    left.variable.text + "'");
      default:
        return cursor_.FailExpected("a comparison, 'contains' or 'starts_with'");
    }
  }

  bool ParseProjections(ast::Read* read) {
    if (!cursor_.Expect(TokenKind::kOpenBrace, "'{'")) return false;
    do {
      const std::uint32_t begin = cursor_.Begin();
      ast::Projection& projection = read->projections.emplace_back();
      if (!ParseExpression(cursor_, &projection.expression)) return false;
      if (cursor_.AcceptWord("as") &&
          !cursor_.ExpectName(TokenKind::kWord, "a column name", &projection.alias.emplace())) {
        return false;
      }
      projection.place = cursor_.PlaceFrom(begin);
      cursor_.Accept(TokenKind::kComma);
    } while (!cursor_.Accept(TokenKind::kCloseBrace));
    return true;
  }

  bool ParseOrder(ast::Read* read) {
    if (!cursor_.AcceptWord("order")) return true;
    if (!cursor_.Expect(TokenKind::kOpenBrace, "'{'")) return false;
    do {
      const std::uint32_t begin = cursor_.Begin();
      ast::Ordering& ordering = read->order.emplace_back();
      if (!ParseExpression(cursor_, &ordering.expression)) return false;
      const bool is_nearest = ordering.expression.kind == ast::ExpressionKind::kNearest;
      if (!is_nearest && cursor_.AcceptWord("asc")) {
        ordering.direction = ast::Direction::kAscending;
      } else if (!is_nearest && cursor_.AcceptWord("desc")) {
        ordering.direction = ast::Direction::kDescending;
      }
      ordering.place = cursor_.PlaceFrom(begin);
    } while (cursor_.Accept(TokenKind::kComma));
    const bool is_direction = cursor_.AtWord("asc") || cursor_.AtWord("desc");
    return cursor_.Accept(TokenKind::kCloseBrace) ||
           cursor_.FailExpected("',' or '}'",
                                is_direction ? "nearest is always nearest first" : "");
  }

  bool ParseLimit(ast::Read* read) {
    const std::uint32_t begin = cursor_.Begin();
    if (!cursor_.AcceptWord("limit")) return true;
    ast::Limit& limit = read->limit.emplace();
    if (!cursor_.ExpectInteger("a number of rows", std::numeric_limits<std::uint64_t>::max(),
                               &limit.rows_count)) {
      return false;
    }
    limit.place = cursor_.PlaceFrom(begin);
    return true;
  }

  bool ParseStatement(ast::Statement* statement) {
    const std::uint32_t begin = cursor_.Begin();
    statement->kind = cursor_.AtWord("insert")   ? ast::StatementKind::kInsert
                      : cursor_.AtWord("update") ? ast::StatementKind::kUpdate
                                                 : ast::StatementKind::kDelete;
    cursor_.Take();
    if (!cursor_.ExpectName(TokenKind::kTypeName, "a type name", &statement->type)) return false;
    if (statement->kind == ast::StatementKind::kUpdate && !cursor_.ExpectWord("set")) return false;
    if (statement->kind != ast::StatementKind::kDelete && !ParseAssignments(statement))
      return false;
    if (statement->kind != ast::StatementKind::kInsert && !ParsePredicate(statement)) return false;
    statement->place = cursor_.PlaceFrom(begin);
    return true;
  }

  bool ParseAssignments(ast::Statement* statement) {
    if (!cursor_.Expect(TokenKind::kOpenBrace, "'{'")) return false;
    do {
      if (!ParseField(&statement->fields.emplace_back())) return false;
      cursor_.Accept(TokenKind::kComma);
    } while (!cursor_.Accept(TokenKind::kCloseBrace));
    return true;
  }

  bool ParsePredicate(ast::Statement* statement) {
    if (!cursor_.ExpectWord("where")) return false;
    const std::uint32_t begin = cursor_.Begin();
    ast::Predicate& predicate = statement->predicate.emplace();
    if (!cursor_.ExpectName(TokenKind::kWord, "a property name", &predicate.name)) return false;
    if (!AcceptCompareOp(cursor_, &predicate.op)) {
      return cursor_.FailExpected("'=', '!=', '<', '<=', '>' or '>='");
    }
    if (!ParseValue(cursor_, &predicate.value)) return false;
    predicate.place = cursor_.PlaceFrom(begin);
    return true;
  }

  TokenCursor cursor_;
};

}  // namespace

ast::File Parse(const text::Source& source, text::Diagnostics& diagnostics) {
  if (source.text().size() > kQueryTextBytesMax) {
    diagnostics.Error("", {0, 1},
                      "the text has " + std::to_string(source.text().size()) +
                          " bytes, more than the limit of " + std::to_string(kQueryTextBytesMax) +
                          " (query.text_bytes_max)");
    return {};
  }
  if (!IsValidUtf8(source.text())) {
    diagnostics.Error("", {0, 1}, "the text is not UTF-8", "save the file in UTF-8");
    return {};
  }
  return Parser(source, diagnostics).ParseFile();
}

std::string ParseErrorText(const text::Source& source, const text::Diagnostic& error) {
  const text::Position at = source.PositionOf(error.primary.span.begin);
  std::string text = "parse error: line " + std::to_string(at.line) + ", column " +
                     std::to_string(at.column) + ": " + error.summary;
  if (!error.help.empty()) text += " (" + error.help + ")";
  return text;
}

}  // namespace omnigraph::query
