// Tests of embedding the rows of a file.

#include "embed/seed_rows.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace omnigraph::embed {
namespace {

using Json = nlohmann::ordered_json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::string_view kRows =
    R"({"type":"Decision","data":{"slug":"x","text":" Buy "},"note":1}

{"type":"Decision","data":{"vec":[1.5,0.5],"slug":"y","tags":["a","","b"],"n":3,"ok":true}}
{"edge":"Cites","from":"x","to":"y"}
{"type":"Other","data":{"slug":"x"}}
)";

// Remembers the texts.
class Recorder final : public Embedder {
 public:
  Result<std::vector<float>> Embed(std::string_view text, std::uint32_t dimensions, Task task,
                                   const Deadline&) override {
    EXPECT_EQ(task, Task::kDocument);
    texts.emplace_back(text);
    return std::vector<float>(dimensions, 0.5F);
  }
  std::string_view model() const override { return "recorder"; }
  std::vector<std::string> texts;
};

class SeedRowsTest : public ::testing::Test {
 protected:
  SeedRowsTest() {
    spec_.dimension = 2;
    spec_.types["Decision"] = {"vec", {"slug", "text", "tags", "n", "ok", "none"}};
  }
  std::vector<Json> Run(SeedMode mode, std::string_view input = kRows) {
    counts_ = {};
    embedder_.texts.clear();
    const auto out = EmbedRows(input, spec_, selection_, mode, &embedder_, &counts_);
    EXPECT_TRUE(out.ok()) << out.status().message();
    std::vector<Json> rows;
    std::string_view rest = out.ok() ? std::string_view(*out) : "";
    for (; !rest.empty(); rest.remove_prefix(rest.find('\n') + 1)) {
      rows.push_back(Json::parse(rest.substr(0, rest.find('\n'))));
    }
    return rows;
  }
  std::string Failure(std::string_view input) {
    SeedCounts counts;
    const auto out = EmbedRows(input, spec_, {}, SeedMode::kFillMissing, &embedder_, &counts);
    return std::string(out.status().message());
  }

  SeedSpec spec_;
  SeedSelection selection_;
  SeedCounts counts_;
  Recorder embedder_;
};

TEST_F(SeedRowsTest, MissingVectorsAreFilledAndOthersKept) {
  const std::vector<Json> rows = Run(SeedMode::kFillMissing);
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows[0].dump(),
            R"({"type":"Decision","note":1,"data":{"slug":"x","text":" Buy ","vec":[0.5,0.5]}})");
  EXPECT_EQ(rows[1]["data"]["vec"].dump(), "[1.5,0.5]");
  EXPECT_EQ(rows[2].dump(), R"({"edge":"Cites","from":"x","to":"y"})");
  EXPECT_THAT(embedder_.texts, ElementsAre("type: Decision\nslug: x\ntext: Buy"));
  EXPECT_EQ(counts_.rows, 4u);
  EXPECT_EQ(counts_.selected, 3u);
  EXPECT_EQ(counts_.embedded, 1u);
}

TEST_F(SeedRowsTest, ReembeddingAllAsksForEveryRow) {
  Run(SeedMode::kReembedAll);
  EXPECT_EQ(counts_.embedded, 2u);
  EXPECT_EQ(embedder_.texts[1], "type: Decision\nslug: y\ntags: a, b\nn: 3\nok: true");
}

TEST_F(SeedRowsTest, SelectorsNameRows) {
  selection_.selectors = {*ParseSelector(" Decision : slug = y ")};
  const std::vector<Json> rows = Run(SeedMode::kReembedSelected);
  EXPECT_EQ(counts_.selected, 1u);
  EXPECT_EQ(counts_.embedded, 1u);
  EXPECT_FALSE(rows[0]["data"].contains("vec"));
  selection_.selectors = {*ParseSelector("n=3"), *ParseSelector("slug=x")};
  Run(SeedMode::kReembedSelected);
  EXPECT_EQ(counts_.selected, 3u);
  selection_.types = {"Other"};
  Run(SeedMode::kReembedSelected);
  EXPECT_EQ(counts_.selected, 1u);
  EXPECT_EQ(counts_.embedded, 0u);
}

TEST_F(SeedRowsTest, CleaningTakesVectorsAwayAndNeedsNoProvider) {
  SeedCounts counts;
  const auto out = EmbedRows(kRows, spec_, {}, SeedMode::kClean, nullptr, &counts);
  ASSERT_TRUE(out.ok());
  EXPECT_EQ(out->find("vec"), std::string::npos);
  EXPECT_EQ(counts.cleaned, 1u);
}

TEST_F(SeedRowsTest, NullAndEmptyVectorsAreMissing) {
  Run(SeedMode::kFillMissing, R"({"type":"Decision","data":{"vec":null}}
{"type":"Decision","data":{"vec":[]}})");
  EXPECT_EQ(counts_.embedded, 2u);
}

TEST_F(SeedRowsTest, BrokenLinesAreNamedByTheirNumberWithoutBlankOnes) {
  EXPECT_EQ(Failure("\n\n{\"edge\":\"E\"}\n\n{oops\n"), "line 2 is not valid JSON");
  EXPECT_EQ(Failure("[1]"), "line 1 is not a JSON object");
  EXPECT_EQ(Failure(R"({"type":"Decision"})"), "line 1 is missing object field 'data'");
}

TEST(ParseSelectorTest, BadSelectorsAreRefused) {
  for (const char* text : {"", "slug", "=x", ":slug=x", "T:=x"}) {
    EXPECT_THAT(std::string(ParseSelector(text).status().message()), StartsWith("selector '"))
        << text;
  }
  EXPECT_EQ(ParseSelector("a=b=c")->value, "b=c");
}

}  // namespace
}  // namespace omnigraph::embed
