// Implements table/edge_rows.h.

#include "table/edge_rows.h"

#include <algorithm>
#include <span>
#include <tuple>

#include "table/table.h"

namespace omnigraph::table {
namespace {

constexpr std::size_t kRowsPerScan = 65'536;
// Added edges stay beside the base up to this number, or up to this share of it.
constexpr std::size_t kAddedMax = 4096;
constexpr std::size_t kAddedShare = 64;

bool IsBefore(const EdgeRows::Edge& a, const EdgeRows::Edge& b) {
  return std::tie(a.target, a.row) < std::tie(b.target, b.row);
}

// Positions of `values` in ascending order of the values; equal ones keep their order in `order`.
std::vector<std::uint32_t> SortedBy(const std::vector<RowId>& values,
                                    const std::vector<std::uint32_t>& order,
                                    std::vector<std::uint32_t>* begins) {
  const RowId end = values.empty() ? 0 : *std::max_element(values.begin(), values.end()) + 1;
  begins->assign(std::size_t{end} + 1, 0);
  for (const RowId value : values)
    ++(*begins)[value + std::size_t{1}];
  for (std::size_t value = 0; value < end; ++value)
    (*begins)[value + 1] += (*begins)[value];
  std::vector<std::uint32_t> next(*begins);
  std::vector<std::uint32_t> sorted(values.size());
  for (const std::uint32_t position : order)
    sorted[next[values[position]]++] = position;
  return sorted;
}

}  // namespace

std::shared_ptr<const EdgeRows::Base> EdgeRows::Build(const Table& table) {
  std::vector<RowId> sources;
  std::vector<RowId> targets;
  std::vector<RowId> rows;
  RowId next = 0;
  for (std::vector<RowId> some; table.Scan(&next, kRowsPerScan, &some), !some.empty();) {
    for (const RowId row : some) {
      sources.push_back(table.SourceOf(row));
      targets.push_back(table.TargetOf(row));
    }
    rows.insert(rows.end(), some.begin(), some.end());
  }
  std::vector<std::uint32_t> order(rows.size());
  for (std::uint32_t position = 0; position < order.size(); ++position)
    order[position] = position;
  // By row, then by target, then by source: the last one decides first.
  const auto base = std::make_shared<Base>();
  order = SortedBy(targets, order, &base->begins);
  order = SortedBy(sources, order, &base->begins);
  base->rows_end = table.row_ids_end();
  base->edges.reserve(rows.size());
  for (const std::uint32_t position : order)
    base->edges.push_back({targets[position], rows[position]});
  return base;
}

std::shared_ptr<const EdgeRows> EdgeRows::Of(const Table& table,
                                             const std::shared_ptr<const EdgeRows>& previous,
                                             RowId same_end) {
  const auto edges = std::make_shared<EdgeRows>();
  edges->table_ = &table;
  edges->rows_end_ = table.row_ids_end();
  std::vector<Added>& added = edges->added_;
  RowId next = 0;
  if (previous != nullptr && same_end >= previous->base_->rows_end) {
    const std::shared_ptr<const Base>& base = previous->base_;
    const std::size_t added_max = std::max(kAddedMax, base->edges.size() / kAddedShare);
    const bool is_few =
        edges->rows_end_ >= base->rows_end && edges->rows_end_ - base->rows_end <= added_max;
    if (is_few) {
      edges->base_ = base;
      next = base->rows_end;
    }
    if (is_few && same_end >= previous->rows_end_) {
      next = previous->rows_end_;
      for (const Added& before : previous->added_) {
        if (table.IsLive(before.edge.row)) added.push_back(before);
      }
    }
  }
  if (edges->base_ == nullptr) {
    edges->base_ = Build(table);
    next = edges->rows_end_;
  }
  const auto kept = static_cast<std::ptrdiff_t>(added.size());
  for (std::vector<RowId> rows; table.Scan(&next, kRowsPerScan, &rows), !rows.empty();) {
    for (const RowId row : rows)
      added.push_back({table.SourceOf(row), {table.TargetOf(row), row}});
  }
  const auto is_before = [](const Added& a, const Added& b) {
    return a.source != b.source ? a.source < b.source : IsBefore(a.edge, b.edge);
  };
  std::sort(added.begin() + kept, added.end(), is_before);
  std::inplace_merge(added.begin(), added.begin() + kept, added.end(), is_before);
  return edges;
}

void EdgeRows::FindFrom(RowId source, std::vector<Edge>* edges) const {
  edges->clear();
  if (source + std::size_t{1} < base_->begins.size()) {
    const std::uint32_t begin = base_->begins[source];
    for (const Edge& edge :
         std::span(base_->edges).subspan(begin, base_->begins[source + std::size_t{1}] - begin)) {
      if (table_->IsLive(edge.row)) edges->push_back(edge);
    }
  }
  const auto of_base = static_cast<std::ptrdiff_t>(edges->size());
  auto at =
      std::lower_bound(added_.begin(), added_.end(), source,
                       [](const Added& added, RowId wanted) { return added.source < wanted; });
  for (; at != added_.end() && at->source == source; ++at)
    edges->push_back(at->edge);
  std::inplace_merge(edges->begin(), edges->begin() + of_base, edges->end(), IsBefore);
}

void EdgeRows::Find(RowId source, RowId target, std::vector<RowId>* rows) const {
  rows->clear();
  if (source + std::size_t{1} < base_->begins.size()) {
    const auto begin = base_->edges.begin() + base_->begins[source];
    const auto end = base_->edges.begin() + base_->begins[source + std::size_t{1}];
    for (auto at = std::lower_bound(begin, end, Edge{target, 0}, IsBefore);
         at != end && at->target == target; ++at) {
      if (table_->IsLive(at->row)) rows->push_back(at->row);
    }
  }
  const auto is_before = [](const Added& added, const std::pair<RowId, RowId>& ends) {
    return std::pair(added.source, added.edge.target) < ends;
  };
  auto at = std::lower_bound(added_.begin(), added_.end(), std::pair(source, target), is_before);
  for (; at != added_.end() && at->source == source && at->edge.target == target; ++at)
    rows->push_back(at->edge.row);
}

}  // namespace omnigraph::table
