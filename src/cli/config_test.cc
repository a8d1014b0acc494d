// The layers of configuration: operator config, project file, credentials, parameters.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "cli/credentials.h"
#include "cli/files.h"
#include "cli/json_text.h"
#include "cli/operator_config.h"
#include "cli/project_config.h"
#include "cli/test_console.h"
#include "store/test_directory.h"

namespace omnigraph::cli {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class ConfigTest : public testing::Test {
 protected:
  std::string WriteFile(const std::string& name, const std::string& text) {
    const std::string path = folder_ + "/" + name;
    std::filesystem::create_directories(FolderOf(path));
    std::ofstream(path) << text;
    return path;
  }

  Result<OperatorConfig> ReadOperator(const std::string& text) {
    WriteFile("config.yaml", text);
    return ReadOperatorConfig(MakeEnvironment({{"OMNIGRAPH_HOME", folder_}}));
  }

  const store::TestDirectory directory_;
  const std::string folder_ = directory_.path();
};

TEST_F(ConfigTest, TheOperatorFolderExpandsTheHome) {
  EXPECT_EQ(OperatorFolder(MakeEnvironment({{"HOME", "/h"}})), "/h/.omnigraph");
  EXPECT_EQ(OperatorFolder(MakeEnvironment({{"HOME", "/h"}, {"OMNIGRAPH_HOME", "~/o"}})), "/h/o");
  EXPECT_EQ(OperatorFolder(MakeEnvironment({{"OMNIGRAPH_HOME", "/o"}})), "/o");
  EXPECT_EQ(OperatorFolder(MakeEnvironment({})), std::nullopt);
}

TEST_F(ConfigTest, AnAbsentOperatorConfigIsAnEmptyLayer) {
  const auto config = ReadOperatorConfig(MakeEnvironment({{"OMNIGRAPH_HOME", folder_ + "/none"}}));

  ASSERT_TRUE(config.ok());
  EXPECT_FALSE(config->actor.has_value());
  EXPECT_TRUE(config->servers.empty());
}

TEST_F(ConfigTest, TheOperatorConfigIsReadFieldByField) {
  const auto config = ReadOperator(
      "operator: { actor: rosa, shoe: 43 }\n"
      "hat: red\n"
      "servers: { hub: { url: 'https://g.example/' } }\n"
      "defaults: { output: csv, table_max_column_width: 4, table_cell_layout: wrap }\n"
      "aliases:\n"
      "  big: { server: hub, graph: fleet, query: heavier, args: [flag], params: { than: 10 } }\n");

  ASSERT_TRUE(config.ok()) << config.status().message();
  EXPECT_EQ(config->actor, "rosa");
  EXPECT_EQ(config->servers.at("hub"), "https://g.example");
  EXPECT_EQ(config->output.format, OutputFormat::kCsv);
  EXPECT_EQ(config->output.column_width_max, 4U);
  EXPECT_EQ(config->output.cell_layout, CellLayout::kWrap);
  EXPECT_EQ(config->aliases.at("big").params_json, R"({"than":10})");
  EXPECT_THAT(config->aliases.at("big").arguments, ElementsAre("flag"));
  EXPECT_THAT(config->unknown_keys, ElementsAre("hat", "operator.shoe"));
}

TEST_F(ConfigTest, ABrokenOperatorConfigIsNamed) {
  for (const char* text : {"operator: [\n", "servers: { hub: {} }\n", "defaults: { output: xml }\n",
                           "aliases: { a: { server: hub } }\n"}) {
    const auto config = ReadOperator(text);
    ASSERT_FALSE(config.ok()) << text;
    EXPECT_THAT(std::string(config.status().message()),
                AllOf(HasSubstr("could not parse operator config"), HasSubstr("config.yaml")));
  }
}

TEST_F(ConfigTest, AUrlBelongsToTheLongestServerAndNeverToALongerPort) {
  OperatorConfig config;
  config.servers = {{"hub", "http://h:8080"}, {"deep", "http://h:8080/base"}};

  EXPECT_EQ(ServerOfUrl(config, "http://h:8080"), "hub");
  EXPECT_EQ(ServerOfUrl(config, "http://h:8080/"), "hub");
  EXPECT_EQ(ServerOfUrl(config, "http://h:8080/graphs/g"), "hub");
  EXPECT_EQ(ServerOfUrl(config, "http://h:8080/base/graphs/g"), "deep");
  EXPECT_EQ(ServerOfUrl(config, "http://h:80801"), std::nullopt);
  EXPECT_EQ(ServerOfUrl(config, "http://h:8080-evil"), std::nullopt);
}

TEST_F(ConfigTest, ProjectPathsStartFromTheFolderOfTheFile) {
  const std::string path = WriteFile(
      "project/omnigraph.yaml",
      "graphs:\n  here: { uri: ../g.omni }\n  far: { uri: 'https://h', bearer_token_env: FAR }\n"
      "cli: { graph: here, branch: north, actor: file, output_format: kv }\n"
      "query: { roots: [queries] }\nauth: { env_file: .env }\npolicy: {}\n");
  WriteFile("project/.env", "# comment\nexport A = 'one'\nB=\"two\"\nnothing\n");

  const auto config = ReadProjectConfig(path, MakeEnvironment({}));

  ASSERT_TRUE(config.ok()) << config.status().message();
  EXPECT_EQ(config->graphs.at("here").uri, folder_ + "/project/../g.omni");
  EXPECT_EQ(config->graphs.at("far").token_variable, "FAR");
  EXPECT_EQ(config->graph, "here");
  EXPECT_EQ(config->branch, "north");
  EXPECT_EQ(config->output.format, OutputFormat::kKeyValue);
  EXPECT_THAT(config->query_folders, ElementsAre("queries"));
  EXPECT_THAT(config->variables, ElementsAre(testing::Pair("A", "one"), testing::Pair("B", "two")));
}

TEST_F(ConfigTest, TheNoticeListsEveryDeprecatedKeyThatIsThere) {
  const std::string path = WriteFile("o.yaml", "cli: { actor: x }\ngraphs: {}\n");
  const auto config = ReadProjectConfig(path, MakeEnvironment({}));

  ASSERT_TRUE(config.ok());
  const std::string notice = DeprecationNotice(*config);
  EXPECT_THAT(notice,
              AllOf(HasSubstr(path), HasSubstr("deprecated (RFC-008)"), HasSubstr("config migrate"),
                    HasSubstr("OMNIGRAPH_SUPPRESS_YAML_DEPRECATION"),
                    HasSubstr("\n  `cli.actor` -> `operator.actor`")));
  EXPECT_LT(notice.find("`graphs`"), notice.find("`cli.actor`"));
  EXPECT_EQ(DeprecationNotice(ProjectConfig{}), "");
}

TEST_F(ConfigTest, AProjectFileCanBeRefused) {
  const std::string path = WriteFile("o.yaml", "cli: {}\n");
  const auto refused = ReadProjectConfig(
      std::nullopt,
      MakeEnvironment({{"OMNIGRAPH_CONFIG", path}, {"OMNIGRAPH_NO_LEGACY_CONFIG", ""}}));
  const auto missing = ReadProjectConfig(folder_ + "/none.yaml", MakeEnvironment({}));

  EXPECT_THAT(
      std::string(refused.status().message()),
      AllOf(HasSubstr(path), HasSubstr("OMNIGRAPH_NO_LEGACY_CONFIG"), HasSubstr("config migrate")));
  EXPECT_THAT(std::string(missing.status().message()),
              AllOf(HasSubstr("none.yaml"), HasSubstr("No such file")));
}

TEST_F(ConfigTest, ATokenIsStoredPrivatelyAndOthersSurvive) {
  const std::string path = folder_ + "/deep/credentials";

  ASSERT_TRUE(StoreToken(path, "hub", "t-hub").ok());
  ASSERT_TRUE(StoreToken(path, "yard", "t-yard").ok());
  ASSERT_TRUE(StoreToken(path, "hub", "t-new").ok());

  EXPECT_EQ(PermissionsOf(path), 0600U);
  EXPECT_EQ(*ReadFile(path), "[hub]\ntoken = t-new\n[yard]\ntoken = t-yard\n");
  EXPECT_EQ(*FindToken(path, "yard"), "t-yard");
  EXPECT_EQ(*FindToken(path, "none"), std::nullopt);
  ASSERT_TRUE(RemoveToken(path, "hub").ok());
  EXPECT_EQ(*ReadFile(path), "[yard]\ntoken = t-yard\n");
}

TEST_F(ConfigTest, RemovingATokenCreatesNoFile) {
  EXPECT_TRUE(RemoveToken(folder_ + "/credentials", "hub").ok());
  EXPECT_FALSE(FileExists(folder_ + "/credentials"));
}

TEST_F(ConfigTest, CredentialsThatOthersMayReadAreRefused) {
  const std::string path = WriteFile("credentials", "[hub]\ntoken = t\n");
  std::filesystem::permissions(path, static_cast<std::filesystem::perms>(0640));

  for (const Status& status :
       {FindToken(path, "hub").status(), StoreToken(path, "hub", "x"), RemoveToken(path, "hub")}) {
    EXPECT_EQ(status.code(), ErrorCode::kPermissionDenied);
    EXPECT_THAT(std::string(status.message()),
                AllOf(HasSubstr(path), HasSubstr("640"), HasSubstr("chmod 600")));
  }
}

TEST_F(ConfigTest, ServerNamesCannotBreakTheFile) {
  EXPECT_FALSE(StoreToken(folder_ + "/c", "a]b", "t").ok());
  EXPECT_FALSE(StoreToken(folder_ + "/c", "a\nb", "t").ok());
  EXPECT_FALSE(StoreToken(folder_ + "/c", " ", "t").ok());
}

TEST(CredentialsTest, TheVariableOfAServerIsUpperCaseWithUnderscores) {
  EXPECT_EQ(TokenVariable("intel-dev"), "OMNIGRAPH_TOKEN_INTEL_DEV");
}

TEST(CredentialsTest, OtherSectionsAndCommentsStayByteForByte) {
  const std::string text = "# mine\n[a]\n token=\"1\"\n\n[b]\ntoken = 2";

  EXPECT_EQ(ReplaceSection(text, "b", "3"), "# mine\n[a]\n token=\"1\"\n\n[b]\ntoken = 3\n");
  EXPECT_EQ(ReplaceSection(text, "c", "3"), text + "\n[c]\ntoken = 3\n");
  EXPECT_EQ(ReplaceSection(text, "a", std::nullopt), "# mine\n[b]\ntoken = 2");
}

TEST(JsonTextTest, ParametersMustBeAnObject) {
  EXPECT_TRUE(CheckParameters(R"( {"a": 1} )", "p").ok());
  for (const char* text : {"[1]", "null", "1", "\"x\""})
    EXPECT_THAT(std::string(CheckParameters(text, "p").message()),
                HasSubstr("params JSON must be an object"));
}

TEST(JsonTextTest, AMistakeIsToldWithItsPlace) {
  EXPECT_THAT(std::string(CheckParameters("{\"n\": ", "p").message()), HasSubstr("line 1"));
  EXPECT_THAT(std::string(CheckParameters("{\n \"n\": x}", "p").message()),
              HasSubstr("line 2, column 7"));
}

TEST(JsonTextTest, StringsLoseQuotesAndEscapes) {
  EXPECT_EQ(ValueText("\"a\""), "a");
  EXPECT_EQ(ValueText(R"("a\n\"\\\u00e9\ud83d\ude00")"), "a\n\"\\é😀");
  EXPECT_EQ(ValueText("12.50"), "12.50");
  EXPECT_EQ(ValueText("[\"a\"]"), "[\"a\"]");
  EXPECT_EQ(ValueText("null"), "null");
}

TEST(JsonTextTest, ArgumentsAreJsonIfTheyParse) {
  EXPECT_EQ(ArgumentAsParameter("n", "29"), R"({"n":29})");
  EXPECT_EQ(ArgumentAsParameter("n", "NO"), R"({"n":"NO"})");
  EXPECT_EQ(MergeParameters(R"({"b":1,"a":2})", R"({"a":3,"c":4})"), R"({"b":1,"a":3,"c":4})");
}

}  // namespace
}  // namespace omnigraph::cli
