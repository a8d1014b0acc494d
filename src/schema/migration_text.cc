// The two forms of a migration step: JSON (S14.4) and a line for people (S17.2).

#include <algorithm>

#include "base/check.h"
#include "base/json_writer.h"
#include "base/strings.h"
#include "schema/canonical.h"
#include "schema/lint_codes.h"
#include "schema/migration.h"

namespace omnigraph::schema {
namespace {

void WriteAnnotations(const std::vector<Annotation>& annotations, JsonWriter& json) {
  json.Key("annotations").BeginArray();
  for (const Annotation& annotation : annotations) {
    json.BeginObject().Key("name").String(annotation.name).Key("value");
    annotation.value ? json.String(*annotation.value) : json.Null();
    json.EndObject();
  }
  json.EndArray();
}

void WriteDetails(const MigrationStep& step, JsonWriter& json) {
  switch (step.kind) {
    case StepKind::kRenameType:
    case StepKind::kRenameProperty:
      json.Key("from").String(step.from).Key("to").String(step.to);
      break;
    case StepKind::kAddProperty:
    case StepKind::kRequireProperty:
    case StepKind::kRelaxProperty:
      json.Key("property_type").Raw(TypeJson(step.property_type));
      if (!step.backfill_json.empty()) json.Key("backfill").Raw(step.backfill_json);
      break;
    case StepKind::kExtendEnum:
      json.Key("added_values").BeginArray();
      for (const std::string& value : step.added_values)
        json.String(value);
      json.EndArray();
      break;
    case StepKind::kAddConstraint:
    case StepKind::kRemoveConstraint:
      json.Key("constraint").Raw(ConstraintJson(step.constraint));
      break;
    case StepKind::kChangeCardinality:
      json.Key("cardinality").BeginObject().Key("min").Uint(step.cardinality.min).Key("max");
      step.cardinality.max ? json.Uint(*step.cardinality.max) : json.Null();
      json.EndObject();
      break;
    case StepKind::kUpdateTypeMetadata:
    case StepKind::kUpdatePropertyMetadata:
      WriteAnnotations(step.annotations, json);
      break;
    case StepKind::kDropType:
    case StepKind::kDropProperty:
      json.Key("mode").String(step.is_hard ? "hard" : "soft");
      break;
    case StepKind::kAddType:
    case StepKind::kUnsupported:
      break;
  }
}

// Steps about a whole type call it `name`, steps about something in it `type_name`.
std::string_view NameKey(StepKind kind) {
  switch (kind) {
    case StepKind::kRenameType:
    case StepKind::kUnsupported:
      return "";
    case StepKind::kAddType:
    case StepKind::kDropType:
    case StepKind::kUpdateTypeMetadata:
    case StepKind::kChangeCardinality:
      return "name";
    case StepKind::kAddProperty:
    case StepKind::kRenameProperty:
    case StepKind::kExtendEnum:
    case StepKind::kRequireProperty:
    case StepKind::kRelaxProperty:
    case StepKind::kAddConstraint:
    case StepKind::kRemoveConstraint:
    case StepKind::kUpdatePropertyMetadata:
    case StepKind::kDropProperty:
      return "type_name";
  }
  OG_CHECK(false);
}

// `Enum(a|b)?`, `[String]`, `I32`.
std::string TypeText(const types::Type& type) {
  if (!type.is_enum()) return types::TypeName(type);
  return "Enum(" + Join(type.enum_values, "|") + ")" + (type.is_nullable ? "?" : "");
}

std::string ConstraintText(const DeclaredConstraint& constraint) {
  std::string text =
      "@" + std::string(ConstraintWord(constraint.kind)) + "(" + Join(constraint.columns, ", ");
  if (constraint.kind == ConstraintKind::kRange) {
    text += ", " + BoundText(constraint.min) + ".." + BoundText(constraint.max);
  }
  if (constraint.kind == ConstraintKind::kCheck) text += ", " + Quoted(constraint.pattern);
  return text + ")";
}

// On one line, and without what a terminal would act on.
std::string PlainText(std::string text) {
  std::replace_if(
      text.begin(), text.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return text;
}

std::string AnnotationsText(const std::vector<Annotation>& annotations) {
  std::vector<std::string> parts;
  for (const Annotation& annotation : annotations) {
    parts.push_back("@" + annotation.name + "(" + PlainText(annotation.value.value_or("")) + ")");
  }
  return "(" + Join(parts, ", ") + ")";
}

std::string UnsupportedText(const MigrationStep& step) {
  std::string text = "unsupported change on " + step.entity;
  if (!step.code.empty()) {
    const LintCode* code = FindLintCode(step.code);
    OG_CHECK(code != nullptr);
    text += " [" + step.code + ", " + std::string(ChangeTierName(code->tier)) + "]";
  }
  return text + ": " + step.reason;
}

std::string AddPropertyText(const MigrationStep& step, const std::string& property,
                            const std::string& type) {
  std::string text =
      "add property '" + property + "' (" + TypeText(step.property_type) + ") on " + type;
  if (!step.backfill_json.empty()) text += ", existing rows get " + step.backfill_json;
  return text;
}

}  // namespace

std::string_view StepKindName(StepKind kind) {
  switch (kind) {
    case StepKind::kAddType:
      return "add_type";
    case StepKind::kRenameType:
      return "rename_type";
    case StepKind::kAddProperty:
      return "add_property";
    case StepKind::kRenameProperty:
      return "rename_property";
    case StepKind::kExtendEnum:
      return "extend_enum";
    case StepKind::kRequireProperty:
      return "require_property";
    case StepKind::kRelaxProperty:
      return "relax_property";
    case StepKind::kAddConstraint:
      return "add_constraint";
    case StepKind::kRemoveConstraint:
      return "remove_constraint";
    case StepKind::kChangeCardinality:
      return "change_cardinality";
    case StepKind::kUpdateTypeMetadata:
      return "update_type_metadata";
    case StepKind::kUpdatePropertyMetadata:
      return "update_property_metadata";
    case StepKind::kDropType:
      return "drop_type";
    case StepKind::kDropProperty:
      return "drop_property";
    case StepKind::kUnsupported:
      return "unsupported_change";
  }
  OG_CHECK(false);
}

std::string StepJson(const MigrationStep& step) {
  std::string text;
  JsonWriter json(text);
  json.BeginObject().Key("kind").String(StepKindName(step.kind));
  if (step.kind == StepKind::kUnsupported) {
    json.Key("entity").String(step.entity).Key("reason").String(step.reason);
    if (!step.code.empty()) json.Key("code").String(step.code);
    json.EndObject();
    return text;
  }
  json.Key("type_kind").String(TypeKindWord(step.type_kind));
  const std::string_view name_key = NameKey(step.kind);
  if (!name_key.empty()) json.Key(name_key).String(step.type_name);
  if (!step.property_name.empty()) json.Key("property_name").String(step.property_name);
  WriteDetails(step, json);
  json.EndObject();
  return text;
}

std::string StepText(const MigrationStep& step) {
  const std::string kind(TypeKindWord(step.type_kind));
  const std::string type = kind + " '" + step.type_name + "'";
  const std::string property = step.type_name + "." + step.property_name;
  const std::string mode = step.is_hard ? " (hard mode)" : " (soft mode)";
  switch (step.kind) {
    case StepKind::kAddType:
      return "add " + kind + " type '" + step.type_name + "'";
    case StepKind::kRenameType:
      return "rename " + kind + " type '" + step.from + "' -> '" + step.to + "'";
    case StepKind::kAddProperty:
      return AddPropertyText(step, property, type);
    case StepKind::kRenameProperty:
      return "rename property '" + property + step.from + "' -> '" + property + step.to + "' on " +
             type;
    case StepKind::kExtendEnum:
      return "extend enum '" + property + "' (+" + Join(step.added_values, ", +") + ") on " + type;
    case StepKind::kRequireProperty:
      return "require property '" + property + "' (" + TypeText(step.property_type) + ") on " +
             type +
             (step.backfill_json.empty() ? "" : ", rows without one get " + step.backfill_json);
    case StepKind::kRelaxProperty:
      return "relax property '" + property + "' (" + TypeText(step.property_type) + ") on " + type;
    case StepKind::kAddConstraint:
      return "add constraint " + ConstraintText(step.constraint) + " on " + type;
    case StepKind::kRemoveConstraint:
      return "remove constraint " + ConstraintText(step.constraint) + " from " + type;
    case StepKind::kChangeCardinality:
      return "change cardinality of " + type + " to " + std::to_string(step.cardinality.min) +
             ".." + (step.cardinality.max ? std::to_string(*step.cardinality.max) : "");
    case StepKind::kUpdateTypeMetadata:
      return "update metadata on " + type + " " + AnnotationsText(step.annotations);
    case StepKind::kUpdatePropertyMetadata:
      return "update metadata on property '" + property + "' of " + type + " " +
             AnnotationsText(step.annotations);
    case StepKind::kDropType:
      return "drop " + kind + " type '" + step.type_name + "'" + mode;
    case StepKind::kDropProperty:
      return "drop property '" + property + "' of " + type + mode;
    case StepKind::kUnsupported:
      return UnsupportedText(step);
  }
  OG_CHECK(false);
}

}  // namespace omnigraph::schema
