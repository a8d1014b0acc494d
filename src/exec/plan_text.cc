// Prints plans: `PlanText` of exec/planner.h.

#include <algorithm>
#include <cmath>
#include <string>

#include "exec/planner.h"

namespace omnigraph::exec {
namespace {

using query::kNone;

class PlanPrinter {
 public:
  PlanPrinter(const query::ReadQuery& query, const schema::Catalog& catalog)
      : query_(query), catalog_(catalog) {}

  void Print(const PatternPlan& plan, std::size_t depth) {
    if (plan.is_never) return Line(depth, "nothing: a clause can never hold");
    for (const PatternPlan& part : plan.counted) {
      Line(depth, "multiply by the number of rows of");
      Print(part, depth + 1);
    }
    for (const Step& step : plan.steps)
      PrintStep(step, depth);
  }

  std::string Take() { return std::move(text_); }

 private:
  void PrintStep(const Step& step, std::size_t depth) {
    std::string line = Describe(step);
    if (!step.conditions.empty()) {
      line += ", " + std::to_string(step.conditions.size()) +
              (step.conditions.size() == 1 ? " condition" : " conditions");
    }
    line += "  ~" + std::to_string(std::llround(std::min(step.rows_estimate, 1e18)));
    Line(depth, line);
    for (const Fold& child : step.fold.children)
      PrintFold(child, depth + 1);
    if (step.kind != StepKind::kAntiJoin) return;
    for (const PatternPlan& inner : step.inner)
      Print(inner, depth + 1);
  }

  void PrintFold(const Fold& fold, std::size_t depth) {
    Line(depth, "times count " + Name(fold.variable) + HopsText(fold.hops));
    for (const Fold& child : fold.children)
      PrintFold(child, depth + 1);
  }

  std::string Describe(const Step& step) const {
    switch (step.kind) {
      case StepKind::kLookup:
        return "look up " + Typed(step.variable) + " by key";
      case StepKind::kScan:
        return "scan " + Typed(step.variable);
      case StepKind::kCountRows:
        return "count all " + Typed(step.variable);
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

  std::string Name(std::uint32_t variable) const {
    const std::string& name = query_.variables[variable].name;
    return name.empty() ? "$_" : "$" + name;
  }

  void Line(std::size_t depth, const std::string& line) {
    text_.append(depth * 2, ' ');
    text_ += line;
    text_.push_back('\n');
  }

  const query::ReadQuery& query_;
  const schema::Catalog& catalog_;
  std::string text_;
};

std::string SinkText(const query::ReadQuery& query) {
  std::string text = query.is_aggregate ? "group and aggregate" : "project";
  if (!query.order.empty()) text = query.is_aggregate ? text + ", sort" : "sort, " + text;
  if (query.limit_rows_count.has_value()) {
    text += ", limit " + std::to_string(*query.limit_rows_count);
  }
  return text + "\n";
}

}  // namespace

std::string PlanText(const Plan& plan, const query::ReadQuery& query,
                     const schema::Catalog& catalog) {
  PlanPrinter printer(query, catalog);
  printer.Print(plan.match, 0);
  return printer.Take() + SinkText(query);
}

}  // namespace omnigraph::exec
