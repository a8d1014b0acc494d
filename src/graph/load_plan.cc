// Implements graph/load_plan.h.

#include "graph/load_plan.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <set>

#include "base/strings.h"
#include "graph/constraints.h"
#include "graph/load_table.h"
#include "index/key_index.h"

namespace omnigraph::graph {
namespace {

using table::kNoRow;
using table::RowId;

class Planner {
 public:
  Planner(const ParsedInput& input, LoadMode mode, const table::GraphView& base, ThreadPool& pool,
          const Deadline& deadline, UniqueIndexes* indexes)
      : input_(input),
        mode_(mode),
        base_(base),
        pool_(pool),
        deadline_(deadline),
        indexes_(indexes),
        nodes_(input.nodes.size()),
        edges_(input.edges.size()) {}

  Result<LoadPlan> Run() {
    OG_RETURN_IF_ERROR(Bind());
    if (mode_ == LoadMode::kOverwrite) OG_RETURN_IF_ERROR(KeepReferencedRows());
    for (LoadTable* node : node_order_)
      OG_RETURN_IF_ERROR(CheckInput(*node));
    for (LoadTable* node : node_order_)
      OG_RETURN_IF_ERROR(node->AssignRowIds(pool_));
    for (LoadTable* edge : edge_order_)
      OG_RETURN_IF_ERROR(Resolve(*edge));
    for (LoadTable* edge : edge_order_)
      OG_RETURN_IF_ERROR(CheckInput(*edge));
    for (LoadTable* edge : edge_order_)
      OG_RETURN_IF_ERROR(edge->AssignRowIds(pool_));
    for (LoadTable* node : node_order_)
      OG_RETURN_IF_ERROR(CheckStored(*node));
    for (LoadTable* edge : edge_order_)
      OG_RETURN_IF_ERROR(CheckStored(*edge));
    for (LoadTable* edge : edge_order_)
      OG_RETURN_IF_ERROR(CheckSources(*edge));
    return Build();
  }

 private:
  using Tables = std::vector<std::unique_ptr<LoadTable>>;

  Status Bind();
  Status KeepReferencedRows();
  Status CheckInput(LoadTable& table);
  Status CheckStored(LoadTable& table);
  Status CheckSources(LoadTable& table);
  Status Resolve(LoadTable& table);
  Status ResolveEnds(LoadTable& table, bool is_source, std::atomic<std::size_t>* first_missing);
  Status NotFound(const LoadTable& table, std::size_t record) const;
  Result<LoadPlan> Build();
  Result<std::optional<TableDelta>> StrandedEdges(const schema::EdgeType& edge);
  Result<const table::Table*> Read(const schema::TableType& type);
  Status CheckDeadline() const {
    if (!deadline_.HasPassed()) return Status::Ok();
    return Status::Error(ErrorCode::kDeadlineExceeded, "the deadline passed while it was planned");
  }

  const ParsedInput& input_;
  const LoadMode mode_;
  const table::GraphView& base_;
  ThreadPool& pool_;
  const Deadline& deadline_;
  UniqueIndexes* const indexes_;
  Tables nodes_, edges_;                             // By ordinal; null for types without a record.
  std::vector<LoadTable*> node_order_, edge_order_;  // By declaration.
  std::set<std::string> tables_read_;
};

Result<const table::Table*> Planner::Read(const schema::TableType& type) {
  tables_read_.insert(type.table_key);
  return schema::IsNodeTable(type) ? base_.NodeTable(type.ordinal) : base_.EdgeTable(type.ordinal);
}

Status Planner::Bind() {
  if (&base_.catalog() != input_.catalog) {
    return Status::Error(ErrorCode::kConflict,
                         "the schema changed while the input was read; load it again");
  }
  const auto bind = [this](const std::vector<ParsedTable>& parsed, Tables* tables,
                           std::vector<LoadTable*>* order) -> Status {
    for (std::size_t i = 0; i < parsed.size(); ++i) {
      if (parsed[i].records_count == 0) continue;
      OG_ASSIGN_OR_RETURN(const table::Table* const stored, Read(*parsed[i].type));
      (*tables)[i] = std::make_unique<LoadTable>(parsed[i], *stored, mode_);
      order->push_back((*tables)[i].get());
    }
    std::sort(order->begin(), order->end(), [](const LoadTable* a, const LoadTable* b) {
      return a->type().declared_position < b->type().declared_position;
    });
    return Status::Ok();
  };
  OG_RETURN_IF_ERROR(bind(input_.nodes, &nodes_, &node_order_));
  return bind(input_.edges, &edges_, &edge_order_);
}

// Edges of types without a record name their endpoints by row id, so those ids must stay.
Status Planner::KeepReferencedRows() {
  for (const schema::EdgeType& edge : input_.catalog->edges()) {
    if (edges_[edge.ordinal] || (!nodes_[edge.from] && !nodes_[edge.to])) continue;
    OG_ASSIGN_OR_RETURN(const table::Table* const stored, Read(edge));
    if (stored->rows_count() == 0) continue;
    for (const std::uint32_t node : {edge.from, edge.to}) {
      if (nodes_[node]) nodes_[node]->KeepRowIds();
    }
  }
  return Status::Ok();
}

// What can be said from the input alone.
Status Planner::CheckInput(LoadTable& table) {
  OG_RETURN_IF_ERROR(CheckDeadline());
  if (table.parsed().fault) return table.parsed().fault->ToStatus();
  NewRows& rows = table.new_rows();
  rows.sources = table.sources;
  rows.targets = table.targets;
  OG_RETURN_IF_ERROR(CheckValues(rows));
  OG_RETURN_IF_ERROR(table.IndexIds(pool_));
  if (!table.sources.empty()) {
    const auto text = [&table](bool is_source, std::size_t row) {
      const auto [piece, at] = table.EndpointsAt(row);
      return std::string((is_source ? piece->sources : piece->targets).Text(at));
    };
    rows.source_id = [text](std::size_t row) { return text(true, row); };
    rows.target_id = [text](std::size_t row) { return text(false, row); };
  }
  return CheckUniqueWithin(rows);
}

Status Planner::CheckStored(LoadTable& table) {
  OG_RETURN_IF_ERROR(CheckDeadline());
  OG_RETURN_IF_ERROR(table.CheckAppend());
  if (table.replaces_all()) return Status::Ok();
  return CheckUniqueAgainst(table.new_rows(), table.stored(), table.replaced(), indexes_);
}

// Finds the row ids of all sources or all targets.
Status Planner::ResolveEnds(LoadTable& edge, bool is_source,
                            std::atomic<std::size_t>* first_missing) {
  const auto& type = static_cast<const schema::EdgeType&>(edge.type());
  const std::uint32_t ordinal = is_source ? type.from : type.to;
  const LoadTable* const fresh = nodes_[ordinal].get();
  const bool looks_in_stored = fresh == nullptr || !fresh->replaces_all();
  OG_ASSIGN_OR_RETURN(const table::Table* const stored, Read(input_.catalog->node(ordinal)));
  std::vector<RowId>& rows = is_source ? edge.sources : edge.targets;
  rows.resize(edge.endpoints_count());

  const auto find = [&](std::string_view id) -> Result<RowId> {
    if (fresh != nullptr) {
      const RowId row = fresh->FindNew(id, index::KeyHash(id));
      if (row != kNoRow) return row;
    }
    if (!looks_in_stored || stored->rows_count() == 0) return kNoRow;
    OG_ASSIGN_OR_RETURN(const std::optional<RowId> row, stored->FindById(id));
    return row.value_or(kNoRow);
  };
  constexpr std::size_t kRecordsAtOnce = 4096;
  const std::size_t parts = (rows.size() + kRecordsAtOnce - 1) / kRecordsAtOnce;
  std::vector<Status> statuses(parts);
  ParallelFor(pool_, parts, [&](std::size_t part) {
    const std::size_t end = std::min(rows.size(), (part + 1) * kRecordsAtOnce);
    for (std::size_t i = part * kRecordsAtOnce; i < end; ++i) {
      const auto [piece, at] = edge.EndpointsAt(i);
      const Result<RowId> row = find((is_source ? piece->sources : piece->targets).Text(at));
      if (!row.ok()) {
        statuses[part] = row.status();
        return;
      }
      rows[i] = *row;
      if (*row != kNoRow) continue;
      std::size_t first = first_missing->load();
      while (i < first && !first_missing->compare_exchange_weak(first, i)) {
      }
      return;
    }
  });
  for (Status& status : statuses)
    OG_RETURN_IF_ERROR(std::move(status));
  return Status::Ok();
}

Status Planner::NotFound(const LoadTable& edge, std::size_t record) const {
  const auto& type = static_cast<const schema::EdgeType&>(edge.type());
  const auto [piece, at] = edge.EndpointsAt(record);
  const bool is_source = edge.sources[record] == kNoRow;
  const std::string_view id = (is_source ? piece->sources : piece->targets).Text(at);
  const std::string& node = input_.catalog->node(is_source ? type.from : type.to).name;
  return Status::Error(ErrorCode::kInvalidArgument,
                       PlaceText(piece->places[at]) + ": edge " + type.name + " row " +
                           std::to_string(record + 1) + ": " + (is_source ? "src " : "dst ") +
                           Quoted(id) + " not found in " + node);
}

Status Planner::Resolve(LoadTable& edge) {
  OG_RETURN_IF_ERROR(CheckDeadline());
  std::atomic<std::size_t> first_missing = edge.endpoints_count();
  OG_RETURN_IF_ERROR(ResolveEnds(edge, true, &first_missing));
  OG_RETURN_IF_ERROR(ResolveEnds(edge, false, &first_missing));
  if (first_missing == edge.endpoints_count()) return Status::Ok();
  return NotFound(edge, first_missing);
}

Status Planner::CheckSources(LoadTable& edge) {
  const auto& type = static_cast<const schema::EdgeType&>(edge.type());
  if (!type.cardinality.is_limited()) return Status::Ok();
  OG_RETURN_IF_ERROR(CheckDeadline());
  OG_ASSIGN_OR_RETURN(const table::Table* const nodes, Read(input_.catalog->node(type.from)));
  const LoadTable* const fresh = nodes_[type.from].get();

  std::vector<std::uint32_t> counts;  // By row id of the source.
  std::vector<RowId> sources;         // Each once, in the order of the input.
  std::vector<bool> is_listed;
  const auto list = [&](RowId source) {
    if (source >= is_listed.size()) is_listed.resize(std::size_t{source} + 1);
    if (!is_listed[source]) sources.push_back(source);
    is_listed[source] = true;
  };
  const auto count = [&](RowId source) {
    if (source >= counts.size()) counts.resize(std::size_t{source} + 1);
    ++counts[source];
  };
  const std::vector<bool>& superseded = edge.new_rows().is_superseded;
  for (std::size_t row = 0; row < edge.size(); ++row) {
    if (!superseded.empty() && superseded[row]) continue;
    list(edge.sources[row]);
    count(edge.sources[row]);
  }
  if (!edge.replaces_all() && edge.stored().rows_count() > 0) {
    OG_RETURN_IF_ERROR(edge.stored().Open());
    for (const RowId row : edge.UpdatedRows())
      list(edge.stored().SourceOf(row));
    ForEachKept(edge.stored(), edge.replaced(),
                [&](RowId row) { count(edge.stored().SourceOf(row)); });
  }
  const auto count_of = [&](RowId source) -> std::uint64_t {
    return source < counts.size() ? counts[source] : 0;
  };
  const auto id_of = [&](RowId source) -> Result<std::string> {
    std::string id = fresh == nullptr ? std::string() : fresh->NewIdText(source);
    if (id.empty() && source < nodes->row_ids_end()) {
      OG_RETURN_IF_ERROR(nodes->AppendId(source, id));
    }
    return id;
  };
  return CheckCardinality(type, sources, count_of, id_of);
}

// The edges of a type without a record that lose an endpoint.
Result<std::optional<TableDelta>> Planner::StrandedEdges(const schema::EdgeType& edge) {
  const LoadTable* const from = nodes_[edge.from].get();
  const LoadTable* const to = nodes_[edge.to].get();
  if (from == nullptr && to == nullptr) return std::optional<TableDelta>();
  OG_ASSIGN_OR_RETURN(const table::Table* const stored, Read(edge));
  if (stored->rows_count() == 0) return std::optional<TableDelta>();
  OG_RETURN_IF_ERROR(stored->Open());
  TableDelta delta(edge);
  ForEachKept(*stored, {}, [&](RowId row) {
    const bool keeps = (from == nullptr || from->Keeps(stored->SourceOf(row))) &&
                       (to == nullptr || to->Keeps(stored->TargetOf(row)));
    if (!keeps) delta.deleted.push_back(row);
  });
  if (delta.deleted.empty()) return std::optional<TableDelta>();
  return std::optional<TableDelta>(std::move(delta));
}

Result<LoadPlan> Planner::Build() {
  OG_RETURN_IF_ERROR(CheckDeadline());
  LoadPlan plan;
  const auto add = [&](const LoadTable& table) -> Status {
    OG_ASSIGN_OR_RETURN(TableDelta delta, table.BuildDelta(pool_));
    plan.deltas.push_back(std::move(delta));
    plan.loaded.push_back({&table.type(), table.parsed().records_count});
    return Status::Ok();
  };
  for (const LoadTable* node : node_order_)
    OG_RETURN_IF_ERROR(add(*node));
  for (const LoadTable* edge : edge_order_)
    OG_RETURN_IF_ERROR(add(*edge));
  if (mode_ == LoadMode::kOverwrite) {
    for (const schema::EdgeType& edge : input_.catalog->edges()) {
      if (edges_[edge.ordinal]) continue;
      OG_ASSIGN_OR_RETURN(std::optional<TableDelta> delta, StrandedEdges(edge));
      if (!delta) continue;
      plan.edges_removed += delta->deleted.size();
      plan.deltas.push_back(*std::move(delta));
    }
  }
  std::stable_sort(
      plan.deltas.begin(), plan.deltas.end(), [](const TableDelta& a, const TableDelta& b) {
        const auto rank = [](const TableDelta& delta) {
          return std::pair(!schema::IsNodeTable(*delta.type), delta.type->declared_position);
        };
        return rank(a) < rank(b);
      });
  std::sort(plan.loaded.begin(), plan.loaded.end(),
            [](const auto& a, const auto& b) { return a.type->table_key < b.type->table_key; });
  plan.tables_read.assign(tables_read_.begin(), tables_read_.end());
  return plan;
}

}  // namespace

Result<LoadPlan> PlanLoad(const ParsedInput& input, LoadMode mode, const table::GraphView& base,
                          ThreadPool& pool, const Deadline& deadline, UniqueIndexes* indexes) {
  return Planner(input, mode, base, pool, deadline, indexes).Run();
}

}  // namespace omnigraph::graph
