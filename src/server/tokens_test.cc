// Tests of the sources of bearer tokens and of finding one.

#include "server/tokens.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "base/hash.h"

namespace omnigraph::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

using Variables = std::map<std::string, std::string, std::less<>>;

Environment EnvironmentOf(Variables variables) {
  return [variables](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

std::optional<std::string> ActorOf(const TokenTable& table, std::string_view token) {
  const auto index = table.Find(token);
  if (!index) return std::nullopt;
  return table.actor(*index);
}

class TokenFile {
 public:
  explicit TokenFile(std::string_view text)
      : path_(std::filesystem::temp_directory_path() /
              ("omnigraph-tokens-" + std::to_string(getpid()) + ".json")) {
    std::ofstream(path_) << text;
  }
  ~TokenFile() { std::filesystem::remove(path_); }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

TEST(TokensTest, WithoutVariablesThereAreNone) {
  const auto table = TokenTable::Load(EnvironmentOf({{"OMNIGRAPH_SERVER_BEARER_TOKEN", "  "}}));

  ASSERT_TRUE(table.ok());
  EXPECT_TRUE(table->empty());
  EXPECT_FALSE(table->Find("").has_value());
}

TEST(TokensTest, SourcesAreMergedAndTrimmed) {
  const TokenFile file(R"({"team-01": " token-one ", "team-02": "token-two"})");
  const auto table =
      TokenTable::Load(EnvironmentOf({{"OMNIGRAPH_SERVER_BEARER_TOKEN", " legacy-token "},
                                      {"OMNIGRAPH_SERVER_BEARER_TOKENS_FILE", file.path()},
                                      {"OMNIGRAPH_SERVER_BEARER_TOKENS_JSON", "not looked at"}}));

  ASSERT_TRUE(table.ok()) << table.status().message();
  EXPECT_EQ(ActorOf(*table, "legacy-token"), "default");
  EXPECT_EQ(ActorOf(*table, "token-one"), "team-01");
  EXPECT_EQ(ActorOf(*table, "token-two"), "team-02");
  EXPECT_EQ(ActorOf(*table, "token-three"), std::nullopt);
  EXPECT_EQ(ActorOf(*table, "token-on"), std::nullopt);
}

TEST(TokensTest, BadMapsAreRefusedWithoutPrintingAToken) {
  const struct {
    std::string_view json;
    std::string_view words;
  } cases[] = {
      {"[]", "OMNIGRAPH_SERVER_BEARER_TOKENS_JSON"},
      {"\"hush-0\"", "OMNIGRAPH_SERVER_BEARER_TOKENS_JSON"},
      {R"({"a": 7})", "OMNIGRAPH_SERVER_BEARER_TOKENS_JSON"},
      {R"({"a": {"b": "hush-1"}})", "OMNIGRAPH_SERVER_BEARER_TOKENS_JSON"},
      {R"({"a": "hush-1")", "OMNIGRAPH_SERVER_BEARER_TOKENS_JSON"},
      {R"({"a": "hush-1"} x)", "OMNIGRAPH_SERVER_BEARER_TOKENS_JSON"},
      {R"({"  ": "hush-2"})", "blank actor"},
      {R"({"act-a": "  "})", "'act-a' has a blank token"},
      {R"({"act-a": "hush-3", " act-a ": "hush-4"})", "'act-a' is given twice"},
      {R"({"act-a": "hush-3", "act-a": "hush-4"})", "'act-a' is given twice"},
      {R"({"act-a": "hush-5", "act-b": "hush-5"})", "same token"},
  };
  for (const auto& [json, words] : cases) {
    const auto table = TokenTable::Load(
        EnvironmentOf({{"OMNIGRAPH_SERVER_BEARER_TOKENS_JSON", std::string(json)}}));

    ASSERT_FALSE(table.ok()) << json;
    EXPECT_THAT(std::string(table.status().message()), HasSubstr(std::string(words)));
    EXPECT_THAT(std::string(table.status().message()), Not(HasSubstr("hush")));
  }
}

TEST(TokensTest, TheSingleTokenTakesTheNameDefault) {
  const auto table = TokenTable::Load(
      EnvironmentOf({{"OMNIGRAPH_SERVER_BEARER_TOKEN", "a"},
                     {"OMNIGRAPH_SERVER_BEARER_TOKENS_JSON", R"({"default": "b"})"}}));

  ASSERT_FALSE(table.ok());
  EXPECT_THAT(std::string(table.status().message()), HasSubstr("'default' is given twice"));
}

TEST(TokensTest, FilesThatCannotBeReadAreNamed) {
  const auto table = TokenTable::Load(
      EnvironmentOf({{"OMNIGRAPH_SERVER_BEARER_TOKENS_FILE", "no/such/gone.json"}}));

  ASSERT_FALSE(table.ok());
  EXPECT_THAT(std::string(table.status().message()), HasSubstr("gone.json"));
}

TEST(TokensTest, ASourceThatIsNotBuiltInIsNeverPassedOver) {
  const auto table =
      TokenTable::Load(EnvironmentOf({{"OMNIGRAPH_SERVER_BEARER_TOKENS_AWS_SECRET", "arn"},
                                      {"OMNIGRAPH_SERVER_BEARER_TOKEN", "a"}}));

  ASSERT_FALSE(table.ok());
  EXPECT_THAT(std::string(table.status().message()), HasSubstr("--features aws"));
}

TEST(TokensTest, ShortTokensAreReported) {
  const auto table = TokenTable::FromPairs({{"a", "short"}, {"b", "sixteen-bytes-ok"}});

  ASSERT_TRUE(table.ok());
  EXPECT_THAT(table->weak_actors(), ElementsAre("a"));
}

TEST(TokensTest, EveryTokenOfALargeTableIsFound) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (int i = 0; i < 300; ++i) {
    pairs.emplace_back("actor-" + std::to_string(i), "token-" + std::to_string(i));
  }
  const auto table = TokenTable::FromPairs(pairs);

  ASSERT_TRUE(table.ok());
  for (const auto& [actor, token] : pairs)
    EXPECT_EQ(ActorOf(*table, token), actor);
}

TEST(TokensTest, DigestsAreSha256) {
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(TokensTest, TheSchemeIsReadInAnyCaseWithAnyRunOfSpaces) {
  for (const std::string_view header :
       {"Bearer abc", "bearer abc", "BEARER    abc", " Bearer abc "}) {
    const Credential credential = ParseAuthorization(header);

    EXPECT_TRUE(credential.is_bearer) << header;
    EXPECT_EQ(credential.token, "abc");
  }
  for (const std::string_view header : {"", "abc", "Bearer", "Bearer ", "Basic abc", "Bearer a b",
                                        "Bearer \xc3\xa9", "Bearerabc"}) {
    EXPECT_FALSE(ParseAuthorization(header).is_bearer) << header;
  }
  EXPECT_FALSE(ParseAuthorization(std::nullopt).is_bearer);
}

}  // namespace
}  // namespace omnigraph::server
