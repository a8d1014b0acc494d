// What is left of values that a change dropped for good: nothing to read at once, and after a
// cleanup no byte (docs/decisions/019-values-dropped-for-good.md).

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "engine/maintenance.h"
#include "evolution_graph.h"
#include "store/open_store.h"
#include "store/test_directory.h"

namespace omnigraph::schemas {
namespace {

constexpr std::string_view kSchema = "node Quay { code: String @key  secret: String? }\n";
constexpr std::string_view kWithout = "node Quay { code: String @key }\n";
constexpr std::string_view kSecret = "HUSH-HUSH-0123456789";

// Files below `folder` that hold the secret, by their path in it.
std::vector<std::string> FilesWithTheSecret(const std::string& folder) {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::stringstream bytes;
    bytes << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    if (bytes.str().find(kSecret) == std::string::npos) continue;
    found.push_back(std::filesystem::relative(entry.path(), folder).string());
  }
  return found;
}

void DropTheSecret(int rows_count) {
  const store::TestDirectory directory;
  const auto store = store::OpenStore(directory.path() + "/g.omni");
  ASSERT_TRUE(store.ok());
  EvolutionGraph graph(*store, kSchema);
  std::string text;
  for (int i = 0; i < rows_count; ++i) {
    text += R"({"type":"Quay","data":{"code":"q)" + std::to_string(i) + R"(","secret":")" +
            std::string(kSecret) + std::to_string(i) + "\"}}\n";
  }
  ASSERT_TRUE(graph.Load(text).ok());
  ASSERT_FALSE(FilesWithTheSecret(directory.path()).empty());
  const std::string old_commit = graph.HeadCommit();

  engine::SchemaChangeRequest request;
  request.allow_data_loss = true;
  ASSERT_TRUE(graph.Apply(kWithout, request).ok());

  // Fragments are gone at once. What stood in the tail of a commit stays in the ref's recent values
  // until these are cleaned up, and nothing reads it.
  for (const std::string& file : FilesWithTheSecret(directory.path()))
    EXPECT_EQ(file, "g.omni/refs/main");
  graph.Reopen();
  EXPECT_FALSE(graph.Read(old_commit).ok());
  engine::CleanupRequest cleanup;
  cleanup.keep_versions = 1;
  cleanup.grace_secs = 0;
  const auto cleaned = graph.graph().Cleanup(engine::Caller(), cleanup);
  ASSERT_TRUE(cleaned.ok()) << cleaned.status().message();
  EXPECT_TRUE(FilesWithTheSecret(directory.path()).empty());
  EXPECT_EQ(graph.Read()->size(), static_cast<std::size_t>(rows_count));
}

TEST(HardDropTest, AfterACleanupNoByteOfATailIsLeft) {
  DropTheSecret(3);
}

TEST(HardDropTest, AfterACleanupNoByteOfAFragmentIsLeft) {
  DropTheSecret(5000);
}

}  // namespace
}  // namespace omnigraph::schemas
