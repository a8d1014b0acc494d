// Tests of tags: names, immutability, and who wins.

#include "history/tags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "history/lease.h"
#include "store/local_store.h"
#include "store/test_directory.h"

namespace omnigraph::history {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::string_view kCommit = "01ARYZ6S41TSV4RRFFQ69G5FAV";

format::TagRecord Record() {
  return {std::string(kCommit), "mia", 1234};
}

class TagsTest : public ::testing::Test {
 protected:
  store::TestDirectory directory_;
  std::shared_ptr<store::ObjectStore> store_ =
      std::make_shared<store::LocalStore>(directory_.path());
};

TEST_F(TagsTest, AreListedByNameReadAndDeleted) {
  for (const char* name : {"v2", "release/1.0", "V2", "a"})
    ASSERT_TRUE(CreateTag(*store_, name, Record()).ok());
  const auto tags = ListTags(*store_);
  ASSERT_TRUE(tags.ok());
  std::vector<std::string> names;
  for (const NamedTag& tag : *tags)
    names.push_back(tag.name);
  EXPECT_THAT(names, ElementsAre("V2", "a", "release/1.0", "v2"));
  EXPECT_EQ(ReadTag(*store_, "release/1.0")->commit_id, kCommit);
  EXPECT_EQ(ReadTag(*store_, "release/1.0")->actor, "mia");
  ASSERT_TRUE(DeleteTag(*store_, "v2").ok());
  EXPECT_EQ(DeleteTag(*store_, "v2").code(), ErrorCode::kNotFound);
  EXPECT_EQ(ReadTag(*store_, "v2").status().code(), ErrorCode::kNotFound);
  EXPECT_EQ(ListTags(*store_)->size(), 3u);
}

TEST_F(TagsTest, DoNotMove) {
  ASSERT_TRUE(CreateTag(*store_, "v1", Record()).ok());
  format::TagRecord other = Record();
  other.created_at_micros = 5;
  EXPECT_EQ(CreateTag(*store_, "v1", other).code(), ErrorCode::kAlreadyExists);
  EXPECT_EQ(ReadTag(*store_, "v1")->created_at_micros, 1234);
}

TEST_F(TagsTest, OfManyCreatorsOneWins) {
  std::atomic<int> winners = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      store::LocalStore own(directory_.path());
      format::TagRecord record = Record();
      record.created_at_micros = t;
      winners += CreateTag(own, "v1", record).ok();
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_EQ(winners, 1);
}

TEST_F(TagsTest, NamesFollowTheRulesOfBranchesAndAreNoCommitIds) {
  EXPECT_EQ(*CheckTagName("  release/1.0 "), "release/1.0");
  for (const std::string_view bad : {"", "main", "a//b", "a..b", "x.lock", "a b"})
    EXPECT_EQ(CheckTagName(bad).status().code(), ErrorCode::kInvalidArgument) << bad;
  const auto id = CheckTagName(kCommit);
  ASSERT_FALSE(id.ok());
  EXPECT_THAT(std::string(id.status().message()), HasSubstr("looks like a commit id"));
  EXPECT_EQ(CheckTagName("").status().message(), "tag name cannot be empty");
  EXPECT_THAT(std::string(CheckTagName("a b").status().message()), HasSubstr("invalid tag name"));
}

TEST_F(TagsTest, ADamagedTagIsAnErrorThatNamesItsObject) {
  ASSERT_TRUE(store_->Create(format::TagKey("v1"), "{\"commit\":7}").ok());
  const auto read = ReadTag(*store_, "v1");
  EXPECT_EQ(read.status().code(), ErrorCode::kCorruption);
  EXPECT_THAT(std::string(read.status().message()), HasSubstr("tags/v1"));
}

TEST_F(TagsTest, ALeaseIsListedAsLongAsItIsHeld) {
  {
    const auto lease = CommitLease::Take(store_, kCommit);
    ASSERT_TRUE(lease.ok());
    EXPECT_THAT(ListLeases(*store_)->commit_ids, ElementsAre(kCommit));
  }
  EXPECT_TRUE(ListLeases(*store_)->commit_ids.empty());
  format::TagRecord abandoned = Record();
  abandoned.created_at_micros = 1;
  ASSERT_TRUE(store_->Create("leases/01ARYZ6S41TSV4RRFFQ69G5FAV", EncodeTag(abandoned)).ok());
  EXPECT_TRUE(ListLeases(*store_)->commit_ids.empty());
  EXPECT_THAT(ListLeases(*store_)->expired_keys, ElementsAre("leases/01ARYZ6S41TSV4RRFFQ69G5FAV"));
}

}  // namespace
}  // namespace omnigraph::history
