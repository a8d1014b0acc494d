// The grammar of arguments, and what usage errors say.

#include "cli/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "cli/address.h"
#include "cli/help.h"

namespace omnigraph::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

ParsedArguments Parse(const std::vector<std::string>& arguments) {
  return ParseArguments(arguments, "1.2.3");
}

CommandLine ParseGood(const std::vector<std::string>& arguments) {
  ParsedArguments parsed = Parse(arguments);
  EXPECT_EQ(parsed.kind, ParsedKind::kRun) << parsed.text;
  return parsed.line.value_or(CommandLine(&Commands()[0]));
}

std::string UsageErrorOf(const std::vector<std::string>& arguments) {
  const ParsedArguments parsed = Parse(arguments);
  EXPECT_EQ(parsed.kind, ParsedKind::kUsageError);
  return parsed.text;
}

TEST(CommandLineTest, OptionsStandAnywhereInBothForms) {
  const CommandLine line =
      ParseGood({"--as", "ada", "load", "--data=x.jsonl", "g.omni", "--mode", "merge", "--json"});

  EXPECT_EQ(line.command().path, "load");
  EXPECT_EQ(line.Find("as"), "ada");
  EXPECT_EQ(line.Find("data"), "x.jsonl");
  EXPECT_EQ(line.Find("URI"), "g.omni");
  EXPECT_TRUE(line.Has("json"));
  EXPECT_FALSE(line.Has("from"));
}

TEST(CommandLineTest, AShortOptionTakesItsValueInThreeWays) {
  for (const std::vector<std::string>& form : std::vector<std::vector<std::string>>{
           {"query", "-e", "x"}, {"query", "-ex"}, {"query", "-e=x"}}) {
    EXPECT_EQ(ParseGood(form).Find("query-string"), "x");
  }
  EXPECT_EQ(ParseGood({"query", "-e", ""}).Find("query-string"), "");
}

TEST(CommandLineTest, DoubleDashEndsOptions) {
  const CommandLine line = ParseGood({"branch", "create", "--", "--odd"});

  EXPECT_EQ(line.Find("NAME"), "--odd");
}

TEST(CommandLineTest, OptionalArgumentsBeforeRequiredOnesAreFilledFromTheRight) {
  const CommandLine one = ParseGood({"commit", "show", "01ABC"});
  const CommandLine two = ParseGood({"commit", "show", "g.omni", "01ABC"});

  EXPECT_EQ(one.Find("COMMIT_ID"), "01ABC");
  EXPECT_FALSE(one.Has("URI"));
  EXPECT_EQ(two.Find("COMMIT_ID"), "01ABC");
  EXPECT_EQ(two.Find("URI"), "g.omni");
}

TEST(CommandLineTest, RepeatableOptionsKeepTheirOrder) {
  const CommandLine line = ParseGood({"export", "g", "--type", "B", "--type=A"});

  EXPECT_THAT(line.All("type"), testing::ElementsAre("B", "A"));
}

struct BadLine {
  std::vector<std::string> arguments;
  std::string token;
};

TEST(CommandLineTest, UsageErrorsNameWhatIsWrong) {
  const std::vector<BadLine> cases = {
      {{"frobnicate"}, "unrecognized subcommand 'frobnicate'"},
      {{"snapshto"}, "a similar subcommand exists: 'snapshot'"},
      {{"snap", "x"}, "unrecognized subcommand 'snap'"},
      {{"run"}, "unrecognized subcommand 'run'"},
      {{"branch", "rename"}, "unrecognized subcommand 'rename'"},
      {{"snapshot", "--frob"}, "unexpected argument '--frob' found"},
      {{"snapshot", "--brnach", "x"}, "a similar argument exists: '--branch'"},
      {{"commit", "show"}, "<COMMIT_ID>"},
      {{"load", "g"}, "--data <PATH>"},
      {{"load", "g", "--data", "x", "--mode", "replace"}, "overwrite, append, merge"},
      {{"load", "g", "h", "--data", "x"}, "unexpected argument 'h' found"},
      {{"commit", "list", "g", "--limit", "none"}, "'none' for '--limit <N>'"},
      {{"cleanup", "g", "--keep=-1"}, "'-1' for '--keep <N>'"},
      {{"snapshot", "g", "--branch", "a", "--branch", "b"}, "cannot be used multiple times"},
      {{"query", "-e", "x", "--query", "f"}, "cannot be used with"},
      {{"query", "-e", "x", "--branch", "a", "--snapshot", "b"}, "cannot be used with"},
      {{"query", "--json", "--format", "csv", "-e", "x"}, "cannot be used with"},
      {{"snapshot", "g", "--uri", "h"}, "'--uri <URI>' cannot be used with '<URI>'"},
      {{"query", "--graph", "g", "-e", "x"}, "--server <NAME|URL>"},
      {{"query", "--params", "-x"}, "a value is required for '--params <JSON>'"},
      {{"snapshot", "--json=yes"}, "unexpected value 'yes'"},
      {{"lint", "--query", "q", "--cluster", "."}, "cluster-graph"},
      {{"snapshot", "\xff"}, "not valid UTF-8"},
  };
  for (const BadLine& bad : cases)
    EXPECT_THAT(UsageErrorOf(bad.arguments), AllOf(HasSubstr(bad.token), HasSubstr("Usage: ")));
}

TEST(CommandLineTest, AMissingCommandShowsHelpAsAUsageError) {
  EXPECT_THAT(UsageErrorOf({}), HasSubstr("Usage: omnigraph [OPTIONS] <COMMAND>"));
  EXPECT_THAT(UsageErrorOf({"branch"}), HasSubstr("Usage: omnigraph branch [OPTIONS] <COMMAND>"));
}

TEST(CommandLineTest, TheVersionHasTwoFlags) {
  EXPECT_EQ(Parse({"--version"}).text, "omnigraph 1.2.3\n");
  EXPECT_EQ(Parse({"-v"}).text, "omnigraph 1.2.3\n");
  EXPECT_EQ(Parse({"snapshot", "-v"}).kind, ParsedKind::kUsageError);
}

TEST(CommandLineTest, OldNamesAreReplacedWithAWarning) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"read", "-e", "x"}, "query"},
      {{"change", "-e", "x"}, "mutate"},
      {{"check", "--query", "q", "--schema", "s"}, "lint"},
      {{"query", "lint", "--query", "q", "--schema", "s"}, "lint"},
      {{"query", "check", "--query", "q", "--schema", "s"}, "lint"}};
  for (const auto& [arguments, name] : cases) {
    const ParsedArguments parsed = Parse(arguments);
    ASSERT_EQ(parsed.kind, ParsedKind::kRun) << parsed.text;
    EXPECT_EQ(parsed.line->command().path, name);
    ASSERT_EQ(parsed.warnings.size(), 1U);
    EXPECT_THAT(parsed.warnings[0],
                AllOf(HasSubstr("is deprecated"), HasSubstr("`omnigraph " + name + "`")));
  }
  EXPECT_THAT(Parse({"read"}).warnings, testing::SizeIs(1));
  EXPECT_THAT(Parse({"check", "--frob"}).warnings, testing::SizeIs(1));
}

TEST(HelpTest, TheRootListsCommandsInTheOrderOfPlanes) {
  const std::string help = Parse({"--help"}).text;

  EXPECT_LT(help.find("query"), help.find("init"));
  EXPECT_LT(help.find("init"), help.find("cluster"));
  EXPECT_THAT(help, HasSubstr("COMMANDS BY PLANE"));
  EXPECT_THAT(help, Not(HasSubstr("ingest")));
}

TEST(HelpTest, EveryLevelHasHelp) {
  EXPECT_THAT(Parse({"help", "branch", "create"}).text, HasSubstr("--from"));
  EXPECT_EQ(Parse({"help", "branch", "create"}).text, Parse({"branch", "create", "-h"}).text);
  EXPECT_THAT(Parse({"graphs", "--help"}).text, Not(HasSubstr("create")));
  EXPECT_THAT(Parse({"help", "export"}).text, Not(HasSubstr("--jsonl")));
  EXPECT_TRUE(Parse({"mutate", "--help"}).warnings.empty());
  for (const Command& command : Commands())
    EXPECT_THAT(CommandHelp(command), HasSubstr("Usage: omnigraph " + std::string(command.path)));
}

TEST(CommandTableTest, PathsAreDistinctAndEveryRowHasAHandler) {
  std::set<std::string_view> paths;
  for (const Command& command : Commands()) {
    EXPECT_TRUE(paths.insert(command.path).second) << command.path;
    EXPECT_NE(command.handler, nullptr) << command.path;
    EXPECT_FALSE(command.summary.empty()) << command.path;
  }
}

TEST(PlaneGuardTest, ServerFlagsAddressTheDataPlaneOnly) {
  struct Case {
    std::vector<std::string> arguments;
    std::string token;
  };
  const std::vector<Case> cases = {
      {{"lint", "--query", "q"}, "`lint` is a storage-plane command; "},
      {{"schema", "plan", "--schema", "s"}, "`schema plan` is a storage-plane command; "},
      {{"queries", "validate"}, "--cluster <dir> --cluster-graph <id>."},
      {{"init", "x", "--schema", "s"}, "storage URI"},
      {{"cluster", "plan"}, "pass --config <dir>"},
      {{"queries", "list"}, "`queries list` is a session-plane command; "},
      {{"logout", "hub"}, "does not address a graph"}};
  for (Case guarded : cases) {
    guarded.arguments.insert(guarded.arguments.end(), {"--server", "undefined"});
    const Status status = CheckPlane(ParseGood(guarded.arguments));
    EXPECT_THAT(std::string(status.message()), HasSubstr(guarded.token));
    guarded.arguments.resize(guarded.arguments.size() - 2);
    guarded.arguments.insert(guarded.arguments.end(), {"--graph", "g"});
    const Status of_graph = CheckPlane(ParseGood(guarded.arguments));
    EXPECT_THAT(std::string(of_graph.message()), HasSubstr(guarded.token));
  }
  EXPECT_TRUE(CheckPlane(ParseGood({"snapshot", "--server", "hub"})).ok());
  EXPECT_TRUE(CheckPlane(ParseGood({"queries", "list", "--cluster", ".", "--graph", "g"})).ok());
}

}  // namespace
}  // namespace omnigraph::cli
