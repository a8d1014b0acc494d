// Tests of how differences and changes look, and of files that are replaced at once.

#include "cli/change_views.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/file_replacement.h"
#include "cli/json_layout.h"
#include "cli/test_console.h"

namespace omnigraph::cli {
namespace {

engine::DiffChange Change(engine::ChangeOperation operation, std::string id) {
  engine::DiffChange change;
  change.table_key = "node:Port";
  change.type_name = "Port";
  change.id = std::move(id);
  change.operation = operation;
  change.manifest_version = 3;
  return change;
}

std::string Print(DiffPrinter::Form form, const std::vector<engine::DiffChange>& changes) {
  RecordingConsole console;
  DiffPrinter printer(console, form);
  engine::DiffHead head;
  head.from_commit_id = "A";
  head.to_commit_id = "B";
  EXPECT_TRUE(printer.Start(head).ok());
  for (const engine::DiffChange& change : changes)
    EXPECT_TRUE(printer.Add(change).ok());
  engine::DiffStats stats;
  stats.updates = changes.size();
  if (!changes.empty()) stats.types_affected = {"Port"};
  EXPECT_TRUE(printer.Finish(stats).ok());
  return console.out;
}

TEST(DiffPrinterTest, JsonInPiecesIsOneDocumentLaidOutAsOthers) {
  for (const std::size_t count : {0, 1, 2, 3000}) {
    std::vector<engine::DiffChange> changes;
    std::string compact =
        R"({"from_version":0,"to_version":0,"from_commit_id":"A","to_commit_id":"B","changes":[)";
    for (std::size_t i = 0; i < count; ++i) {
      changes.push_back(Change(engine::ChangeOperation::kUpdate, "p\"" + std::to_string(i)));
      changes.back().properties = {"depth"};
      if (i > 0) compact += ',';
      AppendJson(changes.back(), compact);
    }
    compact += R"(],"stats":{"inserts":0,"updates":)" + std::to_string(count) +
               R"(,"deletes":0,"types_affected":)" + (count > 0 ? R"(["Port"])" : "[]") + "}}";
    EXPECT_EQ(Print(DiffPrinter::Form::kJson, changes), LayOutJson(compact)) << count;
  }
}

TEST(DiffPrinterTest, RowsStandBelowTheirTable) {
  engine::DiffChange edge = Change(engine::ChangeOperation::kDelete, "k1");
  edge.table_key = "edge:Serves";
  edge.endpoints = {"a", "b"};
  engine::DiffChange update = Change(engine::ChangeOperation::kUpdate, "Oslo");
  update.properties = {"depth", "name"};
  EXPECT_EQ(Print(DiffPrinter::Form::kRows,
                  {edge, Change(engine::ChangeOperation::kInsert, "Bergen"), update}),
            "A (v0) .. B (v0)\n"
            "edge:Serves\n"
            "  - k1  a -> b\n"
            "node:Port\n"
            "  + Bergen\n"
            "  ~ Oslo  (depth, name)\n"
            "0 inserted, 3 updated, 0 deleted in Port\n");
  EXPECT_EQ(Print(DiffPrinter::Form::kRows, {}), "A (v0) .. B (v0)\nno differences\n");
}

engine::ChangeBlock Block() {
  engine::ChangeBlock block;
  block.cause.graph_commit_id = "C";
  block.cause.authored_branch = "main";
  block.cause.actor_id = "ada";
  engine::EntityChange update;
  update.kind = engine::EntityKind::kEdge;
  update.type_name = "Serves";
  update.id = "k1";
  update.operation = engine::ChangeOperation::kUpdate;
  update.before_json = R"({"properties":{"a":1,"b":"x"},"endpoints":{"from":"n","to":"m"}})";
  update.after_json = R"({"properties":{"a":1,"b":null},"endpoints":{"from":"n","to":"o"}})";
  block.changes.push_back(update);
  return block;
}

TEST(ChangeViewsTest, AnUpdateShowsTheValuesThatDiffer) {
  std::string text;
  AppendText(CommitChangesView{Block()}, text);
  EXPECT_EQ(text,
            "commit C branch=main actor=ada\n"
            "  ~ edge:Serves k1  b: \"x\" -> null  to: \"m\" -> \"o\"\n");
}

TEST(ChangeViewsTest, APollEndsWithItsCursor) {
  std::string text;
  AppendText(ChangeFeedView{{}, "og1_a", true}, text);
  EXPECT_EQ(text, "(no new commits)\ncursor: og1_a\n");
  text.clear();
  engine::ChangeBlock empty = Block();
  empty.changes.clear();
  AppendText(ChangeFeedView{{empty}, "og1_a", false}, text);
  EXPECT_EQ(text,
            "commit C branch=main actor=ada\n  (no changes)\ncursor: og1_a\n"
            "(there is more: poll again with the cursor)\n");
  text.clear();
  AppendJson(ChangeFeedView{{}, "og1_a", false}, text);
  EXPECT_EQ(text, R"({"blocks":[],"cursor":"og1_a","caught_up":false})");
}

std::string Content(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

TEST(FileReplacementTest, TheOldFileStaysUntilTheNewOneIsWhole) {
  const auto folder = std::filesystem::path(::testing::TempDir()) / "og_file_replacement";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  const std::string path = (folder / "base.ndjson").string();
  std::ofstream(path) << "old";
  {
    auto abandoned = FileReplacement::Create(path);
    ASSERT_TRUE(abandoned.ok()) << abandoned.status().message();
    EXPECT_TRUE(abandoned->Write("half").ok());
    EXPECT_EQ(Content(path), "old");
  }
  EXPECT_EQ(Content(path), "old");
  {
    auto file = FileReplacement::Create(path);
    ASSERT_TRUE(file.ok());
    EXPECT_TRUE(file->Write("new ").ok());
    EXPECT_TRUE(file->Write("one").ok());
    EXPECT_TRUE(file->Commit().ok());
  }
  EXPECT_EQ(Content(path), "new one");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 1);
  EXPECT_EQ(FileReplacement::Create((folder / "none" / "x").string()).status().code(),
            ErrorCode::kNotFound);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace omnigraph::cli
