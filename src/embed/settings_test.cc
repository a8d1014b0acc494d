// Tests of which provider the environment means.

#include "embed/settings.h"

#include <gmock/gmock.h>

#include <map>

namespace omnigraph::embed {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

Result<Settings> Read(std::map<std::string, std::string, std::less<>> variables) {
  return ReadSettings([variables](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  });
}

TEST(SettingsTest, TheMockWinsOverEverything) {
  for (const char* yes : {"1", "true", "YES", "On"}) {
    const auto settings =
        Read({{"OMNIGRAPH_EMBEDDINGS_MOCK", yes}, {"OMNIGRAPH_EMBED_PROVIDER", "openai"}});
    ASSERT_TRUE(settings.ok());
    EXPECT_EQ(settings->wire, Wire::kOffline) << yes;
  }
  EXPECT_EQ(Read({{"OMNIGRAPH_EMBED_PROVIDER", "mock"}})->wire, Wire::kOffline);
}

TEST(SettingsTest, OnlyAGeminiKeyMeansItsPreviewModel) {
  const auto settings = Read({{"GEMINI_API_KEY", "g"}});
  ASSERT_TRUE(settings.ok());
  EXPECT_EQ(settings->wire, Wire::kGemini);
  EXPECT_EQ(settings->model, "gemini-embedding-2-preview");
  EXPECT_EQ(settings->base_url, "https://generativelanguage.googleapis.com/v1beta");
  EXPECT_EQ(settings->api_key, "g");
  EXPECT_EQ(
      Read({{"GEMINI_API_KEY", "g"}, {"OMNIGRAPH_GEMINI_BASE_URL", "http://h/v1//"}})->base_url,
      "http://h/v1");
}

TEST(SettingsTest, EachProviderHasItsDefaults) {
  const auto compatible = Read({{"OPENAI_API_KEY", "o"}, {"GEMINI_API_KEY", "g"}});
  EXPECT_EQ(compatible->base_url, "https://openrouter.ai/api/v1");
  EXPECT_EQ(compatible->model, "openai/text-embedding-3-large");
  EXPECT_EQ(compatible->api_key, "o");
  EXPECT_EQ(Read({{"OPENAI_API_KEY", "o"}, {"OPENROUTER_API_KEY", "r"}})->api_key, "r");
  const auto openai = Read({{"OMNIGRAPH_EMBED_PROVIDER", "openai"}, {"OPENAI_API_KEY", "o"}});
  EXPECT_EQ(openai->base_url, "https://api.openai.com/v1");
  EXPECT_EQ(openai->model, "text-embedding-3-large");
  const auto gemini = Read({{"OMNIGRAPH_EMBED_PROVIDER", "gemini"}, {"GEMINI_API_KEY", "g"}});
  EXPECT_EQ(gemini->model, "gemini-embedding-2");
  const auto own = Read({{"OMNIGRAPH_EMBED_BASE_URL", "http://h/"},
                         {"OMNIGRAPH_EMBED_MODEL", "m"},
                         {"OPENAI_API_KEY", "o"}});
  EXPECT_EQ(own->base_url, "http://h");
  EXPECT_EQ(own->model, "m");
}

TEST(SettingsTest, AMissingKeyNamesTheVariablesThatCouldHoldIt) {
  EXPECT_THAT(std::string(Read({}).status().message()),
              AllOf(HasSubstr("OPENROUTER_API_KEY"), HasSubstr("OPENAI_API_KEY"),
                    HasSubstr("GEMINI_API_KEY")));
  EXPECT_THAT(std::string(Read({{"OMNIGRAPH_EMBED_PROVIDER", "openai"}, {"GEMINI_API_KEY", "g"}})
                              .status()
                              .message()),
              AllOf(HasSubstr("OPENAI_API_KEY"), Not(HasSubstr("GEMINI"))));
  EXPECT_THAT(std::string(Read({{"OMNIGRAPH_EMBED_PROVIDER", "opneai"}}).status().message()),
              AllOf(HasSubstr("'opneai'"), HasSubstr("openai-compatible, openai, gemini, mock")));
}

TEST(SettingsTest, UnusableNumbersFallBackToTheDefaults) {
  for (const char* text : {"", "0", "-5", "soon"}) {
    const auto settings = Read({{"GEMINI_API_KEY", "g"},
                                {"OMNIGRAPH_EMBED_TIMEOUT_MS", text},
                                {"OMNIGRAPH_EMBED_RETRY_ATTEMPTS", text},
                                {"OMNIGRAPH_EMBED_RETRY_BACKOFF_MS", text}});
    EXPECT_EQ(settings->timeout.count(), 30'000) << text;
    EXPECT_EQ(settings->attempts_max, 4u) << text;
    EXPECT_EQ(settings->backoff.count(), 200) << text;
    EXPECT_EQ(settings->deadline.count(), 60'000) << text;
  }
  const auto settings = Read({{"GEMINI_API_KEY", "g"},
                              {"OMNIGRAPH_EMBED_TIMEOUT_MS", "5"},
                              {"OMNIGRAPH_EMBED_DEADLINE_MS", "0"}});
  EXPECT_EQ(settings->timeout.count(), 5);
  EXPECT_EQ(settings->deadline.count(), 0);
}

}  // namespace
}  // namespace omnigraph::embed
