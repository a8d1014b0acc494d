// Plans a schema change (S14): a pure function of the accepted schema and the desired one. The plan
// says everything that apply would do, and what must hold in the rows before it may.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "schema/catalog.h"
#include "schema/identity.h"
#include "types/type.h"

namespace omnigraph::schema {

enum class StepKind : std::uint8_t {
  kAddType,
  kRenameType,
  kAddProperty,
  kRenameProperty,
  kExtendEnum,       ///< More enum values; no row changes.
  kRequireProperty,  ///< Nullable becomes required.
  kRelaxProperty,    ///< Required becomes nullable; no row changes.
  kAddConstraint,
  kRemoveConstraint,  ///< An index, unique, range or check; no row changes.
  kChangeCardinality,
  kUpdateTypeMetadata,
  kUpdatePropertyMetadata,
  kDropType,
  kDropProperty,
  kUnsupported,
};

/// "add_type", …, "unsupported_change": the `kind` of the JSON form.
std::string_view StepKindName(StepKind kind);

/// What must be true of the committed rows of the step's type, judged after all steps of the plan.
enum class RowRequirement : std::uint8_t {
  kNone,
  kNoRows,       ///< The table is empty (a required property without a backfill value).
  kNoNulls,      ///< No null in `property_name`.
  kConstraint,   ///< Every row satisfies `constraint`.
  kCardinality,  ///< Every source with edges is within `cardinality`.
};

/// One typed step. Fields that a kind does not name below are empty.
struct MigrationStep {
  StepKind kind = StepKind::kUnsupported;
  TypeKind type_kind = TypeKind::kNode;
  std::string type_name;      ///< The *desired* name of the type; of a dropped one its only name.
  std::string property_name;  ///< kAdd/kExtend/kRequire/kRelax/kUpdate/kDropProperty.
  std::string from, to;       ///< kRenameType, kRenameProperty.
  types::Type property_type;  ///< kAddProperty, kRequireProperty, kRelaxProperty: the new type.
  /// kAddProperty, kRequireProperty: the value for the rows that have none, or empty.
  std::string backfill_json;
  std::vector<std::string> added_values;  ///< kExtendEnum; ascending.
  DeclaredConstraint constraint;          ///< kAddConstraint, kRemoveConstraint.
  Cardinality cardinality;                ///< kChangeCardinality: the new one.
  std::vector<Annotation> annotations;    ///< kUpdate…Metadata: the whole new list, sorted.
  bool is_hard = false;                   ///< kDropType, kDropProperty.

  RowRequirement requirement = RowRequirement::kNone;
  /// kUnsupported: what cannot be done and why. Of a step with a requirement: what the step turns
  /// into when the rows do not meet it (`Refuse`).
  std::string entity;  ///< "node:Person.age".
  std::string reason;
  std::string code;  ///< schema/lint_codes.h; may be empty.

  friend bool operator==(const MigrationStep&, const MigrationStep&) = default;
};

struct MigrationPlan {
  std::vector<MigrationStep> steps;
  bool is_supported() const;
  /// `kInvalidArgument` "[code] reason" of the first unsupported step, or OK.
  Status CheckSupported() const;
};

struct MigrationOptions {
  bool allow_data_loss = false;  ///< Drops are hard: older commits lose the data, too.
  /// JSON values for the rows without one, by "Type.property" with desired names: of properties
  /// that are new or become required. Others have no use for one.
  std::map<std::string, std::string> backfills{};
};

/// Steps in the order of S14.2; none if the schemas mean the same. Deterministic.
///
/// Cost: O(n log n) in the number of types and properties. No rows are read: steps with a
/// `requirement` are supported as far as the schemas go.
MigrationPlan PlanMigration(const Catalog& accepted, const Catalog& desired,
                            const MigrationOptions& options = {});

/// Turns a step whose requirement is not met into an unsupported one; `found` says what the rows
/// hold ("3 rows are null: q1, q2, q3").
void Refuse(MigrationStep& step, std::string_view found);

/// The numbers with which the desired schema must be compiled once its plan is applied: renamed
/// things keep theirs, dropped ones are forgotten, and `Compile` numbers the new ones.
SchemaIdentity EvolveIdentity(const SchemaIdentity& accepted, const MigrationPlan& plan);

/// A step as the JSON object of S14.4.
std::string StepJson(const MigrationStep& step);

/// Reads what `StepJson` wrote. Requirements are not part of the JSON: they come back as kNone.
/// Errors: `kInvalidArgument` if `json` is not a step or has a member of the wrong kind.
Result<MigrationStep> DecodeStep(std::string_view json);

/// The line of S17.2 for people, without a leading "- ".
std::string StepText(const MigrationStep& step);

}  // namespace omnigraph::schema
