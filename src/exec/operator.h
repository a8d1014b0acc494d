// What the operators of a pipeline have in common: batches are pushed from the first to the sink.

#pragma once

#include <cstdint>
#include <vector>

#include "base/status.h"
#include "exec/batch.h"
#include "exec/context.h"
#include "exec/plan.h"

namespace omnigraph::exec {

/// Shared by the operators of one pipeline.
struct PipelineState {
  explicit PipelineState(Context& shared) : context(shared) {}

  Context& context;
  /// Set by a sink that wants no more: operators return at once.
  bool is_stopped = false;
  /// Set by a sink that has as many rows as the answer may have: it wants no more tuples that come
  /// after all it has in the order of the query.
  bool has_enough = false;
  /// The rows that the first step of the match is to give, if it is a scan: all, or (on threads) a
  /// part of them at a time.
  struct ScanPart {
    RowId begin = 0;
    RowId end = table::kNoRow;
    bool is_one_of_many = false;
  };
  ScanPart first_scan;
  ScanPart PartOf(const Step& step) const { return step.is_first ? first_scan : ScanPart(); }
  /// Inside an anti-join: the tuples, by the number in column `ordinal_slot`, that have been
  /// found already and need no second proof.
  std::vector<std::uint8_t>* found = nullptr;
  Slot ordinal_slot = query::kNone;

  bool Skips(const Batch& batch, std::size_t row) const {
    return found != nullptr && (*found)[batch.slots[ordinal_slot][row]] != 0;
  }
};

class Operator {
 public:
  explicit Operator(PipelineState& state) : state_(state) {}
  virtual ~Operator() = default;
  Operator(const Operator&) = delete;
  Operator& operator=(const Operator&) = delete;

  /// Takes the tuples of `batch`, which it may change and empty, and pushes what becomes of them.
  virtual Status Push(Batch* batch) = 0;

  void SetNext(Operator* next) { next_ = next; }

 protected:
  PipelineState& state_;
  Operator* next_ = nullptr;
};

/// The end of a pipeline: what becomes of the matches.
class Sink : public Operator {
 public:
  using Operator::Operator;
  /// Called once, when all tuples were pushed.
  virtual Status Finish() = 0;
};

/// Collects the tuples that an operator makes and pushes them on in full batches.
class BatchWriter {
 public:
  BatchWriter(std::size_t slots_count, std::vector<Slot> carried, const PipelineState& state)
      : batch_(slots_count),
        carried_(std::move(carried)),
        rows_max_(state.context.options().batch_rows_max) {}

  /// Adds one tuple per element of `targets`: columns of `row`, and the target in `slot`.
  Status Append(const Batch& in, std::size_t row, Slot slot, std::span<const RowId> targets,
                const PipelineState& state, Operator& next);
  /// Adds the carried columns of one tuple; the caller adds the columns that are new.
  Batch& AppendCarried(const Batch& in, std::size_t row);
  bool is_full() const { return batch_.rows_count >= rows_max_; }
  /// Pushes what is left.
  Status Flush(const PipelineState& state, Operator& next);

 private:
  void Replicate(const Batch& in, std::size_t row, std::size_t count);

  Batch batch_;
  std::vector<Slot> carried_;
  std::size_t rows_max_;
};

}  // namespace omnigraph::exec
