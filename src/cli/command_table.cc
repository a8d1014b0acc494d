// The rows of the command table.

#include "cli/command_table.h"

#include <array>

#include "base/check.h"
#include "cli/handlers.h"

namespace omnigraph::cli {
namespace {

constexpr auto kOptions = std::to_array<OptionSpec>({
    {"as", "as", 0, "ACTOR", "Who does it: recorded with local writes and cluster changes"},
    {"server", "server", 0, "NAME|URL", "A server of the operator config, or its address"},
    {"graph", "graph", 0, "GRAPH_ID", "Which graph of the server or cluster"},
    {"yes", "yes", 0, "", "Answer yes to every question"},
    {"quiet", "quiet", 0, "", "Print results and errors only"},
    {"help", "help", 'h', "", "Print help"},

    {"uri", "uri", 0, "URI", "The graph: a path, file://, s3://, or a server's http(s):// address"},
    {"target", "target", 0, "NAME", "The graph that omnigraph.yaml calls NAME"},
    {"config", "config", 0, "PATH", "The omnigraph.yaml to read instead of the one here"},
    {"config-dir", "config", 0, "DIR", "The folder with cluster.yaml (default: .)"},
    {"cluster", "cluster", 0, "DIR|URI", "A cluster's config folder or storage root"},
    {"cluster-graph", "cluster-graph", 0, "ID", "The graph of that cluster"},
    {"json", "json", 0, "", "Print one JSON document"},
    {"receipt", "receipt", 0, "", "Add the commit that was read or written to the JSON document"},

    {"deny-warnings", "deny-warnings", 0, "", "Warnings about the config folder are errors"},

    {"query", "query", 0, "PATH", "A file of queries"},
    {"query-string", "query-string", 'e', "GQ", "The text of a query"},
    {"alias", "alias", 0, "NAME", "A binding of the operator config to a stored query"},
    {"name", "name", 0, "NAME", "Which query of the text"},
    {"params", "params", 0, "JSON", "Parameters as a JSON object"},
    {"params-file", "params-file", 0, "PATH", "Parameters in a JSON file"},
    {"branch", "branch", 0, "NAME", "The branch (default: main)"},
    {"snapshot", "snapshot", 0, "COMMIT_ID", "Read this commit instead of a branch"},
    {"format", "format", 0, "FMT", "How to print rows", "table kv csv jsonl json"},
    {"explain", "explain", 0, "WHAT",
     "Print how the query is executed instead of its rows. plan: without executing it. profile: "
     "with what every step did",
     "plan profile"},

    {"data", "data", 0, "PATH", "The file with the records (JSON, one after the other)"},
    {"mode", "mode", 0, "MODE",
     "append: new ids only (default). merge: replace or add. overwrite: replace whole types",
     "overwrite append merge"},
    {"from", "from", 0, "NAME", "Create a missing branch from this one"},
    {"into", "into", 0, "NAME", "The branch to merge into (default: main)"},
    {"dry-run", "dry-run", 0, "", "Say what would happen, and change nothing"},
    {"delete-branch", "delete-branch", 0, "", "Delete the source after a merge that landed"},
    {"ignore-unknown", "ignore-unknown", 0, "", "Load records with unknown keys, and report them"},
    {"policy", "policy", 0, "PATH", "The policy bundle that governs this graph"},

    {"type", "type", 0, "NAME", "Only this type", "", true},
    {"table", "table", 0, "KEY", "Only this table (node:X, edge:X)", "", true},
    {"jsonl", "jsonl", 0, "", "No effect", "", false, true},
    {"limit", "limit", 0, "N", "Only the newest N commits"},
    {"reverse", "reverse", 0, "", "Newest first"},
    {"entity-kind", "kind", 0, "KIND", "Only nodes, or only edges", "node edge", true},
    {"op", "op", 0, "OP", "Only this kind of change", "insert update delete", true},
    {"stat", "stat", 0, "", "Only the counts of each table"},
    {"page-size", "limit", 0, "N", "Changes per request (default: 1000)"},
    {"page-token", "page-token", 0, "TOKEN", "Go on behind the page that gave this token"},
    {"cursor", "cursor", 0, "CURSOR", "Go on where the poll that gave this cursor ended"},
    {"feed-start", "start", 0, "WHERE", "Without a cursor: now (default), beginning, after:<commit id>"},
    {"out", "out", 0, "PATH", "The file to write"},

    {"schema", "schema", 0, "PATH", "A .pg file"},
    {"force", "force", 0, "", "Take over the remains of an interrupted init"},
    {"allow-data-loss", "allow-data-loss", 0, "", "Drops also remove the data of older commits"},
    {"confirm", "confirm", 0, "", "Do it; without, only say what would be done"},
    {"force-repair", "force", 0, "", "Accept what cannot be verified; needs --confirm"},
    {"keep", "keep", 0, "N", "Keep the newest N commits of every branch"},
    {"older-than", "older-than", 0, "DURATION", "Keep younger commits: 90s, 15m, 24h, 7d, 2w"},
    {"queries", "queries", 0, "PATH", "A .gq file, or a folder of them"},

    {"actor", "actor", 0, "ACTOR", "Who asks"},
    {"action", "action", 0, "ACTION", "What is asked (read, change, branch_create, ...)"},
    {"target-branch", "target-branch", 0, "NAME", "The branch that is created or merged into"},
    {"tests", "tests", 0, "PATH", "The cases (default: policy.tests.yaml beside the bundle)"},
    {"kind", "kind", 0, "KIND", "What the bundle governs", "graph server"},
    {"token", "token", 0, "TOKEN", "The token (default: one line of standard input)"},
});

#define OG_ADDRESS "uri target config "
#define OG_ONE_ADDRESS "uri URI"
#define OG_STORAGE "uri target config cluster cluster-graph "
#define OG_ONE_STORAGE "uri URI; cluster URI; cluster uri; cluster target; cluster-graph graph"
#define OG_CLUSTER_PAIR "cluster cluster-graph graph; cluster-graph cluster"
#define OG_SOURCE "query query-string alias name params params-file "
#define OG_ONE_SOURCE "query query-string alias; params params-file"
    {"schema-format", "format", 0, "FMT",
     "pg: the text (default). json: the compiled form too. mermaid: a diagram", "pg json mermaid"},
    {"check", "check", 0, "", "Write nothing; list what is not formatted, and exit with 1 then"},
    {"diff", "diff", 0, "", "Write nothing to files; print the changes"},
    {"backfill", "backfill", 0, "TYPE.PROPERTY=JSON",
     "The value of a new property in the rows that are there", "", true},
    {"strict", "strict", 0, "", "One record per line, and nothing forgiven"},

constexpr auto kCommands = std::to_array<Command>({
    {.path = "query",
     .plane = Plane::kData,
     .summary = "Run a read query",
     .positionals = "[LEGACY_URI] [ARGS]...",
     .options = OG_SOURCE OG_ADDRESS "branch snapshot format explain json receipt",
     .exclusive = OG_ONE_SOURCE "; branch snapshot; format json; explain format; explain alias",
     .aliases = "read",
     .handler = RunQuery},
    {.path = "mutate",
     .plane = Plane::kData,
     .summary = "Run a mutation query as one commit",
     .positionals = "[LEGACY_URI] [ARGS]...",
     .options = OG_SOURCE OG_ADDRESS "branch policy json receipt",
     .exclusive = OG_ONE_SOURCE,
     .aliases = "change",
     .handler = RunMutate},
    {.path = "load",
     .plane = Plane::kData,
     .summary = "Load records from a file as one commit",
     .positionals = "[URI]",
     .options = "data mode branch from ignore-unknown " OG_ADDRESS "policy json receipt",
     .required = "data",
     .exclusive = OG_ONE_ADDRESS,
     .handler = RunLoad},
    {.path = "ingest",
     .plane = Plane::kData,
     .summary = "Deprecated: load --from main --mode merge",
     .positionals = "[URI]",
     .options = "data mode branch from ignore-unknown strict " OG_ADDRESS "policy json receipt",
     .required = "data",
     .exclusive = OG_ONE_ADDRESS,
     .is_hidden = true,
     .handler = RunIngest},
    {.path = "branch create",
     .plane = Plane::kData,
     .summary = "Create a branch from another one",
     .positionals = "[URI] NAME",
     .options = "from " OG_ADDRESS "policy json",
     .exclusive = OG_ONE_ADDRESS,
     .handler = RunBranchCreate},
    {.path = "branch list",
     .plane = Plane::kData,
     .summary = "List the branches",
     .positionals = "[URI]",
     .options = OG_ADDRESS "json",
     .exclusive = OG_ONE_ADDRESS,
     .handler = RunBranchList},
    {.path = "branch delete",
     .plane = Plane::kData,
     .summary = "Delete a branch",
     .positionals = "[URI] NAME",
     .options = OG_ADDRESS "policy json",
     .exclusive = OG_ONE_ADDRESS,
     .handler = RunBranchDelete},
    {.path = "branch merge",
     .plane = Plane::kData,
     .summary = "Merge a branch into another one",
     .positionals = "SOURCE",
     .options = "into dry-run delete-branch " OG_ADDRESS "policy json",
     .handler = RunBranchMerge},
    {.path = "snapshot",
     .plane = Plane::kData,
     .summary = "Show the tables of a branch with their row counts",
     .positionals = "[URI]",
     .options = "branch " OG_ADDRESS "json",
     .exclusive = OG_ONE_ADDRESS,
     .handler = RunSnapshot},
    {.path = "export",
     .plane = Plane::kData,
     .summary = "Print the rows of a branch as JSON lines",
     .positionals = "[URI]",
     .options = "branch type table jsonl " OG_ADDRESS,
     .exclusive = OG_ONE_ADDRESS,
     .handler = RunExport},
    {.path = "commit list",
     .plane = Plane::kData,
     .summary = "List the commits of a branch, oldest first",
     .positionals = "[URI]",
     .options = "branch limit reverse " OG_ADDRESS "json",
     .exclusive = OG_ONE_ADDRESS,
     .handler = RunCommitList},
    {.path = "commit show",
     .plane = Plane::kData,
     .summary = "Show one commit",
     .positionals = "[URI] COMMIT_ID",
     .options = OG_ADDRESS "json",
     .exclusive = OG_ONE_ADDRESS,
     .handler = RunCommitShow},
    {.path = "commit changes",
     .plane = Plane::kData,
     .summary = "Show what one commit did, with the images before and after",
     .positionals = "[URI] COMMIT_ID",
     .options = "entity-kind type op page-size page-token " OG_ADDRESS "json",
     .exclusive = OG_ONE_ADDRESS,
     .handler = RunCommitChanges},
    {.path = "diff",
     .plane = Plane::kData,
     .summary = "Compare two branches, tags or commits row by row",
     .positionals = "[URI] FROM TO",
     .options = "entity-kind type op stat " OG_ADDRESS "json",
     .exclusive = OG_ONE_ADDRESS "; stat json",
     .handler = RunDiff},
    {.path = "changes poll",
     .plane = Plane::kData,
     .summary = "Show what the commits of a branch did since a cursor",
     .positionals = "[URI]",
     .options = "branch cursor feed-start entity-kind type op page-size " OG_ADDRESS "json",
     .exclusive = OG_ONE_ADDRESS "; cursor feed-start",
     .handler = RunChangesPoll},
    {.path = "changes baseline",
     .plane = Plane::kData,
     .summary = "Write every entity of a branch to a file, and print where to go on",
     .positionals = "[URI]",
     .options = "out branch entity-kind type op " OG_ADDRESS "json",
     .required = "out",
     .exclusive = OG_ONE_ADDRESS,
     .handler = RunChangesBaseline},
    {.path = "schema show",
     .plane = Plane::kData,
     .summary = "Print the schema as it was accepted",
     .positionals = "[URI]",
     .options = OG_ADDRESS "json",
     .exclusive = OG_ONE_ADDRESS,
     .hidden_aliases = "get",
     .handler = RunSchemaShow},
    {.path = "schema apply",
     .plane = Plane::kData,
     .summary = "Change the schema of a graph, rows and all",
     .positionals = "[URI]",
     .options = "schema allow-data-loss backfill queries " OG_ADDRESS "policy json",
     .required = "schema",
     .exclusive = OG_ONE_ADDRESS,
     .handler = RunSchemaApply},
    {.path = "graphs list",
     .plane = Plane::kData,
     .summary = "List the graphs of a server",
     .positionals = "[URI]",
     .options = "snapshot schema-format " OG_ADDRESS "json",
     .exclusive = OG_ONE_ADDRESS "; schema-format json",
     .handler = RunGraphsList},

    {.path = "init",
     .plane = Plane::kStorage,
     .summary = "Create an empty graph with a schema",
     .positionals = "URI",
     .options = "schema force",
     .required = "schema",
     .handler = RunInit},
    {.path = "schema plan",
     .plane = Plane::kStorage,
     .summary = "Show what a new schema would change",
     .positionals = "[URI]",
     .options = "schema allow-data-loss backfill " OG_STORAGE "json",
     .required = "schema",
     .exclusive = OG_ONE_STORAGE,
     .needs = OG_CLUSTER_PAIR,
     .handler = RunSchemaPlan},
    {.path = "lint",
     .plane = Plane::kStorage,
     .summary = "Check the queries of a file against a schema",
     .positionals = "[URI]",
     .options = "query schema " OG_STORAGE "json",
     .required = "query",
     .exclusive = OG_ONE_STORAGE,
     .needs = OG_CLUSTER_PAIR,
     .handler = RunLint},
    {.path = "optimize",
     .plane = Plane::kStorage,
     .summary = "Compact the tables of main",
     .positionals = "[URI]",
     .options = OG_STORAGE "json",
     .exclusive = OG_ONE_STORAGE,
     .needs = OG_CLUSTER_PAIR,
     .handler = RunOptimize},
    {.path = "repair",
     .plane = Plane::kStorage,
     .summary = "Verify everything that is stored, rebuild what is derived",
     .positionals = "[URI]",
     .options = "confirm force-repair " OG_STORAGE "json",
     .exclusive = OG_ONE_STORAGE,
     .needs = OG_CLUSTER_PAIR "; force-repair confirm",
     .handler = RunRepair},
    {.path = "cleanup",
     .plane = Plane::kStorage,
     .summary = "Remove the rows of old commits",
     .positionals = "[URI]",
     .options = "keep older-than confirm " OG_STORAGE "json",
     .exclusive = OG_ONE_STORAGE,
     .needs = OG_CLUSTER_PAIR,
     .handler = RunCleanup},
    {.path = "queries validate",
     .plane = Plane::kStorage,
     .summary = "Check stored queries against the schema of their graph",
     .positionals = "[URI]",
     .options = "queries " OG_STORAGE "json",
     .exclusive = OG_ONE_STORAGE,
     .handler = RunQueriesValidate},
    {.path = "queries list",
     .plane = Plane::kSession,
     .summary = "List stored queries with their parameters",
     .positionals = "",
     .options = "queries target config cluster cluster-graph json",
     .exclusive = "queries cluster; cluster-graph graph",
     .handler = RunQueriesList},

    {.path = "cluster validate",
     .plane = Plane::kControl,
     .summary = "Check the config folder of a cluster",
     .options = "config-dir deny-warnings json",
     .handler = RunClusterValidate},
    {.path = "cluster import",
     .plane = Plane::kControl,
     .summary = "Start the ledger of a cluster from what exists",
     .options = "config-dir json",
     .handler = RunClusterImport},
    {.path = "cluster plan",
     .plane = Plane::kControl,
     .summary = "Show what apply would change",
     .options = "config-dir deny-warnings json",
     .handler = RunClusterPlan},
    {.path = "cluster apply",
     .plane = Plane::kControl,
     .summary = "Make the cluster what its config folder says",
     .options = "config-dir deny-warnings json",
     .handler = RunClusterApply},
    {.path = "cluster approve",
     .plane = Plane::kControl,
     .summary = "Approve a destructive change",
     .positionals = "RESOURCE",
     .options = "config-dir json",
     .handler = RunClusterApprove},
    {.path = "cluster status",
     .plane = Plane::kControl,
     .summary = "Show what the ledger says",
     .options = "config-dir json",
     .handler = RunClusterStatus},
    {.path = "cluster refresh",
     .plane = Plane::kControl,
     .summary = "Look at the graphs and the catalog, and note drift",
     .options = "config-dir json",
     .handler = RunClusterRefresh},
    {.path = "cluster force-unlock",
     .plane = Plane::kControl,
     .summary = "Remove the lock of a command that died",
     .positionals = "LOCK_ID",
     .options = "config-dir json",
     .handler = RunClusterForceUnlock},

    {.path = "policy validate",
     .plane = Plane::kSession,
     .summary = "Check a policy bundle",
     .options = "policy kind cluster cluster-graph config",
     .exclusive = "policy cluster; cluster-graph graph",
     .handler = RunPolicyValidate},
    {.path = "policy test",
     .plane = Plane::kSession,
     .summary = "Run the test cases of a policy bundle",
     .options = "policy tests kind cluster cluster-graph config",
     .exclusive = "policy cluster; cluster-graph graph",
     .handler = RunPolicyTest},
    {.path = "policy explain",
     .plane = Plane::kSession,
     .summary = "Say what a policy bundle answers, and by which rule",
     .options = "actor action branch target-branch policy kind cluster cluster-graph config",
     .required = "actor action",
     .exclusive = "policy cluster; cluster-graph graph",
     .handler = RunPolicyExplain},
    {.path = "login",
     .plane = Plane::kSession,
     .summary = "Keep the token of a server",
     .positionals = "NAME",
     .options = "token json",
     .handler = RunLogin},
    {.path = "logout",
     .plane = Plane::kSession,
     .summary = "Forget the token of a server",
     .positionals = "NAME",
     .options = "json",
     .handler = RunLogout},
    {.path = "version",
     .plane = Plane::kSession,
     .summary = "Print the version",
     .handler = RunVersion},
});

struct Group {
  std::string_view name;
    {.path = "fmt",
     .plane = Plane::kSession,
     .summary = "Lay out schemas (.pg) and queries (.gq) in the one form",
     .positionals = "[PATHS]...",
     .options = "check diff",
     .handler = RunFormat},
  std::string_view summary;
};

constexpr auto kGroups = std::to_array<Group>({
    {"branch", "Create, list and delete branches"},
    {"commit", "List and show commits, and what they did"},
    {"changes", "Follow the changes of a branch"},
    {"schema", "Show the schema, plan and apply a change"},
    {"graphs", "List the graphs of a server"},
    {"queries", "Check and list stored queries"},
    {"cluster", "Declare graphs, schemas, queries and policies, and apply them"},
    {"policy", "Check, test and explain policy bundles"},
});

}  // namespace

std::string_view PlaneName(Plane plane) {
  switch (plane) {
    case Plane::kData:
      return "data";
    case Plane::kStorage:
      return "storage";
    case Plane::kControl:
      return "control";
    case Plane::kSession:
      return "session";
  }
  return "";
}

std::span<const Command> Commands() {
  return kCommands;
}

std::string_view GlobalOptions() {
  return "as server graph yes quiet help";
}

const OptionSpec& OptionByKey(std::string_view key) {
  for (const OptionSpec& option : kOptions)
    if (option.key == key) return option;
  OG_CHECK(false);
  return kOptions[0];
}

std::string_view GroupSummary(std::string_view group) {
  for (const Group& known : kGroups)
    if (known.name == group) return known.summary;
  return "";
}

std::vector<std::string_view> Words(std::string_view list, char separator) {
  std::vector<std::string_view> words;
  std::size_t begin = 0;
  while (begin <= list.size()) {
    std::size_t end = list.find(separator, begin);
    if (end == std::string_view::npos) end = list.size();
    std::string_view word = list.substr(begin, end - begin);
    while (word.starts_with(' '))
      word.remove_prefix(1);
    while (word.ends_with(' '))
      word.remove_suffix(1);
    if (!word.empty()) words.push_back(word);
    begin = end + 1;
  }
  return words;
}

}  // namespace omnigraph::cli
