// Implements engine/embed_texts.h.

#include "engine/embed_texts.h"

#include <map>
#include <string>
#include <utility>

#include "embed/embedder.h"

namespace omnigraph::engine {
namespace {

using query::Expression;
using query::ExpressionKind;

class TextEmbedding {
 public:
  TextEmbedding(const schema::Catalog& catalog, embed::Embedder* embedder, const Deadline& deadline,
                const query::ReadQuery& read)
      : catalog_(catalog), embedder_(embedder), deadline_(deadline), read_(read) {}

  Status Visit(query::Pattern* pattern) {
    for (Expression& condition : pattern->conditions)
      OG_RETURN_IF_ERROR(Visit(&condition));
    for (query::Negation& negation : pattern->negations)
      OG_RETURN_IF_ERROR(Visit(&negation.pattern));
    return Status::Ok();
  }

  Status Visit(Expression* expression) {
    for (Expression& argument : expression->arguments)
      OG_RETURN_IF_ERROR(Visit(&argument));
    if (expression->kind != ExpressionKind::kNearest) return Status::Ok();
    const Expression& field = expression->arguments[0];
    Expression& given = expression->arguments[1];
    const std::string* text = given.value.As<std::string>();
    if (text == nullptr) return Status::Ok();
    OG_RETURN_IF_ERROR(CheckModel(field));
    const std::uint32_t dimensions = field.type.dimensions;
    auto [known, is_new] = vectors_.try_emplace({*text, dimensions});
    if (is_new) {
      OG_ASSIGN_OR_RETURN(known->second,
                          embedder_->Embed(*text, dimensions, embed::Task::kQuery, deadline_));
    }
    given.type = field.type;
    given.value = types::Value(types::Value::Variant(known->second));
    return Status::Ok();
  }

 private:
  Status CheckModel(const Expression& field) const {
    if (embedder_ == nullptr) {
      return Status::Error(ErrorCode::kInternal,
                           "embedding: the text given to nearest needs a provider to become a "
                           "vector, and this graph was opened without one");
    }
    const schema::NodeType& type = catalog_.node(read_.variables[field.variable].type);
    const schema::Property& property = type.properties[field.property];
    const std::string_view used = embedder_->model();
    if (used.empty() || property.embed_model.empty() || used == property.embed_model) {
      return Status::Ok();
    }
    return Status::Error(ErrorCode::kInvalidArgument,
                         "nearest: the vectors of '" + type.name + "." + property.name +
                             "' come from model '" + property.embed_model +
                             "', and texts would be embedded by model '" + std::string(used) +
                             "'; set OMNIGRAPH_EMBED_MODEL, or pass a vector");
  }

  const schema::Catalog& catalog_;
  embed::Embedder* embedder_;
  const Deadline& deadline_;
  const query::ReadQuery& read_;
  std::map<std::pair<std::string, std::uint32_t>, std::vector<float>> vectors_;
};

}  // namespace

Status EmbedTexts(const schema::Catalog& catalog, embed::Embedder* embedder,
                  const Deadline& deadline, query::CheckedQuery* query) {
  auto* read = std::get_if<query::ReadQuery>(&query->body);
  if (read == nullptr) return Status::Ok();
  TextEmbedding embedding(catalog, embedder, deadline, *read);
  OG_RETURN_IF_ERROR(embedding.Visit(&read->match));
  for (query::Projection& projection : read->projections)
    OG_RETURN_IF_ERROR(embedding.Visit(&projection.expression));
  for (query::OrderTerm& term : read->order)
    OG_RETURN_IF_ERROR(embedding.Visit(&term.expression));
  return Status::Ok();
}

}  // namespace omnigraph::engine
