// Implements bench/questions.h.

#include "questions.h"

#include "exec/result_table.h"

namespace omnigraph::bench {
namespace {

std::string SeedJson(std::string_view key) {
  return R"({"s":")" + std::string(key) + "\"}";
}

}  // namespace

const std::vector<Question>& Questions() {
  static const std::vector<Question> questions = {
      {"point", "point read by key", true, 0},
      {"hop1", "1-hop count from a seed", true, 1},
      {"hop2", "2-hop count from a seed", true, 2},
      {"hop3", "3-hop count from a seed", true, 3},
      {"top_from_seed", "2-hop top 10 from a seed", true, 0},
      {"filter_group", "filter, group, average", false, 0},
      {"top_of_all", "top 10 of all nodes", false, 0},
  };
  return questions;
}

Result<engine::QueryAnswer> Asker::Ask(const Question& question, const Seeds& seeds,
                                       std::size_t i) const {
  engine::QueryRequest request;
  request.source = queries_;
  request.name = question.name;
  const std::string params =
      question.has_seed ? SeedJson(seeds.keys[i % seeds.keys.size()]) : std::string("{}");
  request.params_json = params;
  return graph_->Query({}, request);
}

Status Asker::Check(const Question& question, const Seeds& seeds, std::size_t i,
                    const engine::QueryAnswer& answer) {
  const std::size_t seed = i % seeds.keys.size();
  const auto wrong = [&](std::string_view expected) {
    return Status::Error(ErrorCode::kInternal,
                         "wrong answer to '" + std::string(question.title) + "' from '" +
                             seeds.keys[seed] +
                             "': " + std::string(answer.table->RowsJson().substr(0, 100)) +
                             " instead of " + std::string(expected));
  };
  if (question.name == "point" && answer.table->rows_count() != 1) return wrong("one row");
  if (question.hops == 0 || seeds.walks.empty()) return Status::Ok();
  const std::string expected =
      std::to_string(seeds.walks[seed][static_cast<std::size_t>(question.hops) - 1]);
  const bool is_right = answer.table->rows_count() == 1 && answer.table->CellJson(0, 0) == expected;
  return is_right ? Status::Ok() : wrong(expected);
}

Status Asker::Insert(const std::string& key) const {
  engine::MutationRequest request;
  request.source = queries_;
  request.name = "insert";
  const std::string params = SeedJson(key);
  request.params_json = params;
  OG_ASSIGN_OR_RETURN(const engine::MutationAnswer answer, graph_->Mutate({}, request));
  if (answer.affected_nodes != 1) {
    return Status::Error(ErrorCode::kInternal, "inserting '" + key + "' changed nothing");
  }
  return Status::Ok();
}

Result<std::vector<std::string>> Asker::FirstColumn(std::string_view query) const {
  engine::QueryRequest request;
  request.source = queries_;
  request.name = query;
  OG_ASSIGN_OR_RETURN(const engine::QueryAnswer answer, graph_->Query({}, request));
  std::vector<std::string> cells;
  for (std::uint64_t row = 0; row < answer.table->rows_count(); ++row)
    cells.emplace_back(answer.table->CellJson(row, 0));
  return cells;
}

}  // namespace omnigraph::bench
