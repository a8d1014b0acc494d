// The migration planner: matches the types and properties of two catalogs by name or rename hint,
// then compares what was matched (S14.2, S14.3, S14.5).

#include "schema/migration.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "base/strings.h"
#include "schema/canonical.h"
#include "schema/lint_codes.h"

namespace omnigraph::schema {
namespace {

std::optional<std::string> RenameHint(const std::vector<Annotation>& annotations) {
  for (const Annotation& annotation : annotations) {
    if (annotation.name == "rename_from") return annotation.value;
  }
  return std::nullopt;
}

bool IsMetadata(const Annotation& annotation) {
  return annotation.name == "description" || annotation.name == "instruction";
}

std::vector<Annotation> MetadataOf(const std::vector<Annotation>& annotations) {
  std::vector<Annotation> metadata;
  std::copy_if(annotations.begin(), annotations.end(), std::back_inserter(metadata), IsMetadata);
  std::sort(metadata.begin(), metadata.end());
  return metadata;
}

// The annotations that are compared as such: constraints are compared as constraints, and a rename
// hint is no change.
std::vector<Annotation> OpaqueOf(const std::vector<Annotation>& annotations) {
  static constexpr std::string_view kStructural[] = {"key", "unique", "index", "rename_from"};
  std::vector<Annotation> opaque;
  for (const Annotation& annotation : annotations) {
    const bool is_structural = std::find(std::begin(kStructural), std::end(kStructural),
                                         annotation.name) != std::end(kStructural);
    if (!is_structural && !IsMetadata(annotation)) opaque.push_back(annotation);
  }
  std::sort(opaque.begin(), opaque.end());
  return opaque;
}

// One desired name and what it was called before.
struct NameMatch {
  std::optional<std::string> accepted;  ///< None when new or when `problem` is set.
  std::string problem;                  ///< Why the rename hint cannot be followed.
};

// Matches desired names, each with its rename hint, to accepted ones (S14.3, D15).
std::map<std::string, NameMatch> MatchNames(
    const std::map<std::string, std::optional<std::string>>& desired,
    const std::set<std::string>& accepted) {
  std::map<std::string, NameMatch> matches;
  std::map<std::string, std::string> claimed_by;
  for (const auto& [name, hint] : desired) {
    NameMatch& match = matches[name];
    if (accepted.contains(name)) {
      match.accepted = name;
      continue;
    }
    if (!hint) continue;
    const std::string head = "@rename_from(\"" + *hint + "\") on '" + name + "'";
    if (!accepted.contains(*hint)) {
      match.problem = head + " names no accepted '" + *hint + "'";
    } else if (desired.contains(*hint)) {
      match.problem = head + ": '" + *hint + "' is still declared";
    } else if (claimed_by.contains(*hint)) {
      match.problem = head + ": '" + *hint + "' is already consumed by '" + claimed_by[*hint] + "'";
    } else {
      match.accepted = *hint;
      claimed_by[*hint] = name;
    }
  }
  return matches;
}

// The properties of one matched type, before and after.
struct PropertyPair {
  const Property* before = nullptr;  ///< Null when new.
  const Property* after = nullptr;
};

class Planner {
 public:
  Planner(const Catalog& accepted, const Catalog& desired, const MigrationOptions& options)
      : accepted_(accepted), desired_(desired), options_(options) {}

  MigrationPlan Run() {
    PlanInterfaces();
    PlanNodes();
    PlanEdges();
    return std::move(plan_);
  }

 private:
  // The type at hand, by its desired name.
  struct Owner {
    TypeKind kind;
    std::string name;
  };
  using Renames = std::map<std::string, std::string>;  // Accepted name -> desired name.

  // --- Steps ------------------------------------------------------------------------------------

  MigrationStep& Add(StepKind kind, const Owner& owner) {
    MigrationStep& step = plan_.steps.emplace_back();
    step.kind = kind;
    step.type_kind = owner.kind;
    step.type_name = owner.name;
    return step;
  }
  MigrationStep& AddOnProperty(StepKind kind, const Owner& owner, const std::string& property) {
    MigrationStep& step = Add(kind, owner);
    step.property_name = property;
    return step;
  }
  static std::string EntityOf(const Owner& owner, std::string_view property = {}) {
    std::string entity = std::string(TypeKindWord(owner.kind)) + ":" + owner.name;
    if (!property.empty()) entity += "." + std::string(property);
    return entity;
  }
  void Unsupported(std::string entity, std::string reason, std::string_view code = {}) {
    MigrationStep& step = plan_.steps.emplace_back();
    step.entity = std::move(entity);
    step.reason = std::move(reason);
    step.code = code;
  }
  static void Require(MigrationStep& step, RowRequirement requirement, std::string entity,
                      std::string reason, std::string_view code = {}) {
    step.requirement = requirement;
    step.entity = std::move(entity);
    step.reason = std::move(reason);
    step.code = code;
  }

  // --- Types ------------------------------------------------------------------------------------

  void PlanInterfaces() {
    for (const InterfaceType& after : desired_.interfaces()) {
      const Owner owner = {TypeKind::kInterface, after.name};
      const InterfaceType* before = accepted_.FindInterface(after.name);
      if (before == nullptr) {
        Add(StepKind::kAddType, owner);
        CheckHintsOfNewType(owner, after.properties);
      } else {
        PlanProperties(owner, before->properties, after.properties);
      }
    }
    for (const InterfaceType& before : accepted_.interfaces()) {
      if (desired_.FindInterface(before.name) != nullptr) continue;
      Unsupported("interface:" + before.name,
                  "removing interface '" + before.name + "' is not supported");
    }
  }

  template <typename Type>
  static std::map<std::string, NameMatch> MatchTypes(std::span<const Type> desired,
                                                     std::span<const Type> accepted) {
    std::map<std::string, std::optional<std::string>> wanted;
    std::set<std::string> present;
    for (const Type& type : desired)
      wanted[type.name] = RenameHint(type.annotations);
    for (const Type& type : accepted)
      present.insert(type.name);
    return MatchNames(wanted, present);
  }

  // Starts a type: true if it existed before and must be compared.
  bool BeginType(const Owner& owner, const NameMatch& match, const TableType& after) {
    if (!match.problem.empty()) {
      Unsupported(EntityOf(owner), match.problem);
      return false;
    }
    if (!match.accepted) {
      Add(StepKind::kAddType, owner);
      CheckHintsOfNewType(owner, after.properties);
      return false;
    }
    if (*match.accepted != owner.name) {
      MigrationStep& step = Add(StepKind::kRenameType, owner);
      step.from = *match.accepted;
      step.to = owner.name;
    }
    return true;
  }

  template <typename Type>
  void DropTypes(TypeKind kind, std::span<const Type> accepted,
                 const std::map<std::string, NameMatch>& matches) {
    std::set<std::string> kept;
    for (const auto& [name, match] : matches) {
      if (match.accepted) kept.insert(*match.accepted);
    }
    for (const Type& type : accepted) {
      if (kept.contains(type.name)) continue;
      Add(StepKind::kDropType, {kind, type.name}).is_hard = options_.allow_data_loss;
    }
  }

  void PlanNodes() {
    const auto matches = MatchTypes(desired_.nodes(), accepted_.nodes());
    for (const NodeType& after : desired_.nodes()) {
      const Owner owner = {TypeKind::kNode, after.name};
      const NameMatch& match = matches.at(after.name);
      if (match.accepted) node_renames_[*match.accepted] = after.name;
      if (!BeginType(owner, match, after)) continue;
      const NodeType& before = *accepted_.FindNode(*match.accepted);
      if (before.implements != after.implements) {
        Unsupported(EntityOf(owner), "changing implemented interfaces on node '" + after.name +
                                         "' is not supported");
      }
      PlanTable(owner, before, after);
    }
    DropTypes(TypeKind::kNode, accepted_.nodes(), matches);
  }

  void PlanEdges() {
    const auto matches = MatchTypes(desired_.edges(), accepted_.edges());
    for (const EdgeType& after : desired_.edges()) {
      const Owner owner = {TypeKind::kEdge, after.name};
      const NameMatch& match = matches.at(after.name);
      if (!BeginType(owner, match, after)) continue;
      const TableType* table = accepted_.FindTable("edge:" + *match.accepted);
      const auto& before = static_cast<const EdgeType&>(*table);
      PlanEndpoints(owner, before, after);
      PlanCardinality(owner, before.cardinality, after.cardinality);
      PlanTable(owner, before, after);
    }
    DropTypes(TypeKind::kEdge, accepted_.edges(), matches);
  }

  void PlanEndpoints(const Owner& owner, const EdgeType& before, const EdgeType& after) {
    const auto renamed = [this](const std::string& name) {
      const auto found = node_renames_.find(name);
      return found == node_renames_.end() ? name : found->second;
    };
    const std::string from = renamed(accepted_.node(before.from).name);
    const std::string to = renamed(accepted_.node(before.to).name);
    const std::string& new_from = desired_.node(after.from).name;
    const std::string& new_to = desired_.node(after.to).name;
    if (from == new_from && to == new_to) return;
    Unsupported(EntityOf(owner), "changing edge endpoints on '" + owner.name + "' from " + from +
                                     " -> " + to + " to " + new_from + " -> " + new_to +
                                     " is not supported");
  }

  void PlanCardinality(const Owner& owner, const Cardinality& before, const Cardinality& after) {
    if (before == after) return;
    MigrationStep& step = Add(StepKind::kChangeCardinality, owner);
    step.cardinality = after;
    const bool is_tighter = after.min > std::max(before.min, 1u) ||
                            (after.max && (!before.max || *after.max < *before.max));
    if (!is_tighter) return;
    Require(step, RowRequirement::kCardinality, EntityOf(owner),
            "changing cardinality on edge '" + owner.name + "'");
  }

  void PlanTable(const Owner& owner, const TableType& before, const TableType& after) {
    if (MetadataOf(before.annotations) != MetadataOf(after.annotations)) {
      Add(StepKind::kUpdateTypeMetadata, owner).annotations = MetadataOf(after.annotations);
    }
    if (OpaqueOf(before.annotations) != OpaqueOf(after.annotations)) {
      Unsupported(EntityOf(owner), "changing annotations beyond @description/@instruction on '" +
                                       owner.name + "' is not supported");
    }
    const Renames renames = PlanProperties(owner, before.properties, after.properties);
    PlanConstraints(owner, before, after, renames);
  }

  // --- Properties -------------------------------------------------------------------------------

  // A hint on a property of a new type points nowhere (S23.1).
  void CheckHintsOfNewType(const Owner& owner, const std::vector<Property>& properties) {
    for (const Property& property : properties) {
      const std::optional<std::string> hint = RenameHint(property.annotations);
      if (!hint || IsInjected(owner, property)) continue;
      Unsupported(EntityOf(owner, property.name),
                  "@rename_from(\"" + *hint + "\") on '" + property.name +
                      "' names no accepted property: " + owner.name + " is a new type");
    }
  }

  // Whether the property comes from an interface of the (desired) node.
  bool IsInjected(const Owner& owner, const Property& property) const {
    const NodeType* node = owner.kind == TypeKind::kNode ? desired_.FindNode(owner.name) : nullptr;
    if (node == nullptr) return false;
    return std::any_of(
        node->implements.begin(), node->implements.end(), [&](const std::string& name) {
          const InterfaceType* interface = desired_.FindInterface(name);
          return interface != nullptr &&
                 std::any_of(
                     interface->properties.begin(), interface->properties.end(),
                     [&](const Property& candidate) { return candidate.name == property.name; });
        });
  }

  Renames PlanProperties(const Owner& owner, const std::vector<Property>& before,
                         const std::vector<Property>& after) {
    std::map<std::string, std::optional<std::string>> wanted;
    std::map<std::string, const Property*> present;
    std::set<std::string> names;
    for (const Property& property : after)
      wanted[property.name] = RenameHint(property.annotations);
    for (const Property& property : before) {
      present[property.name] = &property;
      names.insert(property.name);
    }
    const auto matches = MatchNames(wanted, names);
    Renames renames;
    for (const auto& [name, match] : matches) {
      if (match.accepted) renames[*match.accepted] = name;
    }
    for (const Property& property : after) {
      const NameMatch& match = matches.at(property.name);
      if (!match.problem.empty()) {
        Unsupported(EntityOf(owner, property.name), match.problem);
      } else if (match.accepted) {
        CompareProperty(owner, *present[*match.accepted], property, renames);
      } else {
        AddProperty(owner, property);
      }
    }
    for (const Property& property : before) {
      if (renames.contains(property.name)) continue;
      AddOnProperty(StepKind::kDropProperty, owner, property.name).is_hard =
          options_.allow_data_loss;
    }
    return renames;
  }

  void AddProperty(const Owner& owner, const Property& property) {
    MigrationStep& step = AddOnProperty(StepKind::kAddProperty, owner, property.name);
    step.property_type = property.type;
    if (TakesBackfill(owner, property, step) || property.type.is_nullable) return;
    // Nodes that get the property from an interface have a step of their own with the check.
    if (owner.kind == TypeKind::kInterface) return;
    Require(step, RowRequirement::kNoRows, EntityOf(owner, property.name),
            "adding required property '" + owner.name + "." + property.name +
                "' needs a backfill value for existing rows",
            kCodeRequiredAdded);
  }

  // Whether there is a value for the rows that have none; the step takes it.
  bool TakesBackfill(const Owner& owner, const Property& property, MigrationStep& step) const {
    const auto backfill = options_.backfills.find(owner.name + "." + property.name);
    if (backfill == options_.backfills.end()) return false;
    step.backfill_json = backfill->second;
    return true;
  }

  void CompareProperty(const Owner& owner, const Property& before, const Property& after,
                       const Renames& renames) {
    if (before.name != after.name) {
      MigrationStep& step = Add(StepKind::kRenameProperty, owner);
      step.from = before.name;
      step.to = after.name;
    }
    if (before.type != after.type) ChangeType(owner, before, after);
    if (MetadataOf(before.annotations) != MetadataOf(after.annotations)) {
      AddOnProperty(StepKind::kUpdatePropertyMetadata, owner, after.name).annotations =
          MetadataOf(after.annotations);
    }
    CompareAnnotations(owner, before, after, renames);
  }

  void CompareAnnotations(const Owner& owner, const Property& before, const Property& after,
                          const Renames& renames) {
    std::vector<Annotation> expected = OpaqueOf(before.annotations);
    for (Annotation& annotation : expected) {
      // The rename of an embedding's source is no change of the embedding (D19).
      if (annotation.name != "embed" || !annotation.value) continue;
      const auto renamed = renames.find(*annotation.value);
      if (renamed != renames.end()) annotation.value = renamed->second;
    }
    std::sort(expected.begin(), expected.end());
    const std::vector<Annotation> actual = OpaqueOf(after.annotations);
    if (expected == actual) return;
    const auto embeds = [](const std::vector<Annotation>& annotations) {
      std::vector<Annotation> result;
      for (const Annotation& annotation : annotations) {
        if (annotation.name == "embed") result.push_back(annotation);
      }
      return result;
    };
    std::string reason = "changing annotations beyond @description/@instruction on '" + owner.name +
                         "." + after.name + "' is not supported";
    if (embeds(expected) != embeds(actual)) {
      reason += ": another @embed source or model needs a rebuild of the vectors";
    }
    Unsupported(EntityOf(owner, after.name), std::move(reason));
  }

  void ChangeType(const Owner& owner, const Property& before, const Property& after) {
    types::Type widened = before.type;
    widened.enum_values = after.type.enum_values;
    widened.is_nullable = after.type.is_nullable;
    const bool keeps_values =
        before.type.is_enum() == after.type.is_enum() &&
        std::includes(after.type.enum_values.begin(), after.type.enum_values.end(),
                      before.type.enum_values.begin(), before.type.enum_values.end());
    if (widened != after.type || !keeps_values) {
      Unsupported(EntityOf(owner, after.name),
                  TypeReason(owner, before, after) +
                      " is not supported: add a property of the new type, copy the values, and "
                      "drop this one",
                  kCodeTypeChanged);
      return;
    }
    if (before.type.enum_values != after.type.enum_values) {
      MigrationStep& step = AddOnProperty(StepKind::kExtendEnum, owner, after.name);
      std::set_difference(after.type.enum_values.begin(), after.type.enum_values.end(),
                          before.type.enum_values.begin(), before.type.enum_values.end(),
                          std::back_inserter(step.added_values));
    }
    if (before.type.is_nullable == after.type.is_nullable) return;
    const bool is_tighter = before.type.is_nullable;
    MigrationStep& step = AddOnProperty(
        is_tighter ? StepKind::kRequireProperty : StepKind::kRelaxProperty, owner, after.name);
    step.property_type = after.type;
    if (!is_tighter || TakesBackfill(owner, after, step)) return;
    if (owner.kind != TypeKind::kInterface) {
      Require(step, RowRequirement::kNoNulls, EntityOf(owner, after.name),
              TypeReason(owner, before, after) + " needs a value in every row, or a backfill value",
              kCodeMadeRequired);
    }
  }

  static std::string TypeReason(const Owner& owner, const Property& before, const Property& after) {
    return "changing property type for '" + owner.name + "." + after.name + "' from " +
           types::TypeName(before.type) + " to " + types::TypeName(after.type);
  }

  // --- Constraints ------------------------------------------------------------------------------

  void PlanConstraints(const Owner& owner, const TableType& before, const TableType& after,
                       const Renames& renames) {
    const std::set<std::string> kept = KeysOf(after.constraints);
    std::set<std::string> expected;
    std::vector<DeclaredConstraint> removed;
    std::vector<std::string> refused;
    for (const DeclaredConstraint& constraint : before.constraints) {
      bool has_all_columns = true;
      const DeclaredConstraint renamed = Renamed(owner, constraint, renames, &has_all_columns);
      const std::string& key = *expected.insert(ConstraintKey(renamed)).first;
      if (kept.contains(key)) continue;
      const bool is_index = constraint.kind == ConstraintKind::kIndex;
      if (constraint.kind == ConstraintKind::kKey || (!has_all_columns && !is_index)) {
        refused.push_back("'" + ConstraintKey(constraint) + "'");
      } else if (has_all_columns || constraint.columns.size() > 1) {
        removed.push_back(renamed);
      }  // An index on one dropped property goes with it (D17).
    }
    if (!refused.empty()) {
      Unsupported(EntityOf(owner), "removing constraints from '" + owner.name +
                                       "' is not supported: " + Join(refused, ", "));
    }
    for (const DeclaredConstraint& constraint : removed) {
      Add(StepKind::kRemoveConstraint, owner).constraint = constraint;
    }
    for (const DeclaredConstraint& constraint : after.constraints) {
      if (!expected.contains(ConstraintKey(constraint))) AddConstraint(owner, constraint);
    }
  }

  // Constraints are equal if their keys are.
  static std::set<std::string> KeysOf(const std::vector<DeclaredConstraint>& constraints) {
    std::set<std::string> keys;
    for (const DeclaredConstraint& constraint : constraints)
      keys.insert(ConstraintKey(constraint));
    return keys;
  }

  static DeclaredConstraint Renamed(const Owner& owner, DeclaredConstraint constraint,
                                    const Renames& renames, bool* has_all_columns) {
    for (std::string& column : constraint.columns) {
      if (owner.kind == TypeKind::kEdge && (column == "src" || column == "dst")) continue;
      const auto found = renames.find(column);
      if (found == renames.end()) {
        *has_all_columns = false;
      } else {
        column = found->second;
      }
    }
    std::sort(constraint.columns.begin(), constraint.columns.end());
    return constraint;
  }

  void AddConstraint(const Owner& owner, const DeclaredConstraint& constraint) {
    const std::string reason =
        "adding constraint '" + ConstraintKey(constraint) + "' to '" + owner.name + "'";
    if (constraint.kind == ConstraintKind::kKey) {
      Unsupported(EntityOf(owner), reason + " is not supported: it would change the ids of rows");
      return;
    }
    MigrationStep& step = Add(StepKind::kAddConstraint, owner);
    step.constraint = constraint;
    if (constraint.kind != ConstraintKind::kIndex) {
      Require(step, RowRequirement::kConstraint, EntityOf(owner), reason);
    }
  }

  const Catalog& accepted_;
  const Catalog& desired_;
  const MigrationOptions& options_;
  Renames node_renames_;
  MigrationPlan plan_;
};

}  // namespace

bool MigrationPlan::is_supported() const {
  return std::none_of(steps.begin(), steps.end(), [](const MigrationStep& step) {
    return step.kind == StepKind::kUnsupported;
  });
}

Status MigrationPlan::CheckSupported() const {
  for (const MigrationStep& step : steps) {
    if (step.kind != StepKind::kUnsupported) continue;
    const std::string prefix = step.code.empty() ? "" : "[" + step.code + "] ";
    return Status::Error(ErrorCode::kInvalidArgument, prefix + step.reason);
  }
  return Status::Ok();
}

MigrationPlan PlanMigration(const Catalog& accepted, const Catalog& desired,
                            const MigrationOptions& options) {
  return Planner(accepted, desired, options).Run();
}

void Refuse(MigrationStep& step, std::string_view found) {
  MigrationStep refused;
  refused.entity = std::move(step.entity);
  refused.reason = std::move(step.reason);
  refused.code = std::move(step.code);
  if (!found.empty()) refused.reason += ": " + std::string(found);
  step = std::move(refused);
}

SchemaIdentity EvolveIdentity(const SchemaIdentity& accepted, const MigrationPlan& plan) {
  SchemaIdentity evolved = accepted;
  const auto key = [](const MigrationStep& step, const std::string& name) {
    return std::string(TypeKindWord(step.type_kind)) + ":" + name;
  };
  for (const MigrationStep& step : plan.steps) {
    if (step.kind == StepKind::kRenameType) {
      const auto entry = evolved.types.extract(key(step, step.from));
      if (!entry.empty()) evolved.types[key(step, step.to)] = entry.mapped();
    } else if (step.kind == StepKind::kDropType) {
      evolved.types.erase(key(step, step.type_name));
    } else if (step.kind == StepKind::kRenameProperty) {
      auto& properties = evolved.types[key(step, step.type_name)].properties;
      const auto entry = properties.extract(step.from);
      if (!entry.empty()) properties[step.to] = entry.mapped();
    } else if (step.kind == StepKind::kDropProperty) {
      evolved.types[key(step, step.type_name)].properties.erase(step.property_name);
    }
  }
  return evolved;
}

}  // namespace omnigraph::schema
