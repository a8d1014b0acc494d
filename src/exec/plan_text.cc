// Prints plans: `DescribePlan` of exec/planner.h.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "base/json_writer.h"
#include "exec/planner.h"
#include "exec/profile.h"

namespace omnigraph::exec {
namespace {

using query::kNone;

// What one line says.
struct PlanNode {
  std::string name;    // Of the operator, for programs.
  std::string detail;  // For people.
  std::string_view index{};
  std::size_t conditions_count = 0;
  std::optional<double> rows_estimate{};
  // Of the step alone; none if it was not executed.
  std::optional<StepInput> done{};
  std::vector<PlanNode> children{};
};

std::string_view NameOf(StepKind kind) {
  switch (kind) {
    case StepKind::kLookup:
      return "lookup";
    case StepKind::kScan:
      return "scan";
    case StepKind::kCountRows:
      return "count_rows";
    case StepKind::kJoin:
      return "join";
    case StepKind::kScanEdges:
      return "scan_edges";
    case StepKind::kExpand:
      return "expand";
    case StepKind::kExpandEdges:
      return "expand_edges";
    case StepKind::kTestHop:
      return "test_hop";
    case StepKind::kFold:
      return "fold";
    case StepKind::kFilter:
      return "filter";
    case StepKind::kAntiJoin:
      return "anti_join";
  }
  return {};
}

std::string_view IndexOf(const Step& step) {
  const bool is_by_key =
      step.kind == StepKind::kLookup || step.join.is_by_key || step.access == Access::kKeys;
  if (is_by_key) return "key";
  if (step.kind == StepKind::kJoin) return "hash";
  if (step.access == Access::kText) return "text";
  if (step.access == Access::kOrdered) return "ordered";
  const bool is_hop = step.kind == StepKind::kExpand || step.kind == StepKind::kExpandEdges ||
                      step.kind == StepKind::kTestHop || step.kind == StepKind::kFold;
  return is_hop ? "adjacency" : std::string_view();
}

// Makes the tree of nodes.
class PlanReader {
 public:
  PlanReader(const query::ReadQuery& query, const schema::Catalog& catalog, const Profile* profile)
      : query_(query), catalog_(catalog), profile_(profile) {}

  std::vector<PlanNode> Read(const PatternPlan& plan) const {
    if (plan.is_never) return {{"nothing", "nothing: a clause can never hold"}};
    std::vector<PlanNode> nodes;
    for (const PatternPlan& part : plan.counted) {
      PlanNode node{"multiply", "multiply by the number of rows of"};
      node.children = Read(part);
      nodes.push_back(std::move(node));
    }
    for (std::size_t i = 0; i < plan.steps.size(); ++i)
      nodes.push_back(ReadStep(plan, i));
    return nodes;
  }

  PlanNode ReadSink(const PatternPlan& plan) const {
    PlanNode node{query_.is_aggregate ? "aggregate" : "project",
                  query_.is_aggregate ? "group and aggregate" : "project"};
    if (!query_.order.empty()) {
      node.detail = query_.is_aggregate ? node.detail + ", sort" : "sort, " + node.detail;
    }
    if (query_.limit_rows_count.has_value()) {
      node.detail += ", limit " + std::to_string(*query_.limit_rows_count);
    }
    if (profile_ == nullptr) return node;
    const StepInput* input = profile_->FindOutput(plan);
    node.done = input == nullptr ? StepInput() : *input;
    node.done->nanos += profile_->finish_nanos();
    return node;
  }

 private:
  PlanNode ReadStep(const PatternPlan& plan, std::size_t index) const {
    const Step& step = plan.steps[index];
    PlanNode node{std::string(NameOf(step.kind)), Describe(step)};
    node.index = IndexOf(step);
    node.conditions_count = step.conditions.size();
    node.rows_estimate = step.rows_estimate;
    for (const Fold& child : step.fold.children)
      node.children.push_back(ReadFold(child));
    if (step.kind == StepKind::kAntiJoin) node.children = Read(step.inner[0]);
    if (profile_ == nullptr) return node;
    const StepInput* in = profile_->FindInput(step);
    const StepInput* out = index + 1 < plan.steps.size()
                               ? profile_->FindInput(plan.steps[index + 1])
                               : profile_->FindOutput(plan);
    if (in != nullptr) node.done = Alone(*in, out == nullptr ? StepInput() : *out);
    return node;
  }

  // What a step alone did, whose output is the input of the steps behind it.
  static StepInput Alone(const StepInput& in, const StepInput& out) {
    const auto less = [](std::uint64_t a, std::uint64_t b) { return a > b ? a - b : 0; };
    return {out.rows_count, out.batches_count, less(in.edges_count, out.edges_count),
            less(in.memory_bytes, out.memory_bytes), less(in.nanos, out.nanos)};
  }

  PlanNode ReadFold(const Fold& fold) const {
    PlanNode node{"fold", "times count " + Name(fold.variable) + HopsText(fold.hops)};
    node.index = "adjacency";
    for (const Fold& child : fold.children)
      node.children.push_back(ReadFold(child));
    return node;
  }

  std::string Describe(const Step& step) const {
    switch (step.kind) {
      case StepKind::kLookup:
        return "look up " + Typed(step.variable) + " by key";
      case StepKind::kScan:
        return "scan " + Typed(step.variable) + AccessText(step);
      case StepKind::kCountRows:
        return "count all " + Typed(step.variable);
      case StepKind::kJoin:
        return "join " + Typed(step.variable) + " by " + Property(*step.join.property) + " = " +
               Property(*step.join.value);
      case StepKind::kScanEdges:
        return "scan edges " + Edges(*step.traversal);
      case StepKind::kExpand:
        return (step.hops.size() > 1 ? "intersect " : "expand ") + Name(step.variable) +
               HopsText(step.hops);
      case StepKind::kExpandEdges:
        return "expand edges " + Edges(*step.traversal);
      case StepKind::kTestHop:
        return "test " + Name(step.hops[0].to) + HopsText(step.hops);
      case StepKind::kFold:
        return "count " + Name(step.fold.variable) + HopsText(step.fold.hops);
      case StepKind::kFilter:
        return "filter";
      case StepKind::kAntiJoin:
        return "anti-join";
    }
    return {};
  }

  std::string AccessText(const Step& step) const {
    std::string text;
    if (step.access == Access::kKeys) {
      text = " by keys";
    } else if (step.access != Access::kAll) {
      const schema::NodeType& type = catalog_.node(query_.variables[step.variable].type);
      text = std::string(step.access == Access::kText ? " by text index" : " by ordered index") +
             " of " + type.properties[step.access_property].name;
    }
    if (step.best_first != nullptr) text += ", best first";
    return text;
  }

  std::string HopsText(const std::vector<Hop>& hops) const {
    std::string text;
    for (const Hop& hop : hops) {
      text += text.empty() ? " from " : " and ";
      const std::string bounds = hop.is_single() ? ""
                                                 : "{" + std::to_string(hop.hops_min) + "," +
                                                       std::to_string(hop.hops_max) + "}";
      const std::string edge = catalog_.edge(hop.edge_type).name + bounds;
      text += Name(hop.from);
      if (hop.is_undirected) {
        text += " -" + edge + "-";
      } else {
        text += hop.is_backward ? " <-" + edge + "-" : " -" + edge + "->";
      }
    }
    return text;
  }

  std::string Edges(const query::Traversal& traversal) const {
    return Name(traversal.edge_variable) + ": " + Name(traversal.source) + " -" +
           catalog_.edge(traversal.edge_type).name + (traversal.is_undirected ? "- " : "-> ") +
           Name(traversal.target);
  }

  std::string Typed(std::uint32_t variable) const {
    return Name(variable) + ": " + catalog_.node(query_.variables[variable].type).name;
  }

  std::string Property(const query::Expression& property) const {
    const query::Variable& variable = query_.variables[property.variable];
    const auto& properties = variable.kind == query::VariableKind::kNode
                                 ? catalog_.node(variable.type).properties
                                 : catalog_.edge(variable.type).properties;
    return Name(property.variable) + "." + properties[property.property].name;
  }

  std::string Name(std::uint32_t variable) const {
    const std::string& name = query_.variables[variable].name;
    return name.empty() ? "$_" : "$" + name;
  }

  const query::ReadQuery& query_;
  const schema::Catalog& catalog_;
  const Profile* profile_;
};

std::uint64_t RoundedEstimate(double rows) {
  return static_cast<std::uint64_t>(std::llround(std::clamp(rows, 0.0, 1e18)));
}

void AppendDone(const StepInput& done, bool is_sink, std::string& text) {
  char number[32];
  std::snprintf(number, sizeof(number), "%.3f ms", static_cast<double>(done.nanos) / 1e6);
  text += is_sink ? "  took " : "  gave ";
  text += std::to_string(done.rows_count) + " in " + std::to_string(done.batches_count) +
          (done.batches_count == 1 ? " batch" : " batches");
  if (done.edges_count > 0) text += ", " + std::to_string(done.edges_count) + " edges";
  if (done.memory_bytes > 0) text += ", " + std::to_string(done.memory_bytes) + " bytes";
  text += ", " + std::string(number);
}

void AppendText(const PlanNode& node, std::size_t depth, bool is_sink, std::string& text) {
  text.append(depth * 2, ' ');
  text += node.detail;
  if (node.conditions_count > 0) {
    text += ", " + std::to_string(node.conditions_count) +
            (node.conditions_count == 1 ? " condition" : " conditions");
  }
  if (node.rows_estimate.has_value()) {
    text += "  ~" + std::to_string(RoundedEstimate(*node.rows_estimate));
  }
  if (node.done.has_value()) AppendDone(*node.done, is_sink, text);
  text.push_back('\n');
  for (const PlanNode& child : node.children)
    AppendText(child, depth + 1, false, text);
}

void AppendJson(const PlanNode& node, JsonWriter& json) {
  json.BeginObject().Key("operator").String(node.name).Key("detail").String(node.detail);
  if (!node.index.empty()) json.Key("index").String(node.index);
  if (node.conditions_count > 0) json.Key("conditions").Uint(node.conditions_count);
  if (node.rows_estimate.has_value()) {
    json.Key("estimated_rows").Uint(RoundedEstimate(*node.rows_estimate));
  }
  if (node.done.has_value()) {
    json.Key("rows").Uint(node.done->rows_count).Key("batches").Uint(node.done->batches_count);
    json.Key("edges").Uint(node.done->edges_count).Key("bytes").Uint(node.done->memory_bytes);
    json.Key("nanoseconds").Uint(node.done->nanos);
  }
  if (!node.children.empty()) {
    json.Key("inner").BeginArray();
    for (const PlanNode& child : node.children)
      AppendJson(child, json);
    json.EndArray();
  }
  json.EndObject();
}

}  // namespace

PlanDescription DescribePlan(const Plan& plan, const query::ReadQuery& query,
                             const schema::Catalog& catalog, const Profile* profile) {
  const PlanReader reader(query, catalog, profile);
  const std::vector<PlanNode> nodes = reader.Read(plan.match);
  const PlanNode sink = reader.ReadSink(plan.match);
  PlanDescription description;
  for (const PlanNode& node : nodes)
    AppendText(node, 0, false, description.text);
  AppendText(sink, 0, true, description.text);
  JsonWriter json(description.json);
  json.BeginObject().Key("text").String(description.text).Key("operators").BeginArray();
  for (const PlanNode& node : nodes)
    AppendJson(node, json);
  json.EndArray().Key("output");
  AppendJson(sink, json);
  json.EndObject();
  return description;
}

}  // namespace omnigraph::exec
