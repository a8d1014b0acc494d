// Tests of text analysis, text predicates and vector distances.

#include "index/text_analysis.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "index/distance.h"
#include "index/text_match.h"

namespace omnigraph::index {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(TextAnalyzerTest, StemsLowerCasesAndDropsStopWords) {
  TextAnalyzer analyzer;
  EXPECT_THAT(analyzer.Terms("Graph databases in practice"),
              ElementsAre("graph", "databas", "practic"));
  EXPECT_THAT(analyzer.Terms("The Graphs, the graph!"), ElementsAre("graph", "graph"));
  EXPECT_THAT(analyzer.Terms("in to the"), IsEmpty());
}

TEST(TextAnalyzerTest, SplitsAtEverythingThatIsNoLetterOrDigit) {
  TextAnalyzer analyzer;
  EXPECT_THAT(analyzer.Words("x-ray_42/B2 naïve"), ElementsAre("x", "ray", "42", "b2", "naive"));
}

TEST(TextAnalyzerTest, DropsWordsOfFortyBytesOrMore) {
  TextAnalyzer analyzer;
  EXPECT_THAT(analyzer.Words(std::string(39, 'x') + " " + std::string(40, 'y')),
              ElementsAre(std::string(39, 'x')));
}

TEST(TextAnalyzerTest, FoldsLettersWithoutDecomposition) {
  EXPECT_EQ(FoldToAscii(LowerCase("STRAßE Æsop Œuvre Øl Łódź Đà Þórr ı")),
            "strasse aesop oeuvre ol lodz da thorr i");
  EXPECT_EQ(FoldToAscii("日本"), "日本");
}

TEST(TextMatchTest, AnyTermIsEnough) {
  TextMatch match = TextMatch::AnyTerm("networks layers");
  EXPECT_TRUE(match.Matches("a layer of paint"));
  EXPECT_TRUE(match.Matches("Network"));
  EXPECT_FALSE(match.Matches("nothing"));
  EXPECT_FALSE(TextMatch::AnyTerm("the of").Matches("the of"));
}

TEST(TextMatchTest, FuzzyComparesPlainAndAnalysedWords) {
  EXPECT_TRUE(TextMatch::Fuzzy("databses", 1).Matches("Graph databases in practice"));
  EXPECT_TRUE(TextMatch::Fuzzy("LERNING", 2).Matches("Learning to rank"));
  EXPECT_TRUE(TextMatch::Fuzzy("Introductio", 1).Matches("Introduction"));
  EXPECT_FALSE(TextMatch::Fuzzy("databses", 1).Matches("Cooking pasta"));
}

TEST(IsWithinEditsTest, CountsCharactersNotBytes) {
  EXPECT_TRUE(IsWithinEdits(U"日本", U"日木", 1));
  EXPECT_FALSE(IsWithinEdits(U"kitten", U"sitting", 2));
  EXPECT_TRUE(IsWithinEdits(U"kitten", U"sitting", 3));
  EXPECT_TRUE(IsWithinEdits(U"", U"ab", 2));
}

TEST(SquaredDistanceTest, HandlesLengthsThatAreNoMultipleOfTheLanes) {
  std::vector<float> left;
  std::vector<float> right;
  float expected = 0;
  for (int i = 0; i < 37; ++i) {
    left.push_back(static_cast<float>(i));
    right.push_back(static_cast<float>(2 * i));
    expected += static_cast<float>(i * i);
    EXPECT_EQ(SquaredDistance(left.data(), right.data(), left.size()), expected) << i;
  }
}

}  // namespace
}  // namespace omnigraph::index
