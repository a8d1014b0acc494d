// Tests of reading, checking and listing stored queries.

#include "server/stored_queries.h"

#include <gmock/gmock.h>

#include "schema/compile.h"

namespace omnigraph::server {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kSchema = "node P { tag: String @key  x: I32? }";
constexpr std::string_view kFile =
    "query find($tag: String) { match { $p: P { tag: $tag } } return { $p.x } }\n"
    "query broken() { match { $p: Weed } return { $p.x } }\n"
    "query near($v: Vector(3)) { match { $p: P } return { $p.x } }";

TEST(StoredQueriesTest, EachNamePicksItsQueryOfTheText) {
  const auto queries = StoredQueries::Parse({{"find", std::string(kFile)}});

  ASSERT_TRUE(queries.ok()) << queries.status().message();
  ASSERT_NE(queries->Find("find"), nullptr);
  EXPECT_FALSE(queries->Find("find")->is_mutation);
  EXPECT_EQ(queries->Find("near"), nullptr);
}

TEST(StoredQueriesTest, EveryTextThatCannotBeUsedIsListed) {
  const auto queries = StoredQueries::Parse(
      {{"a", "query a("}, {"b", std::string(kFile)}, {"find", std::string(kFile)}});

  ASSERT_FALSE(queries.ok());
  const std::string message(queries.status().message());
  EXPECT_THAT(message, HasSubstr("stored query 'a' failed to parse"));
  EXPECT_THAT(message, HasSubstr("stored query 'b' failed to parse"));
  EXPECT_THAT(message, HasSubstr("must match the query symbol"));
}

TEST(StoredQueriesTest, TheSchemaCheckNamesGraphAndQueries) {
  const auto schema = schema::CompileSchema(kSchema);
  ASSERT_TRUE(schema.ok());
  const auto good = StoredQueries::Parse({{"find", std::string(kFile)}});
  EXPECT_TRUE(good->CheckAgainst(*(*schema)->catalog, "beds").ok());

  const auto bad =
      StoredQueries::Parse({{"find", std::string(kFile)}, {"broken", std::string(kFile)}});
  const Status checked = bad->CheckAgainst(*(*schema)->catalog, "beds");

  ASSERT_FALSE(checked.ok());
  const std::string message(checked.message());
  EXPECT_THAT(message, HasSubstr("schema check of graph 'beds': 1 of 2"));
  EXPECT_THAT(message, HasSubstr("stored query 'broken'"));
  EXPECT_THAT(message, HasSubstr("Weed"));
}

TEST(StoredQueriesTest, VectorParametersAreNoticed) {
  const auto queries = StoredQueries::Parse({{"near", std::string(kFile)}});

  EXPECT_TRUE(queries->Find("near")->has_vector_parameter);
}

// Hundreds of queries in one file must not cost the file hundreds of times.
TEST(StoredQueriesTest, QueriesOfOneFileShareItsText) {
  const auto text = std::make_shared<const std::string>(kFile);
  const auto queries = StoredQueries::Parse({{"find", text}, {"near", text}, {"broken", text}});

  ASSERT_TRUE(queries.ok()) << queries.status().message();
  for (const std::string_view name : {"find", "near", "broken"}) {
    EXPECT_EQ(queries->Find(name)->text, text) << name;
  }
  const auto schema = schema::CompileSchema(kSchema);
  const Status checked = queries->CheckAgainst(*(*schema)->catalog, "beds");
  EXPECT_THAT(std::string(checked.message()),
              ::testing::AllOf(HasSubstr("1 of 3"), HasSubstr("--> stored query 'broken':2:")));
}

}  // namespace
}  // namespace omnigraph::server
