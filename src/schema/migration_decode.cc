// Reads migration steps back from their JSON (S14.4), for clients that print a remote plan.

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "schema/lint_codes.h"
#include "schema/migration.h"

namespace omnigraph::schema {
namespace {

using Json = nlohmann::json;

constexpr std::array<StepKind, 15> kStepKinds = {
    StepKind::kAddType,           StepKind::kRenameType,         StepKind::kAddProperty,
    StepKind::kRenameProperty,    StepKind::kExtendEnum,         StepKind::kRequireProperty,
    StepKind::kRelaxProperty,     StepKind::kAddConstraint,      StepKind::kRemoveConstraint,
    StepKind::kChangeCardinality, StepKind::kUpdateTypeMetadata, StepKind::kUpdatePropertyMetadata,
    StepKind::kDropType,          StepKind::kDropProperty,       StepKind::kUnsupported};

// Reads members of one JSON object; remembers the first that is missing or of the wrong kind.
class MemberReader {
 public:
  explicit MemberReader(const Json& json) : json_(json) {}

  const Json* Find(const char* key) const {
    if (!json_.is_object()) return nullptr;
    const auto found = json_.find(key);
    return found == json_.end() ? nullptr : &*found;
  }
  void String(const char* key, std::string* value) {
    const Json* member = Find(key);
    if (member == nullptr || !member->is_string()) return Fail(key);
    *value = member->get<std::string>();
  }
  void Strings(const char* key, std::vector<std::string>* values) {
    const Json* member = Find(key);
    if (member == nullptr || !member->is_array()) return Fail(key);
    for (const Json& item : *member) {
      if (!item.is_string()) return Fail(key);
      values->push_back(item.get<std::string>());
    }
  }
  void Bool(const char* key, bool* value) {
    const Json* member = Find(key);
    if (member == nullptr || !member->is_boolean()) return Fail(key);
    *value = member->get<bool>();
  }
  void Number(const Json* member, const char* key, std::uint32_t* value) {
    if (member == nullptr || !member->is_number_unsigned()) return Fail(key);
    const auto number = member->get<std::uint64_t>();
    if (number > UINT32_MAX) return Fail(key);
    *value = static_cast<std::uint32_t>(number);
  }
  void Fail(const char* key) {
    if (failed_.empty()) failed_ = key;
  }
  const std::string& failed() const { return failed_; }

 private:
  const Json& json_;
  std::string failed_;
};

void ReadType(const Json* json, types::Type* type, MemberReader& step) {
  if (json == nullptr) return step.Fail("property_type");
  MemberReader reader(*json);
  reader.Bool("nullable", &type->is_nullable);
  reader.Bool("list", &type->is_list);
  const Json* values = reader.Find("enum_values");
  if (values != nullptr && !values->is_null()) reader.Strings("enum_values", &type->enum_values);
  const Json* scalar = reader.Find("scalar");
  if (scalar != nullptr && scalar->is_object()) {
    type->scalar = types::Scalar::kVector;
    MemberReader vector(*scalar);
    vector.Number(vector.Find("Vector"), "Vector", &type->dimensions);
    if (!vector.failed().empty()) reader.Fail("scalar");
  } else {
    std::string name;
    reader.String("scalar", &name);
    if (!types::FindScalar(name, &type->scalar)) reader.Fail("scalar");
  }
  if (!reader.failed().empty()) step.Fail("property_type");
}

std::optional<Bound> ReadBound(const Json* json, MemberReader& step) {
  if (json == nullptr || json->is_null()) return std::nullopt;
  Bound bound;
  MemberReader reader(*json);
  if (const Json* integer = reader.Find("Integer"); integer && integer->is_number_integer()) {
    bound.integer = integer->get<std::int64_t>();
    bound.number = static_cast<double>(bound.integer);
  } else if (const Json* number = reader.Find("Float"); number && number->is_number()) {
    bound.is_integer = false;
    bound.number = number->get<double>();
  } else {
    step.Fail("constraint");
  }
  return bound;
}

void ReadConstraint(const Json* json, DeclaredConstraint* constraint, MemberReader& step) {
  if (json == nullptr || !json->is_object() || json->size() != 1) return step.Fail("constraint");
  const std::string kind = json->begin().key();
  const Json& body = json->begin().value();
  MemberReader outer(*json);
  MemberReader inner(body);
  if (kind == "Range" || kind == "Check") {
    inner.String("property", &constraint->columns.emplace_back());
    constraint->kind = kind == "Range" ? ConstraintKind::kRange : ConstraintKind::kCheck;
    if (kind == "Check") inner.String("pattern", &constraint->pattern);
    if (kind == "Range") {
      constraint->min = ReadBound(inner.Find("min"), step);
      constraint->max = ReadBound(inner.Find("max"), step);
    }
  } else if (kind == "Key" || kind == "Unique" || kind == "Index") {
    outer.Strings(kind.c_str(), &constraint->columns);
    constraint->kind = kind == "Key"      ? ConstraintKind::kKey
                       : kind == "Unique" ? ConstraintKind::kUnique
                                          : ConstraintKind::kIndex;
  } else {
    step.Fail("constraint");
  }
  if (!outer.failed().empty() || !inner.failed().empty()) step.Fail("constraint");
}

void ReadAnnotations(MemberReader& reader, std::vector<Annotation>* annotations) {
  const Json* list = reader.Find("annotations");
  if (list == nullptr || !list->is_array()) return reader.Fail("annotations");
  for (const Json& item : *list) {
    MemberReader member(item);
    Annotation& annotation = annotations->emplace_back();
    member.String("name", &annotation.name);
    const Json* value = member.Find("value");
    if (value != nullptr && !value->is_null()) {
      member.String("value", &annotation.value.emplace());
    }
    if (!member.failed().empty()) reader.Fail("annotations");
  }
}

void ReadCardinality(MemberReader& reader, Cardinality* cardinality) {
  const Json* json = reader.Find("cardinality");
  if (json == nullptr) return reader.Fail("cardinality");
  MemberReader member(*json);
  member.Number(member.Find("min"), "min", &cardinality->min);
  const Json* max = member.Find("max");
  if (max != nullptr && !max->is_null()) member.Number(max, "max", &cardinality->max.emplace());
  if (!member.failed().empty()) reader.Fail("cardinality");
}

void ReadOwner(MemberReader& reader, const char* name_key, MigrationStep* step) {
  std::string kind;
  reader.String("type_kind", &kind);
  bool is_known = false;
  for (TypeKind candidate : {TypeKind::kInterface, TypeKind::kNode, TypeKind::kEdge}) {
    if (kind != TypeKindWord(candidate)) continue;
    step->type_kind = candidate;
    is_known = true;
  }
  if (!is_known) reader.Fail("type_kind");
  reader.String(name_key, &step->type_name);
}

void ReadDrop(MemberReader& reader, MigrationStep* step) {
  std::string mode;
  reader.String("mode", &mode);
  if (mode != "soft" && mode != "hard") reader.Fail("mode");
  step->is_hard = mode == "hard";
}

void ReadRename(MemberReader& reader, MigrationStep* step) {
  reader.String("from", &step->from);
  reader.String("to", &step->to);
}

void ReadProperty(MemberReader& reader, MigrationStep* step) {
  ReadOwner(reader, "type_name", step);
  reader.String("property_name", &step->property_name);
}

void ReadTypedProperty(MemberReader& reader, MigrationStep* step) {
  ReadProperty(reader, step);
  ReadType(reader.Find("property_type"), &step->property_type, reader);
  if (const Json* backfill = reader.Find("backfill")) step->backfill_json = backfill->dump();
}

void ReadUnsupported(MemberReader& reader, MigrationStep* step) {
  reader.String("entity", &step->entity);
  reader.String("reason", &step->reason);
  if (reader.Find("code") == nullptr) return;
  reader.String("code", &step->code);
  if (FindLintCode(step->code) == nullptr) reader.Fail("code");
}

void ReadStep(MemberReader& reader, MigrationStep* step) {
  switch (step->kind) {
    case StepKind::kAddType:
      return ReadOwner(reader, "name", step);
    case StepKind::kRenameType:
      ReadOwner(reader, "to", step);
      return ReadRename(reader, step);
    case StepKind::kAddProperty:
    case StepKind::kRequireProperty:
    case StepKind::kRelaxProperty:
      return ReadTypedProperty(reader, step);
    case StepKind::kRenameProperty:
      ReadOwner(reader, "type_name", step);
      return ReadRename(reader, step);
    case StepKind::kExtendEnum:
      ReadProperty(reader, step);
      return reader.Strings("added_values", &step->added_values);
    case StepKind::kAddConstraint:
    case StepKind::kRemoveConstraint:
      ReadOwner(reader, "type_name", step);
      return ReadConstraint(reader.Find("constraint"), &step->constraint, reader);
    case StepKind::kChangeCardinality:
      ReadOwner(reader, "name", step);
      return ReadCardinality(reader, &step->cardinality);
    case StepKind::kUpdateTypeMetadata:
      ReadOwner(reader, "name", step);
      return ReadAnnotations(reader, &step->annotations);
    case StepKind::kUpdatePropertyMetadata:
      ReadProperty(reader, step);
      return ReadAnnotations(reader, &step->annotations);
    case StepKind::kDropType:
      ReadOwner(reader, "name", step);
      return ReadDrop(reader, step);
    case StepKind::kDropProperty:
      ReadProperty(reader, step);
      return ReadDrop(reader, step);
    case StepKind::kUnsupported:
      return ReadUnsupported(reader, step);
  }
}

}  // namespace

Result<MigrationStep> DecodeStep(std::string_view text) {
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  MemberReader reader(json);
  std::string kind;
  reader.String("kind", &kind);
  const auto known =
      std::find_if(kStepKinds.begin(), kStepKinds.end(),
                   [&kind](StepKind candidate) { return kind == StepKindName(candidate); });
  MigrationStep step;
  if (known == kStepKinds.end()) {
    reader.Fail("kind");
  } else {
    step.kind = *known;
    ReadStep(reader, &step);
  }
  if (!reader.failed().empty()) {
    return Status::Error(ErrorCode::kInvalidArgument,
                         "a migration step has no valid member '" + reader.failed() + "'");
  }
  return step;
}

}  // namespace omnigraph::schema
