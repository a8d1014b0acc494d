// Tests of commits, manifests, markers and the names of objects.

#include "format/records.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/object_store.h"

namespace omnigraph::format {
namespace {

CommitRun Sample() {
  CommitRun run;
  Segment segment;
  segment.id = "01ARYZ6S41TSV4RRFFQ69G5FAV";
  segment.type_id = 7;
  segment.generation = 2;
  segment.inserted_count = 1;
  segment.first_row_id = 4;
  segment.updated = {1, 3};
  segment.deleted = {0};
  segment.bytes = std::make_shared<const std::string>("arrow");
  run.segments.push_back(segment);
  Commit first;
  first.id = "A";
  first.write_id = "w1";
  first.schema_digest = "d";
  first.operation = Operation::kInit;
  first.tables = {{"edge:Knows", 8, 1, std::nullopt, 0, 0, "", {}},
                  {"node:Person", 7, 2, "dev", 4, 5, "digest", {0}}};
  Commit second = first;
  second.id = "B";
  second.parent = "A";
  second.version = 2;
  second.actor = "act-mia";
  second.branch = "dev";
  second.created_at_micros = 5;
  second.tables[1].rows_count = 3;
  run.commits = {first, second};
  run.created_from = "main";
  return run;
}

TEST(CommitRunTest, SurvivesARoundTrip) {
  const CommitRun run = Sample();
  const auto read = DecodeCommitRun(EncodeCommitRun(run), "refs/dev");
  ASSERT_TRUE(read.ok()) << read.status().message();
  ASSERT_EQ(read->commits.size(), 2u);
  EXPECT_EQ(read->created_from, "main");
  EXPECT_EQ(read->head().id, "B");
  EXPECT_EQ(read->head().actor, "act-mia");
  EXPECT_EQ(read->commits[0].tables, run.commits[0].tables);
  EXPECT_EQ(read->head().tables, run.commits[1].tables);
  ASSERT_EQ(read->segments.size(), 1u);
  EXPECT_EQ(*read->segments[0].bytes, "arrow");
  EXPECT_THAT(read->segments[0].updated, ::testing::ElementsAre(1, 3));
}

TEST(CommitRunTest, LaterCommitsOfARunListOnlyWhatChanged) {
  const std::string bytes = EncodeCommitRun(Sample());
  std::size_t found = 0;
  for (std::size_t at = 0; (at = bytes.find("edge:Knows", at)) != std::string::npos; ++at)
    ++found;
  EXPECT_EQ(found, 1u);
}

TEST(ManifestTest, SurvivesARoundTrip) {
  Manifest manifest;
  manifest.type_id = 3;
  manifest.deleted = std::string("\x01\x00\x02", 3);
  FragmentInfo fragment;
  fragment.name = "01ARYZ6S41TSV4RRFFQ69G5FAV";
  fragment.rows_count = 10;
  fragment.first_row_id = 5;
  fragment.size_bytes = 100;
  fragment.checksum = 0xffffffffffffffff;
  fragment.has_key_index = true;
  fragment.key_index_checksum = 9;
  manifest.fragments = {fragment};
  const auto read = DecodeManifest(EncodeManifest(manifest), "manifests/x");
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->deleted, manifest.deleted);
  ASSERT_EQ(read->fragments.size(), 1u);
  EXPECT_EQ(read->fragments[0].checksum, fragment.checksum);
  EXPECT_TRUE(read->fragments[0].has_key_index);
}

TEST(RefKeyTest, EveryNameSurvivesAndIsAValidKeyThatCaseCannotMerge) {
  std::string long_name;
  for (int i = 0; i < 255; ++i)
    long_name += 'X';
  for (const std::string& branch :
       {std::string("main"), std::string("feature/x"), std::string("Feature"), std::string("a.b"),
        std::string("é"), std::string("%41"), long_name, std::string(195, 'a'),
        std::string(196, 'a'), std::string(200, 'a')}) {
    const std::string key = RefKey(branch);
    EXPECT_TRUE(store::CheckKey(key).ok()) << key;
    EXPECT_EQ(BranchOfRefKey(key), branch);
    for (const char c : key)
      EXPECT_FALSE(c >= 'A' && c <= 'Z') << key;
  }
  EXPECT_EQ(BranchOfRefKey("refs/A"), std::nullopt);
  EXPECT_EQ(BranchOfRefKey("commits/a"), std::nullopt);
}

TEST(TablePathTest, IsTheKindAndAHashOfTheName) {
  EXPECT_EQ(TablePath("node:a"), "nodes/af63dc4c8601ec8c");
  EXPECT_EQ(TablePath("edge:a"), "edges/af63dc4c8601ec8c");
}

TEST(GraphMarkerTest, RefusesNewerFormatsAndNonsense) {
  const auto marker = DecodeGraphMarker(EncodeGraphMarker({1, "01ARYZ6S41TSV4RRFFQ69G5FAV"}));
  ASSERT_TRUE(marker.ok());
  EXPECT_EQ(marker->graph_id, "01ARYZ6S41TSV4RRFFQ69G5FAV");
  EXPECT_EQ(DecodeGraphMarker(R"({"format":99})").status().code(), ErrorCode::kPreconditionFailed);
  EXPECT_EQ(DecodeGraphMarker("{").status().code(), ErrorCode::kCorruption);
  // As written before there was a check.
  EXPECT_TRUE(DecodeGraphMarker(R"({"format":1,"graph_id":"01ARYZ6S41TSV4RRFFQ69G5FAV"})").ok());
}

TEST(GraphMarkerTest, AFlippedBitMakesNoOtherGraph) {
  const GraphMarker marker{1, "01ARYZ6S41TSV4RRFFQ69G5FAV"};
  const std::string bytes = EncodeGraphMarker(marker);
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = bytes;
      flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit));
      const auto read = DecodeGraphMarker(flipped);
      EXPECT_TRUE(!read.ok() || read->graph_id == marker.graph_id) << flipped;
    }
  }
}

}  // namespace
}  // namespace omnigraph::format
