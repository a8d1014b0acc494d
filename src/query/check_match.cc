// Checks of `match`: bindings, traversals, filters, negation (S5.3, S7).

#include <set>

#include "base/strings.h"
#include "query/read_checker.h"
#include "query/type_rules.h"

namespace omnigraph::query {
namespace {

using types::Scalar;
using types::Type;
using types::TypeName;

template <class... Visitors>
struct Overload : Visitors... {
  using Visitors::operator()...;
};
template <class... Visitors>
Overload(Visitors...) -> Overload<Visitors...>;

std::string Endpoints(const schema::Catalog& catalog, const schema::EdgeType& edge) {
  return edge.name + " (" + catalog.node(edge.from).name + " -> " + catalog.node(edge.to).name +
         ")";
}

// What an operand is called when it is not of a plain type.
std::string OperandName(const schema::TableType* node, const Expression& operand) {
  return node != nullptr ? "node " + node->name : TypeName(operand.type);
}

void CollectVariables(const Expression& expression, std::set<std::uint32_t>* used) {
  if (expression.variable != kNone) used->insert(expression.variable);
  for (const Expression& argument : expression.arguments)
    CollectVariables(argument, used);
}

// The variables that a pattern refers to without introducing them.
std::set<std::uint32_t> OuterVariables(const Pattern& pattern) {
  std::set<std::uint32_t> used;
  for (const Traversal& traversal : pattern.traversals) {
    used.insert({traversal.source, traversal.target});
  }
  for (const Expression& condition : pattern.conditions)
    CollectVariables(condition, &used);
  for (const Negation& negation : pattern.negations) {
    used.insert(negation.outer_variables.begin(), negation.outer_variables.end());
  }
  for (const std::uint32_t variable : pattern.variables)
    used.erase(variable);
  return used;
}

}  // namespace

void ReadChecker::CheckClauses(const std::vector<ast::Clause>& clauses, Pattern* pattern) {
  for (const ast::Clause& clause : clauses) {
    std::visit(Overload{
                   [&](const ast::Binding& binding) { CheckBinding(binding, pattern); },
                   [&](const ast::Traversal& traversal) { CheckTraversal(traversal, pattern); },
                   [&](const ast::Filter& filter) { CheckFilter(filter, pattern); },
                   [&](const ast::TextPredicate& predicate) {
                     Maybe checked = CheckExpression(predicate.call);
                     if (checked) pattern->conditions.push_back(std::move(*checked));
                   },
                   [&](const ast::Negation& negation) { CheckNegation(negation, pattern); },
               },
               clause.item);
  }
}

void ReadChecker::CheckBinding(const ast::Binding& binding, Pattern* pattern) {
  const bool is_anonymous = binding.variable.text == "_";
  const std::uint32_t variable =
      is_anonymous ? scope_.AddAnonymous() : scope_.Find(binding.variable.text);
  scope_.MakeVisible(variable);
  const schema::NodeType* type = context_.catalog.FindNode(binding.type.text);
  if (type == nullptr) {
    const std::string& name = binding.type.text;
    const schema::EdgeType* edge = context_.catalog.FindEdge(name);
    const bool is_edge = edge != nullptr && edge->name == name;
    const bool is_interface = context_.catalog.FindInterface(name) != nullptr;
    context_.Error("T1", binding.type.place.span,
                   "'" + name + "' is " +
                       (is_edge        ? "an edge type, not a node type"
                        : is_interface ? "an interface, and interfaces cannot be queried"
                                       : "not a node type of the schema"),
                   is_edge ? "traverse it, as in $a " + ToLowerAscii(name) + " $b"
                           : Suggest("type", name, context_.catalog.NodeNames()));
    scope_.Poison(variable);
    return;
  }
  Variable& known = read_->variables[variable];
  if (known.kind == VariableKind::kEdge) {
    context_.Error("T23", binding.variable.place.span,
                   "'$" + known.name + "' is bound to an edge and cannot be a node as well");
    return;
  }
  if (known.type != kNone && known.type != type->ordinal) {
    context_.Error("", binding.variable.place.span,
                   "variable '$" + known.name + "' is already bound to type " +
                       context_.catalog.node(known.type).name + ", not " + type->name);
    return;
  }
  known.type = type->ordinal;
  for (const ast::Field& field : binding.fields)
    CheckField(field, *type, variable, pattern);
}

void ReadChecker::CheckField(const ast::Field& field, const schema::NodeType& type,
                             std::uint32_t variable, Pattern* pattern) {
  const text::Span name_span = field.name.place.span;
  const schema::Property* property = type.FindProperty(field.name.text);
  if (property == nullptr) {
    context_.Error("T2", name_span,
                   "type " + type.name + " has no property " + Quoted(field.name.text),
                   SuggestProperty(type, field.name.text));
    return;
  }
  const std::string what = QualifiedName(type, *property);
  if (property->type.scalar == Scalar::kBlob || property->type.is_vector()) {
    context_.Error(
        "T3", name_span,
        "property '" + what + "' is " + TypeName(property->type) + " and cannot be matched");
    return;
  }
  Maybe value = context_.CheckConstant(field.value, "T6");
  if (!value || !FieldAccepts(*value, *property, what, name_span)) return;

  Expression left;
  left.kind = ExpressionKind::kProperty;
  left.type = property->type;
  left.variable = variable;
  left.property = property->ordinal;
  left.span = name_span;
  const text::Span span = text::Cover(name_span, value->span);
  pattern->conditions.push_back(
      property->type.is_list
          ? MakeContains(std::move(left), std::move(*value), span)
          : MakeCompare(CompareOp::kEqual, std::move(left), std::move(*value), span));
}

bool ReadChecker::FieldAccepts(const Expression& value, const schema::Property& property,
                               const std::string& what, text::Span name_span) {
  const std::string code = value.kind == ExpressionKind::kLiteral ? "T3" : "T7";
  if (value.kind == ExpressionKind::kNow &&
      (property.type.is_list || property.type.scalar != Scalar::kDateTime)) {
    context_.Error(
        "T7", value.span,
        "now() is a DateTime, and property '" + what + "' is " + TypeName(property.type));
    return false;
  }
  if (property.type.is_list && value.type.is_list) {
    context_.Error(code, name_span,
                   "list equality is not supported: property '" + what +
                       "' is a list, and a match tests membership of one value");
    return false;
  }
  const Type wanted = property.type.is_list ? ElementType(property.type) : property.type;
  if (!IsCompatible(wanted, value.type)) {
    context_.Error(code, value.span,
                   "property '" + what + "' is " + TypeName(property.type) + ", and the value is " +
                       TypeName(value.type));
    return false;
  }
  return context_.CheckEnum(value, property, "'" + what + "'");
}

// The variable of a traversal's end; kNone after an error.
std::uint32_t ReadChecker::EndpointVariable(const Name& name) {
  if (name.text == "_") return scope_.AddAnonymous();
  const std::uint32_t variable = scope_.Find(name.text);
  if (read_->variables[variable].kind == VariableKind::kEdge) {
    context_.Error("T23", name.place.span,
                   "'$" + name.text + "' is bound to an edge and cannot be an end of another one");
    return kNone;
  }
  return variable;
}

void ReadChecker::CheckTraversal(const ast::Traversal& traversal, Pattern* pattern) {
  const std::uint32_t left = EndpointVariable(traversal.left);
  const std::uint32_t right = EndpointVariable(traversal.right);
  if (left != kNone) scope_.MakeVisible(left);
  if (right != kNone) scope_.MakeVisible(right);
  const schema::EdgeType* edge = context_.catalog.FindEdge(traversal.edge_word.text);
  if (edge == nullptr) {
    context_.Error("T4", traversal.edge_word.place.span,
                   "there is no edge type for " + Quoted(traversal.edge_word.text),
                   Suggest("edge type", traversal.edge_word.text, context_.catalog.EdgeNames()));
  }
  Traversal resolved;
  resolved.span = traversal.place.span;
  bool is_good = edge != nullptr && left != kNone && right != kNone &&
                 ResolveDirection(traversal, *edge, left, right, &resolved);
  CheckHops(traversal, &resolved);
  if (edge != nullptr) is_good = CheckEdgeVariable(traversal, *edge, &resolved) && is_good;
  if (is_good) {
    resolved.edge_type = edge->ordinal;
    pattern->traversals.push_back(resolved);
    return;
  }
  for (const std::uint32_t end : {left, right}) {
    if (end != kNone && read_->variables[end].type == kNone) scope_.Poison(end);
  }
  if (edge == nullptr && traversal.edge_variable && traversal.edge_variable->text != "_") {
    const std::uint32_t variable = scope_.Find(traversal.edge_variable->text);
    scope_.MakeVisible(variable);
    scope_.Poison(variable);
  }
}

bool ReadChecker::ResolveDirection(const ast::Traversal& traversal, const schema::EdgeType& edge,
                                   std::uint32_t left, std::uint32_t right, Traversal* resolved) {
  resolved->is_undirected = traversal.is_undirected;
  if (traversal.is_undirected && edge.from != edge.to) {
    context_.Error("T22", traversal.edge_word.place.span,
                   "edge " + Endpoints(context_.catalog, edge) +
                       " joins two types and cannot be followed in both directions",
                   "leave out '<' and '>': the direction follows from the types");
    return false;
  }
  if (scope_.IsPoisoned(left) || scope_.IsPoisoned(right)) return false;
  const std::uint32_t left_type = read_->variables[left].type;
  const std::uint32_t right_type = read_->variables[right].type;
  bool is_forward = true;
  if (left_type != kNone) {
    is_forward = left_type == edge.from;
    if (!is_forward && left_type != edge.to) {
      FailEndpoint(traversal.left, left, edge);
      return false;
    }
  } else if (right_type != kNone) {
    is_forward = right_type == edge.to;
    if (!is_forward && right_type != edge.from) {
      FailEndpoint(traversal.right, right, edge);
      return false;
    }
  }
  resolved->source = is_forward ? left : right;
  resolved->target = is_forward ? right : left;
  return SetEndpointType(traversal.left, left, is_forward ? edge.from : edge.to, edge) &&
         SetEndpointType(traversal.right, right, is_forward ? edge.to : edge.from, edge);
}

void ReadChecker::FailEndpoint(const Name& name, std::uint32_t variable,
                               const schema::EdgeType& edge) {
  context_.Error("T5", name.place.span,
                 "variable '$" + name.text + "' has type " +
                     context_.catalog.node(read_->variables[variable].type).name +
                     ", which is no end of edge " + Endpoints(context_.catalog, edge));
}

bool ReadChecker::SetEndpointType(const Name& name, std::uint32_t variable, std::uint32_t type,
                                  const schema::EdgeType& edge) {
  Variable& known = read_->variables[variable];
  if (known.type == kNone) known.type = type;
  if (known.type == type) return true;
  context_.Error("T5", name.place.span,
                 "variable '$" + name.text + "' has type " +
                     context_.catalog.node(known.type).name + ", and edge " +
                     Endpoints(context_.catalog, edge) + " expects " +
                     context_.catalog.node(type).name + " here");
  return false;
}

void ReadChecker::CheckHops(const ast::Traversal& traversal, Traversal* resolved) {
  if (!traversal.hops) return;
  const ast::HopBounds& hops = *traversal.hops;
  const text::Span span = hops.place.span;
  if (hops.min == 0) {
    context_.Error("T15", span, "hop bounds start at 1, found a least number of 0");
  } else if (!hops.max) {
    context_.Error("T15", span,
                   "unbounded hops are not supported: {" + std::to_string(hops.min) +
                       ",} has no greatest number",
                   "write both bounds, as in {1,5}");
  } else if (*hops.max < hops.min) {
    context_.Error("T15", span,
                   "hop bounds are the wrong way round: the greatest number " +
                       std::to_string(*hops.max) + " is below the least number " +
                       std::to_string(hops.min));
  } else {
    resolved->hops_min = hops.min;
    resolved->hops_max = *hops.max;
  }
}

bool ReadChecker::CheckEdgeVariable(const ast::Traversal& traversal, const schema::EdgeType& edge,
                                    Traversal* resolved) {
  if (!traversal.edge_variable) return true;
  const Name& name = *traversal.edge_variable;
  const text::Span span = name.place.span;
  if (traversal.hops && (traversal.hops->min != 1 || traversal.hops->max != 1u)) {
    context_.Error("T23", span,
                   "'$" + name.text + "' cannot name a multi-hop traversal: a path is not one edge",
                   "leave out the hop bounds");
    if (name.text == "_") return false;
    const std::uint32_t variable = scope_.Find(name.text);
    if (read_->variables[variable].type == kNone) {
      scope_.MakeVisible(variable);
      scope_.Poison(variable);
    }
    return false;
  }
  if (name.text == "_") return true;
  const std::uint32_t variable = scope_.Find(name.text);
  Variable& known = read_->variables[variable];
  const bool is_endpoint = name.text == traversal.left.text || name.text == traversal.right.text;
  if (is_endpoint || known.type != kNone || !scope_.IsOwn(variable)) {
    context_.Error("T23", span,
                   "the name of an edge must be distinct, and '$" + name.text + "' is " +
                       (is_endpoint ? "an end of the same traversal" : "already bound"));
    return false;
  }
  known.kind = VariableKind::kEdge;
  known.type = edge.ordinal;
  scope_.MakeVisible(variable);
  resolved->edge_variable = variable;
  return true;
}

void ReadChecker::CheckFilter(const ast::Filter& filter, Pattern* pattern) {
  const auto check = [&](const ast::Expression& operand) -> Maybe {
    if (operand.kind != ast::ExpressionKind::kAggregate) return CheckExpression(operand);
    context_.Error("T7", operand.place.span,
                   "filters need scalar operands, and " +
                       std::string(AggregateName(operand.function)) + " is an aggregate");
    return std::nullopt;
  };
  Maybe left = check(filter.left);
  Maybe right = check(filter.right);
  if (!left || !right) return;
  Maybe condition = MakeFilter(filter, std::move(*left), std::move(*right));
  if (condition) pattern->conditions.push_back(std::move(*condition));
}

ReadChecker::Maybe ReadChecker::MakeFilter(const ast::Filter& filter, Expression left,
                                           Expression right) {
  const text::Span span = filter.place.span;
  const auto node_of = [&](const Expression& operand) {
    return operand.kind == ExpressionKind::kNode ? &TypeOf(operand.variable) : nullptr;
  };
  const std::string both =
      OperandName(node_of(left), left) + " and " + OperandName(node_of(right), right);
  for (const Expression* operand : {&left, &right}) {
    const bool is_rank = operand->kind == ExpressionKind::kNearest ||
                         operand->kind == ExpressionKind::kBm25 ||
                         operand->kind == ExpressionKind::kRrf;
    if (operand->kind == ExpressionKind::kNode || is_rank) {
      context_.Error(
          "T7", span, "filters need scalar operands, found " + both,
          is_rank ? "a ranking belongs into order or return" : "compare a property of the node");
      return std::nullopt;
    }
    if (operand->type.is_vector() || operand->type.scalar == Scalar::kBlob) {
      context_.Error("T7", span, "Vector and Blob values cannot be compared, found " + both);
      return std::nullopt;
    }
  }
  if (filter.op == ast::FilterOp::kContains) {
    return MakeContainsFilter(filter, std::move(left), std::move(right));
  }
  if (filter.op == ast::FilterOp::kStartsWith) {
    if (!IsPlainString(left.type) || !IsPlainString(right.type)) {
      context_.Error("T7", span, "starts_with requires a String on both sides, found " + both);
      return std::nullopt;
    }
    Expression checked = MakeCompare(CompareOp::kEqual, std::move(left), std::move(right), span);
    checked.kind = ExpressionKind::kStartsWith;
    return checked;
  }
  if (left.type.is_list || right.type.is_list) {
    context_.Error("T7", span, "lists compare with 'contains' only, found " + both,
                   "write: list contains value");
    return std::nullopt;
  }
  if (!IsCompatible(left.type, right.type)) {
    context_.Error("T7", span, "cannot compare " + both);
    return std::nullopt;
  }
  return MakeCompare(filter.compare, std::move(left), std::move(right), span);
}

ReadChecker::Maybe ReadChecker::MakeContainsFilter(const ast::Filter& filter, Expression left,
                                                   Expression right) {
  const text::Span span = filter.place.span;
  const std::string both = TypeName(left.type) + " contains " + TypeName(right.type);
  if (left.type.is_list) {
    if (right.type.is_list || !IsCompatible(ElementType(left.type), right.type)) {
      context_.Error("T7", span,
                     "'contains' on a list needs one value of the element type, found " + both);
      return std::nullopt;
    }
    return MakeContains(std::move(left), std::move(right), span);
  }
  if (!IsPlainString(left.type)) {
    context_.Error("T7", span,
                   "'contains' needs a list (membership) or a String (substring) on its left, "
                   "found " +
                       both);
    return std::nullopt;
  }
  if (!IsPlainString(right.type)) {
    context_.Error("T7", span, "string contains needs a String on its right, found " + both);
    return std::nullopt;
  }
  Expression checked = MakeCompare(CompareOp::kEqual, std::move(left), std::move(right), span);
  checked.kind = ExpressionKind::kHasSubstring;
  return checked;
}

void ReadChecker::CheckNegation(const ast::Negation& negation, Pattern* pattern) {
  const bool mentions_outer = MentionsVisible(negation.clauses);
  const std::size_t errors_before = context_.errors_count();
  Negation checked;
  checked.span = negation.place.span;
  scope_.Enter(negation.clauses, &checked.pattern);
  CheckClauses(negation.clauses, &checked.pattern);
  scope_.Leave();
  const std::set<std::uint32_t> outer = OuterVariables(checked.pattern);
  checked.outer_variables.assign(outer.begin(), outer.end());
  if (!mentions_outer && context_.errors_count() == errors_before) {
    context_.Error("T9", negation.place.span,
                   "not { } must use an outer variable, one that is bound before it, in one of its "
                   "own clauses");
  }
  pattern->negations.push_back(std::move(checked));
}

bool ReadChecker::MentionsVisible(const std::vector<ast::Clause>& clauses) const {
  const auto is_visible = [&](const Name& name) { return scope_.FindVisible(name.text) != kNone; };
  for (const ast::Clause& clause : clauses) {
    const bool found = std::visit(
        Overload{
            [&](const ast::Binding& binding) { return is_visible(binding.variable); },
            [&](const ast::Traversal& traversal) {
              return is_visible(traversal.left) || is_visible(traversal.right);
            },
            [&](const ast::Filter& filter) {
              return MentionsVisible(filter.left) || MentionsVisible(filter.right);
            },
            [&](const ast::TextPredicate& predicate) { return MentionsVisible(predicate.call); },
            [&](const ast::Negation&) { return false; },
        },
        clause.item);
    if (found) return true;
  }
  return false;
}

bool ReadChecker::MentionsVisible(const ast::Expression& expression) const {
  const std::string& name = expression.variable.text;
  if (expression.kind == ast::ExpressionKind::kProperty && scope_.FindVisible(name) != kNone) {
    return true;
  }
  for (const ast::Expression& argument : expression.arguments) {
    if (MentionsVisible(argument)) return true;
  }
  return expression.kind == ast::ExpressionKind::kVariable &&
         context_.FindParameter(name) == kNone && scope_.FindVisible(name) != kNone;
}

}  // namespace omnigraph::query
