// The clients of history.h.

#include "history.h"

#include <algorithm>
#include <cstring>

#include "engine/maintenance.h"
#include "exec/result_table.h"

namespace omnigraph::faults {

using engine::Caller;
using engine::Graph;

const std::string_view kHistorySchema = R"(
node Item { key: String @key
  text: String? }
node Register { name: String @key
  value: I64 }
edge Touches: Item -> Register
)";

const std::string_view kHistoryQueries = R"(
query registers() { match { $r: Register } return { $r.name, $r.value } order { $r.name } }
query items() { match { $i: Item } return { $i.key } order { $i.key } }
query edges() { match { $i: Item  $i touches $r } return { $i.key, $r.name }
  order { $i.key, $r.name } }
query register($name: String) { insert Register { name: $name, value: 0 } }
query add($key: String) { insert Item { key: $key } }
query attach($key: String, $register: String, $value: I64) {
  insert Item { key: $key }
  insert Touches { from: $key, to: $register }
  update Register set { value: $value } where name = $register
}
query remove($key: String) { delete Item where key = $key }
)";

namespace {

engine::MutationRequest MutationOf(std::string_view name, std::string_view params,
                                   const std::string& branch) {
  engine::MutationRequest request;
  request.source = kHistoryQueries;
  request.name = name;
  request.params_json = params;
  request.branch = branch;
  return request;
}

std::string Quote(const std::string& text) {
  return "\"" + text + "\"";
}

// Which errors leave it open whether the change is there.
bool IsUncertain(const Status& status) {
  return status.code() == ErrorCode::kUnavailable;
}

}  // namespace

std::string RegisterName(const std::string& branch, int number) {
  return branch + "-" + std::to_string(number);
}

Status InitHistoryGraph(std::shared_ptr<store::ObjectStore> store,
                        const std::vector<std::string>& branches) {
  OG_RETURN_IF_ERROR(Graph::Init(store, "g", kHistorySchema, false));
  OG_ASSIGN_OR_RETURN(const auto graph, Graph::Open(store, engine::OpenOptions{}));
  for (const std::string& branch : branches) {
    for (int i = 0; i < kRegistersPerBranch; ++i) {
      const std::string params = R"({"name":)" + Quote(RegisterName(branch, i)) + "}";
      OG_RETURN_IF_ERROR(graph->Mutate(Caller(), MutationOf("register", params, "main")).status());
    }
  }
  for (const std::string& branch : branches) {
    if (branch != "main") OG_RETURN_IF_ERROR(graph->CreateBranch(Caller(), branch, "main"));
  }
  return Status::Ok();
}

History::History(std::deque<Operation> operations) : operations_(std::move(operations)) {
  for (const Operation& operation : operations_)
    clock_ = std::max({clock_.load(), operation.began, operation.ended});
}

Operation& History::Begin(Operation operation) {
  const std::lock_guard lock(mutex_);
  operations_.push_back(std::move(operation));
  operations_.back().began = ++clock_;
  return operations_.back();
}

void History::End(Operation& operation, Outcome outcome, std::string commit, std::string seen) {
  operation.outcome = outcome;
  operation.commit = std::move(commit);
  operation.seen = std::move(seen);
  operation.ended = ++clock_;
}

Operation& HistoryClient::Begin(OperationKind kind, const std::string& branch) {
  Operation operation;
  operation.name = name_ + "." + std::to_string(count_++);
  operation.kind = kind;
  operation.branch = branch;
  return history_.Begin(std::move(operation));
}

Caller HistoryClient::CallerOf(const Operation& operation) const {
  Caller caller;
  caller.actor = operation.name;
  return caller;
}

void HistoryClient::EndWrite(Operation& operation, const Status& status,
                             const std::optional<engine::CommitRecord>& commit) {
  if (!status.ok()) {
    operation.seen = status.message();
    return history_.End(operation, IsUncertain(status) ? Outcome::kUnknown : Outcome::kRefused, {},
                        std::string(status.message()));
  }
  history_.End(operation, Outcome::kDone, commit ? commit->graph_commit_id : std::string());
}

void HistoryClient::Add(Graph& graph, const std::string& branch) {
  Operation& operation = Begin(OperationKind::kAdd, branch);
  const std::string params = R"({"key":)" + Quote(operation.name) + "}";
  const auto answer = graph.Mutate(CallerOf(operation), MutationOf("add", params, branch));
  EndWrite(operation, answer.status(), answer.ok() ? answer->commit : std::nullopt);
  if (answer.ok()) added_[branch].push_back(operation.name);
}

void HistoryClient::Attach(Graph& graph, const std::string& branch, int register_number) {
  Operation& operation = Begin(OperationKind::kAttach, branch);
  operation.item = RegisterName(branch, register_number);
  operation.value = static_cast<std::int64_t>(operation.began);
  const std::string params = R"({"key":)" + Quote(operation.name) + R"(,"register":)" +
                             Quote(operation.item) + R"(,"value":)" +
                             std::to_string(operation.value) + "}";
  const auto answer = graph.Mutate(CallerOf(operation), MutationOf("attach", params, branch));
  EndWrite(operation, answer.status(), answer.ok() ? answer->commit : std::nullopt);
  if (answer.ok()) added_[branch].push_back(operation.name);
}

void HistoryClient::AddLarge(Graph& graph, const std::string& branch) {
  Operation& operation = Begin(OperationKind::kAddLarge, branch);
  const std::string line = R"({"type":"Item","data":{"key":)" + Quote(operation.name) +
                           R"(,"text":)" + Quote(std::string(70'000, 'x')) + "}}\n";
  engine::LoadRequest request;
  request.source_name = "item.jsonl";
  request.branch = branch;
  request.read = [left = std::string_view(line)](
                     char* buffer, std::size_t size_max) mutable -> Result<std::size_t> {
    const std::size_t size = std::min(size_max, left.size());
    std::memcpy(buffer, left.data(), size);
    left.remove_prefix(size);
    return size;
  };
  const auto answer = graph.Load(CallerOf(operation), request);
  EndWrite(operation, answer.status(), answer.ok() ? answer->commit : std::nullopt);
  if (answer.ok()) added_[branch].push_back(operation.name);
}

void HistoryClient::Remove(Graph& graph, const std::string& branch, std::uint64_t choice) {
  std::vector<std::string>& items = added_[branch];
  if (items.empty()) return Add(graph, branch);
  Operation& operation = Begin(OperationKind::kRemove, branch);
  const auto chosen = items.begin() + static_cast<std::ptrdiff_t>(choice % items.size());
  operation.item = *chosen;
  items.erase(chosen);
  const std::string params = R"({"key":)" + Quote(operation.item) + "}";
  const auto answer = graph.Mutate(CallerOf(operation), MutationOf("remove", params, branch));
  EndWrite(operation, answer.status(), answer.ok() ? answer->commit : std::nullopt);
}

void HistoryClient::Merge(Graph& graph, const std::string& source, const std::string& target) {
  Operation& operation = Begin(OperationKind::kMerge, target);
  operation.source = source;
  engine::MergeRequest request;
  request.source = source;
  request.target = target;
  const auto answer = graph.Merge(CallerOf(operation), request);
  Status status = answer.status();
  if (answer.ok() && !answer->conflicts.empty()) {
    status = Status::Error(ErrorCode::kConflict, "unexpected " + answer->conflict_text);
  }
  EndWrite(operation, status, answer.ok() ? answer->commit : std::nullopt);
}

void HistoryClient::ReadAll(Graph& graph, const std::string& branch) {
  Operation& operation = Begin(OperationKind::kRead, branch);
  Result<Content> content = ReadContent(graph, {branch, ""});
  if (!content.ok()) {
    return history_.End(operation,
                        IsUncertain(content.status()) ? Outcome::kUnknown : Outcome::kRefused, {},
                        std::string(content.status().message()));
  }
  history_.End(operation, Outcome::kDone, std::move(content->commit), std::move(content->text));
}

void HistoryClient::Optimize(Graph& graph) {
  Operation& operation = Begin(OperationKind::kMaintain, "main");
  const Status status = graph.Optimize(CallerOf(operation)).status();
  EndWrite(operation, status, std::nullopt);
}

void HistoryClient::Cleanup(Graph& graph, std::uint64_t grace_secs) {
  Operation& operation = Begin(OperationKind::kMaintain, "main");
  engine::CleanupRequest request;
  request.keep_versions = 1;
  request.grace_secs = grace_secs;
  const Status status = graph.Cleanup(CallerOf(operation), request).status();
  EndWrite(operation, status, std::nullopt);
}

// Three queries of one commit: what is not one snapshot is not one state.
Result<Content> ReadContent(Graph& graph, engine::ReadTarget target) {
  Content content;
  for (const std::string_view name : {"items", "edges", "registers"}) {
    engine::QueryRequest request;
    request.source = kHistoryQueries;
    request.name = name;
    request.target = target;
    OG_ASSIGN_OR_RETURN(const engine::QueryAnswer answer, graph.Query(Caller(), request));
    content.commit = answer.graph_commit_id;
    content.text += std::string(answer.table->RowsJson()) + "\n";
    target.snapshot = content.commit;
  }
  return content;
}

}  // namespace omnigraph::faults
