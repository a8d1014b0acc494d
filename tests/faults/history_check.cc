// The check of history.h: replays the commits and compares.

#include <algorithm>
#include <set>

#include "history.h"

namespace omnigraph::faults {
namespace {

using engine::Caller;
using engine::CommitRecord;

constexpr std::size_t kPastCommitsRead = 5;

class Checker {
 public:
  Checker(const History& history, engine::Graph& graph, const std::vector<std::string>& branches)
      : operations_(history.operations()), graph_(graph), branches_(branches) {}

  std::optional<std::string> Run() {
    CollectCommits();
    if (!violation_) MatchOperations();
    if (!violation_) CheckOrder();
    if (!violation_) CheckReads();
    if (!violation_) CheckPast();
    return violation_;
  }

 private:
  using Effects = std::vector<bool>;  // By number of the operation.

  void Report(std::string text) {
    if (!violation_) violation_ = std::move(text);
  }

  // ---- What took effect, and in which order ----------------------------------------------------

  void CollectCommits() {
    for (std::size_t i = 0; i < operations_.size(); ++i)
      number_of_[operations_[i].name] = i;
    for (const std::string& branch : branches_) {
      const auto chain = graph_.ListCommits(Caller(), branch, 0);
      if (!chain.ok()) return Report("commits of " + branch + ": " + Text(chain.status()));
      for (std::size_t at = 0; at < chain->size(); ++at) {
        position_[branch][(*chain)[at].graph_commit_id] = at;
        Collect((*chain)[at]);
      }
      head_[branch] = chain->back().graph_commit_id;
    }
    // What was merged may lie on a branch that is gone.
    std::vector<std::string> missing;
    for (const auto& [id, record] : commits_) {
      for (const auto& parent : {record.parent_commit_id, record.merged_parent_commit_id})
        if (parent && !commits_.contains(*parent)) missing.push_back(*parent);
    }
    for (const std::string& id : missing)
      CollectFrom(id);
  }

  void CollectFrom(const std::string& id) {
    std::vector<std::string> open{id};
    while (!open.empty()) {
      const std::string next = open.back();
      open.pop_back();
      if (commits_.contains(next)) continue;
      const auto record = graph_.ShowCommit(Caller(), next);
      if (!record.ok()) return Report("commit " + next + ": " + Text(record.status()));
      Collect(*record);
      for (const auto& parent : {record->parent_commit_id, record->merged_parent_commit_id})
        if (parent) open.push_back(*parent);
    }
  }

  void Collect(const CommitRecord& record) {
    if (!commits_.emplace(record.graph_commit_id, record).second) return;
    if (!record.actor_id) return;
    const auto number = number_of_.find(*record.actor_id);
    if (number == number_of_.end()) return Report("commit of nobody: " + *record.actor_id);
    const auto [at, is_new] = commit_of_.emplace(number->second, record.graph_commit_id);
    if (!is_new) Report("doubled effect: " + Describe(operations_[number->second]));
  }

  void MatchOperations() {
    for (std::size_t i = 0; i < operations_.size() && !violation_; ++i) {
      const Operation& operation = operations_[i];
      const auto found = commit_of_.find(i);
      const bool has_commit = found != commit_of_.end();
      const bool is_change =
          operation.kind != OperationKind::kRead && operation.kind != OperationKind::kMaintain;
      if (operation.outcome == Outcome::kRefused) {
        if (has_commit) Report("refused and yet there: " + Describe(operation));
        if (!IsRefusalOfARace(operation.seen)) {
          Report("refused without reason: " + Describe(operation) + ": " + operation.seen);
        }
      }
      if (operation.outcome == Outcome::kDone && is_change) {
        if (has_commit && found->second != operation.commit) {
          Report("acknowledged another commit than its own: " + Describe(operation));
        }
        if (!has_commit && !operation.commit.empty()) Report("lost: " + Describe(operation));
        if (!has_commit && operation.kind != OperationKind::kMerge) {
          Report("acknowledged without effect: " + Describe(operation));
        }
      }
      if (has_commit && is_change && !position_[operation.branch].contains(found->second)) {
        Report("on another branch: " + Describe(operation));
      }
    }
  }

  // Updates and removals are planned strictly; a publication gives up after many lost races.
  static bool IsRefusalOfARace(const std::string& message) {
    return message.find("under contention") != std::string::npos ||
           message.find("stale view of") != std::string::npos;
  }

  // ---- Real time -------------------------------------------------------------------------------

  struct Moment {
    std::uint64_t time = 0;
    bool is_end = false;
    std::size_t position = 0;
    bool is_write = false;
    const Operation* operation = nullptr;
  };

  void CheckOrder() {
    std::map<std::string, std::vector<Moment>> moments;
    for (std::size_t i = 0; i < operations_.size(); ++i) {
      const Operation& operation = operations_[i];
      const auto made = commit_of_.find(i);
      const std::string& commit = made != commit_of_.end() ? made->second : operation.commit;
      if (commit.empty()) continue;
      AddMoments(operation, operation.branch, commit, made != commit_of_.end(), &moments);
      if (operation.kind != OperationKind::kMerge) continue;
      const auto& merged = commits_.at(commit).merged_parent_commit_id;
      if (!merged) return Report("a merge without second parent: " + Describe(operation));
      AddMoments(operation, operation.source, *merged, false, &moments);
    }
    for (auto& [branch, of_branch] : moments) {
      std::sort(of_branch.begin(), of_branch.end(),
                [](const Moment& a, const Moment& b) { return a.time < b.time; });
      CheckOrderOf(branch, of_branch);
    }
  }

  void AddMoments(const Operation& operation, const std::string& branch, const std::string& commit,
                  bool is_write, std::map<std::string, std::vector<Moment>>* moments) {
    const auto at = position_[branch].find(commit);
    if (at == position_[branch].end()) {
      return Report("commit " + commit + " is not on " + branch + ": " + Describe(operation));
    }
    std::vector<Moment>& of_branch = (*moments)[branch];
    of_branch.push_back({operation.began, false, at->second, is_write, &operation});
    if (operation.outcome != Outcome::kDone) return;  // Its end says nothing.
    of_branch.push_back({operation.ended, true, at->second, is_write, &operation});
  }

  void CheckOrderOf(const std::string& branch, const std::vector<Moment>& moments) {
    std::optional<std::size_t> floor;  // The newest commit that somebody knows of.
    for (const Moment& moment : moments) {
      if (moment.is_end) {
        floor = std::max(floor.value_or(0), moment.position);
      } else if (floor &&
                 (moment.position < *floor || (moment.is_write && moment.position == *floor))) {
        return Report("out of order on " + branch + ": " + Describe(*moment.operation) + " at " +
                      std::to_string(moment.position) + " though " + std::to_string(*floor) +
                      " had been acknowledged before it began");
      }
    }
  }

  // ---- Contents --------------------------------------------------------------------------------

  const Effects& EffectsOf(const std::string& id) {
    const auto known = effects_.find(id);
    if (known != effects_.end()) return known->second;
    // Along first parents without recursion: chains are long.
    std::vector<std::string> chain{id};
    for (;;) {
      const auto& parent = commits_.at(chain.back()).parent_commit_id;
      if (!parent || effects_.contains(*parent)) break;
      chain.push_back(*parent);
    }
    for (auto at = chain.rbegin(); at != chain.rend(); ++at) {
      const CommitRecord& record = commits_.at(*at);
      Effects effects(operations_.size());
      if (record.parent_commit_id) effects = effects_.at(*record.parent_commit_id);
      if (record.merged_parent_commit_id) {
        const Effects& merged = EffectsOf(*record.merged_parent_commit_id);
        for (std::size_t i = 0; i < effects.size(); ++i)
          effects[i] = effects[i] || merged[i];
      }
      if (record.actor_id) effects[number_of_.at(*record.actor_id)] = true;
      effects_.emplace(*at, std::move(effects));
    }
    return effects_.at(id);
  }

  std::string ModelOf(const std::string& commit) {
    const Effects& effects = EffectsOf(commit);
    std::set<std::string> items, edges;
    std::map<std::string, std::pair<std::size_t, std::int64_t>> registers;
    for (const std::string& branch : branches_) {
      for (int i = 0; i < kRegistersPerBranch; ++i)
        registers[RegisterName(branch, i)] = {0, 0};
    }
    for (std::size_t i = 0; i < effects.size(); ++i) {
      if (!effects[i]) continue;
      const Operation& operation = operations_[i];
      switch (operation.kind) {
        case OperationKind::kAttach: {
          const std::size_t position = position_[operation.branch].at(commit_of_.at(i));
          auto& value = registers.at(operation.item);
          if (position >= value.first) value = {position, operation.value};
          edges.insert(R"({"i.key":")" + operation.name + R"(","r.name":")" + operation.item +
                       "\"}");
          [[fallthrough]];
        }
        case OperationKind::kAdd:
        case OperationKind::kAddLarge:
          items.insert(R"({"i.key":")" + operation.name + "\"}");
          break;
        default:
          break;
      }
    }
    for (std::size_t i = 0; i < effects.size(); ++i) {
      if (!effects[i] || operations_[i].kind != OperationKind::kRemove) continue;
      const std::string start = R"({"i.key":")" + operations_[i].item + "\"";
      items.erase(start + "}");
      std::erase_if(edges, [&](const std::string& edge) { return edge.starts_with(start); });
    }
    std::set<std::string> values;
    for (const auto& [name, value] : registers) {
      values.insert(R"({"r.name":")" + name + R"(","r.value":)" + std::to_string(value.second) +
                    "}");
    }
    return Joined(items) + "\n" + Joined(edges) + "\n" + Joined(values) + "\n";
  }

  static std::string Joined(const std::set<std::string>& rows) {
    std::string text;
    for (const std::string& row : rows)
      text += (text.empty() ? "" : ",") + row;
    return text;
  }

  void CheckReads() {
    for (const Operation& operation : operations_) {
      if (operation.kind != OperationKind::kRead || operation.outcome != Outcome::kDone) continue;
      if (violation_) return;
      const std::string model = ModelOf(operation.commit);
      if (operation.seen != model) {
        Report("wrong rows in " + Describe(operation) + ":\n" + operation.seen + "instead of\n" +
               model);
      }
    }
    for (const std::string& branch : branches_)
      CheckContent({branch, ""}, head_.at(branch), false);
  }

  // Some of the old commits, which may have been cleaned up.
  void CheckPast() {
    std::size_t step = std::max<std::size_t>(1, commits_.size() / kPastCommitsRead);
    std::size_t number = 0;
    for (const auto& [id, record] : commits_) {
      // Those without actor belong to the preparation.
      if (record.actor_id && number++ % step == 0) CheckContent({"", id}, id, true);
    }
  }

  void CheckContent(const engine::ReadTarget& target, const std::string& commit,
                    bool may_be_cleaned_up) {
    if (violation_) return;
    const auto content = ReadContent(graph_, target);
    const std::string place = target.branch.empty() ? commit : target.branch;
    if (!content.ok()) {
      const std::string_view message = content.status().message();
      if (may_be_cleaned_up && message.find("was cleaned up") != std::string_view::npos) return;
      return Report("cannot read " + place + ": " + Text(content.status()));
    }
    const std::string model = ModelOf(commit);
    if (content->commit != commit) return Report("the head of " + place + " moved");
    if (content->text != model) {
      Report("wrong rows at " + place + ":\n" + content->text + "instead of\n" + model);
    }
  }

  static std::string Text(const Status& status) { return std::string(status.message()); }

  static std::string Describe(const Operation& operation) {
    static constexpr const char* kNames[] = {"add",   "attach", "large add",  "removal",
                                             "merge", "read",   "maintenance"};
    return std::string(kNames[static_cast<std::size_t>(operation.kind)]) + " " + operation.name +
           " on " + operation.branch +
           (operation.source.empty() ? "" : " from " + operation.source);
  }

  const std::deque<Operation>& operations_;
  engine::Graph& graph_;
  const std::vector<std::string>& branches_;
  std::optional<std::string> violation_;
  std::map<std::string, std::size_t> number_of_;  // Operations by name.
  std::map<std::string, CommitRecord> commits_;   // By id.
  std::map<std::size_t, std::string> commit_of_;  // By number of the operation.
  std::map<std::string, std::map<std::string, std::size_t>> position_;  // By branch, of commits.
  std::map<std::string, std::string> head_;                             // By branch.
  std::map<std::string, Effects> effects_;  // By commit: what has happened up to it.
};

}  // namespace

std::optional<std::string> FindViolation(const History& history, engine::Graph& graph,
                                         const std::vector<std::string>& branches) {
  return Checker(history, graph, branches).Run();
}

}  // namespace omnigraph::faults
