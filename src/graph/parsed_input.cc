// Implements graph/parsed_input.h: reads, parses on many threads and gathers in input order.

#include "graph/parsed_input.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>

#include "base/budget.h"
#include "graph/record_parser.h"
#include "graph/strict_lines.h"
#include "graph/table_delta.h"

namespace omnigraph::graph {
namespace {

using types::Scalar;

// Keeps parsers, which hold much memory, for the next block.
class ParserPool {
 public:
  ParserPool(const schema::Catalog& catalog, RecordRules rules, Budget& memory)
      : catalog_(catalog), rules_(rules), memory_(memory) {}

  std::unique_ptr<RecordParser> Take() {
    {
      const std::lock_guard lock(mutex_);
      if (!free_.empty()) {
        std::unique_ptr<RecordParser> parser = std::move(free_.back());
        free_.pop_back();
        return parser;
      }
    }
    return std::make_unique<RecordParser>(catalog_, rules_, memory_);
  }
  void GiveBack(std::unique_ptr<RecordParser> parser) {
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(parser));
  }

 private:
  const schema::Catalog& catalog_;
  const RecordRules rules_;
  Budget& memory_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<RecordParser>> free_;  // Guarded by mutex_.
};

// A block on its way. Whoever claims it first parses it: a thread of the pool, or the gathering
// thread when it would otherwise wait, so that a busy pool cannot hold up a load for ever.
struct Task {
  TextBlock text;
  ParsedBlock parsed;
  std::atomic<bool> is_claimed{false};
  std::mutex mutex;
  std::condition_variable done_changed;
  bool is_done = false;  // Guarded by mutex.

  // A task that the pool starts after the load has ended claims nothing and touches nothing else.
  void Run(ParserPool& parsers) {
    if (is_claimed.exchange(true)) return;
    std::unique_ptr<RecordParser> parser = parsers.Take();
    parsed = parser->Parse(text.text());
    parsers.GiveBack(std::move(parser));
    const std::lock_guard lock(mutex);
    is_done = true;
    done_changed.notify_all();
  }
  void Wait() {
    std::unique_lock lock(mutex);
    done_changed.wait(lock, [this] { return is_done; });
  }
};

bool FitsOnePiece(const ParsedRows& piece, const ParsedRows& more) {
  return piece.size() + more.size() <= kFragmentRowsMax &&
         piece.size_bytes() + more.size_bytes() <= kFragmentBytesMax;
}

class Gatherer {
 public:
  explicit Gatherer(const schema::Catalog& catalog) {
    input_.catalog = &catalog;
    const auto add = [](const schema::TableType& type, std::vector<ParsedTable>* tables) {
      tables->emplace_back();
      tables->back().type = &type;
    };
    for (const schema::NodeType& node : catalog.nodes())
      add(node, &input_.nodes);
    for (const schema::EdgeType& edge : catalog.edges())
      add(edge, &input_.edges);
  }

  // Adds the next block. Errors: its fault, a limit.
  Status Add(ParsedBlock block, const LoadLimits& limits) {
    OG_RETURN_IF_ERROR(std::move(block.limit));
    const RecordPlace shift = {static_cast<std::uint32_t>(input_.records_count),
                               static_cast<std::uint32_t>(lines_before_)};
    if (block.fault) {
      Shift(shift, &block.fault->place);
      return block.fault->ToStatus();
    }
    for (std::size_t i = 0; i < block.tables.size(); ++i) {
      const std::size_t nodes_count = input_.nodes.size();
      AddTable(block.tables[i], shift,
               i < nodes_count ? &input_.nodes[i] : &input_.edges[i - nodes_count]);
    }
    for (const auto& [key, count] : block.ignored)
      ignored_[key] += count;
    input_.records_count += block.records_count;
    lines_before_ = std::min<std::uint64_t>(lines_before_ + block.newlines_count, UINT32_MAX - 1);
    if (input_.records_count > limits.records_max) {
      return Status::Error(ErrorCode::kResourceExhausted,
                           "the input has more than " + std::to_string(limits.records_max) +
                               " records (load.records_max); load it in parts");
    }
    return Status::Ok();
  }

  std::uint64_t records_count() const { return input_.records_count; }

  ParsedInput Finish(std::uint64_t bytes_read) {
    for (const auto& [key, count] : ignored_) {
      input_.ignored.push_back({key.first, key.second, count});
    }
    input_.bytes_read = bytes_read;
    return std::move(input_);
  }

 private:
  static void Shift(RecordPlace shift, RecordPlace* place) {
    place->record += shift.record;
    place->line += shift.line;
  }

  static void AddTable(ParsedTable& from, RecordPlace shift, ParsedTable* to) {
    if (from.records_count == 0) return;
    to->records_count += from.records_count;
    to->has_explicit_ids |= from.has_explicit_ids;
    for (ParsedRows& piece : from.pieces) {
      if (to->pieces.empty() || !FitsOnePiece(to->pieces.back(), piece)) {
        to->pieces.emplace_back(*to->type);
      }
      to->pieces.back().AppendAll(piece, shift, /*has_rows=*/!to->fault);
    }
    if (from.fault && !to->fault) {
      to->fault = std::move(from.fault);
      Shift(shift, &to->fault->place);
    }
  }

  ParsedInput input_;
  std::map<std::pair<std::string, std::string>, std::uint64_t> ignored_;
  std::uint64_t lines_before_ = 0;
};

}  // namespace

std::string PlaceText(RecordPlace place) {
  return "line " + std::to_string(place.line) + ", record " + std::to_string(place.record);
}

Status RecordFault::ToStatus() const {
  std::string text;
  if (is_bad_json) {
    text = "line " + std::to_string(place.line) + ": invalid JSON at record " +
           std::to_string(place.record) + ": " + message;
  } else {
    text = PlaceText(place) + ": " + message;
  }
  return Status::Error(ErrorCode::kInvalidArgument, std::move(text));
}

ParsedRows::ParsedRows(const schema::TableType& type)
    : rows(type),
      explicit_ids(types::Type{Scalar::kString}),
      sources(types::Type{Scalar::kString}),
      targets(types::Type{Scalar::kString}) {}

std::size_t ParsedRows::size_bytes() const {
  return rows.size_bytes() + explicit_ids.size_bytes() + sources.size_bytes() +
         targets.size_bytes() + places.size() * sizeof(RecordPlace);
}

void ParsedRows::AppendAll(const ParsedRows& other, RecordPlace shift, bool has_rows) {
  if (has_rows) {
    if (other.explicit_ids.size() > 0) {
      while (explicit_ids.size() < rows.size())
        explicit_ids.AppendNull();
      explicit_ids.AppendRange(other.explicit_ids, 0, other.rows.size());
    } else if (explicit_ids.size() > 0) {
      for (std::size_t i = 0; i < other.rows.size(); ++i)
        explicit_ids.AppendNull();
    }
    rows.AppendAll(other.rows);
  }
  sources.AppendAll(other.sources);
  targets.AppendAll(other.targets);
  for (RecordPlace place : other.places) {
    places.push_back({place.record + shift.record, place.line + shift.line});
  }
}

Result<ParsedInput> ParseRecords(const LoadInput& input, const schema::Catalog& catalog,
                                 ThreadPool& pool, const Deadline& deadline) {
  Budget memory("load.memory_bytes_max", input.limits.memory_bytes_max);
  // Shared with tasks that the pool may only look at when the load has long ended.
  const auto parsers = std::make_shared<ParserPool>(
      catalog, RecordRules{input.ignore_unknown, input.is_strict}, memory);
  BlockReader reader(input.is_strict
                         ? StrictLines(input.read, catalog, input.limits.record_bytes_max)
                         : input.read,
                     input.limits);
  Gatherer gatherer(catalog);
  std::deque<std::shared_ptr<Task>> tasks;
  const std::size_t tasks_max = 2 * pool.threads_count() + 1;
  const auto gather = [&]() -> Status {
    const std::shared_ptr<Task> task = std::move(tasks.front());
    tasks.pop_front();
    task->Run(*parsers);
    task->Wait();
    OG_RETURN_IF_ERROR(gatherer.Add(std::move(task->parsed), input.limits));
    reader.Recycle(std::move(task->text));
    if (input.on_progress) input.on_progress(reader.bytes_read(), gatherer.records_count());
    return Status::Ok();
  };
  const auto run = [&]() -> Status {
    for (;;) {
      if (deadline.HasPassed()) {
        return Status::Error(ErrorCode::kDeadlineExceeded,
                             "the deadline passed after " +
                                 std::to_string(gatherer.records_count()) + " records were read");
      }
      OG_ASSIGN_OR_RETURN(std::optional<TextBlock> block, reader.Next());
      if (!block) break;
      const auto task = std::make_shared<Task>();
      task->text = *std::move(block);
      tasks.push_back(task);
      pool.Submit([task, parsers] { task->Run(*parsers); });
      if (tasks.size() > tasks_max) OG_RETURN_IF_ERROR(gather());
    }
    while (!tasks.empty())
      OG_RETURN_IF_ERROR(gather());
    return Status::Ok();
  };
  const Status status = run();
  // After an error: claim what nobody started, wait for the rest, since it uses this frame.
  for (const std::shared_ptr<Task>& task : tasks) {
    if (task->is_claimed.exchange(true)) task->Wait();
  }
  OG_RETURN_IF_ERROR(status);
  return gatherer.Finish(reader.bytes_read());
}

}  // namespace omnigraph::graph
