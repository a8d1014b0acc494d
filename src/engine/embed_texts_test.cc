// Tests of the texts given to `nearest`: when they are embedded, and when they are refused.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "embed/embedder.h"
#include "engine/engine.h"
#include "exec/result_table.h"
#include "store/memory_store.h"

namespace omnigraph::engine {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// "north" is at (0, 1), everything else at (1, 0).
class Compass final : public embed::Embedder {
 public:
  Result<std::vector<float>> Embed(std::string_view text, std::uint32_t, embed::Task task,
                                   const Deadline&) override {
    EXPECT_EQ(task, embed::Task::kQuery);
    asked.emplace_back(text);
    if (text == "nowhere") return Status::Error(ErrorCode::kInternal, "embedding: lost");
    return text == "north" ? std::vector<float>{0, 1} : std::vector<float>{1, 0};
  }
  std::string_view model() const override { return "compass-1"; }

  std::vector<std::string> asked;
};

class EmbedTextsTest : public ::testing::Test {
 protected:
  EmbedTextsTest() {
    EXPECT_TRUE(Graph::Init(store_, "g",
                            "node Doc { slug: String @key  text: String?\n"
                            "  vec: Vector(2)? @embed(text)\n"
                            "  old: Vector(2)? @embed(text, model=\"compass-0\")\n"
                            "  new: Vector(2)? @embed(text, model=\"compass-1\") }",
                            false)
                    .ok());
    graph_ = Open(embedder_);
    for (const char* text :
         {"query q() { insert Doc { slug: \"n\", vec: [0, 1], new: [0, 1] } }",
          "query q() { insert Doc { slug: \"e\", vec: [1, 0], new: [1, 0] } }"}) {
      MutationRequest request;
      request.source = text;
      EXPECT_TRUE(graph_->Mutate({}, request).ok());
    }
  }

  std::shared_ptr<Graph> Open(std::shared_ptr<embed::Embedder> embedder) {
    OpenOptions options;
    options.embedder = std::move(embedder);
    return *Graph::Open(store_, options);
  }

  std::string Ask(std::string_view order, std::string_view params = "{}",
                  std::string_view declared = "") {
    const std::string source = "query q(" + std::string(declared) +
                               ") { match { $d: Doc } return { $d.slug } order { " +
                               std::string(order) + " } limit 1 }";
    QueryRequest request;
    request.source = source;
    request.params_json = params;
    const auto answer = graph_->Query({}, request);
    if (!answer.ok()) return std::string(answer.status().message());
    return std::string(answer->table->RowsJson());
  }

  std::shared_ptr<store::MemoryStore> store_ = std::make_shared<store::MemoryStore>();
  std::shared_ptr<Compass> embedder_ = std::make_shared<Compass>();
  std::shared_ptr<Graph> graph_;
};

TEST_F(EmbedTextsTest, TextsRankLikeTheirVectors) {
  EXPECT_EQ(Ask("nearest($d.vec, \"north\")"), R"({"d.slug":"n"})");
  EXPECT_EQ(Ask("nearest($d.vec, $q)", R"({"q":"east"})", "$q: String"), R"({"d.slug":"e"})");
  EXPECT_THAT(embedder_->asked, ElementsAre("north", "east"));
}

TEST_F(EmbedTextsTest, ATextIsEmbeddedOncePerQuery) {
  EXPECT_EQ(Ask("rrf(nearest($d.vec, \"north\"), nearest($d.new, \"north\"))"),
            R"({"d.slug":"n"})");
  EXPECT_THAT(embedder_->asked, ElementsAre("north"));
}

TEST_F(EmbedTextsTest, VectorsAskNobody) {
  EXPECT_EQ(Ask("nearest($d.vec, [0, 1])"), R"({"d.slug":"n"})");
  EXPECT_THAT(embedder_->asked, ElementsAre());
}

TEST_F(EmbedTextsTest, VectorsOfAnotherModelAreRefused) {
  EXPECT_THAT(Ask("nearest($d.old, \"north\")"),
              AllOf(HasSubstr("compass-0"), HasSubstr("compass-1"), HasSubstr("Doc.old")));
  EXPECT_EQ(Ask("nearest($d.new, \"north\")"), R"({"d.slug":"n"})");
  graph_ = Open(embed::OfflineEmbedder());
  EXPECT_EQ(Ask("nearest($d.old, \"north\")"), "");
}

TEST_F(EmbedTextsTest, FailuresOfTheProviderFailTheQuery) {
  EXPECT_EQ(Ask("nearest($d.vec, \"nowhere\")"), "embedding: lost");
  graph_ = Open(nullptr);
  EXPECT_THAT(Ask("nearest($d.vec, \"north\")"), HasSubstr("opened without one"));
}

}  // namespace
}  // namespace omnigraph::engine
