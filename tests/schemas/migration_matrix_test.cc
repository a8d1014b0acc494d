// The matrix of migrations: every kind of step, over an empty graph, rows in the tail of a commit,
// rows in fragments, with a second branch, against writes that race it, and with a fault at every
// effect. A cell is one scenario of one step.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <functional>

#include "evolution_graph.h"
#include "store/faulty_store.h"
#include "store/memory_store.h"

namespace omnigraph::schemas {
namespace {

using engine::LoadMode;
using engine::SchemaChangeRequest;
using nlohmann::json;
using ::testing::HasSubstr;

// The accepted schema, cut into what the steps change.
struct Parts {
  std::string interface = "interface Marked { mark: String? }";
  std::string quay = "node Quay implements Marked";
  std::string code = "code: String @key";
  std::string depth = "depth: I32?";
  std::string width = "width: F64";
  std::string kind = "kind: enum(deep, flat)?";
  std::string rest = "  place: String? @index  berth: I64? @unique  @range(width, 0..100)";
  std::string note = "node Note { text: String }";
  std::string serves = "edge Serves: Note -> Quay @card(0..5) { since: Date?  weight: I32? }";
  std::string more;

  std::string Text() const {
    return interface + "\n" + quay + " { " + code + "  " + depth + "  " + width + "  " + kind +
           rest + " }\n" + note + "\n" + serves + "\n" + more;
  }
};

enum class Fill { kEmpty, kTail, kFragments };

struct Step {
  std::string name;
  std::string kind;  ///< Of the first step of the plan, in JSON.
  std::function<void(Parts&)> change;
  RowMapping mapping{};
  std::map<std::string, std::string> backfills{};
  bool is_hard = false;
  /// A word of why the rows refuse it; empty if they do not.
  std::string refused_by_rows{};
};

std::string Row(int i) {
  const std::string n = std::to_string(i);
  return R"({"type":"Quay","data":{"code":"q)" + n + R"(","depth":)" + n + R"(,"width":)" +
         std::to_string(i % 90) + R"(.5,"kind":"deep","mark":"m)" + n + R"(","place":")" +
         std::string(400, 'p') + R"(","berth":)" + n + "}}\n" +
         R"({"type":"Note","data":{"id":"n)" + n + R"(","text":"about )" + std::string(400, '.') +
         "\"}}\n" + R"({"edge":"Serves","from":"n)" + n + R"(","to":"q)" + n +
         R"(","data":{"id":"s)" + n + R"(","since":"2024-01-01","weight":)" + n + "}}\n";
}

std::string RowsOf(Fill fill) {
  const int count = fill == Fill::kEmpty ? 0 : fill == Fill::kTail ? 3 : 200;
  std::string text;
  for (int i = 0; i < count; ++i)
    text += Row(i);
  if (count > 0)
    text += R"({"type":"Quay","data":{"code":"bare","width":7}})"
            "\n";
  return text;
}

std::vector<Step> AddingSteps() {
  return {
      {"add node type", "add_type", [](Parts& p) { p.more = "node Ferry { name: String @key }"; }},
      {"add edge type", "add_type", [](Parts& p) { p.more = "edge Near: Quay -> Quay"; }},
      {"add interface", "add_type", [](Parts& p) { p.more = "interface Aged { age: I32? }"; }},
      {"rename node type",
       "rename_type",
       [](Parts& p) {
         p.quay = "node Berth @rename_from(\"Quay\") implements Marked";
         p.serves = "edge Serves: Note -> Berth @card(0..5) { since: Date?  weight: I32? }";
       },
       {.renamed_types = {{"Quay", "Berth"}}}},
      {"rename edge type",
       "rename_type",
       [](Parts& p) {
         p.serves =
             "edge Aids: Note -> Quay @card(0..5) @rename_from(\"Serves\") "
             "{ since: Date?  weight: I32? }";
       },
       {.renamed_types = {{"Serves", "Aids"}}}},
      {"add node property", "add_property", [](Parts& p) { p.rest += "  tags: [String]?"; }},
      {"add edge property", "add_property",
       [](Parts& p) { p.serves.replace(p.serves.rfind('}'), 1, " why: String? }"); }},
      {"add interface property", "add_property",
       [](Parts& p) { p.interface = "interface Marked { mark: String?  stamp: Date? }"; }},
      {"add required property with a value",
       "add_property",
       [](Parts& p) { p.rest += "  owner: String"; },
       {.added = {{"Quay.owner", "port"}}},
       {{"Quay.owner", "\"port\""}}},
      {"add required property",
       "add_property",
       [](Parts& p) { p.rest += "  owner: String"; },
       {},
       {},
       false,
       "OG-MF-103"},
      {"rename property",
       "rename_property",
       [](Parts& p) { p.depth = "metres: I32? @rename_from(\"depth\")"; },
       {.renamed_properties = {{"Quay.depth", "metres"}}}},
      {"rename key",
       "rename_property",
       [](Parts& p) { p.code = "name: String @key @rename_from(\"code\")"; },
       {.renamed_properties = {{"Quay.code", "name"}}}},
      {"rename edge property",
       "rename_property",
       [](Parts& p) {
         p.serves =
             "edge Serves: Note -> Quay @card(0..5) { since: Date?  load: I32? "
             "@rename_from(\"weight\") }";
       },
       {.renamed_properties = {{"Serves.weight", "load"}}}},
      {"extend enum", "extend_enum", [](Parts& p) { p.kind = "kind: enum(deep, flat, tidal)?"; }},
      {"describe type", "update_type_metadata",
       [](Parts& p) { p.quay = "node Quay @description(\"berths\") implements Marked"; }},
      {"describe property", "update_property_metadata",
       [](Parts& p) { p.depth += " @description(\"in metres\")"; }},
  };
}

std::vector<Step> ConstraintSteps() {
  return {
      {"require",
       "require_property",
       [](Parts& p) { p.depth = "depth: I32"; },
       {},
       {},
       false,
       "1 row is null: bare"},
      {"require with a value",
       "require_property",
       [](Parts& p) { p.depth = "depth: I32"; },
       {.added = {{"Quay.depth", -1}}},
       {{"Quay.depth", "-1"}}},
      {"relax", "relax_property", [](Parts& p) { p.width = "width: F64?"; }},
      {"add index", "add_constraint", [](Parts& p) { p.depth += " @index"; }},
      {"remove index", "remove_constraint",
       [](Parts& p) { p.rest.replace(p.rest.find("? @index"), 8, "?"); }},
      {"add unique", "add_constraint", [](Parts& p) { p.depth += " @unique"; }},
      {"add unique against the rows",
       "add_constraint",
       [](Parts& p) { p.kind += " @unique"; },
       {},
       {},
       false,
       "rows share their values: q"},
      {"remove unique", "remove_constraint",
       [](Parts& p) { p.rest.replace(p.rest.find("? @unique"), 9, "?"); }},
      {"add range", "add_constraint", [](Parts& p) { p.rest += "  @range(depth, 0..9000)"; }},
      {"add range against the rows",
       "add_constraint",
       [](Parts& p) { p.rest += "  @range(depth, 1..)"; },
       {},
       {},
       false,
       "1 row violates it: q0"},
      {"remove range", "remove_constraint",
       [](Parts& p) { p.rest.erase(p.rest.find("  @range")); }},
      {"add check", "add_constraint",
       [](Parts& p) { p.rest += "  @check(code, \"^[a-z0-9]+$\")"; }},
      {"add check against the rows",
       "add_constraint",
       [](Parts& p) { p.rest += "  @check(code, \"^q\")"; },
       {},
       {},
       false,
       "1 row violates it: bare"},
      {"widen cardinality", "change_cardinality",
       [](Parts& p) { p.serves.replace(p.serves.find("0..5"), 4, "0.."); }},
      {"tighten cardinality", "change_cardinality",
       [](Parts& p) { p.serves.replace(p.serves.find("0..5"), 4, "0..1"); }},
      {"tighten cardinality against the rows",
       "change_cardinality",
       [](Parts& p) { p.serves.replace(p.serves.find("0..5"), 4, "2..5"); },
       {},
       {},
       false,
       "sources are outside of it: n"},
      {"change a type", "unsupported_change", [](Parts& p) { p.depth = "depth: I64?"; }},
      {"drop a key", "unsupported_change", [](Parts& p) { p.code = "code: String"; }},
      {"change an interface list", "unsupported_change",
       [](Parts& p) {
         p.quay = "node Quay";
         p.rest += " mark: String?";
       }},
      {"change endpoints", "unsupported_change",
       [](Parts& p) { p.serves.replace(p.serves.find("Note -> Quay"), 12, "Quay -> Note"); }},
  };
}

std::vector<Step> DroppingSteps() {
  std::vector<Step> steps = {
      {"drop node and edge types",
       "drop_type",
       [](Parts& p) { p.note = p.serves = ""; },
       {.dropped_types = {"Note", "Serves"}}},
      {"drop edge type",
       "drop_type",
       [](Parts& p) { p.serves = ""; },
       {.dropped_types = {"Serves"}}},
      {"drop property",
       "drop_property",
       [](Parts& p) { p.depth = ""; },
       {.dropped_properties = {"Quay.depth"}}},
      {"drop edge property",
       "drop_property",
       [](Parts& p) { p.serves = "edge Serves: Note -> Quay @card(0..5) { weight: I32? }"; },
       {.dropped_properties = {"Serves.since"}}},
  };
  const std::size_t soft_count = steps.size();
  for (std::size_t i = 0; i < soft_count; ++i) {
    steps.push_back(steps[i]);
    steps.back().name += " for good";
    steps.back().is_hard = true;
  }
  return steps;
}

std::vector<Step> AllSteps() {
  std::vector<Step> all;
  for (const std::vector<Step>& some : {AddingSteps(), ConstraintSteps(), DroppingSteps()})
    all.insert(all.end(), some.begin(), some.end());
  return all;
}

std::string SourceOf(const Step& step) {
  Parts parts;
  step.change(parts);
  return parts.Text();
}

SchemaChangeRequest RequestOf(const Step& step) {
  SchemaChangeRequest request;
  request.allow_data_loss = step.is_hard;
  request.backfills = step.backfills;
  return request;
}

bool IsRefused(const Step& step, Fill fill) {
  return step.kind == "unsupported_change" ||
         (fill != Fill::kEmpty && !step.refused_by_rows.empty());
}

EvolutionGraph Filled(
    Fill fill, std::shared_ptr<store::ObjectStore> store = std::make_shared<store::MemoryStore>()) {
  EvolutionGraph graph(std::move(store), Parts().Text());
  if (fill != Fill::kEmpty) {
    const Status loaded = graph.Load(RowsOf(fill));
    EXPECT_TRUE(loaded.ok()) << loaded.message();
  }
  return graph;
}

class MigrationMatrixTest : public ::testing::Test {
 protected:
  ~MigrationMatrixTest() override {
    std::printf("migration matrix: %d cells of %zu steps\n", cells_count_, AllSteps().size());
  }
  int cells_count_ = 0;
};

TEST_F(MigrationMatrixTest, EveryStepOverEmptyGraphsTailsAndFragments) {
  for (const Fill fill : {Fill::kEmpty, Fill::kTail, Fill::kFragments}) {
    for (const Step& step : AllSteps()) {
      SCOPED_TRACE(step.name + ", fill " + std::to_string(static_cast<int>(fill)));
      ++cells_count_;
      EvolutionGraph graph = Filled(fill);
      const Records before = *graph.Read();
      const std::string old_commit = graph.HeadCommit();
      const std::string source = SourceOf(step);
      const auto plan = graph.Plan(source, RequestOf(step));
      ASSERT_TRUE(plan.ok()) << plan.status().message();
      const bool is_refused = IsRefused(step, fill);
      EXPECT_EQ(plan->is_supported, !is_refused);
      const auto applied = graph.Apply(source, RequestOf(step));
      ASSERT_EQ(applied.ok(), !is_refused) << applied.status().message();
      if (is_refused) {
        EXPECT_EQ(applied.status().code(), ErrorCode::kInvalidArgument);
        EXPECT_THAT(std::string(applied.status().message()), HasSubstr(step.refused_by_rows));
        EXPECT_EQ(graph.HeadCommit(), old_commit);
        EXPECT_EQ(*graph.Read(), before);
        continue;
      }
      EXPECT_THAT(applied->steps.front().json, HasSubstr("{\"kind\":\"" + step.kind + "\""));
      for (int pass = 0; pass < 2; ++pass) {
        EXPECT_TRUE(*graph.Read() == step.mapping.Apply(before));
        EXPECT_EQ(graph.Schema().source, source);
        EXPECT_EQ(graph.Schema(old_commit).source, Parts().Text());
        if (!step.is_hard) {
          EXPECT_TRUE(*graph.Read(old_commit) == before);
        }
        graph.Reopen();
      }
      const bool fits = !step.name.starts_with("rename") &&
                        !step.name.starts_with("add required") && !step.name.starts_with("require");
      const std::string late = R"({"type":"Quay","data":{"code":"q999","width":1}})";
      if (fits) {
        EXPECT_TRUE(graph.Load(late).ok());
      }
    }
  }
}

TEST_F(MigrationMatrixTest, ABranchInTheWayIsAConflictForEveryStep) {
  for (const Step& step : AllSteps()) {
    SCOPED_TRACE(step.name);
    ++cells_count_;
    EvolutionGraph graph = Filled(Fill::kEmpty);
    ASSERT_TRUE(graph.graph().CreateBranch(engine::Caller(), "survey", "main").ok());
    const std::string source = SourceOf(step);
    const Status busy = graph.Apply(source, RequestOf(step)).status();
    EXPECT_EQ(busy.code(), ErrorCode::kConflict);
    EXPECT_THAT(std::string(busy.message()), HasSubstr("only main"));
    EXPECT_THAT(std::string(busy.message()), HasSubstr("survey"));
    EXPECT_TRUE(graph.Plan(source, RequestOf(step)).ok());
    EXPECT_EQ(graph.Schema().source, Parts().Text());
    ASSERT_TRUE(graph.graph().DeleteBranch(engine::Caller(), "survey").ok());
    EXPECT_EQ(graph.Apply(source, RequestOf(step)).ok(), !IsRefused(step, Fill::kEmpty));
  }
}

// Another process commits rows while the change is planned: it plans again, over them too.
TEST_F(MigrationMatrixTest, AWriteThatGetsInBetweenIsPartOfTheChange) {
  for (const Step& step : AllSteps()) {
    SCOPED_TRACE(step.name);
    EvolutionGraph graph = Filled(Fill::kTail);
    const std::string source = SourceOf(step);
    if (IsRefused(step, Fill::kTail)) continue;
    ++cells_count_;
    const auto rival = graph.AnotherHandle();
    int asked_count = 0;
    SchemaChangeRequest request = RequestOf(step);
    request.check_catalog = [&](const schema::Catalog&) {
      if (++asked_count == 1) {
        EXPECT_TRUE(LoadInto(*rival, Row(77), LoadMode::kMerge).ok());
      }
      return Status::Ok();
    };
    const auto applied = graph.Apply(source, request);
    ASSERT_TRUE(applied.ok()) << applied.status().message();
    EXPECT_EQ(asked_count, 2);
    EvolutionGraph same = Filled(Fill::kTail);
    ASSERT_TRUE(same.Load(Row(77)).ok());
    EXPECT_EQ(*graph.Read(), step.mapping.Apply(*same.Read()));
  }
}

// Another process changes the schema while a change is planned: what it added must not be dropped
// by a plan that nobody saw.
TEST_F(MigrationMatrixTest, AnotherSchemaThatGetsInBetweenIsAConflict) {
  Parts other;
  other.more = "node Ferry { name: String @key }";
  for (const Step& step : AllSteps()) {
    SCOPED_TRACE(step.name);
    EvolutionGraph graph = Filled(Fill::kTail);
    if (IsRefused(step, Fill::kTail)) continue;
    ++cells_count_;
    const auto rival = graph.AnotherHandle();
    const std::string source = SourceOf(step);
    const std::string rival_source = other.Text();
    SchemaChangeRequest request = RequestOf(step);
    request.check_catalog = [&](const schema::Catalog&) {
      SchemaChangeRequest first;
      first.source = rival_source;
      EXPECT_TRUE(rival->ApplySchema(engine::Caller(), first).ok());
      return Status::Ok();
    };
    const Status lost = graph.Apply(source, request).status();
    EXPECT_EQ(lost.code(), ErrorCode::kConflict) << lost.message();
    EXPECT_THAT(std::string(lost.message()), HasSubstr("lost its write lease"));
    EXPECT_EQ(graph.Schema().source, rival_source);
  }
}

// The schema changes while the records of a load are read: the load is refused, or what it loads
// has been checked by the new schema; never a mixture.
TEST_F(MigrationMatrixTest, ALoadThatIsOvertakenLoadsNothingOrAllOfIt) {
  for (const Step& step : AllSteps()) {
    SCOPED_TRACE(step.name);
    EvolutionGraph graph = Filled(Fill::kTail);
    if (IsRefused(step, Fill::kTail)) continue;
    ++cells_count_;
    const auto rival = graph.AnotherHandle();
    const Records before = *graph.Read();
    std::string text = Row(78);
    bool is_changed = false;
    engine::LoadRequest load;
    load.source_name = "rows";
    load.mode = LoadMode::kMerge;
    load.read = [&](char* buffer, std::size_t size_max) -> Result<std::size_t> {
      if (!is_changed) {
        SchemaChangeRequest request = RequestOf(step);
        const std::string source = SourceOf(step);
        request.source = source;
        EXPECT_TRUE(rival->ApplySchema(engine::Caller(), request).ok());
        is_changed = true;
      }
      const std::size_t size = std::min(size_max, text.size());
      text.copy(buffer, size);
      text.erase(0, size);
      return size;
    };
    const Status loaded = graph.graph().Load(engine::Caller(), load).status();
    EXPECT_EQ(loaded.code(), ErrorCode::kConflict) << loaded.message();
    EXPECT_THAT(std::string(loaded.message()),
                HasSubstr("write is unavailable while schema apply is in progress"));
    EXPECT_EQ(*graph.Read(), step.mapping.Apply(before));
    EXPECT_EQ(graph.Schema().source, SourceOf(step));
  }
}

// A fault at every effect: the old schema with the old rows or the new one with the new rows, and a
// second apply ends with the new ones.
TEST_F(MigrationMatrixTest, AfterAFaultAtAnyEffectThereIsTheOldStateOrTheNew) {
  using store::Fault;
  for (const Step& step : AllSteps()) {
    if (IsRefused(step, Fill::kTail)) continue;
    for (const Fault fault : {Fault::kRefused, Fault::kLostReply, Fault::kDelayed,
                              Fault::kCrashBefore, Fault::kCrashAfter}) {
      for (std::uint64_t effect = 0;; ++effect) {
        SCOPED_TRACE(step.name + ", fault " + std::to_string(static_cast<int>(fault)) +
                     " at effect " + std::to_string(effect));
        const auto faulty =
            std::make_shared<store::FaultyStore>(std::make_shared<store::MemoryStore>());
        EvolutionGraph graph = Filled(Fill::kTail, faulty);
        const Records before = *graph.Read();
        const Records after = step.mapping.Apply(before);
        const std::string source = SourceOf(step);
        faulty->SetLosesPower(true);
        faulty->SetPlan({{effect, fault}});
        const auto applied = graph.Apply(source, RequestOf(step));
        const bool is_past_the_end = faulty->effects_count() <= effect;
        faulty->Reopen();
        graph.Reopen();
        const bool is_new = graph.Schema().source == source;
        EXPECT_TRUE(is_new || !applied.ok()) << "an acknowledged change was lost";
        EXPECT_EQ(*graph.Read(), is_new ? after : before);
        const auto again = graph.Apply(source, RequestOf(step));
        EXPECT_TRUE(again.ok()) << again.status().message();
        EXPECT_EQ(*graph.Read(), after);
        if (is_past_the_end || HasFailure()) break;
        ++cells_count_;
      }
    }
  }
}

}  // namespace
}  // namespace omnigraph::schemas
