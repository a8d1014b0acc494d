// Implements table/edge_lists.h.

#include "table/edge_lists.h"

#include <algorithm>

#include "index/csr.h"
#include "table/paged_array.h"
#include "table/rows.h"

namespace omnigraph::table {
namespace {

// Past these, building anew is cheaper than what deriving keeps in memory.
constexpr std::size_t kStepsMax = 1024;
constexpr std::size_t kChangesMax = 65'536;

using List = std::vector<RowId>;

// A CSR, and whole lists for the nodes whose neighbours differ from it.
class CsrAdjacency final : public Adjacency {
 public:
  explicit CsrAdjacency(std::shared_ptr<const index::Csr> csr)
      : csr_(std::move(csr)),
        pairs_count_(csr_->neighbors.size()),
        has_self_loops_(csr_->has_self_loops),
        has_parallel_edges_(csr_->has_parallel_edges) {}

  std::span<const RowId> Neighbors(RowId node, std::vector<RowId>*) const override {
    return ListOf(node);
  }
  std::uint64_t Degree(RowId node) const override { return ListOf(node).size(); }
  bool HasEdge(RowId from, RowId to) const override {
    const std::span<const RowId> list = ListOf(from);
    return std::binary_search(list.begin(), list.end(), to);
  }
  bool has_self_loops() const override { return has_self_loops_; }
  std::uint64_t pairs_count() const override { return pairs_count_; }

  // Whether a pair may be joined by more than one edge. Without, a removed edge was the only one.
  bool has_parallel_edges() const { return has_parallel_edges_; }
  void SetHasParallelEdges() { has_parallel_edges_ = true; }

  // Makes `to` a neighbour of `from`, or no longer one.
  void Set(RowId from, RowId to, bool is_joined) {
    const std::span<const RowId> list = ListOf(from);
    const auto at = std::lower_bound(list.begin(), list.end(), to);
    const bool is_present = at != list.end() && *at == to;
    if (is_joined == is_present) return;
    List changed(list.begin(), at);
    if (is_joined) changed.push_back(to);
    changed.insert(changed.end(), is_joined ? at : at + 1, list.end());
    overlay_.Set(from, std::make_shared<const List>(std::move(changed)));
    has_overlay_ = true;
    pairs_count_ += is_joined ? 1 : -std::uint64_t{1};
    has_self_loops_ = has_self_loops_ || (is_joined && from == to);
  }

 private:
  std::span<const RowId> ListOf(RowId node) const {
    if (has_overlay_) {
      if (const auto* page = overlay_.FindPage(node / kOverlayPage)) {
        if (const auto& list = (*page)[node % kOverlayPage]) return *list;
      }
    }
    return csr_->Of(node);
  }

  using Overlay = PagedArray<std::shared_ptr<const List>, 5>;
  static constexpr std::size_t kOverlayPage = Overlay::kPageSize;

  std::shared_ptr<const index::Csr> csr_;
  Overlay overlay_;
  bool has_overlay_ = false;
  std::uint64_t pairs_count_;
  bool has_self_loops_;
  bool has_parallel_edges_;
};

std::shared_ptr<CsrAdjacency> CopyOf(const std::shared_ptr<const Adjacency>& adjacency) {
  return std::make_shared<CsrAdjacency>(static_cast<const CsrAdjacency&>(*adjacency));
}

// The first of the edges below `rows_end` that get other ends: those are removed and added again.
// `kNoRow` if there are none.
RowId FirstMoved(const std::vector<EdgeChange>& changes, RowId rows_end) {
  RowId first = kNoRow;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const EdgeChange& now = changes[i];
    if (!now.is_added || now.row >= rows_end) continue;
    const bool is_same = i > 0 && changes[i - 1].row == now.row &&
                         changes[i - 1].source == now.source && changes[i - 1].target == now.target;
    if (!is_same) first = std::min(first, now.row);
  }
  return first;
}

RowId EndOf(const std::vector<RowId>& rows) {
  return rows.empty() ? 0 : *std::max_element(rows.begin(), rows.end()) + 1;
}

}  // namespace

std::shared_ptr<EdgeLists> EdgeLists::After(const std::shared_ptr<EdgeLists>& previous,
                                            std::vector<EdgeChange> changes) {
  const auto lists = std::make_shared<EdgeLists>();
  if (!previous) return lists;
  const std::lock_guard lock(previous->mutex_);
  lists->looks_count_ = previous->looks_count_;
  lists->edges_before_ = previous->edges_ ? previous->edges_ : previous->edges_before_;
  if (!previous->edges_) lists->same_end_ = previous->same_end_;
  if (lists->edges_before_) {
    lists->same_end_ =
        std::min(lists->same_end_, FirstMoved(changes, lists->edges_before_->rows_end()));
  }
  if (previous->built_.forward) {
    lists->origin_ = previous->built_;
  } else {
    lists->origin_ = previous->origin_;
    lists->steps_ = previous->steps_;
  }
  if (!lists->origin_.forward) return lists;
  const auto step = std::make_shared<Step>();
  step->before = lists->steps_;
  step->steps_count = 1 + (lists->steps_ ? lists->steps_->steps_count : 0);
  step->changes_count = changes.size() + (lists->steps_ ? lists->steps_->changes_count : 0);
  step->changes = std::move(changes);
  if (step->steps_count > kStepsMax || step->changes_count > kChangesMax) {
    lists->origin_ = {};
    lists->steps_ = nullptr;
  } else {
    lists->steps_ = step;
  }
  return lists;
}

bool EdgeLists::Derive(const Table& table) {
  if (!origin_.forward) return false;
  const std::shared_ptr<CsrAdjacency> forward = CopyOf(origin_.forward);
  const std::shared_ptr<CsrAdjacency> backward = CopyOf(origin_.backward);
  std::vector<const Step*> oldest_last;
  for (const Step* step = steps_.get(); step != nullptr; step = step->before.get()) {
    oldest_last.push_back(step);
  }
  for (auto step = oldest_last.rbegin(); step != oldest_last.rend(); ++step) {
    for (const EdgeChange& change : (*step)->changes) {
      const bool was_joined = forward->HasEdge(change.source, change.target);
      if (change.is_added && was_joined) forward->SetHasParallelEdges();
      // Of parallel edges only the table itself knows whether one is left.
      const bool is_joined = change.is_added || (forward->has_parallel_edges() &&
                                                 IsJoined(table, change.source, change.target));
      forward->Set(change.source, change.target, is_joined);
      backward->Set(change.target, change.source, is_joined);
    }
  }
  built_ = {forward, backward};
  return true;
}

void EdgeLists::Build(const Table& table) {
  List sources;
  List targets;
  sources.reserve(table.rows_count());
  targets.reserve(table.rows_count());
  RowId next = 0;
  for (List rows; table.Scan(&next, 65'536, &rows), !rows.empty();) {
    for (const RowId row : rows) {
      sources.push_back(table.SourceOf(row));
      targets.push_back(table.TargetOf(row));
    }
  }
  const RowId sources_end = EndOf(sources);
  const RowId targets_end = EndOf(targets);
  const auto build = [](RowId nodes, RowId others, const List& from, const List& to) {
    return std::make_shared<CsrAdjacency>(
        std::make_shared<const index::Csr>(index::BuildCsr(nodes, others, from, to)));
  };
  built_ = {build(sources_end, targets_end, sources, targets),
            build(targets_end, sources_end, targets, sources)};
}

std::shared_ptr<const Adjacency> EdgeLists::Get(const Table& table, Direction direction) {
  const std::lock_guard lock(mutex_);
  if (!built_.forward) {
    if (!Derive(table)) Build(table);
    origin_ = {};
    steps_ = nullptr;
  }
  return direction == Direction::kForward ? built_.forward : built_.backward;
}

std::shared_ptr<const EdgeRows> EdgeLists::GetEdges(const Table& table) {
  const std::lock_guard lock(mutex_);
  return Edges(table);
}

bool EdgeLists::IsWorthGetting() {
  const std::lock_guard lock(mutex_);
  const bool has_neighbors = built_.forward || origin_.forward;
  if (has_neighbors && (edges_ || edges_before_)) return true;
  return ++looks_count_ > kLooksMax;
}

const std::shared_ptr<const EdgeRows>& EdgeLists::Edges(const Table& table) {
  if (!edges_) {
    edges_ = EdgeRows::Of(table, edges_before_, same_end_);
    edges_before_ = nullptr;
  }
  return edges_;
}

bool EdgeLists::IsJoined(const Table& table, RowId source, RowId target) {
  List rows;
  Edges(table)->Find(source, target, &rows);
  return !rows.empty();
}

}  // namespace omnigraph::table
