// Implements exec/search.h.

#include "exec/search.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "exec/fused_rank.h"
#include "index/bm25.h"
#include "index/distance.h"
#include "index/text_analysis.h"
#include "index/text_match.h"
#include "table/text_index.h"
#include "table/vector_index.h"

namespace omnigraph::exec {
namespace {

using query::Expression;
using query::ExpressionKind;

constexpr std::int64_t kFuzzyEditsMax = 4;

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
  /// `index` may be null.
  Distance(const table::Column* column, types::VectorValue query,
           std::shared_ptr<const table::VectorIndex> index)
      : column_(column), query_(std::move(query)), index_(std::move(index)) {}

  Datum Of(RowId row) override {
    if (column_->IsNull(row)) return Datum::Null();
    return Datum::Real(static_cast<double>(
        index::SquaredDistance(column_->Vector(row), query_.data(), query_.size())));
  }

  void OfMany(std::span<const RowId> rows, double* values, std::uint8_t* nulls) override {
    std::vector<const float*> vectors(rows.size());
    column_->GatherVectors(rows, vectors.data());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      nulls[i] = vectors[i] == nullptr ? 1 : 0;
      if (vectors[i] == nullptr) continue;
      values[i] =
          static_cast<double>(index::SquaredDistance(vectors[i], query_.data(), query_.size()));
    }
  }

  bool Bound(std::span<const RowId> rows, index::DistanceBounds* bounds) override {
    if (index_ == nullptr) return false;
    index_->Bound(index::VectorCodes::Query(query_), rows, bounds);
    return true;
  }

 private:
  const table::Column* column_;
  types::VectorValue query_;
  std::shared_ptr<const table::VectorIndex> index_;
};

// The same, answered by an index when it is bound.
class IndexedPredicate final : public RowFunction {
 public:
  IndexedPredicate(std::vector<RowId> rows, RowId ids_end)
      : rows_(std::move(rows)), holds_((ids_end + std::size_t{63}) / 64) {
    for (const RowId row : rows_)
      holds_[row / 64] |= std::uint64_t{1} << (row % 64);
  }

  Datum Of(RowId row) override { return Datum::Bool((holds_[row / 64] >> (row % 64) & 1) != 0); }
  const std::vector<RowId>* candidates() const override { return &rows_; }

 private:
  std::vector<RowId> rows_;
  std::vector<std::uint64_t> holds_;  // A bit per row id.
};

// The scores of all nodes that share a term with the query (S10.4), computed when it is bound.
class Bm25 final : public RowFunction {
 public:
  explicit Bm25(table::TextIndex::Scores found) : found_(std::move(found)) {}

  Datum Of(RowId row) override {
    const auto at = std::lower_bound(found_.rows.begin(), found_.rows.end(), row);
    if (at == found_.rows.end() || *at != row) return Datum::Null();
    return Datum::Real(found_.scores[static_cast<std::size_t>(at - found_.rows.begin())]);
  }

  void OfMany(std::span<const RowId> rows, double* values, std::uint8_t* nulls) override {
    // Rows mostly ascend: then the search goes on where it was.
    auto at = found_.rows.begin();
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (i > 0 && rows[i] < rows[i - 1]) at = found_.rows.begin();
      if (at != found_.rows.end() && *at < rows[i]) {
        at = std::lower_bound(at, found_.rows.end(), rows[i]);
      }
      const bool is_found = at != found_.rows.end() && *at == rows[i];
      nulls[i] = is_found ? 0 : 1;
      if (is_found) values[i] = found_.scores[static_cast<std::size_t>(at - found_.rows.begin())];
    }
  }

  const std::vector<RowId>* candidates() const override { return &found_.rows; }

 private:
  table::TextIndex::Scores found_;
};

// Scores without an index: reads and analyses every text.
class Bm25Scan {
 public:
  Bm25Scan(const std::vector<std::string>& terms, Context& context)
      : terms_(terms), context_(context), documents_with_(terms.size()) {}

  Result<table::TextIndex::Scores> Score(const table::Table& table, const table::Column& column) {
    OG_RETURN_IF_ERROR(Read(table, column));
    std::vector<double> weights;
    for (const std::uint64_t documents_with : documents_with_)
      weights.push_back(index::Bm25Weight(corpus_, documents_with));
    const double average_length = corpus_.average_length();
    table::TextIndex::Scores found;
    for (const Document& document : matching_) {
      const double norm = index::Bm25LengthNorm(document.length, average_length);
      double score = 0;
      for (std::size_t t = 0; t < terms_.size(); ++t) {
        if (document.frequencies[t] == 0) continue;
        score += index::Bm25Score(weights[t], document.frequencies[t], norm);
      }
      found.rows.push_back(document.row);
      found.scores.push_back(score);
    }
    return found;
  }

 private:
  struct Document {
    RowId row;
    std::uint32_t length;
    std::vector<std::uint32_t> frequencies;  // By query term.
  };

  Status Read(const table::Table& table, const table::Column& column) {
    std::vector<RowId> rows;
    for (RowId next = 0;;) {
      table.Scan(&next, kBatchRowsMax, &rows);
      if (rows.empty()) return Status::Ok();
      OG_RETURN_IF_ERROR(context_.Poll());
      for (const RowId row : rows) {
        if (!column.IsNull(row)) ReadText(row, column.Text(row));
      }
    }
  }

  void ReadText(RowId row, std::string_view text) {
    Document document{row, 0, std::vector<std::uint32_t>(terms_.size())};
    bool is_match = false;
    analyzer_.VisitTerms(text, [&](std::string_view term) {
      ++document.length;
      const auto at = std::lower_bound(terms_.begin(), terms_.end(), term);
      if (at == terms_.end() || *at != term) return;
      is_match = true;
      ++document.frequencies[static_cast<std::size_t>(at - terms_.begin())];
    });
    ++corpus_.documents_count;
    corpus_.terms_count += document.length;
    if (!is_match) return;
    for (std::size_t t = 0; t < terms_.size(); ++t)
      documents_with_[t] += document.frequencies[t] > 0 ? 1 : 0;
    matching_.push_back(std::move(document));
  }

  const std::vector<std::string>& terms_;
  Context& context_;
  index::TextAnalyzer analyzer_;
  index::Bm25Corpus corpus_;
  std::vector<std::uint64_t> documents_with_;  // By query term.
  std::vector<Document> matching_;
};

// Whether searches of this property go through a text index.
bool HasTextIndex(const Expression& field, const Context& context) {
  const query::Variable& variable = context.query().variables[field.variable];
  if (variable.kind != query::VariableKind::kNode ||
      context.options().uses_indexes == IndexUse::kNever) {
    return false;
  }
  const schema::NodeType& type = context.catalog().node(variable.type);
  return type.properties[field.property].index == schema::IndexKind::kText;
}

Result<std::shared_ptr<const table::TextIndex>> OpenTextIndex(const Expression& field,
                                                              index::TextPostings::Kind kind,
                                                              Context& context) {
  OG_ASSIGN_OR_RETURN(const table::Table* table, context.TableOf(field.variable));
  return table::TextIndex::Open(*table, field.property, kind,
                                [&context] { return context.Poll(); });
}

// Null without a declared index, or while it is not worth being built.
Result<std::shared_ptr<const table::VectorIndex>> OpenVectorIndex(const Expression& field,
                                                                  Context& context) {
  const query::Variable& variable = context.query().variables[field.variable];
  const IndexUse use = context.options().uses_indexes;
  if (variable.kind != query::VariableKind::kNode || use == IndexUse::kNever ||
      context.catalog().node(variable.type).properties[field.property].index !=
          schema::IndexKind::kVector) {
    return std::shared_ptr<const table::VectorIndex>();
  }
  OG_ASSIGN_OR_RETURN(const table::Table* table, context.TableOf(field.variable));
  using Build = table::VectorIndex::Build;
  return table::VectorIndex::Open(*table, field.property,
                                  use == IndexUse::kAlways ? Build::kAlways : Build::kWhenWorth);
}

Result<types::VectorValue> QueryVector(const Expression& argument, std::size_t dimensions,
                                       Context& context) {
  const types::Value* value = context.ConstantValue(argument);
  OG_CHECK(value != nullptr);
  if (value->is_null()) return Invalid("nearest query is null; give it a vector or a text");
  if (value->As<std::string>() != nullptr) {
    return Status::Error(ErrorCode::kInternal,
                         "the text given to nearest was not embedded before the query ran");
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
  if (!HasTextIndex(field, context)) {
    return std::shared_ptr<RowFunction>(std::make_shared<TextPredicate>(column, std::move(match)));
  }
  using Kind = index::TextPostings::Kind;
  OG_ASSIGN_OR_RETURN(const auto postings,
                      OpenTextIndex(field, edits == 0 ? Kind::kTerms : Kind::kForms, context));
  OG_ASSIGN_OR_RETURN(const table::Table* table, context.TableOf(field.variable));
  std::vector<RowId> rows = postings->Find(match);
  OG_RETURN_IF_ERROR(
      context.memory().Take(rows.size() * sizeof(RowId) + table->row_ids_end() / 8 + 1));
  return std::shared_ptr<RowFunction>(
      std::make_shared<IndexedPredicate>(std::move(rows), table->row_ids_end()));
}

Result<std::shared_ptr<RowFunction>> BindNearest(const Expression& expression, Context& context) {
  const Expression& field = expression.arguments[0];
  OG_ASSIGN_OR_RETURN(const table::Column* column,
                      context.ColumnOf(field.variable, field.property));
  OG_ASSIGN_OR_RETURN(types::VectorValue query,
                      QueryVector(expression.arguments[1], column->type().dimensions, context));
  OG_ASSIGN_OR_RETURN(auto index, OpenVectorIndex(field, context));
  return std::shared_ptr<RowFunction>(
      std::make_shared<Distance>(column, std::move(query), std::move(index)));
}

Result<std::shared_ptr<RowFunction>> BindBm25(const Expression& expression, Context& context) {
  const Expression& field = expression.arguments[0];
  const Datum query = context.Constant(expression.arguments[1]);
  const index::TextMatch match =
      index::TextMatch::AnyTerm(query.is_null() ? std::string_view() : query.AsText());
  table::TextIndex::Scores found;
  if (match.terms().empty()) {
    // No text shares a term with the query.
  } else if (HasTextIndex(field, context)) {
    OG_ASSIGN_OR_RETURN(const auto postings,
                        OpenTextIndex(field, index::TextPostings::Kind::kTerms, context));
    found = postings->Score(match.terms());
  } else {
    OG_ASSIGN_OR_RETURN(const table::Column* column,
                        context.ColumnOf(field.variable, field.property));
    OG_ASSIGN_OR_RETURN(const table::Table* table, context.TableOf(field.variable));
    OG_ASSIGN_OR_RETURN(found, Bm25Scan(match.terms(), context).Score(*table, *column));
  }
  OG_RETURN_IF_ERROR(context.memory().Take(found.rows.size() * (sizeof(RowId) + sizeof(double))));
  return std::shared_ptr<RowFunction>(std::make_shared<Bm25>(std::move(found)));
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
    if (const auto* vector = value->As<types::VectorValue>()) {
      // Hundreds of numbers: their bytes are as good as their spelling.
      signature->append(reinterpret_cast<const char*>(vector->data()),
                        vector->size() * sizeof((*vector)[0]));
    } else {
      types::AppendJson(*value, *signature);
    }
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
