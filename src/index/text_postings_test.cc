// Tests of index/text_postings.h and index/sorted_keys.h.

#include "index/text_postings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "index/bm25.h"
#include "index/sorted_keys.h"
#include "index/text_analysis.h"

namespace omnigraph::index {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

using Texts = std::vector<std::optional<std::string>>;

std::shared_ptr<const TextPostings> Build(const Texts& texts, TextPostings::Kind kind) {
  const auto text_at = [&texts](std::uint32_t position) -> std::optional<std::string_view> {
    if (!texts[position].has_value()) return std::nullopt;
    return *texts[position];
  };
  const auto poll = [] { return Status::Ok(); };
  return *TextPostings::Build(kind, static_cast<std::uint32_t>(texts.size()), text_at, poll);
}

std::vector<std::pair<std::uint32_t, std::uint32_t>> List(const TextPostings& postings,
                                                          std::string_view key) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> list;
  for (const Posting& posting : postings.Find(key))
    list.emplace_back(posting.position, posting.frequency);
  return list;
}

TEST(TextPostingsTest, ListsPositionsWithFrequencies) {
  const auto postings = Build({"Graphs of graphs", std::nullopt, "", "A graph, the tree"},
                              TextPostings::Kind::kTerms);

  EXPECT_THAT(List(*postings, "graph"), ElementsAre(Pair(0, 2), Pair(3, 1)));
  EXPECT_THAT(List(*postings, "tree"), ElementsAre(Pair(3, 1)));
  EXPECT_THAT(List(*postings, "the"), IsEmpty());
  EXPECT_THAT(List(*postings, "Graphs"), IsEmpty());
  EXPECT_THAT(postings->lengths(), ElementsAre(2, TextPostings::kNoText, 0, 2));
  EXPECT_EQ(postings->documents_count(), 3U);
  EXPECT_EQ(postings->terms_count(), 4U);
}

TEST(TextPostingsTest, FormsKeepWordsThatAreNoTerms) {
  const auto postings = Build({"The Naïve trees"}, TextPostings::Kind::kForms);

  std::map<std::string, std::string> forms;
  postings->VisitKeys([&](std::string_view key, std::span<const Posting>) {
    forms.emplace(key.substr(0, key.find('\0')), key.substr(key.find('\0') + 1));
  });

  EXPECT_THAT(forms, ElementsAre(Pair("naive", "naiv"), Pair("the", ""), Pair("trees", "tree")));
}

TEST(TextPostingsTest, APollThatFailsEndsTheBuilding) {
  const auto stop = [] { return Status::Error(ErrorCode::kDeadlineExceeded, "late"); };
  const auto none = [](std::uint32_t) { return std::optional<std::string_view>(); };

  const auto postings = TextPostings::Build(TextPostings::Kind::kTerms, 10, none, stop);

  ASSERT_FALSE(postings.ok());
  EXPECT_EQ(postings.status().code(), ErrorCode::kDeadlineExceeded);
}

TEST(Bm25Test, FollowsTheFormula) {
  const Bm25Corpus corpus{10, 50};

  const double weight = Bm25Weight(corpus, 3);
  const double score = Bm25Score(weight, 2, Bm25LengthNorm(4, corpus.average_length()));

  const double rarity = std::log(1 + (10 - 3 + 0.5) / (3 + 0.5));
  EXPECT_DOUBLE_EQ(score, rarity * 2.2 * 2 / (2 + 1.2 * (0.25 + 0.75 * 4 / 5)));
}

TEST(SortedKeysTest, FindsRangesInTheOrderOfKeys) {
  const std::vector<std::int64_t> keys = {5, -1, 0, 5, 9};
  const std::vector<std::uint8_t> nulls = {0, 0, 1, 0, 0};

  const SortedKeys sorted = SortedKeys::Build(keys, nulls);

  const auto positions = [&](std::int64_t min, std::int64_t max) {
    std::vector<std::uint32_t> found;
    for (const SortedKeys::Entry& entry : sorted.Range(min, max))
      found.push_back(entry.position);
    return found;
  };
  EXPECT_THAT(positions(-1, 5), ElementsAre(1, 0, 3));
  EXPECT_THAT(positions(6, INT64_MAX), ElementsAre(4));
  EXPECT_THAT(positions(6, 8), IsEmpty());
  EXPECT_THAT(positions(3, 2), IsEmpty());
  EXPECT_THAT(positions(INT64_MIN, INT64_MAX), ElementsAre(1, 0, 3, 4));
  EXPECT_THAT(sorted.nulls(), ElementsAre(2));
}

}  // namespace
}  // namespace omnigraph::index
