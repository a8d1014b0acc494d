// Implements graph/mutation.h.

#include "graph/mutation.h"

#include <algorithm>
#include <set>

#include "base/strings.h"
#include "exec/datum.h"
#include "exec/find_rows.h"
#include "graph/constraints.h"
#include "graph/pending_rows.h"
#include "schema/key_text.h"
#include "table/incident_edges.h"
#include "types/value.h"

namespace omnigraph::graph {
namespace {

using table::RowId;
using table::Table;

constexpr std::size_t kScanRows = 4096;

Status MissingProperty(const schema::TableType& type, const schema::Property& property) {
  return Status::Error(ErrorCode::kInvalidArgument,
                       "missing required property '" + property.name + "' of " + type.name +
                           ": non-nullable property '" + property.name + "' needs a value");
}

std::string PropertyName(const schema::TableType& type, const schema::Property& property) {
  return type.name + "." + property.name;
}

// The rows of one mutation in the making.
class Execution {
 public:
  Execution(const Deadline& deadline, WorkingGraph& working, MutationCounts* counts)
      : deadline_(deadline), working_(working), counts_(*counts) {}

  Status Run(const query::MutationQuery& mutation) {
    for (const query::Statement& statement : mutation.statements) {
      OG_RETURN_IF_ERROR(
          std::visit([this](const auto& action) { return Do(action); }, statement.action));
    }
    for (const query::InsertEdge* edge : deferred_)
      OG_RETURN_IF_ERROR(AddEdge(*edge));
    for (auto& [type, rows] : pending_)
      OG_RETURN_IF_ERROR(Flush(*type));
    return CheckFinalImage();
  }

  void TakeFootprint(Footprint* footprint) const {
    footprint->tables.assign(touched_.begin(), touched_.end());
    footprint->strict_tables.assign(strict_.begin(), strict_.end());
  }

 private:
  using Values = std::vector<types::Value>;

  Status Do(const query::InsertNode& insert);
  Status Do(const query::InsertEdge& insert);
  Status Do(const query::UpdateNode& update);
  Status Do(const query::DeleteNode& removal);
  Status Do(const query::DeleteEdge& removal);

  Status AddEdge(const query::InsertEdge& insert);
  Result<Values> RowValues(const schema::TableType& type,
                           const std::vector<query::Assignment>& assignments);
  // What was written to the table and is not in it yet.
  Result<PendingRows*> PendingOf(const schema::TableType& type);
  // Brings it into the table, for statements that look at all rows.
  Status Flush(const schema::TableType& type);
  Result<std::optional<RowId>> FindById(const schema::NodeType& type, std::string_view id);
  // The id of the only node that the predicate can hold for, if it compares the whole key.
  std::optional<std::string> KeyOf(const schema::TableType& type,
                                   const query::Expression& predicate) const;
  Result<std::optional<RowId>> Endpoint(const query::Expression& id, std::uint32_t node_type);
  Result<std::vector<RowId>> Matches(const schema::TableType& type,
                                     const query::Expression& predicate);
  Result<std::vector<RowId>> MatchesEndpoint(const schema::EdgeType& type,
                                             const query::Expression& predicate);
  Status Cascade(const schema::NodeType& type, const std::vector<RowId>& nodes);
  Status CheckFinalImage();

  void Touch(const schema::TableType& type, bool is_strict) {
    touched_.insert(type.table_key);
    if (is_strict) strict_.insert(type.table_key);
  }
  const schema::Catalog& catalog() const { return working_.catalog(); }

  const Deadline& deadline_;
  WorkingGraph& working_;
  MutationCounts& counts_;
  std::map<const schema::TableType*, PendingRows> pending_;
  std::set<std::string> touched_;
  std::set<std::string> strict_;
  std::vector<const query::InsertEdge*> deferred_;  // Their endpoints may come later.
  std::map<const schema::TableType*, std::set<RowId>> written_;
  std::map<const schema::EdgeType*, std::vector<RowId>> thinned_;  // Sources that lost an edge.
};

// All cells of a new row: the assigned values as stored, null for the rest.
Result<Execution::Values> Execution::RowValues(const schema::TableType& type,
                                               const std::vector<query::Assignment>& assignments) {
  Values values(type.properties.size());
  for (const query::Assignment& assignment : assignments) {
    const schema::Property& property = type.properties[assignment.property];
    OG_ASSIGN_OR_RETURN(values[assignment.property],
                        types::ConvertForStorage(assignment.value.value, property.type,
                                                 PropertyName(type, property)));
  }
  for (const schema::Property& property : type.properties) {
    if (values[property.ordinal].is_null() && !property.type.is_nullable) {
      return MissingProperty(type, property);
    }
  }
  return values;
}

Result<PendingRows*> Execution::PendingOf(const schema::TableType& type) {
  const auto found = pending_.find(&type);
  if (found != pending_.end()) return &found->second;
  OG_ASSIGN_OR_RETURN(const Table* const table, working_.TableOf(type));
  return &pending_.emplace(&type, PendingRows(type, table->row_ids_end())).first->second;
}

Status Execution::Flush(const schema::TableType& type) {
  const auto found = pending_.find(&type);
  if (found == pending_.end()) return Status::Ok();
  return working_.Apply(found->second.Take(UlidGenerator::System().Next()));
}

Result<std::optional<RowId>> Execution::FindById(const schema::NodeType& type,
                                                 std::string_view id) {
  OG_ASSIGN_OR_RETURN(PendingRows* const pending, PendingOf(type));
  if (const auto row = pending->Find(id)) return row;
  OG_ASSIGN_OR_RETURN(const Table* const table, working_.TableOf(type));
  return table->FindById(id);
}

Status Execution::Do(const query::InsertNode& insert) {
  const schema::NodeType& type = catalog().node(insert.node_type);
  Touch(type, false);
  OG_ASSIGN_OR_RETURN(const Values values, RowValues(type, insert.assignments));
  OG_ASSIGN_OR_RETURN(PendingRows* const pending, PendingOf(type));
  format::RowBatch row(type);
  std::optional<std::string> id;
  std::optional<RowId> present;
  for (std::size_t i = 0; i < values.size(); ++i) {
    row.column(static_cast<std::uint32_t>(i)).AppendValue(values[i]);
  }
  if (type.has_key()) {
    Values key;
    for (const schema::PropertyOrdinal column : type.key_spelling_order) {
      key.push_back(values[column]);
    }
    OG_ASSIGN_OR_RETURN(id, schema::KeyText(type, key));
    OG_ASSIGN_OR_RETURN(present, FindById(type, *id));
    if (row.layout().ids == format::RowLayout::Ids::kColumn) row.AppendId(*id);
  }
  row.FinishRow();
  OG_RETURN_IF_ERROR(CheckValues(row));
  if (present) {
    pending->Replace(*present, std::move(row));
  } else {
    present = pending->Insert(std::move(row), std::move(id));
  }
  written_[&type].insert(*present);
  ++counts_.nodes;
  return Status::Ok();
}

Result<std::optional<RowId>> Execution::Endpoint(const query::Expression& id,
                                                 std::uint32_t node_type) {
  const schema::NodeType& type = catalog().node(node_type);
  Touch(type, false);
  const auto* text = id.value.As<std::string>();
  if (text == nullptr) {
    return Status::Error(ErrorCode::kInvalidArgument,
                         "the endpoints of an edge are node ids, and those are texts");
  }
  const std::optional<std::string> canonical = schema::CanonicalId(type, *text);
  if (!canonical) return std::optional<RowId>();
  return FindById(type, *canonical);
}

Status Execution::Do(const query::InsertEdge& insert) {
  const schema::EdgeType& type = catalog().edge(insert.edge_type);
  OG_ASSIGN_OR_RETURN(const auto source, Endpoint(insert.from, type.from));
  OG_ASSIGN_OR_RETURN(const auto target, Endpoint(insert.to, type.to));
  if (!source || !target) {
    deferred_.push_back(&insert);
    return Status::Ok();
  }
  return AddEdge(insert);
}

Status Execution::AddEdge(const query::InsertEdge& insert) {
  const schema::EdgeType& type = catalog().edge(insert.edge_type);
  Touch(type, false);
  OG_ASSIGN_OR_RETURN(const auto source, Endpoint(insert.from, type.from));
  OG_ASSIGN_OR_RETURN(const auto target, Endpoint(insert.to, type.to));
  if (!source || !target) {
    const bool is_source = !source;
    const query::Expression& id = is_source ? insert.from : insert.to;
    const schema::NodeType& node = catalog().node(is_source ? type.from : type.to);
    return Status::Error(ErrorCode::kInvalidArgument,
                         "insert " + type.name + ": " + (is_source ? "src " : "dst ") +
                             Quoted(types::CanonicalText(id.value)) + " not found in " + node.name);
  }
  OG_ASSIGN_OR_RETURN(const Values values, RowValues(type, insert.assignments));
  OG_ASSIGN_OR_RETURN(PendingRows* const pending, PendingOf(type));
  format::RowBatch row(type);
  for (std::size_t i = 0; i < values.size(); ++i) {
    row.column(static_cast<std::uint32_t>(i)).AppendValue(values[i]);
  }
  row.AppendEndpoints(*source, *target);
  row.FinishRow();
  OG_RETURN_IF_ERROR(CheckValues(row));
  written_[&type].insert(pending->Insert(std::move(row), std::nullopt));
  ++counts_.edges;
  return Status::Ok();
}

std::optional<std::string> Execution::KeyOf(const schema::TableType& type,
                                            const query::Expression& predicate) const {
  using query::ExpressionKind;
  if (!schema::IsNodeTable(type) || predicate.compare != query::CompareOp::kEqual) {
    return std::nullopt;
  }
  const auto& node = static_cast<const schema::NodeType&>(type);
  const bool is_field_left = predicate.arguments[0].kind != ExpressionKind::kLiteral;
  const query::Expression& field = predicate.arguments[is_field_left ? 0 : 1];
  const types::Value& wanted = predicate.arguments[is_field_left ? 1 : 0].value;
  if (field.kind != ExpressionKind::kProperty || node.key.size() != 1 ||
      node.key[0] != field.property || types::IsFloat(field.type.scalar) ||
      wanted.As<double>() != nullptr || wanted.is_null()) {
    return std::nullopt;
  }
  const auto stored = types::ConvertForStorage(wanted, field.type, node.name);
  if (!stored.ok()) return std::nullopt;
  const auto id = schema::KeyText(node, {&*stored, 1});
  return id.ok() ? std::optional<std::string>(*id) : std::nullopt;
}

// The rows for which `property op constant` is true.
Result<std::vector<RowId>> Execution::Matches(const schema::TableType& type,
                                              const query::Expression& predicate) {
  using query::ExpressionKind;
  OG_CHECK(predicate.kind == ExpressionKind::kCompare);
  const bool is_field_left = predicate.arguments[0].kind != ExpressionKind::kLiteral;
  const query::Expression& field = predicate.arguments[is_field_left ? 0 : 1];
  const query::Expression& constant = predicate.arguments[is_field_left ? 1 : 0];
  if (field.kind == ExpressionKind::kEdgeFrom || field.kind == ExpressionKind::kEdgeTo) {
    return MatchesEndpoint(static_cast<const schema::EdgeType&>(type), predicate);
  }
  std::vector<RowId> matches;
  if (constant.value.is_null()) return matches;
  if (const std::optional<std::string> key = KeyOf(type, predicate)) {
    OG_ASSIGN_OR_RETURN(const auto row, FindById(static_cast<const schema::NodeType&>(type), *key));
    if (row) matches.push_back(*row);
    return matches;
  }
  OG_RETURN_IF_ERROR(Flush(type));
  OG_ASSIGN_OR_RETURN(const Table* const table, working_.TableOf(type));
  return exec::FindRows(*table, predicate, deadline_);
}

Result<std::vector<RowId>> Execution::MatchesEndpoint(const schema::EdgeType& type,
                                                      const query::Expression& predicate) {
  using query::ExpressionKind;
  const bool is_field_left = predicate.arguments[0].kind != ExpressionKind::kLiteral;
  const query::Expression& field = predicate.arguments[is_field_left ? 0 : 1];
  const query::Expression& constant = predicate.arguments[is_field_left ? 1 : 0];
  const bool is_source = field.kind == ExpressionKind::kEdgeFrom;
  OG_ASSIGN_OR_RETURN(const Table* const edges, working_.TableOf(type));
  OG_ASSIGN_OR_RETURN(const Table* const nodes,
                      working_.NodeTable(is_source ? type.from : type.to));
  Touch(nodes->type(), false);
  std::vector<RowId> matches;
  const exec::Datum wanted = exec::Datum::Of(constant.value);
  if (wanted.is_null()) return matches;
  if (predicate.compare == query::CompareOp::kEqual) {
    OG_ASSIGN_OR_RETURN(const std::optional<RowId> node,
                        Endpoint(constant, is_source ? type.from : type.to));
    if (!node) return matches;
    const std::span<const RowId> ends(&*node, 1);
    return table::FindIncidentEdges(*edges, is_source ? ends : ends.first(0),
                                    is_source ? ends.first(0) : ends, deadline_);
  }
  OG_RETURN_IF_ERROR(edges->Open());
  RowId next = 0;
  std::string id;
  for (std::vector<RowId> rows; edges->Scan(&next, kScanRows, &rows), !rows.empty();) {
    if (deadline_.HasPassed()) {
      return Status::Error(ErrorCode::kDeadlineExceeded, "the deadline passed; nothing changed");
    }
    for (const RowId row : rows) {
      id.clear();
      OG_RETURN_IF_ERROR(
          nodes->AppendId(is_source ? edges->SourceOf(row) : edges->TargetOf(row), id));
      const exec::Datum text = exec::Datum::Text(id);
      const std::optional<bool> is_match =
          is_field_left ? exec::Compare(predicate.compare, predicate.comparison, text, wanted)
                        : exec::Compare(predicate.compare, predicate.comparison, wanted, text);
      if (is_match.value_or(false)) matches.push_back(row);
    }
  }
  return matches;
}

Status Execution::Do(const query::UpdateNode& update) {
  const schema::NodeType& type = catalog().node(update.node_type);
  Touch(type, true);
  Values assigned(type.properties.size());
  std::vector<bool> is_assigned(type.properties.size(), false);
  for (const query::Assignment& assignment : update.assignments) {
    const schema::Property& property = type.properties[assignment.property];
    if (property.is_key) {
      return Status::Error(ErrorCode::kInvalidArgument,
                           "cannot update @key property '" + property.name + "' of " + type.name +
                               ": the key is the node's identity; insert a new node instead");
    }
    OG_ASSIGN_OR_RETURN(assigned[property.ordinal],
                        types::ConvertForStorage(assignment.value.value, property.type,
                                                 PropertyName(type, property)));
    is_assigned[property.ordinal] = true;
  }
  OG_ASSIGN_OR_RETURN(const std::vector<RowId> matches, Matches(type, update.predicate));
  if (matches.empty()) return Status::Ok();
  OG_ASSIGN_OR_RETURN(const Table* const table, working_.TableOf(type));
  std::vector<table::Column> columns;
  for (const schema::Property& property : type.properties) {
    OG_ASSIGN_OR_RETURN(table::Column column, table->BindColumn(property.ordinal));
    columns.push_back(std::move(column));
  }
  OG_ASSIGN_OR_RETURN(PendingRows* const pending, PendingOf(type));
  TableDelta delta(type);
  format::RowBatch& images = delta.updated.emplace(type);
  std::string id;
  for (const RowId row : matches) {
    const format::RowBatch* const written = pending->Image(row);
    for (std::uint32_t i = 0; i < columns.size(); ++i) {
      images.column(i).AppendValue(is_assigned[i]       ? assigned[i]
                                   : written == nullptr ? columns[i].Value(row)
                                                        : written->column(i).Value(0));
    }
    if (images.layout().ids == format::RowLayout::Ids::kColumn) {
      id.clear();
      if (written != nullptr) {
        id = written->Id(0);
      } else {
        OG_RETURN_IF_ERROR(table->AppendId(row, id));
      }
      images.AppendId(id);
    }
    images.FinishRow();
    written_[&type].insert(row);
  }
  OG_RETURN_IF_ERROR(CheckValues(images));
  counts_.nodes += matches.size();
  if (KeyOf(type, update.predicate)) {
    pending->Replace(matches[0], std::move(images));
    return Status::Ok();
  }
  delta.updated_rows = matches;
  return working_.Apply(std::move(delta));
}

Status Execution::Do(const query::DeleteNode& removal) {
  const schema::NodeType& type = catalog().node(removal.node_type);
  Touch(type, true);
  OG_ASSIGN_OR_RETURN(std::vector<RowId> matches, Matches(type, removal.predicate));
  for (const schema::EdgeType* edge : catalog().EdgesOf(type))
    Touch(*edge, true);
  if (matches.empty()) return Status::Ok();
  OG_RETURN_IF_ERROR(Cascade(type, matches));
  counts_.nodes += matches.size();
  TableDelta delta(type);
  delta.deleted = std::move(matches);
  return working_.Apply(std::move(delta));
}

// Removes every edge that starts or ends at one of `nodes`, which ascend.
Status Execution::Cascade(const schema::NodeType& type, const std::vector<RowId>& nodes) {
  for (const schema::EdgeType* edge : catalog().EdgesOf(type)) {
    OG_ASSIGN_OR_RETURN(const Table* const table, working_.TableOf(*edge));
    const std::span<const RowId> all(nodes);
    const std::span<const RowId> sources = edge->from == type.ordinal ? all : all.first(0);
    const std::span<const RowId> targets = edge->to == type.ordinal ? all : all.first(0);
    TableDelta delta(*edge);
    OG_ASSIGN_OR_RETURN(delta.deleted,
                        table::FindIncidentEdges(*table, sources, targets, deadline_));
    if (delta.deleted.empty()) continue;
    if (edge->cardinality.is_limited()) {
      OG_RETURN_IF_ERROR(table->Open());
      for (const RowId row : delta.deleted) {
        const RowId source = table->SourceOf(row);
        const bool is_gone = std::binary_search(sources.begin(), sources.end(), source);
        if (!is_gone) thinned_[edge].push_back(source);
      }
    }
    counts_.edges += delta.deleted.size();
    OG_RETURN_IF_ERROR(working_.Apply(std::move(delta)));
  }
  return Status::Ok();
}

Status Execution::Do(const query::DeleteEdge& removal) {
  const schema::EdgeType& type = catalog().edge(removal.edge_type);
  Touch(type, true);
  OG_ASSIGN_OR_RETURN(std::vector<RowId> matches, Matches(type, removal.predicate));
  counts_.edges += matches.size();
  if (type.cardinality.is_limited() && !matches.empty()) {
    OG_ASSIGN_OR_RETURN(const Table* const table, working_.TableOf(type));
    OG_RETURN_IF_ERROR(table->Open());
    for (const RowId row : matches)
      thinned_[&type].push_back(table->SourceOf(row));
  }
  TableDelta delta(type);
  delta.deleted = std::move(matches);
  return working_.Apply(std::move(delta));
}

Status Execution::CheckFinalImage() {
  for (const auto& [type, rows] : written_) {
    OG_ASSIGN_OR_RETURN(const Table* const table, working_.TableOf(*type));
    std::vector<RowId> live;
    for (const RowId row : rows) {
      if (table->IsLive(row)) live.push_back(row);
    }
    OG_RETURN_IF_ERROR(CheckUniqueRows(*table, live, &working_, &working_.unique_indexes()));
    if (schema::IsNodeTable(*type)) continue;
    const auto& edge = static_cast<const schema::EdgeType&>(*type);
    OG_RETURN_IF_ERROR(CheckCardinalityOf(edge, working_, live));
  }
  for (auto& [edge, sources] : thinned_) {
    OG_ASSIGN_OR_RETURN(const Table* const nodes, working_.TableOf(catalog().node(edge->from)));
    std::erase_if(sources, [nodes](RowId source) { return !nodes->IsLive(source); });
    OG_RETURN_IF_ERROR(CheckCardinalityOfSources(*edge, working_, std::move(sources), true));
  }
  return Status::Ok();
}

}  // namespace

Status ExecuteMutation(const query::CheckedQuery& query, const Deadline& deadline,
                       WorkingGraph& working, Footprint* footprint, MutationCounts* counts) {
  *counts = {};
  Execution execution(deadline, working, counts);
  const Status status = execution.Run(*query.mutation());
  execution.TakeFootprint(footprint);
  return status;
}

}  // namespace omnigraph::graph
