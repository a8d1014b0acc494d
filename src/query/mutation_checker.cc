// Implements query/mutation_checker.h.

#include "query/mutation_checker.h"

#include <algorithm>
#include <set>

#include "base/strings.h"
#include "query/type_rules.h"

namespace omnigraph::query {
namespace {

using types::Scalar;
using types::Type;
using types::TypeName;

bool IsEndpoint(const Name& name) {
  return name.text == "from" || name.text == "to";
}

bool IsAssigned(const ast::Statement& statement, std::string_view name) {
  return std::any_of(statement.fields.begin(), statement.fields.end(),
                     [&](const ast::Field& field) { return field.name.text == name; });
}

}  // namespace

void MutationChecker::Check(const ast::Mutation& mutation) {
  for (const ast::Statement& statement : mutation.statements) {
    switch (statement.kind) {
      case ast::StatementKind::kInsert:
        CheckInsert(statement);
        break;
      case ast::StatementKind::kUpdate:
        CheckUpdate(statement);
        break;
      case ast::StatementKind::kDelete:
        CheckDelete(statement);
        break;
    }
  }
}

void MutationChecker::Push(const ast::Statement& statement, decltype(Statement::action) action) {
  mutation_->statements.push_back({std::move(action), statement.place.span});
}

void MutationChecker::FailType(const Name& type) {
  std::vector<std::string_view> names = context_.catalog.NodeNames();
  const std::vector<std::string_view> edges = context_.catalog.EdgeNames();
  names.insert(names.end(), edges.begin(), edges.end());
  const bool is_interface = context_.catalog.FindInterface(type.text) != nullptr;
  context_.Error("T10", type.place.span,
                 "'" + type.text + "' is " +
                     (is_interface ? "an interface, and interfaces hold no data"
                                   : "neither a node type nor an edge type of the schema"),
                 Suggest("type", type.text, names));
}

namespace {

// Mutations name edge types exactly; only edge words of traversals ignore case.
const schema::EdgeType* FindExactEdge(const schema::Catalog& catalog, const std::string& name) {
  const schema::EdgeType* edge = catalog.FindEdge(name);
  return edge != nullptr && edge->name == name ? edge : nullptr;
}

}  // namespace

void MutationChecker::CheckInsert(const ast::Statement& statement) {
  mutation_->has_constructive = true;
  if (const auto* node = context_.catalog.FindNode(statement.type.text)) {
    InsertNode insert;
    insert.node_type = node->ordinal;
    insert.assignments = CheckAssignments(statement, *node, nullptr);
    CheckRequired(statement, *node);
    Push(statement, std::move(insert));
  } else if (const auto* edge = FindExactEdge(context_.catalog, statement.type.text)) {
    InsertEdge insert;
    insert.edge_type = edge->ordinal;
    insert.assignments = CheckAssignments(statement, *edge, &insert);
    for (const std::string_view end : {"from", "to"}) {
      if (IsAssigned(statement, end)) continue;
      context_.Error("T12", statement.type.place.span,
                     "insert " + edge->name + " needs '" + std::string(end) +
                         "', the id of the node at that end");
      break;
    }
    CheckRequired(statement, *edge);
    Push(statement, std::move(insert));
  } else {
    FailType(statement.type);
  }
}

void MutationChecker::CheckUpdate(const ast::Statement& statement) {
  mutation_->has_constructive = true;
  const schema::NodeType* node = context_.catalog.FindNode(statement.type.text);
  if (node == nullptr) {
    const auto* edge = FindExactEdge(context_.catalog, statement.type.text);
    if (edge == nullptr) return FailType(statement.type);
    context_.Error(
        "T16", statement.type.place.span,
        "update is not supported on edge type " + edge->name + ": only nodes can be updated",
        "delete the edge and insert it again");
    return;
  }
  UpdateNode update;
  update.node_type = node->ordinal;
  update.assignments = CheckAssignments(statement, *node, nullptr);
  Maybe predicate = CheckPredicate(*statement.predicate, *node);
  if (!predicate) return;
  update.predicate = std::move(*predicate);
  Push(statement, std::move(update));
}

void MutationChecker::CheckDelete(const ast::Statement& statement) {
  mutation_->has_destructive = true;
  const schema::NodeType* node = context_.catalog.FindNode(statement.type.text);
  const schema::EdgeType* edge =
      node == nullptr ? FindExactEdge(context_.catalog, statement.type.text) : nullptr;
  if (node == nullptr && edge == nullptr) return FailType(statement.type);
  const schema::TableType& type =
      node != nullptr ? static_cast<const schema::TableType&>(*node) : *edge;
  Maybe predicate = CheckPredicate(*statement.predicate, type);
  if (!predicate) return;
  if (node != nullptr) {
    Push(statement, DeleteNode{node->ordinal, std::move(*predicate)});
  } else {
    Push(statement, DeleteEdge{edge->ordinal, std::move(*predicate)});
  }
}

void MutationChecker::CheckDuplicates(const ast::Statement& statement) {
  std::set<std::string_view> seen;
  for (const ast::Field& field : statement.fields) {
    if (seen.insert(field.name.text).second) continue;
    context_.Error("T13", field.name.place.span,
                   "property '" + field.name.text + "' is assigned twice in one statement");
  }
}

// The endpoints of an edge insert go to `edge`, which is null otherwise.
std::vector<Assignment> MutationChecker::CheckAssignments(const ast::Statement& statement,
                                                          const schema::TableType& type,
                                                          InsertEdge* edge) {
  CheckDuplicates(statement);
  std::vector<Assignment> assignments;
  for (const ast::Field& field : statement.fields) {
    if (edge == nullptr || !IsEndpoint(field.name)) {
      CheckAssignment(field, type, &assignments);
      continue;
    }
    const bool is_literal = field.value.kind == ast::ExpressionKind::kLiteral;
    Maybe value = CheckEndpoint(field.name, field.value, type, is_literal ? "T3" : "T7");
    if (value) (field.name.text == "from" ? edge->from : edge->to) = std::move(*value);
  }
  return assignments;
}

void MutationChecker::CheckAssignment(const ast::Field& field, const schema::TableType& type,
                                      std::vector<Assignment>* assignments) {
  const schema::Property* property = type.FindProperty(field.name.text);
  if (property == nullptr) {
    context_.Error("T11", field.name.place.span,
                   "type " + type.name + " has no property " + Quoted(field.name.text),
                   SuggestProperty(type, field.name.text));
    return;
  }
  Maybe value = context_.CheckConstant(field.value, "T14");
  if (!value || !AcceptsValue(*value, *property, QualifiedName(type, *property))) return;
  assignments->push_back({property->ordinal, std::move(*value)});
}

bool MutationChecker::AcceptsValue(const Expression& value, const schema::Property& property,
                                   const std::string& what) {
  const bool is_literal = value.kind == ExpressionKind::kLiteral;
  if (value.kind == ExpressionKind::kNow &&
      (property.type.is_list || property.type.scalar != Scalar::kDateTime)) {
    context_.Error(
        "T7", value.span,
        "now() is a DateTime, and property '" + what + "' is " + TypeName(property.type));
    return false;
  }
  if (is_literal && property.type.is_vector() && value.type.is_list) {
    return AcceptsVector(value, property, what);
  }
  // A Blob takes its bytes or URI from a parameter only.
  const bool is_blob_text =
      !is_literal && property.type.scalar == Scalar::kBlob && IsPlainString(value.type);
  const auto* list = value.value.As<types::ListValue>();
  const bool is_empty_list = is_literal && property.type.is_list && list && list->empty();
  if (!is_blob_text && !is_empty_list && !IsCompatible(property.type, value.type)) {
    context_.Error(
        is_literal ? "T3" : "T7", value.span,
        "property '" + what + "' is " + TypeName(property.type) + ", and the value is " +
            TypeName(value.type),
        is_literal && property.type.scalar == Scalar::kBlob ? "give the blob as a parameter" : "");
    return false;
  }
  return context_.CheckEnum(value, property, "'" + what + "'");
}

bool MutationChecker::AcceptsVector(const Expression& value, const schema::Property& property,
                                    const std::string& what) {
  const auto& elements = *value.value.As<types::ListValue>();
  if (!elements.empty() && !types::IsNumeric(value.type.scalar)) {
    context_.Error("T3", value.span,
                   "property '" + what + "' is " + TypeName(property.type) + ", and the value is " +
                       TypeName(value.type));
    return false;
  }
  if (elements.size() == property.type.dimensions) return true;
  context_.Error("T3", value.span,
                 "property '" + what + "' has " + std::to_string(property.type.dimensions) +
                     " dimensions, and the value has " + std::to_string(elements.size()));
  return false;
}

// The id of a node at the end of an edge: a String literal or parameter.
MutationChecker::Maybe MutationChecker::CheckEndpoint(const Name& name,
                                                      const ast::Expression& value,
                                                      const schema::TableType& type,
                                                      std::string code) {
  Maybe checked = context_.CheckConstant(value, "T14");
  if (!checked || IsPlainString(checked->type)) return checked;
  context_.Error(std::move(code), checked->span,
                 "'" + type.name + "." + name.text +
                     "' is the id of a node, a String, and the "
                     "value is " +
                     TypeName(checked->type));
  return std::nullopt;
}

void MutationChecker::CheckRequired(const ast::Statement& statement,
                                    const schema::TableType& type) {
  std::vector<const schema::Property*> missing;
  for (const schema::PropertyOrdinal ordinal : type.DeclaredOrder()) {
    const schema::Property& property = type.properties[ordinal];
    if (property.type.is_nullable || IsAssigned(statement, property.name)) continue;
    if (property.embed_source &&
        IsAssigned(statement, type.properties[*property.embed_source].name)) {
      continue;
    }
    missing.push_back(&property);
  }
  if (missing.empty()) return;
  const schema::Property& first = *missing.front();
  std::string summary =
      "insert " + type.name + " needs property '" + first.name + "', which is not nullable";
  if (first.embed_source) {
    summary += ", or its source '" + type.properties[*first.embed_source].name + "'";
  }
  std::string help;
  if (missing.size() > 1) {
    help = "also missing: ";
    for (std::size_t i = 1; i < missing.size(); ++i) {
      help += (i > 1 ? ", " : "") + missing[i]->name;
    }
  }
  context_.Error("T12", statement.type.place.span, std::move(summary), std::move(help));
}

MutationChecker::Maybe MutationChecker::PredicateField(const Name& name,
                                                       const schema::TableType& type) {
  Expression field;
  field.span = name.place.span;
  const bool is_edge = !schema::IsNodeTable(type);
  if (is_edge && IsEndpoint(name)) {
    field.kind = name.text == "from" ? ExpressionKind::kEdgeFrom : ExpressionKind::kEdgeTo;
    field.type = ScalarType(Scalar::kString);
    return field;
  }
  const schema::Property* property = type.FindProperty(name.text);
  if (property == nullptr) {
    const bool is_end = is_edge && (name.text == "src" || name.text == "dst");
    context_.Error(
        "T11", name.place.span, "type " + type.name + " has no property " + Quoted(name.text),
        is_end ? "the ends of an edge are 'from' and 'to'" : SuggestProperty(type, name.text));
    return std::nullopt;
  }
  const std::string what = QualifiedName(type, *property);
  if (property->type.scalar == Scalar::kBlob) {
    context_.Error("T11", name.place.span,
                   "property '" + what + "' is a Blob and cannot be used in where");
    return std::nullopt;
  }
  if (!IsPlain(property->type)) {
    context_.Error("T7", name.place.span,
                   "property '" + what + "' is " + TypeName(property->type) +
                       ", and where compares single values only");
    return std::nullopt;
  }
  field.kind = ExpressionKind::kProperty;
  field.type = property->type;
  field.variable = 0;
  field.property = property->ordinal;
  return field;
}

MutationChecker::Maybe MutationChecker::CheckPredicate(const ast::Predicate& predicate,
                                                       const schema::TableType& type) {
  Maybe field = PredicateField(predicate.name, type);
  if (!field) return std::nullopt;
  Maybe value = context_.CheckConstant(predicate.value, "T14");
  if (!value) return std::nullopt;
  if (!IsCompatible(field->type, value->type)) {
    const bool is_now = value->kind == ExpressionKind::kNow;
    context_.Error("T7", value->span,
                   "cannot compare '" + type.name + "." + predicate.name.text + "', which is " +
                       TypeName(field->type) + ", with " + (is_now ? "now(), a " : "") +
                       TypeName(value->type));
    return std::nullopt;
  }
  return MakeCompare(predicate.op, std::move(*field), std::move(*value), predicate.place.span);
}

}  // namespace omnigraph::query
