// Plans: which steps a difference gives (S14, S21, S23), their two spellings, and how numbers
// survive an evolution.

#include "schema/migration.h"

#include <gmock/gmock.h>

#include "base/strings.h"
#include "schema/compile.h"
#include "schema/lint_codes.h"

namespace omnigraph::schema {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::shared_ptr<const Schema> Compiled(std::string_view text, const SchemaIdentity& identity = {}) {
  Result<std::shared_ptr<const Schema>> schema = CompileSchema(text, "test.pg", identity);
  EXPECT_TRUE(schema.ok()) << text << "\n" << schema.status().message();
  return *std::move(schema);
}

MigrationPlan Plan(std::string_view accepted, std::string_view desired,
                   const MigrationOptions& options = {}) {
  return PlanMigration(*Compiled(accepted)->catalog, *Compiled(desired)->catalog, options);
}

// Short spellings, so that the tables below can be read.
std::string Brief(const MigrationStep& step) {
  if (step.kind == StepKind::kUnsupported) {
    return "unsupported " + step.entity + (step.code.empty() ? "" : " " + step.code);
  }
  std::string text = StepText(step);
  switch (step.requirement) {
    case RowRequirement::kNone:
      break;
    case RowRequirement::kNoRows:
      text += " [no rows]";
      break;
    case RowRequirement::kNoNulls:
      text += " [no nulls]";
      break;
    case RowRequirement::kConstraint:
      text += " [rows satisfy]";
      break;
    case RowRequirement::kCardinality:
      text += " [counts fit]";
      break;
  }
  return text;
}

std::vector<std::string> Briefs(const MigrationPlan& plan) {
  std::vector<std::string> briefs;
  for (const MigrationStep& step : plan.steps)
    briefs.push_back(Brief(step));
  return briefs;
}

struct Case {
  const char* name;
  std::string accepted;
  std::string desired;
  std::vector<std::string> steps;
};

class MigrationTest : public ::testing::TestWithParam<Case> {};

TEST_P(MigrationTest, GivesExactlyTheseSteps) {
  const Case& test = GetParam();

  const MigrationPlan plan = Plan(test.accepted, test.desired);

  EXPECT_THAT(Briefs(plan), ::testing::ElementsAreArray(test.steps)) << test.desired;
  EXPECT_EQ(plan.is_supported(), std::none_of(test.steps.begin(), test.steps.end(), [](auto& step) {
              return step.starts_with("unsupported");
            }));
  EXPECT_EQ(plan.CheckSupported().ok(), plan.is_supported());
  EXPECT_THAT(Plan(test.desired, test.desired).steps, IsEmpty()) << "a plan to itself is empty";
}

std::string CaseName(const ::testing::TestParamInfo<Case>& info) {
  return info.param.name;
}

const char kBase[] =
    "node P { k: String @key  a: I32? }  node Q { k: String @key }  edge E: P -> Q";
const std::string kQ = " node Q { k: String @key } ";
const std::string kE = " edge E: P -> Q ";

// S21.
INSTANTIATE_TEST_SUITE_P(
    Contract, MigrationTest,
    ::testing::Values(
        Case{"NoChange",
             kBase,
             "edge E: P -> Q // c\n node Q { k: String @key } node P { a: I32? k: String @key }",
             {}},
        Case{"NullableProperty",
             kBase,
             "node P { k: String @key a: I32? n: String? }" + kQ + kE,
             {"add property 'P.n' (String?) on node 'P'"}},
        Case{"RequiredProperty",
             kBase,
             "node P { k: String @key a: I32? n: String }" + kQ + kE,
             {"add property 'P.n' (String) on node 'P' [no rows]"}},
        Case{"WiderInteger",
             kBase,
             "node P { k: String @key a: I64? }" + kQ + kE,
             {"unsupported node:P.a OG-MF-106"}},
        Case{"Tightened",
             kBase,
             "node P { k: String @key a: I32 }" + kQ + kE,
             {"require property 'P.a' (I32) on node 'P' [no nulls]"}},
        Case{"PropertyRemoved",
             kBase,
             "node P { k: String @key }" + kQ + kE,
             {"drop property 'P.a' of node 'P' (soft mode)"}},
        Case{"TypesRemoved",
             kBase,
             "node P { k: String @key a: I32? }",
             {"drop node type 'Q' (soft mode)", "drop edge type 'E' (soft mode)"}},
        Case{"EdgeRemoved",
             kBase,
             "node P { k: String @key a: I32? }" + kQ,
             {"drop edge type 'E' (soft mode)"}},
        Case{"IndexAdded",
             kBase,
             "node P { k: String @key a: I32? @index }" + kQ + kE,
             {"add constraint @index(a) on node 'P'"}},
        Case{"UniqueAdded",
             kBase,
             "node P { k: String @key a: I32? @unique }" + kQ + kE,
             {"add constraint @unique(a) on node 'P' [rows satisfy]"}},
        Case{"PropertyRenamed",
             kBase,
             "node P { k: String @key age: I32? @rename_from(\"a\") }" + kQ + kE,
             {"rename property 'P.a' -> 'P.age' on node 'P'"}},
        Case{"RenamedWithoutHint",
             kBase,
             "node P { k: String @key age: I32? }" + kQ + kE,
             {"add property 'P.age' (I32?) on node 'P'",
              "drop property 'P.a' of node 'P' (soft mode)"}},
        Case{"TypeRenamed",
             kBase,
             "node R @rename_from(\"P\") { k: String @key a: I32? } edge E: R -> Q" + kQ,
             {"rename node type 'P' -> 'R'"}},
        Case{"RenameSourceMissing",
             kBase,
             std::string(kBase) + " node R @rename_from(\"Zed\") { }",
             {"unsupported node:R"}},
        Case{"CardinalityTightened",
             kBase,
             "node P { k: String @key a: I32? } edge E: P -> Q @card(0..1)" + kQ,
             {"change cardinality of edge 'E' to 0..1 [counts fit]"}},
        Case{"EndpointsChanged",
             kBase,
             "node P { k: String @key a: I32? } edge E: P -> P" + kQ,
             {"unsupported edge:E"}},
        Case{"DescriptionAdded",
             kBase,
             "node P @description(\"x\") { k: String @key a: I32? }" + kQ + kE,
             {"update metadata on node 'P' (@description(x))"}},
        Case{"UnknownAnnotation",
             kBase,
             "node P { k: String @key a: I32? @owner(\"x\") }" + kQ + kE,
             {"unsupported node:P.a"}},
        Case{"NewTypes",
             kBase,
             std::string(kBase) + " edge F: S -> P node S { }",
             {"add node type 'S'", "add edge type 'F'"}},
        Case{"InterfaceNobodyImplements",
             kBase,
             std::string(kBase) + " interface I { x: String }",
             {"add interface type 'I'"}},
        Case{"NewInterfaceImplemented",
             kBase,
             "interface I { x: String? } node P implements I { k: String @key a: I32? }" + kQ + kE,
             {"add interface type 'I'", "unsupported node:P",
              "add property 'P.x' (String?) on node 'P'"}},
        Case{"RenameAndMore",
             "node Slot { room: String hour: I32 note: String? @key(room, hour) }",
             "node Booking @rename_from(\"Slot\") { place: String @rename_from(\"room\") hour: I32 "
             "guests: U32? @key(place, hour) }",
             {"rename node type 'Slot' -> 'Booking'",
              "add property 'Booking.guests' (U32?) on node 'Booking'",
              "rename property 'Booking.room' -> 'Booking.place' on node 'Booking'",
              "drop property 'Booking.note' of node 'Booking' (soft mode)"}}),
    CaseName);

INSTANTIATE_TEST_SUITE_P(
    More, MigrationTest,
    ::testing::Values(
        Case{
            "StaleHint",
            kBase,
            "node P @rename_from(\"Old\") { k: String @key a: I32? @rename_from(\"z\") }" + kQ + kE,
            {}},
        Case{"SourceStillDeclared",
             kBase,
             "node P { k: String @key a: I32? b: I32? @rename_from(\"a\") }" + kQ + kE,
             {"unsupported node:P.b"}},
        Case{"SourceClaimedTwice",
             kBase,
             "node P { k: String @key b: I32? @rename_from(\"a\") c: I32? @rename_from(\"a\") }" +
                 kQ + kE,
             {"rename property 'P.a' -> 'P.b' on node 'P'", "unsupported node:P.c"}},
        Case{"TypeClaimedTwice",
             "node A { }",
             "node B @rename_from(\"A\") { } node C @rename_from(\"A\") { }",
             {"rename node type 'A' -> 'B'", "unsupported node:C"}},
        Case{"HintAcrossKinds",
             "node A { } edge E: A -> A",
             "node A { } edge E: A -> A node X @rename_from(\"E\") { }",
             {"unsupported node:X"}},
        Case{"HintOnPropertyOfNewType",
             "",
             "node A { b: I32 @rename_from(\"a\") }",
             {"add node type 'A'", "unsupported node:A.b"}},
        Case{"EnumWidened",
             "node A { k: enum(a, b)? }",
             "node A { k: enum(c, b, a, d)? }",
             {"extend enum 'A.k' (+c, +d) on node 'A'"}},
        Case{"EnumNarrowed",
             "node A { k: enum(a, b)? }",
             "node A { k: enum(a)? }",
             {"unsupported node:A.k OG-MF-106"}},
        Case{"EnumToText",
             "node A { k: enum(a, b)? }",
             "node A { k: String? }",
             {"unsupported node:A.k OG-MF-106"}},
        Case{"TextToEnum",
             "node A { k: String? }",
             "node A { k: enum(a)? }",
             {"unsupported node:A.k OG-MF-106"}},
        Case{"EnumWidenedAndRenamed",
             "node A { k: enum(a) }",
             "node A { m: enum(a, b) @rename_from(k) }",
             {"rename property 'A.k' -> 'A.m' on node 'A'", "extend enum 'A.m' (+b) on node 'A'"}},
        Case{"EnumWidenedAndRequired",
             "node A { k: enum(a)? }",
             "node A { k: enum(a, b) }",
             {"extend enum 'A.k' (+b) on node 'A'",
              "require property 'A.k' (Enum(a|b)) on node 'A' [no nulls]"}},
        Case{"Relaxed",
             "node A { k: I32 }",
             "node A { k: I32? }",
             {"relax property 'A.k' (I32?) on node 'A'"}},
        Case{"ListNess",
             "node A { k: I32? }",
             "node A { k: [I32]? }",
             {"unsupported node:A.k OG-MF-106"}},
        Case{"VectorSize",
             "node A { k: Vector(2)? }",
             "node A { k: Vector(3)? }",
             {"unsupported node:A.k OG-MF-106"}},
        Case{"KeyRemoved",
             "node A { k: String @key }",
             "node A { k: String }",
             {"unsupported node:A"}},
        Case{"KeyAdded",
             "node A { k: String }",
             "node A { k: String @key }",
             {"unsupported node:A"}},
        Case{"KeyChanged",
             "node A { k: String @key m: String }",
             "node A { k: String m: String @key(k, m) }",
             {"unsupported node:A", "unsupported node:A"}},
        Case{"KeyPropertyRenamed",
             "node A { k: String @key @unique(k, m) m: I32 @index }",
             "node A { z: String @key @rename_from(k) @unique(m, z) m: I32 @index }",
             {"rename property 'A.k' -> 'A.z' on node 'A'"}},
        Case{"IndexOnKeyIsAStep",
             "node A { k: String @key }",
             "node A { k: String @key @index }",
             {"add constraint @index(k) on node 'A'"}},
        Case{"IndexRemoved",
             "node A { k: String @index }",
             "node A { k: String }",
             {"remove constraint @index(k) from node 'A'"}},
        Case{"ConstraintsRemoved",
             "node A { k: I32 @unique @range(k, 0..9) s: String @check(s, \"x\") }",
             "node A { k: I32 s: String }",
             {"remove constraint @check(s, 'x') from node 'A'",
              "remove constraint @range(k, 0..9) from node 'A'",
              "remove constraint @unique(k) from node 'A'"}},
        Case{"RangeChanged",
             "node A { k: I32 @range(k, 0..9) }",
             "node A { k: I32 @range(k, 0..5) }",
             {"remove constraint @range(k, 0..9) from node 'A'",
              "add constraint @range(k, 0..5) on node 'A' [rows satisfy]"}},
        Case{"PropertyAndConstraintForm",
             "node A { k: I32 @unique }",
             "node A { k: I32 @unique(k) }",
             {}},
        Case{"IndexGoesWithItsProperty",
             "node A { k: String? @index m: I32 @index(k, m) }",
             "node A { m: I32 }",
             {"drop property 'A.k' of node 'A' (soft mode)",
              "remove constraint @index(k, m) from node 'A'"}},
        Case{"ConstrainedPropertyStays",
             "node A { k: I32? @range(k, 0..9) m: I32 }",
             "node A { m: I32 }",
             {"drop property 'A.k' of node 'A' (soft mode)", "unsupported node:A"}},
        Case{"UniqueOnEndpointsSurvivesRename",
             "node A { } edge E: A -> A { w: I32 @unique(src, w) }",
             "node A { } edge F: A -> A @rename_from(\"E\") { v: I32 @rename_from(\"w\") "
             "@unique(src, v) }",
             {"rename edge type 'E' -> 'F'", "rename property 'F.w' -> 'F.v' on edge 'F'"}},
        Case{"CardinalityWidened",
             "node A { } edge E: A -> A @card(1..2)",
             "node A { } edge E: A -> A @card(0..)",
             {"change cardinality of edge 'E' to 0.."}},
        Case{"CardinalityOneIsNoMinimum",
             "node A { } edge E: A -> A",
             "node A { } edge E: A -> A @card(1..)",
             {"change cardinality of edge 'E' to 1.."}},
        Case{"CardinalityMinimum",
             "node A { } edge E: A -> A",
             "node A { } edge E: A -> A @card(2..)",
             {"change cardinality of edge 'E' to 2.. [counts fit]"}},
        Case{"InterfaceRemoved",
             "interface I { } node A { }",
             "node A { }",
             {"unsupported interface:I"}},
        Case{"ImplementsRemoved",
             "interface I { } node A implements I { }",
             "interface I { } node A { }",
             {"unsupported node:A"}},
        Case{"InterfacePropertyAdded",
             "interface I { a: I32 } node A implements I { }",
             "interface I { a: I32 b: I32? } node A implements I { }",
             {"add property 'I.b' (I32?) on interface 'I'",
              "add property 'A.b' (I32?) on node 'A'"}},
        Case{"InterfaceRequiredPropertyAdded",
             "interface I { } node A implements I { }",
             "interface I { b: I32 } node A implements I { }",
             {"add property 'I.b' (I32) on interface 'I'",
              "add property 'A.b' (I32) on node 'A' [no rows]"}},
        Case{"InterfacePropertyRenamed",
             "interface I { a: I32 } node A implements I { }",
             "interface I { b: I32 @rename_from(a) } node A implements I { }",
             {"rename property 'I.a' -> 'I.b' on interface 'I'",
              "rename property 'A.a' -> 'A.b' on node 'A'"}},
        Case{"EmbedAdded",
             "node A { t: String v: Vector(2)? }",
             "node A { t: String v: Vector(2)? @embed(t) }",
             {"unsupported node:A.v"}},
        Case{"EmbedSourceRenamed",
             "node A { t: String v: Vector(2)? @embed(t) }",
             "node A { s: String @rename_from(t) v: Vector(2)? @embed(s) }",
             {"rename property 'A.t' -> 'A.s' on node 'A'"}},
        Case{"EmbedModelChanged",
             "node A { t: String v: Vector(2)? @embed(t, model=\"a/b\") }",
             "node A { t: String v: Vector(2)? @embed(t, model=\"a/c\") }",
             {"unsupported node:A.v"}},
        Case{"TypeAnnotationChanged", "node A { }", "node A @owner(x) { }", {"unsupported node:A"}},
        Case{"DescriptionRemoved",
             "node A { a: I32 @description(\"x\") }",
             "node A { a: I32 }",
             {"update metadata on property 'A.a' of node 'A' ()"}},
        Case{"EverythingAtOnce",
             "node A { } node B { } edge E: A -> B",
             "node B { x: I32? } node C { } edge F: C -> B",
             {"add property 'B.x' (I32?) on node 'B'", "add node type 'C'",
              "drop node type 'A' (soft mode)", "add edge type 'F'",
              "drop edge type 'E' (soft mode)"}}),
    CaseName);

TEST(MigrationTest, DataLossMakesEveryDropHard) {
  const MigrationPlan plan = Plan(kBase, "node P { k: String @key }", {.allow_data_loss = true});
  EXPECT_THAT(Briefs(plan),
              ElementsAre("drop property 'P.a' of node 'P' (hard mode)",
                          "drop node type 'Q' (hard mode)", "drop edge type 'E' (hard mode)"));
}

TEST(MigrationTest, BackfillMakesARequiredPropertySupported) {
  const MigrationPlan plan = Plan("node A { }", "node A { n: I32 }", {.backfills = {{"A.n", "7"}}});
  ASSERT_EQ(plan.steps.size(), 1u);
  EXPECT_EQ(plan.steps[0].requirement, RowRequirement::kNone);
  EXPECT_EQ(plan.steps[0].backfill_json, "7");
}

TEST(MigrationTest, BackfillMakesTighteningSupportedWhateverTheRowsHold) {
  const MigrationPlan plan =
      Plan("node A { n: I32? }", "node A { n: I32 }", {.backfills = {{"A.n", "7"}}});
  ASSERT_EQ(plan.steps.size(), 1u);
  EXPECT_EQ(plan.steps[0].kind, StepKind::kRequireProperty);
  EXPECT_EQ(plan.steps[0].requirement, RowRequirement::kNone);
  EXPECT_EQ(plan.steps[0].backfill_json, "7");
  EXPECT_EQ(StepText(plan.steps[0]),
            "require property 'A.n' (I32) on node 'A', rows without one get 7");
}

TEST(MigrationTest, ALineForPeopleIsOneLineOfPlainText) {
  const MigrationPlan plan =
      Plan("node A { }", "node A @description(\"two\nlines \\t and \x1b[31m\") { }");
  ASSERT_EQ(plan.steps.size(), 1u);
  EXPECT_EQ(StepText(plan.steps[0]),
            "update metadata on node 'A' (@description(two lines   and  [31m))");
}

TEST(MigrationTest, RefusedRequirementBecomesAnUnsupportedChange) {
  MigrationPlan plan = Plan("node A { }", "node A { n: I32 }");
  ASSERT_TRUE(plan.is_supported());
  Refuse(plan.steps[0], "the table has 2 rows");
  EXPECT_FALSE(plan.is_supported());
  EXPECT_EQ(plan.CheckSupported().message(),
            "[OG-MF-103] adding required property 'A.n' needs a backfill value for existing rows: "
            "the table has 2 rows");
  EXPECT_EQ(StepText(plan.steps[0]),
            "unsupported change on node:A.n [OG-MF-103, validated]: adding required property 'A.n' "
            "needs a backfill value for existing rows: the table has 2 rows");
}

struct Reason {
  std::string accepted, desired;
  std::vector<std::string> tokens;
};

TEST(MigrationTest, UnsupportedReasonsHaveTheWordsOfTheContract) {
  const std::vector<Reason> reasons = {
      {"interface I { }", "", {"removing interface 'I'"}},
      {"interface I { } node N { }",
       "interface I { } node N implements I { }",
       {"changing implemented interfaces on node 'N'"}},
      {"", "node N @rename_from(\"Old\") { }", {"@rename_from(\"Old\")", "no accepted", "N"}},
      {"node T { p: I32 }", "node T { p: I64 }", {"changing property type for 'T.p'"}},
      {"node T { p: I32 @key }", "node T { p: I32 }", {"removing constraints from 'T'"}},
      {"node T { p: I32 }", "node T { p: I32 @key }", {"adding constraint 'key:p'", "T"}},
      {"node T { } node U { } edge E: T -> T",
       "node T { } node U { } edge E: T -> U",
       {"changing edge endpoints on 'E'"}},
      {"node T { p: I32 }",
       "node T { p: I32 @x }",
       {"changing annotations beyond @description/@instruction"}},
      {"node T { t: String v: Vector(2) }",
       "node T { t: String v: Vector(2) @embed(t) }",
       {"@embed", "rebuild"}},
      {"node T { a: I32? }", "node T { a: I32? b: I32? @rename_from(a) }", {"still declared", "a"}},
      {"node T { a: I32? }",
       "node T { b: I32? @rename_from(a) c: I32? @rename_from(a) }",
       {"consumed", "'a'", "'b'", "'c'"}},
      {"node T { a: I32? @range(a, 0..1) b: I32 }", "node T { b: I32 }", {"range:a:0:1"}},
  };
  for (const Reason& reason : reasons) {
    const Status status = Plan(reason.accepted, reason.desired).CheckSupported();
    ASSERT_FALSE(status.ok()) << reason.desired;
    EXPECT_EQ(status.code(), ErrorCode::kInvalidArgument);
    for (const std::string& token : reason.tokens)
      EXPECT_THAT(status.message(), HasSubstr(token));
  }
}

TEST(MigrationTest, StepsHaveTheJsonOfTheContract) {
  const MigrationPlan plan = Plan(
      "node Client { a: I32? total: I32 k: enum(x) @description(\"d\") } edge E: Client -> Client "
      "node Gone { }",
      "node Customer @rename_from(\"Client\") @instruction(\"i\") { tier: enum(gold, basic)? "
      "b: I32? @rename_from(a) @index total: I64 k: enum(x, y) @unique vec: Vector(3)? } "
      "edge E: Customer -> Customer @card(0..3)");
  std::vector<std::string> json;
  for (const MigrationStep& step : plan.steps)
    json.push_back(StepJson(step));
  EXPECT_THAT(
      json,
      ElementsAre(
          R"({"kind":"rename_type","type_kind":"node","from":"Client","to":"Customer"})",
          R"({"kind":"update_type_metadata","type_kind":"node","name":"Customer",)"
          R"("annotations":[{"name":"instruction","value":"i"}]})",
          R"({"kind":"rename_property","type_kind":"node","type_name":"Customer","from":"a",)"
          R"("to":"b"})",
          R"({"kind":"extend_enum","type_kind":"node","type_name":"Customer",)"
          R"("property_name":"k","added_values":["y"]})",
          R"({"kind":"update_property_metadata","type_kind":"node","type_name":"Customer",)"
          R"("property_name":"k","annotations":[]})",
          R"({"kind":"add_property","type_kind":"node","type_name":"Customer",)"
          R"("property_name":"tier","property_type":{"scalar":"String","nullable":true,)"
          R"("list":false,"enum_values":["basic","gold"]}})",
          R"({"kind":"unsupported_change","entity":"node:Customer.total","reason":"changing )"
          R"(property type for 'Customer.total' from I32 to I64 is not supported: add a )"
          R"(property of the new type, copy the values, and drop this one","code":"OG-MF-106"})",
          R"({"kind":"add_property","type_kind":"node","type_name":"Customer",)"
          R"("property_name":"vec","property_type":{"scalar":{"Vector":3},"nullable":true,)"
          R"("list":false,"enum_values":null}})",
          R"({"kind":"add_constraint","type_kind":"node","type_name":"Customer",)"
          R"("constraint":{"Index":["b"]}})",
          R"({"kind":"add_constraint","type_kind":"node","type_name":"Customer",)"
          R"("constraint":{"Unique":["k"]}})",
          R"({"kind":"drop_type","type_kind":"node","name":"Gone","mode":"soft"})",
          R"({"kind":"change_cardinality","type_kind":"edge","name":"E",)"
          R"("cardinality":{"min":0,"max":3}})"));
}

TEST(MigrationTest, StepsRoundTripThroughJson) {
  const MigrationPlan plan = Plan(
      "interface I { } node A { a: I32? b: String? @index c: I32? d: enum(x) e: I32 z: I32 "
      "f: F64 @range(f, ..1.5) } node G { } edge E: A -> A edge F: A -> A @card(1..)",
      "node A { n: [Date]? v: Vector(2)? r: I32? @rename_from(a) b: String? c: I32? @unique "
      "d: enum(x, y) @description(\"d\") e: I32? z: I64 f: F64 w: String? @check(w, \"^x\") "
      "@range(e, -1..) } node H { } edge E: A -> A @card(0..3) edge F: A -> A");
  ASSERT_GT(plan.steps.size(), 15u);
  for (MigrationStep step : plan.steps) {
    const Result<MigrationStep> back = DecodeStep(StepJson(step));
    ASSERT_TRUE(back.ok()) << StepJson(step) << back.status().message();
    EXPECT_EQ(StepJson(*back), StepJson(step));
    EXPECT_EQ(StepText(*back), StepText(step));
  }
}

TEST(MigrationTest, WhatIsNoStepIsNotDecoded) {
  for (std::string_view json :
       {"", "[]", "{}", R"({"kind":"fly"})", R"({"kind":"add_type"})",
        R"({"kind":"add_type","type_kind":"table","name":"A"})",
        R"({"kind":"add_type","type_kind":"node","name":7})",
        R"({"kind":"drop_type","type_kind":"node","name":"A","mode":"firm"})",
        R"({"kind":"add_constraint","type_kind":"node","type_name":"A","constraint":{"Key":"a"}})",
        R"({"kind":"add_constraint","type_kind":"node","type_name":"A","constraint":{"X":["a"]}})",
        R"({"kind":"add_property","type_kind":"node","type_name":"A","property_name":"p",)"
        R"("property_type":{"scalar":"I33","nullable":true,"list":false,"enum_values":null}})",
        R"({"kind":"unsupported_change","entity":"node:A","reason":"r","code":"OG-XX-000"})"}) {
    EXPECT_EQ(DecodeStep(json).status().code(), ErrorCode::kInvalidArgument) << json;
  }
}

TEST(MigrationTest, RenamesKeepTheirNumbersAndDroppedNamesComeBackWithNewOnes) {
  const auto first = Compiled("node A { x: I32 y: I32? } edge E: A -> A { w: I32 }");
  constexpr std::string_view kSecond =
      "node B @rename_from(\"A\") { z: I32 @rename_from(x) } edge E: B -> B { w: I32 }";
  const MigrationPlan plan = PlanMigration(*first->catalog, *Compiled(kSecond)->catalog);
  ASSERT_TRUE(plan.is_supported());

  const auto second = Compiled(kSecond, EvolveIdentity(first->identity, plan));

  const NodeType* before = first->catalog->FindNode("A");
  const NodeType* after = second->catalog->FindNode("B");
  EXPECT_EQ(after->id, before->id);
  EXPECT_EQ(after->FindProperty("z")->id, before->FindProperty("x")->id);
  EXPECT_EQ(second->catalog->FindEdge("E")->id, first->catalog->FindEdge("E")->id);

  constexpr std::string_view kThird = "node B { z: I32 y: I32? } edge E: B -> B { w: I32 }";
  const MigrationPlan again = PlanMigration(*second->catalog, *Compiled(kThird)->catalog);
  const auto third = Compiled(kThird, EvolveIdentity(second->identity, again));
  EXPECT_EQ(third->catalog->FindNode("B")->FindProperty("y")->id, first->identity.next);
}

// Schemas that differ in every way that the planner knows, for the cross product below.
constexpr std::string_view kVariants[] = {
    "",
    "node A { }",
    "node A { a: I32 @key b: String? @index } edge E: A -> A",
    "node A { a: I32 @key b: String @index @unique } edge E: A -> A @card(0..1) { w: I32? }",
    "node A { a: I32 c: String? @rename_from(b) @check(c, \"x\") } edge E: A -> A @card(2..)",
    "node B @rename_from(\"A\") { a: I64 b: enum(x)? } edge E: B -> B { w: I32 @unique(src, w) }",
    "node B { b: enum(x, y)? @description(\"d\") } node A { } edge F: A -> B @rename_from(\"E\")",
    "interface I { n: String? @index } node A implements I { a: I32 @key } edge E: A -> A",
    "interface I { m: String @rename_from(n) } node B implements I { v: Vector(2)? @embed(m) }",
    "interface J { n: [Date] } node A implements J { a: F64 @owner(x) @range(a, 0..1) }",
    "node A @instruction(\"i\") { a: F64? @range(a, 0..2) t: Blob? } node B { a: I32 @unique(a) }",
};

TEST(MigrationTest, EveryPairOfVariantsPlansTheSameTwiceAndKeepsNumbersApart) {
  for (std::string_view before : kVariants) {
    for (std::string_view after : kVariants) {
      SCOPED_TRACE(std::string(before) + "  ->  " + std::string(after));
      const auto accepted = Compiled(before);
      const auto desired = Compiled(after);
      const MigrationPlan plan = PlanMigration(*accepted->catalog, *desired->catalog);
      EXPECT_EQ(PlanMigration(*accepted->catalog, *desired->catalog).steps, plan.steps);
      EXPECT_EQ(plan.steps.empty(), accepted->semantic_hash == desired->semantic_hash);
      for (const MigrationStep& step : plan.steps) {
        EXPECT_TRUE(DecodeStep(StepJson(step)).ok()) << StepJson(step);
      }

      const auto evolved = Compiled(after, EvolveIdentity(accepted->identity, plan));

      EXPECT_EQ(evolved->semantic_hash, desired->semantic_hash);
      EXPECT_TRUE(DecodeIdentity(EncodeIdentity(evolved->identity)).ok());
      EXPECT_GE(evolved->identity.next, accepted->identity.next);
      EXPECT_THAT(PlanMigration(*evolved->catalog, *desired->catalog).steps, IsEmpty());
    }
  }
}

TEST(LintCodesTest, CodesAreUniqueAndUnknownOnesGiveNothing) {
  EXPECT_EQ(FindLintCode("OG-MF-106")->tier, ChangeTier::kDestructive);
  EXPECT_EQ(FindLintCode("OG-MF-103")->tier, ChangeTier::kValidated);
  EXPECT_EQ(FindLintCode("OG-XX-999"), nullptr);
  std::set<std::string_view> codes;
  for (const LintCode& code : LintCodes())
    codes.insert(code.code);
  EXPECT_EQ(codes.size(), LintCodes().size());
}

}  // namespace
}  // namespace omnigraph::schema
