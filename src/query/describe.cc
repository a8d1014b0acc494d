// Implements query/describe.h.

#include "query/describe.h"

#include "base/json_writer.h"
#include "query/parameters.h"

namespace omnigraph::query {
namespace {

using types::Scalar;

std::string_view KindOf(Scalar scalar) {
  switch (scalar) {
    case Scalar::kString:
      return "string";
    case Scalar::kBool:
      return "bool";
    case Scalar::kI32:
    case Scalar::kU32:
      return "int";
    case Scalar::kI64:
    case Scalar::kU64:
      return "bigint";
    case Scalar::kF32:
    case Scalar::kF64:
      return "float";
    case Scalar::kDate:
      return "date";
    case Scalar::kDateTime:
      return "datetime";
    case Scalar::kVector:
      return "vector";
    case Scalar::kBlob:
      return "blob";
  }
  OG_CHECK(false);
}

std::vector<TouchedDescription> DescribeTouched(const std::vector<TouchedType>& touched,
                                                const schema::Catalog& catalog) {
  std::vector<TouchedDescription> described;
  for (const TouchedType& type : touched) {
    described.push_back(
        {type.is_edge, type.is_edge ? catalog.edge(type.type).name : catalog.node(type.type).name});
  }
  return described;
}

void AppendTouched(std::string_view key, const std::vector<TouchedDescription>& touched,
                   JsonWriter& json) {
  json.Key(key).BeginArray();
  for (const TouchedDescription& type : touched) {
    json.BeginObject().Key("kind").String(type.is_edge ? "edge" : "node");
    json.Key("type_name").String(type.type_name).EndObject();
  }
  json.EndArray();
}

}  // namespace

FieldDescription DescribeField(std::string name, const types::Type& type) {
  FieldDescription field;
  field.name = std::move(name);
  field.kind = type.is_list ? "list" : KindOf(type.scalar);
  if (type.is_list) field.item_kind = KindOf(type.scalar);
  if (type.is_vector()) field.vector_dimensions = type.dimensions;
  field.is_nullable = type.is_nullable;
  return field;
}

std::vector<FieldDescription> DescribeParameters(const ast::Query& query) {
  std::vector<FieldDescription> fields;
  for (const Parameter& parameter : DeclaredParameters(query)) {
    fields.push_back(DescribeField(parameter.name, parameter.type));
  }
  return fields;
}

OperationDescription DescribeOperation(const CheckedQuery& query, const schema::Catalog& catalog) {
  OperationDescription operation;
  operation.reads = DescribeTouched(query.reads, catalog);
  operation.writes = DescribeTouched(query.writes, catalog);
  if (query.read() == nullptr) return operation;
  for (const Projection& projection : query.read()->projections) {
    const std::size_t dot = projection.name.rfind('.');
    std::string name = dot == std::string::npos ? projection.name : projection.name.substr(dot + 1);
    FieldDescription field = DescribeField(std::move(name), projection.type);
    if (projection.expression.kind == ExpressionKind::kNode && !projection.aggregate) {
      field.kind = "object";
      field.is_nullable = false;
    }
    operation.result.push_back(std::move(field));
  }
  return operation;
}

void AppendJson(const FieldDescription& field, std::string& out) {
  JsonWriter json(out);
  json.BeginObject().Key("name").String(field.name).Key("kind").String(field.kind);
  if (!field.item_kind.empty()) json.Key("item_kind").String(field.item_kind);
  if (field.vector_dimensions > 0) json.Key("vector_dim").Uint(field.vector_dimensions);
  json.Key("nullable").Bool(field.is_nullable).EndObject();
}

void AppendJson(const OperationDescription& operation, std::string& out) {
  JsonWriter json(out);
  json.BeginObject().Key("result").BeginArray();
  for (const FieldDescription& field : operation.result) {
    std::string text;
    AppendJson(field, text);
    json.Raw(text);
  }
  json.EndArray();
  AppendTouched("reads", operation.reads, json);
  AppendTouched("writes", operation.writes, json);
  json.EndObject();
}

}  // namespace omnigraph::query
