// Tests of the config folder's reading: digests of the worked example, every mistake with its code
// and path.

#include "cluster/desired_state.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <vector>

#include "cluster/digest.h"
#include "cluster/sample_cluster.h"

namespace omnigraph::cluster {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

std::vector<std::string> Codes(const LoadedConfig& loaded) {
  std::vector<std::string> codes;
  for (const Finding& finding : loaded.findings.items())
    codes.push_back(finding.code);
  return codes;
}

class DesiredStateTest : public ::testing::Test {
 protected:
  LoadedConfig Load() const { return LoadConfig(ConfigFolder(folder_.path())); }
  SampleFolder folder_;
};

TEST_F(DesiredStateTest, TheWorkedExampleHasItsPublishedDigests) {
  const LoadedConfig loaded = Load();

  EXPECT_THAT(loaded.findings.items(), IsEmpty());
  EXPECT_THAT(
      loaded.desired.Digests(),
      ElementsAre(
          Pair("graph.fleet", "481c20a53f46788eaeff07f715537200df9400c0e8f0bbc120dfdea194cbbf6f"),
          Pair("policy.crew", "eab4a7404e0550e72fbca7fa0680a63849d6a28c6016d8196b433e60e3244892"),
          Pair("policy.desk", "e2ad17d14d966ed0b7acf925ad76bd09a3a72a0213a1fcf962cc8a56ff7570ff"),
          Pair("query.fleet.all_vessels",
               "bd832645cd823b90d4e61907c5d3467d0180b720af9929a5694e2f7ac1dc9db9"),
          Pair("query.fleet.vessel_by_imo",
               "bd832645cd823b90d4e61907c5d3467d0180b720af9929a5694e2f7ac1dc9db9"),
          Pair("schema.fleet",
               "96a3e3f0b1d317f6394b2cf6a1fa030c5eb02b0bc7d9fc210468b95c86a0d84c")));
  EXPECT_EQ(loaded.desired.config_digest,
            "6256d9427bd12e3c177772a33ee89e3387d1e8282b057f3b3c7cd97fb2908dcd");
  EXPECT_EQ(GraphDigest("fleet", loaded.desired.Digests()["schema.fleet"], {}),
            "5a86ce012867bc88af5ed3d5f0408bbe2db021b246163b2daf2df4946076c133");
}

TEST_F(DesiredStateTest, TheEvolvedExampleHasItsPublishedDigests) {
  folder_.Edit("fleet.pg", "  name: String\n}", "  name: String\n  flag: String?\n}");
  folder_.Edit("queries/vessels.gq", "return { $v.imo, $v.name }",
               "return { $v.imo, $v.name, $v.flag }");

  const LoadedConfig loaded = Load();

  EXPECT_EQ(loaded.desired.Digests()["schema.fleet"],
            "686ed1319357b156c2dfa54caff8457a1c303cb5150d2f7a87f17e8d54c4cb6e");
  EXPECT_EQ(loaded.desired.Digests()["query.fleet.all_vessels"],
            "f0f22acfeb2f06d510124161e2718c4e9ef8a2bf131ffbc68d2e36f70bddd925");
  EXPECT_EQ(loaded.desired.Digests()["graph.fleet"],
            "091dcca8313d9706bed6e771dd395cf8706bd904821e3a2efc909eac9c79ee6b");
  EXPECT_EQ(loaded.desired.config_digest,
            "ec6f631cfe3a336695b89beb750959b4b051f41db2fb572c3ebe995e3e77caf1");
}

TEST_F(DesiredStateTest, LayoutDoesNotMoveTheConfigDigestAndSpellingDoes) {
  const std::string digest = Load().desired.config_digest;

  folder_.Edit("cluster.yaml", "version: 1\nmetadata:\n  name: harbor\n",
               "metadata: { name: harbor }  # ours\nversion: 1\n");
  EXPECT_EQ(Load().desired.config_digest, digest);
  folder_.Edit("cluster.yaml", "schema: fleet.pg", "schema: ./fleet.pg");
  const std::string moved = Load().desired.config_digest;
  EXPECT_NE(moved, digest);
  folder_.Edit("cluster.yaml", "version: 1\n", "version: 1\nstate: { lock: true }\n");
  EXPECT_NE(Load().desired.config_digest, moved);
}

TEST_F(DesiredStateTest, EdgesAscendFromUserToUsed) {
  EXPECT_THAT(Load().desired.dependencies,
              ElementsAre(Dependency{"policy.crew", "graph.fleet"},
                          Dependency{"query.fleet.all_vessels", "graph.fleet"},
                          Dependency{"query.fleet.all_vessels", "schema.fleet"},
                          Dependency{"query.fleet.vessel_by_imo", "graph.fleet"},
                          Dependency{"query.fleet.vessel_by_imo", "schema.fleet"},
                          Dependency{"schema.fleet", "graph.fleet"}));
}

TEST_F(DesiredStateTest, BindingsAreNormalisedSortedAndDistinct) {
  folder_.AddScratch();
  folder_.Edit("cluster.yaml", "applies_to: [fleet]",
               "applies_to: [scratch, graph.fleet, fleet, graph.scratch]");

  EXPECT_THAT(Load().desired.bindings["policy.crew"], ElementsAre("graph.fleet", "graph.scratch"));
}

struct Mistake {
  const char* name;
  const char* file;
  std::string text;
  const char* code;
  const char* path;
  const char* says;
  Severity severity = Severity::kError;
};

void PrintTo(const Mistake& mistake, std::ostream* out) {
  *out << mistake.name;
}

const std::string kHead = "version: 1\n";
const std::string kFleet = "version: 1\ngraphs:\n  fleet:\n    schema: fleet.pg\n";

const Mistake kMistakes[] = {
    {"Version2", "cluster.yaml", "version: 2\n", "unsupported_cluster_config_version", "version",
     "version 2"},
    {"VersionMissing", "cluster.yaml", "graphs: {}\n", "invalid_cluster_yaml", "cluster.yaml",
     "missing field 'version'"},
    {"VersionIsText", "cluster.yaml", "version: one\n", "invalid_cluster_yaml", "cluster.yaml",
     "line 1, column 10"},
    {"NotYaml", "cluster.yaml", "version: [1\n", "invalid_cluster_yaml", "cluster.yaml", "line"},
    {"NotAMapping", "cluster.yaml", "- 1\n", "invalid_cluster_yaml", "cluster.yaml", "a list"},
    {"Empty", "cluster.yaml", "", "invalid_cluster_yaml", "cluster.yaml", "nothing"},
    {"UnknownKey", "cluster.yaml", kHead + "graph: {}\n", "invalid_cluster_yaml", "cluster.yaml",
     "line 2, column 1: unknown field 'graph' in cluster.yaml; did you mean 'graphs'?"},
    {"UnknownGraphKey", "cluster.yaml", kFleet + "    colour: red\n", "invalid_cluster_yaml",
     "cluster.yaml", "unknown field 'colour'"},
    {"Anchor", "cluster.yaml", kHead + "graphs: &a {}\n", "invalid_cluster_yaml", "cluster.yaml",
     "line 2"},
    {"SchemaMissing", "cluster.yaml", kHead + "graphs:\n  fleet: {}\n", "invalid_cluster_yaml",
     "cluster.yaml", "'graphs.fleet' is missing field 'schema'"},
    {"SchemaIsANumber", "cluster.yaml", kHead + "graphs: { fleet: { schema: 7 } }\n",
     "invalid_cluster_yaml", "cluster.yaml", "'graphs.fleet.schema' must be a text"},
    {"AppliesToMissing", "cluster.yaml", kHead + "policies: { p: { file: x.yaml } }\n",
     "invalid_cluster_yaml", "cluster.yaml", "missing field 'applies_to'"},
    {"LockIsText", "cluster.yaml", kHead + "state: { lock: maybe }\n", "invalid_cluster_yaml",
     "cluster.yaml", "true or false"},
    {"BlankName", "cluster.yaml", kHead + "metadata: { name: \"  \" }\n", "empty_metadata_name",
     "metadata.name", "blank"},
    {"ForeignBackend", "cluster.yaml", kHead + "state: { backend: s3://b/p }\n",
     "unsupported_state_backend", "state.backend", "s3://b/p"},
    {"BlankStorage", "cluster.yaml", kHead + "storage: \" \"\n", "invalid_storage_root", "storage",
     "blank"},
    {"BucketMissing", "cluster.yaml", kHead + "storage: s3://\n", "invalid_storage_root", "storage",
     "s3://"},
    {"UnknownScheme", "cluster.yaml", kHead + "storage: gopher://x/y\n", "invalid_storage_root",
     "storage", "gopher"},
    {"DuplicateKey", "cluster.yaml", kFleet + "  fleet:\n    schema: fleet.pg\n",
     "duplicate_yaml_key", "graphs.fleet", "line 5"},
    {"DuplicateKeyInFlow", "cluster.yaml",
     kHead + "graphs: { fleet: { schema: fleet.pg, schema: b.pg } }\n", "duplicate_yaml_key",
     "graphs.fleet.schema", "'schema'"},
    {"Reserved", "cluster.yaml", kHead + "pipelines: {}\n", "future_phase_field", "pipelines",
     "line 2"},
    {"BadGraphId", "cluster.yaml", kHead + "graphs: { 9sky: { schema: fleet.pg } }\n",
     "invalid_resource_id", "graphs.9sky", "'9sky'"},
    {"BadQueryName", "cluster.yaml",
     kFleet + "    queries:\n      a b: { file: queries/vessels.gq }\n", "invalid_resource_id",
     "graphs.fleet.queries.a b", "'a b'"},
    {"BadPolicyName", "cluster.yaml",
     kFleet + "policies: { a/b: { file: policies/crew.policy.yaml, applies_to: [fleet] } }\n",
     "invalid_resource_id", "policies.a/b", "'a/b'"},
    {"LongGraphId", "cluster.yaml",
     kHead + "graphs: { " + std::string(65, 'g') + ": { schema: fleet.pg } }\n",
     "graph_id_not_servable", nullptr, "64 characters", Severity::kWarning},
    {"SchemaFileMissing", "cluster.yaml", kHead + "graphs: { fleet: { schema: none.pg } }\n",
     "schema_file_missing", "graphs.fleet.schema", "none.pg"},
    {"SchemaIsAFolder", "cluster.yaml", kHead + "graphs: { fleet: { schema: queries } }\n",
     "schema_file_missing", "graphs.fleet.schema", "folder"},
    {"SchemaIsADevice", "cluster.yaml", kHead + "graphs: { fleet: { schema: /dev/zero } }\n",
     "schema_file_missing", "graphs.fleet.schema", "not a regular file"},
    {"SchemaIsOutside", "cluster.yaml",
     kHead + "graphs: { fleet: { schema: ../harbor/../outside.pg } }\n", "path_outside_config_dir",
     "graphs.fleet.schema", "outside", Severity::kWarning},
    {"QueryFileMissing", "cluster.yaml", kFleet + "    queries: none.gq\n", "query_file_missing",
     "graphs.fleet.queries", "none.gq"},
    {"MappedFileMissing", "cluster.yaml", kFleet + "    queries: { q: { file: none.gq } }\n",
     "query_file_missing", "graphs.fleet.queries.q.file", "none.gq"},
    {"MappedNotDeclared", "cluster.yaml",
     kFleet + "    queries: { nope: { file: queries/vessels.gq } }\n", "query_key_mismatch",
     "graphs.fleet.queries.nope", "'nope'"},
    {"ListedTwice", "cluster.yaml",
     kFleet + "    queries: [queries/vessels.gq, queries/vessels.gq]\n", "duplicate_query_name",
     "graphs.fleet.queries.vessel_by_imo", "'queries/vessels.gq' and again"},
    {"EmptyFolder", "cluster.yaml", kFleet + "    queries: policies\n", "query_dir_empty",
     "graphs.fleet.queries", "policies", Severity::kWarning},
    {"PolicyFileMissing", "cluster.yaml",
     kFleet + "policies: { p: { file: none.yaml, applies_to: [fleet] } }\n", "policy_file_missing",
     "policies.p.file", "none.yaml"},
    {"BoundToNothing", "cluster.yaml",
     kFleet + "policies: { p: { file: policies/crew.policy.yaml, applies_to: [] } }\n",
     "policy_missing_applies_to", "policies.p.applies_to", "nothing"},
    {"Dangling", "cluster.yaml",
     kFleet + "policies: { p: { file: policies/crew.policy.yaml, applies_to: [fleet, fleat] } }\n",
     "dangling_graph_reference", "policies.p.applies_to[1]", "did you mean 'fleet'"},
    {"WrongKind", "cluster.yaml",
     kFleet + "policies: { p: { file: policies/crew.policy.yaml, applies_to: [schema.fleet] } }\n",
     "wrong_kind_reference", "policies.p.applies_to[0]", "schema.fleet"},
    {"Mixed", "cluster.yaml",
     kFleet +
         "policies: { p: { file: policies/crew.policy.yaml, applies_to: [fleet, cluster] } }\n",
     "policy_mixed_binding_kinds", "policies.p.applies_to", "split", Severity::kWarning},
    {"TwoBundles", "cluster.yaml",
     kFleet + "policies:\n  p: { file: policies/crew.policy.yaml, applies_to: [fleet] }\n"
              "  q: { file: policies/crew.policy.yaml, applies_to: [fleet] }\n",
     "duplicate_policy_binding", "policies.q.applies_to", "'graph.fleet'", Severity::kWarning},
    {"SchemaSyntax", "fleet.pg", "node Vessel {", "schema_parse_error", "graphs.fleet.schema",
     "fleet.pg:1:"},
    {"SchemaMeaning", "fleet.pg", "node Vessel { imo: String @key }\nedge E: Vessel -> Nowhere\n",
     "schema_catalog_error", "graphs.fleet.schema", "Nowhere"},
    {"SchemaBytes", "fleet.pg", "\xff\xfe", "schema_file_missing", "graphs.fleet.schema", "UTF-8"},
    {"SkippedChecks", "fleet.pg", "node Vessel {", "query_typecheck_skipped",
     "graphs.fleet.queries.vessel_by_imo", "schema", Severity::kWarning},
    {"QuerySyntax", "queries/vessels.gq", "query q( {", "query_parse_error", "graphs.fleet.queries",
     "queries/vessels.gq:1:"},
    {"QueryTypes", "queries/vessels.gq", "query q() { match { $s: Comet } return { $s.slug } }\n",
     "query_typecheck_error", "graphs.fleet.queries.q", "Comet"},
    {"UnknownGroup", "policies/crew.policy.yaml",
     "version: 1\nrules:\n  - id: r\n    allow: { actors: { group: ghosts }, actions: [read] }\n",
     "policy_invalid", "policies.crew.file", "crew.policy.yaml:4:"},
    {"WrongActionKind", "policies/crew.policy.yaml", kDeskPolicy, "policy_invalid",
     "policies.crew.file", "graph_list"},
    {"UnknownQuery", "policies/crew.policy.yaml",
     "version: 1\ngroups: { g: [a] }\nrules:\n  - id: r\n    allow: { actors: { group: g }, "
     "actions: [invoke_query], queries: [nothing] }\n",
     "policy_unknown_query", "policies.crew.file", "'nothing'", Severity::kWarning},
};

class MistakeTest : public ::testing::TestWithParam<Mistake> {};

TEST_P(MistakeTest, IsReportedWithItsCodeAndPath) {
  const Mistake& mistake = GetParam();
  const SampleFolder folder;
  folder.Write("../outside.pg", kFleetPg);
  folder.Write(mistake.file, mistake.text);

  const LoadedConfig loaded = LoadConfig(ConfigFolder(folder.path()));

  const Finding* found = nullptr;
  for (const Finding& finding : loaded.findings.items()) {
    if (finding.code == mistake.code) {
      found = &finding;
      break;
    }
  }
  ASSERT_NE(found, nullptr) << ::testing::PrintToString(Codes(loaded));
  EXPECT_EQ(found->severity, mistake.severity);
  if (mistake.path != nullptr) {
    EXPECT_EQ(found->path, mistake.path);
  }
  EXPECT_THAT(found->message, HasSubstr(mistake.says));
}

INSTANTIATE_TEST_SUITE_P(Every, MistakeTest, ::testing::ValuesIn(kMistakes),
                         [](const auto& mistake) { return std::string(mistake.param.name); });

TEST_F(DesiredStateTest, DuplicatesAndReservedKeysAreReportedTogetherAndNothingIsLoaded) {
  folder_.Write("cluster.yaml", kFleet + "    schema: b.pg\nui: {}\nproviders: 1\n");

  const LoadedConfig loaded = Load();

  EXPECT_THAT(Codes(loaded),
              ElementsAre("duplicate_yaml_key", "future_phase_field", "future_phase_field"));
  EXPECT_THAT(loaded.desired.resources, IsEmpty());
  EXPECT_EQ(loaded.desired.config_digest, "");
}

TEST_F(DesiredStateTest, EveryMissingFileIsReportedInOneRun) {
  folder_.Remove("fleet.pg");
  folder_.Remove("policies/crew.policy.yaml");
  folder_.Edit("cluster.yaml", "queries: queries/", "queries: [lost.gq]");

  EXPECT_THAT(Codes(Load()),
              ElementsAre("schema_file_missing", "query_file_missing", "policy_file_missing"));
}

TEST_F(DesiredStateTest, AFolderRegistersTheQueriesOfItsOwnGqFilesOnly) {
  folder_.Write("queries/notes.txt", "query ignored() {");
  folder_.Write("queries/upper.GQ", "query ignored() {");
  folder_.Write("queries/.gq", "query ignored() {");
  folder_.Write("queries/deep/more.gq", "query ignored() {");

  EXPECT_THAT(Load().findings.items(), IsEmpty());
  EXPECT_THAT(Load().desired.resources, SizeIs(6));
}

TEST_F(DesiredStateTest, AMissingFolderAndAMissingFileAreTwoThings) {
  EXPECT_THAT(Codes(LoadConfig(ConfigFolder("no-such-folder"))),
              ElementsAre("config_dir_not_found"));
  folder_.Remove("cluster.yaml");
  EXPECT_THAT(Codes(Load()), ElementsAre("cluster_config_read_error"));
}

TEST_F(DesiredStateTest, EmptyKeysMeanTheirDefaults) {
  folder_.Write("cluster.yaml",
                "version: 1\nmetadata:\nstorage:\nstate:\ngraphs:\n  fleet:\n    schema: fleet.pg\n"
                "    queries:\npolicies:\n");

  EXPECT_THAT(Load().findings.items(), IsEmpty());
  EXPECT_THAT(Load().desired.resources, SizeIs(2));
}

TEST_F(DesiredStateTest, ALinkOutOfTheFolderIsNamedAndALinkWithinIsNot) {
  std::filesystem::create_symlink("fleet.pg", folder_.path() + "/same.pg");
  folder_.Edit("cluster.yaml", "schema: fleet.pg", "schema: same.pg");
  EXPECT_THAT(Codes(Load()), IsEmpty());

  folder_.Write("../outside.pg", kFleetPg);
  std::filesystem::create_symlink("../outside.pg", folder_.path() + "/away.pg");
  folder_.Edit("cluster.yaml", "schema: same.pg", "schema: away.pg");
  EXPECT_THAT(Codes(Load()), ElementsAre("path_outside_config_dir"));
}

TEST_F(DesiredStateTest, APipeIsRefusedAndDoesNotHang) {
  ASSERT_EQ(::mkfifo((folder_.path() + "/pipe.pg").c_str(), 0600), 0);
  folder_.Edit("cluster.yaml", "schema: fleet.pg", "schema: pipe.pg");

  EXPECT_THAT(Load().findings.items(),
              Contains(AllOf(Field(&Finding::code, "schema_file_missing"),
                             Field(&Finding::message, HasSubstr("not a regular file")))));
}

TEST_F(DesiredStateTest, ALargeConfigurationIsRefusedByItsLimit) {
  folder_.Write("cluster.yaml", kHead + std::string(kConfigFileBytesMax, '#'));

  ASSERT_THAT(Codes(Load()), ElementsAre("cluster_config_read_error"));
  EXPECT_THAT(Load().findings.items()[0].message, HasSubstr("1048576"));
}

}  // namespace
}  // namespace omnigraph::cluster
