// Implements cluster/migration_preview.h.

#include "cluster/migration_preview.h"

#include <string>

namespace omnigraph::cluster {
namespace {

/// "add_property node Vessel.flag: String?": the step's own word first, as in the JSON.
std::string StepLine(const schema::MigrationStep& step) {
  const std::string head = std::string(schema::StepKindName(step.kind)) + " " +
                           std::string(schema::TypeKindWord(step.type_kind)) + " ";
  const std::string mode = step.is_hard ? " [hard]" : " [soft]";
  switch (step.kind) {
    case schema::StepKind::kAddType:
      return head + step.type_name;
    case schema::StepKind::kRenameType:
      return head + step.from + " -> " + step.to;
    case schema::StepKind::kAddProperty:
    case schema::StepKind::kRequireProperty:
    case schema::StepKind::kRelaxProperty:
      return head + step.type_name + "." + step.property_name + ": " +
             types::TypeName(step.property_type);
    case schema::StepKind::kRenameProperty:
      return head + step.type_name + "." + step.from + " -> " + step.to;
    case schema::StepKind::kDropType:
      return head + step.type_name + mode;
    case schema::StepKind::kDropProperty:
      return head + step.type_name + "." + step.property_name + mode;
    case schema::StepKind::kUnsupported:
      return "unsupported: " + step.entity + ": " + step.reason;
    case schema::StepKind::kExtendEnum:
    case schema::StepKind::kAddConstraint:
    case schema::StepKind::kRemoveConstraint:
    case schema::StepKind::kChangeCardinality:
    case schema::StepKind::kUpdateTypeMetadata:
    case schema::StepKind::kUpdatePropertyMetadata:
      return schema::StepText(step);
  }
  return schema::StepText(step);
}

}  // namespace

MigrationPreview DescribeMigration(const schema::MigrationPlan& plan) {
  MigrationPreview preview;
  preview.is_supported = plan.is_supported();
  preview.steps_json = "[";
  for (const schema::MigrationStep& step : plan.steps) {
    if (!preview.lines.empty()) preview.steps_json += ",";
    preview.steps_json += schema::StepJson(step);
    preview.lines.push_back(StepLine(step));
    if (step.kind == schema::StepKind::kUnsupported) {
      preview.problems.push_back(preview.lines.back());
    }
  }
  preview.steps_json += "]";
  return preview;
}

}  // namespace omnigraph::cluster
