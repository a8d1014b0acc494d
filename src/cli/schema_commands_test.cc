// schema show in its forms, backfills on the command line, strict loads, and the warning about
// graphs of a cluster.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "cli/run.h"
#include "cli/test_console.h"

namespace omnigraph::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr const char* kSchema = "node Port { code: String @key }\n";
constexpr const char* kNext = "node Port { code: String @key  country: String }\n";

class SchemaCommandsTest : public ::testing::Test {
 protected:
  SchemaCommandsTest() {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = ::testing::TempDir() + "schema_" + info->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_ + "/graphs");
    Write("s.pg", kSchema);
    Write("next.pg", kNext);
    graph_ = folder_ + "/graphs/ports.omni";
    EXPECT_EQ(Run({"init", graph_, "--schema", folder_ + "/s.pg"}), 0);
  }
  ~SchemaCommandsTest() override { std::filesystem::remove_all(folder_); }

  int Run(const std::vector<std::string>& arguments) {
    console_ = RecordingConsole();
    return cli::Run(arguments, console_,
                    MakeEnvironment({{"OMNIGRAPH_HOME", folder_ + "/operator"}}), "1.2.3");
  }
  std::string Write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ + "/" + name, std::ios::binary) << text;
    return folder_ + "/" + name;
  }
  int Apply(const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {"schema", "apply", graph_, "--schema",
                                          folder_ + "/next.pg"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Run(arguments);
  }

  std::string folder_;
  std::string graph_;
  RecordingConsole console_;
};

TEST_F(SchemaCommandsTest, TheSchemaIsShownAsTextCompiledAndDrawn) {
  EXPECT_EQ(Run({"schema", "show", graph_, "--format", "pg"}), 0);
  EXPECT_EQ(console_.out, std::string(kSchema) + "\n");
  EXPECT_EQ(Run({"schema", "show", graph_, "--format", "mermaid"}), 0);
  EXPECT_THAT(console_.out, StartsWith("erDiagram\n    Port {\n"));
  EXPECT_EQ(Run({"schema", "show", graph_, "--format", "json"}), 0);
  EXPECT_THAT(console_.out, HasSubstr("\"schema_source\": "));
  EXPECT_THAT(console_.out, HasSubstr("\"semantic_hash\": \"sha256:"));
  EXPECT_THAT(console_.out, HasSubstr("\"ir_version\": 1"));
  EXPECT_EQ(Run({"schema", "show", graph_, "--format", "yaml"}), 2);
  EXPECT_EQ(Run({"schema", "show", graph_, "--snapshot", "01NONE"}), 1);
}

TEST_F(SchemaCommandsTest, BackfillsAreReadAndRefusedByName) {
  const std::string rows = Write("d.jsonl", R"({"type":"Port","data":{"code":"rtm"}})");
  ASSERT_EQ(Run({"load", graph_, "--data", rows, "--strict"}), 0);
  EXPECT_EQ(Apply(), 1);
  EXPECT_THAT(console_.err, HasSubstr("OG-MF-103"));
  EXPECT_EQ(Apply({"--backfill", "country=nl"}), 1);
  EXPECT_THAT(console_.err, HasSubstr("Type.property=JSON"));
  EXPECT_EQ(Apply({"--backfill", "Port.contry=\"nl\""}), 1);
  EXPECT_THAT(console_.err, HasSubstr("did you mean 'Port.country'?"));
  EXPECT_EQ(Apply({"--backfill", "Port.country=nl"}), 1);
  EXPECT_THAT(console_.err, HasSubstr("it is not JSON"));
  EXPECT_EQ(Apply({"--backfill", "Port.country=\"nl\"", "--backfill", "Port.country=\"be\""}), 1);
  EXPECT_THAT(console_.err, HasSubstr("twice"));
  EXPECT_EQ(Apply({"--backfill", "Port.country=\"nl\""}), 0);
  EXPECT_THAT(console_.out, HasSubstr("existing rows get \"nl\""));
  EXPECT_EQ(Run({"export", graph_}), 0);
  EXPECT_THAT(console_.out, HasSubstr("\"country\":\"nl\""));
}

TEST_F(SchemaCommandsTest, AGraphOfAClusterIsChangedWithAWarning) {
  EXPECT_EQ(Apply(), 0);
  EXPECT_THAT(console_.err, Not(HasSubstr("cluster")));
  std::filesystem::create_directories(folder_ + "/__cluster");
  Write("__cluster/state.json", "{}");
  EXPECT_EQ(Apply(), 0);
  EXPECT_THAT(console_.err, HasSubstr("warning: this graph belongs to the cluster at"));
  EXPECT_THAT(console_.err, HasSubstr("`cluster apply`"));
}

}  // namespace
}  // namespace omnigraph::cli
