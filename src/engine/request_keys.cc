// Implements engine/request_keys.h. An answer is words with blanks between them; neither names of
// queries nor table keys nor commit ids hold any.

#include "engine/request_keys.h"

#include <algorithm>

#include "base/clock.h"
#include "base/hash.h"
#include "base/strings.h"
#include "engine/local_graph.h"
#include "engine/versions.h"
#include "history/receipts.h"

namespace omnigraph::engine {
namespace {

constexpr std::size_t kKeyBytesMax = 255;
constexpr std::size_t kBlockSizeBytes = std::size_t{64} << 10;

void Append(std::string& text, std::string_view word) {
  if (!text.empty()) text += ' ';
  text += word;
}

void Append(std::string& text, std::uint64_t number) {
  Append(text, std::to_string(number));
}

// Takes the words one after the other and remembers whether all were there.
class Words {
 public:
  explicit Words(const format::Commit& made) : commit_id_(made.id) {
    if (made.receipt) words_ = Split(made.receipt->answer, ' ');
  }

  std::string Text() {
    if (at_ < words_.size()) return std::string(words_[at_++]);
    ok_ = false;
    return {};
  }
  std::uint64_t Number() {
    const auto number = ParseUint64(Text());
    ok_ = ok_ && number.has_value();
    return number.value_or(0);
  }
  bool ok() const { return ok_; }
  bool has_more() const { return ok_ && at_ < words_.size(); }

  Status Finish() const {
    if (ok_ && at_ == words_.size()) return Status::Ok();
    return Status::Error(ErrorCode::kCorruption,
                         "commit '" + commit_id_ + "' keeps a receipt that cannot be read");
  }

 private:
  const std::string commit_id_;
  std::vector<std::string_view> words_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

}  // namespace

Status CheckConditions(const WriteConditions& conditions) {
  if (!conditions.expected_commit.empty() && !IsUlid(conditions.expected_commit)) {
    return Status::Error(ErrorCode::kInvalidArgument,
                         "the expected commit " + Quoted(conditions.expected_commit) +
                             " is no commit id: give the one that a read or a write answered");
  }
  const std::string& key = conditions.idempotency_key;
  const bool is_readable = std::all_of(
      key.begin(), key.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x20; });
  if (key.size() <= kKeyBytesMax && is_readable) return Status::Ok();
  return Status::Error(ErrorCode::kInvalidArgument,
                       "the idempotency key " + Quoted(Abbreviate(key)) +
                           " is not of 1 to 255 bytes without control characters");
}

std::optional<graph::RequestKey> RequestKeyOf(const Caller& caller,
                                              const WriteConditions& conditions,
                                              const std::vector<std::string_view>& asked) {
  if (conditions.idempotency_key.empty()) return std::nullopt;
  graph::RequestKey key;
  key.key = caller.actor
                ? history::ReceiptDigest({"actor", *caller.actor, conditions.idempotency_key})
                : history::ReceiptDigest({"anonymous", conditions.idempotency_key});
  key.request = history::ReceiptDigest(asked);
  return key;
}

void StreamDigest::Add(std::string_view bytes) {
  block_ += bytes;
  std::size_t at = 0;
  for (; block_.size() - at >= kBlockSizeBytes; at += kBlockSizeBytes)
    digest_ = Sha256Hex(digest_ + block_.substr(at, kBlockSizeBytes));
  block_.erase(0, at);
}

std::string StreamDigest::Finish() {
  return Sha256Hex(digest_ + block_);
}

std::string EncodeAnswer(const MutationAnswer& answer) {
  std::string text = answer.query_name;
  Append(text, answer.affected_nodes);
  Append(text, answer.affected_edges);
  return text;
}

Status DecodeAnswer(const format::Commit& made, MutationAnswer* answer) {
  Words words(made);
  answer->query_name = words.Text();
  answer->affected_nodes = words.Number();
  answer->affected_edges = words.Number();
  answer->is_replayed = true;
  return words.Finish();
}

std::string EncodeAnswer(const LoadAnswer& answer) {
  std::string text = answer.branch_created ? "created" : "found";
  for (const std::uint64_t count :
       {answer.nodes_loaded, answer.edges_loaded, answer.node_types_loaded,
        answer.edge_types_loaded, answer.edges_removed}) {
    Append(text, count);
  }
  for (const LoadAnswer::Table& table : answer.tables) {
    Append(text, table.table_key);
    Append(text, table.rows_loaded);
  }
  return text;
}

Status DecodeAnswer(const format::Commit& made, LoadAnswer* answer) {
  Words words(made);
  answer->branch_created = words.Text() == "created";
  for (std::uint64_t* const count :
       {&answer->nodes_loaded, &answer->edges_loaded, &answer->node_types_loaded,
        &answer->edge_types_loaded, &answer->edges_removed}) {
    *count = words.Number();
  }
  answer->tables.clear();
  while (words.has_more()) {
    LoadAnswer::Table table;
    table.table_key = words.Text();
    table.rows_loaded = words.Number();
    answer->tables.push_back(std::move(table));
  }
  answer->ignored.clear();
  answer->is_replayed = true;
  return words.Finish();
}

std::string EncodeAnswer(const MergeAnswer& answer) {
  return std::string(MergeOutcomeName(answer.outcome));
}

Status DecodeAnswer(const format::Commit& made, MergeAnswer* answer) {
  Words words(made);
  const auto outcome = FindMergeOutcome(words.Text());
  if (outcome) answer->outcome = *outcome;
  answer->conflicts.clear();
  answer->is_replayed = true;
  return words.Finish();
}

std::string EncodeAnswer(const RevertAnswer& answer) {
  std::string text = answer.reverted_to;
  Append(text, answer.changes_schema ? "schema" : "rows");
  for (const RevertAnswer::Table& table : answer.tables) {
    Append(text, table.table_key);
    Append(text, table.rows_before);
    Append(text, table.rows_after);
  }
  return text;
}

Status DecodeAnswer(const format::Commit& made, RevertAnswer* answer) {
  Words words(made);
  answer->reverted_to = words.Text();
  answer->changes_schema = words.Text() == "schema";
  answer->tables.clear();
  while (words.has_more()) {
    RevertAnswer::Table table;
    table.table_key = words.Text();
    table.rows_before = words.Number();
    table.rows_after = words.Number();
    answer->tables.push_back(std::move(table));
  }
  answer->is_replayed = true;
  return words.Finish();
}

}  // namespace omnigraph::engine
