// Commands as a whole, over graphs in a temporary folder.

#include "cli/run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "cli/test_console.h"
#include "store/test_directory.h"

namespace omnigraph::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

struct Outcome {
  int code = 0;
  std::string out;
  std::string err;
};

class RunTest : public testing::Test {
 protected:
  Outcome RunLine(const std::vector<std::string>& arguments) {
    RecordingConsole console;
    console.is_terminal = is_terminal_;
    Outcome outcome;
    outcome.code = cli::Run(arguments, console,
                            MakeEnvironment({{"OMNIGRAPH_HOME", folder_ + "/operator"}}), "1.2.3");
    outcome.out = console.out;
    outcome.err = console.err;
    return outcome;
  }

  std::string WriteFile(const std::string& name, const std::string& text) {
    const std::string path = folder_ + "/" + name;
    std::ofstream(path) << text;
    return path;
  }

  std::string MakeGraph() {
    const std::string uri = folder_ + "/g.omni";
    const std::string schema = WriteFile("s.pg", "node Port {\n  code: String @key\n}\n");
    EXPECT_EQ(RunLine({"init", uri, "--schema", schema}).out, "initialized " + uri + "\n");
    return uri;
  }

  const store::TestDirectory directory_;
  const std::string folder_ = directory_.path();
  bool is_terminal_ = false;
};

TEST_F(RunTest, VersionsAndUsageErrorsHaveTheirCodes) {
  EXPECT_EQ(RunLine({"version"}).out, "omnigraph 1.2.3\n");
  const Outcome refused = RunLine({"frobnicate"});
  EXPECT_EQ(refused.code, 2);
  EXPECT_EQ(refused.out, "");
  EXPECT_THAT(refused.err, HasSubstr("Usage"));
}

TEST_F(RunTest, AGraphIsMadeLoadedAndRead) {
  const std::string uri = MakeGraph();
  const std::string data = WriteFile("d.jsonl", R"({"type":"Port","data":{"code":"OSL"}})");

  const Outcome loaded = RunLine({"load", uri, "--data", data, "--json"});
  const Outcome read = RunLine({"query", "--uri", uri, "--format", "csv", "-e",
                                "query q() { match { $p: Port } return { $p.code } }"});

  EXPECT_EQ(loaded.code, 0) << loaded.err;
  EXPECT_THAT(loaded.out, HasSubstr("\"nodes_loaded\": 1"));
  EXPECT_EQ(read.out, "p.code\nOSL\n") << read.err;
}

TEST_F(RunTest, AWriteRecordsWhoDidIt) {
  const std::string uri = MakeGraph();

  const Outcome written = RunLine({"--as", "ada", "mutate", "--uri", uri, "-e",
                                   "query add() { insert Port { code: \"BGO\" } }"});

  EXPECT_EQ(written.out, "changed main via add: 1 nodes, 0 edges\nactor_id: ada\n") << written.err;
  EXPECT_THAT(RunLine({"commit", "list", uri}).out, HasSubstr(" version=2 actor=ada\n"));
}

TEST_F(RunTest, AFailureIsOneErrorOnStandardError) {
  const Outcome failed = RunLine({"snapshot", folder_ + "/absent.omni"});

  EXPECT_EQ(failed.code, 1);
  EXPECT_EQ(failed.out, "");
  EXPECT_THAT(failed.err, AllOf(StartsWith("Error: "), HasSubstr("absent.omni")));
}

TEST_F(RunTest, NoAddressListsTheWays) {
  EXPECT_THAT(RunLine({"snapshot"}).err, HasSubstr("URI must be provided via"));
  EXPECT_THAT(RunLine({"snapshot", "x", "--server", "hub"}).err, HasSubstr("exclusive"));
  EXPECT_THAT(RunLine({"snapshot", "--server", "hub"}).err, HasSubstr("unknown server 'hub'"));
  EXPECT_THAT(RunLine({"snapshot", "--target", "x"}).err,
              HasSubstr("'x' not found in omnigraph.yaml"));
  EXPECT_THAT(RunLine({"snapshot", "ftp://x/y"}).err, HasSubstr("ftp"));
}

TEST_F(RunTest, AQueryNeedsExactlyOneSource) {
  EXPECT_THAT(RunLine({"query", "--uri", "g"}).err,
              AllOf(HasSubstr("exactly one of"), HasSubstr("--query"), HasSubstr("--query-string"),
                    HasSubstr("--alias")));
  EXPECT_THAT(RunLine({"query", "--uri", "g", "-e", " "}).err, HasSubstr("must not be empty"));
  EXPECT_THAT(RunLine({"query", "--uri", "g", "--query", "gone.gq"}).err,
              AllOf(HasSubstr("gone.gq"), HasSubstr("not found")));
  EXPECT_THAT(RunLine({"query", "--alias", "nobody"}).err, HasSubstr("'nobody' not found"));
}

TEST_F(RunTest, LintPrintsItsReportBeforeItFails) {
  const std::string schema = WriteFile("s.pg", "node Port {\n  code: String @key\n}\n");
  const std::string queries =
      WriteFile("q.gq", "query q() { match { $p: Port } return { $p.name } }\n");

  const Outcome outcome = RunLine({"lint", "--schema", schema, "--query", queries});

  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.out, HasSubstr("ERROR query `q`: type error: T6"));
  EXPECT_EQ(outcome.err, "");
}

TEST_F(RunTest, LintNeedsASchema) {
  EXPECT_THAT(RunLine({"lint", "--query", "q.gq"}).err, HasSubstr("lint requires --schema"));
  EXPECT_THAT(RunLine({"lint", "--query", "q.gq", "http://h/g"}).err,
              HasSubstr("needs direct storage access"));
}

TEST_F(RunTest, StoredQueriesOfAFolderAreListedAndChecked) {
  const std::string uri = MakeGraph();
  const std::string queries = WriteFile(
      "q.gq", "query find($code: String) { match { $p: Port { code: $code } } return { $p } }\n");

  EXPECT_EQ(RunLine({"queries", "list", "--queries", queries}).out,
            "read  find($code: String) [mcp: find]\n");
  EXPECT_EQ(RunLine({"queries", "validate", uri, "--queries", queries}).out,
            "OK  1 stored query type-check against the schema\n");
  EXPECT_EQ(RunLine({"queries", "list"}).out, "(no stored queries registered)\n");
}

TEST_F(RunTest, PoliciesAreValidatedTestedAndExplained) {
  const std::string bundle = WriteFile("policy.yaml",
                                       "version: 1\n"
                                       "groups: { crew: [ada, bo] }\n"
                                       "rules:\n"
                                       "  - id: crew-reads\n"
                                       "    allow: { actors: { group: crew }, actions: [read] }\n");
  WriteFile("policy.tests.yaml",
            "version: 1\ncases:\n  - { id: a, actor: ada, action: read, expect: allow }\n");

  EXPECT_EQ(RunLine({"policy", "validate", "--policy", bundle}).out,
            "policy valid: " + bundle + " [2 actors]\n");
  EXPECT_EQ(RunLine({"policy", "test", "--policy", bundle}).out, "policy tests passed: 1 cases\n");
  EXPECT_THAT(
      RunLine({"policy", "explain", "--policy", bundle, "--actor", "ada", "--action", "read"}).out,
      HasSubstr("matched_rule: crew-reads"));
  EXPECT_THAT(RunLine({"policy", "validate"}).err, HasSubstr("policy.file"));
}

TEST_F(RunTest, APolicyGovernsWritesToStorage) {
  const std::string uri = MakeGraph();
  const std::string bundle =
      WriteFile("policy.yaml",
                "version: 1\n"
                "groups: { crew: [ada] }\n"
                "rules:\n"
                "  - id: w\n"
                "    allow: { actors: { group: crew }, actions: [change] }\n");
  const std::vector<std::string> write = {"mutate",
                                          "--uri",
                                          uri,
                                          "--policy",
                                          bundle,
                                          "-e",
                                          "query add() { insert Port { code: \"BGO\" } }"};
  const auto as = [&write](const std::string& actor) {
    std::vector<std::string> line = write;
    line.insert(line.end(), {"--as", actor});
    return line;
  };

  EXPECT_THAT(RunLine(write).err, HasSubstr("no actor"));
  EXPECT_THAT(RunLine(as("bo")).err, HasSubstr("denied"));
  EXPECT_EQ(RunLine(as("ada")).code, 0);
}

TEST_F(RunTest, LoginTakesALineAndLogoutForgets) {
  const Outcome stored = RunLine({"login", "hub", "--token", " t ", "--json"});

  EXPECT_THAT(stored.out, HasSubstr("\"declared\": false"));
  EXPECT_THAT(stored.err, AllOf(StartsWith("note: "), HasSubstr("servers:"), HasSubstr("hub")));
  EXPECT_EQ(RunLine({"logout", "hub"}).code, 0);
  EXPECT_THAT(RunLine({"login", "hub"}).err, HasSubstr("no token provided"));
}

TEST_F(RunTest, LoadsDrawProgressOnATerminalOnly) {
  const std::string uri = MakeGraph();
  const std::string data = WriteFile("d.jsonl", R"({"type":"Port","data":{"code":"OSL"}})");
  EXPECT_EQ(RunLine({"load", uri, "--data", data, "--mode", "merge"}).err, "");
  is_terminal_ = true;
  EXPECT_EQ(RunLine({"load", uri, "--data", data, "--mode", "merge", "--quiet"}).err, "");
}

TEST_F(RunTest, GraphsListNeedsAServer) {
  EXPECT_THAT(RunLine({"graphs", "list", "--uri", "g"}).err,
              HasSubstr("remote multi-graph server URL"));
}

}  // namespace
}  // namespace omnigraph::cli
