// Implements exec/neighborhood.h.

#include "exec/neighborhood.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace omnigraph::exec {
namespace {

using table::Adjacency;
using table::Direction;

class DirectNeighborhood final : public Neighborhood {
 public:
  DirectNeighborhood(std::shared_ptr<const Adjacency> adjacency, Context& context)
      : adjacency_(std::move(adjacency)), context_(context) {}

  std::span<const RowId> Of(RowId node) override {
    const std::span<const RowId> found = adjacency_->Neighbors(node, &scratch_);
    context_.CountEdges(found.size());
    return found;
  }
  std::uint64_t Count(RowId node) override { return adjacency_->Degree(node); }
  bool Contains(RowId from, RowId to) override { return adjacency_->HasEdge(from, to); }
  bool is_direct() const override { return true; }

 private:
  std::shared_ptr<const Adjacency> adjacency_;
  Context& context_;
  std::vector<RowId> scratch_;
};

// Neighbours along edges of both directions.
class EitherNeighborhood final : public Neighborhood {
 public:
  EitherNeighborhood(std::shared_ptr<const Adjacency> forward,
                     std::shared_ptr<const Adjacency> backward, Context& context)
      : forward_(std::move(forward)), backward_(std::move(backward)), context_(context) {}

  std::span<const RowId> Of(RowId node) override {
    const auto there = forward_->Neighbors(node, &forward_scratch_);
    const auto here = backward_->Neighbors(node, &backward_scratch_);
    context_.CountEdges(there.size() + here.size());
    if (here.empty()) return there;
    if (there.empty()) return here;
    found_.clear();
    std::set_union(there.begin(), there.end(), here.begin(), here.end(),
                   std::back_inserter(found_));
    return found_;
  }
  std::uint64_t Count(RowId node) override { return Of(node).size(); }
  bool Contains(RowId from, RowId to) override {
    return forward_->HasEdge(from, to) || backward_->HasEdge(from, to);
  }
  bool is_direct() const override { return true; }

 private:
  std::shared_ptr<const Adjacency> forward_;
  std::shared_ptr<const Adjacency> backward_;
  Context& context_;
  std::vector<RowId> forward_scratch_;
  std::vector<RowId> backward_scratch_;
  std::vector<RowId> found_;
};

// Everything at distance `hops_min` to `hops_max`: a breadth-first search level by level, with one
// bit per node for what was seen.
//
// A self-loop at y counts as one more step to y (S7.4): forwards, y is also at distance d(a, y) + 1
// for each y with a loop; backwards, when the end b itself has one, everything is also one further.
class ReachNeighborhood final : public Neighborhood {
 public:
  ReachNeighborhood(const Hop& hop, std::unique_ptr<Neighborhood> step, bool has_self_loops,
                    RowId ids_end, Context& context)
      : hops_min_(hop.hops_min),
        hops_max_(hop.hops_max),
        is_backward_(hop.is_backward),
        has_self_loops_(has_self_loops),
        counts_all_(!has_self_loops && hop.hops_min == 1),
        step_(std::move(step)),
        seen_((ids_end + 63) / 64),
        context_(context) {}

  std::span<const RowId> Of(RowId node) override {
    Search(node);
    if (!is_sorted_) {
      if (counts_all_) found_.assign(queue_.begin() + 1, queue_.end());
      std::sort(found_.begin(), found_.end());
      is_sorted_ = true;
    }
    return found_;
  }
  std::uint64_t Count(RowId node) override {
    Search(node);
    // Without loops the start is not reached, and everything else that was seen is.
    return counts_all_ ? queue_.size() - 1 : found_.size();
  }
  bool Contains(RowId from, RowId to) override {
    const std::span<const RowId> found = Of(from);
    return std::binary_search(found.begin(), found.end(), to);
  }
  bool is_direct() const override { return false; }

 private:
  void SetSeen(RowId node) { seen_[node / 64] |= std::uint64_t{1} << (node % 64); }

  bool IsWithin(std::uint64_t distance) const {
    return distance >= hops_min_ && distance <= hops_max_;
  }

  // Whether a node at this distance from the start belongs to the answer.
  bool Belongs(RowId node, std::uint64_t distance, bool start_has_loop) {
    if (distance > 0 && IsWithin(distance)) return true;
    if (!has_self_loops_ || !IsWithin(distance + 1)) return false;
    return is_backward_ ? start_has_loop : step_->Contains(node, node);
  }

  void Search(RowId node) {
    if (node == start_) return;
    start_ = node;
    found_.clear();
    is_sorted_ = false;
    const bool start_has_loop = has_self_loops_ && step_->Contains(node, node);
    queue_.assign(1, node);
    SetSeen(node);
    if (!counts_all_ && Belongs(node, 0, start_has_loop)) found_.push_back(node);
    std::size_t level_begin = 0;
    for (std::uint64_t distance = 1; distance <= hops_max_; ++distance) {
      const std::size_t level_end = queue_.size();
      if (level_begin == level_end || context_.is_interrupted()) break;
      for (std::size_t i = level_begin; i < level_end && !context_.is_interrupted(); ++i) {
        VisitNeighbors(queue_[i]);
      }
      for (std::size_t i = level_end; i < queue_.size() && !counts_all_; ++i) {
        if (Belongs(queue_[i], distance, start_has_loop)) found_.push_back(queue_[i]);
      }
      level_begin = level_end;
    }
    for (const RowId seen : queue_)
      seen_[seen / 64] = 0;
    if (context_.is_interrupted()) start_ = table::kNoRow;
  }

  // Writes every neighbour behind the queue and counts the new ones: no branch to mispredict.
  void VisitNeighbors(RowId node) {
    const std::span<const RowId> neighbors = step_->Of(node);
    std::size_t size = queue_.size();
    queue_.resize(size + neighbors.size());
    for (const RowId neighbor : neighbors) {
      std::uint64_t& word = seen_[neighbor / 64];
      const std::uint64_t bit = std::uint64_t{1} << (neighbor % 64);
      queue_[size] = neighbor;
      size += (word & bit) == 0 ? 1 : 0;
      word |= bit;
    }
    queue_.resize(size);
  }

  std::uint64_t hops_min_;
  std::uint64_t hops_max_;
  bool is_backward_;
  bool has_self_loops_;
  bool counts_all_;  // The answer is everything in the queue but the start.
  std::unique_ptr<Neighborhood> step_;
  std::vector<std::uint64_t> seen_;
  Context& context_;
  RowId start_ = table::kNoRow;  // Of the last search: pairs often come in runs.
  std::vector<RowId> queue_;
  std::vector<RowId> found_;
  bool is_sorted_ = false;
};

}  // namespace

Result<std::unique_ptr<Neighborhood>> BindNeighborhood(const Hop& hop, Context& context) {
  OG_ASSIGN_OR_RETURN(const table::Table* edges, context.view().EdgeTable(hop.edge_type));
  const Direction direction = hop.is_backward ? Direction::kBackward : Direction::kForward;
  OG_ASSIGN_OR_RETURN(std::shared_ptr<const Adjacency> adjacency, edges->BindAdjacency(direction));
  const bool has_self_loops = adjacency->has_self_loops();
  std::unique_ptr<Neighborhood> step;
  if (hop.is_undirected) {
    const Direction other = hop.is_backward ? Direction::kForward : Direction::kBackward;
    OG_ASSIGN_OR_RETURN(std::shared_ptr<const Adjacency> back, edges->BindAdjacency(other));
    step = std::make_unique<EitherNeighborhood>(std::move(adjacency), std::move(back), context);
  } else {
    step = std::make_unique<DirectNeighborhood>(std::move(adjacency), context);
  }
  const schema::EdgeType& type = context.catalog().edge(hop.edge_type);
  if (hop.is_single() || type.from != type.to) return step;
  OG_ASSIGN_OR_RETURN(const table::Table* nodes, context.view().NodeTable(type.to));
  const RowId ids_end = nodes->row_ids_end();
  OG_RETURN_IF_ERROR(context.memory().Take(ids_end / 8 + 1));
  return std::unique_ptr<Neighborhood>(
      std::make_unique<ReachNeighborhood>(hop, std::move(step), has_self_loops, ids_end, context));
}

Result<Intersection> Intersection::Bind(std::span<const Hop> hops, Context& context) {
  const query::Variable& target = context.query().variables[hops[0].to];
  OG_ASSIGN_OR_RETURN(const table::Table* nodes, context.view().NodeTable(target.type));
  Intersection intersection(context, nodes->row_ids_end());
  for (const Hop& hop : hops) {
    Arm& arm = intersection.arms_.emplace_back();
    OG_ASSIGN_OR_RETURN(arm.neighborhood, BindNeighborhood(hop, context));
  }
  if (hops.size() > 1) {
    OG_RETURN_IF_ERROR(
        context.memory().Take(hops.size() * (intersection.ids_end_ / std::uint64_t{8} + 1)));
  }
  return intersection;
}

void Intersection::Mark(Arm* arm) {
  if (arm->marks.empty()) arm->marks.resize((ids_end_ + 63) / 64);
  for (const RowId row : arm->marked)
    arm->marks[row / 64] = 0;
  const std::span<const RowId> reached = arm->neighborhood->Of(arm->node);
  arm->marked.assign(reached.begin(), reached.end());
  for (const RowId row : reached)
    arm->marks[row / 64] |= std::uint64_t{1} << (row % 64);
  arm->is_marked = true;
}

bool Intersection::Holds(Arm* arm, RowId target) {
  if (arm->is_marked) return (arm->marks[target / 64] >> (target % 64) & 1) != 0;
  return arm->neighborhood->Contains(arm->node, target);
}

// Chooses the arm to walk along, the one with the fewest nodes among those not marked; the others
// are tested.
std::size_t Intersection::PrepareArms(std::span<const RowId> from) {
  std::size_t driver = arms_.size();
  std::uint64_t driver_count = 0;
  for (std::size_t i = 0; i < arms_.size(); ++i) {
    Arm& arm = arms_[i];
    if (arm.node == from[i]) {
      if (!arm.is_marked) Mark(&arm);
    } else {
      arm.node = from[i];
      arm.is_marked = false;
      if (!arm.neighborhood->is_direct()) Mark(&arm);
    }
    if (arm.is_marked) continue;
    const std::uint64_t count = arm.neighborhood->Count(arm.node);
    if (driver == arms_.size() || count < driver_count) {
      driver = i;
      driver_count = count;
    }
  }
  return driver;
}

template <typename Visit>
void Intersection::ForEach(std::span<const RowId> from, Visit visit) {
  const std::size_t driver = PrepareArms(from);
  std::size_t walked = driver;
  if (driver == arms_.size()) {
    walked = 0;
    for (std::size_t i = 1; i < arms_.size(); ++i) {
      if (arms_[i].marked.size() < arms_[walked].marked.size()) walked = i;
    }
  }
  const std::span<const RowId> candidates = driver == arms_.size()
                                                ? std::span<const RowId>(arms_[walked].marked)
                                                : arms_[walked].neighborhood->Of(from[walked]);
  if (driver == arms_.size()) context_->CountEdges(candidates.size());
  if (arms_.size() == 2 && arms_[1 - walked].is_marked) {
    const std::uint64_t* marks = arms_[1 - walked].marks.data();
    for (const RowId row : candidates) {
      if ((marks[row / 64] >> (row % 64) & 1) != 0) visit(row);
    }
    return;
  }
  for (const RowId row : candidates) {
    bool is_common = true;
    for (std::size_t i = 0; i < arms_.size() && is_common; ++i) {
      is_common = i == walked || Holds(&arms_[i], row);
    }
    if (is_common) visit(row);
  }
}

std::span<const RowId> Intersection::Of(std::span<const RowId> from) {
  if (arms_.size() == 1) return arms_[0].neighborhood->Of(from[0]);
  found_.clear();
  ForEach(from, [this](RowId row) { found_.push_back(row); });
  return found_;
}

std::uint64_t Intersection::Count(std::span<const RowId> from) {
  if (arms_.size() == 1) return arms_[0].neighborhood->Count(from[0]);
  std::uint64_t count = 0;
  ForEach(from, [&count](RowId) { ++count; });
  return count;
}

}  // namespace omnigraph::exec
