// What clients did and were told, and the check that one order of commits explains all of it.
//
// Every change names its operation as the actor of its commit, so that the commits of a branch say
// which operations took effect and in which order. That makes the check linear: replay the chain
// and compare. Checked per branch: strict serialisability (the order of commits respects the order
// in which calls ended and began, and every read saw exactly one prefix), no lost, doubled, partial
// or phantom effect; and that merges bring over exactly what the other branch had.

#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.h"

namespace omnigraph::faults {

extern const std::string_view kHistorySchema;
extern const std::string_view kHistoryQueries;

enum class OperationKind : unsigned char {
  kAdd,       ///< One item, by a mutation.
  kAttach,    ///< An item, an edge to a register, and the register's value: three tables.
  kAddLarge,  ///< One item by a load, so large that it becomes a fragment.
  kRemove,    ///< An item with its edges.
  kMerge,
  kRead,
  kMaintain,  ///< Optimize or cleanup: no effect that a reader may see.
};

/// What a client knows when its call has ended.
enum class Outcome : unsigned char {
  kPending,
  kDone,
  kRefused,  ///< Certainly without effect.
  kUnknown,  ///< With or without effect.
};

struct Operation {
  std::string name;  ///< Unique; also the item that it adds and the actor of its commit.
  OperationKind kind = OperationKind::kRead;
  std::string branch;
  std::string source;  ///< Of merges.
  std::string item;    ///< Of removals: what they remove.
  std::int64_t value = 0;
  std::uint64_t began = 0;  ///< Moments of one clock.
  std::uint64_t ended = 0;
  Outcome outcome = Outcome::kPending;
  std::string commit;  ///< That it made or read; empty if none.
  std::string seen;    ///< What a read saw.
};

/// Collects operations; thread-safe. The references stay valid.
class History {
 public:
  History() = default;
  /// A part of another history.
  explicit History(std::deque<Operation> operations);

  Operation& Begin(Operation operation);
  void End(Operation& operation, Outcome outcome, std::string commit = {}, std::string seen = {});
  /// Requires that nobody begins or ends operations meanwhile.
  const std::deque<Operation>& operations() const { return operations_; }

 private:
  std::mutex mutex_;
  std::deque<Operation> operations_;  // Guarded by mutex_.
  std::atomic<std::uint64_t> clock_{0};
};

/// Performs one operation of a client on a branch and writes it down.
class HistoryClient {
 public:
  /// `history` outlives the client; `name` is unique.
  HistoryClient(std::string name, History& history) : name_(std::move(name)), history_(history) {}

  void Add(engine::Graph& graph, const std::string& branch);
  void Attach(engine::Graph& graph, const std::string& branch, int register_number);
  void AddLarge(engine::Graph& graph, const std::string& branch);
  /// An item that this client once added to `branch`, if there is one.
  void Remove(engine::Graph& graph, const std::string& branch, std::uint64_t choice);
  void Merge(engine::Graph& graph, const std::string& source, const std::string& target);
  void ReadAll(engine::Graph& graph, const std::string& branch);
  void Optimize(engine::Graph& graph);
  void Cleanup(engine::Graph& graph, std::uint64_t grace_secs);

 private:
  Operation& Begin(OperationKind kind, const std::string& branch);
  void EndWrite(Operation& operation, const Status& status,
                const std::optional<engine::CommitRecord>& commit);
  engine::Caller CallerOf(const Operation& operation) const;

  const std::string name_;
  History& history_;
  int count_ = 0;
  std::map<std::string, std::vector<std::string>> added_;  // Items by branch.
};

/// The registers that belong to one branch: only operations on it write them.
std::string RegisterName(const std::string& branch, int number);
inline constexpr int kRegistersPerBranch = 2;

/// Creates a graph with the registers of all `branches`, and those that are not `main`.
Status InitHistoryGraph(std::shared_ptr<store::ObjectStore> store,
                        const std::vector<std::string>& branches);

/// What `branch` shows: items, edges and registers, as text. Errors: as of queries.
struct Content {
  std::string text;
  std::string commit;
};
Result<Content> ReadContent(engine::Graph& graph, engine::ReadTarget target);

/// Compares a history with the graph that it led to. None if every check holds, else what is wrong.
std::optional<std::string> FindViolation(const History& history, engine::Graph& graph,
                                         const std::vector<std::string>& branches);

}  // namespace omnigraph::faults
