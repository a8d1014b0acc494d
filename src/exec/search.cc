// Implements exec/search.h.

#include "exec/search.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/check.h"
#include "base/hash.h"
#include "exec/fused_rank.h"
#include "index/distance.h"
#include "index/text_analysis.h"
#include "index/text_match.h"

namespace omnigraph::exec {
namespace {

using query::Expression;
using query::ExpressionKind;

constexpr double kBm25K1 = 1.2;
constexpr double kBm25B = 0.75;
constexpr std::int64_t kFuzzyEditsMax = 4;
constexpr float kNormMin = 1.19e-7F;

Status Invalid(std::string message) {
  return Status::Error(ErrorCode::kInvalidArgument, std::move(message));
}

// search, match_text and fuzzy.
class TextPredicate final : public RowFunction {
 public:
  TextPredicate(const table::Column* column, index::TextMatch match)
      : column_(column), match_(std::move(match)) {}

  Datum Of(RowId row) override {
    return Datum::Bool(!column_->IsNull(row) && match_.Matches(column_->Text(row)));
  }

 private:
  const table::Column* column_;
  index::TextMatch match_;
};

class Distance final : public RowFunction {
 public:
  Distance(const table::Column* column, types::VectorValue query)
      : column_(column), query_(std::move(query)) {}

  Datum Of(RowId row) override {
    if (column_->IsNull(row)) return Datum::Null();
    return Datum::Real(static_cast<double>(
        index::SquaredDistance(column_->Vector(row), query_.data(), query_.size())));
  }

 private:
  const table::Column* column_;
  types::VectorValue query_;
};

// The scores of all nodes that share a term with the query (S10.4), computed when it is bound.
class Bm25 final : public RowFunction {
 public:
  Status Score(const table::Table& table, const table::Column& column, std::string_view query,
               Context& context) {
    index::TextAnalyzer analyzer;
    std::vector<std::string> terms = analyzer.Terms(query);
    std::sort(terms.begin(), terms.end());
    terms.erase(std::unique(terms.begin(), terms.end()), terms.end());
    if (terms.empty()) return Status::Ok();
    Corpus corpus;
    corpus.documents_with.resize(terms.size());
    OG_RETURN_IF_ERROR(Read(table, column, terms, context, &corpus));
    const double average_length =
        static_cast<double>(corpus.terms_count) /
        static_cast<double>(std::max<std::uint64_t>(1, corpus.documents_count));
    for (const Document& document : corpus.matching) {
      double score = 0;
      for (std::size_t t = 0; t < terms.size(); ++t) {
        if (document.frequencies[t] == 0) continue;
        const auto n = static_cast<double>(corpus.documents_with[t]);
        const auto total = static_cast<double>(corpus.documents_count);
        const double rarity = std::log(1 + (total - n + 0.5) / (n + 0.5));
        const auto frequency = static_cast<double>(document.frequencies[t]);
        const double length = static_cast<double>(document.length) / average_length;
        score += rarity * (kBm25K1 + 1) * frequency /
                 (frequency + kBm25K1 * (1 - kBm25B + kBm25B * length));
      }
      scores_[document.row] = score;
    }
    return context.memory().Take(scores_.size() * 4 * sizeof(double));
  }

  Datum Of(RowId row) override {
    const auto entry = scores_.find(row);
    return entry == scores_.end() ? Datum::Null() : Datum::Real(entry->second);
  }

 private:
  struct Document {
    RowId row;
    std::uint32_t length;
    std::vector<std::uint32_t> frequencies;  // By query term.
  };
  struct Corpus {
    std::uint64_t documents_count = 0;
    std::uint64_t terms_count = 0;
    std::vector<std::uint64_t> documents_with;  // By query term.
    std::vector<Document> matching;
  };

  static Status Read(const table::Table& table, const table::Column& column,
                     const std::vector<std::string>& terms, Context& context, Corpus* corpus) {
    index::TextAnalyzer analyzer;
    std::vector<RowId> rows;
    for (RowId next = 0;;) {
      table.Scan(&next, kBatchRowsMax, &rows);
      if (rows.empty()) return Status::Ok();
      OG_RETURN_IF_ERROR(context.Poll());
      for (const RowId row : rows) {
        if (column.IsNull(row)) continue;
        Document document{row, 0, std::vector<std::uint32_t>(terms.size())};
        bool is_match = false;
        analyzer.VisitTerms(column.Text(row), [&](std::string_view term) {
          ++document.length;
          const auto at = std::lower_bound(terms.begin(), terms.end(), term);
          if (at == terms.end() || *at != term) return;
          is_match = true;
          ++document.frequencies[static_cast<std::size_t>(at - terms.begin())];
        });
        ++corpus->documents_count;
        corpus->terms_count += document.length;
        if (!is_match) continue;
        for (std::size_t t = 0; t < terms.size(); ++t) {
          corpus->documents_with[t] += document.frequencies[t] > 0 ? 1 : 0;
        }
        corpus->matching.push_back(std::move(document));
      }
    }
  }

  std::unordered_map<RowId, double> scores_;
};

// A deterministic vector for a text, for use without a provider (S10.8).
types::VectorValue MockEmbedding(std::string_view text, std::size_t dimensions) {
  std::uint64_t state = Fnv1a64(text);
  types::VectorValue vector;
  double squares = 0;
  for (std::size_t i = 0; i < dimensions; ++i) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    const auto share = static_cast<float>(static_cast<double>(state) / 18446744073709551615.0);
    vector.push_back(share * 2 - 1);
    squares += static_cast<double>(vector.back()) * static_cast<double>(vector.back());
  }
  const auto norm = static_cast<float>(std::sqrt(squares));
  if (norm > kNormMin) {
    for (float& x : vector)
      x /= norm;
  }
  return vector;
}

Result<types::VectorValue> QueryVector(const Expression& argument, std::size_t dimensions,
                                       Context& context) {
  const types::Value* value = context.ConstantValue(argument);
  OG_CHECK(value != nullptr);
  if (value->is_null()) return Invalid("nearest query is null; give it a vector or a text");
  if (const auto* text = value->As<std::string>()) {
    if (context.options().uses_mock_embeddings) return MockEmbedding(*text, dimensions);
    return Status::Error(ErrorCode::kInternal,
                         "the text given to nearest needs an embedding: set GEMINI_API_KEY, or "
                         "pass a vector");
  }
  types::Type type;
  type.scalar = types::Scalar::kVector;
  type.dimensions = static_cast<std::uint32_t>(dimensions);
  OG_ASSIGN_OR_RETURN(const types::Value vector,
                      types::ConvertForStorage(*value, type, "nearest query"));
  return *vector.As<types::VectorValue>();
}

Result<std::shared_ptr<RowFunction>> BindText(const Expression& expression, Context& context) {
  const Expression& field = expression.arguments[0];
  OG_ASSIGN_OR_RETURN(const table::Column* column,
                      context.ColumnOf(field.variable, field.property));
  const Datum query = context.Constant(expression.arguments[1]);
  std::int64_t edits = 0;
  if (expression.kind == ExpressionKind::kFuzzy) {
    const Datum given = context.Constant(expression.arguments[2]);
    const bool is_in_range = (given.kind == DatumKind::kInt || given.kind == DatumKind::kNatural) &&
                             given.integer >= 0 && given.integer <= kFuzzyEditsMax;
    if (!is_in_range) return Invalid("max_edits of fuzzy must be a number from 0 to 4");
    edits = given.integer;
  }
  const std::string_view text = query.is_null() ? std::string_view() : query.AsText();
  index::TextMatch match = edits == 0
                               ? index::TextMatch::AnyTerm(text)
                               : index::TextMatch::Fuzzy(text, static_cast<std::size_t>(edits));
  return std::shared_ptr<RowFunction>(std::make_shared<TextPredicate>(column, std::move(match)));
}

Result<std::shared_ptr<RowFunction>> BindNearest(const Expression& expression, Context& context) {
  const Expression& field = expression.arguments[0];
  OG_ASSIGN_OR_RETURN(const table::Column* column,
                      context.ColumnOf(field.variable, field.property));
  OG_ASSIGN_OR_RETURN(types::VectorValue query,
                      QueryVector(expression.arguments[1], column->type().dimensions, context));
  return std::shared_ptr<RowFunction>(std::make_shared<Distance>(column, std::move(query)));
}

Result<std::shared_ptr<RowFunction>> BindBm25(const Expression& expression, Context& context) {
  const Expression& field = expression.arguments[0];
  OG_ASSIGN_OR_RETURN(const table::Column* column,
                      context.ColumnOf(field.variable, field.property));
  OG_ASSIGN_OR_RETURN(const table::Table* table, context.TableOf(field.variable));
  auto scores = std::make_shared<Bm25>();
  const Datum query = context.Constant(expression.arguments[1]);
  if (!query.is_null()) {
    OG_RETURN_IF_ERROR(scores->Score(*table, *column, query.AsText(), context));
  }
  return std::shared_ptr<RowFunction>(std::move(scores));
}

Result<std::shared_ptr<RowFunction>> BindFused(const Expression& expression, Context& context) {
  const std::uint32_t variable = RankedVariable(expression);
  if (RankedVariable(expression.arguments[1]) != variable) {
    return Invalid("rrf fuses two rankings of one variable; its second arm ranks another one");
  }
  const Datum k = context.Constant(expression.arguments[2]);
  if (!k.is_number() || k.AsReal() < 1) return Invalid("k of rrf must be a number from 1 on");
  FusedRank::Arm arms[2];
  for (std::size_t i = 0; i < 2; ++i) {
    OG_ASSIGN_OR_RETURN(arms[i].value, BindSearchFunction(expression.arguments[i], context));
    arms[i].is_distance = expression.arguments[i].kind == ExpressionKind::kNearest;
  }
  OG_ASSIGN_OR_RETURN(const table::Column* ids, context.ColumnOf(variable, schema::kIdColumn));
  return std::shared_ptr<RowFunction>(
      std::make_shared<FusedRank>(std::move(arms[0]), std::move(arms[1]), k.AsReal(), ids));
}

// Equal for functions of equal meaning.
void AppendSignature(const Expression& expression, Context& context, std::string* signature) {
  *signature += '(' + std::to_string(static_cast<int>(expression.kind));
  if (expression.kind == ExpressionKind::kProperty) {
    *signature += ',' + std::to_string(expression.variable);
    *signature += ',' + std::to_string(expression.property);
  } else if (const types::Value* value = context.ConstantValue(expression)) {
    *signature += ',';
    types::AppendJson(*value, *signature);
  }
  for (const Expression& argument : expression.arguments) {
    AppendSignature(argument, context, signature);
  }
  *signature += ')';
}

}  // namespace

std::uint32_t RankedVariable(const Expression& expression) {
  if (expression.kind == ExpressionKind::kProperty) return expression.variable;
  return RankedVariable(expression.arguments[0]);
}

Result<std::shared_ptr<RowFunction>> BindSearchFunction(const Expression& expression,
                                                        Context& context) {
  std::string signature;
  AppendSignature(expression, context, &signature);
  std::shared_ptr<RowFunction>& known = context.functions()[signature];
  if (known != nullptr) return known;
  const auto bind = [&]() -> Result<std::shared_ptr<RowFunction>> {
    switch (expression.kind) {
      case ExpressionKind::kNearest:
        return BindNearest(expression, context);
      case ExpressionKind::kBm25:
        return BindBm25(expression, context);
      case ExpressionKind::kRrf:
        return BindFused(expression, context);
      default:
        return BindText(expression, context);
    }
  };
  OG_ASSIGN_OR_RETURN(known, bind());
  return known;
}

}  // namespace omnigraph::exec
